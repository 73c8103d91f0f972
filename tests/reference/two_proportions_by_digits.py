"""Two proportions with 50 digits, or in whole numbers: differences, ratios, odds ratios and exact tests."""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN002, ANN201, ANN202, N806, PLR0917

import math

import mpmath as mp
import numpy as np
import scipy.stats as st

mp.mp.dps = 50


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
