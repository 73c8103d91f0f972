"""Which bytes were read, and what table do they hold?

A CSV is read as text, whole: what a value means is said in the evaluation file, never guessed.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
from typing import TYPE_CHECKING

import polars as pl

from wholefamily.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 1 << 20
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
FORMATS = (".csv", ".parquet", ".arrow")


def read_file(path: Path) -> pl.DataFrame:
    """Read a table from a .csv, .parquet or .arrow file.

    Raises
    ------
    DataError
        The file does not hold a table; the message names the file, and the line of a CSV.
    """
    try:
        if path.suffix.lower() == ".csv":
            _check_header(path)
            return _csv(path)
        if path.suffix.lower() == ".parquet":
            return pl.read_parquet(path)
        return _arrow(path)
    except (pl.exceptions.PolarsError, csv.Error, OSError) as error:
        told = str(error).partition("\n")[0]
        raise DataError(f"{path}: cannot be read: {told}") from None


def fingerprint(path: Path, *, utf8: bool = False) -> tuple[str, int]:
    """Hash a file, and find the first byte that is not UTF-8 when asked.

    Parameters
    ----------
    path
        The file.
    utf8
        Also check that every byte is UTF-8 text.

    Returns
    -------
    tuple
        SHA-256 in hex, and the size in bytes.

    Raises
    ------
    DataError
        The file cannot be read, or holds bytes that are not UTF-8; the message names the line.
    """
    digest, size, line = hashlib.sha256(), 0, 1
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                size += len(chunk)
                if utf8:
                    try:
                        decoder.decode(chunk)
                    except UnicodeDecodeError as error:
                        raise _not_utf8(path, error, line) from None
                    line += chunk.count(b"\n")
        if utf8:
            try:
                decoder.decode(b"", final=True)
            except UnicodeDecodeError as error:
                raise _not_utf8(path, error, line) from None
    except FileNotFoundError:
        raise DataError(
            f"{path}: no such file; a path is relative to the evaluation file"
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from None
    return digest.hexdigest(), size


def _not_utf8(path: Path, error: UnicodeDecodeError, line: int) -> DataError:
    line += error.object.count(b"\n", 0, error.start)
    return DataError(
        f"{path}: line {line}: byte 0x{error.object[error.start]:02X} is not UTF-8 text; "
        "save the file as UTF-8 (in Excel: 'CSV UTF-8')"
    )


def _check_header(path: Path) -> None:
    """Read the names in the first line of a CSV and refuse what cannot name columns."""
    with path.open("rb") as file:
        start = file.read(CHUNK)
    if b"\r" in start and b"\n" not in start:
        raise DataError(
            f"{path}: lines end in a carriage return alone; save the file with the line ends of "
            "Windows or Unix (in Excel: 'CSV UTF-8')"
        )
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if not header:
        raise DataError(f"{path}: empty: expected a first line with the names of the columns")
    for mark, called in SEPARATORS.items():
        if len(header) == 1 and mark in header[0]:
            raise DataError(
                f"{path}: line 1: the values seem to be separated by {called}; "
                "save the file with commas between them"
            )
    for position, name in enumerate(header, start=1):
        if not name.strip():
            raise DataError(f"{path}: line 1: column {position} has no name")
        if header.count(name) > 1:
            raise DataError(f"{path}: line 1: two columns are called '{name}'")


def _csv(path: Path) -> pl.DataFrame:
    """Read a CSV as text, whole: what a value means is said in the evaluation file, never guessed."""
    frame = pl.read_csv(path, infer_schema=False, encoding="utf8")
    if frame.height and frame.width > 1 and frame.to_series(frame.width - 1).null_count():
        _refuse_short_rows(path, frame.width)
    return frame.with_columns(pl.all().replace("", None))


def _refuse_short_rows(path: Path, width: int) -> None:
    """Raise when a row has too few fields: polars would fill it with nulls in silence."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            if row and len(row) < width:
                raise DataError(
                    f"{path}: line {reader.line_num}: {len(row)} values where the header has {width}"
                )


def _arrow(path: Path) -> pl.DataFrame:
    with path.open("rb") as file:
        stream = file.read(6) != b"ARROW1"
    return pl.read_ipc_stream(path) if stream else pl.read_ipc(path)
