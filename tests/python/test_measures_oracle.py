"""Every measure equals a naive version of itself, written from the contract's words."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import wholefamily as wf
from strategies import ANCHORS, EVERY, Drawn, days, episodes, or_null, sampled, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oracle import Row

drawn = settings(max_examples=150, derandomize=True, deadline=None, database=None)

FIGURES = ("value", "lower", "upper", "denominator")
EXACT = ("unit", "numerator", "method", "reason", "rows_used", "rows_dropped")
AFTER_KEYS = [
    *("measure", "value", "lower", "upper", "level", "unit", "numerator", "denominator"),
    *("method", "reason", "rows_used", "rows_dropped"),
]

levels = st.sampled_from([0.5, 0.9, 0.95, 0.998])
periods = st.sampled_from([None, *EVERY])


def agree(
    estimates: wf.Estimates, expected: Sequence[Row], keys: list[str], *, but: Sequence[str] = ()
) -> None:
    """Hold the engine's rows, in their order, to those that the oracle found."""
    frame = estimates.to_polars()
    assert frame.columns == [*keys, *AFTER_KEYS]
    got = frame.to_dicts()
    assert [[row[key] for key in keys] for row in got] == [
        [row[key] for key in keys] for row in expected
    ]
    for row, want in zip(got, expected, strict=True):
        for name in EXACT:
            if name in want and name not in but:
                assert row[name] == want[name], (name, row, want)
        for name in FIGURES:
            assert row[name] == nearly(want[name]), (name, row, want)


def nearly(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-12, abs=1e-14)


def keys_of(by: list[str], every: str | None, *own: str) -> list[str]:
    return [*by, *(["period"] if every else []), *own]


# ── Shares ────────────────────────────────────────────────────────────────────────────


@st.composite
def dated(draw: st.DrawFn, outcome: tuple[Any, st.SearchStrategy[Any]], date: str) -> Drawn:
    """Draw rows with an outcome and a date."""
    day = draw(days(wide=draw(st.booleans())))
    columns = {"outcome": outcome, date: (pl.Date, or_null(day))}
    return draw(tables(columns))


@given(
    table=dated((pl.Boolean, sampled([True, False])), "when"),
    every=periods,
    level=levels,
    method=st.sampled_from(["wilson", "agresti-coull"]),
)
@drawn
def test_share_of_a_flag(table: Drawn, every: Any, level: float, method: Any) -> None:
    measure = wf.Share(outcome="outcome", date="when", method=method)
    got = measure.run(table.frame, by=table.by, every=every, level=level)
    asked = {"date": "when", "every": every, "level": level, "method": method}
    expected = oracle.share(table.rows, lambda row: row["outcome"], table.by, **asked)
    agree(got, expected, keys_of(table.by, every))


CODES = st.sampled_from(
    [(pl.String, "abc"), (pl.Enum(list("cab")), "abc"), (pl.Int32, (1, 2, 3)), (pl.Int8, (0, 1))]
)


@given(data=st.data(), every=periods)
@drawn
def test_share_of_codes(data: st.DataObject, every: Any) -> None:
    kind, values = data.draw(CODES)
    table = data.draw(dated((kind, sampled(values)), "when"))
    wanted = data.draw(st.lists(st.sampled_from(list(values)), min_size=1, max_size=2))
    equals = wanted[0] if len(wanted) == 1 else wanted
    measure = wf.Share(outcome="outcome", equals=equals, date="when")
    got = measure.run(table.frame, by=table.by, every=every)

    def outcome(row: Row) -> bool | None:
        return None if row["outcome"] is None else row["outcome"] in wanted

    expected = oracle.share(table.rows, outcome, table.by, date="when", every=every)
    agree(got, expected, keys_of(table.by, every))


@given(table=dated((pl.String, sampled(["hub", "local", "third"])), "received"), every=periods)
@drawn
def test_referral_share(table: Drawn, every: Any) -> None:
    got = wf.ReferralShare(to="hub", team="outcome").run(table.frame, by=table.by, every=every)

    def answered(row: Row) -> bool | None:
        return None if row["outcome"] is None else row["outcome"] == "hub"

    expected = oracle.share(table.rows, answered, table.by, date="received", every=every)
    agree(got, expected, keys_of(table.by, every))


BABIES = ["with_family", "kinship", "foster", "adoption", "moved_away"]


@given(table=dated((pl.String, sampled(BABIES)), "started"), every=periods)
@drawn
def test_pre_birth_outcomes(table: Drawn, every: Any) -> None:
    got = wf.PreBirthOutcomes().run(table.frame, by=table.by, every=every)
    care = ("kinship", "foster", "residential", "adoption", "other_care")

    def outcome(row: Row) -> bool | None:
        return None if row["outcome"] is None else row["outcome"] in care

    expected = oracle.share(table.rows, outcome, table.by, date="started", every=every)
    agree(got, expected, keys_of(table.by, every))
    unknown = sum(row["outcome"] == "moved_away" for row in table.rows)
    assert got.set_aside.height == min(unknown, 100)


