"""Placements: episodes of a child that follow each other in one place are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wholefamily import _bridge
from wholefamily._measure import Day, day, listed

from ._result import Placements
from ._values import CENTURY, Code, column_name, plain, whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wholefamily._bridge import Data


def placements(
    episodes: Data,
    *,
    child: str = "child_id",
    start: str = "start",
    end: str = "end",
    place: str | Iterable[str] = "placement",
    temporary: Code | Iterable[Code] = (),
    gap_days: int = 0,
    keep: str | Iterable[str] = (),
    as_of: Day | None = None,
) -> Placements:
    """Put episodes of care together by place: one row for each placement of a child.

    Episodes that follow each other in one place are one placement: a change of legal status is no
    move. On a day with episodes in several places, the one that started last counts.

    Parameters
    ----------
    episodes
        One row for each episode: a new one for each change of placement or legal status.
    child, start, end
        The columns: who, the first day, and the first day no longer in the episode (null: open).
    place
        The column, or columns, that say where the child lives: a change in any of them is a move.
    temporary
        Values of the first column of `place` that are no placement of their own, such as "T0" to
        "T4" in SSDA903: the child is taken to stay where it was.
    gap_days
        How many days may lie between two episodes of one spell of care, as in `spells`; they count
        to the placement before the gap.
    keep
        Columns to keep, with their value in the first episode of the placement.
    as_of
        The last day known: what begins later is set aside, what ends later is open on that day, and
        the days of open placements are counted up to it.

    Returns
    -------
    Placements
        `child_id`, `spell` (1, 2, … of the child), `placement_number` (1, 2, … of the spell), the
        columns of `place`, `start`, `end` (null while open), `days` (while open, to `as_of`; null
        without one), `began` ("entry" or "move"), `moved` (ended by a move: true; left care: false;
        open: null), `ended` (false while open), then the columns of `keep`: by child, then start.

    Raises
    ------
    SpecError
        No column of `place`, a number of days out of bounds, a column named twice, or one that the
        result has itself.
    ColumnError
        A column that is not in the table, or stands in it twice; the nearest name is suggested.
    TypeError_
        An argument or a column of the wrong type, or data that is no table.
    DataError
        A file that cannot be read.

    Notes
    -----
    The time that placements last is `Survival(time="days", event="ended")` of the result, given
    `as_of`: open placements are then censored on that day.

    References
    ----------
    Department for Education. Children looked after by local authorities in England: guide to the
    SSDA903 collection: T0 to T4 are temporary placements (validation rule 383).

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame(
    ...     {
    ...         "child_id": ["Ann", "Ann", "Ann", "Ann"],
    ...         "start": [dt.date(2023, month, 1) for month in (1, 3, 5, 6)],
    ...         "end": [dt.date(2023, month, 1) for month in (3, 5, 6)] + [None],
    ...         "placement": ["U4", "U4", "T1", "K2"],
    ...     }
    ... )
    >>> found = wf.placements(episodes, temporary=["T1"], as_of="2023-07-01").to_polars()
    >>> found.select("placement_number", "placement", "days", "began", "moved").rows()
    [(1, 'U4', 151, 'entry', True), (2, 'K2', 30, 'move', None)]
    """
    whole_number("gap_days", gap_days, 0, CENTURY)
    specification: dict[str, object] = {
        "child": column_name("child", child),
        "start": column_name("start", start),
        "end": column_name("end", end),
        "place": [column_name("place", name) for name in listed(place)],
        "temporary": plain(listed(temporary)),
        "gap_days": gap_days,
        "keep": [column_name("keep", name) for name in listed(keep)],
        "as_of": None if as_of is None else plain(day(as_of, "as_of")),
    }
    return Placements(*_bridge.history("placements", [episodes], specification))
