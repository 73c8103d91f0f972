"""Stock and flow equal naive versions of themselves, and balance, on random tables and an extract."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import wholefamily as wf
from by_hand import table
from naive_stays import OPEN, extract, naive_stays
from naive_stock_change import entry_years, naive_parts
from strategies import Drawn, episodes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle import Row

drawn = settings(max_examples=100, derandomize=True, deadline=None, database=None)
ONE = dt.timedelta(days=1)
TWICE = "in another group on the same days"
wide_periods = st.sampled_from(["month", "quarter", "year", "financial_year", "school_year"])
cut_off = st.one_of(st.none(), st.integers(0, 900))

FLOWS = ["stock at start", "starts", "ends", "stock at end", "imbalance"]
SPLIT = [
    *("stock at start", "starts", "first entries", "re-entries", "moves in"),
    *("ends", "exits", "moves out", "stock at end", "imbalance"),
]


def nearly(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-12, abs=1e-9)


def whole_periods(rows: Sequence[Row], every: str, as_of: dt.date | None) -> list[Any]:
    """The first and the last day of each period that is over by the last day of the extract."""
    extent = oracle.span(rows)
    if extent is None:
        return []
    last = as_of or extent[1]
    found = [(one, oracle.last_day(one, every)) for one in oracle.periods(extent[0], last, every)]
    return [(first, end) for first, end in found if end <= last]


def as_of_of(frame: pl.DataFrame, after: int | None) -> dt.date | None:
    first: Any = frame.get_column("start").min()
    return None if after is None or first is None else first + dt.timedelta(days=after)


def shown(found: wf.Estimates, by: Sequence[str], *columns: str) -> list[tuple[Any, ...]]:
    return found.to_polars().select("period", *by, *columns).rows()


# ── Stock and flow ────────────────────────────────────────────────────────────────────


def naive_account(rows: Sequence[Row], by: Sequence[str], whole: list[Any]) -> list[Any]:
    """Count day by day who is in care, and by spells who starts and ends."""
    result = []
    for first, last in whole:
        for key, members in oracle.groups(rows, by):
            found = oracle.spells(members)
            before, after = (oracle.in_care(members, each) for each in (first - ONE, last))
            counts = [
                len(before),
                sum(first <= start <= last for start, _ in found),
                sum(end is not None and first <= end <= last for _, end in found),
                len(after),
                0,
            ]
            result += [
                (first, *key.values(), flow, count)
                for flow, count in zip(FLOWS, counts, strict=True)
            ]
    return result


@drawn
@given(episodes(wide=True), wide_periods, cut_off)
def test_the_account_is_that_of_the_naive_version(data: Drawn, every: Any, cut: int | None) -> None:
    as_of = as_of_of(data.frame, cut)
    found = wf.StockFlow(as_of=as_of).run(data.frame, by=data.by, every=every)
    expected = naive_account(data.rows, data.by, whole_periods(data.rows, every, as_of))
    assert shown(found, data.by, "flow", "numerator") == expected
    frame = found.to_polars()
    assert frame["value"].to_list() == frame["numerator"].to_list()
    assert set(frame["reason"]) <= {oracle.COMPLETE}


@drawn
@given(episodes(wide=True), wide_periods)
def test_starts_and_ends_by_kind_are_those_of_the_naive_stays(data: Drawn, every: Any) -> None:
    stays = wf.stays(data.frame, by=data.by)
    account = wf.StockFlow(began="began", ended="ended").run(stays, by=data.by, every=every)
    naive = naive_stays(data.rows, data.by)
    seen: Counter[tuple[Any, ...]] = Counter()
    began = {"first entry": "first entries", "re-entry": "re-entries", "move": "moves in"}
    ended = {"exit": "exits", "move": "moves out"}
    for stay in naive:
        key = tuple(stay[name] for name in data.by)
        for date, kinds, kind in (
            (stay["start"], began, stay["began"]),
            (stay["end"], ended, stay["ended"]),
        ):
            if date:
                seen[(oracle.period(date, every), *key, kinds[kind])] += 1
    for *key, flow, count in shown(account, data.by, "flow", "numerator"):
        if flow in {*began.values(), *ended.values()}:
            assert count == seen[(*key, flow)], (key, flow)
        assert flow != "imbalance" or count == 0
    flows = account.to_polars()["flow"].to_list()
    assert flows == SPLIT * (len(flows) // len(SPLIT))


def test_an_account_by_hand() -> None:
    frame = table(
        ("Ann", "01-10", "02-10"),
        ("Ann", "02-10", "03-10"),
        ("Ann", "03-20", None),
        ("Bea", "01-05", "04-01"),
        team=["north", "south", "south", "south"],
    )
    measure = wf.StockFlow(began="began", ended="ended", as_of="2023-03-31")
    found = measure.run(wf.stays(frame, by="team"), by="team", every="quarter").to_polars()
    counts = {team: found.filter(team=team)["numerator"].to_list() for team in ("north", "south")}
    assert found["flow"].to_list()[:10] == SPLIT
    assert counts["north"] == [0, 1, 1, 0, 0, 1, 0, 1, 0, 0]
    assert counts["south"] == [0, 3, 1, 1, 1, 1, 1, 0, 2, 0]
    whole = measure.run(wf.stays(frame, by="team"), every="quarter").to_polars()
    assert whole["numerator"].to_list() == [0, 3, 2, 1, 0, 1, 1, 0, 2, 0]


def test_what_rows_do_not_say_is_unclassified_and_listed() -> None:
    frame = table(
        ("Ann", "01-10", "02-10"),
        ("Bea", "01-10", "02-10"),
        ("Cal", "01-10", None),
        ("Cal", "01-10", None),
        came=["first entry", "<script>, moved", "re-entry", "first entry"],
        left=[None, "exit", None, None],
    )
    measure = wf.StockFlow(began="came", ended="left", as_of="2023-03-31")
    found = measure.run(frame, every="quarter")
    counts = dict(found.to_polars().select("flow", "numerator").rows())
    kinds = {"first entries": 1, "re-entries": 0, "moves in": 0, "unclassified starts": 2}
    kinds |= {"exits": 1, "moves out": 0, "unclassified ends": 1}
    stock = {"stock at start": 0, "starts": 3, "ends": 2, "stock at end": 1, "imbalance": 0}
    assert counts == stock | kinds
    assert found.set_aside.select("column", "row", "value").rows() == [
        ("came", 1, "<script>, moved"),
        ("left", 0, "null"),
    ]


def test_an_account_needs_periods_and_words() -> None:
    frame = table(("Ann", "01-10", "02-10"), came=[7])
    with pytest.raises(wf.SpecError, match="needs periods"):
        wf.StockFlow().run(frame)
    with pytest.raises(wf.SpecError, match="need periods"):
        wf.FlowRates().run(frame)
    with pytest.raises(wf.TypeError_, match="whole numbers"):
        wf.StockFlow(began="came").run(frame, every="month")
    with pytest.raises(wf.ColumnError, match="left"):
        wf.StockFlow(ended="left").run(frame, every="month")
    assert wf.StockFlow().run(table(), every="year").to_polars().is_empty()
    assert wf.FlowRates().run(table(), every="year").to_polars().is_empty()
    one = wf.StockFlow(as_of="2023-01-30").run(frame, every="month")
    assert one.to_polars().is_empty()  # January is not over


# ── Rates ─────────────────────────────────────────────────────────────────────────────

YEARS = {"month": 1 / 12, "quarter": 0.25, "year": 1.0, "financial_year": 1.0, "school_year": 1.0}


def days_in_care(rows: Sequence[Row], first: dt.date, last: dt.date) -> int:
    """Add up the days of each spell within a period."""
    return sum(
        max(0, (min(end or OPEN, last + ONE) - max(start, first)).days)
        for start, end in oracle.spells(rows)
    )


def of_each_child(rows: Sequence[Row]) -> list[tuple[dt.date, bool]]:
    """The start of each spell, and whether it is the child's first."""
    children = {row["child_id"] for row in rows if oracle.usable(row)}
    found = []
    for child in children:
        starts = sorted(s for s, _ in oracle.spells([r for r in rows if r["child_id"] == child]))
        found += [(start, start == starts[0]) for start in starts]
    return found


