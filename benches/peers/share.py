"""Grouped share with Wilson intervals, as an expert would write it in each peer.

All start from the same rows: `locality`, `team`, `received` (a date) and `outcome`. Each
function made by `contestants` returns counts and limits by locality, team and month.
Where a library has more than one sensible form, all are here and the fastest is the peer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
from statsmodels.stats.proportion import proportion_confint

import wholefamily as wf

Z = 1.959963984540054
KEYS = ["locality", "team", "month"]
Run = Callable[[], Any]


def _wilson_polars(x: pl.Expr, n: pl.Expr) -> list[pl.Expr]:
    """Value and limits from `x` successes of `n`, as floats: polars counts in 32 bits."""
    x, n = x.cast(pl.Float64), n.cast(pl.Float64)
    middle = (x + Z * Z / 2) / (n + Z * Z)
    half = Z / (n + Z * Z) * (x * (n - x) / n + Z * Z / 4).sqrt()
    return [(x / n).alias("value"), (middle - half).alias("lower"), (middle + half).alias("upper")]


def _polars_by_month(frame: pl.LazyFrame) -> pl.LazyFrame:
    """The form in polars' own guide: group by the keys and the truncated date."""
    return (
        frame.group_by("locality", "team", pl.col("received").dt.truncate("1mo").alias("month"))
        .agg(pl.col("outcome").sum().alias("x"), pl.len().alias("n"))
        .with_columns(_wilson_polars(pl.col("x"), pl.col("n")))
        .sort(KEYS)
    )


