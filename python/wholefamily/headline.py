"""What is the answer, in one sentence that a committee can read?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wholefamily import wording
from wholefamily.display import EXPOSED, followed, is_estimate, key_text, readable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wholefamily.evaluation import Answer, Comparison
    from wholefamily.result import Estimates

LISTED = 12
GROUPS = 6
_WHOLE_NUMBER = ("children", "people", "days")
_COUNTED_BY_ROW = ("share", "referral_share", "pre_birth_outcomes", "escalation")


def of_answer(answer: Answer) -> list[str]:
    """Say the answer to one question in plain sentences, the most important first.

    Parameters
    ----------
    answer
        A question of an evaluation, answered.

    Returns
    -------
    list of str
        At least one sentence, without markup.
    """
    estimates, rows = answer.estimates, _rows(answer.estimates)
    things = ""
    if estimates.measure in _COUNTED_BY_ROW:
        things = answer.question.table.replace("_", " ")
    if not rows:
        return ["There are no rows to answer from."]
    if estimates.measure in _OWN_WORDS:
        return _OWN_WORDS[estimates.measure](estimates, rows)
    if len(rows) == 1 and estimates.keys in ([], ["before", "after"]):
        return [_capital(sentence(rows[0], things))]
    return [_capital(line) for line in _grouped(answer, rows, things)]


def of_comparison(comparison: Comparison) -> list[str]:
    """Say what a comparison found: each contrast in a sentence, or why there is none."""
    rows = _rows(comparison.estimates)
    if not rows:
        return ["There are no rows to compare."]
    without = [row for row in rows if row["value"] is None]
    if len(without) == len(rows) and len({row["reason"] for row in rows}) == 1:
        return [f"No comparison can be made: {rows[0]['reason'] or 'no reason was given'}."]
    if len(rows) > LISTED:
        return [f"{len(rows):,} contrasts, in the table below."]
    return [f"{_named(comparison.estimates, row)}: {sentence(row, '')}" for row in rows]


def sentence(row: Mapping[str, Any], things: str) -> str:
    """Say one row of a result: value, interval and base.

    Parameters
    ----------
    row
        A row of a result by column name.
    things
        What the rows of the table are, such as "referrals".

    Examples
    --------
    >>> row = {"value": 0.61, "lower": 0.601, "upper": 0.619, "level": 0.95, "unit": "share",
    ...        "numerator": 7320, "denominator": 12000.0, "reason": None}
    >>> sentence(row, "referrals")
    '61.0% (95% interval 60.1% to 61.9%; 7,320 of 12,000 referrals)'
    """
    unit = row["unit"]
    if row["value"] is None:
        why = f": {wording.printable(row['reason'])}" if row["reason"] else ""
        base = wording.base(row["numerator"], row["denominator"], unit)
        return f"no value{why}{f' ({base})' if base and row['denominator'] else ''}"
    value = wording.value(row["value"], unit)
    if unit in _WHOLE_NUMBER:
        return f"{value} {_singular(unit) if row['value'] == 1 else unit}"
    told = []
    span = wording.interval(row["lower"], row["upper"], unit, like=row["value"])
    if span:
        told.append(f"{wording.level(row['level'])} {span}")
    p_value = wording.p_value(row.get("p_value"))
    if p_value:
        told.append(p_value)
    if "contrast" not in row:
        exposed = row.get("measure") in EXPOSED
        base = wording.base(row["numerator"], row["denominator"], "per 1" if exposed else unit)
        if is_estimate(row):
            base, things = followed(row), ""
        if unit == "proportional change":
            base, things = (f"from {base}" if base else ""), "children"
        told.append(f"{base} {things}".strip() if base else "")
    told = [words for words in told if words]
    return f"{value} ({'; '.join(told)})" if told else value


def _grouped(answer: Answer, rows: list[dict[str, Any]], things: str) -> list[str]:
    """Say each of a few groups, or the range of many, and all of them together."""
    estimates = answer.estimates
    lines = []
    if len(rows) <= GROUPS:
        lines = [f"{_named(estimates, row)}: {sentence(row, things)}" for row in rows]
    if estimates.measure == "referral_share" and estimates.keys == ["period"] and len(lines) > 1:
        lines.append(_fewer(estimates, rows[0], rows[-1], things))
    if answer.overall is not None:
        lines.append(f"overall: {sentence(_rows(answer.overall)[0], things)}")
    if len(rows) > GROUPS:
        lines.append(_range(estimates, rows))
    return lines


def _rows(estimates: Estimates) -> list[dict[str, Any]]:
    return readable(estimates.to_polars()).to_dicts()


def _named(estimates: Estimates, row: Mapping[str, Any], *, without: tuple[str, ...] = ()) -> str:
    """Name the groups of a row; "before" and "after" are the same on every row and left out."""
    fixed = ("before", "after", *without)
    told = []
    for name in estimates.keys:
        if name in fixed:
            continue
        words = key_text(estimates, name, row[name], short=name == "period")
        words = words.replace("_", " ") if isinstance(row[name], str) else words
        yes_or_no = isinstance(row[name], bool) or row[name] is None
        told.append(f"{wording.heading(name).lower()} {words}" if yes_or_no else words)
    return ", ".join(told)


def _capital(text: str) -> str:
    """Begin with a capital, unless the first word is no plain word but a name such as "g1"."""
    first = text.split(maxsplit=1)[0].rstrip(":,") if text.strip() else ""
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


def _singular(unit: str) -> str:
    return {"children": "child", "people": "person", "days": "day"}[unit]


def _fewer(
    estimates: Estimates, first: Mapping[str, Any], last: Mapping[str, Any], things: str
) -> str:
    """Say how many fewer or more there were in the last period than in the first."""
    change = (last["numerator"] or 0) - (first["numerator"] or 0)
    words = "as many" if change == 0 else f"{abs(change):,} {'fewer' if change < 0 else 'more'}"
    link = "as" if change == 0 else "than"
    team = wording.key(estimates.specification.get("to")).replace("_", " ")
    return (
        f"{words} {things} answered by {team} in {_named(estimates, last)} {link} in {_named(estimates, first)} "
        f"({first['numerator'] or 0:,}, then {last['numerator'] or 0:,})"
    )


def _up_to(parts: list[str], number: int, thing: str) -> str:
    """List the first of several things and count the others."""
    if number > len(parts):
        parts = [*parts, _others(number - len(parts), thing)]
    return wording.listing(parts)


def _others(number: int, thing: str) -> str:
    return f"{number:,} other {thing}{'' if number == 1 else 's'}"


def _range(
    estimates: Estimates, rows: list[dict[str, Any]], *, without: tuple[str, ...] = ()
) -> str:
    """Say between which groups a result with many rows lies."""
    rows = [row for row in rows if row["value"] is not None]
    if not rows:
        return "No group has a value."
    every = estimates.options.get("every")
    names = [
        wording.heading(name, every)
        for name in estimates.keys
        if name not in ("before", "after", *without)
    ]
    groups = wording.listing([name[:1].lower() + name[1:] for name in names])
    low = min(rows, key=lambda row: row["value"])
    high = max(rows, key=lambda row: row["value"])
    if low["value"] == high["value"]:
        return f"By {groups}: {wording.value(low['value'], low['unit'])} in each."
    ends = [
        f"{wording.value(row['value'], row['unit'])} ({_named(estimates, row, without=without)})"
        for row in (low, high)
    ]
    return f"By {groups}: from {ends[0]} to {ends[1]}."


def _stock(estimates: Estimates, rows: list[dict[str, Any]]) -> list[str]:
    """Say how many there were, a line for each day; the groups together where there are any."""
    days: dict[Any, list[dict[str, Any]]] = {}
    for row in rows:
        days.setdefault(row["date"], []).append(row)
    if len(days) == len(rows):
        few = len(rows) <= GROUPS
        chosen = rows if few else [rows[0], rows[-1]]
        lines = [_capital(f"{_named(estimates, row)}: {sentence(row, '')}") for row in chosen]
        return lines if few else [*lines, _range(estimates, rows)]
    lines = []
    for day in sorted(days)[-LISTED // 2 :]:
        ordered = sorted(days[day], key=lambda row: -(row["value"] or 0))
        parts = [
            f"{_named(estimates, row, without=('date',))} {wording.value(row['value'], row['unit'])}"
            for row in ordered[:GROUPS]
        ]
        lines.append(f"{wording.key(day)}: {_up_to(parts, len(ordered), 'group')}")
    return lines


def _flows(estimates: Estimates, rows: list[dict[str, Any]]) -> list[str]:
    """Say starts, ends and net together: the last periods, or the groups of the last one."""
    own = [name for name in estimates.keys if name not in ("period", "flow")]
    periods = sorted({row["period"] for row in rows if row.get("period") is not None})
    chosen = periods[-1:] if own else periods[-GROUPS:]
    grouped: dict[str, dict[str, float]] = {}
    for row in rows:
        if not periods or row["period"] in chosen:
            place = _named(estimates, row, without=("flow",))
            grouped.setdefault(place, {})[row["flow"]] = row["value"] or 0
    ordered = list(grouped.items())
    if own:
        ordered.sort(key=lambda item: -item[1].get("starts", 0))
    lines = []
    for place, flow in ordered[:GROUPS]:
        net = flow.get("net", 0)
        words = (
            f"{wording.count(flow.get('starts', 0))} started, {wording.count(flow.get('ends', 0))} ended, "
            f"net {'+' if net > 0 else ''}{wording.count(net)}"
        )
        lines.append(_capital(f"{place}: {words}" if place else words))
    if len(ordered) > GROUPS:
        lines.append(f"And {_others(len(ordered) - GROUPS, 'group')}, in the table below.")
    return lines


def _several(estimates: Estimates, rows: list[dict[str, Any]]) -> list[str]:
    """Say each figure of a few groups; of many, between which groups each figure lies."""
    own = "index" if "index" in estimates.keys else "change"
    figures: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        figures.setdefault(key_text(estimates, own, row[own]), []).append(row)
    lines: list[str] = []
    for figure, members in figures.items():
        if len(members) <= GROUPS // 2:
            for row in members:
                group = _named(estimates, row, without=(own,))
                name = f"{figure}, {group}" if group else figure
                lines.append(f"{name}: {sentence(row, '')}")
        else:
            line = _range(estimates, members, without=(own,))
            lines.append(f"{figure}. {line}")
    return [_capital(line) for line in lines]


def _times(estimates: Estimates, rows: list[dict[str, Any]]) -> list[str]:
    """Say what share of each group had each event by the days asked for, or by the last step of a curve."""
    quantiles, asked = (estimates.specification.get(name) for name in ("quantiles", "at"))
    without = estimates.measure == "survival" and not quantiles
    lines: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        lines.setdefault(_named(estimates, row, without=("time",)), []).append(row)
    told = []
    for group, members in list(lines.items())[: 2 * GROUPS]:
        name = ", ".join(filter(None, (group, "without the event" if without else "")))
        if quantiles:
            words = [_quantile(estimates, row) for row in members]
        else:
            known = [row for row in members if row["value"] is not None]
            shown = members[-GROUPS:] if asked else (known or members)[-1:]
            words = [_by_day(row, full=row is shown[-1], without=without) for row in shown]
        told.append(
            _capital(f"{name}: {wording.listing(words)}" if name else wording.listing(words))
        )
    if len(lines) > 2 * GROUPS:
        told.append(f"And {_others(len(lines) - 2 * GROUPS, 'line')}, in the table below.")
    return told


def _by_day(row: Mapping[str, Any], *, full: bool, without: bool) -> str:
    """Say the share by one day; in full with its interval and how many were followed."""
    days = f"{'after' if without else 'by'} {wording.days(row['time'])}"
    if row["value"] is None:
        return f"no value {days} ({wording.printable(row['reason'] or 'no reason given')})"
    value = wording.value(row["value"], row["unit"])
    return f"{value} {days}{_limits(row)}" if full else f"{value} {days}"


def _quantile(estimates: Estimates, row: Mapping[str, Any]) -> str:
    """Say by which day a share of a group has had the event."""
    share = key_text(estimates, "time", row["time"])
    if row["value"] is None:
        return f"{share}: no value ({wording.printable(row['reason'] or 'no reason given')})"
    return f"{share} by {wording.value(row['value'], row['unit'])} days{_limits(row)}"


def _limits(row: Mapping[str, Any]) -> str:
    """Say between which limits a value lies, and how many were followed."""
    span = wording.interval(row["lower"], row["upper"], row["unit"], like=row["value"])
    span = f"{wording.level(row['level'])} {span}" if span else ""
    return f" ({'; '.join(filter(None, (span, followed(row))))})"


def _survey(estimates: Estimates, rows: list[dict[str, Any]]) -> list[str]:
    """Say the most frequent answer to each item; where several may be given, the most frequent ones."""
    items: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        items.setdefault(_named(estimates, row, without=("answer",)), []).append(row)
    lines = []
    for item, answers in items.items():
        ordered = sorted(answers, key=lambda row: -(row["value"] or 0))
        if estimates.specification.get("multiple"):
            parts = [
                f"{wording.key(row['answer'])} {wording.value(row['value'], row['unit'])}"
                for row in ordered[:GROUPS]
            ]
            base = wording.count(ordered[0]["denominator"] or 0)
            lines.append(f"{item}: {_up_to(parts, len(ordered), 'answer')} (base {base})")
        else:
            lines.append(f"{item}: {wording.key(ordered[0]['answer'])}, {sentence(ordered[0], '')}")
    if len(lines) > LISTED:
        lines = [
            *lines[:LISTED],
            f"and {_others(len(lines) - LISTED, 'item')}, in the table below.",
        ]
    return [_capital(line) for line in lines]


_OWN_WORDS = {
    "cumulative_incidence": _times,
    "flows": _flows,
    "inequality_gradient": _several,
    "looked_after": _stock,
    "paired_change": _several,
    "survival": _times,
    "survey_percentages": _survey,
}
"""Measures whose results are said in a way of their own."""
