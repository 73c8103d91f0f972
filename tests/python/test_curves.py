"""Groups of people who were followed: compared by a day and over all days, against R, from states."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import wholefamily as wf

REFERENCE = Path(__file__).parents[1] / "reference" / "survival"
NEAR = {"rel": 1e-9, "abs": 1e-12}


def rows(table: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def people(row: dict[str, str]) -> pl.DataFrame:
    """Give the people of a reference row: null is no event; who was there from the start, no entry."""
    whole = {
        name: [int(word) for word in row[name].split()]
        for name in ("time", "event", "group", "stratum", "entry")
        if row[name]
    }
    frame = pl.DataFrame(whole)
    if "entry" not in whole:
        frame = frame.with_columns(entry=pl.lit(None, dtype=pl.Int64))
    return frame.with_columns(
        cause=pl.when(pl.col("event") > 0).then(pl.col("event").cast(pl.String)),
        event=pl.col("event") > 0,
        entry=pl.when(pl.col("entry") >= 0).then("entry"),
    )


def expected(text: str) -> Any:
    return pytest.approx(float(text), **NEAR) if text else None


def at_the_origin(frame: pl.DataFrame) -> bool:
    """Tell whether someone joined on day 0: R has them at risk from day 1, and we from the origin."""
    return bool((frame["entry"] == 0).any() and (frame["time"] == 0).any())


def curves(row: dict[str, str]) -> tuple[wf.Estimates, pl.Expr]:
    day, scale = int(row["day"]), {"entry": "entry", "method": "plain"}
    if row["cause"] == "0":
        measure: Any = wf.Survival(at=[day], **scale)  # type: ignore[arg-type]
        of = pl.lit(value=True)
    else:
        measure = wf.CumulativeIncidence(event="cause", at=[day], **scale)  # type: ignore[arg-type]
        of = pl.col("event") == row["cause"]
    return measure.run(people(row), by="group", level=float(row["level"])), of


@pytest.mark.parametrize("kind", ["difference", "ratio"])
def test_contrasts_by_a_day_are_those_of_r(kind: str) -> None:
    """But where one of the two does not vary there are no limits, and none passes −1 or 1."""
    held = fixed = 0
    for row in rows(f"{kind}_by"):
        if at_the_origin(people(row)):
            continue
        estimates, of = curves(row)
        table = estimates.compare("group", 1, 2).to_polars().filter(of)
        got = table.filter(pl.col("contrast") == kind).row(0, named=True)
        assert got["value"] == expected(row["value"])
        both = estimates.to_polars().filter(of & pl.col("group").is_in([1, 2]))
        if both["lower"].null_count():
            assert (got["lower"], got["upper"], got["p_value"]) == (None, None, None)
            assert got["reason"] is not None
            fixed += 1
            continue
        most = 1.0 if kind == "difference" else float("inf")
        for name in ("lower", "upper"):
            limit = str(min(max(float(row[name]), -most), most)) if row[name] else ""
            assert got[name] == expected(limit), (row, got)
        assert got["p_value"] == expected(row["p_value"])
        assert (got["reason"] is None) == bool(row["lower"])
        held += 1
    assert held >= 60
    assert fixed >= 5


def test_log_rank_tests_are_those_of_r() -> None:
    held = 0
    for row in rows("log_rank"):
        table = people(row)
        if at_the_origin(table):
            continue
        found = (
            wf.Survival(entry="entry")
            .run(table, by=["group", "stratum"])
            .test(
                "group",
                method=row["weight"],  # type: ignore[arg-type]
                within="stratum",
                rho=float(row["p"] or 0),
                gamma=float(row["q"] or 0),
            )
        )
        got = found.to_polars().row(0, named=True)
        assert got["value"] == expected(row["statistic"])
        assert (got["df"], got["p_value"]) == (expected(row["df"]), expected(row["p_value"]))
        assert got["numerator"] == table["event"].sum()
        held += 1
    assert held >= 100


def test_grays_tests_are_those_of_cmprsk() -> None:
    for row in rows("gray"):
        found = wf.CumulativeIncidence(event="cause").run(people(row), by=["group", "stratum"])
        tested = found.test("group", within="stratum", rho=float(row["rho"])).to_polars()
        got = tested.filter(pl.col("event") == row["cause"]).row(0, named=True)
        assert got["value"] == expected(row["statistic"])
        assert (got["df"], got["p_value"]) == (expected(row["df"]), expected(row["p_value"]))


RANDOM = np.random.default_rng(5)
MANY = pl.DataFrame(
    {
        "team": RANDOM.choice(["hub", "local", "a,b <script>"], 600),
        "area": RANDOM.choice(["north", "south"], 600),
        "time": RANDOM.integers(0, 700, 600),
        "event": RANDOM.choice(["care", "moved", ""], 600),
    }
).with_columns(event=pl.col("event").replace("", None))
MANY = MANY.with_columns(had=pl.col("event").is_not_null())


@pytest.mark.parametrize(
    "measure",
    [
        wf.Survival(event="had", at=[90, 365]),
        wf.Survival(event="had", mean_to=[365]),
        wf.CumulativeIncidence(at=[90, 365]),
    ],
    ids=["at", "mean", "incidence"],
)
def test_states_that_were_merged_compare_and_test_to_the_same(measure: Any) -> None:
    whole = measure.run(MANY, by=["team", "area"])
    first, *others = (measure.partial(MANY[place::4], by=["team", "area"]) for place in range(4))
    travelled = wf.Partial.from_arrow(first.merge(*others).to_arrow()).finish()
    for ask in (
        lambda found: found.compare("team", "hub", "local"),
        lambda found: found.test("team"),
        lambda found: found.test("team", within="area"),
    ):
        assert ask(travelled).to_polars().equals(ask(whole).to_polars())


def test_there_is_a_row_for_each_of_the_other_keys_day_event_and_contrast() -> None:
    found = wf.CumulativeIncidence(at=[90, 365]).run(MANY, by=["team", "area"])
    compared = found.compare("team", "hub", "local").to_polars()
    assert compared.columns[:4] == ["area", "event", "time", "contrast"]
    assert compared.columns[-1] == "p_value"
    assert compared.height == 2 * 2 * 2 * 2
    assert compared["unit"].unique().sort().to_list() == ["difference in share", "ratio"]
    assert compared["method"].unique().sort().to_list() == ["log", "plain"]
    tested = found.test("team").to_polars()
    assert tested.select("area", "event").rows() == [
        ("north", "care"),
        ("north", "moved"),
        ("south", "care"),
        ("south", "moved"),
    ]
    assert tested["df"].to_list() == [2.0] * 4
    assert tested["unit"].unique().to_list() == ["chi-squared"]
    assert tested["denominator"].sum() == 2 * MANY.height


def test_a_contrast_of_a_restricted_mean_is_in_days() -> None:
    """Means of (1, 2, 3) and (2, 3, 3) up to day 3, of variances 2/9 and 2/27."""
    table = pl.DataFrame({"team": ["a"] * 3 + ["b"] * 3, "time": [1, 2, 3, 2, 3, 3], "event": True})
    means = wf.Survival(mean_to=[3]).run(table, by="team")
    assert means.to_polars()["value"].to_list() == [pytest.approx(2), pytest.approx(8 / 3)]
    got = means.compare("team", "a", "b").to_polars()
    assert got["value"].to_list() == [pytest.approx(-2 / 3), pytest.approx(3 / 4)]
    assert got["unit"].to_list() == ["difference in days", "ratio"]
    half = 1.959963984540054 * (8 / 27) ** 0.5
    assert got["upper"][0] == pytest.approx(-2 / 3 + half)


def test_a_fixed_horizon_compares_both_of_its_shares() -> None:
    days = pl.date(2021, 1, 1) + pl.duration(days=pl.int_range(pl.len()) % 300)
    longer = pl.when(pl.col("had")).then(pl.duration(days=400)).otherwise(pl.duration())
    cohort = MANY.with_columns(born=days).with_columns(
        observed_until=pl.col("born") + pl.duration(days="time") + longer
    )
    found = wf.FixedHorizon(origin="born", interest="care").run(cohort, by="team")
    got = found.compare("team", "hub", "local").to_polars()
    assert got.select("estimate", "contrast").rows() == [
        ("observed long enough", "difference"),
        ("observed long enough", "ratio"),
        ("observed long enough", "odds_ratio"),
        ("Aalen-Johansen", "difference"),
        ("Aalen-Johansen", "ratio"),
    ]
    shares = found.to_polars().filter(pl.col("estimate") == "observed long enough")
    of = {
        team: (x, int(n)) for team, x, n in shares.select("team", "numerator", "denominator").rows()
    }
    newcombe = wf.stats.difference(*of["hub"], *of["local"])
    assert got.select("value", "lower", "upper").row(0) == tuple(newcombe)
    assert got["p_value"][0] == wf.stats.exact_test(*of["hub"], *of["local"]).p_value
    curves = wf.CumulativeIncidence(at=[365]).run(cohort, by="team").compare("team", "hub", "local")
    of_care = curves.to_polars().filter(pl.col("event") == "care")
    assert (
        got[3:]
        .select("value", "lower", "upper", "p_value")
        .equals(of_care.select("value", "lower", "upper", "p_value"))
    )
    gray = wf.CumulativeIncidence().run(cohort, by="team").test("team").to_polars()
    tested = found.test("team").to_polars()
    assert tested["value"].item() == pytest.approx(
        gray.filter(pl.col("event") == "care")["value"].item()
    )


def test_one_group_or_nobody_is_no_comparison_and_says_why() -> None:
    alone = pl.DataFrame(
        {"team": ["a", "a", "b"], "area": ["n", "n", "s"], "time": [1, 2, 3], "event": [True] * 3}
    )
    found = wf.Survival(at=[2]).run(alone, by=["team", "area"])
    compared = found.compare("team", "a", "b").to_polars()
    assert compared["reason"].to_list() == [
        *["no rows in the reference group"] * 2,
        *["no rows in the group"] * 2,
    ]
    tested = found.test("team").to_polars()
    assert tested["reason"].to_list() == ["no variation to test"] * 2
    one = wf.Survival().run(alone, by="area").test("area").to_polars()
    # day 1: 2/3 due, 2/9 of variance; day 2: 1/2 and 1/4; then nobody else: (2 − 7/6)² / (17/36)
    assert one["value"].to_list() == [pytest.approx(25 / 17)]
    only = wf.Survival().run(alone[:2], by="team").test("team").to_polars()
    assert only["reason"].to_list() == ["fewer than two groups to compare"]
    empty = wf.Survival().run(alone.clear(), by="team").test("team").to_polars()
    assert empty.height == 0


def test_a_group_in_which_nobody_had_the_event_is_not_certain() -> None:
    """Of two groups of three, all of one and none of the other: no limits, and no p value."""
    table = pl.DataFrame(
        {"team": ["a"] * 3 + ["b"] * 3, "time": [5, 6, 9, 9, 9, 9], "event": [1, 1, 0, 0, 0, 0]}
    ).with_columns(pl.col("event").cast(pl.Boolean))
    got = wf.Survival(at=[9]).run(table, by="team").compare("team", "a", "b").to_polars()
    assert got["value"].to_list() == [pytest.approx(-2 / 3), pytest.approx(1 / 3)]
    assert got.select("lower", "upper", "p_value").rows() == [(None, None, None)] * 2
    assert got["reason"].to_list() == ["no variation to base an interval on"] * 2


def test_a_group_that_is_not_recorded_is_one_of_the_groups() -> None:
    table = MANY.with_columns(pl.col("team").replace("local", None))
    tested = wf.Survival(event="had").run(table, by="team").test("team").to_polars()
    assert tested["df"].item() == 2.0
    against = wf.Survival(event="had", at=[90]).run(table, by="team").compare("team", "hub", None)
    assert against.to_polars()["value"].is_not_null().all()


def test_periods_can_be_compared() -> None:
    table = MANY.with_columns(
        born=pl.date(2021, 12, 31) + pl.duration(days=pl.int_range(pl.len()) % 2)
    )
    found = wf.Survival(event="had", at=[90], date="born").run(table, every="year")
    import datetime as dt

    got = found.compare("period", dt.date(2022, 1, 1), dt.date(2021, 1, 1)).to_polars()
    assert got.columns[:2] == ["time", "contrast"]
    assert got["value"].is_not_null().all()


@pytest.mark.parametrize(
    ("ask", "kind", "message"),
    [
        (lambda found: found.compare("time", 90, 365), wf.SpecError, "same people"),
        (
            lambda found: found.compare("team", "hub", "local", within="area"),
            wf.SpecError,
            "within",
        ),
        (
            lambda found: found.compare("team", "hub", "local", method="exact"),
            wf.SpecError,
            "exact",
        ),
        (lambda found: found.compare("team", "hub", "hub"), wf.SpecError, "both 'hub'"),
        (lambda found: found.test("team", method="gray"), wf.SpecError, "tarone-ware"),
        (lambda found: found.test("team", rho=1), wf.SpecError, "fleming-harrington"),
        (
            lambda found: found.test("team", method="fleming-harrington", rho=-1),
            wf.SpecError,
            "0 or more",
        ),
        (lambda found: found.test("team", within="team"), wf.SpecError, "another column"),
        (lambda found: found.test("ward"), wf.ColumnError, "ward"),
        (lambda found: wf.Estimates(found.to_arrow()).test("team"), wf.StateError, "states"),
        (
            lambda found: wf.Estimates(found.to_arrow()).compare("team", "hub", "local"),
            wf.StateError,
            "states",
        ),
    ],
)
def test_what_cannot_be_asked_says_why(ask: Any, kind: type[Exception], message: str) -> None:
    found = wf.Survival(event="had", at=[90, 365]).run(MANY, by=["team", "area"])
    with pytest.raises(kind, match=message):
        ask(found)


def test_curves_without_days_are_tested_and_not_compared() -> None:
    for measure in (
        wf.Survival(event="had"),
        wf.Survival(event="had", quantiles=[0.5]),
        wf.CumulativeIncidence(),
    ):
        found = measure.run(MANY, by="team")
        with pytest.raises(wf.SpecError, match="`at`"):
            found.compare("team", "hub", "local")
    with pytest.raises(wf.SpecError, match="no curves to test"):
        wf.Share(outcome="had").run(MANY, by="team").test("team")
    with pytest.raises(wf.SpecError, match="gray"):
        wf.CumulativeIncidence().run(MANY, by="team").test("team", method="log-rank")


def test_one_contrast_can_be_chosen_by_its_method() -> None:
    found = wf.Survival(event="had", at=[90]).run(MANY, by="team")
    for method, kind in (("plain", "difference"), ("log", "ratio")):
        got = found.compare("team", "hub", "local", method=method).to_polars()
        assert got["contrast"].to_list() == [kind]


def test_contrasts_and_tests_show_themselves() -> None:
    found = wf.Survival(event="had", at=[90]).run(MANY, by="team")
    compared = repr(found.compare("team", "hub", "local"))
    assert "hub compared with local" in compared
    assert re.search(r"\d+ followed against \d+ followed", compared)
    shown = repr(found.test("team"))
    assert shown.splitlines()[0] == "Share without the event so far: log-rank test by team"
    assert "p = " in shown
    within = repr(
        wf.CumulativeIncidence().run(MANY, by=["team", "area"]).test("team", within="area")
    )
    assert (
        within.splitlines()[0]
        == "Share who have had each event so far: Gray test by team, within area, by event"
    )


def test_a_word_for_no_event_that_is_taken_as_one_is_noted() -> None:
    named = pl.DataFrame({"time": [3, 5, 5], "event": ["Censored", "care", "censored"]})
    (note,) = wf.CumulativeIncidence(at=[5]).run(named).notes
    assert note.startswith("'Censored' is an event")


def test_0_and_false_are_no_event_in_measures_as_in_stats() -> None:
    # Of T = 1, 2, 2, 2, 3, 4 and E = 1, 1, 2, 0, 1, 2, where R's survfit and cmprsk give 7/12.
    rows = {"time": [1, 2, 2, 2, 3, 4], "event": [1, 1, 2, 0, 1, 2]}
    people = pl.DataFrame(rows)
    found = wf.CumulativeIncidence(at=[3]).run(people)
    assert found.to_polars()["event"].to_list() == [1, 2]
    assert found.to_polars()["value"].to_list() == pytest.approx([7 / 12, 1 / 6], rel=1e-12)
    (note,) = found.notes
    assert note.startswith("the events are whole numbers, of which 0 means that there was none")
    same = wf.stats.cumulative_incidence(*rows.values(), 1, at=[3])
    assert found.to_polars()["value"][0] == pytest.approx(same["value"][0], rel=1e-12)
    flags = people.with_columns(pl.col("event") > 0)
    alone = wf.CumulativeIncidence(at=[3]).run(flags).to_polars()
    assert alone.select("event", "numerator").rows() == [(True, 4)]
    assert wf.CumulativeIncidence(at=[3]).run(flags).notes == []


def test_a_date_that_cannot_be_shown_is_no_event() -> None:
    far = pl.Series([2**31 - 1, 19_000]).cast(pl.Int32).cast(pl.Date)
    found = wf.CumulativeIncidence(at=[5]).run(pl.DataFrame({"time": [5, 5], "event": far}))
    row = found.to_polars().row(0, named=True)
    assert (row["rows_used"], row["rows_dropped"]) == (1, 1)
    assert "8 January 2022" in repr(found)
