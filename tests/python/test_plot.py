"""Charts: what is drawn, on which axes, and that a name is only ever a name."""

from __future__ import annotations

import datetime as dt
import json
import pickle
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from typing import Any

import altair as alt
import pytest

import fabricated
from wholefamily import plot
from wholefamily.errors import ColumnError
from wholefamily.plot import look

ALL = {
    "share": fabricated.share_by_locality,
    "quarters": fabricated.share_by_locality_and_quarter,
    "stock": fabricated.looked_after,
    "change": fabricated.looked_after_change,
    "survey": fabricated.survey,
    "contrast": fabricated.comparison,
    "single": fabricated.single,
    "nothing": fabricated.nothing,
    "hostile": fabricated.hostile,
    "many": lambda: fabricated.many(150),
}


def found(spec: Any, name: str) -> Iterator[Any]:
    """Every value that stands under a name anywhere in a chart's specification."""
    if isinstance(spec, dict):
        for key, value in spec.items():
            if key == name:
                yield value
            yield from found(value, name)
    elif isinstance(spec, list):
        for value in spec:
            yield from found(value, name)


def marks(spec: Any) -> set[str]:
    """The kinds of mark that a chart has."""
    return {mark["type"] for mark in found(spec, "mark")}


def points(spec: Any, field: str) -> list[Any]:
    """What a chart's data hold under a field, each point once."""
    tables = [*spec.get("datasets", {}).values()]
    tables += [d["values"] for d in found(spec, "data") if isinstance(d, dict) and "values" in d]
    rows = {json.dumps(row, sort_keys=True): row for table in tables for row in table}
    return [row[field] for row in rows.values() if field in row]


def texts(picture: str) -> str:
    """All words in an SVG, after checking that it is well-formed."""
    return " ".join(ET.fromstring(picture).itertext())  # noqa: S314  (our own picture)


@pytest.mark.parametrize("name", ALL)
def test_every_kind_of_result_becomes_a_picture_with_a_name(name: str) -> None:
    result = ALL[name]()
    chart = plot.chart(result)
    picture = plot.svg(chart)
    root = ET.fromstring(picture)  # noqa: S314
    assert root.get("role") == "img"
    assert root.get("aria-label") == plot.describe(result)
    assert "NaN" not in picture
    assert "undefined" not in picture


def test_a_png_is_a_png_of_the_asked_scale() -> None:
    chart = plot.chart(fabricated.single())
    small, large = (plot.png(chart, scale) for scale in (1, 2))
    assert small[:8] == large[:8] == b"\x89PNG\r\n\x1a\n"
    wide = [int.from_bytes(picture[16:20], "big") for picture in (small, large)]
    assert abs(wide[1] - 2 * wide[0]) <= 2


def test_groups_are_points_with_intervals_on_a_percent_axis() -> None:
    spec = plot.chart(fabricated.share_by_locality()).to_dict()
    assert {"point", "rule", "tick", "text"} == marks(spec)
    axes = [x["axis"] for x in found(spec, "x") if "axis" in x]
    assert {axis["format"] for axis in axes} == {".0%"}
    assert axes[0]["title"] == ["Share of referrals answered by hub (95% interval)"]
    assert {tuple(x["scale"]["domain"]) for x in found(spec, "x") if "scale" in x} == {(0.0, 1.0)}
    assert points(spec, "group") == ["Cambuslang", "East Kilbride", "Hamilton", "Lanark"]
    assert points(spec, "beside")[0] == "61.0% (732 of 1,200)"


def test_what_has_no_value_is_not_drawn_but_said() -> None:
    chart = plot.chart(fabricated.share_by_locality())
    words = texts(plot.svg(chart))
    assert "1 group has no value: no rows." in words
    assert "Rural" not in words


def test_time_has_lines_told_apart_by_colour_shape_and_name() -> None:
    chart = plot.chart(fabricated.share_by_locality_and_quarter())
    spec = chart.to_dict()
    assert {"line", "point", "rule", "text"} == marks(spec)
    shapes = next(s for s in found(spec, "shape") if isinstance(s, dict) and "scale" in s)
    assert shapes["scale"]["domain"] == fabricated.LOCALITIES
    assert len(set(shapes["scale"]["range"])) == 4
    assert shapes["legend"] is None
    words = texts(plot.svg(chart))
    assert all(name in words for name in fabricated.LOCALITIES)
    assert "Q3 2022" in words
    assert "Share of referrals answered by hub (95% interval)" in words


