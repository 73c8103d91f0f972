"""Writes the tables of the distributions with 50 digits; make_distributions.R then adds R's figures for the same inputs.

Needs mpmath:  python make_distributions.py && Rscript make_distributions.R
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201

import csv
from fractions import Fraction
from math import comb
from pathlib import Path

import mpmath as mp

HERE = Path(__file__).parent
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
FEW = 5000  # where so few are expected, a lower tail with 400 digits leaves the upper one


def total(first, ratio, digits=45):
    """Σ of terms from `first` on, each `ratio(k)` times the last."""
    term = sum_ = mp.mpf(first)
    k = 0
    while term > sum_ * mp.mpf(10) ** -digits:
        term *= ratio(k)
        sum_ += term
        k += 1
    return sum_


def ln_choose(n, k):
    return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


def gamma_lower(x, a, digits):
    return mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * total(
        1, lambda k: x / (a + 1 + k), digits
    )


def gamma_upper(x, a):
    """Legendre's continued fraction, from ever deeper down."""
    depth, value, before = 100, mp.mpf(1), mp.mpf(0)
    while abs(value - before) > abs(value) * mp.mpf(10) ** -30:
        depth, before, inner = 2 * depth, value, mp.mpf(0)
        for n in range(depth, 0, -1):
            inner = n * (a - n) / (x + 2 * n + 1 - a + inner)
        value = 1 / (x + 1 - a + inner)
    return mp.exp(a * mp.log(x) - x - mp.loggamma(a)) * value


def gamma_tails(x, a):
    if x <= 0:
        return mp.mpf(0), mp.mpf(1)
    if x <= FEW:
        with mp.workdps(400):
            lower = gamma_lower(mp.mpf(x), mp.mpf(a), 395)
            return lower, 1 - lower
    x, a = mp.mpf(x), mp.mpf(a)
    if x <= a:
        lower = gamma_lower(x, a, 45)
        return lower, 1 - lower
    upper = gamma_upper(x, a)
    return 1 - upper, upper


def beta_lower(x, y, a, b, digits):
    start = a * mp.log(x) + b * mp.log(y) + mp.loggamma(a + b) - mp.loggamma(a + 1) - mp.loggamma(b)
    return mp.exp(start) * total(1, lambda k: (a + b + k) / (a + 1 + k) * x, digits)


def beta_tails(x, a, b, y=None):
    """Of a beta variable at x = 1 − y; one of the two may be a function of mp, to be had with more digits."""
    with mp.workdps(400):
        x = mp.mpf(x() if callable(x) else x)
        y = 1 - x if y is None else y()
        a, b = mp.mpf(a), mp.mpf(b)
        if x <= 0 or y <= 0:
            return (mp.mpf(0), mp.mpf(1)) if x <= 0 else (mp.mpf(1), mp.mpf(0))
        few = (a + b) * min(x, y) <= (FEW if min(x, y) > 0.01 else 100 * FEW)
        if few and x <= y:
            lower = beta_lower(x, y, a, b, 395)
            return lower, 1 - lower
        if few:
            upper = beta_lower(y, x, b, a, 395)
            return 1 - upper, upper
    with mp.workdps(60):
        if x * (a + b) <= a:
            lower = beta_lower(x, y, a, b, 45)
            return lower, 1 - lower
        upper = beta_lower(y, x, b, a, 45)
        return 1 - upper, upper


def root(tail, p, start, slope):
    """v with tail(v) = p, by Newton's method on logarithms; `slope` is v times the derivative of the tail."""
    v, p = mp.mpf(start), mp.mpf(p)
    for _ in range(200):
        here = tail(v)
        if here < mp.mpf(10) ** -380:  # less than the digits that the other tail has
            v *= 2
            continue
        step = mp.log(p / here) * here / slope(v)
        v *= mp.exp(max(min(step, 50), -50))
        if abs(step) < mp.mpf(10) ** -18:
            return v
    raise ArithmeticError(p)


