"""Bad tables, names, words and dates: a clear error or a right answer, never a panic."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import wholefamily as wf

if TYPE_CHECKING:
    from pathlib import Path

SHARE = wf.Share(outcome="helped", date="when")
STOCK = wf.LookedAfter(at=["2020-02-01"])
CHANGE = wf.LookedAfterChange(before="2020-01-01", after="2020-02-01")

DAY = dt.date(2020, 1, 1)
EVERYTHING: dict[str, tuple[Any, Any]] = {
    "helped": (pl.Boolean, True),
    "when": (pl.Date, DAY),
    "team": (pl.String, "hub"),
    "received": (pl.Date, DAY),
    "outcome": (pl.String, "kinship"),
    "started": (pl.Date, DAY),
    "escalated": (pl.Date, DAY),
    "opened": (pl.Date, DAY),
    "child_id": (pl.String, "a"),
    "start": (pl.Date, DAY),
    "end": (pl.Date, DAY),
    "respondent_id": (pl.String, "p"),
    "item": (pl.String, "helped"),
    "answer": (pl.String, "yes"),
    "area": (pl.String, "Lanark"),
}
"""A table that every measure can read: its columns, their types, and a value."""

CASES: list[tuple[wf.Measure, dict[str, Any]]] = [
    (SHARE, {}),
    (SHARE, {"every": "month"}),
    (wf.ReferralShare(to="hub"), {"every": "year"}),
    (wf.PreBirthOutcomes(), {"every": "week"}),
    (wf.Escalation(), {"every": "quarter"}),
    (STOCK, {}),
    (wf.LookedAfter(), {"every": "month"}),
    (CHANGE, {}),
    (wf.Flows(), {}),
    (wf.Flows(), {"every": "school_year"}),
    (wf.SurveyPercentages(), {}),
    (wf.SurveyPercentages(base="eligible", multiple=True), {}),
]
every_measure = pytest.mark.parametrize(
    ("measure", "options"),
    CASES,
    ids=[f"{type(case).__name__}-{'-'.join(options.values())}" for case, options in CASES],
)
any_groups = pytest.mark.parametrize("by", [[], ["area"]], ids=["all", "by area"])


def table(rows: int = 1, **replaced: Any) -> pl.DataFrame:
    """Make a table of every column, with some columns replaced."""
    columns = {
        name: pl.Series(name, [value] * rows, kind) for name, (kind, value) in EVERYTHING.items()
    }
    return pl.DataFrame(columns).with_columns(**{k: pl.Series(v) for k, v in replaced.items()})


def sound(estimates: wf.Estimates) -> pl.DataFrame:
    """Check what holds of every result, and that it can be shown; give it as a frame."""
    frame = estimates.to_polars()
    for name in ("value", "lower", "upper", "denominator"):
        assert frame[name].is_finite().all(), f"{name} is NaN or infinite somewhere"
    assert (frame["reason"].is_not_null() | frame["value"].is_not_null()).all()
    assert (frame["lower"].is_null() == frame["upper"].is_null()).all()
    ordered = frame.filter(pl.col("lower").is_not_null())
    assert (ordered["lower"] <= ordered["value"]).all()
    assert (ordered["value"] <= ordered["upper"]).all()
    assert isinstance(repr(estimates), str)
    assert isinstance(estimates._repr_html_(), str)
    return frame


def refused(
    kind: type[Exception], words: list[str], measure: wf.Measure, *args: Any, **run: Any
) -> None:
    """Expect an error of this package whose message holds these words."""
    with pytest.raises(kind) as caught:
        measure.run(*args, **run)
    for word in words:
        assert word in str(caught.value), str(caught.value)


# ── Hardly any rows ───────────────────────────────────────────────────────────────────


@every_measure
@any_groups
def test_no_rows(measure: wf.Measure, options: Any, by: list[str]) -> None:
    frame = sound(measure.run(table().clear(), by=by, **options))
    assert frame["rows_used"].sum() + frame["rows_dropped"].sum() == 0
    periods = "every" in options
    if by or periods or isinstance(measure, wf.SurveyPercentages):
        assert frame.height == 0
    else:
        assert frame.height == (3 if isinstance(measure, wf.Flows) else 1)


@every_measure
@any_groups
def test_one_row(measure: wf.Measure, options: Any, by: list[str]) -> None:
    estimates = measure.run(table(), by=by, **options)
    frame = sound(estimates)
    assert estimates.set_aside.height == 0
    if isinstance(measure, wf.LookedAfter) and options:
        assert frame.height == 0  # no whole period
    else:
        assert frame["rows_used"].unique().to_list() == [1]


@every_measure
@any_groups
@pytest.mark.parametrize("typed", [True, False])
def test_nothing_but_nulls(measure: wf.Measure, options: Any, by: list[str], typed: bool) -> None:  # noqa: FBT001
    columns = {
        name: pl.Series(name, [None] * 3, kind if typed else pl.Null)
        for name, (kind, _) in EVERYTHING.items()
    }
    frame = sound(measure.run(pl.DataFrame(columns), by=by, **options))
    if frame.height and not isinstance(measure, wf.Escalation):
        assert (frame["rows_used"] == 0).all()
        assert (frame["rows_dropped"] == 3).all()


@every_measure
def test_one_column_of_nulls(measure: wf.Measure, options: Any) -> None:
    for name, (kind, _) in EVERYTHING.items():
        for nothing in (kind, pl.Null):
            without = table(2).with_columns(pl.lit(None, nothing).alias(name))
            sound(measure.run(without, by=["area"], **options))


@any_groups
def test_a_csv_of_a_header_alone(tmp_path: Path, by: list[str]) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(",".join(EVERYTHING) + "\n")
    for measure, options in CASES:
        got = sound(measure.run(path, by=by, **options))
        assert got.equals(measure.run(table().clear(), by=by, **options).to_polars())


def test_an_empty_reader_still_knows_its_columns() -> None:
    def reader() -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(pa.schema([("helped", pa.bool_())]), [])

    assert sound(SHARE.run(reader()))["reason"].to_list() == ["no rows"]
    refused(wf.ColumnError, ["'area'"], SHARE, reader(), by="area")


def test_no_columns() -> None:
    for nothing in (pl.DataFrame(), pa.table({}), pd.DataFrame()):
        refused(wf.ColumnError, ["'helped'"], SHARE, nothing)


def test_a_month_that_is_not_over_is_not_a_table_without_rows() -> None:
    estimates = wf.LookedAfter().run(table(), by="area", every="month")
    assert len(estimates) == 0
    assert not any("holds no rows" in note for note in estimates.notes), estimates.notes


def test_an_item_that_nobody_answered_is_not_dropped_silently() -> None:
    rows = table(2, item=["helped", "listened_to"], answer=["yes", None])
    estimates = wf.SurveyPercentages(base="eligible").run(rows)
    told = [*estimates.to_polars()["item"], *estimates.notes, *estimates.set_aside["value"]]
    assert any("listened_to" in str(each) for each in told)


# ── Columns ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("measure", "column"),
    [
        (SHARE, "helped"), (wf.ReferralShare(to="hub"), "team"), (wf.PreBirthOutcomes(), "outcome"),
        (wf.Escalation(), "escalated"), (STOCK, "child_id"), (STOCK, "start"), (CHANGE, "end"),
        (wf.Flows(), "child_id"), (wf.SurveyPercentages(), "respondent_id"),
        (wf.SurveyPercentages(), "item"), (wf.SurveyPercentages(), "answer"),
    ],
)  # fmt: skip
def test_a_missing_column_is_named_with_the_nearest(measure: wf.Measure, column: str) -> None:
    typo = column[:-1] + "z"
    without = table().rename({column: typo})
    words = [type(measure).__name__, f"'{column}'", f"mean '{typo}'"]
    refused(wf.ColumnError, words, measure, without)
    refused(wf.ColumnError, ["'aera'", "mean 'area'"], measure, table(), by=["aera"])


WRONG: dict[str, list[Any]] = {
    "text": ["a"],
    "numbers": [1],
    "fractions": [1.5],
    "decimals": [Decimal("1.5")],
    "lists": [[1]],
    "structs": [{"a": 1}],
    "bytes": [b"a"],
    "times": [dt.time(1)],
    "durations": [dt.timedelta(1)],
}
NO_DATES = WRONG
NO_KEYS = {name: value for name, value in WRONG.items() if name not in {"text", "numbers"}}
NO_FLAGS = WRONG | {"dates": [DAY]}


@pytest.mark.parametrize("kind", sorted(NO_DATES))
def test_what_is_no_date(kind: str) -> None:
    wrong: Any = NO_DATES[kind]
    refused(wf.TypeError_, ["'when'", "expected dates"], SHARE, table(when=wrong), every="month")
    refused(wf.TypeError_, ["'start'", "expected dates"], STOCK, table(start=wrong))
    refused(wf.TypeError_, ["'end'", "expected dates"], STOCK, table(end=wrong))


@pytest.mark.parametrize("kind", sorted(NO_KEYS))
def test_what_is_no_key(kind: str) -> None:
    wrong: Any = NO_KEYS[kind]
    refused(wf.TypeError_, ["'area'", "expected text"], SHARE, table(area=wrong), by="area")
    refused(wf.TypeError_, ["'child_id'", "expected text"], STOCK, table(child_id=wrong))
    refused(wf.TypeError_, ["'item'"], wf.SurveyPercentages(), table(item=wrong))


@pytest.mark.parametrize("kind", sorted(NO_FLAGS))
def test_what_is_no_flag(kind: str) -> None:
    wrong: Any = NO_FLAGS[kind]
    refused(wf.TypeError_, ["'helped'", "true or false"], SHARE, table(helped=wrong))


def test_fractions_as_keys_say_what_to_do() -> None:
    refused(wf.TypeError_, ["bands"], SHARE, table(area=[0.5]), by="area")
    with_gaps = pd.DataFrame({"helped": [True, False], "area": [1, None]})  # pandas makes it float
    refused(wf.TypeError_, ["'area'", "whole numbers"], SHARE, with_gaps, by="area")


@pytest.mark.parametrize("kind", [pl.Int128, pl.UInt128])
def test_columns_that_arrow_does_not_know(kind: Any) -> None:
    wide = table(area=pl.Series([1], dtype=kind))
    refused(wf.TypeError_, ["'area'"], SHARE, wide, by="area")


def test_columns_twice(tmp_path: Path) -> None:
    flags, numbers = pa.array([True]), pa.array([1])
    twice = pa.Table.from_arrays([flags, flags, numbers], names=["helped", "helped", "area"])
    refused(wf.ColumnError, ["two columns", "'helped'"], SHARE, twice)
    keys = pa.Table.from_arrays([flags, numbers, numbers], names=["helped", "area", "area"])
    refused(wf.ColumnError, ["two columns", "'area'"], SHARE, keys, by="area")
    assert sound(SHARE.run(keys))["value"].to_list() == [1.0]
    frame = pd.DataFrame([[True, False]], columns=["helped", "helped"])
    refused(wf.ColumnError, ["'helped'"], SHARE, frame)
    path = tmp_path / "twice.csv"
    path.write_text("helped,helped\ntrue,false\n")
    refused(wf.ColumnError, ["'helped'"], SHARE, path)


@pytest.mark.parametrize(
    ("measure", "name"),
    [(SHARE, name) for name in ("value", "measure", "rows_used", "reason", "level")]
    + [(STOCK, "date"), (wf.Flows(), "flow"), (CHANGE, "before"), (CHANGE, "after"),
       (wf.SurveyPercentages(), "item"), (wf.SurveyPercentages(), "answer")],
)  # fmt: skip
def test_keys_named_like_the_columns_of_a_result(measure: wf.Measure, name: str) -> None:
    words = [f"'{name}'", "rename"]
    refused(wf.SpecError, words, measure, table().with_columns(pl.lit("x").alias(name)), by=name)


def test_period_is_a_free_name_without_periods() -> None:
    named = table().with_columns(period=pl.lit("before"))
    assert sound(SHARE.run(named, by="period"))["period"].to_list() == ["before"]
    refused(wf.SpecError, ["'period'", "rename"], SHARE, named, by="period", every="year")


@pytest.mark.parametrize("name", ["contrast", "p_value"])
def test_keys_named_like_the_columns_of_a_comparison(name: str) -> None:
    rows = table(2, area=["a", "b"]).with_columns(pl.lit("x").alias(name))
    refused(wf.SpecError, [f"'{name}'", "rename"], SHARE, rows, by=[name, "area"])


# ── Words ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, math.nan, math.inf])
def test_levels_that_are_none(level: float) -> None:
    refused(wf.SpecError, ["between 0 and 1"], SHARE, table(), level=level)


@pytest.mark.parametrize("level", ["0.95", None, True])
def test_levels_that_are_no_numbers(level: Any) -> None:
    refused(wf.TypeError_, ["between 0 and 1"], SHARE, table(), level=level)


@pytest.mark.parametrize("level", [1e-300, 1e-9, 0.5, 1 - 1e-16])
def test_levels_near_the_ends(level: float) -> None:
    for measure, options in CASES:
        sound(measure.run(table(3), level=level, **options))


def test_a_percentage_is_told_apart_from_a_share() -> None:
    refused(wf.SpecError, ["write 0.95"], SHARE, table(), level=95)


@pytest.mark.parametrize("every", ["fortnight", "", "Month", "months"])
def test_periods_that_are_none(every: Any) -> None:
    refused(wf.SpecError, [f"'{every}'", "financial_year"], SHARE, table(), every=every)


@pytest.mark.parametrize("every", [1, True, ["month"]])
def test_periods_that_are_no_words(every: Any) -> None:
    with pytest.raises(wf.Error) as caught:
        SHARE.run(table(), every=every)
    assert "every" in str(caught.value)
    assert "line 1 column" not in str(caught.value)


@pytest.mark.parametrize("equals", [1.0, 2**70])
def test_values_that_a_column_cannot_hold(equals: Any) -> None:
    with pytest.raises(wf.Error) as caught:
        wf.Share(outcome="area", equals=equals).run(table())
    assert "equals" in str(caught.value)
    assert "untagged" not in str(caught.value)


def test_by_the_same_column_twice() -> None:
    refused(wf.SpecError, ["'area'", "twice"], SHARE, table(), by=["area", "area"])


def test_values_of_another_type_never_match_silently() -> None:
    rows = table(area=[1])
    refused(
        wf.TypeError_, ["'area'", "never equal 'one'"], wf.Share(outcome="area", equals="one"), rows
    )
    refused(wf.TypeError_, ["never equal true"], wf.Share(outcome="area", equals=True), rows)
    refused(wf.TypeError_, ["never equal 1"], wf.Share(outcome="team", equals=[1, 2]), rows)


def test_a_team_that_no_row_names_is_asked_about() -> None:
    estimates = wf.ReferralShare(to="hbu").run(table())
    assert sound(estimates)["value"].to_list() == [0.0]
    assert any("'hbu'" in note for note in estimates.notes)


# ── Names ─────────────────────────────────────────────────────────────────────────────

NAMES = [
    "<script>alert(1)</script>", "=1+1", "@SUM(A1)", "a,b", "a\nb", 'a"b', "a'b", "😀", "é", "e\u0301",
    "\u202eabc", "\ufeffx", "a\tb", "a\\b", "{{7*7}}", "", " ", "null", "None", "NaN", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_and_values_are_kept_as_they_are(name: str) -> None:
    rows = table(3, area=[name, "other", name], helped=[True, False, None])
    as_value = SHARE.run(rows, by="area")
    keys = sound(as_value).select("area", "numerator", "rows_dropped").rows()
    assert sorted(keys) == sorted([(name, 1, 1), ("other", 0, 0)])
    as_name = SHARE.run(rows.rename({"area": name}), by=name)
    assert sound(as_name).rename({name: "area"}).equals(as_value.to_polars())
    html = as_name._repr_html_() + as_value._repr_html_()
    assert "<script>alert" not in html
    compared = as_value.compare("area", name, "other")
    assert sound(compared)["value"].to_list()[0] == 1.0


def test_zero_bytes_in_values() -> None:
    rows = table(3, area=["a\0b", "a\0c", "a"])
    assert sound(SHARE.run(rows, by="area"))["area"].to_list() == ["a", "a\0b", "a\0c"]


@pytest.mark.parametrize(
    "frame",
    ["{'helped': [True], 'a\\0b': [1]}", "{'helped': [True], 'x': [{'a\\0b': 1}]}"],
)
def test_zero_bytes_in_names_do_not_end_the_process(frame: str) -> None:
    """Polars aborts the whole process when it exports such a name: it must be refused before."""
    script = (
        "import polars as pl, wholefamily as wf\n"
        "try:\n"
        f"    wf.Share(outcome='helped').run(pl.DataFrame({frame}))\n"
        "except wf.ColumnError as error:\n"
        "    print('refused:', error)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr[:500]
    assert "refused:" in ran.stdout


def test_a_name_of_ten_million_characters() -> None:
    long = "x" * 10_000_000
    assert len(SHARE.run(table(area=[long]), by="area")) == 1
    assert len(SHARE.run(table().rename({"area": long}), by=long)) == 1
    with pytest.raises(wf.ColumnError) as caught:
        SHARE.run(table(), by=long)
    assert len(str(caught.value)) < 10_001_000


def test_population_names_and_types() -> None:
    measure = wf.LookedAfter(
        at=["2020-02-01"],
        population=pl.DataFrame({"area": ["=1", None], "date": ["2020-02-01"] * 2, "population": [10, 20]}),
    )  # fmt: skip
    rows = table(2, area=["=1", None], child_id=["a", "b"], end=[None, None])
    got = sound(measure.run(rows, by="area"))
    assert got.select("area", "value").rows() == [("=1", 100.0), (None, 50.0)]
    assert np.isfinite(got["upper"].to_numpy()).all()


# ── What is asked for twice ───────────────────────────────────────────────────────────

FOLLOWED = pl.DataFrame(
    {
        "born": [DAY] * 4,
        "observed_until": [DAY + dt.timedelta(days=900)] * 4,
        "time": [1, 5, 900, 4],
        "event": ["a", "b", None, "a"],
        "flag": [True, True, False, True],
        "from": ["x"] * 4,
        "settled": ["y", None, None, "y"],
        "entry_days": [0] * 4,
        "exit_days": [3, 5, 9, 4],
    }
)
TWICE: list[tuple[Any, Any]] = [
    (wf.Survival(event="flag", at=[5, 5, 1]), wf.Survival(event="flag", at=[5, 1])),
    (
        wf.Survival(event="flag", quantiles=[0.5, 0.25, 0.5]),
        wf.Survival(event="flag", quantiles=[0.5, 0.25]),
    ),
    (wf.Survival(event="flag", mean_to=[5, 5]), wf.Survival(event="flag", mean_to=[5])),
    (wf.CumulativeIncidence(at=[5, 1, 5]), wf.CumulativeIncidence(at=[5, 1])),
    (wf.FixedHorizon(origin="born", at=[5, 5, 1]), wf.FixedHorizon(origin="born", at=[5, 1])),
    (wf.MultiState(at=[5, 5, 1]), wf.MultiState(at=[5, 1])),
    (wf.TimeTo(start="born", end="observed_until", within=[20, 20]),
     wf.TimeTo(start="born", end="observed_until", within=[20])),
]  # fmt: skip


@pytest.mark.parametrize(("twice", "once"), TWICE, ids=lambda each: type(each).__name__)
def test_a_day_that_is_asked_for_twice_is_given_once(twice: Any, once: Any) -> None:
    got = twice.run(FOLLOWED).to_polars()
    assert got.equals(once.run(FOLLOWED).to_polars())
    merged = twice.partial(FOLLOWED).merge(once.partial(FOLLOWED))
    assert len(merged.finish()) == got.height


@pytest.mark.parametrize("late", [True, False])
def test_a_date_that_is_asked_for_twice_is_given_once(late: bool) -> None:  # noqa: FBT001
    at = "2031-01-01" if late else "2020-02-01"
    rows = table(2, child_id=["a", "b"], end=[None, None])
    got = wf.LookedAfter(at=[at, at, "2020-01-05"]).run(rows)
    assert len(got) == 2
    told = " ".join(got.notes)
    assert told.count("2031-01-01") == int(late)
