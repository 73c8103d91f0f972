"""How unequal is it between the most and the least deprived?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wholefamily._measure import Measure


@dataclass(frozen=True, kw_only=True)
class InequalityGradient(Measure):
    """How unequal is the rate between the most and the least deprived?

    The unit is an event. Five figures of the rates of the quantiles of deprivation, told apart by
    `index`:

    - "slope": how far the rate changes over the whole ranking, from a line through the quantiles;
    - "relative": the two ends of that line, one over the other ("phe"), or the slope over the
      mean rate ("scotpho"): the two are not comparable;
    - "attributable": the share of all events that would not happen if every quantile had the rate
      of the least deprived;
    - "absolute_range" and "relative_range": the rate of the most deprived quantile less, and over,
      that of the least deprived.

    Parameters
    ----------
    events : str
        The column with the number of events in each row: whole numbers, 0 or more.
    exposure : str
        The column with the exposure in each row, such as the population.
    quantile : str
        The column with the quantile of deprivation: whole numbers from 1.
    quantiles : int
        How many quantiles there are: "phe" takes 5 to 100, "scotpho" 5 or 10.
    most_deprived : str
        Which end of the numbers is the most deprived: "lowest" (as in the Scottish Index of
        Multiple Deprivation) or "highest".
    per : number
        The rates are per so much exposure.
    date : str, optional
        The column of dates that puts rows into periods; needed with `every`.
    convention : str
        "phe": a slope is positive where the *least* deprived have the higher rate, and its interval
        rests on how sure each rate is. "scotpho": positive where the *most* deprived have it, and
        the interval rests on how far the rates lie from the line.

    Notes
    -----
    Rows with a null quantile, events or exposure are dropped and counted in `rows_dropped`. A group
    that lacks one of the quantiles has no figure, since every rank would be wrong; the reason says
    so. A quantile that is no whole number from 1 to `quantiles` is an error. The intervals are
    closed forms: the same table gives the same digits.

    References
    ----------
    Mackenbach, J. P. and Kunst, A. E. (1997). Measuring the magnitude of socio-economic inequalities
    in health. Social Science and Medicine 44, 757-771.
    Low, A. and Low, A. (2004). Measuring the gap: quantifying and comparing local health
    inequalities. Journal of Public Health 26, 388-395.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> fifths = pl.DataFrame({
    ...     "simd_quintile": [1, 2, 3, 4, 5],
    ...     "events": [41, 30, 26, 17, 11],
    ...     "population": [1000] * 5,
    ... })
    >>> gradient = wf.InequalityGradient(convention="scotpho").run(fifths).to_polars()
    >>> [(row["index"], round(row["value"], 2)) for row in gradient.to_dicts()][:3]
    [('slope', 36.5), ('relative', 1.46), ('attributable', 0.56)]
    """

    events: str = "events"
    exposure: str = "population"
    quantile: str = "simd_quintile"
    quantiles: int = 5
    most_deprived: Literal["lowest", "highest"] = "lowest"
    per: float = 1000
    date: str | None = None
    convention: Literal["phe", "scotpho"] = "phe"
