"""Adds two more witnesses to the tables that make_rates.R wrote: statsmodels and SciPy, and arithmetic with 50 digits.

Needs statsmodels, scipy and mpmath:  Rscript make_rates.R && python make_rates.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, N806, PLR0917

import csv
from pathlib import Path

import mpmath as mp
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.rates import (
    confint_poisson,
    confint_poisson_2indep,
    test_poisson_2indep,
)

HERE = Path(__file__).parent
STATSMODELS = f"statsmodels {statsmodels.__version__}"
SCIPY = f"scipy {scipy.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50
TINY = mp.mpf(10) ** -50


def z_of(level):
    """The two-sided normal quantile of a level as the computer holds it."""
    level = mp.mpf(level)
    z = mp.mpf(st.norm.isf((1 - float(level)) / 2)) if level > 0.5 else level * mp.sqrt(mp.pi / 2)
    for _ in range(8):
        z += (mp.erfc(z / mp.sqrt(2)) - (1 - level)) / (2 * mp.npdf(z))
    return z


def two_sided(z):
    return mp.erfc(abs(z) / mp.sqrt(2))


def poisson_tail(x, mean, up, mid):
    """The log of P(X >= x), or of P(X <= x), or of either with only half of P(X = x)."""
    k, term, total = mp.mpf(x), mp.mpf(1), mp.mpf(1) / (2 if mid else 1)
    while term > total * TINY:
        k, term = (k + 1, term * mean / (k + 1)) if up else (k - 1, term * k / mean)
        total += term
    return x * mp.log(mean) - mean - mp.loggamma(x + 1) + mp.log(total)


def poisson_limits(x, level, *, mid=False):
    """Exact or mid-p limits, as roots of sums of Poisson probabilities."""
    tail, z = (1 - mp.mpf(level)) / 2, z_of(level)

    def solve(sign):
        shape = x + (mp.mpf(1) / 2 if mid else sign > 0)
        guess = shape + sign * z * mp.sqrt(shape) + (z * z - 1) / 3
        start = mp.log(max(guess, mp.mpf(shape) / 20))
        return mp.exp(
            mp.findroot(
                lambda v: poisson_tail(x, mp.exp(v), sign < 0, mid) - mp.log(tail),
                (start, start + mp.mpf(10) ** -6),
            )
        )

    return (solve(-1) if x else mp.mpf(0)), solve(1)


def byar(x, z):
    y = mp.mpf(x + 1)
    lower = max(0, x * (1 - 1 / (9 * mp.mpf(x)) - z / (3 * mp.sqrt(x))) ** 3) if x else mp.mpf(0)
    return lower, y * (1 - 1 / (9 * y) + z / (3 * mp.sqrt(y))) ** 3


def count_limits(method, x, level):
    if method == "byar" or (method == "phe" and x >= 10):
        return byar(x, z_of(level))
    return poisson_limits(x, level, mid=method == "mid-p")


def rate(method, x, exposure, per, level):
    scale = mp.mpf(per) / mp.mpf(exposure)
    lower, upper = count_limits(method, x, level)
    # At very low levels both mid-p limits lie beyond the rate; the crate's lie about it.
    return x * scale, min(lower, x) * scale, max(upper, x) * scale


def repeat_rate(method, events, persons, exposure, per, level):
    scale = mp.mpf(per) / mp.mpf(exposure)
    total = sum(f * m for f, m in zip(events, persons, strict=True))
    V = sum(f * f * m for f, m in zip(events, persons, strict=True))
    s = mp.sqrt(mp.mpf(V) / total) if total else 1
    lower, upper = count_limits(method, total, level)
    return (
        total * scale,
        max(0, total + s * (lower - total)) * scale,
        (total + s * (upper - total)) * scale,
    )


def odds_lower(x1, x2, level, *, mid):
    """The odds at which the upper tail of a binomial count is (1 - level) / 2."""
    if x1 == 0:
        return mp.mpf(0)
    tail, n = (1 - mp.mpf(level)) / 2, x1 + x2

    def log_tail(t):
        odds = mp.exp(t)
        term, total, k = mp.mpf(1), mp.mpf(1) / (2 if mid else 1), x1
        while k < n and term > total * TINY:
            term = term * (n - k) / (k + 1) * odds
            total += term
            k += 1
        chance = mp.loggamma(n + 1) - mp.loggamma(x1 + 1) - mp.loggamma(x2 + 1)
        return chance + x1 * t - n * mp.log1p(odds) + mp.log(total)

    t = mp.log(mp.mpf(x1) / (x2 + mp.mpf(1) / 2)) - z_of(level) * mp.sqrt(
        mp.mpf(1) / x1 + 1 / (x2 + mp.mpf(1) / 2)
    )
    return mp.exp(mp.findroot(lambda v: log_tail(v) - mp.log(tail), (t, t + mp.mpf(10) ** -6)))


def splits(x1, e1, x2, e2):
    """The probability of every split of the events that is not vanishingly rare, were the rates equal."""
    n, odds = x1 + x2, mp.mpf(e1) / mp.mpf(e2)
    mode = int((n + 1) * odds / (1 + odds))
    reach = int(45 * mp.sqrt(n * odds) / (1 + odds)) + 100
    reach = max(reach, abs(x1 - mode) + 100) if n < 10**6 else reach
    terms = {mode: mp.mpf(1)}
    for k in range(mode, min(n, mode + reach)):
        terms[k + 1] = terms[k] * (n - k) / (k + 1) * odds
    for k in range(mode, max(0, mode - reach), -1):
        terms[k - 1] = terms[k] * k / (n - k + 1) / odds
    return terms


def ratio_p(method, x1, e1, x2, e2):
    terms = splits(x1, e1, x2, e2)
    whole = mp.fsum(terms.values())
    if method == "exact":
        bound = terms[x1] * (1 + mp.mpf(10) ** -7)
        return min(1, mp.fsum(t for t in terms.values() if t <= bound) / whole)
    below = mp.fsum(t for k, t in terms.items() if k < x1)
    above = mp.fsum(t for k, t in terms.items() if k > x1)
    return min(1, (2 * min(below, above) + terms[x1]) / whole)


def rate_ratio(method, x1, e1, x2, e2, level):
    scale = mp.mpf(e2) / mp.mpf(e1)
    if method == "log":
        value, s = mp.mpf(x1) / x2 * scale, mp.sqrt(mp.mpf(1) / x1 + mp.mpf(1) / x2)
        reach = z_of(level) * s
        return (
            value,
            value * mp.exp(-reach),
            value * mp.exp(reach),
            two_sided(mp.log(value) / s),
        )
    p = ratio_p(method, x1, e1, x2, e2)
    mid = method == "mid-p"
    if x2 == 0:
        return None, odds_lower(x1, x2, level, mid=mid) * scale if x1 else None, None, p
    odds = mp.mpf(x1) / x2
    lower = min(odds_lower(x1, x2, level, mid=mid), odds)
    upper = max(1 / odds_lower(x2, x1, level, mid=mid), odds)
    return odds * scale, lower * scale, upper * scale, p


def rate_difference(method, x1, e1, x2, e2, per, level):
    e1, e2, k = mp.mpf(e1), mp.mpf(e2), mp.mpf(per)
    r1, r2 = x1 / e1, x2 / e2
    d = r1 - r2
    if method == "wald":
        s = mp.sqrt(r1 / e1 + r2 / e2)
        reach = z_of(level) * s
        return d * k, (d - reach) * k, (d + reach) * k, two_sided(d / s)
    (l1, u1), (l2, u2) = poisson_limits(x1, level), poisson_limits(x2, level)
    down = mp.sqrt((r1 - l1 / e1) ** 2 + (u2 / e2 - r2) ** 2)
    up = mp.sqrt((u1 / e1 - r1) ** 2 + (r2 - l2 / e2) ** 2)
    return d * k, (d - down) * k, (d + up) * k, ratio_p("exact", x1, e1, x2, e2)


def text(value):
    return repr(float(value)) if value is not None else ""


def add(name, witness, extra=()):
    """Rows for the inputs of one table, and for extra ones, with each of `witness`'s answers."""
    path = HERE / f"{name}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        columns, table = reader.fieldnames, list(reader)
    inputs = columns[: columns.index("value")]
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


