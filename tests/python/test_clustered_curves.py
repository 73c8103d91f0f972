"""Curves of brothers and sisters, who share their fate: against fractions, R, and naive sums."""

from __future__ import annotations

import csv
import datetime as dt
import math
from collections import defaultdict
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from by_hand import by_key, clustered_by_hand, near
from naive_curves import (
    Dual,
    Person,
    incidence,
    influences,
    mean_to,
    survival,
    variance,
    weight,
)

drawn = settings(max_examples=60, derandomize=True, deadline=None, database=None)
REFERENCE = Path(__file__).parents[1] / "reference" / "survival"
SSDA903 = Path(__file__).parents[2] / "examples" / "ssda903" / "data"
LEVEL = 0.01
"""So narrow that a plain interval is not cut off at 0 or 1, and gives its standard error back."""
REACH = 2 * NormalDist().inv_cdf(0.5 + LEVEL / 2)
NONE = {"no variation to base an interval on", "nobody was observed that long"}

people = st.lists(
    st.tuples(
        st.sampled_from(["hub", "local"]),
        st.integers(0, 14),
        st.sampled_from([None, "care", "care", "moved"]),
        st.sampled_from([None, 0, 0, 2, 5]),
        st.sampled_from([None, 1, 2, 3, 4, 5]),
    ),
    max_size=24,
)


