"""Stays once more, naively: each child's episodes in each group against its time in care in any."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from oracle import Row

OPEN = dt.date.max
EXTRACT = Path(__file__).parents[2] / "examples" / "ssda903" / "data" / "episodes.csv"


def extract() -> pl.DataFrame:
    """The episodes of the SSDA903 example, as a return has them."""
    frame = pl.read_csv(EXTRACT, infer_schema=False)
    date = {name: pl.col(name).str.to_date("%d/%m/%Y") for name in ("DECOM", "DEC")}
    return frame.with_columns(**date).rename(
        {"CHILD": "child_id", "DECOM": "start", "DEC": "end", "PLACE": "place", "LS": "status"}
    )


def usable(rows: Iterable[Row]) -> list[Row]:
    """Rows with a child and a start that end later than they start."""
    return [
        row | {"end": row["end"] or OPEN}
        for row in rows
        if row["child_id"] is not None and row["start"] and row["start"] < (row["end"] or OPEN)
    ]


def union(rows: Iterable[Row]) -> list[tuple[dt.date, dt.date]]:
    """Join what touches or overlaps."""
    found: list[tuple[dt.date, dt.date]] = []
    for start, end in sorted((row["start"], row["end"]) for row in rows):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def naive_stays(rows: Iterable[Row], by: Sequence[str]) -> list[Row]:
    """Give the stays of each child in each group, against its time in care in any group."""
    good = usable(rows)
    found = []
    for child in {row["child_id"] for row in good}:
        theirs = [row for row in good if row["child_id"] == child]
        care = union(theirs)
        for key in {tuple(row[name] for name in by) for row in theirs}:
            for start, end in union(r for r in theirs if tuple(r[name] for name in by) == key):
                inside = any(first < start <= last for first, last in care)
                began = "move" if inside else "re-entry"
                ended = "move" if any(a <= end < b for a, b in care) else "exit"
                found.append(
                    dict(zip(by, key, strict=True))
                    | {
                        "child_id": child,
                        "start": start,
                        "end": None if end == OPEN else end,
                        "days": None if end == OPEN else (end - start).days,
                        "began": "first entry" if start == care[0][0] else began,
                        "ended": None if end == OPEN else ended,
                    }
                )
    return found
