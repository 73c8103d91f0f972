"""Time the engine and its peers on the same rows, in one process.

    python benches/run.py [CASE ...] [--share N] [--repeats N] [--no-memory] [--out DIR]

Every form of every peer first runs once, which warms it and holds its answer against ours.
Then all take turns, so that a busy moment of the machine falls on each alike; the median
counts. A peer's time is that of its fastest form. Writes results.md and results.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import distributions, version
from pathlib import Path
from typing import Any

import memory
import wholefamily
from cases import CASES, OURS, Case

SLOW = 1.0  # seconds; slower forms take three turns only
PACKAGES = ("polars", "duckdb", "pyarrow", "pandas", "numpy", "statsmodels")
FEW_HAVE = ("lifelines", "scikit-survival")


def timed(run: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds on the wall clock, and the answer."""
    begin = time.perf_counter()
    answer = run()
    return time.perf_counter() - begin, answer


def medians(case: Case, forms: dict[tuple[str, str], Any], repeats: int) -> list[dict[str, Any]]:
    """Warm, check and time every form; seconds and whether the answer agreed."""
    warm = {key: timed(run) for key, run in forms.items()}
    expected = warm[OURS, ""][1]
    rows = {
        key: {"library": key[0], "form": key[1], "agrees": case.agree(expected, answer)}
        for key, (_, answer) in warm.items()
    }
    turns: dict[tuple[str, str], list[float]] = {key: [] for key in forms}
    for turn in range(repeats):
        for key, run in forms.items():
            if turn < 3 or warm[key][0] < SLOW:
                turns[key].append(timed(run)[0])
    for key, seconds in turns.items():
        rows[key] |= {"seconds": statistics.median(seconds), "fastest": min(seconds)}
        rows[key]["turns"] = len(seconds)
    return list(rows.values())


def fastest_forms(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a library: its fastest form that gave our answer."""
    best: dict[str, dict[str, Any]] = {}
    for row in results:
        library = row["library"]
        if row["agrees"] and row["seconds"] < best.get(library, row | {"seconds": 1e9})["seconds"]:
            best[library] = row
    return sorted(best.values(), key=lambda row: row["seconds"])


def peaks(case_id: str, frame: Any, results: list[dict[str, Any]]) -> None:
    """Add each library's peak memory beyond the input, for its fastest form."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.arrow"
        frame.write_ipc(table)
        for row in fastest_forms(results):
            row["peak"] = memory.measure(case_id, table, row["library"], row["form"])


def page(report: dict[str, Any]) -> str:
    """The results as Markdown."""
    machine = report["machine"]
    packages = ", ".join(f"{name} {number}" for name, number in report["packages"].items())
    lines = [
        f"{machine['processor']}, {machine['cpus']} CPUs, {machine['system']}; {packages}.",
        "",
    ]
    for case in report["cases"]:
        ours = next(row for row in case["forms"] if row["library"] == OURS)
        fast = {id(row) for row in fastest_forms(case["forms"])}
        lines += [
            f"## {case['rows']:,} rows: {case['name']}",
            "",
            "| library | form | ms | times ours | peak beyond input, MiB | same answer |",
            "|---|---|---:|---:|---:|---|",
        ]
        for row in sorted(case["forms"], key=lambda row: row["seconds"]):
            peak = "" if row.get("peak") is None else f"{row['peak'] / 2**20:.0f}"
            mark = "**" if id(row) in fast else ""
            lines.append(
                f"| {mark}{row['library']}{mark} | {row['form']} | {row['seconds'] * 1e3:.1f} "
                f"| {row['seconds'] / ours['seconds']:.1f} | {peak} "
                f"| {'yes' if row['agrees'] else 'NO'} |"
            )
        verdict = "reached" if case["ratio"] >= case["target"] else "not reached"
        sentence = f"Peer: {case['peer']}, {case['ratio']:.1f} times our time"
        lines += ["", f"{sentence} (target {case['target']:g}: {verdict}).", ""]
    return "\n".join(lines)


def bench(case_id: str, *, share: float, repeats: int, with_memory: bool) -> dict[str, Any]:
    """One case, timed."""
    case = CASES[case_id]
    count = int(case.rows * share)
    frame = case.table(count)
    results = medians(case, case.forms(frame), repeats)
    if with_memory:
        peaks(case_id, frame, results)
    libraries = fastest_forms(results)
    rivals = [row for row in libraries if row["library"] != OURS]
    peer = next(row for row in rivals if row["library"] == (case.only or row["library"]))
    ours = next(row for row in libraries if row["library"] == OURS)
    return {
        "case": case_id,
        "name": case.name,
        "rows": count,
        "input_bytes": frame.estimated_size(),
        "target": case.target,
        "peer": f"{peer['library']} ({peer['form']})",
        "ratio": peer["seconds"] / ours["seconds"],
        "forms": results,
    }


def packages() -> dict[str, str]:
    """The versions of all that take part."""
    present = {each.metadata["Name"] for each in distributions()}
    named = [*PACKAGES, *(name for name in FEW_HAVE if name in present)]
    return {"wholefamily": wholefamily.__version__} | {name: version(name) for name in named}


def arguments(words: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="all, if none is named")
    parser.add_argument("--share", type=float, default=1.0, help="part of the rows, 0 to 1")
    parser.add_argument("--repeats", type=int, default=9, help="turns of each form")
    parser.add_argument("--no-memory", action="store_true", help="leave peak memory out")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="folder to write to")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Run the cases; 1 if any answer disagreed with ours."""
    chosen = arguments(words)
    report: dict[str, Any] = {
        "machine": {
            "processor": platform.processor() or platform.machine(),
            "cpus": os.cpu_count(),
            "system": platform.platform(),
        },
        "python": platform.python_version(),
        "packages": packages(),
        "cases": [],
    }
    chosen.out.mkdir(parents=True, exist_ok=True)
    for case_id in chosen.cases or CASES:
        print(f"{case_id} ...", file=sys.stderr, flush=True)
        report["cases"].append(
            bench(
                case_id,
                share=chosen.share,
                repeats=chosen.repeats,
                with_memory=not chosen.no_memory,
            )
        )
        (chosen.out / "results.json").write_text(json.dumps(report, indent=1) + "\n")
        (chosen.out / "results.md").write_text(page(report))
    print(page(report))
    print(f"Written to {chosen.out}/results.md and results.json")
    return 0 if all(f["agrees"] for case in report["cases"] for f in case["forms"]) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