def test_a_missing_quarter_breaks_its_line() -> None:
    spec = plot.chart(fabricated.share_by_locality_and_quarter()).to_dict()
    gaps = [
        v
        for v, g in zip(points(spec, "value"), points(spec, "group"), strict=True)
        if g == "Hamilton"
    ]
    assert gaps.count(None) == 1


def test_each_date_stands_at_its_own_place_in_time() -> None:
    chart = plot.chart(fabricated.looked_after())
    spec = chart.to_dict()
    seconds = [
        dt.datetime(y, 2, d, tzinfo=dt.timezone.utc).timestamp()
        for y, d in ((2016, 29), (2020, 29), (2022, 28))
    ]
    assert points(spec, "time") == [1000 * s for s in seconds]
    scales = [x["scale"] for x in found(spec, "x") if "scale" in x]
    assert {s["type"] for s in scales} == {"utc"}
    words = texts(plot.svg(chart))
    assert "29 Feb 2016" in words
    assert "1,400" in words
    assert marks(spec) == {"line", "point"}
    assert next(y["scale"]["domain"] for y in found(spec, "y") if "scale" in y)[0] == 0


def test_one_line_over_time_has_a_band() -> None:
    rows = [fabricated.row(p, p - 0.1, p + 0.1, (int(100 * p), 100)) for p in (0.3, 0.4, 0.5)]
    result = fabricated.estimates({"period": fabricated.QUARTERS[:3]}, rows, every="quarter")
    spec = plot.chart(result).to_dict()
    assert "area" in marks(spec)
    assert next(y["scale"]["domain"] for y in found(spec, "y") if "scale" in y) == [0.0, 0.6]


def test_two_keys_make_panels_that_share_an_axis() -> None:
    spec = plot.chart(fabricated.survey()).to_dict()
    titles = [title.replace("\n", " ") for title in points(spec, "header")]
    assert titles == ["How do you feel about the help that your family had?", "What changed?"]
    assert (
        "We have more time together as a\nfamily and the children are\nhappier at school"
        in points(spec, "group")
    )


def test_forty_groups_of_several_figures_are_one_chart_of_one_table() -> None:
    # A chart for each group took Altair five seconds to put together.
    areas = [f"area {i}" for i in range(40)]
    keys = {"area": [a for a in areas for _ in "ab"], "kind": ["family", "kin"] * 40}
    rows = [fabricated.row(0.5, 0.4, 0.6, (5, 10))] * 80
    spec = plot.chart(fabricated.estimates(keys, rows)).to_dict()
    assert "vconcat" not in spec
    assert "facet" not in spec
    assert len(spec["layer"]) < 10
    assert points(spec, "header") == areas
    places = points(spec, "row")
    assert len(set(places)) == len(places)
    below = [place for values in found(spec, "values") for place in values if "told" in place]
    assert sorted(below, key=lambda point: point["row"]) == below
    assert max(places) < spec["height"]


def test_many_lines_are_given_a_panel_each() -> None:
    names = [f"area {i}" for i in range(9)]
    keys = {"area": names * 3, "period": [q for q in fabricated.QUARTERS[:3] for _ in names]}
    rows = [fabricated.row(0.5, 0.4, 0.6, (5, 10))] * 27
    chart = plot.chart(fabricated.estimates(keys, rows, every="quarter"))
    spec = chart.to_dict()
    assert spec["facet"]["sort"] == names
    assert spec["columns"] == 3
    assert all(name in texts(plot.svg(chart)) for name in names)


def test_a_comparison_has_lines_at_no_difference() -> None:
    spec = plot.chart(fabricated.comparison()).to_dict()
    assert points(spec, "at") == [0, 1]
    scales = [next(found(panel, "scale")) for panel in spec["vconcat"]]
    assert [scale["type"] for scale in scales] == ["linear", "log", "log"]
    low, high = scales[0]["domain"]
    assert low < -78.2
    assert high > 0
    titles = [" ".join(t) for t in found(spec, "title") if isinstance(t, list)]
    assert "Difference in percentage points, hub minus local_office (95% interval)" in titles


