"""Placements equal a naive version of themselves, and what is written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_placements as naive
import wholefamily as wf
from by_hand import day, table
from strategies import Drawn, days, or_null, sampled, tables, tidied

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)
DATA = Path(__file__).parents[2] / "examples" / "ssda903" / "data"
COLUMNS = {
    "child_id": pl.String,
    "spell": pl.Int64,
    "placement_number": pl.Int64,
    "placement": pl.String,
    "start": pl.Date,
    "end": pl.Date,
    "days": pl.Int64,
    "began": pl.String,
    "moved": pl.Boolean,
    "ended": pl.Boolean,
}


@st.composite
def stays(draw: st.DrawFn) -> Drawn:
    """Draw episodes of few children in few places."""
    when = draw(days(wide=False))
    drawn_table = draw(
        tables(
            {
                "child_id": (pl.String, or_null(st.sampled_from("abc"))),
                "start": (pl.Date, or_null(when)),
                "end": (pl.Date, or_null(when)),
                "placement": (pl.String, sampled(["K2", "T1", "T4", "U1", "U4"])),
            },
            max_size=14,
        )
    )
    return Drawn(tidied(draw, drawn_table.frame), [])


def test_the_columns_are_as_documented() -> None:
    found = wf.placements(table(placement=pl.Series([], dtype=pl.String)))  # pyright: ignore[reportArgumentType]
    assert found.to_polars().schema == pl.Schema(COLUMNS)
    assert (len(found), found.problems.height, found.notes) == (0, 0, [])


@drawn
@given(stays(), st.sampled_from([0, 1, 9]), st.sampled_from([(), ("T1",), ("T1", "T4")]))
def test_placements_are_those_of_the_naive_version(
    data: Drawn, gap_days: int, temporary: tuple[str, ...]
) -> None:
    found = wf.placements(data.frame, gap_days=gap_days, temporary=temporary)
    expected = naive.placements(data.rows, "placement", temporary, gap_days)
    ours = found.to_polars().to_dicts()
    assert ours == [{name: row[name] for name in COLUMNS} for row in expected]


@drawn
@given(stays(), st.sampled_from([0, 1, 9]))
def test_placements_share_out_the_days_of_spells(data: Drawn, gap_days: int) -> None:
    found = wf.placements(data.frame, gap_days=gap_days, temporary="T1").to_polars()
    spells = wf.spells(data.frame, gap_days=gap_days).to_polars()
    together = found.group_by("child_id", "spell", maintain_order=True).agg(
        pl.col("start").min(),
        pl.when(pl.col("end").is_null().any())
        .then(None)
        .otherwise(pl.col("end").max())
        .alias("end"),
    )
    assert together.equals(spells.select("child_id", "spell", "start", "end"))


def test_a_move_a_return_and_an_open_placement() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Ann", "02-01", "03-01"),
        ("Ann", "03-01", "03-05"),
        ("Ann", "03-05", "04-01"),
        ("Ann", "06-01", None),
        placement=["U4", "U4", "T1", "K2", "K2"],
        why=["first", "second", "third", "fourth", "fifth"],
    )
    found = wf.placements(frame, temporary="T1", keep="why", as_of="2023-06-30")
    shown = found.to_polars().drop("child_id").rows()
    assert shown == [
        (1, 1, "U4", day("2023-01-01"), day("2023-03-05"), 63, "entry", True, True, "first"),
        (1, 2, "K2", day("2023-03-05"), day("2023-04-01"), 27, "move", False, True, "fourth"),
        (2, 1, "K2", day("2023-06-01"), None, 29, "entry", None, False, "fifth"),
    ]
    assert found.problems.is_empty()
    without = wf.placements(frame, temporary=["T1", "T9"])
    assert without.to_polars()["days"].to_list() == [63, 27, None]
    assert without.notes == [
        "temporary: no row has T9 in placement",
        "open placements: 1, whose days are null; as_of says how far the extract reaches",
    ]


def test_a_change_in_any_column_of_the_place_is_a_move() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Ann", "02-01", "03-01"),
        ("Ann", "03-01", None),
        placement=["U4", "U4", "P1"],
        urn=[17, 18, None],
    )
    found = wf.placements(frame, place=["placement", "urn"]).to_polars()
    assert found["urn"].to_list() == [17, 18, None]
    assert wf.placements(frame).to_polars()["placement"].to_list() == ["U4", "P1"]


def test_every_problem_is_listed_with_what_was_done() -> None:
    frame = table(
        (None, "01-01", "02-01"),
        ("Ann", None, "02-01"),
        ("Ann", "03-01", "02-01"),
        ("Bea", "01-01", "03-01"),
        ("Bea", "01-01", "03-01"),
        ("Bea", "02-01", "04-01"),
        ("Cal", "01-01", None),
        ("Cal", "02-01", None),
        ("Dan", "01-01", "02-01"),
        ("Dan", "02-01", "03-01"),
        ("Eva", "01-01", "02-01"),
        ("Eva", "01-01", "03-01"),
        placement=["K2"] * 5 + ["U4", "K2", "K2", "T1", None, "K2", "U4"],
    )
    found = wf.placements(frame, temporary="T1")
    told = found.problems.select("row", "column", "done", "other_row", "days").rows()
    here = "the child is here from this start on"
    longest = "of the two the one that ends later counts; of two alike, the first by name"
    assert told == [
        (0, "child_id", "row set aside", None, None),
        (1, "start", "row set aside", None, None),
        (2, "end", "row set aside", None, None),
        (4, "start", "counted once", 3, None),
        (5, "start", here, 3, 28),
        (7, "end", "the days count once", 6, None),
        (8, "start", "counted to the placement that follows; if none does, as one", None, None),
        (9, "placement", "a place of its own: to go there or to leave it is a move", None, None),
        (11, "start", longest, 10, 31),
    ]
    assert found.to_polars().select("child_id", "placement", "days").rows() == [
        ("Bea", "K2", 31),
        ("Bea", "U4", 59),
        ("Cal", "K2", None),
        ("Dan", None, 59),
        ("Eva", "U4", 59),
    ]


@pytest.mark.parametrize(
    ("rules", "error", "message"),
    [
        ({"place": "placment"}, wf.ColumnError, "did you mean 'placement'"),
        ({"place": ()}, wf.SpecError, "names no column"),
        ({"place": ["placement", "placement"]}, wf.SpecError, "named twice"),
        ({"keep": "placement"}, wf.SpecError, "named twice"),
        ({"keep": "end"}, wf.SpecError, "column 'end' of its own"),
        ({"place": 3}, wf.TypeError_, "name of a column"),
        ({"temporary": [None]}, wf.SpecError, "temporary holds null"),
        ({"temporary": [3]}, wf.Error, "placement"),
        ({"gap_days": -1}, wf.SpecError, "0 to 36525"),
        ({"as_of": "31/03/2024"}, wf.SpecError, "year-month-day"),
        ({"start": "placement"}, wf.TypeError_, "expected dates"),
    ],
)
def test_rules_that_cannot_be_are_refused(
    rules: dict[str, Any], error: type[wf.Error], message: str
) -> None:
    frame = table(("Ann", "01-01", "02-01"), placement=["U4"])
    with pytest.raises(error, match=message):
        wf.placements(frame, **rules)


def test_names_may_hold_anything() -> None:
    places = ["<script>", "a, b", "", "<script>"]
    starts = ["01-01", "02-01", "03-01", "04-01"]
    frame = table(*(("Ann", start, None) for start in starts), placement=places)
    found = wf.placements(frame)
    assert found.to_polars()["placement"].to_list() == places
    assert found.problems.height == 3


# ── A return as it stands ─────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def ssda903() -> pl.DataFrame:
    names = {"CHILD": "child_id", "DECOM": "start", "DEC": "end", "PLACE": "placement"}
    frame = pl.read_csv(DATA / "episodes.csv").rename(names)
    frame = frame.with_columns(pl.col("start", "end").str.to_date("%d/%m/%Y"))
    return frame.filter(~pl.col("LS").is_in(["V3", "V4"]))


@pytest.mark.parametrize("gap_days", [0, 7])
def test_the_placements_of_a_return(ssda903: pl.DataFrame, gap_days: int) -> None:
    temporary = ("T0", "T1", "T2", "T3", "T4")
    found = wf.placements(ssda903, temporary=temporary, gap_days=gap_days, as_of="2018-03-31")
    last = day("2018-03-31")
    known = [
        row | {"end": None if row["end"] is not None and row["end"] > last else row["end"]}
        for row in ssda903.to_dicts()
        if row["start"] <= last
    ]
    expected = naive.placements(known, "placement", temporary, gap_days)
    for row in expected:
        if not row["ended"]:
            row["days"] = (last - row["start"]).days
    assert found.to_polars().to_dicts() == [
        {name: row[name] for name in COLUMNS} for row in expected
    ]
    assert found.to_polars().height > 1000


def test_the_time_in_placement_counts_the_open_ones(ssda903: pl.DataFrame) -> None:
    found = wf.placements(ssda903, as_of="2018-03-31")
    got = wf.Survival(time="days", event="ended", at=[90, 365]).run(found).to_polars()
    still = 1.0
    lasted = found.to_polars().select("days", "ended").rows()
    expected = []
    for at in range(366):
        risk = sum(days >= at for days, _ in lasted)
        still *= 1 - sum(ended and days == at for days, ended in lasted) / risk
        if at in {90, 365}:
            expected.append(still)
    assert got["value"].to_list() == pytest.approx(expected, abs=1e-12)
    assert got["rows_dropped"].to_list() == [0, 0]
