"""How often does an interval really hold the truth? By going through every count."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import Coverage
from ._call import by_row

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

ProportionMethod: TypeAlias = Literal[
    "wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald", "hypergeometric"
]
"""How to put an interval about a share."""
RateMethod: TypeAlias = Literal["exact", "byar", "phe", "mid-p"]
"""How to put an interval about a rate."""


@overload
def coverage(
    n: Scalar, p: Scalar, *, method: ProportionMethod = ..., level: float = ...
) -> Coverage: ...
@overload
def coverage(
    n: Numbers,
    p: Numbers,
    *,
    method: ProportionMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def coverage(
    n: Numbers,
    p: Numbers,
    *,
    method: ProportionMethod = "wilson",
    level: float = 0.95,
    reasons: bool = False,
) -> Coverage | pl.DataFrame:
    """How often does a method's interval for a share hold the true share?

    Parameters
    ----------
    n
        How many are seen.
    p
        The true share, from 0 to 1.
    method
        That of the interval, as in `proportion`.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Coverage or polars.DataFrame
        `coverage`; how often the interval lies wholly `below` and `above` the truth; `mean_width`.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    Sums of binomial probabilities over all counts whose interval holds `p`, or misses it: no
    simulation.

    References
    ----------
    Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial proportion.
    Statistical Science, 16, 101-133.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.coverage(25, 0.1, method="wald").coverage, 4)
    0.9187
    >>> round(wf.stats.coverage(25, 0.1, method="wilson").coverage, 4)
    0.9666
    """
    return by_row(
        "coverage", Coverage, {"n": n, "p": p}, reasons=reasons, method=method, level=level
    )


@overload
def coverage_of(
    n: Scalar,
    with_it: Scalar,
    population: Scalar,
    *,
    method: ProportionMethod = ...,
    level: float = ...,
) -> Coverage: ...
@overload
def coverage_of(
    n: Numbers,
    with_it: Numbers,
    population: Numbers,
    *,
    method: ProportionMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def coverage_of(
    n: Numbers,
    with_it: Numbers,
    population: Numbers,
    *,
    method: ProportionMethod = "wilson",
    level: float = 0.95,
    reasons: bool = False,
) -> Coverage | pl.DataFrame:
    """How often does it, where some of a population of known size are drawn?

    Parameters
    ----------
    n
        How many are drawn.
    with_it
        How many of the population have it.
    population
        How many there are.
    method
        That of the interval, as in `proportion`.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Coverage or polars.DataFrame
        As `coverage`.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    As `coverage`, with hypergeometric probabilities.

    References
    ----------
    Wang, W. (2015). Exact optimal confidence intervals for hypergeometric parameters. Journal of
    the American Statistical Association, 110, 1491-1499.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.coverage_of(40, 36, 60, method="hypergeometric").coverage, 4)
    0.9707
    """
    return by_row(
        "coverage_of",
        Coverage,
        {"n": n, "with_it": with_it, "population": population},
        reasons=reasons,
        method=method,
        level=level,
    )


@overload
def rate_coverage(mean: Scalar, *, method: RateMethod = ..., level: float = ...) -> Coverage: ...
@overload
def rate_coverage(
    mean: Numbers, *, method: RateMethod = ..., level: float = ..., reasons: bool = ...
) -> pl.DataFrame: ...
def rate_coverage(
    mean: Numbers, *, method: RateMethod = "phe", level: float = 0.95, reasons: bool = False
) -> Coverage | pl.DataFrame:
    """How often does a method's interval for a count of events hold the true mean?

    Parameters
    ----------
    mean
        How many events are to be expected.
    method
        That of the interval, as in `rate`.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Coverage or polars.DataFrame
        As `coverage`; `mean_width` is in events.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    Notes
    -----
    As `coverage`, with Poisson probabilities. The exposure does not matter.

    References
    ----------
    Barker, L. (2002). A comparison of nine confidence intervals for a Poisson parameter when the
    expected number of events is ≤ 5. The American Statistician, 56, 85-89.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.rate_coverage(4, method="exact").coverage, 4)
    0.9603
    """
    return by_row(
        "rate_coverage", Coverage, {"mean": mean}, reasons=reasons, method=method, level=level
    )
