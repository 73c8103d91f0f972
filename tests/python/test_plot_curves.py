"""Curves of times to an event: steps from the origin, bands, days asked for as points."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest

import fabricated
import wholefamily as wf
from test_plot import found, marks, points, texts
from wholefamily import display, headline, plot, report
from wholefamily.evaluation import Answer
from wholefamily.evaluation.specification import Question
from wholefamily.plot.curves import _days_axis, _roomy, is_curve
from wholefamily.result import Estimates

BABIES = pl.DataFrame(
    {
        "time": [30, 60, 60, 90, 10, 50, 50],
        "event": ["care", "care", "moved", None, "care", None, None],
        "team": ["hub", "hub", "hub", "hub", "local", "local", None],
    }
).with_columns(had=pl.col("event") == "care")


def many(groups: int, rows: int = 300, days: int = 900) -> pl.DataFrame:
    rng = random.Random(4)  # noqa: S311  (draws examples)
    drawn = [
        (rng.randint(0, days), rng.choice(["care", "moved", None]), f"G{rng.randrange(groups)}")
        for _ in range(rows)
    ]
    return pl.DataFrame(drawn, schema=["time", "event", "team"], orient="row")


def incidence(by: str | Sequence[str] = (), **fields: Any) -> Estimates:
    return wf.CumulativeIncidence(**fields).run(BABIES, by=by)


def drawn(result: Estimates) -> list[Mapping[str, Any]]:
    """The points of a chart, each once."""
    spec = result.plot().to_dict()
    tables = [*spec.get("datasets", {}).values()]
    tables += [d["values"] for d in found(spec, "data") if isinstance(d, dict) and "values" in d]
    rows = {json.dumps(row, sort_keys=True): row for table in tables for row in table}
    return [row for row in rows.values() if "day" in row]


def line(result: Estimates, panel: str, group: str) -> list[tuple[float, float | None]]:
    return [
        (p["day"], p["value"]) for p in drawn(result) if (p["panel"], p["group"]) == (panel, group)
    ]


def test_a_curve_begins_at_the_origin_and_steps_after_each_event() -> None:
    result = incidence("team")
    assert line(result, "care", "hub") == [(0, 0.0), (30, 0.25), (60, 0.5)]
    assert line(result, "moved", "hub") == [(0, 0.0), (60, 0.25)]
    spec = result.plot().to_dict()
    assert {"area", "line", "point", "rule"} <= marks(spec)
    shapes = {mark["interpolate"] for mark in found(spec, "mark") if "interpolate" in mark}
    assert shapes == {"step-after"}


def test_survival_begins_at_one_and_incidence_at_nought() -> None:
    survival = wf.Survival(event="had").run(BABIES.drop_nulls("event"))
    assert line(survival, "", "All rows")[0] == (0, 1.0)
    assert line(incidence(), "", "care")[0] == (0, 0.0)


def test_events_are_lines_where_nothing_is_grouped_and_panels_where_something_is() -> None:
    assert {(p["panel"], p["group"]) for p in drawn(incidence())} == {("", "care"), ("", "moved")}
    panels = {(p["panel"], p["group"]) for p in drawn(incidence("team"))}
    assert panels == {
        (event, team) for event in ("care", "moved") for team in ("hub", "local", "not recorded")
    }


def test_only_the_end_of_a_line_has_a_mark_and_its_interval() -> None:
    ends = [(p["group"], p["day"]) for p in drawn(incidence()) if p["last"]]
    assert ends == [("care", 60), ("moved", 60)]


def test_days_asked_for_are_points_with_intervals_over_time() -> None:
    result = incidence("team", at=[28, 50])
    spec = result.plot().to_dict()
    assert marks(spec).isdisjoint({"line", "area"})
    assert {"point", "rule"} <= marks(spec)
    axes = [x["axis"] for x in found(spec, "x") if isinstance(x, dict) and "axis" in x]
    assert axes[0]["values"] == [28, 50]
    days = {p["group"]: p["day"] for p in drawn(result) if p["when"] == "28 days"}
    assert days["hub"] < days["local"] < days["not recorded"]
    assert all(abs(day - 28) < 1 for day in days.values())


def test_what_was_not_observed_breaks_the_line_and_is_said() -> None:
    result = incidence(at=[28, 4000])
    assert [p["value"] for p in drawn(result) if p["when"] == "4,000 days"] == [None, None]
    assert "2 points have no value: nobody was observed that long." in texts(
        plot.svg(result.plot())
    )


@pytest.mark.parametrize("groups", [1, 2, 4, 7, 8, 30])
def test_any_number_of_groups_becomes_a_picture(groups: int) -> None:
    for result in (
        wf.CumulativeIncidence().run(many(groups), by="team"),
        wf.CumulativeIncidence(at=[28, 365]).run(many(groups), by="team"),
    ):
        picture = plot.svg(result.plot())
        assert ET.fromstring(picture).get("role") == "img"  # noqa: S314  (our own picture)
        assert "NaN" not in picture
        assert "undefined" not in picture
        told = texts(picture)
        assert ("more values are in the table" in told) == (groups == 30)


def test_eight_groups_have_a_panel_for_each_event_beside_each_other() -> None:
    spec = wf.CumulativeIncidence().run(many(8), by="team").plot().to_dict()
    assert next(found(spec, "columns")) == 2
    assert len(set(points(spec, "panel"))) == 16


def test_periods_and_several_groups_are_placed_too() -> None:
    days = pl.DataFrame({"born": ["2022-01-01", "2022-07-01", "2023-01-01"] * 3})
    frame = BABIES.head(7).hstack(days.head(7).select(pl.col("born").str.to_date()))
    result = wf.CumulativeIncidence(date="born").run(frame, by="team", every="year")
    groups = {p["group"] for p in drawn(result)}
    assert {"2022", "2023"} <= groups
    assert plot.svg(result.plot())


@pytest.mark.parametrize(
    ("last", "title", "first"),
    [
        (0, "Time in days", [0.0, 1.0]),
        (60, "Time in days", [0.0, 14.0]),
        (365, "Time in months", [0.0, 60.875]),
        (1000, "Time in months", [0.0, 182.625]),
        (3650, "Time in years", [0.0, 730.5]),
    ],
)
def test_the_axis_is_in_days_months_or_years(last: int, title: str, first: list[float]) -> None:
    axis = _days_axis(last, None, 400).to_dict()["axis"]
    assert axis["title"] == title
    assert axis["values"][:2] == first
    assert len(axis["values"]) <= 9


def test_days_asked_for_that_crowd_lose_their_names_not_their_points() -> None:
    assert _roomy([1, 2, 3, 300, 365], 365, 400) == [3, 300, 365]


def test_no_more_steps_are_drawn_than_can_be_seen() -> None:
    times = list(range(1, 5001))
    result = wf.Survival().run(pl.DataFrame({"time": times, "event": [True] * 5000}))
    values = line(result, "", "All rows")
    assert len(values) <= 1001
    assert values[-1] == (5000, 0.0)
    exact = {day: 1 - day / 5000 for day in times}
    assert all(
        abs(value - exact[int(day)]) < 1e-9 for day, value in values[1:] if value is not None
    )


def test_the_description_says_where_each_line_ends() -> None:
    told = plot.describe(incidence("team"))
    assert told.startswith("Share who have had each event so far, by team and event")
    assert "50.0% (5.8% to 84.5%) by 60 days for care, hub" in told
    assert "0.0% by 50 days for moved, local" in told


def test_names_are_only_names_and_nothing_is_a_picture_too() -> None:
    hostile = BABIES.with_columns(team=pl.Series([*fabricated.HOSTILE, "x"]))
    told = texts(plot.svg(wf.CumulativeIncidence().run(hostile, by="team").plot()))
    assert "<script>alert(1)</script>" in told
    assert "No values to show." in texts(
        plot.svg(wf.Survival(event="had").run(BABIES.clear()).plot())
    )


def test_quantiles_are_no_curve_but_days_for_each_group() -> None:
    result = wf.Survival(event="had", quantiles=[0.5]).run(
        many(2).with_columns(had=pl.col("event") == "care")
    )
    assert not is_curve(result, result.to_polars())
    assert display.caption(result).startswith("Days by which a share has had the event")
    assert "50.0% with the event" in repr(result)
    assert plot.svg(result.plot())


def test_tables_and_headlines_say_days_and_how_many_were_followed() -> None:
    result = incidence("team", at=[28, 50])
    told = repr(result)
    assert "28 days" in told
    assert "0 events, 4 followed" in told
    question = Question(name="q", table="babies", measure="CumulativeIncidence")
    lines = headline.of_answer(Answer(question, result, 7))
    assert lines[0] == (
        "Hub, care: 0.0% by 28 days and 25.0% by 50 days (95% interval 0.9% to 66.5%; 1 event, 4 followed)"
    )
    # 2/7, then a third of the 5/7 who are left on day 60: 11/21 and 5/21
    curve = headline.of_answer(Answer(question, incidence(), 7))
    assert [text.split(" (")[0] for text in curve] == [
        "Care: 52.4% by 60 days",
        "Moved: 23.8% by 60 days",
    ]


def test_a_page_draws_a_curve_however_many_steps_it_has() -> None:
    result = wf.CumulativeIncidence().run(many(2))
    assert len(result) > max(report.PLOT_ROWS)
    question = Question(name="q", table="babies", measure="CumulativeIncidence")
    picture = report._plot(Answer(question, result, 300))
    assert picture is not None
    assert picture["svg"]


def test_the_page_needs_no_drawing_package_to_be_imported() -> None:
    code = "import sys; import wholefamily.report; sys.exit('altair' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
