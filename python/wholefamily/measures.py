"""The measures: each is a question, as a frozen dataclass whose fields are its specification."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from ._measure import Day, Every, Measure, day, listed
from .population import population_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ._bridge import Data

__all__ = [
    "Day",
    "Escalation",
    "Every",
    "Flows",
    "LookedAfter",
    "LookedAfterChange",
    "Measure",
    "PreBirthOutcomes",
    "ReferralShare",
    "Share",
    "SurveyPercentages",
]

ProportionMethod: TypeAlias = Literal["wilson", "agresti-coull", "wald"]
"""Intervals for a share."""

Code: TypeAlias = str | int | bool
"""A value of a coded column."""


@dataclass(frozen=True, kw_only=True)
class Share(Measure):
    """Of all rows whose outcome is known, what share has it?

    The unit is a row of the table. `value` is the share (0 to 1) of rows with the outcome among
    rows whose outcome is known; `numerator` and `denominator` are the two counts.

    Parameters
    ----------
    outcome : str
        A boolean column; with `equals`, a column of codes.
    equals : str, int, bool or a list of them, optional
        The codes that count as having the outcome.
    date : str, optional
        The column of dates that puts rows into periods; needed with `every`.
    method : str
        The interval, two-sided: "wilson" (by default), "agresti-coull" or "wald".

    Notes
    -----
    Rows with a null outcome are dropped and counted in `rows_dropped`. With `every`, rows with a
    null date stand together under a null period, sorted last. A group without known outcomes has no value, and says why.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> families = pl.DataFrame({"helped": [True, True, False, True, None]})
    >>> share = wf.Share(outcome="helped").run(families).to_polars()
    >>> share.select("value", "numerator", "denominator", "rows_dropped").row(0)
    (0.75, 3, 4.0, 1)
    >>> share.select(pl.col("lower", "upper").round(4)).row(0)
    (0.3006, 0.9544)
    """

    outcome: str
    equals: Code | Sequence[Code] | None = None
    date: str | None = None
    method: ProportionMethod = "wilson"

    def __post_init__(self) -> None:
        """Take the codes as a tuple, so that the specification cannot change."""
        if self.equals is not None and not isinstance(self.equals, str | int):
            self._set("equals", listed(self.equals))


@dataclass(frozen=True, kw_only=True)
class ReferralShare(Measure):
    """What share of referrals did a team answer?

    The unit is a referral. `value` is the share (0 to 1) of referrals answered by team `to` among
    those whose team is known.

    Parameters
    ----------
    to : str
        The team, as the table writes it.
    team : str
        The column with the team that answered.
    date : str
        The column with the date received; it is read only for periods.
    method : str
        The interval, as for `Share`.

    Notes
    -----
    Referrals with a null team are dropped and counted in `rows_dropped`. Where no referral at all
    went to the team, a note asks whether its name is written right.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> referrals = pl.DataFrame({
    ...     "received": [dt.date(2023, 1, 9), dt.date(2023, 2, 6), dt.date(2023, 5, 2)],
    ...     "team": ["hub", "local_office", "hub"],
    ... })
    >>> share = wf.ReferralShare(to="hub").run(referrals, every="quarter").to_polars()
    >>> share.select("period", "value").rows()
    [(datetime.date(2023, 1, 1), 0.5), (datetime.date(2023, 4, 1), 1.0)]
    """

    to: str
    team: str = "team"
    date: str = "received"
    method: ProportionMethod = "wilson"


@dataclass(frozen=True, kw_only=True)
class PreBirthOutcomes(Measure):
    """What share of pre-birth assessments went on to alternative care?

    The unit is a pre-birth child protection assessment. `value` is the share (0 to 1) whose
    outcome is one of `alternative_care`, among those whose outcome is known.

    Parameters
    ----------
    outcome : str
        The column with where the baby went.
    alternative_care : list of str
        The outcomes that are alternative care.
    date : str
        The column with the date the assessment started; it is read only for periods.
    method : str
        The interval, as for `Share`.

    Notes
    -----
    A null outcome is not yet known: the row is dropped and counted in `rows_dropped`. An outcome
    that is neither "with_family" nor in `alternative_care` counts as not in alternative care, and
    is listed in `Estimates.set_aside`, because it may be a word written otherwise.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> assessments = pl.DataFrame({
    ...     "team": ["hub", "hub", "hub", "local_office", "local_office"],
    ...     "outcome": ["with_family", "kinship", None, "foster", "with_family"],
    ... })
    >>> share = wf.PreBirthOutcomes().run(assessments, by="team").to_polars()
    >>> share.select("team", "value", "rows_dropped").rows()
    [('hub', 0.5, 1), ('local_office', 0.5, 0)]
    """

    outcome: str = "outcome"
    alternative_care: Sequence[str] = (
        "kinship",
        "foster",
        "residential",
        "adoption",
        "other_care",
    )
    date: str = "started"
    method: ProportionMethod = "wilson"

    def __post_init__(self) -> None:
        """Take the outcomes as a tuple, so that the specification cannot change."""
        self._set("alternative_care", listed(self.alternative_care))


@dataclass(frozen=True, kw_only=True)
class Escalation(Measure):
    """What share of plans escalated to child protection?

    The unit is a plan. `value` is the share (0 to 1) of plans that escalated; the interval is
    Wilson's.

    Parameters
    ----------
    escalated : str
        A column of dates (null: did not escalate) or a boolean column (null: not known).
    date : str
        The column with the date the plan was opened; it is read only for periods.

    Notes
    -----
    A null in a boolean column drops the row and counts it in `rows_dropped`.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> plans = pl.DataFrame({"escalated": [None, dt.date(2023, 3, 1), None, None]})
    >>> share = wf.Escalation().run(plans).to_polars()
    >>> share.select("value", "numerator", "denominator").row(0)
    (0.25, 1, 4.0)
    """

    escalated: str = "escalated"
    date: str = "opened"


@dataclass(frozen=True, kw_only=True, eq=False)
class LookedAfter(Measure):
    """How many children are looked after on a date?

    The unit is a child, counted once however many episodes it has: on a day, a child is looked
    after if an episode of it has started by then and has not ended, or ends later. `value` is the
    number of children; with `population`, their rate.

    Parameters
    ----------
    at : list of dates, optional
        The days. Left out, `every` in `run` gives them: the last day of each whole period, from
        the first start to `as_of`.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.
    population : table, optional
        Children in the population: the `by` columns, `date` and `population` (a number).
    per : number
        The rate is per so many children.

    Notes
    -----
    Episodes without a child or a start, or that end before they start, are set aside, counted
    in `rows_dropped` and listed in `Estimates.set_aside`. A day after `as_of` has no value. A
    complete count has no sampling interval; a rate has that of a Poisson count, exact below 10
    children and Byar's from 10.

    References
    ----------
    Scottish Government. Children's Social Work Statistics: looked after children are counted on
    a census date. Breslow, N. E. and Day, N. E. (1987). Statistical Methods in Cancer Research II,
    p. 69 (Byar's interval).

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "b"],
    ...     "start": [dt.date(2020, 1, 1), dt.date(2020, 6, 1), dt.date(2020, 3, 1)],
    ...     "end": [dt.date(2020, 6, 1), None, dt.date(2020, 5, 1)],
    ... })
    >>> stock = wf.LookedAfter(at=["2020-03-31", "2020-05-01"]).run(episodes).to_polars()
    >>> stock.select("date", "value").rows()
    [(datetime.date(2020, 3, 31), 2.0), (datetime.date(2020, 5, 1), 1.0)]
    """

    at: Sequence[Day] | None = None
    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None
    population: Data | None = None
    per: float = 1000

    def __post_init__(self) -> None:
        """Read the days."""
        if self.at is not None:
            days = (day(each, "LookedAfter(at=…)") for each in listed(self.at))
            self._set("at", tuple(days))
        self._set_day("as_of")

    def specification(self, *, by: str | Iterable[str] = ()) -> dict[str, object]:
        """Give the question as plain values; the population becomes a list of rows."""
        if self.population is None:
            return super().specification()
        plain = replace(self, population=None).specification()
        groups = cast("tuple[str, ...]", listed(by))
        return plain | {"population": population_rows(self.population, groups)}

    def __eq__(self, other: object) -> bool:
        """Be equal if all fields are, and the population is the same table."""
        if not isinstance(other, LookedAfter):
            return NotImplemented
        return self.population is other.population and self._scalars() == other._scalars()

    def __hash__(self) -> int:
        """Hash all fields but the population."""
        return hash(self._scalars())

    def _scalars(self) -> tuple[object, ...]:
        return (self.at, self.child, self.start, self.end, self.as_of, self.per)


@dataclass(frozen=True, kw_only=True)
class LookedAfterChange(Measure):
    """By what proportion did the number of looked-after children change?

    The unit is a child, counted once on each of two days as in `LookedAfter`. `value` is the
    proportional change (-0.24 is a reduction of 24%); `numerator` is the later count and `denominator` the
    earlier one.

    Parameters
    ----------
    before, after : date
        The two days.
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).

    Notes
    -----
    The interval ("overlap-log") uses that children looked after on both days are the same
    children. It is two-sided, on the log scale; with nobody on one of the days there is none,
    and the reason is given. Unusable episodes are set aside as in `LookedAfter`.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "b", "c", "d", "e"],
    ...     "start": [dt.date(2019, 1, 1)] * 4 + [dt.date(2021, 1, 1)],
    ...     "end": [None, None, dt.date(2020, 7, 1), dt.date(2020, 9, 1), None],
    ... })
    >>> change = wf.LookedAfterChange(before="2020-02-29", after="2022-02-28").run(episodes)
    >>> change.to_polars().select("value", "numerator", "denominator").row(0)
    (-0.25, 3, 4.0)
    >>> [round(bound, 4) for bound in change.to_polars().select("lower", "upper").row(0)]
    [-0.7185, 0.9983]
    """

    before: Day
    after: Day
    child: str = "child_id"
    start: str = "start"
    end: str = "end"

    def __post_init__(self) -> None:
        """Read the days."""
        self._set_day("before")
        self._set_day("after")


@dataclass(frozen=True, kw_only=True)
class Flows(Measure):
    """How many children started and ended care in each period?

    The unit is a child's spell of care: the union of its episodes, where an episode that begins
    on the day the last one ended continues it and an overlap counts once. Three rows a period:
    `flow` is "starts", "ends" or "net". Starts less ends is exactly the change in `LookedAfter`.
    Grouped by a column, a move between groups is an end in one and a start in the other.

    Parameters
    ----------
    child : str
        The column that identifies the child.
    start, end : str
        The columns with the first day of the episode and the day it ended (null: still open).
    as_of : date, optional
        The last day that the extract covers; by default the latest date in it.

    Notes
    -----
    Unusable episodes are set aside as in `LookedAfter`; starts and ends after `as_of` do not
    count. A complete count has no sampling interval.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> episodes = pl.DataFrame({
    ...     "child_id": ["a", "a", "b"],
    ...     "start": [dt.date(2020, 1, 1), dt.date(2020, 6, 1), dt.date(2020, 3, 1)],
    ...     "end": [dt.date(2020, 6, 1), None, dt.date(2020, 5, 1)],
    ... })
    >>> flows = wf.Flows().run(episodes, every="year").to_polars()
    >>> flows.select("flow", "value").rows()
    [('starts', 2.0), ('ends', 1.0), ('net', 1.0)]
    """

    child: str = "child_id"
    start: str = "start"
    end: str = "end"
    as_of: Day | None = None

    def __post_init__(self) -> None:
        """Read the day."""
        self._set_day("as_of")


@dataclass(frozen=True, kw_only=True)
class SurveyPercentages(Measure):
    """What share of the base gave each answer?

    The unit is a respondent. `value` is the share (0 to 1) of the base that gave the answer; the
    own keys are `item` and `answer`.

    Parameters
    ----------
    answer, item, respondent : str
        The columns with the answer, the item it answers, and the respondent.
    base : str
        "answering": respondents who answered the item; "eligible": all who were asked it,
        answered or not; "responses": the answers given.
    multiple : bool
        Whether a respondent may give several answers to an item ("tick all that apply"). A
        respondent is in the base once, however many answers it ticked.
    weight, stratum, cluster : str, optional
        Columns of the survey's design; a weighted analysis is refused, not approximated.
    population : number or str, optional
        Size of the finite population, or the column with it; refused likewise.
    method : str
        The interval, as for `Share`.

    Notes
    -----
    A null answer means asked but not answered: in the base "eligible" only. Rows without a
    respondent or an item are set aside, as is a respondent with two answers to an item that is
    not `multiple`. Under the base "responses" the interval is a rough guide, and a note says so.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference.
    Journal of the American Statistical Association 22, 209-212.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> responses = pl.DataFrame({
    ...     "respondent_id": [1, 2, 3, 4],
    ...     "item": ["listened_to"] * 4,
    ...     "answer": ["yes", "yes", "no", None],
    ... })
    >>> shares = wf.SurveyPercentages(base="eligible").run(responses).to_polars()
    >>> shares.select("answer", "value", "denominator").rows()
    [('no', 0.25, 4.0), ('yes', 0.5, 4.0)]
    """

    answer: str = "answer"
    item: str = "item"
    respondent: str = "respondent_id"
    base: Literal["answering", "eligible", "responses"] = "answering"
    multiple: bool = False
    weight: str | None = None
    stratum: str | None = None
    cluster: str | None = None
    population: float | str | None = None
    method: ProportionMethod = "wilson"
