"""Which family and child each referral is about: the `referrals` table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from .allocation import FIRST_YEAR, FIRST_YEAR_TEAMS, Answered, answered
from .children import Child, Household, born_before, child, household
from .days import birthday

if TYPE_CHECKING:
    from random import Random

    from .frame import Kind

COLUMNS: dict[str, Kind] = {
    "referral_id": "text",
    "child_id": "text",
    "family_id": "text",
    "received": "date",
    "team": "text",
    "source": "text",
    "need": "text",
    "locality": "text",
    "first_response": "date",
    "decision": "text",
    "closed": "date",
}

EXTRACT = date(2024, 1, 31)
LAST_PREGNANCY = date(2023, 6, 30)  # so that every baby is born before the extract

# How many of the first year's referrals are about a pregnancy, by what follows.
HUB_ASSESSMENTS, LOCAL_OFFICE_ASSESSMENTS, HAMILTON_PLANS = 25, 10, 15

# Not published. Drawn alike for every team, so that no difference between teams is invented.
SOURCES = {"school": 30, "health": 22, "police": 28, "family": 12, "third_sector": 8}
NEEDS = {
    "neglect": 24,
    "domestic_abuse": 20,
    "poverty": 18,
    "mental_health": 22,
    "disability": 11,
    "migration": 5,
}
DECISIONS = {"family_support": 46, "signposted": 27, "no_further_action": 17, "assessment": 10}
DAYS_TO_RESPONSE = (0, 1, 1, 2, 2, 3, 5, 7, 10)
KNOWN_FAMILY = 0.55
FAMILIES_AT_LEAST = 600  # in a locality; while fewer are known, more of the referred are new
SAME_CHILD = 0.7
LARGEST_FAMILY = 4
ADULT = 18


@dataclass
class Family:
    """A family already referred, its children, and the team that answered last."""

    home: Household
    children: list[Child] = field(default_factory=list)
    team: str = ""


class Pregnancy(NamedTuple):
    """A referral before birth, and whether an assessment or a parent's plan follows."""

    child: Child
    team: str
    received: date
    previously_known: bool
    follows: str


class Referred(NamedTuple):
    """What the referrals give to the other tables."""

    rows: list[tuple[object, ...]]
    children: list[Child]
    pregnancies: list[Pregnancy]


def referred(rng: Random) -> Referred:
    """Draw South Lanarkshire's referrals, the children in them, and the pregnancies among them."""
    calls = answered(rng)
    expected = _expected(rng, calls)
    caseload = Caseload(rng)
    rows: list[tuple[object, ...]] = []
    pregnancies: list[Pregnancy] = []
    for number, call in enumerate(calls, start=1):
        follows = expected.get(number - 1)
        if follows is None:
            about = caseload.child(call)
            source, need, decision = (
                rng.choices(list(words), list(words.values()))[0]
                for words in (SOURCES, NEEDS, DECISIONS)
            )
        else:
            pregnancy = caseload.pregnancy(call, follows)
            pregnancies.append(pregnancy)
            about, source, need, decision = pregnancy.child, "health", "pregnancy", follows
        response = call.received + timedelta(days=rng.choice(DAYS_TO_RESPONSE))
        closed = response + timedelta(days=rng.randint(14, 200))
        rows.append(
            (
                f"SL-R{number:05}",
                about.child_id,
                about.home.family_id,
                call.received,
                call.team,
                source,
                need,
                call.locality,
                response,
                decision,
                closed if closed <= EXTRACT else None,
            )
        )
    return Referred(rows, caseload.children, pregnancies)


def _expected(rng: Random, calls: list[Answered]) -> dict[int, str]:
    """Choose the referrals about a pregnancy: position to what follows."""
    early = [
        (n, call)
        for n, call in enumerate(calls)
        if FIRST_YEAR[0] <= call.received <= LAST_PREGNANCY
    ]
    hubs = [n for n, call in early if call.team == "hub"]
    offices = [n for n, call in early if call.team == "local_office"]
    hamilton = [n for n, call in early if (call.team, call.locality) == ("hub", "Hamilton")]
    plans = rng.sample(hamilton, HAMILTON_PLANS)
    assessments = rng.sample(sorted(set(hubs) - set(plans)), HUB_ASSESSMENTS)
    assessments += rng.sample(offices, LOCAL_OFFICE_ASSESSMENTS)
    return dict.fromkeys(plans, "parents_plan") | dict.fromkeys(assessments, "pre_birth_assessment")


class Caseload:
    """The families referred so far, by locality."""

    def __init__(self, rng: Random) -> None:
        """Start with nobody known."""
        self.rng = rng
        self.children: list[Child] = []
        self.families: dict[str, list[Family]] = {locality: [] for locality in FIRST_YEAR_TEAMS}
        self.count = 0

    def child(self, call: Answered) -> Child:
        """Give the child referred: of a family known from before, or of a new one."""
        known = self.families[call.locality]
        place = self.rng.randrange(max(len(known), FAMILIES_AT_LEAST))
        if place < len(known) and self.rng.random() < KNOWN_FAMILY:
            family = known[place]
        else:
            family = Family(self._household(call.locality))
            known.append(family)
        family.team = call.team
        minors = [c for c in family.children if birthday(c.born, ADULT) > call.received]
        full = len(family.children) == LARGEST_FAMILY
        if minors and (full or self.rng.random() < SAME_CHILD):
            return self.rng.choice(minors)
        born = born_before(self.rng, call.received, 14, (c.born for c in family.children))
        family.children.append(self._child(family.home, born))
        return family.children[-1]

    def pregnancy(self, call: Answered, follows: str) -> Pregnancy:
        """Give an unborn child: hubs' families are new, local offices' have an open allocation."""
        previously_known = call.team == "local_office"
        if previously_known:
            families = self.families[call.locality]
            home = self.rng.choice([f for f in families if f.team == "local_office"]).home
        else:
            home = self._household(call.locality)
        due = call.received + timedelta(days=self.rng.randint(95, 195))
        born = due + timedelta(days=self.rng.randint(-14, 10))
        unborn = self._child(home, born, due)
        return Pregnancy(unborn, call.team, call.received, previously_known, follows)

    def _household(self, locality: str) -> Household:
        self.count += 1
        return household(self.rng, f"SL-F{self.count:05}", "South Lanarkshire", locality)

    def _child(self, home: Household, born: date, due: date | None = None) -> Child:
        new = child(self.rng, f"SL-C{len(self.children) + 1:05}", home, born, due)
        self.children.append(new)
        return new
