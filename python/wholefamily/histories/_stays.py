"""Stays: each child in each group, with how every stay began and ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wholefamily import _bridge
from wholefamily._measure import listed

from ._result import Stays
from ._values import column_name, flag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wholefamily._bridge import Data


def stays(
    episodes: Data,
    *,
    child: str = "child_id",
    start: str = "start",
    end: str = "end",
    last_day_counts: bool = False,
    by: str | Iterable[str] = (),
) -> Stays:
    """Follow children from group to group: one row for each stay of a child in a group.

    A stay is the time that a child is in a group without a break: the union of its episodes with
    the same values of the columns `by`, where an episode that begins on the day the last one ended
    continues it. Without `by` there is one group, and a stay is a spell of care.

    Parameters
    ----------
    episodes
        One row for each episode: a new one for each change of placement or legal status.
    child, start, end
        The columns: who, the first day, and the first day no longer in the episode (null: open).
    last_day_counts
        Whether the end is the last day in care: a stay's `end` is then the day after. In such a
        record whoever moves begins the next episode on the day after, which is otherwise an exit and
        a re-entry; `notes` says how many there are.
    by
        The columns whose values make the groups, such as the responsible authority. Null is a group
        of its own.

    Returns
    -------
    Stays
        The columns of `by`, `child_id`, `start`, `end` (null while open), `days` (null while open),
        `began` and `ended`: by child, then start.

        A stay of a child who was in care in any group on the day before `began` by a "move"; else
        by the "first entry", or by a "re-entry" if the child was in care earlier in this table. A
        stay of a child who is in care in any group on the day of its end `ended` by a "move"; else
        by an "exit"; null while open. `problems` lists what puts a child in two groups at once,
        with how many days: groups then add up to more than the whole, by just these days.

    Raises
    ------
    SpecError
        A column named twice in `by`, or one that the result has itself.
    ColumnError
        A column that is not in the table, or stands in it twice; the nearest name is suggested.
    TypeError_
        An argument or a column of the wrong type, or data that is no table.
    DataError
        A file that cannot be read.

    Notes
    -----
    A first entry can only be the first in this table: `notes` says on which day the table begins.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame(
    ...     {
    ...         "child_id": ["Ann", "Ann", "Ann"],
    ...         "team": ["north", "south", "south"],
    ...         "start": [dt.date(2023, 1, 1), dt.date(2023, 3, 1), dt.date(2023, 9, 1)],
    ...         "end": [dt.date(2023, 3, 1), dt.date(2023, 5, 1), None],
    ...     }
    ... )
    >>> stays = wf.stays(episodes, by="team").to_polars()
    >>> stays.select("team", "began", "ended", "days").rows()
    [('north', 'first entry', 'move', 59), ('south', 'move', 'exit', 61), ('south', 're-entry', None, None)]
    """
    specification: dict[str, object] = {
        "child": column_name("child", child),
        "start": column_name("start", start),
        "end": column_name("end", end),
        "last_day_counts": flag("last_day_counts", last_day_counts),
        "by": [column_name("by", name) for name in listed(by)],
    }
    return Stays(*_bridge.history("stays", [episodes], specification))
