"""The rules of spells: what cannot be, those that have names, and a return as it stands."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import wholefamily as wf
from by_hand import day, table

DATA = Path(__file__).parents[2] / "examples" / "ssda903" / "data"
OPEN = dt.date.max


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
        ({"last_day_counts": 1}, wf.TypeError_, "true or false"),
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


def test_whether_a_child_who_leaves_on_the_census_day_is_counted_is_a_rule() -> None:
    frame = table(
        ("Ann", "01-01", "07-31"),
        ("Bea", "07-31", "07-31"),
        ("Cal", "01-01", "07-01"),
        ("Cal", "07-01", None),
    )
    census = wf.LookedAfter(at=["2023-07-31"], as_of="2023-08-31")
    out = wf.spells(frame)
    assert census.run(out).to_polars()["numerator"].item() == 1
    assert out.to_polars()["days"].to_list() == [211, None]
    counted = wf.spells(frame, last_day_counts=True)
    assert census.run(counted).to_polars()["numerator"].item() == 3
    assert counted.to_polars()["days"].to_list() == [212, 1, None]
    # Cal's two episodes share 1 July, as a change of episode does there.
    assert counted.problems.is_empty()


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


def test_a_day_that_counts_in_two_authorities_is_listed() -> None:
    frame = table(("Ann", "01-01", "01-31"), ("Ann", "01-31", "03-01"), authority=["n", "s"])
    rules = {"last_day_counts": True, "gap_days": 0}
    both = wf.spells(frame, transfer="authority", **rules)
    assert both.problems["days"].to_list() == [1]
    assert wf.spells(frame, **rules).problems.is_empty()
