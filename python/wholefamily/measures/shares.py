"""What share of rows has an outcome: of any table, of referrals, assessments and plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from wholefamily._measure import Measure, listed

if TYPE_CHECKING:
    from collections.abc import Sequence

ProportionMethod: TypeAlias = Literal[
    "wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald"
]
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
        The interval, two-sided: "wilson" (by default), "clopper-pearson", "jeffreys",
        "agresti-coull", "mid-p" or "wald".

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