def counts(word):
    return [int(part) for part in word.split()]


def rate_rows(method, x, exposure, per, level):
    x, e, k, v = int(x), float(exposure), float(per), float(level)
    if method == "exact" and v == 0.95 and x > 0:
        lower, upper = confint_poisson(x, e, method="exact-c", alpha=1 - v)
        yield (
            (x / e * k, lower * k, upper * k),
            f"{STATSMODELS}: confint_poisson(x, exposure, method='exact-c', alpha=1 - level) * per",
        )
    iterated = method in ("exact", "mid-p")
    if often(level) and (not iterated or x <= 10**6):
        yield (
            rate(method, x, e, k, v),
            DIGITS + ("root of the sum of Poisson probabilities" if iterated else "the formula"),
        )


def repeat_rate_rows(method, events, persons, exposure, per, level):
    yield (
        repeat_rate(method, counts(events), counts(persons), exposure, per, level),
        DIGITS + "the formula",
    )


def rate_ratio_rows(method, x1, e1, x2, e2, level):
    x1, x2, e1, e2, v = int(x1), int(x2), float(e1), float(e2), float(level)
    if method == "exact" and v == 0.95 and x1 and x2 and x1 + x2 < 10**6:
        test = st.binomtest(x1, x1 + x2, e1 / (e1 + e2))
        share = test.proportion_ci(v, method="exact")
        yield (
            (
                x1 / e1 / (x2 / e2),
                share.low / (1 - share.low) * e2 / e1,
                share.high / (1 - share.high) * e2 / e1,
                test.pvalue,
            ),
            f"{SCIPY}: binomtest(x1, x1 + x2, e1 / (e1 + e2)), proportion_ci(level, method='exact')",
        )
    if method == "log" and v == 0.95:
        lower, upper = confint_poisson_2indep(x1, e1, x2, e2, method="wald-log", alpha=1 - v)
        p = test_poisson_2indep(x1, e1, x2, e2, method="wald-log").pvalue
        yield (
            (x1 / e1 / (x2 / e2), lower, upper, p),
            f"{STATSMODELS}: confint_poisson_2indep, test_poisson_2indep(method='wald-log')",
        )
    if method == "log" or (often(v) and x1 + x2 <= 10**7):
        how = "the formula" if method == "log" else "root of the sum of binomial probabilities"
        yield rate_ratio(method, x1, e1, x2, e2, v), DIGITS + how


