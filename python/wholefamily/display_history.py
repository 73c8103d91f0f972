"""A history as a reader sees it in a notebook: its first rows, and what was found wrong, by kind."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from . import wording
from .display import Cell, Column, Sheet, readable, sentence, sheet_html

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from .histories import History

NOTEBOOK_ROWS = 10
"""How many rows a notebook shows: enough to see what the columns hold."""

PROBLEM_KINDS = 12
"""How many kinds of problems a notebook counts."""


def history_html(history: History, *, max_rows: int = NOTEBOOK_ROWS) -> str:
    """Show a history as an HTML table.

    Parameters
    ----------
    history
        What `wf.spells` or any other history gave.
    max_rows
        Rows to show; a note says how many there are.

    Returns
    -------
    str
        A self-contained fragment: no script, nothing fetched, every name escaped.
    """
    frame = history.to_polars()
    shown = readable(frame.head(max_rows))
    columns = tuple(
        Column(wording.printable(name), _role(place, kind))
        for place, (name, kind) in enumerate(frame.schema.items())
    )
    rows = tuple(tuple(map(_cell, row)) for row in shown.iter_rows())
    number = "1 row" if frame.height == 1 else f"{wording.count(frame.height)} rows"
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(history).__name__).capitalize()
    notes = tuple(_notes(history))
    return sheet_html(Sheet(f"{words}: {number}", columns, rows, notes, frame.height - len(rows)))


def _role(place: int, kind: pl.DataType) -> str:
    if place == 0:
        return "key"
    return "number" if kind.is_numeric() else "text"


def _cell(value: object) -> Cell:
    """Write a value as the table holds it, so that it can be looked for."""
    if value is None:
        return Cell("null", muted=True)
    if isinstance(value, bool):
        return Cell(str(value).lower())
    if isinstance(value, dt.datetime):
        return Cell(value.isoformat(sep=" ", timespec="minutes"))
    if isinstance(value, dt.date):
        return Cell(value.isoformat())
    return Cell(wording.key(value))


def _notes(history: History) -> Iterator[str]:
    """Say what the history remarked on, and count the rows with a problem, by kind."""
    for note in filter(str.strip, history.notes):
        yield sentence(note, capital=False)
    problems = history.problems
    if problems.is_empty():
        yield "No problem was found."
        return
    by = [name for name in ("table", "column", "problem", "done") if name in problems.columns]
    kinds = (
        problems.group_by(by).len("rows").sort(["rows", *by], descending=[True] + [False] * len(by))
    )
    for *where, problem, done, rows in kinds.head(PROBLEM_KINDS).iter_rows():
        number = "1 row" if rows == 1 else f"{wording.count(rows)} rows"
        place = " of ".join(map(wording.printable, reversed([each for each in where if each])))
        yield sentence(f"{number}{place and ' in '}{place}: {problem}: {done}")
    if kinds.height > PROBLEM_KINDS:
        yield f"{wording.count(kinds.height - PROBLEM_KINDS)} more kinds of problems."
    yield "Each such row is listed in .problems."