def test_panels_keep_their_dates_to_themselves() -> None:
    names = [f"kind {i}" for i in range(9)]
    days = [dt.date(2017, 3, 31), dt.date(2018, 3, 31)]
    keys = {"kind": [n for n in names for _ in days], "date": days * 9}
    rows = [
        fabricated.row(10 + i, base=(10 + i, None), unit="children", reason="a complete count")
        for i in range(18)
    ]
    chart = plot.chart(fabricated.estimates(keys, rows, specification={"measure": "looked_after"}))
    axes = [x["axis"] for x in found(chart.to_dict(), "x") if "axis" in x]
    sides = [c["value"] for c in axes[0]["labelAlign"]["condition"]]
    assert sides == ["left", "right"]
    assert texts(plot.svg(chart)).count("31 Mar 2018") == 3


def test_one_span_of_a_change_is_said_once() -> None:
    days = {"before": [dt.date(2017, 3, 31)] * 2, "after": [dt.date(2018, 3, 31)] * 2}
    rows = [fabricated.row(-0.2, -0.3, -0.1, (8, 10), unit="proportional change")] * 2
    result = fabricated.estimates(
        {"placement": ["foster", "kinship"], **days},
        rows,
        specification={"measure": "looked_after_change"},
    )
    chart = plot.chart(result)
    assert points(chart.to_dict(), "group") == ["foster", "kinship"]
    assert texts(plot.svg(chart)).count("31 March 2017 to 31 March 2018") == 1


def test_very_many_days_are_a_band_and_a_thin_line() -> None:
    days = [dt.date(2000, 1, 1) + dt.timedelta(days=i) for i in range(400)]
    keys = {"team": [t for t in ("a", "b") for _ in days], "period": days * 2}
    rows = [fabricated.row(0.5, 0.4, 0.6, (5, 10))] * 800
    spec = plot.chart(fabricated.estimates(keys, rows, every="day")).to_dict()
    assert "area" in marks(spec)
    assert min(m["size"] for m in found(spec, "mark") if m["type"] == "point") < 10


def test_a_notebook_shows_a_chart_without_a_network() -> None:
    for result in (fabricated.survey(), fabricated.looked_after(), fabricated.nothing()):
        changed = plot.chart(result).properties(background="white")
        bundle = changed._repr_mimebundle_()
        assert set(bundle) == {
            "application/vnd.vegalite.v6+json",
            "image/svg+xml",
            "text/plain",
        }
        assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", bundle["image/svg+xml"])
        assert isinstance(pickle.loads(pickle.dumps(changed)), type(changed))  # noqa: S301
    with alt.renderers.enable("html"):
        assert "text/html" in plot.chart(fabricated.single())._repr_mimebundle_()


def test_no_part_of_a_picture_has_a_role_of_its_own() -> None:
    picture = plot.svg(plot.chart(fabricated.survey()))
    assert picture.count("role=") == picture.count("aria-label=") == 1
    assert "aria-roledescription" not in picture


def test_a_character_that_xml_forbids_does_not_reach_the_drawing() -> None:
    rows = [fabricated.row(0.5, 0.4, 0.6, (5, 10))]
    result = fabricated.estimates({"k": ["\x00\x07\ufffe\uffff"]}, rows)
    assert "\\ufffe" in texts(plot.svg(plot.chart(result, title="\x00\ufffe")))


def test_a_change_is_signed_and_holds_nought() -> None:
    chart = plot.chart(fabricated.looked_after_change())
    assert points(chart.to_dict(), "group")[0] == "29 Feb 2016 to 29 Feb 2020"
    words = texts(plot.svg(chart))
    assert "−50%" in words
    assert " 0% " in words


def test_a_hostile_name_is_only_a_name() -> None:
    chart = plot.chart(fabricated.hostile())
    picture = plot.svg(chart)
    assert "<script" not in picture
    assert "<img" not in picture
    words = texts(picture)
    assert "<script>alert(1)</script>" in words
    assert "a.b[c]:d'e\"f\\g" in words
    fields = {f for f in found(chart.to_dict(), "field") if isinstance(f, str)}
    assert all(field.isalpha() for field in fields)


def test_hostile_groups_over_time_are_only_names() -> None:
    names = fabricated.HOSTILE[:4]
    keys = {"a.b[0]:'": names * 2, "period": [q for q in fabricated.QUARTERS[:2] for _ in names]}
    result = fabricated.estimates(
        keys, [fabricated.row(0.5, 0.4, 0.6, (5, 10))] * 8, every="quarter"
    )
    words = texts(plot.svg(plot.chart(result)))
    assert "<script>alert(1)</script>" in words
    assert "a.b[c]:d'e\"f\\g" in words


