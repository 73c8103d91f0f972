"""Adds another witness to the tables that make.R wrote: arithmetic with 50 digits.

Needs scipy and mpmath:  Rscript make.R && python make.py
"""

# Formulas keep their papers' letters, and every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201

import csv
from pathlib import Path

import mpmath as mp
import scipy.stats as st

HERE = Path(__file__).parent
DIGITS = f"mpmath {mp.__version__}, 50 digits: "
mp.mp.dps = 50


def z_of(level):
    """The two-sided normal quantile of a level as the computer holds it."""
    level = mp.mpf(level)
    z = mp.mpf(st.norm.isf((1 - float(level)) / 2)) if level > 0.5 else level * mp.sqrt(mp.pi / 2)
    for _ in range(8):
        z += (mp.erfc(z / mp.sqrt(2)) - (1 - level)) / (2 * mp.npdf(z))
    return z


def overlap_change(both, before_only, after_only, level):
    a, b, c = mp.mpf(both), mp.mpf(before_only), mp.mpf(after_only)
    before, after = a + b, a + c
    reach = z_of(level) * mp.sqrt(a * (1 / after - 1 / before) ** 2 + b / before**2 + c / after**2)
    log = mp.log(after / before)
    return after / before - 1, mp.expm1(log - reach), mp.expm1(log + reach)


def text(value):
    if isinstance(value, int):
        return str(value)
    return repr(float(value)) if value is not None else ""


def add(name, witness, extra=()):
    """Rows for the inputs of one table, and for extra ones, by whichever of `witness`'s answers is not None."""
    path = HERE / f"{name}.csv"
    with path.open(newline="") as file:
        reader = csv.DictReader(file)
        columns, table = reader.fieldnames, list(reader)
    first = {"normal_quantile": "z", "normal_tail": "p"}.get(name, "value")
    inputs = columns[: columns.index(first)]
    known = dict.fromkeys(
        tuple(row[c] for c in inputs) for row in table if row["computed_by"].startswith("R ")
    )
    known.update(dict.fromkeys(extra))
    with path.open("a", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        for values in known:
            for expected, by in witness(*values):
                writer.writerow([*values, *map(text, expected), by])


def often(level):
    """The levels at which every case is given with 50 digits too."""
    return float(level) not in (0.8, 0.9, 0.99)


def main():
    add(
        "normal_quantile",
        lambda level: [((z_of(float(level)),), DIGITS + "root of erfc(z / sqrt(2)) = 1 - level")],
        [
            ("1e-300",),
            ("1e-9",),
            ("0.001",),
            ("0.01",),
            ("0.1",),
            ("0.3",),
            ("0.499",),
            ("0.999999999999",),
            ("0.9999999999999999",),
        ],
    )
    add(
        "normal_tail",
        lambda z: [((mp.erfc(mp.mpf(float(z)) / mp.sqrt(2)),), DIGITS + "erfc(z / sqrt(2))")],
    )
    add(
        "overlap_change",
        lambda a, b, c, level: (
            [(overlap_change(int(a), int(b), int(c), float(level)), DIGITS + "the formula")]
            if often(level)
            else []
        ),
    )


if __name__ == "__main__":
    main()
