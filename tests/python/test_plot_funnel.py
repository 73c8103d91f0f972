"""The funnel: which groups stand out, between which limits, and what it refuses to draw."""

from __future__ import annotations

import datetime as dt
import random
import xml.etree.ElementTree as ET
from typing import Any

import polars as pl
import pytest

import wholefamily as wf
from test_plot import found, marks
from wholefamily import plot
from wholefamily.plot.remarks import SIGNALS


def shares(groups: dict[Any, tuple[int, int]], **run: Any) -> wf.Estimates:
    """Write groups of x of n out as rows, and take their shares."""
    rows = [(name, place < x) for name, (x, n) in groups.items() for place in range(n)]
    rows += [(name, None) for name, (_, n) in groups.items() if n == 0]
    frame = pl.DataFrame(rows, schema=["area", "helped"], orient="row")
    return wf.Share(outcome="helped").run(frame, by="area", **run)


def rates(groups: dict[str, tuple[int, float]], per: float = 1000) -> wf.Estimates:
    rows = [(name, x, n) for name, (x, n) in groups.items()]
    frame = pl.DataFrame(rows, schema=["area", "moves", "years"], orient="row")
    return wf.Rate(events="moves", exposure="years", per=per).run(frame, by="area")


GROUPS = {"low": (5, 100), "even": (20, 100), "high": (36, 100), "far": (45, 100), "small": (1, 3)}


def tables(chart: Any) -> list[list[dict[str, Any]]]:
    """Give the data of each layer of a funnel."""
    spec = chart.to_dict()
    return [spec["datasets"][layer["data"]["name"]] for layer in spec["layer"]]


def drawn(chart: Any) -> dict[str, dict[str, Any]]:
    """Give the points of a funnel by their group."""
    return {row["group"]: row for rows in tables(chart) for row in rows if "where" in row}


def curves(chart: Any) -> list[list[tuple[float, float]]]:
    """Give the lines of a funnel as points: lower and upper of 95%, then of 99.8%."""
    layers = zip(chart.to_dict()["layer"], tables(chart), strict=True)
    lines = [rows for layer, rows in layers if layer["mark"]["type"] == "line"]
    return [[(row["at"], row["value"]) for row in rows] for rows in lines]


def words(chart: Any) -> str:
    """All words of the picture: it is well-formed, and nothing in it is undefined."""
    picture = plot.svg(chart)
    assert "NaN" not in picture
    assert "undefined" not in picture
    return " ".join(ET.fromstring(picture).itertext())  # noqa: S314  (our own picture)


# ── What it shows ─────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["phe", "score", "exact", "interpolated", "confidence"])
def test_signals_of_shares_are_those_of_the_statistic(method: Any) -> None:
    chart = shares(GROUPS).funnel(method=method)
    average = sum(x for x, _ in GROUPS.values()) / sum(n for _, n in GROUPS.values())
    for name, (x, n) in GROUPS.items():
        told = wf.stats.funnel_signal(x, n, average, method=method).signal
        assert drawn(chart)[name]["signal"] == ("within limits" if told == "within" else told)
        assert (drawn(chart)[name]["at"], drawn(chart)[name]["value"]) == (n, x / n)


def test_lines_are_the_limits_of_the_statistic_at_every_size() -> None:
    chart = shares(GROUPS).funnel(average=0.2)
    lower, upper, lowest, highest = curves(chart)
    assert upper[0][0] == 1.0
    assert upper[-1][0] == 105.0
    for place in (0, 20, -1):
        want = wf.stats.funnel_limits(upper[place][0], 0.2)
        got = [line[place][1] for line in (lower, upper, lowest, highest)]
        assert got == [want.lower_95, want.upper_95, want.lower_998, want.upper_998]


def test_rates_are_set_out_by_events_or_by_exposure_as_the_method_has_it() -> None:
    groups = {"a": (3, 900.0), "b": (40, 4100.5), "c": (90, 4000.0), "none": (0, 50.0)}
    estimates = rates(groups)
    average = sum(x for x, _ in groups.values()) / sum(n for _, n in groups.values())
    by_events, by_exposure = estimates.funnel(), estimates.funnel(method="score")
    for name, (x, n) in groups.items():
        assert (drawn(by_events)[name]["at"], drawn(by_exposure)[name]["at"]) == (x, n)
        assert drawn(by_events)[name]["value"] == pytest.approx(1000 * x / n)
    at, upper = curves(by_events)[1][11]
    limits = wf.stats.funnel_limits(at, average, of="rate")
    assert limits.upper_95 is not None
    assert upper == pytest.approx(1000 * limits.upper_95)
    assert "Moves: events observed" in words(by_events)
    assert "Years: exposure" in words(by_exposure)


