"""Curves of times to an event: steps with their band, from the day of the origin on."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from wholefamily import display, wording
from wholefamily.plot import look
from wholefamily.plot.groups import panels_of, tooltips
from wholefamily.plot.points import Layout, lines_of, points
from wholefamily.plot.series import line_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt
    import polars as pl

    from wholefamily.result import Estimates

START = {"survival": 1.0, "cumulative_incidence": 0.0}
"""Where the curve of each measure begins, on the day of the origin."""
TIME = "time"

_MOST_STEPS = 1000
_MOST_TICKS = 8
_DODGE = 5.0
_YEAR = 365.25
_SPANS = (
    ("days", 1.0, 100.0, (1, 2, 5, 7, 14, 28)),
    ("months", _YEAR / 12, 3 * _YEAR, (1, 2, 3, 6, 12)),
    ("years", _YEAR, math.inf, (1, 2, 5, 10, 20, 50)),
)


def is_curve(estimates: Estimates, frame: pl.DataFrame) -> bool:
    """Tell whether a result is shares by days since an origin."""
    return (
        estimates.measure in START
        and estimates.comparison is None
        and TIME in estimates.keys
        and frame.schema[TIME].is_integer()
    )


def curve_layout(estimates: Estimates) -> Layout:
    """Place the keys: the last group is told apart by line, an event has a panel of its own.

    Where nothing is grouped, the events are the lines of one panel.
    """
    others = [name for name in estimates.keys if name != TIME]
    own = [name for name in others if name == "event" and name not in _by(estimates)]
    groups = [name for name in others if name not in own]
    if not groups:
        return Layout(TIME, (), tuple(own))
    return Layout(TIME, (*own, *groups[:-1]), tuple(groups[-1:]))


def most_abreast(estimates: Estimates, frame: pl.DataFrame, drawn: Sequence[Any]) -> int | None:
    """Put the events of one group beside each other, where each has a panel of its own."""
    if "event" not in estimates.keys or "event" in _by(estimates):
        return None
    events = frame["event"].n_unique()
    several = len({point["group"] for point in drawn}) > 1
    return events if events in (2, 3) and not several and len(estimates.keys) > 2 else None


def curve_points(estimates: Estimates, frame: pl.DataFrame, place: Layout) -> list[dict[str, Any]]:
    """Write the rows as points, each with its `day`."""
    shown = display.readable(frame)
    drawn = points(estimates, shown, Layout(None, place.panels, place.groups))
    days = shown[TIME].to_list()
    return [
        {**point, "day": day, "when": wording.days(day), "drawn": True}
        for point, day in zip(drawn, days, strict=True)
        if day is not None
    ]


def curve_chart(
    drawn: Sequence[dict[str, Any]],
    *,
    start: float,
    at: Sequence[int] | None,
    axis_title: str,
    panel_title: str,
    width: float,
    height: float | None,
    abreast: int | None = None,
) -> alt.LayerChart | alt.FacetChart:
    """Draw shares by day: step lines with bands, or points with intervals where days were asked for.

    Parameters
    ----------
    drawn
        Points from `curve_points`; one without a value breaks its line.
    start
        Where every line begins.
    at
        The days that were asked for; None: the curve has a step on each day of an event.
    axis_title, panel_title
        What the values are; where there are panels, in fewer words.
    width, height
        Size of the whole plot in pixels, shared out between the panels; a height of None suits it.
    abreast
        How many panels stand in a row; by default as many as have room.
    """
    import altair as alt

    limits = look.domain("share", (p[k] for p in drawn for k in ("value", "lower", "upper")))
    order = list(dict.fromkeys(point["group"] for point in drawn))
    panels = list(panels_of(drawn))
    across = abreast or (1 if len(panels) == 1 else 2 if len(panels) <= 4 else 3)
    each = width if across == 1 else max(150.0, (width + 160) / across - 30)
    tall = height or (300.0 if across == 1 else 170.0)
    last = max(point["day"] for point in drawn)
    values = _dodged(drawn, order, each, last) if at is not None else _stepped(drawn, start)
    titles = (lines_of(panel_title, tall) if across > 1 else lines_of(axis_title, each), across > 1)
    x = _days_axis(last, at, each)
    chart = alt.layer(
        *_layers(order, x=x, limits=limits, titles=titles, steps=at is None),
        data=alt.InlineData(values=values),
    ).properties(width=each, height=tall)
    if across == 1:
        names = line_names(values, order, "share", limits, (each, tall)) if len(order) > 1 else []
        return alt.layer(chart, *names) if names else chart
    header = alt.Header(title=None, labelAnchor="start", labelLimit=each)
    return chart.facet(
        facet=alt.Facet("panel:N", sort=panels, header=header, title=None),
        columns=across,
        spacing={"row": 24, "column": 24},
    )


def curve_described(estimates: Estimates, frame: pl.DataFrame) -> str:
    """Say where each line ends, for those who do not see it."""
    place = curve_layout(estimates)
    told: list[str] = []
    for line in _lines(curve_points(estimates, frame, place)):
        known = [point for point in line if point["value"] is not None]
        if known:
            end = known[-1]
            name = ", ".join(filter(None, (end["panel"], end["group"])))
            span = f" ({end['interval']})" if end["interval"] else ""
            whose = "" if name == "All rows" else f" for {name}"
            told.append(f"{end['told']}{span} by {end['when']}{whose}")
    return "; ".join(told)


def _by(estimates: Estimates) -> list[str]:
    return list(estimates.options.get("by") or ())


def _lines(drawn: Sequence[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Sort points into lines, each by day."""
    lines: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for point in drawn:
        lines.setdefault((point["panel"], point["group"]), []).append(point)
    return [sorted(line, key=lambda point: point["day"]) for line in lines.values()]


