"""Times to an event, against statsmodels and by hand: each defect of other tools has its test."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import fields

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


SIX = pl.DataFrame({"time": [1, 2, 3, 4, 5, 6], "event": [False, True, True, True, True, False]})


@pytest.mark.parametrize(
    ("method", "lower", "upper"),
    [
        ("log-log", 0.12573018299443137, 0.88175640739353234),
        ("log", 0.29331643163832644, 1.0),
        ("plain", 0.17059340550788249, 1.0),
        ("logit", 0.20041076798255075, 0.89976888367532382),
        ("arcsine", 0.18748708596435879, 0.94047841394195364),
    ],
)
def test_each_scale_of_the_interval_is_that_of_r_by_its_name(
    method: str, lower: float, upper: float
) -> None:
    """Lifelines has "log-log" only, and R's own default is "log": a name says which it is."""
    got = wf.Survival(at=[3], method=method).run(SIX).to_polars()  # type: ignore[arg-type]
    assert got.select("value", "lower", "upper").row(0) == pytest.approx((0.6, lower, upper))
    assert got["method"].item() == method


def test_survival_1_and_survival_0_are_not_taken_for_certain() -> None:
    """Lifelines prints (1, 1) before the first event and (0, 0) after the last."""
    table = pl.DataFrame({"time": [2, 3], "event": [True, True]})
    got = wf.Survival(at=[1, 3]).run(table).to_polars()
    assert got.select("value", "lower", "upper").rows() == [(1.0, None, None), (0.0, None, None)]
    assert got["reason"].to_list() == ["no variation to base an interval on"] * 2


def test_there_are_no_weights_that_a_whole_number_could_cut_off() -> None:
    """Lifelines casts a weighted risk set to uint64. Ours counts people: there is nothing to cast."""
    names = {
        field.name for measure in (wf.Survival, wf.CumulativeIncidence) for field in fields(measure)
    }
    assert not names & {"weight", "weights"}
    with pytest.raises(TypeError, match="weight"):
        wf.Survival(weight="w")  # type: ignore[call-arg]


def test_the_variance_of_a_restricted_mean_is_that_of_the_estimate() -> None:
    """Of days 1, 2, 3: the times vary by 2/3, their mean by a third of that; lifelines gives 2/3."""
    table = pl.DataFrame({"time": [1, 2, 3], "event": [True, True, True]})
    got = wf.Survival(mean_to=[3]).run(table).to_polars().row(0, named=True)
    assert (got["value"], got["unit"], got["method"]) == (pytest.approx(2), "days", "plain")
    assert got["value"] - got["lower"] == pytest.approx(1.959963984540054 * math.sqrt(2 / 9))
    assert got["upper"] == pytest.approx(1.959963984540054 * math.sqrt(2 / 9) + 2)
    assert wf.stats.restricted_mean([1, 2, 3], [1, 1, 1], 3).standard_error == pytest.approx(
        math.sqrt(2 / 9)
    )


def test_a_restricted_mean_beyond_what_was_seen_has_no_value() -> None:
    got = wf.Survival(mean_to=[0, 6, 7]).run(SIX).to_polars()
    assert got["time"].to_list() == [0, 6, 7]
    assert got["value"].to_list() == [0.0, pytest.approx(4.0), None]
    assert got["reason"].to_list()[2] == "nobody was observed that long"


def test_the_first_day_has_its_incidence() -> None:
    """Lifelines begins the curve with a row of 0; who has the event on the first day counts."""
    table = pl.DataFrame({"time": [0, 1, 2, 3], "event": ["care", "moved", "care", None]})
    got = wf.CumulativeIncidence(at=[0, 1, 2]).run(table).to_polars()
    care = got.filter(pl.col("event") == "care")
    assert care["value"].to_list() == [0.25, 0.25, 0.5]


def test_events_of_a_day_come_before_its_ends_of_follow_up() -> None:
    """Whose follow-up ends on day 5 was at risk on it: one of four had the event."""
    table = pl.DataFrame({"time": [5, 5, 5, 9], "event": [True, False, False, False]})
    assert wf.Survival(at=[5]).run(table).to_polars()["value"].item() == 0.75


def test_who_joins_on_a_day_is_not_at_risk_on_it() -> None:
    table = pl.DataFrame({"time": [10, 20, 30], "event": [True] * 3, "from": [0, 0, 10]})
    assert wf.Survival(entry="from", at=[10]).run(table).to_polars()["value"].item() == 0.5


def test_ties_vary_as_a_draw_without_replacement_in_a_log_rank_test() -> None:
    """Three of four fall on day 1, two of them in "a": z = 2 − 3/2, V = 3 × 1/4 × (4 − 3)/(4 − 1)."""
    table = pl.DataFrame({"team": ["a", "a", "b", "b"], "time": [1, 1, 1, 2], "event": [True] * 4})
    got = wf.Survival().run(table, by="team").test("team").to_polars()
    assert got["value"].item() == pytest.approx(1.0)
    assert got["method"].item() == "log-rank"


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
        (wf.Survival(at=[3], quantiles=[0.5]), "give one of"),
        (wf.Survival(at=[3], mean_to=[9]), "give one of"),
        (wf.Survival(mean_to=[]), "`mean_to` is an empty list"),
        (wf.Survival(quantiles=[1.5]), "1.5"),
        (wf.CumulativeIncidence(method="loglog"), "did you mean 'log-log'"),  # type: ignore[arg-type]
        (wf.CumulativeIncidence(variance="aalen"), "delta, cmprsk"),  # type: ignore[arg-type]
    ],
)
def test_what_cannot_be_asked_says_why(measure: wf.Survival, message: str) -> None:
    with pytest.raises(wf.SpecError, match=message):
        measure.run(pl.DataFrame({"time": [1], "event": [True]}))


def test_shares_that_are_no_counts_are_not_compared_as_counts() -> None:
    stays = pl.DataFrame(
        {
            "person": [1, 1, 2, 3],
            "settled": ["plan", "care", "plan", "plan"],
            "to": ["care", None, None, "care"],
            "from": ["plan", "care", "plan", "plan"],
            "entry_days": [0, 10, 0, 0],
            "exit_days": [10, 30, 30, 5],
            "g": [*"aabb"],
        }
    )
    states = wf.MultiState(at=[20]).run(stays, by="g")
    with pytest.raises(wf.SpecError, match="estimates, not counts"):
        states.compare("g", "a", "b")