def gamma_quantiles(p, a):
    a = mp.mpf(a)
    spread = max(a, 1)
    density = lambda x: mp.exp(a * mp.log(x) - x - mp.loggamma(a))  # noqa: E731
    z = mp.sqrt(-2 * mp.log(mp.mpf(p))) if p < 0.4 else mp.mpf("0.3")
    below = (
        max(
            a * (1 - 1 / (9 * a) - z / (3 * mp.sqrt(a))) ** 3,
            mp.exp((mp.log(p) + mp.loggamma(a + 1)) / a),
        )
        if a > z
        else a / 10
    )
    above = a + z * mp.sqrt(spread) + z * z / 2
    lower = root(lambda x: gamma_tails(x, a)[0], p, min(below, a), density)
    upper = root(lambda x: gamma_tails(x, a)[1], p, above, lambda x: -density(x))
    return lower, upper


def beta_quantile(p, a, b):
    """x below which p lies, in odds."""
    a, b = mp.mpf(a), mp.mpf(b)
    ln_beta = mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)
    density = lambda v: mp.exp(a * mp.log(v) - (a + b) * mp.log1p(v) - ln_beta)  # noqa: E731
    z = mp.sqrt(-2 * mp.log(mp.mpf(p))) if p < 0.4 else mp.mpf("0.3")
    start = (
        max(
            a / b * mp.exp(-z * mp.sqrt(1 / a + 1 / b)),
            mp.exp((mp.log(p) + mp.log(a) + ln_beta) / a),
        )
        if b >= 1
        else a / b
    )
    tail = lambda v: beta_tails(lambda: v / (1 + v), a, b, lambda: 1 / (1 + v))[0]  # noqa: E731
    odds = root(tail, p, start, density)
    return odds / (1 + odds), odds


def hypergeometric(x, marked, unmarked, drawn):
    lowest, highest = max(0, drawn - unmarked), min(marked, drawn)
    if not lowest <= x <= highest:
        return mp.mpf(0), mp.mpf(x > highest), mp.mpf(x < lowest)
    if marked + unmarked <= 2000:
        ways = [comb(marked, k) * comb(unmarked, drawn - k) for k in range(lowest, highest + 1)]
        at = x - lowest
        shares = [
            Fraction(part, sum(ways)) for part in (ways[at], sum(ways[: at + 1]), sum(ways[at:]))
        ]
        return tuple(mp.mpf(s.numerator) / s.denominator for s in shares)
    at = mp.exp(
        ln_choose(mp.mpf(marked), x)
        + ln_choose(mp.mpf(unmarked), drawn - x)
        - ln_choose(mp.mpf(marked + unmarked), drawn)
    )
    up = lambda k: mp.mpf((marked - k) * (drawn - k)) / ((k + 1) * (unmarked - drawn + k + 1))  # noqa: E731
    if (x + 1) * (marked + unmarked + 2) > (marked + 1) * (drawn + 1):
        above = at * total(1, lambda j: up(x + j), 30)
        return at, 1 - above + at, above
    below = at * total(1, lambda j: 1 / up(x - j - 1) if x - j > lowest else mp.mpf(0), 30)
    return at, below, 1 - below + at


def noncentral_hypergeometric(x, marked, unmarked, drawn, odds):
    lowest, highest = max(0, drawn - unmarked), min(marked, drawn)
    terms, term = [], mp.mpf(1)
    for k in range(lowest, highest + 1):
        terms.append(term)
        if k < highest:
            term *= (
                mp.mpf((marked - k) * (drawn - k))
                / ((k + 1) * (unmarked - drawn + k + 1))
                * mp.mpf(odds)
            )
    below = sum((t for k, t in enumerate(terms, lowest) if k <= x), mp.mpf(0))
    above = sum((t for k, t in enumerate(terms, lowest) if k >= x), mp.mpf(0))
    mean = sum((k * t for k, t in enumerate(terms, lowest)), mp.mpf(0))
    return below / sum(terms), above / sum(terms), mean / sum(terms)


