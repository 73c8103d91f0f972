"""Which episodes of care make one spell: rules as a value, and those of official returns."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, cast

from wholefamily import _bridge
from wholefamily._measure import Day, day, listed
from wholefamily.errors import SpecError, TypeError_

from ._values import CENTURY, Chosen, column_name, flag, whole_number

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, kw_only=True)
class SpellRules:
    """Which episodes of care make one spell: the rules, as a value.

    Care is the union of a child's episodes, each from its start to the day before its end: the end
    is the first day no longer in care, unless `last_day_counts`. An episode continues a spell if it begins on or before the
    day on which the spell is over, or within `gap_days` days after it.

    Parameters
    ----------
    last_day_counts : bool
        Whether a child who leaves on a day was in care on it, and so is counted if it is the census
        day. By default not: the end is the first day no longer in care. Otherwise it is the last day
        in care, and the spell's end is the day after.
    gap_days : int
        How many days may lie between two episodes of one spell. 0: only episodes that touch or
        overlap are joined. 1 (by default): also one that begins on the day after the end. The days
        of such a gap count as care, and the gap is listed among the problems.
    leave_out : mapping, optional
        Values by column, such as `{"legal_status": ["V3", "V4"]}`: rows that have one of them are
        left out. A null is not left out.
    only : mapping, optional
        Values by column: rows that have none of them are left out, nulls among them.
    transfer : str, optional
        A column whose change ends a spell, such as the responsible authority. By default a transfer
        does not end one.
    born : str
        The column of birth dates; read only where `until_age` is given.
    until_age : int, optional
        Care ends at the latest on this birthday, such as 18 or 21. Of children born on 29 February
        it is 1 March in other years. It needs `as_of`.
    as_of : date or string, optional
        The last day known. What begins later is set aside, what ends later is open on that day, and
        the days of open spells are counted up to it.
    census : str, optional
        The day of the year on which children are counted, as "07-31". It joins nothing: it is for
        `census_days`.
    """

    last_day_counts: bool = False
    gap_days: int = 1
    leave_out: Chosen = field(default_factory=dict[str, Any])
    only: Chosen = field(default_factory=dict[str, Any])
    transfer: str | None = None
    born: str = "born"
    until_age: int | None = None
    as_of: Day | None = None
    census: str | None = None

    def __post_init__(self) -> None:
        """Check the rules, and bring them to one form."""
        flag("last_day_counts", self.last_day_counts)
        whole_number("gap_days", self.gap_days, 0, CENTURY)
        if self.until_age is not None:
            whole_number("until_age", self.until_age, 1, 120)
        for name in ("leave_out", "only"):
            object.__setattr__(self, name, _chosen(name, getattr(self, name)))
        if self.as_of is not None:
            object.__setattr__(self, "as_of", day(self.as_of, "as_of"))
        if self.census is not None:
            _month_and_day(self.census)

    @classmethod
    def named(cls, name: str, **changes: object) -> SpellRules:
        """Give the rules of an official return by its name.

        Parameters
        ----------
        name
            "england-ssda903" or "scotland".
        changes
            Rules that are to differ, such as `as_of="2024-03-31"` or other columns.

        Notes
        -----
        "england-ssda903" follows the Department for Education's *Children looked after by local
        authorities in England: guide to the SSDA903 collection* and the methodology of *Children
        looked after in England including adoptions*. Children are counted on 31 March. A series of
        short breaks (legal status V3 and V4, in the column `legal_status`) is left out of the
        counts. A change of placement or status ends an episode, and the next one begins on the same
        day (reason X1): so `gap_days=0`.

        "scotland" follows the Scottish Government's *Children's Social Work Statistics* and the
        guidance notes of its Looked After Children return: a year is 1 August to 31 July, and
        children are counted on 31 July. Nothing is bridged (`gap_days=0`). A planned series of short
        breaks is published apart from other children looked after; how it is coded differs
        between extracts, so say `leave_out={column: [codes]}`.

        In both a child counts on the census day who is in care at its end, as everywhere in this
        package: one who leaves on that day does not. Where the guide of a return in your hands says
        otherwise, give `last_day_counts=True`.
        """
        if name not in NAMED:
            known = ", ".join(sorted(NAMED))
            msg = f"unknown rules {name!r}; known are: {known}"
            raise SpecError(msg)
        unknown = sorted(set(changes) - {each.name for each in fields(cls)})
        if unknown:
            msg = f"unknown rule {unknown[0]!r}; known are: {', '.join(_rule_names())}"
            raise SpecError(msg)
        return replace(NAMED[name], **cast("dict[str, Any]", changes))

    def census_days(self, first: int, last: int) -> list[dt.date]:
        """Give the census days of the years from `first` to `last`, both included.

        They are what `LookedAfter(at=…)` takes.
        """
        if self.census is None:
            msg = "these rules name no census day; give census, such as '07-31'"
            raise SpecError(msg)
        month, number = _month_and_day(self.census)
        days = {year: calendar.monthrange(year, month)[1] for year in range(first, last + 1)}
        return [dt.date(year, month, min(number, most)) for year, most in days.items()]


def _rule_names() -> list[str]:
    return [each.name for each in fields(SpellRules)]


def _chosen(rule: str, given: object) -> dict[str, tuple[object, ...]]:
    """Bring values by column to one form."""
    if not hasattr(given, "items"):
        shown = _bridge.shown(given)
        msg = f"{rule} is {shown}; expected values by column, such as {{'legal_status': ['V3']}}"
        raise TypeError_(msg)
    items = cast("Mapping[object, object]", given).items()
    return {column_name(rule, column): listed(values) for column, values in items}


def _month_and_day(census: object) -> tuple[int, int]:
    """Read a day of the year, written as "07-31"; 29 February is the last of the month elsewhen."""
    try:
        found = dt.datetime.strptime(f"2000-{census}", "%Y-%m-%d")  # noqa: DTZ007  (a day has no zone)
    except ValueError as error:
        msg = f"census is {census!r}; expected a day of the year such as '07-31'"
        raise SpecError(msg) from error
    return found.month, found.day


NAMED = {
    "england-ssda903": SpellRules(
        gap_days=0, leave_out={"legal_status": ("V3", "V4")}, census="03-31"
    ),
    "scotland": SpellRules(gap_days=0, census="07-31"),
}
