"""Adds more witnesses to the tables that make_many_groups.R wrote: SciPy, statsmodels, whole numbers and 50 digits.

Needs statsmodels, scipy and mpmath:  Rscript make_many_groups.R && python make_many_groups.py
"""

# Every argument is text of a table or a number of mpmath's.
# ruff: noqa: ANN001, ANN201

import csv
from collections import Counter, defaultdict
from itertools import chain, product
from math import comb, prod
from pathlib import Path

import mpmath as mp
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.multitest import multipletests

HERE = Path(__file__).parent
SCIPY = f"scipy {scipy.__version__}"
STATSMODELS = f"statsmodels {statsmodels.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
MOST = 300_000
"""So many partial tables are gone through in whole numbers."""
mp.mp.dps = 50


def text(value):
    if isinstance(value, (str, int)):
        return str(value)
    return repr(float(value)) if value is not None else ""


def numbers(word):
    return [mp.mpf(part) for part in word.split()]


def matrix(counts):
    return [[int(count) for count in row.split()] for row in counts.split(";")]


def chi_squared(rows):
    total = sum(map(sum, rows))
    columns = [sum(column) for column in zip(*rows, strict=True)]
    expected = [[mp.mpf(sum(row)) * c / total for c in columns] for row in rows]
    pairs = zip(chain(*rows), chain(*expected), strict=True)
    statistic = mp.fsum((seen - mean) ** 2 / mean for seen, mean in pairs)
    df = (len(rows) - 1) * (len(columns) - 1)
    p = mp.gammainc(mp.mpf(df) / 2, statistic / 2, mp.inf, regularized=True)
    return statistic, df, p


def ways(column):
    """In how many ways so many people can have fallen to the rows."""
    return prod(comb(sum(column[: i + 1]), count) for i, count in enumerate(column))


def exact(rows):
    """Whole numbers only: how many ways lead to each table, added up over the tables no likelier."""
    rows = [row for row in rows if any(row)]
    columns = sorted((c for c in zip(*rows, strict=True) if any(c)), key=sum)
    observed = prod(map(ways, columns))
    nodes, work = {tuple(map(sum, rows)): Counter({1: 1})}, 0
    for column in columns:
        following = defaultdict(Counter)
        for left, tables in nodes.items():
            for taken in product(*(range(min(sum(column), row) + 1) for row in left[:-1])):
                last = sum(column) - sum(taken)
                if not 0 <= last <= left[-1]:
                    continue
                filled = (*taken, last)
                node = tuple(row - count for row, count in zip(left, filled, strict=True))
                factor = ways(filled)
                for weight, many in tables.items():
                    following[node][weight * factor] += many
                work += len(tables)
                if work > MOST:
                    return None
        nodes = following
    (tables,) = nodes.values()
    within = sum(w * many for w, many in tables.items() if w * 10**7 <= observed * (10**7 + 1))
    return mp.mpf(within) / sum(w * many for w, many in tables.items())


def independence(counts, method):
    rows = matrix(counts)
    if method == "exact":
        p = exact(rows)
        if p is not None:
            yield (None, None, p), "Python, whole numbers: all tables with these margins"
        return
    whole = [row for row in rows if any(row)]
    whole = [list(c) for c in zip(*(c for c in zip(*whole, strict=True) if any(c)), strict=True)]
    found = st.chi2_contingency(whole, correction=False)
    yield (
        (found.statistic, int(found.dof), found.pvalue),
        f"{SCIPY}: chi2_contingency(correction=False)",
    )
    yield chi_squared(whole), DIGITS + "the formula"


def trend(x, n, score, alternative):
    x, n = numbers(x), numbers(n)
    score = numbers(score) if score else [mp.mpf(i + 1) for i in range(len(x))]
    share, size = mp.fsum(x) / mp.fsum(n), mp.fsum(n)
    mean = mp.fdot(n, score) / size
    total = mp.fsum(s * (a - m * share) for s, a, m in zip(score, x, n, strict=True))
    spread = mp.fsum(m * (s - mean) ** 2 for s, m in zip(score, n, strict=True))
    z = total / mp.sqrt(share * (1 - share) * spread)
    one = {"two-sided": mp.erfc(abs(z) / mp.sqrt(2)), "greater": mp.erfc(z / mp.sqrt(2)) / 2}
    yield (z, one.get(alternative, mp.erfc(-z / mp.sqrt(2)) / 2)), DIGITS + "the formula"


def adjust(p, method):
    names = {
        "holm": "holm",
        "benjamini-hochberg": "fdr_bh",
        "benjamini-yekutieli": "fdr_by",
        "bonferroni": "bonferroni",
    }
    given = [float(part) for part in p.split() if part != "null"]
    found = iter(multipletests(given, method=names[method])[1])
    answers = ["null" if part == "null" else repr(float(next(found))) for part in p.split()]
    yield (" ".join(answers),), f"{STATSMODELS}: multipletests(p, method='{names[method]}')"


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
    huge = [
        "600000000 300000000; 599990000 300020000; 1000000000 500000001",
        "1 1000000000; 3 1000000000; 2 999999999",
        "0 3 1; 0 0 0; 0 1 3",
        "3 0 1 4; 2 0 5 0",
    ]
    add(
        "independence",
        "statistic",
        independence,
        [(c, m) for c in huge for m in ("chi-squared", *(["exact"] if len(c) < 30 else []))],
    )
    add(
        "trend",
        "statistic",
        trend,
        [
            (*case, alternative)
            for case in (
                ("300000000 300020000 300050000", "1000000000 1000000000 1000000000", ""),
                ("1 2 9", "1000000000 999999999 1000000001", "0 1 5"),
                ("3 0 9", "40 0 41", ""),
                ("400 100", "1000 1000", "1e-3 1e9"),
            )
            for alternative in ("two-sided", "less", "greater")
        ],
    )
    add("adjust", "p_value", adjust)


if __name__ == "__main__":
    main()
