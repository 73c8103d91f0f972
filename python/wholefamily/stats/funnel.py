"""Funnels: which units differ by more than chance would make them?

The average is that of all units, usually Σ x / Σ n.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import FunnelLimits, Limits, Overdispersion, Signal
from ._call import by_row, each, whole

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

FunnelOf: TypeAlias = Literal["proportion", "rate", "ratio"]
"""What the figures of the units are."""
FunnelMethod: TypeAlias = Literal["phe", "score", "exact", "interpolated", "confidence"]
"""How to find the limits."""
Transform: TypeAlias = Literal["arcsine", "sqrt", "log"]
"""The scale on which units vary alike."""


@overload
def funnel_limits(
    n: Scalar, average: Scalar, *, of: FunnelOf = ..., method: FunnelMethod = ...
) -> FunnelLimits: ...
@overload
def funnel_limits(
    n: Numbers,
    average: Numbers,
    *,
    of: FunnelOf = ...,
    method: FunnelMethod = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def funnel_limits(
    n: Numbers,
    average: Numbers,
    *,
    of: FunnelOf = "proportion",
    method: FunnelMethod = "phe",
    reasons: bool = False,
) -> FunnelLimits | pl.DataFrame:
    """Between which limits would a unit of this size lie by chance?

    Parameters
    ----------
    n
        The size of the unit: people, exposure, events expected, or, for "phe" rates and ratios,
        events observed.
    average
        The figure of all units together.
    of
        What the figures are: "proportion" (people of so many), "rate" (events over an exposure) or
        "ratio" (observed over expected).
    method
        "phe" (as the tools of Public Health England do: for rates and ratios by the number
        observed), "score", "exact" (whole counts), "interpolated" or "confidence".
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    FunnelLimits or polars.DataFrame
        `lower_95`, `upper_95`, `lower_998` and `upper_998`.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
    Medicine, 24, 1185-1202.

    Examples
    --------
    >>> import wholefamily as wf
    >>> limits = wf.stats.funnel_limits(100, 0.2)
    >>> round(limits.lower_95, 4), round(limits.upper_95, 4)
    (0.1216, 0.2784)
    """
    return by_row(
        "funnel_limits",
        FunnelLimits,
        {"n": n, "average": average},
        reasons=reasons,
        of=of,
        method=method,
    )


@overload
def limits_at(
    n: Scalar,
    average: Scalar,
    *,
    of: FunnelOf = ...,
    method: FunnelMethod = ...,
    level: float = ...,
) -> Limits: ...
@overload
def limits_at(
    n: Numbers,
    average: Numbers,
    *,
    of: FunnelOf = ...,
    method: FunnelMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def limits_at(
    n: Numbers,
    average: Numbers,
    *,
    of: FunnelOf = "proportion",
    method: FunnelMethod = "phe",
    level: float = 0.95,
    reasons: bool = False,
) -> Limits | pl.DataFrame:
    """Between which limits would it lie, at a level of one's own?

    Parameters
    ----------
    n
        The size of the unit: people, exposure, events expected, or, for "phe" rates and ratios,
        events observed.
    average
        The figure of all units together.
    of
        What the figures are: "proportion" (people of so many), "rate" (events over an exposure) or
        "ratio" (observed over expected).
    method
        "phe" (as the tools of Public Health England do: for rates and ratios by the number
        observed), "score", "exact" (whole counts), "interpolated" or "confidence".
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Limits or polars.DataFrame
        `lower` and `upper`.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
    Medicine, 24, 1185-1202.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.limits_at(20, 0.5, method="exact", level=0.95)
    Limits(lower=0.3, upper=0.7)
    """
    return by_row(
        "limits_at",
        Limits,
        {"n": n, "average": average},
        reasons=reasons,
        of=of,
        method=method,
        level=level,
    )


@overload
def funnel_signal(
    x: Scalar, n: Scalar, average: Scalar, *, of: FunnelOf = ..., method: FunnelMethod = ...
) -> Signal: ...
@overload
def funnel_signal(
    x: Numbers,
    n: Numbers,
    average: Numbers,
    *,
    of: FunnelOf = ...,
    method: FunnelMethod = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def funnel_signal(
    x: Numbers,
    n: Numbers,
    average: Numbers,
    *,
    of: FunnelOf = "proportion",
    method: FunnelMethod = "phe",
    reasons: bool = False,
) -> Signal | pl.DataFrame:
    """Where does a unit lie among the limits?

    Parameters
    ----------
    x
        The events of the unit, or its people of interest.
    n
        All its people, its exposure, or the number expected.
    average
        The figure of all units together.
    of
        What the figures are: "proportion" (people of so many), "rate" (events over an exposure) or
        "ratio" (observed over expected).
    method
        "phe" (as the tools of Public Health England do: for rates and ratios by the number
        observed), "score", "exact" (whole counts), "interpolated" or "confidence".
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Signal or polars.DataFrame
        `signal`: in words, where the unit lies among the limits at 95% and at 99.8%.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
    Medicine, 24, 1185-1202.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.funnel_signal(30, 40, 0.5).signal
    'above 99.8%'
    """
    return by_row(
        "funnel_signal",
        Signal,
        {"x": x, "n": n, "average": average},
        reasons=reasons,
        of=of,
        method=method,
    )


def overdispersion(
    x: Numbers, n: Numbers, *, average: float, transform: Transform = "arcsine", trim: float = 0.1
) -> Overdispersion:
    """Do the units vary more than chance would make them, all together?

    Parameters
    ----------
    x, n
        Sequences: the events and the size of each unit.
    average
        The figure of all units together.
    transform
        "arcsine" for proportions; "sqrt" or "log" for rates and ratios.
    trim
        The share of units whose scores are drawn in at each end.

    Returns
    -------
    Overdispersion
        `phi` (1 is chance alone), `tau2` (the variance between units beyond chance), `p_value` and
        `used` (units that have a score).

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. Quality and
    Safety in Health Care, 14, 347-351.

    Examples
    --------
    >>> import wholefamily as wf
    >>> x, n = [10, 40, 22, 35, 5, 28], [100] * 6
    >>> spread = wf.stats.overdispersion(x, n, average=140 / 600, trim=0)
    >>> round(spread.phi, 2), round(spread.tau2, 4), spread.used
    (10.88, 0.0301, 6)
    """
    return whole(
        "overdispersion",
        Overdispersion,
        {"x": x, "n": n},
        average=average,
        transform=transform,
        trim=trim,
    )


def funnel_scores(
    x: Numbers,
    n: Numbers,
    *,
    average: float,
    transform: Transform = "arcsine",
    reasons: bool = False,
) -> pl.DataFrame:
    """How many standard errors does each unit lie from the average?

    Parameters
    ----------
    x, n
        Sequences: the events and the size of each unit.
    average
        The figure of all units together.
    transform
        "arcsine" for proportions; "sqrt" or "log" for rates and ratios.
    reasons
        Add a column `reason`, why a figure is null.

    Returns
    -------
    polars.DataFrame
        A column `z`. A unit without events has no logarithm: null, with its reason.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. Quality and
    Safety in Health Care, 14, 347-351.

    Examples
    --------
    >>> import wholefamily as wf
    >>> [round(z, 2) for z in wf.stats.funnel_scores([10, 40], [100, 100], average=0.25)["z"]]
    [-4.04, 3.22]
    """
    return each(
        "funnel_scores", {"x": x, "n": n}, reasons=reasons, average=average, transform=transform
    )


@overload
def adjusted_limits(
    n: Scalar, average: Scalar, tau2: Scalar, *, transform: Transform = ..., level: float = ...
) -> Limits: ...
@overload
def adjusted_limits(
    n: Numbers,
    average: Numbers,
    tau2: Numbers,
    *,
    transform: Transform = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def adjusted_limits(
    n: Numbers,
    average: Numbers,
    tau2: Numbers,
    *,
    transform: Transform = "arcsine",
    level: float = 0.95,
    reasons: bool = False,
) -> Limits | pl.DataFrame:
    """Between which limits would a unit lie, when units vary beyond chance?

    Parameters
    ----------
    n
        People, exposure or number expected of the unit.
    average
        The figure of all units together.
    tau2
        From `overdispersion`, on the same scale; 0 is chance alone.
    transform
        "arcsine" for proportions; "sqrt" or "log" for rates and ratios.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Limits or polars.DataFrame
        `lower` and `upper`.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Spiegelhalter, D. J. (2005). Handling over-dispersion of performance indicators. Quality and
    Safety in Health Care, 14, 347-351.

    Examples
    --------
    >>> import wholefamily as wf
    >>> limits = wf.stats.adjusted_limits(100, 0.2, 0.01)
    >>> round(limits.lower, 4), round(limits.upper, 4)
    (0.0586, 0.3981)
    """
    return by_row(
        "adjusted_limits",
        Limits,
        {"n": n, "average": average, "tau2": tau2},
        reasons=reasons,
        transform=transform,
        level=level,
    )
