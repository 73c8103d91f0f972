"""Times to an event: how long until it happens, when not everybody could be watched to the end?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from wholefamily.errors import TypeError_

from ._answers import RestrictedMean, TestWithDf
from ._call import coded, each, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from ._call import Names, Numbers

Scale: TypeAlias = Literal["plain", "log", "log-log", "logit", "arcsine"]
"""The scale on which an interval is even."""
Variance: TypeAlias = Literal["delta", "cmprsk"]
"""Whose variance a cumulative incidence has."""
Weight: TypeAlias = Literal[
    "log-rank", "wilcoxon", "tarone-ware", "peto-peto", "fleming-harrington"
]
"""Which days count for how much."""

CENSORED = "censored"
ARRAYS = ("__array__", "__arrow_c_stream__", "__arrow_c_array__")


def kaplan_meier(
    time: Numbers,
    event: Names,
    *,
    entry: Numbers = None,
    cluster: Names | None = None,
    at: Sequence[int] | int | None = None,
    method: Scale = "log-log",
    level: float = 0.95,
    reasons: bool = False,
) -> pl.DataFrame:
    """What share has not yet had the event by each day?

    Parameters
    ----------
    time
        A sequence: the days from the origin to the event or the end of observation, whole numbers.
    event
        A sequence: true or 1 for who had the event, false or 0 for who was only seen so long.
    entry
        A sequence: the day on which they joined, at risk from the next day on; null for who was
        there from the start.
    cluster
        A sequence: the family or group of brothers and sisters of each, by name or number, whose
        members share their fate; the variance is then that between clusters. A few clusters make it
        too small, and one has none.
    at
        The days to read the curve at; without them, every day on which somebody left.
    method
        The scale of the interval: "log-log", "log" (the default of R), "plain", "logit" or
        "arcsine".
    level
        Confidence level, between 0 and 1.
    reasons
        Add a column `reason`, why a figure is null.

    Returns
    -------
    polars.DataFrame
        A row for each day: `time`, how many were `at_risk`, had `events` and were `censored` on it,
        `value` (the share without the event after it), `lower`, `upper` and `standard_error`
        (Greenwood's, or that between clusters).

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations.
    Journal of the American Statistical Association, 53, 457-481.

    Examples
    --------
    >>> import wholefamily as wf
    >>> curve = wf.stats.kaplan_meier([30, 60, 60, 90], [True, True, False, False])
    >>> curve.select("time", "at_risk", "events", "value").rows()
    [(30, 4, 1, 0.75), (60, 3, 1, 0.5), (90, 1, 0, 0.5)]
    >>> wf.stats.kaplan_meier([30, 60, 60, 90], [1, 1, 0, 0], at=[45])["value"].to_list()
    [0.75]
    >>> families = ["Fox", "Fox", "Roe", "Roe"]
    >>> curve = wf.stats.kaplan_meier([30, 30, 90, 90], [1, 1, 0, 0], at=[60], cluster=families)
    >>> curve["value"].item(), round(curve["standard_error"].item(), 3)
    (0.5, 0.354)
    """
    return each(
        "kaplan_meier",
        {
            "time": time,
            "event": _flags("kaplan_meier", event),
            "entry": entry,
            "cluster": coded("kaplan_meier", "cluster", cluster),
        },
        reasons=reasons,
        at=_listed(at),
        method=method,
        level=level,
    )


def cumulative_incidence(
    time: Numbers,
    event: Names,
    cause: str | int,
    *,
    entry: Numbers = None,
    cluster: Names | None = None,
    at: Sequence[int] | int | None = None,
    method: Scale = "log-log",
    variance: Variance = "delta",
    level: float = 0.95,
    reasons: bool = False,
) -> pl.DataFrame:
    """What share has had an event by each day, where others may come first?

    Parameters
    ----------
    time
        A sequence: the days from the origin to the event or the end of observation, whole numbers.
    event
        A sequence: what happened, by name or number; null, false, 0 or "censored" for who was only
        seen so long.
    cause
        The event asked about; all others compete with it.
    entry
        A sequence: the day on which they joined, at risk from the next day on; null for who was
        there from the start.
    cluster
        A sequence: the family or group of brothers and sisters of each, by name or number, whose
        members share their fate; the variance is then that between clusters. A few clusters make it
        too small, and one has none.
    at
        The days to read the curve at; without them, every day on which somebody left.
    method
        The scale of the interval: "log-log", "log", "plain", "logit" or "arcsine".
    variance
        "delta" (R's survival, SAS) or "cmprsk" (Gray's). With `cluster` it is that between clusters.
    level
        Confidence level, between 0 and 1.
    reasons
        Add a column `reason`, why a figure is null.

    Returns
    -------
    polars.DataFrame
        A row for each day: `time`, how many were `at_risk`, had the event (`events`) and were
        `censored` on it, `value` (the share of all with the event by then, Aalen and Johansen's),
        `lower`, `upper` and `standard_error`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Aalen, O. O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov
    chains based on censored observations. Scandinavian Journal of Statistics, 5, 141-150.

    Examples
    --------
    >>> import wholefamily as wf
    >>> time, event = [1, 2, 2, 2, 3, 4], [1, 1, 2, 0, 1, 2]
    >>> wf.stats.cumulative_incidence(time, event, 1, at=[3])["value"].round(5).to_list()
    [0.58333]
    """
    return each(
        "cumulative_incidence",
        {
            "time": time,
            "event": _causes("cumulative_incidence", event, cause),
            "entry": entry,
            "cluster": coded("cumulative_incidence", "cluster", cluster),
        },
        reasons=reasons,
        cause=1,
        at=_listed(at),
        method=method,
        variance=variance,
        level=level,
    )


def restricted_mean(
    time: Numbers,
    event: Names,
    until: int,
    *,
    entry: Numbers = None,
    cluster: Names | None = None,
    level: float = 0.95,
) -> RestrictedMean:
    """How long do they go without the event on average, up to a day?

    Parameters
    ----------
    time
        A sequence: the days from the origin to the event or the end of observation, whole numbers.
    event
        A sequence: true or 1 for who had the event, false or 0 for who was only seen so long.
    until
        The day at which counting stops.
    entry
        A sequence: the day on which they joined, at risk from the next day on; null for who was
        there from the start.
    cluster
        A sequence: the family or group of brothers and sisters of each, by name or number, whose
        members share their fate; the variance is then that between clusters. A few clusters make it
        too small, and one has none.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    RestrictedMean
        `value` (days: the area under the curve), `lower`, `upper` and `standard_error`, that of the
        estimate, not the spread of the times. Null where nobody was observed so long.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Klein, J. P. and Moeschberger, M. L. (2003). Survival Analysis, section 4.5.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.restricted_mean([30, 60, 60, 90], [True, True, False, False], 60).value
    52.5
    """
    return whole(
        "restricted_mean",
        RestrictedMean,
        {
            "time": time,
            "event": _flags("restricted_mean", event),
            "entry": entry,
            "cluster": coded("restricted_mean", "cluster", cluster),
        },
        until=until,
        level=level,
    )


def log_rank(
    time: Numbers,
    event: Names,
    group: Names,
    *,
    strata: Names | None = None,
    entry: Numbers = None,
    weight: Weight = "log-rank",
    rho: float = 0.0,
    gamma: float = 0.0,
) -> TestWithDf:
    """Do groups have their events at the same pace?

    Parameters
    ----------
    time
        A sequence: the days from the origin to the event or the end of observation, whole numbers.
    event
        A sequence: true or 1 for who had the event, false or 0 for who was only seen so long.
    group
        A sequence: the group of each, by name or number.
    strata
        A sequence: like is tested with like, and the strata are added up.
    entry
        A sequence: the day on which they joined, at risk from the next day on; null for who was
        there from the start.
    weight
        "log-rank" (all days alike), "wilcoxon" (Gehan's, by the number at risk), "tarone-ware" (by
        its root), "peto-peto" (by the share left) or "fleming-harrington".
    rho, gamma
        For "fleming-harrington": how much more early and late days count.

    Returns
    -------
    TestWithDf
        `statistic` (chi-squared, with the hypergeometric variance of ties), `df` and `p_value`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Mantel, N. (1966). Evaluation of survival data and two new rank order statistics arising in its
    consideration. Cancer Chemotherapy Reports, 50, 163-170.

    Examples
    --------
    >>> import wholefamily as wf
    >>> test = wf.stats.log_rank([1, 2, 4, 2, 3, 5], [1, 1, 0, 0, 1, 1], ["a"] * 3 + ["b"] * 3)
    >>> round(test.statistic, 4), test.df, round(test.p_value, 4)
    (0.8253, 1.0, 0.3636)
    """
    return whole(
        "log_rank",
        TestWithDf,
        {
            "time": time,
            "event": _flags("log_rank", event),
            "group": coded("log_rank", "group", group),
            "strata": coded("log_rank", "strata", strata),
            "entry": entry,
        },
        weight=weight,
        rho=rho,
        gamma=gamma,
    )


def gray_test(
    time: Numbers,
    event: Names,
    group: Names,
    cause: str | int,
    *,
    strata: Names | None = None,
    rho: float = 0.0,
) -> TestWithDf:
    """Does an event befall groups alike, where others may come first?

    Parameters
    ----------
    time
        A sequence: the days from the origin to the event or the end of observation, whole numbers.
    event
        A sequence: what happened, by name or number; null, false, 0 or "censored" for who was only
        seen so long.
    group
        A sequence: the group of each, by name or number.
    cause
        The event asked about; all others compete with it.
    strata
        A sequence: like is tested with like, and the strata are added up.
    rho
        Above 0 early days count more.

    Returns
    -------
    TestWithDf
        `statistic` (chi-squared), `df` and `p_value`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Gray, R. J. (1988). A class of K-sample tests for comparing the cumulative incidence of a
    competing risk. Annals of Statistics, 16, 1141-1154.

    Examples
    --------
    >>> import wholefamily as wf
    >>> groups = ["a"] * 3 + ["b"] * 3
    >>> test = wf.stats.gray_test([1, 2, 4, 2, 3, 5], [1, 1, 0, 0, 1, 1], groups, 1)
    >>> round(test.statistic, 4), test.df, round(test.p_value, 4)
    (0.8385, 1.0, 0.3598)
    """
    return whole(
        "gray_test",
        TestWithDf,
        {
            "time": time,
            "event": _causes("gray_test", event, cause),
            "group": coded("gray_test", "group", group),
            "strata": coded("gray_test", "strata", strata),
        },
        cause=1,
        rho=rho,
    )


def _listed(at: Sequence[int] | int | None) -> list[int] | None:
    if at is None or isinstance(at, int):
        return None if at is None else [at]
    return list(at)


def _flags(function: str, event: Names) -> object:
    """Take true and false for 1 and 0; a name is not an answer to whether it happened."""
    import polars as pl

    series = coded(function, "event", event)
    if isinstance(event, pl.Series):
        kind = event.dtype
        text = kind == pl.String or isinstance(kind, pl.Categorical | pl.Enum)
    else:
        text = isinstance(event, list | tuple) and any(isinstance(each, str) for each in event)
    if text:
        msg = f"{function}: event holds names; expected true and false, or 1 and 0"
        raise TypeError_(msg)
    if isinstance(series, pl.Series) and series.dtype.is_integer() and (series > 1).any():
        msg = (
            f"{function}: event holds {series.max()}; expected true and false, or 1 and 0: for "
            "several kinds of event see cumulative_incidence"
        )
        raise TypeError_(msg)
    return series


def _causes(function: str, event: Names, cause: str | float) -> object:
    """Number what happened: 0 for nothing, 1 for the event asked about, 2 for all others."""
    import polars as pl

    if isinstance(event, pl.Series):
        series = event
    elif isinstance(event, list | tuple) or any(hasattr(event, name) for name in ARRAYS):
        series = pl.Series("event", cast("Any", event))
    else:
        msg = f"{function}: event is {event!r}; expected a sequence of names or numbers"
        raise TypeError_(msg)
    nothing = series.is_null()
    if series.dtype == pl.String or isinstance(series.dtype, pl.Categorical | pl.Enum):
        series = series.cast(pl.String)
        nothing |= (series == CENSORED).fill_null(value=True)
        asked = isinstance(cause, str) and cause != CENSORED
    else:
        series = series.cast(pl.Int64) if series.dtype in {pl.Boolean, pl.Null} else series
        nothing |= (series == 0).fill_null(value=True)
        asked = not isinstance(cause, str) and bool(cause)
    if not asked:
        msg = f"{function}: cause is {cause!r}; expected one of the events, as event writes it"
        raise TypeError_(msg)
    codes = pl.select(
        pl.when(nothing)
        .then(0)
        .when(series == (int(cause) if isinstance(cause, bool) else cause))
        .then(1)
        .otherwise(2)
        .cast(pl.Int64)
    )
    return codes.to_series().alias("event")