def student(t, df):
    square, df = mp.mpf(t) ** 2, mp.mpf(df)
    two = beta_tails(
        lambda: df / (df + square), df / 2, mp.mpf(1) / 2, lambda: square / (df + square)
    )[0]
    return two, two / 2 if t >= 0 else 1 - two / 2


def student_quantile(level, df):
    df = mp.mpf(df)
    odds = (
        beta_quantile(level, mp.mpf(1) / 2, df / 2)[1]
        if level <= 0.5
        else 1 / beta_quantile(1 - mp.mpf(level), df / 2, mp.mpf(1) / 2)[1]
    )
    return (mp.sqrt(odds * df),)


def fisher_f(f, df1, df2):
    f, df1, df2 = mp.mpf(f), mp.mpf(df1), mp.mpf(df2)
    return beta_tails(
        lambda: df1 * f / (df1 * f + df2), df1 / 2, df2 / 2, lambda: df2 / (df1 * f + df2)
    )


def fisher_f_quantiles(p, df1, df2):
    df1, df2 = mp.mpf(df1), mp.mpf(df2)
    lower = beta_quantile(p, df1 / 2, df2 / 2)[1] * df2 / df1
    return lower, df2 / df1 / beta_quantile(p, df2 / 2, df1 / 2)[1]


def binomial(x, n, p):
    at = mp.exp(ln_choose(mp.mpf(n), x) + x * mp.log(mp.mpf(p)) + (n - x) * mp.log(1 - mp.mpf(p)))
    lower = mp.mpf(1) if x >= n else beta_tails(p, x + 1, n - x)[1]
    return at, lower, mp.mpf(1) if x == 0 else beta_tails(p, x, n - x + 1)[0]


def poisson(x, mean):
    at = mp.exp(x * mp.log(mp.mpf(mean)) - mp.mpf(mean) - mp.loggamma(x + 1))
    return at, gamma_tails(mean, x + 1)[1], mp.mpf(1) if x == 0 else gamma_tails(mean, x)[0]


def normal(z):
    z = mp.mpf(z)
    return (
        mp.erfc(-z / mp.sqrt(2)) / 2,
        mp.erfc(z / mp.sqrt(2)) / 2,
        mp.exp(-z * z / 2) / mp.sqrt(2 * mp.pi),
    )


def normal_quantiles(p):
    z = (
        mp.sqrt(mp.mpf(2)) * mp.erfinv(1 - 2 * mp.mpf(p))
        if p > 0.01
        else mp.sqrt(-2 * mp.log(mp.mpf(p))) - mp.mpf("0.2")
    )
    for _ in range(60):
        tail = normal(z)
        z += mp.log(tail[1] / mp.mpf(p)) * tail[1] / tail[2]
    return -z, z


TAILS = [
    1e-300,
    1e-100,
    1e-20,
    1e-9,
    0.0005,
    0.001,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.2,
    0.25,
    0.4,
    0.5,
]

GAMMA = [
    *[(x, 0.5) for x in (1e-12, 0.001, 0.3, 1.4, 1.6, 4, 30, 600)],
    *[(x, 1) for x in (1e-9, 0.5, 2, 690)],
    *[(x, 2.75) for x in (0.01, 1, 2.75, 9, 80)],
    *[(x, 31.5) for x in (0.001, 8, 25, 31.5, 45, 400)],
    *[(x, 99.5) for x in (1, 50, 99, 130, 500)],
    *[(x, 100) for x in (1, 50, 99, 130, 500)],
    *[(x, 12345) for x in (9000, 11900, 12345, 12700, 16500)],
    *[(x, 1e6) for x in (965000, 999000, 1000000, 1001500, 1037000)],
    *[(x, 1e9) for x in (998830000, 999940000, 1000000000, 1000060000, 1001170000)],
]

