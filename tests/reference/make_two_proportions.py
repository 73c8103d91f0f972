"""Adds two more witnesses to the tables of two proportions that make_two_proportions.R wrote.

They are SciPy with statsmodels, and arithmetic with 50 digits or in whole numbers. Needs statsmodels, scipy, numpy
and mpmath:  Rscript make_two_proportions.R && python make_two_proportions.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN002, ANN201, ANN202, N806, PLR0917, T201

import collections
import csv
import math
import warnings
from pathlib import Path

import mpmath as mp
import numpy as np
import scipy
import scipy.stats as st
import statsmodels
from statsmodels.stats.proportion import confint_proportions_2indep

HERE = Path(__file__).parent
STATSMODELS = f"statsmodels {statsmodels.__version__}"
SCIPY = f"scipy {scipy.__version__}"
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
NEAR = 1e-9
"""SciPy's and statsmodels' searches stop where they please: a row that is further from the 50 digits is left out."""
mp.mp.dps = 50
left_out = collections.Counter()


def z_of(level):
    """The two-sided normal quantile of a level as the computer holds it."""
    level = mp.mpf(level)
    z = mp.mpf(st.norm.isf((1 - float(level)) / 2)) if level > 0.5 else level * mp.sqrt(mp.pi / 2)
    for _ in range(8):
        z += (mp.erfc(z / mp.sqrt(2)) - (1 - level)) / (2 * mp.npdf(z))
    return z


def bisect(f, low, high, steps=190):
    """Where f turns from above 0 to at most 0, going from `low` to `high`."""
    low, high = mp.mpf(low), mp.mpf(high)
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if f(middle) > 0 else (low, middle)
    return (low + high) / 2


# ── Differences ───────────────────────────────────────────────────────────────────────


def wilson(x, n, z):
    x, n = mp.mpf(x), mp.mpf(n)
    root = z * mp.sqrt(z * z + 4 * x * (1 - x / n))
    return (2 * x + z * z - root) / 2 / (n + z * z), (2 * x + z * z + root) / 2 / (n + z * z)


def score_variance(x1, n1, x0, n0, delta):
    """Of the likeliest shares that are delta apart, by Miettinen and Nurminen's cubic."""
    N, c = n1 + n0, x1 + x0
    if delta == 0:
        p0 = mp.mpf(c) / N
    else:
        l3, l2 = N, (n1 + 2 * n0) * delta - N - c
        l1, l0 = (n0 * delta - N - 2 * x0) * delta + c, x0 * delta * (1 - delta)
        q = mp.mpf(l2) ** 3 / (3 * l3) ** 3 - l1 * l2 / (6 * mp.mpf(l3) ** 2) + l0 / (2 * l3)
        p = mp.sqrt(max(0, mp.mpf(l2) ** 2 / (3 * l3) ** 2 - mp.mpf(l1) / (3 * l3)))
        p = -p if q < 0 else p
        angle = (mp.pi + mp.acos(min(1, max(-1, q / p**3)))) / 3
        p0 = 2 * p * mp.cos(angle) - mp.mpf(l2) / (3 * l3)
    p1 = p0 + delta
    return max(0, p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * N / (N - 1)


def difference(method, x1, n1, x2, n2, level):
    z = z_of(level)
    p1, p2 = mp.mpf(x1) / n1, mp.mpf(x2) / n2
    d = p1 - p2
    if method == "newcombe":
        (l1, u1), (l2, u2) = wilson(x1, n1, z), wilson(x2, n2, z)
        lower = d - mp.sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
        return d, lower, d + mp.sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)
    if method == "miettinen-nurminen":
        with mp.workdps(100):
            t = tuple(map(mp.mpf, (x1, n1, x2, n2)))
            e = t[0] / t[1] - t[2] / t[3]

            def beyond(delta):
                return abs(e - delta) - z * mp.sqrt(score_variance(*t, delta))

            tiny = mp.mpf(10) ** -40
            return d, bisect(beyond, -1, e - tiny), bisect(beyond, 1, e + tiny)
    more = 1 if method == "agresti-caffo" else 0
    (x1, n1), (x2, n2) = (x1 + more, n1 + 2 * more), (x2 + more, n2 + 2 * more)
    p1, p2 = mp.mpf(x1) / n1, mp.mpf(x2) / n2
    reach = z * mp.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    # The crate's interval always holds d.
    return d, min(d, max(-1, p1 - p2 - reach)), max(d, min(1, p1 - p2 + reach))


def number_needed(*case):
    d, lower, upper = difference(*case)
    if d == 0:
        return None, None, None
    if lower <= 0 <= upper:
        return 1 / abs(d), None, None
    return 1 / abs(d), 1 / max(abs(lower), abs(upper)), 1 / min(abs(lower), abs(upper))


# ── Ratios ────────────────────────────────────────────────────────────────────────────


