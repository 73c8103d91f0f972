"""Every reference table once more, through `wf.stats`: case by case, and as columns.

`tests/reference/main.rs` replays them on the crate itself, and holds each figure to what double
precision allows. Here it is the way there that is tested: names of arguments, types, nulls.
"""

from __future__ import annotations

import csv
import inspect
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import wholefamily as wf
from wholefamily import _bridge

REFERENCE = Path(__file__).parents[1] / "reference"

OTHER_NAMES = {
    "overlap_change": "change",
    "fisher": "exact_test",
    "finite_coverage": "coverage_of",
}
"""Tables that are not called what their function is called."""

INNER = {
    "beta",
    "beta_quantile",
    "binomial",
    "chi_squared_tail",
    "chi_squared_quantile",
    "fisher_f",
    "fisher_f_quantile",
    "gamma",
    "gamma_quantile",
    "hypergeometric",
    "ln_gamma",
    "noncentral_hypergeometric",
    "normal_one_sided",
    "normal_one_sided_quantile",
    "normal_quantile",
    "normal_tail",
    "poisson",
    "student",
    "student_quantile",
}
"""Distributions, which the functions rest on."""

APART = {
    "bootstrap": "holds the replicates themselves",
    "exact_power": "asks for a test's verdicts",
    "stock_parts": "is asked through the measure StockChange",
    "slope_index_simulated": "is a simulation, near only to 3 digits",
}

ARGUMENTS = {
    "with": "with_it",  # a word of Python's own
    "lower_limit": "lower",
    "upper_limit": "upper",
}
EXPECTED = {"p": "p_value"}
BESIDE = {"computed_by", "used", "one_group_only", "index"}

NEAR = {"rel": 1e-12, "abs": 1e-15}
FOUND = {"rel": 1e-9, "abs": 1e-14}
"""For figures that are found by steps, and for the witnesses that are."""

STATISTICS = {entry["name"]: entry for entry in _bridge.statistics()}
TABLES = sorted(path.stem for path in REFERENCE.glob("*.csv"))
REPLAYED = [name for name in TABLES if name not in INNER and name not in APART]


class Case:
    """One row of a table: the arguments, and the figures that are expected of them."""

    def __init__(self, entry: dict[str, Any], row: dict[str, str]) -> None:
        columns = {column["name"]: column for column in entry["columns"]}
        options = {option["name"]: option for option in entry["options"]}
        fields = {field["name"]: field for field in entry["fields"]}
        self.by = row["computed_by"]
        self.columns: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self.expected: dict[str, Any] = {}
        prefixed = any(name.startswith("expected_") for name in row)
        for heading, text in row.items():
            name = heading.removeprefix("expected_")
            if prefixed and heading != name:
                self.expected[name] = figure(fields[name], text)
                continue
            argument = ARGUMENTS.get(name, name)
            if argument in columns:
                whole = entry["rows"] != "by row"
                self.columns[argument] = argument_of(columns[argument], text, whole=whole)
            elif argument in options and argument not in fields:
                self.options[argument] = option_of(options[argument], text)
            elif EXPECTED.get(name, name) in fields:
                name = EXPECTED.get(name, name)
                self.expected[name] = figure(fields[name], text)
            else:
                assert name in BESIDE, f"{name} is neither an argument nor a field"
        assert set(self.expected) <= set(fields)
        assert self.expected

    def hold(self, got: dict[str, Any], reason: str | None) -> None:
        """Hold the figures to those expected."""
        for name, want in self.expected.items():
            near = NEAR if self.by.startswith("mpmath") else FOUND
            wanted = want if isinstance(want, list) else [want]
            found = got[name] if isinstance(want, list) else [got[name]]
            close = [pytest.approx(x, **near) if isinstance(x, float) else x for x in wanted]
            assert found == close, (name, want, got, self.columns, self.options, self.by)
        if "value" in got:
            undefined = None in (got["value"], got.get("lower", 0.0))
            assert not undefined or reason is not None, (got, self.columns)


def figure(field: dict[str, Any], text: str) -> Any:
    """Read a figure; an empty one is undefined."""
    if " " in text and field["kind"] != "text":
        return [figure(field, each) for each in text.split(" ")]
    if text in {"", "-", "null"}:
        return None
    if field["kind"] == "text":
        return text
    return int(text) if field["kind"] == "whole number" else float(text)


