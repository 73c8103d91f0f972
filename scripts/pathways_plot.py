"""Draw where people went next, for the page "Histories".

python scripts/pathways_plot.py FOLDER            writes the image, as SVG
python scripts/pathways_plot.py FOLDER --check    fails if the image is out of date
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import polars as pl

import wholefamily as wf
from wholefamily import plot

NAME = "pathways.svg"
WAYS: list[tuple[str, str | None, int]] = [
    ("referred", "assessed", 412),
    ("referred", "closed", 231),
    ("referred", None, 38),
    ("assessed", "plan", 263),
    ("assessed", "closed", 128),
    ("assessed", None, 21),
    ("plan", "registered", 44),
    ("plan", "closed", 196),
    ("plan", None, 23),
    ("registered", "care", 9),
    ("registered", "closed", 28),
    ("registered", None, 7),
]
"""Made up: so many went from one state to the next."""


def written() -> str:
    """The image as SVG, to a tenth of a point."""
    rows = [(state, to) for state, to, count in WAYS for _ in range(count)]
    table = pl.DataFrame(rows, schema={"from": pl.String, "to": pl.String}, orient="row")
    svg = plot.svg(wf.Pathways().run(table).plot(title="Where people went next (made-up figures)"))
    return re.sub(r"-?\d+\.\d\d+", lambda at: f"{float(at[0]):.1f}".removesuffix(".0"), svg) + "\n"


def main(folder: Path, *, check: bool) -> int:
    """Write the image, or hold the one in the folder to what is drawn now."""
    path = folder / NAME
    if check:
        if path.exists() and path.read_text(encoding="utf-8") == written():
            return 0
        print(f"{path} is out of date; run: make docs", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), check="--check" in sys.argv[2:]))
