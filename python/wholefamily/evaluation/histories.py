"""Which histories can an evaluation file name, and what did each do with the rows it was given?

They are the public functions of `wholefamily.histories`: what is positional there is a table of the
file, what must be named is a key. Nothing here knows any one of them.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

import polars as pl

from wholefamily import _bridge, histories, wording
from wholefamily.errors import Error, SpecError

from .filters import ROW
from .tables import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable

    from .specification import History

TABLE = "table"
PROBLEMS = {"table": pl.String, "column": pl.String, "problem": pl.String, "done": pl.String}


@dataclass(frozen=True)
class Known:
    """A history that can be named: its tables and its arguments, by the keys of the file."""

    name: str
    function: Callable[..., histories.History]
    tables: dict[str, inspect.Parameter]
    arguments: dict[str, inspect.Parameter]

    @property
    def keys(self) -> list[str]:
        """The keys that belong to the history itself."""
        return [*self.tables, *self.arguments]

    @property
    def required(self) -> list[str]:
        """The keys that must be given."""
        own = (self.tables | self.arguments).items()
        return [key for key, parameter in own if parameter.default is inspect.Parameter.empty]

    def reads(self, parameter: str) -> bool:
        """Tell whether its one table is called so in Python."""
        return TABLE in self.tables and self.tables[TABLE].name == parameter

    def rules(self, argument: str) -> Any:  # noqa: ANN401 - a class with named values, or None
        """Find the class of an argument whose values have names, such as `SpellRules`."""
        words = re.findall(r"\w+", str(self.arguments[argument].annotation))
        classes = (getattr(histories, word, None) for word in words)
        return next((each for each in classes if hasattr(each, "named")), None)


@dataclass
class Lived(Prepared):
    """What a history gave, ready for the measures, with the account of how it came to be.

    `problems` lists every row with a problem: its `table` in this file, its `row` there (numbered
    as everywhere on the page), and what was done.
    """

    history: str = ""
    rows_in: dict[str, int] = field(default_factory=dict[str, int])
    rows_out: int = 0
    used: dict[str, Any] = field(default_factory=dict[str, Any])
    remarks: list[str] = field(default_factory=list[str])
    problems: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def grouped(self) -> pl.DataFrame:
        """The problems by kind: `table`, `column`, `problem`, `done` and `rows`."""
        if self.problems.is_empty():
            return pl.DataFrame(schema={**PROBLEMS, "rows": pl.UInt32})
        kinds = self.problems.group_by(list(PROBLEMS), maintain_order=True)
        return kinds.agg(pl.len().alias("rows"))


def known_histories() -> dict[str, Known]:
    """Give every history that an evaluation file can name."""
    public = (getattr(histories, name) for name in sorted(histories.__all__))
    return {each.__name__: _known(each) for each in public if _gives_history(each)}


def _gives_history(value: object) -> bool:
    """Tell whether something is a function whose answer is a history."""
    if not inspect.isfunction(value):
        return False
    words = re.findall(r"\w+", str(inspect.signature(value).return_annotation))
    given = (getattr(histories, word, None) for word in words)
    return any(isinstance(each, type) and issubclass(each, histories.History) for each in given)


def _known(function: Callable[..., histories.History]) -> Known:
    """Part the parameters of a history into tables and arguments."""
    parameters = inspect.signature(function).parameters.values()
    first = [p for p in parameters if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    named = [p for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY]
    tables = {TABLE if len(first) == 1 else p.name: p for p in first}
    tables |= {p.name: p for p in named if re.search(r"\bData\b", str(p.annotation))}
    arguments = {p.name: p for p in named if p.name not in tables}
    return Known(function.__name__, function, tables, arguments)


def live(name: str, history: History, given: dict[str, list[Prepared]], place: str) -> Lived:
    """Run one history of an evaluation file.

    Parameters
    ----------
    name
        Its name in the file.
    history
        What the file says of it.
    given
        The prepared tables by key; several of one key are put one under another.
    place
        Where it stands, for messages.

    Returns
    -------
    Lived
        Its table, not yet joined, derived or filtered.

    Raises
    ------
    Error
        Of the kind that the history raised; the message begins with the file and the history's name.
    """
    known = known_histories()[history.history]
    stacks = {key: _stacked(tables, f"{place}: {key}") for key, tables in given.items()}
    parameters = {known.tables[key].name: stack for key, stack in stacks.items()}
    frames = {name: stack.frame for name, stack in parameters.items()}
    positional = [
        frames.pop(p.name)
        for p in known.tables.values()
        if p.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    try:
        arguments = _with_rules(known, dict(history.arguments))
        result = known.function(*positional, **frames, **arguments)
    except Error as error:
        raise type(error)(f"{place}: {error}{_hint(error, given)}") from None
    frame = result.to_polars()
    first = next(iter(parameters.values()))
    return Lived(
        name,
        source=f"{history.history.replace('_', ' ')} of {wording.listing(_sources(given))}",
        frame=_numbered(frame, first),
        rows_read=frame.height,
        text=history.text,
        history=history.history,
        rows_in={table.name: table.frame.height for tables in given.values() for table in tables},
        rows_out=frame.height,
        used=result.specification,
        remarks=result.notes,
        problems=_problems(result.problems, parameters),
    )


@dataclass(frozen=True)
class Stack:
    """The rows given as one table: each with its table of the file, and its number there."""

    frame: pl.DataFrame
    origins: pl.DataFrame


def _stacked(tables: list[Prepared], place: str) -> Stack:
    """Put tables one under another by the names of their columns; what one lacks is null there."""
    kinds: dict[str, tuple[pl.DataType, str]] = {}
    for table in tables:
        for column, kind in table.data().schema.items():
            other, where = kinds.setdefault(column, (kind, table.name))
            if other != kind and pl.Null not in (other, kind):
                there, here = _bridge.unlike(other, kind)
                raise SpecError(
                    f"{place}: '{column}' holds {there} in table '{where}' "
                    f"and {here} in table '{table.name}'"
                )
    origins = [
        table.frame.select(pl.lit(table.name).alias("table"), pl.col(ROW).alias("row"))
        for table in tables
    ]
    frame = pl.concat([table.data() for table in tables], how="diagonal_relaxed")
    return Stack(frame, pl.concat(origins))


def _with_rules(known: Known, arguments: dict[str, Any]) -> dict[str, Any]:
    """Turn the name of rules into the rules, with what else is said of them changed."""
    for argument in [each for each in arguments if known.rules(each) is not None]:
        kind, word = known.rules(argument), arguments.pop(argument)
        if not isinstance(word, str):
            raise SpecError(
                f"{argument} = {_bridge.shown(word)} should be the name of rules, in quotes"
            )
        own = {each.name for each in fields(kind)} & arguments.keys()
        changes = {name: arguments.pop(name) for name in sorted(own)}
        arguments[argument] = kind.named(word, **changes)
    return arguments


def _numbered(frame: pl.DataFrame, first: Stack) -> pl.DataFrame:
    """Give the rows numbers: those of the source where the history kept its rows, else its own."""
    columns = first.frame.columns
    one_table = first.origins["table"].n_unique() == 1
    if (
        one_table
        and set(columns) <= set(frame.columns)
        and frame.select(columns).equals(first.frame)
    ):
        return frame.with_columns(first.origins["row"].alias(ROW))
    return frame.with_row_index(ROW, offset=1)


def _problems(found: pl.DataFrame, parameters: dict[str, Stack]) -> pl.DataFrame:
    """Name the tables of problems as the file does, and number the rows as the page does."""
    if "table" not in found.columns:
        found = found.with_columns(pl.lit(next(iter(parameters))).alias("table"))
    origins = pl.concat(
        stack.origins.with_row_index("at").select(
            pl.lit(name).alias("parameter"), pl.col("at").cast(pl.Int64), "table", "row"
        )
        for name, stack in parameters.items()
    )
    found = found.rename({"table": "parameter", "row": "at", "other_row": "other_at"})
    others = origins.rename({"at": "other_at", "table": "other_table", "row": "other_row"})
    joined = found.join(origins, on=["parameter", "at"], how="left", maintain_order="left").join(
        others, on=["parameter", "other_at"], how="left", maintain_order="left"
    )
    stacked = any(stack.origins["table"].n_unique() > 1 for stack in parameters.values())
    other = ["other_table", "other_row"] if stacked else ["other_row"]
    return joined.select("table", "row", "column", "problem", "done", *other, "days")


def _sources(given: dict[str, list[Prepared]]) -> list[str]:
    return list(dict.fromkeys(table.name for tables in given.values() for table in tables))


def _hint(error: Error, given: dict[str, list[Prepared]]) -> str:
    """Say what a reader of CSV files most often forgot."""
    read = [
        table
        for tables in given.values()
        for table in tables
        if table.source.lower().endswith(".csv")
    ]
    if read and type(error).__name__ == "TypeError_" and "holds text" in str(error):
        named = " or ".join(f"[tables.{table.name}]" for table in read)
        return f"; columns of a CSV are text until dates, numbers or booleans of {named} name them"
    return ""