@drawn
@given(episodes(wide=True), wide_periods, cut_off, st.sampled_from([1, 1000, 10_000]))
def test_rates_are_those_of_the_naive_version(
    data: Drawn, every: Any, cut: int | None, per: int
) -> None:
    as_of = as_of_of(data.frame, cut)
    whole = whole_periods(data.rows, every, as_of)
    # Two dates in each period: the mean counts. None for the last group.
    keys = sorted({tuple(row[name] for name in data.by) for row in data.rows} or {()}, key=str)
    known = keys[:-1] if data.by else keys
    sizes = [
        (*key, date, 100.0 * (1 + place) + 50 * half)
        for place, key in enumerate(known)
        for period in whole
        for half, date in enumerate(period)
    ]
    schema = {name: data.frame.schema[name] for name in data.by}
    kinds = schema | {"date": pl.Date, "population": pl.Float64}
    population = pl.DataFrame(sizes, schema=kinds, orient="row")
    measure = wf.FlowRates(as_of=as_of, population=population, per=per)
    found = measure.run(data.frame, by=data.by, every=every).to_polars()
    expected = []
    for first, last in whole:
        for key, members in oracle.groups(data.rows, data.by):
            starts = [new for start, new in of_each_child(members) if first <= start <= last]
            ends = [end for _, end in oracle.spells(members) if end and first <= end <= last]
            place = tuple(key.values())
            years = YEARS[every] * (125 + 100 * known.index(place)) if place in known else None
            care = days_in_care(members, first, last) / 365.25
            expected += [
                (first, *place, "entries", len(starts), years),
                (first, *place, "first entries", sum(starts), years),
                (first, *place, "re-entries", len(starts) - sum(starts), years),
                (first, *place, "exits", len(ends), care),
            ]
    got = found.select("period", *data.by, "flow", "numerator").rows()
    assert got == [row[:-1] for row in expected]
    for row, (*_, count, years) in zip(found.to_dicts(), expected, strict=True):
        assert row["denominator"] == nearly(years)
        if years is None:
            assert row["reason"] == "no population for this group and date"
        elif years == 0:
            assert row["reason"] == "the exposure is zero"
        else:
            limits = oracle.phe_rate(count, years, per, 0.95)
            assert row["value"] == nearly(count / years * per)
            assert (row["lower"], row["upper"]) == (nearly(limits[0]), nearly(limits[1]))


