"""Repeats equal a naive version of themselves on random tables, and what is written by hand."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from by_hand import day
from oracle import Row
from strategies import Drawn, days, or_null, tables

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)


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
