"""Where children live: each measure equals a naive version of itself, also on a return as it stands."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import naive_placements as naive
import wholefamily as wf
from by_hand import clustered_by_hand, day, table
from oracle import groups, last_day, periods, phe_rate, share_row
from strategies import Drawn, days, or_null, sampled, tables, tidied
from test_measures_oracle import agree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oracle import Row

drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)
DATA = Path(__file__).parents[2] / "examples" / "ssda903" / "data"
ONE_DAY = dt.timedelta(days=1)

TOTALS = st.sampled_from([None, "month", "financial_year", "school_year"])


@st.composite
def stays(draw: st.DrawFn, *, wide: bool = True) -> Drawn:
    """Draw episodes of few children in few places, and groups of brothers and sisters."""
    when = draw(days(wide=wide))
    made = draw(
        tables(
            {
                "child_id": (pl.String, or_null(st.sampled_from("abcdef"))),
                "start": (pl.Date, or_null(when)),
                "end": (pl.Date, or_null(when)),
                "placement": (pl.String, sampled(["kinship", "foster", "residential"])),
                "near": (pl.Boolean, sampled([True, False])),
                "sibling_group": (pl.Int64, sampled([1, 2])),
                "place_id": (pl.String, sampled(["x", "y", "z"])),
                "area": (pl.String, sampled(["Fife", "Moray"])),
                "authority": (pl.String, sampled(["Fife", "Moray"])),
            },
            max_size=24,
        )
    )
    return Drawn(tidied(draw, made.frame), made.by)


def asked(data: Sequence[Row], every: str | None, at: list[dt.date]) -> list[tuple[Any, dt.date]]:
    """Give the dates to count on, each with its period."""
    if every is None:
        return [(None, date) for date in sorted(set(at))]
    seen = _seen(data)
    if not seen:
        return []
    first = min(row["start"] for row in data if _readable(row))
    dates = [(one, last_day(one, every)) for one in periods(first, max(seen), every)]
    return [(one, date) for one, date in dates if date <= max(seen)]


def _readable(row: Row) -> bool:
    """Tell whether a row has a child and days in order; it may begin and end on one day."""
    return (
        row["child_id"] is not None
        and row["start"] is not None
        and (row["end"] is None or row["end"] >= row["start"])
    )


def _seen(rows: Sequence[Row]) -> list[dt.date]:
    return [date for row in rows if _readable(row) for date in (row["start"], row["end"]) if date]


def by_date(
    data: Drawn,
    dates: tuple[list[dt.date], str | None],
    count: Callable[[list[Row], dt.date], list[tuple[Row, int, int]]],
    used: Callable[[Row], bool],
    seen: Callable[[Row], bool] = lambda _: True,
) -> list[Row]:
    """Make the rows of a measure of shares on dates."""
    at, every = dates
    found = []
    for key, members in groups(data.rows, data.by):
        good = [row for row in members if _readable(row) and used(row)]
        counts = {"rows_used": len(good), "rows_dropped": len(members) - len(good)}
        for first, date in asked([row for row in data.rows if seen(row)], every, at):
            begun = {"period": first} if every else {}
            for own, numerator, base in count(members, date):
                figures = share_row(numerator, base, "wilson", 0.95)
                found.append(begun | key | {"date": date} | figures | own | counts)
    # Sorting keeps the order of the groups within a period.
    return sorted(found, key=lambda row: row["period"]) if every else found


def keys(by: list[str], every: str | None, *own: str) -> list[str]:
    return [*by, *(["period"] if every else []), "date", *own]


# ── With whom ─────────────────────────────────────────────────────────────────────────

KINDS = {"family": ("kinship", "foster"), "kin": ("kinship",), "other": ("secure", "residential")}


def where(rows: list[Row], date: dt.date, kind: Callable[[Row], Any]) -> list[Row]:
    """Give the row that counts for each child on a date."""
    chosen = []
    for theirs in naive.usable(rows).values():
        held = naive.holding(theirs, date)
        if held:
            chosen.append(
                max(held, key=lambda row: (row["start"], row["end"] or naive.NEVER, kind(row)))
            )
    return chosen


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


# ── Brothers and sisters ──────────────────────────────────────────────────────────────


def together(rows: list[Row], date: dt.date, unit: str) -> list[Counter[str]]:
    """Count, for each group, the groups or the children who live with all, some and none."""
    found = []
    names = sorted({row["place_id"] for row in rows} - {None}, reverse=True)

    def order(row: Row) -> tuple[bool, int]:
        return (True, names.index(row["place_id"])) if row["place_id"] is not None else (False, 0)

    for _, mine in groups(rows, ["sibling_group"]):
        homes = [row["place_id"] for row in where(mine, date, order)]
        if mine[0]["sibling_group"] is None or len(homes) < 2 or None in homes:
            continue
        sizes = [homes.count(home) for home in homes]
        words = ["all" if n == len(homes) else "none" if n == 1 else "some" for n in sizes]
        one = "all" if "all" in words else "some" if "some" in words else "none"
        found.append(Counter(words if unit == "children" else [one]))
    return found


@drawn
@given(
    data=stays(wide=False),
    every=st.sampled_from([None, None, "week", "month"]),
    more=st.integers(0, 120),
    unit=st.sampled_from(["groups", "children"]),
)
def test_siblings_together(data: Drawn, every: Any, more: int, unit: Any) -> None:
    at = [dt.date(2020, 3, 31), dt.date(2020, 3, 1) + dt.timedelta(days=more)]
    asking: dict[str, Any] = {} if every else {"at": at}

    def count(rows: list[Row], date: dt.date) -> list[tuple[Row, int, int]]:
        found = together(rows, date, unit)
        base = sum(group.total() for group in found)
        counted = []
        for word in ("all", "some", "none"):
            own: Row = {"together": word}
            if unit == "children":
                own["method"] = "wilson-clustered"
                limits = clustered_by_hand([(group[word], group.total()) for group in found])
                own["lower"], own["upper"] = limits
                own["reason"] = ["no rows", "one cluster", None][min(len(found), 2)]
            counted.append((own, sum(group[word] for group in found), base))
        return counted

    def grouped(row: Row) -> bool:
        return row["sibling_group"] is not None

    def used(row: Row) -> bool:
        return grouped(row) and row["place_id"] is not None

    expected = by_date(data, (at, every), count, used, grouped)
    got = wf.SiblingsTogether(**asking, unit=unit).run(data.frame, by=data.by, every=every)
    agree(got, expected, keys(data.by, every, "together"))


def test_a_group_with_a_child_whose_place_is_not_known_is_in_no_base() -> None:
    frame = table(
        *((child, "01-01", None) for child in ("Ann", "Bea", "Cal", "Dan", "Eva")),
        sibling_group=["Fox", "Fox", "Roe", "Roe", None],
        place_id=["x", None, "<script>", "<script>", "x"],
    )
    found = wf.SiblingsTogether(at=["2023-03-31"], as_of="2023-06-30").run(frame)
    shown = found.to_polars().select("together", "numerator", "denominator", "rows_dropped").rows()
    assert shown == [("all", 1, 1.0, 2), ("some", 0, 1.0, 2), ("none", 0, 1.0, 2)]
    assert found.notes == [
        "groups of brothers and sisters on a date asked for with a child whose place is not recorded: 1, in no base"
    ]


def test_children_of_one_group_do_not_count_as_if_each_stood_for_itself() -> None:
    homes = {"Fox": "xxxx", "Roe": "yyyy", "Lee": "pqrs", "Kay": "zz", "Day": "uv", "May": "w,"}
    rows = [(group, place) for group, places in homes.items() for place in places]
    frame = pl.DataFrame(
        {
            "child_id": list(range(len(rows))),
            "sibling_group": [group for group, _ in rows],
            "place_id": [place for _, place in rows],
            "team": ["a" if group in ("Fox", "Roe", "Day") else "b" for group, _ in rows],
            "start": [day("2023-01-01")] * len(rows),
            "end": pl.Series([None] * len(rows), dtype=pl.Date),
        }
    )
    at = ["2023-03-31"]
    children = wf.SiblingsTogether(at=at, unit="children")
    row = children.run(frame).to_polars().filter(together="all").row(0, named=True)
    assert (row["numerator"], row["denominator"]) == (10, 18.0)
    alone = share_row(10, 18, "wilson", 0.95)
    assert row["lower"] < alone["lower"] - 0.1
    assert row["upper"] > alone["upper"] + 0.1
    with pytest.raises(wf.SpecError, match='ask for `unit` "groups"'):
        children.run(frame, by="team").compare("team", "a", "b")
    apart = wf.SiblingsTogether(at=at).run(frame, by="team").compare("team", "a", "b")
    assert len(apart.to_polars()) == 9
    with pytest.raises(wf.SpecError, match="'wald' has no such form"):
        wf.SiblingsTogether(at=at, unit="children", method="wald").run(frame)


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
    seen = _seen(rows)
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
LAST = dt.date(2018, 3, 31)


@pytest.fixture(scope="module")
def ssda903() -> pl.DataFrame:
    names = {"CHILD": "child_id", "DECOM": "start", "DEC": "end", "PLACE": "placement"}
    frame = pl.read_csv(DATA / "episodes.csv").rename(names)
    frame = frame.with_columns(pl.col("start", "end").str.to_date("%d/%m/%Y"))
    return frame.filter(~pl.col("LS").is_in(["V3", "V4"]))


def test_the_stability_of_a_return(ssda903: pl.DataFrame) -> None:
    placements = wf.placements(ssda903, temporary=TEMPORARY)
    rows = naive.placements(ssda903.to_dicts(), "placement", TEMPORARY)
    got = wf.PlacementStability(at=["2017-03-31", LAST]).run(placements).to_polars()
    dates = [dt.date(2017, 3, 31), LAST]
    expected = [moved_often(rows, date, 3) for date in dates]
    assert got.select("numerator", "denominator").rows() == expected
    stock = wf.LookedAfter(at=dates).run(ssda903).to_polars()["numerator"].to_list()
    assert got["denominator"].to_list() == stock
    assert got["numerator"][1] > 0


def test_the_moves_of_a_return(ssda903: pl.DataFrame) -> None:
    placements = wf.placements(ssda903, temporary=TEMPORARY, as_of=LAST)
    rows = placements.to_polars().to_dicts()
    measure = wf.PlacementMoves(since="2017-04-01", as_of=LAST)
    found = measure.run(placements)
    expected = moves_row(rows, dt.date(2017, 4, 1), LAST)
    agree(found, [expected | {"rows_used": len(rows), "rows_dropped": 0}], [])
    got = found.to_polars().row(0, named=True)
    every = wf.PlacementMoves(as_of=LAST).run(placements, every="financial_year").to_polars()
    assert (
        every.filter(pl.col("period") == dt.date(2017, 4, 1))["numerator"].item()
        == got["numerator"]
    )
    # The days in care are the stock of each day, added up.
    days = [dt.date(2018, 1, 1) + dt.timedelta(days=n) for n in range(31)]
    january = wf.PlacementMoves(since=days[0], as_of=days[-1]).run(placements).to_polars()
    stock = wf.LookedAfter(at=days, as_of=LAST).run(ssda903).to_polars()["numerator"].to_list()
    assert january["denominator"].item() == pytest.approx(sum(stock) / 365.25, rel=1e-12)


def test_with_whom_the_children_of_a_return_live(ssda903: pl.DataFrame) -> None:
    kinds = {"family": ["U1", "U2", "U3", "U4", "U5", "U6", "P1"], "kin": ["U1", "U2", "U3"]}
    placements = wf.placements(ssda903, temporary=TEMPORARY)
    got = wf.PlacedWith(at=[LAST], kinds=kinds).run(placements).to_polars()
    rows = naive.placements(ssda903.to_dicts(), "placement", TEMPORARY)
    held = naive.holding(rows, LAST)
    expected = [
        (sum(row["placement"] in values for row in held), len(held)) for values in kinds.values()
    ]
    assert got.select("numerator", "denominator").rows() == expected
    by_place = wf.PlacedWith(at=[LAST], kinds=kinds).run(ssda903).to_polars()
    chosen = where(
        ssda903.to_dicts(),
        LAST,
        lambda row: [row["placement"] in values for values in kinds.values()],
    )
    expected = [
        (sum(row["placement"] in values for row in chosen), len(chosen))
        for values in kinds.values()
    ]
    assert by_place.select("numerator", "denominator").rows() == expected


@pytest.mark.parametrize("unit", ["groups", "children"])
def test_brothers_and_sisters_of_a_return(ssda903: pl.DataFrame, unit: Any) -> None:
    # The return says nothing of families: children of neighbouring numbers stand in for them.
    frame = ssda903.with_columns(
        sibling_group=pl.col("child_id") // 2000, place_id=pl.col("URN") % 3
    )
    got = wf.SiblingsTogether(at=[LAST], unit=unit).run(frame).to_polars()
    groups_found = together(frame.to_dicts(), LAST, unit)
    found: Counter[str] = sum(groups_found, Counter())
    if unit == "children":
        limits = clustered_by_hand([(group["all"], group.total()) for group in groups_found])
        assert got.select("lower", "upper").row(0) == pytest.approx(limits, rel=1e-11)
    assert got["numerator"].to_list() == [found[word] for word in ("all", "some", "none")]
    assert got["denominator"].to_list() == [found.total()] * 3
    assert min(found.values()) > 0
