"""When South Lanarkshire's referrals came, in which locality, and which team answered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from .days import working_days

if TYPE_CHECKING:
    from random import Random

FIRST_YEAR = (date(2022, 9, 1), date(2023, 8, 31))

# Referrals of the hubs' first year by locality: to the hub, the local office, the third sector.
# Published: hubs answered 61% of all. The total (12,000) and the localities' parts are not.
FIRST_YEAR_TEAMS = {
    "Hamilton": (2_772, 1_323, 105),
    "East Kilbride": (1_740, 1_080, 80),
    "Lanark": (1_092, 948, 60),
    "Cambuslang": (1_716, 1_014, 70),
}

# Published as "almost 6800" fewer allocations to local offices in 2023 than in 2021: not exactly.
FEWER_ALLOCATIONS = 6_795


class Answered(NamedTuple):
    """One referral's day, place and team."""

    received: date
    locality: str
    team: str


def answered(rng: Random) -> list[Answered]:
    """Draw the referrals of 2021 to 2023, sorted by day."""
    # The pilot, then a year of hubs, then the months after it.
    autumn_2021 = _draw(
        rng, date(2021, 9, 1), date(2021, 12, 31), _like_first_year(4, 0.02), growth=1
    )
    pilot_2022 = _draw(
        rng, date(2022, 1, 1), date(2022, 8, 31), _like_first_year(8, 0.07), growth=1
    )
    hubs = _draw(rng, *FIRST_YEAR, FIRST_YEAR_TEAMS, growth=1)
    autumn_2023 = _draw(
        rng, date(2023, 9, 1), date(2023, 12, 31), _like_first_year(4, 0.70), growth=0
    )
    # Before the pilot: as many to local offices as make the fall from 2021 to 2023.
    in_2023 = sum(
        a.team == "local_office" and a.received >= date(2023, 1, 1) for a in hubs + autumn_2023
    )
    wanted = in_2023 + FEWER_ALLOCATIONS - sum(a.team == "local_office" for a in autumn_2021)
    before = _draw(rng, date(2021, 1, 1), date(2021, 8, 31), _to_local_offices(wanted), growth=0)
    return sorted(before + autumn_2021 + pilot_2022 + hubs + autumn_2023)


def _like_first_year(months: int, hub_share: float) -> dict[str, tuple[int, int, int]]:
    """Scale the first year's localities to some months and another overall share of the hubs."""
    everywhere = sum(map(sum, FIRST_YEAR_TEAMS.values()))
    overall = sum(hub for hub, _, _ in FIRST_YEAR_TEAMS.values()) / everywhere
    teams = {}
    for locality, (hub, local_office, third_sector) in FIRST_YEAR_TEAMS.items():
        year = hub + local_office + third_sector
        total = round(year * months / 12)
        to_hub = round(total * hub_share * (hub / year) / overall)
        to_third = round(total * third_sector / year)
        teams[locality] = (to_hub, total - to_hub - to_third, to_third)
    return teams


def _to_local_offices(wanted: int) -> dict[str, tuple[int, int, int]]:
    """Spread exactly `wanted` referrals to local offices over the localities; no hubs yet."""
    everywhere = sum(map(sum, FIRST_YEAR_TEAMS.values()))
    parts = {k: wanted * sum(teams) // everywhere for k, teams in FIRST_YEAR_TEAMS.items()}
    parts["Hamilton"] += wanted - sum(parts.values())
    return {locality: (0, part, part // 40) for locality, part in parts.items()}


def _draw(
    rng: Random, first: date, last: date, teams: dict[str, tuple[int, int, int]], *, growth: float
) -> list[Answered]:
    """Spread each locality's counts over working days, the hub's more towards the end."""
    days = working_days(first, last)
    length = (last - first).days
    rows = []
    for locality, (hub, local_office, third_sector) in teams.items():
        received = rng.choices(days, k=hub + local_office + third_sector)
        # Weighted draw without replacement: the largest u ** (1 / weight) win.
        received.sort(
            key=lambda day: rng.random() ** (1 / (1 + growth * (day - first).days / length)),
            reverse=True,
        )
        rest = received[hub:]
        rng.shuffle(rest)
        rows += [Answered(day, locality, "hub") for day in received[:hub]]
        rows += [Answered(day, locality, "local_office") for day in rest[:local_office]]
        rows += [Answered(day, locality, "third_sector") for day in rest[local_office:]]
    return rows
