"""Results written by hand, in the contract's columns, for tests of what a reader sees."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from wholefamily.result import Estimates

HOSTILE = [
    "<script>alert(1)</script>",
    "a.b[c]:d'e\"f\\g",
    "=cmd|' /C calc'!A0",
    "{{ 7*7 }} & <b>",
    "line\nbreak\x1b[31mred",
    None,
]
"""Group names that must stay mere names."""

COUNT_REASON = "a complete count has no sampling interval"


def row(
    value: float | None,
    lower: float | None = None,
    upper: float | None = None,
    base: tuple[int | None, float | None] = (None, None),
    **other: Any,
) -> dict[str, Any]:
    """Write the columns of one row that follow the keys."""
    return {
        "value": value,
        "lower": lower,
        "upper": upper,
        "level": 0.95,
        "unit": "share",
        "numerator": base[0],
        "denominator": base[1],
        "method": "wilson",
        "reason": None,
        "rows_used": int(base[1] or 0),
        "rows_dropped": 0,
        **other,
    }


NOTHING = row(None, base=(0, 0.0), reason="no rows")
"""A group without rows."""


def estimates(
    keys: Mapping[str, Sequence[Any]],
    rows: Sequence[Mapping[str, Any]],
    *,
    specification: Mapping[str, Any] | None = None,
    by: Sequence[str] | None = None,
    every: str | None = None,
    account: Sequence[Mapping[str, Any]] = (),
    notes: Sequence[str] = (),
    comparison: Mapping[str, Any] | None = None,
    compared: Estimates | None = None,
) -> Estimates:
    """Build a result from key columns and rows, with the metadata that the engine would write."""
    specification = specification or {"measure": "referral_share", "to": "hub"}
    columns: dict[str, pa.Array] = {name: pa.array(values) for name, values in keys.items()}
    columns["measure"] = pa.array([specification["measure"]] * len(rows), pa.string())
    for name, kind in (
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("level", pa.float64()),
        ("unit", pa.string()),
        ("numerator", pa.int64()),
        ("denominator", pa.float64()),
        ("method", pa.string()),
        ("reason", pa.string()),
        ("rows_used", pa.int64()),
        ("rows_dropped", pa.int64()),
    ):
        columns[name] = pa.array([each[name] for each in rows], kind)
    if comparison:
        columns["p_value"] = pa.array([each["p_value"] for each in rows], pa.float64())
    own = {"period", "date", "before", "after", "flow", "item", "answer", "contrast"}
    by = [name for name in keys if name not in own] if by is None else by
    metadata = {
        "specification": json.dumps(specification),
        "options": json.dumps({"by": list(by), "every": every, "level": 0.95}),
        "version": "0.1.0",
        "fingerprint": "0123456789abcdef0123456789abcdef",
        "account": json.dumps(list(account)),
        "notes": json.dumps(list(notes)),
    }
    if comparison:
        metadata["comparison"] = json.dumps(comparison)
    table = pa.table(columns).replace_schema_metadata(
        {f"wholefamily.{name}": text for name, text in metadata.items()}
    )
    return Estimates(table, compared=compared)


LOCALITIES = ["Cambuslang", "East Kilbride", "Hamilton", "Lanark"]


def share_by_locality(*, last_is_null: bool = False) -> Estimates:
    """Share by locality: one with no rows, one perhaps not recorded."""
    names: list[str | None] = [*LOCALITIES, "Rural"]
    rows = [
        row(0.61, 0.582, 0.637, (732, 1200)),
        row(0.5, 0.4, 0.6, (45, 90), rows_dropped=3),
        row(0.702, 0.65, 0.75, (210, 299)),
        row(1.0, 0.7225, 1.0, (10, 10)),
        NOTHING,
    ]
    if last_is_null:
        names[-2] = None
    account = [
        {
            "column": "team",
            "problem": "no team given",
            "rows": 3,
            "examples": [[4, None], [9, None]],
        }
    ]
    return estimates({"locality": names}, rows, account=account, notes=["Read in two batches"])


QUARTERS = [dt.date(2022, 7, 1), dt.date(2022, 10, 1), dt.date(2023, 1, 1), dt.date(2023, 4, 1)]


def share_by_locality_and_quarter() -> Estimates:
    """Share by locality in four quarters, sorted by period; one cell has no rows."""
    keys: dict[str, list[Any]] = {"locality": [], "period": []}
    rows = []
    for i, quarter in enumerate(QUARTERS):
        for j, name in enumerate(LOCALITIES):
            n = 60 + 10 * j
            x = round(n * (0.42 + 0.07 * i + 0.02 * j * (-1) ** i))
            p = x / n
            half = 1.96 * (p * (1 - p) / n) ** 0.5
            keys["locality"].append(name)
            keys["period"].append(quarter)
            empty = (i, j) == (1, 2)
            rows.append(NOTHING if empty else row(p, p - half, min(1.0, p + half), (x, n)))
    return estimates(keys, rows, every="quarter")


def looked_after() -> Estimates:
    """Counts on three dates, without intervals."""
    dates = [dt.date(2016, 2, 29), dt.date(2020, 2, 29), dt.date(2022, 2, 28)]
    rows = [
        row(float(n), base=(n, None), unit="children", method="count", reason=COUNT_REASON)
        for n in (1381, 988, 751)
    ]
    specification = {"measure": "looked_after", "at": [d.isoformat() for d in dates]}
    return estimates({"date": dates}, rows, specification=specification)


def looked_after_change() -> Estimates:
    """Change between two dates, twice."""
    keys = {
        "before": [dt.date(2016, 2, 29)] * 2,
        "after": [dt.date(2020, 2, 29), dt.date(2022, 2, 28)],
    }
    common = {"unit": "proportional change", "method": "overlap-log"}
    rows = [
        row(-0.2846, -0.3212, -0.246, (988, 1381), **common),
        row(-0.4562, -0.4901, -0.42, (751, 1381), **common),
    ]
    return estimates(keys, rows, specification={"measure": "looked_after_change"})


def survey() -> Estimates:
    """Two items with their own answers; one is long."""
    answers = {
        "How do you feel about the help that your family had?": ["better", "same", "worse"],
        "What changed?": [
            "less stressed",
            "We have more time together as a family and the children are happier at school",
        ],
    }
    keys: dict[str, list[Any]] = {"item": [], "answer": []}
    rows = []
    for item, options in answers.items():
        for i, answer in enumerate(options):
            keys["item"].append(item)
            keys["answer"].append(answer)
            x = (5, 2, 1)[i]
            rows.append(row(x / 8, max(0, x / 8 - 0.3), min(1, x / 8 + 0.25), (x, 8)))
    specification = {"measure": "survey_percentages", "base": "answering"}
    return estimates(keys, rows, specification=specification)


def comparison() -> Estimates:
    """Hubs against local offices: 3 of 25 and 7 of 10."""
    source = estimates(
        {"team": ["hub", "local_office"]},
        [row(0.12, 0.042, 0.3, (3, 25)), row(0.7, 0.397, 0.892, (7, 10))],
        specification={"measure": "pre_birth_outcomes"},
    )
    request = {"column": "team", "group": "hub", "reference": "local_office", "within": None}
    base = (3, 25)
    rows = [
        row(
            -0.58,
            -0.782,
            -0.233,
            base,
            unit="difference in share",
            method="newcombe",
            p_value=0.0018,
        ),
        row(0.1714, 0.0551, 0.5336, base, unit="ratio", method="katz", p_value=0.0018),
        row(0.0584, 0.0099, 0.3447, base, unit="odds ratio", method="woolf", p_value=0.0018),
    ]
    return estimates(
        {"contrast": ["difference", "ratio", "odds_ratio"]},
        rows,
        by=["team"],
        specification={"measure": "pre_birth_outcomes"},
        comparison=request,
        compared=source,
    )


def single() -> Estimates:
    """One number without groups."""
    return estimates({}, [row(0.61, 0.5985, 0.6214, (4270, 7000))])


def many(groups: int) -> Estimates:
    """Many groups."""
    rows = []
    for i in range(groups):
        p = 0.2 + 0.6 * ((i * 7) % groups) / groups
        rows.append(row(p, p - 0.08, p + 0.08, (round(p * 150), 150)))
    return estimates({"data_zone": [f"S0101{i:04d}" for i in range(groups)]}, rows)


def nothing() -> Estimates:
    """No rows at all."""
    return estimates({"locality": pa.array([], pa.string())}, [])


def hostile() -> Estimates:
    """Group names, column names, an outcome and notes that try to be more than names."""
    rows = [row(0.5, 0.4, 0.6, (45, 90)) for _ in HOSTILE]
    return estimates(
        {
            "<img src=x onerror=alert(1)>.a[b]:c'd\"": HOSTILE,
            "key\\.two": ["</style>"] * len(HOSTILE),
        },
        rows,
        specification={"measure": "referral_share", "to": "</td><script>alert(2)</script>"},
        account=[{"column": "<i>", "problem": "<u>bad</u>", "rows": 2, "examples": [[1, "<s>"]]}],
        notes=["<b>note</b>"],
    )