def test_an_average_is_given_in_the_unit_of_the_table() -> None:
    groups = {"a": (3, 900.0), "b": (40, 4100.0)}
    for per in (1, 100, 1000):
        signals = [
            point["signal"]
            for point in drawn(rates(groups, per).funnel(average=0.02 * per)).values()
        ]
        assert signals == ["below 99.8%", "below 99.8%"]
    assert "Average: 20.0 per 1,000, given." in words(rates(groups).funnel(average=20))
    assert "Average: 16.2%, given." in words(shares(GROUPS).funnel(average=0.162))


def test_overdispersion_widens_the_limits_and_says_so() -> None:
    rng = random.Random(4)  # noqa: S311  (synthetic groups)
    groups = {f"area {i}": (rng.randint(10, 60), 100) for i in range(24)}
    plain, wide = (shares(groups).funnel(overdispersion=wider) for wider in (False, True))
    outside = [
        sum(point["signal"] != "within limits" for point in drawn(chart).values())
        for chart in (plain, wide)
    ]
    assert outside[0] > 8 > outside[1]
    assert "times as much as chance would make them (p < 0.001)" in words(plain)
    assert "Limits widened for variation between groups beyond chance" in words(wide)
    assert curves(wide)[1][-1][1] > curves(plain)[1][-1][1]


# ── For everybody ─────────────────────────────────────────────────────────────────────


def test_signals_are_told_by_colour_shape_and_words() -> None:
    spec = shares(GROUPS).funnel().to_dict()
    domains = [channel["scale"]["domain"] for channel in found(spec, "shape") if "scale" in channel]
    legend = ["above 99.8% (1)", "above 95% (1)", "within limits (2)", "below 99.8% (1)"]
    assert domains == [legend]
    colours, shapes = zip(*SIGNALS.values(), strict=True)
    assert len(set(colours)) == len(set(shapes)) == len(SIGNALS)
    assert marks(spec) == {"line", "rule", "text", "point"}


def test_the_picture_asks_the_question_names_what_stands_out_and_is_described() -> None:
    chart = shares(GROUPS).funnel()
    told = words(chart)
    assert "Does any area differ from the average by more than chance?" in told
    assert "Average: 26.6%, of all 5 groups together." in told
    assert "as Public Health England finds them" in told
    for name in ("low", "high", "far", "99.8%", "95%", "average 26.6%"):
        assert name in told
    description = chart.to_dict()["description"]
    assert "above 99.8%: far (45.0%)" in description
    assert "2 of 5 within" in description


def test_groups_where_nobody_and_everybody_has_it() -> None:
    chart = shares({"hub": (0, 20), "local": (15, 15)}).funnel()
    assert {name: row["signal"] for name, row in drawn(chart).items()} == {
        "hub": "below 99.8%",
        "local": "above 99.8%",
    }
    assert "Average: 42.9%, of both groups together." in words(chart)


@pytest.mark.parametrize("x", [0, 1])
def test_an_average_about_which_nothing_varies_has_no_limits(x: int) -> None:
    chart = shares({"hub": (20 * x, 20), "local": (15 * x, 15)}).funnel()
    assert curves(chart) == [[]] * 4
    assert "nothing varies by chance, so there are no limits" in words(chart)


def test_groups_without_a_value_are_counted_and_null_is_a_group() -> None:
    told = words(shares({"hub": (3, 20), None: (15, 15), "empty": (0, 0)}).funnel())
    assert "1 group has no value." in told
    assert "not recorded" in told


def test_names_are_only_names() -> None:
    hostile = "<script>alert(1)</script>\n\x1b[31m"
    chart = shares({hostile: (20, 20), "datum.x[0]": (0, 30), "c": (1, 3)}).funnel()
    assert "<script>" not in plot.svg(chart)
    assert "datum.x[0]" in words(chart)


