"""Adds more witnesses to the tables that make_evidence.R wrote: whole numbers, SciPy, and 40 digits.

Needs scipy and mpmath:  Rscript make_evidence.R && python make_evidence.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202

import csv
from fractions import Fraction
from functools import cache
from pathlib import Path

import mpmath as mp
import scipy
import scipy.stats as st
from scipy.integrate import quad
from scipy.optimize import brentq

HERE = Path(__file__).parent
SCIPY = f"scipy {scipy.__version__}: "
DIGITS = f"mpmath {mp.__version__}, 40 digits: "
mp.mp.dps = 40


def e_value(ratio):
    ratio = max(ratio, 1 / ratio)
    return ratio + mp.sqrt(ratio * (ratio - 1))


def larger(a1, b1, a2, b2):
    """P(p1 > p2) for whole shapes, in whole numbers (the sum of E. Miller, 2014, formula 6)."""

    def ratio_of_gammas(top, bottom):
        numerator = denominator = 1
        for k in top:
            for i in range(1, k):
                numerator *= i
        for k in bottom:
            for i in range(1, k):
                denominator *= i
        return Fraction(numerator, denominator)

    total = Fraction(0)
    for i in range(a1):
        beta_joint = ratio_of_gammas((a2 + i, b1 + b2), (a2 + i + b1 + b2,))
        beta_i = ratio_of_gammas((1 + i, b1), (1 + i + b1,))
        beta_2 = ratio_of_gammas((a2, b2), (a2 + b2,))
        total += beta_joint / ((b1 + i) * beta_i * beta_2)
    return total


def below_whole(d, a1, b1, a2, b2):
    """P(p1 - p2 < d) for whole shapes: the integral of a polynomial, with 40 digits, exactly but for rounding."""
    # F1(u) = sum over j >= a1 of C(m, j) u^j (1 - u)^(m - j), m = a1 + b1 - 1, at u = y + d; Gauss-Legendre of enough nodes
    m = a1 + b1 - 1
    low, high = max(mp.mpf(0), -d), min(mp.mpf(1), 1 - d)

    def first(u):
        return mp.fsum(mp.binomial(m, j) * u**j * (1 - u) ** (m - j) for j in range(a1, m + 1))

    scale = 1 / mp.beta(a2, b2)

    def inside(y):
        return scale * y ** (a2 - 1) * (1 - y) ** (b2 - 1) * first(y + d)

    nodes = (m + a2 + b2) // 2 + 1
    total = mp.fsum(w * inside(low + (high - low) * x) for x, w in legendre(nodes)) * (high - low)
    if d > 0:  # above 1 - d the first is the smaller one whatever it is
        total += 1 - mp.betainc(a2, b2, 0, 1 - d, regularized=True)
    return total


@cache
def legendre(n):
    """Nodes and weights on (0, 1), exact for polynomials up to degree 2n - 1."""
    pairs = []
    for i in range(n):
        x = mp.cos(mp.pi * (i + mp.mpf(3) / 4) / (n + mp.mpf(1) / 2))
        for _ in range(8):
            before, value = mp.mpf(1), x
            for k in range(2, n + 1):
                before, value = value, ((2 * k - 1) * x * value - (k - 1) * before) / k
            slope = n * (x * value - before) / (x * x - 1)
            x -= value / slope
        pairs.append(((1 - x) / 2, 1 / ((1 - x * x) * slope**2)))
    return pairs


def below(d, a1, b1, a2, b2):
    """The same for any shapes, by tanh-sinh quadrature cut where the other share comes to 0 or 1."""
    cuts = sorted({mp.mpf(0), mp.mpf(1)} | {y for y in (-d, 1 - d) if 0 < y < 1})
    middle = [
        q
        for q in (mp.mpf(float(st.beta.ppf(p, float(a2), float(b2)))) for p in (0.01, 0.5, 0.99))
        if 0 < q < 1
    ]
    scale = 1 / mp.beta(a2, b2)

    def inside(y):
        u = y + d
        if u <= 0:
            return mp.mpf(0)
        first = mp.mpf(1) if u >= 1 else mp.betainc(a1, b1, 0, u, regularized=True)
        return scale * y ** (a2 - 1) * (1 - y) ** (b2 - 1) * first

    return mp.quad(inside, sorted(set(cuts) | set(middle)), maxdegree=8)


def about(p, shapes):
    """The p-quantile of p1 - p2 to some 8 digits, as a start."""
    a1, b1, a2, b2 = map(float, shapes)

    def excess(d):
        cuts = [y for y in (-d, 1 - d, *st.beta.ppf([0.01, 0.5, 0.99], a2, b2)) if 0 < y < 1]
        return (
            quad(
                lambda y: st.beta.pdf(y, a2, b2) * st.beta.cdf(y + d, a1, b1),
                0,
                1,
                points=cuts,
                limit=200,
            )[0]
            - p
        )

    return brentq(excess, -1, 1, xtol=1e-9)


def quantile(p, shapes, size):
    d0 = mp.mpf(about(float(p), shapes))
    d1 = d0 + mp.mpf("1e-7") * (1 - abs(d0))
    f0, f1 = size(d0) - p, size(d1) - p
    for _ in range(4):
        d0, d1, f0 = d1, d1 - f1 * (d1 - d0) / (f1 - f0), f1
        f1 = size(d1) - p
        if abs(f1) < mp.mpf(10) ** -17:
            break
    return d1


def limits(level, shapes, size):
    tail = (1 - mp.mpf(float(level))) / 2
    return [quantile(p, shapes, size) for p in (tail, 1 - tail)]


def main():
    with (HERE / "posterior_share.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    with (HERE / "posterior_share.csv").open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in table:
            x, n, level = int(row["x"]), int(row["n"]), float(row["level"])
            if n > 10_000:
                continue
            a, b = map(float, row["prior"].split())
            share = st.beta(x + a, n - x + b)
            values = share.mean(), share.ppf((1 - level) / 2), share.isf((1 - level) / 2)
            writer.writerow(
                [
                    x,
                    n,
                    row["prior"],
                    row["level"],
                    *map(repr, map(float, values)),
                    SCIPY + "beta.mean, ppf, isf",
                ]
            )
    whole = [
        (1, 1, 0, 1), (0, 1, 0, 1), (3, 25, 7, 10), (9, 10, 3, 10), (0, 10, 0, 20), (10, 10, 0, 20), (10, 10, 20, 20), (1, 2, 1, 2), (5, 28, 0, 15),
        (13, 25, 13, 25), (0, 3, 5, 5), (2, 6, 7, 7), (20, 30, 11, 35), (0, 40, 1, 2),
    ]  # fmt: skip
    half = [
        (0, 1, 1, 1),
        (3, 25, 7, 10),
        (0, 10, 0, 20),
        (10, 10, 3, 20),
        (1, 2, 1, 2),
        (0, 100, 4, 9),
        (56, 70, 48, 80),
    ]
    with (HERE / "posterior_difference.csv").open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for index, (x1, n1, x2, n2) in enumerate(whole):
            level = ("0.95", "0.8", "0.998")[index % 3]
            shapes = x1 + 1, n1 - x1 + 1, x2 + 1, n2 - x2 + 1
            mean = Fraction(x1 + 1, n1 + 2) - Fraction(x2 + 1, n2 + 2)
            lower, upper = limits(level, shapes, lambda d, s=shapes: below_whole(d, *s))
            values = [mean, lower, upper, larger(*shapes)]
            by = (
                "Python: whole numbers for value and probability; "
                + DIGITS
                + "exact quadrature of a polynomial for the limits"
            )
            writer.writerow([x1, n1, x2, n2, "1 1", level, *(repr(float(v)) for v in values), by])
        for x1, n1, x2, n2 in half:
            shapes = [mp.mpf(v) + 0.5 for v in (x1, n1 - x1, x2, n2 - x2)]
            mean = shapes[0] / (n1 + 1) - shapes[2] / (n2 + 1)
            size = lambda d, s=shapes: below(d, *s)  # noqa: E731
            mp.mp.dps = 20
            lower, upper = limits("0.95", shapes, size)
            values = [mean, lower, upper, 1 - below(mp.mpf(0), *shapes)]
            mp.mp.dps = 40
            by = DIGITS.replace("40", "20") + "quadrature of betainc"
            writer.writerow(
                [x1, n1, x2, n2, "0.5 0.5", 0.95, *(repr(float(v)) for v in values), by]
            )
    with (HERE / "e_value.csv").open(newline="") as file:
        table = list(csv.DictReader(file))
    with (HERE / "e_value.csv").open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in table:
            inputs = [row[c] for c in ("ratio", "lower", "upper", "kind")]
            ratio, lower, upper = (mp.mpf(float(v)) if v else None for v in inputs[:3])
            scale = mp.sqrt if row["kind"] == "odds_ratio" else mp.mpf
            nearer = lower if ratio >= 1 else upper
            limit = ""
            if nearer is not None:
                across = nearer <= 1 if ratio >= 1 else nearer >= 1
                limit = repr(1.0 if across else float(e_value(scale(nearer))))
            writer.writerow(
                [*inputs, repr(float(e_value(scale(ratio)))), limit, DIGITS + "the formula"]
            )


if __name__ == "__main__":
    main()
