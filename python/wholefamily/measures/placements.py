"""Where children in care live: with whom, for how long before they move, and with their brothers and sisters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from wholefamily import _bridge
from wholefamily._measure import Day, Measure, day, listed
from wholefamily.errors import TypeError_

from .rates import RateMethod  # noqa: TC001  (a field's words are read from its type)
from .shares import ProportionMethod  # noqa: TC001

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .shares import Code

SiblingUnit: TypeAlias = Literal["groups", "children"]
"""What is counted: groups of brothers and sisters, or the children in them."""


@dataclass(frozen=True, kw_only=True)
class _OnDates(Measure):
    """A measure that counts children on dates."""

    at: Sequence[Day] | None = None

    def __post_init__(self) -> None:
        """Read the days."""
        if self.at is not None:
            where = f"{type(self).__name__}(at=…)"
            self._set("at", tuple(day(each, where) for each in listed(self.at)))
        self._set_day("as_of")


@dataclass(frozen=True, kw_only=True)
class PlacementMoves(Measure):
    """How often do children in care move?

    It reads placements, as `wf.placements` gives them, not episodes: a change of legal status is no
    move. `value` is the number of moves per child-year in care; `numerator` is the moves and
    `denominator` the child-years.

    Parameters
    ----------
    moved : str
        The column that says whether the placement ended by a move (true), or the child left care
        (false); null while it is open.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the placement and the day it ended (null: still open).
    since : date, optional
        The first day that counts; by default the first start.
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    per : number
        The rate is per so many child-years.
    method : str
        The interval, two-sided: "phe" (by default: exact below 10 moves, then Byar's), "exact",
        "byar" or "mid-p".

    Notes
    -----
    Child-years are the days in care over 365.25: the number of children in care on each day, added
    up. A move counts on the day that the placement ended; by a column of the placement, such as its
    kind, in the group that it left. The interval takes moves as independent: a few children who
    move often make it too narrow, and `compare` refuses these rates, because a difference by chance
    would too often look real. A placement that ended without saying whether by a move is set
    aside, counted and listed, as are rows without a child or a start or that end before they start. A
    row that stands twice in the table counts twice, its days and its move: `wf.placements` gives each
    placement once.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. Biometrika 28, 437-442.
    Breslow, N. E. and Day, N. E. (1987). Statistical Methods in Cancer Research II, p. 69 (Byar's).

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "b"],
    ...     "start": [dt.date(2019, 1, 1), dt.date(2020, 6, 1), dt.date(2019, 1, 1)],
    ...     "end": [dt.date(2020, 6, 1), dt.date(2023, 1, 1), dt.date(2023, 1, 1)],
    ...     "placement": ["foster", "kinship", "kinship"],
    ... })
    >>> moves = wf.PlacementMoves().run(wf.placements(episodes)).to_polars()
    >>> moves.select("value", "unit", "numerator", "denominator").row(0)
    (0.125, 'per child-year', 1, 8.0)
    """

    moved: str = "moved"
    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    since: Day | None = None
    as_of: Day | None = None
    per: float = 1
    method: RateMethod = "phe"

    def __post_init__(self) -> None:
        """Read the days."""
        self._set_day("since")
        self._set_day("as_of")


@dataclass(frozen=True, kw_only=True)
class PlacementStability(_OnDates):
    """Of the children looked after on a date, what share had three or more placements in the year?

    It reads placements, as `wf.placements` gives them, not episodes: a change of legal status is no
    move. The unit is a child looked after on the date, counted once; `numerator` is those with
    `placements` or more placements in the twelve months up to and including the date.

    Parameters
    ----------
    at : list of dates, optional
        The days. Left out, `every` in `run` gives them: the last day of each whole period.
    placements : int
        From how many placements on a child counts.
    number : str
        The column that numbers the placements, which a table of placements has and one of episodes
        has not.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the placement and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    method : str
        The interval, two-sided: "wilson" (by default), "clopper-pearson", "jeffreys",
        "agresti-coull", "mid-p" or "wald".

    Notes
    -----
    A placement counts that held on any day of the year: the one that the child was in when the year
    began counts, and so do those of an earlier spell of care. All children were counted, so the
    interval says how far such a share could move by chance. Rows without a placement number, a child
    or a start, or that end before they start, are set aside, counted and listed; where the extract
    does not reach back a year, a note says so. Group by what stays the same of a child: by a column
    that changes with the placement, each group counts its own placements only.

    References
    ----------
    Department for Education. Stability measures for children looked after in England: three or more
    placements during the year, of children looked after on 31 March (formerly National Indicator 62).

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "a", "b"],
    ...     "start": [dt.date(2019, 1, 1), dt.date(2019, 6, 1), dt.date(2019, 9, 1), dt.date(2019, 1, 1)],
    ...     "end": [dt.date(2019, 6, 1), dt.date(2019, 9, 1), None, None],
    ...     "placement": ["foster", "residential", "kinship", "kinship"],
    ... })
    >>> moved = wf.PlacementStability(at=["2020-03-31"]).run(wf.placements(episodes)).to_polars()
    >>> moved.select("date", "value", "numerator", "denominator").row(0)
    (datetime.date(2020, 3, 31), 0.5, 1, 2.0)
    """

    placements: int = 3
    number: str = "placement_number"
    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None
    method: ProportionMethod = "wilson"


@dataclass(frozen=True, kw_only=True)
class PlacedWith(_OnDates):
    """Of the children looked after on a date, what share is placed with kin, in a family, near home?

    The unit is a child looked after on the date, counted once. One row for each date and `kind`:
    `numerator` is those whose placement is of the kind, `denominator` those whose placement is
    recorded. Kinds may overlap. With `own_authority` there is one kind more, "own authority", of
    those of whom that is recorded.

    Parameters
    ----------
    at : list of dates, optional
        The days. Left out, `every` in `run` gives them: the last day of each whole period.
    kinds : mapping, optional
        The placements that each kind stands for. By default
        `{"kin": ["kinship"], "family": ["kinship", "foster", "parents", "adoption"]}`.
    placement : str
        The column with the placement.
    own_authority : str, optional
        A boolean column: is the placement within the child's own authority? With `authority`, the
        column with the area that the placement is in.
    authority : str, optional
        The column with the child's own authority, with which that area is compared.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    method : str
        The interval, two-sided: "wilson" (by default), "clopper-pearson", "jeffreys",
        "agresti-coull", "mid-p" or "wald".

    Notes
    -----
    A row without a placement is dropped and counted in `rows_dropped`; a child whose placement on
    the date is not recorded is in no base, and a note says how many. Of several placements of a child
    on the date, the one that started last counts, then the one that ends last, then the kind first by
    name. Episodes and the placements of `wf.placements` both fit; only those know that a child on
    holiday has not moved. Unusable rows are set aside as in `LookedAfter`.

    References
    ----------
    Scottish Government. Children's Social Work Statistics: looked after children by type of placement
    on 31 July.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "b", "c", "d"],
    ...     "start": [dt.date(2020, 1, 1)] * 4,
    ...     "end": [None, None, None, dt.date(2020, 2, 1)],
    ...     "placement": ["kinship", "foster", "residential", "kinship"],
    ... })
    >>> placed = wf.PlacedWith(at=["2020-07-31"]).run(episodes).to_polars()
    >>> placed.select("kind", "numerator", "denominator").rows()
    [('family', 2, 3.0), ('kin', 1, 3.0)]
    """

    kinds: Mapping[str, Code | Iterable[Code]] | None = None
    placement: str = "placement"
    own_authority: str | None = None
    authority: str | None = None
    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None
    method: ProportionMethod = "wilson"

    def __post_init__(self) -> None:
        """Read the days, and take the kinds as they are now."""
        super().__post_init__()
        if self.kinds is None:
            return
        if not isinstance(cast("object", self.kinds), Mapping):
            msg = (
                f"PlacedWith(kinds={_bridge.shown(self.kinds)}): expected placements by the name of "
                'a kind, such as {"kin": ["kinship"]}'
            )
            raise TypeError_(msg)
        self._set("kinds", {kind: listed(values) for kind, values in self.kinds.items()})

    def __hash__(self) -> int:
        """Hash all fields, the kinds as pairs."""
        plain = self.specification()
        return hash(tuple((name, repr(value)) for name, value in sorted(plain.items())))

    def _plain(self, name: str, value: object) -> object:
        """Turn a field's value into one that JSON has."""
        if name == "kinds" and isinstance(value, dict):
            kinds = cast("dict[object, object]", value)
            return {str(kind): super(PlacedWith, self)._plain(name, kinds[kind]) for kind in kinds}
        return super()._plain(name, value)


