"""The floors of the Python package: each module sees its own floor and those below.

An import inside a function may look upward only where `BORROWED` says so, since the result
shows and plots itself. Imports for type checkers alone bind nothing and are free.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import wholefamily

PACKAGE = Path(wholefamily.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))

# From the ground up. A new module is placed here; a folder counts as one module.
FLOORS: list[set[str]] = [
    {"errors", "_files"},
    {"_bridge"},
    {"result", "stats"},
    {"_measure", "histories", "measures", "partial", "population"},
    {
        "vocabulary",
        "wording",
        "display",
        "display_history",
        "plot",
        "datasets",
        "progress",
        "headline",
        "output",
    },
    {"evaluation", "report"},
    {"command"},
    {"__main__", "__init__"},
]
FLOOR_OF = {module: height for height, modules in enumerate(FLOORS) for module in modules}
BORROWED = {("histories", "display_history"), ("result", "display"), ("result", "plot")}
ENGINE = "_core"


def module_of(path: Path) -> str:
    """The module, or the folder, that a file belongs to."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imported(node: ast.Import | ast.ImportFrom, path: Path) -> Iterator[str]:
    """Modules of this package that a statement imports."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    else:
        parts = ["wholefamily", *path.relative_to(PACKAGE).parts]
        base = parts[: len(parts) - node.level] if node.level else []
        home = [*base, *(node.module.split(".") if node.module else [])]
        names = [".".join([*home, alias.name]) for alias in node.names]
    for name in names:
        package, *rest = name.split(".")
        if package == "wholefamily" and rest and (rest[0] in FLOOR_OF or rest[0] == ENGINE):
            yield rest[0]


def imports(path: Path) -> Iterator[tuple[str, int, bool]]:
    """Each import that binds a name at run time: module, line, whether it waits for a call."""

    def walk(node: ast.AST, *, deferred: bool) -> Iterator[tuple[str, int, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
                for alternative in child.orelse:
                    yield from walk(alternative, deferred=deferred)
            elif isinstance(child, ast.Import | ast.ImportFrom):
                for module in imported(child, path):
                    yield module, child.lineno, deferred
            else:
                called = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from walk(child, deferred=deferred or called)

    yield from walk(ast.parse(path.read_text(encoding="utf-8")), deferred=False)


def test_every_module_has_a_floor() -> None:
    homeless = {module_of(path) for path in FILES} - FLOOR_OF.keys()
    gone = FLOOR_OF.keys() - {module_of(path) for path in FILES}
    assert not homeless, f"place these in FLOORS: {sorted(homeless)}"
    assert not gone, f"take these out of FLOORS: {sorted(gone)}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_point_down(path: Path) -> None:
    module = module_of(path)
    upward = [
        f"{path.name}:{line} imports {other}, {FLOOR_OF[other] - FLOOR_OF[module]} floors up"
        for other, line, deferred in imports(path)
        if other != ENGINE
        and FLOOR_OF[other] > FLOOR_OF[module]
        and not (deferred and (module, other) in BORROWED)
    ]
    assert not upward, "\n".join(upward)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_only_the_bridge_knows_the_engine(path: Path) -> None:
    if module_of(path) == "_bridge":
        return
    by_statement = [line for module, line, _ in imports(path) if module == ENGINE]
    by_name = [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in {"_core", "._core", "wholefamily._core"}
    ]
    assert not by_statement + by_name, f"{path.name} imports the engine: {by_statement + by_name}"


def test_the_bridge_does_import_the_engine() -> None:
    assert ENGINE in (PACKAGE / "_bridge.py").read_text(encoding="utf-8")


def test_an_upward_import_is_seen() -> None:
    planted = PACKAGE / "errors.py"
    statement = ast.parse("from .report import page").body[0]
    assert isinstance(statement, ast.ImportFrom)
    assert list(imported(statement, planted)) == ["report"]
    nested = ast.parse("from ..command import main").body[0]
    assert isinstance(nested, ast.ImportFrom)
    assert list(imported(nested, PACKAGE / "evaluation" / "run.py")) == ["command"]