def frame(rows: list[Any]) -> pl.DataFrame:
    """Give rows as a table; who would join no earlier than they leave is there from the start."""
    schema = {
        "team": pl.String,
        "time": pl.Int64,
        "event": pl.String,
        "from": pl.Int64,
        "family": pl.Int64,
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")
    late = pl.col("from") < pl.col("time")
    return table.with_columns(
        pl.when(late).then("from"), had=pl.col("event").is_not_null(), person=pl.int_range(pl.len())
    )


def followed(table: pl.DataFrame) -> list[Person]:
    """Give those who name a family; a day of 0 is the origin."""
    rows = table.filter(pl.col("family").is_not_null())
    columns = rows.select(pl.col("from").fill_null(0), "time", "event", "family").rows()
    return [Person(entry or -1, time, event, family) for entry, time, event, family in columns]


def hold(row: dict[str, Any], who: list[Person], figure: Any) -> None:
    """Hold a figure with a plain interval to the variance in fractions."""
    if row["value"] is None:
        assert row["reason"] in {
            "no rows",
            "nobody was observed that long",
            "no events in the group",
        }
        return
    value = figure(who, None).value
    assert row["value"] == near(float(value))
    families = {of.cluster for of in who}
    expected = variance(who, figure)
    if len(families) < 2:
        assert (row["lower"], row["upper"], row["reason"]) == (None, None, "one cluster")
    elif expected == 0:
        assert (row["lower"], row["upper"]) == (None, None)
        assert row["reason"] in NONE
    else:
        error = (row["upper"] - row["lower"]) / REACH
        assert error == pytest.approx(math.sqrt(expected), rel=1e-9)
    assert row["method"] == "plain, clustered"


@given(rows=people, day=st.integers(0, 15))
@drawn
def test_survival_is_as_sure_as_fractions_say(rows: list[Any], day: int) -> None:
    table = frame(rows)
    who = followed(table)
    scale = {"event": "had", "entry": "from", "cluster": "family"}
    for measure, figure in (
        (wf.Survival(at=[day], method="plain", **scale), survival(day)),  # type: ignore[arg-type]
        (wf.Survival(mean_to=[day], **scale), mean_to(day)),  # type: ignore[arg-type]
    ):
        found = measure.run(table, level=LEVEL)
        row = found.to_polars().row(0, named=True)
        hold(row, who, figure)
        assert row["rows_used"] == len(who)
        assert row["rows_dropped"] == table.height - len(who)
        assert found.set_aside.height == row["rows_dropped"]


@given(rows=people, day=st.integers(0, 15))
@drawn
def test_cumulative_incidence_is_as_sure_as_fractions_say(rows: list[Any], day: int) -> None:
    table = frame(rows)
    measure = wf.CumulativeIncidence(at=[day], entry="from", cluster="family", method="plain")
    for row in measure.run(table, level=LEVEL).to_polars().to_dicts():
        if row["event"] is not None:
            hold(row, followed(table), incidence(row["event"], day))


def hold_contrasts(found: pl.DataFrame, sides: list[list[Person]], figures: list[Any]) -> None:
    """Hold a difference and a ratio to the influences of families on both groups, in fractions."""
    rows = {row["contrast"]: row for row in found.to_dicts()}
    assert [row["method"] for row in rows.values()] == ["plain, clustered", "log, clustered"]
    if rows["difference"]["value"] is None:
        return
    of = list(zip(sides, figures, strict=True))
    one, two = (figure(who, None).value for who, figure in of)
    moves = [influences(who, figure) for who, figure in of]
    assert rows["difference"]["value"] == near(float(one - two))
    weights = {"difference": (1, 1), "ratio": (one and 1 / one, two and 1 / two)}
    for contrast, (a, b) in weights.items():
        row = rows[contrast]
        moved = sum(
            (a * moves[0].get(of, 0) - b * moves[1].get(of, 0)) ** 2
            for of in set(moves[0]) | set(moves[1])
        )
        fixed = not moved or not all(any(of.values()) for of in moves)
        if min(map(len, moves)) < 2 or fixed or (contrast == "ratio" and not (one and two)):
            assert (row["lower"], row["upper"], row["p_value"]) == (None, None, None)
            assert row["reason"] is not None
            continue
        limits = row["lower"], row["upper"]
        if contrast == "ratio":
            limits = math.log(limits[0]), math.log(limits[1])
        error = (limits[1] - limits[0]) / REACH
        assert error == pytest.approx(math.sqrt(moved), rel=1e-9)
        z = abs(math.log(one / two) if contrast == "ratio" else float(one - two)) / error
        assert row["p_value"] == pytest.approx(math.erfc(z / math.sqrt(2)), rel=1e-8)


@given(rows=people, day=st.integers(0, 12))
@drawn
def test_groups_that_share_families_are_compared_as_fractions_say(
    rows: list[Any], day: int
) -> None:
    table = frame(rows)
    sides = [followed(table.filter(team=team)) for team in ("hub", "local")]
    if not all(sides):
        return
    scale = {"event": "had", "entry": "from", "cluster": "family"}
    for measure, figure in (
        (wf.Survival(at=[day], **scale), survival(day)),  # type: ignore[arg-type]
        (wf.Survival(mean_to=[day], **scale), mean_to(day)),  # type: ignore[arg-type]
    ):
        estimates = measure.run(table, by="team", level=LEVEL)
        compared = estimates.compare("team", "hub", "local").to_polars()
        hold_contrasts(compared, sides, [figure] * 2)


def long_enough(day: int, seen: dict[Person, int]) -> Any:
    """Give the share with care by a day of those who were seen so long."""

    def figure(who: list[Person], cluster: Any) -> Dual:
        there = [of for of in who if of.entry < 0 and seen[of] >= day]
        had = [of for of in there if of.event == "care" and of.time <= day]
        return weight(had, cluster).over(weight(there, cluster))

    return figure


@given(rows=people, day=st.integers(0, 9))
@drawn
def test_horizons_of_groups_that_share_families_are_compared_as_fractions_say(
    rows: list[Any], day: int
) -> None:
    # one observation a person, so that a person's days say how long they were seen
    table = cohort(rows).unique(["team", "family", "time", "event", "from"], maintain_order=True)
    named = table.filter(pl.col("family").is_not_null())
    spans = (named["observed_until"] - named["born"]).dt.total_days()
    seen = [
        {
            of: span
            for of, span, side in zip(followed(table), spans, named["team"], strict=True)
            if side == team
        }
        for team in ("hub", "local")
    ]
    measure = wf.FixedHorizon(
        origin="born", at=day, interest="care", entry="from", cluster="family"
    )
    if not all(any(of.entry < 0 and span >= day for of, span in each.items()) for each in seen):
        return
    compared = measure.run(table, by="team", level=LEVEL).compare("team", "hub", "local")
    for estimate, figures in (
        ("Aalen-Johansen", [incidence("care", day)] * 2),
        ("observed long enough", [long_enough(day, each) for each in seen]),
    ):
        rows_of_it = compared.to_polars().filter(pl.col("estimate") == estimate)
        sides = [list(each) for each in seen]
        if estimate == "observed long enough":
            # families without anyone seen so long are not in this base
            sides = [[of for of in each if of.entry < 0 and each[of] >= day] for each in seen]
        hold_contrasts(rows_of_it, sides, figures)


@given(rows=people, day=st.integers(0, 15))
@drawn
def test_children_alone_are_as_sure_as_without_families(rows: list[Any], day: int) -> None:
    """But where people join late, whose jackknife is not the delta method's variance."""
    table = frame(rows)
    for measure in (
        wf.Survival(event="had", at=[day]),
        wf.Survival(event="had", mean_to=[day]),
        wf.Survival(event="had", quantiles=[0.5]),
        wf.CumulativeIncidence(at=[day]),
    ):
        alone = measure.run(table).to_polars()
        person = type(measure)(**{**vars(measure), "cluster": "person"}).run(table).to_polars()
        assert alone["value"].equals(person["value"])
        if table.height > 1:
            for name in ("lower", "upper"):
                assert person[name].to_list() == [near(limit) for limit in alone[name]]


def cohort(rows: list[Any]) -> pl.DataFrame:
    """Give a cohort born on the days of another number, and seen until one day."""
    born = dt.date(2023, 1, 1)
    return (
        frame(rows)
        .with_columns(born=pl.lit(born), observed_until=pl.lit(born) + pl.duration(days="time"))
        .with_columns(
            observed_until=pl.when(pl.col("had"))
            .then(pl.col("observed_until") + pl.duration(days=pl.int_range(pl.len()) % 9))
            .otherwise("observed_until")
        )
    )


@given(rows=people, day=st.integers(0, 15))
@drawn
def test_a_fixed_horizon_allows_for_families_in_both_of_its_shares(
    rows: list[Any], day: int
) -> None:
    table = cohort(rows)
    measure = wf.FixedHorizon(
        origin="born", at=day, interest="care", entry="from", cluster="family", band="plain"
    )
    estimates = measure.run(table, level=LEVEL)
    found = by_key(estimates, "estimate")
    hold(found["Aalen-Johansen"], followed(table), incidence("care", day))
    families: dict[Any, list[bool]] = defaultdict(list)
    for row in table.to_dicts():
        seen = (row["observed_until"] - row["born"]).days
        if row["family"] is not None and seen >= day and not row["from"]:
            families[row["family"]].append(row["event"] == "care" and row["time"] <= day)
    counts = [(sum(had), len(had)) for had in families.values()]
    share = by_key(measure.run(table), "estimate")["observed long enough"]
    assert (share["numerator"], share["denominator"]) == tuple(
        sum(of) for of in (zip(*counts, strict=True) if counts else ((), ()))
    )
    assert share["method"] == "wilson-clustered"
    if counts:
        lower, upper = clustered_by_hand(counts)
        assert (share["lower"], share["upper"]) == (near(lower), near(upper))
    assert found["not yet observable"]["numerator"] + share["denominator"] <= share["rows_used"]


def rows_of(table: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def columns_of(row: dict[str, str]) -> dict[str, Any]:
    """Give the columns of a reference row as `wf.stats` takes them."""
    columns = {
        name: [int(word) for word in row[name].split()]
        for name in ("time", "event", "cluster", "entry")
        if row[name]
    }
    if "entry" in columns:
        columns["entry"] = [day if day >= 0 else None for day in columns["entry"]]
    return columns


def test_plain_numbers_are_as_sure_as_r_says() -> None:
    for row in rows_of("clustered_interval"):
        columns, scale = columns_of(row), {"at": int(row["day"]), "method": row["band"]}
        scale["level"] = float(row["level"])
        if row["cause"] == "0":
            columns["event"] = [min(event, 1) for event in columns["event"]]
            got = wf.stats.kaplan_meier(**columns, **scale)  # type: ignore[arg-type]
        else:
            got = wf.stats.cumulative_incidence(**columns, cause=1, **scale)  # type: ignore[arg-type]
        expected = [near(float(row[name])) for name in ("value", "lower", "upper")]
        assert list(got.select("value", "lower", "upper").row(0)) == expected
    for row in rows_of("clustered_mean"):
        columns = columns_of(row)
        columns["event"] = [min(event, 1) for event in columns["event"]]
        mean = wf.stats.restricted_mean(**columns, until=int(row["until"]))
        assert mean.value == near(float(row["value"]))
        assert mean.standard_error == near(math.sqrt(float(row["variance"])))


def test_quantiles_of_the_measure_are_those_of_r() -> None:
    for row in rows_of("clustered_quantile"):
        columns = columns_of(row)
        columns["event"] = [event > 0 for event in columns["event"]]
        measure = wf.Survival(
            quantiles=[float(row["share"])],
            method=row["band"],  # type: ignore[arg-type]
            entry="entry" if "entry" in columns else None,
            cluster="cluster",
        )
        got = measure.run(pl.DataFrame(columns), level=float(row["level"])).to_polars()
        expected = [float(row[name]) if row[name] else None for name in ("value", "lower", "upper")]
        assert list(got.select("value", "lower", "upper").row(0)) == expected


def test_placements_of_a_child_in_a_real_return() -> None:
    """Of every placement of the third-party extract, how long it lasted, the child being the cluster."""
    date = pl.col("DECOM", "DEC").str.to_date("%d/%m/%Y")
    episodes = pl.read_csv(SSDA903 / "episodes.csv").with_columns(date)
    last = episodes.select(pl.max_horizontal(pl.col("DECOM", "DEC").max())).item()
    table = episodes.with_columns(
        time=(pl.col("DEC").fill_null(last) - pl.col("DECOM")).dt.total_days(),
        event=pl.col("REC").fill_null("censored"),
    ).filter(pl.col("time") >= 0)
    time, event = table["time"].to_numpy(), table["event"].to_numpy()
    _, child = np.unique(table["CHILD"].to_numpy(), return_inverse=True)
    days = [30, 365]
    measure = wf.CumulativeIncidence(at=days, cluster="CHILD", method="plain")
    found = measure.run(table, level=LEVEL).to_polars()
    assert found["rows_used"].unique().to_list() == [table.height]
    assert len(set(event) - {"censored"}) > 3
    any_event = event != "censored"
    for row in found.to_dicts():
        of_cause = event == row["event"]
        left, had = 1.0, 0.0
        on_left, on_had = np.zeros(table.height), np.zeros(table.height)
        for day in np.unique(time[any_event & (time <= row["time"])]):
            at_risk, now = time >= day, time == day
            n = at_risk.sum()
            h, rate = (now & of_cause).sum() / n, (now & any_event).sum() / n
            on_had += on_left * h + left * ((now & of_cause) - at_risk * h) / n
            on_left = on_left * (1 - rate) - left * ((now & any_event) - at_risk * rate) / n
            had += left * h
            left *= 1 - rate
        error = math.sqrt((np.bincount(child, on_had) ** 2).sum())
        assert row["value"] == pytest.approx(had, rel=1e-11)
        reach = error * REACH / 2
        assert row["lower"] == pytest.approx(max(had - reach, 0), rel=1e-9, abs=1e-12)
        assert row["upper"] == pytest.approx(had + reach, rel=1e-9)
