"""Writes the tables of the distributions with 50 digits; make_distributions.R then adds R's figures for the same inputs.

Needs mpmath:  python make_distributions.py && Rscript make_distributions.R
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN201

import csv
from pathlib import Path

import mpmath as mp
from distributions_by_digits import (
    beta_quantile,
    beta_tails,
    binomial,
    fisher_f,
    fisher_f_quantiles,
    gamma_quantiles,
    gamma_tails,
    hypergeometric,
    noncentral_hypergeometric,
    normal,
    normal_quantiles,
    poisson,
    student,
    student_quantile,
)

HERE = Path(__file__).parent
DIGITS = f"mpmath {mp.__version__}, 50 digits: "

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
