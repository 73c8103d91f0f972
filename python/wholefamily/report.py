"""What does a committee see? One self-contained page, and the files beside it.

The page needs no network, no script and no font; it is the same bytes each time from the same data and file.
The time of a run stands in `provenance.json` only.
"""

from __future__ import annotations

import functools
import html
import importlib.util
import io
import json
import os
import platform
import re
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
import polars as pl
from markupsafe import Markup

from wholefamily import display, headline, output, wording
from wholefamily.errors import SpecError
from wholefamily.plot.curves import is_curve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from wholefamily.evaluation import Answer, Comparison, Evaluation, Lived, Prepared
    from wholefamily.result import Estimates

PAGE = "index.html"
BRIEF_LINES = 4
TABLE_ROWS = 200
FOLDED_ROWS = 40
LISTED_ROWS = 50
PLOT_NEEDS = "charts need altair and vl-convert; pip install 'wholefamily[plot]'"
PLOT_ROWS = range(2, 61)
UNPROTECTED = (
    "Small counts are shown as they are. Nothing on this page has been rounded or suppressed, so it is for use "
    "inside the service and not for publication as it stands."
)


def write(evaluation: Evaluation, out: Path, *, command: str | None = None) -> Path:
    """Write the page, the results and the provenance of an evaluation, whole or not at all.

    Parameters
    ----------
    evaluation
        The answers.
    out
        The directory.
    command
        What was typed, for the provenance.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    SpecError
        The directory holds something that an evaluation did not write, or cannot be written.
    """
    output.check_ours(Path(os.path.realpath(out)))
    files = {PAGE: page(evaluation).encode()}
    for name, estimates in evaluation.results.items():
        files[f"results/{name}.csv"] = output.csv_bytes(estimates.to_polars())
        files[f"results/{name}.parquet"] = _parquet(estimates)
    for table in evaluation.tables.values():
        if table.set_aside.height:
            files[f"results/set-aside--{_safe(table.name)}.csv"] = output.csv_bytes(table.set_aside)
    for lived in evaluation.histories.values():
        if lived.problems.height:
            files[f"results/problems--{_safe(lived.name)}.csv"] = output.csv_bytes(lived.problems)
    output.write_directory(out, files, provenance(evaluation, command))
    return out / PAGE


def page(evaluation: Evaluation) -> str:
    """Give the whole page as HTML: styles and plots inside it, every name escaped."""
    heading = evaluation.specification.heading
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            heading=heading,
            notices=list(_notices(evaluation)),
            paragraphs=_paragraphs,
            sections=[_section(answer) for answer in evaluation.answers],
            brief=BRIEF_LINES,
            followed=any(a.estimates.measure in display.FOLLOWED for a in evaluation.answers),
            tables=[_source(evaluation, table) for table in evaluation.tables.values()],
            histories=[_history(evaluation, lived) for lived in evaluation.histories.values()],
            specification=evaluation.specification,
            written=[wording.printable(line) for line in evaluation.specification.text.split("\n")],
            versions=versions(),
            css=_safe_html(_css()),
        )
    )


def fragment(evaluation: Evaluation) -> str:
    """Give a short form for a notebook: each question, its answer in words, and its table."""
    parts = [f"<h2>{html.escape(evaluation.specification.heading.title)}</h2>"]
    parts += [f"<p><strong>{html.escape(notice)}</strong></p>" for notice in _notices(evaluation)]
    for answer in evaluation.answers:
        parts.append(f"<h3>{html.escape(answer.title)}</h3>")
        parts += [f"<p>{html.escape(line)}</p>" for line in headline.of_answer(answer)]
        parts += [display.table_html(estimates) for estimates in answer.results().values()]
    return "\n".join(parts)


def provenance(evaluation: Evaluation, command: str | None) -> dict[str, Any]:
    """Say how the results came to be: specification, versions, fingerprints, row counts, time, command."""
    specification = evaluation.specification
    return {
        "made": _now().isoformat().replace("+00:00", "Z"),
        "command": command,
        "versions": versions(),
        "evaluation_file": {"name": specification.path.name, "sha256": specification.sha256},
        "synthetic": evaluation.synthetic,
        "specification": specification.as_read,
        "tables": {name: _account(table) for name, table in evaluation.tables.items()},
        "histories": {name: _life(lived) for name, lived in evaluation.histories.items()},
        "results": {
            name: {
                "specification": estimates.specification,
                "options": estimates.options,
                "comparison": estimates.comparison,
                "fingerprint": estimates.fingerprint,
                "rows": len(estimates),
                "rows_given": answer.rows_given,
                "where": _counts(answer.filtered),
            }
            for answer in evaluation.answers
            for name, estimates in answer.results().items()
        },
    }


