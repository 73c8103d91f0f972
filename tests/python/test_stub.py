"""The stub says what the compiled module is, and the package what it gives."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import wholefamily as wf

HEAVY = ["altair", "jinja2", "numpy", "pandas", "polars", "pyarrow", "rich", "wholefamily._core"]


def test_the_stub_is_that_of_the_compiled_module() -> None:
    command = [
        sys.executable,
        "-m",
        "mypy.stubtest",
        "wholefamily._core",
        "--ignore-disjoint-bases",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = f"import sys, wholefamily; print([m for m in {HEAVY} if m in sys.modules])"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_making_a_measure_imports_nothing_heavy() -> None:
    program = (
        "import sys, wholefamily as wf; wf.LookedAfter(at=['2020-01-31']).specification(); "
        f"print([m for m in {HEAVY} if m in sys.modules])"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", wf.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(wf, name) is not None
    assert name in dir(wf)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'ReferralShere'"):
        wf.ReferralShere  # type: ignore[attr-defined]  # noqa: B018


def test_the_types_that_checkers_see_are_the_names_that_load() -> None:
    text = Path(wf.__file__).read_text(encoding="utf-8")
    block = text.split("if TYPE_CHECKING:")[1].split("__all__")[0]
    seen = set(re.findall(r"^ {8}(\w+),$", block, re.MULTILINE))
    for names in re.findall(r"import (\w+(?:, \w+)*)$", block, re.MULTILINE):
        seen |= set(names.split(", "))
    seen |= {"__version__"}
    assert seen == set(wf.__all__)


def test_the_package_is_marked_as_typed() -> None:
    assert Path(wf.__file__).with_name("py.typed").is_file()


def test_the_engine_and_the_package_have_one_version() -> None:
    from wholefamily import _bridge

    assert _bridge.engine_version() == wf.__version__


@pytest.mark.parametrize("name", ["SpecError", "ColumnError", "TypeError_", "DataError"])
def test_what_was_handed_in_wrong_is_also_a_value_error(name: str) -> None:
    assert issubclass(getattr(wf, name), wf.Error)
    assert issubclass(getattr(wf, name), ValueError)


@pytest.mark.parametrize("name", ["StateError", "InternalError"])
def test_other_errors_are_no_value_errors(name: str) -> None:
    assert issubclass(getattr(wf, name), wf.Error)
    assert not issubclass(getattr(wf, name), ValueError)


def test_the_catalogue_is_json() -> None:
    from wholefamily import _core

    assert isinstance(json.loads(_core.catalogue()), list)
