"""Placements once more, naively: day by day, from the words of the documentation."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from oracle import Row

NEVER = dt.date(2999, 12, 31)


def usable(rows: Iterable[Row]) -> dict[Any, list[Row]]:
    """Give the rows of each child that say when and end after they start."""
    children: dict[Any, list[Row]] = {}
    for row in rows:
        if row["child_id"] is None or row["start"] is None:
            continue
        if row["end"] is None or row["end"] > row["start"]:
            children.setdefault(row["child_id"], []).append(row)
    return dict(sorted(children.items()))


def holding(rows: Iterable[Row], day: dt.date) -> list[Row]:
    """Give the rows that hold on a day."""
    return [row for row in rows if row["start"] <= day < (row["end"] or NEVER)]


def placements(
    rows: Iterable[Row], place: str, temporary: Collection[Any] = (), gap_days: int = 0
) -> list[Row]:
    """Give the placements of each child: walk through the days, and see where it is on each."""

    def counts(row: Row) -> tuple[Any, ...]:
        # Null comes after every name, so it is the last to be taken.
        named = (row[place] is not None, _turned(row[place]))
        return (row["start"], row[place] not in temporary, row["end"] or NEVER, named)

    found: list[Row] = []
    for child, theirs in usable(rows).items():
        days = [day for row in theirs for day in (row["start"], row["end"]) if day is not None]
        day, last = min(days), max(days) + dt.timedelta(days=1)
        spell, current, seen = 0, None, None
        while day <= last:
            held = holding(theirs, day)
            if held:
                where = max(held, key=counts)
                away = where[place] in temporary
                if current is None or seen is None or (day - seen).days > gap_days + 1:
                    spell += 1
                    current = _opened(child, spell, 1, day, None if away else where)
                    found.append(current)
                elif not away and current["at"] is None:
                    current["at"] = where
                elif not away and current["at"][place] != where[place]:
                    current |= {"end": day, "moved": True, "ended": True}
                    number = current["placement_number"] + 1
                    current = _opened(child, spell, number, day, where)
                    found.append(current)
                seen = day
                current["end"] = None if day == last else day + dt.timedelta(days=1)
                current["first"] = current["first"] or (where[place] if away else None)
            day += dt.timedelta(days=1)
    for one in found:
        at = one.pop("at")
        first = one.pop("first")
        one[place] = first if at is None else at[place]
        one["ended"] = one["end"] is not None
        one["days"] = (one["end"] - one["start"]).days if one["ended"] else None
        one["moved"] = one["moved"] if one["ended"] else None
    return found


def _turned(name: str | None) -> list[int]:
    """Turn the order of names round: where nothing else decides, the first by name counts."""
    return [-ord(letter) for letter in name or ""] + [1]


def _opened(child: object, spell: int, number: int, start: dt.date, at: Row | None) -> Row:
    return {
        "child_id": child,
        "spell": spell,
        "placement_number": number,
        "start": start,
        "began": "entry" if number == 1 else "move",
        "moved": False,
        "at": at,
        "first": None,
    }
