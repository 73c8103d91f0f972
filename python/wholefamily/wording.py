"""The words and numbers that a reader sees: one home for tables, plots, the page and the terminal.

Results keep shares between 0 and 1 and dates as dates; only here do they become
"61.0%", "732 of 1,200" and "Q3 2022 (Jul–Sep)".
"""

from __future__ import annotations

import datetime as dt
import math
import unicodedata
from typing import TYPE_CHECKING, Any

from wholefamily.vocabulary import BASES, INDEXES, METHODS, OWN_KEYS, QUANTITIES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
NOT_RECORDED = "not recorded"
LONGEST_NAME = 200
"""How many characters of a name are shown; a longer one is cut and says so."""

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_PERIOD_HEADINGS = {
    "day": "Day",
    "week": "Week beginning",
    "month": "Month",
    "quarter": "Quarter",
    "year": "Year",
    "financial_year": "Financial year",
    "school_year": "School year",
}
_UNIT_HEADINGS = {
    "share": "Share",
    "children": "Children",
    "proportional change": "Change",
    "difference in share": "Difference",
    "ratio": "Ratio",
    "odds ratio": "Odds ratio",
    "score": "Change in score",
}
_PEOPLE = frozenset(
    [
        "agresti",
        "barnard",
        "boschloo",
        "byar",
        "caffo",
        "clopper",
        "coull",
        "dobson",
        "fay",
        "feuer",
        "fisher",
        "fleming",
        "gray",
        "greenwood",
        "haenszel",
        "harrington",
        "jeffreys",
        "katz",
        "mantel",
        "miettinen",
        "newcombe",
        "nurminen",
        "pearson",
        "peto",
        "tarone",
        "wald",
        "ware",
        "wilcoxon",
        "wilson",
        "woolf",
    ]
)
_INVISIBLE = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff"
)
NO_FURTHER = "no further step"
_TIMES_TO_EVENT = ("survival", "cumulative_incidence", "fixed_horizon")


def own_key(specification: Mapping[str, Any], name: str, cell: object) -> str | None:
    """What is one figure of several called? None for a key that is no name of a figure.

    Examples
    --------
    >>> own_key({"measure": "paired_change"}, "change", "mean")
    'Mean change'
    >>> own_key({"measure": "survival"}, "time", 365)
    '365 days'
    """
    if name == "to" and cell is None and specification.get("measure") == "pathways":
        return NO_FURTHER
    if name == "time" and specification.get("measure") in _TIMES_TO_EVENT:
        if isinstance(cell, int):
            return days(cell)
        return (
            f"{percentage(float(str(cell)))} with the event"
            if specification.get("quantiles")
            else None
        )
    known = OWN_KEYS.get((str(specification.get("measure")), name))
    if known is None:
        return None
    if name == "index":
        known = known | INDEXES.get(str(specification.get("convention")), {})
    return known.get(str(cell))


def printable(text: str) -> str:
    r"""Show control and text-direction characters as escapes, so that a value can neither hide nor steer.

    Examples
    --------
    >>> printable("Ham\x1b[31milton")
    'Ham\\x1b[31milton'
    """
    if text.isprintable():
        return text
    return "".join(c.encode("unicode_escape").decode() if _steers(c) else c for c in text)


def _steers(c: str) -> bool:
    """Tell whether a character does something other than stand for itself, or is none at all."""
    nothing = ord(c) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(c) <= 0xFDEF
    return nothing or c in _INVISIBLE or unicodedata.category(c) in ("Cc", "Cs")


def _with_minus(text: str) -> str:
    """Write a negative number with a true minus, and never a negative nought."""
    if text.startswith("-"):
        return MINUS + text[1:] if any(c in "123456789" for c in text) else text[1:]
    return text


