"""What a funnel plot says in words: its question, its limits, and where the groups lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from wholefamily import display, wording

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wholefamily.result import Estimates
    from wholefamily.stats import Overdispersion

SIGNALS = {
    "above 99.8%": ("#D55E00", "diamond"),
    "above 95%": ("#E69F00", "triangle-up"),
    "within limits": ("#7A7A7A", "circle"),
    "below 95%": ("#56B4E9", "triangle-down"),
    "below 99.8%": ("#0072B2", "square"),
    "no limits": ("#1A1A1A", "cross"),
}
"""Where a group lies, with its colour and its shape."""

INSIDE = ("within limits", "no limits")
"""Where a group lies that does not stand out."""

_METHODS = {
    "phe": "as Public Health England finds them",
    "score": "from the normal approximation",
    "exact": "exact, of whole counts",
    "interpolated": "exact, interpolated between whole counts",
    "confidence": "confidence limits of the number expected",
}
_SOME, _MORE, _UNUSUAL = 10, 1.5, 0.001


def question(estimates: Estimates) -> str:
    """Ask what the chart answers."""
    by = [str(name) for name in estimates.options["by"]]
    thing = wording.heading(by[0]) if len(by) == 1 else "group"
    thing = thing[:1].lower() + thing[1:]
    return f"Does any {thing} differ from the average by more than chance?"


def size_title(estimates: Estimates, *, by_events: bool) -> str:
    """Name the axis of the sizes: the base of a share, or the events or exposure of a rate."""
    specification = estimates.specification
    if estimates.measure == "looked_after":
        return "Children looked after" if by_events else "Population"
    if estimates.measure == "rate":
        name = wording.heading(str(specification["events" if by_events else "exposure"]))
        return f"{wording.printable(name)}: {'events observed' if by_events else 'exposure'}"
    return "Size of the group: the base of its share"


def value_title(estimates: Estimates) -> str:
    """Name the axis of the values."""
    return wording.printable(wording.quantity(estimates.measure, estimates.specification))


def average_remark(
    groups: Sequence[Mapping[str, Any]], average: float, given: float | None, per: float | None
) -> str:
    """Say what the groups are held to."""
    unit = "share" if per is None else f"per {wording.count(per)}"
    few = {1: "the one group", 2: "both groups together"}
    number = few.get(len(groups), f"all {wording.count(len(groups))} groups together")
    whose = f"of {number}" if given is None else "given"
    return f"Average: {wording.value(average, unit)}, {whose}."


def limits_remark(method: str, tau2: float | None, *, varies: bool) -> str:
    """Say how the limits were found, and how many groups lie outside them by chance."""
    if not varies:
        return "About such an average nothing varies by chance, so there are no limits."
    if tau2 is None:
        return (
            f"Limits about it, {_METHODS[method]}: by chance alone 1 group in 20 would lie outside "
            "those of 95%, and 1 in 500 outside those of 99.8%."
        )
    if tau2 == 0:
        return "Limits of chance alone: these groups show no variation beyond it."
    return (
        f"Limits widened for variation between groups beyond chance (variance {tau2:.2g} on the "
        "scale of arcs or roots): they no longer show whether the groups differ, but which stand out."
    )


def spread_remark(found: Overdispersion) -> str:
    """Warn where the groups vary so much that chance cannot be all."""
    if found.phi is None or found.p_value is None or (found.used or 0) < _SOME:
        return ""
    if found.phi < _MORE or found.p_value >= _UNUSUAL:
        return ""
    return (
        f"All together the groups vary {found.phi:.1f} times as much as chance would make them "
        f"({wording.p_value(found.p_value)}): limits of chance alone single out too many."
    )


def missing_remark(estimates: Estimates) -> str:
    """Count the groups that cannot be drawn."""
    missing = sum(display.undefined(estimates.to_polars()).values())
    if not missing:
        return ""
    return f"{'1 group has' if missing == 1 else f'{wording.count(missing)} groups have'} no value."


def unnamed_remark(groups: Sequence[Mapping[str, Any]]) -> str:
    """Count the groups that stand out without a name on the picture."""
    unnamed = sum(group["signal"] not in INSIDE and not group.get("named") for group in groups)
    if not unnamed:
        return ""
    who = "1 group" if unnamed == 1 else f"{wording.count(unnamed)} groups"
    return f"{who} outside the limits had no room for a name."


def described(question: str, groups: Sequence[Mapping[str, Any]]) -> str:
    """Say what the chart shows, for those who do not see it."""
    told = [question]
    for signal in SIGNALS:
        members = [group for group in groups if group["signal"] == signal]
        if not members:
            continue
        if signal == "within limits":
            told.append(f"{wording.count(len(members))} of {wording.count(len(groups))} within")
        else:
            names = [f"{group['group']} ({group['told']})" for group in members]
            told.append(f"{signal}: {wording.listing(names)}")
    return wording.printable("; ".join(told)) + "."
