"""Where children live: each measure equals a naive version of itself, also on a return as it stands."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import naive_placements as naive
import wholefamily as wf
from by_hand import day, table
from children_placed import (
    LAST_OF_RETURN,
    ONE_DAY,
    TOTALS,
    by_date,
    days_seen,
    drawn,
    keys,
    stays,
    where,
    year_end_return,
)
from oracle import groups, last_day, periods, phe_rate
from strategies import Drawn
from test_measures_oracle import agree

if TYPE_CHECKING:
    from oracle import Row


# ── With whom ─────────────────────────────────────────────────────────────────────────

KINDS = {"family": ("kinship", "foster"), "kin": ("kinship",), "other": ("secure", "residential")}


@drawn
@given(data=stays(), every=TOTALS, more=st.integers(0, 400), own=st.sampled_from(["near", "area"]))
def test_placed_with(data: Drawn, every: Any, more: int, own: str) -> None:
    at = [dt.date(2020, 3, 31), dt.date(2020, 3, 31) + dt.timedelta(days=more)]
    asking: dict[str, Any] = {} if every else {"at": at}
    measure = wf.PlacedWith(
        **asking,
        kinds=KINDS,
        own_authority=own,
        authority=None if own == "near" else "authority",
    )

    def near(row: Row) -> bool | None:
        if own == "near":
            return row["near"]
        known = row["area"] is not None and row["authority"] is not None
        return row["area"] == row["authority"] if known else None

    def kind(row: Row) -> tuple[Any, ...]:
        held = [row["placement"] in values for values in KINDS.values()]
        return (row["placement"] is not None, held, near(row) is not None, bool(near(row)))

    def count(rows: list[Row], date: dt.date) -> list[tuple[Row, int, int]]:
        chosen = where(rows, date, kind)
        base = [row for row in chosen if row["placement"] is not None]
        found = [
            ({"kind": name}, sum(row["placement"] in values for row in base), len(base))
            for name, values in KINDS.items()
        ]
        home = [near(row) for row in chosen if near(row) is not None]
        return [*found, ({"kind": "own authority"}, sum(filter(None, home)), len(home))]

    expected = by_date(data, (at, every), count, lambda row: row["placement"] is not None)
    got = measure.run(data.frame, by=data.by, every=every)
    agree(got, expected, keys(data.by, every, "kind"))


def test_children_without_a_placement_or_in_two_are_told_of() -> None:
    frame = table(
        ("Ann", "01-01", None),
        ("Bea", "01-01", None),
        ("Bea", "02-01", None),
        ("Cal", "01-01", None),
        placement=["kin ship", "foster", "kinship", None],
    )
    found = wf.PlacedWith(at=["2023-03-31"], as_of="2023-06-30").run(frame)
    assert found.to_polars().select("kind", "numerator", "denominator", "rows_dropped").rows() == [
        ("family", 1, 2.0, 1),
        ("kin", 1, 2.0, 1),
    ]
    assert found.notes == [
        "children looked after on a date asked for without a placement recorded: 1, in no base",
        "on a date asked for, 1 child is in two places at once: the one that started last counts, then the one that ends last",
    ]
    early = wf.PlacedWith(at=["2023-01-15"], as_of="2023-06-30").run(frame)
    assert early.notes[0].startswith(
        "kin: no child looked after on a date asked for is placed in kinship"
    )
    late = wf.PlacedWith(at=["2023-07-31"], as_of="2023-06-30").run(frame).to_polars()
    assert late["reason"].unique().to_list() == ["the date is after the last day of the extract"]


# ── Stability ─────────────────────────────────────────────────────────────────────────


def year_before(date: dt.date) -> dt.date:
    """Give the first day of the twelve months up to and including a date."""
    month, number = date.month, date.day
    if (month, number) == (2, 29):
        number = 28
    return dt.date(date.year - 1, month, number) + ONE_DAY


def moved_often(rows: list[Row], date: dt.date, often: int) -> tuple[int, int]:
    """Count the children looked after on a date, and those with so many placements in the year."""
    base = with_it = 0
    for theirs in naive.usable(rows).values():
        if naive.holding(theirs, date):
            base += 1
            days = [year_before(date) + dt.timedelta(days=n) for n in range(367)]
            year = [one for one in days if one <= date]
            held = [row for row in theirs if any(naive.holding([row], one) for one in year)]
            with_it += len({(row["start"], row["end"]) for row in held}) >= often
    return with_it, base


@drawn
@given(data=stays(), every=TOTALS, more=st.integers(0, 700), often=st.sampled_from([1, 2, 3]))
def test_placement_stability(data: Drawn, every: Any, more: int, often: int) -> None:
    at = [dt.date(2020, 2, 29), dt.date(2020, 2, 29) + dt.timedelta(days=more)]
    asking: dict[str, Any] = {} if every else {"at": at}
    measure = wf.PlacementStability(**asking, placements=often, number="sibling_group")

    def count(rows: list[Row], date: dt.date) -> list[tuple[Row, int, int]]:
        known = [row for row in rows if row["sibling_group"] is not None]
        return [({}, *moved_often(known, date, often))]

    def used(row: Row) -> bool:
        return row["sibling_group"] is not None

    expected = by_date(data, (at, every), count, used, used)
    got = measure.run(data.frame, by=data.by, every=every)
    agree(got, expected, keys(data.by, every))


def test_a_table_of_episodes_is_refused_where_placements_are_needed() -> None:
    frame = table(("Ann", "01-01", None), placement=["foster"])
    with pytest.raises(wf.ColumnError, match="placement_number"):
        wf.PlacementStability(at=["2023-03-31"]).run(frame)
    with pytest.raises(wf.ColumnError, match="moved"):
        wf.PlacementMoves().run(frame)


def test_the_placement_at_the_start_of_the_year_counts() -> None:
    frame = pl.DataFrame(
        {
            "child_id": ["Ann"] * 3 + ["Bea"] * 3,
            "start": [day(text) for text in ("2016-01-01", "2017-04-02", "2018-03-31")]
            + [day(text) for text in ("2016-01-01", "2017-04-01", "2018-03-31")],
            "end": [
                day("2017-04-02"),
                day("2018-03-31"),
                None,
                day("2017-04-01"),
                day("2018-03-31"),
                None,
            ],
            "placement": ["U1", "U4", "K2"] * 2,
        }
    )
    found = wf.PlacementStability(at=["2018-03-31"], as_of="2018-03-31").run(wf.placements(frame))
    # Bea's first placement ended before 1 April 2017 began.
    assert found.to_polars().select("numerator", "denominator").row(0) == (1, 2.0)


# ── Moves ─────────────────────────────────────────────────────────────────────────────


def moves_row(rows: list[Row], first: dt.date, last: dt.date, per: float = 1) -> Row:
    """Count the moves from one day to another, and the days in care, one by one."""
    care = moves = 0
    date = first
    while date <= last:
        care += sum(row["start"] <= date < (row["end"] or naive.NEVER) for row in rows)
        moves += sum(row["end"] == date and row["moved"] for row in rows)
        date += ONE_DAY
    years = care / 365.25
    unit = "per child-year" if per == 1 else f"per {per:g} child-years"
    method = "exact" if moves < 10 else "byar"
    row: Row = {"unit": unit, "method": method, "numerator": moves, "denominator": years}
    if not rows or not care:
        reason = "the exposure is zero" if rows else "no rows"
        return row | {"value": None, "lower": None, "upper": None, "reason": reason}
    lower, upper = phe_rate(moves, years, per, 0.95)
    return row | {"value": moves / years * per, "lower": lower, "upper": upper, "reason": None}


@drawn
@given(
    data=stays(),
    every=TOTALS,
    gap_days=st.sampled_from([0, 30]),
    last=st.sampled_from([None, "2020-06-30"]),
)
def test_placement_moves(data: Drawn, every: Any, gap_days: int, last: Any) -> None:
    placements = wf.placements(data.frame, gap_days=gap_days, keep=data.by)
    rows = placements.to_polars().to_dicts()
    got = wf.PlacementMoves(as_of=last, per=100).run(placements, by=data.by, every=every)
    seen = days_seen(rows)
    first, until = (min(seen), day(last) if last else max(seen)) if seen else (None, None)
    expected = []
    for key, members in groups(rows, data.by):
        counts = {"rows_used": len(members), "rows_dropped": 0}
        spans: list[tuple[Any, dt.date, dt.date]] = []
        if not every:
            spans = [(None, first or naive.NEVER, until or dt.date.min)]
        elif first and until and first <= until:
            begun = periods(first, until, every)
            spans = [(one, max(one, first), min(last_day(one, every), until)) for one in begun]
        for one, start, end in spans:
            own = {"period": one} if every else {}
            expected.append(own | key | moves_row(members, start, end, 100) | counts)
    if every:
        expected.sort(key=lambda row: row["period"])
    agree(got, expected, [*data.by, *(["period"] if every else [])])


def test_moves_in_a_part_of_the_time() -> None:
    frame = table(
        ("Ann", "01-01", "04-11"),
        ("Ann", "04-11", "07-01"),
        placement=["U4", "K2"],
    )
    found = wf.PlacementMoves(since="2023-04-11", as_of="2023-04-20")
    row = found.run(wf.placements(frame)).to_polars()
    assert row.select("numerator", "denominator").row(0) == (1, 10 / 365.25)
    assert found.run(wf.placements(frame), by="placement").to_polars().select(
        "placement", "numerator", "denominator"
    ).rows() == [("K2", 0, 10 / 365.25), ("U4", 1, 0.0)]
    with pytest.raises(wf.SpecError, match="no day counts"):
        wf.PlacementMoves(since="2023-05-01", as_of="2023-04-20").run(wf.placements(frame))


def test_rows_that_contradict_themselves_are_set_aside() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Bea", "01-01", None),
        ("Cal", "01-01", "02-01"),
        moved=[None, True, True],
    )
    row = wf.PlacementMoves().run(frame).to_polars()
    assert row.select("numerator", "rows_used", "rows_dropped").row(0) == (1, 1, 2)


def test_rates_of_moves_are_not_compared_as_if_moves_were_independent() -> None:
    frame = table(
        ("Ann", "01-01", "02-01"),
        ("Ann", "02-01", "12-01"),
        ("Bea", "01-01", "12-01"),
        placement=["U4", "K2", "K2"],
        sex=["f", "f", "m"],
    )
    placements = wf.placements(frame, keep="sex")
    for per in (1, 100):
        found = wf.PlacementMoves(per=per).run(placements, by="sex")
        with pytest.raises(wf.SpecError, match="take each move to be independent"):
            found.compare("sex", "f", "m")


# ── A return as it stands ─────────────────────────────────────────────────────────────

TEMPORARY = ("T0", "T1", "T2", "T3", "T4")


def test_the_stability_of_a_return() -> None:
    placements = wf.placements(year_end_return(), temporary=TEMPORARY)
    rows = naive.placements(year_end_return().to_dicts(), "placement", TEMPORARY)
    got = wf.PlacementStability(at=["2017-03-31", LAST_OF_RETURN]).run(placements).to_polars()
    dates = [dt.date(2017, 3, 31), LAST_OF_RETURN]
    expected = [moved_often(rows, date, 3) for date in dates]
    assert got.select("numerator", "denominator").rows() == expected
    stock = wf.LookedAfter(at=dates).run(year_end_return()).to_polars()["numerator"].to_list()
    assert got["denominator"].to_list() == stock
    assert got["numerator"][1] > 0


def test_the_moves_of_a_return() -> None:
    placements = wf.placements(year_end_return(), temporary=TEMPORARY, as_of=LAST_OF_RETURN)
    rows = placements.to_polars().to_dicts()
    measure = wf.PlacementMoves(since="2017-04-01", as_of=LAST_OF_RETURN)
    found = measure.run(placements)
    expected = moves_row(rows, dt.date(2017, 4, 1), LAST_OF_RETURN)
    agree(found, [expected | {"rows_used": len(rows), "rows_dropped": 0}], [])
    got = found.to_polars().row(0, named=True)
    every = (
        wf.PlacementMoves(as_of=LAST_OF_RETURN).run(placements, every="financial_year").to_polars()
    )
    assert (
        every.filter(pl.col("period") == dt.date(2017, 4, 1))["numerator"].item()
        == got["numerator"]
    )
    # The days in care are the stock of each day, added up.
    days = [dt.date(2018, 1, 1) + dt.timedelta(days=n) for n in range(31)]
    january = wf.PlacementMoves(since=days[0], as_of=days[-1]).run(placements).to_polars()
    stock = (
        wf.LookedAfter(at=days, as_of=LAST_OF_RETURN)
        .run(year_end_return())
        .to_polars()["numerator"]
        .to_list()
    )
    assert january["denominator"].item() == pytest.approx(sum(stock) / 365.25, rel=1e-12)


def test_with_whom_the_children_of_a_return_live() -> None:
    kinds = {"family": ["U1", "U2", "U3", "U4", "U5", "U6", "P1"], "kin": ["U1", "U2", "U3"]}
    placements = wf.placements(year_end_return(), temporary=TEMPORARY)
    got = wf.PlacedWith(at=[LAST_OF_RETURN], kinds=kinds).run(placements).to_polars()
    rows = naive.placements(year_end_return().to_dicts(), "placement", TEMPORARY)
    held = naive.holding(rows, LAST_OF_RETURN)
    expected = [
        (sum(row["placement"] in values for row in held), len(held)) for values in kinds.values()
    ]
    assert got.select("numerator", "denominator").rows() == expected
    by_place = wf.PlacedWith(at=[LAST_OF_RETURN], kinds=kinds).run(year_end_return()).to_polars()
    chosen = where(
        year_end_return().to_dicts(),
        LAST_OF_RETURN,
        lambda row: [row["placement"] in values for values in kinds.values()],
    )
    expected = [
        (sum(row["placement"] in values for row in chosen), len(chosen))
        for values in kinds.values()
    ]
    assert by_place.select("numerator", "denominator").rows() == expected
