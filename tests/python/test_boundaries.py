"""Where tables are cut: chunks, batches, slices, dictionaries, and more groups than fit a table of codes."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

import oracle
import wholefamily as wf
from strategies import EVERY

SHARE = wf.Share(outcome="helped", date="when")
DAY = dt.date(2021, 3, 31)
CHUNK = 1_048_576
"""How many rows the engine counts at a time in a measure of shares."""
CARE_CHUNK = 65_536
"""How many in a measure of people."""


def numbers(seed: int, rows: int, below: int) -> np.ndarray[Any, Any]:
    return np.random.default_rng(seed).integers(0, below, rows)


def rows_of(count: int, seed: int, *, days: int = 700) -> pl.DataFrame:
    """Make rows with outcomes, nulls among them, two keys and dates over some days."""
    outcome = pl.Series(numbers(seed, count, 5))
    area = pl.Series(numbers(seed + 1, count, 4))
    return pl.DataFrame(
        {
            "helped": pl.select(pl.when(outcome < 4).then(outcome < 1)).to_series(),
            "area": pl.select(pl.when(area < 3).then(area.cast(pl.String))).to_series(),
            "team": pl.Series(numbers(seed + 2, count, 2)) == 0,
            "when": pl.Series(18_000 + numbers(seed + 3, count, days), dtype=pl.Int32).cast(
                pl.Date
            ),
        }
    )


PERIOD_OF: dict[str, pl.Expr] = {
    "day": pl.col("when"),
    "week": pl.col("when").dt.truncate("1w"),
    "month": pl.col("when").dt.truncate("1mo"),
    "quarter": pl.col("when").dt.truncate("1q"),
    "year": pl.col("when").dt.truncate("1y"),
    "financial_year": pl.col("when").dt.offset_by("-3mo").dt.truncate("1y").dt.offset_by("3mo"),
    "school_year": pl.col("when").dt.offset_by("-7mo").dt.truncate("1y").dt.offset_by("7mo"),
}


def by_polars(table: pl.DataFrame, by: list[str], every: str | None) -> pl.DataFrame:
    """Count the same with polars."""
    period = {"period": PERIOD_OF[every]} if every else {}
    sums = {
        "numerator": pl.col("helped").sum().cast(pl.Int64),
        "denominator": pl.col("helped").count().cast(pl.Float64),
        "rows_dropped": pl.col("helped").null_count().cast(pl.Int64),
    }
    keys = [*by, *period]
    if not keys:
        return table.select(**sums)
    order = [*period, *by]
    counted = table.with_columns(**period).group_by(keys).agg(**sums)
    return counted.sort(order, nulls_last=True).select(*keys, *sums)


def hold(table: Any, like: pl.DataFrame, by: list[str], every: Any) -> pl.DataFrame:
    """Compare the engine's counts with those of polars; give the whole result."""
    got = SHARE.run(table, by=by, every=every).to_polars()
    expected = by_polars(like, by, every)
    counts = got.select(expected.columns)
    assert counts.equals(expected), (counts, expected)
    return got


# ── Chunks ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("count", [255, 256, 257, 262_144, CHUNK - 1, CHUNK, CHUNK + 1])
def test_rows_at_the_end_of_a_chunk(count: int) -> None:
    table = rows_of(count, seed=count)
    for by, every in (([], None), (["area"], None), (["team", "area"], "month"), ([], "day")):
        hold(table, table, by, every)


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("days", [1, 20, 3000, 60_000])
def test_periods_over_few_and_many_days(every: Any, days: int) -> None:
    table = rows_of(5_000, seed=days, days=days)
    hold(table, table, ["area"], every)


@pytest.mark.parametrize(
    "outlier", [dt.date(1901, 1, 1), dt.date(2100, 12, 31), dt.date(9999, 12, 31), None]
)
@pytest.mark.parametrize("place", [0, 1, 508, CHUNK - 2, CHUNK - 1, CHUNK, CHUNK + 508])
def test_sorted_dates_with_one_far_away(outlier: dt.date | None, place: int) -> None:
    """The engine looks at every 509th date to guess the span; one outside it must be noticed."""
    table = rows_of(CHUNK + 2_000, seed=7, days=40).sort("when").with_row_index("row")
    when = pl.when(pl.col("row") == place).then(pl.lit(outlier, pl.Date)).otherwise("when")
    table = table.with_columns(when=when)
    got = hold(table, table, ["team"], "month")
    assert got["rows_used"].sum() + got["rows_dropped"].sum() == table.height


