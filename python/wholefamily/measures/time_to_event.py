"""How long until it happens, when not everybody could be watched to the end?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wholefamily._measure import Measure, listed

from .shares import ProportionMethod  # noqa: TC001  (its words are part of the fields)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .shares import Code

Scale: TypeAlias = Literal["plain", "log", "log-log", "logit", "arcsine"]
"""The scale on which an interval is even."""


@dataclass(frozen=True, kw_only=True)
class FixedHorizon(Measure):
    """What share had the event by a day: of those who could be seen so long, and estimated from all?

    The unit is a person, in a row of a cohort that `wf.follow_up` followed. In alternative care by
    age one? There are two honest answers, and they stand side by side, by `time` (the horizon) and
    `estimate`:

    - "observed long enough": of those whose observation, from `origin` to `until`, reaches the
      horizon, the share (0 to 1) with the event by then. Who had a competing event first did not
      have it. Nothing but counts, and the youngest are left out.
    - "Aalen-Johansen": the share estimated from all, each for as long as they were seen.
    - "not yet observable": how many people's observation ends before the horizon.

    Parameters
    ----------
    origin : str
        The column of days on which time begins, such as the day of birth. With `every`, its periods
        group the rows.
    time : str
        The column of days from the origin to the event or the end of observation.
    event : str
        The column that says which event it was; null, or the word "censored", where observation
        ended without one. In a column of whole numbers 0 is no event, unless `interest` or
        `competing` names it; of true and false, true is the event.
    until : str
        The column of the last day observed, whether or not an event came first.
    at : int or list of int
        The horizons, in days from the origin.
    interest : str, int, bool or a list of them, optional
        The event asked about; all others compete with it.
    competing : str or list of str, int or bool
        The column that says whether the event is one that competes, or a list of the events that
        do: all others are asked about. Where the table has no column `competing`, no event competes.
    entry : str
        The column of the days from the origin after which observation began; it is read where the
        table has it.
    cluster : str, optional
        The column that names the family, or the group of brothers and sisters, whose members share
        their fate: both intervals then allow for it. Without it people are taken to have nothing
        to do with each other.
    method : str
        The interval of the share of those observed long enough: "wilson" (by default),
        "clopper-pearson", "jeffreys", "agresti-coull", "mid-p" or "wald".
    band : {"log-log", "log", "plain", "logit", "arcsine"}
        The scale of the interval of the estimate from all.

    Notes
    -----
    The defaults are the columns that `wf.follow_up` makes. Rows without a time, an origin or an end
    of observation are dropped and counted. A row that was followed beyond the end of its
    observation, or without an event not as far, contradicts itself: it is set aside and listed. So
    for people who were lost from view, `until` must be the day they were last seen. Who was first
    seen after the origin is not among those observed long enough. After the last day on which
    anyone was followed there is no estimate, and the reason says so. With `cluster`, `method` in the
    result is "wilson-clustered" and, of the estimate, ends in "clustered"; rows that name no cluster
    are set aside and listed, and one cluster has no interval.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.
    Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov
    chains based on censored observations. Scandinavian Journal of Statistics 5, 141-150.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> babies = pl.DataFrame({
    ...     "child_id": ["Ann", "Bea", "Cal", "Dee"],
    ...     "born": [dt.date(2022, month, 1) for month in (1, 2, 3, 12)],
    ... })
    >>> care = pl.DataFrame({"child_id": ["Bea"], "on": [dt.date(2022, 5, 1)], "event": ["care"]})
    >>> followed = wf.follow_up(
    ...     babies, care, person="child_id", origin="born", event_date="on", until="2023-06-30",
    ... )
    >>> by_age_one = wf.FixedHorizon(origin="born").run(followed).to_polars()
    >>> for row in by_age_one.select("estimate", "value", "numerator", "denominator").rows():
    ...     print(row)
    ('observed long enough', 0.3333333333333333, 1, 3.0)
    ('Aalen-Johansen', 0.25, 1, 4.0)
    ('not yet observable', 1.0, 1, 4.0)
    """

    origin: str
    time: str = "time"
    event: str = "event"
    until: str = "observed_until"
    at: int | Sequence[int] = (365,)
    interest: Code | Sequence[Code] | None = None
    competing: str | Sequence[Code] = "competing"
    entry: str = "entry_days"
    cluster: str | None = None
    method: ProportionMethod = "wilson"
    band: Scale = "log-log"

    def __post_init__(self) -> None:
        """Take days and codes as tuples, so that the specification cannot change."""
        self._set("at", listed(self.at))
        if self.interest is not None and not isinstance(self.interest, str | int):
            self._set("interest", listed(self.interest))
        if not isinstance(self.competing, str):
            self._set("competing", listed(self.competing))


@dataclass(frozen=True, kw_only=True)
class Survival(Measure):
    """What share has not yet had the event, by days since the origin?

    The unit is a person, in a row with the days they were followed and whether the event ended
    that. The value is the Kaplan-Meier share (0 to 1) of those without the event on each day; with
    `quantiles`, the days by which each share has had it, and then `time` names the quantile; or,
    with `mean_to`, how many days without the event there were on average up to that day.
    `denominator` is everyone followed.

    Parameters
    ----------
    time : str
        The column of days from the origin to the event or the end of follow-up: whole numbers.
    event : str
        The column that says whether the event happened: true, false; null is not known.
    at : list of int, optional
        The days to read the curve at, such as `[365]`. Without any of the three lists, every day
        on which someone had the event, or where nobody had, the last day followed.
    quantiles : list of number, optional
        Shares with the event, above 0 and below 1: 0.5 asks for the median.
    mean_to : list of int, optional
        Days up to which the mean number of days without the event is asked for (the restricted
        mean: the area under the curve). Its interval is plain, within 0 and the day, from the
        variance of the estimate, not that of the times.
    entry : str, optional
        The column of the day on which observation began, where that was after the origin; null is
        the origin.
    cluster : str, optional
        The column that names the family, or the group of brothers and sisters, whose members share
        their fate: the interval then allows for it. Without it people are taken to have nothing
        to do with each other.
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

    With `cluster` the figures are the same, and the variance is that between clusters (of R's
    `survfit` with `cluster`); `method` in the result ends in "clustered". Rows that name no cluster
    are set aside and listed. One cluster has no interval, and a few have one that is too narrow.
    `compare` allows for clusters with members in both groups; `test` refuses them.

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
    >>> wf.Survival(mean_to=[60]).run(followed).to_polars()["value"].to_list()
    [52.5]

    Two pairs of siblings, who came into care together or not at all, tell less than four children:

    >>> siblings = pl.DataFrame(
    ...     {"time": [30, 30, 90, 90], "event": [True, True, False, False], "family": [1, 1, 2, 2]}
    ... )
    >>> for cluster in (None, "family"):
    ...     found = wf.Survival(at=[60], method="plain", cluster=cluster).run(siblings, level=0.5)
    ...     print(found.to_polars().select(pl.col("value", "lower", "upper").round(3)).row(0))
    (0.5, 0.331, 0.669)
    (0.5, 0.262, 0.738)
    """

    time: str = "time"
    event: str = "event"
    at: Sequence[int] | None = None
    quantiles: Sequence[float] | None = None
    mean_to: Sequence[int] | None = None
    entry: str | None = None
    cluster: str | None = None
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
        follow-up came first. In a column of whole numbers 0 is no event, as in R's survival and
        cmprsk; of true and false, false is none.
    at : list of int, optional
        The days to read the curves at, such as `[365]`; without it, every day of an event, or
        where there was none, the last day followed.
    entry : str, optional
        The column of the day on which observation began, where that was after the origin; null is
        the origin.
    cluster : str, optional
        The column that names the family, or the group of brothers and sisters, whose members share
        their fate: the interval then allows for it. Without it people are taken to have nothing
        to do with each other.
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
    shown for every group; where nobody had any, one row without an event says so. After the last
    day on which anyone was followed there is no figure. Rows without a time are dropped and counted.

    With `cluster` the figures are the same, and the variance is that between clusters, as in
    `Survival`, in place of the one that `variance` names.

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
    cluster: str | None = None
    date: str | None = None
    method: Scale = "log-log"
    variance: Literal["delta", "cmprsk"] = "delta"
