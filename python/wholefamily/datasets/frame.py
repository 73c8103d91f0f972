"""Rows of plain Python values to a polars table with stated types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

Kind = Literal["text", "date", "flag", "count", "number"]


def frame(rows: Sequence[tuple[object, ...]], columns: Mapping[str, Kind]) -> pl.DataFrame:
    """Give the rows, whose values stand in the order of `columns`, as a table."""
    import polars as pl

    types = {
        "text": pl.String,
        "date": pl.Date,
        "flag": pl.Boolean,
        "count": pl.Int64,
        "number": pl.Float64,
    }
    values: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pl.DataFrame(
        [
            pl.Series(name, column, dtype=types[kind])
            for (name, kind), column in zip(columns.items(), values, strict=True)
        ]
    )
