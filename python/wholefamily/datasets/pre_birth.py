"""What followed the referrals before birth: the `assessments` and `plans` tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from .referrals import EXTRACT, Pregnancy

if TYPE_CHECKING:
    from random import Random

    from .frame import Kind

ASSESSMENTS: dict[str, Kind] = {
    "assessment_id": "text",
    "child_id": "text",
    "family_id": "text",
    "team": "text",
    "locality": "text",
    "started": "date",
    "completed": "date",
    "due": "date",
    "born": "date",
    "previously_known": "flag",
    "outcome": "text",
}
PLANS: dict[str, Kind] = {
    "plan_id": "text",
    "child_id": "text",
    "family_id": "text",
    "kind": "text",
    "team": "text",
    "locality": "text",
    "opened": "date",
    "escalated": "date",
    "closed": "date",
}

# Published: 3 of the hubs' 25 and 7 of the local offices' 10 went on to alternative care.
ALTERNATIVE_CARE = {"hub": 3, "local_office": 7}
# Published: 4 of Hamilton's 15 parent's plans escalated to child protection procedures.
ESCALATED = 4


def assessments(rng: Random, pregnancies: list[Pregnancy]) -> list[tuple[object, ...]]:
    """Draw one pre-birth child protection assessment for each pregnancy that had one."""
    assessed = [p for p in pregnancies if p.follows == "pre_birth_assessment"]
    away = {
        p.child.child_id
        for team, number in ALTERNATIVE_CARE.items()
        for p in rng.sample([p for p in assessed if p.team == team], number)
    }
    rows: list[tuple[object, ...]] = []
    for number, p in enumerate(assessed, start=1):
        child = p.child
        started = p.received + timedelta(days=rng.randint(3, 21))
        completed = started + timedelta(days=rng.randint(28, 45))
        outcome = rng.choice(("kinship", "foster")) if child.child_id in away else "with_family"
        rows.append(
            (
                f"SL-A{number:02}",
                child.child_id,
                child.home.family_id,
                p.team,
                child.home.locality,
                started,
                completed,
                child.due,
                child.born,
                p.previously_known,
                outcome,
            )
        )
    return rows


def plans(rng: Random, pregnancies: list[Pregnancy]) -> list[tuple[object, ...]]:
    """Draw Hamilton's parent's plans, which only that hub used in the first year."""
    planned = [p for p in pregnancies if p.follows == "parents_plan"]
    escalating = set(rng.sample(range(len(planned)), ESCALATED))
    rows: list[tuple[object, ...]] = []
    for number, p in enumerate(planned):
        opened = p.received + timedelta(days=rng.randint(3, 21))
        escalated = opened + timedelta(days=rng.randint(14, 45)) if number in escalating else None
        closed = escalated or p.child.born + timedelta(days=rng.randint(28, 90))
        rows.append(
            (
                f"SL-P{number + 1:02}",
                p.child.child_id,
                p.child.home.family_id,
                "parents_plan",
                p.team,
                p.child.home.locality,
                opened,
                escalated,
                closed if closed <= EXTRACT else None,
            )
        )
    return rows
