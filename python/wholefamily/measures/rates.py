"""How many events for so much exposure: crude, and as a population of standard ages would have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from wholefamily._measure import Measure
from wholefamily.population import band_weights

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wholefamily._bridge import Data

    from .shares import Code

RateMethod: TypeAlias = Literal["exact", "byar", "phe", "mid-p"]
"""Intervals for a rate."""


@dataclass(frozen=True, kw_only=True)
class Rate(Measure):
    """How many events were there for so much exposure?

    The unit is an event. `value` is the sum of the events over the sum of the exposure (people,
    days, child-years), times `per`; `numerator` and `denominator` are the two sums.

    Parameters
    ----------
    events : str
        The column with the number of events in each row: whole numbers, 0 or more.
    exposure : str
        The column with the exposure in each row: numbers, 0 or more.
    per : number
        The rate is per so much exposure.
    date : str, optional
        The column of dates that puts rows into periods; needed with `every`.
    method : str
        The interval, two-sided, of a Poisson count of independent events: "phe" (exact below 10
        events, Byar's from 10), "exact", "byar" or "mid-p".

    Notes
    -----
    Rows with a null in either column are dropped and counted in `rows_dropped`. A count that is
    negative or no whole number, or an exposure that is negative or not finite, is set aside, counted
    and listed in `Estimates.set_aside`. Without exposure there is no rate, and the reason says so.
    The interval is too narrow where the same child has many of the events: see
    `wholefamily.stats.repeat_rate`.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    Breslow, N. E. and Day, N. E. (1987). Statistical Methods in Cancer Research II, p. 69.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> homes = pl.DataFrame({
    ...     "kind": ["foster", "foster", "residential"],
    ...     "moves": [2, 7, 6],
    ...     "child_years": [400.5, 599.5, 120.0],
    ... })
    >>> rate = wf.Rate(events="moves", exposure="child_years").run(homes, by="kind").to_polars()
    >>> rate.select("kind", "value", "unit").rows()
    [('foster', 9.0, 'per 1,000'), ('residential', 50.0, 'per 1,000')]
    >>> [round(bound, 2) for bound in rate.select("lower", "upper").row(0)]
    [4.12, 17.08]
    """

    events: str
    exposure: str
    per: float = 1000
    date: str | None = None
    method: RateMethod = "phe"


@dataclass(frozen=True, kw_only=True, eq=False)
class StandardisedRate(Measure):
    """What would the rate be, if every group had the ages of one standard population?

    The unit is an event. `value` is the rate of each age band weighted by the standard population,
    times `per`, so that groups with other ages can be set side by side; `numerator` and
    `denominator` are the events and the exposure as they were.

    Parameters
    ----------
    events : str
        The column with the number of events in each row: whole numbers, 0 or more.
    exposure : str
        The column with the exposure in each row, such as the population.
    age_band : str
        The column with the age band: "0-4", "05 to 09", "90+", or a single age.
    standard : str, mapping or table
        The name of a part of the European Standard Population of 2013: "all", "under-18", "0-25",
        "under-16", "16-and-over", "11-25" or "15-25". Or any bands with their weights: a mapping
        from band to weight, or a table with the columns `band` and `weight`.
    per : number
        The rate is per so much exposure.
    date : str, optional
        The column of dates that puts rows into periods; needed with `every`.
    convention : str
        "phe" gives no rate below 10 events; "scotpho" does.
    method : str
        The interval, two-sided: Dobson's with the limits of the number of events by Byar ("byar")
        or exact ("exact"), or Fay and Feuer's ("fay-feuer").

    Notes
    -----
    Rows with a null age band, events or exposure are dropped and counted in `rows_dropped`. A group
    without exposure in one of the bands has no rate, and the reason says so. An age band that the
    standard does not have is an error, since its events would count nowhere. Of the weights only
    the proportions matter.

    References
    ----------
    Dobson, A., Kuulasmaa, K., Eberle, E. and Scherer, J. (1991). Confidence intervals for weighted
    sums of Poisson parameters. Statistics in Medicine 10, 457-462.
    Eurostat (2013). Revision of the European Standard Population.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> children = pl.DataFrame({
    ...     "age_band": ["0-4", "5-17"],
    ...     "events": [20, 30],
    ...     "population": [1000, 1000],
    ... })
    >>> rate = wf.StandardisedRate(standard={"0-4": 3, "5-17": 1}).run(children).to_polars()
    >>> rate.select("value", "unit", "numerator").row(0)
    (22.5, 'per 1,000', 50)
    >>> [round(bound, 2) for bound in rate.select("lower", "upper").row(0)]
    [15.89, 30.66]
    """

    events: str = "events"
    exposure: str = "population"
    age_band: str = "age_band"
    standard: str | Mapping[Code, float] | Data = "all"
    per: float = 1000
    date: str | None = None
    convention: Literal["phe", "scotpho"] = "phe"
    method: Literal["byar", "exact", "fay-feuer"] = "byar"

    def __post_init__(self) -> None:
        """Copy the weights, so that the specification cannot change."""
        if isinstance(self.standard, Mapping):
            self._set("standard", dict(self.standard))

    def specification(self, *, by: str | Iterable[str] = ()) -> dict[str, object]:
        """Give the question as plain values; bands with weights become a list of rows."""
        if isinstance(self.standard, str):
            return super().specification(by=by)
        plain = replace(self, standard="all").specification(by=by)
        return plain | {"standard": band_weights(self.standard)}

    def __eq__(self, other: object) -> bool:
        """Be equal if all fields are; a table of weights has to be the same table."""
        if not isinstance(other, StandardisedRate):
            return NotImplemented
        if self._scalars() != other._scalars():
            return False
        ours, theirs = self.standard, other.standard
        plain = isinstance(ours, str | Mapping) and isinstance(theirs, str | Mapping)
        return ours is theirs or (plain and ours == theirs)

    def __hash__(self) -> int:
        """Hash all fields, but of a standard of one's own only that it is one."""
        return hash((self._scalars(), self.standard if isinstance(self.standard, str) else None))

    def _scalars(self) -> tuple[object, ...]:
        names = ("events", "exposure", "age_band", "per", "date", "convention", "method")
        return tuple(cast("object", getattr(self, name)) for name in names)
