"""Adds two more witnesses to the tables that make_inequality.R wrote: statsmodels, and arithmetic with 50 digits.

Needs statsmodels, numpy and mpmath:  Rscript make_inequality.R && python make_inequality.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, N806

import csv
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import numpy as np
import statsmodels
import statsmodels.api as sm
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

HERE = Path(__file__).parent
STATSMODELS = f"statsmodels {statsmodels.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def z_of(level):
    return mp.sqrt(2) * mp.erfinv(mp.mpf(level))


def t_of(level, df):
    """t with P(|T| < t) = level, from the incomplete beta function."""
    level, df = mp.mpf(level), mp.mpf(df)

    def inside(t):
        return 1 - mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True)

    low, high = mp.mpf(0), mp.mpf(1)
    while inside(high) < level:
        high *= 2
    return mp.findroot(
        lambda t: inside(t) - level, (low + high / 1000, high), solver="anderson", tol=1e-45
    )


def read(table):
    with (HERE / table).open(newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return mp.mpf(float(text))


def numbers(text):
    return [number(part) for part in text.split()]


def text(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else mp.nstr(mp.mpf(value), 17, strip_zeros=True)


def append(table, rows):
    """Writes rows of (inputs, expected, by) under the header that is there."""
    with (HERE / table).open(newline="") as file:
        header = next(csv.reader(file))
    with (HERE / table).open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for inputs, expected, by in rows:
            line = {
                **inputs,
                **{f"expected_{k}": text(v) for k, v in expected.items()},
                "computed_by": by,
            }
            writer.writerow([line[column] for column in header])


def inputs_of(rows):
    """Each different set of inputs once."""
    seen = {}
    for row in rows:
        inputs = {
            k: v for k, v in row.items() if not k.startswith("expected_") and k != "computed_by"
        }
        seen.setdefault(tuple(inputs.values()), inputs)
    return list(seen.values())


def limits(value, lower, upper):
    return {"value": value, "lower": lower, "upper": upper}


SCALES = {
    "plain": (lambda y: y, lambda u: u, lambda y: mp.mpf(1)),
    "log": (mp.log, mp.exp, lambda y: y),
    "logit": (lambda p: mp.log(p / (1 - p)), lambda u: 1 / (1 + mp.exp(-u)), lambda p: p * (1 - p)),
}


def normal_equations(population):
    """Intercept and slope of the weighted line, as weights of y: (X'AX)⁻¹X'A."""
    total = sum(population)
    a = [people / total for people in population]
    b = [sum(a[:i]) + a[i] / 2 for i in range(len(a))]
    X = mp.matrix([[1, middle] for middle in b])
    A = mp.diag(a)
    return mp.inverse(X.T * A * X) * X.T * A, a, b


def dot(weights, values):
    return sum(w * v for w, v in zip(weights, values, strict=True))


def fieller(top, bottom, y, v, z):
    """The two r whose A − rB is just z of its own standard errors away from 0, found as roots."""
    A, B = dot(top, y), dot(bottom, y)

    def away(r):
        d = [(p - r * q) * s for p, q, s in zip(top, bottom, v, strict=True)]
        return (A - r * B) ** 2 - z * z * sum(x * x for x in d)

    if z * z * sum((q * s) ** 2 for q, s in zip(bottom, v, strict=True)) >= B**2:
        return None, None
    value, ends = A / B, []
    for sign in (-1, 1):
        inside, reach = mp.mpf(0), mp.mpf(1) / 1000
        while away(value + sign * reach) < 0:
            inside, reach = reach, 2 * reach
        for _ in range(60):  # halving to 18 digits, then Newton's steps on a parabola
            middle = (inside + reach) / 2
            inside, reach = (middle, reach) if away(value + sign * middle) < 0 else (inside, middle)
        root = value + sign * reach
        for _ in range(4):
            root -= away(root) / mp.diff(away, root)
        ends.append(root)
    return ends


def both_indices(row):
    """The slope and the relative index of a row's inputs, each with its limits."""
    y, population, level = numbers(row["value"]), numbers(row["population"]), number(row["level"])
    W, a, b = normal_equations(population)
    at0, slope_of = list(W[0, :]), list(W[1, :])
    k = len(y)
    if row["convention"] == "scotpho":
        slope, middle = dot(slope_of, y), dot(a, y)
        residual = sum(a[i] * (y[i] - dot(at0, y) - slope * b[i]) ** 2 for i in range(k))
        spread = sum(a[i] * (b[i] - mp.mpf(1) / 2) ** 2 for i in range(k))
        reach = t_of(level, k - 2) * mp.sqrt(residual / (k - 2) / spread)
        overall = number(row["overall"]) if row["overall"] else middle
        three = (-slope, -slope - reach, -slope + reach)
        return three, tuple(v / overall for v in three)
    g, back, step = SCALES[row["scale"]]
    z, m = z_of(level), number(row["multiplier"])
    if row["se"]:
        s = numbers(row["se"])
    else:
        given = 2 * z_of(number(row["limits_level"]))
        ends = zip(numbers(row["lower_limit"]), numbers(row["upper_limit"]), strict=True)
        s = [(g(upper) - g(lower)) / given for lower, upper in ends]
    if row["transform"] == "true":
        u = [g(value) for value in y]
        slope, middle = dot(slope_of, u), dot(a, u)
        reach = z * mp.sqrt(sum((c * e) ** 2 for c, e in zip(slope_of, s, strict=True)))
        ends = [
            (back(middle + v / 2), back(middle - v / 2))
            for v in (slope, slope - reach, slope + reach)
        ]
        slopes = [(top - bottom) * m for top, bottom in ends]
        ratios = [top / bottom if m > 0 else bottom / top for top, bottom in ends]
    else:
        v = [step(value) * e for value, e in zip(y, s, strict=True)]
        slope = dot(slope_of, y)
        reach = z * mp.sqrt(sum((c * e) ** 2 for c, e in zip(slope_of, v, strict=True)))
        slopes = [w * m for w in (slope, slope - reach, slope + reach)]
        at1 = [p + q for p, q in zip(at0, slope_of, strict=True)]
        top, bottom = (at1, at0) if m > 0 else (at0, at1)
        ratios = [dot(top, y) / dot(bottom, y), *fieller(top, bottom, y, v, z)]
    return tuple(ordered(three) for three in (slopes, ratios))


def ordered(three):
    value, lower, upper = three
    return (value, lower, upper) if lower is None else (value, min(lower, upper), max(lower, upper))


def indices():
    slope_rows = inputs_of(read("slope_index.csv"))
    by = DIGITS + "normal equations; limits by hand"
    slopes = [(row, limits(*both_indices(row)[0]), by) for row in slope_rows]
    relative_rows = inputs_of(read("relative_index.csv"))
    known = {tuple(row.values()) for row in relative_rows}
    relative_rows += [
        r for r in slope_rows if r["convention"] == "phe" and tuple(r.values()) not in known
    ]
    by = DIGITS + "normal equations; Fieller's limits as roots"
    ratios = [(row, limits(*both_indices(row)[1]), by) for row in relative_rows]
    for row in slope_rows:
        if row["convention"] == "scotpho":
            y, n = np.array(row["value"].split(), float), np.array(row["population"].split(), float)
            a = n / n.sum()
            fit = sm.WLS(y, sm.add_constant(a.cumsum() - a / 2), weights=a).fit()
            lower, upper = fit.conf_int(1 - float(row["level"]))[1]
            slopes.append(
                (
                    row,
                    limits(-fit.params[1], -upper, -lower),
                    f"{STATSMODELS}: WLS(y, b, weights=a).fit().conf_int()",
                )
            )
    append("slope_index.csv", slopes + undefined_slopes(slope_rows[0]))
    append("relative_index.csv", ratios)


def undefined_slopes(row):
    """What has no slope, or no limits, by the conventions' own rules."""
    phe = {**row, "convention": "phe", "multiplier": "1", "level": "0.95"}
    none, rule = limits(None, None, None), "by hand: "
    value = both_indices({**row, "level": "0.95"})[0][0]
    return [
        (
            {**row, "value": "4 3 2 1", "population": "1 1 1 1"},
            none,
            rule + "ScotPHO takes 5 or 10 rows",
        ),
        (
            {**row, "value": "6 5 4 3 2 1", "population": "1 1 1 1 1 1"},
            none,
            rule + "ScotPHO takes 5 or 10 rows",
        ),
        (
            {**phe, "value": "4 3 2 1", "population": "1 1 1 1"},
            none,
            rule + "PHE takes 5 to 100 quantiles",
        ),
        ({**row, "population": "1 1 0 1 1"}, none, rule + "no population"),
        ({**row, "value": "3 3 3 3 3"}, limits("0", None, None), rule + "no residual variance"),
        (
            phe,
            limits(-value, None, None),
            rule + "no standard errors; " + DIGITS + "normal equations",
        ),
        (
            {**phe, "value": "0 1 2 3 4", "scale": "log", "transform": "true", "se": "1 1 1 1 1"},
            none,
            rule + "0 has no logarithm",
        ),
    ]


def attributable():
    rows = []
    for row in inputs_of(read("population_attributable.csv")):
        x, n = numbers(row["x"]), numbers(row["n"])
        share = n[-1] / sum(n)
        value = 1 - x[-1] / sum(x) / share
        ends = (None, None)
        if x[-1] > 0:
            variance = mp.mpf(0)
            for i, (events, base) in enumerate(zip(x, n, strict=True)):

                def moved(v, i=i, x=x, share=share):
                    y = [v if j == i else other for j, other in enumerate(x)]
                    return mp.log(y[-1] / sum(y) / share)

                own = events if row["counted"] == "events" else events * (1 - events / base)
                variance += own * mp.diff(moved, events) ** 2 if events else 0
            if variance > mp.mpf(10) ** -20:
                reach = z_of(number(row["level"])) * mp.sqrt(variance)
                ends = (1 - (1 - value) * mp.exp(reach), 1 - (1 - value) * mp.exp(-reach))
        rows.append((row, limits(value, *ends), DIGITS + "delta method by numerical derivatives"))
    append("population_attributable.csv", rows)
    rows = []
    for row in inputs_of(read("attributable_share.csv")):
        y, n, s = numbers(row["value"]), numbers(row["population"]), numbers(row["se"])
        total = sum(n)

        def kept(values, n=n, total=total):
            return values[-1] / dot([people / total for people in n], values)

        variance = mp.mpf(0)
        for i, error in enumerate(s):

            def moved(v, i=i, y=y, kept=kept):
                return mp.log(kept([v if j == i else other for j, other in enumerate(y)]))

            variance += (error * mp.diff(moved, y[i])) ** 2
        reach, share = z_of(number(row["level"])) * mp.sqrt(variance), kept(y)
        ends = (1 - share * mp.exp(reach), 1 - share * mp.exp(-reach))
        rows.append(
            (row, limits(1 - share, *ends), DIGITS + "delta method by numerical derivatives")
        )
    append("attributable_share.csv", rows)


def ranges():
    for table in ("absolute_range.csv", "relative_range.csv"):
        turn = (lambda v: v) if table.startswith("absolute") else mp.log
        back = (lambda v: v) if table.startswith("absolute") else mp.exp
        rows = []
        for row in inputs_of(read(table)):
            y, low, high = (
                [turn(v) for v in numbers(row[c])] for c in ("value", "lower_limit", "upper_limit")
            )
            d = y[0] - y[-1]
            down = mp.sqrt((y[0] - low[0]) ** 2 + (high[-1] - y[-1]) ** 2)
            up = mp.sqrt((high[0] - y[0]) ** 2 + (y[-1] - low[-1]) ** 2)
            rows.append(
                (row, limits(back(d), back(d - down), back(d + up)), DIGITS + "square and add")
            )
        append(table, rows)
    rows = []
    for x1, n1, x2, n2 in (
        (40, 100, 10, 90),
        (7, 10, 3, 25),
        (9, 10, 3, 10),
        (56, 70, 48, 80),
        (1, 9, 0, 8),
    ):
        one, two = (proportion_confint(x, n, method="wilson") for x, n in ((x1, n1), (x2, n2)))
        columns = [
            " ".join(repr(float(v)) for v in pair)
            for pair in ((x1 / n1, x2 / n2), (one[0], two[0]), (one[1], two[1]))
        ]
        lower, upper = confint_proportions_2indep(x1, n1, x2, n2, method="newcomb", compare="diff")
        inputs = dict(zip(("value", "lower_limit", "upper_limit"), columns, strict=True))
        expected = limits(mp.mpf(x1) / n1 - mp.mpf(x2) / n2, lower, upper)
        rows.append(
            (
                inputs,
                expected,
                f"{STATSMODELS}: confint_proportions_2indep(x1, n1, x2, n2, method='newcomb') of Wilson limits",
            )
        )
    append("absolute_range.csv", rows)


def concentration():
    rows = []
    for row in inputs_of(read("concentration_index.csv")):
        y, n = numbers(row["value"]), numbers(row["population"])
        total, k = sum(n), len(y)
        f = [people / total for people in n]
        R = [sum(f[:i]) + f[i] / 2 for i in range(k)]
        mean = dot(f, y)
        C = 2 * sum(f[i] * (y[i] - mean) * (R[i] - mp.mpf(1) / 2) for i in range(k)) / mean
        q = [sum(f[j] * y[j] for j in range(i + 1)) / mean for i in range(k)]
        a = [y[i] / mean * (2 * R[i] - 1 - C) + 2 - (q[i - 1] if i else 0) - q[i] for i in range(k)]
        between = sum(f[i] * a[i] ** 2 for i in range(k)) - (1 + C) ** 2
        if row["variance"]:
            within = sum(
                f[i] * v * (2 * R[i] - 1 - C) ** 2 for i, v in enumerate(numbers(row["variance"]))
            )
            error = mp.sqrt(between / total + within / (total * mean**2))
        else:
            error = mp.sqrt(between / k)
        reach = z_of(number(row["level"])) * error
        expected = {**limits(C, C - reach, C + reach), "standard_error": error}
        rows.append(
            (row, expected, DIGITS + "covariance form; Kakwani, Wagstaff and van Doorslaer (1997)")
        )
    append("concentration_index.csv", rows)


def words(quantiles):
    return " ".join("-" if q is None else str(q) for q in quantiles)


def quantiles():
    rows = []
    cases = inputs_of(read("quantile.csv"))
    line = " ".join(str(v) for v in range(1, 29))
    cases += [
        {"value": line, "k": "20", "invert": "false"},
        {"value": line, "k": "20", "invert": "true"},
    ]
    for row in cases:
        value = [Fraction(v) for v in row["value"].split()]
        k, n = int(row["k"]), len(value)
        placed = []
        for v in value:
            rank = 1 + sum(w > v if row["invert"] == "true" else w < v for w in value)
            placed.append(None if n < k else k + 1 - -(-(n + 1 - rank) * k // n))
        by = "Python whole numbers: k + 1 - ceil((n + 1 - rank) k / n)"
        if k == 20 and n == 28:
            by += "; floating point puts rank 8 into 5"
        rows.append((row, {"quantile": words(placed)}, by))
    append("quantile.csv", rows)
    rows = []
    cases = inputs_of(read("population_quantile.csv"))
    cases += [
        {"rank": "1 2 3", "population": "4 3 3", "k": "2"},
        {"rank": "1 2 3", "population": "3 3 4", "k": "2"},
        {"rank": "1 2 3", "population": "4 2 4", "k": "2"},
        {"rank": "1 2 3", "population": "1 8 1", "k": "3"},
        {"rank": "3 1 2", "population": "1 1 1", "k": "4"},
        {"rank": "5 4 3 2 1", "population": "100 90 80 70 60", "k": "3"},
    ]
    for row in cases:
        rank, people = (
            [int(r) for r in row["rank"].split()],
            [int(p) for p in row["population"].split()],
        )
        k, n, total = int(row["k"]), len(rank), sum(people)
        order = sorted(range(n), key=rank.__getitem__)
        ends = [sum(people[area] for area in order[:i]) for i in range(n + 1)]
        # the cut after j of k: as near as can be, and the earlier of two that are as near
        cuts = [
            min(range(n + 1), key=lambda i: (abs(ends[i] * k - j * total), i)) for j in range(1, k)
        ]
        placed = [None] * n
        for place, area in enumerate(order):
            placed[area] = None if n < k else 1 + sum(cut <= place for cut in cuts)
        rows.append(
            (
                row,
                {"quantile": words(placed)},
                "Python whole numbers: each cut as near to its target as can be",
            )
        )
    append("population_quantile.csv", rows)


indices()
attributable()
ranges()
concentration()
quantiles()
