"""Follow-up equals a naive version of itself on random tables, and what is written by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from by_hand import day
from oracle import Row
from strategies import days, or_null, tables

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)


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


@pytest.mark.parametrize(
    ("none", "some"), [("censored", "care"), (0, 1), (False, True)], ids=["word", "number", "flag"]
)
def test_an_event_named_as_if_there_were_none_is_refused(none: Any, some: Any) -> None:
    born = day("2023-01-01")
    cohort = pl.DataFrame({"id": ["a", "b"], "born": [born, born]})
    events = pl.DataFrame({"id": ["a", "b"], "at": [born, born], "event": [some, none]})
    names: Any = {"person": "id", "origin": "born", "event_date": "at", "until": "2023-12-31"}
    with pytest.raises(wf.SpecError, match=f"'event' holds {str(none).lower()}, which means every"):
        wf.follow_up(cohort, events, **names)
    # Rows without a date have not happened, whatever they are called.
    undated = events.with_columns(at=pl.when(pl.col("id") == "a").then("at"))
    assert wf.follow_up(cohort, undated, **names).to_polars()["event"].to_list() == [some, None]
    # Nor does a name in a dictionary that no row has.
    if none == "censored":
        coded = events.with_columns(pl.col("event").cast(pl.Enum([none, some])))
        first = coded.filter(pl.col("id") == "a")
        assert wf.follow_up(cohort, first, **names).to_polars()["event"].to_list() == [some, None]
