"""`wf.stats`: what cannot be is refused, and the message names it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import wholefamily as wf
from wholefamily import _bridge


@pytest.mark.parametrize(
    ("x", "n", "message"),
    [
        (30, 25, "x is 30, but n is 25; x counts some of n"),
        ([3, 30], 25, "x is 30 at row 1, but n is 25 there"),
        ([3, -3], 25, "x is -3 at row 1; expected a whole number of 0 or more"),
        (-3, 25, "x is -3; expected a whole number of 0 or more"),
        ([3, 2.5], 25, "x is 2.5 at row 1; expected a whole number .* the counts that it was made"),
        (2.5, 25, "x is 2.5; expected a whole number"),
        ([1, float("nan")], 25, "x is NaN at row 1; .* write null"),
        (float("nan"), 25, "x is nan; .* write null"),
        (3, [25, float("inf")], "n is inf at row 1"),
        (3, float("inf"), "n is inf;"),
        (10**30, 10**30, r"x is 1e\+30; expected a whole number"),
    ],
)
def test_impossible_counts_are_named(x: Any, n: Any, message: str) -> None:
    with pytest.raises(wf.DataError, match=f"^proportion: {message}"):
        wf.stats.proportion(x, n)


def test_the_first_impossible_row_is_named_however_far_down() -> None:
    x = np.ones(200_000, dtype=np.int64)
    x[[150_000, 199_999]] = [7, -1]
    with pytest.raises(wf.DataError, match="x is 7 at row 150000, but n is 5 there"):
        wf.stats.proportion(x, 5)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ("3", "x is '3'; expected a number"),
        (True, "x is True; expected a number"),
        (["3"], "x is '3' at row 0; expected a number"),
        ([3, "4"], "x is '4' at row 1; expected a number"),
        ([True, 2], "x is True at row 0; expected a number"),
        ([[1, 2]], r"x is \[1, 2\] at row 0; expected a number"),
        (np.ones((2, 2)), "x has 2 dimensions"),
        (pl.Series(["3"]), "x holds String; expected numbers"),
        (pl.Series([True]), "x holds Boolean; expected numbers"),
        (pl.DataFrame({"x": [1]}), r"x is a table \(polars DataFrame\); pass one column"),
        (pa.table({"x": [1]}), "x is a table"),
        (pd.DataFrame({"x": [1]}), "x is a table"),
        ({1: 2}, "x is a dict; expected a number, or a sequence"),
        (object(), "x is a object"),
    ],
)
def test_what_is_no_number_is_named(x: Any, message: str) -> None:
    with pytest.raises(wf.TypeError_, match=f"^proportion: {message}"):
        wf.stats.proportion(x, 5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "wilsn"}, "unknown method 'wilsn'; did you mean 'wilson'"),
        ({"level": 95}, "level 95 is not a confidence level: .* for 95% write 0.95"),
        ({"level": 0}, "level 0 is not"),
        ({"level": float("nan")}, "level NaN is not"),
    ],
)
def test_options_that_cannot_be_are_named(options: Any, message: str) -> None:
    with pytest.raises(wf.SpecError, match=f"^proportion: {message}"):
        wf.stats.proportion(3, 5, **options)


def test_an_option_of_the_wrong_kind_is_named() -> None:
    with pytest.raises(wf.TypeError_, match="method is 3; expected one of the words wilson"):
        wf.stats.proportion(3, 5, method=3)  # type: ignore[call-overload]
    with pytest.raises(wf.SpecError, match=r"per is 0.*expected a finite number above 0"):
        wf.stats.rate(3, 5, per=0)
    with pytest.raises(wf.SpecError, match=r"prior is -1.*expected a finite number above 0"):
        wf.stats.posterior_share(3, 5, prior=(-1, 1))


def test_where_all_rows_make_one_answer_a_null_is_refused() -> None:
    with pytest.raises(wf.DataError, match=r"mantel_haenszel: x2 is null at row 1; .* take rows"):
        wf.stats.mantel_haenszel([1, 2], [5, 5], [1, None], [5, 5])
    with pytest.raises(wf.DataError, match="paired_t: after is null at row 0"):
        wf.stats.paired_t([1, 2], [None, 3])


def test_conventions_take_only_what_is_theirs() -> None:
    rate = [41, 30, 26, 17, 11]
    with pytest.raises(wf.SpecError, match="'scotpho' takes overall only"):
        wf.stats.slope_index(rate, [1] * 5, convention="scotpho", se=[1] * 5)
    with pytest.raises(wf.SpecError, match="overall is of the convention 'scotpho'"):
        wf.stats.slope_index(rate, [1] * 5, overall=25)
    with pytest.raises(wf.SpecError, match="either se, or both lower and upper"):
        wf.stats.slope_index(rate, [1] * 5, lower=[1] * 5)


def test_the_engine_refuses_what_the_package_never_sends() -> None:
    with pytest.raises(wf.SpecError, match="unknown statistic 'proportions'; did you mean"):
        _bridge.statistic("proportions", None, {})
    with pytest.raises(wf.SpecError, match="unknown argument 'm'; known are: x, n"):
        _bridge.statistic("proportion", None, {"x": 1, "n": 2, "m": 3})
    with pytest.raises(wf.SpecError, match="unknown argument 'm'"):
        _bridge.statistic("proportion", pl.DataFrame({"x": [1], "m": [2]}), {"n": 2})
    with pytest.raises(wf.ColumnError, match="no column 'n'"):
        _bridge.statistic("proportion", pl.DataFrame({"x": [1]}), {})
    with pytest.raises(wf.TypeError_, match="x holds text; expected whole numbers"):
        _bridge.statistic("proportion", pl.DataFrame({"x": ["a"]}), {"n": 2})