def test_null_and_a_name_that_looks_like_null_are_two_groups() -> None:
    rows = [fabricated.row(p, p - 0.1, p + 0.1, (1, 2)) for p in (0.3, 0.6)]
    spec = plot.chart(fabricated.estimates({"k": ["not recorded", None]}, rows)).to_dict()
    assert points(spec, "group") == ["not recorded", "not recorded (2)"]


def test_long_names_that_are_cut_stay_apart() -> None:
    names = [f"{'the same long words ' * 10}{i}" for i in range(3)]
    rows = [fabricated.row(0.5, 0.4, 0.6, (1, 2))] * 3
    groups = points(plot.chart(fabricated.estimates({"k": names}, rows)).to_dict(), "group")
    assert len(set(groups)) == 3


def test_a_very_long_result_is_cut_and_says_so() -> None:
    chart = plot.chart(fabricated.many(150))
    assert len(points(chart.to_dict(), "group")) == 100
    assert "50 more values are in the table, not in this chart." in texts(plot.svg(chart))


def test_a_count_by_group_has_points_and_no_interval() -> None:
    rows = [
        fabricated.row(float(n), unit="children", base=(n, None), reason=fabricated.COUNT_REASON)
        for n in (502, 1)
    ]
    keys = {"placement": ["foster", "adoption"], "date": [dt.date(2022, 2, 28)] * 2}
    chart = plot.chart(fabricated.estimates(keys, rows, specification={"measure": "looked_after"}))
    words = texts(plot.svg(chart))
    assert "28 February 2022" in words
    assert "502" in words
    assert points(chart.to_dict(), "lower") == [None, None]


def test_an_interval_without_an_end_stops_at_the_edge() -> None:
    rows = [fabricated.row(2.0, 0.0, float("inf"), unit="ratio", base=(1, 2))]
    spec = plot.chart(fabricated.estimates({"k": ["a"]}, rows)).to_dict()
    low, high = next(x["scale"]["domain"] for x in found(spec, "x") if "scale" in x)
    assert points(spec, "lower") == [low]
    assert points(spec, "upper") == [high]
    assert "Infinity" not in json.dumps(spec)


def test_dates_beyond_the_calendar_are_groups() -> None:
    import pyarrow as pa

    days = pa.array([4_000_000, 4_000_100], pa.int32()).cast(pa.date32())
    rows = [fabricated.row(1.0, unit="children", base=(1, None))] * 2
    assert plot.svg(plot.chart(fabricated.estimates({"date": days}, rows))).startswith("<svg")


def test_x_names_the_key_to_set_out_and_an_unknown_one_is_an_error() -> None:
    result = fabricated.share_by_locality_and_quarter()
    spec = plot.chart(result, x="locality").to_dict()
    assert {"Q1 2023", "Q4 2022"} <= set(points(spec, "header"))
    with pytest.raises(
        ColumnError, match="no key column 'localty' for x; keys are locality, period"
    ):
        plot.chart(result, x="localty")


def test_title_width_and_height_are_as_asked() -> None:
    spec = plot.chart(fabricated.looked_after(), title="My own", width=300, height=100).to_dict()
    assert spec["title"]["text"] == ["My own"]
    assert (spec["width"], spec["height"]) == (300, 100)


def test_the_sentence_for_those_who_do_not_see_it() -> None:
    assert plot.describe(fabricated.looked_after()) == (
        "Children looked after, by date: 1,381 for 29 February 2016; "
        "988 for 29 February 2020; 751 for 28 February 2022."
    )
    assert plot.describe(fabricated.share_by_locality()) == (
        "Share of referrals answered by hub, by locality (95% interval): 4 values, "
        "from 50.0% (40.0% to 60.0%) for East Kilbride to 100.0% (72.2% to 100.0%) for Lanark. "
        "1 without a value (no rows)."
    )
    assert plot.describe(fabricated.nothing()).endswith("no values to show.")


@pytest.mark.parametrize(
    ("unit", "numbers", "limits"),
    [
        ("share", [0.12], (0.0, 0.15)),
        ("share", [0.7], (0.0, 1.0)),
        ("share", [], (0.0, 1.0)),
        ("children", [1381.0], (0.0, 1500.0)),
        ("children", [-118.0, 435.0], (-150.0, 500.0)),
        ("children", [0.0], (0.0, 1.0)),
    ],
)
def test_axes_begin_and_end_at_sensible_numbers(
    unit: str, numbers: list[float | None], limits: tuple[float, float]
) -> None:
    assert look.domain(unit, numbers) == pytest.approx(limits)
