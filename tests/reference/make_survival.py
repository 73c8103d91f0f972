"""Adds 50-digit and statsmodels witnesses to the tables of curves in survival/ that make_survival.R wrote.

Variances are written as explicit sums. Computed from the rows of people, of which `followed_people.py` counts who is at risk on a day.
Needs mpmath, numpy, statsmodels:  Rscript make_survival.R && python make_survival.py && python make_survival_tests.py && python make_survival_states.py
"""

# Formulas keep their papers' letters, and their parts are written where they are used.
# ruff: noqa: ANN001, ANN201, B023, E731

from fractions import Fraction as Q

from followed_people import (
    MP,
    band,
    days_of,
    in_order,
    kaplan_meier,
    numbers,
    people,
    q,
    read,
    small,
    text,
    write,
    z_of,
)
from mpmath import erfc, exp, log, mpf, sqrt


def survival():
    rows = read("kaplan_meier.csv")
    new = []
    for i, row in enumerate(rows):
        if not small(row) or i % 3:
            continue
        s, v = kaplan_meier(people(row), int(row["day"]))
        low, high = in_order(*band(row["band"], s, v, row["level"])) if 0 < s < 1 else (None, None)
        new.append(
            row
            | {
                "value": text(s),
                "lower": text(low),
                "upper": text(high),
                "variance": text(v),
                "computed_by": f"{MP}: product over days; Greenwood's sum",
            }
        )
    write("kaplan_meier.csv", rows + new, rows[0].keys())


def restricted_means():
    rows = read("restricted_mean.csv")
    new = []
    for row in filter(small, rows):
        who, until = people(row), int(row["until"])
        start = min(0, *(t for _, t, _ in who))
        s_at = lambda day: kaplan_meier(who, day)[0]
        mean = start + sum(s_at(day) for day in range(start, until))
        area = lambda day: sum(s_at(u) for u in range(day, until))
        variance = Q(0)
        for day, n, d in days_of(who, until):
            if n > sum(d) and s_at(day) > 0:
                variance += area(day) ** 2 * Q(sum(d), n * (n - sum(d)))
        new.append(
            row
            | {
                "value": text(mean),
                "standard_error": text(sqrt(q(variance))),
                "computed_by": f"{MP}: sum over days; Greenwood's sum",
            }
        )
    write("restricted_mean.csv", rows + new, rows[0].keys())


def crossing(steps, share):
    """The first day on which 1 - height reaches the share; halfway to the next fall, or to the last day, where it is met exactly."""
    near = mpf(2) ** -26
    for i, (day, height) in enumerate(steps):
        if height is None or 1 - height < share - near:
            continue
        if 1 - height >= share + near:
            return mpf(day)
        later = [u for u, h in steps[i + 1 :] if h is not None and 1 - h >= share + near]
        if later:
            return mpf(day + later[0]) / 2
        return None if steps[-1][1] is None else mpf(day + steps[-1][0]) / 2
    return None


def quantiles():
    rows = read("quantile.csv")
    new = []
    for i, row in enumerate(rows):
        if not small(row) or i % 4:
            continue
        who, share = people(row), mpf(row["share"])
        curve = [(day, *kaplan_meier(who, day)) for day in sorted({t for _, t, _ in who})]
        # of no width, and 1, where nobody has had an event: nothing that a share can reach
        bands = [
            band(row["band"], s, v, row["level"])
            if 0 < s < 1
            else ((None, None) if s == 0 or row["band"] not in ("plain", "log") else (1, 1))
            for _, s, v in curve
        ]
        of = lambda heights: crossing(
            [(day, h) for (day, _, _), h in zip(curve, heights, strict=True)], share
        )
        both = [in_order(*limits) for limits in bands]
        new.append(
            row
            | {
                "value": text(of([q(s) for _, s, _ in curve])),
                "lower": text(of([low for low, _ in both])),
                "upper": text(of([high for _, high in both])),
                "computed_by": f"{MP}: first day low enough",
            }
        )
    write("quantile.csv", rows + new, rows[0].keys())


