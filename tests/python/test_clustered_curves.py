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
from naive_curves import Person, incidence, influences, mean_to, survival, variance

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


@given(rows=people, day=st.integers(0, 12))
@drawn
def test_groups_that_share_families_are_compared_as_fractions_say(
    rows: list[Any], day: int
) -> None:
    table = frame(rows)
    sides = [followed(table.filter(team=team)) for team in ("hub", "local")]
    if not all(sides):
        return
    measure = wf.Survival(event="had", at=[day], entry="from", cluster="family")
    estimates = measure.run(table, by="team", level=LEVEL)
    found = by_key(estimates.compare("team", "hub", "local"), "contrast")
    if found["difference"]["value"] is None:
        return
    figure = survival(day)
    one, two = (figure(who, None).value for who in sides)
    moves = [influences(who, figure) for who in sides]
    assert found["difference"]["value"] == near(float(one - two))
    assert found["difference"]["method"] == "plain, clustered"
    assert found["ratio"]["method"] == "log, clustered"
    weights = {"difference": (1, 1), "ratio": (one and 1 / one, two and 1 / two)}
    for contrast, (a, b) in weights.items():
        row = found[contrast]
        moved = sum(
            (a * moves[0].get(of, 0) - b * moves[1].get(of, 0)) ** 2
            for of in set(moves[0]) | set(moves[1])
        )
        if min(map(len, moves)) < 2:
            assert row["lower"] is None
        elif not moved or not all(any(of.values()) for of in moves):
            assert (row["lower"], row["p_value"]) == (None, None)
        elif contrast == "ratio" and not (one and two):
            assert row["lower"] is None
        else:
            limits = row["lower"], row["upper"]
            if contrast == "ratio":
                limits = math.log(limits[0]), math.log(limits[1])
            assert (limits[1] - limits[0]) / REACH == pytest.approx(math.sqrt(moved), rel=1e-9)


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


SIBLINGS = pl.DataFrame(
    {
        "team": ["hub", "hub", "local", "local", "hub", "local"],
        "time": [30, 30, 60, 90, 90, 90],
        "event": ["care", "care", "moved", None, "care", None],
        "family": ["Fox", "Fox", "<script>", "a,b", "Roe", "Roe"],
    }
).with_columns(had=pl.col("event").is_not_null())


def test_a_row_that_names_no_family_is_set_aside_and_listed() -> None:
    table = SIBLINGS.with_columns(family=pl.col("family").replace("a,b", None))
    found = wf.Survival(event="had", at=[60], cluster="family").run(table)
    assert found.to_polars().select("rows_used", "rows_dropped").row(0) == (5, 1)
    assert found.set_aside.select("row", "column", "problem").rows() == [
        (3, "family", "no cluster is named: row set aside")
    ]
    nobody = table.with_columns(family=pl.lit(None, dtype=pl.String))
    for measure in (
        wf.Survival(event="had", at=[60], cluster="family"),
        wf.CumulativeIncidence(at=[60], cluster="family"),
    ):
        row = measure.run(nobody).to_polars().row(0, named=True)
        assert (row["value"], row["reason"], row["rows_dropped"]) == (None, "no rows", 6)


def test_edges_say_why() -> None:
    one = SIBLINGS.with_columns(family=pl.lit(1))
    for measure in (
        wf.Survival(event="had", at=[60], cluster="family"),
        wf.Survival(event="had", quantiles=[0.25], cluster="family"),
        wf.Survival(event="had", mean_to=[60], cluster="family"),
        wf.CumulativeIncidence(at=[60], cluster="family"),
    ):
        with_one = measure.run(one).to_polars()
        assert with_one["reason"].unique().to_list() == ["one cluster"]
        assert with_one["lower"].null_count() == with_one["upper"].null_count() == with_one.height
        assert with_one["value"].null_count() == 0
        assert measure.run(one.clear()).to_polars()["reason"].to_list() == ["no rows"]
    nothing = SIBLINGS.with_columns(had=pl.lit(value=False))
    row = wf.Survival(event="had", at=[60], cluster="family").run(nothing).to_polars()
    assert row.select("value", "lower", "reason").row(0) == (
        1.0,
        None,
        "no variation to base an interval on",
    )
    everyone = SIBLINGS.with_columns(had=pl.lit(value=True))
    row = wf.Survival(event="had", at=[90], cluster="family").run(everyone).to_polars()
    assert row.select("value", "lower", "reason").row(0) == (
        0.0,
        None,
        "no variation to base an interval on",
    )
    alone = wf.stats.kaplan_meier([30, 60], [1, 1], cluster=[7, 7], at=[30], reasons=True)
    assert alone.select("value", "lower", "standard_error", "reason").rows() == [
        (0.5, None, None, "one cluster")
    ]
    mean = wf.stats.restricted_mean([30, 60], [1, 1], 60, cluster=["a", "a"])
    assert (mean.value, mean.lower, mean.reason) == (45.0, None, "one cluster")


