"""Where people went, and where they are: against R's tables, plain matrices, and by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from oracle import wilson

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)
REFERENCE = Path(__file__).parents[1] / "reference" / "survival" / "multi_state.csv"
NEAR = {"rel": 1e-12, "abs": 4e-16}
STATES = ["a", "b", "<c>, d"]
Stay = tuple[str, str | None, int, int]


def stays(rows: list[Stay]) -> pl.DataFrame:
    schema = {
        "from": pl.String,
        "settled": pl.String,
        "entry_days": pl.Int64,
        "exit_days": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


@st.composite
def people(draw: st.DrawFn) -> list[Stay]:
    """Draw people who go from state to state, some joining late, some lost on the day they move."""
    rows: list[Stay] = []
    for _ in range(draw(st.integers(1, 12))):
        state: str | None = draw(st.sampled_from(STATES))
        now = draw(st.sampled_from([0, 0, 0, 2]))
        while state is not None:
            then = now + draw(st.integers(0, 6))
            others = [other for other in STATES if other != state]
            to = draw(st.sampled_from([None, *others]))
            rows.append((state, to, now, then))
            state, now = (to if draw(st.integers(0, 3)) else None), then
    return rows


def shares_by_hand(rows: list[Stay], states: list[str], start: str | None, day: int) -> Any:
    """Multiply matrices, one for each day, of those at risk on it."""
    rows = [row for row in rows if row[2] < row[3]]
    began = np.array([sum(r[0] == s and r[2] == 0 for r in rows) for s in states], dtype=float)
    if start is not None:
        began = np.array([float(s == start) * (began[i] > 0) for i, s in enumerate(states)])
    if not began.sum():
        return "no rows", None
    share = began / began.sum()
    area = np.zeros(len(states))
    for now in range(1, day + 1):
        area += share
        step = np.eye(len(states))
        for i, source in enumerate(states):
            risk = sum(r[0] == source and r[2] < now <= r[3] for r in rows)
            for j, to in enumerate(states):
                went = sum((r[0], r[1], r[3]) == (source, to, now) for r in rows)
                if went and i != j:
                    step[i, j] += went / risk
                    step[i, i] -= went / risk
        share = share @ step
    left = {r[0] for r in rows if r[1] is not None}
    open_still = any(share[i] > 1e-12 for i, s in enumerate(states) if s in left)
    if day > max(r[3] for r in rows) and open_still:
        return "nobody was observed that long", None
    return share, area


@drawn
@given(people(), st.sampled_from([None, *STATES]), st.integers(1, 20))
def test_shares_and_days_are_products_of_plain_matrices(
    rows: list[Stay], start: str | None, day: int
) -> None:
    usable = [row for row in rows if row[2] < row[3]]
    states = sorted({s for r in usable for s in r[:2] if s is not None})
    got = wf.MultiState(at=[day], start=start).run(stays(rows)).to_polars()
    time = wf.MultiState(mean_to=day, start=start).run(stays(rows)).to_polars()
    assert got["rows_used"][0] == len(usable)
    assert got["rows_dropped"][0] == len(rows) - len(usable)
    if not states:
        assert got.select("state", "value", "reason").rows() == [(None, None, "no rows")]
        return
    assert got["state"].to_list() == time["state"].to_list() == states
    share, area = shares_by_hand(rows, states, start, day)
    if isinstance(share, str):
        assert set(got["reason"]) == set(time["reason"]) == {share}
        assert got["value"].null_count() == len(states)
        return
    assert got["value"].to_list() == pytest.approx(list(share), rel=1e-9, abs=1e-12)
    assert time["value"].to_list() == pytest.approx(list(area), rel=1e-9, abs=1e-12)
    began = sum(r[2] == 0 and (start is None or r[0] == start) for r in usable)
    assert got["denominator"].to_list() == [began] * len(states)


def numbers(cell: str) -> list[int]:
    return [int(word) for word in cell.split()]


def test_the_tables_of_etm_and_survival() -> None:
    """R's etm (shares, variances) and survfit (days), on rows of stays."""
    cases = pl.read_csv(REFERENCE, infer_schema_length=None).filter(after=0)
    held = 0
    for case in cases.to_dicts():
        entry, exits = numbers(case["start"]), numbers(case["stop"])
        source, to = numbers(case["from"]), numbers(case["to"])
        begin, state = str(case["begin"]), str(case["state"])
        rows: list[Stay] = [
            (str(a), str(b) if b else None, first, last)
            for a, b, first, last in zip(source, to, entry, exits, strict=True)
        ]
        if not any(row[0] == begin and row[2] == 0 for row in rows):
            continue
        measure = wf.MultiState(at=[case["until"]], start=begin, method="plain")
        got = measure.run(stays(rows)).to_polars().filter(state=state)
        if not got.height:
            continue
        row = got.row(0, named=True)
        assert row["value"] == pytest.approx(case["value"], **NEAR)
        if row["lower"] is not None and row["lower"] > 0 and row["upper"] < 1:
            error = (row["upper"] - row["lower"]) / 2 / 1.959963984540054
            assert error**2 == pytest.approx(case["variance"], rel=1e-9)
        if case["days"] is not None:
            days = wf.MultiState(mean_to=case["until"], start=begin).run(stays(rows))
            spent = days.to_polars().filter(state=state)["value"].item()
            assert spent == pytest.approx(case["days"], **NEAR)
        held += 1
    assert held >= 60


