"""Pathways equal a naive version of themselves on random tables, by hand, and on a whole return."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
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
EPISODES = Path(__file__).parents[2] / "examples" / "ssda903" / "data" / "episodes.csv"
SHOWN = ("pathway", "step", "from", "to", "settled", "origin", "start", "end", "days")


def naive_pathways(
    rows: list[Row],
    until: dt.date,
    *,
    order: tuple[Any, ...] = (),
    ends: tuple[Any, ...] = (),
    statutory: tuple[Any, ...] = (),
    within: float = float("inf"),
) -> list[Row]:
    """Follow each person by hand: a list of pathways, each a list of state, first and last day."""
    found: list[Row] = []
    usable = [r for r in rows if r["who"] is not None and r["at"] and r["state"] is not None]

    def rank(row: Row) -> tuple[Any, ...]:
        place = order.index(row["state"]) if row["state"] in order else len(order)
        return row["at"], place, row["state"]

    for who in sorted({row["who"] for row in usable}):
        theirs = sorted((r for r in usable if r["who"] == who and r["at"] <= until), key=rank)
        ways: list[list[list[Any]]] = []
        open_way = False
        for number, row in enumerate(theirs):
            last = ways[-1][-1] if ways else None
            near = last is not None and (row["at"] - last[2]).days <= within
            if last is not None and near and last[0] == row["state"] and ways[-1]:
                last[2] = row["at"]
                continue
            if open_way and near:
                ways[-1].append([row["state"], row["at"], row["at"], number])
            elif row["state"] not in ends:
                ways.append([[row["state"], row["at"], row["at"], number]])
            else:
                # A state that ends a pathway has none to end; the last one is over all the same.
                open_way = False
                if ways and ways[-1][-1][0] != "over":
                    ways[-1].append(["over", None, dt.date.min, None])
                continue
            open_way = ways[-1][-1][0] not in ends
        for pathway, way in enumerate(ways, start=1):
            stays = [each for each in way if each[0] != "over"]
            origin = stays[0][1]
            reached = [r["at"] for r in theirs[stays[0][3] :] if r["state"] in statutory]
            for step, (state, first, last_day, _) in enumerate(stays, start=1):
                to = stays[step] if step < len(stays) else None
                if to is None and state in ends:
                    continue
                far = last_day + dt.timedelta(days=int(within)) if within < 1e6 else until
                left = min(until, far) if to is None else to[1]
                same = [s[0] for s in stays[step:] if to and s[1] == to[1]]
                found.append(
                    {
                        "who": who,
                        "pathway": pathway,
                        "step": step,
                        "from": state,
                        "to": to[0] if to else None,
                        "settled": same[-1] if same else None,
                        "origin": origin,
                        "start": first,
                        "end": to[1] if to else None,
                        "days": (left - first).days,
                        "entry_days": (first - origin).days,
                        "exit_days": (left - origin).days,
                        "statutory_days": (reached[0] - origin).days if reached else None,
                        "followed_days": (until - origin).days,
                    }
                )
    return found


@st.composite
def steps(draw: st.DrawFn) -> Drawn:
    """Draw steps of few people, several on one day."""
    at = draw(days(wide=draw(st.booleans())))
    kind, people = draw(st.sampled_from([(pl.String, "abc"), (pl.UInt8, range(3))]))
    columns = {
        "who": (kind, or_null(st.sampled_from(list(people)))),
        "state": (pl.String, or_null(st.sampled_from(["referred", "plan", "closed", "<care>,"]))),
        "at": (pl.Date, or_null(at)),
    }
    return draw(tables(columns))


@drawn
@given(
    steps(),
    st.sampled_from([None, dt.date(2020, 3, 1), dt.date(2099, 1, 1)]),
    st.permutations(["referred", "plan", "closed"]),
    st.sampled_from([(), ("closed",), ("closed", "<care>,")]),
    st.sampled_from([None, 5, 60]),
)
def test_random_pathways_are_those_by_hand(
    table: Drawn,
    until: dt.date | None,
    order: list[str],
    ends: tuple[str, ...],
    within: int | None,
) -> None:
    found = wf.pathways(
        table.frame,
        person="who",
        state="state",
        date="at",
        until=until,
        order=order[:2],
        ends=ends,
        within_days=within,
        statutory=["<care>,"],
    )
    usable = [r["at"] for r in table.rows if None not in (r["who"], r["at"], r["state"])]
    expected = naive_pathways(
        table.rows,
        until or max(usable, default=dt.date(2099, 1, 1)),
        order=tuple(order[:2]),
        ends=ends,
        statutory=("<care>,",),
        within=float("inf") if within is None else within,
    )
    assert found.to_polars().to_dicts() == expected
    # Every row is a step of a pathway, or listed, or noted as later than the last day watched.
    aside = found.problems.filter(pl.col("done").is_in(["row set aside", "joined with it"])).height
    late = sum(
        int(note.rsplit(" ", 1)[1]) for note in found.notes if note.startswith("steps after")
    )
    entered = len(expected) + sum(row["to"] in ends for row in expected)
    assert entered + aside + late == len(table.rows)


def frame(*rows: tuple[str | None, str | None, int | None]) -> pl.DataFrame:
    at = [None if n is None else dt.date(2023, 1, 1) + dt.timedelta(days=n) for *_, n in rows]
    return pl.DataFrame(
        {"who": [r[0] for r in rows], "state": [r[1] for r in rows], "at": at},
        schema={"who": pl.String, "state": pl.String, "at": pl.Date},
    )


def follow(table: pl.DataFrame, **rules: Any) -> wf.histories.Pathways:
    return wf.pathways(table, person="who", state="state", date="at", **rules)


def test_a_family_that_comes_back_begins_a_new_pathway() -> None:
    table = frame(
        ("Fox", "referred", 0), ("Fox", "assessed", 0), ("Fox", "plan", 30), ("Fox", "closed", 60),
        ("Fox", "referred", 200), ("Roe", "referred", 10), ("Roe", "referred", 12),
    )  # fmt: skip
    found = follow(table, until="2023-12-31", order=["referred", "assessed"], ends="closed")
    assert found.to_polars().select("who", *SHOWN).rows() == [
        ("Fox", 1, 1, "referred", "assessed", "assessed", day("2023-01-01"), day("2023-01-01"), day("2023-01-01"), 0),
        ("Fox", 1, 2, "assessed", "plan", "plan", day("2023-01-01"), day("2023-01-01"), day("2023-01-31"), 30),
        ("Fox", 1, 3, "plan", "closed", "closed", day("2023-01-01"), day("2023-01-31"), day("2023-03-02"), 30),
        ("Fox", 2, 1, "referred", None, None, day("2023-07-20"), day("2023-07-20"), None, 164),
        ("Roe", 1, 1, "referred", None, None, day("2023-01-11"), day("2023-01-11"), None, 354),
    ]  # fmt: skip
    assert found.problems.select("row", "column", "done", "other_row").rows() == [
        (1, "at", "taken after it, as `order` says", 0),
        (6, "state", "joined with it", 5),
    ]


def test_where_a_day_of_two_steps_ended_is_said() -> None:
    found = follow(frame(("A", "r", 0), ("A", "s", 5), ("A", "t", 5), ("A", "u", 9))).to_polars()
    assert found.select("to", "settled", "days").rows() == [
        ("s", "t", 5),
        ("t", "t", 0),
        ("u", "u", 4),
        (None, None, 0),
    ]


def test_the_last_day_watched_may_be_a_column() -> None:
    ends = [dt.date(2023, 2, 1), None, dt.date(2023, 3, 1), None, None]
    table = frame(("A", "r", 0), ("A", "s", 5), ("A", "t", 40), ("B", "r", 1), (None, "r", 2))
    found = follow(table.with_columns(until=pl.Series(ends, dtype=pl.Date)), until="until")
    assert found.to_polars().select("from", "to", "exit_days").rows() == [
        ("r", "s", 5),
        ("s", "t", 40),
        ("t", None, 59),
    ]
    assert found.problems.select("row", "column", "done").rows() == [
        (0, "until", "the latest is taken"),
        (3, "until", "row set aside"),
        (4, "who", "row set aside"),
    ]


def test_what_is_kept_is_that_of_the_beginning() -> None:
    table = frame(("A", "r", 3), ("A", "s", 5)).with_columns(area=pl.Series(["north", "south"]))
    found = follow(table, keep="area").to_polars()
    assert found["area"].to_list() == ["north", "north"]
    assert follow(table[::-1], keep="area").to_polars().equals(found)


def test_nothing_to_follow_is_no_row() -> None:
    for table in (frame(), frame((None, None, None))):
        found = follow(table)
        assert found.to_polars().rows() == []
        assert found.to_polars().columns == ["who", *SHOWN, "entry_days", "exit_days"]
        assert len(found.problems) == table.height
    assert follow(frame(("A", "r", 3))).notes == [
        "watched until 2023-01-04, the latest day of the table; `until` says another"
    ]
    notes = follow(frame(("A", "r", 3)), until="2023-02-01", ends=["clsoed"]).notes
    assert notes == ["ends: no step is clsoed"]


@pytest.mark.parametrize(
    ("rules", "error", "message"),
    [
        ({"until": "2023-13-01"}, wf.ColumnError, "until"),
        ({"keep": "area"}, wf.ColumnError, "area"),
        ({"keep": ["who"]}, wf.SpecError, "twice"),
        ({"within_days": 0}, wf.SpecError, "within_days"),
        ({"order": [3]}, wf.TypeError_, "order"),
        ({"ends": [2.5]}, wf.TypeError_, "2.5"),
    ],
)
def test_mistakes_are_named(rules: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        follow(frame(("A", "r", 3)), **rules)


def test_a_column_of_a_name_of_ours_is_refused() -> None:
    table = frame(("A", "r", 3)).rename({"who": "step"})
    with pytest.raises(wf.SpecError, match="'step'"):
        wf.pathways(table, person="step", state="state", date="at")


# ── On an English return ──────────────────────────────────────────────────────────────


def day_of(text: str) -> dt.date | None:
    return dt.datetime.strptime(text, "%d/%m/%Y").date() if text else None  # noqa: DTZ007


@pytest.fixture(scope="module")
def placements() -> list[Row]:
    """Each placement of a child, and the end of care, as steps."""
    rows: list[Row] = []
    for row in pl.read_csv(EPISODES, infer_schema=False).fill_null("").to_dicts():
        rows.append({"who": row["CHILD"], "state": row["PLACE"], "at": day_of(row["DECOM"])})
        if row["DEC"] and row["REC"] != "X1":
            rows.append({"who": row["CHILD"], "state": "left care", "at": day_of(row["DEC"])})
    return rows


UNTIL = dt.date(2018, 3, 31)


@pytest.fixture(scope="module")
def ways(placements: list[Row]) -> wf.histories.Pathways:
    found = wf.pathways(
        pl.DataFrame(placements),
        person="who",
        state="state",
        date="at",
        until=UNTIL,
        ends=["left care"],
        statutory=["U1", "U4"],
    )
    assert len(found) > 1000
    return found


@pytest.fixture(scope="module")
def expected(placements: list[Row]) -> list[Row]:
    return naive_pathways(placements, UNTIL, ends=("left care",), statutory=("U1", "U4"))


def test_the_ways_through_a_return_are_those_by_hand(
    ways: wf.histories.Pathways, expected: list[Row]
) -> None:
    assert ways.to_polars().to_dicts() == expected


def test_where_the_children_of_a_return_went_next(
    ways: wf.histories.Pathways, expected: list[Row]
) -> None:
    counts = Counter((row["from"], row["to"]) for row in expected)
    bases = Counter(row["from"] for row in expected)
    got = wf.Pathways().run(ways).to_polars()
    assert {(r["from"], r["to"]): r["numerator"] for r in got.to_dicts()} == counts
    for row in got.to_dicts():
        assert row["denominator"] == row["rows_used"] == bases[row["from"]]
        assert row["value"] == counts[row["from"], row["to"]] / bases[row["from"]]


def test_the_share_of_a_return_that_never_came_to_foster_care(
    ways: wf.histories.Pathways, expected: list[Row]
) -> None:
    first = [row for row in expected if row["step"] == 1]
    got = wf.Diverted().run(ways).to_polars()
    assert got.select("numerator", "denominator").row(0) == (
        sum(row["statutory_days"] is None for row in first),
        len(first),
    )
    seen = [row for row in first if row["followed_days"] >= 365]
    within = [r for r in seen if r["statutory_days"] is None or r["statutory_days"] > 365]
    got = wf.Diverted(within_days=365).run(ways).to_polars()
    assert got.select("numerator", "denominator", "rows_dropped").row(0) == (
        len(within),
        len(seen),
        len(first) - len(seen),
    )
