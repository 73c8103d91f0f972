"""What happens to a person over time: spells of care, repeat referrals, follow-up.

Each goes from table to table, one person at a time, so that a large extract may be split by person
and the parts put together are the whole. What was found wrong is listed by row, with what was done.
"""

from __future__ import annotations

import calendar
import datetime as dt
import json
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from . import _bridge
from ._measure import Day, day, listed
from .errors import SpecError, TypeError_

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from ._bridge import ArrowTable, Data

__all__ = ["FollowUp", "History", "Repeats", "SpellRules", "Spells"]

Code: TypeAlias = "str | int | bool | dt.date"
"""A value of a coded column."""

Chosen: TypeAlias = "Mapping[str, Code | Iterable[Code]]"
"""Values by column: one, or several."""


# ── What a history gives ──────────────────────────────────────────────────────────────


class History:
    """A table that a history gave, and the problems found on the way.

    It goes to any library that reads Arrow, and into any measure.

    Parameters
    ----------
    table
        The rows asked for.
    problems
        The problems found.
    """

    __slots__ = ("_frame", "_metadata", "_problems", "_table")

    def __init__(self, table: ArrowTable, problems: ArrowTable) -> None:
        self._table: Any = table
        self._problems: Any = problems
        self._metadata = _bridge.table_metadata(table)
        self._frame: pl.DataFrame | None = None

    @property
    def problems(self) -> pl.DataFrame:
        """Every row with a problem, and what was done about it.

        `row` (counted from 0 in the table handed in), `column`, `problem`, `done`, `other_row` (the
        row that it is at odds with), `days` (of an overlap or a gap). Where two tables were handed
        in, `table` says which one.
        """
        return _bridge.as_polars(self._problems).clone()

    @property
    def notes(self) -> list[str]:
        """Remarks on the whole."""
        return cast("list[str]", json.loads(self._metadata.get("wholefamily.notes", "[]")))

    @property
    def specification(self) -> dict[str, Any]:
        """The columns and rules, as they were used."""
        return cast("dict[str, Any]", json.loads(self._metadata["wholefamily.specification"]))

    def to_polars(self) -> pl.DataFrame:
        """Give the table as a polars DataFrame."""
        if self._frame is None:
            self._frame = _bridge.as_polars(self._table)
        return self._frame.clone()

    def to_arrow(self) -> pa.Table:
        """Give the table as a pyarrow Table, with its metadata; needs pyarrow."""
        return _bridge.pyarrow("to_arrow").table(self._table)

    def to_pandas(self) -> pd.DataFrame:
        """Give the table as a pandas DataFrame; needs pandas and pyarrow.

        Whole numbers that may be missing are `Int64`, so that a count stays a count.
        """
        import pandas as pd

        types = {"int64": pd.Int64Dtype()}
        return self.to_arrow().to_pandas(types_mapper=lambda kind: types.get(str(kind)))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand the table to any library that reads Arrow."""
        return self._table.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._table)

    def __repr__(self) -> str:
        """Show the table, and say how many problems there were."""
        count = len(self._problems)
        told = "no problem found" if count == 0 else f"problems found: {count}, see .problems"
        return "\n".join([f"{type(self).__name__} ({told})", *self.notes, str(self.to_polars())])


class Spells(History):
    """Spells of care: `child_id`, `spell`, `start`, `end`, `episodes`, `days`, and what was kept."""

    __slots__ = ()


class Repeats(History):
    """Referrals with `previous`, `days_since`, `repeat` and `first_ever`."""

    __slots__ = ()


class FollowUp(History):
    """A cohort with `time`, `event` and `observed_until`."""

    __slots__ = ()


# ── Spells of care ────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class SpellRules:
    """Which episodes of care make one spell: the rules, as a value.

    Care is the union of a child's episodes, each from its start to the day before its end: the end
    is the first day no longer in care. An episode continues a spell if it begins on or before the
    day on which the spell is over, or within `gap_days` days after it.

    Parameters
    ----------
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
        _whole("gap_days", self.gap_days, 0, CENTURY)
        if self.until_age is not None:
            _whole("until_age", self.until_age, 1, 120)
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
        package: one who leaves on that day does not. How a return in your hands treats such a child
        is for its guide to say.
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


