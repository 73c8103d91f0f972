"""Each measure once more, naively: from the words of the contract, one row at a time."""

from __future__ import annotations

import datetime as dt
import math
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

from scipy.stats import chi2

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

Row = dict[str, Any]
"""A row of a table, or of a result: values by column."""

COMPLETE = "a complete count has no sampling interval"


# ── Periods, groups, order ────────────────────────────────────────────────────────────


def period(day: dt.date, every: str) -> dt.date:
    """Give the first day of the period that holds a day."""
    year, month = day.year, day.month
    if every == "day":
        return day
    if every == "week":
        return day - dt.timedelta(days=day.weekday())
    if every == "month":
        return dt.date(year, month, 1)
    if every == "quarter":
        return dt.date(year, (month - 1) // 3 * 3 + 1, 1)
    first = {"year": 1, "financial_year": 4, "school_year": 8}[every]
    return dt.date(year if month >= first else year - 1, first, 1)


def periods(first: dt.date, last: dt.date, every: str) -> list[dt.date]:
    """Give the first day of every period, from the one that holds a day to the one of another."""
    first = period(first, every)
    days = (first + dt.timedelta(days=n) for n in range((last - first).days + 1))
    return sorted({period(day, every) for day in days})


def last_day(first: dt.date, every: str) -> dt.date:
    """Give the last day of the period that begins on a day."""
    day = first
    while period(day + dt.timedelta(days=1), every) == first:
        day += dt.timedelta(days=1)
    return day


def null_last(key: Iterable[object]) -> tuple[Any, ...]:
    """Order keys by value, and null after every value; text by code point."""
    return tuple((value is None, 0 if value is None else value) for value in key)


def groups(
    rows: Sequence[Row], by: Sequence[str], period_of: Callable[[Row], dt.date | None] | None = None
) -> list[tuple[Row, list[Row]]]:
    """Put rows with the same keys together, in the order of results: by period, then by keys."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        own = () if period_of is None else (period_of(row),)
        found.setdefault((*own, *(row[name] for name in by)), []).append(row)
    if not by and period_of is None:
        found.setdefault((), [])
    names = [*(() if period_of is None else ("period",)), *by]
    ordered = sorted(found.items(), key=lambda pair: null_last(pair[0]))
    return [(dict(zip(names, key, strict=True)), members) for key, members in ordered]


# ── Intervals ─────────────────────────────────────────────────────────────────────────


def z_of(level: float) -> float:
    """Give the two-sided normal quantile of a confidence level."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(x: int, n: int, level: float) -> tuple[float, float]:
    """Solve (x/n - p)² = z² p (1 - p) / n for p."""
    z = z_of(level)
    centre, half = x + z * z / 2, z * math.sqrt(x * (n - x) / n + z * z / 4)
    return (centre - half) / (n + z * z), (centre + half) / (n + z * z)


def agresti_coull(x: int, n: int, level: float) -> tuple[float, float]:
    """Add z²/2 with and z²/2 without the outcome, then as Wald; cut off at 0 and 1."""
    z = z_of(level)
    more = n + z * z
    p = (x + z * z / 2) / more
    half = z * math.sqrt(p * (1 - p) / more)
    return max(p - half, 0.0), min(p + half, 1.0)


def phe_rate(x: int, population: float, per: float, level: float) -> tuple[float, float]:
    """Exact Poisson limits below 10 events, Byar's from 10."""
    z, tail = z_of(level), (1 - level) / 2
    if x < 10:
        lower = float(chi2.ppf(tail, 2 * x)) / 2 if x else 0.0
        upper = float(chi2.ppf(1 - tail, 2 * x + 2)) / 2
    else:
        lower = x * (1 - 1 / (9 * x) - z / (3 * math.sqrt(x))) ** 3
        upper = (x + 1) * (1 - 1 / (9 * (x + 1)) + z / (3 * math.sqrt(x + 1))) ** 3
    return lower / population * per, upper / population * per


def overlap(both: int, before: int, after: int, level: float) -> tuple[float, float]:
    """Take log(N1/N0) ± z sqrt(a (1/N1 - 1/N0)² + b/N0² + c/N1²), less 1 on the scale of shares."""
    n0, n1 = both + before, both + after
    variance = both * (1 / n1 - 1 / n0) ** 2 + before / n0**2 + after / n1**2
    middle, half = math.log(n1 / n0), z_of(level) * math.sqrt(variance)
    return math.exp(middle - half) - 1, math.exp(middle + half) - 1


# ── Shares ────────────────────────────────────────────────────────────────────────────


def share_row(with_it: int, base: int, method: str, level: float) -> Row:
    """Make the figures of a share."""
    row: Row = {"unit": "share", "method": method, "numerator": with_it, "denominator": base}
    if base == 0:
        return row | {"value": None, "lower": None, "upper": None, "reason": "no rows"}
    interval = {"wilson": wilson, "agresti-coull": agresti_coull}[method]
    lower, upper = interval(with_it, base, level)
    return row | {"value": with_it / base, "lower": lower, "upper": upper, "reason": None}


def share(
    rows: Sequence[Row],
    outcome: Callable[[Row], bool | None],
    by: Sequence[str],
    *,
    date: str | None = None,
    every: str | None = None,
    level: float = 0.95,
    method: str = "wilson",
) -> list[Row]:
    """Of the rows whose outcome is known, the share that has it."""

    def period_of(row: Row) -> dt.date | None:
        return None if row[date] is None else period(row[date], every)

    result = []
    for key, members in groups(rows, by, period_of if every else None):
        known = [flag for flag in map(outcome, members) if flag is not None]
        counts = {"rows_used": len(known), "rows_dropped": len(members) - len(known)}
        result.append(key | share_row(sum(known), len(known), method, level) | counts)
    return result


# ── Children in care ──────────────────────────────────────────────────────────────────


def usable(row: Row) -> bool:
    """Tell whether an episode names a child and a start, and does not end before it."""
    named = row["child_id"] is not None and row["start"] is not None
    return named and (row["end"] is None or row["end"] >= row["start"])


def in_care(rows: Iterable[Row], day: dt.date) -> set[object]:
    """Find the children with an episode that has started and not ended by a day."""
    return {
        row["child_id"]
        for row in rows
        if usable(row) and row["start"] <= day and (row["end"] is None or row["end"] > day)
    }


def span(rows: Iterable[Row]) -> tuple[dt.date, dt.date] | None:
    """Find the first start and the latest date of the episodes that can be used."""
    used = [row for row in rows if usable(row)]
    dates = [day for row in used for day in (row["start"], row["end"]) if day is not None]
    return (min(row["start"] for row in used), max(dates)) if used else None


def row_counts(rows: Sequence[Row]) -> Row:
    """Count the episodes that can be used, and those that cannot."""
    used = sum(map(usable, rows))
    return {"rows_used": used, "rows_dropped": len(rows) - used}


def count_row(count: int | None, reason: str = COMPLETE) -> Row:
    """Make the figures of a complete count."""
    none = {"lower": None, "upper": None, "denominator": None}
    return none | {"value": count, "numerator": count, "unit": "children", "reason": reason}


def looked_after(
    rows: Sequence[Row],
    by: Sequence[str],
    *,
    at: Iterable[dt.date] | None = None,
    every: str | None = None,
    as_of: dt.date | None = None,
) -> list[Row]:
    """Count the children on each day, once each however many episodes they have."""
    days: list[Row] = [{"date": day} for day in sorted(set(at or ()))]
    extent = span(rows)
    if every and extent:
        first, last = extent[0], as_of or extent[1]
        starts = periods(first, last, every)
        days = [{"period": start, "date": last_day(start, every)} for start in starts]
        days = [day for day in days if day["date"] <= last]
    result = []
    for day in days:
        late = as_of is not None and day["date"] > as_of
        for key, members in groups(rows, by):
            count = None if late else len(in_care(members, day["date"]))
            reason = "the date is after the last day of the extract" if late else COMPLETE
            result.append(key | day | count_row(count, reason) | row_counts(members))
    return sorted(result, key=lambda row: order(row, by))


def order(row: Row, by: Sequence[str]) -> tuple[Any, ...]:
    """Order results by period, then groups, then date."""
    return null_last((row.get("period"), *(row[name] for name in by), row["date"]))


def change(
    rows: Sequence[Row], by: Sequence[str], before: dt.date, after: dt.date, level: float
) -> list[Row]:
    """Compare the children of two days."""
    result = []
    for key, members in groups(rows, by):
        old, new = in_care(members, before), in_care(members, after)
        value = lower = upper = reason = None
        if old and new:
            lower, upper = overlap(len(old & new), len(old - new), len(new - old), level)
        else:
            reason = f"nobody was counted at the {'later' if old else 'earlier'} date"
        if old:
            value = len(new) / len(old) - 1
        figures = {"value": value, "lower": lower, "upper": upper, "reason": reason}
        about = {"unit": "proportional change", "method": "overlap-log"}
        counts = {"numerator": len(new), "denominator": len(old)}
        own = {"before": before, "after": after}
        result.append(key | own | figures | about | counts | row_counts(members))
    return result


def spells(rows: Iterable[Row]) -> list[tuple[dt.date, dt.date | None]]:
    """Join the episodes of each child wherever one begins by the day the last one ended."""
    ever = dt.date.max
    found: list[tuple[dt.date, dt.date]] = []
    used = [row for row in rows if usable(row) and row["end"] != row["start"]]
    for child in {row["child_id"] for row in used}:
        episodes = sorted((r["start"], r["end"] or ever) for r in used if r["child_id"] == child)
        joined = [episodes[0]]
        for start, end in episodes[1:]:
            if start <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(joined[-1][1], end))
            else:
                joined.append((start, end))
        found += joined
    return [(start, None if end == ever else end) for start, end in found]


