"""The parts of a change in stock: naive versions, by hand, at 50 digits."""

from __future__ import annotations

import csv
import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import wholefamily as wf
from by_hand import day, table
from naive_stock_change import compared, entry_years, naive_parts
from strategies import ANCHORS, Drawn, episodes

if TYPE_CHECKING:
    from oracle import Row

drawn = settings(max_examples=100, derandomize=True, deadline=None, database=None)
ONE = dt.timedelta(days=1)


def nearly(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-12, abs=1e-9)


@drawn
@given(episodes(wide=True), st.integers(0, 900), st.integers(1, 900), st.booleans())
def test_the_parts_of_a_change_are_those_of_the_naive_version(
    data: Drawn,
    first: int,
    gap: int,
    populated: bool,  # noqa: FBT001
) -> None:
    origin: Any = data.frame.get_column("start").min() or ANCHORS[0]
    before = origin + dt.timedelta(days=first)
    after = before + dt.timedelta(days=gap)
    keys = {tuple(key.values()) for key, _ in oracle.groups(data.rows, data.by)}
    sizes = [
        (*key, date, 1000.0 + gap * n) for key in keys for n, date in enumerate([before, after])
    ]
    schema = {name: data.frame.schema[name] for name in data.by}
    kinds = schema | {"date": pl.Date, "population": pl.Float64}
    population = pl.DataFrame(sizes, schema=kinds, orient="row") if populated else None
    measure = wf.StockChange(before=before, after=after, population=population)
    found = measure.run(data.frame, by=data.by).to_polars()
    names = ["population", "entries", "stays", "total"][not populated :]
    expected: list[Row] = []
    for key, members in oracle.groups(data.rows, data.by):
        old, new = (entry_years(members, date) for date in (before, after))
        stock = [len(oracle.in_care(members, date)) for date in (before, after)]
        assert stock == [sum(stayed for _, stayed in years.values()) for years in (old, new)]
        parts = naive_parts(old, new, [1000.0, 1000.0 + gap] if populated else None)
        counts = {"entries": compared(old, new), "total": (stock[1], stock[0])}
        for name, part in zip(names, [*parts, stock[1] - stock[0]], strict=True):
            numerator, denominator = counts.get(name, (None, None))
            shown = {"part": name, "value": nearly(part), "reason": oracle.COMPLETE}
            expected.append(key | shown | {"numerator": numerator, "denominator": denominator})
    columns = [*data.by, "part", "value", "reason", "numerator", "denominator"]
    assert found.select(columns).to_dicts() == expected
    for rows in found.partition_by(data.by) if data.by else [found]:
        parts = rows.filter(pl.col("part") != "total")["value"]
        if parts.len():
            assert sum(parts) == nearly(rows.filter(part="total")["value"].item())


def test_a_change_by_hand() -> None:
    # Last year's entries fall from 4 to 2, and all are there: -2. Of 4 who came the year before 1
    # is there, then 3: L = 2 / ln 3, stays L ln 3 = 2.
    starts = [day(f"{year}-05-01") for year in (*[2019] * 4, *[2020] * 4, *[2021] * 2)]
    ends = [day("2020-02-01")] * 3 + [day("2020-12-01"), day("2021-02-01")] + [None] * 5
    frame = pl.DataFrame({"child_id": list("abcdefghij"), "start": starts, "end": ends})
    change = wf.StockChange(before="2020-07-31", after="2021-07-31").run(frame)
    rows = change.to_polars().select("part", "value", "numerator", "denominator", "method").rows()
    assert rows == [
        ("entries", nearly(-2.0), 6, 8.0, "lmdi"),
        ("stays", nearly(2.0), None, None, "lmdi"),
        ("total", 0.0, 5, 5.0, "count"),
    ]
    early, late = change.notes
    assert early.startswith(
        "the earliest start is 2019-05-01, but entries are compared from 2018-08-01"
    )
    assert late.startswith("2021-07-31 is after the latest date in the extract")
    reaching = {"child_id": ["z"], "start": [day("2018-08-01")], "end": [day("2018-09-01")]}
    older = pl.concat([frame, pl.DataFrame(reaching)])
    (late,) = wf.StockChange(before="2020-07-31", after="2021-07-31").run(older).notes
    assert late.startswith("2021-07-31 is after")


@pytest.mark.parametrize(("years", "expected"), [(1, -50.0), (2, -100.0), (3, -100.0)])
def test_entries_that_halve_are_not_shorter_stays(years: int, expected: float) -> None:
    # Every stay lasts 2 years; 100 enter each July up to 2020, and 50 after.
    sizes = {year: 100 if year <= 2020 else 50 for year in range(2015, 2025)}
    rows = [(year, n) for year, size in sizes.items() for n in range(size)]
    frame = pl.DataFrame(
        {
            "child_id": [f"{year}-{n}" for year, n in rows],
            "start": [dt.date(year, 7, 1) for year, _ in rows],
            "end": [dt.date(year + 2, 7, 1) for year, _ in rows],
        }
    )
    after = dt.date(2020 + years, 12, 31)
    change = wf.StockChange(before="2020-12-31", after=after).run(frame)
    found = change.to_polars().select("part", "value").rows()
    assert found == [("entries", expected), ("stays", 0.0), ("total", expected)]
    assert change.notes == []


