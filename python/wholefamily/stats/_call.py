"""From arguments to the engine and back: plain numbers give a tuple, sequences a DataFrame."""

from __future__ import annotations

import math
import numbers
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar, cast

from wholefamily import _bridge
from wholefamily.errors import DataError, TypeError_

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from wholefamily._bridge import ArrowArray, ArrowStream

Scalar: TypeAlias = "int | float | None"
"""A number, or None for one that is not known."""


class Arrayed(Protocol):
    """What numpy can read, numpy's own arrays among it."""

    def __array__(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """Give a numpy array."""
        ...


Column: TypeAlias = "Sequence[Scalar] | Arrayed | ArrowStream | ArrowArray"
"""Numbers in a list, a tuple, a numpy array, or a column of polars, pandas, pyarrow, DuckDB …"""

Numbers: TypeAlias = "Scalar | Column"
"""One number, the same in every row, or a column of them."""

Names: TypeAlias = "Column | Sequence[str]"
"""What tells rows apart: names, numbers or flags."""

Answer = TypeVar("Answer", bound="tuple[Any, ...]")


def by_row(
    function: str,
    answer: type[Answer],
    columns: Mapping[str, object],
    *,
    reasons: bool = False,
    **options: object,
) -> Answer | pl.DataFrame:
    """Work row by row: a tuple for plain numbers, a DataFrame as soon as one is a sequence."""
    table, plain = _arguments(function, columns)
    if table is None:
        return _tuple(function, answer, None, plain, options)
    return _frame(function, table, {**plain, **_options(function, options)}, reasons=reasons)


def whole(
    function: str, answer: type[Answer], columns: Mapping[str, object], **options: object
) -> Answer:
    """Answer once for all rows together."""
    table, plain = _arguments(function, columns)
    return _tuple(function, answer, table, plain, options)


def each(
    function: str, columns: Mapping[str, object], *, reasons: bool = False, **options: object
) -> pl.DataFrame:
    """Answer for each row, having seen them all."""
    table, plain = _arguments(function, columns)
    return _frame(function, table, {**plain, **_options(function, options)}, reasons=reasons)


def sequence(function: str, name: str, column: object) -> pl.Series:
    """Read an argument that has to be a sequence of numbers."""
    if _is_one(column):
        msg = f"{function}: {name} is one number; expected a sequence with one for each area"
        raise TypeError_(msg)
    return _series(function, name, column)


def values(column: object) -> list[object]:
    """List the numbers of an argument, of which the engine has made sure."""
    return [column] if _is_one(column) else _series("", "", column).to_list()


def _tuple(
    function: str,
    answer: type[Answer],
    table: pl.DataFrame | None,
    plain: Mapping[str, object],
    options: Mapping[str, object],
) -> Answer:
    written = {**plain, **_options(function, options), "reasons": True}
    *fields, reason = _bridge.statistic(function, table, written).row(0)
    made = cast("Any", answer)(*fields)
    made.reason = reason
    return cast("Answer", made)


def _frame(
    function: str, table: pl.DataFrame | None, written: Mapping[str, object], *, reasons: bool
) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(_bridge.statistic(function, table, {**written, "reasons": reasons}))


# ── Arguments ─────────────────────────────────────────────────────────────────────────


def _arguments(
    function: str, columns: Mapping[str, object]
) -> tuple[pl.DataFrame | None, dict[str, object]]:
    """Part the sequences, as a table, from the plain numbers."""
    plain: dict[str, object] = {}
    sequences: dict[str, pl.Series] = {}
    for name, value in columns.items():
        if _is_one(value):
            plain[name] = _number(function, name, value)
        else:
            sequences[name] = _series(function, name, value)
    if not sequences:
        return None, plain
    first, *others = sequences
    for name in others:
        if len(sequences[name]) != len(sequences[first]):
            msg = (
                f"{function}: {first} has {len(sequences[first])} values and {name} has "
                f"{len(sequences[name])}; sequences must be of one length, row for row "
                "(a single number goes with every row)"
            )
            raise DataError(msg)
    import polars as pl

    return pl.DataFrame(list(sequences.values())).rechunk(), plain


def _options(function: str, options: Mapping[str, object]) -> dict[str, object]:
    """Make numbers of all kinds plain ones; words and flags stay what they are."""
    return {name: _option(function, name, value) for name, value in options.items()}


def _option(function: str, name: str, value: object) -> object:
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, list | tuple):
        return [_number(function, name, each) for each in cast("Sequence[object]", value)]
    return _number(function, name, value)


def _is_one(value: object) -> bool:
    if value is None or isinstance(value, numbers.Number | str | bytes | Decimal):
        return True
    return getattr(value, "shape", None) == ()  # numpy's array of no dimension


def _number(function: str, name: str, value: object) -> object:
    """Write a number so that JSON has it, the ones that are not finite as words."""
    if value is None:
        return None
    if getattr(value, "shape", None) == ():
        value = cast("Any", value).item()
    if isinstance(value, bool):
        pass  # a kind of whole number to Python, but not to those who count
    elif isinstance(value, numbers.Integral):
        return int(value)
    elif isinstance(value, numbers.Real | Decimal):
        number = float(value)
        return number if math.isfinite(number) else str(number)
    msg = f"{function}: {name} is {value!r}; expected a number, or a sequence of numbers"
    raise TypeError_(msg)


