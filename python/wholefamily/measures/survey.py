"""What did the people asked answer?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wholefamily._measure import Measure

from .shares import ProportionMethod  # noqa: TC001  (a field's words are read from its type)


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
