"""Adds two more witnesses to the tables that make_funnel.R wrote: SciPy, and arithmetic with 50 digits.

Needs scipy and mpmath:  Rscript make_funnel.R && python make_funnel.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201, ANN202, PLR0911

import csv
from pathlib import Path

import mpmath as mp
import scipy
import scipy.stats as st

HERE = Path(__file__).parent
SCIPY = f"scipy {scipy.__version__}: "
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def z_of(level):
    return mp.sqrt(2) * mp.erfinv(mp.mpf(level))


def number(text):
    return mp.mpf(float(text))


def numbers(text):
    return [number(part) for part in text.split()]


def text(value):
    return value if isinstance(value, str) else "" if value is None else mp.nstr(mp.mpf(value), 17)


def inputs_of(table, outputs):
    """Each different set of inputs once."""
    with (HERE / table).open(newline="") as file:
        rows = list(csv.DictReader(file))
    seen = {}
    for row in rows:
        inputs = {k: v for k, v in row.items() if k not in {*outputs, "computed_by"}}
        seen.setdefault(tuple(inputs.values()), inputs)
    return list(seen.values())


def append(table, rows):
    with (HERE / table).open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for inputs, expected, by in rows:
            writer.writerow([*inputs.values(), *map(text, expected), by])


def gamma_quantile(tail, shape, *, upper, start):
    """The quantile of a gamma distribution, in its logarithm by Newton's steps."""
    v = mp.log(start)
    for _ in range(60):
        x = mp.exp(v)
        below = mp.gammainc(shape, 0, x, regularized=True)
        miss = (1 - below if upper else below) - tail
        density = mp.exp(shape * v - x - mp.loggamma(shape))  # of v
        step = miss / density * (-1 if upper else 1)
        step = max(min(step, 1), -1)
        v -= step
        if abs(step) < mp.mpf(10) ** -40:
            break
    return mp.exp(v)


def discrete(tail, cells):
    """Smallest r with P(R <= r) >= tail and with P(R > r) <= tail, and Spiegelhalter's interpolation of both."""
    total, low, high, between = mp.mpf(0), None, None, []
    for r, cell in enumerate(cells):
        total += cell
        if low is None and total >= tail:
            low = r
            between.append(r - (total - tail) / cell)
        if high is None and total >= 1 - tail:
            high = r
            between.append(r - (total - (1 - tail)) / cell)
            break
    return low, high, between


def binomial_cells(n, p):
    cell = (1 - p) ** n
    for r in range(n + 1):
        yield cell
        cell *= (n - r) * p / ((r + 1) * (1 - p))


def poisson_cells(mean):
    r, cell = 0, mp.exp(-mean)
    while True:
        yield cell
        r += 1
        cell *= mean / r


def limits_at(row):
    n, average, level = number(row["n"]), number(row["average"]), number(row["level"])
    z, tail, of, method = z_of(level), (1 - level) / 2, row["of"], row["method"]
    if of == "proportion" and method in {"phe", "score"}:
        reach = z * mp.sqrt(average * (1 - average) / n)
        return max(average - reach, 0), min(average + reach, 1)
    if method == "score":
        reach = z * mp.sqrt(average / n)
        return max(average - reach, 0), average + reach
    mean = n * average
    if method in {"exact", "interpolated"}:
        if mean > 5000:
            return None
        cells = binomial_cells(int(n), average) if of == "proportion" else poisson_cells(mean)
        low, high, (smooth_low, smooth_high) = discrete(tail, cells)
        if method == "exact":
            return low / n, high / n
        top = 1 if of == "proportion" else mp.inf
        return max(smooth_low / n, 0), min(max(smooth_high / n, 0), top)
    if of == "proportion":
        return None if n > 2000 else clopper_pearson(n, average, tail)
    if (n if method == "phe" else mean) > 2000:
        return None
    if method == "phe":
        lower = gamma_quantile(tail, n, upper=False, start=max(n - z * mp.sqrt(n), n / 20))
        upper = gamma_quantile(tail, n + 1, upper=True, start=n + 1 + z * mp.sqrt(n + 1))
        return mean / upper, mean / lower
    lower = gamma_quantile(tail, mean, upper=False, start=max(mean - z * mp.sqrt(mean), mean / 20))
    upper = gamma_quantile(tail, mean + 1, upper=True, start=mean + 1 + z * mp.sqrt(mean + 1))
    return lower / n, upper / n


