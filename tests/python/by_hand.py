"""Days, holidays and tables of episodes, as tests by hand write them, and results as they read them."""

from __future__ import annotations

import datetime as dt
import math
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from scipy import stats as sp

if TYPE_CHECKING:
    import wholefamily as wf

HOLIDAYS = Path(__file__).parents[1] / "reference" / "returns" / "holidays.csv"


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def table(*rows: tuple[Any, ...], **more: list[Any]) -> pl.DataFrame:
    """Episodes: child, first day, end (None: open), days as "03-31" of 2023."""
    days = [
        (child, *(None if each is None else day(f"2023-{each}") for each in dates))
        for child, *dates in rows
    ]
    schema = {"child_id": pl.String, "start": pl.Date, "end": pl.Date}
    return pl.DataFrame(days, schema=schema, orient="row").with_columns(
        pl.Series(name, values) for name, values in more.items()
    )


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-11, abs=1e-13)


def by_key(estimates: wf.Estimates, key: str) -> dict[str, dict[str, Any]]:
    """Give the rows of a result by the value of a key of its own."""
    return {row[key]: row for row in estimates.to_polars().to_dicts()}


def bank_holidays(nation: str) -> set[dt.date]:
    table = pl.read_csv(HOLIDAYS, try_parse_dates=True)
    days = set(table.filter(nation=nation)["date"])
    return days - {dt.date(2006, 11, 30)}  # St Andrew's Day: since the Act of January 2007


def _wilson(p: float, n: float, z: float) -> tuple[float, float]:
    middle = p + z * z / (2 * n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)


def clustered_by_hand(families: list[tuple[int, int]]) -> tuple[float | None, float | None]:
    """Wilson's limits of the effective number of rows, with fractions up to the last step."""
    families = [(x, n) for x, n in families if n]
    many, rows = len(families), sum(n for _, n in families)
    if many < 2:
        return None, None
    p = Fraction(sum(x for x, _ in families), rows)
    if p in (0, 1):
        effective = Fraction(rows**2, sum(n * n for _, n in families))
    else:
        squares = sum((x - p * n) ** 2 for x, n in families)
        variance = Fraction(many, many - 1) * squares / rows**2
        effective = min(p * (1 - p) / variance, Fraction(rows)) if variance else Fraction(rows)
    t = float(sp.t.ppf(0.975, many - 1))
    lower, upper = _wilson(float(p), float(effective), t)
    return (0.0 if p == 0 else lower), (1.0 if p == 1 else upper)
