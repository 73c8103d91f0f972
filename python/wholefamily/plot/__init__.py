"""Charts of results, with their intervals: for notebooks, and as still pictures for reports.

Drawn with Altair: the same chart is interactive in a notebook and, through vl-convert, an SVG or
a PNG without a browser or a network.
"""

from __future__ import annotations

import html
import io
import re
from typing import TYPE_CHECKING, Any

from wholefamily import display, wording
from wholefamily.plot import look
from wholefamily.plot.curves import (
    START,
    curve_chart,
    curve_described,
    curve_layout,
    curve_points,
    is_curve,
    most_abreast,
)
from wholefamily.plot.groups import group_chart
from wholefamily.plot.points import (
    MOST_GROUPS,
    MOST_POINTS,
    Layout,
    fixed_day,
    layout,
    lines_of,
    points,
)
from wholefamily.plot.sankey import described, sankey
from wholefamily.plot.series import MOST_LINES, series_chart

if TYPE_CHECKING:
    from collections.abc import Sequence

    import altair as alt
    import polars as pl

    from wholefamily.result import Estimates

__all__ = ["chart", "describe", "png", "svg"]

_CONTRAST_AXES = {
    "difference in share": "Difference in percentage points, {0} minus {1}",
    "ratio": "Ratio, {0} to {1}",
    "odds ratio": "Odds ratio, {0} to {1}",
}
MOST_PANELS = 24
"""How many panels one chart holds."""


def chart(
    estimates: Estimates,
    *,
    title: str | None = None,
    x: str | None = None,
    width: float | None = None,
    height: float | None = None,
) -> alt.TopLevelMixin:
    """Draw a result with its intervals.

    Groups are points with interval bars, one under the other; a period or a date is time, with a
    line for each group; shares by days since an origin are steps with their bands, or points at the
    days asked for; a comparison has a line at no difference. Where people went next is bands
    between states, unless `x` names a key. Rows without a value are not drawn: the subtitle says how
    many and why.

    Parameters
    ----------
    estimates
        Any result, also a comparison.
    title
        By default what was measured, and by which groups.
    x
        The key to set out along the axis: a date as time, any other as groups. By default the
        period or date where there is more than one, else the last key.
    width, height
        Size of the plot in pixels, without titles and labels.

    Returns
    -------
    altair.TopLevelMixin
        A chart that a notebook shows, and that can be changed further.

    Raises
    ------
    ColumnError
        `x` is not a key of the result.
    """
    import polars as pl

    frame = estimates.to_polars()
    if _flows(estimates) and x is None and (flows := sankey(estimates, width=width, height=height)):
        body, remarks = flows
        return _titled(estimates, body, title, remarks, width or 560.0)
    curved = x is None and is_curve(estimates, frame)
    place = curve_layout(estimates) if curved else layout(estimates, display.readable(frame), x)
    most = MOST_POINTS if place.time else MOST_GROUPS
    valued = frame if place.time else frame.filter(pl.col("value").is_finite())
    if curved:
        valued, drawn = frame, curve_points(estimates, frame, place)
        most = frame.height
    else:
        drawn = points(estimates, display.readable(valued.head(most)), place)
    some = any(point["value"] is not None for point in drawn)
    wide = width or (520.0 if place.time else 420.0)
    hidden = valued.height - min(valued.height, most)
    if not some:
        body, place, hidden = _empty(wide, height), None, 0
    elif curved:
        drawn, hidden_panels = _panelled(drawn)
        body = _curve(estimates, frame, drawn, wide, height)
        hidden += hidden_panels
    elif estimates.comparison and "contrast" in estimates.keys:
        body = _contrasts(estimates, drawn, wide, height)
    elif len({point["unit"] for point in drawn}) > 1 or "index" in estimates.keys:
        body = _figures(estimates, drawn, place, wide, height)
    elif place.time:
        drawn, hidden_panels = _panelled(drawn)
        body = _series(estimates, drawn, place, wide, height)
        hidden += hidden_panels
    else:
        unit = drawn[0]["unit"]
        line = 0 if unit in ("proportional change", "score") else None
        name = _axis_title(estimates)
        body = group_chart(
            drawn, unit=unit, axis_title=name, width=wide, height=height, line_at=line
        )
    remarks = _subtitle(estimates, frame, place, hidden)
    return _titled(estimates, body, title, remarks, wide + 120)


def _titled(
    estimates: Estimates,
    body: Any,  # noqa: ANN401  (any of Altair's kinds of chart)
    title: str | None,
    remarks: Sequence[str],
    room: float,
) -> alt.TopLevelMixin:
    """Finish a picture: its title, what it leaves out, and what it says to those who do not see it."""
    from wholefamily.plot.offline import offline

    heading = title or _title(estimates)
    words: dict[str, Any] = {"text": lines_of(wording.printable(heading), room, 15)}
    if remarks:
        words["subtitle"] = [line for remark in remarks for line in lines_of(remark, room)]
    titled = body.properties(title=words, description=describe(estimates))
    return offline(look.dressed(titled))


def _flows(estimates: Estimates) -> bool:
    return estimates.measure == "pathways" and not estimates.comparison


