"""The one way into the compiled engine: the only module that imports `_core`.

Whatever an analyst holds becomes an object with `__arrow_c_stream__` or
`__arrow_c_array__` here, or an error that says what would have been accepted.
"""

from __future__ import annotations

import datetime as dt
import importlib
import importlib.util
import json
import os
import weakref
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast, runtime_checkable

from ._files import read_file
from .errors import ColumnError, DataError, InternalError, SpecError, TypeError_

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import polars as pl

    from . import _core

    Result = TypeVar("Result")


@runtime_checkable
class ArrowStream(Protocol):
    """A table that can be read as a stream of Arrow record batches."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object: ...


@runtime_checkable
class ArrowArray(Protocol):
    """One Arrow record batch."""

    def __arrow_c_array__(
        self, requested_schema: object | None = None
    ) -> tuple[object, object]: ...


ArrowTable: TypeAlias = "ArrowStream | ArrowArray"
"""What the engine reads."""

Data: TypeAlias = "ArrowStream | ArrowArray | pl.LazyFrame | str | Path"
"""What an analyst may hand in as a table."""

ACCEPTED = (
    "a table from polars, pyarrow, pandas (2.2 or later) or DuckDB, "
    "any other object with __arrow_c_stream__ or __arrow_c_array__, "
    "a polars LazyFrame, or a path to a .parquet, .csv, .arrow, .feather or .ipc file"
)


# ── Calling the engine ────────────────────────────────────────────────────────────────


def run(
    specification: Mapping[str, object], data: object, options: Mapping[str, object]
) -> tuple[_core.Table, _core.States | None]:
    """Answer a measure's question about a table: an Arrow table of results.

    Of people who were followed also the states, by which groups are compared and tested.
    """
    table = as_arrow(data)
    return _call(_engine().run, _json(specification), table, _json(options))


def partial(
    specification: Mapping[str, object], data: object, options: Mapping[str, object]
) -> _core.Table:
    """Tally a table without finishing: an Arrow table of states that can be merged."""
    table = as_arrow(data)
    return _call(_engine().partial, _json(specification), table, _json(options))


def merge(partials: Iterable[ArrowStream]) -> _core.Table:
    """Add up partial states of the same question."""
    return _call(_engine().merge, list(partials))


def finish(states: ArrowStream, level: float) -> _core.Table:
    """Turn partial states into results, at a confidence level between 0 and 1."""
    return _call(_engine().finish, states, level)


def compare(estimates: ArrowStream, request: Mapping[str, object]) -> _core.Table:
    """Contrast two groups of a result, from the counts that the result holds."""
    return _call(_engine().compare, estimates, _json(request))


def compare_states(states: ArrowStream, request: Mapping[str, object], level: float) -> _core.Table:
    """Contrast two groups of people who were followed, from their states."""
    return _call(_engine().compare_states, states, _json(request), level)


def test_states(states: ArrowStream, request: Mapping[str, object], level: float) -> _core.Table:
    """Test the curves of groups of people who were followed, from their states."""
    return _call(_engine().test_states, states, _json(request), level)


def statistic(name: str, columns: ArrowTable | None, options: Mapping[str, object]) -> _core.Table:
    """Run a statistic by its name over columns of numbers, or over plain numbers in the options."""
    return _call(_engine().statistic, name, columns, _json(options))


def history(
    kind: str, tables: Iterable[object], specification: Mapping[str, object]
) -> tuple[_core.Table, _core.Table]:
    """Work out a history by its name: its table, and the list of problems found."""
    given = [as_arrow(table) for table in tables]
    return _call(_engine().history, kind, given, _json(specification))


def statistics() -> list[dict[str, Any]]:
    """List every statistic that the engine knows, with its columns, options and fields."""
    return cast("list[dict[str, Any]]", json.loads(_call(_engine().statistics)))


def catalogue() -> list[dict[str, Any]]:
    """List every measure that the engine knows, with its fields, their defaults and words."""
    return cast("list[dict[str, Any]]", json.loads(_call(_engine().catalogue)))


@cache
def has_curves(measure: str) -> bool:
    """Tell whether a measure follows people over time, so that its states say more than its rows."""
    return any(entry["curves"] for entry in catalogue() if entry["measure"] == measure)


def engine_version() -> str:
    """Tell the version of the compiled engine."""
    return _call(_engine().version)


@cache
def _engine() -> Any:
    """Load the compiled module, once, at first use."""
    try:
        engine: Any = importlib.import_module("wholefamily._core")
    except ImportError as error:
        msg = (
            "the compiled part of wholefamily (wholefamily._core) cannot be loaded; "
            f"install the wheel, or build it with `maturin develop --release`: {error}"
        )
        raise InternalError(msg) from error
    if engine.debug_build():
        import warnings

        warnings.warn(
            "this wholefamily is a debug build and slow; build it with `maturin develop --release`",
            RuntimeWarning,
            stacklevel=4,
        )
    return engine


def _call(function: Callable[..., Result], *arguments: object) -> Result:
    """Call the engine; a panic, which is no `Exception`, becomes an `InternalError`."""
    try:
        return function(*arguments)
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        msg = f"the engine stopped on a fault of its own; please report it: {error}"
        raise InternalError(msg) from error


def _json(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        msg = f"{text[error.start]!a} is half of a character (a surrogate), not text"
        raise SpecError(msg) from error
    return text


# ── Data in ───────────────────────────────────────────────────────────────────────────


def as_arrow(data: object) -> ArrowTable:
    """Make a table of any accepted kind readable by the engine, copying nothing needlessly."""
    if isinstance(data, str | os.PathLike):
        return _of_known_types(read_file(Path(data)))
    if is_from("pandas", "DataFrame", data):
        return _from_pandas(data)
    if is_from("polars", "LazyFrame", data):
        return _of_known_types(cast("pl.LazyFrame", data).collect(engine="streaming"))
    if is_from("polars", "DataFrame", data):
        return _of_known_types(cast("pl.DataFrame", data))
    if not isinstance(data, ArrowStream | ArrowArray):
        raise TypeError_(_not_a_table(data))
    if _is_one_column(data):
        msg = (
            f"a {kind_of(data)} is one column, not a table; "
            "put it in one, for example polars.DataFrame({'outcome': column})"
        )
        raise TypeError_(msg)
    if isinstance(data, ArrowStream) and _reads_once(data):
        return ReadOnce(data)
    return data


def as_polars(data: object) -> pl.DataFrame:
    """Make a polars frame of a table of any accepted kind."""
    import polars as pl

    table = as_arrow(data)
    return table if isinstance(table, pl.DataFrame) else pl.DataFrame(table)


def table_metadata(table: ArrowTable) -> dict[str, str]:
    """Read an Arrow table's schema metadata; the engine's own tables need no pyarrow for it."""
    own: Any = getattr(table, "metadata", None)
    if callable(own):
        return cast("dict[str, str]", own())
    schema: Any = getattr(table, "schema", None)
    if not hasattr(schema, "metadata"):
        schema = pyarrow("the metadata of a foreign table").table(table).schema
    pairs = cast("dict[bytes, bytes]", schema.metadata or {})
    return {key.decode(): value.decode() for key, value in pairs.items()}


def pyarrow(purpose: str) -> Any:
    """Import pyarrow, or say what it is needed for."""
    try:
        return importlib.import_module("pyarrow")
    except ImportError as error:
        msg = f"{purpose} needs pyarrow: pip install pyarrow"
        raise ImportError(msg) from error


_READ: dict[int, weakref.ref[object]] = {}


class ReadOnce:
    """A stream that gives its rows once: a second reading is an error, not an empty table."""

    def __init__(self, stream: ArrowStream) -> None:
        self._stream = stream

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand the stream over, and remember that it is spent."""
        stream = self._stream
        seen = _READ.get(id(stream))
        if seen is not None and seen() is stream:
            msg = (
                f"this {kind_of(stream)} has been handed over already, and it gives its rows only once; "
                "read it into a table first (for example reader.read_all()) and pass that"
            )
            raise DataError(msg)
        _remember(stream)
        return stream.__arrow_c_stream__(requested_schema)


