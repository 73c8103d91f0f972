"""What to believe after the data, and what could explain a ratio away."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import EValue, Interval, PosteriorDifference
from ._call import by_row

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

RatioKind: TypeAlias = Literal["ratio", "rate_ratio", "odds_ratio", "rare_odds_ratio"]
"""What kind of ratio an E-value is asked of."""


@overload
def posterior_share(
    x: Scalar, n: Scalar, *, prior: tuple[float, float] = ..., level: float = ...
) -> Interval: ...
@overload
def posterior_share(
    x: Numbers,
    n: Numbers,
    *,
    prior: tuple[float, float] = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def posterior_share(
    x: Numbers,
    n: Numbers,
    *,
    prior: tuple[float, float] = (0.5, 0.5),
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """What share of them is it, after seeing some and with a prior?

    Parameters
    ----------
    x
        How many have it.
    n
        Of how many.
    prior
        The two shapes of a beta distribution: (0.5, 0.5) is Jeffreys', (1, 1) holds every share
        equally likely. Say which was taken.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value` (the mean), `lower` and `upper` of the posterior. `n` = 0 is null: only the prior
        would speak.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or `x` above `n`.

    Notes
    -----
    The posterior is Beta(x + a, n − x + b).

    References
    ----------
    Gelman, A. and others (2013). Bayesian data analysis, 3rd edition, section 2.4.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.posterior_share(3, 25).value, 4)
    0.1346
    """
    return by_row(
        "posterior_share", Interval, {"x": x, "n": n}, reasons=reasons, prior=prior, level=level
    )


@overload
def posterior_difference(
    x1: Scalar,
    n1: Scalar,
    x2: Scalar,
    n2: Scalar,
    *,
    prior: tuple[float, float] = ...,
    level: float = ...,
) -> PosteriorDifference: ...
@overload
def posterior_difference(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    prior: tuple[float, float] = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def posterior_difference(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    prior: tuple[float, float] = (0.5, 0.5),
    level: float = 0.95,
    reasons: bool = False,
) -> PosteriorDifference | pl.DataFrame:
    """By how much is one share the larger, and how probably is it at all?

    Parameters
    ----------
    x1, n1
        How many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    prior
        The two shapes of a beta distribution, the same for both groups. Say which was taken.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    PosteriorDifference or polars.DataFrame
        `value` (the mean), `lower` and `upper` of the difference, and `probability`, that the share
        of the group is the larger one.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or above the size of its group.

    Notes
    -----
    The shares are independent, Beta(x + a, n − x + b) each; the difference by quadrature, the same
    result every time.

    References
    ----------
    Gelman, A. and others (2013). Bayesian data analysis, 3rd edition, section 2.4.

    Examples
    --------
    >>> import wholefamily as wf
    >>> found = wf.stats.posterior_difference(1, 1, 0, 1, prior=(1, 1))
    >>> round(found.value, 4), round(found.probability, 4)
    (0.3333, 0.8333)
    """
    return by_row(
        "posterior_difference",
        PosteriorDifference,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        reasons=reasons,
        prior=prior,
        level=level,
    )


@overload
def e_value(ratio: Scalar, lower: Scalar, upper: Scalar, *, kind: RatioKind = ...) -> EValue: ...
@overload
def e_value(
    ratio: Numbers, lower: Numbers, upper: Numbers, *, kind: RatioKind = ..., reasons: bool = ...
) -> pl.DataFrame: ...
def e_value(
    ratio: Numbers,
    lower: Numbers,
    upper: Numbers,
    *,
    kind: RatioKind = "ratio",
    reasons: bool = False,
) -> EValue | pl.DataFrame:
    """How strongly would something unmeasured have to act, to explain a ratio away?

    Parameters
    ----------
    ratio
        The ratio that was found.
    lower, upper
        Its limits; None where there are none.
    kind
        "ratio" (of shares), "rate_ratio", "odds_ratio" (of an outcome that more than some 15% have)
        or "rare_odds_ratio".
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    EValue or polars.DataFrame
        `value`: something unmeasured would have to go with the group and with the outcome at least
        so strongly, each as a ratio. `limit`: the same for the limit nearer to 1; 1 if the interval
        holds 1.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    With R the ratio, or 1/R if that is larger: E = R + √(R (R − 1)).

    References
    ----------
    VanderWeele, T. J. and Ding, P. (2017). Sensitivity analysis in observational research:
    introducing the E-value. Annals of Internal Medicine, 167, 268-274.

    Examples
    --------
    >>> import wholefamily as wf
    >>> found = wf.stats.e_value(3.9, 1.8, 8.7)
    >>> round(found.value, 2), round(found.limit, 2)
    (7.26, 3.0)
    """
    return by_row(
        "e_value",
        EValue,
        {"ratio": ratio, "lower": lower, "upper": upper},
        reasons=reasons,
        kind=kind,
    )
