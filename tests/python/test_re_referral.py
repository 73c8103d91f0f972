"""Who was referred again: counts and intervals by family, against fractions by hand."""

# ruff: noqa: DTZ007  (a day has no zone)

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import wholefamily as wf
from by_hand import by_key, clustered_by_hand, near

drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)
SSDA903 = Path(__file__).parents[2] / "examples" / "ssda903" / "data"


referrals = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3, 4, 5]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, True, False]),
    ),
    max_size=30,
)


@given(rows=referrals, clustered=st.booleans())
@drawn
def test_re_referrals_are_the_counts_by_hand(rows: list[Any], *, clustered: bool) -> None:
    kinds = {"family_id": pl.Int64, "repeat": pl.Boolean, "first_ever": pl.Boolean}
    table = pl.DataFrame(rows, schema=kinds, orient="row")
    got = by_key(wf.ReReferral(cluster="family_id" if clustered else None).run(table), "referrals")
    usable = [
        (family, repeat, first)
        for family, repeat, first in rows
        if None not in (repeat, first)
        and not (repeat and first)
        and (family is not None or not clustered)
    ]
    figures = {
        "all": [(family, repeat) for family, repeat, _ in usable],
        "with an earlier one": [(family, repeat) for family, repeat, first in usable if not first],
        "first ever": [(family, first) for family, _, first in usable],
    }
    assert list(got) == list(figures)
    for name, members in figures.items():
        row, x, n = got[name], sum(has for _, has in members), len(members)
        assert (row["numerator"], row["denominator"]) == (x, n)
        assert row["rows_used"] + row["rows_dropped"] == len(rows)
        assert row["value"] == near(x / n if n else None)
        if n and clustered:
            counts: dict[Any, list[bool]] = defaultdict(list)
            for family, has in members:
                counts[family].append(has)
            limits = clustered_by_hand([(sum(has), len(has)) for has in counts.values()])
            assert (row["lower"], row["upper"]) == (near(limits[0]), near(limits[1]))
            assert row["reason"] == ("one cluster" if len(counts) == 1 else None)
            assert row["method"] == "wilson-clustered"
        elif n:
            want = oracle.wilson(x, n, 0.95)
            assert (row["lower"], row["upper"]) == (near(want[0]), near(want[1]))


def test_a_family_that_comes_often_widens_the_interval() -> None:
    table = pl.DataFrame(
        {
            "family_id": ["a <script>", "a <script>", "a <script>", "b,c", "d", "e", "f", "g"],
            "repeat": [False, True, True, False, False, False, True, False],
            "first_ever": [True, False, False, True, True, True, False, True],
        }
    )
    apart = by_key(wf.ReReferral().run(table), "referrals")["all"]
    together = by_key(wf.ReReferral(cluster="family_id").run(table), "referrals")["all"]
    assert apart["value"] == together["value"] == 3 / 8
    assert together["upper"] - together["lower"] > apart["upper"] - apart["lower"]


def test_what_contradicts_itself_or_names_no_family_is_listed() -> None:
    table = pl.DataFrame(
        {
            "family_id": [1, None, 2],
            "repeat": [True, False, False],
            "first_ever": [True, False, True],
        }
    )
    got = wf.ReReferral(cluster="family_id").run(table)
    assert sorted(got.set_aside["row"].to_list()) == [0, 1]
    assert got.to_polars()["rows_dropped"].to_list() == [2, 3, 2]
    with pytest.raises(wf.SpecError, match="jeffreys"):
        wf.ReReferral(cluster="family_id", method="jeffreys").run(table)
    with pytest.raises(wf.TypeError_, match=r"wf\.repeats"):
        wf.ReReferral().run(table.with_columns(pl.col("repeat").cast(pl.Int8)))


def test_repeats_of_the_third_party_extract() -> None:
    """Episodes of one child as if each were a referral: counted one by one."""
    rows = pl.read_csv(SSDA903 / "episodes.csv", infer_schema=False).to_dicts()
    days = [(row["CHILD"], dt.datetime.strptime(row["DECOM"], "%d/%m/%Y").date()) for row in rows]
    table = pl.DataFrame(days, schema={"child": pl.String, "received": pl.Date}, orient="row")
    marked = wf.repeats(table, person="child", date="received")
    got = by_key(wf.ReReferral(cluster="child").run(marked), "referrals")
    repeats = firsts = 0
    for child, day in days:
        before = [other for name, other in days if name == child and other < day]
        firsts += not before
        repeats += bool(before) and (day - max(before)).days <= 365
    assert (got["all"]["numerator"], got["all"]["denominator"]) == (repeats, len(days))
    assert got["with an earlier one"]["denominator"] == len(days) - firsts
    assert got["first ever"]["numerator"] == firsts


def test_groups_compare_where_referrals_stand_for_themselves_and_only_there() -> None:
    table = pl.DataFrame(
        {
            "family_id": [1, 1, 2, 3, 4, 4],
            "repeat": [False, True, False, False, False, True],
            "first_ever": [True, False, True, True, True, False],
            "hub": ["a", "a", "a", "b", "b", "b"],
        }
    )
    alone = wf.ReReferral().run(table, by="hub")
    difference = alone.compare("hub", "a", "b").to_polars().filter(contrast="difference")
    assert difference["value"].to_list() == [0.0, 0.0, 0.0]
    with pytest.raises(wf.SpecError, match="hold the same referrals"):
        alone.compare("referrals", "all", "first ever")
    with pytest.raises(wf.SpecError, match="run without `cluster`"):
        wf.ReReferral(cluster="family_id").run(table, by="hub").compare("hub", "a", "b")