def count(number: float) -> str:
    """How is a count written? With separators; a weighted count keeps one decimal.

    Examples
    --------
    >>> count(6800), count(12.34)
    ('6,800', '12.3')
    """
    return _with_minus(f"{number:,.0f}" if float(number).is_integer() else f"{number:,.1f}")


def _decimals(number: float) -> int:
    """Decimals that keep about three figures of a rate or a ratio, never fewer than two where it is small."""
    size = abs(number)
    if size == 0 or not math.isfinite(size):
        return 1
    for floor, decimals in ((1000, 0), (10, 1), (0.1, 2)):
        if size >= floor:
            return decimals
    return min(12, 1 - math.floor(math.log10(size)))


def days(number: int) -> str:
    """How long is it? "1 day", "365 days"."""
    return f"{count(number)} {'day' if number == 1 else 'days'}"


def percentage(share: float, *, sign: bool = False) -> str:
    """What is this share as a percentage? One decimal; more only where it would wrongly round to 0% or 100%.

    Parameters
    ----------
    share : float
        Between 0 and 1, or any change as a proportion.
    sign : bool
        Write "+" before an increase.

    Examples
    --------
    >>> percentage(0.61), percentage(0.0003), percentage(0.9999), percentage(1.0), percentage(-0.24)
    ('61.0%', '0.03%', '99.99%', '100.0%', '−24.0%')
    """
    points = 100 * share
    decimals = 1
    while decimals < 6 and round(points, decimals) in (0.0, 100.0) and share not in (0.0, 1.0):
        decimals += 1
    text = _with_minus(f"{points:,.{decimals}f}")
    return f"{'+' if sign and round(points, decimals) > 0 else ''}{text}%"


def _number(number: float, unit: str, like: float | None = None) -> str:
    """Write a number in the form of its unit, without the unit's words; `like` sets the decimals."""
    if math.isinf(number):
        return f"{MINUS if number < 0 else ''}infinity"
    if unit == "share":
        return percentage(number)
    if unit == "proportional change":
        return percentage(number, sign=True)
    if unit == "difference in share":
        points = 100 * number
        decimals = 1 if number == 0 or abs(points) >= 0.05 else 2
        return _with_minus(f"{points:+.{decimals}f}" if points > 0 else f"{points:.{decimals}f}")
    if unit in ("children", "days", "people", "rows"):
        return count(number)
    decimals = _decimals(number if like is None else like)
    signed = unit == "score" or unit.startswith("difference ")
    sign = "+" if signed and round(number, decimals) > 0 else ""
    return sign + _with_minus(f"{number:,.{decimals}f}")


def _missing(number: float | None) -> bool:
    return number is None or math.isnan(number)


def value(number: float | None, unit: str, *, with_unit: bool = True) -> str:
    """How is a measure's value read aloud?

    Parameters
    ----------
    number : float or None
        The value in the unit of the result (a share between 0 and 1). None and NaN give "no value".
    unit : str
        The result's `unit`: "share", "per 1,000", "children", "proportional change", "difference in share"...
    with_unit : bool
        Add the unit's words where the number does not show them ("14.2 per 1,000").

    Examples
    --------
    >>> value(0.61, "share"), value(-0.58, "difference in share"), value(14.2, "per 1,000")
    ('61.0%', '−58.0 percentage points', '14.2 per 1,000')
    >>> value(4.1, "difference per 1,000"), value(2.5, "score")
    ('+4.10 per 1,000', '+2.50 points')
    """
    if number is None or _missing(number):
        return "no value"
    text = _number(number, unit)
    if unit == "difference in share":
        return f"{text} percentage points"
    if unit.startswith("difference "):
        return f"{text} {unit.removeprefix('difference ')}"
    if with_unit and unit.startswith("per "):
        return f"{text} {unit}"
    return f"{text} points" if with_unit and unit == "score" else text


