"""Two groups: by how much do their shares differ?

Throughout, `x1` of `n1` in the group are compared with `x2` of `n2` in the reference group.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import Interval, NumberNeeded
from ._call import by_row

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

DifferenceMethod: TypeAlias = Literal["newcombe", "miettinen-nurminen", "agresti-caffo", "wald"]
"""How to put an interval about a difference of shares."""
RatioMethod: TypeAlias = Literal["katz", "miettinen-nurminen"]
"""How to put an interval about a ratio of shares."""
OddsRatioMethod: TypeAlias = Literal["woolf", "conditional"]
"""How to estimate an odds ratio."""


@overload
def difference(
    x1: Scalar,
    n1: Scalar,
    x2: Scalar,
    n2: Scalar,
    *,
    method: DifferenceMethod = ...,
    level: float = ...,
) -> Interval: ...
@overload
def difference(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: DifferenceMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def difference(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: DifferenceMethod = "newcombe",
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """By how much do two shares differ?

    Parameters
    ----------
    x1, n1
        How many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    method
        "newcombe" (from Wilson's limits of each share), "miettinen-nurminen" (score),
        "agresti-caffo", or "wald" (the textbook's, without width where both shares are 0 or 1).
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value` (x1/n1 − x2/n2), `lower` and `upper`, from −1 to 1. Null where a group is empty.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or above the size of its group.

    Notes
    -----
    Newcombe: with (l, u) Wilson's limits of each share,

        d − √((p1 − l1)² + (u2 − p2)²)   to   d + √((u1 − p1)² + (p2 − l2)²)

    References
    ----------
    Newcombe, R. G. (1998). Interval estimation for the difference between independent proportions.
    Statistics in Medicine, 17, 873-890 (method 10).

    Miettinen, O. and Nurminen, M. (1985). Comparative analysis of two rates. Statistics in
    Medicine, 4, 213-226.

    Examples
    --------
    >>> import wholefamily as wf
    >>> gap = wf.stats.difference(56, 70, 48, 80)
    >>> round(gap.value, 4), round(gap.lower, 4), round(gap.upper, 4)
    (0.2, 0.0524, 0.3339)
    """
    return by_row(
        "difference",
        Interval,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        reasons=reasons,
        method=method,
        level=level,
    )


@overload
def ratio(
    x1: Scalar, n1: Scalar, x2: Scalar, n2: Scalar, *, method: RatioMethod = ..., level: float = ...
) -> Interval: ...
@overload
def ratio(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: RatioMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def ratio(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: RatioMethod = "katz",
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """How many times as large is one share as the other?

    Parameters
    ----------
    x1, n1
        How many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    method
        "katz" (even on the scale of logarithms) or "miettinen-nurminen" (score: has limits without
        events too).
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value`, (x1/n1) / (x2/n2), `lower` and `upper`. Without events in the reference group there
        is no ratio; without events in the group it is 0, and Katz's method has no limits.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or above the size of its group.

    Notes
    -----
    Katz: r exp(± z √((1 − p1)/x1 + (1 − p2)/x2)), with z the normal quantile of the level.

    References
    ----------
    Katz, D., Baptista, J., Azen, S. P. and Pike, M. C. (1978). Obtaining confidence intervals for
    the risk ratio in cohort studies. Biometrics, 34, 469-474.

    Miettinen, O. and Nurminen, M. (1985). Comparative analysis of two rates. Statistics in
    Medicine, 4, 213-226.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.ratio(7, 10, 3, 25).value, 4)
    5.8333
    >>> wf.stats.ratio(0, 10, 3, 25).reason
    'no events in the group'
    """
    return by_row(
        "ratio",
        Interval,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        reasons=reasons,
        method=method,
        level=level,
    )


@overload
def odds_ratio(
    x1: Scalar,
    n1: Scalar,
    x2: Scalar,
    n2: Scalar,
    *,
    method: OddsRatioMethod = ...,
    level: float = ...,
) -> Interval: ...
@overload
def odds_ratio(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: OddsRatioMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def odds_ratio(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: OddsRatioMethod = "woolf",
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """How many times as large are the odds in one group as in the other?

    Parameters
    ----------
    x1, n1
        How many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    method
        "woolf" (even on the scale of logarithms) or "conditional" (the likeliest odds ratio and its
        exact limits, all margins held).
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value`, `lower` and `upper`. Woolf's limits need all four cells of the table; the reason
        names the one that is empty.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or above the size of its group.

    Notes
    -----
    With a = x1, b = n1 − x1, c = x2, d = n2 − x2, Woolf: ad/(bc) exp(± z √(1/a + 1/b + 1/c + 1/d)).
    An odds ratio is not a ratio of shares: where the event is common it is much further from 1.

    References
    ----------
    Woolf, B. (1955). On estimating the relation between blood group and disease. Annals of Human
    Genetics, 19, 251-253.

    Cornfield, J. (1956). A statistical problem arising from retrospective studies. Proceedings of
    the Third Berkeley Symposium, 4, 135-148.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.odds_ratio(7, 10, 3, 25).value, 4)
    17.1111
    """
    return by_row(
        "odds_ratio",
        Interval,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        reasons=reasons,
        method=method,
        level=level,
    )


@overload
def number_needed(
    x1: Scalar,
    n1: Scalar,
    x2: Scalar,
    n2: Scalar,
    *,
    method: DifferenceMethod = ...,
    level: float = ...,
) -> NumberNeeded: ...
@overload
def number_needed(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: DifferenceMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def number_needed(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: DifferenceMethod = "newcombe",
    level: float = 0.95,
    reasons: bool = False,
) -> NumberNeeded | pl.DataFrame:
    """How many members of the group make one event more, or fewer?

    Parameters
    ----------
    x1, n1
        How many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    method
        That of the interval about the difference.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    NumberNeeded or polars.DataFrame
        `value` (1 / |difference|), `lower`, `upper`, and `words`, which say the direction. Where no
        difference is among what the data allow, the interval passes through infinity: then there
        are no limits, and the words say so.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or above the size of its group.

    References
    ----------
    Altman, D. G. (1998). Confidence intervals for the number needed to treat. BMJ, 317, 1309-1312.

    Examples
    --------
    >>> import wholefamily as wf
    >>> print(wf.stats.number_needed(56, 70, 48, 80).words)
    one more event for every 5.0 (3.0 to 19.1)
    """
    return by_row(
        "number_needed",
        NumberNeeded,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        reasons=reasons,
        method=method,
        level=level,
    )
