"""Spells of care cut where the placement or the legal reason changed: the `episodes` table."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from .days import birthday
from .spells import ADULT, EXTRACT, Spell

if TYPE_CHECKING:
    from random import Random

    from .frame import Kind

COLUMNS: dict[str, Kind] = {
    "child_id": "text",
    "start": "date",
    "end": "date",
    "placement": "text",
    "legal_reason": "text",
    "provider": "text",
    "locality": "text",
    "sibling_group": "text",
    "why_started": "text",
    "why_ended": "text",
}

# Not published: what placements and reasons there were, and how often they changed.
DAYS_BETWEEN_CHANGES = 420  # mean
PLACEMENT_CHANGES = 0.7  # of all changes; the rest are changes of the legal reason
PLACEMENTS = {"foster": 62, "kinship": 22, "residential": 16}
PROVIDERS = {
    "foster": ("council", "council", "independent"),
    "kinship": ("family",),
    "residential": ("council", "voluntary"),
    "adoption": ("council",),
}
LEGAL_REASONS = {
    "compulsory_supervision_order": 58,
    "voluntary_section_25": 24,
    "permanence_order": 14,
    "child_protection_order": 4,
}
YOUNGEST_RESIDENTIAL = 8
OLDEST_ADOPTED = 7
INDEPENDENT = 16


def episodes(rng: Random, spells: list[Spell]) -> list[tuple[object, ...]]:
    """Draw the episodes of every spell, sorted by child and start."""
    ordered = sorted(spells, key=lambda spell: (spell.child.child_id, spell.start))
    last = {spell.child.child_id: spell for spell in ordered}
    first: set[str] = set()
    rows: list[tuple[object, ...]] = []
    for spell in ordered:
        came = "returned_to_care" if spell.child.child_id in first else "first_time_in_care"
        first.add(spell.child.child_id)
        left = _why_left(rng, spell, final=last[spell.child.child_id] is spell)
        rows += _cut(rng, spell, came, left)
    return rows


def _cut(rng: Random, spell: Spell, came: str, left: str | None) -> list[tuple[object, ...]]:
    """Cut one spell; each episode begins on the day that the one before it ended."""
    until = spell.end or EXTRACT
    cuts = [spell.start]
    while (cut := cuts[-1] + timedelta(days=1 + _days_to_change(rng))) < until:
        cuts.append(cut)
    changes = [
        "placement_changed" if rng.random() < PLACEMENT_CHANGES else "legal_reason_changed"
        for _ in cuts[1:]
    ]
    whys = [came, *changes, left]
    placement = _placement(rng, spell, spell.start)
    legal_reason = rng.choices(list(LEGAL_REASONS), list(LEGAL_REASONS.values()))[0]
    rows: list[tuple[object, ...]] = []
    for (start, end), (why_started, why_ended) in zip(
        pairwise([*cuts, spell.end]), pairwise(whys), strict=True
    ):
        if why_started == "placement_changed":
            placement = _placement(rng, spell, start or spell.start)
        if why_started == "legal_reason_changed":
            legal_reason = rng.choice([r for r in LEGAL_REASONS if r != legal_reason])
        if why_ended == "adopted":
            placement = "adoption"
        rows.append(
            (
                spell.child.child_id,
                start,
                end,
                placement,
                legal_reason,
                rng.choice(PROVIDERS[placement]),
                spell.child.home.locality,
                spell.child.home.family_id,
                why_started,
                why_ended,
            )
        )
    return rows


def _days_to_change(rng: Random) -> int:
    return int(rng.expovariate(1 / DAYS_BETWEEN_CHANGES))


def _placement(rng: Random, spell: Spell, day: date) -> str:
    """Draw where the child lives from `day`; the youngest are not in residential care."""
    young = birthday(spell.child.born, YOUNGEST_RESIDENTIAL) > day
    kinds = [kind for kind in PLACEMENTS if not (young and kind == "residential")]
    return rng.choices(kinds, [PLACEMENTS[kind] for kind in kinds])[0]


def _why_left(rng: Random, spell: Spell, *, final: bool) -> str | None:
    """Draw why a spell ended; None while it is open."""
    if spell.end is None:
        return None
    born = spell.child.born
    if not final:
        return "returned_home"
    if birthday(born, ADULT) == spell.end:
        return "turned_18"
    if birthday(born, INDEPENDENT) <= spell.end:
        return rng.choice(("returned_home", "independent_living"))
    if birthday(born, OLDEST_ADOPTED) > spell.end and rng.random() < 1 / 4:
        return "adopted"
    return rng.choice(("returned_home", "returned_home", "kinship_order"))
