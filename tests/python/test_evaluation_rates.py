"""An evaluation file asks for rates, gradients and paired changes as for any other measure."""

from __future__ import annotations

from pathlib import Path

import pytest

import wholefamily as wf
from wholefamily import headline, report

RATES = """
[evaluation]
title = "Rates, gradients and scores"
[tables.events]
path = "events.csv"
dates = { columns = ["date"] }
numbers = ["events", "population"]
[tables.scores]
path = "scores.csv"
numbers = ["before", "after"]

[[measures]]
name = "rate"
table = "events"
measure = "Rate"
events = "events"
exposure = "population"
date = "date"
by = "area"
every = "year"
compare = [{ column = "area", group = "Hamilton", reference = "Lanark", method = "log" }]

[[measures]]
name = "standardised"
table = "events"
measure = "standardised_rate"
age_band = "simd_quintile"
standard = { 1 = 3, 2 = 1, 3 = 1.5, 4 = 1, 5 = 1 }
by = "area"

[[measures]]
name = "gradient"
table = "events"
measure = "InequalityGradient"
convention = "scotpho"
by = "area"

[[measures]]
name = "change"
table = "scores"
measure = "PairedChange"
sd = 5
reliability = 0.85
"""


def test_rates_gradients_and_paired_changes_are_asked_like_any_measure(tmp_path: Path) -> None:
    rows = [
        f"{area},2021-05-0{fifth},{fifth},{x * (6 - fifth) + fifth % 2},{n}"
        for area, x, n in (("Hamilton", 9, 800), ("Lanark", 5, 1100))
        for fifth in range(1, 6)
    ]
    text = "\n".join(["area,date,simd_quintile,events,population", *rows])
    (tmp_path / "events.csv").write_text(text, encoding="utf-8")
    scores = "before,after\n20,30\n18,20\n25,\n22,21\n"
    (tmp_path / "scores.csv").write_text(scores, encoding="utf-8")
    (tmp_path / "evaluation.toml").write_text(RATES, encoding="utf-8")
    evaluation = wf.evaluate(tmp_path / "evaluation.toml")
    rate, standardised, gradient, change = evaluation.answers
    values = rate.estimates.to_polars()["value"].to_list()
    assert values == pytest.approx([1000 * 138 / 4000, 1000 * 78 / 5500])
    assert rate.comparisons[0].estimates.to_polars()["contrast"].to_list() == ["ratio"]
    assert rate.overall is not None
    weighted = sum(w * x for w, x in zip((3, 1, 1.5, 1, 1), (46, 36, 28, 18, 10), strict=True))
    assert standardised.estimates.to_polars()["value"][0] == pytest.approx(
        1000 * weighted / 7.5 / 800
    )
    assert len(gradient.estimates) == 10
    assert gradient.overall is None
    assert change.estimates.to_polars()["rows_dropped"].to_list() == [1, 1, 1]
    lines = headline.of_answer(change)
    assert lines[0].startswith("Mean change: +3.67 points (95% interval ")
    assert lines[1].startswith("Reliably better: 33.3% (95% interval ")
    lines = headline.of_answer(gradient)
    assert lines[0].startswith("Slope index: most minus least deprived, Hamilton: ")
    assert lines[0].endswith("; 138 in 4,000)")
    page = report.page(evaluation)
    assert "Inequality by SIMD quintile in the rate of events per 1,000 population" in page
