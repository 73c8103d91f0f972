"""Which bytes were read, and is a CSV text that a table can be made of?"""

from __future__ import annotations

import codecs
import csv
import hashlib
from typing import TYPE_CHECKING

from wholefamily.errors import DataError

if TYPE_CHECKING:
    from pathlib import Path

CHUNK = 1 << 20


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


def checked_csv_header(path: Path) -> list[str]:
    """Read the names in the first line of a CSV and refuse what cannot name columns.

    Raises
    ------
    DataError
        No header, or a name that is empty or appears twice.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
    if not header:
        raise DataError(f"{path}: empty: expected a first line with the names of the columns")
    for position, name in enumerate(header, start=1):
        if not name.strip():
            raise DataError(f"{path}: line 1: column {position} has no name")
        if header.count(name) > 1:
            raise DataError(f"{path}: line 1: two columns are called '{name}'")
    return header
