"""A chart of groups: a point with its interval for each, one under the other, with value and base beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from wholefamily.plot import look
from wholefamily.plot.points import lines_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import altair as alt

_LINE = 14
_STEP = 24
_LETTER = 6.3
_BARE: dict[str, Any] = {"title": None, "labels": False, "ticks": False, "domain": False}


def panels_of(drawn: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Sort points into panels, in the order of the table."""
    panels: dict[str, list[Mapping[str, Any]]] = {}
    for point in drawn:
        panels.setdefault(point["panel"], []).append(point)
    return panels


def group_chart(
    drawn: Sequence[Mapping[str, Any]],
    *,
    unit: str,
    axis_title: str,
    width: float,
    height: float | None,
    line_at: float | None = None,
) -> alt.VConcatChart:
    """Draw groups as points with intervals; each panel has its own groups, and all share one axis.

    Parameters
    ----------
    drawn
        Points from `points`, each with a value.
    unit, axis_title
        What the axis measures.
    width, height
        Size of the plot itself in pixels; the height follows the number of groups if None.
    line_at
        Where "no difference" is: a dashed line.
    """
    import altair as alt

    limits = look.domain(unit, (p[k] for p in drawn for k in ("value", "lower", "upper")))
    panels = panels_of(drawn)
    labels = wrapped([point["group"] for point in drawn])
    longest = max(len(line) for text in labels.values() for line in text.split("\n"))
    extent = min(250.0, 12 + longest * _LETTER)
    charts = [
        _panel(
            [{**p, "group": labels[p["group"]], "beside": _beside(p)} for p in members],
            unit=unit,
            limits=limits,
            header=name,
            axis={"title": lines_of(axis_title, width)} if last else _BARE,
            size=(width, height / len(panels) if height else None),
            extent=extent,
            line_at=line_at,
        )
        for (name, members), last in zip(
            panels.items(), [False] * (len(panels) - 1) + [True], strict=True
        )
    ]
    return alt.vconcat(*charts, spacing=10)


def _beside(point: Mapping[str, Any]) -> str:
    return f"{point['told']} ({point['base']})" if point["base"] else point["told"]


def _panel(
    members: Sequence[Mapping[str, Any]],
    *,
    unit: str,
    limits: tuple[float, float],
    header: str,
    axis: Mapping[str, Any],
    size: tuple[float, float | None],
    extent: float,
    line_at: float | None,
) -> alt.LayerChart:
    import altair as alt

    width, height = size
    order = list(dict.fromkeys(point["group"] for point in members))
    most = max(label.count("\n") for label in order)
    ends = ({k: look.clipped(p[k], limits) for k in ("lower", "upper")} for p in members)
    values = [{**point, **end} for point, end in zip(members, ends, strict=True)]
    base = alt.Chart(alt.InlineData(values=values))
    room = alt.Axis(labels=False, ticks=False, domain=False, minExtent=extent, maxExtent=extent)
    y = alt.Y("group:N", sort=order, title=None, axis=room)
    scale, shown = look.value_scale(unit, limits), look.value_axis(unit, limits, **axis)
    tooltip = tooltips(header=bool(header))
    x = {name: alt.X(f"{name}:Q", scale=scale, axis=shown) for name in ("value", "lower", "upper")}
    caps: dict[str, Any] = {"thickness": 1.5, "size": 9, "color": look.COLOURS[0]}
    spans = base.transform_filter("isValid(datum.lower) && isValid(datum.upper)")
    layers = [
        spans.mark_rule(strokeWidth=2.5, color=look.COLOURS[0]).encode(
            x=x["lower"], x2="upper:Q", y=y, tooltip=tooltip
        ),
        *(spans.mark_tick(**caps).encode(x=x[name], y=y) for name in ("lower", "upper")),
        base.mark_point(filled=True, size=60, opacity=1, color=look.COLOURS[0]).encode(
            x=x["value"], y=y, tooltip=tooltip
        ),
        _words(base, "group", align="right").encode(x=alt.value(-10), y=y),
        _words(base, "beside", align="left").encode(x=alt.value(width + 12), y=y),
    ]
    if line_at is not None:
        line = alt.Chart(alt.InlineData(values=[{"at": line_at}]))
        layers.insert(
            0,
            line.mark_rule(strokeDash=[4, 3], color=look.QUIET, strokeWidth=1.5).encode(
                x=alt.X("at:Q", scale=scale, axis=shown)
            ),
        )
    full = height or (_STEP + _LINE * most) * len(order)
    title = alt.TitleParams(lines_of(header, width, 13), fontSize=13, anchor="start", offset=6)
    chart = alt.layer(*layers).properties(width=width, height=full)
    return chart.properties(title=title) if header else chart


def _words(base: alt.Chart, field: str, *, align: Literal["left", "right"]) -> alt.Chart:
    """Write a field beside each row, its lines centred on the row."""
    lift = f"-{_LINE / 2} * (length(split(datum.{field}, '\\n')) - 1)"
    mark = base.mark_text(
        align=align,
        baseline="middle",
        color=look.INK,
        dy={"expr": lift},
        fontSize=12,
        lineBreak="\n",
        lineHeight=_LINE,
    )
    return mark.encode(text=f"{field}:N")


def tooltips(*, header: bool = False, when: bool = False) -> list[alt.Tooltip]:
    """Say on hover what the point stands for, in the words of the table."""
    import altair as alt

    fields = {"panel": ("Panel", header), "group": ("Group", True), "when": ("When", when)}
    fields |= {"told": ("Value", True), "interval": ("Interval", True), "base": ("Base", True)}
    return [alt.Tooltip(f"{name}:N", title=title) for name, (title, on) in fields.items() if on]