@functools.cache
def versions() -> dict[str, str]:
    """Give the versions of everything that shapes a number or the page."""
    import wholefamily
    from wholefamily import _bridge

    return {
        "wholefamily": wholefamily.__version__,
        "engine": _bridge.engine_version(),
        "python": platform.python_version(),
        "polars": pl.__version__,
    }


def _notices(evaluation: Evaluation) -> Iterator[str]:
    if evaluation.synthetic:
        from wholefamily import datasets

        yield datasets.NOTICE
    if evaluation.specification.heading.notice:
        yield evaluation.specification.heading.notice
    yield UNPROTECTED


def _section(answer: Answer) -> dict[str, Any]:
    """Put one question into the words and pictures of the page."""
    question = answer.question
    return {
        "id": f"m-{question.name}",
        "name": question.name,
        "title": answer.title,
        "text": question.text,
        "lines": headline.of_answer(answer),
        "published": question.published,
        "filtered": answer.filtered,
        "plot": _plot(answer),
        "table": _safe_html(display.table_html(answer.estimates, max_rows=TABLE_ROWS, style=False)),
        "folded": len(answer.estimates) if len(answer.estimates) > FOLDED_ROWS else None,
        "files": [f"results/{name}.csv" for name in answer.results()],
        "set_aside": answer.set_aside.head(LISTED_ROWS).to_dicts(),
        "comparisons": [_comparison(comparison) for comparison in answer.comparisons],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    title = wording.printable(_capital(comparison.request.sentence()))
    lines = headline.of_comparison(comparison)
    table = display.table_html(comparison.estimates, max_rows=TABLE_ROWS, style=False)
    return {
        "title": title,
        "lines": lines,
        "brief": lines[0] if len(lines) > 1 else f"{title}: {lines[0]}",
        "table": _safe_html(table),
    }


def _plot(answer: Answer) -> dict[str, Any] | None:
    """Draw a result where that helps: more than one row with a value, and few enough to read."""
    wanted, frame = answer.question.plot, answer.estimates.to_polars()
    drawable = frame["value"].drop_nulls().len() > 0
    helps = frame.height in PLOT_ROWS or is_curve(answer.estimates, frame)
    if wanted is False or not drawable or (wanted is None and not helps):
        return (
            {"svg": None, "text": "There is nothing to draw."} if wanted and not drawable else None
        )
    if not all(importlib.util.find_spec(name) for name in ("altair", "vl_convert")):
        return {"svg": None, "text": f"Not drawn: {PLOT_NEEDS}."}
    from wholefamily import plot

    drawing = plot.svg(plot.chart(answer.estimates))
    text = plot.describe(answer.estimates)
    return {"svg": _safe_html(_inline(drawing, f"p-{answer.question.name}", text)), "text": text}


def _inline(svg: str, prefix: str, text: str) -> str:
    """Fit a drawing into a page with others: a name for those who cannot see it, and ids of its own."""
    svg = re.sub(r"^.*?(?=<svg)", "", svg, count=1, flags=re.DOTALL)
    for name in sorted(set(re.findall(r'\bid="([^"]+)"', svg)), key=len, reverse=True):
        quoted = re.escape(name)
        svg = re.sub(rf'(\bid="|url\(#|href="#){quoted}(?=["\)])', rf"\g<1>{prefix}-{name}", svg)
    opening, rest = re.match(r"(<svg[^>]*)(>.*)", svg, flags=re.DOTALL).groups()  # type: ignore[union-attr]
    opening = re.sub(r'\s(role|aria-label|aria-roledescription|focusable)="[^"]*"', "", opening)
    return f'{opening} role="img" aria-label="{html.escape(text)}" focusable="false"{rest}'


def _source(evaluation: Evaluation, table: Prepared) -> dict[str, Any]:
    read = evaluation.specification.tables[table.name]
    return {
        "name": table.name,
        "source": table.source,
        "text": table.text,
        "rows_read": table.rows_read,
        "rows_set_aside": table.rows_set_aside,
        "filtered": table.filtered,
        "rows": table.frame.height,
        "sha256": table.sha256,
        "notes": table.notes,
        "renamed": read.columns,
        "codes": read.codes,
        "derived": table.derived,
        "set_aside": table.set_aside.head(LISTED_ROWS).to_dicts(),
        "set_aside_values": table.set_aside.height,
        "set_aside_file": f"results/set-aside--{_safe(table.name)}.csv",
    }


def _history(evaluation: Evaluation, lived: Lived) -> dict[str, Any]:
    """Put what a history did into the words of the page."""
    read = evaluation.specification.histories[lived.name]
    return {
        "name": lived.name,
        "source": lived.source,
        "text": lived.text,
        "rows_in": [{"table": table, "rows": rows} for table, rows in lived.rows_in.items()],
        "rows_out": lived.rows_out,
        "filtered": lived.filtered,
        "rows": lived.frame.height,
        "arguments": {name: _written(value) for name, value in read.arguments.items()},
        "notes": [_sentence(note) for note in lived.remarks] + lived.notes,
        "derived": lived.derived,
        "problems": lived.problems.height,
        "grouped": lived.grouped.to_dicts(),
        "problems_file": f"results/problems--{_safe(lived.name)}.csv",
    }


def _written(value: object) -> str:
    """Write an argument as it stands in an evaluation file, or nearly so."""
    if isinstance(value, list):
        return ", ".join(_written(each) for each in value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_written(each)}" for name, each in value.items())
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _sentence(text: str) -> str:
    """Begin with a capital, unless the first word is the name of an argument."""
    begun = _capital(text) if text.partition(" ")[0].isalpha() else text
    return begun + ("" if text.endswith((".", "?", "!")) else ".")


def _account(table: Prepared) -> dict[str, Any]:
    return {
        "source": table.source,
        "sha256": table.sha256,
        "bytes": table.bytes_read,
        "synthetic": table.synthetic,
        "rows_read": table.rows_read,
        "rows_set_aside": table.rows_set_aside,
        "where": _counts(table.filtered),
        "rows_given": table.frame.height,
        "columns": {name: str(kind) for name, kind in table.data().schema.items()},
        "derived": table.derived,
        "notes": table.notes,
    }


def _life(lived: Lived) -> dict[str, Any]:
    return {
        "history": lived.history,
        "used": lived.used,
        "rows_in": lived.rows_in,
        "rows_out": lived.rows_out,
        "where": _counts(lived.filtered),
        "rows_given": lived.frame.height,
        "columns": {name: str(kind) for name, kind in lived.data().schema.items()},
        "derived": lived.derived,
        "notes": [*lived.remarks, *lived.notes],
        "problems": lived.grouped.to_dicts(),
    }


def _counts(filtered: Any) -> dict[str, Any] | None:  # noqa: ANN401 - Filtered or None
    if filtered is None:
        return None
    return {
        "where": filtered.where,
        "kept": filtered.kept,
        "left_out": filtered.left_out,
        "undecided": filtered.undecided,
    }


def _parquet(estimates: Estimates) -> bytes:
    buffer = io.BytesIO()
    metadata = {
        "wholefamily.specification": json.dumps(estimates.specification, ensure_ascii=False),
        "wholefamily.options": json.dumps(estimates.options, ensure_ascii=False),
        "wholefamily.version": estimates.version,
        "wholefamily.fingerprint": estimates.fingerprint,
        "wholefamily.notes": json.dumps(estimates.notes, ensure_ascii=False),
    }
    if estimates.comparison:
        metadata["wholefamily.comparison"] = json.dumps(estimates.comparison, ensure_ascii=False)
    estimates.to_polars().write_parquet(buffer, metadata=metadata)
    return buffer.getvalue()


def _now() -> datetime:
    """Tell the time, or the time that SOURCE_DATE_EPOCH sets for builds that must repeat."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH")
    if fixed is None:
        return datetime.now(timezone.utc).replace(microsecond=0)
    try:
        return datetime.fromtimestamp(int(fixed), timezone.utc)
    except (ValueError, OverflowError, OSError):
        raise SpecError(
            f"SOURCE_DATE_EPOCH = '{fixed}' should be a whole number of seconds since 1970"
        ) from None


def _paragraphs(text: str) -> list[str]:
    """Split text at blank lines; within a paragraph, line breaks are spaces."""
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", text) if part.strip()]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _shown(value: object) -> object:
    """Show what a text holds: nothing in a page may hide, or turn the direction of what follows."""
    plain = isinstance(value, str) and not isinstance(value, Markup)
    return wording.printable(value) if plain else value  # type: ignore[arg-type]


def _safe_html(text: str) -> Markup:
    """Mark what this package made, with every name in it escaped, as not to be escaped again."""
    return Markup(text)


def _safe(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)


def _css() -> str:
    environment = _environment()
    source, _, _ = environment.loader.get_source(environment, "report.css")  # type: ignore[union-attr]
    return source.replace("/* tables */", display.table_style())


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("wholefamily"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["count"] = wording.count
    environment.filters["printable"] = wording.printable
    return environment
