"""Makes the table of parts of a change in stock: the formula with 50 digits.

Needs mpmath:  python make_decomposition.py
"""

# Every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201

import csv
from itertools import product
from pathlib import Path

import mpmath as mp

HERE = Path(__file__).parent
mp.mp.dps = 50
BY = f"mpmath {mp.__version__}, 50 digits: L ln(ratio of factors), L the logarithmic mean"

POPULATIONS = [(None, None), (52_000, 51_250), (1.5, 1e9), (1000, 1000), (0.1, 0.3)]
STOCKS = [
    ((40, 100), (20, 50)),
    ((311, 1381), (188, 988)),
    ((1, 1), (1, 2)),
    ((7, 3), (3, 7)),
    ((250, 800), (249, 801)),
    ((250, 800), (300, 800)),
    ((1_000_003, 2_000_003), (1_000_002, 2_000_001)),
    ((1, 4_000_000_000), (3_000_000_000, 1)),
]


def parts(before, after):
    """The parts of a chain of numbers, the last of which is the stock: each is a factor times the one before."""
    logs = [mp.log(mp.mpf(b) / mp.mpf(a)) for a, b in zip(before, after, strict=True)]
    first, last = mp.mpf(before[-1]), mp.mpf(after[-1])
    mean = first if first == last else (last - first) / logs[-1]
    found = [mean * (log - below) for log, below in zip(logs, [mp.mpf(0), *logs], strict=False)]
    assert abs(mp.fsum(found) - (last - first)) < mp.mpf(10) ** -35
    return found


def main():
    """Write the table afresh."""
    with (HERE / "stock_parts.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        inputs = ["population", "entries", "children"]
        named = [f"{name}_{when}" for when in ("before", "after") for name in inputs]
        writer.writerow([*named, "population", "entries", "stays", "computed_by"])
        for (p0, p1), (before, after) in product(POPULATIONS, STOCKS):
            if p0 is None:
                found = [None, *parts(before, after)]
            else:
                found = parts((p0, *before), (p1, *after))
            figures = ["" if part is None else repr(float(part)) for part in found]
            sizes = ["" if size is None else size for size in (p0, *before, p1, *after)]
            writer.writerow([*sizes, *figures, BY])


if __name__ == "__main__":
    main()