BETA = [
    *[(x, 0.5, 0.5) for x in (1e-12, 0.1, 0.5, 0.75, 0.999)],
    *[(x, 1, 1) for x in (0, 0.25, 1)],
    *[(x, 3.5, 0.5) for x in (1e-9, 0.3, 0.6, 0.9, 0.99999)],
    *[(x, 2, 9) for x in (0.0001, 0.1, 0.2, 0.6, 0.95)],
    *[(x, 60.5, 41) for x in (0.001, 0.4, 0.6, 0.7, 0.99)],
    *[(x, 99, 250) for x in (0.01, 0.2, 0.28, 0.35, 0.8)],
    *[(x, 100, 250) for x in (0.01, 0.2, 0.28, 0.35, 0.8)],
    *[(x, 0.5, 1e6) for x in (1e-15, 1e-7, 1e-6, 1e-5, 0.0005)],
    *[(x, 1e9, 2) for x in (0.9999995, 0.999999997, 0.999999999)],
    *[(x, 80, 1e9) for x in (1e-9, 6e-8, 8e-8, 1.1e-7, 6e-7)],
    *[(x, 5000, 7000) for x in (0.27, 0.4, 0.4167, 0.43, 0.57)],
    *[(x, 3e5, 7e8) for x in (0.000407, 0.000426, 0.0004284, 0.000431, 0.000451)],
]

