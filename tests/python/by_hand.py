"""Days, holidays and tables of episodes, as tests by hand write them, and results as they read them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

if TYPE_CHECKING:
    import wholefamily as wf

HOLIDAYS = Path(__file__).parents[1] / "reference" / "returns" / "holidays.csv"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def table(*rows: tuple[Any, ...], **more: list[Any]) -> pl.DataFrame:
    """Episodes: child, first day, end (None: open), days as "03-31" of 2023."""
    days = [
        (child, *(None if each is None else day(f"2023-{each}") for each in dates))
        for child, *dates in rows
    ]
    schema = {"child_id": pl.String, "start": pl.Date, "end": pl.Date}
    return pl.DataFrame(days, schema=schema, orient="row").with_columns(
        pl.Series(name, values) for name, values in more.items()
    )


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-11, abs=1e-13)


def by_key(estimates: wf.Estimates, key: str) -> dict[str, dict[str, Any]]:
    """Give the rows of a result by the value of a key of its own."""
    return {row[key]: row for row in estimates.to_polars().to_dicts()}


def bank_holidays(nation: str) -> set[dt.date]:
    table = pl.read_csv(HOLIDAYS, try_parse_dates=True)
    days = set(table.filter(nation=nation)["date"])
    return days - {dt.date(2006, 11, 30)}  # St Andrew's Day: since the Act of January 2007
