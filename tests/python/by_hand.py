"""Days and tables of episodes, as tests by hand write them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl


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
