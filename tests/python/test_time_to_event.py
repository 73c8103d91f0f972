"""Times to an event, against statsmodels and by hand: each defect of other tools has its test."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.duration.survfunc import SurvfuncRight

import wholefamily as wf

NEAR = {"rel": 1e-12, "abs": 1e-15}

rows = st.lists(
    st.tuples(st.integers(0, 40), st.sampled_from([None, "care", "moved away"])), min_size=1
)


def frame(people: list[tuple[int, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(
        people, schema={"time": pl.Int64, "event": pl.String}, orient="row"
    ).with_columns(had=pl.col("event").is_not_null())


def incidence_by_hand(people: list[tuple[int, str | None]], event: str, day: int) -> float:
    """Sum, over days, of the share still there times the hazard of the event."""
    there, share = 1.0, 0.0
    for now in range(day + 1):
        at_risk = sum(time >= now for time, _ in people)
        if at_risk:
            had = [kind for time, kind in people if time == now and kind is not None]
            share += there * had.count(event) / at_risk
            there *= 1 - len(had) / at_risk
    return share


@given(rows)
def test_the_kaplan_meier_curve_is_that_of_statsmodels(
    people: list[tuple[int, str | None]],
) -> None:
    table = frame(people)
    got = wf.Survival(event="had").run(table).to_polars()
    times, status = np.array([time for time, _ in people]), np.array(table["had"])
    if not status.any():
        assert got.select("time", "value").rows() == [(int(times.max()), 1.0)]
        return
    theirs = SurvfuncRight(times.astype(float), status.astype(int))
    assert got["time"].to_list() == [int(time) for time in theirs.surv_times]
    assert got["value"].to_list() == [pytest.approx(share, **NEAR) for share in theirs.surv_prob]


@given(rows, st.integers(0, 45))
def test_cumulative_incidence_is_the_sum_by_hand(
    people: list[tuple[int, str | None]], day: int
) -> None:
    got = wf.CumulativeIncidence(at=[day]).run(frame(people)).to_polars()
    kinds = {event for _, event in people if event}
    if not kinds:
        assert got.select("event", "time", "value").rows() == [(None, day, None)]
        assert got["reason"].item() == "no events in the group"
        return
    assert set(got["event"]) == kinds
    for row in got.iter_rows(named=True):
        if row["value"] is None:
            assert row["reason"] == "nobody was observed that long"
            assert day > max(time for time, _ in people)
        else:
            by_hand = incidence_by_hand(people, row["event"], day)
            assert row["value"] == pytest.approx(by_hand, **NEAR)


def test_tied_events_of_two_kinds_are_exact_and_never_drawn() -> None:
    """Lifelines moves ties apart at random, and gives 0.5556 or 0.5833; R gives 0.5833."""
    kinds = [1, 1, 2, 0, 1, 2]
    table = pl.DataFrame(
        {"time": [1, 2, 2, 2, 3, 4], "event": [str(kind) if kind else None for kind in kinds]}
    )
    first = wf.CumulativeIncidence(at=[3]).run(table).to_polars()
    assert first.filter(pl.col("event") == "1")["value"].item() == pytest.approx(7 / 12, **NEAR)
    assert first.equals(wf.CumulativeIncidence(at=[3]).run(table[::-1]).to_polars())


@pytest.mark.parametrize(
    ("variance", "expected"), [("delta", [0.032, 0.048]), ("cmprsk", [0.0469, 0.0778])]
)
def test_the_variance_is_the_one_named(variance: str, expected: list[float]) -> None:
    """R's survival, and the package cmprsk, on six rows; the plain interval gives it back."""
    table = pl.DataFrame({"time": [1, 2, 3, 4, 5, 6], "event": [None, "1", "1", "2", "2", None]})
    measure = wf.CumulativeIncidence(at=[4, 5], method="plain", variance=variance)  # type: ignore[arg-type]
    got = measure.run(table, level=0.1).to_polars().filter(pl.col("event") == "2")
    half = (got["upper"] - got["lower"]) / 2
    z = 0.12566134685507402
    assert [(reach / z) ** 2 for reach in half] == [pytest.approx(v, abs=6e-5) for v in expected]


def test_the_median_is_the_middle_of_a_flat_stretch() -> None:
    table = pl.DataFrame({"time": [30, 60, 60, 90], "event": [True, True, False, False]})
    got = wf.Survival(quantiles=[0.5, 0.9]).run(table).to_polars()
    assert got["time"].to_list() == ["0.5", "0.9"]
    assert got["unit"].unique().to_list() == ["days"]
    assert got["value"].to_list() == [75.0, None]
    assert got["reason"].to_list()[1] == "not reached"