def argument_of(column: dict[str, Any], text: str, *, whole: bool) -> Any:
    """Read an argument: a number, a sequence where all rows make one answer, or a table."""
    if ";" in text:
        return [[int(cell) for cell in row.split()] for row in text.split(";")]
    if whole:
        return [one(column, each) for each in text.split(" ")] if text else None
    return one(column, text)


def one(column: dict[str, Any], text: str) -> int | float | None:
    if text in {"", "-", "null"}:
        return None
    return int(text) if column["kind"] == "count" else float(text)


def option_of(option: dict[str, Any], text: str) -> Any:
    if text == "":
        return None
    if option["kind"] == "word":
        return text
    if option["kind"] == "flag":
        return {"true": True, "false": False}[text]
    if option.get("pair"):
        return tuple(map(float, text.split(" ")))
    return int(text) if option["kind"] == "count" else float(text)


def function_of(table: str) -> tuple[Any, dict[str, Any]]:
    name = OTHER_NAMES.get(table, table)
    return getattr(wf.stats, name), STATISTICS[name]


def cases(table: str) -> list[Case]:
    _, entry = function_of(table)
    with (REFERENCE / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        found = [Case(entry, row) for row in csv.DictReader(file)]
    assert len(found) >= 20
    return found


def given(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a table leaves empty."""
    return {name: value for name, value in options.items() if value is not None}


def one_answer(table: str, case: Case) -> tuple[dict[str, Any], str | None] | None:
    """Ask for one case; nothing where its numbers cannot be, as its empty figures say too."""
    function, entry = function_of(table)
    columns = {
        name: value
        for name, value in case.columns.items()
        if value is not None or required(function, name)
    }
    try:
        got = function(**columns, **given(case.options))
    except wf.DataError:
        assert set(map(str, case.expected.values())) == {"None"}, case.columns
        return None
    if isinstance(got, pl.DataFrame):
        lists = {name: got[name].to_list() for name in got.columns}
        single = entry["rows"] == "each"
        return {n: v[0] if single and len(v) == 1 else v for n, v in lists.items()}, None
    return got._asdict(), got.reason


def required(function: Any, name: str) -> bool:
    return inspect.signature(function).parameters[name].default is inspect.Parameter.empty


@pytest.mark.parametrize("table", REPLAYED)
def test_case_by_case(table: str) -> None:
    held = 0
    for case in cases(table):
        answer = one_answer(table, case)
        if answer is not None:
            case.hold(*answer)
            held += 1
    assert held >= 20


BY_ROW = [name for name in REPLAYED if function_of(name)[1]["rows"] == "by row"]


@pytest.mark.parametrize("table", BY_ROW)
def test_as_columns(table: str) -> None:
    function, _ = function_of(table)
    groups: dict[tuple[Any, ...], list[Case]] = {}
    for case in cases(table):
        left_out = tuple(name for name, value in case.columns.items() if value is None)
        if one_answer(table, case) is not None:
            groups.setdefault((*case.options.items(), left_out), []).append(case)
    for some in groups.values():
        names = [name for name, value in some[0].columns.items() if value is not None]
        columns: dict[str, Any] = {
            name: pl.Series(name, [case.columns[name] for case in some]) for name in names
        }
        empty = {name: None for name in some[0].columns if name not in names}
        columns |= {name: None for name in empty if required(function, name)}
        frame = function(**columns, **given(some[0].options), reasons=True)
        assert frame.height == len(some)
        for case, row in zip(some, frame.iter_rows(named=True), strict=True):
            case.hold(row, row["reason"])


def test_every_table_is_replayed_or_said_not_to_be() -> None:
    known = set(STATISTICS)
    assert {OTHER_NAMES.get(table, table) for table in REPLAYED} <= known


def test_a_wrong_figure_is_seen() -> None:
    case = next(case for case in cases("proportion") if case.expected["lower"])
    got, reason = one_answer("proportion", case) or ({}, None)
    with pytest.raises(AssertionError):
        case.hold({**got, "lower": math.nextafter(got["lower"], 1) + 1e-9}, reason)