def test_a_span_that_grows_just_beyond_what_the_sample_shows() -> None:
    for beyond in range(1, 40):
        when = pl.Series("when", [DAY]).new_from_index(0, 3_000)
        late = pl.Series("when", [DAY + dt.timedelta(days=beyond)])
        dates = pl.concat([when.head(1_700), late, when.head(1_200)])
        table = pl.DataFrame({"when": dates, "helped": True})
        hold(table, table, [], "day")


@pytest.mark.parametrize("count", [CARE_CHUNK - 1, CARE_CHUNK, CARE_CHUNK + 1, 2 * CARE_CHUNK + 1])
def test_children_whose_episodes_lie_in_different_chunks(count: int) -> None:
    child = numbers(1, count, count // 3)
    start = 18_000 + numbers(2, count, 900)
    end = start + numbers(3, count, 200)
    table = pl.DataFrame({"child_id": child, "start": start, "end": end}).with_columns(
        pl.col("start", "end").cast(pl.Int32).cast(pl.Date)
    )
    days = [dt.date(2019, 6, 30), dt.date(2020, 7, 31), dt.date(2021, 3, 31)]
    got = wf.LookedAfter(at=days).run(table).to_polars()
    for day, value in got.select("date", "value").rows():
        held = table.filter(pl.col("start") <= day, pl.col("end") > day)
        assert value == held["child_id"].n_unique()
    assert set(got["rows_used"]) == {count}
    text = table.with_columns(pl.col("child_id").cast(pl.String))
    assert wf.LookedAfter(at=days).run(text).to_polars().equals(got)
    flows = wf.Flows().run(table).to_polars()
    joined = table.filter(pl.col("end") > pl.col("start")).sort("child_id", "start")
    before = pl.col("end").cum_max().shift().over("child_id")
    starts = joined.filter(before.is_null() | (pl.col("start") > before)).height
    assert flows.filter(flow="starts")["numerator"].to_list() == [starts]


# ── Batches and slices ────────────────────────────────────────────────────────────────


def test_ten_thousand_batches_of_three_rows() -> None:
    table = rows_of(30_000, seed=3)
    batches = pa.Table.from_batches(table.to_arrow().to_batches(max_chunksize=3))
    assert len(batches.to_batches()) == 10_000
    got = hold(batches, table, ["area", "team"], "quarter")
    assert SHARE.run(table, by=["area", "team"], every="quarter").to_polars().equals(got)


def test_empty_batches_between_others() -> None:
    table = rows_of(100, seed=4)
    whole = table.to_arrow().combine_chunks().to_batches()[0]
    pieces = [
        whole.slice(0, 0),
        whole.slice(0, 50),
        whole.slice(50, 0),
        whole.slice(50),
        whole.slice(0, 0),
    ]
    hold(pa.Table.from_batches(pieces), table, ["area"], "month")


@pytest.mark.parametrize("offset", [1, 3, 7, 8, 9, 63, 64, 65, 511])
@pytest.mark.parametrize("length", [1, 5, 64, 300])
def test_slices_at_odd_offsets(offset: int, length: int) -> None:
    table = rows_of(900, seed=5).with_columns(area=pl.col("area").cast(pl.Categorical))
    arrow = table.to_arrow().combine_chunks()
    like = table.slice(offset, length).with_columns(pl.col("area").cast(pl.String))
    for some in (
        arrow.slice(offset, length),
        table.slice(offset, length),
        table[offset : offset + length],
    ):
        hold(some, like, ["area", "team"], "month")
        hold(some, like, [], None)
    names = {"when": "start"}
    care = table.select(
        when="when", area="area", child_id=pl.col("when").dt.day(), end=None
    ).rename(names)
    sliced = care.cast({"end": pl.Date}).to_arrow().combine_chunks().slice(offset, length)
    got = wf.LookedAfter(at=[DAY]).run(sliced, by="area").to_polars()
    rows = care.slice(offset, length).to_dicts()
    assert got["value"].to_list() == [
        len(oracle.in_care(members, DAY)) for _, members in oracle.groups(rows, ["area"])
    ]


def test_sliced_dates_flags_and_ids_with_nulls() -> None:
    table = rows_of(700, seed=6).with_columns(
        when=pl.when(pl.col("team")).then("when"), child_id=pl.when(~pl.col("team")).then("area")
    )
    for offset in (1, 9, 65):
        like = table.slice(offset, 400)
        sliced = table.to_arrow().combine_chunks().slice(offset, 400)
        hold(sliced, like, ["child_id"], "week")


# ── Dictionaries ──────────────────────────────────────────────────────────────────────


def dictionary(codes: list[int | None], values: Any, kind: Any = None) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes, kind or pa.int32()), values)


