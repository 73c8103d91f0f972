"""Adds more witnesses to the tables that make_paired.R wrote: SciPy, statsmodels, and arithmetic with 50 digits.

Needs statsmodels, scipy and mpmath:  Rscript make_paired.R && python make_paired.py
"""

# Every argument is text of a table or a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0917

import csv
from fractions import Fraction
from pathlib import Path

import mpmath as mp
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.contingency_tables import mcnemar as mcnemar_test

HERE = Path(__file__).parent
SCIPY = f"scipy {scipy.__version__}"
STATSMODELS = f"statsmodels {statsmodels.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def z_of(level):
    """The two-sided normal quantile of a level as the computer holds it."""
    level = mp.mpf(level)
    z = mp.mpf(st.norm.isf((1 - float(level)) / 2))
    for _ in range(8):
        z += (mp.erfc(z / mp.sqrt(2)) - (1 - level)) / (2 * mp.npdf(z))
    return z


def text(value):
    if isinstance(value, (str, int)):
        return str(value)
    return repr(float(value)) if value is not None else ""


def numbers(word):
    return [mp.mpf(part) for part in word.split()]


# ── McNemar ───────────────────────────────────────────────────────────────────────────


def chance(x, n, p, q):
    return (
        mp.exp(mp.loggamma(n + 1) - mp.loggamma(x + 1) - mp.loggamma(n - x + 1))
        * p**x
        * q ** (n - x)
    )


def tail_from(x, n, odds, first):
    """P(X > x), with a share of P(X = x), for X binomial with these odds; by the ratios of its terms."""
    p, q = odds / (1 + odds), 1 / (1 + odds)
    term = chance(x, n, p, q)
    total = first * term
    while x < n and term > total * mp.mpf(10) ** -45:
        term *= mp.mpf(n - x) / (x + 1) * odds
        x += 1
        total += term
    return total


def lower_odds(b, c, level, first):
    """The odds at which as many as b of b + c, or more, have the probability (1 - level) / 2."""
    if b == 0:
        return mp.mpf(0)
    tail = (1 - mp.mpf(level)) / 2
    guess = st.beta.ppf(float(tail), b, c + 1)
    start = mp.log(guess / (1 - guess))

    def gap(log):
        return mp.log(tail_from(b, b + c, mp.exp(log), first)) - mp.log(tail)

    return mp.exp(mp.findroot(gap, start, tol=mp.mpf(10) ** -80, maxsteps=60))


def mcnemar(b, c, method, level):
    b, c = int(b), int(c)
    n = b + c
    half = mp.mpf(1) / 2
    below = mp.fsum(mp.binomial(n, k) for k in range(min(b, c) + 1)) / mp.mpf(2) ** n
    seen = mp.binomial(n, min(b, c)) / mp.mpf(2) ** n
    first = half if method == "mid-p" else mp.mpf(1)
    gap = abs(b - c) if method == "chi-squared" else max(abs(b - c) - 1, 0)
    p = {"exact": min(2 * below, 1), "mid-p": min(2 * below - seen, 1)}.get(method)
    if p is None and n:
        p = mp.erfc(gap / mp.sqrt(2 * mp.mpf(n)))
    value = mp.mpf(b) / c if c else None
    lower = lower_odds(b, c, level, first) if n else None
    upper = 1 / lower_odds(c, b, level, first) if c else None
    yield (value, lower, upper, p), DIGITS + "the sums of binomial terms, solved for the odds"
    if method != "mid-p" and n and level == "0.95":
        exact = method == "exact"
        found = mcnemar_test([[9, b], [c, 9]], exact=exact, correction=method == "corrected")
        # Where b and c are equal it takes one from 0, and squares it.
        if not (method == "corrected" and b == c):
            call = f"mcnemar(m, exact={exact}, correction={method == 'corrected'}), limits of 50 digits"
            yield (value, lower, upper, found.pvalue), f"{STATSMODELS}: {call}"


# ── Difference of paired shares ───────────────────────────────────────────────────────


def wilson(x, n, z):
    root = z * mp.sqrt(z * z + 4 * x * (1 - x / n))
    return (2 * x + z * z - root) / 2 / (n + z * z), (2 * x + z * z + root) / 2 / (n + z * z)


def paired_difference(both, first_only, second_only, neither, level):
    e, f, g, h = map(mp.mpf, (both, first_only, second_only, neither))
    n, z = e + f + g + h, z_of(level)
    p1, p2 = (e + f) / n, (e + g) / n
    (l1, u1), (l2, u2) = wilson(e + f, n, z), wilson(e + g, n, z)
    square, a = (e + f) * (g + h) * (e + g) * (f + h), e * h - f * g
    phi = (max(a - n / 2, 0) if a > 0 else a) / mp.sqrt(square) if square else mp.mpf(0)
    below = mp.sqrt((p1 - l1) ** 2 - 2 * phi * (p1 - l1) * (u2 - p2) + (u2 - p2) ** 2)
    above = mp.sqrt((u1 - p1) ** 2 - 2 * phi * (u1 - p1) * (p2 - l2) + (p2 - l2) ** 2)
    d = (f - g) / n
    yield (d, max(d - below, -1), min(d + above, 1)), DIGITS + "the formula"


# ── Scores before and after ───────────────────────────────────────────────────────────


def gains(before, after):
    return [float(a) - float(b) for a, b in zip(after.split(), before.split(), strict=True)]


def ranked(moved):
    """Twice the mean rank of each gain's size."""
    sizes = sorted(map(abs, moved))
    return [2 * sizes.index(abs(gain)) + sizes.count(abs(gain)) + 1 for gain in moved], [
        sizes.count(size) for size in dict.fromkeys(sizes)
    ]