def test_names_that_would_lie_over_one_another_are_counted_instead() -> None:
    groups = {f"a rather long name {i}": (100, 100) for i in range(20)}
    groups |= {f"another long name {i}": (0, 100) for i in range(20)}
    assert "groups outside the limits had no room for a name" in words(shares(groups).funnel())


# ── What it refuses ───────────────────────────────────────────────────────────────────


def refused(estimates: wf.Estimates, *told: str, **options: Any) -> None:
    with pytest.raises(wf.SpecError) as caught:
        estimates.funnel(**options)
    for text in told:
        assert text in str(caught.value)


def test_contrasts_and_periods_are_refused_with_the_mend() -> None:
    estimates = shares(GROUPS)
    refused(
        estimates.compare("area", "low", "high"), "contrasts", "call .funnel() on the estimates"
    )
    frame = pl.DataFrame(
        {"area": ["a", "b"], "x": [True, False], "when": [dt.date(2023, 1, 1)] * 2}
    )
    by_year = wf.Share(outcome="x", date="when").run(frame, by="area", every="year")
    refused(by_year, "a row for each period", "without every=")
    refused(wf.Share(outcome="x").run(frame), "needs groups", "by='locality'")


def test_what_is_neither_a_share_nor_a_crude_rate_is_refused() -> None:
    day = dt.date(2020, 1, 1)
    episodes = pl.DataFrame(
        {"child_id": [1, 2], "start": [day] * 2, "end": [None] * 2, "area": ["a", "b"]},
        schema_overrides={"end": pl.Date},
    )
    counted = wf.LookedAfter(at=[day]).run(episodes, by="area")
    refused(counted, "looked_after gives neither", "wf.LookedAfter with a population")
    scores = pl.DataFrame({"area": list("aabb"), "before": [1, 2, 3, 4], "after": [2, 4, 4, 9]})
    refused(wf.PairedChange().run(scores, by="area"), "paired_change gives neither")
    bands = pl.DataFrame({"area": list("ab"), "age_band": "0-4", "events": 12, "population": 99})
    standardised = wf.StandardisedRate(standard={"0-4": 1}).run(bands, by="area")
    refused(standardised, "crude rates, and standardised_rate gives neither")


def test_several_figures_of_a_group_are_refused() -> None:
    rows = [(i, "helped", "yes" if i % 3 else "no", "ab"[i % 2]) for i in range(12)]
    frame = pl.DataFrame(rows, schema=["respondent_id", "item", "answer", "area"], orient="row")
    estimates = wf.SurveyPercentages().run(frame, by="area")
    refused(estimates, "a row for each answer", "wf.Share(outcome='answer', equals='…')")


def test_looked_after_with_a_population_on_one_date_is_drawn_and_on_two_refused() -> None:
    days = [dt.date(2020, 1, 1), dt.date(2021, 1, 1)]
    episodes = pl.DataFrame(
        {"child_id": range(20), "start": days[0], "end": None, "area": list("ab") * 10},
        schema_overrides={"end": pl.Date},
    )
    people = pl.DataFrame(
        {"area": list("abab"), "date": [days[0]] * 2 + [days[1]] * 2, "population": [900] * 4}
    )
    measure = wf.LookedAfter(at=days[:1], population=people)
    assert "Children looked after" in words(measure.run(episodes, by="area").funnel())
    both = wf.LookedAfter(at=days, population=people).run(episodes, by="area")
    refused(both, "a row for each date", "one date in at=")


@pytest.mark.parametrize("average", [-0.1, 1.5, float("nan")])
def test_an_average_share_lies_between_0_and_1(average: float) -> None:
    refused(shares(GROUPS), "expected a share between 0 and 1", average=average)


def test_other_wrong_arguments() -> None:
    with pytest.raises(wf.TypeError_, match="average is True; expected a number"):
        shares(GROUPS).funnel(average=True)
    refused(shares(GROUPS), "leave method out", method="exact", overdispersion=True)
    refused(rates({"a": (3, 9.0)}), "expected a rate per 1,000", average=-1)
    refused(shares({"a": (0, 0)}), "no row of this table has one")
    with pytest.raises(wf.SpecError, match="phe, score, exact, interpolated, confidence"):
        shares(GROUPS).funnel(method="exakt")  # type: ignore[arg-type]
