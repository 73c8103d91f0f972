"""Spells of care from episodes, as an expert would write them in each peer.

An episode continues a spell if it begins on or before the day after the spell is over. Every form
gives one row a spell: child, number of the spell, start, end (null: open), episodes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import duckdb
import numpy as np
import polars as pl

import wholefamily as wf

Run = Callable[[], pl.DataFrame]
FOREVER = date(9999, 12, 31)
COLUMNS = ["child_id", "spell", "start", "end", "episodes"]


def ours(frame: pl.DataFrame) -> Run:
    """Our spells, with the list of every problem on the way."""
    return lambda: wf.spells(frame).to_polars()


def _spells(marked: pl.LazyFrame) -> pl.LazyFrame:
    """From sorted episodes, marked where a spell begins, to spells."""
    end = pl.col("end").max()
    return (
        marked.with_columns(pl.col("new").cum_sum().alias("of"))
        .group_by("of", maintain_order=True)
        .agg(
            pl.col("child_id").first(),
            pl.col("start").first(),
            pl.when(end < FOREVER).then(end).alias("end"),
            pl.len().alias("episodes"),
        )
        .with_columns(pl.int_range(1, pl.len() + 1).over("child_id").alias("spell"))
        .select(COLUMNS)
    )


def _sorted(frame: pl.DataFrame) -> pl.LazyFrame:
    return frame.lazy().with_columns(pl.col("end").fill_null(FOREVER)).sort("child_id", "start")


def polars_over_child(frame: pl.DataFrame) -> pl.DataFrame:
    """The form in the guides: a running maximum of the end for each child."""
    reach = pl.col("end").cum_max().shift().over("child_id")
    new = reach.is_null() | (pl.col("start") > reach + pl.duration(days=1))
    return _spells(_sorted(frame).with_columns(new.alias("new"))).collect()


def polars_packed(frame: pl.DataFrame) -> pl.DataFrame:
    """One running maximum for all: the child's place, then the end, in one whole number."""
    day = pl.col("end").to_physical().cast(pl.Int64)
    first = pl.col("child_id") != pl.col("child_id").shift()
    place = first.fill_null(value=True).cum_sum().cast(pl.Int64) * 2**32
    reach = (place + day).cum_max().shift() - place
    new = reach.is_null() | (pl.col("start").to_physical().cast(pl.Int64) > reach + 1)
    return _spells(_sorted(frame).with_columns(new.alias("new"))).collect()


def polars_one_key(frame: pl.DataFrame) -> pl.DataFrame:
    """Child and start packed into the whole number that is sorted by; runs read off by their ends."""
    begin = pl.col("child_id") * 2**22 + pl.col("start").to_physical()
    packed = (
        frame.lazy()
        .select(begin.alias("begin"), pl.col("end").fill_null(FOREVER).to_physical())
        .sort("begin")
        .with_columns(
            (pl.col("begin") - pl.col("begin") % 2**22 + pl.col("end")).cum_max().alias("reach")
        )
    )
    new = pl.col("begin") > pl.col("reach").shift() + 1
    starts = (
        packed.with_row_index("row")
        .with_columns(pl.col("reach").shift(-1).alias("_"), new.fill_null(value=True).alias("new"))
        .with_columns(pl.col("new").shift(-1).fill_null(value=True).alias("last"))
        .filter(pl.col("new") | pl.col("last"))
        .collect()
    )
    first, last = starts.filter("new"), starts.filter("last")
    forever = (FOREVER - date(1970, 1, 1)).days
    end = last["reach"] % 2**22
    return (
        first.lazy()
        .select(
            (pl.col("begin") // 2**22).alias("child_id"),
            (pl.col("begin") % 2**22).cast(pl.Int32).cast(pl.Date).alias("start"),
            pl.when(pl.lit(end) < forever)
            .then(pl.lit(end))
            .cast(pl.Int32)
            .cast(pl.Date)
            .alias("end"),
            (pl.lit(last["row"]) - pl.col("row") + 1).alias("episodes"),
        )
        .with_columns(pl.int_range(1, pl.len() + 1).over("child_id").alias("spell"))
        .select(COLUMNS)
        .collect()
    )


def numpy_packed(frame: pl.DataFrame) -> pl.DataFrame:
    """Child and start packed, sorted with the end by the sort of whole numbers."""
    forever = (FOREVER - date(1970, 1, 1)).days
    start = frame["start"].to_physical().to_numpy().astype(np.int64)
    end = frame["end"].fill_null(FOREVER).to_physical().to_numpy().astype(np.int64)
    begin = frame["child_id"].to_numpy() << 22 | start
    order = np.argsort(begin, kind="stable")
    begin, end = begin[order], end[order]
    child = begin >> 22
    reach = np.maximum.accumulate(child << 22 | end)
    new = np.ones(len(begin), dtype=bool)
    new[1:] = begin[1:] > reach[:-1] + 1
    first = np.flatnonzero(new)
    after = np.append(first[1:], len(begin))
    ends = (reach[after - 1] & (2**22 - 1)).astype(np.int32)
    child = child[first]
    begins = np.flatnonzero(np.append(True, child[1:] != child[:-1]))
    number = np.arange(len(child)) - np.repeat(begins, np.diff(np.append(begins, len(child)))) + 1
    made = pl.DataFrame(
        {
            "child_id": child,
            "spell": number,
            "start": pl.Series((begin[first] & (2**22 - 1)).astype(np.int32)).cast(pl.Date),
            "end": pl.Series(ends),
            "episodes": after - first,
        }
    )
    open_ended = pl.when(pl.col("end") < forever).then("end").cast(pl.Date)
    return made.with_columns(open_ended.alias("end"))


def duckdb_windows(frame: pl.DataFrame) -> pl.DataFrame:  # noqa: ARG001  (DuckDB finds it by name)
    """Windows in SQL."""
    return duckdb.sql(
        """
        with reached as (
          select child_id, start, coalesce("end", date '9999-12-31') as "end",
                 max(coalesce("end", date '9999-12-31')) over (
                   partition by child_id order by start
                   rows between unbounded preceding and 1 preceding) as reach
          from frame),
        marked as (
          select *, sum(case when reach is null or start > reach + 1 then 1 else 0 end) over (
                      partition by child_id order by start rows unbounded preceding) as spell
          from reached)
        select child_id, spell, min(start) as start,
               nullif(max("end"), date '9999-12-31') as "end", count(*) as episodes
        from marked group by child_id, spell order by child_id, spell
        """
    ).pl()


def contestants(frame: pl.DataFrame) -> dict[str, dict[str, Run]]:
    """Every form by library."""
    return {
        "polars": {
            "running maximum over child": lambda: polars_over_child(frame),
            "one running maximum": lambda: polars_packed(frame),
            "one whole number": lambda: polars_one_key(frame),
        },
        "numpy": {"one whole number": lambda: numpy_packed(frame)},
        "DuckDB": {"windows": lambda: duckdb_windows(frame)},
    }


def agree(expected: pl.DataFrame, answer: pl.DataFrame) -> bool:
    """Whether the spells are the same, in the same order."""
    types = {"spell": pl.Int64, "episodes": pl.Int64}
    return expected.select(COLUMNS).equals(answer.select(COLUMNS).cast(types))