def test_without_a_population_of_both_dates_stays_still_have_their_part() -> None:
    people = pl.DataFrame({"date": ["2023-02-01"], "population": [10]})
    frame = table(("Ann", "01-10", "02-10"), ("Bea", "01-10", None), ("Cal", "02-20", None))
    change = wf.StockChange(before="2023-02-01", after="2023-03-01", population=people).run(frame)
    none = "no population for this group and date"
    assert change.to_polars().select("part", "value", "reason").rows() == [
        ("population", None, none),
        ("entries", None, none),
        ("stays", nearly(2 * math.log(2 / 3)), oracle.COMPLETE),
        ("total", 0.0, oracle.COMPLETE),
    ]


def test_the_parts_of_a_change_are_those_with_50_digits() -> None:
    path = Path(__file__).parents[1] / "reference" / "stock_parts.csv"
    before, after = dt.date(1970, 6, 30), dt.date(2020, 6, 30)
    replayed = 0
    with path.open(newline="") as file:
        for case in csv.DictReader(file):
            rows: list[tuple[dt.date, dt.date | None]] = []
            for when, date in (("before", before), ("after", after)):
                counts = (case[f"{name}_{when}"].split() for name in ("entries", "children"))
                for year, (entries, stayed) in enumerate(zip(*counts, strict=True)):
                    start = dt.date(date.year - year, 3, 1)
                    rows += [(start, dt.date(date.year + 1, 1, 1))] * min(int(stayed), 9999)
                    rows += [(start, dt.date(start.year, 4, 1))] * min(
                        int(entries) - int(stayed), 9999
                    )
            if len(rows) > 9999:
                continue
            replayed += 1
            frame = pl.DataFrame(rows, schema={"start": pl.Date, "end": pl.Date}, orient="row")
            frame = frame.with_columns(child_id=pl.Series(range(len(rows))))
            sizes = [case["population_before"], case["population_after"]]
            known = {"date": [before, after], "population": [float(size or 1) for size in sizes]}
            people = pl.DataFrame(known) if sizes[0] else None
            found = wf.StockChange(before=before, after=after, population=people).run(frame)
            names = ["population", "entries", "stays"][not sizes[0] :]
            values = found.to_polars().select("part", "value").rows()[:-1]
            assert values == [(name, nearly(float(case[name]))) for name in names]
    assert replayed >= 40


def test_dates_of_a_change_stand_in_order() -> None:
    frame = table(("Ann", "01-10", "02-10"))
    with pytest.raises(wf.SpecError, match="earlier date"):
        wf.StockChange(before="2023-02-01", after="2023-02-01").run(frame)
    with pytest.raises(wf.SpecError, match="two dates"):
        wf.StockChange(before="2023-01-01", after="2023-02-01").run(frame, every="year")
    assert wf.StockChange(before="2023-01-01", after="2023-02-01") == wf.StockChange(
        before=day("2023-01-01"), after="2023-02-01"
    )
    people = pl.DataFrame({"date": ["2023-01-01"], "population": [10]})
    some = wf.FlowRates(population=people)
    assert some == wf.FlowRates(population=people)
    assert hash(some) == hash(wf.FlowRates(population=people))
    assert some != wf.FlowRates(population=people.clone())
    assert some != wf.LookedAfter(population=people)


def test_a_leap_day_lies_in_one_year_only() -> None:
    """The twelve months up to 28 February 2021 begin on 1 March 2020."""
    episodes = pl.DataFrame(
        {
            "child_id": ["b", "c"],
            "start": [dt.date(2015, 2, 28), dt.date(2020, 2, 29)],
            "end": [None, None],
        },
        schema_overrides={"end": pl.Date},
    )
    change = wf.StockChange(before="2020-02-29", after="2021-02-28").run(episodes).to_polars()
    entries = change.filter(part="entries")
    assert entries["value"].item() == 0
    places = pl.DataFrame(
        {
            "child_id": ["x", "x"],
            "start": [dt.date(2019, 1, 1), dt.date(2020, 3, 1)],
            "end": [dt.date(2020, 3, 1), None],
            "placement": ["foster", "kinship"],
        },
        schema_overrides={"end": pl.Date},
    )
    placed = wf.placements(places)
    stable = wf.PlacementStability(at=["2021-02-28"], placements=2, as_of="2021-03-31").run(placed)
    assert stable.to_polars()["numerator"].item() == 0
