"""A funnel plot: which groups differ from the average by more than chance would make them?

Small groups vary more by chance than large ones, so a league table is headed and ended by small
groups. A funnel shows each group beside the limits that chance alone sets for its size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, cast

from wholefamily import display, wording
from wholefamily.errors import SpecError, TypeError_
from wholefamily.plot import look, remarks
from wholefamily.plot.limits import Lines, lines, signals, spread
from wholefamily.plot.points import lines_of
from wholefamily.plot.series import apart

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt

    from wholefamily.result import Estimates
    from wholefamily.stats.funnel import FunnelMethod

LABELLED = 30
"""How many groups outside the limits are named on the chart."""

_LETTER = 6.4
_LINE = 14.0


def funnel_chart(
    estimates: Estimates,
    *,
    average: float | None = None,
    method: FunnelMethod = "phe",
    overdispersion: bool = False,
    title: str | None = None,
    width: float = 520,
    height: float = 340,
) -> alt.LayerChart:
    """Draw groups as a funnel: each value at the size of its group, between the limits of chance.

    Parameters
    ----------
    estimates
        A table of shares or of crude rates, one row a group.
    average
        What the groups are held to, in the unit of the table (a share between 0 and 1, or a rate
        per so many); by default that of all groups together.
    method
        How the limits are found, see `wholefamily.stats.funnel_limits`.
    overdispersion
        Widen the limits by how much the groups vary beyond chance; `method` is then not used.
    title
        By default the question.
    width, height
        Size of the plot in pixels, without titles and labels.

    Returns
    -------
    altair.LayerChart
        A chart that a notebook shows, and that can be changed further.

    Raises
    ------
    SpecError
        A table that is no set of groups with one share or rate each; the message says what to do.
    """
    from wholefamily.plot.offline import offline

    per = _checked(estimates)
    if overdispersion and method != "phe":
        raise SpecError(
            f"overdispersion=True has limits of its own, so method={method!r} is not used; "
            "leave method out"
        )
    groups = _groups(estimates, per)
    centre = _average(groups, average, per)
    of: Literal["proportion", "rate"] = "proportion" if per is None else "rate"
    found = spread([g["x"] for g in groups], [g["n"] for g in groups], centre, of)
    tau2 = (found.tau2 or 0.0) if overdispersion else None
    by_events = of == "rate" and method == "phe" and not overdispersion
    told = signals(groups, centre, of, method, tau2)
    for group, signal in zip(groups, told, strict=True):
        group["signal"] = signal
        group["at"] = group["x"] if by_events else group["n"]
    scale = per or 1.0
    drawn = lines([g["at"] for g in groups], centre, of, method, tau2).scaled(scale)
    body = _layers(
        groups,
        drawn,
        centre * scale,
        unit="share" if per is None else f"per {wording.count(per)}",
        titles=(remarks.size_title(estimates, by_events=by_events), remarks.value_title(estimates)),
        size=(width, height),
    )
    heading = title or remarks.question(estimates)
    told_below = [
        remarks.average_remark(groups, centre * scale, average, per),
        remarks.limits_remark(method, tau2, varies=bool(drawn.at)),
        remarks.spread_remark(found) if average is None and not overdispersion else "",
        remarks.missing_remark(estimates),
        remarks.unnamed_remark(groups),
    ]
    room = width + 110
    words: dict[str, Any] = {
        "text": lines_of(wording.printable(heading), room, 15),
        "subtitle": [line for text in filter(None, told_below) for line in lines_of(text, room)],
    }
    named = body.properties(title=words, description=remarks.described(heading, groups))
    return offline(look.dressed(named))


# ── What can be drawn ─────────────────────────────────────────────────────────────────


def _checked(estimates: Estimates) -> float | None:
    """Give what a rate is per, or None for shares; refuse any table that is no set of groups."""
    options, keys = estimates.options, estimates.keys
    if estimates.comparison is not None:
        raise SpecError(
            "a funnel shows groups, and this table holds contrasts of them; "
            "call .funnel() on the estimates that were compared"
        )
    if options.get("every") is not None or "period" in keys:
        raise SpecError(
            "a funnel shows one value a group, and this table has a row for each period; "
            "run the measure without every=, on the rows of the time that you ask about"
        )
    own = [name for name in keys if name not in (options.get("by") or ())]
    frame = estimates.to_polars()
    units = frame["unit"].unique().to_list()
    unit = str(units[0]) if len(units) == 1 else ""
    crude = unit == "share" or (unit.startswith("per ") and estimates.measure in _CRUDE)
    if not crude or estimates.measure in ("paired_change", "inequality_gradient"):
        raise SpecError(
            f"a funnel is of shares or of crude rates, and {estimates.measure} gives neither; "
            "use a measure of shares, wf.Rate, or wf.LookedAfter with a population"
        )
    several = [name for name in own if frame[name].n_unique() > 1]
    if several:
        raise SpecError(
            f"a funnel shows one value a group, and this table has a row for each "
            f"{wording.listing(several)}; run the measure for one of them only, such as one date "
            "in at=, or wf.Share(outcome='answer', equals='…') for one answer"
        )
    if not options.get("by"):
        raise SpecError("a funnel needs groups; run the measure with by=, such as by='locality'")
    return None if unit == "share" else float(unit.removeprefix("per ").replace(",", ""))


_CRUDE = ("rate", "looked_after")


def _groups(estimates: Estimates, per: float | None) -> list[dict[str, Any]]:
    """Give each group with a value: its name, how many, of how many, and the words for them."""
    by = [str(name) for name in estimates.options["by"]]
    frame = display.readable(estimates.to_polars())
    found: list[dict[str, Any]] = []
    for row in frame.iter_rows(named=True):
        if row["value"] is None or not row["denominator"]:
            continue
        limits = wording.interval(row["lower"], row["upper"], row["unit"], like=row["value"])
        found.append(
            {
                "group": ", ".join(display.key_text(estimates, key, row[key]) for key in by),
                "x": int(row["numerator"]),
                "n": float(row["denominator"]),
                "value": row["numerator"] / row["denominator"] * (per or 1.0),
                "told": wording.value(row["value"], row["unit"]),
                "interval": limits,
                "base": display.base_text(estimates, row),
            }
        )
    if not found:
        raise SpecError("a funnel needs groups with a value, and no row of this table has one")
    return found


def _average(groups: Sequence[Mapping[str, Any]], given: float | None, per: float | None) -> float:
    """Give the average as a share, or as events per one of the exposure."""
    if given is None:
        return sum(g["x"] for g in groups) / sum(g["n"] for g in groups)
    if type(cast("object", given)) not in (int, float):
        raise TypeError_(f"average is {given!r}; expected a number, or None for that of all groups")
    if per is None and not 0 <= given <= 1:
        raise SpecError(f"average is {given}; expected a share between 0 and 1, such as 0.21")
    if not 0 <= given < float("inf"):
        raise SpecError(f"average is {given}; expected a rate per {wording.count(per or 1)}")
    return given / (per or 1.0)


# ── The picture ───────────────────────────────────────────────────────────────────────


def _layers(
    groups: list[dict[str, Any]],
    drawn: Lines,
    average: float,
    *,
    unit: str,
    titles: tuple[str, str],
    size: tuple[float, float],
) -> alt.LayerChart:
    import altair as alt

    width, height = size
    widest = max(group["at"] for group in groups) * 1.05
    across = (0.0, widest if widest > 0 else 1.0)
    upright = _domain(groups, drawn, average, unit)
    x_axis = alt.Axis(title=lines_of(titles[0], width), format=",~f", tickCount=6, grid=False)
    x = alt.X("at:Q", scale=alt.Scale(domain=list(across), nice=False), axis=x_axis)
    y_scale = look.value_scale(unit, upright)
    y_axis = look.value_axis(
        unit,
        upright,
        title=lines_of(titles[1], width),
        titleAngle=0,
        titleAlign="left",
        titleAnchor="end",
        titleBaseline="bottom",
        titleX=-30,
        titleY=-12,
    )
    y = alt.Y("value:Q", scale=y_scale, axis=y_axis)
    layers: list[alt.Chart] = []
    ends: dict[str, float] = {}
    for name, dash, curves in (("95%", [5, 3], drawn.inner), ("99.8%", [1, 0], drawn.outer)):
        for curve in curves:
            values = [{"at": at, "value": end} for at, end in zip(drawn.at, curve, strict=True)]
            line = alt.Chart(alt.InlineData(values=values)).mark_line(
                strokeWidth=1.3, strokeDash=dash, color=look.QUIET, clip=True
            )
            layers.append(line.encode(x=x, y=y))
            if values:
                ends[f"{name}{' ' * (curve is curves[1])}"] = curve[-1]
    ends[f"average {wording.value(average, unit)}"] = average
    rule = alt.Chart(alt.InlineData(values=[{"value": average}]))
    layers.append(rule.mark_rule(strokeWidth=1.3, color=look.INK).encode(y=y))
    layers.extend(_beside(ends, unit, upright, size))
    order = [name for name in remarks.SIGNALS if any(group["signal"] == name for group in groups)]
    counted = {name: sum(group["signal"] == name for group in groups) for name in order}
    named = {name: f"{name} ({wording.count(counted[name])})" for name in order}
    looks = [remarks.SIGNALS[name] for name in order]
    legend = alt.Legend(title=None, orient="top", columns=5, offset=30, columnPadding=14)
    domain = list(named.values())
    colour = alt.Color(
        "where:N", scale=alt.Scale(domain=domain, range=[c for c, _ in looks]), legend=legend
    )
    shape = alt.Shape(
        "where:N", scale=alt.Scale(domain=domain, range=[s for _, s in looks]), legend=legend
    )
    values = [{**group, "where": named[group["signal"]]} for group in groups]
    base = alt.Chart(alt.InlineData(values=values))
    layers.append(
        base.mark_point(filled=True, size=70, opacity=1, stroke="white", strokeWidth=0.6).encode(
            x=x, y=y, color=colour, shape=shape, tooltip=_tooltips()
        )
    )
    layers.extend(_labels(groups, (across, upright), unit, size))
    return alt.layer(*layers).properties(width=width, height=height)


def _domain(
    groups: Sequence[Mapping[str, Any]], drawn: Lines, average: float, unit: str
) -> tuple[float, float]:
    """Hold every group, and the limits from the smallest group on, with a margin."""
    smallest = min((group["at"] for group in groups if group["at"] > 0), default=0.0)
    seen = [
        limit
        for curve in (*drawn.inner, *drawn.outer)
        for at, limit in zip(drawn.at, curve, strict=True)
        if at >= smallest
    ]
    most = max([average, *(group["value"] for group in groups)])
    within = [limit for limit in seen if limit <= 2 * most] or [most]
    known = [*within, average, *(group["value"] for group in groups)]
    low, high = min(known), max(known)
    margin = (high - low) * 0.06 or max(high, 1.0) * 0.1
    low = 0.0 if low - margin < 0.3 * high else low - margin
    high = high + margin if unit != "share" else min(1.0, high + margin)
    return low, high


def _beside(
    ends: Mapping[str, float], unit: str, limits: tuple[float, float], size: tuple[float, float]
) -> list[alt.Chart]:
    """Name each line at its right end, none over another."""
    import altair as alt

    width, height = size
    inside = {name: end for name, end in ends.items() if limits[0] <= end <= limits[1]}
    wanted = {n: height * (1 - look.place(end, unit, limits)) for n, end in inside.items()}
    charts = []
    for name, at in apart(wanted, height).items():
        bold = name.startswith("average")
        text = alt.Chart(alt.InlineData(values=[{"name": name.strip()}]))
        mark = text.mark_text(
            align="left", baseline="middle", fontSize=12, color=look.INK if bold else look.QUIET
        )
        charts.append(mark.encode(x=alt.value(width + 6), y=alt.value(at), text="name:N"))
    return charts


def _labels(
    groups: Sequence[dict[str, Any]],
    axes: tuple[tuple[float, float], tuple[float, float]],
    unit: str,
    size: tuple[float, float],
) -> list[alt.Chart]:
    """Name the groups outside the limits, the furthest first, where there is room."""
    import altair as alt

    (across, upright), (width, height) = axes, size

    def place(group: Mapping[str, Any]) -> tuple[float, float]:
        over = width * (group["at"] - across[0]) / (across[1] - across[0])
        return over, height * (1 - look.place(group["value"], unit, upright))

    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in map(place, groups)]
    outside = [g for g in groups if g["signal"] not in remarks.INSIDE]
    outside.sort(key=lambda g: ("99.8" not in g["signal"], -g["n"]))
    charts = []
    for group in outside[:LABELLED]:
        x, y = place(group)
        text = group["group"] if len(group["group"]) <= 28 else group["group"][:27] + "…"
        long = len(text) * _LETTER
        sides: list[tuple[Literal["left", "right", "center"], float, float, float]] = [
            ("left", x + 9, y, x + 9),
            ("right", x - 9, y, x - 9 - long),
            ("center", x, y - 14, x - long / 2),
            ("center", x, y + 14, x - long / 2),
            ("right", x + 5, y - 14, x + 5 - long),
            ("right", x + 5, y + 14, x + 5 - long),
        ]
        for align, at, level, left in sides:
            box = (left, level - _LINE / 2, left + long, level + _LINE / 2)
            inside = box[0] >= 0 and box[2] <= width and box[1] >= -8 and box[3] <= height
            if inside and not any(_meet(box, other) for other in taken):
                taken.append(box)
                base = alt.Chart(alt.InlineData(values=[{"name": text}])).encode(
                    x=alt.value(at), y=alt.value(level), text="name:N"
                )
                words: dict[str, Any] = {"align": align, "baseline": "middle", "fontSize": 11}
                charts.append(base.mark_text(stroke="white", strokeWidth=3.5, **words))
                charts.append(base.mark_text(color=look.INK, **words))
                group["named"] = True
                break
    return charts


def _meet(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    """Tell whether two boxes (left, top, right, bottom) overlap."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _tooltips() -> list[alt.Tooltip]:
    import altair as alt

    fields = {"group": "Group", "told": "Value", "interval": "Interval", "base": "Base"}
    return [alt.Tooltip(f"{name}:N", title=title) for name, title in fields.items()] + [
        alt.Tooltip("signal:N", title="Where it lies")
    ]