ESCALATED = st.sampled_from(
    [(pl.Date, sampled([dt.date(2023, 1, 1)])), (pl.Boolean, sampled([True, False]))]
)


@given(data=st.data(), every=periods)
@drawn
def test_escalation(data: st.DataObject, every: Any) -> None:
    kind, values = data.draw(ESCALATED)
    table = data.draw(dated((kind, values), "opened"))
    got = wf.Escalation(escalated="outcome").run(table.frame, by=table.by, every=every)

    def escalated(row: Row) -> bool | None:
        return row["outcome"] is not None if kind == pl.Date else row["outcome"]

    all_null = all(row["outcome"] is None for row in table.rows)
    if all_null and kind == pl.Boolean:
        return  # a column without any value says nothing of its type
    expected = oracle.share(table.rows, escalated, table.by, date="opened", every=every)
    agree(got, expected, keys_of(table.by, every))


# ── Children in care ──────────────────────────────────────────────────────────────────

narrow_or_wide = st.sampled_from([(every, every not in {"day", "week"}) for every in EVERY])
cut_off = st.one_of(st.none(), st.integers(0, 150))


def as_of_of(frame: pl.DataFrame, after: int | None) -> dt.date | None:
    """Place the last day of the extract some days after the first start, where there is one."""
    first: Any = frame.get_column("start").min()
    return None if after is None or first is None else first + dt.timedelta(days=after)


FAR_DAYS = [dt.date(1, 1, 1), dt.date(1800, 1, 1), dt.date(9999, 12, 31)]


@given(
    table=episodes(wide=False),
    offsets=st.lists(st.integers(-5, 130), max_size=6),
    many=st.booleans(),
    far=st.booleans(),
    cut=cut_off,
)
@drawn
def test_looked_after_on_days(
    table: Drawn,
    offsets: list[int],
    many: bool,  # noqa: FBT001
    far: bool,  # noqa: FBT001
    cut: int | None,
) -> None:
    first: Any = table.frame.get_column("start").min() or ANCHORS[0]
    offsets = [*offsets, 0, 0, *(range(-3, 127) if many else ())]
    at = [first + dt.timedelta(days=offset) for offset in offsets] + FAR_DAYS * far
    as_of = as_of_of(table.frame, cut)
    got = wf.LookedAfter(at=at, as_of=as_of).run(table.frame, by=table.by)
    expected = oracle.looked_after(table.rows, table.by, at=at, as_of=as_of)
    agree(got, expected, keys_of(table.by, None, "date"))


@given(data=st.data(), period=narrow_or_wide, cut=cut_off)
@drawn
def test_looked_after_at_the_end_of_periods(
    data: st.DataObject, period: tuple[Any, bool], cut: int | None
) -> None:
    every, wide = period
    table = data.draw(episodes(wide=wide))
    as_of = as_of_of(table.frame, cut)
    got = wf.LookedAfter(as_of=as_of).run(table.frame, by=table.by, every=every)
    expected = oracle.looked_after(table.rows, table.by, every=every, as_of=as_of)
    agree(got, expected, keys_of(table.by, every, "date"))


@given(
    table=episodes(wide=False, max_size=15),
    size=st.sampled_from([0.5, 1.0, 1234.0]),
    per=st.sampled_from([1, 1000, 10_000]),
    level=levels,
)
@drawn
def test_looked_after_per_population(table: Drawn, size: float, per: int, level: float) -> None:
    days_of_it = [dt.date(2020, 3, 31), dt.date(2020, 4, 30)]
    groups = [tuple(row[name] for name in table.by) for row in table.rows] or [()]
    known = sorted(set(groups), key=oracle.null_last)[:-1] or [()] * (not table.by)
    rows = [(*group, days_of_it[0], size * (1 + place)) for place, group in enumerate(known)]
    schema = {name: table.frame.schema[name] for name in table.by}
    population = pl.DataFrame(
        rows, schema=schema | {"date": pl.Date, "population": pl.Float64}, orient="row"
    )
    measure = wf.LookedAfter(at=days_of_it, population=population, per=per)
    got = measure.run(table.frame, by=table.by, level=level)
    sizes = {row[:-1]: row[-1] for row in rows}
    expected = oracle.looked_after(table.rows, table.by, at=days_of_it)
    for row in expected:
        found = sizes.get((*(row[name] for name in table.by), row["date"]))
        row |= {"unit": f"per {per:,}", "denominator": found}
        if found is None:
            row |= {"value": None, "reason": "no population for this group and date"}
        else:
            count = row["numerator"]
            lower, upper = oracle.phe_rate(count, found, per, level)
            row |= {"value": count / found * per, "lower": lower, "upper": upper, "reason": None}
            row["method"] = "exact" if count < 10 else "byar"
    agree(got, expected, keys_of(table.by, None, "date"))


