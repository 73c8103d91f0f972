"""Is every word of an evaluation file known?

The file is TOML. Each part is checked into its struct, one part at a time, so that a message can name the file,
the table, the key and the nearest key that exists.
"""

from __future__ import annotations

import dataclasses
import hashlib
import re
import sys
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from wholefamily import measures as measure_classes
from wholefamily._measure import Measure, tag
from wholefamily.errors import SpecError

from .histories import TABLE, known_histories
from .specification import (
    Booleans,
    Compare,
    Dates,
    Heading,
    History,
    Join,
    Question,
    Specification,
    Table,
    nearest,
)

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - Python 3.10 only
    import tomli as tomllib

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]*[A-Za-z0-9])?")
MAX_NAME = 80
EVERY = ["day", "week", "month", "quarter", "year", "financial_year", "school_year"]
PARTS = ["evaluation", "tables", "histories", "measures"]
UNMAPPED = ["keep", "error"]
KINDS = {
    "str": 'text "…"',
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list […]",
    "object": "a table {…}",
    "date": "a date",
    "datetime": "a date with a time",
    "time": "a time of day",
}
INNER = {"dates": Dates, "booleans": Booleans, "join": Join, "compare": Compare}

Struct = TypeVar("Struct", bound=msgspec.Struct)


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
        The file cannot be read, is not TOML, or holds an unknown or missing key; the message
        says where.
    """
    path = Path(path)
    text, sha256 = _text(path)
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SpecError(f"{path}: not valid TOML: {error}") from None
    for key in whole:
        if key not in PARTS:
            raise SpecError(f"{path}: unknown table [{key}]; {nearest(key, PARTS)}")
    if "evaluation" not in whole:
        raise SpecError(f'{path}: [evaluation] is missing; it holds at least title = "…"')
    heading = _convert(f"{path}: [evaluation]", whole["evaluation"], Heading)
    _check_level(f"{path}: [evaluation]", heading.level)
    tables = _tables(path, whole.get("tables"))
    histories = _histories(path, whole.get("histories", {}), list(tables))
    _check_sources(path, tables, histories)
    questions = _questions(path, whole.get("measures"), [*tables, *histories])
    return Specification(path, text, sha256, heading, tables, questions, _plain(whole), histories)


def measure_class(name: str) -> type | None:
    """Find a measure class by its name or by its tag in snake case."""
    known = _classes()
    return known.get(name) or {tag(found): found for found in known.values()}.get(name)


def _classes() -> dict[str, Any]:
    """Give every measure class by its name."""
    return {
        name: value
        for name, value in sorted(vars(measure_classes).items())
        if isinstance(value, type) and issubclass(value, Measure) and value is not Measure
    }


def _text(path: Path) -> tuple[str, str]:
    """Read the file as text, and hash its bytes."""
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        raise SpecError(f"{path}: no such file") from None
    except IsADirectoryError:
        inside = path / "evaluation.toml"
        raise SpecError(f"{path}: is a directory; name the file in it, such as {inside}") from None
    except OSError as error:
        raise SpecError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SpecError(f"{path}: line {line}: not UTF-8 text; save the file as UTF-8") from None
    return text, hashlib.sha256(content).hexdigest()


def _convert(place: str, block: object, struct: type[Struct]) -> Struct:
    """Check one block into its struct, key by key, so that the message can name the key."""
    if not isinstance(block, dict):
        raise SpecError(f"{place} should be a table")
    known = _keys(struct)
    for key in block:
        if key not in known:
            raise SpecError(f"{place}: unknown key '{key}'; {nearest(key, known)}")
    for field in msgspec.structs.fields(struct):
        if field.required and field.name not in block:
            raise SpecError(f"{place}: the key '{field.name}' is missing")
    try:
        return msgspec.convert(block, struct)
    except msgspec.ValidationError as error:
        told, _, inside = str(error).partition(" - at `$")
        key = inside.rstrip("`").lstrip(".")
        inner = re.match(r"Object contains unknown field `(.+)`", told)
        if inner:
            within = INNER.get(key.partition("[")[0], struct)
            told = f"unknown key '{inner[1]}'; {nearest(inner[1], _keys(within))}"
        told = re.sub(r"^Object missing required field `(.+)`", r"the key '\1' is missing", told)
        raise SpecError(f"{place}{f': {key}' if key else ''}: {_in_words(told)}") from None


def _in_words(told: str) -> str:
    """Say which kind of value was expected in the words of a TOML file."""

    def words(found: re.Match[str]) -> str:
        return " or ".join(
            KINDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null"
        )

    told = re.sub(r"`([a-z |]+)`", words, told)
    return told[:1].lower() + told[1:]


def _keys(struct: type[msgspec.Struct]) -> list[str]:
    return [field.name for field in msgspec.structs.fields(struct)]


def _check_level(place: str, level: float) -> None:
    if not 0 < level < 1:
        hint = f"; for {level:g}% write {level / 100:g}" if level > 1 else ""
        raise SpecError(f"{place}: level = {level:g} should lie between 0 and 1{hint}")


def _check_word(place: str, key: str, word: str, known: list[str]) -> None:
    if word not in known:
        raise SpecError(f"{place}: {key} = '{word}' is not known; {nearest(word, known)}")


# ── Tables ────────────────────────────────────────────────────────────────────────────


def _tables(path: Path, written: object) -> dict[str, Table]:
    if not isinstance(written, dict) or not written:
        raise SpecError(f"{path}: no [tables.NAME]; name at least one, with a path or a dataset")
    return {name: _table(f"{path}: [tables.{name}]", block) for name, block in written.items()}


def _check_sources(path: Path, tables: dict[str, Table], histories: dict[str, History]) -> None:
    """Check that every table that another takes from is a table or a history of the file."""
    known = [*tables, *histories]
    for part, blocks in (("tables", tables), ("histories", histories)):
        for name, block in blocks.items():
            place = f"{path}: [{part}.{name}"
            if block.join:
                _check_word(f"{place}.join]", "table", block.join.table, known)
            if isinstance(block, Table) and block.of is not None:
                _check_word(f"{place}]", "of", block.of, known)


def _table(place: str, block: object) -> Table:
    if isinstance(block, dict):
        _check_codes(place, block.get("codes"))
        if isinstance(word := block.get("unmapped"), str):
            _check_word(place, "unmapped", word, UNMAPPED)
    table = _convert(place, block, Table)
    if [table.path, table.dataset, table.of].count(None) != 2:
        raise SpecError(f"{place}: give either path or dataset or of, one of the three")
    if table.table is not None and table.dataset is None:
        raise SpecError(f"{place}: table = '{table.table}' only goes with a dataset")
    return table


def _check_codes(place: str, codes: object) -> None:
    """Find the one code among many whose meaning is no text."""
    for column, meanings in codes.items() if isinstance(codes, dict) else ():
        for code, meaning in meanings.items() if isinstance(meanings, dict) else ():
            if not isinstance(meaning, str):
                raise SpecError(
                    f"{place}: codes.{column}: {code} = {_plain(meaning)} should be text in quotes"
                )


# ── Histories ─────────────────────────────────────────────────────────────────────────


def _histories(path: Path, written: object, tables: list[str]) -> dict[str, History]:
    if not isinstance(written, dict):
        raise SpecError(f"{path}: [histories] should hold tables, such as [histories.spells]")
    twice = next((name for name in written if name in tables), None)
    if twice is not None:
        raise SpecError(f"{path}: [histories.{twice}]: a table has this name; choose another")
    known = [*tables, *written]
    return {
        name: _history(f"{path}: [histories.{name}]", block, known)
        for name, block in written.items()
    }


def _history(place: str, block: object, tables: list[str]) -> History:
    """Part the keys of a `[histories.NAME]` into ours and those of the history that it names."""
    if not isinstance(block, dict):
        raise SpecError(f"{place} should be a table")
    words = known_histories()
    if "history" not in block:
        raise SpecError(f"{place}: the key 'history' is missing; {nearest('', list(words))}")
    ours = [key for key in _keys(History) if key not in ("tables", "arguments")]
    found = words.get(block["history"]) if isinstance(block["history"], str) else None
    if found is None and isinstance(block["history"], str):
        near = nearest(block["history"], list(words))
        raise SpecError(f"{place}: no history '{block['history']}'; {near}")
    keys = found.keys if found else []
    history = _convert(place, {key: block[key] for key in block if key in ours}, History)
    for key in block:
        if key not in ours and key not in keys:
            near = nearest(key, keys + ours)
            if found and found.reads(key):
                near = f'write {TABLE} = "…" for the table that it reads; {near}'
            raise SpecError(f"{place}: unknown key '{key}'; {near}")
    for key in found.required if found else []:
        if key not in block:
            raise SpecError(f"{place}: the key '{key}' is missing; {history.history} needs it")
    given = {
        key: _table_names(place, key, block[key], tables)
        for key in (found.tables if found else {})
        if key in block
    }
    arguments = {key: block[key] for key in block if key not in ours and key not in given}
    return msgspec.structs.replace(history, tables=given, arguments=arguments)


def _table_names(place: str, key: str, written: object, tables: list[str]) -> list[str]:
    """Read the name of a table, or the names of several that are put one under another."""
    names = [written] if isinstance(written, str) else written
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise SpecError(f'{place}: {key} should be the name of a table "…", or a list of them')
    for name in names:
        _check_word(place, key, name, tables)
    if len(set(names)) < len(names):
        raise SpecError(f"{place}: {key} names a table twice: {', '.join(names)}")
    return names


# ── Questions ─────────────────────────────────────────────────────────────────────────


def _questions(path: Path, blocks: object, tables: list[str]) -> list[Question]:
    if not isinstance(blocks, list) or not blocks:
        raise SpecError(f"{path}: no [[measures]]; list at least one")
    questions: dict[str, Question] = {}
    for position, block in enumerate(blocks, start=1):
        question = _question(path, position, block)
        place = f"{path}: [[measures]] '{question.name}'"
        if question.name.lower() in questions:
            raise SpecError(
                f"{path}: two [[measures]] have the name '{question.name}'; results are filed by name"
            )
        _check_question(place, question, tables)
        for number, compare in enumerate(question.compare, start=1):
            _check_compare(f"{place}: compare number {number}", compare, question.keys)
        questions[question.name.lower()] = question
    return list(questions.values())


def _question(path: Path, position: int, block: object) -> Question:
    """Part the keys of a `[[measures]]` into ours and those of the measure that it names."""
    place = f"{path}: [[measures]] number {position}"
    if not isinstance(block, dict):
        raise SpecError(f"{place} should be a table")
    if isinstance(block.get("name"), str):
        place = f"{path}: [[measures]] '{block['name']}'"
    ours = [key for key in _keys(Question) if key != "fields"]
    if "measure" not in block:
        raise SpecError(f"{place}: the key 'measure' is missing; {nearest('', list(_classes()))}")
    fields = _fields(place, block["measure"])
    for key in block:
        if key not in ours and key not in fields:
            raise SpecError(f"{place}: unknown key '{key}'; {nearest(key, fields + ours)}")
    question = _convert(place, {key: block[key] for key in block if key in ours}, Question)
    own = {key: block[key] for key in block if key not in ours}
    return msgspec.structs.replace(question, fields=own)


def _fields(place: str, name: object) -> list[str]:
    """List the fields of the measure that a block names, once it names one."""
    if not isinstance(name, str):
        return []
    found: Any = measure_class(name)
    if found is None:
        known = list(_classes())
        close = nearest(name.replace("_", ""), known)
        raise SpecError(f"{place}: no measure '{name}'; {close}")
    return [field.name for field in dataclasses.fields(found)]


def _check_question(place: str, question: Question, tables: list[str]) -> None:
    if not NAME.fullmatch(question.name) or len(question.name) > MAX_NAME or "--" in question.name:
        raise SpecError(
            f"{place}: this name cannot be a file name everywhere; "
            f"use up to {MAX_NAME} letters, digits, _ and single -"
        )
    _check_word(place, "table", question.table, tables)
    if question.every is not None:
        _check_word(place, "every", question.every, EVERY)
    if question.level is not None:
        _check_level(place, question.level)


def _check_compare(place: str, compare: Compare, keys: list[str]) -> None:
    for side, value in (("group", compare.group), ("reference", compare.reference)):
        if not isinstance(value, str | int | float | date) or isinstance(value, datetime):
            raise SpecError(f"{place}: {side} should be one value, such as 'hub'")
    for role, column in (("column", compare.column), ("within", compare.within)):
        if column is not None and column not in keys:
            raise SpecError(f"{place}: {role} = '{column}' is not in by; {nearest(column, keys)}")


def _plain(value: Any) -> Any:  # noqa: ANN401 - any TOML value
    """Turn TOML values into what JSON can hold."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return value
