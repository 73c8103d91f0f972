"""Errors speak of text, dates and whole numbers, not of the types of a programming language."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import wholefamily as wf
from wholefamily import _bridge, measures
from wholefamily._measure import Measure

TYPES = re.compile(
    r"\b[iu](8|16|32|64)\b|\bf64\b|usize|Utf8|U?Int(8|16|32|64|128)|Float(32|64)|Date32|Timestamp\("
    r"|invalid (type|value)|untagged|enum|sequence|\bstruct\b|Struct|List\(|Binary|Duration|Decimal"
    r"|NoneType|TypeError|__init__|keyword argument|datetime\.date|is a dict|line \d+ column"
)
"""Words of Rust, Arrow, JSON libraries and Python."""

CLASSES = [
    each
    for _, each in sorted(vars(measures).items())
    if isinstance(each, type) and issubclass(each, Measure) and each is not Measure
]
VALUES: list[Any] = [
    "x",
    "at line 1, expected i64",
    3,
    -1,
    1.5,
    10**30,
    True,
    [1.5],
    ["x"],
    [[1]],
    [5, "x"],
    [None],
    [],
    {},
    {"a": 1},
    dt.date(2023, 1, 1),
    dt.timedelta(3),
    b"x",
    None,
]
DAY = dt.date(2023, 1, 1)
FRAME = pl.DataFrame({"child_id": ["a"], "start": [DAY], "end": [DAY], "time": [1], "event": ["x"]})


def told(ask: Any) -> str:
    """The message of the error, if there is one; it must be an error of ours."""
    try:
        ask()
    except wf.Error as error:
        return str(error)
    return ""


@pytest.mark.parametrize("measure", CLASSES, ids=lambda each: each.__name__)
def test_a_wrong_field_of_any_measure_is_told_in_words(measure: Any) -> None:
    needed = {
        each.name: "x"
        for each in dataclasses.fields(measure)
        if each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING
    }
    for each in dataclasses.fields(measure):
        for value in VALUES:
            asked: Any = {**needed, each.name: value}
            message = told(lambda asked=asked: measure(**asked).run(FRAME))
            message = message.replace("at line 1, expected i64", "")
            assert not TYPES.search(message), (each.name, value, message)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("at", "x", "Survival: at: expected a list, not the text 'x'"),
        ("at", 365, "Survival: at: expected a list, not 365; write [365]"),
        ("at", [1.5], "Survival: at: expected a whole number, not 1.5"),
        ("at", [[5]], "Survival: at: expected a whole number, not a list"),
        ("at", [None], "Survival: at: expected a whole number, not null"),
        ("quantiles", ["a"], "Survival: quantiles: expected a number, not the text 'a'"),
        ("time", True, "Survival(time=true): expected text in quotes"),
        ("entry", 3, "Survival: entry: expected text in quotes, not 3"),
    ],
)
def test_what_was_expected_and_what_was_given(field: str, value: Any, words: str) -> None:
    asked: Any = {field: value}
    assert told(lambda: wf.Survival(**asked).run(FRAME)).startswith(words)


WRONG = {
    "text": (["a"], "text"),
    "times": ([dt.time(1)], "times of day"),
    "lengths": (
        [dt.timedelta(1)],
        "lengths of time; expected dates; take the whole number of days",
    ),
    "lists": ([[1]], "lists; expected dates; make one row of each entry first"),
    "fields": ([{"a": 1}], "several fields in one; expected dates; take the field that is meant"),
    "bytes": ([b"a"], "bytes; expected dates; decode it to text first"),
    "decimals": ([1.5], "numbers with decimals"),
    "whole": ([1], "whole numbers"),
}


@pytest.mark.parametrize("kind", sorted(WRONG))
def test_a_column_is_told_by_what_it_holds(kind: str) -> None:
    values, words = WRONG[kind]
    frame = FRAME.with_columns(pl.Series("start", values))
    message = told(lambda: wf.spells(frame))
    assert f"column 'start' for start holds {words}" in message
    assert not TYPES.search(message.replace("pl.col(…).str", ""))


def test_a_population_without_any_value_is_told_as_missing() -> None:
    frame = pl.DataFrame({"date": ["2023-01-01"], "population": [None]})
    asked = wf.LookedAfter(at=["2023-01-01"], population=frame)
    assert told(lambda: asked.run(FRAME)).startswith("population table, row 0: population is null")
    text = frame.with_columns(pl.Series("population", ["ten"]))
    asked = wf.LookedAfter(at=["2023-01-01"], population=text)
    assert "holds text; expected numbers" in told(lambda: asked.run(FRAME))


@pytest.mark.parametrize("name", ["spells", "placements", "stays", "repeats", "pathways"])
def test_a_wrong_argument_of_a_history_is_told_in_words(name: str) -> None:
    for argument, specification in (
        ("gap_days", {"gap_days": "3"}),
        ("gapdays", {"gapdays": 3}),
        ("keep", {"keep": 3}),
    ):
        message = told(lambda s=specification: _bridge.history(name, [FRAME], s))
        assert message.startswith(f"{name}: "), (argument, message)
        assert not TYPES.search(message), (argument, message)


def test_whole_numbers_of_different_width_are_told_apart() -> None:
    words = ("whole numbers (Int32)", "whole numbers (Int64)")
    assert _bridge.unlike(pl.Int32(), pl.Int64()) == words
    assert _bridge.unlike(pl.String(), pl.Date()) == ("text", "dates")


# ── Evaluation files ──────────────────────────────────────────────────────────────────

FILE = """
[evaluation]
title = "t"
[tables.r]
path = "r.csv"
dates = { columns = ["start", "end"] }
{table}
[histories.h]
history = "spells"
table = "r"
{history}
[[measures]]
name = "m"
table = "r"
{measure}
"""
KEPT = ["3", '"x"', "1.5", "true", "[1]", '["x"]', "{a = 1}", "2023-01-01", "[[1]]", "{}", "nan"]
KEYS = {
    "table": [
        "text",
        "columns",
        "dates",
        "numbers",
        "booleans",
        "codes",
        "join",
        "derive",
        "where",
    ],
    "history": ["gap_days", "rules", "child", "as_of", "keep", "leave_out", "last_day_counts"],
    "measure": ["by", "at", "child", "as_of", "population", "per", "level", "compare", "plot"],
}


@pytest.mark.parametrize(("part", "key"), [(part, key) for part in KEYS for key in KEYS[part]])
def test_a_wrong_value_in_an_evaluation_file_names_the_file_the_table_and_the_key(
    tmp_path: Path, part: str, key: str
) -> None:
    (tmp_path / "r.csv").write_text("child_id,start,end\na,2023-01-01,\n", encoding="utf-8")
    path = tmp_path / "evaluation.toml"
    place = {"table": "[tables.r]", "history": "[histories.h]", "measure": "[[measures]] 'm'"}[part]
    for value in KEPT:
        text = FILE.replace("{measure}", 'measure = "LookedAfter"\n{measure}')
        if key == "dates":
            text = text.replace('dates = { columns = ["start", "end"] }\n', "")
        for each in KEYS:
            text = text.replace(f"{{{each}}}", f"{key} = {value}" if each == part else "")
        path.write_text(text, encoding="utf-8")
        message = told(lambda: wf.evaluate(path))
        assert not TYPES.search(message), (value, message)
        assert not re.search("True|Python", message), (value, message)
        if message and "no dates to count on" not in message and "holds text" not in message:
            assert message.startswith(f"{path}: {place}"), (value, message)
            assert key in message, (value, message)


def test_a_key_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("child_id,start,end\na,2023-01-01,\n", encoding="utf-8")
    path = tmp_path / "evaluation.toml"
    lines = {"table": "join = {}", "history": "", "measure": 'measure = "LookedAfterChange"'}
    text = FILE
    for part, line in lines.items():
        text = text.replace(f"{{{part}}}", line)
    path.write_text(text, encoding="utf-8")
    assert (
        told(lambda: wf.evaluate(path)) == f"{path}: [tables.r]: join: the key 'table' is missing"
    )
    path.write_text(text.replace("join = {}", ""), encoding="utf-8")
    words = (
        f"{path}: [[measures]] 'm': the key 'before' is missing; LookedAfterChange needs 'before'"
    )
    assert told(lambda: wf.evaluate(path)) == words
