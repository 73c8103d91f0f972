"""The reference tables once more, through Python: counts written out as rows of people.

`tests/reference/main.rs` replays every row on bare numbers; here the small ones also go through Arrow,
grouping and comparison. What is too large to write out as rows is left to the crate's own test.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

import wholefamily as wf

if TYPE_CHECKING:
    from collections.abc import Iterator

REFERENCE = Path(__file__).parents[1] / "reference"
MOST_ROWS = 5_000
"""Counts up to this are written out as rows of people."""
FEWEST_CASES = 20
"""So many cases of each method must be left."""

NEAR = {"rel": 1e-12, "abs": 4e-16}
FISHER = {"rel": 1e-10, "abs": 0.0}


def table(name: str) -> pl.DataFrame:
    """Read a reference table, each case with a number."""
    frame = pl.read_csv(REFERENCE / f"{name}.csv", infer_schema_length=None)
    assert frame.height > FEWEST_CASES
    return frame.with_row_index("case").with_columns(pl.col("case").cast(pl.Int64))


def enough(cases: pl.DataFrame) -> pl.DataFrame:
    """Make sure that enough cases are replayed."""
    assert cases.height >= FEWEST_CASES
    return cases


def by_level(cases: pl.DataFrame) -> Iterator[tuple[float, pl.DataFrame]]:
    """Give the cases of each level, since a run has one."""
    assert cases.height >= FEWEST_CASES
    for (level,), some in cases.partition_by("level", as_dict=True).items():
        yield float(level), some  # type: ignore[arg-type]


def written_out(groups: pl.DataFrame) -> pl.DataFrame:
    """Write `x` of `n` as rows with `outcome`; an empty group is a row whose outcome is null."""
    pieces = []
    for count, outcome in (
        (groups["x"], True),
        (groups["n"] - groups["x"], False),
        ((groups["n"] == 0).cast(pl.Int64), None),
    ):
        rows = np.repeat(np.arange(groups.height), count.to_numpy())
        flag = pl.lit(outcome, dtype=pl.Boolean).alias("outcome")
        pieces.append(groups.drop("x", "n")[rows].with_columns(flag))
    return pl.concat(pieces)


def two_groups(cases: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Write both groups of each case as rows, with `side`."""
    side = [
        cases.select(*keys, x=f"x{place}", n=f"n{place}", side=pl.lit(f"group {place}"))
        for place in (1, 2)
    ]
    return written_out(pl.concat(side))


def hold(
    got: pl.DataFrame,
    cases: pl.DataFrame,
    names: dict[str, str] | None = None,
    near: dict[str, float] = NEAR,
) -> None:
    """Hold figures to those expected, case by case; an empty figure is undefined."""
    figures = names or {"value": "value", "lower": "lower", "upper": "upper"}
    found = {row["case"]: row for row in got.iter_rows(named=True)}
    assert set(found) == set(cases["case"])
    for want in cases.iter_rows(named=True):
        row = found[want["case"]]
        for name, expected in figures.items():
            number = want[expected]
            close: Any = None if number is None else pytest.approx(number, **near)
            assert row[name] == close, (name, row, want)
        undefined = row["value"] is None or row["lower"] is None
        assert (row["reason"] is not None) == undefined


# ── Shares ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "method", ["wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald"]
)
def test_proportions(method: Any) -> None:
    large = pl.col("population").is_null()
    cases = table("proportion").filter(pl.col("method") == method, large, pl.col("n") <= MOST_ROWS)
    measure = wf.Share(outcome="outcome", method=method)
    for level, some in by_level(cases):
        rows = written_out(some.select("case", "x", "n"))
        got = measure.run(rows, by="case", level=level).to_polars()
        hold(got, some)
        assert set(got["method"]) == {method}


@pytest.mark.parametrize(
    ("name", "method"), [("difference", "newcombe"), ("ratio", "katz"), ("odds_ratio", "woolf")]
)
def test_contrasts(name: str, method: str) -> None:
    small = pl.max_horizontal("n1", "n2") <= MOST_ROWS
    cases = table(name).filter(pl.col("method") == method, small)
    for level, some in by_level(cases):
        rows = two_groups(some, "case")
        shares = wf.Share(outcome="outcome").run(rows, by=["case", "side"], level=level)
        got = shares.compare("side", "group 1", "group 2", method=method).to_polars()
        assert set(got["contrast"]) == {name}
        hold(got, some)


