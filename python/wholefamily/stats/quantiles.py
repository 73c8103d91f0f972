"""Quantiles: into which fifth, or tenth, does each area fall?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ._call import each

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers


def quantile(value: Numbers, *, k: int, invert: bool = False) -> pl.DataFrame:
    """Which quantile does each area belong to, with as many areas in each?

    Parameters
    ----------
    value
        Sequence: the figure that areas are ranked by.
    k
        How many quantiles, such as 5.
    invert
        Whether quantile 1 holds the highest figures.

    Returns
    -------
    polars.DataFrame
        A column `quantile`, from 1 to `k`; null where there are fewer areas than quantiles.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.quantile([3, 1, 4, 2], k=2)["quantile"].to_list()
    [2, 1, 2, 1]
    """
    return each("quantile", {"value": value}, k=k, invert=invert)


def population_quantile(rank: Numbers, population: Numbers, *, k: int) -> pl.DataFrame:
    """Which quantile does each area belong to, with as many people in each?

    Parameters
    ----------
    rank
        Sequence: the rank of each area, the most deprived first.
    population
        Sequence: its people.
    k
        How many quantiles, such as 5.

    Returns
    -------
    polars.DataFrame
        A column `quantile`, from 1 to `k`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.population_quantile([1, 2, 3], [100, 100, 200], k=2)["quantile"].to_list()
    [1, 1, 2]
    """
    return each("population_quantile", {"rank": rank, "population": population}, k=k)
