"""How long they waited: Kaplan and Meier by hand, with those who still wait."""

# ruff: noqa: DTZ007  (a day has no zone)

from __future__ import annotations

import datetime as dt
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wholefamily as wf
from by_hand import bank_holidays, by_key, near

drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)
SSDA903 = Path(__file__).parents[2] / "examples" / "ssda903" / "data"

day = st.integers(0, 40).map(lambda n: dt.date(2023, 12, 10) + dt.timedelta(days=n))
waits = st.lists(st.tuples(st.none() | day, st.none() | day, st.none() | day), max_size=25)


SCOTLAND = bank_holidays("scotland")


def length(start: dt.date, end: dt.date, *, working: bool) -> int:
    days = [start + dt.timedelta(days=n + 1) for n in range((end - start).days)]
    return sum(not working or (day.weekday() < 5 and day not in SCOTLAND) for day in days)


@given(rows=waits, working=st.booleans(), as_of=st.none() | day, closing=st.booleans())
@drawn
def test_waits_are_those_of_kaplan_and_meier_by_hand(
    rows: list[Any], *, working: bool, as_of: dt.date | None, closing: bool
) -> None:
    names = ("received", "first_response", "shut")
    table = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Date), orient="row")
    measure = wf.TimeTo(
        closed="shut" if closing else None,
        within=[0, 7],
        as_of=as_of,
        days="working" if working else "calendar",
    )
    unit = "working days" if working else "days"
    got = by_key(measure.run(table), "figure")
    assert list(got) == [
        *("median", f"within 0 {unit}", f"within 7 {unit}", "answered", "still waiting"),
        *(["closed without an answer"] if closing else []),
        "longest wait",
    ]
    usable = [
        (start, end, shut if closing else None)
        for start, end, shut in rows
        if start is not None
        and (end is None or end >= start)
        and (not closing or shut is None or shut >= start)
        and (as_of is None or start <= as_of)
    ]
    last = as_of or max((day for row in usable for day in row if day), default=None)
    people: list[tuple[int, bool]] = []
    starts: list[dt.date] = []
    for start, end, shut in usable:
        assert last
        answered = end is not None and end <= last
        over = [day for day in (end, shut) if day is not None and day <= last]
        people.append((length(start, (over or [last])[0], working=working), answered))
        if not over:
            starts.append(start)
    had = sum(answered for _, answered in people)
    assert got["answered"]["value"] == near(had / len(people) if people else None)
    assert got["still waiting"]["value"] == len(starts)
    if closing:
        assert got["closed without an answer"]["value"] == len(people) - had - len(starts)
    longest = max((length(start, last or start, working=working) for start in starts), default=None)
    assert got["longest wait"]["value"] == longest
    assert {row["rows_used"] for row in got.values()} == {len(people)}
    assert {row["rows_dropped"] for row in got.values()} == {len(rows) - len(people)}

    def left(at: int) -> float | None:
        share = 1.0
        for now in range(at + 1):
            at_risk = sum(time >= now for time, _ in people)
            if at_risk:
                share *= 1 - sum(time == now for time, event in people if event) / at_risk
        watched = max((time for time, _ in people), default=-1)
        return None if at > watched and share > 0 else share

    for target in (0, 7):
        share = left(target) if people else None
        row = got[f"within {target} {unit}"]
        assert row["value"] == near(None if share is None else 1 - share)
    median = got["median"]["value"]
    if median is None:
        assert not people or (left(max(time for time, _ in people)) or 0) > 0.5 - 1e-7
    else:
        assert (left(math.floor(median)) or 0) <= 0.5 + 1e-7


def test_who_still_waits_is_not_left_out() -> None:
    """Nine answered within 2 days and nine who have waited 30: half, not all, within a week."""
    first = dt.date(2024, 1, 1)
    table = pl.DataFrame(
        {
            "received": [first] * 18,
            "first_response": [first + dt.timedelta(days=2)] * 9 + [None] * 9,
        }
    )
    got = wf.TimeTo(within=[7], as_of="2024-01-31").run(table)
    row = by_key(got, "figure")["within 7 days"]
    assert row["value"] == 0.5
    assert row["lower"] < 0.5 < row["upper"]
    assert "latest date" in wf.TimeTo().run(table).notes[0]


