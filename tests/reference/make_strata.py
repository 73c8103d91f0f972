"""Adds two more witnesses to the tables that make_strata.R wrote: statsmodels, and arithmetic with 50 digits.

Needs statsmodels, scipy and mpmath:  Rscript make_strata.R && python make_strata.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, N803, N806, PLR0917

import csv
from pathlib import Path

import mpmath as mp
import scipy.stats as st
import statsmodels
from statsmodels.stats.contingency_tables import StratifiedTable

HERE = Path(__file__).parent
STATSMODELS = f"statsmodels {statsmodels.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50

# Strata that no other witness can hold, or tell from rounding: x1, n1, x2, n2 of each.
FAR = [
    [(300000000, 1000000000, 299990000, 1000000000), (500020000, 1000000000, 500000000, 999999999)],
    [(3000, 1000000000, 2900, 1000000000), (20, 1000000, 25, 1000000), (7, 9, 2, 8)],
    [
        (999999990, 1000000000, 999999995, 1000000000),
        (999999980, 1000000000, 999999989, 1000000000),
    ],
    [(1, 2, 1, 1000000000), (500000000, 1000000000, 1, 2), (3, 7, 2, 9)],
    [(90, 100, 10, 100), (10, 100, 90, 100), (50, 100, 51, 100), (1, 3, 2, 3)],
]


def z_of(level):
    """The two-sided normal quantile of a level as the computer holds it."""
    level = mp.mpf(level)
    z = mp.mpf(st.norm.isf((1 - float(level)) / 2))
    for _ in range(8):
        z += (mp.erfc(z / mp.sqrt(2)) - (1 - level)) / (2 * mp.npdf(z))
    return z


def chi_squared(statistic, df):
    return mp.gammainc(mp.mpf(df) / 2, statistic / 2, mp.inf, regularized=True)


def held(x1, n1, x2, n2):
    return [tuple(map(mp.mpf, s)) for s in zip(x1, n1, x2, n2, strict=True) if s[1] and s[3]]


def test_of_none(strata, correct):
    gap = abs(mp.fsum((a * m - c * n) / (n + m) for a, n, c, m in strata))
    spread = mp.fsum(
        n * m * (a + c) * (n + m - a - c) / (n + m) ** 2 / (n + m - 1) for a, n, c, m in strata
    )
    if correct and gap >= 0.5:
        gap -= mp.mpf(1) / 2
    return mp.erfc(gap / mp.sqrt(2 * spread)) if spread else None


def pooled_odds(strata):
    r = mp.fsum(a * (m - c) / (n + m) for a, n, c, m in strata)
    s = mp.fsum((n - a) * c / (n + m) for a, n, c, m in strata)
    return r / s if r and s else None


def breslow_day(strata, correct):
    """Chi-squared and its degrees of freedom; each expected count by bisection, not by the quadratic's root."""
    psi = pooled_odds(strata)
    strata = [s for s in strata if 0 < s[0] + s[2] < s[1] + s[3]]
    if psi is None or len(strata) < 2:
        return None
    total, gaps, spread = mp.mpf(0), mp.mpf(0), mp.mpf(0)
    for a, n, c, m in strata:
        k = a + c
        low, high = max(mp.mpf(0), k - m), min(n, k)
        for _ in range(220):
            A = (low + high) / 2
            low, high = (A, high) if A * (m - k + A) < psi * (n - A) * (k - A) else (low, A)
        V = 1 / (1 / A + 1 / (n - A) + 1 / (k - A) + 1 / (m - k + A))
        total += (a - A) ** 2 / V
        gaps += a - A
        spread += V
    return total - (gaps**2 / spread if correct else 0), len(strata) - 1


def woolf(strata, estimand):
    """The p-value of the sum of squares about the mean with inverse variances."""
    effects = []
    for a, n, c, m in strata:
        if estimand == "ratio" and a and c:
            effects.append((mp.log(a * m / (c * n)), 1 / a - 1 / n + 1 / c - 1 / m))
        if estimand == "difference":
            effects.append((a / n - c / m, a * (n - a) / n**3 + c * (m - c) / m**3))
    effects = [(y, v) for y, v in effects if v > mp.mpf(10) ** -45]
    if len(effects) < 2:
        return None
    mean = mp.fsum(y / v for y, v in effects) / mp.fsum(1 / v for y, v in effects)
    return chi_squared(mp.fsum((y - mean) ** 2 / v for y, v in effects), len(effects) - 1)


def alike(strata, estimand):
    if estimand != "odds_ratio":
        return woolf(strata, estimand)
    test = breslow_day(strata, correct=True)
    return test and chi_squared(*test)


def about(value, variance, level):
    reach = z_of(level) * mp.sqrt(variance)
    return value, value * mp.exp(-reach), value * mp.exp(reach)