def signed_rank(before, after, method, alternative):
    d = gains(before, after)
    moved = [gain for gain in d if gain]
    zeros = len(d) - len(moved)
    if not moved:
        yield (None, None, 0, zeros), "definition: nobody moved"
        return
    ranks, ties = ranked(moved)
    risen = sum(rank for rank, gain in zip(ranks, moved, strict=True) if gain > 0)
    n, tied = len(moved), any(tie > 1 for tie in ties)
    exact = method == "exact" or (method == "auto" and n < 50 and not zeros and not tied)
    statistic = mp.mpf(risen) / 2
    if exact:
        sums = [1]
        for rank in ranks:
            longer = sums + [0] * rank
            for place, ways in enumerate(sums):
                longer[place + rank] += ways
            sums = longer
        below, above = sum(sums[: risen + 1]), sum(sums[risen:])
        ways = {"less": below, "greater": above}.get(alternative, min(2 * min(below, above), 2**n))
        share = Fraction(ways, 2**n)
        p, by = mp.mpf(share.numerator) / share.denominator, "Python, whole numbers: all 2^n signs"
    else:
        above = statistic - mp.mpf(n) * (n + 1) / 4
        spread = mp.mpf(n) * (n + 1) * (2 * n + 1) / 24 - mp.mpf(sum(t**3 - t for t in ties)) / 48
        two = mp.sqrt(2 * spread)
        half = mp.mpf(1) / 2
        p = {
            "greater": mp.erfc((above - half) / two) / 2,
            "less": mp.erfc(-(above + half) / two) / 2,
        }.get(alternative, mp.erfc(max(abs(above) - half, 0) / two))
        by = DIGITS + "the formula"
    yield (statistic, p, n, zeros), by
    # SciPy's exact test knows no ties, and its two-sided statistic is the smaller sum.
    if method != "auto" and alternative != "two-sided" and not (exact and tied):
        kind = "exact" if exact else "asymptotic"
        found = st.wilcoxon(moved, alternative=alternative, correction=not exact, method=kind)
        yield (
            (found.statistic, found.pvalue, n, zeros),
            f"{SCIPY}: wilcoxon(gains but 0, method='{kind}')",
        )


def student(t, df):
    df = mp.mpf(df)
    return mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + t * t), regularized=True)


def paired_t(before, after, level):
    # The gains as the computer holds them, since that is what every witness is given.
    d = list(map(mp.mpf, gains(before, after)))
    n, mean = len(d), mp.fsum(d) / len(d)
    square = mp.fsum((gain - mean) ** 2 for gain in d)
    if n < 2 or not square:
        yield (mean, None, None, None, None, None), DIGITS + "the mean"
        return
    error = mp.sqrt(square / (n - 1) / n)
    start = mp.mpf(st.t.isf((1 - float(level)) / 2, n - 1))
    reach = mp.findroot(
        lambda t: student(t, n - 1) - (1 - mp.mpf(level)), start, tol=mp.mpf(10) ** -40
    )
    statistic = mean / error
    yield (
        (
            mean,
            mean - reach * error,
            mean + reach * error,
            statistic,
            n - 1,
            student(statistic, n - 1),
        ),
        DIGITS + "the formula, with the quantile by iteration",
    )
    found = st.ttest_rel([float(x) for x in after.split()], [float(x) for x in before.split()])
    limits = found.confidence_interval(float(level))
    yield (
        (mean, limits.low, limits.high, found.statistic, int(found.df), found.pvalue),
        f"{SCIPY}: ttest_rel(after, before)",
    )


def reliable_change(before, after, sd, reliability, higher_is_better, level):
    values = (float(word) for word in (before, after, sd, reliability))
    before, after, sd, reliability = map(mp.mpf, values)
    index = (after - before) / (sd * mp.sqrt(2 * (1 - reliability)))
    better = (index > 0) == (higher_is_better == "true")
    change = ("better" if better else "worse") if abs(index) > z_of(level) else "no reliable change"
    yield (index, change), DIGITS + "the formula"


# ── Writing ───────────────────────────────────────────────────────────────────────────


def add(name, first_output, witness, extra=()):
    """Rows for the inputs of one table, and for extra ones."""
    path = HERE / f"{name}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        columns, table = reader.fieldnames, list(reader)
    inputs = columns[: columns.index(first_output)]
    asked = dict.fromkeys(tuple(row[c] for c in inputs) for row in table) | dict.fromkeys(extra)
    rows = [[row[c] for c in columns] for row in table]
    rows += [[*case, *map(text, figures), by] for case in asked for figures, by in witness(*case)]
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([columns, *rows])


def main():
    splits = [
        (0, 0),
        (0, 1),
        (1, 0),
        (0, 5),
        (5, 0),
        (1, 1),
        (1, 7),
        (7, 1),
        (6, 16),
        (12, 12),
        (59, 121),
    ]
    splits += [(86, 150), (3, 400), (2, 2), (10, 25), (30, 1), (1000, 1100), (20, 19), (3, 4000)]
    add(
        "mcnemar",
        "value",
        mcnemar,
        [(str(b), str(c), "mid-p", level) for b, c in splits for level in ("0.9", "0.95")],
    )
    far = [("300000000", "1000", "900", "700000000"), ("1", "1000000000", "1000000000", "1")]
    add("paired_difference", "value", paired_difference, [(*case, "0.95") for case in far])
    still = ("7 8 9", "7 8 9")
    add(
        "signed_rank",
        "statistic",
        signed_rank,
        [(*still, m, "two-sided") for m in ("auto", "exact", "normal")],
    )
    add("paired_t", "value", paired_t)
    add("reliable_change", "value", reliable_change)


if __name__ == "__main__":
    main()
