"""People under 18 in Glasgow at month ends: the `population` table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .days import month_ends
from .spells import EXTRACT, STOCK

if TYPE_CHECKING:
    from .frame import Kind

COLUMNS: dict[str, Kind] = {"date": "date", "population": "count"}

# Round numbers for illustration, not an estimate of National Records of Scotland.
AT_FIRST, A_MONTH = 112_000, -20


def population() -> list[tuple[object, ...]]:
    """Give the population at each month end from the first census to the extract."""
    ends = month_ends(STOCK[0][0], EXTRACT)
    return [(day, AT_FIRST + A_MONTH * n) for n, day in enumerate(ends)]
