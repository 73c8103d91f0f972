"""Small tables for the tests that draw them: keys of every type, nulls, duplicates, odd episodes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Sequence

EVERY = ("day", "week", "month", "quarter", "year", "financial_year", "school_year")

KEYS: dict[str, tuple[Any, list[Any]]] = {
    "text": (pl.String, ["Lanark", "Hamilton", "", "é", "=1+1", None]),
    "enum": (pl.Enum(["z", "unused", "Hamilton", "a"]), ["z", "Hamilton", "a", None]),
    "categorical": (pl.Categorical(), ["hub", "local", "third", None]),
    "boolean": (pl.Boolean, [True, False, None]),
    "whole": (pl.Int64, [-2, 0, 7, 10, None]),
    "byte": (pl.UInt8, [0, 3, 255, None]),
    "day": (pl.Date, [dt.date(2020, 2, 29), dt.date(1899, 12, 31), dt.date(2999, 1, 1), None]),
}
"""Types of key columns, with some of their values."""

ANCHORS = (dt.date(2019, 12, 20), dt.date(2020, 2, 20), dt.date(2023, 3, 20), dt.date(1999, 7, 15))
"""Days shortly before a period of some kind begins."""


@dataclass(frozen=True)
class Drawn:
    """A table with its key columns, as the engine gets it and as the oracle reads it."""

    frame: pl.DataFrame
    by: list[str]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.frame.to_dicts()


@st.composite
def keys(draw: st.DrawFn) -> dict[str, tuple[Any, st.SearchStrategy[Any]]]:
    """Draw no, one or two key columns: a type and a strategy for the values of each."""
    kinds = draw(st.lists(st.sampled_from(sorted(KEYS)), max_size=2))
    names = ["second", "first"]  # given in this order, which is not the order of the alphabet
    return {
        name: (KEYS[kind][0], st.sampled_from(KEYS[kind][1]))
        for name, kind in zip(names, kinds, strict=False)
    }


@st.composite
def days(draw: st.DrawFn, *, wide: bool) -> st.SearchStrategy[dt.date]:
    """Draw a window of days: four months, or with steps of three weeks some seven years."""
    first = draw(st.sampled_from(ANCHORS))
    step = 21 if wide else 1
    return st.integers(0, 120).map(lambda n: first + dt.timedelta(days=n * step))


@st.composite
def tables(
    draw: st.DrawFn,
    columns: dict[str, tuple[Any, st.SearchStrategy[Any]]],
    *,
    max_size: int = 25,
) -> Drawn:
    """Draw a table of these columns and of key columns, in one piece or in several."""
    key_columns = draw(keys())
    everything = columns | key_columns
    row = st.tuples(*(values for _, values in everything.values()))
    drawn = draw(st.lists(row, max_size=max_size))
    schema = {name: kind for name, (kind, _) in everything.items()}
    frame = pl.DataFrame(drawn, schema=schema, orient="row")
    return Drawn(in_pieces(frame, draw(st.sampled_from([0, 1, 3]))), list(key_columns))


def in_pieces(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Cut a table into batches of so many rows, without copying; 0 leaves it whole."""
    if not rows or frame.height <= rows:
        return frame
    pieces = [frame.slice(first, rows) for first in range(0, frame.height, rows)]
    return pl.concat(pieces, rechunk=False)


def or_null(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw null in about one case of five."""
    return st.one_of(values, values, values, values, st.none())


@st.composite
def episodes(draw: st.DrawFn, *, wide: bool, max_size: int = 20) -> Drawn:
    """Draw episodes of few children: overlapping, touching, empty, open, backwards, nameless."""
    day = draw(days(wide=wide))
    child = draw(st.sampled_from([(pl.String, "abcde"), (pl.Int64, range(5))]))
    columns: dict[str, tuple[Any, Any]] = {
        "child_id": (child[0], or_null(st.sampled_from(list(child[1])))),
        "start": (pl.Date, or_null(day)),
        "end": (pl.Date, or_null(day)),
    }
    drawn = draw(tables(columns, max_size=max_size))
    return Drawn(tidied(draw, drawn.frame), drawn.by)


def tidied(draw: st.DrawFn, frame: pl.DataFrame) -> pl.DataFrame:
    """Turn most backward episodes round, and end some on the day that they start."""
    turn = draw(st.lists(st.sampled_from("kttttte"), min_size=frame.height, max_size=frame.height))
    how = pl.Series("how", turn, dtype=pl.String)
    backward = (pl.col("end") < pl.col("start")) & (how == "t")
    return frame.with_columns(
        start=pl.when(backward).then("end").otherwise("start"),
        end=pl.when(backward)
        .then("start")
        .when((how == "e") & pl.col("end").is_not_null())
        .then("start")
        .otherwise("end"),
    )


def sampled(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Draw one of these values, or null."""
    return or_null(st.sampled_from(list(values)))
