"""A measure is its specification: frozen, checked when made, and plain when sent."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import polars as pl
import pytest

import wholefamily as wf

MEASURES = [
    wf.Share(outcome="urgent"),
    wf.ReferralShare(to="hub"),
    wf.PreBirthOutcomes(),
    wf.Escalation(),
    wf.LookedAfter(),
    wf.LookedAfterChange(before="2020-02-29", after="2022-02-28"),
    wf.Flows(),
    wf.SurveyPercentages(),
    wf.Rate(events="moves", exposure="child_years"),
    wf.StandardisedRate(),
    wf.StandardisedRate(standard={"0-4": 5, "5-9": 5.5}),
    wf.InequalityGradient(),
    wf.PairedChange(),
]


def named(measure: object) -> str:
    return type(measure).__name__


@pytest.mark.parametrize("measure", MEASURES, ids=named)
def test_a_specification_is_json_with_every_field(measure: wf.measures.Measure) -> None:
    plain = json.loads(json.dumps(measure.specification()))
    names = [field.name for field in dataclasses.fields(measure)]
    assert list(plain) == ["measure", *names]


@pytest.mark.parametrize("measure", MEASURES, ids=named)
def test_a_measure_is_frozen_equal_to_its_copy_and_hashable(measure: wf.measures.Measure) -> None:
    copy = dataclasses.replace(measure)
    assert copy == measure
    assert hash(copy) == hash(measure)
    name = dataclasses.fields(measure)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(measure, name, "another")


@pytest.mark.parametrize("measure", MEASURES, ids=named)
def test_fields_are_given_by_name_only(measure: wf.measures.Measure) -> None:
    with pytest.raises(TypeError, match="positional"):
        type(measure)("urgent")  # type: ignore[call-arg]


def test_the_tag_is_the_name_in_snake_case() -> None:
    tags = [measure.specification()["measure"] for measure in MEASURES]
    assert tags == [
        "share",
        "referral_share",
        "pre_birth_outcomes",
        "escalation",
        "looked_after",
        "looked_after_change",
        "flows",
        "survey_percentages",
        "rate",
        "standardised_rate",
        "standardised_rate",
        "inequality_gradient",
        "paired_change",
    ]


def test_the_defaults_are_those_of_the_contract() -> None:
    assert wf.Share(outcome="x").specification() == {
        "measure": "share",
        "outcome": "x",
        "equals": None,
        "date": None,
        "method": "wilson",
    }
    assert wf.PreBirthOutcomes().specification() == {
        "measure": "pre_birth_outcomes",
        "outcome": "outcome",
        "alternative_care": ["kinship", "foster", "residential", "adoption", "other_care"],
        "date": "started",
        "method": "wilson",
    }
    assert wf.LookedAfter().specification() == {
        "measure": "looked_after",
        "at": None,
        "child": "child_id",
        "start": "start",
        "end": "end",
        "as_of": None,
        "population": None,
        "per": 1000,
    }


STANDARD = pl.DataFrame({"band": ["0-4", "5-9"], "weight": [5.0, 5.5], "more": ["x", "y"]})


@pytest.mark.parametrize(
    "standard",
    [{"0-4": 5, "5-9": 5.5}, STANDARD, STANDARD.to_pandas(), STANDARD.lazy(), STANDARD.to_arrow()],
    ids=lambda standard: type(standard).__module__.split(".")[0],
)
def test_weights_are_sent_as_rows_whatever_holds_them(standard: object) -> None:
    measure = wf.StandardisedRate(standard=standard)  # type: ignore[arg-type]
    rows = [{"band": "0-4", "weight": 5.0}, {"band": "5-9", "weight": 5.5}]
    assert measure.specification()["standard"] == rows


def test_a_standard_by_name_is_sent_by_name() -> None:
    assert wf.StandardisedRate(standard="under-18").specification()["standard"] == "under-18"


def test_weights_that_change_later_leave_the_measure_as_it_was() -> None:
    weights = {"0-4": 5.0}
    measure = wf.StandardisedRate(standard=weights)  # type: ignore[arg-type]
    weights["0-4"] = 9.0
    assert measure.specification()["standard"] == [{"band": "0-4", "weight": 5.0}]


def test_standards_are_equal_by_name_and_by_weights_and_as_the_same_table() -> None:
    assert wf.StandardisedRate(standard={"a": 1}) == wf.StandardisedRate(standard={"a": 1.0})
    assert wf.StandardisedRate(standard={"a": 1}) != wf.StandardisedRate(standard={"a": 2})
    assert wf.StandardisedRate(standard=STANDARD) == wf.StandardisedRate(standard=STANDARD)
    assert wf.StandardisedRate(standard=STANDARD) != wf.StandardisedRate(standard=STANDARD.clone())
    assert wf.StandardisedRate(standard="all") != wf.StandardisedRate(standard="0-25")
    assert wf.StandardisedRate(per=100) != wf.StandardisedRate()


@pytest.mark.parametrize(
    ("standard", "error", "message"),
    [
        (None, wf.TypeError_, "standard is None; expected the name of a part"),
        (5, wf.TypeError_, "standard is 5; expected the name"),
        ({"0-4": 0}, wf.DataError, "row 0: the weight of '0-4' is 0; expected a number above 0"),
        ({"0-4": True}, wf.DataError, "weight of '0-4' is True"),
        ({"0-4": 1, "5-9": None}, wf.DataError, "row 1: the weight of '5-9' is None"),
        ({"0-4": float("nan")}, wf.DataError, "is nan"),
        ({None: 1}, wf.DataError, "band is None"),
        (pl.DataFrame({"band": ["0-4"]}), wf.ColumnError, "no column 'weight' in the table of"),
        ([("0-4", 5)], wf.TypeError_, "a list is not a table"),
    ],
    ids=str,
)
def test_a_standard_is_checked_row_by_row(
    standard: object, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        wf.StandardisedRate(standard=standard).specification()  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("standard", "message"),
    [("under-81", "did you mean 'under-18'"), ({}, "standard has no bands")],
    ids=str,
)
def test_a_standard_that_the_engine_does_not_know(standard: object, message: str) -> None:
    frame = pl.DataFrame({"age_band": ["0-4"], "events": [9], "population": [90]})
    with pytest.raises(wf.SpecError, match=message):
        wf.StandardisedRate(standard=standard).run(frame)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("equals", "sent"),
    [("yes", "yes"), (3, 3), (True, True), (["a", "b"], ["a", "b"]), (pl.Series([1, 2]), [1, 2])],
)
def test_codes_are_sent_as_they_are(equals: object, sent: object) -> None:
    assert wf.Share(outcome="x", equals=equals).specification()["equals"] == sent  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "day",
    [dt.date(2022, 2, 28), "2022-02-28", dt.datetime(2022, 2, 28, 23, 59, tzinfo=dt.timezone.utc)],
)
def test_days_are_dates_strings_or_timestamps(day: object) -> None:
    change = wf.LookedAfterChange(before="2020-02-29", after=day)  # type: ignore[arg-type]
    assert change.after == dt.date(2022, 2, 28)
    assert change.specification()["after"] == "2022-02-28"


def test_a_single_day_is_a_list_of_one() -> None:
    assert wf.LookedAfter(at="2022-02-28").specification()["at"] == ["2022-02-28"]


@pytest.mark.parametrize("day", ["28/02/2022", "2022-02-30", "2022-2", "tomorrow", "0022-13-01"])
def test_a_day_that_is_none_is_refused_with_the_way_to_write_it(day: str) -> None:
    message = r"LookedAfterChange\(after=…\) is .*" + day + ".*like '2023-08-31'"
    with pytest.raises(wf.SpecError, match=message):
        wf.LookedAfterChange(before="2020-02-29", after=day)


def test_a_number_is_no_day() -> None:
    with pytest.raises(wf.TypeError_, match=r"LookedAfter\(at=…\) is 2022; expected a date"):
        wf.LookedAfter(at=[2022])  # type: ignore[list-item]


def test_a_value_that_json_has_not_is_refused_by_field() -> None:
    with pytest.raises(wf.TypeError_, match=r"Share\(date=\{.x.\}\): expected text"):
        wf.Share(outcome="x", date={"x"}).specification()  # type: ignore[arg-type]
    with pytest.raises(wf.TypeError_, match=r"ReferralShare\(date=None\): expected text in quotes"):
        wf.ReferralShare(to="hub", date=None).specification()  # type: ignore[arg-type]
    with pytest.raises(wf.SpecError, match=r"LookedAfter\(per=nan\): expected a finite number"):
        wf.LookedAfter(per=float("nan")).specification()


def test_text_that_is_no_unicode_is_refused(referrals: pl.DataFrame) -> None:
    with pytest.raises(wf.SpecError, match="surrogate"):
        wf.ReferralShare(to="\ud800").run(referrals)


@pytest.mark.parametrize("level", [0, 1, 95, -0.5, float("nan")])
def test_a_level_lies_between_0_and_1(referrals: pl.DataFrame, level: float) -> None:
    with pytest.raises(wf.SpecError, match=r"expected a number between 0 and 1, such as 0.95"):
        wf.ReferralShare(to="hub").run(referrals, level=level)


def test_a_level_in_percent_is_told_the_share() -> None:
    with pytest.raises(wf.SpecError, match=r"for 90% write 0\.9"):
        wf.ReferralShare(to="hub").run([], level=90)  # type: ignore[arg-type]


@pytest.mark.parametrize("level", [True, "0.95", None])
def test_a_level_is_a_number(referrals: pl.DataFrame, level: object) -> None:
    with pytest.raises(wf.TypeError_, match="level is"):
        wf.ReferralShare(to="hub").run(referrals, level=level)  # type: ignore[arg-type]


def test_by_holds_names(referrals: pl.DataFrame) -> None:
    with pytest.raises(wf.TypeError_, match="by holds 3; expected a column name"):
        wf.ReferralShare(to="hub").run(referrals, by=["team", 3])  # type: ignore[list-item]


def population(**columns: object) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "date": ["2020-03-31", "2021-03-31"],
            "population": [100, 110],
            "locality": ["Lanark", None],
            **columns,
        }
    )


def test_a_population_is_sent_as_rows_in_the_order_of_by() -> None:
    measure = wf.LookedAfter(population=population(year=[2020, 2021]))
    assert measure.specification(by=["year", "locality"])["population"] == [
        {"by": [2020, "Lanark"], "date": "2020-03-31", "population": 100.0},
        {"by": [2021, None], "date": "2021-03-31", "population": 110.0},
    ]


@pytest.mark.parametrize(
    "dates",
    [
        [dt.date(2020, 3, 31), dt.date(2021, 3, 31)],
        [dt.datetime(2020, 3, 31, 12), dt.datetime(2021, 3, 31)],  # noqa: DTZ001
    ],
)
def test_a_population_has_dates_of_any_kind(dates: list[object]) -> None:
    rows = wf.LookedAfter(population=population(date=dates)).specification()["population"]
    assert [row["date"] for row in rows] == ["2020-03-31", "2021-03-31"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({"date": ["2020-03-31", "31/03/2021"]}, wf.DataError, "row 1: date is '31/03/2021'"),
        (
            {"date": [2020, 2021]},
            wf.TypeError_,
            "'date' of the population table holds whole numbers",
        ),
        (
            {"population": ["a", "b"]},
            wf.TypeError_,
            "'population' of the population table holds text",
        ),
        ({"population": [1.0, None]}, wf.DataError, "row 1: population is null"),
        ({"population": [-1, 1]}, wf.DataError, r"row 0: population is -1\.0; expected"),
        ({"date": ["2020-03-31"] * 2}, wf.DataError, "row 1: 2020-03-31 has a population already"),
    ],
)
def test_a_population_is_checked_row_by_row(
    columns: dict[str, object], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        wf.LookedAfter(population=population(**columns)).specification()


def test_a_population_needs_the_columns_of_the_run() -> None:
    measure = wf.LookedAfter(population=population())
    with pytest.raises(
        wf.ColumnError, match="no column 'team' in the population table, and the run"
    ):
        measure.specification(by="team")


def test_measures_with_other_populations_differ() -> None:
    table = population()
    assert wf.LookedAfter(population=table) == wf.LookedAfter(population=table)
    assert wf.LookedAfter(population=table) != wf.LookedAfter(population=population())
    assert wf.LookedAfter(at=["2020-03-31"]) != wf.LookedAfter()
    assert wf.LookedAfter() != wf.Flows()
