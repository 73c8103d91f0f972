"""A chart over time: a line with its band or error bars, groups told apart by colour, shape and name."""

from __future__ import annotations

import itertools
import json
import math
from typing import TYPE_CHECKING, Any

from wholefamily.plot import look
from wholefamily.plot.groups import panels_of, tooltips
from wholefamily.plot.points import lines_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt

MOST_LINES = len(look.COLOURS)
"""How many lines one panel holds; more are given a panel each."""

_DODGE = 5.0
_LABEL_GAP = 16.0
_LETTER = 7.6
_ROOMY = 6.0
_STEPS = (1, 2, 3, 4, 6, 12, 24, 60, 120, 240, 600, 1200, 6000)


def series_chart(
    drawn: Sequence[Mapping[str, Any]],
    *,
    unit: str,
    axis_title: str,
    panel_title: str,
    time_title: str,
    width: float,
    height: float | None,
) -> alt.LayerChart | alt.FacetChart:
    """Draw values over time, in one panel with names beside the lines, or in several with a legend.

    Parameters
    ----------
    drawn
        Points from `points`; one without a value breaks its line.
    unit, axis_title, panel_title, time_title
        What the two axes measure; where there are panels, in fewer words.
    width, height
        Size of the whole plot in pixels, shared out between the panels; a height of None suits it.
    """
    import altair as alt

    limits = look.domain(unit, (p[k] for p in drawn for k in ("value", "lower", "upper")))
    order = list(dict.fromkeys(point["group"] for point in drawn))
    panels = list(panels_of(drawn))
    across = 1 if len(panels) == 1 else 2 if len(panels) <= 4 else 3
    each = width if across == 1 else max(150.0, (width + 160) / across - 30)
    tall = height or (300.0 if across == 1 else 150.0)
    values = [
        {**point, **{end: look.clipped(point[end], limits) for end in ("lower", "upper")}}
        for point in _dodged(drawn, order, each)
    ]
    chart = alt.layer(
        *_layers(
            values,
            order,
            unit=unit,
            limits=limits,
            titles=(panel_title if across > 1 else axis_title, time_title),
            size=(each, tall),
            faceted=across > 1,
        ),
        data=alt.InlineData(values=values),
    ).properties(width=each, height=tall)
    if across == 1:
        return (
            alt.layer(chart, *line_names(values, order, unit, limits, (each, tall)))
            if len(order) > 1
            else chart
        )
    header = alt.Header(title=None, labelAnchor="start", labelLimit=each)
    return chart.facet(
        facet=alt.Facet("panel:N", sort=panels, header=header, title=None),
        columns=across,
        spacing={"row": 24, "column": 24},
    )


def _layers(
    values: Sequence[Mapping[str, Any]],
    order: list[str],
    *,
    unit: str,
    limits: tuple[float, float],
    titles: tuple[str, str],
    size: tuple[float, float],
    faceted: bool,
) -> list[alt.Chart]:
    import altair as alt

    x = alt.X(
        "time:T",
        scale=_time_scale(values),
        axis=_time_axis(values, titles[1], size[0], inside=faceted),
    )
    if faceted:
        place: dict[str, Any] = {"title": lines_of(titles[0], size[1])}
    else:
        place = {
            "title": lines_of(titles[0], size[0]),
            "titleAngle": 0,
            "titleAlign": "left",
            "titleAnchor": "end",
            "titleBaseline": "bottom",
            "titleX": -30,
            "titleY": -12,
        }
    axis = look.value_axis(unit, limits, **place)
    y = alt.Y("value:Q", scale=look.value_scale(unit, limits), axis=axis)
    low = alt.Y("lower:Q", scale=look.value_scale(unit, limits), axis=axis)
    one = len(order) == 1
    dense = len({point["day"] for point in values}) > size[0] / _ROOMY
    legend = alt.Legend(title=None, orient="top", columns=3) if faceted and not one else None
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
    tooltip = tooltips(header=faceted, when=True)
    base = alt.Chart()
    layers: list[alt.Chart] = []
    if limits[0] < 0 < limits[1]:
        nought = base.mark_rule(color=look.QUIET, strokeWidth=1)
        layers.append(nought.encode(y=alt.Y(datum=0, scale=look.value_scale(unit, limits))))
    if any(point["lower"] is not None for point in values):
        if one or dense:
            layers.append(
                base.mark_area(opacity=0.18).encode(x=x, y=low, y2="upper:Q", color=colour)
            )
        else:
            layers.append(
                base.mark_rule(strokeWidth=1.5, opacity=0.75).encode(
                    x=x, y=low, y2="upper:Q", color=colour
                )
            )
    layers.append(base.mark_line(strokeWidth=1 if dense else 2).encode(x=x, y=y, color=colour))
    layers.append(
        base.mark_point(filled=True, size=6 if dense else 65, opacity=1).encode(
            x=x, y=y, color=colour, shape=shape, tooltip=tooltip
        )
    )
    return layers


