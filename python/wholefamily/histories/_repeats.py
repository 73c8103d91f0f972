"""Repeats: the referral before each referral."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wholefamily import _bridge

from ._result import Repeats
from ._values import CENTURY, column_name, whole_number

if TYPE_CHECKING:
    from wholefamily._bridge import Data


def repeats(referrals: Data, *, person: str, date: str, within_days: int = 365) -> Repeats:
    """Find the referral before each referral: the rows as they came, with four columns more.

    Parameters
    ----------
    referrals
        One row for each referral.
    person
        The column that names the person; the family's, where families are referred.
    date
        The column of dates.
    within_days
        How many days back the last referral may lie for this one to be a repeat.

    Returns
    -------
    Repeats
        The rows in their order, with `previous` (the date of the person's last referral on an
        earlier day; null for the first), `days_since`, `repeat` and `first_ever` (nobody was
        referred earlier under that name in this table). Referrals of one person on one day have the
        same previous one, and all but the first of these rows are listed. A row without person or
        date has nulls, and is listed.

    Raises
    ------
    SpecError
        `within_days` is out of bounds, or the table has a column that the result adds.
    ColumnError
        A column that is not in the table, or stands in it twice; the nearest name is suggested.
    TypeError_
        An argument or a column of the wrong type, or data that is no table.
    DataError
        A file that cannot be read.

    References
    ----------
    Department for Education. Characteristics of children in need: re-referrals within 12 months of a
    previous referral.

    Examples
    --------
    >>> import datetime as dt
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> received = [dt.date(2023, 1, 9), dt.date(2023, 2, 1), dt.date(2023, 6, 9)]
    >>> referrals = pl.DataFrame({"child_id": ["Ann", "Bea", "Ann"], "received": received})
    >>> marked = wf.repeats(referrals, person="child_id", date="received").to_polars()
    >>> marked.select("days_since", "repeat", "first_ever").rows()
    [(None, False, True), (None, False, True), (151, True, False)]
    """
    whole_number("within_days", within_days, 0, CENTURY)
    specification: dict[str, object] = {
        "person": column_name("person", person),
        "date": column_name("date", date),
        "within_days": within_days,
    }
    return Repeats(*_bridge.history("repeats", [referrals], specification))
