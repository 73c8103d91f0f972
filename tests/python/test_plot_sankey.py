"""Pictures of where people went: nothing lost between the rows and the bands, and names stay names."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from test_plot import marks
from wholefamily import plot
from wholefamily.plot.flows import GAP, Drawing, Flow, drawing
from wholefamily.plot.sankey import MOST_FLOWS, MOST_PANELS

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)
HOSTILE = '<script>alert(1)</script>, "quoted" & a name that is much too long for its place'
Way = tuple[str, str | None, int]
PLAIN: list[Way] = [("r", "a", 6), ("r", "c", 3), ("r", None, 1), ("a", "p", 4), ("a", "c", 2), ("p", "c", 4)]  # fmt: skip


def result(ways: list[Way], **run: Any) -> wf.Estimates:
    rows = [(a, b) for a, b, count in ways for _ in range(count)]
    table = pl.DataFrame(rows, schema={"from": pl.String, "to": pl.String}, orient="row")
    table = table.with_columns(step=1, area=pl.lit("north"))
    return wf.Pathways().run(table, **run)


def words(chart: Any) -> str:
    """All words of the picture: it is well-formed, and nothing in it is undefined."""
    picture = plot.svg(chart)
    assert "NaN" not in picture
    assert "undefined" not in picture
    assert "http" not in picture.replace("http://www.w3.org/", "")
    return " ".join(ET.fromstring(picture).itertext())  # noqa: S314  (our own picture)


ways = st.lists(
    st.tuples(st.sampled_from("abcde"), st.sampled_from([*"abcde", None]), st.integers(0, 50)),
    max_size=14,
    unique_by=lambda way: way[:2],
)


def check(placed: Drawing, flows: list[Flow]) -> None:
    """Every flow is drawn once, to one scale, within its bars; no two bars of a column touch."""
    some = [flow for flow in flows if flow.count]
    moved = [flow for flow in some if flow.to is not None or placed.kind == "pairs"]
    assert Counter(id(band.flow) for band in placed.bands) == Counter(map(id, moved))
    scales = {round(band.thick / band.flow.count, 9) for band in placed.bands}
    assert len(scales) <= 1
    assert sum(bar.stopped for bar in placed.bars) == sum(f.count for f in some) - sum(
        f.count for f in moved
    )
    for band in placed.bands:
        columns = [bar.column for bar in band.way]
        assert columns == list(range(columns[0], columns[0] + len(columns)))
        for bar, top in zip(band.way, band.leaves, strict=False):
            assert bar.top - 1e-6 <= top <= bar.top + bar.height - band.thick + 1e-6
        for bar, top in zip(band.way[1:], band.enters, strict=True):
            assert bar.top - 1e-6 <= top <= bar.top + bar.height - band.thick + 1e-6
    for column in range(placed.columns):
        bars = sorted((b for b in placed.bars if b.column == column), key=lambda bar: bar.top)
        for above, below in pairwise(bars):
            assert below.top - above.top - above.height >= GAP - 1e-6
        assert all(b.top >= -1e-6 and b.top + b.height <= placed.height + 1e-6 for b in bars)


@drawn
@given(ways, st.sampled_from([0, 4]))
def test_every_flow_is_drawn_once_and_to_scale(given_ways: list[Any], steps: int) -> None:
    flows = [
        Flow(a, b, count, step=number % steps if steps else None)
        for number, (a, b, count) in enumerate(given_ways)
    ]
    check(drawing(flows, 200.0, "no further step"), flows)


def test_a_circle_is_drawn_as_before_and_after_and_an_order_as_such() -> None:
    order = drawing([Flow(a, b, n) for a, b, n in PLAIN], 200.0, "none")
    assert (order.kind, order.columns) == ("order", 4)
    assert {bar.name: bar.column for bar in order.bars if bar.name} == {
        "r": 0, "a": 1, "p": 2, "c": 3,
    }  # fmt: skip
    circle = drawing([Flow("a", "b", 2), Flow("b", "a", 1), Flow("b", None, 1)], 200.0, "none")
    assert (circle.kind, circle.columns) == ("pairs", 2)
    assert sorted((bar.column, bar.name) for bar in circle.bars) == [
        (0, "a"), (0, "b"), (1, "a"), (1, "b"), (1, "none"),
    ]  # fmt: skip
    steps = drawing([Flow("a", "b", 2, step=1), Flow("b", "a", 1, step=2)], 200.0, "none")
    assert (steps.kind, steps.columns) == ("steps", 3)


def test_the_picture_says_who_went_where() -> None:
    estimates = result(PLAIN)
    chart = estimates.plot()
    assert marks(chart.to_dict()) == {"area", "rect", "text"}
    told = words(chart)
    assert "Where people went next" in told
    assert "1 no further" in told
    assert chart.to_dict()["description"] == plot.describe(estimates)
    assert plot.describe(estimates) == (
        "Where people went next. r: 6 a, 3 c, 1 no further step; a: 4 p, 2 c; p: 4 c."
    )


def test_intervals_are_drawn_where_a_key_is_named() -> None:
    assert "area" not in marks(result(PLAIN).plot(x="to").to_dict())


def test_names_stay_names() -> None:
    chart = result([(HOSTILE, "b", 3), ("b", None, 3)]).plot()
    assert "<script" not in plot.svg(chart)
    told = words(chart)
    assert "<script>al" in told
    assert HOSTILE not in told
    assert "<script" not in result([(HOSTILE, "b", 3)]).plot(title=HOSTILE).to_dict()["title"]


def test_each_group_has_a_picture_of_its_own() -> None:
    rows = [(f"area {n}", a, b) for n in range(MOST_PANELS + 2) for a, b, _ in PLAIN]
    table = pl.DataFrame(rows, schema=["area", "from", "to"], orient="row")
    chart = wf.Pathways().run(table, by="area").plot()
    assert len(chart.to_dict()["vconcat"]) == MOST_PANELS
    told = words(chart)
    assert "area 1" in told
    assert "2 more groups are in the table" in told


def test_the_largest_of_too_many_flows_are_drawn_and_the_rest_counted() -> None:
    many: list[Way] = [(f"s{n}", f"t{n % 20}", 1 + n % 3) for n in range(MOST_FLOWS + 30)]
    assert "30 smaller flows are in the table" in words(result(many).plot())


@pytest.mark.parametrize("ways", [[], [("a", None, 3)], [("a", "a", 3)], [("a", "b", 1)]])
def test_the_smallest_results_can_be_drawn(ways: list[Way]) -> None:
    estimates = result(ways)
    assert words(estimates.plot())
    assert plot.describe(estimates).startswith("Where people went next. ")


def test_steps_are_columns() -> None:
    rows = [("r", "a", 1), ("a", "r", 2), ("r", None, 3)]
    table = pl.DataFrame(rows, schema=["from", "to", "step"], orient="row")
    chart = wf.Pathways().run(table, by="step").plot()
    assert "Some come back" not in words(chart)
    assert "Some come back" in words(wf.Pathways().run(table).plot())
