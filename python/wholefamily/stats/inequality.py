"""Inequality between quantiles of deprivation, always from the most deprived to the least."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ._answers import Concentration, Interval
from ._call import whole

if TYPE_CHECKING:
    from ._call import Numbers

SlopeConvention: TypeAlias = Literal["phe", "scotpho"]
"""Whose slope index."""
Scale: TypeAlias = Literal["plain", "log", "logit"]
"""The scale on which each figure varies normally."""
Counted: TypeAlias = Literal["events", "people"]
"""What is counted of those with the outcome."""


def slope_index(
    value: Numbers,
    population: Numbers,
    *,
    se: Numbers = None,
    lower: Numbers = None,
    upper: Numbers = None,
    convention: SlopeConvention = "phe",
    scale: Scale = "plain",
    transform: bool = False,
    multiplier: float = 1,
    overall: float | None = None,
    limits_level: float = 0.95,
    level: float = 0.95,
) -> Interval:
    """How far does the figure change from the most deprived end to the least?

    Parameters
    ----------
    value
        Sequence: the figure of each quantile, most deprived first.
    population
        Sequence: its people.
    se
        Sequence: the standard error of each figure.
    lower, upper
        Sequences: its limits instead.
    convention
        "phe" (positive where the figure is higher among the least deprived; 5 to 100 quantiles;
        needs `se` or limits for an interval) or "scotpho" (positive where it is higher among the
        most deprived; 5 or 10 quantiles).
    scale
        For "phe": the scale on which figures vary normally, "plain", "log" (rates) or "logit"
        (proportions).
    transform
        For "phe": whether the line is fitted on that scale.
    multiplier
        For "phe": 100 for percentage points; negative where a high figure is good.
    overall
        For "scotpho": the figure of the whole area; computed if None.
    limits_level
        The confidence level of the limits that were given.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        `value`, `lower` and `upper`. The interval is a closed form: the same input gives the same
        digits.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    Notes
    -----
    The weighted least squares line of the figure on the midpoint of each quantile in the ranking,
    from 0 to 1; "scotpho" turns its sign.

    References
    ----------
    Mackenbach, J. P. and Kunst, A. E. (1997). Measuring the magnitude of socio-economic
    inequalities in health. Social Science and Medicine, 44, 757-771.

    Examples
    --------
    >>> import wholefamily as wf
    >>> rate, people = [41, 30, 26, 17, 11], [900, 1000, 1100, 1000, 1000]
    >>> slope = wf.stats.slope_index(rate, people, convention="scotpho")
    >>> round(slope.value, 2), round(slope.lower, 2), round(slope.upper, 2)
    (35.56, 26.08, 45.03)
    """
    return whole(
        "slope_index",
        Interval,
        {"value": value, "population": population, "se": se, "lower": lower, "upper": upper},
        convention=convention,
        scale=scale,
        transform=transform,
        multiplier=multiplier,
        overall=overall,
        limits_level=limits_level,
        level=level,
    )


def relative_index(
    value: Numbers,
    population: Numbers,
    *,
    se: Numbers = None,
    lower: Numbers = None,
    upper: Numbers = None,
    convention: SlopeConvention = "phe",
    scale: Scale = "plain",
    transform: bool = False,
    multiplier: float = 1,
    overall: float | None = None,
    limits_level: float = 0.95,
    level: float = 0.95,
) -> Interval:
    """How far does it change, as a ratio or as a share of the overall figure?

    Parameters
    ----------
    value
        Sequence: the figure of each quantile, most deprived first.
    population
        Sequence: its people.
    se
        Sequence: the standard error of each figure.
    lower, upper
        Sequences: its limits instead.
    convention
        "phe" (positive where the figure is higher among the least deprived; 5 to 100 quantiles;
        needs `se` or limits for an interval) or "scotpho" (positive where it is higher among the
        most deprived; 5 or 10 quantiles).
    scale
        For "phe": the scale on which figures vary normally, "plain", "log" (rates) or "logit"
        (proportions).
    transform
        For "phe": whether the line is fitted on that scale.
    multiplier
        For "phe": 100 for percentage points; negative where a high figure is good.
    overall
        For "scotpho": the figure of the whole area; computed if None.
    limits_level
        The confidence level of the limits that were given.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        `value`, `lower` and `upper`: the ratio of the two ends of the line ("phe"), or the slope as
        a share of the overall figure ("scotpho"). The two are not comparable.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    Notes
    -----
    The limits of "phe" are Fieller's.

    References
    ----------
    Mackenbach, J. P. and Kunst, A. E. (1997). Measuring the magnitude of socio-economic
    inequalities in health. Social Science and Medicine, 44, 757-771.

    Examples
    --------
    >>> import wholefamily as wf
    >>> rate = [41, 30, 26, 17, 11]
    >>> round(wf.stats.relative_index(rate, [1000] * 5, convention="scotpho").value, 2)
    1.46
    """
    return whole(
        "relative_index",
        Interval,
        {"value": value, "population": population, "se": se, "lower": lower, "upper": upper},
        convention=convention,
        scale=scale,
        transform=transform,
        multiplier=multiplier,
        overall=overall,
        limits_level=limits_level,
        level=level,
    )


def population_attributable(
    x: Numbers, n: Numbers, *, counted: Counted = "events", level: float = 0.95
) -> Interval:
    """What share would go if all had the figure of the least deprived quantile?

    Parameters
    ----------
    x, n
        Sequences: events and people of each quantile, most deprived first.
    counted
        "events" (a person can have several) or "people".
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        `value`, `lower` and `upper`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Mackenbach, J. P. and Kunst, A. E. (1997). Measuring the magnitude of socio-economic
    inequalities in health. Social Science and Medicine, 44, 757-771.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.population_attributable([41, 30, 26, 17, 11], [1000] * 5).value, 2)
    0.56
    """
    return whole(
        "population_attributable", Interval, {"x": x, "n": n}, counted=counted, level=level
    )


def attributable_share(
    value: Numbers,
    population: Numbers,
    *,
    se: Numbers = None,
    lower: Numbers = None,
    upper: Numbers = None,
    limits_level: float = 0.95,
    level: float = 0.95,
) -> Interval:
    """What share would go, where only figures and populations are known?

    Parameters
    ----------
    value
        Sequence: the figure of each quantile, most deprived first.
    population
        Sequence: its people.
    se
        Sequence: the standard error of each figure.
    lower, upper
        Sequences: its limits instead.
    limits_level
        The confidence level of the limits that were given.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        `value`, and `lower` and `upper` where it is known how sure the figures are.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Mackenbach, J. P. and Kunst, A. E. (1997). Measuring the magnitude of socio-economic
    inequalities in health. Social Science and Medicine, 44, 757-771.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.attributable_share([41, 30, 26, 17, 11], [1000] * 5).value, 2)
    0.56
    """
    return whole(
        "attributable_share",
        Interval,
        {"value": value, "population": population, "se": se, "lower": lower, "upper": upper},
        limits_level=limits_level,
        level=level,
    )


def absolute_range(value: Numbers, lower: Numbers, upper: Numbers) -> Interval:
    """How far apart are the most and the least deprived quantile?

    Parameters
    ----------
    value, lower, upper
        Sequences: the figure of each quantile and its limits, most deprived first.

    Returns
    -------
    Interval
        `value` (first − last), `lower` and `upper`, by the method of variance estimates recovery.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Zou, G. and Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine, 27, 1693-1702.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.absolute_range([41, 30, 11], [36, 26, 8], [46, 34, 14]).value
    30.0
    """
    return whole("absolute_range", Interval, {"value": value, "lower": lower, "upper": upper})


def relative_range(value: Numbers, lower: Numbers, upper: Numbers) -> Interval:
    """How many times as high is the most deprived quantile as the least?

    Parameters
    ----------
    value, lower, upper
        Sequences: the figure of each quantile and its limits, most deprived first.

    Returns
    -------
    Interval
        `value` (first / last), `lower` and `upper`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Zou, G. and Donner, A. (2008). Construction of confidence limits about effect measures: a
    general approach. Statistics in Medicine, 27, 1693-1702.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.relative_range([41, 30, 11], [36, 26, 8], [46, 34, 14]).value, 3)
    3.727
    """
    return whole("relative_range", Interval, {"value": value, "lower": lower, "upper": upper})


def concentration_index(
    value: Numbers, population: Numbers, *, variance: Numbers = None, level: float = 0.95
) -> Concentration:
    """How much of it falls on the deprived?

    Parameters
    ----------
    value
        Sequence: the figure of each quantile, most deprived first.
    population
        Sequence: its people.
    variance
        Sequence: the variance of the figure within each quantile, if it is known.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Concentration
        `value` (negative where more falls on the deprived), `lower`, `upper` and `standard_error`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Kakwani, N., Wagstaff, A. and van Doorslaer, E. (1997). Socioeconomic inequalities in health:
    measurement, computation, and statistical inference. Journal of Econometrics, 77, 87-103.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.concentration_index([41, 30, 26, 17, 11], [1000] * 5).value, 3)
    -0.234
    """
    return whole(
        "concentration_index",
        Concentration,
        {"value": value, "population": population, "variance": variance},
        level=level,
    )
