"""Adds two more witnesses to the tables that make.R wrote: statsmodels with SciPy, and arithmetic with 50 digits.

Needs statsmodels, scipy and mpmath:  Rscript make.R && python make.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, N803, N806, PLR0917

import csv
import math
from pathlib import Path

import mpmath as mp
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint
from statsmodels.stats.rates import confint_poisson

HERE = Path(__file__).parent
STATSMODELS = f"statsmodels {statsmodels.__version__}"
SCIPY = f"scipy {scipy.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def z_of(level):
    """The two-sided normal quantile of a level as the computer holds it."""
    level = mp.mpf(level)
    z = mp.mpf(st.norm.isf((1 - float(level)) / 2)) if level > 0.5 else level * mp.sqrt(mp.pi / 2)
    for _ in range(8):
        z += (mp.erfc(z / mp.sqrt(2)) - (1 - level)) / (2 * mp.npdf(z))
    return z


def wilson(x, n, z):
    x, n = mp.mpf(x), mp.mpf(n)
    root = z * mp.sqrt(z * z + 4 * x * (1 - x / n))
    return (2 * x + z * z - root) / 2 / (n + z * z), (2 * x + z * z + root) / 2 / (n + z * z)


def proportion(method, x, n, level):
    z, p = z_of(level), mp.mpf(x) / n
    if method == "wilson":
        lower, upper = wilson(x, n, z)
    else:
        size = n + z * z if method == "agresti-coull" else mp.mpf(n)
        centre = (x + z * z / 2) / size if method == "agresti-coull" else p
        reach = z * mp.sqrt(centre * (1 - centre) / size)
        lower, upper = centre - reach, centre + reach
    return p, (0 if x == 0 else max(lower, 0)), (1 if x == n else min(upper, 1))


def exact_poisson(x, level):
    tail = (1 - mp.mpf(level)) / 2
    z = z_of(level)

    def log_tail(mean, sign):
        k, term, total = mp.mpf(x), mp.mpf(1), mp.mpf(1)
        while term > total * mp.mpf(10) ** -50:
            k, term = (k + 1, term * mean / (k + 1)) if sign < 0 else (k - 1, term * k / mean)
            total += term
        return x * mp.log(mean) - mean - mp.loggamma(x + 1) + mp.log(total)

    def solve(sign):
        shape = x + (sign > 0)
        guess = shape + sign * z * mp.sqrt(shape) + (z * z - 1) / 3
        start = mp.log(max(guess, mp.mpf(shape) / 20))
        return mp.exp(
            mp.findroot(
                lambda v: log_tail(mp.exp(v), sign) - mp.log(tail),
                (start, start + mp.mpf(10) ** -6),
            )
        )

    return (solve(-1) if x else mp.mpf(0)), solve(1)


def rate(method, x, exposure, per, level):
    scale = mp.mpf(per) / mp.mpf(exposure)
    if method == "exact" or (method == "phe" and x < 10):
        lower, upper = exact_poisson(x, level)
    else:
        z, y = z_of(level), mp.mpf(x + 1)
        lower = max(0, x * (1 - 1 / (9 * mp.mpf(x)) - z / (3 * mp.sqrt(x))) ** 3) if x else 0
        upper = y * (1 - 1 / (9 * y) + z / (3 * mp.sqrt(y))) ** 3
    return x * scale, lower * scale, upper * scale


def difference(x1, n1, x2, n2, level):
    z = z_of(level)
    p1, p2 = mp.mpf(x1) / n1, mp.mpf(x2) / n2
    (l1, u1), (l2, u2) = wilson(x1, n1, z), wilson(x2, n2, z)
    d = p1 - p2
    return (
        d,
        d - mp.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2),
        d + mp.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2),
    )


def about(value, variance, level):
    reach = z_of(level) * mp.sqrt(variance)
    return value, value * mp.exp(-reach), value * mp.exp(reach)


def ratio(x1, n1, x2, n2, level):
    x1, n1, x2, n2 = map(mp.mpf, (x1, n1, x2, n2))
    return about(x1 * n2 / (x2 * n1), 1 / x1 - 1 / n1 + 1 / x2 - 1 / n2, level)


def odds_ratio(x1, n1, x2, n2, level):
    a, b, c, d = mp.mpf(x1), mp.mpf(n1 - x1), mp.mpf(x2), mp.mpf(n2 - x2)
    return about(a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d, level)


def fisher(x1, n1, x2, n2):
    """The probabilities themselves, not their ratios: whole numbers where that is quick, 50 digits beyond."""
    m = x1 + x2
    low, high = max(0, m - n2), min(n1, m)
    if n1 + n2 <= 5000:
        terms = [math.comb(n1, k) * math.comb(n2, m - k) for k in range(low, high + 1)]
        observed = terms[x1 - low]
        return mp.mpf(sum(t for t in terms if t * 10**7 <= observed * (10**7 + 1))) / sum(terms)
    mode = min(max((n1 + 1) * (m + 1) // (n1 + n2 + 2), low), high)
    reach = (
        int(45 * math.sqrt(n1 / (n1 + n2) * n2 / (n1 + n2) * m * (n1 + n2 - m) / (n1 + n2))) + 100
    )
    low, high = max(low, mode - reach), min(high, mode + reach)
    terms = {mode: mp.mpf(1)}
    for k in range(mode, high):
        terms[k + 1] = terms[k] * ((n1 - k) * (m - k)) / ((k + 1) * (n2 - m + k + 1))
    for k in range(mode, low, -1):
        terms[k - 1] = terms[k] * (k * (n2 - m + k)) / ((n1 - k + 1) * (m - k + 1))
    bound = terms[x1] * (1 + mp.mpf(10) ** -7)
    return mp.fsum(t for t in terms.values() if t <= bound) / mp.fsum(terms.values())


def mantel_haenszel(estimand, x1, n1, x2, n2, level):
    strata = [tuple(map(mp.mpf, s)) for s in zip(x1, n1, x2, n2, strict=True) if s[1] and s[3]]

    def total(f):
        return mp.fsum(f(a, n, c, m, n + m) for a, n, c, m in strata)

    chance = total(lambda a, n, c, m, N: (a * m - c * n) / N) ** 2 / total(
        lambda a, n, c, m, N: n * m * (a + c) * (N - a - c) / N**2 / (N - 1)
    )
    p = mp.erfc(mp.sqrt(chance / 2))
    if estimand == "ratio":
        r, s = total(lambda a, n, c, m, N: a * m / N), total(lambda a, n, c, m, N: c * n / N)
        v = total(lambda a, n, c, m, N: (n * m * (a + c) - a * c * N) / N**2) / r / s
        return (*about(r / s, v, level), p)
    if estimand == "odds_ratio":
        R, S = (lambda a, n, c, m, N: a * (m - c) / N), (lambda a, n, c, m, N: (n - a) * c / N)
        P, Q = (lambda a, n, c, m, N: (a + m - c) / N), (lambda a, n, c, m, N: (n - a + c) / N)
        r, s = total(R), total(S)
        v = (
            total(lambda *t: P(*t) * R(*t)) / 2 / r**2
            + total(lambda *t: P(*t) * S(*t) + Q(*t) * R(*t)) / 2 / r / s
            + total(lambda *t: Q(*t) * S(*t)) / 2 / s**2
        )
        return (*about(r / s, v, level), p)
    w = total(lambda a, n, c, m, N: n * m / N)
    d = total(lambda a, n, c, m, N: (a * m - c * n) / N) / w
    first = total(lambda a, n, c, m, N: (n**2 * c - m**2 * a + n * m * (m - n) / 2) / N**2)
    second = total(lambda a, n, c, m, N: (a * (m - c) + c * (n - a)) / 2 / N)
    reach = z_of(level) * mp.sqrt(d * first + second) / w
    return d, max(d - reach, -1), min(d + reach, 1), p


def overlap_change(both, before_only, after_only, level):
    a, b, c = mp.mpf(both), mp.mpf(before_only), mp.mpf(after_only)
    before, after = a + b, a + c
    reach = z_of(level) * mp.sqrt(a * (1 / after - 1 / before) ** 2 + b / before**2 + c / after**2)
    log = mp.log(after / before)
    return after / before - 1, mp.expm1(log - reach), mp.expm1(log + reach)


def text(value):
    if isinstance(value, int):
        return str(value)
    return repr(float(value)) if value is not None else ""


def counts(word):
    return [int(part) for part in word.split()]


def add(name, witness, extra=()):
    """Rows for the inputs of one table, and for extra ones, by whichever of `witness`'s answers is not None."""
    path = HERE / f"{name}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        columns, table = reader.fieldnames, list(reader)
    inputs = columns[
        : columns.index(
            {"normal_quantile": "z", "normal_tail": "p", "fisher": "p"}.get(name, "value")
        )
    ]
    known = dict.fromkeys(
        tuple(row[c] for c in inputs) for row in table if row["computed_by"].startswith("R ")
    )
    known.update(dict.fromkeys(extra))
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for values in known:
            for expected, by in witness(*values):
                writer.writerow([*values, *map(text, expected), by])