def _stepped(drawn: Sequence[dict[str, Any]], start: float) -> list[dict[str, Any]]:
    """Begin each line at the origin, mark its last value, and keep no more steps than can be seen."""
    values: list[dict[str, Any]] = []
    for line in _lines(drawn):
        origin = {"day": 0, "when": wording.days(0), "value": start, "lower": None, "upper": None}
        told = {"told": wording.value(start, "share"), "interval": "", "base": ""}
        kept = [{**line[0], **origin, **told}, *_thinned(line)]
        known = [point for point in kept if point["value"] is not None]
        values += [{**point, "last": point is known[-1]} for point in kept]
    return values


def _thinned(line: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Keep the last step of each of a thousand stretches of time: more cannot be told apart."""
    if len(line) <= _MOST_STEPS:
        return line
    wide = (line[-1]["day"] + 1) / _MOST_STEPS
    kept = [now for now, after in pairwise(line) if now["day"] // wide != after["day"] // wide]
    return [*kept, line[-1]]


def _dodged(
    drawn: Sequence[dict[str, Any]], order: list[str], width: float, last: int
) -> list[dict[str, Any]]:
    """Set the groups a few pixels apart, so that one interval does not cover another."""
    step = _DODGE * max(last, 1) / width
    middle = (len(order) - 1) / 2
    return [
        {**point, "day": point["day"] + (order.index(point["group"]) - middle) * step, "last": True}
        for point in drawn
    ]


def _layers(
    order: list[str],
    *,
    x: alt.X,
    limits: tuple[float, float],
    titles: tuple[list[str], bool],
    steps: bool,
) -> list[alt.Chart]:
    import altair as alt

    title, faceted = titles
    place: dict[str, Any] = {"title": title}
    if not faceted:
        place |= {"titleAngle": 0, "titleAlign": "left", "titleAnchor": "end"}
        place |= {"titleBaseline": "bottom", "titleX": -30, "titleY": -12}
    axis, scale = look.value_axis("share", limits, **place), look.value_scale("share", limits)
    y, low = (alt.Y(f"{name}:Q", scale=scale, axis=axis) for name in ("value", "lower"))
    several = len(order) > 1
    legend = (
        alt.Legend(title=None, orient="top", columns=3, symbolOpacity=1)
        if faceted and several
        else None
    )
    colour = alt.Color(
        "group:N",
        scale=alt.Scale(domain=order, range=list(look.COLOURS[: len(order)])),
        legend=legend,
    )
    shape = alt.Shape(
        "group:N",
        scale=alt.Scale(domain=order, range=list(look.SHAPES[: len(order)])),
        legend=legend,
    )
    base = alt.Chart()
    spanned = base.transform_filter("isValid(datum.lower) && isValid(datum.upper)")
    layers: list[alt.Chart] = []
    if steps:
        band = base.mark_area(interpolate="step-after", opacity=0.1 if several else 0.18)
        line = base.mark_line(interpolate="step-after", strokeWidth=2)
        layers += [
            band.encode(x=x, y=low, y2="upper:Q", color=colour),
            line.encode(x=x, y=y, color=colour),
        ]
    ends = spanned.transform_filter("datum.last")
    layers += [
        ends.mark_rule(strokeWidth=1.5, opacity=0.75).encode(
            x=x, y=low, y2="upper:Q", color=colour
        ),
        base.transform_filter("datum.last && isValid(datum.value)")
        .mark_point(filled=True, size=65, opacity=1)
        .encode(x=x, y=y, color=colour, shape=shape, tooltip=tooltips(header=faceted, when=True)),
    ]
    if steps:  # nothing to see: a step says what it is when pointed at
        layers.append(
            base.mark_point(size=60, opacity=0).encode(
                x=x, y=y, tooltip=tooltips(header=faceted, when=True)
            )
        )
    return layers


def _days_axis(last: int, at: Sequence[int] | None, width: float) -> alt.X:
    """Set out the days from the origin: in days, months or years, whichever reads best."""
    import altair as alt

    end = max(last, 1)
    if at is not None:
        ticks = _roomy(sorted(set(at)), end, width)
        scale = alt.Scale(domain=[-0.03 * end, 1.04 * end], nice=False, zero=False)
        axis = alt.Axis(title="Time in days", values=ticks, format=",d", grid=False)
        return alt.X("day:Q", scale=scale, axis=axis)
    name, unit, _, steps = next(span for span in _SPANS if end <= span[2])
    most = min(_MOST_TICKS, max(2, int(width / 38)))
    step = next((step for step in steps if end / (unit * step) <= most), steps[-1])
    number = int(end / (unit * step) + 1e-9)
    ticks = [round(count * step * unit, 4) for count in range(number + 1)]
    axis = alt.Axis(
        title=f"Time in {name}",
        values=ticks,
        labelExpr=f"format(round(datum.value / {unit}), ',d')",
        grid=False,
    )
    return alt.X(
        "day:Q", scale=alt.Scale(domain=[0, 1.01 * end], nice=False, zero=False), axis=axis
    )


def _roomy(days: list[int], end: int, width: float) -> list[int]:
    """Keep the days whose names have room beside one another, the last one first."""
    kept: list[int] = []
    for day in reversed(days):
        if not kept or (kept[-1] - day) * width / end >= 8 * len(f"{day:,}") + 10:
            kept.append(day)
    return kept[::-1]