def about(value, variance, level):
    reach = z_of(level) * mp.sqrt(variance)
    return value, value * mp.exp(-reach), value * mp.exp(reach)


def ratio(method, x1, n1, x2, n2, level):
    x1, n1, x2, n2 = map(mp.mpf, (x1, n1, x2, n2))
    if method == "katz":
        return about(x1 * n2 / (x2 * n1), 1 / x1 - 1 / n1 + 1 / x2 - 1 / n2, level)
    z, N = z_of(level), n1 + n2

    def score(log):
        phi = mp.exp(log)
        a, b, c = N * phi, n1 * phi + x1 + n2 + x2 * phi, x1 + x2
        p2 = (b - mp.sqrt(b * b - 4 * a * c)) / (2 * a)
        p1 = phi * p2
        variance = (p1 * (1 - p1) / n1 + phi**2 * p2 * (1 - p2) / n2) * N / (N - 1)
        return (x1 / n1 - phi * x2 / n2) / mp.sqrt(variance)

    with mp.workdps(80):
        value = x1 * n2 / (x2 * n1) if x2 else None
        tiny = mp.mpf(10) ** -35
        top = mp.log(value) - tiny if x1 and x2 else 30
        lower = mp.exp(bisect(lambda v: score(v) - z, -30, top)) if x1 else mp.mpf(0)
        bottom = mp.log(value) + tiny if x1 and x2 else -30
        upper = mp.exp(bisect(lambda v: score(v) + z, bottom, 30)) if x2 else None
        return value, lower, upper


def odds_ratio(method, x1, n1, x2, n2, level):
    a, b, c, d = mp.mpf(x1), mp.mpf(n1 - x1), mp.mpf(x2), mp.mpf(n2 - x2)
    if method == "woolf":
        return about(a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d, level)
    m = x1 + x2
    low, high = max(0, m - n2), min(n1, m)
    centre = mp.log((a + 0.5) * (d + 0.5) / ((b + 0.5) * (c + 0.5)))
    spread = mp.sqrt(sum(1 / (cell + mp.mpf(1) / 2) for cell in (a, b, c, d)))
    far = 10 * math.sqrt(min(n1, n2, m, n1 + n2 - m)) + 100  # 20 standard deviations
    low, high = max(low, x1 - int(far)), min(high, x1 + int(far))
    ways = {x1: mp.mpf(1)}
    for k in range(x1, high):
        ways[k + 1] = ways[k] * ((n1 - k) * (m - k)) / ((k + 1) * (n2 - m + k + 1))
    for k in range(x1, low, -1):
        ways[k - 1] = ways[k] * (k * (n2 - m + k)) / ((n1 - k + 1) * (m - k + 1))

    def solve(f, start):
        v = mp.mpf(start)
        for _ in range(60):
            odds = mp.exp(v)
            power = odds ** (low - x1)
            terms = []
            for k in range(low, high + 1):
                terms.append((k - x1, ways[k] * power))
                power *= odds
            all_terms = mp.fsum(t for _, t in terms)
            mean = mp.fsum(k * t for k, t in terms) / all_terms
            value, slope = f(terms, all_terms, mean)
            v -= value / slope
            if abs(value / slope) < mp.mpf(10) ** -30:
                return mp.exp(v)
        raise ArithmeticError((x1, n1, x2, n2, level))

    def likeliest(terms, whole, mean):
        return mean, mp.fsum((k - mean) ** 2 * t for k, t in terms) / whole

    def tail(sign):
        def f(terms, whole, mean):
            part = [(k, t) for k, t in terms if k * sign >= 0]
            total = mp.fsum(t for _, t in part)
            slope = mp.fsum(k * t for k, t in part) / total - mean
            return mp.log(total / whole) - mp.log((1 - mp.mpf(level)) / 2), slope

        return f

    z = z_of(level)
    bottom, top = x1 == max(0, m - n2), x1 == min(n1, m)
    return (
        0 if bottom else None if top else solve(likeliest, centre),
        0 if bottom else solve(tail(1), centre - z * spread),
        None if top else solve(tail(-1), centre + z * spread),
    )


# ── Tests ─────────────────────────────────────────────────────────────────────────────


