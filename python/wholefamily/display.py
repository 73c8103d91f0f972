"""Results as a reader sees them: a table in a notebook, in the report and in the terminal.

The content is built once, as a `Sheet` of plain words, and then laid out as HTML or as text, so
that every place says the same. How each number is written is decided in `wording`.
"""

from __future__ import annotations

import functools
import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from . import _bridge, wording

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import jinja2
    import polars as pl

    from .result import Estimates

NOTEBOOK_ROWS = 60
"""How many rows a notebook or a terminal shows."""

CONTRASTS = {
    "difference": "Difference: {0} minus {1}",
    "ratio": "Ratio: {0} to {1}",
    "odds_ratio": "Odds ratio: {0} to {1}",
}
"""How each contrast of a comparison is put in words."""

EXPOSED = frozenset({"rate", "standardised_rate", "inequality_gradient", "placement_moves"})
"""Measures of events in an exposure, not of people of a number of people."""

FOLLOWED = frozenset({"survival", "cumulative_incidence"})
"""Measures of people followed for different times, whose share is not events of people."""
_LASTING = frozenset({"placement_moves"})
"""Measures whose rows last through several periods, and so count in each."""

_HEADINGS = {"base": "Base", "p_value": "P-value", "method": "Method"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: what stands above it, and its role ("key", "value", "base"...)."""

    heading: str
    role: str

    @property
    def is_header(self) -> bool:
        """Do its cells name the row?"""
        return self.role == "key"

    @property
    def is_numeric(self) -> bool:
        """Are its cells numbers, to be set flush right?"""
        return self.role in ("value", "interval", "p_value", "number")


@dataclass(frozen=True, slots=True)
class Cell:
    """The words of one cell; `muted` where they stand for something that is not there."""

    text: str
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Sheet:
    """A result in words: caption, columns, rows, and the notes below."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...]
    hidden: int = 0

    @property
    def hidden_note(self) -> str:
        """Say how many rows are not shown; empty where all are."""
        if not self.hidden:
            return ""
        every = wording.count(len(self.rows) + self.hidden)
        return f"The first {wording.count(len(self.rows))} of {every} rows are shown."


def table_html(
    estimates: Estimates,
    *,
    title: str | None = None,
    max_rows: int | None = NOTEBOOK_ROWS,
    style: bool = True,
) -> str:
    """Show a result as an HTML table: percentages, intervals, bases, and what was left out.

    Parameters
    ----------
    estimates
        Any result, also a comparison. A null value is shown as its reason, in muted words.
    title
        The caption; by default the measure, the groups and the level.
    max_rows
        Rows to show; a note says how many there are. None shows all.
    style
        Whether to include the style sheet. A page with many tables includes `table_style()`
        once instead.

    Returns
    -------
    str
        A self-contained fragment: no script, nothing fetched, every name escaped.
    """
    return sheet_html(sheet(estimates, title=title, max_rows=max_rows), style=style)


def sheet_html(content: Sheet, *, style: bool = True) -> str:
    """Lay a sheet out as HTML, with every name escaped."""
    return _template("table.html.jinja").render(sheet=content, style=style)


def table_style() -> str:
    """Give the style sheet of the tables, without its `<style>` element."""
    return _template("table.css").render()


def table_text(
    estimates: Estimates, *, title: str | None = None, max_rows: int | None = NOTEBOOK_ROWS
) -> str:
    """Show a result as plain text for a terminal: what `table_html` says, in aligned columns."""
    content = sheet(estimates, title=title, max_rows=max_rows)
    lines = [[cell.text for cell in row] for row in content.rows]
    lines.insert(0, [column.heading for column in content.columns])
    widths = [max(map(_width, texts)) for texts in zip(*lines, strict=True)]
    lines.insert(1, ["─" * width for width in widths])
    aligned = (
        "  ".join(
            _pad(text, width, right=column.is_numeric)
            for text, width, column in zip(line, widths, content.columns, strict=True)
        ).rstrip()
        for line in lines
    )
    notes = (content.hidden_note, *content.notes)
    empty = () if content.rows else ("No rows to show.",)
    return "\n".join((content.caption, "", *aligned, *empty, "", *filter(None, notes)))


def sheet(estimates: Estimates, *, title: str | None = None, max_rows: int | None = None) -> Sheet:
    """Put a result into words: the content of both `table_html` and `table_text`."""
    frame = estimates.to_polars()
    shown = frame if max_rows is None else frame.head(max_rows)
    drafts = list(_drafts(estimates, shown, _shared_reason(frame)))
    roles = _roles(frame, drafts)
    every = estimates.options.get("every")
    headings = _HEADINGS | {
        "value": wording.unit_heading(frame["unit"].unique().to_list()),
        "interval": wording.level(estimates.level).capitalize(),
    }
    columns = (
        *(Column(wording.heading(name, every), "key") for name in estimates.keys or ["group"]),
        *(Column(headings[role], role) for role in roles),
    )
    rows = tuple((*keys, *(draft[role] for role in roles)) for keys, draft in drafts)
    notes = tuple(_notes(estimates, frame))
    return Sheet(
        wording.printable(title) if title else caption(estimates),
        columns,
        rows,
        notes,
        frame.height - shown.height,
    )


def caption(estimates: Estimates) -> str:
    """Say in plain words what a result answers, by which groups, and with which interval."""
    text = subject(estimates)
    every = estimates.options.get("every")
    ends = ("from", "to") if estimates.measure == "pathways" else ()
    names = [n for n in estimates.keys if n not in ends and not names_figures(estimates, n)]
    names = [name for name in names if not _is_days(estimates, name)]
    if names:
        text += ", by " + wording.listing([_lowered(wording.heading(n, every)) for n in names])
    if estimates.to_polars()["lower"].is_not_null().any():
        text += f" ({wording.level(estimates.level)})"
    return text


def names_figures(estimates: Estimates, name: str) -> bool:
    """Does a key tell the figures of a result apart, and not its groups?"""
    if name in ("index", "change"):
        return name not in (estimates.options.get("by") or ())
    return name in ("contrast", "before", "after")


def _is_days(estimates: Estimates, name: str) -> bool:
    """Is a key the days since the origin, along which a share is followed?"""
    return (
        name == "time"
        and estimates.measure in FOLLOWED
        and name not in (estimates.options.get("by") or ())
    )


def subject(estimates: Estimates) -> str:
    """Say what was measured and, for a comparison, which groups were compared."""
    text = wording.quantity(estimates.measure, estimates.specification)
    comparison = estimates.comparison
    if comparison:
        group, reference = sides(estimates)
        text += f": {group} compared with {reference}"
        if comparison.get("within"):
            text += f", within {_lowered(wording.heading(comparison['within']))}"
    if tested := estimates.tested:
        methods = estimates.to_polars()["method"].unique()
        method = wording.method(methods[0].removesuffix(", stratified")) if len(methods) else "no"
        text += f": {method} test by {_lowered(wording.heading(tested['column']))}"
        if tested.get("within"):
            text += f", within {_lowered(wording.heading(tested['within']))}"
    return text


def sides(estimates: Estimates) -> tuple[str, str]:
    """Name the group of a comparison and its reference."""
    comparison = estimates.comparison or {}
    return wording.key(comparison.get("group")), wording.key(comparison.get("reference"))


def key_text(estimates: Estimates, name: str, cell: object, *, short: bool = False) -> str:
    """Name one group in words, as the key column `name` of this result calls for."""
    every = estimates.options.get("every")
    if name == "period" and every:
        return wording.period(cell, every, short=short)  # type: ignore[arg-type]
    if name == "contrast" and estimates.comparison and cell in CONTRASTS:
        return CONTRASTS[str(cell)].format(*sides(estimates))
    return wording.own_key(estimates.specification, name, cell) or wording.key(cell, short=short)


def base_text(estimates: Estimates, row: Mapping[str, Any]) -> str:
    """Say how many, of how many people or in how much exposure, as the measure calls for."""
    if not estimates.comparison and (estimates.measure in FOLLOWED or is_estimate(row)):
        return followed(row)
    if estimates.comparison and row["numerator"] is None and _bridge.has_curves(estimates.measure):
        return followed(row)
    exposed = estimates.measure in EXPOSED or str(row["unit"]).startswith("difference per ")
    exposed = exposed or (estimates.comparison and estimates.measure == "looked_after")
    unit = "per 1" if exposed else row["unit"]
    return wording.base(row["numerator"], row["denominator"], unit)


def is_estimate(row: Mapping[str, Any]) -> bool:
    """Is a share estimated from all who were followed, so that it is not events of people?"""
    return row.get("measure") == "fixed_horizon" and row.get("estimate") == "Aalen-Johansen"


def followed(row: Mapping[str, Any]) -> str:
    """Say how many had the event by then, and how many were followed."""
    people = f"{wording.count(row['denominator'] or 0)} followed"
    if row["numerator"] is None:
        return people
    events = row["numerator"]
    return f"{wording.count(events)} {'event' if events == 1 else 'events'}, {people}"


def readable(frame: pl.DataFrame) -> pl.DataFrame:
    """Make every cell one that Python can hold: dates outside the years 1 to 9999 become text."""
    import polars as pl

    first, last = pl.date(1, 1, 1), pl.date(9999, 12, 31)
    dates = [name for name, kind in frame.schema.items() if kind in (pl.Date, pl.Datetime)]
    for name in dates:
        inside = pl.col(name).cast(pl.Date).is_between(first, last)
        if not frame.select(inside.all()).item():
            frame = frame.with_columns(pl.col(name).dt.to_string("iso"))
    return frame


def undefined(frame: pl.DataFrame) -> dict[str, int]:
    """Count the rows without a value, by reason."""
    import polars as pl

    missing = frame.filter(pl.col("value").is_null() | pl.col("value").is_nan())
    reason = pl.col("reason").fill_null("no reason given")
    return dict(missing.group_by(reason, maintain_order=True).len().iter_rows())


def reference_bases(estimates: Estimates) -> dict[tuple[Any, ...], tuple[Any, Any]]:
    """Find a comparison's reference counts by the other keys, summed over strata."""
    import polars as pl

    comparison, source = estimates.comparison, estimates.compared
    if comparison is None or source is None:
        return {}
    frame, column = source.to_polars(), pl.col(comparison["column"])
    if frame.schema[comparison["column"]].is_temporal():
        column = column.dt.to_string("iso")
    found = frame.filter(column.eq_missing(pl.lit(comparison["reference"])))
    sums = (pl.col("numerator").sum(), pl.col("denominator").sum())
    others = [name for name in estimates.keys if name in frame.columns]
    summed = (
        found.group_by(others, maintain_order=True).agg(*sums) if others else found.select(sums)
    )
    return {row[:-2]: (row[-2], row[-1]) for row in readable(summed).rows()}


def _drafts(
    estimates: Estimates, frame: pl.DataFrame, shared: str | None
) -> Iterator[tuple[list[Cell], dict[str, Cell]]]:
    """Write each row's keys, and all that may be shown of it; the whole table decides what is."""
    bases = reference_bases(estimates)
    others = [name for name in estimates.keys if name != "contrast"]
    mixed = frame["unit"].n_unique() > 1
    for row in readable(frame).iter_rows(named=True):
        keys = [
            Cell(key_text(estimates, name, row[name]), muted=row[name] is None)
            for name in estimates.keys
        ]
        draft = _draft(row, shared, mixed=mixed)
        own = base_text(estimates, row)
        draft["base"] = Cell(own)
        reference = bases.get(tuple(row[name] for name in others if name in row))
        if estimates.comparison and reference:
            # Where one side has no count of events, neither is shown with one.
            events = None if row["numerator"] is None else reference[0]
            against = {**row, "numerator": events, "denominator": reference[1]}
            draft["base"] = Cell(f"{own} against {base_text(estimates, against)}")
        yield keys or [Cell("All rows")], draft


def _draft(row: Mapping[str, Any], shared: str | None, *, mixed: bool) -> dict[str, Cell]:
    """Write a row's figures, each with its unit where the table has more than one."""
    value, unit, reason = row["value"], row["unit"], row["reason"]
    why = "" if reason is None or reason == shared else wording.printable(reason)
    if value is None or math.isnan(value):
        number, limits = Cell("no value", muted=True), Cell(why, muted=True)
    else:
        number = Cell(wording.value(value, unit, with_unit=mixed))
        text = wording.interval(row["lower"], row["upper"], unit, like=value)
        limits = Cell(text or why, muted=not text)
    return {
        "value": number,
        "interval": limits,
        "p_value": Cell(wording.p_value(row.get("p_value"))),
        "method": Cell(wording.method(row["method"])),
    }


def _roles(frame: pl.DataFrame, drafts: Sequence[tuple[object, Mapping[str, Cell]]]) -> list[str]:
    """Choose the columns to show: none that is empty, and the method only where it varies."""
    roles = [r for r in ("interval", "base", "p_value") if any(d[r].text for _, d in drafts)]
    varies = frame["method"].drop_nulls().n_unique() > 1
    return ["value", *roles, *(["method"] if varies else [])]


def _shared_reason(frame: pl.DataFrame) -> str | None:
    """Find the reason that all rows with a value give for having no interval: it is said once."""
    reasons = frame.filter(frame["value"].is_not_null())["reason"].unique().to_list()
    return reasons[0] if len(reasons) == 1 else None


def _notes(estimates: Estimates, frame: pl.DataFrame) -> Iterator[str]:
    """Say how sure it is, which rows were used and which were not, and what made it."""
    if frame["lower"].is_not_null().any():
        names = frame["method"].drop_nulls().unique(maintain_order=True)
        methods = wording.listing([wording.method(name) for name in names])
        yield sentence(wording.level(estimates.level) + (methods and f"; method: {methods}"))
    standard = wording.standard(estimates.specification)
    if standard:
        yield sentence(standard)
    shared = _shared_reason(frame)
    if shared:
        yield sentence(shared)
    yield from _rows_notes(estimates, frame)
    columns = _columns(estimates)
    for note in filter(str.strip, estimates.notes):
        yield sentence(note, capital=note.strip().partition(":")[0] not in columns)
    data = (
        f"; fingerprint of the data {estimates.fingerprint[:12]}" if estimates.fingerprint else ""
    )
    yield sentence(f"wholefamily {estimates.version}{data}")


def _rows_notes(estimates: Estimates, frame: pl.DataFrame) -> Iterator[str]:
    """Count the rows behind a table: in all where its lines share none, else for each line."""
    own = set(estimates.keys) - set(estimates.options.get("by") or ()) - {"period"}
    if estimates.measure in _LASTING and "period" in estimates.keys:
        own.add("period")
    if frame.height:
        totals = [_total(frame[name], add=not own) for name in ("rows_used", "rows_dropped")]
        yield f"Rows used: {totals[0]}. Rows dropped: {totals[1]}."
    account = estimates.set_aside.select("column", "problem", "rows").unique(maintain_order=True)
    for column, problem, rows in account.iter_rows():
        place = f" in {wording.printable(column)}" if column else ""
        number = "1 row" if rows == 1 else f"{wording.count(rows)} rows"
        yield sentence(f"{number}{place}: {problem}")


def _total(rows: pl.Series, *, add: bool) -> str:
    """Write a number of rows: their sum, or the range of what each line rests on."""
    if add or len(rows) == 1:
        return wording.count(int(rows.sum()))
    low, high = (wording.count(limit) for limit in (rows.min() or 0, rows.max() or 0))  # type: ignore[arg-type]
    return f"{low if low == high else f'{low} to {high}'} on each line"


def _lowered(words: str) -> str:
    return words[:1].lower() + words[1:]


def _columns(estimates: Estimates) -> set[str]:
    """Collect the names that stand for columns in a result, to be written as they are."""
    parts = (estimates.specification, estimates.comparison or {})
    named = {cell for part in parts for cell in part.values() if isinstance(cell, str)}
    return named | set(estimates.keys)


def sentence(text: str, *, capital: bool = True) -> str:
    """Begin with a capital (a name apart) and end with a full stop."""
    text = wording.printable(text.strip())
    capital = capital and not text.startswith("wholefamily")
    first = text[:1].upper() if capital else text[:1]
    return first + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")


def _width(text: str) -> int:
    """Count the columns that a text takes on a terminal."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me", "Cf") for c in text)


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


@functools.cache
def _template(name: str) -> jinja2.Template:
    import jinja2

    loader = jinja2.PackageLoader("wholefamily")
    return jinja2.Environment(loader=loader, autoescape=True).get_template(name)
