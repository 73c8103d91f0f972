"""Curves of brothers and sisters: what is refused, what is set aside, and what says nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

import wholefamily as wf

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