def _remember(stream: object) -> None:
    key = id(stream)

    def forget(_: object) -> None:
        _READ.pop(key, None)

    try:
        _READ[key] = weakref.ref(stream, forget)
    except (
        TypeError
    ):  # cannot be watched: such readers (arro3's) refuse a second reading themselves
        return


def _reads_once(data: object) -> bool:
    """Tell a reader, which can be stepped through, from a table."""
    return any(hasattr(data, step) for step in ("read_next_batch", "get_next", "__next__"))


def _is_one_column(data: object) -> bool:
    """Tell a Series or Array, with its one type, from a table; a struct column is a table."""
    if any(hasattr(data, name) for name in ("schema", "columns", "column_names")):
        return False
    kind: object = getattr(data, "dtype", None) or getattr(data, "type", None)
    return kind is not None and not str(kind).lower().startswith("struct")


def is_from(package: str, name: str, data: object) -> bool:
    """Recognise a class, or one derived from it, without importing its package."""
    return any(
        base.__name__ == name and base.__module__.split(".")[0] == package
        for base in type(data).__mro__
    )


def kind_of(data: object) -> str:
    kind = type(data)
    package = kind.__module__.split(".")[0].lstrip("_")
    return kind.__qualname__ if package == "builtins" else f"{package} {kind.__qualname__}"


def shown(value: object) -> str:
    """Show a value that cannot be used, as it would be written in a file as well as in Python."""
    if isinstance(value, bool):
        return str(value).lower()
    return repr(value.isoformat() if isinstance(value, dt.date) else value)


