"""The parts of a change in stock, counted child by child."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING

import oracle

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle import Row

Years = dict[int, tuple[int, int]]


def naive_parts(old: Years, new: Years, sizes: Sequence[float] | None) -> list[float]:
    """LMDI of each year of entries, added up: population if there is one, entries, stays."""
    parts = [0.0, 0.0, 0.0]
    growth = math.log(sizes[1] / sizes[0]) if sizes else 0.0
    for year in {*old, *new}:
        (before, stayed), (after, still) = old.get(year, (0, 0)), new.get(year, (0, 0))
        if not before or not after:
            parts[1] += still - stayed
        elif not stayed or not still:
            parts[2] += still - stayed
        else:
            logs = math.log(after / before), math.log(still / stayed)
            mean = stayed if stayed == still else (still - stayed) / logs[1]
            parts[0] += mean * growth
            parts[1] += mean * (logs[0] - growth)
            parts[2] += mean * (logs[1] - logs[0])
    return parts if sizes else parts[1:]


def years_before(date: dt.date, years: int) -> dt.date:
    year = date.year - years
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 28 if (date.month, date.day) == (2, 29) and not leap else date.day
    return date.replace(year=year, day=last)


def entry_years(rows: Sequence[Row], date: dt.date) -> Years:
    """For how many years before the date, the entries and those of them who are in care."""
    found: Years = {}
    for start, end in oracle.spells(rows):
        if start <= date:
            year = next(n for n in range(500) if start > years_before(date, n + 1))
            entries, stayed = found.get(year, (0, 0))
            found[year] = (entries + 1, stayed + (end is None or end > date))
    return found


def compared(old: Years, new: Years) -> tuple[int, int]:
    """The entries of the years that the longest stay on either date needs: after, before."""
    needed = [year for years in (old, new) for year, (_, stayed) in years.items() if stayed]
    last = max(needed, default=-1)
    after, before = (sum(n for year, (n, _) in y.items() if year <= last) for y in (new, old))
    return after, before