def test_who_came_late_is_not_at_risk_before() -> None:
    """At day 10 two are at risk: the third came on day 12."""
    table = pl.DataFrame(
        {"time": [10, 20, 30], "event": [True, True, True], "from": [None, 5, 12]},
        schema_overrides={"from": pl.Int64},
    )
    got = wf.Survival(entry="from").run(table).to_polars()
    assert got["value"].to_list() == [pytest.approx(v, **NEAR) for v in (1 / 2, 1 / 4, 0.0)]


def test_parts_merge_to_the_whole() -> None:
    random = np.random.default_rng(7)
    table = pl.DataFrame(
        {
            "team": random.choice(["hub", "local"], 5_000),
            "time": random.integers(0, 900, 5_000),
            "event": random.choice(["care", "adopted", None], 5_000),
        }
    )
    measure = wf.CumulativeIncidence(at=[90, 365])
    whole = measure.run(table, by="team")
    parts = [measure.partial(table[place::3], by="team") for place in range(3)]
    merged = parts[2].merge(parts[0]).merge(parts[1]).finish()
    assert merged.to_polars().equals(whole.to_polars())


@pytest.mark.parametrize("time", [-1.0, 2.5, math.inf, math.nan, 2e6])
def test_what_is_no_number_of_days_is_set_aside_and_listed(time: float) -> None:
    table = pl.DataFrame({"time": [5.0, time], "event": [True, True]})
    got = wf.Survival(at=[5]).run(table)
    assert got.to_polars()["rows_used"].item() == 1
    assert got.to_polars()["rows_dropped"].item() == 1
    assert got.set_aside["row"].to_list() == [1]


def test_nobody_and_everybody() -> None:
    schema = {"time": pl.Int64, "event": pl.Boolean}
    empty = wf.Survival(at=[30]).run(pl.DataFrame(schema=schema)).to_polars()
    assert (empty["value"].item(), empty["reason"].item()) == (None, "no rows")
    all_at_once = pl.DataFrame({"time": [0, 0], "event": [True, True]})
    assert wf.Survival(at=[0, 9]).run(all_at_once).to_polars()["value"].to_list() == [0.0, 0.0]


@pytest.mark.parametrize("measure", [wf.Survival(), wf.CumulativeIncidence()])
def test_who_is_dropped_is_counted_even_where_there_is_no_curve(measure: wf.Survival) -> None:
    schema = {"time": pl.Int64, "event": pl.Boolean}
    nobody = pl.DataFrame({"time": [None, None], "event": [None, True]}, schema=schema)
    got = measure.run(nobody).to_polars()
    assert got.select("time", "value", "reason", "rows_dropped").rows() == [
        (None, None, "no rows", 2)
    ]


def test_a_group_without_the_event_is_shown_on_the_last_day_followed() -> None:
    table = pl.DataFrame(
        {"team": ["a", "a", "b"], "time": [10, 20, 30], "event": ["care", None, None]}
    )
    got = wf.CumulativeIncidence().run(table, by="team").to_polars()
    assert got.select("team", "event", "time", "value").rows() == [
        ("a", "care", 10, 0.5),
        ("b", "care", 30, 0.0),
    ]


def test_periods_are_those_of_the_origin() -> None:
    table = pl.DataFrame(
        {
            "born": [dt.date(2024, 1, 5), dt.date(2024, 2, 9)],
            "time": [100, 200],
            "event": ["care", None],
        }
    )
    got = wf.CumulativeIncidence(at=[150], date="born").run(table, every="month").to_polars()
    assert got["value"].to_list() == [1.0, 0.0]


@pytest.mark.parametrize(
    ("measure", "message"),
    [
        (wf.Survival(at=[]), "empty list"),
        (wf.Survival(at=[-3]), "day below 0"),
        (wf.Survival(at=[3], quantiles=[0.5]), "not both"),
        (wf.Survival(quantiles=[1.5]), "1.5"),
        (wf.CumulativeIncidence(method="loglog"), "did you mean 'log-log'"),  # type: ignore[arg-type]
        (wf.CumulativeIncidence(variance="aalen"), "delta, cmprsk"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_asked_says_why(measure: wf.Survival, message: str) -> None:
    with pytest.raises(wf.SpecError, match=message):
        measure.run(pl.DataFrame({"time": [1], "event": [True]}))


def test_shares_that_are_no_counts_are_not_compared_as_counts() -> None:
    """They would be compared as none of so many, whatever they are."""
    people = pl.DataFrame(
        {
            "time": [1, 2, 3, 4, 5, 6],
            "event": [True, True, False, True, False, False],
            "g": [*"aaabbb"],
        }
    )
    curves = wf.Survival(at=[3]).run(people, by="g")
    with pytest.raises(wf.SpecError, match="estimates, not counts"):
        curves.compare("g", "a", "b")