def _series(function: str, name: str, value: object) -> pl.Series:
    """Make a polars Series of any sequence of numbers, without a copy where one can be spared."""
    import polars as pl

    if isinstance(value, pl.Series):
        series = value.alias(name)
    elif _bridge.is_from("pandas", "Series", value):
        series = _of_pandas(name, value)
    elif isinstance(value, list | tuple | range):
        series = _of_items(function, name, cast("Sequence[object]", value))
    elif _is_table(value):
        msg = f"{function}: {name} is a table ({_bridge.kind_of(value)}); pass one column of it"
        raise TypeError_(msg)
    elif hasattr(value, "__arrow_c_stream__") or hasattr(value, "__arrow_c_array__"):
        series = pl.Series(name, cast("Any", value))
    elif hasattr(value, "__array__"):
        series = _of_numpy(function, name, value)
    else:
        msg = (
            f"{function}: {name} is a {_bridge.kind_of(value)}; expected a number, or a sequence of "
            "numbers: a list, a numpy array, a column of polars, pandas or pyarrow"
        )
        raise TypeError_(msg)
    if isinstance(series.dtype, pl.Decimal):
        return series.cast(pl.Float64)
    if series.dtype == pl.Null:
        return series.cast(pl.Int64)
    if not series.dtype.is_numeric() or str(series.dtype) in {"Int128", "UInt128"}:
        msg = f"{function}: {name} holds {series.dtype}; expected numbers: cast the column first"
        raise TypeError_(msg)
    return series


def _of_pandas(name: str, value: Any) -> pl.Series:  # noqa: ANN401
    """Read a pandas Series, whose NaN means that nothing is known."""
    import polars as pl

    if type(value.dtype).__module__.split(".")[0] == "numpy":
        return pl.Series(name, value.to_numpy(), nan_to_null=True)
    return pl.Series(name, value)


def _of_numpy(function: str, name: str, value: Any) -> pl.Series:  # noqa: ANN401
    import polars as pl

    array = value if hasattr(value, "ndim") else value.__array__()
    if array.ndim != 1:
        msg = f"{function}: {name} has {array.ndim} dimensions; expected a sequence of numbers"
        raise TypeError_(msg)
    if array.dtype == object:
        return _of_items(function, name, array.tolist())
    return pl.Series(name, array)


def _of_items(function: str, name: str, items: Sequence[object]) -> pl.Series:
    """Read a list, whose items may be of several kinds."""
    import polars as pl

    try:
        series = pl.Series(name, items)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        series = None
    if series is not None and (series.dtype.is_numeric() or series.dtype == pl.Null):
        return series
    made: list[int | float | None] = []
    for row, item in enumerate(items):
        if not _is_one(item) or isinstance(item, str | bytes | bool):
            msg = f"{function}: {name} is {item!r} at row {row}; expected a number"
            raise TypeError_(msg)
        number = _number(function, f"{name} at row {row}", item)
        made.append(
            float(number) if isinstance(number, str) else cast("int | float | None", number)
        )
    fractions = any(isinstance(number, float) for number in made)
    return pl.Series(name, made, dtype=pl.Float64 if fractions else None, strict=False)


def _is_table(value: object) -> bool:
    """Tell a table from a column: it has columns with names."""
    return any(hasattr(value, name) for name in ("columns", "column_names", "schema"))


def flattened(function: str, name: str, table: object) -> tuple[list[object], int]:
    """Lay a table of rows out in one list, row after row, and say how long a row is."""
    rows: Any = cast("Any", table).tolist() if hasattr(table, "tolist") else table
    if not isinstance(rows, list | tuple) or not all(
        isinstance(row, list | tuple) for row in cast("Sequence[object]", rows)
    ):
        msg = f"{function}: {name} is no table; expected a list of rows, or an array of two dimensions"
        raise TypeError_(msg)
    lengths = [len(row) for row in cast("Sequence[Sequence[object]]", rows)]
    for place, length in enumerate(lengths):
        if length != lengths[0]:
            msg = (
                f"{function}: row {place} of {name} has {length} columns, and row 0 has {lengths[0]}; "
                "rows must be of one length: write 0 where nobody was counted"
            )
            raise DataError(msg)
    return [cell for row in rows for cell in row], (lengths or [0])[0]


def coded(function: str, name: str, value: object) -> object:
    """Turn what tells rows apart, such as names or flags, into whole numbers."""
    if value is None or _is_one(value):
        return value
    import polars as pl

    if isinstance(value, list | tuple):
        series = pl.Series(name, value)
    elif hasattr(value, "__arrow_c_stream__") or hasattr(value, "__array__"):
        series = pl.Series(name, cast("Any", value))
    else:
        return value
    if series.dtype == pl.Boolean:
        return series.cast(pl.Int64)
    if series.dtype.is_integer() or series.dtype == pl.Null:
        return series
    if series.dtype == pl.String or isinstance(series.dtype, pl.Categorical | pl.Enum):
        return series.cast(pl.String).rank("dense").cast(pl.Int64)
    msg = f"{function}: {name} holds {series.dtype}; expected names, whole numbers or flags"
    raise TypeError_(msg)
