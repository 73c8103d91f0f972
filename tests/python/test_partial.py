"""Tallies of parts: whatever the parts and their order, they merge to what the whole table gives."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from strategies import ANCHORS, Drawn, days, keys, or_null, sampled

if TYPE_CHECKING:
    from pathlib import Path

drawn = settings(max_examples=40, derandomize=True, deadline=None, database=None)

FIRST, LAST = ANCHORS[0], dt.date(2024, 1, 1)
MEASURES: list[tuple[wf.Measure, str | None]] = [
    (wf.Share(outcome="helped", date="start"), "week"),
    (wf.Share(outcome="helped"), None),
    (wf.ReferralShare(to="yes", team="answer", date="start"), "financial_year"),
    (wf.PreBirthOutcomes(outcome="answer", alternative_care=["no"], date="start"), "month"),
    (wf.Escalation(escalated="end", date="start"), None),
    (wf.LookedAfter(at=[FIRST, *ANCHORS], as_of=LAST), None),
    (wf.LookedAfter(), "quarter"),
    (wf.LookedAfterChange(before=FIRST, after=LAST), None),
    (wf.Flows(), None),
    (wf.Flows(), "year"),
    (wf.SurveyPercentages(respondent="child_id"), None),
    (wf.SurveyPercentages(respondent="child_id", base="eligible"), None),
    (wf.SurveyPercentages(respondent="child_id", base="responses", multiple=True), None),
]
every_measure = pytest.mark.parametrize(
    ("measure", "every"), MEASURES, ids=[f"{type(one).__name__}-{every}" for one, every in MEASURES]
)


@st.composite
def rows(draw: st.DrawFn) -> Drawn:
    """Draw a table that every measure can read, faults included."""
    day = draw(days(wide=True))
    columns: dict[str, tuple[Any, Any]] = {
        "helped": (pl.Boolean, sampled([True, False])),
        "child_id": (pl.String, sampled("abcd")),
        "start": (pl.Date, or_null(day)),
        "end": (pl.Date, or_null(day)),
        "item": (pl.String, sampled("ij")),
        "answer": (pl.String, sampled(["yes", "no", "maybe"])),
    } | draw(keys())
    row = st.tuples(*(values for _, values in columns.values()))
    schema = {name: kind for name, (kind, _) in columns.items()}
    frame = pl.DataFrame(draw(st.lists(row, max_size=20)), schema=schema, orient="row")
    return Drawn(frame, [name for name in ("second", "first") if name in columns])


def same(one: wf.Estimates, other: wf.Estimates) -> None:
    """Hold two results to each other: every figure, and the fingerprint of the data."""
    assert one.to_polars().equals(other.to_polars()), (one, other)
    assert one.fingerprint == other.fingerprint
    assert (one.specification, one.options) == (other.specification, other.options)


@every_measure
@given(table=rows(), cuts=st.lists(st.integers(0, 20), max_size=4), turned=st.booleans())
@drawn
def test_parts_merge_to_the_whole(
    measure: wf.Measure,
    every: Any,
    table: Drawn,
    cuts: list[int],
    turned: bool,  # noqa: FBT001
) -> None:
    frame, by = table.frame, table.by
    whole = measure.run(frame, by=by, every=every)
    edges = sorted({0, *cuts, frame.height})
    pieces = [frame[low:high] for low, high in zip(edges, [*edges[1:], None], strict=True)]
    parts = [measure.partial(piece, by=by, every=every) for piece in pieces]
    if turned:
        parts.reverse()
    first, *others = parts
    same(first.merge(*others).finish(), whole)
    one_by_one = first
    for other in others:
        one_by_one = one_by_one.merge(other)
    same(one_by_one.finish(), whole)
    one = measure.partial(frame, by=by, every=every)
    assert one_by_one.to_arrow().equals(one.to_arrow())
    same(wf.Partial.from_arrow(one_by_one.to_arrow()).finish(), whole)


@every_measure
@given(table=rows(), seed=st.integers(0, 99))
@drawn
def test_the_order_of_rows_does_not_matter(
    measure: wf.Measure, every: Any, table: Drawn, seed: int
) -> None:
    frame, by = table.frame, table.by
    mixed = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    same(measure.run(mixed, by=by, every=every), measure.run(frame, by=by, every=every))


def test_states_of_several_answers_are_the_same_bytes_in_any_order() -> None:
    rows = pl.DataFrame({"respondent_id": 1, "item": "i", "answer": ["yes", "no", "maybe"]})
    measure = wf.SurveyPercentages(multiple=True)
    whole = measure.partial(rows)
    one, two = measure.partial(rows[:1]), measure.partial(rows[1:])
    for other in (measure.partial(rows.reverse()), one.merge(two), two.merge(one)):
        assert other.to_arrow().equals(whole.to_arrow())


def a_table() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "helped": [True, False, None, True],
            "child_id": ["a", "a", "b", None],
            "start": [FIRST] * 4,
            "end": [LAST, None, FIRST - dt.timedelta(days=1), None],
            "item": ["i", "i", "j", "j"],
            "answer": ["yes", "no", None, "yes"],
            "area": ["Lanark", None, "Hamilton", "Lanark"],
        }
    )


@every_measure
def test_states_travel_in_files(tmp_path: Path, measure: wf.Measure, every: Any) -> None:
    partial = measure.partial(a_table(), by="area", every=every)
    whole = measure.run(a_table(), by="area", every=every)
    states = partial.to_arrow()
    pa.parquet.write_table(states, tmp_path / "states.parquet")
    pa.feather.write_feather(states, str(tmp_path / "states.feather"))
    for back in (
        pa.parquet.read_table(tmp_path / "states.parquet"),
        pa.feather.read_table(tmp_path / "states.feather"),
        states.to_reader(),
        pa.Table.from_batches(states.to_batches(max_chunksize=1), states.schema),
        pa.table(partial),
    ):
        taken_up = wf.Partial.from_arrow(back)
        same(taken_up.finish(), whole)
        assert taken_up.finish().set_aside.equals(whole.set_aside)


def test_level_is_chosen_at_the_end() -> None:
    measure = wf.Share(outcome="helped")
    partial = measure.partial(a_table())
    for level in (0.8, 0.95, 0.99):
        same(partial.finish(level), measure.run(a_table(), level=level))
    with pytest.raises(wf.SpecError, match="between 0 and 1"):
        partial.finish(95)


def test_faults_of_all_parts_are_counted() -> None:
    measure = wf.Flows()
    partial = measure.partial(a_table())
    merged = partial.merge(partial, partial).finish()
    assert set(merged.to_polars()["rows_dropped"]) == {6}
    assert set(merged.set_aside["rows"]) == {3}


def test_a_partial_hides_its_counts() -> None:
    partial = wf.Share(outcome="helped").partial(a_table(), by="area")
    assert "3 groups" in repr(partial)
    assert len(partial) == 3


# ── Refusals ──────────────────────────────────────────────────────────────────────────

SHARE = wf.Share(outcome="helped")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (lambda: wf.Flows().partial(a_table()), ["share", "flows"]),
        (lambda: wf.Share(outcome="helped", method="wald").partial(a_table()), ["wald"]),
        (lambda: SHARE.partial(a_table(), by="area"), ["area"]),
        (lambda: wf.Share(outcome="helped", date="start").partial(a_table(), every="year"), []),
    ],
)
def test_states_of_different_questions_do_not_merge(other: Any, words: list[str]) -> None:
    mine, theirs = SHARE.partial(a_table()), other()
    with pytest.raises(wf.StateError) as caught:
        mine.merge(theirs)
    for word in words:
        assert word in str(caught.value)


def test_keys_of_different_types_do_not_merge() -> None:
    mine = SHARE.partial(a_table(), by="area")
    theirs = SHARE.partial(a_table().with_columns(area=pl.lit(1)), by="area")
    with pytest.raises(wf.Error, match="'area'"):
        mine.merge(theirs)


def test_only_partials_merge() -> None:
    others: list[Any] = [SHARE.run(a_table()), a_table(), None]
    for other in others:
        with pytest.raises(wf.TypeError_, match="expected Partial"):
            SHARE.partial(a_table()).merge(other)


def test_tables_that_are_no_states() -> None:
    for table in (pa.table({"a": [1]}), a_table(), SHARE.run(a_table())):
        with pytest.raises(wf.StateError):
            wf.Partial.from_arrow(table).finish()


def test_states_of_another_version_do_not_merge() -> None:
    states = SHARE.partial(a_table()).to_arrow()
    metadata = states.schema.metadata | {b"wholefamily.version": b"99.0.0"}
    foreign = wf.Partial.from_arrow(states.replace_schema_metadata(metadata))
    with pytest.raises(wf.StateError, match="version"):
        SHARE.partial(a_table()).merge(foreign)


@every_measure
def test_damaged_states_are_refused_or_right_but_never_a_panic(
    measure: wf.Measure, every: Any
) -> None:
    states = measure.partial(a_table(), by="area", every=every).to_arrow()
    damaged = [states.drop_columns([name]) for name in states.column_names]
    for place, field in enumerate(states.schema):
        for kind in (field.type, pa.string(), pa.float64(), pa.int8(), pa.list_(pa.int8())):
            nulls = pa.nulls(states.num_rows, kind)
            damaged.append(states.set_column(place, field.name, nulls))
        if pa.types.is_unsigned_integer(field.type):
            huge = pa.array([2**64 - 1] * states.num_rows, field.type)
            damaged.append(states.set_column(place, field.name, huge))
    for key in states.schema.metadata:
        for text in (b"", b"junk", b"null", b"{}", b"[]", b"0"):
            damaged.append(states.replace_schema_metadata(states.schema.metadata | {key: text}))  # noqa: PERF401
    for each in damaged:
        try:
            estimates = wf.Partial.from_arrow(each).finish()
        except wf.Error as error:
            assert not isinstance(error, wf.InternalError), error  # noqa: PT017
            continue
        values = estimates.to_polars()["value"]
        assert values.is_finite().all()