TABLES = {
    "ln_gamma": (
        ["x"],
        ["value"],
        "loggamma",
        lambda x: (mp.loggamma(mp.mpf(x)),),
        [
            (x,)
            for x in (
                1e-300,
                1e-9,
                0.1,
                0.3,
                0.5,
                0.75,
                0.9999,
                1.000001,
                1.2,
                1.5,
                1.75,
                1.99,
                1.9999999,
                2.00001,
                2.3,
                2.9,
                3,
                3.25,
                4.5,
                6,
                8.9,
                9.1,
                10,
                25.5,
                171,
                1000,
                123456.5,
                1e9,
                1e15,
            )
        ],
    ),
    "gamma": (
        ["x", "shape"],
        ["lower", "upper"],
        "series or continued fraction",
        gamma_tails,
        GAMMA,
    ),
    "gamma_quantile": (
        ["p", "shape"],
        ["lower", "upper"],
        "root of the tail",
        gamma_quantiles,
        [
            *[(p, a) for a in (1, 3, 50.5, 150) for p in TAILS],
            *[(p, 0.5) for p in TAILS if p > 1e-100],
            *[(p, a) for a in (1e4, 1e6) for p in (1e-300, 1e-9, 0.025)],
        ],
    ),
    "beta": (["x", "a", "b"], ["lower", "upper"], "power series", beta_tails, BETA),
    "beta_quantile": (
        ["p", "a", "b"],
        ["lower", "upper"],
        "root of the tail",
        lambda p, a, b: (beta_quantile(p, a, b)[0], 1 / (1 + beta_quantile(p, b, a)[1])),
        [
            *[
                (p, a, b)
                for a, b in ((1, 1), (1, 25), (2, 3), (4.5, 12.5), (50, 101), (150, 1000))
                for p in TAILS
            ],
            *[(p, 0.5, b) for b in (0.5, 40.5) for p in TAILS if p > 1e-100],
            *[
                (p, a, b)
                for a, b in ((2, 1e9), (1e9, 40), (3e4, 7e4))
                for p in (1e-300, 1e-9, 0.025, 0.5)
            ],
        ],
    ),
    "chi_squared_tail": (
        ["x", "df"],
        ["lower", "upper"],
        "series",
        lambda x, df: gamma_tails(mp.mpf(x) / 2, mp.mpf(df) / 2),
        [
            (x, df)
            for df in (1, 2, 3, 10, 99, 1500)
            for x in (0, 0.001, 0.5, 1, 3.84, 10, 100, 1400)
        ],
    ),
    "chi_squared_quantile": (
        ["p", "df"],
        ["lower", "upper"],
        "root of the tail",
        lambda p, df: tuple(2 * x for x in gamma_quantiles(p, mp.mpf(df) / 2)),
        [(p, df) for df in (1, 2, 5, 30, 300) for p in (1e-40, 1e-9, 0.001, 0.025, 0.05, 0.5)],
    ),
    "student": (
        ["t", "df"],
        ["two_sided", "upper"],
        "beta tail",
        student,
        [
            (t, df)
            for df in (0.5, 1, 2, 3.5, 10, 29, 200, 1e5, 1e9)
            for t in (-2, 0, 0.001, 0.7, 1, 2.5, 12, 35)
        ],
    ),
    "student_quantile": (
        ["level", "df"],
        ["t"],
        "root of the tail",
        student_quantile,
        [
            (level, df)
            for df in (1, 2, 2.5, 9, 50, 1000, 1e6)
            for level in (1e-9, 0.1, 0.5, 0.8, 0.95, 0.99, 0.998, 0.999999999)
        ],
    ),
    "fisher_f": (
        ["f", "df1", "df2"],
        ["lower", "upper"],
        "beta tail",
        fisher_f,
        [
            (f, a, b)
            for a, b in ((1, 1), (2, 10), (5, 3), (30, 200), (400, 700))
            for f in (0, 1e-6, 0.3, 1, 2.5, 20, 1e4)
        ],
    ),
    "fisher_f_quantile": (
        ["p", "df1", "df2"],
        ["lower", "upper"],
        "root of the tail",
        fisher_f_quantiles,
        [
            (p, a, b)
            for a, b in ((1, 1), (2, 10), (5, 3), (30, 200), (400, 700))
            for p in (1e-20, 1e-6, 0.001, 0.025, 0.3, 0.5)
        ],
    ),
    "binomial": (
        ["x", "n", "p"],
        ["probability", "lower", "upper"],
        "loggamma and power series",
        binomial,
        [
            (0, 1, 0.25),
            (1, 1, 0.25),
            (0, 10, 0.5),
            (3, 10, 0.5),
            (10, 10, 0.1),
            (0, 50, 1e-9),
            (2, 50, 1e-9),
            (50, 50, 0.001),
            (7, 25, 0.3),
            (24, 25, 0.999),
            (0, 1000, 0.5),
            (430, 1000, 0.5),
            (700, 1000, 0.5),
            (99, 100000, 0.001),
            (180, 100000, 0.001),
            (20, 100000, 0.001),
            (40, 1000000, 1e-8),
            (1000, 1000000, 0.0011),
            (0, 1000000000, 1e-7),
            (3, 1000000000, 1e-9),
            (100, 1000000000, 1e-7),
            (250, 1000000000, 1e-7),
            (300000000, 1000000000, 0.3),
            (299900000, 1000000000, 0.3),
            (300500000, 1000000000, 0.3),
            (999999990, 1000000000, 0.99999999),
        ],
    ),
    "poisson": (
        ["x", "mean"],
        ["probability", "lower", "upper"],
        "loggamma and gamma tail",
        poisson,
        [
            (0, 1e-9),
            (1, 1e-9),
            (0, 3),
            (3, 3),
            (4, 0.5),
            (50, 0.5),
            (150, 2),
            (1, 40),
            (25, 40),
            (40, 40),
            (90, 40),
            (300, 40),
            (0, 690),
            (99, 99),
            (100, 99),
            (150, 99),
            (12000, 12345),
            (12500, 12345),
            (16000, 12345),
            (999000, 1000000),
            (1036000, 1000000),
            (1000000000, 1000000000),
            (999950000, 1000000000),
            (1001100000, 1000000000),
        ],
    ),
    "hypergeometric": (
        ["x", "marked", "unmarked", "drawn"],
        ["probability", "lower", "upper"],
        "whole numbers or loggamma",
        hypergeometric,
        [
            (0, 1, 1, 1),
            (1, 1, 1, 1),
            (1, 2, 2, 2),
            (3, 4, 4, 4),
            (0, 5, 5, 0),
            (5, 5, 0, 5),
            (2, 5, 3, 5),
            (9, 5, 3, 5),
            (1, 5, 3, 5),
            (0, 20, 40, 25),
            (8, 20, 40, 25),
            (20, 20, 40, 25),
            (40, 60, 300, 90),
            (59, 60, 300, 90),
            (2, 60, 300, 90),
            (300, 500, 500, 500),
            (0, 900, 100, 100),
            (100, 900, 100, 100),
            (250, 1000, 3000, 1000),
            (330, 1000, 3000, 1000),
            (100, 1000, 3000, 1000),
            (40, 50000, 50000, 60),
            (0, 100, 1000000, 100),
            (3, 100, 1000000, 100),
            (25100, 50000, 150000, 100000),
            (26000, 50000, 150000, 100000),
            (23000, 50000, 150000, 100000),
            (500000, 1000000, 1000000, 1000000),
            (501000, 1000000, 1000000, 1000000),
            (4998000, 10000000, 10000000, 10000000),
            (5002000, 10000000, 10000000, 10000000),
            (30001500, 300000000, 700000000, 100000000),
            (29900000, 300000000, 700000000, 100000000),
            (5, 1000000, 999000000, 100),
        ],
    ),
    "noncentral_hypergeometric": (
        ["x", "marked", "unmarked", "drawn", "odds"],
        ["lower", "upper", "mean"],
        "sums of products",
        noncentral_hypergeometric,
        [
            (1, 2, 2, 2, 3),
            (0, 5, 5, 4, 0.5),
            (4, 5, 5, 4, 0.5),
            (2, 5, 5, 4, 100),
            (3, 5, 3, 5, 1e-6),
            (5, 5, 3, 5, 1e-6),
            (8, 20, 40, 25, 1),
            (8, 20, 40, 25, 2.25),
            (20, 20, 40, 25, 0.01),
            (0, 20, 40, 25, 1e9),
            (19, 20, 40, 25, 1e9),
            (40, 60, 300, 90, 4),
            (5, 60, 300, 90, 4),
            (59, 60, 300, 90, 0.3),
            (0, 60, 300, 90, 0.3),
            (300, 500, 500, 500, 2),
            (400, 500, 500, 500, 2),
            (250, 1000, 3000, 1000, 0.9),
            (330, 1000, 3000, 1000, 1.5),
            (500, 1000, 3000, 1000, 1e4),
            (3, 100, 1000000, 100, 30),
            (40, 100, 1000000, 100, 3000),
            (25100, 50000, 150000, 100000, 1.01),
            (30000, 50000, 150000, 100000, 2.5),
        ],
    ),
    "normal_one_sided": (
        ["z"],
        ["lower", "upper", "density"],
        "erfc",
        normal,
        [
            (z,)
            for z in (
                -37,
                -20,
                -8,
                -5,
                -3,
                -1.96,
                -1,
                -0.7,
                -0.5,
                -0.1,
                -1e-9,
                0,
                1e-9,
                0.1,
                0.5,
                0.7,
                1,
                1.5,
                1.96,
                3,
                5,
                8,
                13.5,
                20,
                37,
            )
        ],
    ),
    "normal_one_sided_quantile": (
        ["p"],
        ["lower", "upper"],
        "root of erfc",
        normal_quantiles,
        [
            (p,)
            for p in (
                *TAILS,
                1e-250,
                1e-50,
                1e-30,
                1e-15,
                1e-6,
                0.15,
                0.3,
                0.45,
                0.4999,
                0.499999999,
            )
        ],
    ),
}


def main():
    for name, (inputs, outputs, how, formula, cases) in TABLES.items():
        with (HERE / f"{name}.csv").open("w", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow([*inputs, *outputs, "computed_by"])
            for case in cases:
                figures = [mp.nstr(+v, 17, strip_zeros=True) for v in formula(*case)]
                out.writerow([*(f"{v:.15g}" for v in case), *figures, DIGITS + how])


if __name__ == "__main__":
    mp.mp.dps = 50
    main()
