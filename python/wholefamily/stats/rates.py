"""Rates: events for so much exposure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import Interval, Tested
from ._call import by_row, whole

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

RateMethod: TypeAlias = Literal["exact", "byar", "phe", "mid-p"]
"""How to put an interval about a rate."""
RateRatioMethod: TypeAlias = Literal["exact", "mid-p", "log"]
"""How to compare two rates as a ratio."""
RateDifferenceMethod: TypeAlias = Literal["wald", "mover"]
"""How to compare two rates as a difference."""


@overload
def rate(
    x: Scalar, exposure: Scalar, *, per: float = ..., method: RateMethod = ..., level: float = ...
) -> Interval: ...
@overload
def rate(
    x: Numbers,
    exposure: Numbers,
    *,
    per: float = ...,
    method: RateMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def rate(
    x: Numbers,
    exposure: Numbers,
    *,
    per: float = 1,
    method: RateMethod = "phe",
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """How many events for so much exposure, and how sure can we be?

    Parameters
    ----------
    x
        Events, independent of each other; see `repeat_rate` for those that are not.
    exposure
        People, days or person-years.
    per
        How much exposure the rate is given for, such as 1000.
    method
        "phe" (exact below 10 events, then Byar, as the tools of Public Health England do), "exact"
        (Garwood), "byar" or "mid-p".
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value`, `lower` and `upper`, in events for `per` of exposure. Without exposure there is no
        rate: null, with its reason.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    Exact limits of the count: qchisq(tail, 2x)/2 and qchisq(1 − tail, 2x + 2)/2. Byar's: x (1 −
    1/(9x) − z/(3√x))³ and, with y = x + 1, y (1 − 1/(9y) + z/(3√y))³.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika, 28, 437-442.

    Breslow, N. and Day, N. (1987). Statistical methods in cancer research II, p. 69.

    Examples
    --------
    >>> import wholefamily as wf
    >>> rate = wf.stats.rate(9, 1000, per=1000)
    >>> rate.value, round(rate.lower, 3), round(rate.upper, 3)
    (9.0, 4.115, 17.085)
    """
    return by_row(
        "rate",
        Interval,
        {"x": x, "exposure": exposure},
        reasons=reasons,
        per=per,
        method=method,
        level=level,
    )


def repeat_rate(
    events: Numbers,
    persons: Numbers,
    exposure: float,
    *,
    per: float = 1,
    method: RateMethod = "phe",
    level: float = 0.95,
) -> Interval:
    """How many events for so much exposure, where some people have several?

    Parameters
    ----------
    events, persons
        Sequences: so many persons had so many events each.
    exposure
        People, days or person-years, in all.
    per
        How much exposure the rate is given for.
    method
        That of the count, as in `rate`.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        `value`, `lower` and `upper`. The interval is wider than that of `rate`, because persons are
        independent and events are not.

    Raises
    ------
    DataError
        A count that cannot be, or a null.

    References
    ----------
    Dobson, A., Kuulasmaa, K., Eberle, E. and Scherer, J. (1991). Confidence intervals for weighted
    sums of Poisson parameters. Statistics in Medicine, 10, 457-462.

    Examples
    --------
    >>> import wholefamily as wf
    >>> rate = wf.stats.repeat_rate([1, 2], [20, 5], 1000, per=1000)
    >>> rate.value, round(rate.lower, 2), round(rate.upper, 2)
    (30.0, 18.73, 44.81)
    """
    return whole(
        "repeat_rate",
        Interval,
        {"events": events, "persons": persons},
        exposure=exposure,
        per=per,
        method=method,
        level=level,
    )


@overload
def rate_ratio(
    x1: Scalar,
    e1: Scalar,
    x2: Scalar,
    e2: Scalar,
    *,
    method: RateRatioMethod = ...,
    level: float = ...,
) -> Tested: ...
@overload
def rate_ratio(
    x1: Numbers,
    e1: Numbers,
    x2: Numbers,
    e2: Numbers,
    *,
    method: RateRatioMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def rate_ratio(
    x1: Numbers,
    e1: Numbers,
    x2: Numbers,
    e2: Numbers,
    *,
    method: RateRatioMethod = "exact",
    level: float = 0.95,
    reasons: bool = False,
) -> Tested | pl.DataFrame:
    """How many times as high is one rate as the other?

    Parameters
    ----------
    x1, e1
        Events of the group, and its exposure.
    x2, e2
        The same of the reference group, in the same unit.
    method
        "exact" (given the total of the events), "mid-p", or "log" (the normal approximation of the
        logarithm).
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Tested or polars.DataFrame
        `value`, `lower`, `upper` and `p_value`. Without events in the reference group there is no
        ratio.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing samples from Poisson
    series. Biometrika, 31, 313-323.

    Rothman, K. J., Greenland, S. and Lash, T. L. (2008). Modern epidemiology, 3rd edition, chapter
    14.

    Examples
    --------
    >>> import wholefamily as wf
    >>> times = wf.stats.rate_ratio(41, 28010, 15, 19017, method="log")
    >>> round(times.value, 2), round(times.lower, 2), round(times.upper, 2)
    (1.86, 1.03, 3.35)
    """
    return by_row(
        "rate_ratio",
        Tested,
        {"x1": x1, "e1": e1, "x2": x2, "e2": e2},
        reasons=reasons,
        method=method,
        level=level,
    )


@overload
def rate_difference(
    x1: Scalar,
    e1: Scalar,
    x2: Scalar,
    e2: Scalar,
    *,
    per: float = ...,
    method: RateDifferenceMethod = ...,
    level: float = ...,
) -> Tested: ...
@overload
def rate_difference(
    x1: Numbers,
    e1: Numbers,
    x2: Numbers,
    e2: Numbers,
    *,
    per: float = ...,
    method: RateDifferenceMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def rate_difference(
    x1: Numbers,
    e1: Numbers,
    x2: Numbers,
    e2: Numbers,
    *,
    per: float = 1,
    method: RateDifferenceMethod = "wald",
    level: float = 0.95,
    reasons: bool = False,
) -> Tested | pl.DataFrame:
    """By how much do two rates differ?

    Parameters
    ----------
    x1, e1
        Events of the group, and its exposure.
    x2, e2
        The same of the reference group, in the same unit.
    per
        How much exposure the difference is given for.
    method
        "wald" (simple; too narrow with few events) or "mover" (from the exact limits of each rate).
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Tested or polars.DataFrame
        `value`, `lower`, `upper` and `p_value`.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Zou, G. and Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine, 27, 1693-1702.

    Examples
    --------
    >>> import wholefamily as wf
    >>> more = wf.stats.rate_difference(30, 1000, 20, 1000, per=1000)
    >>> round(more.value, 4), round(more.lower, 2), round(more.upper, 2)
    (10.0, -3.86, 23.86)
    """
    return by_row(
        "rate_difference",
        Tested,
        {"x1": x1, "e1": e1, "x2": x2, "e2": e2},
        reasons=reasons,
        per=per,
        method=method,
        level=level,
    )
