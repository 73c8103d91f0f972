"""Adds 50-digit and statsmodels witnesses to the tables of times to an event in survival/ that make_survival.R wrote, and the variances of days in a state.

Everything is computed from the rows of people: who is at risk on a day is counted afresh for every day, and variances are written as
explicit sums, or (for clusters) taken from the figure's change as a cluster's weight changes by 1 part in 10^25.
Needs mpmath, numpy, statsmodels:  Rscript make_survival.R && python make_survival.py
"""

# Formulas keep their papers' letters, and their parts are written where they are used.
# ruff: noqa: ANN001, ANN201, B023, E731, N806

import csv
from fractions import Fraction as Q
from pathlib import Path

import numpy as np
import statsmodels
from mpmath import (
    asin,
    erfc,
    erfinv,
    exp,
    gamma,
    gammainc,
    inverse,
    log,
    matrix,
    mp,
    mpf,
    pi,
    power,
    sin,
    sqrt,
)
from statsmodels.duration.survfunc import survdiff

mp.dps = 60
HERE = Path(__file__).parent / "survival"
MP = "mpmath 50 digits"
SM = f"statsmodels {statsmodels.__version__}"


def read(name):
    with (HERE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def write(name, rows, columns):
    with (HERE / name).open("w", newline="") as file:
        out = csv.DictWriter(file, columns, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def text(x):
    if x is None:
        return ""
    if isinstance(x, Q):
        x = mpf(x.numerator) / x.denominator
    return mp.nstr(mpf(x), 25, min_fixed=0, max_fixed=0) if x != 0 else "0"


def numbers(row, column):
    return [int(word) for word in row[column].split()]


def q(x):
    return mpf(x.numerator) / x.denominator if isinstance(x, Q) else mpf(x)


def people(row):
    time, event = numbers(row, "time"), numbers(row, "event")
    entry = numbers(row, "entry") or [min(time) - 1] * len(time)
    return list(zip(entry, time, event, strict=True))


def days_of(who, until=None):
    """For every event day: at risk and the event counts by cause."""
    for day in sorted({t for _, t, e in who if e > 0}):
        if until is not None and day > until:
            return
        n = sum(1 for a, t, _ in who if a < day <= t)
        yield (
            day,
            n,
            [sum(1 for _, t, e in who if t == day and e == cause) for cause in range(1, 10)],
        )


def kaplan_meier(who, until):
    s, green = Q(1), Q(0)
    for _, n, causes in days_of(who, until):
        d = sum(causes)
        s *= Q(n - d, n)
        green = None if n == d or green is None else green + Q(d, n * (n - d))
    return s, (s * s * green if s > 0 and green is not None else Q(0))


def z_of(level):
    return sqrt(mpf(2)) * erfinv(mpf(level))


def band(word, p, variance, level):
    if variance <= 0:
        return None, None
    p, reach = q(p), z_of(level) * sqrt(q(variance))
    if word == "plain":
        return max(p - reach, mpf(0)), min(p + reach, mpf(1))
    if p == 0:
        return None, None
    if word == "log":
        return p * exp(-reach / p), min(p * exp(reach / p), mpf(1))
    if p == 1:
        return None, None
    if word == "log-log":
        f = reach / (p * log(p))
        return exp(-exp(log(-log(p)) - f)), exp(-exp(log(-log(p)) + f))
    if word == "logit":
        back = lambda x: 1 / (1 + exp(-x))
        f = reach / (p * (1 - p))
        return back(log(p / (1 - p)) - f), back(log(p / (1 - p)) + f)
    f = reach / (2 * sqrt(p * (1 - p)))
    angle = asin(sqrt(p))
    return sin(max(angle - f, mpf(0))) ** 2, sin(min(angle + f, pi / 2)) ** 2


def in_order(low, high):
    return (low, high) if low is None or low <= high else (high, low)


def once(rows, columns):
    seen = set()
    for row in rows:
        key = tuple(row[c] for c in columns)
        if key not in seen:
            seen.add(key)
            yield row


def small(row, most=60):
    return len(row["time"].split()) <= most


# --- survival ------------------------------------------------------------------------------------------------------------------------
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


# --- cumulative incidence ------------------------------------------------------------------------------------------------------------
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


# --- tests -----------------------------------------------------------------------------------------------------------------------------
def chi_squared_tail(x, df):
    return gammainc(mpf(df) / 2, x / 2, mp.inf) / gamma(mpf(df) / 2)


def statistic(z, v):
    """z'V^-1 z without the last group, whose row is the negative sum of the others."""
    keep = [i for i in range(len(z)) if v[i, i] > 0]
    keep = keep[:-1]
    if not keep:
        return None, None
    zz, vv = matrix([z[i] for i in keep]), matrix(len(keep), len(keep))
    for a, i in enumerate(keep):
        for b, j in enumerate(keep):
            vv[a, b] = v[i, j]
    return (zz.T * inverse(vv) * zz)[0], len(keep)


def weighted(row, word, p, power_q):
    who = people(row)
    group, stratum = numbers(row, "group"), numbers(row, "stratum")
    k = max(group)
    z, v = [mpf(0)] * k, matrix(k, k)
    seen, due = mpf(0), mpf(0)
    for s in sorted(set(stratum)):
        mine = [i for i in range(len(who)) if stratum[i] == s]
        left, peto = Q(1), Q(1)
        for day in sorted({who[i][1] for i in mine if who[i][2] > 0}):
            n = [
                sum(1 for i in mine if group[i] == g and who[i][0] < day <= who[i][1])
                for g in range(1, k + 1)
            ]
            d = [
                sum(1 for i in mine if group[i] == g and who[i][1] == day and who[i][2] > 0)
                for g in range(1, k + 1)
            ]
            N, D = sum(n), sum(d)
            peto *= 1 - Q(D, N + 1)
            w = {
                "log-rank": lambda: mpf(1),
                "wilcoxon": lambda: mpf(N),
                "tarone-ware": lambda: sqrt(mpf(N)),
                "peto-peto": lambda: q(peto),
                "fleming-harrington": lambda: (
                    power(q(left), mpf(p)) * (power(1 - q(left), mpf(power_q)) if power_q else 1)
                ),
            }[word]()
            left *= Q(N - D, N)
            seen += w * d[0]
            due += w * q(Q(D * n[0], N))
            for i in range(k):
                z[i] += w * q(d[i] - Q(D * n[i], N))
                for j in range(k):
                    if N > 1:
                        v[i, j] += (
                            w * w * q(Q(D * (N - D), N - 1) * Q(n[i], N) * ((i == j) - Q(n[j], N)))
                        )
    stat, df = statistic(z, v)
    return stat, df, seen, due


def log_ranks():
    rows = read("log_rank.csv")
    new = []
    for row in once(rows, ["entry", "time", "event", "group"]):
        for word, p, power_q in [
            ("log-rank", 0, 0),
            ("wilcoxon", 0, 0),
            ("tarone-ware", 0, 0),
            ("peto-peto", 0, 0),
            ("fleming-harrington", 0.5, 0.5),
            ("fleming-harrington", 0, 1),
            ("fleming-harrington", 1, 0),
        ]:
            if word == "log-rank" and not row["entry"]:
                continue
            stat, df, seen, due = weighted(row, word, p, power_q)
            tail = None if stat is None else chi_squared_tail(stat, df)
            new.append(
                row
                | {
                    "weight": word,
                    "p": p,
                    "q": power_q,
                    "statistic": text(stat),
                    "df": "" if df is None else df,
                    "p_value": text(tail),
                    "observed": text(seen),
                    "expected": text(due),
                    "computed_by": f"{MP}: sums over days",
                }
            )
            kind = {"wilcoxon": "gb", "tarone-ware": "tw", "fleming-harrington": "fh"}.get(word)
            if kind and power_q == 0 and not row["entry"] and stat is not None:
                group, stratum = np.array(numbers(row, "group")), np.array(numbers(row, "stratum"))
                extra = {"fh_p": p} if kind == "fh" else {}
                many = {"strata": stratum} if len(set(stratum)) > 1 else {}
                try:
                    got, tail = survdiff(
                        np.array(numbers(row, "time"), float),
                        (np.array(numbers(row, "event")) > 0).astype(int),
                        group,
                        weight_type=kind,
                        **many,
                        **extra,
                    )
                except (np.linalg.LinAlgError, ValueError, IndexError):
                    continue
                new.append(
                    row
                    | {
                        "weight": word,
                        "p": p,
                        "q": power_q,
                        "statistic": repr(float(got)),
                        "df": df,
                        "p_value": repr(float(tail)),
                        "observed": "",
                        "expected": "",
                        "computed_by": f"{SM}: survdiff(time, event, group, weight_type='{kind}')",
                    }
                )
    write("log_rank.csv", rows + new, rows[0].keys())


def grays(row, cause, rho):
    who = people(row)
    group, stratum = numbers(row, "group"), numbers(row, "stratum")
    k = max(group)
    G = range(k)
    z, v = [mpf(0)] * k, matrix(k, k)
    for s in sorted(set(stratum)):
        mine = [i for i in range(len(who)) if stratum[i] == s]
        S, F, f = [Q(1)] * k, [Q(0)] * k, Q(0)
        c, path = [[mpf(0)] * k for _ in G], []
        for day in sorted({who[i][1] for i in mine if who[i][2] > 0}):
            n = [sum(1 for i in mine if group[i] == g + 1 and who[i][1] >= day) for g in G]
            d1 = [
                sum(
                    1 for i in mine if group[i] == g + 1 and who[i][1] == day and who[i][2] == cause
                )
                for g in G
            ]
            d2 = [
                sum(
                    1
                    for i in mine
                    if group[i] == g + 1 and who[i][1] == day and who[i][2] not in (0, cause)
                )
                for g in G
            ]
            h = [n[g] / S[g] if n[g] else Q(0) for g in G]
            H, R, D = sum(h), [h[g] * (1 - F[g]) for g in G], sum(d1)
            if f == 1 or (f > 1 and rho != int(rho)):
                return None
            w = power(q(1 - f), rho)
            a = [[w * q(h[i] * ((i == r) - h[r] / H)) for r in G] for i in G]
            c = [[c[i][r] + a[i][r] * q(D / (H * (1 - f))) for r in G] for i in G]
            for i in G:
                if sum(R):
                    z[i] += w * q(d1[i] - D * R[i] / sum(R))
            after = [S[g] * Q(n[g] - d1[g] - d2[g], n[g]) if n[g] else S[g] for g in G]
            f += D / H
            path.append((n, S, after, d2, D, H, a, c, f))
            F = [F[g] + S[g] * Q(d1[g], n[g]) if n[g] else F[g] for g in G]
            S = after
        for n, before, after, d2, D, H, a, here, f in path:
            for r in G:
                if not n[r]:
                    continue
                b = (1 - f) / after[r] if after[r] else Q(0)
                parts = []
                if D:
                    ties = 1 - Q(D - 1) / (H * before[r] - 1) if D > 1 else 1
                    parts.append(
                        (
                            ties * before[r] * D / (H * n[r]),
                            [a[i][r] + q(1 - b) * (c[i][r] - here[i][r]) for i in G],
                        )
                    )
                if d2[r] and after[r]:
                    ties = 1 - Q(d2[r] - 1, n[r] - 1) if d2[r] > 1 else 1
                    parts.append(
                        (
                            ties * before[r] ** 2 * d2[r] / n[r] ** 2,
                            [q(b) * (c[i][r] - here[i][r]) for i in G],
                        )
                    )
                for e, u in parts:
                    for i in G:
                        for j in G:
                            v[i, j] += q(e) * u[i] * u[j]
    return statistic(z, v)


def gray_tests():
    rows = read("gray.csv")
    new = []
    for i, row in enumerate(rows):
        if i % 2:
            continue
        got = grays(row, int(row["cause"]), float(row["rho"]))
        if got is None or got[0] is None:
            continue
        new.append(
            row
            | {
                "statistic": text(got[0]),
                "df": got[1],
                "p_value": text(chi_squared_tail(*got)),
                "computed_by": f"{MP}: Gray's sums with cmprsk's ties",
            }
        )
    write("gray.csv", rows + new, rows[0].keys())


# --- contrasts --------------------------------------------------------------------------------------------------------------------------
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


# --- several states ------------------------------------------------------------------------------------------------------------------------
def multi_states():
    rows = read("multi_state.csv")
    new = []
    K = range(4)
    for row in rows:
        row["days_variance"] = ""
        start, stop, move_from, move_to = (numbers(row, c) for c in ("start", "stop", "from", "to"))
        if len(start) > 110:
            continue
        after, until, begin, state = (int(row[c]) for c in ("after", "until", "begin", "state"))
        path = []
        for day in sorted(
            {t for t, to in zip(stop, move_to, strict=True) if to and after < t <= until}
        ):
            n = [
                sum(
                    1
                    for a, b, s in zip(start, stop, move_from, strict=True)
                    if s == h + 1 and a < day <= b
                )
                for h in K
            ]
            d = [
                [
                    sum(
                        1
                        for b, s, to in zip(stop, move_from, move_to, strict=True)
                        if b == day and s == h + 1 and to == j + 1
                    )
                    for j in K
                ]
                for h in K
            ]
            A = [[Q(d[h][j], n[h]) if n[h] else Q(0) for j in K] for h in K]
            for h in K:
                A[h][h] = 1 - sum(A[h])
            path.append((day, n, A))
        # backwards: chance of the state at `until` and days in it, from each state just after a day
        chance, days, now = [Q(int(j == state - 1)) for j in K], [Q(0)] * 4, until
        weights = []
        for day, n, A in reversed(path):
            wait = now - day
            days = [days[j] + wait * (j == state - 1) for j in K]
            weights.append((day, n, A, chance, days))
            chance = [sum(A[h][j] * chance[j] for j in K) for h in K]
            days = [sum(A[h][j] * days[j] for j in K) for h in K]
            now = day
        days = [days[j] + (now - after) * (j == state - 1) for j in K]
        p = [Q(int(h == begin - 1)) for h in K]
        variance = days_variance = Q(0)
        for _, n, A, of_chance, of_days in reversed(weights):
            for h in K:
                if n[h]:
                    mean, mean_days = (
                        sum(A[h][j] * of_chance[j] for j in K),
                        sum(A[h][j] * of_days[j] for j in K),
                    )
                    variance += (
                        p[h] ** 2 * (sum(A[h][j] * of_chance[j] ** 2 for j in K) - mean**2) / n[h]
                    )
                    days_variance += (
                        p[h] ** 2
                        * (sum(A[h][j] * of_days[j] ** 2 for j in K) - mean_days**2)
                        / n[h]
                    )
            p = [sum(p[h] * A[h][j] for h in K) for j in K]
        new.append(
            row
            | {
                "value": text(chance[begin - 1]),
                "variance": text(variance),
                "days": text(days[begin - 1]),
                "days_variance": text(days_variance),
                "computed_by": f"{MP}: backwards by day from the rows",
            }
        )
    columns = [c for c in rows[0] if c not in ("days_variance", "computed_by")] + [
        "days_variance",
        "computed_by",
    ]
    write("multi_state.csv", rows + new, columns)


# --- clusters ------------------------------------------------------------------------------------------------------------------------------
def with_weights(who, weight, cause, until):
    s, f = mpf(1), mpf(0)
    for day in sorted({t for _, t, e in who if e > 0 and t <= until}):
        n = sum(w for (a, t, _), w in zip(who, weight, strict=True) if a < day <= t)
        any_event = sum(w for (_, t, e), w in zip(who, weight, strict=True) if t == day and e > 0)
        own = sum(
            w
            for (_, t, e), w in zip(who, weight, strict=True)
            if t == day and (e == cause if cause else e > 0)
        )
        f += s * own / n
        s *= 1 - any_event / n
    return s if cause == 0 else f


def clusters():
    rows = read("clustered.csv")
    new = []
    for row in rows:
        who, cluster, cause, day = (
            people(row),
            numbers(row, "cluster"),
            int(row["cause"]),
            int(row["day"]),
        )
        value = with_weights(who, [mpf(1)] * len(who), cause, day)
        step, variance = mpf(10) ** -25, mpf(0)
        for one in set(cluster):
            weight = [1 + step * (of == one) for of in cluster]
            less = [1 - step * (of == one) for of in cluster]
            variance += (
                (with_weights(who, weight, cause, day) - with_weights(who, less, cause, day))
                / (2 * step)
            ) ** 2
        if variance < mpf(10) ** -40:
            variance = mpf(0)
        new.append(
            row
            | {
                "value": text(value),
                "variance": text(variance),
                "computed_by": f"{MP}: the change with a cluster's weight",
            }
        )
    write("clustered.csv", rows + new, rows[0].keys())


if __name__ == "__main__":
    for make in (
        survival,
        quantiles,
        restricted_means,
        incidences,
        log_ranks,
        gray_tests,
        contrasts,
        multi_states,
        clusters,
    ):
        make()
