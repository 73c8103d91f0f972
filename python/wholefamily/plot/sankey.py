"""A picture of where people went: states as bars, and bands between them as thick as many went.

It reads the rows of a `Pathways` result, and nothing else. Vega-Lite has no such mark, so that
bands are areas between two curves.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from wholefamily import display, wording
from wholefamily.plot import look
from wholefamily.plot.flows import Bar, Drawing, Flow, Kind, drawing
from wholefamily.plot.points import finite

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import altair as alt

    from wholefamily.result import Estimates

MOST_FLOWS = 150
"""How many bands one picture has: the largest."""
MOST_PANELS = 6
"""How many pictures one chart holds, one for each group."""
_WIDTH, _HEIGHT = 560.0, 240.0
_BAR = 12.0
_COLUMN = 125.0
_MARGIN = 130.0
_THINNEST = 1.0
_POINTS = 24
_LETTER = 6.6
_LINE = 14
_LONGEST = 26
_FIRST = 5


def panels(estimates: Estimates) -> dict[str, list[Flow]]:
    """Read the flows of each group, in the order of the table."""
    stepped = "step" in estimates.keys
    groups = [name for name in estimates.keys if name not in ("from", "to", "step")]
    found: dict[str, list[Flow]] = {}
    for row in display.readable(estimates.to_polars()).iter_rows(named=True):
        name = ", ".join(display.key_text(estimates, key, row[key], short=True) for key in groups)
        flows = found.setdefault(name, [])
        source = row["from"]
        if source is None or not row["numerator"]:
            continue
        value, base = finite(row["value"]), display.base_text(estimates, row)
        share = "" if value is None else wording.value(value, row["unit"])
        flows.append(
            Flow(
                display.key_text(estimates, "from", source),
                None if row["to"] is None else display.key_text(estimates, "to", row["to"]),
                int(row["numerator"]),
                f"{share} ({base})",
                _step(row["step"]) if stepped else None,
            )
        )
    return found


def _step(step: object) -> int | None:
    return step if isinstance(step, int) and not isinstance(step, bool) else None


def sankey(
    estimates: Estimates, *, width: float | None, height: float | None
) -> tuple[Any, list[str]] | None:
    """Draw the flows of each group, and say what the picture leaves out; None where there are none."""
    import altair as alt

    found = {name: flows for name, flows in panels(estimates).items() if flows}
    if not found:
        return None
    shown = dict(list(found.items())[:MOST_PANELS])
    few = {name: _largest(flows) for name, flows in shown.items()}
    states = list(
        dict.fromkeys(name for flows in few.values() for flow in flows for name in _ends(flow))
    )
    colours = {name: look.COLOURS[at % len(look.COLOURS)] for at, name in enumerate(states)}
    placed = {
        name: drawing(flows, height or _HEIGHT, wording.NO_FURTHER) for name, flows in few.items()
    }
    wide = width or max(_WIDTH, _MARGIN + _COLUMN * (max(p.columns for p in placed.values()) - 1))
    charts = [_panel(drawn, colours, wide, name) for name, drawn in placed.items()]
    body = charts[0] if len(charts) == 1 else alt.vconcat(*charts, spacing=26)
    remarks = [_meaning(estimates, {drawn.kind for drawn in placed.values()})]
    hidden = sum(len(flows) - len(few[name]) for name, flows in shown.items())
    if hidden:
        remarks.append(
            f"{wording.count(hidden)} smaller flows are in the table, not in this chart."
        )
    if len(found) > len(shown):
        remarks.append(f"{wording.count(len(found) - len(shown))} more groups are in the table.")
    return body, remarks


def _ends(flow: Flow) -> list[str]:
    return [flow.source] if flow.to is None else [flow.source, flow.to]


def _largest(flows: Sequence[Flow]) -> list[Flow]:
    if len(flows) <= MOST_FLOWS:
        return list(flows)
    least = sorted((flow.count for flow in flows), reverse=True)[MOST_FLOWS - 1]
    return [flow for flow in flows if flow.count >= least][:MOST_FLOWS]


def _meaning(estimates: Estimates, kinds: Collection[Kind]) -> str:
    text = "Bands are as thick as the number of stays."
    if "pairs" in kinds:
        text += (
            " Some come back to an earlier state, so each step is drawn by itself, left to right."
        )
    if estimates.specification.get("base") == "moved on":
        return f"{text} Stays after which nothing came are left out."
    return text if set(kinds) == {"pairs"} else f"{text} Labels count those with no further step."


def _panel(placed: Drawing, colours: Mapping[str, str], width: float, name: str) -> alt.LayerChart:
    import altair as alt

    last = max(placed.columns - 1, 1)
    spacing = (width - _MARGIN - _BAR) / last
    across = alt.Scale(domain=[0, width], nice=False, zero=False)
    down = alt.Scale(domain=[placed.height, 0], nice=False, zero=False)
    x = alt.X("x:Q", scale=across, axis=None)
    y = alt.Y("y:Q", scale=down, axis=None)
    fill = alt.Color("colour:N", scale=None, legend=None)
    told = [
        alt.Tooltip(f"{field}:N", title=title)
        for field, title in (("from", "From"), ("to", "To"), ("told", "Share"))
    ]
    bands = (
        alt.Chart(alt.InlineData(values=_bands(placed, colours, spacing)))
        .mark_area(opacity=0.4, line=False, interpolate="linear")
        .encode(x=x, y=y, y2="y2:Q", detail="flow:N", color=fill, tooltip=told)
    )
    bars = (
        alt.Chart(alt.InlineData(values=_bars(placed, colours, spacing)))
        .mark_rect(opacity=1)
        .encode(
            x=x,
            x2="x2:Q",
            y=y,
            y2="y2:Q",
            color=fill,
            tooltip=[alt.Tooltip("name:N", title="State"), alt.Tooltip("told:N", title="Stays")],
        )
    )
    words = alt.Chart(alt.InlineData(values=_labels(placed, spacing)))
    place: dict[str, Any] = {
        "align": "left",
        "baseline": "middle",
        "fontSize": 12,
        "lineHeight": _LINE,
    }
    halo = words.mark_text(**place, lineBreak="\n", stroke="white", strokeWidth=4, opacity=0.85)
    ink = words.mark_text(**place, lineBreak="\n", color=look.INK)
    layers = [layer.encode(x=x, y=y, text="text:N") for layer in (halo, ink)]
    chart = alt.layer(bands, bars, *layers).properties(width=width, height=placed.height)
    if not name:
        return chart
    head = alt.TitleParams(wording.printable(name), fontSize=12, anchor="start", offset=6)
    return chart.properties(title=head)


def _bands(placed: Drawing, colours: Mapping[str, str], spacing: float) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    # The thickest first, so that thin ones lie on top.
    for number, band in enumerate(sorted(placed.bands, key=lambda band: -band.flow.count)):
        flow, thick = band.flow, max(band.thick, _THINNEST)
        common = {
            "flow": number,
            "colour": colours.get(flow.source, look.QUIET),
            "from": wording.printable(flow.source),
            "to": wording.NO_FURTHER if flow.to is None else wording.printable(flow.to),
            "told": flow.told,
        }
        legs = zip(band.way, band.leaves, band.enters, strict=False)
        for bar, left, entered in legs:
            start = bar.column * spacing + (_BAR if bar.name is not None else 0)
            end = (bar.column + 1) * spacing
            for point in range(_POINTS + 1):
                t = point / _POINTS
                top = left + (entered - left) * t * t * (3 - 2 * t)
                at = {"x": round(start + (end - start) * t, 2)}
                rows.append(common | at | {"y": round(top, 2), "y2": round(top + thick, 2)})
    return rows


def _bars(placed: Drawing, colours: Mapping[str, str], spacing: float) -> list[dict[str, Any]]:
    return [
        {
            "x": round(bar.column * spacing, 2),
            "x2": round(bar.column * spacing + _BAR, 2),
            "y": round(bar.top, 2),
            "y2": round(bar.top + max(bar.height, _THINNEST), 2),
            "colour": colours.get(bar.name, look.QUIET),
            "name": wording.printable(bar.name),
            "told": ", ".join(_size(bar)),
        }
        for bar in placed.bars
        if bar.name is not None
    ]


def _size(bar: Bar) -> list[str]:
    stopped = [f"{wording.count(bar.stopped)} no further"] if bar.stopped else []
    return [wording.count(bar.size), *stopped]


def _labels(placed: Drawing, spacing: float) -> list[dict[str, Any]]:
    rows = []
    for bar in placed.bars:
        if bar.name is None:
            continue
        last = bar.column == placed.columns - 1
        room = int((_MARGIN if last and placed.columns > 1 else spacing - _BAR) / _LETTER)
        lines = [_cut(line, room) for line in (wording.printable(bar.name), *_size(bar))]
        rows.append(
            {
                "x": round(bar.column * spacing + _BAR + 5, 2),
                "y": round(bar.middle - _LINE / 2 * (len(lines) - 1), 2),
                "text": "\n".join(lines),
            }
        )
    return rows


def _cut(text: str, room: int) -> str:
    """Keep as much of a label as there is room for; the tooltip and the table have the whole."""
    most = min(max(room, 8), _LONGEST)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def described(estimates: Estimates) -> str:
    """Say who went where, the most important first, for those who do not see the picture."""
    told = []
    for name, flows in panels(estimates).items():
        counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for flow in flows:
            counts[flow.source][wording.NO_FURTHER if flow.to is None else flow.to] += flow.count
        largest = sorted(counts.items(), key=lambda pair: -sum(pair[1].values()))
        parts = []
        for source, ways in largest[:_FIRST]:
            by_size = sorted(ways.items(), key=lambda pair: -pair[1])
            went = [f"{wording.count(count)} {to}" for to, count in by_size[:_FIRST]]
            rest = len(by_size) - len(went)
            went += [f"and {wording.count(rest)} more"] if rest else []
            parts.append(f"{source}: {', '.join(went)}")
        if len(largest) > len(parts):
            parts.append(f"and {wording.count(len(largest) - len(parts))} more states")
        told.append((f"{name}: " if name else "") + ("; ".join(parts) or "nobody"))
        if len(told) == MOST_PANELS:
            break
    if not any(panels(estimates).values()):
        told = ["no values to show"]
    return wording.printable(f"{display.subject(estimates)}. {'. '.join(told)}.")
