"""Who was referred again, how long did they wait, and whom and when did they see?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wholefamily._measure import Day, Measure, day, listed

from .shares import ProportionMethod  # noqa: TC001  (read by get_type_hints)
from .time_to_event import Scale  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Sequence

Nation: TypeAlias = Literal["scotland", "england"]
"""Whose bank holidays; "england" is England and Wales."""


def _dates(holidays: object, where: str) -> object:
    if holidays is None or isinstance(holidays, str):
        return holidays
    return tuple(day(date, where) for date in listed(holidays))


@dataclass(frozen=True, kw_only=True)
class ReReferral(Measure):
    """What share of referrals are re-referrals?

    The unit is a referral that went through `wholefamily.repeats`. The key `referrals` says of which:
    "all" (repeats among all referrals, as the Department for Education publishes re-referrals within
    12 months), "with an earlier one" (repeats among those that are not the first of their family or
    child), and "first ever" (the first in the table, among all).

    Parameters
    ----------
    repeat : str
        The column that says whether a referral is a repeat; null is not known.
    first_ever : str
        The column that says whether it is the first; null is not known.
    date : str
        The column of dates that puts referrals into periods.
    cluster : str, optional
        The column that names the family. The interval then allows for referrals of one family being
        alike.
    method : {"wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald"}
        The interval; with `cluster` only "wilson".

    Notes
    -----
    A referral of which one of the two is not known is dropped and counted; one that is both, and with
    `cluster` one without a family, is set aside and listed. With `cluster` the interval is Wilson's of
    p(1 - p)/V referrals (at most as many as there are), with V the linearised variance between
    families and Student's t with one less than the number of families; `method` in the result is
    "wilson-clustered". One family has no interval. What came before the table begins is not known,
    so keep to referrals that come a year or more after it begins. The 365 days of `wf.repeats` are not
    quite the Department's 12 months: in a leap year, from 1 March 2023 to 1 March 2024 are 366.

    References
    ----------
    Department for Education. Characteristics of children in need: methodology.
    Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small expected
    number of positive counts estimated from survey data. Survey Methodology 24, 193-201.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> referrals = pl.DataFrame(
    ...     {
    ...         "family_id": ["Fox", "Roe", "Fox", "Fox"],
    ...         "received": [dt.date(2022, 1, 10), dt.date(2022, 5, 1), dt.date(2022, 9, 10),
    ...                      dt.date(2024, 1, 10)],
    ...     }
    ... )
    >>> marked = wf.repeats(referrals, person="family_id", date="received")
    >>> returns = wf.ReReferral(cluster="family_id").run(marked)
    >>> returns.to_polars().select("referrals", "value").rows()
    [('all', 0.25), ('with an earlier one', 0.5), ('first ever', 0.5)]
    """

    repeat: str = "repeat"
    first_ever: str = "first_ever"
    date: str = "received"
    cluster: str | None = None
    method: ProportionMethod = "wilson"


@dataclass(frozen=True, kw_only=True)
class TimeTo(Measure):
    """How long until it is answered, and how many still wait?

    The unit is a row with a start. Who has no end still waits, and is counted as such: to leave them
    out would make the wait look short. The key `figure` is "median" (the days by which half have
    their answer), "within N days" for each of `within` (the share that has it by then), "answered"
    (the share with an end so far), "still waiting" (how many), with `closed` "closed without an
    answer" (how many), and "longest wait" (days).

    Parameters
    ----------
    start : str
        The column of the date from which days count.
    end : str
        The column of the date of the answer; null: none yet.
    closed : str, optional
        The column of the date of closing; null: open. A row without an answer leaves on that day.
    within : list of int
        Targets, such as `[5, 10]`.
    as_of : date or str, optional
        The last day that the extract speaks of. Without it, the latest date in these columns.
    days : {"calendar", "working"}
        Which days count: all, or Monday to Friday without the `holidays`.
    holidays : {"scotland", "england"} or list of dates, optional
        The public holidays that are no working days; None for none. Those of councils differ.
    method : {"log-log", "log", "plain", "logit", "arcsine"}
        The scale of the interval, as in R's `survfit`.

    Notes
    -----
    The median and the shares within a target are those of Kaplan and Meier. An answer on the day of
    the start takes 0 days; working days are those after the day of the start, up to and with that of
    the end. A row without a start is dropped and counted; one with an end or a closing before its
    start, or a start after a given `as_of`, is set aside and listed. An end or a closing after a given
    `as_of` has not come yet. Where there is an answer, the closing counts for nothing. Who was closed
    without one waited up to that day and waits no longer: the median and the shares within a target
    are those if nobody were closed, and right where those closed would have waited as long as others;
    else ask `CumulativeIncidence` with closing as another event.

    `compare` gives the difference and the ratio of the shares within each target between two groups,
    and `test` the log-rank test of whole waits; all groups wait up to the same day.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations.
    Journal of the American Statistical Association 53, 457-481.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> referrals = pl.DataFrame(
    ...     {
    ...         "received": [dt.date(2024, 3, day) for day in (1, 1, 1, 7)],
    ...         "first_response": [dt.date(2024, 3, 3), dt.date(2024, 3, 11), None, None],
    ...     }
    ... )
    >>> waits = wf.TimeTo(within=[5]).run(referrals).to_polars()
    >>> for figure in waits.select("figure", "value", "unit").rows():
    ...     print(figure)
    ('median', 10.0, 'days')
    ('within 5 days', 0.25, 'share')
    ('answered', 0.5, 'share')
    ('still waiting', 2.0, 'rows')
    ('longest wait', 10.0, 'days')
    """

    start: str = "received"
    end: str = "first_response"
    closed: str | None = None
    within: Sequence[int] = ()
    as_of: Day | None = None
    days: Literal["calendar", "working"] = "calendar"
    holidays: Nation | Sequence[Day] | None = "scotland"
    method: Scale = "log-log"

    def __post_init__(self) -> None:
        """Read the days."""
        self._set("within", listed(self.within))
        self._set_day("as_of")
        self._set("holidays", _dates(self.holidays, "TimeTo(holidays=…)"))


@dataclass(frozen=True, kw_only=True)
class OutOfHours(Measure):
    """What share of contacts fell outside office hours?

    The unit is a contact, at a moment by the clock in Europe/London. The key `when` is "evening or
    night", "weekend", "public holiday" or "out of hours", which is all three together. A contact is
    counted once: as "public holiday", if it is not that as "weekend", and only then as "evening or
    night". Each value is a share (0 to 1) of all contacts.

    Parameters
    ----------
    at : str
        The column of timestamps. With a time zone they are brought to London's clock, summer time
        and winter time; without one they are taken to say what the clock in London said.
    opens : str
        When the office opens, such as "09:00".
    closes : str
        When it closes, such as "17:00"; a contact at that moment is out of hours. "24:00" is the end
        of the day.
    holidays : {"scotland", "england"} or list of dates, optional
        The public holidays, 2000 to 2035; None for none. Those of councils differ: give their dates.
    method : {"wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald"}
        The interval.

    Notes
    -----
    A null moment is dropped and counted. Of a bank holiday on a weekend the substitute day is the
    holiday. An hour that the clocks skip in March is counted as written, and listed, because the
    times may be those of another clock. So is a contact in a year whose holidays are not known. Where
    every moment is midnight, in London or in UTC, a note says that these seem to be dates, which do
    not say the hour. Bank
    holidays after 2026 are those of the rule; days appointed later by proclamation are not in it.

    References
    ----------
    Banking and Financial Dealings Act 1971, Schedule 1.
    St Andrew's Day Bank Holiday (Scotland) Act 2007.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> moments = [
    ...     dt.datetime(2024, 1, 2, 11),  # a holiday in Scotland
    ...     dt.datetime(2024, 1, 3, 11),
    ...     dt.datetime(2024, 1, 3, 19),
    ...     dt.datetime(2024, 1, 6, 11),
    ... ]
    >>> shares = wf.OutOfHours().run(pl.DataFrame({"at": moments})).to_polars()
    >>> shares.select("when", "value").rows()
    [('evening or night', 0.25), ('weekend', 0.25), ('public holiday', 0.25), ('out of hours', 0.75)]
    """

    at: str = "at"
    opens: str = "09:00"
    closes: str = "17:00"
    holidays: Nation | Sequence[Day] | None = "scotland"
    method: ProportionMethod = "wilson"

    def __post_init__(self) -> None:
        """Read the days."""
        self._set("holidays", _dates(self.holidays, "OutOfHours(holidays=…)"))


@dataclass(frozen=True, kw_only=True)
class ContinuityOfWorker(Measure):
    """Do families see the same worker?

    The unit is a family with at least `least` contacts of which the worker is known. The key `figure`
    is "usual worker" (the mean over families of the share of contacts with the worker they saw most:
    usual provider continuity), "workers per family" (the mean number of different workers) and "one
    worker only" (the share of families who saw only one).

    Parameters
    ----------
    family : str
        The column that names the family.
    worker : str
        The column that names the worker.
    date : str
        The column of dates or timestamps that puts contacts into periods; each period of a family
        then stands alone.
    least : int
        How many contacts a family must have to count.

    Notes
    -----
    A contact without a family or a worker is set aside and listed; those of families with fewer than
    `least` are dropped and counted. Means have Student's interval, of families, cut where no such
    mean can lie. A family with few
    contacts sees few workers: compare groups that have about as many.

    References
    ----------
    Breslau, N. and Haug, M. R. (1976). Service delivery structure and continuity of care. Journal of
    Health and Social Behavior 17(4), 339-352.
    Breslau, N. and Reeb, K. G. (1975). Continuity of care in a university-based practice. Journal of
    Medical Education 50, 965-969.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> contacts = pl.DataFrame(
    ...     {"family_id": [1, 1, 1, 1, 2, 2, 3], "worker_id": ["A", "A", "A", "B", "C", "C", "A"]}
    ... )
    >>> continuity = wf.ContinuityOfWorker().run(contacts).to_polars()
    >>> continuity.select("figure", "value").rows()
    [('usual worker', 0.875), ('workers per family', 1.5), ('one worker only', 0.5)]
    """

    family: str = "family_id"
    worker: str = "worker_id"
    date: str = "at"
    least: int = 2
