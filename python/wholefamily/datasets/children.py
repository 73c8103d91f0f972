"""Households and the children in them: the `children` table."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from .frame import Kind

COLUMNS: dict[str, Kind] = {
    "child_id": "text",
    "family_id": "text",
    "area": "text",
    "locality": "text",
    "born": "date",
    "due": "date",
    "sex": "text",
    "ethnicity": "text",
    "simd_decile": "count",
    "disability": "flag",
    "asylum_seeking": "flag",
    "first_language": "text",
}

# Weights out of 100. Deciles lean to the most deprived (1), as social work's caseload does.
DECILES = dict(zip(range(1, 11), (26, 18, 14, 11, 8, 7, 5, 4, 4, 3), strict=True))
ETHNICITIES = {
    "white_scottish": 80,
    "white_other": 7,
    "asian": 5,
    "african_caribbean_black": 3,
    "mixed": 2,
    None: 3,
}
LANGUAGES = ("polish", "urdu", "arabic", "romanian")
CHILD_OF_DISABILITY = 0.09
ANOTHER_LANGUAGE = 0.06
ASYLUM_SEEKING = 0.25
DAYS_BETWEEN_SIBLINGS = 300
DAYS_IN_YEAR = 365.25


class Household(NamedTuple):
    """What the children of one family share."""

    family_id: str
    area: str
    locality: str
    ethnicity: str | None
    simd_decile: int
    asylum_seeking: bool
    first_language: str


class Child(NamedTuple):
    """One row of `children`, with the household apart."""

    child_id: str
    home: Household
    born: date
    due: date | None
    sex: str
    disability: bool


def household(rng: Random, family_id: str, area: str, locality: str) -> Household:
    """Draw a family's circumstances."""
    another_language = rng.random() < ANOTHER_LANGUAGE
    return Household(
        family_id,
        area,
        locality,
        ethnicity=rng.choices(list(ETHNICITIES), list(ETHNICITIES.values()))[0],
        simd_decile=rng.choices(list(DECILES), list(DECILES.values()))[0],
        asylum_seeking=another_language and rng.random() < ASYLUM_SEEKING,
        first_language=rng.choice(LANGUAGES) if another_language else "english",
    )


def child(
    rng: Random, child_id: str, home: Household, born: date, due: date | None = None
) -> Child:
    """Draw a child of the household; `due` only for one known before birth."""
    sex = rng.choice(("female", "male"))
    return Child(child_id, home, born, due, sex, rng.random() < CHILD_OF_DISABILITY)


def born_before(rng: Random, day: date, oldest: float, siblings: Iterable[date]) -> date:
    """Draw the birth of a child aged 0 to `oldest` years on `day`, spaced from its siblings."""
    others = list(siblings)
    while True:
        age = rng.triangular(0, oldest, oldest / 4)
        born = day - timedelta(days=int(age * DAYS_IN_YEAR))
        if all(abs((born - other).days) >= DAYS_BETWEEN_SIBLINGS for other in others):
            return born


def row(child: Child) -> tuple[object, ...]:
    """Give the child's values in the order of `COLUMNS`."""
    home = child.home
    return (
        child.child_id,
        home.family_id,
        home.area,
        home.locality,
        child.born,
        child.due,
        child.sex,
        home.ethnicity,
        home.simd_decile,
        child.disability,
        home.asylum_seeking,
        home.first_language,
    )
