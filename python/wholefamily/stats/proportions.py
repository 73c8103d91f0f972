"""One group: shares, and how a count of the same people changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import Interval
from ._call import by_row

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

ProportionMethod: TypeAlias = Literal[
    "wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald", "hypergeometric"
]
"""How to put an interval about a share."""


@overload
def proportion(
    x: Scalar,
    n: Scalar,
    *,
    population: Scalar = ...,
    method: ProportionMethod = ...,
    level: float = ...,
) -> Interval: ...
@overload
def proportion(
    x: Numbers,
    n: Numbers,
    *,
    population: Numbers = ...,
    method: ProportionMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def proportion(
    x: Numbers,
    n: Numbers,
    *,
    population: Numbers = None,
    method: ProportionMethod = "wilson",
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """What share of them, and how sure can we be?

    Parameters
    ----------
    x
        How many have it.
    n
        Of how many.
    population
        How many there are in all, asked or not, when `n` of them were drawn at random. "wilson" and
        "wald" then take the finite population correction; "hypergeometric" needs it; the other
        methods have no form for it.
    method
        "wilson" (the usual choice, right for small numbers too), "clopper-pearson" (exact, and
        cautious), "mid-p" (exact on average), "jeffreys" (Bayesian), "agresti-coull", "wald" (the
        textbook's, without width at 0 and at n) or "hypergeometric" (exact for a sample of a
        population of known size).
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value`, `lower` and `upper`, from 0 to 1. `n` = 0 has no share: null, with its reason.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or `x` above `n`.

    Notes
    -----
    With p = x/n, q = 1 − p and z the normal quantile of the level, Wilson's limits are

        (2x + z² ± z √(z² + 4xq)) / (2(n + z²))

    With a population N, z √f stands for z, where f = (N − n)/(N − 1). The lower limit of none and
    the upper limit of all are exactly 0 and 1 in every method.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association, 22, 209-212.

    Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion.
    Statistical Science, 16, 101-133.

    Examples
    --------
    >>> import wholefamily as wf
    >>> share = wf.stats.proportion(3, 25)
    >>> share.value, round(share.lower, 4), round(share.upper, 4)
    (0.12, 0.0417, 0.2996)
    >>> wf.stats.proportion(24, 40, method="hypergeometric", population=60).lower
    0.5
    >>> wf.stats.proportion([3, 0], [25, 0], reasons=True)["reason"].to_list()
    [None, 'no rows']
    """
    return by_row(
        "proportion",
        Interval,
        {"x": x, "n": n, "population": population},
        reasons=reasons,
        method=method,
        level=level,
    )


@overload
def change(
    both: Scalar, before_only: Scalar, after_only: Scalar, *, level: float = ...
) -> Interval: ...
@overload
def change(
    both: Numbers,
    before_only: Numbers,
    after_only: Numbers,
    *,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def change(
    both: Numbers,
    before_only: Numbers,
    after_only: Numbers,
    *,
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """How much has a count of people changed, many of whom were counted both times?

    Parameters
    ----------
    both
        People counted at both dates.
    before_only, after_only
        People counted at the earlier date only, and at the later date only.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value` (−0.24 is 24% fewer), `lower` and `upper`. Null where nobody was counted before.

    Raises
    ------
    DataError
        A count that cannot be: negative or not whole.

    Notes
    -----
    With a, b, c the three counts, N0 = a + b and N1 = a + c, the limits are, turned back from
    logarithms,

        log(N1/N0) ± z √(a (1/N1 − 1/N0)² + b/N0² + c/N1²)

    Two counts that share people vary together: a formula for independent counts gives too wide an
    interval.

    Examples
    --------
    >>> import wholefamily as wf
    >>> change = wf.stats.change(600, 781, 388)
    >>> round(change.value, 3), round(change.lower, 3), round(change.upper, 3)
    (-0.285, -0.324, -0.242)
    """
    return by_row(
        "change",
        Interval,
        {"both": both, "before_only": before_only, "after_only": after_only},
        reasons=reasons,
        level=level,
    )
