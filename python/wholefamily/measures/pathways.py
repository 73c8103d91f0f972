"""Which way did people go, from state to state, and where are they now?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wholefamily._measure import Measure, listed

from .shares import Code, ProportionMethod  # noqa: TC001  (the words of a field are read from its type)
from .time_to_event import Scale  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, kw_only=True)
class Pathways(Measure):
    """Where did people go next from each state?

    The unit is a stay in a state, in a row of `wf.pathways`: someone who comes to a state twice
    counts twice. For each state left (`from`) the value is the share (0 to 1) that each other state
    (`to`) came next after. `plot` draws the flows.

    Parameters
    ----------
    from_state : str
        The column that names the state.
    to_state : str
        The column that names the state that came next; null: no further step.
    base : {"all", "moved on"}
        Of whom the shares are: of all stays in the state, with a row for no further step; or of
        those that anything came next after, the others dropped and counted.
    date : str
        The column of dates that puts rows into periods; needed with `every`.
    method : {"wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald"}
        The interval of each share.

    Notes
    -----
    No further step means none by the last day watched: someone referred last week may not have
    been assessed yet. `MultiState` allows for that; so does `wf.pathways(within_days=…)` on people
    referred long enough ago. Rows without a state are dropped and counted. Every pair of states
    that any group had is shown for every group. With `by="step"` the picture has a column for each
    step.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> ways = pl.DataFrame({
    ...     "from": ["referred", "referred", "referred", "assessed"],
    ...     "to": ["assessed", "closed", "closed", "closed"],
    ... })
    >>> wf.Pathways().run(ways).to_polars().select("from", "to", "numerator", "denominator").rows()
    [('assessed', 'closed', 1, 1.0), ('referred', 'assessed', 1, 3.0), ('referred', 'closed', 2, 3.0)]
    """

    from_state: str = "from"
    to_state: str = "to"
    base: Literal["all", "moved on"] = "all"
    date: str = "start"
    method: ProportionMethod = "wilson"


@dataclass(frozen=True, kw_only=True)
class Diverted(Measure):
    """What share of people were diverted from statutory intervention?

    The unit is a pathway, in the row of its first step from `wf.pathways(statutory=…)`. The value is
    the share (0 to 1) whose person came to no statutory state from then on; with `within_days`,
    within so many days, among those watched for so long.

    Parameters
    ----------
    origin : value or list of values, optional
        The states that a pathway may begin in to count, such as `["referred"]`; by default any.
    within_days : int, optional
        Within how many days of the origin; by default, for as long as each was watched.
    from_state : str
        The column that names the state.
    step : str
        The column that numbers the steps of a pathway.
    statutory : str
        The column of days from the origin to the first statutory state; null: none came.
    followed : str
        The column of days from the origin to the last day watched.
    date : str
        The column of dates that puts rows into periods; needed with `every`.
    method : {"wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald"}
        The interval.

    Notes
    -----
    With `within_days`, whoever was not watched so long is dropped and counted, even where a
    statutory state has come already: to keep only those would make the share too small. Without it
    a note says for how long people were watched. Steps after the first are no rows of this measure,
    neither used nor dropped. Someone with two pathways counts twice. That nothing statutory followed
    does not say that support was the reason.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> steps = pl.DataFrame({
    ...     "child_id": ["Ann", "Ann", "Bea"],
    ...     "state": ["referred", "registered", "referred"],
    ...     "on": [dt.date(2022, 1, 1), dt.date(2022, 3, 1), dt.date(2022, 2, 1)],
    ... })
    >>> ways = wf.pathways(
    ...     steps, person="child_id", state="state", date="on", until="2023-06-30",
    ...     statutory=["registered"],
    ... )
    >>> wf.Diverted(origin=["referred"], within_days=365).run(ways).to_polars()["value"].item()
    0.5
    """

    origin: Code | Sequence[Code] = ()
    within_days: int | None = None
    from_state: str = "from"
    step: str = "step"
    statutory: str = "statutory_days"
    followed: str = "followed_days"
    date: str = "origin"
    method: ProportionMethod = "wilson"

    def __post_init__(self) -> None:
        """Take the states as a tuple, so that the specification cannot change."""
        self._set("origin", listed(self.origin))


@dataclass(frozen=True, kw_only=True)
class MultiState(Measure):
    """In which state are people so many days on, and how long were they in each?

    The unit is a person followed from an origin, in a row of `wf.pathways` for each stay. The value
    is the Aalen-Johansen share (0 to 1) of those who began who are in the state at the end of the
    day, with `time` and `state` as keys, when not everybody could be watched so long; or with
    `mean_to` the mean number of days spent in each state up to that day.

    Parameters
    ----------
    at : list of int, optional
        The days to read the shares at, such as `[90, 365]`.
    mean_to : int, optional
        The day up to which the mean time in each state is asked for, instead of `at`.
    start : value, optional
        The state that those asked about were in at the end of the first day; by default everyone
        who was watched from the origin, in whatever state.
    from_state : str
        The column that names the state.
    to_state : str
        The column that names the state in which the day of leaving ended; null: last seen.
    entry, exit : str
        The columns of days since the origin on which the state was entered, and left or last seen.
    date : str
        The column of dates that puts rows into periods; needed with `every`.
    method : {"logit", "log-log", "log", "plain", "arcsine"}
        The scale of the interval of shares; that of days is plain, from 0 to the day.

    Notes
    -----
    Nobody leaves one state for two on one day: `settled` of `wf.pathways` is where the day ended,
    and stays of no day are dropped and counted. Someone first seen after the origin counts from the
    next day. After the last day on which anyone was watched there is no figure, unless all are in
    states that nobody leaves; while nobody is watched in a state, its share stays as it is, and a
    note says so. The variance is Greenwood's, and without `start` holds that of the shares at the origin too. That
    watching ended is taken to have nothing to do with where people would have gone: so leave
    `within_days` out of `wf.pathways` here.

    References
    ----------
    Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov
    chains based on censored observations. Scandinavian Journal of Statistics 5, 141-150.
    Andersen, P. K., Borgan, O., Gill, R. D. and Keiding, N. (1993). Statistical Models Based on
    Counting Processes, section IV.4.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> ways = pl.DataFrame({
    ...     "from": ["referred", "assessed", "referred"],
    ...     "settled": ["assessed", None, None],
    ...     "entry_days": [0, 10, 0],
    ...     "exit_days": [10, 30, 30],
    ... })
    >>> wf.MultiState(at=[30]).run(ways).to_polars().select("state", "value").rows()
    [('assessed', 0.5), ('referred', 0.5)]
    >>> wf.MultiState(mean_to=30).run(ways).to_polars().select("state", "value").rows()
    [('assessed', 10.0), ('referred', 20.0)]
    """

    at: Sequence[int] | None = None
    mean_to: int | None = None
    start: Code | None = None
    from_state: str = "from"
    to_state: str = "settled"
    entry: str = "entry_days"
    exit: str = "exit_days"
    date: str = "origin"
    method: Scale = "logit"

    def __post_init__(self) -> None:
        """Take the days as a tuple, so that the specification cannot change."""
        if self.at is not None:
            self._set("at", listed(self.at))
