"""Planning for shares: how many are needed, and what could so few have shown?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import Detectable, Power, SampleSize
from ._call import by_row

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

Alternative: TypeAlias = Literal["two-sided", "less", "greater"]
"""Which way the test looks."""


@overload
def power(
    p1: Scalar,
    n1: Scalar,
    p2: Scalar,
    n2: Scalar,
    *,
    alternative: Alternative = ...,
    correct: bool = ...,
    population: int | None = ...,
    level: float = ...,
) -> Power: ...
@overload
def power(
    p1: Numbers,
    n1: Numbers,
    p2: Numbers,
    n2: Numbers,
    *,
    alternative: Alternative = ...,
    correct: bool = ...,
    population: int | None = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def power(
    p1: Numbers,
    n1: Numbers,
    p2: Numbers,
    n2: Numbers,
    *,
    alternative: Alternative = "two-sided",
    correct: bool = False,
    population: int | None = None,
    level: float = 0.95,
    reasons: bool = False,
) -> Power | pl.DataFrame:
    """How likely is a true difference between two shares to be found?

    Parameters
    ----------
    p1, n1
        The true share of the group, and how many of it are asked.
    p2, n2
        The same of the reference group.
    alternative
        Which way the test looks; "greater": the share of the group is the larger one.
    correct
        Whether the test will be corrected for continuity.
    population
        Size of the finite population that both samples are drawn from, if it is small.
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

    References
    ----------
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003). Statistical methods for rates and proportions,
    3rd edition, chapter 4.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.power(0.5, 50, 0.75, 50).power, 4)
    0.7402
    """
    return by_row(
        "power",
        Power,
        {"p1": p1, "n1": n1, "p2": p2, "n2": n2},
        reasons=reasons,
        alternative=alternative,
        correct=correct,
        population=population,
        level=level,
    )


@overload
def sample_size(
    p1: Scalar,
    p2: Scalar,
    power: Scalar,
    ratio: Scalar,
    *,
    alternative: Alternative = ...,
    correct: bool = ...,
    population: int | None = ...,
    level: float = ...,
) -> SampleSize: ...
@overload
def sample_size(
    p1: Numbers,
    p2: Numbers,
    power: Numbers,
    ratio: Numbers,
    *,
    alternative: Alternative = ...,
    correct: bool = ...,
    population: int | None = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def sample_size(
    p1: Numbers,
    p2: Numbers,
    power: Numbers,
    ratio: Numbers,
    *,
    alternative: Alternative = "two-sided",
    correct: bool = False,
    population: int | None = None,
    level: float = 0.95,
    reasons: bool = False,
) -> SampleSize | pl.DataFrame:
    """How many are needed to find a true difference between two shares?

    Parameters
    ----------
    p1, p2
        The true shares of the group and of the reference group.
    power
        The chance of finding the difference, such as 0.8.
    ratio
        n2/n1: 1 for groups of one size.
    alternative
        Which way the test looks; "greater": the share of the group is the larger one.
    correct
        Whether the test will be corrected for continuity.
    population
        Size of the finite population that both samples are drawn from, if it is small.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    SampleSize or polars.DataFrame
        `n1` and `n2`, to be rounded up. Equal shares need no end of people: null, with its reason.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003). Statistical methods for rates and proportions,
    3rd edition, chapter 4.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.sample_size(0.5, 0.75, 0.9, 1).n1, 2)
    76.71
    """
    return by_row(
        "sample_size",
        SampleSize,
        {"p1": p1, "p2": p2, "power": power, "ratio": ratio},
        reasons=reasons,
        alternative=alternative,
        correct=correct,
        population=population,
        level=level,
    )


@overload
def detectable_difference(
    p2: Scalar,
    n1: Scalar,
    n2: Scalar,
    power: Scalar,
    *,
    alternative: Alternative = ...,
    correct: bool = ...,
    population: int | None = ...,
    level: float = ...,
) -> Detectable: ...
@overload
def detectable_difference(
    p2: Numbers,
    n1: Numbers,
    n2: Numbers,
    power: Numbers,
    *,
    alternative: Alternative = ...,
    correct: bool = ...,
    population: int | None = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def detectable_difference(
    p2: Numbers,
    n1: Numbers,
    n2: Numbers,
    power: Numbers,
    *,
    alternative: Alternative = "two-sided",
    correct: bool = False,
    population: int | None = None,
    level: float = 0.95,
    reasons: bool = False,
) -> Detectable | pl.DataFrame:
    """What is the smallest difference that two samples would find?

    Parameters
    ----------
    p2
        The share of the reference group.
    n1, n2
        How many are asked in each group.
    power
        The chance of finding the difference, such as 0.8.
    alternative
        Which way the test looks; "greater": the share of the group is the larger one.
    correct
        Whether the test will be corrected for continuity.
    population
        Size of the finite population that both samples are drawn from, if it is small.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Detectable or polars.DataFrame
        `lower` and `higher`: p1 − p2 on either side; None where no share is far enough away.

    Raises
    ------
    DataError
        A number that cannot be: the message names the argument and the row.

    References
    ----------
    Fleiss, J. L., Levin, B. and Paik, M. C. (2003). Statistical methods for rates and proportions,
    3rd edition, chapter 4.

    Examples
    --------
    >>> import wholefamily as wf
    >>> found = wf.stats.detectable_difference(0.3, 100, 100, 0.8)
    >>> round(found.lower, 4), round(found.higher, 4)
    (-0.1628, 0.1927)
    """
    return by_row(
        "detectable_difference",
        Detectable,
        {"p2": p2, "n1": n1, "n2": n2, "power": power},
        reasons=reasons,
        alternative=alternative,
        correct=correct,
        population=population,
        level=level,
    )
