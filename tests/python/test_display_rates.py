"""How rates, gradients and paired changes are shown: units, names of figures, bases, axes."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

import wholefamily as wf
from test_plot import found, marks, texts
from wholefamily import plot, wording
from wholefamily.plot import look


def gradient(**fields: Any) -> wf.Estimates:
    frame = pl.DataFrame(
        {
            "area": ["Hamilton"] * 5 + ["Lanark"] * 5,
            "simd_quintile": [1, 2, 3, 4, 5] * 2,
            "events": [41, 30, 26, 17, 11, 3, 5, 7, 2, 9],
            "population": [1000] * 5 + [500] * 5,
        }
    )
    return wf.InequalityGradient(**fields).run(frame, by="area")


def change() -> wf.Estimates:
    frame = pl.DataFrame({"before": [20, 18, 25, 22], "after": [30, 20, None, 21]})
    return wf.PairedChange(sd=5, reliability=0.8).run(frame)


def rate() -> wf.Estimates:
    frame = pl.DataFrame({"home": ["foster", "group"], "moves": [9, 6], "years": [1000, 120]})
    return wf.Rate(events="moves", exposure="years").run(frame, by="home")


def test_figures_are_named_as_their_convention_defines_them() -> None:
    phe, scotpho = (repr(gradient(convention=word)) for word in ("phe", "scotpho"))
    assert "Slope index: least minus most deprived  −36.5 per 1,000" in phe
    assert "Relative index: least to most deprived" in phe
    assert "Slope index: most minus least deprived     36.5 per 1,000" in scotpho
    assert "Relative index: slope over the mean rate" in scotpho
    for text in (phe, scotpho):
        assert "Population attributable risk" in text
        assert "125 in 5,000" in text
        assert (
            "Inequality by SIMD quintile in the rate of events per 1,000 population, by area"
            in text
        )
        assert "by area and index" not in text


def test_a_paired_change_has_signed_points_and_pairs() -> None:
    text = repr(change())
    for words in (
        "Mean change",
        "+3.67 points",
        "3 pairs",
        "Reliably better",
        "1 of 3",
        "paired t",
    ):
        assert words in text


def test_a_column_of_ones_own_named_index_is_shown_as_it_is() -> None:
    frame = pl.DataFrame({"index": ["slope", "x"], "helped": [True, False]})
    estimates = wf.Share(outcome="helped").run(frame, by="index")
    assert "by index" in repr(estimates)
    assert "Slope index" not in repr(estimates)
    assert marks(estimates.plot().to_dict())


def test_a_comparison_of_rates_says_its_exposure_and_its_unit() -> None:
    compared = rate().compare("home", "foster", "group")
    assert "−41.0 per 1,000" in repr(compared)
    assert "9 in 1,000 against 6 in 120" in compared._repr_html_()
    picture = texts(plot.svg(compared.plot()))
    assert "Difference per 1,000, foster minus group (95% interval)" in picture
    assert "Ratio, foster to group (95% interval)" in picture


def test_a_standardised_rate_names_its_standard() -> None:
    frame = pl.DataFrame({"age_band": ["0-4", "5-9"], "events": [20, 30], "population": [900, 800]})
    own = wf.StandardisedRate(standard={"0-4": 1, "5-9": 1}).run(frame)
    assert "Standard: weights of one's own for 2 age bands." in repr(own)
    assert "standardised for age" in repr(own)
    assert 'part "under-18"' in wording.standard(
        {"measure": "standardised_rate", "standard": "under-18"}
    )
    assert not wording.standard({"measure": "rate", "standard": "all"})


@pytest.mark.parametrize("convention", ["phe", "scotpho"])
def test_figures_of_each_unit_have_an_axis_of_their_own(convention: str) -> None:
    chart = gradient(convention=convention).plot()
    titles = [" ".join(x["axis"]["title"]) for x in found(chart.to_dict(), "x") if title(x)]
    relative = {"Relative index (95% interval)"} if convention == "scotpho" else set()
    assert set(titles) == relative | {
        "Difference per 1,000 (95% interval)",
        "Ratio (95% interval)",
        "Share (95% interval)",
    }
    logarithmic = {x["scale"]["type"] for x in found(chart.to_dict(), "x") if "scale" in x}
    assert logarithmic == {"linear", "log"}
    picture = plot.svg(chart)
    assert "NaN" not in picture
    assert "Population attributable risk" in texts(picture)


def title(x: dict[str, Any]) -> bool:
    return isinstance(x.get("axis"), dict) and isinstance(x["axis"].get("title"), list)


def test_figures_over_time_are_drawn_one_under_the_other() -> None:
    rows = [
        (f"{year}-05-01", fifth, 40 - 6 * fifth + year % 7 * fifth, 900 + 10 * fifth)
        for year in (2021, 2022, 2023)
        for fifth in range(1, 6)
    ]
    frame = pl.DataFrame(
        rows, schema=["date", "simd_quintile", "events", "population"], orient="row"
    ).with_columns(pl.col("date").str.to_date())
    chart = wf.InequalityGradient(date="date").run(frame, every="year").plot()
    assert len(chart.to_dict()["vconcat"]) == 5
    picture = texts(plot.svg(chart))
    assert "Slope index: least minus most deprived, per 1,000 (95% interval)" in picture
    assert "Ratio: most to least deprived (95% interval)" in picture


def test_pictures_of_mixed_units_are_described_figure_by_figure() -> None:
    described = plot.describe(change())
    assert "+3.67 points" in described
    assert "33.3%" in described
    many = plot.describe(gradient())
    assert "−36.5 per 1,000 (−52.9 to −20.1) for Hamilton, Slope index" in many
    assert "and 4 more" in many


def test_places_on_an_axis_follow_its_scale() -> None:
    assert look.place(1, "ratio", (0.1, 10)) == pytest.approx(0.5)
    assert look.place(5, "per 1,000", (0, 20)) == 0.25
    assert look.domain("share", [-1.9, 0.75]) == (-2.0, 1.0)
    assert look.domain("per 100", [3.4]) == (0.0, 4.0)
