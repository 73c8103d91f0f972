"""Spells equal a naive version of themselves on random tables, and what is written by hand."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from by_hand import day, table
from oracle import Row
from strategies import Drawn, episodes

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)

OPEN = dt.date.max
SPELL = {
    "child_id": pl.String,
    "spell": pl.Int64,
    "start": pl.Date,
    "end": pl.Date,
    "episodes": pl.Int64,
    "days": pl.Int64,
}


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
    early = "a date of 1 January 1900 or before"
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
