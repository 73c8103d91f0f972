"""Many groups: a whole table, a trend over groups in order, many tests at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ._answers import Test, TestWithDf
from ._call import each, flattened, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from ._call import Arrayed, Numbers

IndependenceMethod: TypeAlias = Literal["chi-squared", "exact", "monte-carlo"]
"""How to hold a table against chance."""
Alternative: TypeAlias = Literal["two-sided", "less", "greater"]
"""Which way the shares go with the score."""
AdjustMethod: TypeAlias = Literal["holm", "benjamini-hochberg", "benjamini-yekutieli", "bonferroni"]
"""How to adjust p values for their number."""


def independence(
    counts: Sequence[Sequence[int]] | Arrayed,
    *,
    method: IndependenceMethod = "chi-squared",
    draws: int = 10000,
    seed: int | None = None,
) -> TestWithDf:
    """Do groups differ in how their members are spread over the outcomes?

    Parameters
    ----------
    counts
        A table as a list of rows, or a two-dimensional array: a row for each group, a column for
        each outcome.
    method
        "chi-squared", "exact" (Freeman and Halton; all tables with these margins) or "monte-carlo"
        (the exact test, estimated from tables drawn at random).
    draws, seed
        For "monte-carlo": how many tables to draw, and the seed that lets anyone draw them again;
        it has to be given.

    Returns
    -------
    TestWithDf
        `statistic` and `df` (of "chi-squared") and `p_value`. Rows and columns without counts have
        no say.

    Raises
    ------
    DataError
        Rows of unequal lengths, or a count that cannot be.

    References
    ----------
    Freeman, G. H. and Halton, J. H. (1951). Note on an exact treatment of contingency, goodness of
    fit and other problems of significance. Biometrika, 38, 141-149.

    Examples
    --------
    >>> import wholefamily as wf
    >>> test = wf.stats.independence([[3, 1, 2], [1, 3, 6]])
    >>> round(test.statistic, 4), test.df, round(test.p_value, 4)
    (3.2, 2.0, 0.2019)
    """
    cells, outcomes = flattened("independence", "counts", counts)
    return whole(
        "independence",
        TestWithDf,
        {"counts": cells},
        outcomes=outcomes,
        method=method,
        draws=draws,
        seed=seed,
    )


def trend(
    x: Numbers, n: Numbers, *, score: Numbers = None, alternative: Alternative = "two-sided"
) -> Test:
    """Does the share rise or fall from group to group?

    Parameters
    ----------
    x, n
        Sequences: how many of each group have it, and its size, the groups in order.
    score
        Where each group lies, such as the years of a survey; 1, 2, 3, … if None.
    alternative
        "greater": the share rises with the score.

    Returns
    -------
    Test
        `statistic` (Cochran and Armitage's z) and `p_value`.

    Raises
    ------
    DataError
        A count that cannot be, or a null.

    Notes
    -----
    With P = Σx/Σn and s̄ the mean score: z = Σ (s − s̄)(x − nP) / √(P(1 − P) Σ n(s − s̄)²).

    References
    ----------
    Armitage, P. (1955). Tests for linear trends in proportions and frequencies. Biometrics, 11,
    375-386.

    Examples
    --------
    >>> import wholefamily as wf
    >>> test = wf.stats.trend([1, 2, 3], [4, 4, 4])
    >>> round(test.statistic, 4), round(test.p_value, 4)
    (1.4142, 0.1573)
    """
    return whole("trend", Test, {"x": x, "n": n, "score": score}, alternative=alternative)


def adjust(p: Numbers, *, method: AdjustMethod = "holm") -> pl.DataFrame:
    """Which of many tests still say something, when all were made at once?

    Parameters
    ----------
    p
        A sequence of p values, in any order; nulls stay null and are not counted.
    method
        "holm" (no false finding, whatever the tests), "benjamini-hochberg" (few false findings
        among all findings), "benjamini-yekutieli" or "bonferroni".

    Returns
    -------
    polars.DataFrame
        A column `p_value`, in the same order, each to be held against the level itself.

    Raises
    ------
    DataError
        A p value that is not between 0 and 1.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics, 6, 65-70.

    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B, 57, 289-300.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.adjust([0.01, None, 0.04])["p_value"].to_list()
    [0.02, None, 0.04]
    """
    return each("adjust", {"p": p}, method=method)