def spells(
    episodes: Data,
    *,
    child: str = "child_id",
    start: str = "start",
    end: str = "end",
    gap_days: int = 1,
    keep: str | Iterable[str] = (),
    leave_out: Chosen | None = None,
    only: Chosen | None = None,
    transfer: str | None = None,
    born: str = "born",
    until_age: int | None = None,
    as_of: Day | None = None,
    rules: SpellRules | None = None,
) -> Spells:
    """Join episodes of care into spells: one row for each spell of a child.

    Parameters
    ----------
    episodes
        One row for each episode: a new one for each change of placement or legal status.
    child, start, end
        The columns: who, the first day, and the first day no longer in the episode (null: open).
    gap_days, leave_out, only, transfer, born, until_age, as_of
        The rules, as in `SpellRules`.
    keep
        Columns to keep, with their value in the first episode of the spell.
    rules
        All rules in one value, such as `SpellRules.named("england-ssda903")`, instead of single
        ones.

    Returns
    -------
    Spells
        `child_id`, `spell` (1, 2, … of the child), `start`, `end` (null while open), `episodes`,
        `days` (from start to end; while open, to `as_of`, null without one), then the column of
        `transfer` and those of `keep`: by child, then start.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame(
    ...     {
    ...         "child_id": ["Ann", "Ann", "Ann"],
    ...         "start": [dt.date(2023, 1, 1), dt.date(2023, 3, 1), dt.date(2023, 9, 1)],
    ...         "end": [dt.date(2023, 3, 1), dt.date(2023, 5, 1), None],
    ...     }
    ... )
    >>> wf.spells(episodes).to_polars().select("spell", "episodes", "days").rows()
    [(1, 2, 120), (2, 1, None)]
    """
    given: dict[str, Any] = {
        "gap_days": gap_days,
        "leave_out": leave_out or {},
        "only": only or {},
        "transfer": transfer,
        "born": born,
        "until_age": until_age,
        "as_of": as_of,
    }
    single = SpellRules(**given)
    if rules is None:
        rules = single
    elif not isinstance(rules, SpellRules):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"rules is {rules!r}; expected SpellRules, such as SpellRules.named('scotland')"
        raise TypeError_(msg)
    elif single != SpellRules():
        msg = "give rules or single rules, not both: dataclasses.replace(rules, gap_days=…)"
        raise SpecError(msg)
    specification: dict[str, object] = {
        "child": _name("child", child),
        "start": _name("start", start),
        "end": _name("end", end),
        "keep": [_name("keep", name) for name in listed(keep)],
        **{name: _plain(getattr(rules, name)) for name in given},
    }
    return Spells(*_bridge.history("spells", [episodes], specification))


# ── Repeats ───────────────────────────────────────────────────────────────────────────


def repeats(referrals: Data, *, person: str, date: str, within_days: int = 365) -> Repeats:
    """Find the referral before each referral: the rows as they came, with four columns more.

    Parameters
    ----------
    referrals
        One row for each referral.
    person
        The column that names the person; the family's, where families are referred.
    date
        The column of dates.
    within_days
        How many days back the last referral may lie for this one to be a repeat.

    Returns
    -------
    Repeats
        The rows in their order, with `previous` (the date of the person's last referral on an
        earlier day; null for the first), `days_since`, `repeat` and `first_ever` (nobody was
        referred earlier under that name in this table). Referrals of one person on one day have the
        same previous one, and all but the first of these rows are listed. A row without person or
        date has nulls, and is listed.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> received = [dt.date(2023, 1, 9), dt.date(2023, 2, 1), dt.date(2023, 6, 9)]
    >>> referrals = pl.DataFrame({"child_id": ["Ann", "Bea", "Ann"], "received": received})
    >>> marked = wf.repeats(referrals, person="child_id", date="received").to_polars()
    >>> marked.select("days_since", "repeat", "first_ever").rows()
    [(None, False, True), (None, False, True), (151, True, False)]
    """
    _whole("within_days", within_days, 0, CENTURY)
    specification: dict[str, object] = {
        "person": _name("person", person),
        "date": _name("date", date),
        "within_days": within_days,
    }
    return Repeats(*_bridge.history("repeats", [referrals], specification))


# ── Follow-up ─────────────────────────────────────────────────────────────────────────


