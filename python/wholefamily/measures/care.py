"""Children in care: how many on a day, by what proportion that changed, how many start and end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wholefamily._measure import Day, Measure, day, listed

from .populated import Populated

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wholefamily._bridge import Data


@dataclass(frozen=True, kw_only=True, eq=False)
class LookedAfter(Populated):
    """How many children are looked after on a date?

    The unit is a child, counted once however many episodes it has: on a day, a child is looked
    after if an episode of it has started by then and has not ended, or ends later. `value` is the
    number of children; with `population`, their rate.

    Parameters
    ----------
    at : list of dates, optional
        The days. Left out, `every` in `run` gives them: the last day of each whole period, from
        the first start to `as_of`.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    population : table, optional
        Children in the population: the `by` columns, `date` and `population` (a number).
    per : number
        The rate is per so many children.

    Notes
    -----
    Episodes without a child or a start, or that end before they start, are set aside, counted
    in `rows_dropped` and listed in `Estimates.set_aside`. A day after `as_of` has no value. A
    complete count has no sampling interval; a rate has that of a Poisson count, exact below 10
    children and Byar's from 10.

    References
    ----------
    Scottish Government. Children's Social Work Statistics: looked after children are counted on
    a census date. Breslow, N. E. and Day, N. E. (1987). Statistical Methods in Cancer Research II,
    p. 69 (Byar's interval).

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "b"],
    ...     "start": [dt.date(2020, 1, 1), dt.date(2020, 6, 1), dt.date(2020, 3, 1)],
    ...     "end": [dt.date(2020, 6, 1), None, dt.date(2020, 5, 1)],
    ... })
    >>> stock = wf.LookedAfter(at=["2020-03-31", "2020-05-01"]).run(episodes).to_polars()
    >>> stock.select("date", "value").rows()
    [(datetime.date(2020, 3, 31), 2.0), (datetime.date(2020, 5, 1), 1.0)]
    """

    at: Sequence[Day] | None = None
    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None
    population: Data | None = None
    per: float = 1000

    def __post_init__(self) -> None:
        """Read the days."""
        if self.at is not None:
            days = (day(each, "LookedAfter(at=…)") for each in listed(self.at))
            self._set("at", tuple(days))
        self._set_day("as_of")


@dataclass(frozen=True, kw_only=True)
class LookedAfterChange(Measure):
    """By what proportion did the number of looked-after children change?

    The unit is a child, counted once on each of two days as in `LookedAfter`. `value` is the
    proportional change (-0.24 is a reduction of 24%); `numerator` is the later count and `denominator` the
    earlier one.

    Parameters
    ----------
    before, after : date
        The two days.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).

    Notes
    -----
    The interval ("overlap-log") uses that children looked after on both days are the same
    children. It is two-sided, on the log scale; with nobody on one of the days there is none,
    and the reason is given. Unusable episodes are set aside as in `LookedAfter`.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "b", "c", "d", "e"],
    ...     "start": [dt.date(2019, 1, 1)] * 4 + [dt.date(2021, 1, 1)],
    ...     "end": [None, None, dt.date(2020, 7, 1), dt.date(2020, 9, 1), None],
    ... })
    >>> change = wf.LookedAfterChange(before="2020-02-29", after="2022-02-28").run(episodes)
    >>> change.to_polars().select("value", "numerator", "denominator").row(0)
    (-0.25, 3, 4.0)
    >>> [round(bound, 4) for bound in change.to_polars().select("lower", "upper").row(0)]
    [-0.7185, 0.9983]
    """

    before: Day
    after: Day
    child: str = "child_id"
    start: str = "start"
    end: str = "end"

    def __post_init__(self) -> None:
        """Read the days."""
        self._set_day("before")
        self._set_day("after")


@dataclass(frozen=True, kw_only=True)
class Flows(Measure):
    """How many children started and ended care in each period?

    The unit is a child's spell of care: the union of its episodes, where an episode that begins
    on the day the last one ended continues it and an overlap counts once. Three rows a period:
    `flow` is "starts", "ends" or "net". Starts less ends is exactly the change in `LookedAfter`.
    Grouped by a column, a move between groups is an end in one and a start in the other.

    Parameters
    ----------
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.

    Notes
    -----
    Unusable episodes are set aside as in `LookedAfter`; starts and ends after `as_of` do not
    count. A complete count has no sampling interval.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "b"],
    ...     "start": [dt.date(2020, 1, 1), dt.date(2020, 6, 1), dt.date(2020, 3, 1)],
    ...     "end": [dt.date(2020, 6, 1), None, dt.date(2020, 5, 1)],
    ... })
    >>> flows = wf.Flows().run(episodes, every="year").to_polars()
    >>> flows.select("flow", "value").rows()
    [('starts', 2.0), ('ends', 1.0), ('net', 1.0)]
    """

    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None

    def __post_init__(self) -> None:
        """Read the day."""
        self._set_day("as_of")
