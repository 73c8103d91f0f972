"""What does an evaluation file ask for, and is every word of it known?

The file is TOML. Each part is checked into a struct that cannot be wrong, one part at a time, so that a message
can name the file, the table, the key and the nearest key that exists.
"""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import re
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from wholefamily import measures as measure_classes
from wholefamily._measure import tag
from wholefamily.errors import SpecError

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - Python 3.10 only
    import tomli as tomllib

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
MAX_NAME = 80
EVERY = ("day", "week", "month", "quarter", "year", "financial_year", "school_year")
PARTS = ("evaluation", "tables", "measures")

Struct = TypeVar("Struct", bound=msgspec.Struct)


class Heading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[evaluation]` table: what the page says first."""

    title: str
    description: str = ""
    level: float = 0.95
    notice: str = ""


class Dates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of text that hold dates, and the one format that they are written in."""

    columns: list[str]
    format: str = "%Y-%m-%d"


class Booleans(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of text that hold yes or no, and the words for each."""

    columns: list[str]
    true: tuple[str, ...] = ("true",)
    false: tuple[str, ...] = ("false",)


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns taken from another table, at most one row of it for each row here."""

    table: str
    on: str
    columns: list[str]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[tables.NAME]`: where the rows come from and how they become ours."""

    path: str | None = None
    dataset: str | None = None
    table: str | None = None
    text: str = ""
    columns: dict[str, str] = {}
    dates: Dates | list[Dates] = []
    numbers: list[str] = []
    booleans: Booleans | list[Booleans] = []
    codes: dict[str, dict[str, str]] = {}
    unmapped: Literal["keep", "error"] = "keep"
    join: Join | None = None
    where: str | None = None


class Compare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[measures.compare]]`: a group against a reference."""

    column: str
    group: Any
    reference: Any
    within: str | None = None
    method: str | None = None

    def sentence(self) -> str:
        """Say the comparison in words."""
        words = f"{self.group} compared with {self.reference}"
        words = f"{words}, within {self.within}" if self.within else words
        return words.replace("_", " ")


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[measures]]`, without the fields that belong to the measure itself."""

    name: str
    table: str
    measure: str
    title: str = ""
    text: str = ""
    by: str | list[str] = []
    every: str | None = None
    where: str | None = None
    level: float | None = None
    published: str | None = None
    plot: bool | None = None
    compare: list[Compare] = []
    fields: dict[str, Any] = {}

    @property
    def keys(self) -> list[str]:
        """The columns to group by."""
        return [self.by] if isinstance(self.by, str) else list(self.by)


class Specification(msgspec.Struct, frozen=True):
    """A whole evaluation file, checked."""

    path: Path
    text: str
    sha256: str
    heading: Heading
    tables: dict[str, Table]
    questions: list[Question]
    as_read: dict[str, Any]


def nearest(word: str, words: list[str]) -> str:
    """Give the end of a message: the nearest known word, and all of them."""
    listed = ", ".join(words) if words else "nothing"
    spelt = {known.lower(): known for known in words}
    close = difflib.get_close_matches(word.lower(), list(spelt), n=1, cutoff=0.6)
    if close:
        return f"did you mean '{spelt[close[0]]}'? Known here: {listed}"
    return f"known here: {listed}"


def read(path: str | Path) -> Specification:
    """Read an evaluation file and check every word of it.

    Parameters
    ----------
    path
        The TOML file.

    Returns
    -------
    Specification
        With dates as `datetime.date`, and paths still as written (relative to the file).

    Raises
    ------
    SpecError
        The file cannot be read, is not TOML, or holds an unknown or missing key; the message says where.
    """
    path = Path(path)
    text, sha256 = _text(path)
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path}: not valid TOML: {error}") from None
    for key in whole:
        if key not in PARTS:
            raise SpecError(f"{path}: unknown table [{key}]; {nearest(key, list(PARTS))}")
    if "evaluation" not in whole:
        raise SpecError(f'{path}: the table [evaluation] is missing; it holds at least title = "…"')
    heading = _convert(path, "[evaluation]", whole["evaluation"], Heading)
    _check_level(path, "[evaluation]", heading.level)

    written = whole.get("tables", {})
    if not isinstance(written, dict) or not written:
        raise SpecError(
            f"{path}: no [tables.NAME]; name at least one table with a path or a dataset"
        )
    tables = {name: _table(path, name, block) for name, block in written.items()}
    for name, table in tables.items():
        if table.join and table.join.table not in tables:
            raise SpecError(
                f"{path}: [tables.{name}.join]: no table '{table.join.table}'; {nearest(table.join.table, list(tables))}"
            )

    blocks = whole.get("measures", [])
    if not isinstance(blocks, list) or not blocks:
        raise SpecError(f"{path}: no [[measures]]; list at least one")
    questions: list[Question] = []
    for position, block in enumerate(blocks, start=1):
        question = _question(path, position, block, tables)
        if any(question.name.lower() == other.name.lower() for other in questions):
            raise SpecError(
                f"{path}: two [[measures]] have the name '{question.name}'; results are filed by name"
            )
        questions.append(question)
    return Specification(path, text, sha256, heading, tables, questions, _plain(whole))


def classes() -> dict[str, type]:
    """Give every measure class by its name."""
    found = {}
    for name in dir(measure_classes):
        value = getattr(measure_classes, name)
        ours = getattr(value, "__module__", None) == measure_classes.__name__
        if ours and isinstance(value, type) and dataclasses.is_dataclass(value) and name[0] != "_":
            found[name] = value
    return found


def measure_class(question: Question) -> type:
    """Find the class that a question names, by class name or by tag."""
    known = classes()
    return (
        known.get(question.measure)
        or {tag(found): found for found in known.values()}[question.measure]
    )


def _text(path: Path) -> tuple[str, str]:
    """Read the file as text, and hash its bytes."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise SpecError(
            f"{path}: is a directory; name the evaluation file in it, such as {path / 'evaluation.toml'}"
        ) from None
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SpecError(f"{path}: line {line}: not UTF-8 text; save the file as UTF-8") from None
    return text, hashlib.sha256(content).hexdigest()


def _convert(path: Path, where: str, block: object, struct: type[Struct]) -> Struct:
    """Check one block into its struct, key by key, so that the message can name the key."""
    if not isinstance(block, dict):
        raise SpecError(f"{path}: {where} should be a table")
    known = [field.name for field in msgspec.structs.fields(struct)]
    for key in block:
        if key not in known:
            raise SpecError(f"{path}: {where}: unknown key '{key}'; {nearest(key, known)}")
    for field in msgspec.structs.fields(struct):
        if field.required and field.name not in block:
            raise SpecError(f"{path}: {where}: the key '{field.name}' is missing")
    try:
        return msgspec.convert(block, struct)
    except msgspec.ValidationError as error:
        told, _, place = str(error).partition(" - at `$")
        key = place.rstrip("`").lstrip(".")
        inner = re.match(r"Object contains unknown field `(.+)`", told)
        if inner:
            told = f"unknown key '{inner[1]}'; {nearest(inner[1], _inner_keys(struct, key))}"
        raise SpecError(f"{path}: {where}{f': {key}' if key else ''}: {told}") from None


