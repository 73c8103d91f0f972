"""The same people, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wholefamily._measure import Measure


@dataclass(frozen=True, kw_only=True)
class PairedChange(Measure):
    """How far have people's scores moved, from before support to after it?

    The unit is a person, in a row with both scores. Up to three figures, told apart by `change`:
    "mean", the mean of after less before, in points of the scale; and, if `sd` and `reliability`
    are given, "better" and "worse", the shares (0 to 1) of people whose score changed by more than
    measuring twice would make it. `denominator` is the number of pairs.

    Parameters
    ----------
    before, after : str
        The columns with the two scores.
    better : str
        Which scores are better: "higher" (wellbeing) or "lower" (distress).
    sd : number, optional
        The standard deviation of the scale, from its manual or a large group.
    reliability : number, optional
        The reliability of the scale, from 0 to below 1, such as 0.85.
    date : str, optional
        The column of dates that puts rows into periods; needed with `every`.

    Notes
    -----
    Rows without one of the scores are dropped and counted in `rows_dropped`: people who were not
    seen again may differ from those who were, so give that number beside the result. The mean has
    Student's interval for pairs, the shares Wilson's. A change is reliable beyond 1.96 standard
    errors of a difference, whatever the level of the intervals. One pair has a mean but no
    interval, and so have pairs that all moved equally far. Without a group to compare with, a
    change is not yet an effect of the support.

    References
    ----------
    Student (1908). The probable error of a mean. Biometrika 6, 1-25.
    Jacobson, N. S. and Truax, P. (1991). Clinical significance: a statistical approach to defining
    meaningful change in psychotherapy research. Journal of Consulting and Clinical Psychology 59,
    12-19.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> scores = pl.DataFrame({"before": [20, 18, 25, 22], "after": [30, 20, None, 21]})
    >>> change = wf.PairedChange(sd=5, reliability=0.8).run(scores).to_polars()
    >>> [(row["change"], round(row["value"], 2)) for row in change.to_dicts()]
    [('mean', 3.67), ('better', 0.33), ('worse', 0.0)]
    """

    before: str = "before"
    after: str = "after"
    better: Literal["higher", "lower"] = "higher"
    sd: float | None = None
    reliability: float | None = None
    date: str | None = None