def svg(chart: alt.TopLevelMixin) -> str:
    """Give a chart as SVG text: a still picture, named for screen readers, that needs no network."""
    drawing = io.StringIO()
    chart.save(drawing, format="svg")
    description = chart.to_dict().get("description", "")
    named = f'<svg role="img" aria-label="{html.escape(description, quote=True)}" '
    return re.sub(r"<svg\s", lambda _: named, _without_roles(drawing.getvalue()), count=1)


def _without_roles(picture: str) -> str:
    """Take the parts' own roles away: a picture is one thing to a screen reader, named as a whole."""
    return re.sub(
        r"<[a-z][^<>]*>",
        lambda tag: re.sub(r'\s(?:role|aria-[a-z]+)="[^"]*"', "", tag[0]),
        picture,
    )


def png(chart: alt.TopLevelMixin, scale: float = 2.0) -> bytes:
    """Give a chart as a PNG picture; `scale` is pixels of the picture for one of the chart."""
    drawing = io.BytesIO()
    chart.save(drawing, format="png", scale_factor=scale)
    return drawing.getvalue()


def describe(estimates: Estimates) -> str:
    """Say in a sentence or two what the chart shows, for those who do not see it."""
    if _flows(estimates):
        return described(estimates)
    frame = estimates.to_polars()
    valued = display.readable(frame.filter(frame["value"].is_finite()))
    text = f"{display.caption(estimates)}: "
    if not valued.height:
        return text + "no values to show."
    mixed = valued["unit"].n_unique() > 1
    if is_curve(estimates, frame):
        text += curve_described(estimates, frame)
    elif valued.height <= 3 or estimates.comparison or mixed:
        shown = valued.head(6)
        told = [_told(estimates, row) for row in shown.iter_rows(named=True)]
        text += "; ".join(told)
        rest = valued.height - shown.height
        text += f"; and {wording.count(rest)} more" if rest else ""
    else:
        low, high = (valued.row(int(at), named=True) for at in _extremes(valued))
        text += (
            f"{wording.count(valued.height)} values, from {_told(estimates, low)} "
            f"to {_told(estimates, high)}"
        )
    missing = [
        f"{wording.count(n)} without a value ({why})" for why, n in display.undefined(frame).items()
    ]
    return wording.printable(". ".join([text, *missing])) + "."


def _told(estimates: Estimates, row: dict[str, Any]) -> str:
    name = ", ".join(display.key_text(estimates, key, row[key]) for key in estimates.keys)
    limits = wording.interval(row["lower"], row["upper"], row["unit"], like=row["value"])
    told = wording.value(row["value"], row["unit"]) + (f" ({limits})" if limits else "")
    return (
        f"{name}: {told}"
        if name and estimates.comparison
        else f"{told} for {name}"
        if name
        else told
    )


def _extremes(frame: pl.DataFrame) -> tuple[int, int]:
    return frame["value"].arg_min() or 0, frame["value"].arg_max() or 0


def _title(estimates: Estimates) -> str:
    return display.caption(estimates).removesuffix(f" ({wording.level(estimates.level)})")


def _axis_title(estimates: Estimates) -> str:
    """Name the axis of the values: what was measured, its unit, and which interval."""
    frame = estimates.to_polars()
    text = wording.quantity(estimates.measure, estimates.specification)
    unit = frame["unit"][0] if frame.height else ""
    if unit.startswith("per ") and unit not in text:
        text += f", {unit}"
    interval = f" ({wording.level(estimates.level)})" if frame["lower"].is_not_null().any() else ""
    return wording.printable(text) + interval


def _subtitle(
    estimates: Estimates, frame: pl.DataFrame, place: Layout | None, hidden: int
) -> list[str]:
    """Say what the picture leaves out: rows without value or date, and groups beyond the last."""
    notes = []
    if place and not place.time:
        notes.append(fixed_day(estimates, frame))
    for reason, rows in display.undefined(frame).items():
        what = "point" if place and place.time else "group"
        who = f"1 {what} has" if rows == 1 else f"{wording.count(rows)} {what}s have"
        notes.append(f"{who} no value: {wording.printable(reason)}.")
    if place and place.time and frame[place.time].null_count():
        rows = frame[place.time].null_count()
        notes.append(
            f"{'1 value has' if rows == 1 else f'{wording.count(rows)} values have'} no date."
        )
    if hidden:
        notes.append(f"{wording.count(hidden)} more values are in the table, not in this chart.")
    return [note for note in notes if note]


def _curve(
    estimates: Estimates,
    frame: pl.DataFrame,
    drawn: list[dict[str, Any]],
    width: float,
    height: float | None,
) -> Any:  # noqa: ANN401
    name = _axis_title(estimates)
    interval = f" ({wording.level(estimates.level)})" if name.endswith("interval)") else ""
    return curve_chart(
        drawn,
        start=START[estimates.measure],
        at=estimates.specification.get("at"),
        axis_title=name,
        panel_title=f"Share{interval}",
        width=width,
        height=height,
        abreast=most_abreast(estimates, frame, drawn),
    )