def _inner_keys(struct: type[msgspec.Struct], key: str) -> list[str]:
    """List the keys of the struct that a field such as `dates[0]` or `join` holds."""
    inner = {"dates": Dates, "booleans": Booleans, "join": Join, "compare": Compare}.get(
        key.split("[")[0], struct
    )
    return [field.name for field in msgspec.structs.fields(inner)]


def _check_level(path: Path, where: str, level: float) -> None:
    if not 0 < level < 1:
        hint = f"; for {level:g}% write {level / 100:g}" if 1 < level < 100 else ""
        raise SpecError(f"{path}: {where}: level = {level:g} should lie between 0 and 1{hint}")


def _check_name(path: Path, where: str, name: str) -> None:
    if not NAME.fullmatch(name) or len(name) > MAX_NAME or "--" in name:
        raise SpecError(
            f"{path}: {where}: the name '{name}' cannot be a file name everywhere; "
            f"use up to {MAX_NAME} letters, digits, _ and single -"
        )


def _table(path: Path, name: str, block: object) -> Table:
    where = f"[tables.{name}]"
    table = _convert(path, where, block, Table)
    if (table.path is None) == (table.dataset is None):
        raise SpecError(f"{path}: {where}: give either path or dataset, one of the two")
    if table.table is not None and table.dataset is None:
        raise SpecError(f"{path}: {where}: table = '{table.table}' only goes with a dataset")
    return table


def _question(path: Path, position: int, block: object, tables: dict[str, Table]) -> Question:
    where = f"[[measures]] number {position}"
    if not isinstance(block, dict):
        raise SpecError(f"{path}: {where} should be a table")
    if isinstance(block.get("name"), str):
        where = f"[[measures]] '{block['name']}'"
    ours = {field.name for field in msgspec.structs.fields(Question)} - {"fields"}
    own = {key: value for key, value in block.items() if key not in ours}
    known = classes()
    by_tag = {tag(found): name for name, found in known.items()}
    named = block.get("measure")
    if isinstance(named, str) and named not in known and named not in by_tag:
        close = difflib.get_close_matches(named.lower(), list(by_tag), n=1, cutoff=0.5)
        hint = f"did you mean '{by_tag[close[0]]}'? " if close else ""
        raise SpecError(
            f"{path}: {where}: no measure '{named}'; {hint}Known here: {', '.join(sorted(known))}"
        )
    if isinstance(named, str):
        found = known.get(named) or known[by_tag[named]]
        allowed = [field.name for field in dataclasses.fields(found)]
        for key in own:
            if key not in allowed:
                raise SpecError(
                    f"{path}: {where}: unknown key '{key}'; {nearest(key, allowed + sorted(ours))}"
                )
    elif own:
        key = next(iter(own))
        raise SpecError(f"{path}: {where}: unknown key '{key}'; {nearest(key, sorted(ours))}")
    question = _convert(
        path, where, {key: value for key, value in block.items() if key in ours}, Question
    )
    _check_name(path, where, question.name)
    if question.table not in tables:
        raise SpecError(
            f"{path}: {where}: no table '{question.table}'; {nearest(question.table, list(tables))}"
        )
    if question.every is not None and question.every not in EVERY:
        raise SpecError(
            f"{path}: {where}: every = '{question.every}'; {nearest(question.every, list(EVERY))}"
        )
    if question.level is not None:
        _check_level(path, where, question.level)
    for number, compare in enumerate(question.compare, start=1):
        for side, value in (("group", compare.group), ("reference", compare.reference)):
            if not isinstance(value, str | int | float | date) or isinstance(value, datetime):
                raise SpecError(
                    f"{path}: {where}: compare number {number}: {side} should be one value, such as 'hub'"
                )
        if compare.column not in question.keys:
            raise SpecError(
                f"{path}: {where}: compare number {number}: column '{compare.column}' is not in by; "
                f"{nearest(compare.column, question.keys)}"
            )
        if compare.within is not None and compare.within not in question.keys:
            raise SpecError(
                f"{path}: {where}: compare number {number}: within = '{compare.within}' is not in by; "
                f"{nearest(compare.within, question.keys)}"
            )
    return msgspec.structs.replace(question, fields=own)


def _plain(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """Turn TOML values into what JSON can hold."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value
