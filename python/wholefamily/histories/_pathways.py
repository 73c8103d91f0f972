"""Pathways: from what happened to each person to one row for each stay in a state."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from wholefamily import _bridge
from wholefamily._measure import listed

from ._result import Pathways
from ._values import CENTURY, Code, column_name, plain, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wholefamily._bridge import Data


def pathways(
    steps: Data,
    *,
    person: str,
    state: str,
    date: str,
    until: str | dt.date | None = None,
    order: Iterable[Code] = (),
    ends: Code | Iterable[Code] = (),
    within_days: int | None = None,
    statutory: Code | Iterable[Code] = (),
    keep: str | Iterable[str] = (),
) -> Pathways:
    """Follow people from state to state: one row for each stay, with what came next.

    Parameters
    ----------
    steps
        One row for each thing that happened to a person: referred, assessed, in care, closed.
    person, state, date
        The columns: who, the state that was entered, and the day.
    until
        The last day watched: a column (of a person's values the latest), or a day for all; by
        default the latest day of the table, which `notes` names.
    order
        States in the order in which they follow one another when they come on one day. Others
        come after them, by name.
    ends
        States that end a pathway, such as "closed". A step after one begins a new pathway.
    within_days
        A step that comes more days than this after the one before begins a new pathway.
    statutory
        States of statutory intervention, for `Diverted`.
    keep
        Columns to keep, with their value in the row with which the pathway began, so that a pathway
        is in one group from beginning to end.

    Returns
    -------
    Pathways
        By person, pathway and step: the column of `person`, `pathway` (1, 2, … of the person),
        `step` (1, 2, … of the pathway), `from` (the state), `to` (the next one; null: nothing
        further by `until`, or within `within_days`), `settled` (the state in which the day of `to`
        ended), `origin` (the day on which the pathway began), `start`, `end` (the day of `to`),
        `days` (to `end`, or as long as was watched), `entry_days` and `exit_days` (the same two
        days counted from `origin`). With `statutory`, `statutory_days` (from `origin` to the
        person's first such state, in this pathway or a later one; null: none) and `followed_days`
        (from `origin` to `until`). Then the columns of `keep`.

    Raises
    ------
    SpecError
        A number of days out of bounds, a column named twice in `keep`, or one that the result has
        itself.
    ColumnError
        A column that is not in the table, or stands in it twice; the nearest name is suggested.
    TypeError_
        An argument or a column of the wrong type, or data that is no table.
    DataError
        A file that cannot be read.

    Notes
    -----
    A step into the state in which the person is already is joined with it. Of several steps on one
    day, each is taken after the one before, which makes stays of no day. Both are listed, as are
    rows without person, state or date. A state of `ends` has no row of its own.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> steps = pl.DataFrame({
    ...     "child_id": ["Ann", "Ann", "Bea"],
    ...     "state": ["referred", "assessed", "referred"],
    ...     "on": [dt.date(2023, 1, 1), dt.date(2023, 1, 11), dt.date(2023, 1, 5)],
    ... })
    >>> ways = wf.pathways(steps, person="child_id", state="state", date="on", until="2023-01-31")
    >>> for row in ways.to_polars().select("child_id", "from", "to", "days").rows():
    ...     print(row)
    ('Ann', 'referred', 'assessed', 10)
    ('Ann', 'assessed', None, 20)
    ('Bea', 'referred', None, 26)
    """
    if isinstance(until, dt.datetime):
        until = until.date()
    if isinstance(until, dt.date):
        until = until.isoformat()
    if within_days is not None:
        whole_number("within_days", within_days, 1, CENTURY)
    specification: dict[str, object] = {
        "person": column_name("person", person),
        "state": column_name("state", state),
        "date": column_name("date", date),
        "until": None if until is None else column_name("until", until),
        "order": [plain(code) for code in listed(order)],
        "ends": [plain(code) for code in listed(ends)],
        "within_days": within_days,
        "statutory": [plain(code) for code in listed(statutory)],
        "keep": [column_name("keep", name) for name in listed(keep)],
    }
    return Pathways(*_bridge.history("pathways", [steps], specification))