def fisher(x1, n1, x2, n2, side):
    """P and the probability of the table: whole numbers where that is quick, 50 digits beyond."""
    m = x1 + x2
    low, high = max(0, m - n2), min(n1, m)
    if n1 + n2 <= 5000:
        terms = {k: math.comb(n1, k) * math.comb(n2, m - k) for k in range(low, high + 1)}
    else:
        mode = min(max((n1 + 1) * (m + 1) // (n1 + n2 + 2), low), high)
        spread = math.sqrt(n1 / (n1 + n2) * n2 / (n1 + n2) * m * (n1 + n2 - m) / (n1 + n2))
        reach = int(45 * spread) + 100
        low, high = max(low, mode - reach), min(high, mode + reach)
        terms = {mode: mp.mpf(1)}
        for k in range(mode, high):
            terms[k + 1] = terms[k] * ((n1 - k) * (m - k)) / ((k + 1) * (n2 - m + k + 1))
        for k in range(mode, low, -1):
            terms[k - 1] = terms[k] * (k * (n2 - m + k)) / ((n1 - k + 1) * (m - k + 1))
    observed = terms[x1]
    extreme = {
        "less": lambda k, _: k <= x1,
        "greater": lambda k, _: k >= x1,
        "two-sided": lambda _, t: t * 10**7 <= observed * (10**7 + 1),
    }[side]
    whole = mp.fsum(terms.values())
    return mp.fsum(t for k, t in terms.items() if extreme(k, t)) / whole, observed / whole


def upper_tails(n1, n2):
    """Fisher's one-sided p of every table as whole numbers, [i][j]: Σ ways from i on, all ways."""
    tails = [[(0, 1)] * (n2 + 1) for _ in range(n1 + 1)]
    for m in range(n1 + n2 + 1):
        total, whole = 0, math.comb(n1 + n2, m)
        for k in range(min(n1, m), max(0, m - n2) - 1, -1):
            total += math.comb(n1, k) * math.comb(n2, m - k)
            tails[k][m - k] = (total, whole)
    return tails


def most_likely(n1, n2, extreme):
    """The largest probability of the extreme tables over all shares: a polynomial with whole coefficients."""
    N = n1 + n2
    by_events = [0] * (N + 1)
    for i in range(n1 + 1):
        for j in range(n2 + 1):
            if extreme(i, j):
                by_events[i + j] += math.comb(n1, i) * math.comb(n2, j)
    if by_events[0] or by_events[N]:
        return mp.mpf(1)
    grid = np.sin(np.linspace(0, np.pi / 2, 4001)[1:-1]) ** 2
    m = np.array([k for k in range(N + 1) if by_events[k]])
    logs = np.array([float(mp.log(by_events[k])) for k in m])
    powers = np.outer(np.log(grid), m) + np.outer(np.log1p(-grid), N - m) + logs
    heights = np.exp(powers).sum(axis=1)

    def height(p):
        return mp.fsum(by_events[k] * p**k * (1 - p) ** (N - k) for k in m.tolist())

    def slope(p):
        terms = (
            by_events[k] * p ** (k - 1) * (1 - p) ** (N - k - 1) * (k - N * p) for k in m.tolist()
        )
        return mp.fsum(terms)

    best = mp.mpf(0)
    padded = np.concatenate([[0.0], heights, [0.0]])
    for k in range(len(heights)):
        if heights[k] > 0.9 * heights.max() and padded[k] <= heights[k] >= padded[k + 2]:
            low, high = grid[max(k - 1, 0)], grid[min(k + 1, len(grid) - 1)]
            best = max(best, height(bisect(slope, low, high, 60)))
    return best


def barnard(x1, n1, x2, n2, side):
    def score(i, j):  # the sign of T, and T² as a quotient
        cross = i * n2 - j * n1
        spread = (i + j) * (n1 + n2 - i - j)
        return (cross > 0) - (cross < 0), cross * cross, spread if cross else 1

    def compare(one, other):
        """The sign of T(one) − T(other), signed."""
        (s, a, b), (t, c, d) = one, other
        left, right = s * a * d, t * c * b
        return (left > right) - (left < right)

    observed = score(x1, x2)

    def size(one):
        return abs(one[0]), *one[1:]

    extreme = {
        "less": lambda i, j: compare(score(i, j), observed) <= 0,
        "greater": lambda i, j: compare(score(i, j), observed) >= 0,
        "two-sided": lambda i, j: compare(size(score(i, j)), size(observed)) >= 0,
    }[side]
    return most_likely(n1, n2, extreme)


def boschloo(x1, n1, x2, n2, side):
    if side == "less":
        return boschloo(x2, n2, x1, n1, "greater")
    if side == "two-sided":
        both = boschloo(x1, n1, x2, n2, "greater"), boschloo(x2, n2, x1, n1, "greater")
        return min(1, 2 * min(both))
    tails = upper_tails(n1, n2)
    ways, whole = tails[x1][x2]
    return most_likely(n1, n2, lambda i, j: tails[i][j][0] * whole <= ways * tails[i][j][1])


def chi_squared(x1, n1, x2, n2, correct, side):
    N, m, cross = n1 + n2, x1 + x2, x1 * n2 - x2 * n1
    unlike = max(0, abs(cross) - (mp.mpf(N) / 2 if correct else 0))
    statistic = mp.mpf(N) * unlike**2 / (n1 * n2 * m * (N - m))
    beyond = mp.erfc(mp.sqrt(statistic / 2))
    if side == "two-sided":
        return statistic, beyond
    if cross == 0:
        return statistic, mp.mpf(1) / 2
    return statistic, beyond / 2 if (cross > 0) == (side == "greater") else 1 - beyond / 2


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
