"""What a chart draws: one point for each row with a value, named in words, under our own field names.

Column names never become field names of the chart, since Vega-Lite reads dots, brackets and
colons in them as instructions.
"""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wholefamily import display, wording
from wholefamily.errors import ColumnError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from wholefamily.result import Estimates

MOST_GROUPS = 100
"""How many groups one chart of groups shows."""
MOST_POINTS = 5000
"""How many points one chart over time shows."""

_DAY = 86_400_000
_LABEL_WIDTH = 34
_LABEL_LINES = 3


@dataclass(frozen=True)
class Layout:
    """Which key goes where: `time` along the axis, `groups` told apart, all others a panel each."""

    time: str | None
    panels: tuple[str, ...]
    groups: tuple[str, ...]


def layout(estimates: Estimates, frame: pl.DataFrame, x: str | None) -> Layout:
    """Place the keys: a date with more than one day is time; the last key tells groups apart."""
    keys = estimates.keys
    if x is not None and x not in keys:
        have = ", ".join(keys) or "none"
        raise ColumnError(f"no key column {x!r} for x; keys are {have}")
    spans = ("before", "after") if {"before", "after"} <= set(keys) else ()
    dates = [name for name in keys if name not in spans and frame.schema[name].is_temporal()]
    moving = [name for name in dates if frame[name].drop_nulls().n_unique() > 1]
    if x is not None:
        time = x if x in moving else None
    else:
        time = next(
            (name for name in ("period", "date", *reversed(moving)) if name in moving), None
        )
    others = [name for name in keys if name != time and name not in spans]
    if others and all(frame[name].n_unique() <= 1 for name in spans):
        spans = ()
    still = [
        n for n in dates if n in others and n not in moving and n != x and n in ("period", "date")
    ]
    others = [name for name in others if name not in still]
    if x in others:
        others = [*(name for name in others if name != x), x]
    else:  # figures of one result are set apart, so that groups stand under one another
        others.sort(key=lambda name: not display.names_figures(estimates, name))
    groups = spans or tuple(others[-1:])
    return Layout(time, tuple(name for name in others if name not in groups), groups)


def fixed_day(estimates: Estimates, frame: pl.DataFrame) -> str:
    """Name the one period, date or span that all rows share; empty where there is none or more."""
    if [name for name in estimates.keys if name not in ("before", "after")] and (
        {"before", "after"} <= set(estimates.keys)
    ):
        ends = [_shared(estimates, frame, name) for name in ("before", "after")]
        return " to ".join(ends) if all(ends) else ""
    for name in ("period", "date"):
        if name in estimates.keys and (told := _shared(estimates, frame, name)):
            return told
    return ""


def _shared(estimates: Estimates, frame: pl.DataFrame, name: str) -> str:
    """Name the one value that all rows have of a key; empty where there is none or more."""
    if frame[name].n_unique() != 1 or frame[name].null_count():
        return ""
    return display.key_text(estimates, name, display.readable(frame)[name][0])


def points(estimates: Estimates, frame: pl.DataFrame, place: Layout) -> list[dict[str, Any]]:
    """Write the rows as points: panel, group, time, value, limits, and their words."""
    names = {key: _names(estimates, frame, key) for key in estimates.keys}
    figures = [
        key for key in ("index", "change") if key in names and display.names_figures(estimates, key)
    ]
    drawn = []
    for row in frame.iter_rows(named=True):
        moment = row[place.time] if place.time else None
        if place.time and moment is None:
            continue
        limits = wording.interval(row["lower"], row["upper"], row["unit"], like=row["value"])
        drawn.append(
            {
                "figure": next((names[key][row[key]] for key in figures), ""),
                "panel": ", ".join(names[key][row[key]] for key in place.panels),
                "group": " to ".join(names[key][row[key]] for key in place.groups) or "All rows",
                "time": None if moment is None else milliseconds(moment),
                "when": names[place.time][moment] if place.time else "",
                "value": finite(row["value"]),
                "lower": row["lower"],
                "upper": row["upper"],
                "unit": _drawn_unit(estimates, row),
                "contrast": row.get("contrast"),
                "told": wording.value(row["value"], row["unit"]),
                "interval": limits,
                "base": display.base_text(estimates, row),
            }
        )
    return drawn


def _drawn_unit(estimates: Estimates, row: dict[str, Any]) -> str:
    """Give the unit of a row; ScotPHO's relative index is no ratio of two ends, and may be negative."""
    specification = estimates.specification
    of_slope = specification.get("convention") == "scotpho" and row.get("index") == "relative"
    gradient = specification.get("measure") == "inequality_gradient"
    return "relative index" if gradient and of_slope else row["unit"]


def finite(number: float | None) -> float | None:
    """Keep a number that can be drawn; anything else is None."""
    return number if number is not None and math.isfinite(number) else None


def milliseconds(moment: dt.date) -> int:
    """Give a moment as Vega-Lite counts time: milliseconds since 1970, in UTC."""
    day = (dt.date(moment.year, moment.month, moment.day) - dt.date(1970, 1, 1)).days * _DAY
    if isinstance(moment, dt.datetime):
        return day + (moment.hour * 3600 + moment.minute * 60 + moment.second) * 1000
    return day


def wrapped(labels: Sequence[str]) -> dict[str, str]:
    """Break long labels into at most three lines; two that end up alike are numbered."""
    taken: dict[str, str] = {}
    for label in dict.fromkeys(labels):
        lines = textwrap.wrap(label, _LABEL_WIDTH) or [label]
        if len(lines) > _LABEL_LINES:
            lines = [*lines[: _LABEL_LINES - 1], lines[_LABEL_LINES - 1][: _LABEL_WIDTH - 1] + "…"]
        text, number = "\n".join(lines), 1
        while text in taken.values():
            number += 1
            text = "\n".join([*lines[:-1], f"{lines[-1]} ({number})"])
        taken[label] = text
    return taken


def lines_of(text: str, width: float, size: float = 12) -> list[str]:
    """Break a title so that it fits a width in pixels at a font size in pixels."""
    return textwrap.wrap(text, max(16, int(width / (size * 0.52))))


def _names(estimates: Estimates, frame: pl.DataFrame, key: str) -> dict[Any, str]:
    """Name each value of a key; no two values share a name, and null is last to choose."""
    names: dict[Any, str] = {}
    taken: set[str] = set()
    values = frame[key].unique(maintain_order=True).to_list()
    for value in sorted(values, key=lambda one: one is None):
        name = display.key_text(estimates, key, value, short=True)
        number = 1
        while name in taken:
            number += 1
            name = f"{display.key_text(estimates, key, value, short=True)} ({number})"
        taken.add(name)
        names[value] = name
    return names
