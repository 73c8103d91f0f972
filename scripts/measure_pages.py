"""Write a page for each measure, from the engine's catalogue and the class's own docstring.

python scripts/measure_pages.py FOLDER            writes the pages
python scripts/measure_pages.py FOLDER --check    says which pages are out of date, and fails if any is
"""

from __future__ import annotations

import dataclasses
import inspect
import re
import sys
from pathlib import Path
from typing import Any

import wholefamily as wf
from wholefamily import _bridge

WRITTEN = (
    "<!-- Written by scripts/measure_pages.py (make docs). Change the docstring, not this page. -->"
)
RESULT = (
    "Every result has the columns that [Reading a result](../reading-a-result.md) explains. "
    "`.run(data, by=…, every=…, level=…)` in Python; in an [evaluation file](../evaluation-file.md), "
    '`measure = "{class}"` with the same fields.'
)


def sections(docstring: str) -> dict[str, str]:
    """Part a NumPy docstring by its underlined headings; what comes first is under ''."""
    parts = re.split(r"^(\w+)\n-{3,}\n", docstring, flags=re.MULTILINE)
    return {"": parts[0].strip()} | {
        name: text.strip() for name, text in zip(parts[1::2], parts[2::2], strict=True)
    }


def parameters(text: str) -> list[tuple[list[str], str, str]]:
    """Names, type and meaning of each entry; one entry may be of several parameters."""
    found = []
    for block in re.split(r"\n(?=\S)", text):
        heading, _, body = block.partition("\n")
        names, _, kind = heading.partition(" : ")
        meaning = " ".join(line.strip() for line in body.splitlines())
        found.append(([name.strip() for name in names.split(",")], kind, meaning))
    return found


def code(value: object) -> str:
    """A value as it is written in Python, safe within a table."""
    if isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, tuple | list):
        text = "[" + ", ".join(f'"{part}"' for part in value) + "]"
    else:
        text = str(value)
    return f"`{text}`".replace("|", "\\|")


def default(field: dataclasses.Field[Any]) -> str:
    """What a field is where nothing is given."""
    return "must be given" if field.default is dataclasses.MISSING else code(field.default)


def field_rows(kind: type, told: str, words: dict[str, list[str]]) -> list[str]:
    """The fields as rows: names, defaults, type or words, meaning."""
    fields = {field.name: field for field in dataclasses.fields(kind)}
    rows = []
    for names, what, meaning in parameters(told):
        defaults = dict.fromkeys(default(fields[name]) for name in names)
        allowed = " or ".join(code(word) for word in words[names[0]])
        cells = [
            ", ".join(f"`{name}`" for name in names),
            ", ".join(defaults),
            allowed or what.removesuffix(", optional"),
            meaning.replace("|", "\\|"),
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return rows


def page(entry: dict[str, Any]) -> str:
    """One measure in Markdown."""
    kind = getattr(wf, entry["class"])
    told = sections(inspect.getdoc(kind) or "")
    question, _, explained = told[""].partition("\n\n")
    words = {field["name"]: field["words"] for field in entry["fields"]}
    lines = [WRITTEN, "", f"# {entry['class']}", "", f"**{question}**", "", explained, ""]
    lines += ["## Fields", "", "| field | default | what it is | meaning |", "|---|---|---|---|"]
    lines += field_rows(kind, told["Parameters"], words)
    own = ", ".join(f"`{key}`" for key in entry["own_keys"]) or "none"
    lines += ["", "## Result", "", f"Unit: {entry['unit']}. Own keys: {own}.", ""]
    lines += [told["Notes"], "", RESULT.replace("{class}", entry["class"]), ""]
    lines += ["## Example", "", "<!-- fmt: off -->", "```pycon", told["Examples"], "```", ""]
    lines += ["## References", ""]
    lines += [f"- {reference}" for reference in entry["references"]]
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Every page, and an index of them, by file name."""
    written = {}
    index = [WRITTEN, "", "# Measures", "", "| measure | question | unit |", "|---|---|---|"]
    for entry in _bridge.catalogue():
        name = f"{entry['measure']}.md"
        written[name] = page(entry)
        index.append(f"| [{entry['class']}]({name}) | {entry['question']} | {entry['unit']} |")
    return {"index.md": "\n".join(index) + "\n"} | written


def out_of_date(folder: Path) -> list[str]:
    """Names of the pages that are missing, differ, or belong to no measure."""
    wanted = pages()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    return sorted(name for name in wanted | found if wanted.get(name) != found.get(name))


def main(folder: Path, *, check: bool) -> int:
    """Write the pages, or hold those in the folder to the catalogue."""
    if check:
        wrong = out_of_date(folder)
        for name in wrong:
            print(f"{folder / name} is out of date; run: make docs", file=sys.stderr)
        return 1 if wrong else 0
    folder.mkdir(parents=True, exist_ok=True)
    wanted = pages()
    for path in folder.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), check="--check" in sys.argv[2:]))
