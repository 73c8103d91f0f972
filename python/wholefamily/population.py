"""The populations beside a measure: sizes by group and day, and weights by band, row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from . import _bridge
from .errors import ColumnError, DataError, TypeError_

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl


def population_rows(population: object, by: Sequence[str]) -> list[dict[str, object]]:
    """Give a population table as rows: `by` (values in its order), `date`, `population`."""
    frame = _bridge.as_polars(population)
    _check_columns(frame, by)
    sizes = frame.select(*by, _days(frame), _sizes(frame))
    seen: dict[tuple[object, ...], int] = {}
    rows: list[dict[str, object]] = []
    for number, (*groups, day, size) in enumerate(sizes.iter_rows()):
        where = f"population table, row {number}"
        if day is None or size is None:
            missing = "date" if day is None else "population"
            msg = f"{where}: {missing} is null; expected a value in every row"
            raise DataError(msg)
        if not 0 <= size < float("inf"):
            msg = f"{where}: population is {size}; expected a number of children, 0 or more"
            raise DataError(msg)
        cell = (*groups, day)
        if cell in seen:
            what = ", ".join(map(str, cell))
            msg = f"{where}: {what} has a population already, in row {seen[cell]}"
            raise DataError(msg)
        seen[cell] = number
        keys = [key.isoformat() if isinstance(key, dt.date) else key for key in groups]
        rows.append({"by": keys, "date": day.isoformat(), "population": float(size)})
    return rows


def band_weights(standard: object) -> list[dict[str, object]]:
    """Give a standard population as rows: `band`, `weight`."""
    rows: list[dict[str, object]] = []
    for number, (band, weight) in enumerate(_bands(standard)):
        where = f"standard population, row {number}"
        if band is None or not isinstance(band, str | int):
            msg = (
                f"{where}: band is {band!r}; expected the band as the column of the data writes it"
            )
            raise DataError(msg)
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            msg = f"{where}: the weight of {band!r} is {weight!r}; expected a number above 0"
            raise DataError(msg)
        if not 0 < weight < float("inf"):
            msg = f"{where}: the weight of {band!r} is {weight}; expected a number above 0"
            raise DataError(msg)
        rows.append({"band": band, "weight": float(weight)})
    return rows


def _bands(standard: object) -> Iterable[tuple[object, object]]:
    if isinstance(standard, Mapping):
        return cast("Mapping[object, object]", standard).items()
    if standard is None or isinstance(standard, int | float):
        msg = (
            f"standard is {_bridge.shown(standard)}; expected the name of a part of the European "
            "Standard Population such as 'under-18', weights by band, or a table of them"
        )
        raise TypeError_(msg)
    frame = _bridge.as_polars(standard)
    for name in ("band", "weight"):
        if name not in frame.columns:
            have = ", ".join(frame.columns)
            msg = f"no column {name!r} in the table of the standard population; have {have}"
            raise ColumnError(msg)
    return frame.select("band", "weight").iter_rows()


def _check_columns(frame: pl.DataFrame, by: Sequence[str]) -> None:
    for name in (*by, "date", "population"):
        if name not in frame.columns:
            role = "the run is by it" if name in by else "it needs one"
            have = ", ".join(frame.columns)
            msg = f"no column {name!r} in the population table, and {role}; have {have}"
            raise ColumnError(msg)


def _days(frame: pl.DataFrame) -> pl.Series:
    import polars as pl

    column = frame.get_column("date")
    kind = column.dtype
    if kind == pl.String:
        return _days_from_text(column)
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        return column.cast(pl.Date)
    msg = f"column 'date' of the population table holds {_bridge.held(kind)}; expected dates"
    raise TypeError_(msg)


def _days_from_text(column: pl.Series) -> pl.Series:
    days = column.str.to_date("%Y-%m-%d", strict=False)
    wrong = (days.is_null() & column.is_not_null()).arg_true()
    if len(wrong):
        row: Any = wrong[0]
        msg = (
            f"population table, row {row}: date is {column[row]!r}; "
            "expected a day written like '2023-07-31' (year-month-day)"
        )
        raise DataError(msg)
    return days


def _sizes(frame: pl.DataFrame) -> pl.Series:
    import polars as pl

    column = frame.get_column("population")
    if not column.dtype.is_numeric() and column.null_count() < len(column):
        held = _bridge.held(column.dtype)
        msg = f"column 'population' of the population table holds {held}; expected numbers"
        raise TypeError_(msg)
    known = column if column.dtype.is_numeric() else pl.Series(column.name, [None] * len(column))
    return known.cast(pl.Float64)
