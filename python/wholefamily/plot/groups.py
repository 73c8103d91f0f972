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
_GAP = 10


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
) -> alt.LayerChart:
    """Draw groups as points with intervals; each panel has its own groups, and all share one axis.

    All panels are one chart of one table, one under the other: a chart for each would take seconds to
    put together where there are many.

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
    rows, headers, total = _placed(drawn, limits, width)
    base = alt.Chart(alt.InlineData(values=rows))
    down = alt.Scale(domain=[0, total], reverse=True, nice=False, zero=False)
    y = alt.Y("row:Q", scale=down, axis=None)
    scale = look.value_scale(unit, limits)
    shown = look.value_axis(unit, limits, title=lines_of(axis_title, width))
    tooltip = tooltips(header=bool(headers))
    x = {name: alt.X(f"{name}:Q", scale=scale, axis=shown) for name in ("value", "lower", "upper")}
    caps: dict[str, Any] = {"thickness": 1.5, "size": 9, "color": look.COLOURS[0]}
    spans = base.transform_filter("isValid(datum.lower) && isValid(datum.upper)")
    layers = [
        spans.mark_rule(strokeWidth=2.5, color=look.COLOURS[0]).encode(
            x=x["lower"], x2="upper:Q", y=y, tooltip=tooltip
        ),
        *(
            spans.mark_tick(orient="vertical", **caps).encode(x=x[name], y=y)
            for name in ("lower", "upper")
        ),
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
    if headers:
        left = max(len(line) for row in rows for line in row["group"].split("\n"))
        named = alt.Chart(alt.InlineData(values=headers))
        heading = _words(named, "header", align="left", size=13, weight="bold")
        layers.append(heading.encode(x=alt.value(-10 - min(240.0, left * _LETTER)), y=y))
    return alt.layer(*layers).properties(width=width, height=height or total)


def _placed(
    drawn: Sequence[Mapping[str, Any]], limits: tuple[float, float], width: float
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], float]:
    """Give each group, and each panel's name above its groups, its place from the top; and how tall all is."""
    labels = wrapped([point["group"] for point in drawn])
    rows: list[dict[str, Any]] = []
    headers: list[dict[str, Any]] = []
    top = 0.0
    for name, members in panels_of(drawn).items():
        if name:
            lines = lines_of(name, width, 13)
            tall = _STEP + _LINE * (len(lines) - 1)
            headers.append({"header": "\n".join(lines), "row": top + tall / 2})
            top += tall
        within: dict[str, float] = {}
        for point in members:
            label = labels[point["group"]]
            if label not in within:
                tall = _STEP + _LINE * label.count("\n")
                within[label] = top + tall / 2
                top += tall
            ends = {k: look.clipped(point[k], limits) for k in ("lower", "upper")}
            place = {"group": label, "beside": _beside(point), "row": within[label]}
            rows.append({**point, **ends, **place})
        top += _GAP if name else 0
    return rows, headers, top


def _beside(point: Mapping[str, Any]) -> str:
    return f"{point['told']} ({point['base']})" if point["base"] else point["told"]


def _words(
    base: alt.Chart,
    field: str,
    *,
    align: Literal["left", "right"],
    size: int = 12,
    weight: Literal["normal", "bold"] = "normal",
) -> alt.Chart:
    """Write a field beside each row, its lines centred on the row."""
    lift = f"-{_LINE / 2} * (length(split(datum.{field}, '\\n')) - 1)"
    mark = base.mark_text(
        align=align,
        baseline="middle",
        color=look.INK,
        dy={"expr": lift},
        fontSize=size,
        fontWeight=weight,
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