def follow_up(
    cohort: Data,
    events: Data,
    *,
    person: str,
    origin: str,
    event_date: str,
    until: str | dt.date,
    event: str | None = "event",
    competing: Code | Iterable[Code] | None = None,
    entry: str | None = None,
) -> FollowUp:
    """Follow a cohort from an origin to its first event, or to the end of observation.

    Parameters
    ----------
    cohort
        One row for each person followed, or for each assessment, referral or start of support.
    events
        One row for each thing that happened, of whatever kind.
    person
        The column that names the person, in both tables.
    origin
        The cohort's column of days on which time begins: birth, referral, start of support.
    event_date
        The events' column of days.
    until
        The last day observed: a column of the cohort, or a day for all.
    event
        The events' column that says what happened; None: they are all "event".
    competing
        What competes with the event of interest, such as "died" or "moved_away".
    entry
        The cohort's column of days from which people were observed, where that is later than the
        origin (null: from the origin).

    Returns
    -------
    FollowUp
        The cohort's rows in their order, with `time` (days from the origin to the event, or to the
        end of observation), `event` (what happened first; null: censored) and `observed_until` (the
        end of observation, whether or not an event came first). With `competing`, also `competing`
        (whether that event is one of those); with `entry`, also `entry_days` (days from the origin
        to the entry). A row that cannot be followed has nulls, and is listed.

    Notes
    -----
    An event counts from the day of the origin to the day of `until`, both included. Of several
    on one day, one that does not compete comes before one that does, then the order is that of the
    names; the others are listed. An event before every origin of the person is listed and not
    counted. With `entry`, someone whose event came on or before that day is not followed.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> born = [dt.date(2023, 1, 1), dt.date(2023, 3, 1)]
    >>> babies = pl.DataFrame({"child_id": ["Ann", "Bea"], "born": born})
    >>> care = pl.DataFrame({"child_id": ["Bea"], "start": [dt.date(2023, 3, 31)]})
    >>> followed = wf.follow_up(
    ...     babies, care, person="child_id", origin="born", event_date="start", event=None,
    ...     until="2023-12-31",
    ... )
    >>> followed.to_polars().select("child_id", "time", "event").rows()
    [('Ann', 364, None), ('Bea', 30, 'event')]
    """
    if isinstance(until, dt.datetime):
        until = until.date()
    specification: dict[str, object] = {
        "person": _name("person", person),
        "origin": _name("origin", origin),
        "event_date": _name("event_date", event_date),
        "until": until.isoformat() if isinstance(until, dt.date) else _name("until", until),
        "event": None if event is None else _name("event", event),
        "competing": [] if competing is None else [_plain(code) for code in listed(competing)],
        "entry": None if entry is None else _name("entry", entry),
    }
    return FollowUp(*_bridge.history("follow_up", [cohort, events], specification))


# ── From what was given to plain values ───────────────────────────────────────────────


CENTURY = 36_525
"""So many days can lie in between at most."""


def _whole(name: str, given: object, least: int, most: int) -> None:
    """Check a whole number."""
    if not isinstance(given, int) or isinstance(given, bool):
        msg = f"{name} is {given!r}; expected a whole number"
        raise TypeError_(msg)
    if not least <= given <= most:
        msg = f"{name} is {given}; expected {least} to {most}"
        raise SpecError(msg)


def _rule_names() -> list[str]:
    return [each.name for each in fields(SpellRules)]


def _chosen(rule: str, given: object) -> dict[str, tuple[object, ...]]:
    """Bring values by column to one form."""
    if not hasattr(given, "items"):
        msg = f"{rule} is {given!r}; expected values by column, such as {{'legal_status': ['V3']}}"
        raise TypeError_(msg)
    items = cast("Mapping[object, object]", given).items()
    return {_name(rule, column): listed(values) for column, values in items}


def _name(role: str, given: object) -> str:
    if not isinstance(given, str):
        msg = f"{role} is {given!r}; expected the name of a column"
        raise TypeError_(msg)
    return given


def _plain(value: object) -> object:
    """Turn a value into one that JSON has."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        pairs = cast("dict[str, object]", value).items()
        return {name: _plain(each) for name, each in pairs}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in cast("Iterable[object]", value)]
    if value is None or isinstance(value, str | bool | int):
        return value
    msg = f"{value!r} is a {type(value).__name__}; expected text, a whole number, true, false or a date"
    raise TypeError_(msg)


def _month_and_day(census: object) -> tuple[int, int]:
    """Read a day of the year, written as "07-31"; 29 February is the last of the month elsewhen."""
    try:
        found = dt.datetime.strptime(f"2000-{census}", "%Y-%m-%d")  # noqa: DTZ007  (a day has no zone)
    except ValueError as error:
        msg = f"census is {census!r}; expected a day of the year such as '07-31'"
        raise SpecError(msg) from error
    return found.month, found.day


# ── Rules by name ─────────────────────────────────────────────────────────────────────

NAMED = {
    "england-ssda903": SpellRules(
        gap_days=0, leave_out={"legal_status": ("V3", "V4")}, census="03-31"
    ),
    "scotland": SpellRules(gap_days=0, census="07-31"),
}