def _series(
    estimates: Estimates,
    drawn: list[dict[str, Any]],
    place: Layout,
    width: float,
    height: float | None,
    *,
    axis_title: str | None = None,
) -> Any:  # noqa: ANN401
    name, unit = axis_title or _axis_title(estimates), drawn[0]["unit"]
    interval = f" ({wording.level(estimates.level)})" if name.endswith("interval)") else ""
    return series_chart(
        drawn,
        unit=unit,
        axis_title=name,
        panel_title=wording.unit_heading([unit]) + interval,
        time_title=wording.heading(place.time or "", estimates.options.get("every")),
        width=width,
        height=height,
    )


def _panelled(drawn: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Give each group a panel of its own where there are too many for one, and no more than fit."""
    if len({point["group"] for point in drawn}) > MOST_LINES:
        for point in drawn:
            point["panel"] = ", ".join(filter(None, (point["panel"], point["group"])))
            point["group"] = "All rows"
    kept = set(list(dict.fromkeys(point["panel"] for point in drawn))[:MOST_PANELS])
    shown = [point for point in drawn if point["panel"] in kept]
    return shown, len(drawn) - len(shown)


def _figures(
    estimates: Estimates,
    drawn: list[dict[str, Any]],
    place: Layout,
    width: float,
    height: float | None,
) -> Any:  # noqa: ANN401
    """Draw the figures of a result under one another: over time each, else those of each unit."""
    import altair as alt

    charts = []
    apart = "figure" if place.time else "unit"
    kinds = list(dict.fromkeys(point[apart] for point in drawn))
    tall = height / len(kinds) if height else None
    for kind in kinds:
        members = [point for point in drawn if point[apart] == kind]
        unit = members[0]["unit"]
        if unit == "ratio":
            members = [p for p in members if p["value"] is None or p["value"] > 0]
        if all(point["value"] is None for point in members):
            continue
        if place.time:
            charts.append(_figure_over_time(estimates, members, place, width, tall or 180))
            continue
        gradient = estimates.measure == "inequality_gradient"
        rates = gradient and unit.startswith("per ")
        words = f"Difference {unit}" if rates else wording.unit_heading([unit])
        line = 1 if unit == "ratio" else 0 if gradient or unit != "share" else None
        spans = any(point["lower"] is not None for point in members)
        title = f"{words} ({wording.level(estimates.level)})" if spans else words
        charts.append(
            group_chart(
                members, unit=unit, axis_title=title, width=width, height=tall, line_at=line
            )
        )
    return alt.vconcat(*charts, spacing=26) if charts else _empty(width, height)


def _figure_over_time(
    estimates: Estimates, members: list[dict[str, Any]], place: Layout, width: float, height: float
) -> Any:  # noqa: ANN401
    """Draw one figure over time; its name stands above its axis."""
    figure, unit = members[0]["figure"], members[0]["unit"]
    for point in members:
        point["panel"] = point["panel"].removeprefix(figure).removeprefix(", ")
        point["group"] = "All rows" if point["group"] == figure else point["group"]
    members, _ = _panelled(members)
    rate = f", {unit}" if unit.startswith("per ") else ""
    title = f"{figure}{rate} ({wording.level(estimates.level)})"
    return _series(estimates, members, place, width, height, axis_title=title)


def _contrasts(
    estimates: Estimates, drawn: list[dict[str, Any]], width: float, height: float | None
) -> Any:  # noqa: ANN401
    """Draw differences with a line at nought, and ratios on a logarithmic axis with one at 1."""
    import altair as alt

    charts = []
    units = dict.fromkeys(point["unit"] for point in drawn)
    for unit in units:
        members: list[dict[str, Any]] = [
            {**p, "base": ""} for p in drawn if p["unit"] == unit and p["value"] is not None
        ]
        others = [name for name in estimates.keys if name != "contrast"]
        if unit == "difference in share":
            for point in members:
                for field in ("value", "lower", "upper"):
                    point[field] = None if point[field] is None else 100 * point[field]
        elif not unit.startswith("difference"):
            members = [point for point in members if point["value"] > 0]
        for point in members:
            point["group"] = point["panel"] if others else wording.heading(point["contrast"])
            point["panel"] = ""
        if members:
            sides = display.sides(estimates)
            link = "{0} minus {1}" if unit.startswith("difference") else "{0} to {1}"
            name = _CONTRAST_AXES.get(unit, f"{wording.unit_heading([unit])}, {link}")
            title = f"{name.format(*sides)} ({wording.level(estimates.level)})"
            charts.append(
                group_chart(
                    members,
                    unit=unit,
                    axis_title=title,
                    width=width,
                    height=height / len(units) if height else None,
                    line_at=0 if unit.startswith("difference") else 1,
                )
            )
    return alt.vconcat(*charts, spacing=26) if charts else _empty(width, height)


def _empty(width: float, height: float | None) -> Any:  # noqa: ANN401
    """Say that there is nothing to draw, in the place of a picture."""
    import altair as alt

    text = alt.Chart(alt.InlineData(values=[{"text": "No values to show."}]))
    marked = text.mark_text(fontSize=14, color=look.QUIET).encode(text="text:N")
    return marked.properties(width=width, height=height or 60)