def test_one_family_in_a_group_is_no_comparison_and_says_why() -> None:
    table = SIBLINGS.filter(pl.col("family") != "Roe")
    found = wf.Survival(event="had", at=[29, 60], cluster="family").run(table, by="team")
    compared = found.compare("team", "hub", "local").to_polars()
    assert compared["value"].to_list() == [0.0, 1.0, -0.5, 0.0]
    assert compared["reason"].to_list() == [*["one cluster"] * 3, "no events in the group"]
    assert compared["p_value"].null_count() == compared["lower"].null_count() == compared.height


def test_parts_merge_to_the_same_bytes_in_any_order() -> None:
    random = np.random.default_rng(11)
    table = pl.DataFrame(
        {
            "team": random.choice(["hub", "local"], 3_000),
            "time": random.integers(0, 400, 3_000),
            "event": random.choice(["care", "adopted", "censored"], 3_000).tolist(),
            "family": random.integers(0, 900, 3_000),
        }
    ).with_columns(family=pl.format("family number {}", "family"))
    measure = wf.CumulativeIncidence(cluster="family")
    whole = measure.run(table, by="team")
    parts = [measure.partial(table[place::3], by="team") for place in range(3)]
    merged = parts[2].merge(parts[0]).merge(parts[1])
    travelled = wf.Partial.from_arrow(merged.to_arrow()).finish()
    shuffled = measure.run(table.sample(fraction=1.0, shuffle=True, seed=3), by="team")
    for other in (merged.finish(), travelled, shuffled):
        assert other.to_polars().equals(whole.to_polars())
        assert other.fingerprint == whole.fingerprint
    plain = wf.CumulativeIncidence().run(table, by="team")
    assert plain.to_polars()["value"].equals(whole.to_polars()["value"])
    at = wf.CumulativeIncidence(cluster="family", at=[100])
    compared = [
        found.compare("team", "hub", "local").to_polars()
        for found in (at.run(table, by="team"), at.run(table[::-1], by="team"))
    ]
    assert compared[0].equals(compared[1])


def test_families_with_names_of_two_types_are_refused() -> None:
    numbers = SIBLINGS.with_columns(family=pl.col("family").rank("dense").cast(pl.Int64))
    measure = wf.Survival(event="had", at=[60], cluster="family")
    merged = measure.partial(SIBLINGS).merge(measure.partial(numbers))
    with pytest.raises(wf.StateError, match="clusters are named by numbers"):
        merged.finish()
    hub, local = SIBLINGS.filter(team="hub"), numbers.filter(team="local")
    parts = measure.partial(hub, by="team").merge(measure.partial(local, by="team"))
    with pytest.raises(wf.StateError, match="clusters are named by numbers"):
        parts.finish().compare("team", "hub", "local")


@pytest.mark.parametrize(
    ("ask", "kind", "message"),
    [
        (
            lambda: (
                wf.Survival(event="had", cluster="family").run(SIBLINGS, by="team").test("team")
            ),
            wf.SpecError,
            "nothing to do with each other.*`compare`",
        ),
        (
            lambda: wf.CumulativeIncidence(cluster="family").run(SIBLINGS, by="team").test("team"),
            wf.SpecError,
            "leave `cluster` out",
        ),
        (
            lambda: wf.CumulativeIncidence(cluster="family", variance="cmprsk").run(SIBLINGS),
            wf.SpecError,
            "between clusters",
        ),
        (
            lambda: wf.FixedHorizon(origin="born", cluster="family", method="wald").run(SIBLINGS),
            wf.SpecError,
            "method 'wald' has no such form",
        ),
        (
            lambda: wf.Survival(event="had", cluster="famly").run(SIBLINGS),
            wf.ColumnError,
            "did you mean 'family'",
        ),
        (lambda: wf.Survival(event="had", cluster="had").run(SIBLINGS), wf.TypeError_, "cluster"),
        (
            lambda: (
                wf.Survival(event="had", at=[60], cluster="family")
                .run(SIBLINGS, by="team")
                .compare("team", "hub", "local", method="newcombe")
            ),
            wf.SpecError,
            "plain, log",
        ),
        (
            lambda: wf.stats.cumulative_incidence(
                [1, 2], [1, 1], 1, cluster=[1, 2], variance="cmprsk"
            ),
            wf.SpecError,
            "between clusters",
        ),
        (lambda: wf.stats.kaplan_meier([1, 2], [1, 1], cluster=[1, None]), wf.DataError, "null"),
    ],
)
def test_what_cannot_be_asked_says_why(ask: Any, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        ask()
