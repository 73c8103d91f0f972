"""Who in Glasgow was looked after and accommodated, from when to when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from .children import DAYS_IN_YEAR, Child, Household, born_before, child, household
from .days import birthday, month_ends

if TYPE_CHECKING:
    from random import Random

# Children in care at the end of a month. Published: 2016, 2020 and 2022 (February).
# The first and the last were chosen to go with them; the months between lie on straight lines.
STOCK = (
    (date(2014, 2, 28), 1_410),
    (date(2016, 2, 29), 1_381),
    (date(2020, 2, 29), 988),
    (date(2022, 2, 28), 751),
    (date(2022, 3, 31), 744),
)
EXTRACT = STOCK[-1][0]
LOCALITIES = {"North East": 36, "North West": 33, "South": 31}
LEAVING_A_MONTH = 0.024
RETURNING = 0.15
YEARS_IN_CARE = 3  # mean, of those in care at the first census
LONGEST_IN_CARE = 10
OLDEST_AT_START = 16
ADULT = 18
OLDEST_AT_FIRST_CENSUS = 17.6


@dataclass
class Spell:
    """A child's time in care, from `start` up to but not including `end` (None: still there)."""

    child: Child
    start: date
    end: date | None = None


def spells(rng: Random) -> list[Spell]:
    """Draw everyone in care from the first census to the extract, month by month."""
    register = Register(rng)
    before, stock = STOCK[0]
    register.open(before, stock)
    for month_end in month_ends(before + timedelta(days=1), EXTRACT):
        register.month(before + timedelta(days=1), month_end, _expected(month_end))
        before = month_end
    return register.spells


def _expected(month_end: date) -> int:
    """Give the stock at the end of a month, on the line between the two nearest censuses."""
    for (start, first), (end, last) in pairwise(STOCK):
        if start < month_end <= end:
            months = (month_end.year - start.year) * 12 + month_end.month - start.month
            span = (end.year - start.year) * 12 + end.month - start.month
            return round(first + (last - first) * months / span)
    message = f"{month_end} is outside {STOCK[0][0]} to {EXTRACT}"
    raise ValueError(message)


class Register:
    """The children in care, those who have left, and all their spells."""

    def __init__(self, rng: Random) -> None:
        """Start with nobody."""
        self.rng = rng
        self.spells: list[Spell] = []
        self.in_care: list[Spell] = []
        self.left: list[Child] = []
        self.children = 0
        self.households = 0

    def open(self, day: date, stock: int) -> None:
        """Fill the register to `stock` on `day` with groups who came in the years before."""
        while len(self.in_care) < stock:
            years = self.rng.expovariate(1 / YEARS_IN_CARE) % LONGEST_IN_CARE
            oldest = min(OLDEST_AT_START, OLDEST_AT_FIRST_CENSUS - years)
            start = day - timedelta(days=int(years * DAYS_IN_YEAR))
            self._arrive(start, oldest, stock - len(self.in_care))

    def month(self, first: date, last: date, stock: int) -> None:
        """Let children leave, and others arrive, until `stock` are in care on `last`."""
        adult = {id(s) for s in self.in_care if birthday(s.child.born, ADULT) <= last}
        leaving = [s for s in self.in_care if id(s) in adult]
        staying = [s for s in self.in_care if id(s) not in adult]
        drawn = round(LEAVING_A_MONTH * len(self.in_care) * self.rng.uniform(0.7, 1.3))
        self.rng.shuffle(staying)
        others = max(0, max(drawn, len(self.in_care) - stock) - len(leaving))
        leaving += staying[:others]
        self.in_care = staying[others:]
        came_back = len(self.left)  # nobody returns in the month of leaving
        for spell in leaving:
            latest = min(last, birthday(spell.child.born, ADULT))
            spell.end = self._day(first, latest)
            self.left.append(spell.child)
        while len(self.in_care) < stock:
            start = self._day(first, last)
            if came_back and self.rng.random() < RETURNING:
                came_back -= 1
                former = self.left.pop(self.rng.randint(0, came_back))
                if birthday(former.born, OLDEST_AT_START) > start:
                    self._start(former, start)
            else:
                self._arrive(start, OLDEST_AT_START, stock - len(self.in_care))

    def _arrive(self, start: date, oldest: float, most: int) -> None:
        """Let one to three brothers and sisters come into care together."""
        home = self._household()
        siblings = min(self.rng.choices((1, 2, 3), (62, 27, 11))[0], most)
        births: list[date] = []
        for _ in range(siblings):
            births.append(born_before(self.rng, start, oldest, births))
            self.children += 1
            self._start(child(self.rng, f"GL-C{self.children:05}", home, births[-1]), start)

    def _start(self, child: Child, start: date) -> None:
        spell = Spell(child, start)
        self.spells.append(spell)
        self.in_care.append(spell)

    def _household(self) -> Household:
        self.households += 1
        locality = self.rng.choices(list(LOCALITIES), list(LOCALITIES.values()))[0]
        return household(self.rng, f"GL-F{self.households:05}", "Glasgow", locality)

    def _day(self, first: date, last: date) -> date:
        return first + timedelta(days=self.rng.randint(0, (last - first).days))