def test_who_was_closed_without_an_answer_leaves_then_and_waits_no_longer() -> None:
    days = [
        ("2024-01-01", "2024-01-05", None),  # 4 days
        ("2024-01-01", None, "2024-01-03"),  # leaves after 2 days
        ("2024-01-01", "2024-01-09", "2024-01-20"),  # 8 days, closed later
        ("2024-01-01", "2024-01-07", "2024-01-02"),  # 6 days, closed and taken up again
        ("2024-01-01", None, "2024-02-10"),  # open on the last day
        ("2024-01-10", "2024-01-12", "2024-01-09"),  # closed before it began
        ("2024-01-10", None, "2024-01-09"),
        ("2024-01-11", None, None),
    ]
    names = ("received", "first_response", "shut")
    table = pl.DataFrame(days, schema=dict.fromkeys(names, pl.String), orient="row")
    table = table.with_columns(pl.all().str.to_date())
    got = wf.TimeTo(closed="shut", within=[4, 6], as_of="2024-01-31").run(table)
    listed = got.set_aside.select("row", "column", "problem").rows()
    assert listed == [(row, "shut", "before the start: row set aside") for row in (5, 6)]
    figures = by_key(got, "figure")
    values = {figure: row["value"] for figure, row in figures.items()}
    assert values == {
        "median": 8.0,  # 4/5, 3/5, 2/5 wait after 4, 6 and 8 days
        "within 4 days": near(1 / 5),
        "within 6 days": near(2 / 5),
        "answered": 0.5,
        "still waiting": 2,
        "closed without an answer": 1,
        "longest wait": 30,
    }
    # Without the closing date they would seem to wait to this day.
    assert by_key(wf.TimeTo(as_of="2024-01-31").run(table), "figure")["still waiting"]["value"] == 4
    # The latest date may be one of closing, and the note names both columns.
    assert (
        "those without 'first_response' and 'shut' are taken to wait until 2024-02-10, the latest"
        " date in the extract; as_of says how far it reaches"
    ) in wf.TimeTo(closed="shut").run(table).notes
    with pytest.raises(wf.ColumnError, match="shutt"):
        wf.TimeTo(closed="shutt").run(table)


def test_dates_out_of_order_and_after_as_of_are_listed() -> None:
    table = pl.DataFrame(
        {
            "received": [dt.date(2024, 1, 5), dt.date(2024, 3, 1), None, dt.date(2024, 1, 9)],
            "first_response": [dt.date(2024, 1, 4), None, None, dt.date(2024, 2, 1)],
        }
    )
    got = wf.TimeTo(as_of=dt.date(2024, 1, 31)).run(table)
    assert sorted(got.set_aside["row"].to_list()) == [0, 1]
    figures = by_key(got, "figure")
    assert figures["still waiting"]["value"] == 1  # its answer came after as_of
    assert figures["longest wait"]["value"] == 22
    with pytest.raises(wf.SpecError, match="within"):
        wf.TimeTo(within=[-1]).run(table)


def test_a_timestamp_counts_on_its_day_and_an_empty_table_has_no_value() -> None:
    late = dt.datetime(2024, 6, 30, 23, 30, tzinfo=dt.timezone.utc)  # 1 July in London
    table = pl.DataFrame({"received": [late], "first_response": [dt.date(2024, 7, 1)]})
    assert by_key(wf.TimeTo().run(table), "figure")["median"]["value"] == 0
    assert by_key(wf.TimeTo().run(table), "figure")["longest wait"]["reason"] == "nobody waits"
    empty = by_key(wf.TimeTo(within=[5]).run(table.clear()), "figure")
    assert {row["value"] for row in empty.values()} == {None, 0.0}
    assert empty["median"]["reason"] == "no rows"


def test_time_in_care_of_the_third_party_extract() -> None:
    """Median days of an episode, those that are open counted up to the last date of all."""
    rows = pl.read_csv(SSDA903 / "episodes.csv", infer_schema=False).to_dicts()

    def read(text: str | None) -> dt.date | None:
        return dt.datetime.strptime(text, "%d/%m/%Y").date() if text else None

    days = [(read(row["DECOM"]), read(row["DEC"])) for row in rows]
    table = pl.DataFrame(days, schema={"start": pl.Date, "end": pl.Date}, orient="row")
    got = by_key(wf.TimeTo(start="start", end="end", within=[30, 365]).run(table), "figure")
    usable = [(start, end) for start, end in days if start and (end is None or end >= start)]
    last = max(day for row in usable for day in row if day)
    people = [(((end or last) - start).days, end is not None) for start, end in usable]
    share = {}
    left = 1.0
    for now in range(366):
        at_risk = sum(time >= now for time, _ in people)
        left *= 1 - sum(time == now for time, event in people if event) / at_risk
        share[now] = 1 - left
    assert got["within 30 days"]["value"] == near(share[30])
    assert got["within 365 days"]["value"] == near(share[365])
    assert got["still waiting"]["value"] == sum(end is None for _, end in usable)
    assert got["median"]["denominator"] == len(usable)


