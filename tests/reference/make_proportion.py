"""Adds more witnesses to the table that make_proportion.R wrote: statsmodels, SciPy, whole numbers and 50 digits.

Needs statsmodels, scipy and mpmath:  Rscript make_proportion.R && python make_proportion.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202

import csv
from fractions import Fraction
from math import comb
from pathlib import Path

import mpmath as mp
import numpy as np
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.proportion import proportion_confint

TABLE = Path(__file__).parent / "proportion.csv"
STATSMODELS = f"statsmodels {statsmodels.__version__}: "
SCIPY = f"scipy {scipy.__version__}: "
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def z_of(level):
    """The two-sided normal quantile of a level as the computer holds it."""
    level = mp.mpf(level)
    z = mp.mpf(st.norm.isf((1 - float(level)) / 2)) if level > 0.5 else level * mp.sqrt(mp.pi / 2)
    for _ in range(8):
        z += (mp.erfc(z / mp.sqrt(2)) - (1 - level)) / (2 * mp.npdf(z))
    return z


def density(x, a, b):
    """That of the beta distribution."""
    ln_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    return mp.exp((a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x) - ln_beta)


def below(x, a, b):
    """I_x(a, b) by the series x^a (1 - x)^b / (a B(a, b)) * 2F1(a + b, 1; a + 1; x), from the nearer end."""
    if 2 * x > 1:
        return 1 - below(1 - x, b, a)
    term, total, k = mp.mpf(1), mp.mpf(1), 0
    while term > total * mp.mpf(10) ** -50:
        term *= (a + b + k) * x / (a + 1 + k)
        total += term
        k += 1
    return density(x, a, b) * x * (1 - x) / a * total


def root(start, tail, size, slope):
    """The x where `size` is `tail`, by Newton's method on its logarithm over that of x."""
    x = mp.mpf(start)
    for _ in range(60):
        now = size(x)
        step = mp.log(now / tail) * now / (x * slope(x))
        x *= mp.exp(-max(min(step, 1), -1))
        if abs(step) < mp.mpf(10) ** -30:
            break
    return x


def limit(method, x, n, tail, upper):
    """The lower or the upper limit, by the beta distribution."""
    x, n, half = mp.mpf(x), mp.mpf(n), mp.mpf(1) / 2
    if x == (n if upper else 0):
        return mp.mpf(1 if upper else 0)
    exact, beyond = (x, n - x + 1), (x + 1, n - x)
    if upper:
        exact, beyond = beyond, exact
    shapes = {
        "clopper-pearson": [exact],
        "jeffreys": [(x + half, n - x + half)],
        "mid-p": [shape for shape in (exact, beyond) if min(shape) > 0],
    }[method]
    weight = half if method == "mid-p" else 1
    inverse = st.beta.isf if upper else st.beta.ppf
    if upper:
        return root(
            inverse(float(tail), *map(float, shapes[0])),
            tail,
            lambda p: weight * sum(1 - below(p, a, b) for a, b in shapes),
            lambda p: -weight * sum(density(p, a, b) for a, b in shapes),
        )
    return root(
        inverse(float(tail), *map(float, shapes[0])),
        tail,
        lambda p: weight * sum(below(p, a, b) for a, b in shapes),
        lambda p: weight * sum(density(p, a, b) for a, b in shapes),
    )


def whole_numbers(x, n, size, level):
    """The least and the most K of `size` that neither one-sided test refuses, in whole numbers."""
    tail = (1 - Fraction(level)) / 2

    def least(x, n):  # the tail P(X >= x) grows with K
        low, high = x, size - (n - x)
        while low < high:
            has = (low + high) // 2
            ways = sum(comb(has, i) * comb(size - has, n - i) for i in range(x, min(n, has) + 1))
            low, high = (low, has) if ways > tail * comb(size, n) else (has + 1, high)
        return low

    return least(x, n), size - least(n - x, n)


def many_digits(x, n, size, level):
    """The same for a large population and a small sample, by 50 digits."""
    tail = (1 - mp.mpf(level)) / 2

    def ln_choose(a, b):
        return mp.loggamma(a + 1) - mp.loggamma(b + 1) - mp.loggamma(a - b + 1)

    def least(x):
        low, high = x, size - (n - x)
        while low < high:
            has = (low + high) // 2
            # P(X < x), from x - 1 downwards; the rest is the tail
            rest = mp.fsum(
                mp.exp(ln_choose(has, i) + ln_choose(size - has, n - i) - ln_choose(size, n))
                for i in range(max(0, n - size + has), min(x, has + 1))
            )
            low, high = (low, has) if 1 - rest > tail else (has + 1, high)
        return low

    return least(x), size - least(n - x)