def often(level):
    """The levels at which every case is given with 50 digits too."""
    return float(level) not in (0.8, 0.9, 0.99)


def proportion_rows(method, x, n, level):
    x, n, a = int(x), int(n), 1 - float(level)
    if float(level) == 0.95 and method != "wald":
        name = method.replace("-", "_")
        lower, upper = proportion_confint(x, n, alpha=a, method=name)
        limits = (x / n, 0.0 if x == 0 else lower, 1.0 if x == n else upper)
        yield limits, f"{STATSMODELS}: proportion_confint(x, n, alpha=1 - level, method='{name}')"
    if often(level):
        yield proportion(method, x, n, float(level)), DIGITS + "the formula"


def rate_rows(method, x, exposure, per, level):
    x, e, k, v = int(x), float(exposure), float(per), float(level)
    if method == "exact" and v == 0.95 and x > 0:
        lower, upper = confint_poisson(x, e, method="exact-c", alpha=1 - v)
        yield (
            (x / e * k, lower * k, upper * k),
            f"{STATSMODELS}: confint_poisson(x, exposure, method='exact-c', alpha=1 - level) * per",
        )
    if often(level) and (method != "exact" or x <= 10**6):
        yield (
            rate(method, x, e, k, v),
            DIGITS
            + ("root of the sum of Poisson probabilities" if method == "exact" else "the formula"),
        )


