"""Two groups: could chance alone have made them so unlike?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import PValue, Test
from ._call import by_row

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

ExactMethod: TypeAlias = Literal["fisher", "fisher-mid-p", "boschloo", "barnard"]
"""Which exact test."""
Alternative: TypeAlias = Literal["two-sided", "less", "greater"]
"""Which way the group differs from its reference."""


@overload
def exact_test(
    x1: Scalar,
    n1: Scalar,
    x2: Scalar,
    n2: Scalar,
    *,
    method: ExactMethod = ...,
    alternative: Alternative = ...,
) -> PValue: ...
@overload
def exact_test(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: ExactMethod = ...,
    alternative: Alternative = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def exact_test(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    method: ExactMethod = "fisher",
    alternative: Alternative = "two-sided",
    reasons: bool = False,
) -> PValue | pl.DataFrame:
    """Could chance alone have made two groups so unlike?

    Parameters
    ----------
    x1, n1
        How many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    method
        "fisher" (all margins held), "fisher-mid-p" (nearer to the stated level), "boschloo" or
        "barnard" (only the sizes of the groups held; more powerful, for groups up to some
        hundreds).
    alternative
        "less" means that the share of the group is the smaller one.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    PValue or polars.DataFrame
        `p_value`: how often chance alone gives a table at least as extreme. Null where a group is
        empty.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or above the size of its group.

    Notes
    -----
    Fisher's two sides are those of R's `fisher.test`: all tables that are no more probable than
    this one.

    References
    ----------
    Fisher, R. A. (1935). The logic of inductive inference. Journal of the Royal Statistical
    Society, 98, 39-82.

    Lydersen, S., Fagerland, M. W. and Laake, P. (2009). Recommended tests for association in 2×2
    tables. Statistics in Medicine, 28, 1159-1175.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.exact_test(3, 4, 1, 4).p_value, 4)
    0.4857
    """
    return by_row(
        "exact_test",
        PValue,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        reasons=reasons,
        method=method,
        alternative=alternative,
    )


@overload
def chi_squared(
    x1: Scalar,
    n1: Scalar,
    x2: Scalar,
    n2: Scalar,
    *,
    correct: bool = ...,
    alternative: Alternative = ...,
) -> Test: ...
@overload
def chi_squared(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    correct: bool = ...,
    alternative: Alternative = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def chi_squared(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    correct: bool = False,
    alternative: Alternative = "two-sided",
    reasons: bool = False,
) -> Test | pl.DataFrame:
    """Do two shares differ by more than chance would make them?

    Parameters
    ----------
    x1, n1
        How many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    correct
        Whether to correct for continuity, as Yates did.
    alternative
        "less" means that the share of the group is the smaller one.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Test or polars.DataFrame
        `statistic` (Pearson's, 1 degree of freedom) and `p_value`. Null where nothing varies.

    Raises
    ------
    DataError
        A count that cannot be: negative, not whole, or above the size of its group.

    Notes
    -----
    Not for small groups: where fewer than 5 are expected in a cell, take `exact_test`.

    References
    ----------
    Pearson, K. (1900). On the criterion that a given system of deviations can be reasonably
    supposed to have arisen from random sampling. Philosophical Magazine, 50, 157-175.

    Examples
    --------
    >>> import wholefamily as wf
    >>> test = wf.stats.chi_squared(3, 4, 1, 4)
    >>> test.statistic, round(test.p_value, 4)
    (2.0, 0.1573)
    """
    return by_row(
        "chi_squared",
        Test,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        reasons=reasons,
        correct=correct,
        alternative=alternative,
    )