def test_fisher() -> None:
    fisher = (pl.col("method") == "fisher", pl.col("alternative") == "two-sided")
    small = pl.max_horizontal("n1", "n2") <= MOST_ROWS
    cases = enough(table("exact_test").filter(*fisher, small))
    shares = wf.Share(outcome="outcome").run(two_groups(cases, "case"), by=["case", "side"])
    got = shares.compare("side", "group 1", "group 2", method="newcombe").to_polars()
    hold(got, cases, {"p_value": "p_value"}, FISHER)


@pytest.mark.parametrize("estimand", ["difference", "ratio", "odds_ratio"])
def test_mantel_haenszel(estimand: str) -> None:
    counts = ["x1", "n1", "x2", "n2"]
    cases = table("mantel_haenszel").filter(pl.col("estimand") == estimand, ~pl.col("correct"))
    whole = pl.col(counts).str.split(" ").list.eval(pl.element().cast(pl.Int64))
    cases = cases.with_columns(whole)
    cases = cases.filter(pl.sum_horizontal(pl.col("n1", "n2").list.sum()) <= MOST_ROWS)
    figures = {name: name for name in ("value", "lower", "upper", "p_value")}
    for level, some in by_level(cases):
        strata = some.with_columns(stratum=pl.int_ranges(pl.col("n1").list.len()))
        rows = two_groups(strata.explode(*counts, "stratum"), "case", "stratum")
        shares = wf.Share(outcome="outcome").run(rows, by=["case", "stratum", "side"], level=level)
        got = shares.compare("side", "group 1", "group 2", within="stratum").to_polars()
        hold(got.filter(pl.col("contrast") == estimand), some, figures)


# ── Children in care ──────────────────────────────────────────────────────────────────

BEFORE, BETWEEN, AFTER = dt.date(2016, 2, 29), dt.date(2018, 3, 1), dt.date(2020, 2, 29)


def children(cases: pl.DataFrame, count: str, start: dt.date, end: dt.date | None) -> pl.DataFrame:
    """Write out so many children of each case, with one episode each."""
    rows = np.repeat(np.arange(cases.height), cases[count].to_numpy())
    return cases.select("case")[rows].with_columns(
        child_id=pl.lit(f"{count} ") + pl.int_range(pl.len()).over("case").cast(pl.String),
        start=pl.lit(start),
        end=pl.lit(end, dtype=pl.Date),
    )


def test_change_of_a_stock_of_the_same_children() -> None:
    size = pl.sum_horizontal("both", "before_only", "after_only")
    cases = table("overlap_change").filter(size <= MOST_ROWS)
    measure = wf.LookedAfterChange(before=BEFORE, after=AFTER)
    for level, some in by_level(cases):
        kinds = [
            children(some, "both", BEFORE, None),
            children(some, "before_only", BEFORE, BETWEEN),
            children(some, "after_only", AFTER, None),
        ]
        got = measure.run(pl.concat(kinds), by="case", level=level).to_polars()
        hold(got, some)


@pytest.mark.parametrize("method", ["phe", "exact", "byar"])
def test_rates(method: str) -> None:
    """The engine's rule is PHE's: exact below 10 children, Byar's method from 10."""
    ruled = {"phe": pl.lit(value=True), "exact": pl.col("x") < 10, "byar": pl.col("x") >= 10}
    cases = table("rate").filter(
        pl.col("method") == method, ruled[method], pl.col("x") <= MOST_ROWS
    )
    enough(cases)
    for (level, per), some in cases.partition_by("level", "per", as_dict=True).items():
        population = some.select("case", population="exposure", date=pl.lit(BEFORE))
        rate: Any = wf.LookedAfter(at=[BEFORE], population=population, per=per)  # type: ignore[arg-type]
        left = some.select("case", left=1)  # one who is no longer in care, so that 0 has its group
        left = children(left, "left", BEFORE - dt.timedelta(days=9), BEFORE)
        rows = pl.concat([left, children(some, "x", BEFORE, None)])
        got = rate.run(rows, by="case", level=level).to_polars()
        hold(got, some)
