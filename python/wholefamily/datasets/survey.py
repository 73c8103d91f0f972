"""Ten families' answers about Glasgow's intensive family support: the `responses` table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

    from .frame import Kind

COLUMNS: dict[str, Kind] = {
    "respondent_id": "text",
    "item": "text",
    "kind": "text",
    "answer": "text",
    "cluster": "text",
}

# 70% and 90% need a base of ten or a multiple of it, 62.5% of eight: ten families are the fewest
# that can have given all the percentages, if two of them left the questions with eighths empty.
FAMILIES = 10
LEFT_EMPTY = 2

# Single-response items: how many families said yes. Two left the first of them empty.
REASSURED = {"felt_reassured": 6}
YES = {
    "there_when_needed_and_flexible": 7,
    "would_recommend": 10,
    "more_helpful_than_other_services": 8,
    "evenings_and_weekends_vital": 10,
    "used_weekend_support": 9,
    "family_relationships_improved": 7,
    "helped_identify_strengths": 7,
    "happier_and_more_confident": 6,
    "fewer_worries": 8,
}
# Multiple-response items: how many families ticked each option.
DESCRIBED_WORKER_AS = {
    "good listener": 10,
    "supportive": 10,
    "caring": 8,
    "friendly": 8,
    "trustworthy": 8,
    "does what they promised": 8,
    "has good ideas": 8,
    "does not give up": 8,
    "believes in me": 6,
    "helps me to be heard": 6,
    "helps my family to be heard": 6,
}
MOST_HELPFUL = {
    "advice or help when needed": 5,
    "immediate response from a real person": 5,
    "problems solved without police or out-of-hours social work": 5,
    "freephone support number": 5,
}


def responses(rng: Random) -> list[tuple[object, ...]]:
    """Draw who gave which answer: a row for each answer, or one null for a question left empty."""
    everyone = list(range(1, FAMILIES + 1))
    empty = rng.sample(everyone, LEFT_EMPTY)
    answering = [family for family in everyone if family not in empty]
    given: list[tuple[int, str, str, str | None]] = []
    given += _ticked(rng, everyone, "described_worker_as", DESCRIBED_WORKER_AS)
    given += _ticked(rng, answering, "most_helpful", MOST_HELPFUL)
    given += _said(rng, answering, REASSURED)
    given += _said(rng, everyone, YES)
    given += [(family, "most_helpful", "multiple", None) for family in empty]
    given += [(family, item, "single", None) for family in empty for item in REASSURED]
    order = ["described_worker_as", "most_helpful", *REASSURED, *YES]
    given.sort(key=lambda answer: (answer[0], order.index(answer[1])))
    return [
        (f"GIFSS-{family:02}", item, kind, answer, f"family-{family:02}")
        for family, item, kind, answer in given
    ]


def _said(
    rng: Random, families: list[int], yes: dict[str, int]
) -> list[tuple[int, str, str, str | None]]:
    """Choose who said yes to each item; the others who answer say no."""
    rows: list[tuple[int, str, str, str | None]] = []
    for item, number in yes.items():
        agreeing = rng.sample(families, number)
        rows += [(f, item, "single", "yes" if f in agreeing else "no") for f in families]
    return rows


def _ticked(
    rng: Random, families: list[int], item: str, options: dict[str, int]
) -> list[tuple[int, str, str, str | None]]:
    """Choose who ticked each option, until every family that answers has ticked one."""
    while True:
        rows: list[tuple[int, str, str, str | None]] = [
            (family, item, "multiple", option)
            for option, number in options.items()
            for family in sorted(rng.sample(families, number))
        ]
        if {family for family, *_ in rows} == set(families):
            return rows
