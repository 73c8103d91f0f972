"""How long until it happens, when not everybody could be watched to the end?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wholefamily._measure import Measure

if TYPE_CHECKING:
    from collections.abc import Sequence

Scale: TypeAlias = Literal["plain", "log", "log-log", "logit", "arcsine"]
"""The scale on which an interval is even."""


@dataclass(frozen=True, kw_only=True)
class Survival(Measure):
    """What share has not yet had the event, by days since the origin?

    The unit is a person, in a row with the days they were followed and whether the event ended
    that. The value is the Kaplan-Meier share (0 to 1) of those without the event on each day; or,
    with `quantiles`, the days by which each share has had it, and then `time` names the quantile.
    `denominator` is everyone followed.

    Parameters
    ----------
    time : str
        The column of days from the origin to the event or the end of follow-up: whole numbers.
    event : str
        The column that says whether the event happened: true, false; null is not known.
    at : list of int, optional
        The days to read the curve at, such as `[365]`. Without it and without `quantiles`, every
        day on which someone had the event, or where nobody had, the last day followed.
    quantiles : list of number, optional
        Shares with the event, above 0 and below 1: 0.5 asks for the median.
    entry : str, optional
        The column of the day on which observation began, where that was after the origin; null is
        the origin.
    date : str, optional
        The column of dates that puts rows into periods, such as that of the origin; needed with
        `every`.
    method : {"log-log", "log", "plain", "logit", "arcsine"}
        The scale of the interval, as in R's `survfit` (whose own default is "log").

    Notes
    -----
    On one day, events come before the ends of follow-up. After the last day on which anyone was
    followed there is no figure, and the reason says so; nor are there limits before the first
    event. Rows without time or event are dropped and counted. The curve takes the end of follow-up
    to have nothing to do with the event; where people leave because of something that makes the
    event impossible, ask `CumulativeIncidence`.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations.
    Journal of the American Statistical Association 53, 457-481.
    Greenwood, M. (1926). The natural duration of cancer.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> followed = pl.DataFrame({"time": [30, 60, 60, 90], "event": [True, True, False, False]})
    >>> wf.Survival(at=[45, 60]).run(followed).to_polars()["value"].to_list()
    [0.75, 0.5]
    >>> wf.Survival(quantiles=[0.5]).run(followed).to_polars()["value"].to_list()
    [75.0]
    """

    time: str = "time"
    event: str = "event"
    at: Sequence[int] | None = None
    quantiles: Sequence[float] | None = None
    entry: str | None = None
    date: str | None = None
    method: Scale = "log-log"


@dataclass(frozen=True, kw_only=True)
class CumulativeIncidence(Measure):
    """What share has had each event by a day, where others may come first?

    The unit is a person, in a row with the days they were followed and what ended that. The value
    is the Aalen-Johansen share (0 to 1) of all who had the event by the day, with `event` and
    `time` as keys. Of babies assessed before birth: what share is in care by age one, when some
    moved away and some are not yet one?

    Parameters
    ----------
    time : str
        The column of days from the origin to the event or the end of follow-up: whole numbers.
    event : str
        The column that says which event it was; null, or the word "censored", where the end of
        follow-up came first.
    at : list of int, optional
        The days to read the curves at, such as `[365]`; without it, every day of an event, or
        where there was none, the last day followed.
    entry : str, optional
        The column of the day on which observation began, where that was after the origin; null is
        the origin.
    date : str, optional
        The column of dates that puts rows into periods; needed with `every`.
    method : {"log-log", "log", "plain", "logit", "arcsine"}
        The scale of the interval.
    variance : {"delta", "cmprsk"}
        Whose variance: that of R's survival and SAS, or that of the package cmprsk.

    Notes
    -----
    Who died or moved away can no longer have the event. To take them for people whose follow-up
    ended, as 1 less `Survival` does, makes the share too large. Events on one day are all on that
    day, none before another, and nothing is drawn at random. Every event that any group had is
    shown for every group; where nobody had any, one row without an event says so. After the last day on which anyone was followed there is no figure.
    Rows without a time are dropped and counted.

    References
    ----------
    Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov
    chains based on censored observations. Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> babies = pl.DataFrame(
    ...     {"time": [100, 200, 300, 365], "event": ["care", "moved away", "care", None]}
    ... )
    >>> by_age_one = wf.CumulativeIncidence(at=[365]).run(babies).to_polars()
    >>> by_age_one.select("event", "value").rows()
    [('care', 0.5), ('moved away', 0.25)]
    """

    time: str = "time"
    event: str = "event"
    at: Sequence[int] | None = None
    entry: str | None = None
    date: str | None = None
    method: Scale = "log-log"
    variance: Literal["delta", "cmprsk"] = "delta"