def _polars_by_day(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Count by day first, so that only 731 days need truncation."""
    return (
        frame.group_by("locality", "team", "received")
        .agg(pl.col("outcome").sum().alias("x"), pl.len().alias("n"))
        .group_by("locality", "team", pl.col("received").dt.truncate("1mo").alias("month"))
        .agg(pl.col("x", "n").sum())
        .with_columns(_wilson_polars(pl.col("x"), pl.col("n")))
        .sort(KEYS)
    )


def _polars_one_key(frame: pl.LazyFrame) -> pl.LazyFrame:
    """One 32-bit key from the two dictionaries' codes and the day."""
    code = pl.col("received").to_physical() * 16
    for name, factor in (("locality", 4), ("team", 1)):
        code = code + pl.col(name).to_physical().cast(pl.Int32) * factor
    first = pl.col("locality", "team", "received").first()
    return (
        frame.group_by(code.alias("code"))
        .agg(pl.col("outcome").sum().alias("x"), pl.len().alias("n"), first)
        .group_by("locality", "team", pl.col("received").dt.truncate("1mo").alias("month"))
        .agg(pl.col("x", "n").sum())
        .with_columns(_wilson_polars(pl.col("x"), pl.col("n")))
        .sort(KEYS)
    )


_SQL_LIMITS = f"""
    select locality, team, month, x, n, x / n as value,
           (x + {Z * Z / 2}) / (n + {Z * Z})
             - {Z} / (n + {Z * Z}) * sqrt(x * (n - x) / n + {Z * Z / 4}) as lower,
           (x + {Z * Z / 2}) / (n + {Z * Z})
             + {Z} / (n + {Z * Z}) * sqrt(x * (n - x) / n + {Z * Z / 4}) as upper
    from counts order by locality::varchar, team::varchar, month"""
_SQL_BY_MONTH = f"""
    with counts as (
        select locality, team, date_trunc('month', received) as month,
               count(*) filter (where outcome)::bigint as x, count(*) as n
        from referrals group by all)
    {_SQL_LIMITS}"""
_SQL_BY_DAY = f"""
    with days as (
        select locality, team, received,
               count(*) filter (where outcome)::bigint as x, count(*) as n
        from referrals group by all),
    counts as (
        select locality, team, date_trunc('month', received) as month,
               sum(x)::bigint as x, sum(n)::bigint as n
        from days group by all)
    {_SQL_LIMITS}"""


def _duckdb_table(frame: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    """A native table in memory; dictionaries become ENUM columns."""
    connection = duckdb.connect()
    connection.register("arriving", frame.to_arrow())
    connection.execute("create table referrals as select * from arriving")
    connection.unregister("arriving")
    return connection


def _arrow_table(frame: pl.DataFrame) -> pa.Table:
    """Arrow with the dictionaries that pyarrow groups by, and `string` for plain text."""
    table = frame.to_arrow()
    for index, name in enumerate(table.column_names):
        kind = table.schema.field(name).type
        if pa.types.is_large_string(kind) or kind == pa.string_view():
            table = table.set_column(index, name, table[name].cast(pa.string()))
        elif pa.types.is_dictionary(kind):
            byte = pa.dictionary(pa.uint8(), pa.string())
            table = table.set_column(index, name, table[name].cast(byte))
    return table.combine_chunks()


def _arrow_finish(counts: pa.Table) -> pd.DataFrame:
    lower, upper = proportion_confint(counts["x"], counts["n"], method="wilson")
    frame = counts.to_pandas()
    frame["value"], frame["lower"], frame["upper"] = frame["x"] / frame["n"], lower, upper
    return frame


def _arrow_by_day(table: pa.Table) -> pd.DataFrame:
    """Group by day, then by month. `sum` of a boolean counts the true ones."""
    days = table.group_by(["locality", "team", "received"]).aggregate(
        [("outcome", "sum"), ([], "count_all")]
    )
    month = pc.floor_temporal(days["received"], unit="month")
    counts = (
        days.append_column("month", month)
        .group_by(KEYS)
        .aggregate([("outcome_sum", "sum"), ("count_all", "sum")])
        .rename_columns([*KEYS, "x", "n"])
    )
    return _arrow_finish(counts)


def _arrow_by_month(table: pa.Table) -> pd.DataFrame:
    month = pc.floor_temporal(table["received"], unit="month")
    counts = (
        table.append_column("month", month)
        .group_by(KEYS)
        .aggregate([("outcome", "sum"), ([], "count_all")])
        .rename_columns([*KEYS, "x", "n"])
    )
    return _arrow_finish(counts)


def _pandas_table(frame: pl.DataFrame) -> pd.DataFrame:
    """Category keys (or `str`), the day as datetime64[s]; no Arrow-backed columns."""
    table = pd.DataFrame(
        {
            "received": frame["received"].to_numpy().astype("datetime64[s]"),
            "outcome": frame["outcome"].to_numpy(),
        }
    )
    for name in ("locality", "team"):
        if frame.schema[name] == pl.String:
            table[name] = pd.Series(frame[name].to_arrow().cast(pa.large_string()), dtype="str")
        else:
            codes = frame[name].to_physical().to_numpy().astype(np.int8)
            words = frame.schema[name].categories.to_list()
            table[name] = pd.Categorical.from_codes(codes, categories=words)
    return table


def _pandas_by_day(table: pd.DataFrame) -> pd.DataFrame:
    """Group by day, then by month, with statsmodels' Wilson interval."""
    days = table.groupby(["locality", "team", "received"], observed=True, sort=False)["outcome"]
    counts = days.agg(["sum", "size"]).reset_index()
    counts["month"] = counts["received"].dt.to_period("M").dt.to_timestamp()
    by_month = counts.groupby(KEYS, observed=True)[["sum", "size"]].sum().reset_index()
    by_month = by_month.rename(columns={"sum": "x", "size": "n"})
    by_month["value"] = by_month["x"] / by_month["n"]
    by_month["lower"], by_month["upper"] = proportion_confint(
        by_month["x"], by_month["n"], method="wilson"
    )
    return by_month


def answer(result: Any) -> dict[tuple[str, str, str], tuple[int, int, float, float]]:
    """A result in plain values: by locality, team and month, the counts and the limits."""
    names = [*KEYS, "x", "n", "lower", "upper"]
    if isinstance(result, wf.Estimates):
        result = result.to_polars().rename(
            {"period": "month", "numerator": "x", "denominator": "n"}
        )
    if isinstance(result, pa.Table):
        columns = [result[name].to_pylist() for name in names]
    else:
        columns = [list(result[name]) for name in names]
    return {
        (str(locality), str(team), str(month)[:10]): (int(x), int(n), float(lower), float(upper))
        for locality, team, month, x, n, lower, upper in zip(*columns, strict=True)
    }


def agree(left: Any, right: Any) -> bool:
    """The same groups, the same counts, and limits to 1e-12."""
    a, b = answer(left), answer(right)
    return a.keys() == b.keys() and all(
        a[key][:2] == b[key][:2] and np.allclose(a[key][2:], b[key][2:], rtol=0, atol=1e-12)
        for key in a
    )


def ours(frame: pl.DataFrame) -> Run:
    """The engine, asked the same question."""
    measure = wf.Share(outcome="outcome", date="received")
    return lambda: measure.run(frame, by=["locality", "team"], every="month")


def contestants(frame: pl.DataFrame) -> dict[str, dict[str, Run]]:
    """Every peer's forms over these rows; conversion to its own table is not timed."""
    connection = _duckdb_table(frame)
    arrow = _arrow_table(frame)
    pandas = _pandas_table(frame)
    lazy = frame.lazy()
    forms: dict[str, dict[str, Run]] = {
        "polars, eager": {
            "by month": lambda: _eager_by_month(frame),
            "by day, then month": lambda: _eager_by_day(frame),
        },
        "polars, lazy": {
            "by month": lambda: _polars_by_month(lazy).collect(),
            "by day, then month": lambda: _polars_by_day(lazy).collect(),
        },
        "polars, streaming": {
            "by month": lambda: _polars_by_month(lazy).collect(engine="streaming"),
            "by day, then month": lambda: _polars_by_day(lazy).collect(engine="streaming"),
        },
        "DuckDB": {
            "by month": lambda: connection.sql(_SQL_BY_MONTH).to_arrow_table(),
            "by day, then month": lambda: connection.sql(_SQL_BY_DAY).to_arrow_table(),
        },
        "pyarrow": {
            "by month": lambda: _arrow_by_month(arrow),
            "by day, then month": lambda: _arrow_by_day(arrow),
        },
        "pandas + statsmodels": {"by day, then month": lambda: _pandas_by_day(pandas)},
    }
    if frame.schema["locality"] != pl.String:
        forms["polars, lazy"]["one integer key"] = lambda: _polars_one_key(lazy).collect()
        forms["polars, streaming"]["one integer key"] = lambda: _polars_one_key(lazy).collect(
            engine="streaming"
        )
    return forms


def _eager_by_month(frame: pl.DataFrame) -> pl.DataFrame:
    """Eager verbs, each of them multithreaded."""
    counts = (
        frame.with_columns(pl.col("received").dt.truncate("1mo").alias("month"))
        .group_by(KEYS)
        .agg(pl.col("outcome").sum().alias("x"), pl.len().alias("n"))
    )
    return counts.with_columns(_wilson_polars(pl.col("x"), pl.col("n"))).sort(KEYS)


def _eager_by_day(frame: pl.DataFrame) -> pl.DataFrame:
    days = frame.group_by("locality", "team", "received").agg(
        pl.col("outcome").sum().alias("x"), pl.len().alias("n")
    )
    counts = (
        days.with_columns(pl.col("received").dt.truncate("1mo").alias("month"))
        .group_by(KEYS)
        .agg(pl.col("x", "n").sum())
    )
    return counts.with_columns(_wilson_polars(pl.col("x"), pl.col("n"))).sort(KEYS)
