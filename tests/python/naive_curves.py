"""Curves of people in clusters, naively: the figure computed afresh as each cluster counts for more."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence


class Person(NamedTuple):
    """Someone followed from after day `entry` (−1: from the origin) to day `time`."""

    entry: int
    time: int
    event: str | None
    cluster: Hashable


class Dual(NamedTuple):
    """A number, and how fast it changes as one cluster counts for more."""

    value: Fraction
    slope: Fraction

    def times(self, other: Dual) -> Dual:
        """Multiply."""
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def over(self, other: Dual) -> Dual:
        """Divide."""
        value = self.value / other.value
        return Dual(value, (self.slope - value * other.slope) / other.value)

    def plus(self, other: Dual) -> Dual:
        """Add."""
        return Dual(self.value + other.value, self.slope + other.slope)

    def less(self, other: Dual) -> Dual:
        """Take away."""
        return Dual(self.value - other.value, self.slope - other.slope)


NONE, ONE = Dual(Fraction(0), Fraction(0)), Dual(Fraction(1), Fraction(0))
Figure = "Callable[[Sequence[Person], Hashable], Dual]"


def weight(people: Sequence[Person], cluster: Hashable) -> Dual:
    """Count people, of whom those of the cluster count for 1 + ε each."""
    return Dual(Fraction(len(people)), Fraction(sum(of.cluster == cluster for of in people)))


def steps(
    people: Sequence[Person], cluster: Hashable, event: str | None
) -> list[tuple[int, Dual, Dual]]:
    """Give each day of events with S after it, and F of the event by it."""
    left, had, found = ONE, NONE, []
    for day in sorted({of.time for of in people if of.event}):
        at_risk = weight([of for of in people if of.entry < day <= of.time], cluster)
        now = [of for of in people if of.time == day and of.event]
        of_event = weight([of for of in now if of.event == event], cluster)
        had = had.plus(left.times(of_event.over(at_risk)))
        left = left.times(ONE.less(weight(now, cluster).over(at_risk)))
        found.append((day, left, had))
    return found


def survival(day: int) -> Callable[[Sequence[Person], Hashable], Dual]:
    """Give the share without an event by a day."""

    def figure(people: Sequence[Person], cluster: Hashable) -> Dual:
        return ([ONE] + [left for at, left, _ in steps(people, cluster, None) if at <= day])[-1]

    return figure


def incidence(event: str, day: int) -> Callable[[Sequence[Person], Hashable], Dual]:
    """Give the share with the event by a day."""

    def figure(people: Sequence[Person], cluster: Hashable) -> Dual:
        return ([NONE] + [had for at, _, had in steps(people, cluster, event) if at <= day])[-1]

    return figure


def mean_to(until: int) -> Callable[[Sequence[Person], Hashable], Dual]:
    """Give the mean number of days without an event up to a day."""

    def figure(people: Sequence[Person], cluster: Hashable) -> Dual:
        area, share, begin = NONE, ONE, 0
        for day, left, _ in steps(people, cluster, None):
            if day >= until:
                break
            area = area.plus(share.times(Dual(Fraction(day - begin), Fraction(0))))
            share, begin = left, day
        return area.plus(share.times(Dual(Fraction(until - begin), Fraction(0))))

    return figure


def influences(
    people: Sequence[Person], figure: Callable[[Sequence[Person], Hashable], Dual]
) -> dict[Hashable, Fraction]:
    """Give by cluster how far it moves the figure."""
    return {of: figure(people, of).slope for of in {person.cluster for person in people}}


def variance(
    people: Sequence[Person], figure: Callable[[Sequence[Person], Hashable], Dual]
) -> Fraction:
    """Give the variance between clusters."""
    return sum((of * of for of in influences(people, figure).values()), Fraction(0))