def interval(
    lower: float | None, upper: float | None, unit: str, *, like: float | None = None
) -> str:
    """Between which two values does it lie? Empty where there is no interval.

    Examples
    --------
    >>> interval(0.601, 0.619, "share")
    '60.1% to 61.9%'
    """
    if lower is None or upper is None or _missing(lower) or _missing(upper):
        return ""
    return f"{_number(lower, unit, like)} to {_number(upper, unit, like)}"


def base(numerator: float | None, denominator: float | None, unit: str) -> str:
    """How many, of how many? Empty where the value is itself a complete count.

    Examples
    --------
    >>> base(732, 1200, "share"), base(988, 1381, "proportional change"), base(30, 8400, "per 1,000")
    ('732 of 1,200', '1,381 to 988', '30 in 8,400')
    >>> base(None, 40, "score")
    '40 pairs'
    """
    if denominator is None or _missing(denominator):
        return "" if numerator is None or unit == "children" else count(numerator)
    if unit == "score":
        return f"{count(denominator)} {'pair' if denominator == 1 else 'pairs'}"
    if numerator is None or _missing(numerator):
        return f"of {count(denominator)}"
    if unit in ("proportional change", "children"):
        return f"{count(denominator)} to {count(numerator)}"
    return f"{count(numerator)} {'in' if unit.startswith('per ') else 'of'} {count(denominator)}"


def p_value(p: float | None) -> str:
    """How is a p-value written? As "p = 0.002", "p < 0.001" or, without one, nothing."""
    if p is None or _missing(p):
        return ""
    if p < 0.001:
        return "p < 0.001"
    if p < 0.1:
        return f"p = {p:.3f}"
    return f"p = {p:.2f}" if p < 0.995 else "p = 1"


def day(date: dt.date, *, short: bool = False) -> str:
    """Which day, in words? "29 February 2016", or "29 Feb 2016" where space is short."""
    month = _MONTHS[date.month - 1]
    return f"{date.day} {month[:3] if short else month} {date.year}"


def period(start: dt.date | str | None, every: str | None, *, short: bool = False) -> str:
    """Which stretch of time begins on this day?

    Parameters
    ----------
    start : date, str or None
        First day of the period; None is "not recorded"; text (a date beyond the calendar's years) stays.
    every : str or None
        "day", "week", "month", "quarter", "year", "financial_year" or "school_year".
    short : bool
        For an axis: "Q3 2022" rather than "Q3 2022 (Jul–Sep)".

    Examples
    --------
    >>> period(dt.date(2022, 7, 1), "quarter"), period(dt.date(2022, 4, 1), "financial_year")
    ('Q3 2022 (Jul–Sep)', '2022/23')
    """
    if start is None:
        return NOT_RECORDED
    if isinstance(start, str):
        return printable(start)
    if every == "week":
        return f"week of {day(start, short=short)}" if not short else day(start, short=True)
    if every == "month":
        return f"{_MONTHS[start.month - 1][:3]} {start.year}"
    if every == "quarter":
        first = start.month - (start.month - 1) % 3
        months = f" ({_MONTHS[first - 1][:3]}{EN_DASH}{_MONTHS[first + 1][:3]})"
        return f"Q{(first + 2) // 3} {start.year}{'' if short else months}"
    if every == "year":
        return str(start.year)
    if every in ("financial_year", "school_year"):
        return f"{start.year}/{(start.year + 1) % 100:02d}"
    return day(start, short=short)


def key(cell: object, *, short: bool = False) -> str:
    """How is the name of a group shown? Null is "not recorded"; dates are in words; nothing is hidden.

    Examples
    --------
    >>> key(None), key(True), key(dt.date(2016, 2, 29)), key("")
    ('not recorded', 'yes', '29 February 2016', '(empty)')
    """
    if cell is None:
        return NOT_RECORDED
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, dt.datetime):
        return f"{day(cell, short=short)}, {cell:%H:%M}"
    if isinstance(cell, dt.date):
        return day(cell, short=short)
    if isinstance(cell, float) and cell.is_integer():
        return _with_minus(f"{cell:.0f}")
    if isinstance(cell, (int, float)):
        return _with_minus(str(cell))
    text = printable(str(cell)) or "(empty)"
    if len(text) > LONGEST_NAME:
        return f"{text[: LONGEST_NAME - 1]}… ({count(len(text))} characters)"
    return text


