"""Stays equal a naive version of themselves, day by day, and what is written by hand."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings

import wholefamily as wf
from by_hand import day, table
from naive_stays import OPEN, extract, naive_stays, usable
from strategies import Drawn, episodes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from oracle import Row

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)

TWICE = "in another group on the same days"


def as_set(rows: Iterable[Row]) -> Counter[str]:
    return Counter(repr(sorted(row.items())) for row in rows)


@drawn
@given(episodes(wide=False))
def test_stays_are_those_of_the_naive_version(data: Drawn) -> None:
    found = wf.stays(data.frame, by=data.by)
    rows = found.to_polars().to_dicts()
    assert as_set(rows) == as_set(naive_stays(data.rows, data.by))
    order = [(row["child_id"], row["start"], row["end"] or OPEN) for row in rows]
    assert order == sorted(order)
    done = found.problems["done"].to_list()
    assert done.count("row set aside") == data.frame.height - len(usable(data.rows))


@drawn
@given(episodes(wide=False))
def test_the_days_listed_are_what_groups_have_more_than_the_whole(data: Drawn) -> None:
    frame = data.frame.with_columns(pl.col("end").fill_null(day("2040-01-01")))
    found = wf.stays(frame, by=data.by)
    in_groups, in_all = (sum(each.to_polars()["days"]) for each in (found, wf.stays(frame)))
    listed = sum(found.problems.filter(pl.col("problem") == TWICE)["days"])
    assert in_groups - in_all == listed
    assert any("two groups at once" in note for note in found.notes) == (listed > 0)


@drawn
@given(episodes(wide=False))
def test_without_groups_stays_are_spells_without_a_gap(data: Drawn) -> None:
    stays = wf.stays(data.frame).to_polars()
    spells = wf.spells(data.frame, gap_days=0).to_polars()
    columns = ["child_id", "start", "end", "days"]
    assert stays.select(columns).equals(spells.select(columns))
    first = (spells["spell"] == 1).to_list()
    assert stays["began"].to_list() == ["first entry" if one else "re-entry" for one in first]


# ── By hand ───────────────────────────────────────────────────────────────────────────


def told(found: wf.histories.Stays) -> list[tuple[Any, ...]]:
    frame = found.to_polars()
    return frame.select("team", "child_id", "days", "began", "ended").rows()


def test_a_move_between_groups_is_no_entry_and_no_exit() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Ann", "02-01", "03-01"),
        ("Ann", "03-01", "03-11"),
        ("Ann", "06-01", None),
        ("Bea", "01-01", "01-11"),
        ("Bea", "01-12", "01-13"),
        team=["north", "south", "south", "north", "north", None],
    )
    found = wf.stays(frame, by="team")
    assert told(found) == [
        ("north", "Ann", 31, "first entry", "move"),
        ("south", "Ann", 38, "move", "exit"),
        ("north", "Ann", None, "re-entry", None),
        ("north", "Bea", 10, "first entry", "exit"),
        (None, "Bea", 1, "re-entry", "exit"),
    ]
    assert found.problems.is_empty()
    note, again = found.notes
    assert note.startswith("the earliest stay begins on 2023-01-01: whoever was in care before it")
    assert "re-entries on the day after the child left: 1" in again
    assert found.to_polars().columns == [
        "team", "child_id", "start", "end", "days", "began", "ended"
    ]  # fmt: skip


def test_every_problem_is_listed_with_the_other_row_and_the_days() -> None:
    frame = table(
        (None, "01-01", "02-01"),
        ("Ann", "03-01", "02-01"),
        ("Ann", "03-01", "03-01"),
        ("Bea", "01-01", "03-01"),
        ("Bea", "01-01", "03-01"),
        ("Bea", "02-01", "04-01"),
        ("Bea", "03-22", "04-11"),
        ("Cal", "01-01", None),
        ("Cal", "02-01", None),
        team=["n", "n", "n", "n", "n", "n", "s", "n", "s"],
    )
    found = wf.stays(frame, by=["team"])
    rows = found.problems.select("row", "column", "problem", "other_row", "days").rows()
    assert rows == [
        (0, "child_id", "no child is named", None, None),
        (1, "end", "end before start", None, None),
        (2, "end", "ends on the day it starts: no day in care", None, None),
        (4, "start", "the same child, start and end as another row", 3, None),
        (5, "start", "begins before another episode of the child has ended", 3, 28),
        (6, "start", TWICE, 5, 10),
        (8, "start", TWICE, 7, None),
    ]
    assert found.notes[1] == (
        "2 rows put a child in two groups at once, on 10 days in all, and 1 of them on days that "
        "are still open: groups add up to more than the whole by so much (see problems)"
    )


def test_names_are_taken_as_they_are() -> None:
    name = "<script>alert(1)</script>, of team 1"
    frame = table((name, "01-01", "02-01"), **{"a, b": [name]})
    assert wf.stays(frame, by="a, b").to_polars()["a, b"].to_list() == [name]


def test_tables_without_a_stay() -> None:
    found = wf.stays(table(), by=())
    assert (len(found), found.problems.height, found.notes) == (0, 0, [])
    nothing = pl.DataFrame({"child_id": [None], "start": [None], "end": [None], "team": [None]})
    assert wf.stays(nothing, by="team").problems["problem"].to_list() == ["no child is named"]


def test_what_cannot_be_asked_is_refused() -> None:
    frame = table(("Ann", "01-01", "02-01"), days=[3], cost=[1.5])
    with pytest.raises(wf.SpecError, match="'days' of its own"):
        wf.stays(frame, by="days")
    with pytest.raises(wf.SpecError, match="named twice"):
        wf.stays(frame, by=["cost", "cost"])
    with pytest.raises(wf.ColumnError, match="team"):
        wf.stays(frame, by="team")
    with pytest.raises(wf.TypeError_, match="holds numbers with decimals"):
        wf.stays(frame, by="cost")
    with pytest.raises(wf.TypeError_, match="start"):
        wf.stays(frame, start=3)  # pyright: ignore[reportArgumentType]


# ── A third party's extract ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [[], ["place"], ["place", "status"]])
def test_stays_of_the_extract_are_those_of_the_naive_version(by: list[str]) -> None:
    frame = extract()
    found = wf.stays(frame, by=by)
    assert as_set(found.to_polars().to_dicts()) == as_set(
        naive_stays(frame.select("child_id", "start", "end", *by).to_dicts(), by)
    )
    counts = Counter(found.to_polars()["began"].to_list())
    assert counts["first entry"] >= frame["child_id"].n_unique()
    assert (counts["move"] > 0) == bool(by)


def test_an_end_that_is_the_last_day_in_care_is_a_rule() -> None:
    frame = table(("Ann", "01-01", "01-10"), ("Ann", "01-11", None), team=["north", "south"])
    left = wf.stays(frame, by="team")
    assert left.to_polars()["began"].to_list() == ["first entry", "re-entry"]
    assert "re-entries on the day after the child left: 1" in left.notes[1]
    moved = wf.stays(frame, by="team", last_day_counts=True)
    assert moved.to_polars()["began"].to_list() == ["first entry", "move"]
    assert moved.to_polars()["ended"].to_list() == ["move", None]
    assert moved.to_polars()["days"].to_list() == [10, None]
    assert len(moved.notes) == 1
    placed = wf.placements(frame, place="team")
    assert "spells that begin on the day after the child left: 1" in placed.notes[0]
    joined = wf.placements(frame, place="team", gap_days=1)
    assert joined.to_polars()["began"].to_list() == ["entry", "move"]
    assert not any("day after" in note for note in joined.notes)


def test_first_entries_say_from_when_on_they_are_known() -> None:
    frame = table(("Ann", "01-05", "02-10"), ("Ann", "03-11", None))
    stays = wf.stays(frame)
    told = "the earliest start is 2023-01-05"
    assert told in wf.FlowRates(as_of="2023-12-31").run(stays, every="month").notes[0]
    account = wf.StockFlow(began="began", as_of="2023-12-31").run(stays, every="month")
    assert told in account.notes[0]
    assert not wf.StockFlow(as_of="2023-12-31").run(stays, every="month").notes
