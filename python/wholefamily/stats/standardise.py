"""Standardised rates: what would they be, were the populations alike?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from ._answers import Indirect, Interval, Tested
from ._call import each, whole

if TYPE_CHECKING:
    import polars as pl

    from ._call import Numbers

DirectConvention: TypeAlias = Literal["phe", "scotpho"]
"""Whose rules a directly standardised rate follows."""
DirectMethod: TypeAlias = Literal["byar", "exact", "fay-feuer"]
"""How to put an interval about it."""
RateMethod: TypeAlias = Literal["exact", "byar", "phe", "mid-p"]
"""How to put an interval about the events observed."""
EuropeanPart: TypeAlias = Literal[
    "all", "under-18", "0-25", "under-16", "16-and-over", "11-25", "15-25"
]
"""Ages of the European standard population."""


def standardise_direct(
    x: Numbers,
    n: Numbers,
    weight: Numbers,
    *,
    per: float = 1000,
    convention: DirectConvention = "phe",
    method: DirectMethod = "byar",
    level: float = 0.95,
) -> Interval:
    """What would the rate be in a standard population?

    Parameters
    ----------
    x, n
        Sequences: events and people of each band of age (or of sex and age).
    weight
        The standard population of each band, such as `european_standard_population`; every band of
        the standard once.
    per
        How many people the rate is given for.
    convention
        "phe": no rate for fewer than 10 events. "scotpho": for any number, and 1.96 for z at 0.95.
    method
        "byar" or "exact" (Dobson's form with such limits of the total), or "fay-feuer" (gamma).
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        `value`, `lower` and `upper`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    Notes
    -----
    Value: Σ w x/n / Σ w, times `per`. Limits: value + √(V/O) (limit of O − O), with O = Σ x and V
    the variance of the value.

    References
    ----------
    Dobson, A., Kuulasmaa, K., Eberle, E. and Scherer, J. (1991). Confidence intervals for weighted
    sums of Poisson parameters. Statistics in Medicine, 10, 457-462.

    Examples
    --------
    >>> import wholefamily as wf
    >>> rate = wf.stats.standardise_direct([10, 30], [1000, 2000], [600, 400])
    >>> round(rate.value, 3), round(rate.lower, 3), round(rate.upper, 3)
    (12.0, 8.042, 17.013)
    """
    return whole(
        "standardise_direct",
        Interval,
        {"x": x, "n": n, "weight": weight},
        per=per,
        convention=convention,
        method=method,
        level=level,
    )


def standardise_direct_repeat(
    band: Numbers,
    events: Numbers,
    persons: Numbers,
    n: Numbers,
    weight: Numbers,
    *,
    per: float = 1000,
    convention: DirectConvention = "phe",
    method: DirectMethod = "byar",
    level: float = 0.95,
) -> Interval:
    """What would it be, where some people have several events?

    Parameters
    ----------
    band
        Sequence: a number for each band; a band has a row for each number of events.
    events, persons
        In that band, so many persons had so many events each.
    n, weight
        People and standard population of the band, the same in all of its rows.
    per, convention, method
        As in `standardise_direct`.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Interval
        `value`, `lower` and `upper`; wider than if all events were independent.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Dobson, A., Kuulasmaa, K., Eberle, E. and Scherer, J. (1991). Confidence intervals for weighted
    sums of Poisson parameters. Statistics in Medicine, 10, 457-462.

    Examples
    --------
    >>> import wholefamily as wf
    >>> rate = wf.stats.standardise_direct_repeat(
    ...     [0, 0, 1], [1, 2, 1], [6, 2, 30], [1000, 1000, 2000], [600, 600, 400]
    ... )
    >>> round(rate.value, 3), round(rate.lower, 3), round(rate.upper, 3)
    (12.0, 7.487, 17.715)
    """
    return whole(
        "standardise_direct_repeat",
        Interval,
        {"band": band, "events": events, "persons": persons, "n": n, "weight": weight},
        per=per,
        convention=convention,
        method=method,
        level=level,
    )


def standardise_indirect(
    x: Numbers,
    n: Numbers,
    x_reference: Numbers,
    n_reference: Numbers,
    *,
    per: float | None = None,
    method: RateMethod = "phe",
    level: float = 0.95,
) -> Indirect:
    """How do the events compare with those expected at the rates of a reference?

    Parameters
    ----------
    x, n
        Sequences: events and people of each band.
    x_reference, n_reference
        The same of the reference population.
    per
        None for a ratio (1 is as expected); a number for a rate: the ratio times the crude rate of
        the reference, for so many people.
    method
        That of the events observed, as in `rate`.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Indirect
        `value`, `lower`, `upper`, `observed` and `expected` events.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Breslow, N. and Day, N. (1987). Statistical methods in cancer research II, pp. 65-72.

    Examples
    --------
    >>> import wholefamily as wf
    >>> ratio = wf.stats.standardise_indirect([12, 30], [1000, 2000], [100, 200], [10000, 20000])
    >>> round(ratio.value, 3), ratio.observed, round(ratio.expected, 3)
    (1.4, 42, 30.0)
    """
    return whole(
        "standardise_indirect",
        Indirect,
        {"x": x, "n": n, "x_reference": x_reference, "n_reference": n_reference},
        per=per,
        method=method,
        level=level,
    )


def comparative_ratio(
    x1: Numbers, n1: Numbers, x2: Numbers, n2: Numbers, weight: Numbers, *, level: float = 0.95
) -> Tested:
    """How many times as high is one standardised rate as the other?

    Parameters
    ----------
    x1, n1
        Sequences: events and people of the group in each band.
    x2, n2
        The same of the reference group, which shares no events with it.
    weight
        The standard population of each band.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Tested
        `value`, `lower`, `upper` and `p_value`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Breslow, N. and Day, N. (1987). Statistical methods in cancer research II, pp. 61-65.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.comparative_ratio([20, 20], [100, 200], [10, 10], [100, 200], 1).value
    2.0
    """
    return whole(
        "comparative_ratio",
        Tested,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2, "weight": weight},
        level=level,
    )


def comparative_difference(
    x1: Numbers,
    n1: Numbers,
    x2: Numbers,
    n2: Numbers,
    weight: Numbers,
    *,
    per: float = 1000,
    level: float = 0.95,
) -> Tested:
    """By how much do two standardised rates differ?

    Parameters
    ----------
    x1, n1
        Sequences: events and people of the group in each band.
    x2, n2
        The same of the reference group, which shares no events with it.
    weight
        The standard population of each band.
    per
        How many people the difference is given for.
    level
        Confidence level, between 0 and 1.

    Returns
    -------
    Tested
        `value`, `lower`, `upper` and `p_value`.

    Raises
    ------
    DataError
        A number that cannot be, or a null.

    References
    ----------
    Breslow, N. and Day, N. (1987). Statistical methods in cancer research II, pp. 58-61.

    Examples
    --------
    >>> import wholefamily as wf
    >>> round(wf.stats.comparative_difference([30], [1000], [20], [1000], 1).value, 6)
    10.0
    """
    return whole(
        "comparative_difference",
        Tested,
        {"x1": x1, "n1": n1, "x2": x2, "n2": n2, "weight": weight},
        per=per,
        level=level,
    )


def european_standard_population(part: EuropeanPart = "all") -> pl.DataFrame:
    """How old is the European standard population?

    Parameters
    ----------
    part
        "all", or some ages: "under-18", "0-25", "under-16", "16-and-over", "11-25", "15-25".

    Returns
    -------
    polars.DataFrame
        A row for each band: `from` and `to` (its first and last year of age; null where it has no
        end) and `weight`.

    References
    ----------
    Eurostat (2013). Revision of the European standard population.

    Examples
    --------
    >>> import wholefamily as wf
    >>> wf.stats.european_standard_population()["weight"].sum()
    100000.0
    """
    return each("european_standard_population", {}, part=part)