@given(table=episodes(wide=False), gap=st.integers(1, 90), level=levels)
@drawn
def test_looked_after_change(table: Drawn, gap: int, level: float) -> None:
    first: Any = table.frame.get_column("start").min() or ANCHORS[0]
    before = first + dt.timedelta(days=15)
    after = before + dt.timedelta(days=gap)
    got = wf.LookedAfterChange(before=before, after=after).run(
        table.frame, by=table.by, level=level
    )
    expected = oracle.change(table.rows, table.by, before, after, level)
    agree(got, expected, keys_of(table.by, None, "before", "after"))


@given(data=st.data(), period=st.one_of(st.just((None, False)), narrow_or_wide), cut=cut_off)
@drawn
def test_flows(data: st.DataObject, period: tuple[Any, bool], cut: int | None) -> None:
    every, wide = period
    table = data.draw(episodes(wide=wide))
    as_of = as_of_of(table.frame, cut)
    got = wf.Flows(as_of=as_of).run(table.frame, by=table.by, every=every)
    expected = oracle.flows(table.rows, table.by, every=every, as_of=as_of)
    agree(got, expected, keys_of(table.by, every, "flow"))


@pytest.mark.parametrize("every", EVERY)
def test_without_usable_episodes_there_are_no_periods(every: Any) -> None:
    rows = [("a", None, None), ("b", ANCHORS[0], ANCHORS[0] - dt.timedelta(days=1))]
    schema = {"child_id": pl.String, "start": pl.Date, "end": pl.Date}
    for some in ([], rows):
        table = pl.DataFrame(some, schema=schema, orient="row")
        for measure in (wf.Flows(), wf.LookedAfter()):
            assert measure.run(table, every=every).to_polars().rows() == []


@given(data=st.data(), period=narrow_or_wide)
@drawn
def test_starts_less_ends_are_the_change_in_stock(
    data: st.DataObject, period: tuple[Any, bool]
) -> None:
    every, wide = period
    table = data.draw(episodes(wide=wide))
    flows = wf.Flows().run(table.frame, by=table.by, every=every).to_polars()
    firsts = flows.get_column("period").unique().sort().to_list()
    if not firsts:
        return
    ends = [oracle.last_day(first, every) for first in firsts]
    at = [firsts[0] - dt.timedelta(days=1), *ends]
    stock = wf.LookedAfter(at=at).run(table.frame, by=table.by).to_polars()
    for key in stock.select(table.by).unique().rows() if table.by else [()]:
        same = [pl.col(name).eq_missing(value) for name, value in zip(table.by, key, strict=True)]
        net = flows.filter(pl.col("flow") == "net", *same).get_column("value").to_list()
        levels = (stock.filter(*same) if same else stock).sort("date").get_column("value").to_list()
        assert [new - old for old, new in pairwise(levels)] == net


# ── Surveys ───────────────────────────────────────────────────────────────────────────


@st.composite
def responses(draw: st.DrawFn) -> Drawn:
    """Draw few respondents with few answers, so that many answer twice."""
    person = draw(st.sampled_from([(pl.String, "pqrs"), (pl.Int64, range(4)), (pl.UInt16, (1, 9))]))
    columns = {
        "respondent_id": (person[0], sampled(person[1])),
        "item": (pl.String, sampled(["listened_to", "helped"])),
        "answer": (pl.String, sampled(["yes", "no", "=never"])),
    }
    return draw(tables(columns))


@pytest.mark.parametrize("base", ["answering", "eligible", "responses"])
@pytest.mark.parametrize("multiple", [False, True])
@given(table=responses(), level=levels)
@drawn
def test_survey_percentages(table: Drawn, base: Any, multiple: bool, level: float) -> None:  # noqa: FBT001
    measure = wf.SurveyPercentages(base=base, multiple=multiple)
    got = measure.run(table.frame, by=table.by, level=level)
    asked = {"base": base, "multiple": multiple, "level": level}
    expected = oracle.survey(table.rows, table.by, **asked)
    rows = () if multiple else ("rows_used", "rows_dropped")  # see the test below
    agree(got, expected, keys_of(table.by, None, "item", "answer"), but=rows)


def test_all_rows_of_a_respondent_who_contradicts_himself_are_dropped() -> None:
    """Of five rows only one is used: `rows_used` says so, whatever else is said of respondents."""
    answers = ["yes", "yes", "no", None, "yes"]
    responses = pl.DataFrame({"respondent_id": list("ppppq"), "item": "helped", "answer": answers})
    for base in ("answering", "eligible", "responses"):
        got = wf.SurveyPercentages(base=base).run(responses).to_polars()
        assert got.select("rows_used", "rows_dropped").rows() == [(1, 4), (1, 4)]