def test_without_a_population_exits_and_moves_have_a_rate() -> None:
    frame = table(
        ("Ann", "01-01", "07-02"),
        ("Ann", "07-02", "12-31"),
        ("Bea", "01-01", "07-02"),
        team=["north", "south", "south"],
    )
    measure = wf.FlowRates(began="began", ended="ended", as_of="2023-12-31", method="exact")
    found = measure.run(wf.stays(frame, by="team"), by="team", every="year").to_polars()
    rows = found.filter(team="north").select("flow", "numerator", "value", "reason").rows()
    none = "no population for this group and date"
    rate = 1000 / (182 / 365.25)
    assert rows == [
        ("entries", 1, None, none),
        ("first entries", 1, None, none),
        ("re-entries", 0, None, none),
        ("exits", 0, 0.0, None),
        ("moves out", 1, nearly(rate), None),
    ]
    south = found.filter(team="south").select("flow", "numerator").rows()
    assert south == [
        *(("entries", 1), ("first entries", 1), ("re-entries", 0)),
        *(("exits", 2), ("moves out", 0)),
    ]
    assert found["unit"].unique().to_list() == ["per 1,000 child-years"]


# ── A third party's extract ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("by", [[], ["place"], ["status"]])
def test_the_account_of_the_extract_is_that_of_the_naive_version(by: list[str]) -> None:
    frame = extract()
    rows = frame.select("child_id", "start", "end", *by).to_dicts()
    as_of = dt.date(2018, 3, 31)
    found = wf.StockFlow(as_of=as_of).run(frame, by=by, every="financial_year")
    whole = whole_periods(rows, "financial_year", as_of)[-3:]
    last = found.to_polars().filter(pl.col("period") >= whole[0][0])
    expected = naive_account(rows, by, whole)
    assert last.select("period", *by, "flow", "numerator").rows() == expected


