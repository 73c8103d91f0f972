"""Planning for rates: how much exposure is needed, and what could so little have shown?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import Detectable, Power, SampleExposure
from ._call import by_row

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

Alternative: TypeAlias = Literal["two-sided", "less", "greater"]
"""Which way the test looks."""
RateScale: TypeAlias = Literal["log", "sqrt"]
"""The scale on which two rates are compared."""


@overload
def rate_power(
    rate1: Scalar,
    exposure1: Scalar,
    rate2: Scalar,
    exposure2: Scalar,
    *,
    alternative: Alternative = ...,
    method: RateScale = ...,
    level: float = ...,
) -> Power: ...
@overload
def rate_power(
    rate1: Numbers,
    exposure1: Numbers,
    rate2: Numbers,
    exposure2: Numbers,
    *,
    alternative: Alternative = ...,
    method: RateScale = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def rate_power(
    rate1: Numbers,
    exposure1: Numbers,
    rate2: Numbers,
    exposure2: Numbers,
    *,
    alternative: Alternative = "two-sided",
    method: RateScale = "log",
    level: float = 0.95,
    reasons: bool = False,
) -> Power | pl.DataFrame:
    """How likely is a true difference between two rates to be found?

    Parameters
    ----------
    rate1, exposure1
        The true rate of the group, in events per unit of exposure, and its exposure.
    rate2, exposure2
        The same of the reference group.
    alternative
        Which way the test looks; "greater": the rate of the group is the higher one.
    method
        The scale on which rates are compared, "log" or "sqrt".
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Power or polars.DataFrame
        `power`, from 0 to 1.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    Events are taken to be independent: repeat events by the same child need more.

    References
    ----------
    Zhu, H. and Lakkis, H. (2014). Sample size calculation for comparing two negative binomial
    rates. Statistics in Medicine, 33, 376-387.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.rate_power(0.030, 3000, 0.020, 3000).power, 4)
    0.6818
    """
    return by_row(
        "rate_power",
        Power,
        {"rate1": rate1, "exposure1": exposure1, "rate2": rate2, "exposure2": exposure2},
        reasons=reasons,
        alternative=alternative,
        method=method,
        level=level,
    )


@overload
def rate_sample_size(
    rate1: Scalar,
    rate2: Scalar,
    power: Scalar,
    ratio: Scalar,
    *,
    alternative: Alternative = ...,
    method: RateScale = ...,
    level: float = ...,
) -> SampleExposure: ...
@overload
def rate_sample_size(
    rate1: Numbers,
    rate2: Numbers,
    power: Numbers,
    ratio: Numbers,
    *,
    alternative: Alternative = ...,
    method: RateScale = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def rate_sample_size(
    rate1: Numbers,
    rate2: Numbers,
    power: Numbers,
    ratio: Numbers,
    *,
    alternative: Alternative = "two-sided",
    method: RateScale = "log",
    level: float = 0.95,
    reasons: bool = False,
) -> SampleExposure | pl.DataFrame:
    """How much exposure is needed to find a true difference between two rates?

    Parameters
    ----------
    rate1, rate2
        The true rates, in events per unit of exposure.
    power
        The chance of finding them to differ, such as 0.8.
    ratio
        exposure2/exposure1: 1 for groups of one size.
    alternative
        Which way the test looks; "greater": the rate of the group is the higher one.
    method
        The scale on which rates are compared, "log" or "sqrt".
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    SampleExposure or polars.DataFrame
        `exposure1` and `exposure2`, in the unit of the rates.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    Events are taken to be independent: repeat events by the same child need more.

    References
    ----------
    Zhu, H. and Lakkis, H. (2014). Sample size calculation for comparing two negative binomial
    rates. Statistics in Medicine, 33, 376-387.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.rate_sample_size(0.030, 0.020, 0.8, 1).exposure1, 1)
    3978.5
    """
    return by_row(
        "rate_sample_size",
        SampleExposure,
        {"rate1": rate1, "rate2": rate2, "power": power, "ratio": ratio},
        reasons=reasons,
        alternative=alternative,
        method=method,
        level=level,
    )


@overload
def rate_detectable_ratio(
    rate2: Scalar,
    exposure1: Scalar,
    exposure2: Scalar,
    power: Scalar,
    *,
    alternative: Alternative = ...,
    method: RateScale = ...,
    level: float = ...,
) -> Detectable: ...
@overload
def rate_detectable_ratio(
    rate2: Numbers,
    exposure1: Numbers,
    exposure2: Numbers,
    power: Numbers,
    *,
    alternative: Alternative = ...,
    method: RateScale = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def rate_detectable_ratio(
    rate2: Numbers,
    exposure1: Numbers,
    exposure2: Numbers,
    power: Numbers,
    *,
    alternative: Alternative = "two-sided",
    method: RateScale = "log",
    level: float = 0.95,
    reasons: bool = False,
) -> Detectable | pl.DataFrame:
    """What is the smallest ratio of two rates that so much exposure would find?

    Parameters
    ----------
    rate2
        The rate of the reference group, in events per unit of exposure.
    exposure1, exposure2
        The exposure of each group.
    power
        The chance of finding the difference, such as 0.8.
    alternative
        Which way the test looks; "greater": the rate of the group is the higher one.
    method
        The scale on which rates are compared, "log" or "sqrt".
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Detectable or polars.DataFrame
        `lower` and `higher`: rate1/rate2 on either side of 1; None where there is none.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    Events are taken to be independent: repeat events by the same child need more.

    References
    ----------
    Zhu, H. and Lakkis, H. (2014). Sample size calculation for comparing two negative binomial
    rates. Statistics in Medicine, 33, 376-387.

    Examples
    --------
    >>> import wholefamily as wf
    >>> found = wf.stats.rate_detectable_ratio(0.02, 3000, 3000, 0.8)
    >>> round(found.lower, 3), round(found.higher, 3)
    (0.544, 1.587)
    """
    return by_row(
        "rate_detectable_ratio",
        Detectable,
        {"rate2": rate2, "exposure1": exposure1, "exposure2": exposure2, "power": power},
        reasons=reasons,
        alternative=alternative,
        method=method,
        level=level,
    )
