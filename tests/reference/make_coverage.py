"""Adds more witnesses to the tables that make_coverage.R wrote: statsmodels with SciPy, and the mid-p interval by tests.

Needs statsmodels and scipy:  Rscript make_coverage.R && python make_coverage.py
"""

# Every argument is a number or an array of numpy's.
# ruff: noqa: ANN001, ANN201, ANN202

import csv
from pathlib import Path

import numpy as np
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.proportion import proportion_confint

HERE = Path(__file__).parent
SCIPY = f"scipy {scipy.__version__}: "
STATSMODELS = f"statsmodels {statsmodels.__version__}: "
TRUTHS = [
    (1, 0.3),
    (7, 0.5),
    (10, 0.12),
    (25, 0.83),
    (100, 0.02),
    (250, 0.4),
    (1000, 0.003),
    (10_000, 0.5),
    (100_000, 0.001),
]
NAMES = {
    "wilson": "wilson",
    "clopper-pearson": "beta",
    "jeffreys": "jeffreys",
    "agresti-coull": "agresti_coull",
    "wald": "normal",
}


def figures(truth, chance, lower, upper):
    return [
        chance[(lower <= truth) & (truth <= upper)].sum(),
        chance[upper < truth].sum(),
        chance[lower > truth].sum(),
        (chance * (upper - lower)).sum(),
    ]


def mid_p_limits(x, n, level):
    """By halving, all counts at once."""
    tail = (1 - level) / 2

    def share(*, above):
        low, high = np.zeros(len(x)), np.ones(len(x))
        for _ in range(70):
            p = (low + high) / 2
            half = st.binom.pmf(x, n, p) / 2
            size = half + (st.binom.sf(x, n, p) if above else st.binom.cdf(x - 1, n, p))
            down = (size > tail) == above
            low, high = np.where(down, low, p), np.where(down, p, high)
        return (low + high) / 2

    lower, upper = share(above=True), share(above=False)
    return np.where(x == 0, 0, lower), np.where(x == n, 1, upper)


def main():
    with (HERE / "coverage.csv").open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for n, p in TRUTHS:
            x = np.arange(n + 1)
            chance = st.binom.pmf(x, n, p)
            if n > 1000:
                x, chance = x[chance > 1e-25], chance[chance > 1e-25]
            for method, name in NAMES.items():
                lower, upper = proportion_confint(x, n, alpha=1 - 0.95, method=name)
                # By this crate's rule 0 of n starts at 0 and n of n ends at 1.
                lower, upper = (
                    np.where(x == 0, 0, np.maximum(lower, 0)),
                    np.where(x == n, 1, np.minimum(upper, 1)),
                )
                by = f"{STATSMODELS}scipy binom.pmf over proportion_confint(method='{name}')"
                writer.writerow(
                    [
                        n,
                        p,
                        method,
                        0.95,
                        *(repr(float(v)) for v in figures(p, chance, lower, upper)),
                        by,
                    ]
                )
            for level in (0.8, 0.95, 0.998):
                lower, upper = mid_p_limits(x, n, level)
                by = f"{SCIPY}binom.pmf over mid-p limits by halving"
                writer.writerow(
                    [
                        n,
                        p,
                        "mid-p",
                        level,
                        *(repr(float(v)) for v in figures(p, chance, lower, upper)),
                        by,
                    ]
                )
    # at a mean of 20,000 SciPy 1.17.1 is 1 part in 10^11 off, by R's dpois
    with (HERE / "rate_coverage.csv").open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for mean in (0.5, 4, 12, 100.5, 2000):
            x = np.arange(int(mean + 12 * mean**0.5 + 40))
            lower = np.where(x == 0, 0, st.gamma.ppf(0.025, np.maximum(x, 1)))
            values = figures(mean, st.poisson.pmf(x, mean), lower, st.gamma.isf(0.025, x + 1))
            by = f"{SCIPY}poisson.pmf over gamma.ppf, gamma.isf"
            writer.writerow([mean, "exact", 0.95, *(repr(float(v)) for v in values), by])


if __name__ == "__main__":
    main()
