"""The same people twice: before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias, overload

from ._answers import Interval, PairedT, ReliableChange, SignedRank, Tested
from ._call import by_row, whole

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers, Scalar

PairedMethod: TypeAlias = Literal["newcombe"]
"""How to put an interval about a difference of shares of the same people."""
McNemarMethod: TypeAlias = Literal["exact", "mid-p", "chi-squared", "corrected"]
"""How to hold the pairs that changed against chance."""
SignedRankMethod: TypeAlias = Literal["auto", "exact", "normal"]
"""How to find the p value of a rank sum."""
Alternative: TypeAlias = Literal["two-sided", "less", "greater"]
"""Which way scores go."""


@overload
def mcnemar(b: Scalar, c: Scalar, *, method: McNemarMethod = ..., level: float = ...) -> Tested: ...
@overload
def mcnemar(
    b: Numbers, c: Numbers, *, method: McNemarMethod = ..., level: float = ..., reasons: bool = ...
) -> pl.DataFrame: ...
def mcnemar(
    b: Numbers,
    c: Numbers,
    *,
    method: McNemarMethod = "exact",
    level: float = 0.95,
    reasons: bool = False,
) -> Tested | pl.DataFrame:
    """Did more people change one way than the other?

    Parameters
    ----------
    b, c
        How many pairs have the first only, and the second only (yes before and no after, and the
        reverse). Pairs alike in both say nothing and are not asked for.
    method
        "exact" (cautious), "mid-p" (nearer to the level), "chi-squared" or "corrected" (Edwards).
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Tested or polars.DataFrame
        `value` (the odds ratio b/c), `lower`, `upper` and `p_value`.

    Raises
    ------
    DataError
        A count that cannot be: negative or not whole.

    References
    ----------
    McNemar, Q. (1947). Note on the sampling error of the difference between correlated proportions
    or percentages. Psychometrika, 12, 153-157.

    Fagerland, M. W., Lydersen, S. and Laake, P. (2013). The McNemar test for binary matched-pairs
    data. BMC Medical Research Methodology, 13, 91.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.mcnemar(1, 7).p_value, 4)
    0.0703
    """
    return by_row("mcnemar", Tested, {"b": b, "c": c}, reasons=reasons, method=method, level=level)


@overload
def paired_difference(
    both: Scalar,
    first_only: Scalar,
    second_only: Scalar,
    neither: Scalar,
    *,
    method: PairedMethod = ...,
    level: float = ...,
) -> Interval: ...
@overload
def paired_difference(
    both: Numbers,
    first_only: Numbers,
    second_only: Numbers,
    neither: Numbers,
    *,
    method: PairedMethod = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def paired_difference(
    both: Numbers,
    first_only: Numbers,
    second_only: Numbers,
    neither: Numbers,
    *,
    method: PairedMethod = "newcombe",
    level: float = 0.95,
    reasons: bool = False,
) -> Interval | pl.DataFrame:
    """By how much do two shares of the same people differ?

    Parameters
    ----------
    both, first_only, second_only, neither
        How many pairs have it both times, the first time only, the second time only, and never.
    method
        "newcombe", the only one.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    Interval or polars.DataFrame
        `value` (first share − second share), `lower` and `upper`, from −1 to 1.

    Raises
    ------
    DataError
        A count that cannot be: negative or not whole.

    References
    ----------
    Newcombe, R. G. (1998). Improved confidence intervals for the difference between binomial
    proportions based on paired data. Statistics in Medicine, 17, 2635-2650 (method 10).

    Examples
    --------
    >>> import wholefamily as wf
    >>> gap = wf.stats.paired_difference(59, 6, 16, 80)
    >>> round(gap.value, 3), round(gap.lower, 3), round(gap.upper, 3)
    (-0.062, -0.119, -0.005)
    """
    return by_row(
        "paired_difference",
        Interval,
        {"both": both, "first_only": first_only, "second_only": second_only, "neither": neither},
        reasons=reasons,
        method=method,
        level=level,
    )


def signed_rank(
    before: Numbers,
    after: Numbers,
    *,
    method: SignedRankMethod = "auto",
    alternative: Alternative = "two-sided",
) -> SignedRank:
    """Are people higher or lower afterwards, by rank?

    Parameters
    ----------
    before, after
        Sequences: the two scores of each person.
    method
        "auto" (exact for fewer than 50 pairs without ties or zeros, as R), "exact" or "normal".
    alternative
        "greater": scores rise.

    Returns
    -------
    SignedRank
        `statistic` (the sum of the ranks of those who rose), `p_value`, `used` (pairs that moved)
        and `zeros` (pairs that did not, and are left out).

    Raises
    ------
    DataError
        A score that is not finite, or a null: leave the pair out, and say how many.

    References
    ----------
    Wilcoxon, F. (1945). Individual comparisons by ranking methods. Biometrics Bulletin, 1, 80-83.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.signed_rank([11, 14, 9, 12], [13, 15, 13, 12], method="exact")
    SignedRank(statistic=6.0, p_value=0.25, used=3, zeros=1)
    """
    return whole(
        "signed_rank",
        SignedRank,
        {"before": before, "after": after},
        method=method,
        alternative=alternative,
    )


def paired_t(before: Numbers, after: Numbers, *, level: float = 0.95) -> PairedT:
    """By how much did people change on average?

    Parameters
    ----------
    before, after
        Sequences: the two scores of each person.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    PairedT
        `value` (the mean of after − before), `lower`, `upper`, `statistic`, `df` and `p_value`.

    Raises
    ------
    DataError
        A score that is not finite, or a null: leave the pair out, and say how many.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika, 6, 1-25.

    Examples
    --------
    >>> import wholefamily as wf
    >>> found = wf.stats.paired_t([4, 4, 5], [5, 6, 8])
    >>> found.value, found.df, round(found.statistic, 4)
    (2.0, 2.0, 3.4641)
    """
    return whole("paired_t", PairedT, {"before": before, "after": after}, level=level)


@overload
def reliable_change(
    before: Scalar,
    after: Scalar,
    *,
    reliability: float,
    sd: float,
    higher_is_better: bool = ...,
    level: float = ...,
) -> ReliableChange: ...
@overload
def reliable_change(
    before: Numbers,
    after: Numbers,
    *,
    reliability: float,
    sd: float,
    higher_is_better: bool = ...,
    level: float = ...,
    reasons: bool = ...,
) -> pl.DataFrame: ...
def reliable_change(
    before: Numbers,
    after: Numbers,
    *,
    reliability: float,
    sd: float,
    higher_is_better: bool = True,
    level: float = 0.95,
    reasons: bool = False,
) -> ReliableChange | pl.DataFrame:
    """Whose change is more than an unreliable scale would show by itself?

    Parameters
    ----------
    before, after
        The two scores of a person.
    sd
        Standard deviation of scores before, in the units of the scale: from its manual or a large
        group, not from a handful of families.
    reliability
        That of the scale, at least 0 and below 1.
    higher_is_better
        True for wellbeing, False for distress.
    level
        Confidence level, between 0 and 1.
    reasons
        For sequences: add a column `reason`, why a figure is null.

    Returns
    -------
    ReliableChange or polars.DataFrame
        `value`, the change in units of the noise, and `change`: "better", "worse" or "no reliable
        change".

    Raises
    ------
    DataError
        A score that is not finite.

    Notes
    -----
    The value is (after − before) / (sd √(2(1 − reliability))), to be held against the normal
    quantile.

    References
    ----------
    Jacobson, N. S. and Truax, P. (1991). Clinical significance: a statistical approach to defining
    meaningful change in psychotherapy research. Journal of Consulting and Clinical Psychology, 59,
    12-19.

    Examples
    --------
    >>> import wholefamily as wf
    >>> found = wf.stats.reliable_change(32.5, 47.5, sd=7.5, reliability=0.8)
    >>> round(found.value, 2), found.change
    (3.16, 'better')
    """
    return by_row(
        "reliable_change",
        ReliableChange,
        {"before": before, "after": after},
        reasons=reasons,
        sd=sd,
        reliability=reliability,
        higher_is_better=higher_is_better,
        level=level,
    )