def pooled(strata, estimand, level):
    def total(f):
        return mp.fsum(f(a, n, c, m, n + m) for a, n, c, m in strata)

    if estimand == "ratio":
        r, s = total(lambda a, n, c, m, N: a * m / N), total(lambda a, n, c, m, N: c * n / N)
        v = total(lambda a, n, c, m, N: (n * m * (a + c) - a * c * N) / N**2) / r / s
        return about(r / s, v, level)
    if estimand == "odds_ratio":
        R, S = (lambda a, n, c, m, N: a * (m - c) / N), (lambda a, n, c, m, N: (n - a) * c / N)
        P, Q = (lambda a, n, c, m, N: (a + m - c) / N), (lambda a, n, c, m, N: (n - a + c) / N)
        r, s = total(R), total(S)
        v = (
            total(lambda *t: P(*t) * R(*t)) / 2 / r**2
            + total(lambda *t: P(*t) * S(*t) + Q(*t) * R(*t)) / 2 / r / s
            + total(lambda *t: Q(*t) * S(*t)) / 2 / s**2
        )
        return about(r / s, v, level)
    w = total(lambda a, n, c, m, N: n * m / N)
    d = total(lambda a, n, c, m, N: (a * m - c * n) / N) / w
    first = total(lambda a, n, c, m, N: (n**2 * c - m**2 * a + n * m * (m - n) / 2) / N**2)
    second = total(lambda a, n, c, m, N: (a * (m - c) + c * (n - a)) / 2 / N)
    reach = z_of(level) * mp.sqrt(d * first + second) / w
    return d, max(d - reach, -1), min(d + reach, 1)


def text(value):
    if isinstance(value, int):
        return str(value)
    return repr(float(value)) if value is not None else ""


def counts(word):
    return [int(part) for part in word.split()]


def add(name, first_output, witness, extra):
    """Rows for the inputs of one table, and for extra ones, by whichever of the witness's answers there are."""
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


def stratified(strata):
    return StratifiedTable([[[a, n - a], [c, m - c]] for a, n, c, m in strata])


def small(whole):
    """Whether counts are below ten million; beyond, statsmodels loses digits."""
    return max(map(max, whole)) < 10**7


def mantel_haenszel_rows(estimand, x1, n1, x2, n2, correct, level):
    sets = tuple(map(counts, (x1, n1, x2, n2)))
    strata, correct, v = held(*sets), correct == "true", float(level)
    used = len(strata)
    single = sum(bool(n) != bool(m) for n, m in zip(sets[1], sets[3], strict=True))
    whole = [s for s in zip(*sets, strict=True) if s[1] and s[3]]
    telling = all(0 < a + c < n + m for a, n, c, m in whole)
    # test_equal_odds divides by zero where the pooled odds ratio is exactly 1
    telling = telling and used > 1 and pooled_odds(strata) not in {None, 1} and small(whole)
    if v == 0.95 and not correct and estimand == "odds_ratio" and telling:
        table = stratified(whole)
        lower, upper = table.oddsratio_pooled_confint(alpha=1 - v)
        yield (
            (
                *(
                    table.oddsratio_pooled,
                    lower,
                    upper,
                    table.test_null_odds(correction=False).pvalue,
                ),
                *(table.test_equal_odds(adjust=True).pvalue, used, single),
            ),
            f"{STATSMODELS}: StratifiedTable.oddsratio_pooled_confint, test_null_odds, test_equal_odds(adjust=True)",
        )
    yield (
        (
            *(*pooled(strata, estimand, v), test_of_none(strata, correct)),
            *(alike(strata, estimand), used, single),
        ),
        DIGITS + "the formulas",
    )


def breslow_day_rows(x1, n1, x2, n2, correct):
    sets, correct = tuple(map(counts, (x1, n1, x2, n2))), correct == "true"
    strata = held(*sets)
    test = breslow_day(strata, correct)
    whole = [s for s in zip(*sets, strict=True) if s[1] and s[3]]
    telling = all(0 < a + c < n + m for a, n, c, m in whole) and pooled_odds(strata) != 1
    if test and telling and small(whole):
        found = stratified(whole).test_equal_odds(adjust=correct)
        yield (
            (found.statistic, len(whole) - 1, found.pvalue),
            f"{STATSMODELS}: StratifiedTable.test_equal_odds(adjust={correct})",
        )
    figures = (*test, chi_squared(*test)) if test else (None, None, None)
    yield figures, DIGITS + "the formula, with expected counts by bisection"


def main():
    far = [tuple(" ".join(map(str, column)) for column in zip(*s, strict=True)) for s in FAR]
    add(
        "mantel_haenszel",
        "value",
        mantel_haenszel_rows,
        [
            (estimand, *cells, correct, "0.95")
            for cells in far
            for estimand in ("ratio", "difference", "odds_ratio")
            for correct in ("true", "false")
        ],
    )
    nothing = [("5 3", "5 3", "0 0", "6 7"), ("0 0", "5 3", "3 1", "6 7"), ("3", "25", "0", "0")]
    add(
        "breslow_day",
        "statistic",
        breslow_day_rows,
        [(*cells, correct) for cells in (*far, *nothing) for correct in ("true", "false")],
    )


if __name__ == "__main__":
    main()
