"""Adds two more witnesses to what make_bootstrap.R wrote: SciPy, given the same replicates, and 50 digits.

Needs scipy and mpmath:  Rscript make_bootstrap.R && python make_bootstrap.py
"""

# Every argument is a text of the table or a number of mpmath's.
# ruff: noqa: ANN001, ANN002, ANN201, ANN202

import csv
import warnings
from fractions import Fraction
from math import comb
from pathlib import Path
from types import SimpleNamespace

import mpmath as mp
import numpy as np
import scipy
import scipy.stats as st

HERE = Path(__file__).parent
SCIPY = f"scipy {scipy.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def samples_of(data):
    return [[tuple(row.split(":")) for row in sample.split(" ")] for sample in data.split("|")]


def figure(sums):
    shares = [top / bottom for top, bottom in sums]
    return shares[0] if len(shares) == 1 else shares[0] - shares[1]


def by_scipy(data, replicates, method, level):
    samples = [np.array(sample, float) for sample in samples_of(data)]

    def statistic(*indexes, axis=-1):
        sums = [
            (s[i.astype(int), 0].sum(axis), s[i.astype(int), 1].sum(axis))
            for s, i in zip(samples, indexes, strict=True)
        ]
        return figure(sums)

    t = np.array(replicates.split(" "), float)
    got = st.bootstrap(
        [np.arange(len(s)) for s in samples],
        statistic,
        n_resamples=0,
        confidence_level=float(level),
        method="BCa" if method == "bca" else method,
        vectorized=True,
        bootstrap_result=SimpleNamespace(bootstrap_distribution=t),
    )
    value = statistic(*[np.arange(len(s)) for s in samples])
    return value, got.confidence_interval.low, got.confidence_interval.high, got.standard_error


def normal_quantile(p):
    z = mp.mpf(st.norm.ppf(float(p)))
    for _ in range(8):
        z -= (mp.ncdf(z) - p) / mp.npdf(z)
    return z


def acceleration(samples):
    sums = [tuple(sum(column) for column in zip(*sample, strict=True)) for sample in samples]
    cubes = squares = mp.mpf(0)
    for which, sample in enumerate(samples):
        n, without = len(sample), []
        for row in sample:
            left = [
                s if other != which else (s[0] - row[0], s[1] - row[1])
                for other, s in enumerate(sums)
            ]
            without.append(figure(left))
        mean = sum(without) / n
        influences = [(n - 1) * (mean - one) / n for one in without]
        cubes += sum(u**3 for u in influences)
        squares += sum(u**2 for u in influences)
    return cubes / 6 / squares ** mp.mpf("1.5")


def by_digits(data, replicates, method, level):
    samples = [
        [tuple(mp.mpf(float(v)) for v in row) for row in sample] for sample in samples_of(data)
    ]
    t = sorted(mp.mpf(float(v)) for v in replicates.split(" "))
    tail = (1 - mp.mpf(float(level))) / 2
    # Ties are those of the numbers in the table, which a computer compares.
    value = figure(
        [tuple(sum(column) for column in zip(*sample, strict=True)) for sample in samples]
    )
    near = mp.mpf(10) ** -12
    places = [tail, 1 - tail]
    if method == "bca":
        below = sum(one < value - near for one in t)
        tied = sum(abs(one - value) <= near for one in t)
        bias = normal_quantile((below + mp.mpf(tied) / 2) / len(t))
        a = acceleration(samples)
        shifts = [bias + normal_quantile(p) for p in places]
        places = [mp.ncdf(bias + shift / (1 - a * shift)) for shift in shifts]
    limits = []
    for p in places:
        place = p * (len(t) - 1)
        low = int(mp.floor(place))
        limits.append(t[low] + (place - low) * (t[min(low + 1, len(t) - 1)] - t[low]))
    mean = sum(t) / len(t)
    error = mp.sqrt(sum((one - mean) ** 2 for one in t) / (len(t) - 1))
    return value, *limits, error


def fisher(x1, n1, x2, n2):
    m = x1 + x2
    terms = {k: comb(n1, k) * comb(n2, m - k) for k in range(max(0, m - n2), min(n1, m) + 1)}
    return Fraction(sum(term for term in terms.values() if term <= terms[x1]), sum(terms.values()))


def exact_power(p1, n1, p2, n2, level):
    p1, p2 = mp.mpf(float(p1)), mp.mpf(float(p2))
    n1, n2, most = int(n1), int(n2), Fraction(1) - Fraction(level)
    chance = lambda x, n, p: comb(n, x) * p**x * (1 - p) ** (n - x)  # noqa: E731
    return sum(
        (
            chance(x1, n1, p1) * chance(x2, n2, p2)
            for x1 in range(n1 + 1)
            for x2 in range(n2 + 1)
            if fisher(x1, n1, x2, n2) <= most
        ),
        mp.mpf(0),
    )


def write(table, more):
    """Appends what `more` says of each of the table's distinct inputs."""
    path = HERE / f"{table}.csv"
    with path.open(newline="") as file:
        header, *body = csv.reader(file)
    width = header.index("value") if "value" in header else header.index("power")
    with path.open("a", newline="") as file:
        for given in dict.fromkeys(tuple(row[:width]) for row in body):
            for figures, by in more(given):
                file.write(",".join([*given, *(repr(float(v)) for v in figures), f'"{by}"']) + "\n")


def bootstrap_rows(given):
    _, data, replicates, method, level = given
    scipy_method = "BCa" if method == "bca" else method
    got, t = by_scipy(data, replicates, method, level), np.array(replicates.split(" "), float)
    # Where equal figures differ in their last digit, SciPy does not see that they are tied.
    ties_seen = np.sum(t == got[0]) == np.sum(np.abs(t - got[0]) < 1e-12)
    if ties_seen or method != "bca":
        yield got, f"{SCIPY}: bootstrap(method='{scipy_method}') given these replicates"
    yield by_digits(data, replicates, method, level), DIGITS + "the formula"


def bca_of_two(path):
    """The two-sample cases again, by BCa: R stands aside there."""
    with path.open(newline="") as file:
        rows = list(csv.reader(file))
    return list(
        dict.fromkeys((r[0], r[1], r[2], "bca", r[4]) for r in rows if r[0] == "difference")
    )


def main():
    warnings.simplefilter("ignore")
    path = HERE / "bootstrap.csv"
    two = bca_of_two(path)
    write("bootstrap", bootstrap_rows)
    with path.open("a", newline="") as file:
        for given in two:
            for figures, by in bootstrap_rows(given):
                file.write(",".join([*given, *(repr(float(v)) for v in figures), f'"{by}"']) + "\n")
    write(
        "exact_power",
        lambda given: [
            ((exact_power(*given[:4], given[5]),), DIGITS + "whole numbers and the sum")
        ],
    )


if __name__ == "__main__":
    main()
