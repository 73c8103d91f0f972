"""Spells of care: episodes that touch are one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wholefamily import _bridge
from wholefamily._measure import Day, listed
from wholefamily.errors import SpecError, TypeError_

from ._result import Spells
from ._rules import SpellRules
from ._values import Chosen, column_name, plain

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wholefamily._bridge import Data


def spells(
    episodes: Data,
    *,
    child: str = "child_id",
    start: str = "start",
    end: str = "end",
    last_day_counts: bool = False,
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
    last_day_counts, gap_days, leave_out, only, transfer, born, until_age, as_of
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

    Raises
    ------
    SpecError
        Rules that contradict each other, a number out of bounds, a column named twice in `keep`, or one
        that the result has itself.
    ColumnError
        A column that is not in the table, or stands in it twice; the nearest name is suggested.
    TypeError_
        An argument or a column of the wrong type, or data that is no table.
    DataError
        A file that cannot be read.

    References
    ----------
    Department for Education. Children looked after by local authorities in England: guide to the
    SSDA903 collection.
    Scottish Government. Children's Social Work Statistics, and the guidance notes of its Looked After
    Children return.

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
        "last_day_counts": last_day_counts,
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
        "child": column_name("child", child),
        "start": column_name("start", start),
        "end": column_name("end", end),
        "keep": [column_name("keep", name) for name in listed(keep)],
        **{name: plain(getattr(rules, name)) for name in given},
    }
    return Spells(*_bridge.history("spells", [episodes], specification))
