"""A history shows itself in a notebook: its first rows, how many there are, and the problems by kind."""

from __future__ import annotations

import datetime as dt
import re

import polars as pl
import pytest

import wholefamily as wf
from by_hand import day

EVIL = "<script>alert('x')</script>, & Co"


def episodes(rows: int) -> pl.DataFrame:
    start = [day("2023-01-01") + dt.timedelta(days=5 * n) for n in range(rows)]
    return pl.DataFrame(
        {"child_id": [f"c{n:04}" for n in range(rows)], "start": start, "end": [None] * rows},
        schema_overrides={"end": pl.Date},
    )


def words(html: str) -> str:
    """The text of the fragment, without its style sheet and its tags."""
    without = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", without))


def test_a_history_shows_its_first_rows_and_says_how_many_there_are() -> None:
    html = wf.spells(episodes(1_234))._repr_html_()
    assert html.startswith('<div class="wf-estimates">')
    assert html.count("<tr>") == 1 + 10
    told = words(html)
    assert "Spells: 1,234 rows" in told
    assert "The first 10 of 1,234 rows are shown." in told
    assert "No problem was found." in told
    for name in ("child_id", "spell", "start", "end", "episodes", "days"):
        assert f">{name}</th>" in html
    assert "2023-01-01" in told
    assert 'wf-muted">null</td>' in html


def test_problems_are_counted_by_kind() -> None:
    frame = episodes(4).with_columns(
        end=pl.Series([day("2022-01-01"), day("2022-05-05"), None, None]),
        child_id=pl.Series(["a", "b", "c", None]),
    )
    told = words(wf.spells(frame)._repr_html_())
    assert "Spells: 1 row " in told
    assert "2 rows in end: end before start: row set aside." in told
    assert "1 row in child_id: no child is named: row set aside." in told
    assert "Each such row is listed in .problems." in told


def test_the_table_of_a_problem_is_named_where_there_are_two() -> None:
    cohort = pl.DataFrame({"id": ["a", None], "born": [day("2023-01-01")] * 2})
    events = pl.DataFrame({"id": ["b"], "at": [day("2023-02-01")], "event": ["care"]})
    found = wf.follow_up(
        cohort, events, person="id", origin="born", event_date="at", until="2023-12-31"
    )
    told = words(found._repr_html_())
    assert "Follow up: 2 rows" in told
    assert "1 row in id of cohort: no person is named: not followed." in told
    assert "events of people who are not in the cohort: 1." in told.lower()


@pytest.mark.parametrize("place", ["value", "column"])
def test_names_that_would_be_markup_stay_names(place: str) -> None:
    frame = episodes(1).with_columns(pl.lit(EVIL).alias("area"))
    name = "area" if place == "value" else EVIL
    html = wf.spells(frame.rename({"area": name}), keep=[name])._repr_html_()
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_no_rows_and_days_beyond_the_calendar_can_be_shown() -> None:
    told = words(wf.spells(episodes(0))._repr_html_())
    assert "Spells: 0 rows" in told
    assert "No rows to show." in told
    far = episodes(1).with_columns(
        at=pl.lit(4_000_000, pl.Int32).cast(pl.Date), tags=[["a", "<b>"]]
    )
    html = wf.repeats(far, person="child_id", date="at")._repr_html_()
    assert "&lt;b&gt;" in html
    assert "Repeats: 1 row" in words(html)
