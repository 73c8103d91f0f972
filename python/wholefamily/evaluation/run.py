"""What do the tables answer to the questions of an evaluation file?"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from wholefamily import _bridge
from wholefamily.errors import Error, SpecError

from .filters import ROW, Filtered, filtered
from .reading import MAX_NAME, measure_class
from .specification import Compare, Question, Specification, nearest

if TYPE_CHECKING:
    from wholefamily.result import Estimates

    from .tables import Prepared

TABLES = ("Data", "Data | None")
"""The types of a measure's fields that hold a table: in a file, the name of one."""


@dataclass(frozen=True)
class Comparison:
    """One comparison that was asked for, its name among the results, and its answer."""

    name: str
    request: Compare
    estimates: Estimates


@dataclass
class Answer:
    """One question of the file, answered.

    `overall` is the same measure without `by` and `every`, where those were given and the measure has one value
    for all rows. `set_aside` lists the values that the measure could not use, with row numbers of the source.
    """

    question: Question
    estimates: Estimates
    rows_given: int
    filtered: Filtered | None = None
    overall: Estimates | None = None
    comparisons: list[Comparison] = field(default_factory=list)
    set_aside: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def title(self) -> str:
        """What the question is called on the page."""
        return self.question.title or self.question.name.replace("_", " ").capitalize()

    def results(self) -> dict[str, Estimates]:
        """Give every result table of this question by its name."""
        found = {self.question.name: self.estimates}
        if self.overall is not None:
            found[f"{self.question.name}--overall"] = self.overall
        return found | {comparison.name: comparison.estimates for comparison in self.comparisons}


def answer(specification: Specification, question: Question, tables: dict[str, Prepared]) -> Answer:
    """Run one measure and its comparisons.

    Parameters
    ----------
    specification
        The checked evaluation file.
    question
        One `[[measures]]` of it.
    tables
        The prepared tables by name.

    Returns
    -------
    Answer
        With the result, the comparisons and what was left out.

    Raises
    ------
    Error
        Of the kind that the measure raised; the message begins with the file and the measure's name.
    """
    place = f"{specification.path}: [[measures]] '{question.name}'"
    table = tables[question.table]
    frame, counts = table.frame, None
    if question.where is not None:
        frame, counts = filtered(frame, question.where, f"{place}: where")
    data = frame.drop(ROW)
    level = specification.heading.level if question.level is None else question.level
    try:
        measure = _measure(question, tables)
        estimates = measure.run(data, by=question.keys, every=question.every, level=level)
        overall = None
        if len(estimates) > 1 and _one_value(estimates, question):
            overall = measure.run(data, level=level)
        comparisons = [
            Comparison(name, request, _compare(estimates, request))
            for name, request in zip(_names(question), question.compare, strict=True)
        ]
    except Error as error:
        raise type(error)(f"{place}: {error}{_hint(error, table, question)}") from None
    return Answer(
        question, estimates, data.height, counts, overall, comparisons, _numbered(estimates, frame)
    )


def _measure(question: Question, tables: dict[str, Prepared]) -> Any:  # noqa: ANN401 - any measure class
    found: Any = measure_class(question.measure)
    fields = dict(question.fields)
    for name in [each.name for each in dataclasses.fields(found) if each.type in TABLES]:
        if name not in fields:
            continue
        table = fields[name]
        if not isinstance(table, str):
            shown = _bridge.shown(table)
            raise SpecError(
                f"{name} = {shown} should be the name of a table of this file, in quotes"
            )
        if table not in tables:
            raise SpecError(f"{name}: no table '{table}'; {nearest(table, list(tables))}")
        fields[name] = tables[table].data()
    for each in dataclasses.fields(found):
        if each.name not in fields and not _has_default(each):
            raise SpecError(
                f"the key '{each.name}' is missing; {found.__name__} needs '{each.name}'"
            )
    return found(**fields)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    missing = dataclasses.MISSING
    return field.default is not missing or field.default_factory is not missing


def _one_value(estimates: Estimates, question: Question) -> bool:
    """Tell whether the measure gives one row a group: it has no keys of its own but fixed ones."""
    own = set(estimates.keys) - set(question.keys) - {"period"}
    return own <= {"before", "after"}


def _compare(estimates: Estimates, request: Compare) -> Estimates:
    return estimates.compare(
        request.column,
        request.group,
        request.reference,
        within=request.within,
        method=request.method,
    )


def _names(question: Question) -> list[str]:
    """Name the comparisons after what they compare, as file names that cannot collide."""
    names: list[str] = []
    for request in question.compare:
        words = f"{request.group}-vs-{request.reference}"
        if request.within:
            words += f"-within-{request.within}"
        safe = re.sub(r"[^A-Za-z0-9_]+", "-", words).strip("-")[:MAX_NAME] or "compare"
        name = f"{question.name}--{safe}"
        while name.lower() in {other.lower() for other in names}:
            name += "-again"
        names.append(name)
    return names


def _numbered(estimates: Estimates, frame: pl.DataFrame) -> pl.DataFrame:
    """Give the rows that the measure set aside by their number in the source, counted from 1."""
    listed = estimates.set_aside
    if listed.is_empty():
        return listed
    numbers = frame[ROW]
    return listed.with_columns(
        pl.col("row").map_elements(
            lambda row: numbers[row], return_dtype=pl.UInt32, skip_nulls=True
        )
    )


def _hint(error: Error, table: Prepared, question: Question) -> str:
    """Say what a reader of CSV files most often forgot."""
    holds_text = type(error).__name__ == "TypeError_" and "holds text" in str(error)
    if holds_text and table.source.lower().endswith(".csv"):
        return f"; columns of a CSV are text until dates, numbers or booleans of [tables.{question.table}] name them"
    return ""
