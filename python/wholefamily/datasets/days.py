"""Days, month ends and birthdays."""

from __future__ import annotations

from datetime import date, timedelta

SATURDAY = 5
MONTHS = 12


def working_days(first: date, last: date) -> list[date]:
    """List Monday to Friday from `first` to `last`, both included."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() < SATURDAY]


def month_ends(first: date, last: date) -> list[date]:
    """List the last days of months, from the month of `first` to the latest on or before `last`."""
    ends: list[date] = []
    year, month = first.year, first.month
    while True:
        year, month = year + month // MONTHS, month % MONTHS + 1
        end = date(year, month, 1) - timedelta(days=1)
        if end > last:
            return ends
        ends.append(end)


def birthday(born: date, years: int) -> date:
    """Give the day of the `years`th birthday; 1 March for those born on a leap day."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)