def flows(
    rows: Sequence[Row],
    by: Sequence[str],
    *,
    every: str | None = None,
    as_of: dt.date | None = None,
) -> list[Row]:
    """Count the first and last days of spells, in each period up to `as_of`."""
    extent = span(rows)
    last = as_of or (extent[1] if extent else dt.date.min)
    steps: list[dt.date | None] = [None]
    if every:
        steps = list(periods(extent[0], last, every)) if extent else []
    result = []
    for step in steps:
        for key, members in groups(rows, by):

            def within(day: dt.date | None, step: dt.date | None = step) -> bool:
                return day is not None and day <= last and (not every or period(day, every) == step)

            found = spells(members)
            starts = sum(within(start) for start, _ in found)
            ends = sum(within(end) for _, end in found)
            about = key | ({"period": step} if every else {}) | row_counts(members)
            for flow, count in (("starts", starts), ("ends", ends), ("net", starts - ends)):
                result.append(about | {"flow": flow} | count_row(count))
    return result


# ── Surveys ───────────────────────────────────────────────────────────────────────────


def survey(
    rows: Sequence[Row], by: Sequence[str], *, base: str, multiple: bool, level: float
) -> list[Row]:
    """Count respondents by item and answer, and the base that they are a share of."""
    told = [row for row in rows if row["item"] is not None]
    result = []
    for key, members in groups(told, [*by, "item"]):
        given: dict[object, set[str]] = {}
        for row in members:
            if row["respondent_id"] is not None:
                answers = given.setdefault(row["respondent_id"], set())
                answers |= {row["answer"]} - {None}
        if not multiple:
            given = {person: answers for person, answers in given.items() if len(answers) <= 1}
        bases = {
            "answering": sum(bool(answers) for answers in given.values()),
            "eligible": len(given),
            "responses": sum(len(answers) for answers in given.values()),
        }
        used = sum(
            row["respondent_id"] in given and (row["answer"] is not None or base == "eligible")
            for row in members
        )
        counts = {"rows_used": used, "rows_dropped": len(members) - used}
        known = sorted(known_answers(told, key["item"]))
        for answer in known:
            gave = sum(answer in answers for answers in given.values())
            figures = share_row(gave, bases[base], "wilson", level)
            result.append(key | {"answer": answer} | figures | counts)
        if not known:  # nobody answered: the item stays in the table, without a share
            figures = share_row(0, 0, "wilson", level) | {"denominator": bases[base]}
            result.append(key | {"answer": None} | figures | counts)
    return result


def known_answers(rows: Iterable[Row], item: str) -> set[str]:
    """Find the answers that anybody gave to an item."""
    named = [row for row in rows if row["item"] == item and row["respondent_id"] is not None]
    return {row["answer"] for row in named} - {None}
