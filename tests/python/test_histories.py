"""Histories equal naive versions of themselves, on random tables and on a return as it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from strategies import Drawn, days, episodes, or_null, tables

if TYPE_CHECKING:
    from collections.abc import Iterable

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)

DATA = Path(__file__).parents[2] / "examples" / "ssda903" / "data"
OPEN = dt.date.max
SPELL = {
    "child_id": pl.String,
    "spell": pl.Int64,
    "start": pl.Date,
    "end": pl.Date,
    "episodes": pl.Int64,
    "days": pl.Int64,
}

Row = dict[str, Any]


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


def joined(found: wf.histories.Spells) -> list[tuple[Any, ...]]:
    frame = found.to_polars()
    return [
        (child, f"{start:%m-%d}", None if end is None else f"{end:%m-%d}", count)
        for child, start, end, count in frame.select("child_id", "start", "end", "episodes").rows()
    ]


def problems(found: wf.histories.History) -> list[tuple[Any, ...]]:
    return found.problems.select("row", "column", "problem", "done").rows()


# ── Spells, naively ───────────────────────────────────────────────────────────────────


def naive_spells(rows: Iterable[Row], gap_days: int) -> list[Row]:
    """Give the spells of each child: sort, then join what touches or lies within the gap."""
    usable = {
        (row["child_id"], row["start"], row["end"] or OPEN)
        for row in rows
        if row["child_id"] is not None
        and row["start"] is not None
        and row["start"] < (row["end"] or OPEN)
    }
    found: list[Row] = []
    for child, start, end in sorted(usable):
        last = found[-1] if found and found[-1]["child_id"] == child else None
        if last and (start - last["end"]).days <= gap_days:
            last["end"] = max(last["end"], end)
            last["episodes"] += 1
        else:
            number = last["spell"] + 1 if last else 1
            row = {"child_id": child, "spell": number, "start": start, "end": end, "episodes": 1}
            found.append(row)
    for row in found:
        row["days"] = None if row["end"] == OPEN else (row["end"] - row["start"]).days
        row["end"] = None if row["end"] == OPEN else row["end"]
    return found


@drawn
@given(episodes(wide=False), st.sampled_from([0, 1, 7]))
def test_spells_are_those_of_the_naive_version(data: Drawn, gap_days: int) -> None:
    found = wf.spells(data.frame, gap_days=gap_days)
    assert found.to_polars().to_dicts() == naive_spells(data.rows, gap_days)
    done = found.problems["done"].to_list()
    aside = done.count("row set aside") + done.count("counted once")
    assert found.to_polars()["episodes"].sum() + aside == data.frame.height


@drawn
@given(episodes(wide=False))
def test_the_measures_find_the_same_children_in_spells_as_in_episodes(data: Drawn) -> None:
    starts = [row["start"] for row in data.rows if row["start"]]
    if not starts:
        return
    found = wf.spells(data.frame, gap_days=0)
    at = [min(starts) + dt.timedelta(days=n) for n in range(0, 130, 10)]
    stock = wf.LookedAfter(at=at, as_of=max(at))
    count = stock.run(found).to_polars()["numerator"].to_list()
    assert count == stock.run(data.frame).to_polars()["numerator"].to_list()


# ── Spells, by hand ───────────────────────────────────────────────────────────────────


def test_touching_episodes_continue_and_a_day_between_is_bridged_and_listed() -> None:
    frame = table(("Ann", "01-01", "02-01"), ("Ann", "02-01", "03-01"), ("Ann", "03-02", None))
    found = wf.spells(frame)
    assert joined(found) == [("Ann", "01-01", None, 3)]
    gap = "a gap since the last episode, no longer than gap_days"
    assert problems(found) == [(2, "start", gap, "joined; the days between count as care")]
    strict = wf.spells(frame, gap_days=0)
    assert joined(strict) == [("Ann", "01-01", "03-01", 2), ("Ann", "03-02", None, 1)]
    assert strict.problems.is_empty()


def test_every_problem_is_listed_with_what_was_done() -> None:
    frame = table(
        (None, "01-01", "02-01"),
        ("Ann", None, "02-01"),
        ("Ann", "03-01", "02-01"),
        ("Ann", "03-01", "03-01"),
        ("Bea", "01-01", "03-01"),
        ("Bea", "01-01", "03-01"),
        ("Bea", "02-01", "04-01"),
        ("Cal", "01-01", None),
        ("Cal", "02-01", None),
        ("Cal", "03-01", "04-01"),
    )
    found = wf.spells(frame)
    assert joined(found) == [("Bea", "01-01", "04-01", 2), ("Cal", "01-01", None, 3)]
    told = found.problems.select("row", "column", "done", "other_row", "days").rows()
    assert told == [
        (0, "child_id", "row set aside", None, None),
        (1, "start", "row set aside", None, None),
        (2, "end", "row set aside", None, None),
        (3, "end", "row set aside", None, None),
        (5, "start", "counted once", 4, None),
        (6, "start", "the days count once", 4, 28),
        (8, "end", "joined to the spell, which stays open", 7, None),
        (9, "start", "joined to the spell, which stays open", 7, 31),
    ]


def test_implausible_dates_are_listed() -> None:
    starts = pa.array([-800_000, -40_000, 3_000_000, 19_000], pa.int32()).cast(pa.date32())
    ends = pa.array([19_000, -30_000, None, 2**31 - 1], pa.int32()).cast(pa.date32())
    found = wf.spells(pa.table({"child_id": ["a", "b", "c", "d"], "start": starts, "end": ends}))
    assert len(found) == 1
    far = "a date outside the years 1 to 9999"
    early = "a date before 1900"
    assert problems(found) == [
        (0, "start", far, "row set aside"),
        (1, "start", early, "used as it stands"),
        (1, "end", early, "used as it stands"),
        (2, "start", far, "row set aside"),
        (3, "end", far, "row set aside"),
    ]


def test_short_breaks_are_left_out_and_counted() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Ann", "02-01", "02-05"),
        ("Ann", "02-05", None),
        status=["C2", "V3", None],
    )
    found = wf.spells(frame, leave_out={"status": ["V3", "V4"]})
    assert joined(found) == [("Ann", "01-01", "02-01", 1), ("Ann", "02-05", None, 1)]
    assert found.notes == [
        "leave_out: 1 of 3 rows left out (status = V3, V4)",
        "leave_out: no row has V4 in status",
    ]
    only = wf.spells(frame, only={"status": "C2"})
    assert joined(only) == [("Ann", "01-01", "02-01", 1)]
    assert only.notes == ["only: 2 of 3 rows left out (status = C2)"]


def test_a_transfer_ends_a_spell_where_the_rules_say_so() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Ann", "02-01", "03-01"),
        ("Ann", "03-01", None),
        authority=["Fife", "Moray", "Fife"],
    )
    assert joined(wf.spells(frame)) == [("Ann", "01-01", None, 3)]
    found = wf.spells(frame, transfer="authority", gap_days=60)
    assert joined(found) == [
        ("Ann", "01-01", "02-01", 1),
        ("Ann", "02-01", "03-01", 1),
        ("Ann", "03-01", None, 1),
    ]
    assert found.to_polars()["authority"].to_list() == ["Fife", "Moray", "Fife"]
    assert found.problems.is_empty()


def test_care_ends_on_the_birthday_of_the_age_limit() -> None:
    born: list[Any] = [
        day("2005-03-01"),
        None,
        day("2004-02-29"),
        day("2010-01-01"),
        day("2010-01-01"),
    ]
    frame = table(
        ("Ann", "01-01", "05-01"),
        ("Ann", "05-01", None),
        ("Bea", "01-01", None),
        ("Cal", "01-01", None),
        ("Dan", "01-01", "02-01"),
        born=born,
    )
    backdated = pl.col("start") - pl.duration(days=365)
    frame = frame.with_columns(
        start=pl.when(pl.col("start").dt.month() == 1).then(backdated).otherwise("start")
    )
    found = wf.spells(frame, until_age=18, as_of="2023-06-30")
    frame = found.to_polars()
    ends = dict(frame.group_by("child_id").agg(pl.col("end").last()).rows())
    assert ends == {
        "Ann": day("2023-03-01"),
        "Bea": day("2022-03-01"),
        "Cal": None,
        "Dan": day("2023-02-01"),
    }
    assert frame["days"].to_list() == [424, 59, 545, 396]
    told = found.problems.select("row", "column", "done").rows()
    assert told == [
        (0, "end", "ended on the birthday"),
        (1, "start", "row set aside"),
        (2, "end", "ended on the birthday"),
    ]
    at_once = wf.spells(
        table(("Ann", "04-01", None), born=[born[0]]), until_age=18, as_of="2023-06-30"
    )
    assert len(at_once) == 0
    assert at_once.problems["problem"].to_list() == ["starts at the age limit or later"]


def test_dates_of_birth_that_differ_or_are_missing_are_listed() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Ann", "02-01", "03-01"),
        ("Bea", "02-01", "03-01"),
        born=[day("2010-01-01"), day("2009-01-01"), None],
    )
    found = wf.spells(frame, until_age=21, as_of="2023-06-30")
    assert found.problems.select("row", "column", "done", "other_row").rows() == [
        (0, "born", "the earliest is used", 1),
        (2, "born", "no age limit for the child", None),
    ]


def test_what_lies_after_the_last_day_known_is_listed() -> None:
    frame = table(("Ann", "01-01", "05-01"), ("Ann", "06-01", None), ("Bea", "01-01", "02-01"))
    found = wf.spells(frame, as_of="2023-04-01")
    assert joined(found) == [("Ann", "01-01", None, 1), ("Bea", "01-01", "02-01", 1)]
    assert found.to_polars()["days"].to_list() == [90, 31]
    assert found.problems.select("row", "done").rows() == [
        (0, "taken as open on that day"),
        (1, "row set aside"),
    ]


def test_columns_are_kept_with_their_value_in_the_first_episode() -> None:
    frame = table(
        ("Ann", "02-01", "03-01"),
        ("Ann", "01-01", "02-01"),
        **{"a name, with commas": ["later", None], "n": [2, 1]},
    )
    found = wf.spells(frame, keep=["a name, with commas", "n"]).to_polars()
    assert found.select("a name, with commas", "n").rows() == [(None, 1)]
    assert wf.spells(frame, keep="n").to_polars()["n"].to_list() == [1]


def test_children_stand_in_the_order_of_their_names() -> None:
    names = [
        "b",
        "",
        "a",
        "é",
        "a name of more than 15 letters, B",
        "a name of more than 15 letters, A",
    ]
    frame = table(*((name, "01-01", None) for name in names))
    for kind in (pl.String, pl.Categorical()):
        found = wf.spells(frame.cast({"child_id": kind})).to_polars()
        assert found["child_id"].cast(pl.String).to_list() == sorted(names)
    numbers = [7, -1, 10, 2**40]
    frame = pl.DataFrame({"child_id": numbers, "start": [day("2023-01-01")] * 4}).with_columns(
        end=pl.lit(None, pl.Date)
    )
    assert wf.spells(frame).to_polars()["child_id"].to_list() == sorted(numbers)


def test_a_table_without_rows_has_no_spells() -> None:
    found = wf.spells(table())
    assert found.to_polars().schema == pl.Schema(SPELL)
    assert (len(found), found.problems.height, found.notes) == (0, 0, [])
    nothing = pl.DataFrame({"child_id": [None], "start": [None], "end": [None]})
    assert problems(wf.spells(nothing)) == [(0, "child_id", "no child is named", "row set aside")]


def test_spells_go_into_every_library(tmp_path: Path) -> None:
    frame = table(("Ann", "01-01", "02-01"), ("Bea", "01-01", None))
    found = wf.spells(frame)
    assert found.to_arrow().schema.metadata[b"wholefamily.version"]
    assert found.to_pandas()["days"].dtype == "Int64"
    assert pl.DataFrame(found).equals(found.to_polars())
    assert "no problem found" in repr(found)
    assert "problems found: 2" in repr(wf.spells(frame.with_columns(start="end")))
    frame.write_parquet(tmp_path / "episodes.parquet")
    assert wf.spells(tmp_path / "episodes.parquet").to_polars().equals(found.to_polars())
    assert wf.spells(frame.lazy()).to_polars().equals(found.to_polars())


@pytest.mark.parametrize(
    ("rules", "error", "message"),
    [
        ({"child": "chidl_id"}, wf.ColumnError, "did you mean 'child_id'"),
        ({"keep": ["start"]}, wf.SpecError, "column 'start' of its own"),
        ({"keep": ["status", "status"]}, wf.SpecError, "named twice"),
        ({"leave_out": {"status": []}}, wf.SpecError, "without a value"),
        ({"leave_out": {"status": [3]}}, wf.Error, "status"),
        ({"leave_out": "V3"}, wf.TypeError_, "values by column"),
        ({"gap_days": -1}, wf.SpecError, "0 to 36525"),
        ({"gap_days": 10**20}, wf.SpecError, "0 to 36525"),
        ({"until_age": 0}, wf.SpecError, "1 to 120"),
        ({"gap_days": 1.5}, wf.TypeError_, "whole number"),
        ({"until_age": 18}, wf.Error, "born"),
        ({"until_age": 18, "born": "start"}, wf.SpecError, "needs as_of"),
        ({"as_of": "31/03/2024"}, wf.SpecError, "year-month-day"),
        ({"start": "child_id"}, wf.TypeError_, "expected dates"),
        ({"rules": "scotland"}, wf.TypeError_, "SpellRules"),
        ({"rules": wf.SpellRules(), "gap_days": 0}, wf.SpecError, "not both"),
    ],
)
def test_rules_that_cannot_be_are_refused(
    rules: dict[str, Any], error: type[wf.Error], message: str
) -> None:
    frame = table(("Ann", "01-01", "02-01"), status=["C2"])
    with pytest.raises(error, match=message):
        wf.spells(frame, **rules)


def test_rules_have_names() -> None:
    england = wf.SpellRules.named("england-ssda903", as_of="2018-03-31")
    assert (england.gap_days, england.leave_out) == (0, {"legal_status": ("V3", "V4")})
    assert england.as_of == day("2018-03-31")
    assert england.census_days(2017, 2018) == [day("2017-03-31"), day("2018-03-31")]
    scotland = wf.SpellRules.named("scotland")
    assert scotland.census_days(2024, 2024) == [day("2024-07-31")]
    assert replace(scotland, census="02-29").census_days(2023, 2024) == [
        day("2023-02-28"),
        day("2024-02-29"),
    ]
    with pytest.raises(wf.SpecError, match="england-ssda903, scotland"):
        wf.SpellRules.named("wales")
    with pytest.raises(wf.SpecError, match="unknown rule 'gap'"):
        wf.SpellRules.named("scotland", gap=1)
    with pytest.raises(wf.SpecError, match="census"):
        wf.SpellRules(census="31 July")
    with pytest.raises(wf.SpecError, match="no census day"):
        wf.SpellRules().census_days(2020, 2021)


# ── A return as it stands ─────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ssda903() -> pl.DataFrame:
    names = {"CHILD": "child_id", "DECOM": "start", "DEC": "end", "LS": "legal_status"}
    frame = pl.read_csv(DATA / "episodes.csv").rename(names)
    return frame.with_columns(pl.col("start", "end").str.to_date("%d/%m/%Y"))


@pytest.mark.parametrize("gap_days", [0, 1, 30])
def test_the_spells_of_a_return(ssda903: pl.DataFrame, gap_days: int) -> None:
    rules = replace(wf.SpellRules.named("england-ssda903"), gap_days=gap_days)
    found = wf.spells(ssda903, rules=rules)
    counted = ssda903.filter(~pl.col("legal_status").is_in(["V3", "V4"]))
    furthest = pl.col("end").fill_null(OPEN).cum_max().shift().over("child_id")
    starts = (pl.col("start") - furthest > pl.duration(days=gap_days)).fill_null(value=True)
    naive = (
        counted.unique(["child_id", "start", "end"])
        .filter(pl.col("end").is_null() | (pl.col("end") > pl.col("start")))
        .sort("child_id", "start", pl.col("end").fill_null(OPEN))
        .with_columns(spell=starts.cum_sum().over("child_id").cast(pl.Int64))
        .group_by("child_id", "spell", maintain_order=True)
        .agg(
            pl.col("start").min(),
            pl.when(pl.col("end").is_null().any())
            .then(None)
            .otherwise(pl.col("end").max())
            .alias("end"),
            pl.len().cast(pl.Int64).alias("episodes"),
        )
        .with_columns(days=(pl.col("end") - pl.col("start")).dt.total_days())
    )
    assert found.to_polars().equals(naive)
    assert found.notes == ["leave_out: 803 of 5050 rows left out (legal_status = V3, V4)"]


def test_the_stock_and_the_flows_of_a_return_are_those_of_its_spells(ssda903: pl.DataFrame) -> None:
    rules = wf.SpellRules.named("england-ssda903")
    found = wf.spells(ssda903, rules=rules)
    counted = ssda903.filter(~pl.col("legal_status").is_in(["V3", "V4"]))
    stock = wf.LookedAfter(at=rules.census_days(2015, 2018))
    counts = stock.run(found).to_polars()["numerator"].to_list()
    assert counts == stock.run(counted).to_polars()["numerator"].to_list()
    naive = [
        counted.filter((pl.col("start") <= at) & ((pl.col("end") > at) | pl.col("end").is_null()))[
            "child_id"
        ].n_unique()
        for at in rules.census_days(2015, 2018)
    ]
    assert counts == naive
    flows = wf.Flows(as_of=day("2018-03-31"))
    of_spells = flows.run(found, every="financial_year").to_polars()
    of_episodes = flows.run(counted, every="financial_year").to_polars()
    assert of_spells["value"].to_list() == of_episodes["value"].to_list()


# ── Repeats ───────────────────────────────────────────────────────────────────────────


def naive_repeats(rows: list[Row], within_days: int) -> list[tuple[Any, ...]]:
    """Give previous, days_since, repeat and first_ever of each row."""
    found: list[tuple[Any, ...]] = []
    for row in rows:
        if row["who"] is None or row["at"] is None:
            found.append((None, None, None, None))
            continue
        theirs = [each["at"] for each in rows if each["who"] == row["who"] and each["at"]]
        previous = max((at for at in theirs if at < row["at"]), default=None)
        since = (row["at"] - previous).days if previous else None
        found.append((previous, since, since is not None and since <= within_days, not previous))
    return found


@st.composite
def referrals(draw: st.DrawFn) -> Drawn:
    """Draw referrals of few people, several on one day."""
    at = draw(days(wide=draw(st.booleans())))
    kind, people = draw(st.sampled_from([(pl.String, "abc"), (pl.UInt8, range(3))]))
    who = or_null(st.sampled_from(list(people)))
    return draw(tables({"who": (kind, who), "at": (pl.Date, or_null(at))}))


@drawn
@given(referrals(), st.sampled_from([0, 30, 365]))
def test_repeats_are_those_of_the_naive_version(data: Drawn, within_days: int) -> None:
    found = wf.repeats(data.frame, person="who", date="at", within_days=within_days).to_polars()
    assert found.columns == [*data.frame.columns, "previous", "days_since", "repeat", "first_ever"]
    own = found.select("previous", "days_since", "repeat", "first_ever").rows()
    assert own == naive_repeats(data.rows, within_days)
    assert found.select(data.frame.columns).rows() == data.frame.rows()


def test_referrals_of_one_day_have_the_same_previous_one_and_are_listed() -> None:
    at = [day("2023-01-01"), day("2023-02-01"), day("2023-02-01"), None]
    frame = pl.DataFrame({"family": ["x"] * 4, "received": at})
    found = wf.repeats(frame, person="family", date="received")
    assert found.to_polars()["days_since"].to_list() == [None, 31, 31, None]
    assert found.problems.select("row", "problem", "other_row").rows() == [
        (2, "the same person and day as another row", 1),
        (3, "no date", None),
    ]
    assert "2023-01-01" in found.notes[0]
    with pytest.raises(wf.SpecError, match="'previous'"):
        wf.repeats(frame.rename({"received": "previous"}), person="family", date="previous")
    with pytest.raises(wf.SpecError, match="0 to 36525"):
        wf.repeats(frame, person="family", date="received", within_days=-1)


# ── Follow-up ─────────────────────────────────────────────────────────────────────────


def naive_follow_up(cohort: list[Row], events: list[Row]) -> list[tuple[Any, ...]]:
    """Give time, event, whether it competes, and days to the entry of each row."""
    found: list[tuple[Any, ...]] = []
    for row in cohort:
        who, origin, until = row["who"], row["born"], row["until"]
        entry = max(row["entry"] or origin, origin) if origin else None
        late = entry is not None and entry > origin
        if None in (who, origin, until) or until < origin or (late and entry >= until):
            found.append((None, None, None, None))
            continue
        theirs = sorted(
            (each["at"], each["what"] in {"died", "moved"}, each["what"])
            for each in events
            if each["who"] == who and each["at"] and each["what"] and origin <= each["at"] <= until
        )
        at, competing, what = theirs[0] if theirs else (until, None, None)
        seen = not (theirs and late and at <= entry)
        row_found = ((at - origin).days, what, competing, (entry - origin).days)
        found.append(row_found if seen else (None, None, None, None))
    return found


@drawn
@given(st.data())
def test_follow_up_is_that_of_the_naive_version(data: st.DataObject) -> None:
    on = data.draw(days(wide=False))
    who = or_null(st.sampled_from("abcd"))
    at = (pl.Date, or_null(on))
    cohort = data.draw(tables({"who": (pl.String, who), "born": at, "until": at, "entry": at}))
    what = or_null(st.sampled_from(["care", "adopted", "died", "moved"]))
    events = data.draw(tables({"who": (pl.String, who), "at": at, "what": (pl.String, what)}))
    found = wf.follow_up(
        cohort.frame,
        events.frame,
        person="who",
        origin="born",
        event_date="at",
        until="until",
        event="what",
        competing=["died", "moved"],
        entry="entry",
    )
    own = found.to_polars().select("time", "event", "competing", "entry_days").rows()
    assert own == naive_follow_up(cohort.rows, events.rows)
    assert found.to_polars()["observed_until"].to_list() == cohort.frame["until"].to_list()
    listed = found.problems.filter(table="cohort")["row"].to_list()
    unfollowed = [row for row, figures in enumerate(own) if figures[0] is None]
    assert [row for row in listed if row in unfollowed] == unfollowed


def test_what_cannot_be_followed_or_counted_is_listed() -> None:
    cohort = pl.DataFrame(
        {
            "child_id": ["Ann", "Bea", "Cal", None],
            "born": [day("2023-01-01"), day("2023-05-01"), None, day("2023-01-01")],
        }
    )
    events = pl.DataFrame(
        {
            "child_id": ["Ann", "Ann", "Ann", "Eve", "Ann"],
            "at": [day(f"2023-{each}") for each in ("03-01", "03-01", "06-01", "01-01", "02-01")],
            "event": ["died", "care", "care", "care", None],
        }
    ).vstack(pl.DataFrame({"child_id": ["Ann"], "at": [day("2022-12-01")], "event": ["care"]}))
    found = wf.follow_up(
        cohort,
        events,
        person="child_id",
        origin="born",
        event_date="at",
        until=day("2023-04-01"),
        competing="died",
    )
    frame = found.to_polars()
    assert frame["time"].to_list() == [59, None, None, None]
    assert frame["event"].to_list() == ["care", None, None, None]
    assert found.problems.select("table", "row", "column", "done").rows() == [
        ("cohort", 1, "born", "not followed"),
        ("cohort", 2, "born", "not followed"),
        ("cohort", 3, "child_id", "not followed"),
        ("events", 0, "at", "the other is taken"),
        ("events", 4, "event", "event set aside"),
        ("events", 5, "at", "not counted"),
    ]
    assert found.notes == [
        "events of people who are not in the cohort: 1",
        "events after the end of observation, not counted: 1",
    ]


def test_a_cohort_and_its_events_name_people_in_one_way() -> None:
    born = [day("2023-01-01")]
    cohort = pl.DataFrame({"id": [1], "born": born})
    events = pl.DataFrame({"id": ["1"], "at": born})
    names = {"person": "id", "origin": "born", "event_date": "at"}
    with pytest.raises(wf.DataError, match="by numbers and the other by text"):
        wf.follow_up(cohort, events, **names, until="2023-12-31", event=None)
    with pytest.raises(wf.ColumnError, match="until"):
        wf.follow_up(cohort, events.cast({"id": pl.Int64}), **names, until="untl", event=None)
    with pytest.raises(wf.SpecError, match="competing needs event"):
        wf.follow_up(cohort, events, **names, until="2023-12-31", event=None, competing=["died"])
    with pytest.raises(wf.ColumnError, match=r"events: .*'event'"):
        wf.follow_up(cohort, events, **names, until="2023-12-31")
