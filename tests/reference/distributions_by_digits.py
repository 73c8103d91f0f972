"""The distributions in both tails, with as many digits as are asked for: series, continued fractions and roots."""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201

from fractions import Fraction
from math import comb

import mpmath as mp

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