TEAMS = pl.DataFrame(
    {
        "team": ["hub"] * 5 + ["local"] * 6,
        "received": [dt.date(2024, 1, 1)] * 11,
        "wait": [1, 3, 3, 8, None, 2, 6, 9, 9, None, None],
        "shut": [None] * 10 + [4],
    },
    schema_overrides={"wait": pl.Int64, "shut": pl.Int64},
).with_columns(
    first_response=pl.col("received") + pl.duration(days="wait"),
    closed=pl.col("received") + pl.duration(days="shut"),
)


def as_followed(as_of: dt.date) -> pl.DataFrame:
    """The same waits as times to an event: up to the answer, the closing, or the last day."""
    last = pl.lit(as_of) - pl.col("received")
    return TEAMS.with_columns(
        time=pl.coalesce("wait", "shut", last.dt.total_days()), event=pl.col("wait").is_not_null()
    )


def test_waits_of_two_groups_compare_as_the_curves_that_they_are() -> None:
    as_of = dt.date(2024, 2, 1)
    waits = wf.TimeTo(within=[3, 7], closed="closed", as_of=as_of).run(TEAMS, by="team")
    found = waits.compare("team", "hub", "local").to_polars()
    assert found.select("figure", "contrast", "unit").rows() == [
        (figure, contrast, unit)
        for figure in ("within 3 days", "within 7 days")
        for contrast, unit in (("difference", "difference in share"), ("ratio", "ratio"))
    ]
    followed = as_followed(as_of)
    left = (
        wf.Survival(at=[3, 7]).run(followed, by="team").compare("team", "hub", "local").to_polars()
    )
    mine, theirs = (each.filter(contrast="difference") for each in (found, left))
    for ours, other in (("value", "value"), ("lower", "upper"), ("upper", "lower")):
        assert (-mine[ours]).to_list() == near(theirs[other].to_list())
    assert mine["p_value"].to_list() == near(theirs["p_value"].to_list())
    # By day 3: 3 of 5 of the hub, 1 of 6 of the others; nobody had left by then.
    assert mine["value"][0] == near(3 / 5 - 1 / 6)
    spread = math.sqrt(3 / 5 * 2 / 5 / 5 + 1 / 6 * 5 / 6 / 6)
    assert mine["upper"][0] == near(3 / 5 - 1 / 6 + 1.959963984540054 * spread)
    ratio = found.filter(contrast="ratio")
    assert ratio["value"][0] == near((3 / 5) / (1 / 6))
    assert set(found["rows_used"]) == {11}


def test_waits_of_groups_are_tested_as_whole_curves_up_to_one_last_day() -> None:
    # Without as_of, it is the latest date of any group: those of both wait up to it.
    waits = wf.TimeTo(closed="closed").run(TEAMS, by="team")
    latest = dt.date(2024, 1, 10)
    tested = wf.Survival().run(as_followed(latest), by="team").test("team").to_polars()
    columns = ["value", "p_value", "df", "numerator"]
    assert waits.test("team").to_polars().select(columns).row(0) == near(
        tested.select(columns).row(0)
    )
    assert "log-rank" in waits.test("team").to_polars()["method"][0]
    parts = [TEAMS.filter(team=name) for name in ("hub", "local")]
    one, other = (wf.TimeTo(closed="closed").partial(part, by="team") for part in parts)
    merged = one.merge(other).finish()
    assert merged.test("team").to_polars().equals(waits.test("team").to_polars())


def test_waits_without_a_target_are_tested_and_not_compared() -> None:
    waits = wf.TimeTo().run(TEAMS, by="team")
    with pytest.raises(wf.SpecError, match="name targets with `within`; `test` tests whole waits"):
        waits.compare("team", "hub", "local")
    shown = repr(wf.TimeTo(within=[3]).run(TEAMS, by="team").compare("team", "hub", "local"))
    assert "within 3 days" in shown
    # Neither side has a count of events, and none is said to be 0.
    assert "5 followed against 6 followed" in shown