def test_where_all_are_watched_the_shares_are_plain_shares() -> None:
    rows: list[Stay] = [("a", "b", 0, 3), ("b", None, 3, 9), ("a", None, 0, 9), ("b", "a", 0, 5)]
    rows += [("a", None, 5, 9), ("a", "b", 0, 2), ("b", "a", 2, 4), ("a", None, 4, 9)]
    got = wf.MultiState(at=[2, 3, 5], method="plain").run(stays(rows)).to_polars()
    # of four: on day 2 a, a, b, b; on day 3 b, a, b, b; on day 5 b, a, a, a
    assert got["value"].to_list() == pytest.approx([0.5, 0.5, 0.25, 0.75, 0.75, 0.25])
    error = 1.959963984540054 * (0.5 * 0.5 / 4) ** 0.5
    assert got["lower"][0] == pytest.approx(0.5 - error)
    days = wf.MultiState(mean_to=5).run(stays(rows)).to_polars()
    assert days["value"].to_list() == pytest.approx([(3 + 5 + 0 + 3) / 4, (2 + 0 + 5 + 2) / 4])
    assert days["unit"].unique().to_list() == ["days"]


def test_groups_and_periods_and_the_origin() -> None:
    began = pl.Series([dt.date(2023, 1, 3), dt.date(2023, 1, 9), dt.date(2023, 2, 2)])
    rows = stays([("a", "b", 0, 3), ("a", None, 0, 5), ("a", "b", 0, 1)])
    rows = rows.with_columns(origin=began, area=pl.Series(["x", "x", "y"]))
    got = wf.MultiState(at=[4]).run(rows, by="area", every="month").to_polars()
    assert got.select("area", "period", "state", "value").rows() == [
        ("x", dt.date(2023, 1, 1), "a", 0.5),
        ("x", dt.date(2023, 1, 1), "b", 0.5),
        ("y", dt.date(2023, 2, 1), "a", 0.0),
        ("y", dt.date(2023, 2, 1), "b", 1.0),
    ]


def test_a_share_that_rests_on_nobody_is_said() -> None:
    rows = stays([("a", "b", 0, 3), ("a", None, 0, 5), ("b", None, 3, 9), ("a", "b", 0, 4)])
    assert wf.MultiState(at=[5]).run(rows).notes == []
    told = "time 6: nobody was watched in 'a' any more; its share, up to 33.3%, stays as it was"
    assert wf.MultiState(at=[6]).run(rows).notes == [f"{told} when they last were"]


def test_who_began_elsewhere_is_not_asked_about() -> None:
    got = wf.MultiState(at=[3], start="c").run(stays([("a", "b", 0, 3)]))
    assert got.to_polars()["reason"].to_list() == ["no rows", "no rows"]
    assert "start: nobody began in 'c'; check how the state is written" in got.notes


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (wf.MultiState(), "`at`"),
        (wf.MultiState(at=[3], mean_to=3), "not both"),
        (wf.MultiState(at=[]), "empty list"),
        (wf.MultiState(at=[-1]), "below 0"),
        (wf.MultiState(mean_to=0), "below 1"),
        (wf.MultiState(at=[1], method="logt"), "did you mean 'logit'"),  # type: ignore[arg-type]
        (wf.Pathways(base="moved"), "all, moved on"),  # type: ignore[arg-type]
        (wf.Diverted(within_days=-1), "below 0"),
    ],
)
def test_mistakes_are_named(measure: Any, message: str) -> None:
    table = stays([("a", "b", 0, 3)]).with_columns(
        to=pl.lit("b"), step=1, statutory_days=1, followed_days=2
    )
    with pytest.raises(wf.SpecError, match=message):
        measure.run(table)