def counted(**columns: Any) -> list[tuple[Any, ...]]:
    """Count rows by these columns."""
    rows = len(next(iter(columns.values())))
    table = pa.table({"helped": [True] * rows} | columns)
    return SHARE.run(table, by=list(columns)).to_polars().select(*columns, "numerator").rows()


def test_equal_values_and_nulls_in_a_dictionary_are_one_group() -> None:
    values = pa.array(["a", "b", "a", None, None])
    codes = [0, 1, 2, 3, None, 4]
    assert counted(key=dictionary(codes, values)) == [("a", 2), ("b", 1), (None, 3)]
    sliced = dictionary(codes * 3, values).slice(5, 7)  # 4, 0, 1, 2, 3, None, 4
    assert counted(key=sliced) == [("a", 2), ("b", 1), (None, 4)]
    assert counted(key=dictionary([None, None], pa.array([], pa.string()))) == [(None, 2)]


@pytest.mark.parametrize("size", [1, 2, 127, 128, 255, 256, 257, 65_535, 65_536, 65_537, 200_000])
def test_dictionaries_of_hardly_used_values(size: int) -> None:
    last = size - 1
    values = pa.array([f"v{place}" for place in range(size)])
    first, used = ("v0", f"v{last}")
    expected = [(first, 3)] if size == 1 else [(first, 1), (used, 2)]
    widths = [pa.int32(), pa.uint32(), pa.int64(), pa.uint64()]
    widths += [pa.int16()] * (size <= 2**15) + [pa.uint16()] * (size <= 2**16)
    widths += [pa.int8()] * (size <= 2**7) + [pa.uint8()] * (size <= 2**8)
    for width in widths:
        plain = dictionary([last, 0, last], values, width)
        assert counted(key=plain) == expected
        with_null = dictionary([last, 0, None, last], values, width)
        assert counted(key=with_null) == [*expected, (None, 1)]
        pairs = counted(key=plain, other=dictionary([0, 0, 0], values, width))
        assert pairs == [(key, first, count) for key, count in expected]


def test_batches_with_other_dictionaries() -> None:
    schema = {"helped": [True]}
    batches = [
        pa.record_batch(schema | {"key": dictionary([0], pa.array(values))})
        for values in (["a", "b"], ["b", "a"], ["c"], ["b"])
    ]
    got = SHARE.run(pa.Table.from_batches(batches), by="key").to_polars()
    assert got.select("key", "numerator").rows() == [("a", 1), ("b", 2), ("c", 1)]


def test_dictionaries_of_flags_whole_numbers_and_days() -> None:
    assert counted(key=dictionary([0, 1, 1], pa.array([True, False]))) == [(False, 2), (True, 1)]
    assert counted(key=dictionary([0, 1, 1, None], pa.array([7, -1]))) == [
        (-1, 2),
        (7, 1),
        (None, 1),
    ]
    assert counted(key=dictionary([0, 0], pa.array([DAY]))) == [(DAY, 2)]
    ids = dictionary([0, 1, 2, None], pa.array(["x", "y", "x"]))
    care = pa.table({"child_id": ids, "start": [DAY] * 4, "end": pa.nulls(4, pa.date32())})
    got = wf.LookedAfter(at=[DAY]).run(care).to_polars()
    assert got.select("value", "rows_used", "rows_dropped").rows() == [(2.0, 3, 1)]