def _dodged(
    drawn: Sequence[Mapping[str, Any]], order: list[str], width: float
) -> list[dict[str, Any]]:
    """Set the groups a few pixels apart, so that one interval does not cover another."""
    first, last = (chosen(point["time"] for point in drawn) for chosen in (min, max))
    step = _DODGE * (last - first) / width if any(p["lower"] is not None for p in drawn) else 0
    middle = (len(order) - 1) / 2
    return [
        {
            **p,
            "day": p["time"],
            "time": p["time"] + round((order.index(p["group"]) - middle) * step),
        }
        for p in drawn
    ]


def _time_scale(values: Sequence[Mapping[str, Any]]) -> alt.Scale:
    import altair as alt

    first, last = (chosen(point["time"] for point in values) for chosen in (min, max))
    margin = max(1, (last - first) // 25)
    return alt.Scale(type="utc", domain=[first - margin, last + margin], nice=False)


def _time_axis(
    values: Sequence[Mapping[str, Any]], title: str, width: float, *, inside: bool
) -> alt.Axis:
    """Mark the days that there are, as many as have room, each by its name in the table.

    `inside` keeps the first and the last name within the panel, so that they leave its neighbours alone.
    """
    import altair as alt

    names = {point["day"]: point["when"] for point in sorted(values, key=lambda p: p["day"])}
    days = list(names)
    wide = max(map(len, names.values())) * _LETTER
    across = width * 0.92
    unit = across / max(1, days[-1] - days[0])

    def spread(some: Sequence[int]) -> list[tuple[str, float]]:
        """Say how each name is aligned, and where its left end lies in pixels."""
        ends: list[tuple[str, float]] = []
        for day in some:
            at = (day - days[0]) * unit
            side = "left" if inside and at < wide / 2 else "center"
            side = "right" if inside and at > max(wide, across - wide / 2) else side
            ends.append((side, at - wide * {"left": 0.0, "center": 0.5, "right": 1.0}[side]))
        return ends

    thinned = (days[::step] for step in _STEPS)
    shown = next(
        (some for some in thinned if _smallest_gap([at for _, at in spread(some)]) >= wide),
        days[:1],
    )
    labels = json.dumps({str(day): names[day] for day in shown})
    sides = [
        {"test": f"time(datum.value) === {day}", "value": side}
        for day, (side, _) in zip(shown, spread(shown), strict=True)
        if side != "center"
    ]
    align: Any = {"condition": sides, "value": "center"} if sides else "center"
    return alt.Axis(
        title=title,
        values=shown,
        labelExpr=f"{labels}['' + time(datum.value)]",
        labelOverlap=True,
        labelAlign=align,
        labelFlush=False,
        grid=False,
    )


def _smallest_gap(places: Sequence[float]) -> float:
    return min((after - before for before, after in itertools.pairwise(places)), default=math.inf)


def line_names(
    values: Sequence[Mapping[str, Any]],
    order: list[str],
    unit: str,
    limits: tuple[float, float],
    size: tuple[float, float],
) -> list[alt.Chart]:
    """Write each line's name at its right end, with its colour and shape, none over another."""
    import altair as alt

    width, height = size
    ends = {point["group"]: point["value"] for point in values if point["value"] is not None}
    wanted = {
        group: height * (1 - look.place(ends.get(group, limits[0]), unit, limits))
        for group in order
    }
    charts = []
    for group, at in apart(wanted, height).items():
        look_of = order.index(group)
        mark: dict[str, Any] = {"color": look.COLOURS[look_of], "shape": look.SHAPES[look_of]}
        base = alt.Chart(alt.InlineData(values=[{"name": group}]))
        charts += [
            base.mark_point(filled=True, size=65, opacity=1, **mark).encode(
                x=alt.value(width + 10), y=alt.value(at)
            ),
            base.mark_text(
                align="left", baseline="middle", fontSize=12, color=look.INK, limit=240
            ).encode(x=alt.value(width + 20), y=alt.value(at), text="name:N"),
        ]
    return charts


def apart(wanted: Mapping[str, float], height: float) -> dict[str, float]:
    """Move labels as little as needed so that each has its own line within the height."""
    placed: dict[str, float] = {}
    last = -_LABEL_GAP
    for group, at in sorted(wanted.items(), key=lambda pair: pair[1]):
        last = placed[group] = max(at, last + _LABEL_GAP)
    limit = max(height, _LABEL_GAP * len(placed))
    for group in reversed(placed):
        placed[group] = min(placed[group], limit)
        limit = placed[group] - _LABEL_GAP
    return placed
