"""Strata: two groups compared only with their like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ._answers import Pooled, TestWithDf
from ._call import values, whole

if TYPE_CHECKING:
    from ._call import Numbers

Estimand: TypeAlias = Literal["ratio", "difference", "odds_ratio"]
"""What is pooled over the strata."""


def mantel_haenszel(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    *,
    estimand: Estimand = "ratio",
    correct: bool = False,
    level: float = 0.95,
) -> Pooled:
    """How do two groups compare, when each member is compared only with its like?

    Parameters
    ----------
    x1, n1
        Sequences: in each stratum, how many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    estimand
        What is pooled: "ratio" or "difference" of shares, or "odds_ratio".
    correct
        Whether the test is corrected for continuity; the figure never is.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Pooled
        `value`, `lower`, `upper`, `p_value` (Cochran, Mantel and Haenszel's test that no stratum
        has a difference) and `homogeneity_p` (the test that all strata have the same). Without a
        stratum that holds both groups nothing can be compared: None, with the reason. Strata that
        hold one group only stand, by place from 0, in `one_group_only`.

    Raises
    ------
    DataError
        A count that cannot be, or a null: leave the stratum out instead, and say so.

    Notes
    -----
    Ratio: Σ x1 n2/N over Σ x2 n1/N, with N = n1 + n2. A stratum with one group has no say.

    References
    ----------
    Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data from
    retrospective studies of disease. Journal of the National Cancer Institute, 22, 719-748.

    Examples
    --------
    >>> import wholefamily as wf
    >>> pooled = wf.stats.mantel_haenszel([3, 7], [25, 10], [1, 9], [20, 15])
    >>> round(pooled.value, 3), round(pooled.p_value, 3)
    (1.332, 0.37)
    >>> wf.stats.mantel_haenszel([3, 4], [25, 15], [1, 0], [20, 0]).one_group_only
    (1,)
    """
    pooled = whole(
        "mantel_haenszel",
        Pooled,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2},
        estimand=estimand,
        correct=correct,
        level=level,
    )
    sides = zip(values(n1), values(n2), strict=False)
    alone = (
        place for place, (group, reference) in enumerate(sides) if bool(group) != bool(reference)
    )
    pooled.one_group_only = tuple(alone)
    return pooled


def breslow_day(
    x1: Numbers, n1: Numbers, x2: Numbers, n2: Numbers, *, correct: bool = True
) -> TestWithDf:
    """Is the odds ratio the same in every stratum?

    Parameters
    ----------
    x1, n1
        Sequences: in each stratum, how many of the group have it, and the size of the group.
    x2, n2
        The same of the reference group.
    correct
        Whether to take Tarone's correction, without which the sum does not quite follow its
        distribution.

    Returns
    -------
    TestWithDf
        `statistic`, `df` and `p_value`. Needs two strata that could have come out otherwise.

    Raises
    ------
    DataError
        A count that cannot be, or a null.

    References
    ----------
    Breslow, N. E. and Day, N. E. (1980). Statistical methods in cancer research, volume 1.

    Tarone, R. E. (1985). On heterogeneity tests based on efficient scores. Biometrika, 72, 91-95.

    Examples
    --------
    >>> import wholefamily as wf
    >>> test = wf.stats.breslow_day([1, 3], [4, 4], [3, 1], [4, 4])
    >>> test.statistic, round(test.p_value, 4)
    (4.0, 0.0455)
    """
    return whole(
        "breslow_day", TestWithDf, {"x1": x1, "n1": n1, "x2": x2, "n2": n2}, correct=correct
    )