def test_texts_of_every_layout_are_the_same_keys() -> None:
    texts = ["a", None, "x" * 13, "x" * 13, "x" * 12, "a"]
    kinds = [
        pa.string(),
        pa.large_string(),
        pa.string_view(),
        pa.dictionary(pa.int8(), pa.string()),
    ]
    expected = [("a", 2), ("x" * 12, 1), ("x" * 13, 2), (None, 1)]
    for kind in kinds:
        assert counted(key=pa.array(texts, pa.string()).cast(kind)) == expected


# ── Very many groups ──────────────────────────────────────────────────────────────────

MILLION = 1_000_000


@pytest.mark.parametrize("kind", ["whole", "text", "two keys", "days"])
def test_a_million_groups(kind: str) -> None:
    order = np.random.default_rng(11).permutation(MILLION)
    table = pl.DataFrame({"key": order}).with_columns(helped=pl.col("key") % 3 == 0)
    keys = {
        "whole": [pl.col("key")],
        "text": [pl.col("key").cast(pl.String)],
        "two keys": [(pl.col("key") // 1000).alias("first"), (pl.col("key") % 1000).alias("second")],
        "days": [(pl.col("key") // 400).alias("key"), (pl.col("key") % 400).cast(pl.Int32).cast(pl.Date).alias("when")],
    }[kind]  # fmt: skip
    table = table.select("helped", *keys)
    by = [name for name in table.columns if name not in {"helped", "when"}]
    began = time.perf_counter()
    got = SHARE.run(table, by=by, every="day" if kind == "days" else None).to_polars()
    assert time.perf_counter() - began < 10
    assert got.height == MILLION
    assert got["numerator"].sum() == (MILLION + 2) // 3
    assert (got["denominator"] == 1).all()
    assert got.select("period" if kind == "days" else by[0]).to_series().is_sorted()


def test_a_million_children_in_a_million_groups() -> None:
    table = pl.DataFrame({"child_id": range(MILLION), "area": range(MILLION)}).with_columns(
        start=pl.lit(DAY), end=pl.lit(None, pl.Date)
    )
    began = time.perf_counter()
    got = wf.LookedAfter(at=[DAY]).run(table, by="area").to_polars()
    assert time.perf_counter() - began < 10
    assert (got.height, got["value"].sum()) == (MILLION, MILLION)


@pytest.mark.parametrize("column", ["item", "area"])
def test_tens_of_thousands_of_survey_groups(column: str) -> None:
    groups = 40_000
    table = pl.DataFrame(
        {"respondent_id": range(groups), "item": "i", "answer": "yes", "area": "a"}
    )
    table = table.with_columns(pl.int_range(groups).cast(pl.String).alias(column))
    began = time.perf_counter()
    got = wf.SurveyPercentages().run(table, by="area").to_polars()
    assert time.perf_counter() - began < 1.5
    assert (got.height, set(got["value"])) == (groups, {1.0})


def test_answers_in_free_text_by_many_groups_are_refused_rather_than_multiplied() -> None:
    """Each answer has a row in each group: 2,300 answers in 2,300 groups are 5 million rows."""
    count = 2_300
    table = pl.DataFrame({"respondent_id": range(count), "item": "i", "area": range(count)})
    table = table.with_columns(answer=pl.col("area").cast(pl.String))
    with pytest.raises(wf.DataError, match="rows"):
        wf.SurveyPercentages().run(table, by="area")


def test_keys_of_all_types_together() -> None:
    pools: list[list[Any]] = [[True, False, None], ["a", None], [1, 2**40, None], [DAY, None]]
    rows = list(itertools.product(*pools)) * 2
    table = pl.DataFrame(rows, schema=["flag", "text", "whole", "day"], orient="row")
    by = ["day", "flag", "whole", "text"]
    got = SHARE.run(table.with_columns(helped=True), by=by).to_polars()
    expected = sorted({tuple(row) for row in table.select(by).rows()}, key=oracle.null_last)
    assert got.select(by).rows() == expected
    assert set(got["numerator"]) == {2}
