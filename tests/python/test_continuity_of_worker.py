"""Whether families see the same worker: each family by hand."""

# ruff: noqa: DTZ001  (times without a zone are among what is tested)

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as sp

import wholefamily as wf
from by_hand import by_key, near

drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)

contacts = st.lists(
    st.tuples(st.sampled_from([None, *range(6)]), st.sampled_from([None, "A", "B", "C", "D"])),
    max_size=40,
)


@given(contacts, st.integers(1, 4))
@drawn
def test_continuity_is_that_of_each_family_by_hand(rows: list[Any], least: int) -> None:
    table = pl.DataFrame(rows, schema={"family_id": pl.Int64, "worker_id": pl.String}, orient="row")
    got = by_key(wf.ContinuityOfWorker(least=least).run(table), "figure")
    seen: dict[int, Counter[str]] = defaultdict(Counter)
    for family, worker in rows:
        if family is not None and worker is not None:
            seen[family][worker] += 1
    families = [counts for counts in seen.values() if counts.total() >= least]
    usual = [max(counts.values()) / counts.total() for counts in families]
    workers = [float(len(counts)) for counts in families]
    for name, values in {"usual worker": usual, "workers per family": workers}.items():
        row, n = got[name], len(values)
        mean = sum(values) / n if n else None
        assert (row["value"], row["denominator"]) == (near(mean), n)
        spread = sum((value - (mean or 0)) ** 2 for value in values)
        if n > 1 and spread > 1e-20:
            reach = float(sp.t.ppf(0.975, n - 1)) * math.sqrt(spread / (n - 1) / n)
            low, high = (0.0, 1.0) if name == "usual worker" else (1.0, math.inf)
            assert row["lower"] == near(max(low, mean - reach))
            assert row["upper"] == near(min(high, mean + reach))
        else:
            assert row["lower"] is None
    one = got["one worker only"]
    assert (one["numerator"], one["denominator"]) == (workers.count(1), len(workers))
    used = sum(counts.total() for counts in families)
    assert (one["rows_used"], one["rows_dropped"]) == (used, len(rows) - used)


def test_a_family_in_two_periods_is_two() -> None:
    table = pl.DataFrame(
        {
            "family_id": [1, 1, 1, 1],
            "worker_id": ["A", "A", "B", "B"],
            "at": [dt.datetime(2023, month, 5, 10) for month in (1, 2, 7, 8)],
        }
    )
    half = wf.ContinuityOfWorker().run(table).to_polars()["value"][0]
    assert half == 0.5
    years = wf.ContinuityOfWorker().run(table, every="quarter")
    assert years.to_polars().filter(figure="usual worker")["value"].to_list() == [1.0, 1.0]
    with pytest.raises(wf.SpecError, match="least"):
        wf.ContinuityOfWorker(least=0).run(table)


def test_parts_of_the_contacts_merge_to_the_whole() -> None:
    table = pl.DataFrame(
        {
            "family_id": [row * 7 % 90 for row in range(5_000)],
            "worker_id": [f"w{row * row % 37}" for row in range(5_000)],
        }
    )
    whole = wf.ContinuityOfWorker().run(table).to_polars()
    first, second = (
        wf.ContinuityOfWorker().partial(part) for part in (table[:1_234], table[1_234:])
    )
    assert second.merge(first).finish().to_polars().equals(whole)
