"""Children looked after on each of 120 dates, as an expert would write it in each peer.

A child is counted once on a date however many of its episodes cover it: start <= date and
(end null or end > date). Every form here must give the same 120 counts; the fastest of a
library's forms is the peer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import polars as pl

import wholefamily as wf

Run = Callable[[], list[int]]
FOREVER = date(9999, 12, 31)


def _running(gains: pl.DataFrame, losses: pl.DataFrame, count: int) -> list[int]:
    """Counts by date from (index, n) of those that enter and those that leave."""
    steps = np.zeros(count + 1, dtype=np.int64)
    np.add.at(steps, gains["index"].to_numpy(), gains["n"].to_numpy())
    np.add.at(steps, losses["index"].to_numpy(), -losses["n"].to_numpy().astype(np.int64))
    return np.cumsum(steps)[:count].tolist()


def _index(column: str, at: pl.Series) -> pl.Expr:
    """Place of the first date on or after the day; past the last date it is `len(at)`."""
    first, last = at[0], at[-1]
    days = pl.date_range(first, last + timedelta(days=1), eager=True)
    places = at.search_sorted(days, side="left").cast(pl.UInt8)
    day = pl.col(column).fill_null(FOREVER).clip(first, last + timedelta(days=1))
    offset = (day - pl.lit(first)).dt.total_days()
    return pl.lit(places).gather(offset)


def polars_spells(frame: pl.DataFrame, at: pl.Series) -> list[int]:
    """Join episodes into spells by a sort and a running maximum per child; count both ends."""
    previous = pl.col("end").cum_max().shift().over("child_id")
    sorted_ = frame.with_columns(pl.col("end").fill_null(FOREVER)).sort("child_id", "start")
    spells = (
        sorted_.lazy()
        .with_columns((previous.is_null() | (pl.col("start") > previous)).alias("new"))
        .with_columns(pl.col("new").cum_sum().alias("spell"))
        .group_by("spell")
        .agg(pl.col("start").min(), pl.col("end").max())
        .collect()
    )
    entered = spells["start"].sort().search_sorted(at, side="right")
    left = spells["end"].sort().search_sorted(at, side="right")
    return (entered.cast(pl.Int64) - left.cast(pl.Int64)).to_list()


def polars_distinct(frame: pl.DataFrame, at: pl.Series) -> list[int]:
    """One filter and one distinct count for each date, all in one lazy query."""
    end = pl.col("end").fill_null(FOREVER)
    counts = [
        pl.col("child_id").filter((pl.col("start") <= day) & (end > day)).n_unique().alias(str(i))
        for i, day in enumerate(at)
    ]
    return list(frame.lazy().select(counts).collect().row(0))


def polars_explode(frame: pl.DataFrame, at: pl.Series) -> list[int]:
    """One row per child and date covered, then distinct rows per date."""
    days = (
        frame.lazy()
        .select("child_id", _index("start", at).alias("i"), _index("end", at).alias("j"))
        .filter(pl.col("i") < pl.col("j"))
        .select("child_id", pl.int_ranges("i", "j", dtype=pl.UInt8).alias("index"))
        .explode("index")
        .unique()
        .group_by("index")
        .len()
        .collect()
    )
    counts = dict(days.iter_rows())
    return [counts.get(i, 0) for i in range(len(at))]


def polars_join(frame: pl.DataFrame, at: pl.Series) -> list[int]:
    """An inequality join of episodes with dates, then distinct children per date."""
    dates = pl.LazyFrame({"date": at})
    days = (
        frame.lazy()
        .with_columns(pl.col("end").fill_null(FOREVER))
        .join_where(dates, pl.col("start") <= pl.col("date"), pl.col("end") > pl.col("date"))
        .group_by("date")
        .agg(pl.col("child_id").n_unique())
        .collect(engine="streaming")
    )
    counts = dict(days.iter_rows())
    return [counts.get(day, 0) for day in at]


def polars_bits(frame: pl.DataFrame, at: pl.Series) -> list[int]:
    """A bit per date: the dates that an episode covers, joined by `or` for each child."""
    words = range(0, len(at), 64)
    full = (1 << 64) - 1
    below = [pl.Series([min((1 << k) - 1, full) for k in range(65)], dtype=pl.UInt64)] * len(words)
    masks = []
    for start, table in zip(words, below, strict=True):
        i = (pl.col("i").cast(pl.Int16) - start).clip(0, 64)
        j = (pl.col("j").cast(pl.Int16) - start).clip(0, 64)
        masks.append((pl.lit(table).gather(j) ^ pl.lit(table).gather(i)).alias(f"word{start}"))
    children = (
        frame.lazy()
        .select("child_id", _index("start", at).alias("i"), _index("end", at).alias("j"))
        .filter(pl.col("i") < pl.col("j"))
        .select("child_id", *masks)
        .group_by("child_id")
        .agg(pl.col(f"word{start}").bitwise_or() for start in words)
        .select(
            ((pl.col(f"word{index // 64 * 64}") & (1 << index % 64)) != 0).sum().alias(str(index))
            for index in range(len(at))
        )
        .collect()
    )
    return list(children.row(0))


def polars_packed(frame: pl.DataFrame, at: pl.Series) -> list[int]:
    """Child, first and last date in one integer: one sort, one running maximum, no groups.

    Text ids are first numbered through a Categorical.
    """
    child = pl.col("child_id")
    if frame.schema["child_id"] == pl.String:
        child = child.cast(pl.Categorical).to_physical().cast(pl.Int64)
    base = child * (1 << 16)
    reached = pl.col("base") + pl.col("j")
    before = reached.cum_max().shift(fill_value=-1)
    rows = (
        frame.lazy()
        .select(base.alias("base"), _index("start", at).alias("i"), _index("end", at).alias("j"))
        .filter(pl.col("i") < pl.col("j"))
        .select(
            (pl.col("base") + pl.col("i").cast(pl.Int64) * 256 + pl.col("j")).alias("packed").sort()
        )
        .select(
            (pl.col("packed") & ~0xFFFF).alias("base"),
            (pl.col("packed") // 256 & 0xFF).alias("i"),
            (pl.col("packed") & 0xFF).alias("j"),
        )
        .with_columns((before - pl.col("base")).alias("covered"))
        .filter(pl.col("j") > pl.col("covered"))
        .select(pl.max_horizontal("i", "covered").alias("i"), "j")
    )
    pairs = rows.group_by("i", "j").len("n").collect()
    gains = pairs.select(pl.col("i").alias("index"), "n")
    losses = pairs.select(pl.col("j").alias("index"), "n")
    return _running(gains, losses, len(at))


def numpy_packed(
    child: np.ndarray, start: np.ndarray, end: np.ndarray, at: np.ndarray
) -> list[int]:
    """The same packing by hand: a table of days, one sort, one running maximum."""
    first, count = at[0], len(at)
    places = np.searchsorted(at, np.arange(first, at[-1] + 2)).astype(np.int64)
    i = places[np.clip(start, first, at[-1] + 1) - first]
    j = places[np.clip(end, first, at[-1] + 1) - first]
    kept = i < j
    packed = (child[kept] << 16) | (i[kept] << 8) | j[kept]
    packed.sort()
    base, i, j = packed & ~0xFFFF, packed >> 8 & 0xFF, packed & 0xFF
    reached = np.maximum.accumulate(base + j)
    covered = np.full(len(base), -1)
    covered[1:] = reached[:-1] - base[1:]
    new = j > covered
    gains = np.bincount(np.maximum(i, covered)[new], minlength=count + 1)
    losses = np.bincount(j[new], minlength=count + 1)
    return np.cumsum(gains - losses)[:count].tolist()


def pandas_packed(table: pd.DataFrame, at: np.ndarray) -> list[int]:
    """Pandas over numpy; text ids are numbered by `factorize`."""
    child = table["child_id"]
    number = child.to_numpy() if child.dtype == np.int64 else pd.factorize(child)[0]
    start = table["start"].to_numpy().view(np.int64) // 86_400
    ended = table["end"].to_numpy()
    end = np.where(np.isnat(ended), at[-1] + 1, ended.view(np.int64) // 86_400)
    return numpy_packed(number, start, end, at)


def pandas_spells(table: pd.DataFrame, at: np.ndarray) -> list[int]:
    """Spells by sort and grouped running maximum, the usual pandas form."""
    far = pd.Timestamp("2262-01-01")
    sorted_ = table.assign(end=table["end"].fillna(far)).sort_values(["child_id", "start"])
    reached = sorted_.groupby("child_id", sort=False)["end"].cummax()
    first = sorted_["child_id"] != sorted_["child_id"].shift()
    new = first | (sorted_["start"] > reached.shift())
    spells = sorted_.groupby(new.cumsum().to_numpy(), sort=False)
    start = spells["start"].min().sort_values().to_numpy()
    end = spells["end"].max().sort_values().to_numpy()
    days = at.astype("datetime64[D]")
    return (np.searchsorted(start, days, "right") - np.searchsorted(end, days, "right")).tolist()


_SQL_JOIN = """
    select date, count(distinct child_id) as n
    from dates join episodes on start <= date and ended > date
    group by date"""
_SQL_SPELLS = """
    with marked as (
        select child_id, start, ended,
               max(ended) over (partition by child_id order by start
                                rows between unbounded preceding and 1 preceding) as reached
        from episodes),
    covered as (
        select greatest(start, coalesce(reached, start)) as start, ended
        from marked where reached is null or ended > reached),
    steps as (
        select start as day, count(*) as n from covered group by start
        union all select ended, -count(*) from covered group by ended)
    select date, sum(n)::bigint as n
    from dates join steps on day <= date group by date"""
_SQL_BITS = """
    with placed as (
        select child_id, least(greatest(datediff('month', date '2014-01-31', start)
                 + (start > last_day(start))::int, 0), 120) as i,
               least(greatest(datediff('month', date '2014-01-31', ended)
                 + (ended > last_day(ended))::int, 0), 120) as j
        from episodes),
    children as (
        select child_id, bit_or(((1::hugeint << j::hugeint) - 1::hugeint)
                 - ((1::hugeint << i::hugeint) - 1::hugeint)) as covered
        from placed where i < j group by child_id)
    select date, count_if((covered >> place::hugeint) & 1::hugeint = 1) as n
    from children, dates group by date"""


def _duckdb_counts(connection: duckdb.DuckDBPyConnection, query: str, at: pl.Series) -> list[int]:
    counts = dict(connection.execute(query).fetchall())
    return [int(counts.get(day, 0)) for day in at]


def ours(frame: pl.DataFrame, dates: list[date]) -> Run:
    """The engine, asked the same question."""
    measure = wf.LookedAfter(at=dates)

    def run() -> list[int]:
        return measure.run(frame).to_polars().sort("date")["numerator"].to_list()

    return run


def contestants(frame: pl.DataFrame, dates: list[date]) -> dict[str, dict[str, Run]]:
    """Every peer's forms over these rows; conversion to its own table is not timed."""
    at = pl.Series("date", dates)
    days = at.to_physical().to_numpy().astype(np.int64)
    table = pd.DataFrame(
        {
            "start": frame["start"].to_numpy().astype("datetime64[s]"),
            "end": frame["end"].to_numpy().astype("datetime64[s]"),
        }
    )
    if frame.schema["child_id"] == pl.String:
        table["child_id"] = pd.Series(frame["child_id"].to_arrow(), dtype="str")
    else:
        table["child_id"] = frame["child_id"].to_numpy()
    connection = duckdb.connect()
    connection.register("arriving", frame.to_arrow())
    connection.register("arriving_dates", pl.DataFrame({"date": at}).to_arrow())
    connection.execute(
        "create table episodes as select child_id, start, "
        "coalesce(\"end\", date '9999-12-31') as ended from arriving"
    )
    connection.execute(
        "create table dates as select date, row_number() over () - 1 as place from arriving_dates"
    )
    return {
        "polars": {
            "spells": lambda: polars_spells(frame, at),
            "a filter per date": lambda: polars_distinct(frame, at),
            "explode": lambda: polars_explode(frame, at),
            "inequality join": lambda: polars_join(frame, at),
            "a bit per date": lambda: polars_bits(frame, at),
            "packed integers": lambda: polars_packed(frame, at),
        },
        "DuckDB": {
            "range join": lambda: _duckdb_counts(connection, _SQL_JOIN, at),
            "spells": lambda: _duckdb_counts(connection, _SQL_SPELLS, at),
            "a bit per date": lambda: _duckdb_counts(connection, _SQL_BITS, at),
        },
        "pandas + numpy": {
            "spells": lambda: pandas_spells(table, days),
            "packed integers": lambda: pandas_packed(table, days),
        },
    }