@dataclass(frozen=True, kw_only=True)
class SiblingsTogether(_OnDates):
    """Are brothers and sisters who are looked after on a date placed together?

    The unit is a group of brothers and sisters of whom at least two are looked after on the date.
    Three rows a date: `together` is "all" (all in one place), "some" (at least two, not all) or
    "none". With `unit="children"` the unit is a child of such a group: does it live with all, some or
    none of its brothers and sisters in care?

    Parameters
    ----------
    at : list of dates, optional
        The days. Left out, `every` in `run` gives them: the last day of each whole period.
    sibling_group : str
        The column that identifies the group of brothers and sisters.
    place : str
        The column that identifies the place: a household, an address, a carer.
    unit : str
        What is counted: "groups" (by default) or "children".
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    method : str
        The interval, two-sided: "wilson" (by default), "clopper-pearson", "jeffreys",
        "agresti-coull", "mid-p" or "wald"; for children only "wilson".

    Notes
    -----
    Rows without a group or a place are dropped and counted in `rows_dropped`. A group with a child
    whose place on the date is not recorded is in no base, and a note says how many: nothing is
    guessed. Only brothers and sisters in care are known of; those who are not looked after are not.
    Those placed at home with their parents are in care and count as together: to ask only about those
    away from home, leave such rows out first, as in
    `episodes.filter(pl.col("placement").ne_missing("at home"))`. The duty in Scotland is also met by homes near
    each other, which the name of a place cannot tell: they count as apart. Of several places
    of a child on the date, the one that started last counts, then the one that ends last. Children
    of a group share their answer, so for them the interval is Wilson's with the linearised variance
    between groups, as in `ReReferral` with `cluster`; `method` in the result is "wilson-clustered",
    one group alone has no interval, and `compare` refuses them. Unusable rows are set aside as in
    `LookedAfter`.

    References
    ----------
    Looked After Children (Scotland) Amendment Regulations 2021 (SSI 2021/103), regulation 3(5), which
    inserts regulation 5A into the Looked After Children (Scotland) Regulations 2009: the duty to place
    brothers and sisters in the same home, or in homes near each other, where that is appropriate.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "b", "c", "d", "e"],
    ...     "sibling_group": ["Fox", "Fox", "Roe", "Roe", "Roe"],
    ...     "place_id": [1, 1, 2, 2, 3],
    ...     "start": [dt.date(2020, 1, 1)] * 5,
    ...     "end": [None, None, None, None, dt.date(2020, 8, 1)],
    ... })
    >>> together = wf.SiblingsTogether(at=["2020-07-31"]).run(episodes).to_polars()
    >>> together.select("together", "numerator", "denominator").rows()
    [('all', 1, 2.0), ('some', 1, 2.0), ('none', 0, 2.0)]
    """

    sibling_group: str = "sibling_group"
    place: str = "place_id"
    unit: SiblingUnit = "groups"
    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None
    method: ProportionMethod = "wilson"