def test_groups_of_the_extract_add_up_to_the_whole_but_for_days_in_two_of_them() -> None:
    frame = extract()
    account = wf.StockFlow(began="began", ended="ended", as_of="2018-03-31")
    stays = wf.stays(frame, by="place")
    twice = stays.problems.filter(pl.col("problem") == TWICE)["row"]
    assert twice.len() == 79  # a child in two placements at once: rows of the return, as it came
    found = account.run(stays, by="place", every="financial_year").to_polars()
    assert set(found.filter(flow="imbalance")["numerator"]) == {0}
    for last in (dt.date(2017, 3, 31), dt.date(2018, 3, 31)):
        at_end = (pl.col("flow") == "stock at end") & (pl.col("period").dt.year() == last.year - 1)
        care = (pl.col("start") <= last) & (pl.col("end").is_null() | (pl.col("end") > last))
        in_groups = frame.filter(care).select("child_id", "place").unique().height
        assert sum(found.filter(at_end)["numerator"]) == in_groups
    # Without the children who are in two placements at once:
    some = frame.filter(~pl.col("child_id").is_in(frame["child_id"].gather(twice).to_list()))
    stays = wf.stays(some, by="place")
    found = account.run(stays, by="place", every="financial_year").to_polars()
    whole = account.run(stays, every="financial_year").to_polars()
    assert set(found["flow"]) == set(whole["flow"]) == set(SPLIT)
    sums: Counter[tuple[dt.date, str]] = Counter()
    for period, flow, count in found.select("period", "flow", "numerator").rows():
        sums[(period, flow)] += count
    for period, flow, count in whole.select("period", "flow", "numerator").rows():
        # A move between groups is a start in one and an end in another, and nothing in the whole.
        moved = sums[(period, "moves in")]
        moves = moved if flow in {"starts", "ends", "moves in", "moves out"} else 0
        assert sums[(period, flow)] == count + moves
        assert moved == sums[(period, "moves out")]
    assert sums[(dt.date(2017, 4, 1), "moves in")] > 0


def test_rates_and_the_change_of_the_extract_are_those_of_the_naive_version() -> None:
    frame = extract()
    rows = frame.select("child_id", "start", "end").to_dicts()
    first, last = dt.date(2017, 4, 1), dt.date(2018, 3, 31)
    people = pl.DataFrame({"date": [first - ONE, last], "population": [50_000.0, 51_000.0]})
    rates = wf.FlowRates(as_of=last, population=people, per=10_000)
    found = rates.run(frame, every="financial_year").to_polars().filter(period=first)
    starts = [new for start, new in of_each_child(rows) if first <= start <= last]
    ends = [end for _, end in oracle.spells(rows) if end and first <= end <= last]
    care = days_in_care(rows, first, last) / 365.25
    assert found.select("flow", "numerator", "denominator").rows() == [
        ("entries", len(starts), 51_000.0),
        ("first entries", sum(starts), 51_000.0),
        ("re-entries", len(starts) - sum(starts), 51_000.0),
        ("exits", len(ends), nearly(care)),
    ]
    change = wf.StockChange(before=first - ONE, after=last, population=people).run(frame)
    stock = [len(oracle.in_care(rows, date)) for date in (first - ONE, last)]
    old, new = (entry_years(rows, date) for date in (first - ONE, last))
    expected = [*naive_parts(old, new, people["population"].to_list()), stock[1] - stock[0]]
    assert change.to_polars()["value"].to_list() == [nearly(part) for part in expected]
