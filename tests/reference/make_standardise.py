"""Adds one more witness to the tables that make_standardise.R wrote: arithmetic with 50 digits.

Needs scipy, statsmodels and mpmath:  Rscript make_standardise.R && python make_standardise.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, N806, PLR0917

import csv

import mpmath as mp
from make_rates import DIGITS, HERE, byar, count_limits, poisson_limits, two_sided, z_of

MOST = 10**6  # beyond which sums of Poisson probabilities take long


def numbers(word):
    return [mp.mpf(float(part)) for part in word.split()]


def sums(x, n, w):
    """The rate and its variance, of events that are independent."""
    c = [weight / size / mp.fsum(w) for size, weight in zip(n, w, strict=True)]
    return (
        mp.fsum(a * b for a, b in zip(c, x, strict=True)),
        mp.fsum(a * a * b for a, b in zip(c, x, strict=True)),
    )


def dobson(convention, method, total, rate, variance, per, level):
    if convention == "phe" and total < 10:
        return None, None, None
    if total == 0:
        return mp.mpf(0), None, None
    z = mp.mpf(1.96) if convention == "scotpho" and float(level) == 0.95 else z_of(level)
    lower, upper = byar(total, z) if method == "byar" else poisson_limits(total, level)
    slope = mp.sqrt(variance / total)
    return (
        rate * per,
        max(0, rate + slope * (lower - total)) * per,
        (rate + slope * (upper - total)) * per,
    )


def gamma_quantile(shape, tail, *, upper):
    """The value that a gamma variable exceeds, or falls short of, with chance `tail`."""
    if shape > 10**4:
        return None
    z = z_of(1 - 2 * tail) * (1 if upper else -1)
    cube = max(1 - 1 / (9 * shape) + z / (3 * mp.sqrt(shape)), mp.mpf("0.05")) ** 3

    def chance(v):
        x = mp.exp(v)
        part = mp.gammainc(shape, x, mp.inf) if upper else mp.gammainc(shape, 0, x)
        return mp.log(part / mp.gamma(shape)) - mp.log(tail)

    start = mp.log(shape * cube)
    return mp.exp(mp.findroot(chance, (start, start + mp.mpf(10) ** -4)))


def fay_feuer(convention, x, n, w, per, level):
    if convention == "phe" and sum(x) < 10:
        return None, None, None
    R, V = sums(x, n, w)
    m = max(weight / size / mp.fsum(w) for size, weight in zip(n, w, strict=True))
    tail = (1 - mp.mpf(level)) / 2
    lower = gamma_quantile(R * R / V, tail, upper=False) if R else mp.mpf(0)
    upper = gamma_quantile((R + m) ** 2 / (V + m * m), tail, upper=True)
    if lower is None or upper is None:
        return None
    return R * per, lower * (V / R if R else 0) * per, upper * (V + m * m) / (R + m) * per


def direct(convention, method, x, n, weight, per, level):
    x, n, w, k = numbers(x), numbers(n), numbers(weight), mp.mpf(float(per))
    if method == "fay-feuer":
        return fay_feuer(convention, x, n, w, k, level)
    total = int(sum(x))
    if method == "exact" and total > MOST:
        return None
    return dobson(convention, method, total, *sums(x, n, w), k, level)


def direct_repeat(convention, method, band, events, persons, n, weight, per, level):
    bands = {}
    for b, f, m, size, w in zip(
        band.split(), *map(numbers, (events, persons, n, weight)), strict=True
    ):
        row = bands.setdefault(b, [mp.mpf(0), mp.mpf(0), size, w])
        row[0] += f * m
        row[1] += f * f * m
    x, variance, sizes, w = zip(*bands.values(), strict=True)
    rate, _ = sums(x, sizes, w)
    _, V = sums(variance, sizes, w)
    return dobson(convention, method, int(sum(x)), rate, V, mp.mpf(float(per)), level)


def indirect(method, x, n, x_reference, n_reference, per, level):
    total, n, a, b = int(sum(numbers(x))), numbers(n), numbers(x_reference), numbers(n_reference)
    if method == "exact" and total > MOST:
        return None
    E = mp.fsum(size * events / people for size, events, people in zip(n, a, b, strict=True))
    scale = mp.mpf(float(per)) * mp.fsum(a) / mp.fsum(b) if per else mp.mpf(1)
    lower, upper = count_limits(method, total, level)
    return total / E * scale, lower / E * scale, upper / E * scale, total, E


def comparative_ratio(x1, n1, x2, n2, weight, level):
    w = numbers(weight)
    (r1, v1), (r2, v2) = (
        sums(numbers(x1), numbers(n1), w),
        sums(numbers(x2), numbers(n2), w),
    )
    s = mp.sqrt(v1 / r1**2 + v2 / r2**2)
    ratio, reach = r1 / r2, z_of(level) * s
    return ratio, ratio * mp.exp(-reach), ratio * mp.exp(reach), two_sided(mp.log(ratio) / s)


def comparative_difference(x1, n1, x2, n2, weight, per, level):
    w, k = numbers(weight), mp.mpf(float(per))
    (r1, v1), (r2, v2) = (
        sums(numbers(x1), numbers(n1), w),
        sums(numbers(x2), numbers(n2), w),
    )
    s = mp.sqrt(v1 + v2)
    d, reach = r1 - r2, z_of(level) * s
    return d * k, (d - reach) * k, (d + reach) * k, two_sided(d / s)


def text(value):
    if isinstance(value, int):
        return str(value)
    return repr(float(value)) if value is not None else ""


def add(name, witness):
    """What `witness` has for the inputs of one table, once each; nothing where it is None."""
    path = HERE / f"{name}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        columns, table = reader.fieldnames, list(reader)
    inputs = columns[: columns.index("value")]
    known = dict.fromkeys(
        tuple(row[c] for c in inputs) for row in table if row["computed_by"].startswith("R ")
    )
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for values in known:
            arguments = dict(zip(inputs, values, strict=True))
            arguments["level"] = float(arguments["level"])
            expected = witness(**arguments)
            if expected is not None:
                writer.writerow([*values, *map(text, expected), DIGITS + "the formula"])


def main():
    add("standardise_direct", direct)
    add("standardise_direct_repeat", direct_repeat)
    add("standardise_indirect", indirect)
    add("comparative_ratio", comparative_ratio)
    add("comparative_difference", comparative_difference)


if __name__ == "__main__":
    main()
