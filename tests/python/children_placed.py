"""Where children live, drawn at random, and on which days they are counted."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import settings
from hypothesis import strategies as st

import naive_placements as naive
from oracle import groups, last_day, periods, share_row
from strategies import Drawn, days, or_null, sampled, tables, tidied

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oracle import Row

drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)
DATA = Path(__file__).parents[2] / "examples" / "ssda903" / "data"
ONE_DAY = dt.timedelta(days=1)
LAST_OF_RETURN = dt.date(2018, 3, 31)
TOTALS = st.sampled_from([None, "month", "financial_year", "school_year"])


@st.composite
def stays(draw: st.DrawFn, *, wide: bool = True) -> Drawn:
    """Draw episodes of few children in few places, and groups of brothers and sisters."""
    when = draw(days(wide=wide))
    made = draw(
        tables(
            {
                "child_id": (pl.String, or_null(st.sampled_from("abcdef"))),
                "start": (pl.Date, or_null(when)),
                "end": (pl.Date, or_null(when)),
                "placement": (pl.String, sampled(["kinship", "foster", "residential"])),
                "near": (pl.Boolean, sampled([True, False])),
                "sibling_group": (pl.Int64, sampled([1, 2])),
                "place_id": (pl.String, sampled(["x", "y", "z"])),
                "area": (pl.String, sampled(["Fife", "Moray"])),
                "authority": (pl.String, sampled(["Fife", "Moray"])),
            },
            max_size=24,
        )
    )
    return Drawn(tidied(draw, made.frame), made.by)


def where(rows: list[Row], date: dt.date, kind: Callable[[Row], Any]) -> list[Row]:
    """Give the row that counts for each child on a date."""
    chosen = []
    for theirs in naive.usable(rows).values():
        held = naive.holding(theirs, date)
        if held:
            chosen.append(
                max(held, key=lambda row: (row["start"], row["end"] or naive.NEVER, kind(row)))
            )
    return chosen


def asked(data: Sequence[Row], every: str | None, at: list[dt.date]) -> list[tuple[Any, dt.date]]:
    """Give the dates to count on, each with its period."""
    if every is None:
        return [(None, date) for date in sorted(set(at))]
    seen = days_seen(data)
    if not seen:
        return []
    first = min(row["start"] for row in data if _readable(row))
    dates = [(one, last_day(one, every)) for one in periods(first, max(seen), every)]
    return [(one, date) for one, date in dates if date <= max(seen)]


def _readable(row: Row) -> bool:
    """Tell whether a row has a child and days in order; it may begin and end on one day."""
    return (
        row["child_id"] is not None
        and row["start"] is not None
        and (row["end"] is None or row["end"] >= row["start"])
    )


def days_seen(rows: Sequence[Row]) -> list[dt.date]:
    return [date for row in rows if _readable(row) for date in (row["start"], row["end"]) if date]


def by_date(
    data: Drawn,
    dates: tuple[list[dt.date], str | None],
    count: Callable[[list[Row], dt.date], list[tuple[Row, int, int]]],
    used: Callable[[Row], bool],
    seen: Callable[[Row], bool] = lambda _: True,
) -> list[Row]:
    """Make the rows of a measure of shares on dates."""
    at, every = dates
    found = []
    for key, members in groups(data.rows, data.by):
        good = [row for row in members if _readable(row) and used(row)]
        counts = {"rows_used": len(good), "rows_dropped": len(members) - len(good)}
        for first, date in asked([row for row in data.rows if seen(row)], every, at):
            begun = {"period": first} if every else {}
            for own, numerator, base in count(members, date):
                figures = share_row(numerator, base, "wilson", 0.95)
                found.append(begun | key | {"date": date} | figures | own | counts)
    # Sorting keeps the order of the groups within a period.
    return sorted(found, key=lambda row: row["period"]) if every else found


def keys(by: list[str], every: str | None, *own: str) -> list[str]:
    return [*by, *(["period"] if every else []), "date", *own]


def year_end_return() -> pl.DataFrame:
    """Read the episodes of the third-party return, but for short breaks, up to its last day."""
    names = {"CHILD": "child_id", "DECOM": "start", "DEC": "end", "PLACE": "placement"}
    frame = pl.read_csv(DATA / "episodes.csv").rename(names)
    frame = frame.with_columns(pl.col("start", "end").str.to_date("%d/%m/%Y"))
    return frame.filter(~pl.col("LS").is_in(["V3", "V4"]))