def unlike(one: pl.DataType, other: pl.DataType) -> tuple[str, str]:
    """Say what each of two columns of different types holds, so that the difference shows."""
    first, second = held(one), held(other)
    return (first, second) if first != second else (f"{first} ({one})", f"{second} ({other})")


def held(kind: pl.DataType) -> str:
    """Say in words what a column of a type of polars holds, as the engine does for those of Arrow."""
    import polars as pl

    if kind.is_integer():
        return "whole numbers"
    if kind.is_float():
        return "numbers with decimals"
    words = {
        pl.Boolean: "true and false",
        pl.String: "text",
        pl.Categorical: "text",
        pl.Enum: "text",
        pl.Date: "dates",
        pl.Datetime: "timestamps",
        pl.Time: "times of day",
        pl.Duration: "lengths of time",
        pl.Decimal: "decimal numbers",
        pl.Binary: "bytes",
        pl.List: "lists",
        pl.Array: "lists",
        pl.Struct: "several fields in one",
        pl.Null: "no value at all",
    }
    return words.get(kind.base_type(), "values of several types")


def _not_a_table(data: object) -> str:
    if isinstance(data, dict | list | tuple):
        return f"a {kind_of(data)} is not a table; wrap it in polars.DataFrame(…). Accepted: {ACCEPTED}"
    if kind_of(data) == "duckdb DuckDBPyConnection":
        return "a DuckDB connection is not a table; pass connection.sql('SELECT …') instead"
    return f"{kind_of(data)} is not a table. Accepted: {ACCEPTED}"


def _of_known_types(frame: pl.DataFrame) -> pl.DataFrame:
    """Give columns without any value a type: polars exports Null in a way that Arrow forbids.

    They become dates, for which null has a meaning: still open, did not happen. What polars cannot
    export at all is refused here: a zero byte in a name would end the process.
    """
    import polars as pl

    for name, kind in frame.schema.items():
        if any("\0" in each for each in (name, *_field_names(kind))):
            msg = f"column {name!r} has a zero byte in its name or a field's name; rename it"
            raise ColumnError(msg)
        if str(kind) in {"Int128", "UInt128"}:
            msg = f"column {name!r} holds {kind}, which Arrow lacks; cast it to Int64 or String"
            raise TypeError_(msg)

    def known(kind: pl.DataType) -> pl.DataType:
        if isinstance(kind, pl.List):
            return pl.List(known(cast("pl.DataType", kind.inner)))
        if isinstance(kind, pl.Struct):
            fields = kind.fields
            return pl.Struct({each.name: known(cast("pl.DataType", each.dtype)) for each in fields})
        return pl.Date() if kind == pl.Null else kind

    kinds = {name: known(kind) for name, kind in frame.schema.items()}
    unknown = {name: kind for name, kind in kinds.items() if kind != frame.schema[name]}
    return frame.cast({**unknown}) if unknown else frame


def _field_names(kind: pl.DataType) -> Iterator[str]:
    """Name the fields within a type, however deep."""
    inner: Any = getattr(kind, "inner", None)
    if inner is not None:
        yield from _field_names(inner)
    for field in cast("list[Any]", getattr(kind, "fields", None) or []):
        yield str(field.name)
        yield from _field_names(field.dtype)


def _from_pandas(data: object) -> ArrowTable:
    """Convert a pandas frame as pandas itself does, with errors that name the column."""
    if not hasattr(data, "__arrow_c_stream__"):
        version = importlib.import_module("pandas").__version__
        msg = (
            f"pandas {version} has no Arrow interface; upgrade to pandas 2.2 or later, "
            "or pass polars.from_pandas(frame)"
        )
        raise TypeError_(msg)
    names: list[object] = list(cast("Any", data).columns)
    _check_names(names)
    if importlib.util.find_spec("pyarrow") is None:
        msg = "a pandas DataFrame needs pyarrow to be read: pip install pyarrow"
        raise TypeError_(msg)
    arrow = pyarrow("a pandas DataFrame")
    try:
        return cast("ArrowStream", arrow.Table.from_pandas(data))
    except arrow.ArrowException as error:
        cause = "; ".join(str(part) for part in error.args)
        msg = f"the pandas DataFrame holds a column that is not of one type: {cause}"
        raise DataError(msg) from error


def _check_names(names: list[object]) -> None:
    for position, name in enumerate(names):
        if not isinstance(name, str):
            msg = (
                f"pandas column {position} is named {name!r} ({kind_of(name)}); expected a string: "
                "frame.columns = frame.columns.map(str), or join the levels of a MultiIndex"
            )
            raise ColumnError(msg)
    twice = sorted({str(name) for name in names if names.count(name) > 1})
    if twice:
        msg = f"the pandas DataFrame has more than one column named {', '.join(map(repr, twice))}"
        raise ColumnError(msg)
