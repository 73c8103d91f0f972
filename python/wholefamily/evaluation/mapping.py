"""How do the columns and codes of an extract become ours?

A value that cannot be read sets its whole row aside, counted and listed: a null in its place
could change the meaning of the row (an episode without an end is still open).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from wholefamily import _bridge
from wholefamily.errors import DataError, SpecError

from .filters import ROW, columns_of, require
from .specification import Booleans, Dates, Table

if TYPE_CHECKING:
    from collections.abc import Iterator

EARLIEST_YEAR = 100
LISTED_CODES = 10
TIMES = ("%H", "%I", "%M", "%S", "%T", "%R")
SET_ASIDE = {"row": pl.UInt32, "column": pl.String, "value": pl.String, "expected": pl.String}


def rename(frame: pl.DataFrame, table: Table, place: str) -> pl.DataFrame:
    """Give the columns our names."""
    columns = columns_of(frame)
    for theirs in table.columns:
        require(columns, theirs, f"{place}: columns")
    after = [table.columns.get(column, column) for column in columns]
    twice = next((column for column in after if after.count(column) > 1), None)
    if twice is not None:
        raise SpecError(f"{place}: columns: two columns would be called '{twice}'")
    return frame.rename(table.columns)


def read_text(frame: pl.DataFrame, table: Table, place: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Turn text into dates, numbers and booleans.

    Returns
    -------
    tuple
        The rows of which every value could be read, and the values that could not.
    """
    plans = list(_plans(table, place))
    seen: dict[str, str] = {}
    for kind, column, expected, _ in plans:
        require(columns_of(frame), column, f"{place}: {kind}", table.columns)
        if column in seen:
            raise SpecError(f"{place}: {kind}: column '{column}' is already read as {seen[column]}")
        seen[column] = expected
        held = frame[column].dtype
        if held not in (pl.String, pl.Null):
            raise SpecError(
                f"{place}: {kind}: column '{column}' holds {_bridge.held(held)}, not text; leave it out of {kind}"
            )
    read = frame.with_columns(expression.alias(column) for _, column, _, expression in plans)
    unread = [pl.DataFrame(schema=SET_ASIDE)]
    for _, column, expected, _ in plans:
        wrong = frame.filter(frame[column].is_not_null() & read[column].is_null())
        unread.append(
            wrong.select(
                pl.col(ROW).alias("row"),
                pl.lit(column).alias("column"),
                pl.col(column).cast(pl.String).alias("value"),
                pl.lit(expected).alias("expected"),
            )
        )
    set_aside = pl.concat(unread).sort("row", "column")
    kept = read.filter(~pl.col(ROW).is_in(set_aside["row"].unique().implode()))
    return kept, set_aside


def map_codes(frame: pl.DataFrame, table: Table, place: str) -> tuple[pl.DataFrame, list[str]]:
    """Replace the extract's codes by ours, and tell which had no mapping."""
    notes = []
    for column, codes in table.codes.items():
        require(columns_of(frame), column, f"{place}: codes", table.columns)
        text = frame[column].cast(pl.String)
        known = pl.Series([*codes, *codes.values()], dtype=pl.String).unique()
        unknown = text.filter(text.is_not_null() & ~text.is_in(known.implode()))
        if unknown.len():
            told = _counted(unknown)
            if table.unmapped == "error":
                raise DataError(f"{place}: codes.{column}: no mapping for {told}")
            notes.append(f"Codes of {column} without a mapping were kept as they are: {told}.")
        frame = frame.with_columns(text.replace(codes).alias(column))
    return frame, notes


def _counted(codes: pl.Series) -> str:
    """List codes with their counts, the most frequent first."""
    counts = codes.rename("code").value_counts().sort("count", "code", descending=[True, False])
    first = counts.head(LISTED_CODES)
    told = ", ".join(f"{code} ({number:,})" for code, number in first.iter_rows())
    others = counts.height - first.height
    return f"{told} and {others} others" if others else told


def _plans(table: Table, place: str) -> Iterator[tuple[str, str, str, pl.Expr]]:
    """List what to read out of text: the key that asks for it, the column, what is expected, and how."""
    for dates in _listed(table.dates):
        _check_format(dates.format, place)
        for column in dates.columns:
            yield "dates", column, f"a date written {dates.format}", _date(column, dates.format)
    for column in table.numbers:
        number = pl.col(column).cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
        yield "numbers", column, "a number", pl.when(number.is_finite()).then(number)
    for words in _listed(table.booleans):
        meaning = dict.fromkeys(words.true, True) | dict.fromkeys(words.false, False)
        for column in words.columns:
            text = pl.col(column).cast(pl.String)
            read = text.replace_strict(meaning, default=None, return_dtype=pl.Boolean)
            yield "booleans", column, f"one of {', '.join(meaning)}", read


def _listed(blocks: Any) -> list[Any]:  # noqa: ANN401 - Dates or Booleans, one or several
    return [blocks] if isinstance(blocks, Dates | Booleans) else list(blocks)


def _date(column: str, written: str) -> pl.Expr:
    """Read dates in exactly one format; a two-digit year under %Y is not a year."""
    kind = pl.Datetime("us") if any(part in written for part in TIMES) else pl.Date
    text = pl.col(column).cast(pl.String)
    value = text.str.strptime(kind, written, strict=False, exact=True)
    return pl.when(value.dt.year() >= EARLIEST_YEAR).then(value)


def _check_format(written: str, place: str) -> None:
    """Refuse a format that does not carry the day, the month and the year."""
    probe = pl.DataFrame({"day": [date(2017, 12, 28), date(2003, 2, 1)]})
    try:
        text = probe.select(pl.col("day").cast(pl.Datetime("us")).dt.strftime(written))
        back = text.select(_date("day", written).cast(pl.Date))
    except pl.exceptions.PolarsError:
        back = None
    if back is None or not back.equals(probe):
        raise SpecError(
            f"{place}: dates: format = '{written}' should hold day, month and year, "
            "such as '%d/%m/%Y' or '%Y-%m-%d'"
        )
