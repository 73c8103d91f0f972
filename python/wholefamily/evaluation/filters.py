"""What does an SQL expression say of the rows: which does it keep, or which value does it give each?"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from wholefamily import _bridge
from wholefamily.errors import ColumnError, SpecError

from .specification import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROW = "wholefamily row number"
HINTS = {
    "date/datetime/time": "; write a date as DATE '2022-09-01'",
    "expected an expression (found": '; a column whose name is a word of SQL stands in double quotes: "end"',
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


def derived(frame: pl.DataFrame, columns: dict[str, str], place: str) -> pl.DataFrame:
    """Add a column for each SQL expression, in their order, so that one may use those before it.

    Parameters
    ----------
    frame
        Any rows.
    columns
        The expressions by the names of the new columns. What is left between two dates is written
        as a whole number of days.
    place
        Where the expressions stand, for messages.

    Returns
    -------
    polars.DataFrame
        The same rows, with the columns added.
    """
    for name, written in columns.items():
        inside = f"{place}: derive: {name}"
        if name in frame.columns:
            raise SpecError(f"{inside}: the table has a column of this name; choose another")
        if not name.strip():
            raise SpecError(f"{place}: derive: a column needs a name")
        values = _values(frame, written, inside)
        if values.dtype.is_nested() or values.dtype == pl.Object:
            raise SpecError(
                f"{inside}: {written}: gives {_bridge.held(values.dtype)}, not one value for each row"
            )
        if values.dtype == pl.Duration:
            values = _days(values, f"{inside}: {written}")
        frame = frame.with_columns(values.alias(name))
    return frame


def _days(values: pl.Series, place: str) -> pl.Series:
    """Count the whole days of time spans; a part of a day is refused."""
    days = values.dt.total_days()
    if (values != days.cast(pl.Int64) * timedelta(days=1)).any():
        raise SpecError(
            f"{place}: gives parts of days; take days, such as CAST(closed AS DATE) - CAST(opened AS DATE)"
        )
    return days


def _mask(frame: pl.DataFrame, where: str, place: str) -> pl.Series:
    """Give true, false or null for every row."""
    mask = _values(frame, where, place)
    if mask.dtype != pl.Boolean:
        raise SpecError(
            f"{place}: {where}: gives {_bridge.held(mask.dtype)}, not true or false for each row"
        )
    return mask


def _values(frame: pl.DataFrame, written: str, place: str) -> pl.Series:
    """Give what an SQL expression says of every row."""
    with _sql(written, place):
        expression = pl.sql_expr(written)
    columns = columns_of(frame)
    root = next((name for name in expression.meta.root_names() if name not in columns), None)
    if root is not None:
        near = nearest(root, columns)
        raise ColumnError(
            f"{place}: {written}: no column '{root}'; {near}; text stands in single quotes: '{root}'"
        )
    with _sql(written, place):
        values = frame.select(expression.alias("value")).to_series()
    if values.len() != frame.height:
        values = pl.repeat(values[0], frame.height, dtype=values.dtype, eager=True)
    return values


@contextmanager
def _sql(where: str, place: str) -> Iterator[None]:
    try:
        yield
    except pl.exceptions.PolarsError as error:
        told = re.sub(r"\s+", " ", str(error).split("\n")[0])
        told = re.sub(r"unable to parse .* as Expr", "not a whole SQL expression", told)
        hints = (hint for part, hint in HINTS.items() if part in told)
        raise SpecError(f"{place}: {where}: {told}{next(hints, '')}") from None
