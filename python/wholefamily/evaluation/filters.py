"""Which rows does an SQL expression keep, and how many does it leave out?"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from wholefamily.errors import ColumnError, SpecError

from .specification import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROW = "wholefamily row number"
HINTS = {
    "date/datetime/time": "; write a date as DATE '2022-09-01'",
    "string with numeric": "; a column of a CSV is text until dates, numbers or booleans of its table name it",
}


@dataclass(frozen=True)
class Filtered:
    """What a filter kept, left out, and could not decide."""

    where: str
    kept: int
    left_out: int
    undecided: int


def filtered(frame: pl.DataFrame, where: str, place: str) -> tuple[pl.DataFrame, Filtered]:
    """Keep the rows for which an SQL expression holds, and count the others.

    Parameters
    ----------
    frame
        Any rows.
    where
        An SQL expression in polars' dialect. Rows for which it is null are left out and counted apart.
    place
        Where the expression stands, for messages.

    Returns
    -------
    tuple
        The rows kept, and the counts.
    """
    mask = _mask(frame, where, place)
    undecided = mask.null_count()
    kept = frame.filter(mask)
    return kept, Filtered(where, kept.height, frame.height - kept.height - undecided, undecided)


def require(
    columns: list[str], wanted: str, place: str, renamed: dict[str, str] | None = None
) -> None:
    """Raise a `ColumnError` with the nearest name unless the column is there."""
    if wanted in columns:
        return
    if renamed and wanted in renamed:
        raise ColumnError(
            f"{place}: no column '{wanted}': columns renamed it to '{renamed[wanted]}'; use that name"
        )
    raise ColumnError(f"{place}: no column '{wanted}'; {nearest(wanted, columns)}")


def columns_of(frame: pl.DataFrame) -> list[str]:
    """List the columns of an extract, without the row numbers kept beside them."""
    return [column for column in frame.columns if column != ROW]


def _mask(frame: pl.DataFrame, where: str, place: str) -> pl.Series:
    """Give true, false or null for every row."""
    with _sql(where, place):
        expression = pl.sql_expr(where)
    columns = columns_of(frame)
    root = next((name for name in expression.meta.root_names() if name not in columns), None)
    if root is not None:
        near = nearest(root, columns)
        raise ColumnError(
            f"{place}: {where}: no column '{root}'; {near}; text stands in single quotes: '{root}'"
        )
    with _sql(where, place):
        mask = frame.select(expression.alias("keep")).to_series()
    if mask.dtype != pl.Boolean:
        raise SpecError(f"{place}: {where}: gives {mask.dtype}, not true or false for each row")
    if mask.len() != frame.height:
        mask = pl.repeat(mask[0], frame.height, dtype=pl.Boolean, eager=True)
    return mask


@contextmanager
def _sql(where: str, place: str) -> Iterator[None]:
    try:
        yield
    except pl.exceptions.PolarsError as error:
        told = re.sub(r"\s+", " ", str(error).split("\n")[0])
        told = re.sub(r"unable to parse .* as Expr", "not a whole SQL expression", told)
        hints = (hint for part, hint in HINTS.items() if part in told)
        raise SpecError(f"{place}: {where}: {told}{next(hints, '')}") from None