def test_days_that_cannot_be_are_set_aside_and_listed() -> None:
    table = pl.DataFrame(
        {
            "from": ["a", "a", "a", None],
            "settled": ["b", None, "b", "b"],
            "entry_days": [4.0, -1.0, 0.0, 0.0],
            "exit_days": [2.0, 5.0, 3.0, 3.0],
        }
    )
    got = wf.MultiState(at=[3]).run(table)
    assert got.to_polars()["rows_dropped"].to_list() == [3, 3]
    assert any("left before it was entered" in note for note in got.notes)


# ── Where next, and who was diverted ─────────────────────────────────────────────────


moves = st.lists(
    st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from(["b", "c", None]), st.booleans())
)


@drawn
@given(moves, st.sampled_from(["all", "moved on"]))
def test_where_next_is_counted_by_hand(rows: list[tuple[Any, Any, bool]], base: Any) -> None:
    schema = {"from": pl.String, "to": pl.String, "north": pl.Boolean}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    got = wf.Pathways(base=base).run(table, by="north").to_polars().to_dicts()

    def usable(row: tuple[Any, Any, bool]) -> bool:
        return row[0] is not None and (base == "all" or row[1] is not None)

    pairs = {row[:2] for row in rows if usable(row)} or {(None, None)}
    for north in {row[2] for row in rows}:
        theirs = [row for row in got if row["north"] == north]
        own = [row for row in rows if row[2] == north]
        assert {(row["from"], row["to"]) for row in theirs} == pairs
        for row in theirs:
            stays_in = [r for r in own if usable(r) and r[0] == row["from"]]
            went = sum(r[1] == row["to"] for r in stays_in)
            assert (row["numerator"], row["denominator"]) == (went, len(stays_in))
            assert row["rows_dropped"] == sum(not usable(r) for r in own)
            if stays_in:
                limits = wilson(went, len(stays_in), 0.95)
                assert (row["lower"], row["upper"]) == pytest.approx(limits, abs=1e-12)
            else:
                assert row["reason"] == "no rows"


def test_shares_of_two_groups_are_compared() -> None:
    table = pl.DataFrame(
        {"from": ["a"] * 8, "to": ["b"] * 3 + [None] + ["b"] + [None] * 3, "area": list("xxxxyyyy")}
    )
    got = wf.Pathways().run(table, by="area").compare("area", "x", "y").to_polars()
    difference = got.filter(contrast="difference").select("from", "to", "value").rows()
    assert difference == [("a", "b", 0.5), ("a", None, -0.5)]


ways = st.lists(
    st.tuples(
        st.sampled_from(["referred", "plan", None]),
        st.sampled_from([1, 1, 2, None]),
        st.sampled_from([None, 0, 10, 40]),
        st.sampled_from([None, 5, 30, 90]),
    )
)


@drawn
@given(ways, st.sampled_from([(), ("referred",)]), st.sampled_from([None, 0, 30]))
def test_the_diverted_are_counted_by_hand(
    rows: list[tuple[Any, Any, Any, Any]], origin: tuple[str, ...], within: int | None
) -> None:
    names = ["from", "step", "statutory_days", "followed_days"]
    schema = dict(zip(names, [pl.String, pl.Int64, pl.Int64, pl.Int64], strict=True))
    table = pl.DataFrame(rows, schema=schema, orient="row")
    got = wf.Diverted(origin=origin, within_days=within).run(table).to_polars().row(0, named=True)
    diverted = known = dropped = 0
    for source, step, reached, followed in rows:
        elsewhere = origin and source is not None and source not in origin
        if (step is not None and step != 1) or elsewhere:
            continue
        impossible = followed is None or (reached is not None and reached > followed)
        if source is None or step is None or impossible or followed < (within or 0):
            dropped += 1
            continue
        known += 1
        diverted += reached is None or (within is not None and reached > within)
    assert (got["numerator"], got["denominator"]) == (diverted, known)
    assert got["rows_dropped"] == dropped


def test_how_long_people_were_watched_is_said() -> None:
    table = pl.DataFrame(
        {"from": ["r", "r"], "step": [1, 1], "statutory_days": [None, 3], "followed_days": [40, 9]},
        schema_overrides={"statutory_days": pl.Int64},
    )
    assert wf.Diverted().run(table).notes[0].startswith("watched for 9 to 40 days: ")
    note = "not known within 30 days, most often because not watched so long: 1"
    assert wf.Diverted(within_days=30).run(table).notes == [note]
    one = wf.Diverted(origin="r").run(table).to_polars()
    assert one.equals(wf.Diverted(origin=["r"]).run(table).to_polars())
