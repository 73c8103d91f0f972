"""Makes the table of parts of a change in stock, year of entry by year: the formula with 50 digits.

Needs mpmath:  python make_decomposition.py
"""

# Every argument is a number of mpmath's.
# ruff: noqa: ANN001, ANN201

import csv
from itertools import product, zip_longest
from pathlib import Path

import mpmath as mp

HERE = Path(__file__).parent
mp.mp.dps = 50
BY = f"mpmath {mp.__version__}, 50 digits: year by year L ln(ratio of factors), L the logarithmic mean"

POPULATIONS = [(None, None), (52_000, 51_250), (1.5, 1e9), (1000, 1000), (0.1, 0.3)]
# Of each year back from the date: entries, and how many of them are in care.
STOCKS = [
    ([(100, 100), (100, 100)], [(50, 50), (100, 100)]),
    ([(40, 40)], [(20, 20)]),
    ([(400, 100), (32, 8)], [(400, 200), (8, 4)]),
    ([(4, 4), (4, 1)], [(2, 2), (4, 3)]),
    (
        [(311, 240), (290, 171), (305, 120), (250, 66), (0, 0), (12, 0), (3, 1)],
        [(188, 160), (311, 181), (290, 118), (305, 88), (250, 41), (0, 0), (12, 0)],
    ),
    ([(7, 3)], [(9, 3)]),
    ([(7, 3), (9, 0), (0, 0), (5, 2)], [(9, 0), (7, 4), (5, 1), (0, 0)]),
    ([(250, 200), (800, 799)], [(249, 200), (801, 799)]),
    ([(2_000_003, 1_000_003)], [(2_000_001, 1_000_002)]),
    ([(4_000_000_000, 1)], [(3_000_000_000, 3_000_000_000)]),
    ([(6, 5)], [(8, 5), (6, 4), (5, 2)]),
]


def change(before, after):
    """The change in a year's children, and their logarithmic mean, if there is one."""
    first, last = mp.mpf(before[1]), mp.mpf(after[1])
    if 0 in (first, last):
        return last - first, None
    return last - first, first if first == last else (last - first) / mp.log(last / first)


def parts(populations, before, after):
    """The parts by population, entries and stays."""
    found = [[mp.mpf(0)], [mp.mpf(0)], [mp.mpf(0)]]
    sizes = (mp.mpf(1), mp.mpf(1)) if populations[0] is None else [mp.mpf(p) for p in populations]
    whole = mp.mpf(0)
    for old, new in zip_longest(before, after, fillvalue=(0, 0)):
        moved, mean = change(old, new)
        whole += moved
        if 0 in (old[0], new[0]):
            found[1].append(moved)
        elif mean is None:
            found[2].append(moved)
        else:
            entries = [mp.mpf(year[0]) / size for year, size in zip((old, new), sizes, strict=True)]
            shares = [mp.mpf(year[1]) / year[0] for year in (old, new)]
            for part, (a, b) in zip(found, [sizes, entries, shares], strict=True):
                part.append(mean * mp.log(b / a))
    sums = [mp.fsum(part) for part in found]
    assert abs(mp.fsum(sums) - whole) < mp.mpf(10) ** -35
    return [None if populations[0] is None else sums[0], *sums[1:]]


def main():
    """Write the table afresh."""
    with (HERE / "stock_parts.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
        inputs = ["population", "entries", "children"]
        named = [f"{name}_{when}" for when in ("before", "after") for name in inputs]
        writer.writerow([*named, "population", "entries", "stays", "computed_by"])
        for populations, stocks in product(POPULATIONS, STOCKS):
            found = parts(populations, *stocks)
            figures = ["" if part is None else repr(float(part)) for part in found]
            sizes = []
            for size, years in zip(populations, stocks, strict=True):
                columns = [" ".join(map(str, column)) for column in zip(*years, strict=True)]
                sizes += ["" if size is None else size, *columns]
            writer.writerow([*sizes, *figures, BY])


if __name__ == "__main__":
    main()
