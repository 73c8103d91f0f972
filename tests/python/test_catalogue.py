"""The dataclasses are the engine's catalogue: same names, fields, defaults and words."""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import polars as pl
import pytest

import wholefamily as wf
from wholefamily import _bridge, measures
from wholefamily._measure import Measure, tag

CLASSES = {
    tag(kind): kind
    for _, kind in inspect.getmembers(measures, inspect.isclass)
    if issubclass(kind, Measure) and kind is not Measure
}
CATALOGUE: list[dict[str, Any]] = _bridge.catalogue()
NO_ROWS = pl.DataFrame({"x": []}, schema={"x": pl.Boolean})
ENTRIES = [pytest.param(entry, id=entry["measure"]) for entry in CATALOGUE]


def hints(kind: type[Measure]) -> dict[str, Any]:
    names = {"Sequence": Sequence, "Iterable": Iterable, "Mapping": Mapping, "Data": object}
    return typing.get_type_hints(kind, localns=names | {"Code": str, "dt": dt})


def words(hint: object) -> list[object]:
    if typing.get_origin(hint) is Literal:
        return list(typing.get_args(hint))
    return [word for part in typing.get_args(hint) for word in words(part)]


def test_both_sides_know_the_same_measures() -> None:
    assert sorted(entry["measure"] for entry in CATALOGUE) == sorted(CLASSES)


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_class_has_the_name_that_the_catalogue_gives(entry: dict[str, Any]) -> None:
    assert CLASSES[entry["measure"]].__name__ == entry["class"]
    assert getattr(wf, entry["class"]) is CLASSES[entry["measure"]]


@pytest.mark.parametrize("entry", ENTRIES)
def test_fields_and_defaults_are_the_same(entry: dict[str, Any]) -> None:
    ours = {}
    for field in dataclasses.fields(CLASSES[entry["measure"]]):
        required = field.default is dataclasses.MISSING
        default = None if required else field.default
        plain = list(default) if isinstance(default, tuple) else default
        ours[field.name] = (plain, required)
    theirs = {field["name"]: (field["default"], field["required"]) for field in entry["fields"]}
    assert ours == theirs


@pytest.mark.parametrize("entry", ENTRIES)
def test_fields_allow_the_same_words(entry: dict[str, Any]) -> None:
    kinds = hints(CLASSES[entry["measure"]])
    ours = {name: words(kinds[name]) for name in (field["name"] for field in entry["fields"])}
    assert ours == {field["name"]: field["words"] for field in entry["fields"]}


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_first_line_of_the_class_is_the_question(entry: dict[str, Any]) -> None:
    first = inspect.cleandoc(CLASSES[entry["measure"]].__doc__ or "").splitlines()[0]
    assert first == entry["question"]


@pytest.mark.parametrize("kind", CLASSES.values(), ids=list(CLASSES))
def test_the_docstring_names_every_field_and_has_an_example(kind: type[Measure]) -> None:
    text = inspect.cleandoc(kind.__doc__ or "")
    assert ">>> " in text
    assert "Notes\n-----" in text
    parameters = re.findall(r"^([\w, ]+) : ", text, re.MULTILINE)
    named = [name for line in parameters for name in line.split(", ")]
    assert named == [field.name for field in dataclasses.fields(kind)]


@pytest.mark.parametrize("entry", ENTRIES)
def test_an_unknown_word_is_refused_and_the_words_are_listed(entry: dict[str, Any]) -> None:
    required = {
        field["name"]: "2020-01-31" if field["name"] in {"before", "after"} else "x"
        for field in entry["fields"]
        if field["required"]
    }
    for field in entry["fields"]:
        if field["words"]:
            measure = CLASSES[entry["measure"]](**required, **{field["name"]: "nonsense"})
            with pytest.raises(wf.SpecError, match="nonsense") as caught:
                measure.run(NO_ROWS)
            assert all(word in str(caught.value) for word in field["words"])
