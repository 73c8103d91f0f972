"""Dates far away, impossible episodes, and instants: the right day, or a row that is listed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import oracle
import wholefamily as wf
from strategies import EVERY

FLAGGED = wf.Share(outcome="helped", date="when")
FAR = [dt.date(1, 1, 1), dt.date(1899, 12, 31), dt.date(2999, 1, 1), dt.date(9999, 12, 31)]
NEAR = dt.date(2020, 2, 29)

BEYOND = pl.Series([-(2**31), 2**31 - 1, -719_163, 2_932_897, 18_321], dtype=pl.Int32).cast(pl.Date)
"""The first and last day that Arrow can count, those just outside the years 1 to 9999, and `NEAR`."""


def flagged(when: Any) -> pl.DataFrame:
    column = pl.Series("when", when)
    return pl.DataFrame({"when": column, "helped": [True] * len(column)})


def shown(estimates: wf.Estimates) -> pl.DataFrame:
    """Give the result as a frame, once it has been shown in every way."""
    assert isinstance(repr(estimates), str)
    assert isinstance(estimates._repr_html_(), str)
    frame = estimates.to_polars()
    assert len(frame.rows()) == frame.height
    return frame


# ── Far away ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("every", EVERY)
@pytest.mark.parametrize("day", FAR, ids=str)
def test_periods_of_days_far_away(day: dt.date, every: Any) -> None:
    if day.year == 1 and every in {"financial_year", "school_year"}:
        first = None  # it begins in a year 0, which no calendar here has
    else:
        first = oracle.period(day, every)
    got = shown(FLAGGED.run(flagged([day, NEAR]), every=every))
    expected = sorted([(first,), (oracle.period(NEAR, every),)], key=oracle.null_last)
    assert got.select("period").rows() == expected
    assert got["numerator"].to_list() == [1, 1]


@pytest.mark.parametrize("day", FAR, ids=str)
def test_days_far_away_as_keys_and_in_care(day: dt.date) -> None:
    assert shown(FLAGGED.run(flagged([day]), by="when"))["when"].to_list() == [day]
    episodes = pl.DataFrame({"child_id": ["a", "b"], "start": [day, NEAR], "end": [None, None]})
    stock = shown(wf.LookedAfter(at=[day, NEAR]).run(episodes))
    want = sorted([day, NEAR])
    assert stock.select("date", "value").rows() == [(want[0], 1.0), (want[1], 2.0)]
    flows = shown(wf.Flows().run(episodes, every="year")).filter(flow="starts", value=1)
    assert flows["period"].dt.year().to_list() == [one.year for one in want]


@pytest.mark.parametrize("every", EVERY)
def test_days_beyond_the_calendar_are_counted_under_no_period_and_listed(every: Any) -> None:
    rows = flagged(BEYOND)
    estimates = FLAGGED.run(rows, every=every)
    got = shown(estimates)
    assert got.select("period", "numerator").rows() == [(oracle.period(NEAR, every), 1), (None, 4)]
    assert estimates.set_aside["row"].to_list() == [0, 1, 2, 3]
    assert estimates.set_aside["rows"].unique().to_list() == [4]


def test_days_beyond_the_calendar_as_keys_can_be_shown() -> None:
    """Polars panics when such a day is to become a Python date."""
    estimates = FLAGGED.run(flagged(BEYOND), by="when")
    assert NEAR in shown(estimates)["when"].to_list()


def test_days_beyond_the_calendar_in_care_are_set_aside() -> None:
    episodes = pl.DataFrame({"child_id": range(5), "start": BEYOND})
    estimates = wf.Flows().run(episodes.with_columns(end=pl.lit(None, pl.Date)), every="month")
    got = shown(estimates)
    assert got.select("period", "value").rows()[0] == (dt.date(2020, 2, 1), 1.0)
    assert set(got["rows_dropped"]) == {4}
    assert estimates.set_aside["row"].to_list() == [0, 1, 2, 3]


def test_a_table_that_only_a_mistaken_date_asks_for_is_refused() -> None:
    starts = [dt.date(1, 1, 1), dt.date(9999, 1, 1)]
    episodes = pl.DataFrame({"child_id": [1, 2], "start": starts, "end": [None, None]})
    with pytest.raises(wf.DataError, match="rows for each of 1 groups"):
        wf.Flows().run(episodes, every="day")
    areas = pl.DataFrame({"area": range(1000)})
    for measure in (wf.Flows(), wf.LookedAfter()):
        with pytest.raises(wf.DataError, match="1000 groups"):
            measure.run(episodes.join(areas, how="cross"), by="area", every="month")


# ── Set aside ─────────────────────────────────────────────────────────────────────────

CARE = [
    wf.LookedAfter(at=[NEAR]),
    wf.LookedAfterChange(before="2020-01-01", after=NEAR),
    wf.Flows(),
]


@pytest.mark.parametrize("measure", CARE, ids=lambda measure: type(measure).__name__)
def test_ends_before_the_start_are_counted_and_listed(measure: wf.Measure) -> None:
    early, late = dt.date(2020, 1, 1), dt.date(2020, 2, 1)
    rows = [
        ("a", early, late),
        ("a", late, early),
        (None, early, None),
        ("b", None, late),
        ("c", early, early),
    ]
    schema = {"child_id": pl.String, "start": pl.Date, "end": pl.Date}
    episodes = pl.DataFrame(rows, schema=schema, orient="row")
    estimates = measure.run(episodes)
    frame = shown(estimates)
    assert set(frame["rows_used"]) == {2}
    assert set(frame["rows_dropped"]) == {3}
    told = estimates.set_aside.select("column", "row", "value", "rows").sort("row").rows()
    assert told == [
        ("end", 1, "2020-02-01 to 2020-01-01", 1),
        ("child_id", 2, "null", 1),
        ("start", 3, "null", 1),
    ]
    assert "end before" in " ".join(estimates.notes)


def test_rows_are_numbered_over_all_batches() -> None:
    """A fault in every 1,000th row of a table of small batches; all counted, the first 100 listed."""
    count = 250_000
    start = pl.Series("start", [NEAR]).new_from_index(0, count)
    row = pl.int_range(count, eager=True)
    end = pl.select(pl.when(row % 1000 == 999).then(start - pl.duration(days=1))).to_series()
    whole = pl.DataFrame({"child_id": row, "start": start, "end": end})
    pieces = pa.Table.from_batches(whole.to_arrow().to_batches(max_chunksize=777))
    for table in (whole, pieces):
        estimates = wf.Flows().run(table)
        assert set(estimates.to_polars()["rows_dropped"]) == {250}
        assert estimates.set_aside["row"].to_list() == list(range(999, 100_000, 1000))
        assert set(estimates.set_aside["rows"]) == {250}
        assert set(estimates.set_aside["value"]) == {"2020-02-29 to 2020-02-28"}


def test_unknown_outcomes_are_listed_with_their_words() -> None:
    outcomes = ["kinship", "Kinship", None, "with_family", "<b>", ""]
    estimates = wf.PreBirthOutcomes().run(pl.DataFrame({"outcome": outcomes}))
    assert estimates.to_polars().select("numerator", "denominator", "rows_dropped").rows() == [
        (1, 5, 1)
    ]
    assert estimates.set_aside.select("row", "value").rows() == [
        (1, "Kinship"),
        (4, "<b>"),
        (5, ""),
    ]


# ── Instants ──────────────────────────────────────────────────────────────────────────

HALF_PAST_ELEVEN = dt.datetime(2023, 6, 30, 23, 30, tzinfo=dt.timezone.utc)
"""In London it is half past midnight on 1 July."""


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/London", "America/New_York", "Asia/Kathmandu"])
def test_an_instant_counts_on_its_day_in_london(unit: Any, zone: str) -> None:
    winter = dt.datetime(2023, 12, 31, 23, 30, tzinfo=dt.timezone.utc)
    when = pl.Series([HALF_PAST_ELEVEN, winter]).dt.cast_time_unit(unit).dt.convert_time_zone(zone)
    got = shown(FLAGGED.run(flagged(when), every="day"))
    assert got["period"].to_list() == [dt.date(2023, 7, 1), dt.date(2023, 12, 31)]
    episodes = pl.DataFrame({"child_id": ["a"], "start": when.head(1), "end": [None]})
    stock = wf.LookedAfter(at=["2023-06-30", "2023-07-01"]).run(episodes)
    assert shown(stock)["value"].to_list() == [0.0, 1.0]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_time_without_zone_counts_on_its_own_day(unit: Any) -> None:
    times = [dt.datetime(2023, 6, 30, 23, 30), dt.datetime(1969, 12, 31, 23, 59, 59, 999_000)]  # noqa: DTZ001
    got = shown(FLAGGED.run(flagged(pl.Series(times).dt.cast_time_unit(unit)), every="day"))
    assert got["period"].to_list() == [dt.date(1969, 12, 31), dt.date(2023, 6, 30)]


def test_other_dates_of_arrow_and_pandas() -> None:
    seconds = int(HALF_PAST_ELEVEN.timestamp())
    helped = pa.array([True])
    for when, day in (
        (pa.array([seconds], pa.timestamp("s", "UTC")), dt.date(2023, 7, 1)),
        (pa.array([seconds], pa.timestamp("s")), dt.date(2023, 6, 30)),
        (pa.array([dt.date(2023, 6, 30)], pa.date64()), dt.date(2023, 6, 30)),
        (pa.array([dt.date(2023, 6, 30)], pa.date32()), dt.date(2023, 6, 30)),
    ):
        got = shown(FLAGGED.run(pa.table({"helped": helped, "when": when}), every="day"))
        assert got["period"].to_list() == [day]
    objects = pd.DataFrame({"helped": [True, None], "when": [NEAR, None]}, dtype=object)
    got = shown(FLAGGED.run(objects, every="day"))
    assert got.select("period", "numerator", "rows_dropped").rows() == [(NEAR, 1, 0), (None, 0, 1)]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC"])
def test_the_first_and_last_instants_that_arrow_can_count(unit: str, zone: str | None) -> None:
    when = pa.array([-(2**63) + 1, 2**63 - 1, 0], pa.timestamp(unit, zone))
    estimates = FLAGGED.run(pa.table({"helped": [True] * 3, "when": when}), every="day")
    got = shown(estimates)
    assert got["numerator"].sum() == 3
    assert dt.date(1970, 1, 1) in got["period"].to_list()


# ── Whose ids ─────────────────────────────────────────────────────────────────────────

IDS: dict[str, Any] = {
    "text": pl.Series(["1", "01", "1", None]),
    "long text": pl.Series(["x" * 999 + "y", "x" * 1000, "x" * 999 + "y", None]),
    "whole": pl.Series([1, -1, 1, None]),
    "far apart": pl.Series([2**63 - 1, -(2**63), 2**63 - 1, None], dtype=pl.Int64),
    "unsigned": pl.Series([2**64 - 1, 2**63, 2**64 - 1, None], dtype=pl.UInt64),
    "small": pl.Series([1, 0, 1, None], dtype=pl.UInt8),
    "enum": pl.Series(["b", "a", "b", None], dtype=pl.Enum(["a", "b", "c"])),
    "categorical": pl.Series(["b", "a", "b", None], dtype=pl.Categorical()),
}


@pytest.mark.parametrize("kind", sorted(IDS))
def test_ids_of_every_type(kind: str) -> None:
    ids = IDS[kind]
    episodes = pl.DataFrame({"child_id": ids}).with_columns(
        start=pl.lit(NEAR), end=pl.lit(None, pl.Date)
    )
    got = shown(wf.LookedAfter(at=[NEAR]).run(episodes))
    assert got.select("value", "rows_used", "rows_dropped").rows() == [(2.0, 3, 1)]
    responses = pl.DataFrame({"respondent_id": ids, "item": "i", "answer": "y"})
    got = shown(wf.SurveyPercentages().run(responses))
    assert got.select("numerator", "rows_used", "rows_dropped").rows() == [(2, 3, 1)]


def test_numbers_and_texts_of_the_same_child_do_not_count_it_twice() -> None:
    """One office writes its ids as numbers, another as text: that must not pass silently."""
    day = {"start": [NEAR], "end": pl.Series([None], dtype=pl.Date)}
    parts = [
        wf.LookedAfter(at=[NEAR]).partial(pl.DataFrame({"child_id": [ids], **day}))
        for ids in (1, "1")
    ]
    with pytest.raises(wf.StateError):
        parts[0].merge(parts[1]).finish()


# ── Dates that stand for "not yet" ────────────────────────────────────────────────────


@pytest.mark.parametrize("sentinel", [dt.date(9999, 12, 31), dt.date(2999, 12, 31)])
def test_an_end_that_no_end_can_be_yet_is_told(sentinel: dt.date) -> None:
    frame = pl.DataFrame(
        {
            "child_id": ["Ann", "Bea", "Cal", "Dee"],
            "start": [dt.date(2020, 1, 1)] * 4,
            "end": [sentinel, dt.date(2199, 12, 31), None, dt.date(2020, 3, 1)],
        }
    )
    at = wf.LookedAfter(at=["2020-02-01", "2021-02-01"])
    found = at.run(frame)
    assert found.to_polars()["value"].to_list() == [4, 3]  # the figures are as they were
    (told,) = found.set_aside.to_dicts()
    assert (told["column"], told["row"], told["rows"]) == ("end", 0, 1)
    assert told["problem"].startswith("a date of the year 2200 or later, counted as it stands")
    assert told["value"] == str(sentinel)
    assert "make it null if it means 'still open'" in repr(found)
    assert at.run(frame[1:]).set_aside.is_empty()
    flows = wf.StockFlow(as_of="2021-12-31").run(frame, every="year").set_aside
    assert flows["rows"].to_list() == [1]
    for history in (wf.spells(frame), wf.stays(frame.with_columns(team=pl.lit("x")), by="team")):
        assert history.problems.select("row", "column", "done").rows() == [
            (0, "end", "used as it stands")
        ]
        assert history.problems["problem"][0].startswith("ends in the year 2200 or later")
        assert history.to_polars()["end"].to_list()[0] == sentinel
    # A day known makes it open, as before, and says so.
    (known,) = wf.spells(frame, as_of="2021-01-01").problems.filter(row=0).to_dicts()
    assert known["done"] == "taken as open on that day"


def test_many_such_ends_are_counted_and_the_first_are_listed() -> None:
    ends = [dt.date(9999, 12, 31)] * 300
    start = [dt.date(2020, 1, 1)] * 300
    frame = pl.DataFrame({"child_id": range(300), "start": start, "end": ends})
    told = wf.LookedAfter(at=["2020-02-01"]).run(frame).set_aside
    assert (told.height, set(told["rows"])) == (100, {300})
    waits = frame.rename({"start": "received", "end": "first_response"})
    late = wf.TimeTo(as_of="2021-01-01").run(waits)
    assert set(late.set_aside["column"]) == {"first_response"}
    assert late.to_polars().filter(figure="still waiting")["value"].to_list() == [300]
