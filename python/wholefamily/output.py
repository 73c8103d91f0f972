"""How do the results reach the disk whole or not at all, and safe to open in a spreadsheet?

CSV cells of text that a spreadsheet would run as a formula (they begin with = + - @, also in full width, or with a tab or a line end)
get an apostrophe in front, which a spreadsheet shows as plain text. Numbers are never touched. The Parquet files
hold the text as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from wholefamily.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PROVENANCE = "provenance.json"
MADE_BY = "wholefamily evaluate"
_FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"
_FORMULA = rf"^[{re.escape(_FORMULA_STARTS)}]"


def csv_bytes(frame: pl.DataFrame) -> bytes:
    """Write a table as UTF-8 CSV that no spreadsheet runs.

    Parameters
    ----------
    frame
        Any table without nested columns. Nulls become empty cells.

    Returns
    -------
    bytes
        With a header line; every text cell that looks like a formula starts with an apostrophe.
    """
    texts = [
        name for name, kind in frame.schema.items() if kind in (pl.String, pl.Categorical, pl.Enum)
    ]
    guarded = [
        pl.when(text.str.contains(_FORMULA))
        .then(pl.concat_str(pl.lit("'"), text))
        .otherwise(text)
        .alias(name)
        for name in texts
        for text in [pl.col(name).cast(pl.String)]
    ]
    safe = frame.with_columns(guarded)
    safe.columns = [
        f"'{name}" if name.startswith(tuple(_FORMULA_STARTS)) else name for name in safe.columns
    ]
    return safe.write_csv().encode()


def json_bytes(value: Any) -> bytes:  # noqa: ANN401 - anything that JSON holds
    """Write JSON for people: indented, in UTF-8, with a last newline."""
    return (json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def write_directory(out: Path, files: Mapping[str, bytes], about: Mapping[str, Any]) -> None:
    """Write files into a directory that appears complete or not at all.

    Parameters
    ----------
    out
        The directory. It may be absent, empty, or hold only what an earlier call wrote.
    files
        Content by path within the directory.
    about
        What `provenance.json` says beside the list of files.

    Raises
    ------
    SpecError
        The directory holds anything else, or cannot be written. It is then left as it was.
    """
    out = Path(os.path.realpath(out))
    check_ours(out)
    listed = {
        name: {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in sorted(files.items())
    }
    provenance = json_bytes({"made_by": MADE_BY, **about, "files": listed})
    with _said(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".partial", dir=out.parent))
    try:
        with _said(out):
            partial.chmod(0o777 & ~_umask())
            for name, content in {**files, PROVENANCE: provenance}.items():
                _write(partial / name, content)
            for folder in {partial / Path(name).parent for name in files} | {partial}:
                _sync(folder)
            check_ours(out)
            _replace(out, partial)
            _sync(out.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def check_ours(out: Path) -> None:
    """Refuse a directory that holds anything that an earlier run did not write there."""
    with _said(out):
        if out.is_symlink():
            raise SpecError(f"{out}: is a link to nothing; name another directory with --out")
        if not out.exists():
            return
        if not out.is_dir():
            raise SpecError(f"{out}: is a file; name a directory with --out")
        found = {
            path.relative_to(out).as_posix()
            for path in out.rglob("*")
            if path.is_symlink() or not path.is_dir()
        }
        if not found and not any(out.iterdir()):
            return
    try:
        provenance = json.loads((out / PROVENANCE).read_bytes())
        ours = {*provenance["files"], PROVENANCE} if provenance["made_by"] == MADE_BY else set()
    except (OSError, ValueError, KeyError, TypeError):
        ours = set()
    if not ours:
        raise SpecError(
            f"{out}: holds files, and none of them says that an evaluation made it; "
            "nothing was written. Name an empty or new directory with --out"
        )
    strange = sorted(found - ours)
    if strange:
        raise SpecError(
            f"{out}: holds '{strange[0]}', which an evaluation did not write; nothing was written. "
            "Move it away, or name another directory with --out"
        )


def _replace(out: Path, partial: Path) -> None:
    """Put the new directory in the place of the old one; on failure the old one stands again."""
    if not out.exists():
        partial.rename(out)
        return
    old = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".old", dir=out.parent))
    try:
        out.rename(old / out.name)
        try:
            partial.rename(out)
        except BaseException:
            (old / out.name).rename(out)
            raise
    finally:
        if out.exists():
            shutil.rmtree(old, ignore_errors=True)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Make a directory's entries durable, where the system knows how."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


@contextmanager
def _said(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise SpecError(f"{out}: cannot be written: {error.strerror or error}") from None
