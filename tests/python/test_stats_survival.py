"""The reference tables of times to an event, through `wf.stats`: R's survival and cmprsk, 50 digits."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import wholefamily as wf

REFERENCE = Path(__file__).parents[1] / "reference" / "survival"
NEAR = {"rel": 1e-12, "abs": 1e-15}
FOUND = {"rel": 1e-9, "abs": 1e-14}


def rows(table: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert len(found) >= 100
    return found


def people(row: dict[str, str]) -> dict[str, Any]:
    """Give time, event and entry as a caller would; the tables have any event of several above 0."""
    of = {name: [int(word) for word in row[name].split()] for name in ("time", "event", "entry")}
    return {"time": of["time"], "event": of["event"], "entry": of["entry"] or None}


def flagged(row: dict[str, str]) -> dict[str, Any]:
    of = people(row)
    return of | {"event": [event > 0 for event in of["event"]]}


def labels(row: dict[str, str], name: str) -> list[str]:
    return [f"{name} {word}" for word in row[name].split()]


def close(got: float | None, text: str, row: dict[str, str]) -> None:
    near = NEAR if row["computed_by"].startswith("mpmath") else FOUND
    assert got == (pytest.approx(float(text), **near) if text else None), (got, text, row)


def hold(got: dict[str, Any], row: dict[str, str], *names: str) -> None:
    for name in names:
        close(got[name], row[name], row)


def test_kaplan_meier() -> None:
    for row in rows("kaplan_meier"):
        options: Any = {
            "at": [int(row["day"])],
            "method": row["band"],
            "level": float(row["level"]),
        }
        got = wf.stats.kaplan_meier(**flagged(row), **options, reasons=True).row(0, named=True)
        hold(got, row, "value", "lower", "upper")
        close(got["standard_error"] ** 2, row["variance"], row)
        assert row["at_risk"] in ("", str(got["at_risk"]))
        assert (got["reason"] is None) == bool(row["lower"])


def test_cumulative_incidence() -> None:
    for row in rows("cumulative_incidence"):
        options: Any = {"method": row["band"], "variance": row["method"]}
        got = wf.stats.cumulative_incidence(
            **people(row),
            cause=int(row["cause"]),
            at=int(row["day"]),
            level=float(row["level"]),
            **options,
        ).row(0, named=True)
        hold(got, row, "value", "lower", "upper")
        close(got["standard_error"] ** 2, row["variance"], row)


def test_restricted_means() -> None:
    for row in rows("restricted_mean"):
        got = wf.stats.restricted_mean(**flagged(row), until=int(row["until"]))
        hold(got._asdict(), row, "value", "standard_error")


def test_log_rank_tests() -> None:
    for row in rows("log_rank"):
        powers = {"rho": float(row["p"]), "gamma": float(row["q"])}
        weight: Any = row["weight"]
        got = wf.stats.log_rank(
            **flagged(row),
            group=labels(row, "group"),
            strata=labels(row, "stratum"),
            weight=weight,
            **(powers if weight == "fleming-harrington" else {}),
        )
        hold(got._asdict(), row, "statistic", "df", "p_value")


def test_grays_tests() -> None:
    for row in rows("gray"):
        of = people(row)
        got = wf.stats.gray_test(
            of["time"],
            of["event"],
            labels(row, "group"),
            int(row["cause"]),
            strata=labels(row, "stratum"),
            rho=float(row["rho"]),
        )
        hold(got._asdict(), row, "statistic", "df", "p_value")


def test_the_statistics_are_the_measures() -> None:
    """The same rows, asked of the measure and of the statistic."""
    random = np.random.default_rng(3)
    time = random.integers(0, 400, 300)
    event = pl.Series(random.choice(["care", "moved", "censored"], 300))
    table = pl.DataFrame({"time": time, "event": event, "had": event != "censored"})
    names = ["time", "value", "lower", "upper"]
    curve = wf.Survival(event="had").run(table).to_polars().select(names)
    steps = wf.stats.kaplan_meier(time, table["had"])
    assert steps.filter(pl.col("events") > 0).select(names).equals(curve)
    shares = wf.CumulativeIncidence(at=[100, 300]).run(table).to_polars()
    for kind in ("care", "moved"):
        of_kind = shares.filter(pl.col("event") == kind).select(names)
        for given in (
            event,
            event.to_list(),
            event.cast(pl.Categorical),
            event.replace("censored", None),
        ):
            got = wf.stats.cumulative_incidence(time, given, kind, at=[100, 300])
            assert got.select(names).equals(of_kind)


def test_flags_of_all_kinds_are_one() -> None:
    time, flags = [1, 2, 3], [True, False, True]
    once = wf.stats.kaplan_meier(time, flags)
    for kind in (np.array(flags), pl.Series(flags), [1, 0, 1], np.array([1, 0, 1])):
        assert wf.stats.kaplan_meier(np.array(time), kind).equals(once)
    assert wf.stats.cumulative_incidence(time, flags, True)["value"].to_list() == [1 / 3, 1 / 3, 1]  # noqa: FBT003


def test_nobody_is_an_empty_curve_and_days_asked_for_say_why() -> None:
    assert wf.stats.kaplan_meier([], []).height == 0
    got = wf.stats.kaplan_meier([], [], at=[5], reasons=True).row(0, named=True)
    assert (got["value"], got["reason"]) == (None, "no rows")
    assert wf.stats.restricted_mean([], [], 5).reason == "no rows"
    assert wf.stats.log_rank([], [], []).reason == "fewer than two groups to compare"
    assert wf.stats.restricted_mean([1, 2], [1, 0], 5).reason == "nobody was observed that long"


@pytest.mark.parametrize(
    ("ask", "kind", "message"),
    [
        (lambda: wf.stats.kaplan_meier([1, -2], [1, 0]), wf.DataError, "time is -2 at row 1"),
        (lambda: wf.stats.kaplan_meier([1, 2.5], [1, 0]), wf.DataError, "time is 2.5 at row 1"),
        (lambda: wf.stats.kaplan_meier([1, None], [1, 0]), wf.DataError, "time is null at row 1"),
        (lambda: wf.stats.kaplan_meier([1, 2], [1, None]), wf.DataError, "event is null at row 1"),
        (lambda: wf.stats.kaplan_meier([1, 2], [1, 2]), wf.TypeError_, "cumulative_incidence"),
        (lambda: wf.stats.kaplan_meier([1], ["care"]), wf.TypeError_, "holds names"),
        (lambda: wf.stats.kaplan_meier([3, 4], [1, 0], entry=[0, 4]), wf.DataError, "at row 1"),
        (
            lambda: wf.stats.kaplan_meier([3], [1], entry=[0.5]),
            wf.DataError,
            "whole number of days",
        ),
        (lambda: wf.stats.kaplan_meier([3], [1], at=[-1]), wf.SpecError, "at is -1"),
        (lambda: wf.stats.cumulative_incidence([1], ["care"], 1), wf.TypeError_, "cause is 1"),
        (lambda: wf.stats.cumulative_incidence([1], [1], 0), wf.TypeError_, "cause is 0"),
        (lambda: wf.stats.log_rank([1, 2], [1, 1], ["a", None]), wf.DataError, "group is null"),
        (lambda: wf.stats.log_rank([1, 2], [1, 1], [1, 2], rho=1), wf.SpecError, "fleming"),
    ],
)
def test_what_cannot_be_says_why(ask: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        ask()