def difference_rows(x1, n1, x2, n2, level):
    t, v = tuple(map(int, (x1, n1, x2, n2))), float(level)
    if v == 0.95 and max(t) < 10_000:
        lower, upper = confint_proportions_2indep(*t, method="newcomb", compare="diff", alpha=1 - v)
        yield (
            (t[0] / t[1] - t[2] / t[3], lower, upper),
            f"{STATSMODELS}: confint_proportions_2indep(method='newcomb', compare='diff')",
        )
    if often(level):
        yield difference(*t, v), DIGITS + "the formula"


def ratio_rows(x1, n1, x2, n2, level):
    t, v = tuple(map(int, (x1, n1, x2, n2))), float(level)
    if not (t[0] and t[2]) or (t[0] == t[1] and t[2] == t[3]):
        return
    if v == 0.95:
        answer = st.contingency.relative_risk(*t)
        yield (
            (answer.relative_risk, *answer.confidence_interval(v)),
            f"{SCIPY}: contingency.relative_risk(...).confidence_interval(level)",
        )
        lower, upper = confint_proportions_2indep(*t, method="log", compare="ratio", alpha=1 - v)
        yield (
            (t[0] * t[3] / (t[2] * t[1]), lower, upper),
            f"{STATSMODELS}: confint_proportions_2indep(method='log', compare='ratio')",
        )
    if often(level):
        yield ratio(*t, v), DIGITS + "the formula"


