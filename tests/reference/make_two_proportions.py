"""Adds two more witnesses to the tables of two proportions that make_two_proportions.R wrote.

They are SciPy with statsmodels, and arithmetic with 50 digits or in whole numbers. Needs statsmodels, scipy, numpy
and mpmath:  Rscript make_two_proportions.R && python make_two_proportions.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN002, ANN201, T201

import collections
import csv
import math
import warnings
from pathlib import Path

import mpmath as mp
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.proportion import confint_proportions_2indep
from two_proportions_by_digits import (
    barnard,
    boschloo,
    chi_squared,
    difference,
    fisher,
    number_needed,
    odds_ratio,
    ratio,
)

HERE = Path(__file__).parent
STATSMODELS = f"statsmodels {statsmodels.__version__}"
SCIPY = f"scipy {scipy.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
NEAR = 1e-9
"""SciPy's and statsmodels' searches stop where they please: a row that is further from the 50 digits is left out."""
left_out = collections.Counter()


# ── Rows ──────────────────────────────────────────────────────────────────────────────


def text(value):
    return "" if value is None else repr(float(value))


def often(level):
    """The levels at which every case is given with 50 digits too."""
    return float(level) not in (0.8, 0.9, 0.99)


def apart(got, want):
    """The largest relative error among figures."""
    pairs = [(float(g), float(w)) for g, w in zip(got, want, strict=True) if w is not None]
    near = (
        0.0 if abs(g - w) <= 4e-16 else abs(g - w) / abs(w) if w else math.inf for g, w in pairs
    )
    return max(near, default=0.0)


def kept(name, want, got, by):
    """A witness's row if it is near enough to the truth; else it is counted."""
    got = [None if w is None else g for g, w in zip(got, want, strict=True)]
    if apart(got, want) <= NEAR:
        yield got, by
    else:
        left_out[name, by.split(":")[0]] += 1


def difference_rows(method, *case):
    *t, v = *map(int, case[:4]), float(case[4])
    ours = (method, *t, v)
    want = difference(*ours) if often(v) or v == 0.95 else None
    if v == 0.95 and max(t) < 10_000 and method != "miettinen-nurminen":
        name = {"newcombe": "newcomb"}.get(method, method)
        lower, upper = confint_proportions_2indep(*t, method=name, compare="diff", alpha=1 - v)
        d = t[0] / t[1] - t[2] / t[3]
        limits = min(d, max(-1, lower)), max(d, min(1, upper))
        by = f"{STATSMODELS}: confint_proportions_2indep(method='{name}', compare='diff')"
        yield from kept("difference", want, (d, *limits), by)
    if often(v):
        how = (
            "bisection of the score, shares by the cubic"
            if "miettinen" in method
            else "the formula"
        )
        yield want, DIGITS + how


def number_needed_rows(method, *case):
    if often(case[4]):
        yield number_needed(method, *map(int, case[:4]), float(case[4])), DIGITS + "1 / difference"


def ratio_rows(method, *case):
    *t, v = *map(int, case[:4]), float(case[4])
    x1, n1, x2, n2 = t
    if not (x1 or x2) or (method == "katz" and (not (x1 and x2) or (x1 == n1 and x2 == n2))):
        return
    want = ratio(method, *t, v)
    if v == 0.95 and x1 and x2:
        if method == "katz":
            answer = st.contingency.relative_risk(*t)
            found = answer.relative_risk, *answer.confidence_interval(v)
            by = f"{SCIPY}: contingency.relative_risk(...).confidence_interval(level)"
            yield from kept("ratio", want, found, by)
        name = "log" if method == "katz" else "score"
        try:
            limits = confint_proportions_2indep(*t, method=name, compare="ratio", alpha=1 - v)
        except ValueError:  # its search starts from ends between which there need be no root
            left_out["ratio", STATSMODELS] += 1
        else:
            by = f"{STATSMODELS}: confint_proportions_2indep(method='{name}', compare='ratio')"
            yield from kept("ratio", want, (x1 * n2 / (x2 * n1), *limits), by)
    if often(v):
        yield want, DIGITS + ("the formula" if method == "katz" else "bisection of the score")


def odds_ratio_rows(method, *case):
    *t, v = *map(int, case[:4]), float(case[4])
    x1, n1, x2, n2 = t
    if not 0 < x1 + x2 < n1 + n2 or (method == "woolf" and not (x1 and x2 and n1 - x1 and n2 - x2)):
        return
    if method == "conditional" and max(t) > 10**6:
        return
    want = odds_ratio(method, *t, v)
    if v == 0.95 and (method == "woolf" or max(t) <= 1000):
        kind = "sample" if method == "woolf" else "conditional"
        answer = st.contingency.odds_ratio([[x1, n1 - x1], [x2, n2 - x2]], kind=kind)
        limits = answer.confidence_interval(v)
        by = f"{SCIPY}: contingency.odds_ratio(kind='{kind}').confidence_interval(level)"
        yield from kept("odds_ratio", want, (answer.statistic, limits.low, limits.high), by)
    if often(v):
        how = (
            "the formula" if method == "woolf" else "Newton's steps for the sums of the law's terms"
        )
        yield want, DIGITS + how