def clopper_pearson(n, average, tail):
    x = n * average

    def solve(a, b, *, upper):
        """The share p at which the beta distribution leaves the tail, by halving its log-odds."""
        low, high = mp.mpf(-60), mp.mpf(60)
        for _ in range(190):
            middle = (low + high) / 2
            p = 1 / (1 + mp.exp(-middle))
            below = mp.betainc(a, b, 0, p, regularized=True)
            reached = (1 - below) < tail if upper else below > tail
            low, high = (low, middle) if reached else (middle, high)
        return 1 / (1 + mp.exp(-(low + high) / 2))

    return solve(x, n - x + 1, upper=False), solve(x + 1, n - x, upper=True)


def limits():
    rows = []
    for row in inputs_of("limits_at.csv", ("lower", "upper")):
        if row["n"] == "0":
            continue
        known = limits_at(row)
        if known:
            rows.append((row, known, DIGITS + "formulas, sums and roots"))
        n, average, tail = float(row["n"]), float(row["average"]), (1 - float(row["level"])) / 2
        if row["method"] == "exact":
            if row["of"] == "proportion":
                low, high = st.binom.ppf(tail, n, average), st.binom.isf(tail, n, average)
            else:
                low, high = st.poisson.ppf(tail, n * average), st.poisson.isf(tail, n * average)
            rows.append((row, (low / n, high / n), SCIPY + "ppf(tail), isf(tail) over n"))
        if row["method"] == "confidence" and n < 1e5:
            if row["of"] == "proportion":
                ends = (
                    st.beta.ppf(tail, n * average, n * (1 - average) + 1),
                    st.beta.isf(tail, n * average + 1, n * (1 - average)),
                )
            else:
                ends = st.gamma.ppf(tail, n * average) / n, st.gamma.isf(tail, n * average + 1) / n
            rows.append((row, ends, SCIPY + "ppf(tail), isf(tail)"))
    append("limits_at.csv", rows)


SCALES = {
    "arcsine": (lambda v: mp.asin(mp.sqrt(v)), lambda u: mp.sin(min(max(u, 0), mp.pi / 2)) ** 2),
    "sqrt": (mp.sqrt, lambda u: max(u, 0) ** 2),
    "log": (mp.log, mp.exp),
}


def error(transform, n, average):
    return 1 / mp.sqrt(n * average) if transform == "log" else 1 / (2 * mp.sqrt(n))


def dispersion():
    rows = []
    for row in inputs_of("overdispersion.csv", ("phi", "tau2", "p_value")):
        transform, trim = row["transform"], number(row["trim"])
        g, average = SCALES[transform][0], number(row["average"])
        pairs = zip(numbers(row["x"]), numbers(row["n"]), strict=True)
        units = [(x, n) for x, n in pairs if x > 0 or transform != "log"]
        k = len(units)
        errors = [error(transform, n, average) for _, n in units]
        z = [(g(x / n) - g(average)) / s for (x, n), s in zip(units, errors, strict=True)]
        ranked = sorted(z)

        def at(p, ranked=ranked):
            place = p * (len(ranked) - 1)
            below = int(mp.floor(place))
            above = min(below + 1, len(ranked) - 1)
            return ranked[below] + (place - below) * (ranked[above] - ranked[below])

        low, high = at(trim), at(1 - trim)
        squares = sum(min(max(v, low), high) ** 2 for v in z)
        w = [1 / s**2 for s in errors]
        tau2 = max(0, (squares - (k - 1)) / (sum(w) - sum(v * v for v in w) / sum(w)))
        tail = mp.gammainc(mp.mpf(k) / 2, sum(v * v for v in z) / 2, mp.inf, regularized=True)
        rows.append(
            (
                row,
                (squares / k, tau2, tail),
                DIGITS + "formulas of Spiegelhalter (2005) and others (2012)",
            )
        )
    append("overdispersion.csv", rows)
    rows = []
    for row in inputs_of("adjusted_limits.csv", ("lower", "upper")):
        (g, back), n, average = SCALES[row["transform"]], number(row["n"]), number(row["average"])
        reach = z_of(number(row["level"])) * mp.sqrt(
            error(row["transform"], n, average) ** 2 + number(row["tau2"])
        )
        ends = back(g(average) - reach), back(g(average) + reach)
        rows.append((row, ends, DIGITS + "formulas"))
    append("adjusted_limits.csv", rows)


limits()
dispersion()
