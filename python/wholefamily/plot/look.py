"""How charts look: colours, shapes, fonts, and axes that begin and end where a reader expects."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import altair as alt

# Okabe and Ito's colours, told apart with any kind of colour vision; the palest are last.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#8C3B78", "#1A1A1A", "#E69F00", "#56B4E9")
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "triangle-right")
INK = "#222222"
QUIET = "#595959"
GRID = "#E3E3E3"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
RATIOS = ("ratio", "odds ratio")
"""Units of ratios of two, drawn on a logarithmic axis."""

_STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


def dressed(chart: Any) -> Any:  # noqa: ANN401  (any of Altair's five kinds of chart)
    """Give a finished chart its fonts, colours and background."""
    axis: dict[str, Any] = {
        "labelColor": INK,
        "titleColor": INK,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "gridColor": GRID,
        "domainColor": QUIET,
        "tickColor": QUIET,
        "titlePadding": 10,
    }
    return (
        chart.configure(background="white", font=FONT, padding=12)
        .configure_view(stroke=None)
        .configure_axis(**axis)
        .configure_header(labelFontSize=12, labelFontWeight="bold", labelColor=INK, title=None)
        .configure_legend(labelFontSize=12, labelColor=INK, labelLimit=260, symbolSize=80)
        .configure_title(
            anchor="start",
            frame="bounds",
            fontSize=15,
            fontWeight="bold",
            color=INK,
            subtitleFontSize=12,
            subtitleColor=QUIET,
            subtitlePadding=6,
            offset=14,
        )
    )


def ceiling(number: float) -> float:
    """Round a positive number up to one that ends an axis well."""
    if number <= 0:
        return 1.0
    power = math.floor(math.log10(number))
    ends = (float(f"{step}e{power}") for step in _STEPS)
    return next((end for end in ends if end >= number * (1 - 1e-9)), float(f"1e{power + 1}"))


def domain(unit: str, numbers: Iterable[float | None]) -> tuple[float, float]:
    """Where does the axis begin and end? At nought for shares, counts and rates; around 1 for ratios."""
    known = [n for n in numbers if n is not None and math.isfinite(n)]
    if unit in RATIOS:
        known = [n for n in known if n > 0]
        return min([0.5, *known]) / 1.15, max([2.0, *known]) * 1.15
    low, high = min([0.0, *known]), max([0.0, *known])
    if unit == "share":
        below = -ceiling(-low) if low < 0 else 0.0
        return below, 1.0 if high > 0.6 or high <= 0 else ceiling(high)
    if low == high == 0:
        return 0.0, 1.0
    if unit == "children" or unit.startswith("per "):
        return -ceiling(-low) if low < 0 else 0.0, ceiling(high) if high > 0 else 0.0
    margin = (high - low) * 0.08
    return low - margin if low < 0 else -margin, high + margin if high > 0 else margin


def value_axis(unit: str, limits: tuple[float, float], **options: Any) -> alt.Axis:  # noqa: ANN401
    """Write the axis of the values: per cent for shares, plain numbers with separators otherwise."""
    import altair as alt

    if unit == "share":
        form = ".0%" if limits[1] >= 0.05 else ".2~%"
        return alt.Axis(format=form, tickCount=6, **options)
    if unit == "proportional change":
        signed = "datum.value === 0 ? '0%' : datum.label"
        return alt.Axis(format="+.0%", labelExpr=signed, tickCount=6, **options)
    if unit == "children":
        return alt.Axis(format=",d", tickMinStep=1, tickCount=6, **options)
    if unit in RATIOS:
        return alt.Axis(values=_log_ticks(*limits), format=",~r", **options)
    return alt.Axis(tickCount=6, **options)


def place(number: float, unit: str, limits: tuple[float, float]) -> float:
    """Where on its axis does a value lie? From 0 at the lower end to 1 at the upper."""
    of = math.log if unit in RATIOS else float
    low, high = map(of, limits)
    return (of(number) - low) / (high - low)


def value_scale(unit: str, limits: tuple[float, float]) -> alt.Scale:
    """Write the scale of the values: logarithmic for ratios, linear otherwise."""
    import altair as alt

    kind = "log" if unit in RATIOS else "linear"
    return alt.Scale(type=kind, domain=list(limits), nice=False, zero=False)


def clipped(number: float | None, limits: tuple[float, float]) -> float | None:
    """Keep the end of an interval on the axis: one that runs to nought or infinity stops at the edge."""
    if number is None or math.isnan(number):
        return None
    return min(max(number, limits[0]), limits[1])


def _log_ticks(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    steps = (1, 2, 5) if last - first <= 3 else (1,)
    ticks = [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]
    return [tick for tick in ticks if low <= tick <= high]