def closed(method, x, n, population, level):
    """Wilson, Agresti-Coull and Wald with 50 digits, with the finite population correction if there is one."""
    z, p = z_of(level), mp.mpf(x) / n
    if population is not None:
        if population == n:
            return p, p
        z *= mp.sqrt(mp.mpf(population - n) / (population - 1))
    size = mp.mpf(n) if method == "wald" else n + z * z
    centre = p if method == "wald" else (x + z * z / 2) / size
    inside = centre * (1 - centre) / size
    if method == "wilson":
        inside = (n * p * (1 - p) + z * z / 4) / size**2
    reach = z * mp.sqrt(inside)
    return max(centre - reach, 0), min(centre + reach, 1)


def without_population(method, x, n, level):
    level_is_usual = level == "0.95"
    names = {
        "clopper-pearson": "beta",
        "mid-p": None,
        "agresti-coull": "agresti_coull",
        "wald": "normal",
    }
    name = names.get(method, method)
    # three of 10^9: SciPy 1.17.1's beta.isf, and with it statsmodels, is 5 parts in 10^9 off, by four terms with 40 digits;
    # statsmodels' Jeffreys interval keeps the posterior's own limits for 0 of n and n of n
    wrong = method == "clopper-pearson" and n == 10**9
    if level_is_usual and name and not wrong and (method != "jeffreys" or 0 < x < n):
        yield (
            proportion_confint(x, n, alpha=1 - float(level), method=name),
            f"{STATSMODELS}proportion_confint(x, n, alpha=1 - level, method='{name}')",
        )
    if level in {"0.8", "0.9", "0.99"} or min(x, n) > 10**6:
        return
    if method in {"clopper-pearson", "jeffreys", "mid-p"}:
        tail = (1 - mp.mpf(float(level))) / 2
        limits = [limit(method, x, n, tail, upper) for upper in (False, True)]
        yield limits, DIGITS + "root of the beta distribution's series"
    else:
        yield closed(method, x, n, None, float(level)), DIGITS + "the formula"


def with_population(method, x, n, size, level):
    if method != "hypergeometric":
        yield closed(method, x, n, size, float(level)), DIGITS + "the formula"
        return
    if size <= 5000:
        least, most = whole_numbers(x, n, size, level)
        by = "Python: whole numbers"
    else:
        least, most = many_digits(x, n, size, level)
        by = DIGITS + "the hypergeometric sum"
    yield (mp.mpf(least) / size, mp.mpf(most) / size), by
    if size <= 5000:
        has = np.arange(x, size - n + x + 1)
        tail = (1 - float(level)) / 2 * (1 + 1e-10)  # a tail of just alpha / 2 is refused
        least = has[st.hypergeom.sf(x - 1, size, has, n) > tail].min()
        most = has[st.hypergeom.cdf(x, size, has, n) > tail].max()
        yield (
            (least / size, most / size),
            SCIPY + "least and most K with hypergeom.sf, .cdf above alpha / 2",
        )


def main():
    with TABLE.open(newline="") as file:
        known = dict.fromkeys(
            tuple(row[c] for c in ("method", "x", "n", "population", "level"))
            for row in csv.DictReader(file)
        )
    far = [
        (x, n, level)
        for x, n in (("1", "1000000000000"), ("300000000000", "1000000000000"), ("3", "25"))
        for level in ("0.01", "0.999999999")
    ]
    for method in ("wilson", "agresti-coull"):
        known.update(dict.fromkeys((method, x, n, "", level) for x, n, level in far))
    for method in ("clopper-pearson", "jeffreys", "mid-p"):
        for x, n in (
            ("3", "25"),
            ("0", "25"),
            ("24", "25"),
            ("3", "1000000000"),
            ("70000", "200000"),
        ):
            known.update(
                dict.fromkeys(
                    (method, x, n, "", level) for level in ("0.01", "0.95", "0.999999999")
                )
            )
    for x, n, size in (
        ("12", "100", "1000000"),
        ("0", "250", "123456"),
        ("3", "40", "1000000000"),
        ("200", "200", "70000"),
    ):
        known.update(
            dict.fromkeys(
                ("hypergeometric", x, n, size, level) for level in ("0.8", "0.95", "0.998")
            )
        )
    with TABLE.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for method, x, n, population, level in known:
            inputs = method, int(x), int(n)
            answers = (
                with_population(*inputs, int(population), level)
                if population
                else without_population(*inputs, level)
            )
            share = mp.mpf(int(x)) / int(n)
            for limits, by in answers:
                lower, upper = limits
                # By this crate's rule 0 of n starts at 0, and n of n ends at 1, in every method.
                if population != n:
                    lower, upper = max(0, lower if x != "0" else 0), min(1, upper if x != n else 1)
                # Where nearly all were asked, no K / N need be as near to 1 as x / n is.
                shown = [repr(float(v)) for v in (share, min(lower, share), max(upper, share))]
                writer.writerow([method, x, n, population, level, *shown, by])


if __name__ == "__main__":
    main()
