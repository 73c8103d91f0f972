"""Stock and flow: how many are in care, how many come and go, how often, and what a change is due to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from wholefamily._measure import Day, Measure

from .populated import Populated

if TYPE_CHECKING:
    from wholefamily._bridge import Data


@dataclass(frozen=True, kw_only=True)
class StockFlow(Measure):
    """How many children were in care at the start and the end of each period, and how many came and went?

    Five rows a period: `flow` is "stock at start", "starts", "ends", "stock at end" and
    "imbalance", which is stock at end less (stock at start + starts - ends): always 0. Stock is
    counted as by `LookedAfter`, starts and ends as by `Flows`, apart from it. On
    `wf.stays`, with `began` and `ended`, starts are also told apart as "first entries",
    "re-entries" and "moves in", and ends as "exits" and "moves out". Needs `every` in `run`.

    Parameters
    ----------
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    began, ended : str, optional
        The columns of `wf.stays` that say how each stay began and ended.

    Notes
    -----
    Periods that are not over by `as_of` have no rows. The first period begins with 0, since before
    the first start nothing is known. Unusable episodes are set aside as in `LookedAfter`; what is
    wrong between rows, such as an overlap or a child in two groups at once, `wf.stays` lists.
    Groups add up to the whole, moves in to moves out, unless a child is in two groups at once. Where
    rows do not say how a stay began or ended, or contradict each other, there are also
    "unclassified starts" or "unclassified ends". A complete count has no sampling interval.

    References
    ----------
    Preston, S. H., Heuveline, P. and Guillot, M. (2001). Demography: measuring and modeling
    population processes, p. 2 (the balancing equation).

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "b"],
    ...     "team": ["north", "south", "south"],
    ...     "start": [dt.date(2020, 1, 1), dt.date(2020, 6, 1), dt.date(2020, 3, 1)],
    ...     "end": [dt.date(2020, 6, 1), None, dt.date(2020, 5, 1)],
    ... })
    >>> stays = wf.stays(episodes, by="team")
    >>> account = wf.StockFlow(began="began", ended="ended", as_of="2020-12-31")
    >>> south = account.run(stays, by="team", every="year").to_polars()
    >>> for row in south.filter(pl.col("team") == "south").select("flow", "numerator").rows():
    ...     print(*row)
    stock at start 0
    starts 2
    first entries 1
    re-entries 0
    moves in 1
    ends 1
    exits 1
    moves out 0
    stock at end 1
    imbalance 0
    """

    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None
    began: str | None = None
    ended: str | None = None

    def __post_init__(self) -> None:
        """Read the day."""
        self._set_day("as_of")


@dataclass(frozen=True, kw_only=True, eq=False)
class StockChange(Populated):
    """Of a change in the number looked after, how much is due to population, entries, and length of stay?

    Children in care are the sum, over years of entry counted back from the day, of P × E/P × R: the
    population, entries of the year for each child of it, and the share of them still in care. Four
    rows: `part` is "population", "entries", "stays" and "total", in children; the parts add up to the
    total. Without `population` there are "entries" and "stays" only.

    Parameters
    ----------
    before, after : date
        The two days.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    population : table, optional
        Children in the population on both days: the `by` columns, `date` and `population`.

    Notes
    -----
    N is counted as by `LookedAfter`; E are starts as by `Flows`, in each 12 months back from the day
    (the first up to and including it), as far as the longest stay on either day goes; `numerator` and
    `denominator` of "entries" are all of these. Year by year each part is that of the additive
    logarithmic mean Divisia method (LMDI-I), L × ln(factor after / factor before), with
    L = (N1 - N0) / ln(N1 / N0) of the year's children; the years are added up. Where one day has no
    entries of a year, that year's change is all "entries"; where both have, but one has nobody left,
    it is all "stays". They are arithmetic, not cause. Entries that come later or earlier within a
    year move "stays". Where a population is missing "population" and "entries" have no part, and the
    reason says so. A note says where the extract may not reach back far enough. Grouped by a column,
    a move into a group is an entry.

    References
    ----------
    Ang, B. W. and Liu, F. L. (2001). A new energy decomposition method: perfect in decomposition and
    consistent in aggregation. Energy 26, 537-548. Ang, B. W. (2004). Decomposition analysis for
    policymaking in energy: which is the preferred method? Energy Policy 32, 1131-1139. Ang, B. W. and
    Liu, N. (2007). Handling zero values in the logarithmic mean Divisia index decomposition approach.
    Energy Policy 35, 238-246.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "b", "c", "d", "e", "f"],
    ...     "start": [dt.date(2020, 5, 1)] * 4 + [dt.date(2021, 5, 1)] * 2,
    ...     "end": [dt.date(2021, 1, 1)] * 3 + [None] * 3,
    ... })
    >>> change = wf.StockChange(before="2020-07-31", after="2021-07-31").run(episodes).to_polars()
    >>> change.select("part", pl.col("value").round(2), "numerator", "denominator").rows()
    [('entries', -1.0, 6, 4.0), ('stays', 0.0, None, None), ('total', -1.0, 3, 4.0)]
    """

    before: Day
    after: Day
    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    population: Data | None = None

    def __post_init__(self) -> None:
        """Read the days."""
        self._set_day("before")
        self._set_day("after")


@dataclass(frozen=True, kw_only=True, eq=False)
class FlowRates(Populated):
    """How often do children enter care for each year of the population, and leave it for each year in care?

    Four rows a period: `flow` is "entries", "first entries" and "re-entries", per 1,000 child-years
    of the population, and "exits", per 1,000 child-years in care. `numerator` is the count and
    `denominator` the child-years. Needs `every` in `run`.

    Parameters
    ----------
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    population : table, optional
        Children in the population: the `by` columns, `date` and `population`. The date may be any in
        the period, such as that of a mid-year estimate; of several, the mean is taken.
    per : number
        The rate is per so many child-years.
    began, ended : str, optional
        The columns of `wf.stays` that say how each stay began and ended. Then a move between groups
        is neither an entry nor an exit, and there is a row more: "moves out", per child-years in
        care.
    method : str
        The interval of a Poisson count: "phe" (exact below 10, then Byar), "exact", "byar", "mid-p".

    Notes
    -----
    Child-years of the population are its size times the years of the period: 1, a quarter, a twelfth,
    or days / 365.25. Child-years in care are the days in care in the period, all children together,
    / 365.25. Periods that are not over by `as_of` have no rows. Without a population entries have no
    rate, and the reason says so. Without `began` the first start of a child in a group counts as its
    first entry; either way it can only be the first in this table. Entries are taken as independent,
    so the interval is too narrow where brothers and sisters enter together.

    References
    ----------
    Preston, S. H., Heuveline, P. and Guillot, M. (2001). Demography: measuring and modeling
    population processes, pp. 5-7. Breslow, N. E. and Day, N. E. (1987). Statistical Methods in Cancer
    Research II, p. 69 (Byar's interval).

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "b"],
    ...     "start": [dt.date(2021, 1, 1), dt.date(2021, 6, 1), dt.date(2021, 3, 1)],
    ...     "end": [dt.date(2021, 2, 1), None, dt.date(2021, 5, 1)],
    ... })
    >>> people = pl.DataFrame({"date": [dt.date(2021, 6, 30)], "population": [500]})
    >>> rates = wf.FlowRates(population=people, as_of="2021-12-31").run(episodes, every="year")
    >>> rates.to_polars().select("flow", "numerator", pl.col("denominator").round(3), "value").rows()[:3]
    [('entries', 3, 500.0, 6.0), ('first entries', 2, 500.0, 4.0), ('re-entries', 1, 500.0, 2.0)]
    >>> rates.to_polars().select("flow", "numerator", pl.col("denominator").round(3)).row(3)
    ('exits', 2, 0.838)
    """

    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None
    population: Data | None = None
    per: float = 1000
    began: str | None = None
    ended: str | None = None
    method: Literal["exact", "byar", "phe", "mid-p"] = "phe"

    def __post_init__(self) -> None:
        """Read the day."""
        self._set_day("as_of")
