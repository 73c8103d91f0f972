"""Tables from files: Parquet, CSV and Arrow, with errors that name the file and the line."""

from __future__ import annotations

import csv
import difflib
from typing import TYPE_CHECKING

from .errors import ColumnError, DataError, SpecError

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

_SAVE_AS = (
    "; save it as UTF-8, or read it with its own encoding and pass the frame, "
    "for example polars.read_csv(path, encoding='windows-1252')"
)


def read_file(path: Path) -> pl.DataFrame:
    """Read a table from a file; the ending of its name says what it is."""
    readers = {
        ".parquet": _read_parquet,
        ".csv": _read_csv,
        ".arrow": _read_ipc,
        ".feather": _read_ipc,
        ".ipc": _read_ipc,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        ending = f"ends in {path.suffix!r}" if path.suffix else "has no ending"
        msg = f"file '{path}' {ending}; a table is read from {', '.join(readers)}"
        raise SpecError(msg)
    if not path.is_file():
        what = "is a directory" if path.is_dir() else "does not exist"
        msg = f"file '{path}' {what}{_nearby(path)}"
        raise DataError(msg)
    import polars as pl

    try:
        return reader(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        msg = f"file '{path}' cannot be read as {path.suffix.lower()}: {error}"
        raise DataError(msg) from error


def _nearby(path: Path) -> str:
    if not path.parent.is_dir():
        return f"; nor does its folder '{path.parent}'"
    names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    nearest = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean '{path.parent / nearest[0]}'?" if nearest else ""


def _read_parquet(path: Path) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(path)


def _read_ipc(path: Path) -> pl.DataFrame:
    import polars as pl

    with path.open("rb") as file:
        is_file = file.read(6) == b"ARROW1"
    return pl.read_ipc(path) if is_file else pl.read_ipc_stream(path)


def _read_csv(path: Path) -> pl.DataFrame:
    """Read a whole CSV before deciding on types.

    Dates become dates. Codes written with a leading zero (007) stay text. A column without
    any value has no type, so that it can stand for open ends or for dates not yet known.
    """
    import polars as pl

    _check_header(path)
    try:
        frame = pl.read_csv(path, try_parse_dates=True, infer_schema_length=None)
    except pl.exceptions.NoDataError as error:
        msg = f"file '{path}' is empty; expected a line of column names"
        raise DataError(msg) from error
    except pl.exceptions.ComputeError:
        _check_utf8(path)
        raise
    return frame.with_columns(*_codes(path, frame), *_blanks(frame))


def _codes(path: Path, frame: pl.DataFrame) -> list[pl.Series]:
    """Read again, as text, the columns of numbers in which a number starts with a needless zero."""
    import polars as pl

    numbers = [name for name, kind in frame.schema.items() if kind.is_numeric()]
    if not numbers:
        return []
    text = pl.read_csv(path, columns=numbers, infer_schema=False)
    return [column for column in text if column.str.contains(r"^\s*[-+]?0[0-9]").any()]


def _blanks(frame: pl.DataFrame) -> list[pl.Series]:
    import polars as pl

    return [
        column.cast(pl.Null)
        for column in frame
        if len(column) and column.null_count() == len(column)
    ]


def _check_header(path: Path) -> None:
    """Refuse a header that polars would patch: bytes that are no text, names that stand twice."""
    with path.open("rb") as file:
        header = file.readline()
    try:
        valid = "\0" not in header.decode()
    except UnicodeDecodeError:
        valid = False
    if not valid:
        _check_utf8(path)
        msg = f"file '{path}' is not UTF-8 text: its first line holds zero bytes{_SAVE_AS}"
        raise DataError(msg)
    names = next(csv.reader([header.decode("utf-8-sig")]), [])
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        msg = f"file '{path}' has more than one column named {', '.join(map(repr, twice))}; rename"
        raise ColumnError(msg)


def _check_utf8(path: Path) -> None:
    """Find the first line that is not UTF-8; called only once something has gone wrong."""
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode()
            except UnicodeDecodeError as error:  # noqa: PERF203  (the file is bad: no hurry)
                msg = (
                    f"file '{path}' is not UTF-8: line {number} holds byte "
                    f"0x{line[error.start]:02x} at position {error.start + 1}{_SAVE_AS}"
                )
                raise DataError(msg) from error
