"""Adds two more witnesses to the tables of planning that make_power.R wrote: statsmodels, and 50 digits.

Needs statsmodels, scipy and mpmath:  Rscript make_power.R && python make_power.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, N806, PLR0917

import csv
from pathlib import Path

import mpmath as mp
import statsmodels
from statsmodels.stats.proportion import (
    power_proportions_2indep,
    samplesize_proportions_2indep_onetail,
)
from statsmodels.stats.rates import power_poisson_ratio_2indep

HERE = Path(__file__).parent
STATSMODELS = f"statsmodels {statsmodels.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def tail_of(alternative, level):
    return (1 - mp.mpf(level)) / (2 if alternative == "two-sided" else 1)


def upper_quantile(tail):
    """z with P(Z > z) = tail."""
    z = mp.sqrt(2) * mp.erfinv(1 - 2 * tail) if tail > mp.mpf("1e-20") else mp.mpf(9)
    for _ in range(60):
        step = (mp.ncdf(-z) - tail) / mp.npdf(z)
        z += step
        if abs(step) < mp.mpf(10) ** -48:
            break
    return z


def toward(difference, alternative):
    return {"two-sided": abs(difference), "less": -difference, "greater": difference}[alternative]


def worth(n1, n2, population):
    """What samples from a population are worth, were it endless."""
    if not population:
        return n1, n2
    N = mp.mpf(population)
    factor = (N - 1) / (N - n1 - n2)
    return n1 * factor, n2 * factor


def z_of_power(p1, n1, p2, n2, alternative, correct, z):
    pooled = (n1 * p1 + n2 * p2) / (n1 + n2)
    null = mp.sqrt(pooled * (1 - pooled) * (1 / n1 + 1 / n2))
    true = mp.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    c = (1 / n1 + 1 / n2) / 2 if correct else 0
    return (toward(p1 - p2, alternative) - c - z * null) / true


def root(f, low, high):
    """By halving, so that a bracket is all that is needed: 170 halvings are 50 digits."""
    if f(high) < 0:
        return None
    low, high = mp.mpf(low), mp.mpf(high)
    for _ in range(220):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) < 0 else (low, middle)
    return high


def power_row(p1, n1, p2, n2, alternative, correct, population, level):
    z = upper_quantile(tail_of(alternative, float(level)))
    p1, n1, p2, n2 = (mp.mpf(float(v)) for v in (p1, n1, p2, n2))
    m1, m2 = worth(n1, n2, population)
    return (mp.ncdf(z_of_power(p1, m1, p2, m2, alternative, correct == "true", z)),)


def size_row(p1, p2, power, ratio, alternative, correct, population, level):
    """Solved for n1 by halving, not by the closed form."""
    z = upper_quantile(tail_of(alternative, float(level)))
    want = -upper_quantile(mp.mpf(float(power)))
    p1, p2, ratio = (mp.mpf(float(v)) for v in (p1, p2, ratio))
    most = mp.mpf(population) / (1 + ratio) if population else mp.mpf(10) ** 16

    def enough(n1):
        if population and n1 * (1 + ratio) >= mp.mpf(population):
            return mp.mpf(1)
        m1, m2 = worth(n1, n1 * ratio, population)
        return z_of_power(p1, m1, p2, m2, alternative, correct == "true", z) - want

    n1 = root(enough, most / mp.mpf(10) ** 17, most)
    return n1, n1 * ratio


def difference_row(p2, n1, n2, power, alternative, correct, population, level):
    z = upper_quantile(tail_of(alternative, float(level)))
    want = -upper_quantile(mp.mpf(float(power)))
    p2, n1, n2 = (mp.mpf(float(v)) for v in (p2, n1, n2))
    m1, m2 = worth(n1, n2, population)

    def side(sign, most):
        if alternative == ("greater" if sign < 0 else "less") or most == 0:
            return None

        def gap(d):
            return z_of_power(p2 + sign * d, m1, p2, m2, alternative, correct == "true", z) - want

        almost = most * (1 - mp.mpf(10) ** -40)
        d = root(gap, mp.mpf(10) ** -45, almost)
        return None if d is None else sign * d

    return side(-1, p2), side(1, 1 - p2)


def rate_z(rate1, e1, rate2, e2, alternative, method):
    if method == "log":
        gap, se = mp.log(rate1 / rate2), mp.sqrt(1 / (rate1 * e1) + 1 / (rate2 * e2))
    else:
        gap, se = 2 * (mp.sqrt(rate1) - mp.sqrt(rate2)), mp.sqrt(1 / e1 + 1 / e2)
    return toward(gap, alternative) / se


def rate_power_row(rate1, e1, rate2, e2, alternative, method, level):
    z = upper_quantile(tail_of(alternative, float(level)))
    numbers = (mp.mpf(float(v)) for v in (rate1, e1, rate2, e2))
    return (mp.ncdf(rate_z(*numbers, alternative, method) - z),)


def rate_size_row(rate1, rate2, power, ratio, alternative, method, level):
    need = upper_quantile(tail_of(alternative, float(level))) - upper_quantile(mp.mpf(float(power)))
    rate1, rate2, ratio = (mp.mpf(float(v)) for v in (rate1, rate2, ratio))
    e1 = root(
        lambda e: rate_z(rate1, e, rate2, e * ratio, alternative, method) - need,
        mp.mpf(10) ** -9,
        mp.mpf(10) ** 20,
    )
    return e1, e1 * ratio


def rate_ratio_row(rate2, e1, e2, power, alternative, method, level):
    need = upper_quantile(tail_of(alternative, float(level))) - upper_quantile(mp.mpf(float(power)))
    rate2, e1, e2 = (mp.mpf(float(v)) for v in (rate2, e1, e2))

    def gap(x):
        return rate_z(rate2 * mp.exp(x), e1, rate2, e2, alternative, method) - need

    lower = higher = None
    if alternative != "less":
        higher = mp.exp(root(gap, mp.mpf(10) ** -45, 40))
    if alternative != "greater":
        far = mp.mpf(60)
        if method == "log":  # the distance over its error is largest somewhere at or beyond 2
            far = mp.findroot(lambda x: x * e2 - 2 * (e2 + e1 * mp.exp(-x)), 2 + 2 * e1 / e2)
        x = root(lambda x: gap(-x), mp.mpf(10) ** -45, far)
        lower = None if x is None else mp.exp(-x)
    return lower, higher


def add(table, rows, more=()):
    """Appends to a table what `rows` says of each of its distinct inputs, and of `more`."""
    path = HERE / f"{table}.csv"
    with path.open(newline="") as file:
        header, *body = csv.reader(file)
    expected = 1 if table in {"power", "rate_power"} else 2
    inputs = list(dict.fromkeys(tuple(row[: len(header) - expected - 1]) for row in body))
    with path.open("a", newline="") as file:
        for given in inputs + [tuple(case) for case in more]:
            for figures, by in rows(*given):
                shown = ["" if v is None else repr(float(v)) for v in figures]
                file.write(",".join([*given, *shown, f'"{by}"']) + "\n")


def power_rows(p1, n1, p2, n2, alternative, correct, population, level):
    given = (p1, n1, p2, n2, alternative, correct, population, level)
    if correct == "false" and not population:
        a1, b1, a2, b2 = (float(v) for v in (p1, n1, p2, n2))
        # One tail of a two-sided test: statsmodels would add the other.
        tail = float(tail_of(alternative, float(level)))
        got = power_proportions_2indep(
            a1 - a2,
            a2,
            b1,
            ratio=b2 / b1,
            alpha=tail,
            alternative="larger" if a1 > a2 else "smaller",
            return_results=False,
        )
        if a1 != a2 and (alternative == "two-sided" or (alternative == "greater") == (a1 > a2)):
            yield (got,), f"{STATSMODELS}: power_proportions_2indep, one tail"
    yield power_row(*given), DIGITS + "the formula"


def size_rows(p1, p2, power, ratio, alternative, correct, population, level):
    given = (p1, p2, power, ratio, alternative, correct, population, level)
    if correct == "false" and not population:
        a1, a2 = float(p1), float(p2)
        got = samplesize_proportions_2indep_onetail(
            a1 - a2,
            a2,
            float(power),
            ratio=float(ratio),
            alpha=1 - float(level),
            alternative={"two-sided": "two-sided", "less": "smaller", "greater": "larger"}[
                alternative
            ],
        )
        yield (got, got * float(ratio)), f"{STATSMODELS}: samplesize_proportions_2indep_onetail"
    yield size_row(*given), DIGITS + "the root of the power"


def rate_power_rows(rate1, e1, rate2, e2, alternative, method, level):
    given = (rate1, e1, rate2, e2, alternative, method, level)
    if method == "log":
        a1, b1, a2, b2 = (float(v) for v in (rate1, e1, rate2, e2))
        got = power_poisson_ratio_2indep(
            a1,
            a2,
            b1,
            nobs_ratio=b2 / b1,
            value=1,
            alpha=float(tail_of(alternative, float(level))),
            alternative="larger" if a1 > a2 else "smaller",
            method_var="alt",
            return_results=False,
        )
        yield (
            (got,),
            f"{STATSMODELS}: power_poisson_ratio_2indep(value=1, method_var='alt'), one tail",
        )
    yield rate_power_row(*given), DIGITS + "the formula"


def main():
    corrected = [
        (p1, n1, p2, n2, alternative, correct, population, level)
        for p1, n1, p2, n2 in (
            ("0.5", "50", "0.75", "50"),
            ("0.2", "300", "0.1", "120.5"),
            ("0.02", "900", "0.01", "1000"),
            ("0.3", "40", "0.3", "60"),
            ("0.9", "700", "0.99", "35"),
        )
        for alternative in ("two-sided", "less", "greater")
        for correct in ("false", "true")
        for population in ("", "2500", "1000000000")
        for level in ("0.95", "0.999")
    ]
    add("power", power_rows, corrected)
    sizes = [
        (p1, p2, power, ratio, "two-sided", correct, population, level)
        for p1, p2 in (
            ("0.5", "0.75"),
            ("0.1", "0.2"),
            ("0.3", "0.29"),
            ("0", "0.05"),
            ("1", "0.4"),
        )
        for power, ratio in (("0.8", "1"), ("0.9", "2.5"), ("0.35", "0.1"))
        for correct in ("false", "true")
        for population in ("", "300", "100000000")
        for level in ("0.9", "0.99")
    ]
    sizes += [
        ("0.2", "0.1", "0.8", "1", "greater", "true", "", "0.95"),
        ("0.1", "0.2", "0.8", "1", "less", "true", "", "0.95"),
    ]
    add("sample_size", size_rows, sizes)
    differences = [
        (p2, n1, n2, power, alternative, correct, population, "0.95")
        for p2 in ("0", "0.001", "0.2", "0.5", "0.98", "1")
        for n1, n2, population in (
            ("100", "100", ""),
            ("35", "400", "600"),
            ("1000000", "2000000", ""),
        )
        for power, alternative in (
            ("0.8", "two-sided"),
            ("0.9", "greater"),
            ("0.6", "less"),
            ("0.3", "two-sided"),
        )
        for correct in ("false", "true")
    ]
    add(
        "detectable_difference",
        lambda *given: [(difference_row(*given), DIGITS + "the roots of the power")],
        differences,
    )
    add(
        "rate_power",
        rate_power_rows,
        [
            ("0", "40", "0.2", "50", "two-sided", "sqrt", "0.95"),
            ("3", "9", "3", "9", "less", "log", "0.99"),
        ],
    )
    add(
        "rate_sample_size",
        lambda *given: [(rate_size_row(*given), DIGITS + "the root of the power")],
    )
    ratios = [
        (rate2, e1, e2, power, alternative, method, "0.95")
        for rate2 in ("0.01", "2.5")
        for e1, e2 in (("300", "300"), ("1000000", "20000"))
        for power, alternative in (("0.8", "two-sided"), ("0.95", "greater"), ("0.5", "less"))
        for method in ("log", "sqrt")
    ]
    add(
        "rate_detectable_ratio",
        lambda *given: [(rate_ratio_row(*given), DIGITS + "the roots of the power")],
        ratios,
    )


if __name__ == "__main__":
    main()
