"""People who were followed, counted afresh for every day, and what all tables of times to an event are made with."""

# Formulas keep their papers' letters, and their parts are written where they are used.
# ruff: noqa: ANN001, ANN201, E731

import csv
from fractions import Fraction as Q
from pathlib import Path

import statsmodels
from mpmath import asin, erfinv, exp, log, mp, mpf, pi, sin, sqrt

mp.dps = 60
HERE = Path(__file__).parent / "survival"
MP = "mpmath 50 digits"
SM = f"statsmodels {statsmodels.__version__}"


def read(name):
    with (HERE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def write(name, rows, columns):
    with (HERE / name).open("w", newline="") as file:
        out = csv.DictWriter(file, columns, lineterminator="\n")
        out.writeheader()
        out.writerows(rows)


def text(x):
    if x is None:
        return ""
    if isinstance(x, Q):
        x = mpf(x.numerator) / x.denominator
    return mp.nstr(mpf(x), 25, min_fixed=0, max_fixed=0) if x != 0 else "0"


def numbers(row, column):
    return [int(word) for word in row[column].split()]


def q(x):
    return mpf(x.numerator) / x.denominator if isinstance(x, Q) else mpf(x)


def people(row):
    time, event = numbers(row, "time"), numbers(row, "event")
    entry = numbers(row, "entry") or [min(time) - 1] * len(time)
    return list(zip(entry, time, event, strict=True))


def days_of(who, until=None):
    """For every event day: at risk and the event counts by cause."""
    for day in sorted({t for _, t, e in who if e > 0}):
        if until is not None and day > until:
            return
        n = sum(1 for a, t, _ in who if a < day <= t)
        yield (
            day,
            n,
            [sum(1 for _, t, e in who if t == day and e == cause) for cause in range(1, 10)],
        )


def kaplan_meier(who, until):
    s, green = Q(1), Q(0)
    for _, n, causes in days_of(who, until):
        d = sum(causes)
        s *= Q(n - d, n)
        green = None if n == d or green is None else green + Q(d, n * (n - d))
    return s, (s * s * green if s > 0 and green is not None else Q(0))


def z_of(level):
    return sqrt(mpf(2)) * erfinv(mpf(level))


def band(word, p, variance, level):
    if variance <= 0:
        return None, None
    p, reach = q(p), z_of(level) * sqrt(q(variance))
    if word == "plain":
        return max(p - reach, mpf(0)), min(p + reach, mpf(1))
    if p == 0:
        return None, None
    if word == "log":
        return p * exp(-reach / p), min(p * exp(reach / p), mpf(1))
    if p == 1:
        return None, None
    if word == "log-log":
        f = reach / (p * log(p))
        return exp(-exp(log(-log(p)) - f)), exp(-exp(log(-log(p)) + f))
    if word == "logit":
        back = lambda x: 1 / (1 + exp(-x))
        f = reach / (p * (1 - p))
        return back(log(p / (1 - p)) - f), back(log(p / (1 - p)) + f)
    f = reach / (2 * sqrt(p * (1 - p)))
    angle = asin(sqrt(p))
    return sin(max(angle - f, mpf(0))) ** 2, sin(min(angle + f, pi / 2)) ** 2


def in_order(low, high):
    return (low, high) if low is None or low <= high else (high, low)


def once(rows, columns):
    seen = set()
    for row in rows:
        key = tuple(row[c] for c in columns)
        if key not in seen:
            seen.add(key)
            yield row


def small(row, most=60):
    return len(row["time"].split()) <= most
