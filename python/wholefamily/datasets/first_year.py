"""What happened to the babies assessed before birth: the `episodes` and `moves` of their first year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from .pre_birth import ASSESSMENTS

if TYPE_CHECKING:
    from random import Random

    from .frame import Kind

EPISODES: dict[str, Kind] = {
    "child_id": "text",
    "start": "date",
    "end": "date",
    "placement": "text",
}
MOVES: dict[str, Kind] = {"child_id": "text", "moved": "date", "moved_to": "text"}

EXTRACT = date(2024, 7, 31)
AT_BIRTH = 0.4  # share of those going into care who go straight from hospital
LATEST = 220  # days after birth
KNOWN = date(2024, 2, 29)  # the outcomes were reported on 6 March
MOVING_ON = 0.5  # share of foster placements that a placement with kin follows
MOVED = {"hub": 2, "local_office": 1}
AT_HOME = 2  # babies looked after at home: in the records of care, not in alternative care
ELSEWHERE = ("another_council", "england")


class Baby(NamedTuple):
    """What an assessment says of a baby."""

    child_id: str
    team: str
    born: date
    outcome: str


def babies(assessments: list[tuple[object, ...]]) -> list[Baby]:
    """Take from the rows of the assessments what is needed here."""
    named = [dict(zip(ASSESSMENTS, row, strict=True)) for row in assessments]
    return [Baby(**{field: row[field] for field in Baby._fields}) for row in named]  # type: ignore[arg-type]


def episodes(rng: Random, born: list[Baby]) -> list[tuple[object, ...]]:
    """Draw the care that each outcome speaks of, and two babies looked after at home."""
    stayed = [baby for baby in born if baby.outcome == "with_family"]
    at_home = {baby.child_id for baby in rng.sample(stayed, AT_HOME)}
    rows: list[tuple[object, ...]] = []
    for baby in born:
        if baby.child_id in at_home:
            start = baby.born + timedelta(days=rng.randint(5, 60))
            rows.append((baby.child_id, start, None, "parents"))
        if baby.outcome != "with_family":
            rows += _away(rng, baby)
    return rows


def _away(rng: Random, baby: Baby) -> list[tuple[object, ...]]:
    """Draw when a baby went into alternative care, and where from there."""
    straight = rng.random() < AT_BIRTH
    latest = min(LATEST, (KNOWN - baby.born).days)
    days = rng.randint(0, 6) if straight else round(rng.triangular(7, latest, min(60, latest)))
    start = baby.born + timedelta(days=days)
    later = start + timedelta(days=rng.randint(60, 200))
    moves_on = rng.random() < MOVING_ON and baby.outcome == "foster" and later <= EXTRACT
    first = (baby.child_id, start, later if moves_on else None, baby.outcome)
    return [first, (baby.child_id, later, None, "kinship")] if moves_on else [first]


def moves(rng: Random, born: list[Baby]) -> list[tuple[object, ...]]:
    """Let a few of the babies who stayed with their families move out of the area."""
    rows: list[tuple[object, ...]] = []
    for team, number in MOVED.items():
        stayed = [b for b in born if b.team == team and b.outcome == "with_family"]
        for baby in rng.sample(stayed, number):
            moved = baby.born + timedelta(days=rng.randint(40, 210))
            rows.append((baby.child_id, moved, rng.choice(ELSEWHERE)))
    return rows