def exact_test_rows(method, *case):
    (x1, n1, x2, n2), side = map(int, case[:4]), case[4]
    columns = [[x1, x2], [n1 - x1, n2 - x2]]
    if method in {"fisher", "fisher-mid-p"}:
        p, observed = fisher(x1, n1, x2, n2, side)
        if method == "fisher" and n1 + n2 <= 10_000:
            found = st.fisher_exact([[x1, n1 - x1], [x2, n2 - x2]], alternative=side).pvalue
            yield from kept("fisher", (p,), (found,), f"{SCIPY}: fisher_exact(table, alternative)")
        by = "Python: whole numbers" if n1 + n2 <= 5000 else DIGITS + "outward from the mode"
        yield (p if method == "fisher" else p - observed / 2,), by
        return
    p = (barnard if method == "barnard" else boschloo)(x1, n1, x2, n2, side)
    test = st.barnard_exact if method == "barnard" else st.boschloo_exact
    if 0 < x1 + x2 < n1 + n2:
        found = test(columns, alternative=side).pvalue
        by = f"{SCIPY}: {method}_exact([[x1, x2], [n1 - x1, n2 - x2]], alternative)"
        yield from kept(method, (p,), (found,), by)
    yield (p,), DIGITS + "top of the polynomial whose coefficients are whole numbers"


def chi_squared_rows(*case):
    (x1, n1, x2, n2), correct, side = map(int, case[:4]), case[4] == "true", case[5]
    if not 0 < x1 + x2 < n1 + n2:
        yield (None, None), "by hand: the margins leave one table only"
        return
    want = chi_squared(x1, n1, x2, n2, correct, side)
    if side == "two-sided" and n1 <= 2000:
        found = st.chi2_contingency([[x1, n1 - x1], [x2, n2 - x2]], correction=correct)
        by = f"{SCIPY}: chi2_contingency(table, correction=correct)"
        yield from kept("chi_squared", want, (found.statistic, found.pvalue), by)
    yield want, DIGITS + "the formula"


def add(name, outputs, witness, extra=()):
    """Rows for the inputs of one table, and for extra ones."""
    path = HERE / f"{name}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        columns, table = reader.fieldnames, list(reader)
    inputs = columns[: -1 - outputs]
    known = dict.fromkeys(
        tuple(row[c] for c in inputs) for row in table if row["computed_by"].startswith("R ")
    )
    known.update(dict.fromkeys(extra))
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for values in known:
            for expected, by in witness(*values):
                writer.writerow([*values, *map(text, expected), by])


HUGE = [
    ("12", "1000000", "15", "900000"),
    ("500000", "1000000", "499000", "1000000"),
    ("300000000", "1000000000", "299999000", "1000000000"),
    ("999999990", "1000000000", "999999000", "1000000000"),
]
"""Rare events among very many, small differences between large groups."""
SMALL = [
    (7, 15, 12, 15), (3, 25, 7, 10), (7, 10, 3, 25), (9, 10, 3, 10), (6, 7, 2, 7), (5, 56, 0, 29), (0, 10, 4, 20),
    (0, 10, 0, 10), (10, 10, 10, 10), (10, 10, 0, 20), (10, 10, 0, 10), (1, 1, 0, 1), (1, 2, 1, 2), (0, 1, 1, 2),
    (4, 15, 30, 90), (5, 5, 3, 4), (2, 6, 7, 7), (56, 70, 48, 80), (2, 20, 8, 20), (1, 40, 6, 12), (12, 30, 4, 31),
    (74, 117, 31, 63), (18, 150, 35, 140), (3, 9, 1, 3),
]  # fmt: skip
"""Tables whose every neighbour can be listed."""


def main():
    warnings.simplefilter("ignore")
    levels = ("0.95", "0.998")
    apart_methods = ("newcombe", "miettinen-nurminen", "agresti-caffo", "wald")
    add(
        "difference",
        3,
        difference_rows,
        [(method, *t, level) for method in apart_methods for t in HUGE for level in levels],
    )
    scored = [("miettinen-nurminen", *map(str, t), "0.95") for t in SMALL]
    add("number_needed", 3, number_needed_rows, [("wald", *HUGE[1], "0.95"), *scored])
    add(
        "ratio",
        3,
        ratio_rows,
        [(m, *t, level) for m in ("katz", "miettinen-nurminen") for t in HUGE for level in levels]
        + [
            ("miettinen-nurminen", *map(str, t), "0.95")
            for t in SMALL
            if t[0] == t[1] or t[2] == t[3]
        ],
    )
    add(
        "odds_ratio",
        3,
        odds_ratio_rows,
        [("conditional", *HUGE[0], "0.95"), ("conditional", *HUGE[1], "0.95")],
    )
    sides = ("two-sided", "less", "greater")
    add(
        "exact_test",
        1,
        exact_test_rows,
        [
            ("fisher", *map(str, t), side)
            for t in (
                (30000, 100000, 29000, 100000),
                (100300, 200000, 1099700, 2200000),
                (40, 1000000, 90, 1200000),
                (499000, 1000000, 501000, 1000000),
                (2, 3000000, 0, 5),
                (600, 1000, 100, 1000),
                (8100, 8191, 8000, 8192),
                (8100, 8192, 8000, 8192),
            )
            for side in sides
        ]
        + [(m, *map(str, t), s) for m in ("barnard", "boschloo") for t in SMALL for s in sides],
    )
    add(
        "chi_squared",
        2,
        chi_squared_rows,
        [(*t, correct, side) for t in HUGE for correct in ("true", "false") for side in sides],
    )
    for (name, by), rows in sorted(left_out.items()):
        print(f"{name}: {rows} rows of {by} are more than {NEAR} off, and left out")


if __name__ == "__main__":
    main()
