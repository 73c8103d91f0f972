"""What every measure has in common: from a frozen dataclass to a question put to the engine."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal, TypeAlias, cast, get_args

from . import _bridge
from .errors import SpecError, TypeError_
from .partial import Partial
from .result import Estimates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ._bridge import Data

Every: TypeAlias = Literal[
    "day", "week", "month", "quarter", "year", "financial_year", "school_year"
]
"""Periods: a week begins on Monday, a financial year on 1 April, a school year on 1 August."""

Day: TypeAlias = dt.date | str
"""A day: a `datetime.date`, or a string such as "2023-08-31"."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A question about a table, as a value: its fields are the whole of its specification."""

    def run(
        self,
        data: Data,
        *,
        by: str | Iterable[str] = (),
        every: Every | None = None,
        level: float = 0.95,
    ) -> Estimates:
        """Answer the question, for all rows or for each group and period.

        Parameters
        ----------
        data
            A table from polars, pyarrow, pandas, DuckDB or anything else with an Arrow stream;
            a polars LazyFrame; or a path to a .parquet, .csv or .arrow file.
        by
            A column, or several, whose values make the groups. Null is a group of its own, sorted
            last.
        every
            Length of the periods: "day", "week" (from Monday), "month", "quarter", "year",
            "financial_year" (from 1 April) or "school_year" (from 1 August).
        level
            Confidence level of the intervals, between 0 and 1.

        Returns
        -------
        Estimates
            One row for each period and group, sorted so.

        Raises
        ------
        SpecError
            A field, word or option that the measure does not know.
        ColumnError
            A column that is not in the table; the nearest name is suggested.
        TypeError_
            A column of the wrong type, or data that is no table.
        DataError
            A file or a value that cannot be read.
        """
        groups = _groups(by)
        options = {"by": groups, "every": _period(every), "level": confidence(level)}
        table, states = _bridge.run(self.specification(by=groups), data, options)
        return Estimates(table, states=states)

    def partial(
        self, data: Data, *, by: str | Iterable[str] = (), every: Every | None = None
    ) -> Partial:
        """Tally without finishing, so that tallies of several tables can be merged.

        Parameters and errors are those of `run`. Partial states hold small counts: they are
        disclosive, and stay inside the safe setting.

        Returns
        -------
        Partial
            States to `merge` with others of the same question, then to `finish`.
        """
        groups = _groups(by)
        options = {"by": groups, "every": _period(every), "level": 0.95}
        return Partial(_bridge.partial(self.specification(by=groups), data, options))

    def specification(self, *, by: str | Iterable[str] = ()) -> dict[str, object]:
        """Give the question as plain values, ready for JSON.

        Parameters
        ----------
        by
            The grouping columns, which only a measure that carries a table of its own needs.

        Returns
        -------
        dict
            `measure` (its name in snake case), then every field.
        """
        del by
        plain: dict[str, object] = {"measure": tag(type(self))}
        for field in fields(self):
            value: object = getattr(self, field.name)
            if field.type == "str" and not isinstance(value, str):
                msg = f"{type(self).__name__}({field.name}={_bridge.shown(value)}): expected text in quotes"
                raise TypeError_(msg)
            plain[field.name] = self._plain(field.name, value)
        return plain

    def _plain(self, name: str, value: object) -> object:
        """Turn a field's value into one that JSON has."""
        if isinstance(value, dt.date):
            return value.isoformat()
        if isinstance(value, list | tuple):
            return [self._plain(name, part) for part in cast("Iterable[object]", value)]
        if isinstance(value, float) and not math.isfinite(value):
            msg = f"{type(self).__name__}({name}={value}): expected a finite number"
            raise SpecError(msg)
        if value is None or isinstance(value, str | bool | int | float):
            return value
        msg = (
            f"{type(self).__name__}({name}={_bridge.shown(value)}): "
            "expected text, a number, true or false, a date, or a list of them"
        )
        raise TypeError_(msg)

    def _set(self, name: str, value: object) -> None:
        """Set a field of a frozen dataclass while it is being made."""
        object.__setattr__(self, name, value)

    def _set_day(self, name: str) -> None:
        value: object = getattr(self, name)
        self._set(name, None if value is None else day(value, f"{type(self).__name__}({name}=…)"))


def tag(measure: type[Measure]) -> str:
    """Give a measure's name as results write it: `ReferralShare` is `referral_share`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", measure.__name__).lower()


def day(value: object, where: str) -> dt.date:
    """Read a day from a date, a timestamp or a string such as "2023-08-31"."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str):
        msg = f"{where} is {_bridge.shown(value)}; expected a date, or text such as '2023-08-31'"
        raise TypeError_(msg)
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d").date()  # noqa: DTZ007  (a day has no zone)
    except ValueError as error:
        msg = f"{where} is {value!r}; expected a day written like '2023-08-31' (year-month-day)"
        raise SpecError(msg) from error


def listed(value: object) -> tuple[object, ...]:
    """Give a single value or any iterable of values as a tuple."""
    if isinstance(value, str | bytes) or not hasattr(value, "__iter__"):
        return (value,)
    return tuple(cast("Iterable[object]", value))


def confidence(level: object) -> float:
    """Check a confidence level: a number between 0 and 1."""
    if isinstance(level, bool) or not isinstance(level, float | int):
        msg = f"level is {level!r}; expected a number between 0 and 1, such as 0.95"
        raise TypeError_(msg)
    if not 0 < level < 1:
        percent = f"; for {level:g}% write {level / 100:g}" if 1 < level < 100 else ""
        msg = f"level is {level}; expected a number between 0 and 1, such as 0.95{percent}"
        raise SpecError(msg)
    return float(level)


def _period(every: object) -> object:
    """Check that a period is named by a word; the engine knows the words."""
    if every is None or isinstance(every, str):
        return every
    words = ", ".join(cast("tuple[str, ...]", get_args(Every)))
    msg = f"every is {every!r}; expected one of {words}, or None"
    raise SpecError(msg)


def _groups(by: object) -> list[str]:
    names = listed(by)
    for name in names:
        if not isinstance(name, str):
            msg = f"by holds {name!r}; expected a column name or a list of them"
            raise TypeError_(msg)
    return cast("list[str]", list(names))