def incidence_path(who, cause, until):
    s, f, out = Q(1), Q(0), []
    for _, n, d in days_of(who, until):
        before = s
        f += before * Q(d[cause - 1], n)
        s *= Q(n - sum(d), n)
        out.append((n, d[cause - 1], sum(d), before, s, f))
    return f, out


def delta(who, cause, until):
    """SAS's formula of ERROR=DELTA (Marubini and Valsecchi), with the term of a day that nobody outlives at its limit."""
    f, path = incidence_path(who, cause, until)
    v = Q(0)
    for n, dk, d, before, _, fi in path:
        more = f - fi
        if d < n:
            v += more * more * Q(d, n * (n - d))
        v += before * before * Q(dk * (n - dk), n**3) - 2 * more * before * Q(dk, n * n)
    return f, v


def aalen(who, cause, until):
    """Each cause by itself: S(t-)^2 d(n - d)/(n^2 (n - 1)) times the square of what one event of it changes."""
    f, path = incidence_path(who, cause, until)
    v = Q(0)
    own = lambda d, n: Q(d * (n - d), n * n * (n - 1)) if d > 1 else Q(d, n * n)
    for n, dk, d, before, after, fi in path:
        lost = (f - fi) / after if after > 0 else Q(0)
        v += before**2 * own(dk, n) * (1 - lost) ** 2
        if after > 0:
            v += before**2 * own(d - dk, n) * lost**2
    return f, v


def incidences():
    rows = read("cumulative_incidence.csv")
    new = []
    for i, row in enumerate(rows):
        if not small(row) or (i % 2 and not row["entry"]):
            continue
        for word, formula in (("delta", delta), ("cmprsk", aalen)):
            if word != row["method"] and i % 4:
                continue
            f, v = formula(people(row), int(row["cause"]), int(row["day"]))
            low, high = in_order(*band(row["band"], f, v, row["level"]))
            new.append(
                row
                | {
                    "method": word,
                    "value": text(f),
                    "lower": text(low),
                    "upper": text(high),
                    "variance": text(v),
                    "computed_by": f"{MP}: explicit sums over days",
                }
            )
    write("cumulative_incidence.csv", rows + new, rows[0].keys())


def contrasts():
    for name in ("difference_by.csv", "ratio_by.csv"):
        rows = read(name)
        new = []
        for row in rows:
            who, group, day, cause = (
                people(row),
                numbers(row, "group"),
                int(row["day"]),
                int(row["cause"]),
            )
            sides = []
            for g in (1, 2):
                mine = [p for p, of in zip(who, group, strict=True) if of == g]
                sides.append(kaplan_meier(mine, day) if cause == 0 else delta(mine, cause, day))
            (a, va), (b, vb) = sides
            reach, low, high, tail, value = z_of(row["level"]), None, None, None, None
            if name.startswith("difference"):
                value, error = q(a - b), sqrt(q(va + vb))
                if error > 0:
                    low, high, tail = (
                        value - reach * error,
                        value + reach * error,
                        erfc(abs(value / error) / sqrt(mpf(2))),
                    )
            elif b > 0:
                value = q(a / b)
                if a > 0:
                    error = sqrt(q(va / a**2 + vb / b**2))
                    if error > 0:
                        low, high, tail = (
                            value * exp(-reach * error),
                            value * exp(reach * error),
                            erfc(abs(log(value) / error) / sqrt(mpf(2))),
                        )
            new.append(
                row
                | {
                    "value": text(value),
                    "lower": text(low),
                    "upper": text(high),
                    "p_value": text(tail),
                    "computed_by": f"{MP}: Greenwood's sums",
                }
            )
        write(name, rows + new, rows[0].keys())


if __name__ == "__main__":
    for make in (survival, quantiles, restricted_means, incidences, contrasts):
        make()
