"""What the tests share: a referrals table that can be counted by hand, and results made by hand."""

from __future__ import annotations

import datetime as dt
import json
import warnings
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pytest

from wholefamily import _bridge
from wholefamily.result import Estimates

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

RESULT_SCHEMA = {
    "measure": pa.string(),
    "value": pa.float64(),
    "lower": pa.float64(),
    "upper": pa.float64(),
    "level": pa.float64(),
    "unit": pa.string(),
    "numerator": pa.int64(),
    "denominator": pa.float64(),
    "method": pa.string(),
    "reason": pa.string(),
    "rows_used": pa.int64(),
    "rows_dropped": pa.int64(),
}


def pytest_configure() -> None:
    """Load the engine once, so that a debug build gives its warning here and not in a test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        _bridge.engine_version()


@pytest.fixture
def referrals() -> pl.DataFrame:
    """Eight referrals: hubs answered 3 of 4 in Hamilton, 1 of 3 in Lanark, 1 of 1 in null."""
    return pl.DataFrame(
        {
            "team": ["hub", "hub", "hub", "local", "hub", "local", "third", "hub"],
            "locality": ["Hamilton"] * 4 + ["Lanark"] * 3 + [None],
            "received": [dt.date(2023, month, 15) for month in (1, 2, 4, 5, 1, 2, 4, 5)],
            "urgent": [True, False, None, True, False, False, True, True],
        }
    )


@pytest.fixture
def make_estimates() -> Callable[..., Estimates]:
    """Make estimates without the engine, from rows of values, lower and upper bounds and counts."""

    def make(keys: dict[str, Sequence[object]], **about: Any) -> Estimates:
        height = len(next(iter(keys.values())))
        columns: dict[str, pa.Array] = {name: pa.array(cells) for name, cells in keys.items()}
        cells: dict[str, object] = {
            "measure": "share",
            "value": 0.5,
            "lower": 0.15,
            "upper": 0.85,
            "level": 0.95,
            "unit": "share",
            "numerator": 2,
            "denominator": 4.0,
            "method": "wilson",
            "reason": None,
            "rows_used": 4,
            "rows_dropped": 0,
        }
        for name, kind in RESULT_SCHEMA.items():
            columns[name] = pa.array([cells[name]] * height, kind)
        told = {
            "specification": {"measure": "share", "outcome": "urgent"},
            "options": {"by": list(keys), "every": None, "level": 0.95},
            "account": [],
            "notes": [],
        } | about
        metadata = {f"wholefamily.{name}": json.dumps(value) for name, value in told.items()}
        metadata |= {"wholefamily.version": "0.1.0", "wholefamily.fingerprint": "00ff"}
        return Estimates(pa.table(columns).replace_schema_metadata(metadata))

    return make