def rate_difference_rows(method, x1, e1, x2, e2, per, level):
    x1, x2, e1, e2 = int(x1), int(x2), float(e1), float(e2)
    k, v = float(per), float(level)
    if v == 0.95 and x1 and x2:
        name = {"wald": "wald", "mover": "exact-c"}[method]
        how = {"method": "wald"} if method == "wald" else {"method": "mover", "method_mover": name}
        lower, upper = confint_poisson_2indep(x1, e1, x2, e2, compare="diff", alpha=1 - v, **how)
        test = (
            {"method": "wald", "compare": "diff"} if method == "wald" else {"method": "exact-cond"}
        )
        p = test_poisson_2indep(x1, e1, x2, e2, **test).pvalue
        by = f"confint_poisson_2indep(compare='diff'; {method} {name}) * per; test_poisson_2indep({test['method']})"
        yield ((x1 / e1 - x2 / e2) * k, lower * k, upper * k, p), f"{STATSMODELS}: {by}"
    if often(v):
        yield rate_difference(method, x1, e1, x2, e2, k, v), DIGITS + "the formula"


def main():
    add(
        "rate",
        rate_rows,
        [
            (method, x, "1", "1", level)
            for method in ("exact", "mid-p")
            for x in ("1", "2", "9", "50", "1000", "200000")
            for level in ("0.001", "0.999999999")
        ],
    )
    add("repeat_rate", repeat_rate_rows)
    add(
        "rate_ratio",
        rate_ratio_rows,
        [
            (method, *case)
            for method in ("exact", "mid-p")
            for case in (
                ("3", "1", "1000000000", "1e9", "0.95"),
                ("1000000000", "1e9", "3", "1", "0.95"),
                ("3", "1", "5", "2", "0.999999999"),
                ("3", "1", "5", "2", "0.001"),
                ("40", "1e-6", "1", "1e6", "0.95"),
                ("4000000", "1e6", "4010000", "1e6", "0.95"),
            )
        ],
    )
    add("rate_difference", rate_difference_rows)


if __name__ == "__main__":
    main()
