"""Synthetic tables to learn and test on; no row describes a real child or family."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from . import children, episodes, first_year, population, pre_birth, referrals, spells, survey
from .claims import published
from .frame import frame

if TYPE_CHECKING:
    import polars as pl

__all__ = ["NOTICE", "babies_to_age_one", "family_support_hubs", "published"]

NOTICE = (
    "Synthetic data. No row describes a real child, family or worker. The rows were generated so "
    "that totals agree with figures published by South Lanarkshire Council (Social Work Resources "
    "Committee, 6 March 2024, Family Support Strategy – Family Support Hubs) and in Glasgow's "
    "Promise update (2022). Everything that those documents do not state is invented: do not "
    "draw conclusions about services from it."
)


def family_support_hubs(seed: int = 20220901) -> dict[str, pl.DataFrame]:
    """Give synthetic records that agree with what two councils published about their services.

    **The rows are synthetic**: made by a seeded generator so that these totals come back exactly,
    whatever the seed. No row describes a real child, family or worker.

    South Lanarkshire Council, Social Work Resources Committee, 6 March 2024, "Family Support
    Strategy – Family Support Hubs":

    - hubs answered 61% of referrals from September 2022 to August 2023 (7,320 of 12,000; the
      document gives no count, nor the shares of the four localities);
    - local offices were allocated 6,795 fewer referrals in 2023 than in 2021 (the document says
      "almost 6800", not the exact number);
    - 3 of 25 pre-birth assessments by hubs, and 7 of 10 by local offices, went on to alternative
      care; hubs assessed families not known before, local offices families who were;
    - 4 of Hamilton's 15 parent's plans escalated to child protection.

    Glasgow's Promise update, 2022:

    - 1,381 children looked after and accommodated on 29 February 2016, 988 on 29 February 2020,
      751 on 28 February 2022 (start on or before the date, and no end or an end after it);
    - a survey of families with 62.5% and 75% (eight answered) and 100%, 90%, 80%, 70% and 60%
      (ten answered): the fewest families that give all of these percentages.

    Everything else is invented. Sources, needs, decisions and times are drawn alike for every
    team, so any difference between teams in them is chance. The hubs' share grows within the
    first year, and differs by locality, by design of the generator only.

    Parameters
    ----------
    seed : int, default 20220901
        The same seed gives the same rows.

    Returns
    -------
    dict of str to polars.DataFrame
        `children` (both areas; `born` or, for those known before birth, also `due`),
        `referrals` (2021 to 2023; extract of 31 January 2024, `closed` null: still open),
        `assessments` and `plans` (pre-birth, September 2022 to August 2023),
        `episodes` (everyone in care from 28 February 2014 to 31 March 2022, the date of the
        extract; `end` null: still in care; none are placed with parents),
        `population` (Glasgow, under 18, at month ends; round numbers for illustration),
        `responses` (a row per answer; `kind` is "single" or "multiple"; `answer` null: the family
        left the question empty; `cluster` is the family).

    Examples
    --------
    >>> from wholefamily import datasets
    >>> tables = datasets.family_support_hubs()
    >>> len(tables["assessments"])
    35
    """
    referred = referrals.referred(_random(seed, "referrals"))
    in_care = spells.spells(_random(seed, "spells"))
    looked_after = {spell.child.child_id: spell.child for spell in in_care}
    everyone = [children.row(child) for child in (*referred.children, *looked_after.values())]
    assessed = pre_birth.assessments(_random(seed, "assessments"), referred.pregnancies)
    planned = pre_birth.plans(_random(seed, "plans"), referred.pregnancies)
    placed = episodes.episodes(_random(seed, "episodes"), in_care)
    return {
        "children": frame(everyone, children.COLUMNS),
        "referrals": frame(referred.rows, referrals.COLUMNS),
        "assessments": frame(assessed, pre_birth.ASSESSMENTS),
        "plans": frame(planned, pre_birth.PLANS),
        "episodes": frame(placed, episodes.COLUMNS),
        "population": frame(population.population(), population.COLUMNS),
        "responses": frame(survey.responses(_random(seed, "responses")), survey.COLUMNS),
    }


def babies_to_age_one(seed: int = 20220901) -> dict[str, pl.DataFrame]:
    """Give synthetic records of what happened to the babies whom two teams assessed before birth.

    **The rows are synthetic**: made by a seeded generator; no row describes a real child or family.
    South Lanarkshire Council's report of 6 March 2024 says that 3 of 25 babies assessed by hubs, and
    7 of 10 by local offices, went on to alternative care, and that babies are tracked until they turn
    one. It gives no dates. So the assessments are those of `family_support_hubs` with the same seed,
    and all that came after is invented: when a baby went into care and where, who moved away.

    Parameters
    ----------
    seed : int, default 20220901
        The same seed gives the same rows.

    Returns
    -------
    dict of str to polars.DataFrame
        `assessments` (35, with `born` and `outcome`), `episodes` (of care, to 31 July 2024;
        `placement` "parents" is a baby looked after at home; `end` null: still there), `moves`
        (babies who left the area).

    Examples
    --------
    >>> from wholefamily import datasets
    >>> tables = datasets.babies_to_age_one()
    >>> tables["episodes"].filter(tables["episodes"]["placement"] != "parents")["child_id"].n_unique()
    10
    """
    referred = referrals.referred(_random(seed, "referrals"))
    assessed = pre_birth.assessments(_random(seed, "assessments"), referred.pregnancies)
    born = first_year.babies(assessed)
    in_care = first_year.episodes(_random(seed, "first year"), born)
    moved = first_year.moves(_random(seed, "moves"), born)
    return {
        "assessments": frame(assessed, pre_birth.ASSESSMENTS),
        "episodes": frame(in_care, first_year.EPISODES),
        "moves": frame(moved, first_year.MOVES),
    }


def _random(seed: int, table: str) -> Random:
    """Give each table a stream of its own, so that a change to one leaves the others alone."""
    return Random(f"{seed}/{table}")  # noqa: S311 - draws examples, guards nothing
