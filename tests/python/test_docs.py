"""The pages say what is so: their code runs as written, their files are read, their links lead somewhere."""

from __future__ import annotations

import contextlib
import doctest
import io
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from wholefamily.evaluation.reading import read

ROOT = Path(__file__).parents[2]
FOLDERS = [".", "docs", "docs/measures", "examples/*", "tests/reference"]
PAGES = sorted(page for folder in FOLDERS for page in ROOT.glob(f"{folder}/*.md"))
FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)")
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """A fenced block: what follows the fence, what is in it, and what stands directly after it."""

    language: str
    name: str
    body: str
    line: int
    printed: str | None


def blocks(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    found = list(FENCE.finditer(text))
    made = []
    for fence, after in zip(found, [*found[1:], None][: len(found)], strict=True):
        language, _, name = fence["info"].partition(" ")
        follows = (
            after and after["info"] == "text" and not text[fence.end() : after.start()].strip()
        )
        printed = after["body"] if after and follows else None
        line = text.count("\n", 0, fence.start("body"))
        made.append(Block(language, name, fence["body"], line, printed))
    return made


def with_language(*languages: str) -> list[Path]:
    return [page for page in PAGES if any(block.language in languages for block in blocks(page))]


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def anchors(page: Path) -> set[str]:
    """The headings of a page, as a link names them."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lay_out(page: Path, folder: Path) -> None:
    """Write the files that a page shows: its CSV by name, its TOML, put together, as evaluation.toml."""
    shown = blocks(page)
    for block in shown:
        if block.language == "csv":
            (folder / block.name).write_text(block.body, encoding="utf-8")
    toml = "\n".join(block.body for block in shown if block.language == "toml")
    if toml:
        (folder / "evaluation.toml").write_text(toml, encoding="utf-8")


@pytest.mark.parametrize("page", with_language("python"), ids=name_of)
def test_python_runs_as_written_and_prints_what_is_shown(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": page.stem}
    for block in blocks(page):
        if block.language != "python":
            continue
        code = compile("\n" * block.line + block.body, name_of(page), "exec")
        with contextlib.redirect_stdout(io.StringIO()) as stdout:
            exec(code, names)  # noqa: S102  (the page's own code)
        printed = stdout.getvalue()
        if block.printed is not None:
            same = doctest.OutputChecker().check_output(block.printed, printed, LOOSELY)
            assert same, f"{name_of(page)}, line {block.line}: prints now\n\n{printed}"
        else:
            assert not printed, f"{name_of(page)}, line {block.line}: prints, and does not show it"


@pytest.mark.parametrize("page", with_language("toml"), ids=name_of)
def test_the_evaluation_file_that_a_page_shows_is_one(page: Path, tmp_path: Path) -> None:
    lay_out(page, tmp_path)
    assert read(tmp_path / "evaluation.toml").questions


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for link in LINK.finditer(text):
        target, _, anchor = link["target"].partition("#")
        if re.match(r"\w+:", target):
            continue
        found = page.parent / target if target else page
        assert found.exists(), f"{name_of(page)} links to {link['target']}"
        assert not anchor or anchor in anchors(found), f"{name_of(page)} links to {link['target']}"


@pytest.mark.parametrize("page", with_language("sh"), ids=name_of)
def test_commands_are_in_the_makefile(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for block in blocks(page):
        if block.language == "sh":
            for target in re.findall(r"^make ([a-z-]+)", block.body, re.MULTILINE):
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), f"no target {target}"


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "index.md"
    reached, waiting = {index.resolve()}, [index]
    while waiting:
        page = waiting.pop()
        for link in LINK.finditer(page.read_text(encoding="utf-8")):
            found = (page.parent / link["target"].partition("#")[0]).resolve()
            if found.suffix == ".md" and found.exists() and found not in reached:
                reached.add(found)
                waiting.append(found)
    assert {page for page in PAGES if "docs" in page.parts} <= reached


def test_the_measure_pages_are_those_of_the_catalogue() -> None:
    done = subprocess.run(
        [sys.executable, "scripts/measure_pages.py", "docs/measures", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
