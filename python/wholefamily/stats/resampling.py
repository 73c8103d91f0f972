"""Resampling: how sure is a figure for which there is no formula?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ._answers import Bootstrap
from ._call import coded, whole

if TYPE_CHECKING:
    from ._call import Names, Numbers

Statistic: TypeAlias = Literal["mean", "median", "ratio"]
"""What is computed of each group."""
GroupContrast: TypeAlias = Literal["difference", "ratio"]
"""How two groups are compared."""
BootstrapMethod: TypeAlias = Literal["percentile", "bca"]
"""How limits are read off the resamples."""


def bootstrap(
    value: Numbers,
    *,
    seed: int,
    base: Numbers = None,
    statistic: Statistic = "mean",
    group: Names | None = None,
    contrast: GroupContrast = "difference",
    cluster: Names | None = None,
    draws: int = 10000,
    method: BootstrapMethod = "bca",
    level: float = 0.95,
) -> Bootstrap:
    """How sure is a figure for which there is no formula?

    The rows are drawn again with replacement, many times, or whole clusters of them, and the figure
    is computed anew each time.

    Parameters
    ----------
    value
        A sequence of numbers.
    base
        For "ratio": the sequence that goes below the line.
    seed
        Lets anyone draw the same resamples again, on any number of threads: say which it was.
    statistic
        "mean", "median", or "ratio": the sum of `value` over the sum of `base`.
    group
        A sequence: true or 1 for the group, false or 0 for its reference. The figures of the two
        are then compared.
    contrast
        "difference" or "ratio" of the two figures.
    cluster
        A sequence: which family, school or team each row belongs to. Rows of one are alike, so
        whole clusters are drawn.
    draws
        How many resamples.
    method
        "bca" (corrected for bias and skewness) or "percentile".
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Bootstrap
        `value`, `lower`, `upper` and `standard_error`. Where all resamples give one figure there is
        no interval: None, with the reason.

    Raises
    ------
    DataError
        A number that is not finite, or a null: leave the row out, and say how many.

    Notes
    -----
    Resample i comes from stream i of the Philox generator with this seed, which NumPy has too.

    References
    ----------
    Efron, B. (1987). Better bootstrap confidence intervals. Journal of the American Statistical
    Association, 82, 171-185.

    Examples
    --------
    >>> import wholefamily as wf
    >>> days = [3, 5, 8, 13, 21, 34, 2, 9, 14, 6]
    >>> found = wf.stats.bootstrap(days, seed=1)
    >>> round(found.value, 2), round(found.lower, 2), round(found.upper, 2)
    (11.5, 7.2, 19.8)
    """
    columns = {
        "value": value,
        "base": base,
        "group": coded("bootstrap", "group", group),
        "cluster": coded("bootstrap", "cluster", cluster),
    }
    return whole(
        "bootstrap",
        Bootstrap,
        columns,
        seed=seed,
        statistic=statistic,
        contrast=contrast,
        draws=draws,
        method=method,
        level=level,
    )
