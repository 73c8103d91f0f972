"""Follow-up: from an origin to the first event, or to the end of observation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wholefamily import _bridge
from wholefamily._measure import listed

from ._result import FollowUp
from ._values import Code, column_name, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wholefamily._bridge import Data


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

    Raises
    ------
    SpecError
        `competing` without `event`, an event called "censored", 0 or false (by which measures know
        that there was none), or a cohort with a column that the result adds.
    ColumnError
        A column that is not in the table, or stands in it twice; the nearest name is suggested.
    TypeError_
        An argument or a column of the wrong type, or data that is no table.
    DataError
        The two tables name people in different ways, or a file cannot be read.

    See Also
    --------
    FixedHorizon, CumulativeIncidence, Survival : What is estimated from it, with the sources.

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
        "person": column_name("person", person),
        "origin": column_name("origin", origin),
        "event_date": column_name("event_date", event_date),
        "until": until.isoformat() if isinstance(until, dt.date) else column_name("until", until),
        "event": None if event is None else column_name("event", event),
        "competing": [] if competing is None else [plain(code) for code in listed(competing)],
        "entry": None if entry is None else column_name("entry", entry),
    }
    return FollowUp(*_bridge.history("follow_up", [cohort, events], specification))
