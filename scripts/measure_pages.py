"""Write a page for each measure, from the engine's catalogue and the class's own docstring.

python scripts/measure_pages.py FOLDER
"""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from typing import Any

import wholefamily as wf
from wholefamily import _bridge


def cell(value: object) -> str:
    """A value as it is written in code, safe within a table."""
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return f"`{text}`".replace("|", "\\|")


def page(entry: dict[str, Any]) -> str:
    """One measure in Markdown."""
    lines = [f"# {entry['class']}", "", entry["question"], ""]
    lines += [f"Tag: `{entry['measure']}`. Unit: {entry['unit']}.", ""]
    if entry["own_keys"]:
        lines += [f"Own keys: {', '.join(f'`{key}`' for key in entry['own_keys'])}.", ""]
    lines += ["| field | default | words |", "|---|---|---|"]
    for field in entry["fields"]:
        default = "(must be given)" if field["required"] else cell(field["default"])
        words = ", ".join(cell(word) for word in field["words"])
        lines.append(f"| `{field['name']}` | {default} | {words} |")
    docstring = inspect.getdoc(getattr(wf, entry["class"])) or ""
    lines += ["", "## In Python", "", "```text", docstring, "```", "", "## References", ""]
    lines += [f"- {reference}" for reference in entry["references"]]
    return "\n".join(lines) + "\n"


def write(folder: Path) -> None:
    """All pages, and an index of them."""
    folder.mkdir(parents=True, exist_ok=True)
    index = ["# Measures", "", "| measure | question |", "|---|---|"]
    for entry in _bridge.catalogue():
        name = f"{entry['measure']}.md"
        (folder / name).write_text(page(entry), encoding="utf-8")
        index.append(f"| [{entry['class']}]({name}) | {entry['question']} |")
    (folder / "index.md").write_text("\n".join(index) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