def odds_ratio_rows(x1, n1, x2, n2, level):
    (x1, n1, x2, n2), v = map(int, (x1, n1, x2, n2)), float(level)
    if not (x1 and x2 and n1 - x1 and n2 - x2):
        return
    if v == 0.95:
        answer = st.contingency.odds_ratio([[x1, n1 - x1], [x2, n2 - x2]], kind="sample")
        limits = answer.confidence_interval(v)
        yield (
            (answer.statistic, limits.low, limits.high),
            f"{SCIPY}: contingency.odds_ratio(kind='sample').confidence_interval(level)",
        )
    if often(level):
        yield odds_ratio(x1, n1, x2, n2, v), DIGITS + "the formula"


def fisher_rows(x1, n1, x2, n2):
    x1, n1, x2, n2 = map(int, (x1, n1, x2, n2))
    if n1 + n2 <= 10_000:  # at 200,000 SciPy 1.17.1 is 2 parts in 10^11 off, by the 50 digits
        yield (
            (st.fisher_exact([[x1, n1 - x1], [x2, n2 - x2]]).pvalue,),
            f"{SCIPY}: fisher_exact(table)",
        )
    by = (
        "Python: whole numbers"
        if n1 + n2 <= 5000
        else DIGITS + "the probabilities outward from the mode"
    )
    yield (fisher(x1, n1, x2, n2),), by


def mantel_haenszel_rows(estimand, x1, n1, x2, n2, level):
    sets, v = tuple(map(counts, (x1, n1, x2, n2))), float(level)
    held = [s for s in zip(*sets, strict=True) if s[1] and s[3]]
    used, single = len(held), len(sets[0]) - len(held)
    if v == 0.95 and estimand == "odds_ratio":
        table = StratifiedTable([[[a, n - a], [c, m - c]] for a, n, c, m in held])
        lower, upper = table.oddsratio_pooled_confint(alpha=1 - v)
        p = table.test_null_odds(correction=False).pvalue
        yield (
            (table.oddsratio_pooled, lower, upper, p, used, single),
            f"{STATSMODELS}: StratifiedTable.oddsratio_pooled_confint, test_null_odds",
        )
    if often(level):
        yield (*mantel_haenszel(estimand, *sets, v), used, single), DIGITS + "the formula"


def main():
    add(
        "normal_quantile",
        lambda level: [((z_of(float(level)),), DIGITS + "root of erfc(z / sqrt(2)) = 1 - level")],
        [
            ("1e-300",),
            ("1e-9",),
            ("0.001",),
            ("0.01",),
            ("0.1",),
            ("0.3",),
            ("0.499",),
            ("0.999999999999",),
            ("0.9999999999999999",),
        ],
    )
    add(
        "normal_tail",
        lambda z: [((mp.erfc(mp.mpf(float(z)) / mp.sqrt(2)),), DIGITS + "erfc(z / sqrt(2))")],
    )
    far = [
        (x, n, level)
        for x, n in (("1", "1000000000000"), ("300000000000", "1000000000000"), ("3", "25"))
        for level in ("0.01", "0.999999999")
    ]
    add(
        "proportion",
        proportion_rows,
        [(method, *case) for method in ("wilson", "agresti-coull") for case in far],
    )
    add(
        "rate",
        rate_rows,
        [
            ("exact", x, "1", "1", level)
            for x in ("1", "2", "9", "50", "1000", "200000")
            for level in ("0.001", "0.999999999")
        ],
    )
    add("difference", difference_rows)
    add("ratio", ratio_rows)
    add("odds_ratio", odds_ratio_rows)
    add(
        "fisher",
        fisher_rows,
        [
            ("30000", "100000", "29000", "100000"),
            ("100300", "200000", "1099700", "2200000"),
            ("40", "1000000", "90", "1200000"),
            ("499000", "1000000", "501000", "1000000"),
            ("2", "3000000", "0", "5"),
            ("600", "1000", "100", "1000"),
        ],
    )
    add("mantel_haenszel", mantel_haenszel_rows)
    add(
        "overlap_change",
        lambda a, b, c, level: (
            [(overlap_change(int(a), int(b), int(c), float(level)), DIGITS + "the formula")]
            if often(level)
            else []
        ),
    )


if __name__ == "__main__":
    main()
