"""Quantiles: into which fifth, or tenth, does each area fall?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from wholefamily.errors import DataError

from ._call import coded, each, sequence

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from ._call import Names, Numbers


def quantile(
    value: Numbers, *, k: int, invert: bool = False, within: Names | None = None
) -> pl.DataFrame:
    """Which quantile does each area belong to, with as many areas in each?

    Parameters
    ----------
    value
        Sequence: the figure that areas are ranked by.
    k
        How many quantiles, such as 5.
    invert
        Whether quantile 1 holds the highest figures.
    within
        A sequence of names or numbers, such as the council or health board of each area: each
        then has quantiles of its own. Without it they are national.

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
    return _each_within("quantile", {"value": value}, within, k=k, invert=invert)


def population_quantile(
    rank: Numbers, population: Numbers, *, k: int, within: Names | None = None
) -> pl.DataFrame:
    """Which quantile does each area belong to, with as many people in each?

    Parameters
    ----------
    rank
        Sequence: the rank of each area, the most deprived first.
    population
        Sequence: its people.
    k
        How many quantiles, such as 5.
    within
        A sequence of names or numbers, such as the council or health board of each area: each
        then has quantiles of its own. Without it they are national.

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
    >>> councils = ["Glasgow", "Glasgow", "Moray", "Moray"]
    >>> local = wf.stats.population_quantile([1, 2, 8, 9], [100] * 4, k=2, within=councils)
    >>> local["quantile"].to_list()
    [1, 2, 1, 2]
    """
    columns = {"rank": rank, "population": population}
    return _each_within("population_quantile", columns, within, k=k)


def _each_within(
    function: str, columns: Mapping[str, Numbers], within: Names | None, **options: bool | int
) -> pl.DataFrame:
    """Place the areas of each part of the country by themselves."""
    given = cast("Any", options)
    if within is None:
        return each(function, columns, **given)
    import polars as pl

    parts = pl.Series("within", cast("Any", coded(function, "within", within)))
    series = {name: sequence(function, name, column) for name, column in columns.items()}
    for name, column in series.items():
        if len(column) != len(parts):
            msg = (
                f"{function}: {name} has {len(column)} values and within has {len(parts)}; "
                "name one part of the country for each area"
            )
            raise DataError(msg)
    areas = pl.DataFrame({**series, "within": parts}).with_row_index("area")
    placed = [
        part.select("area").hstack(each(function, {name: part[name] for name in series}, **given))
        for part in areas.partition_by("within", maintain_order=True)
    ]
    if not placed:
        return each(function, columns, **given)
    return pl.concat(placed).sort("area").drop("area")