def heading(column: str, every: str | None = None) -> str:
    """What stands above a column of groups? "looked_after_at" becomes "Looked after at"; a period its kind."""
    if column == "period" and every:
        return _PERIOD_HEADINGS.get(every, "Period")
    if column.isascii() and column.replace("_", "").isalnum() and column == column.lower():
        words = column.strip("_").replace("_", " ")
        return words[:1].upper() + words[1:] or column
    return printable(column) or "(unnamed)"


def unit_heading(units: Sequence[str]) -> str:
    """What stands above the values? The unit, where all rows share one."""
    if len(set(units)) != 1:
        return "Value"
    return _UNIT_HEADINGS.get(units[0], units[0][:1].upper() + units[0][1:] or "Value")


def method(name: str | None) -> str:
    """How is a method's name written? "clopper-pearson" becomes "Clopper–Pearson", "phe" "PHE"."""
    if not name:
        return ""
    if name in METHODS:
        return METHODS[name]
    name, comma, more = printable(name).partition(", ")
    parts = name.split("-")
    people = [part in _PEOPLE for part in parts]
    text = parts[0].capitalize() if people[0] else parts[0]
    for before, part, named in zip(people, parts[1:], people[1:], strict=False):
        text += (EN_DASH if before and named else "-") + (part.capitalize() if named else part)
    return text + comma + more


def level(share: float | None) -> str:
    """Which interval is it? 0.95 is the "95% interval"."""
    return "interval" if share is None else f"{100 * share:.6g}% interval"


def quantity(measure: str, specification: Mapping[str, Any]) -> str:
    """What was measured? "Share of referrals answered by hub"; a measure not listed here is named by its tag."""
    if measure == "survival" and specification.get("quantiles"):
        return "Days by which a share has had the event"
    pattern = QUANTITIES.get(measure)
    if pattern is None:
        return heading(measure)
    fields = {
        name: key(cell).replace("_", " ")
        for name, cell in specification.items()
        if isinstance(cell, str)
    }
    per = specification.get("per")
    fields["per"] = count(float(1000 if per is None else per))
    fields["placements"] = count(float(specification.get("placements") or 3))
    fields["quantile"] = fields.get("quantile", "").replace("simd", "SIMD")
    fields["base"] = BASES.get(str(specification.get("base")), "the base")
    equals = specification.get("equals")
    if equals is not None and "outcome" in fields:
        wanted = equals if isinstance(equals, (list, tuple)) else [equals]
        fields["outcome"] += ": " + " or ".join(key(one) for one in wanted)
    if measure == "multi_state" and specification.get("mean_to") is not None:
        return "Mean days in each state"
    if measure == "looked_after" and specification.get("population") is not None:
        return f"Children looked after per {fields['per']} of the population"
    try:
        return pattern.format_map(fields)
    except KeyError:
        return heading(measure)


def standard(specification: Mapping[str, Any]) -> str:
    """Which population has the ages that a standardised rate is given? Empty for other measures.

    Examples
    --------
    >>> standard({"measure": "standardised_rate", "standard": "under-18"})
    'standard: the European Standard Population of 2013, part "under-18"'
    """
    population = specification.get("standard")
    if specification.get("measure") != "standardised_rate" or not population:
        return ""
    if isinstance(population, str):
        part = "" if population == "all" else f', part "{key(population)}"'
        return f"standard: the European Standard Population of 2013{part}"
    return f"standard: weights of one's own for {count(len(population))} age bands"


def listing(words: Sequence[str]) -> str:
    """How are names put in a sentence? "a, b and c"."""
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))
