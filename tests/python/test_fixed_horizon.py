"""The share with an event by a day, two ways: against naive versions, by hand, and on a return."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from strategies import days, or_null, tables


def day(number: int) -> dt.date:
    return dt.date(2021, 1, 1) + dt.timedelta(days=number)


drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)
RETURN = Path(__file__).parents[2] / "examples" / "ssda903" / "data" / "episodes.csv"
NEAR = {"rel": 1e-12, "abs": 1e-15}

LONG_ENOUGH = "observed long enough"
FROM_ALL = "Aalen-Johansen"
NOT_YET = "not yet observable"


def estimated(people: list[tuple[int, int, str | None]], horizon: int) -> float | None:
    """Sum, over days, of the share still there times the hazard of "care"."""
    if not people:
        return None
    last = max(time for _, time, _ in people)
    there, share = 1.0, 0.0
    for now in range(min(horizon, last) + 1):
        at_risk = sum(time >= now and (entry < now or entry == 0) for entry, time, _ in people)
        if at_risk:
            had = [kind for _, time, kind in people if time == now and kind is not None]
            share += there * had.count("care") / at_risk
            there *= 1 - len(had) / at_risk
    return None if horizon > last and there > 0 else share


def by_hand(rows: list[dict[str, Any]], horizon: int) -> list[tuple[Any, ...]]:
    """Give the value, numerator and denominator of the three estimates."""
    known = [row for row in rows if row["time"] is not None]
    seen = [
        row
        for row in known
        if (row["observed_until"] - row["born"]).days >= horizon and not row["entry_days"]
    ]
    had = [row for row in seen if row["event"] == "care" and row["time"] <= horizon]
    all_had = [row for row in known if row["event"] == "care" and row["time"] <= horizon]
    short = [row for row in known if (row["observed_until"] - row["born"]).days < horizon]
    people = [(row["entry_days"] or 0, row["time"], row["event"]) for row in known]
    return [
        (len(had) / len(seen) if seen else None, len(had), len(seen)),
        (estimated(people, horizon), len(all_had), len(known)),
        (len(short), len(short), len(known)),
    ]


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, **NEAR)


@drawn
@given(st.data())
def test_a_cohort_that_was_followed_gives_what_the_naive_version_gives(
    data: st.DataObject,
) -> None:
    on = data.draw(days(wide=False))
    who = st.sampled_from("abcdefgh")
    at = (pl.Date, or_null(on))
    cohort = data.draw(tables({"who": (pl.String, who), "born": at, "until": at, "entry": at}))
    what = st.sampled_from(["care", "died", "moved"])
    events = data.draw(tables({"who": (pl.String, who), "at": at, "what": (pl.String, what)}))
    late = data.draw(st.booleans())
    followed = wf.follow_up(
        cohort.frame,
        events.frame,
        person="who",
        origin="born",
        event_date="at",
        until="until",
        event="what",
        competing=["died", "moved"],
        entry="entry" if late else None,
    )
    horizons = data.draw(st.lists(st.integers(0, 130), min_size=1, max_size=3))
    got = wf.FixedHorizon(origin="born", at=horizons).run(followed).to_polars()
    rows = followed.to_polars().to_dicts()
    for row in rows:
        row.setdefault("entry_days", 0)
    expected = [
        (horizon, name, near(value), numerator, denominator)
        for horizon in dict.fromkeys(horizons)
        for name, (value, numerator, denominator) in zip(
            [LONG_ENOUGH, FROM_ALL, NOT_YET], by_hand(rows, horizon), strict=True
        )
    ]
    found = got.select("time", "estimate", "value", "numerator", "denominator").rows()
    assert found == expected
    assert set(got["rows_dropped"]) == {sum(row["time"] is None for row in rows)}


BABIES = pl.DataFrame(
    {
        "born": [day(0)] * 6,
        "observed_until": [day(400), day(400), day(400), day(400), day(300), day(200)],
        "time": [100, 400, 250, 400, 50, 200],
        "event": ["care", None, "died", None, "care", None],
    }
)


def test_six_babies_by_hand() -> None:
    """Of four who are one year old one was in care; one of the two younger ones already is.

    From all: on day 50 one of 6, on day 100 one of the 5 left; 1/6 + 5/6 × 1/5 = 1/3.
    """
    got = wf.FixedHorizon(origin="born", interest="care").run(BABIES)
    table = got.to_polars()
    assert table["estimate"].to_list() == [LONG_ENOUGH, FROM_ALL, NOT_YET]
    assert table["value"].to_list() == [0.25, pytest.approx(1 / 3, **NEAR), 2.0]
    assert table["numerator"].to_list() == [1, 2, 2]
    assert table["denominator"].to_list() == [4.0, 6.0, 6.0]
    assert table["unit"].to_list() == ["share", "share", "people"]
    assert table["method"].to_list() == ["wilson", "log-log, delta", "count"]
    assert table["reason"].to_list() == [None, None, "a complete count has no sampling interval"]
    assert got.notes == ["the event: care", "competing with it: died"]


def test_the_intervals_are_those_of_the_two_methods_apart() -> None:
    table = wf.FixedHorizon(origin="born", interest="care").run(BABIES).to_polars()
    wilson = wf.stats.proportion(1, 4)
    assert table.select("lower", "upper").row(0) == (wilson.lower, wilson.upper)
    curve = wf.CumulativeIncidence(at=[365]).run(BABIES).to_polars()
    of_care = curve.filter(pl.col("event") == "care").select("value", "lower", "upper")
    assert table.select("value", "lower", "upper").row(1) == of_care.row(0)


def test_what_competes_can_be_said_in_three_ways() -> None:
    """By what is of interest, by what competes, or by a column, and the answer is one."""
    column = BABIES.with_columns(competing=pl.col("event") == "died")
    first = wf.FixedHorizon(origin="born", interest="care").run(BABIES).to_polars()
    for measure, table in (
        (wf.FixedHorizon(origin="born", competing=["died"]), BABIES),
        (wf.FixedHorizon(origin="born"), column),
        (wf.FixedHorizon(origin="born", competing="rival"), column.rename({"competing": "rival"})),
    ):
        assert measure.run(table).to_polars().equals(first)


def test_without_a_word_on_what_competes_every_event_counts() -> None:
    got = wf.FixedHorizon(origin="born").run(BABIES)
    assert got.to_polars()["numerator"].to_list() == [2, 3, 2]
    assert got.notes == ["the event: care, died", "competing with it: none"]


def test_a_column_of_true_and_false_is_the_event_or_none() -> None:
    flags = BABIES.with_columns(event=pl.col("event") == "care").filter(pl.col("time") != 250)
    got = wf.FixedHorizon(origin="born").run(flags.with_columns(pl.col("event").fill_null(False)))  # noqa: FBT003
    assert got.to_polars()["numerator"].to_list() == [1, 2, 2]


def test_0_is_no_event_unless_it_is_named_as_one() -> None:
    codes = {"care": 1, "died": 2}
    numbers = BABIES.with_columns(
        pl.col("event").replace_strict(codes, default=0, return_dtype=pl.Int64)
    )
    words = wf.FixedHorizon(origin="born", competing=["died"]).run(BABIES)
    found = wf.FixedHorizon(origin="born", competing=[2]).run(numbers)
    assert found.to_polars().equals(words.to_polars())
    assert found.notes[:2] == ["the event: 1", "competing with it: 2"]
    assert found.notes[2].startswith("the events are whole numbers, of which 0 means")
    # Whoever names 0 means an event by it.
    named = wf.FixedHorizon(origin="born", interest=[0]).run(numbers.filter(pl.col("time") == 250))
    assert not [note for note in named.notes if "whole numbers" in note]
    # Of true and false, false is none, also where true is named.
    flags = numbers.with_columns(pl.col("event") == 1).filter(pl.col("time") != 250)
    asked = wf.FixedHorizon(origin="born", interest=[True]).run(flags)
    assert asked.to_polars().equals(wf.FixedHorizon(origin="born").run(flags).to_polars())


@pytest.mark.parametrize(
    ("time", "event", "until", "problem"),
    [
        (10, "care", day(9), "before the end of the days followed: row set aside"),
        (10, None, day(30), "after the end of the days followed without an event: row set aside"),
        (0, None, day(-1), "before the origin: row set aside"),
    ],
)
def test_a_row_that_contradicts_itself_is_set_aside_and_listed(
    time: int, event: str | None, until: dt.date, problem: str
) -> None:
    table = pl.DataFrame(
        {"born": [day(0)], "observed_until": [until], "time": [time], "event": [event]},
        schema_overrides={"event": pl.String},
    )
    got = wf.FixedHorizon(origin="born").run(table)
    assert got.set_aside.select("column", "problem", "row", "value").rows() == [
        ("observed_until", problem, 0, until.isoformat())
    ]
    assert set(got.to_polars()["rows_dropped"]) == {1}
    assert got.to_polars()["reason"].to_list()[:2] == ["no rows", "no rows"]


def test_an_event_that_does_not_say_whether_it_competes_is_set_aside() -> None:
    table = BABIES.with_columns(competing=pl.lit(None, dtype=pl.Boolean))
    got = wf.FixedHorizon(origin="born").run(table)
    assert got.set_aside["row"].to_list() == [0, 2, 4]
    assert got.to_polars()["rows_used"].to_list() == [3, 3, 3]
    areas = table.with_columns(area=pl.Series(["a", "b", "a", "b", "a", "b"]))
    by_area = wf.FixedHorizon(origin="born").run(areas, by="area").to_polars()
    assert by_area.select("rows_used", "rows_dropped").rows() == [*[(0, 3)] * 3, *[(3, 0)] * 3]
    assert by_area["value"].to_list() == [None, None, 0.0, 0.0, 0.0, 1.0]


def test_an_event_that_is_of_interest_here_and_competes_there_is_remarked_on() -> None:
    table = BABIES.with_columns(competing=pl.col("time") == 50)
    got = wf.FixedHorizon(origin="born").run(table)
    assert "care: of interest in some rows and competing in others" in got.notes


def test_periods_are_those_of_the_origin_and_parts_merge() -> None:
    table = pl.concat(
        [BABIES, BABIES.with_columns(pl.col("born", "observed_until").dt.offset_by("5y"))]
    ).with_columns(area=pl.Series(["a", "b,<script>"] * 6))
    measure = wf.FixedHorizon(origin="born", interest=["care"], at=[90, 365])
    whole = measure.run(table, by="area", every="year")
    assert whole.to_polars()["period"].n_unique() == 2
    parts = [measure.partial(table[place::3], by="area", every="year") for place in range(3)]
    assert parts[2].merge(*parts[:2]).finish().to_polars().equals(whole.to_polars())


def test_nobody_and_only_nulls() -> None:
    measure = wf.FixedHorizon(origin="born")
    for table, dropped in ((BABIES.clear(), 0), (BABIES.clear(6), 6)):
        got = measure.run(table).to_polars()
        assert got["value"].to_list() == [None, None, 0.0]
        assert got["reason"].to_list()[:2] == ["no rows", "no rows"]
        assert got["rows_dropped"].to_list() == [dropped] * 3


def test_beyond_all_observation_there_is_no_estimate() -> None:
    got = wf.FixedHorizon(origin="born", interest="care", at=500).run(BABIES).to_polars()
    assert got["value"].to_list() == [None, None, 6.0]
    assert got["reason"].to_list()[:2] == ["no rows", "nobody was observed that long"]


def test_a_name_that_no_row_holds_is_remarked_on() -> None:
    got = wf.FixedHorizon(origin="born", interest="Care").run(BABIES)
    assert "event: no row holds Care; check how the value is written" in got.notes


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (wf.FixedHorizon(origin="born", at=[]), "empty list"),
        (wf.FixedHorizon(origin="born", at=-1), "below 0"),
        (wf.FixedHorizon(origin="born", interest="care", competing=["died"]), "not both"),
        (wf.FixedHorizon(origin="born", interest=[]), "empty list"),
        (wf.FixedHorizon(origin="born", competing=[]), "empty list"),
        (wf.FixedHorizon(origin="born", band="loglog"), "band 'loglog'.*log-log"),  # type: ignore[arg-type]
        (wf.FixedHorizon(origin=""), "no column is named for origin"),
    ],
)
def test_what_cannot_be_asked_says_why(measure: wf.FixedHorizon, message: str) -> None:
    with pytest.raises(wf.SpecError, match=message):
        measure.run(BABIES)


def test_a_column_that_is_missing_is_named() -> None:
    with pytest.raises(wf.ColumnError, match="observed_until"):
        wf.FixedHorizon(origin="born").run(BABIES.drop("observed_until"))
    with pytest.raises(wf.ColumnError, match="rival"):
        wf.FixedHorizon(origin="born", competing="rival").run(BABIES)
    with pytest.raises(wf.TypeError_, match="true or false"):
        wf.FixedHorizon(origin="born", competing="event").run(BABIES)


def test_leaving_care_within_a_year_on_a_return_as_it_was_handed_in() -> None:
    """Children of the SSDA903 return from their first episode on: out of care, or adopted first."""
    until = dt.date(2018, 3, 31)
    dates = pl.col("DECOM", "DEC").str.to_date("%d/%m/%Y")
    episodes = pl.read_csv(RETURN, infer_schema=False).with_columns(dates)
    cohort = episodes.group_by("CHILD").agg(born=pl.col("DECOM").min()).sort("CHILD")
    cohort = cohort.filter(pl.col("born") <= until).with_columns(
        year=pl.col("born").dt.year() >= 2017
    )
    left = episodes.filter(pl.col("REC").is_not_null() & (pl.col("REC") != "X1"))
    left = left.with_columns(
        event=pl.when(pl.col("REC").is_in(["E11", "E12"]))
        .then(pl.lit("adopted"))
        .otherwise(pl.lit("care"))
    )
    followed = wf.follow_up(
        cohort,
        left,
        person="CHILD",
        origin="born",
        event_date="DEC",
        until=until,
        competing=["adopted"],
    )
    got = wf.FixedHorizon(origin="born", at=[180, 365]).run(followed, by="year").to_polars()
    ends: dict[str, list[tuple[dt.date, bool, str]]] = {}
    for child, on, event in left.select("CHILD", "DEC", "event").rows():
        if on is not None:
            ends.setdefault(child, []).append((on, event == "adopted", event))
    naive: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    for child, born, late in cohort.select("CHILD", "born", "year").rows():
        theirs = sorted(end for end in ends.get(child, []) if born <= end[0] <= until)
        on, _, event = theirs[0] if theirs else (until, False, None)
        naive[late].append(
            {
                "born": born,
                "observed_until": until,
                "time": (on - born).days,
                "event": event,
                "entry_days": 0,
            }
        )
    expected = [
        (late, horizon, near(value), numerator, denominator)
        for late in (False, True)
        for horizon in (180, 365)
        for value, numerator, denominator in by_hand(naive[late], horizon)
    ]
    assert got.select("year", "time", "value", "numerator", "denominator").rows() == expected
    assert got["numerator"].to_list().count(0) == 2  # not yet observable, of those before 2017
