"""Who came back, who waits, who was seen when and by whom: each against a naive version of itself."""

# ruff: noqa: DTZ001, DTZ007  (times without a zone are among what is tested)

from __future__ import annotations

import datetime as dt
import math
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats as sp

import oracle
import wholefamily as wf

drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)
NEAR: dict[str, Any] = {"rel": 1e-11, "abs": 1e-13}
LONDON = ZoneInfo("Europe/London")
REFERENCE = Path(__file__).parents[1] / "reference" / "returns"
SSDA903 = Path(__file__).parents[2] / "examples" / "ssda903" / "data"


def near(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, **NEAR)


def by_key(estimates: wf.Estimates, key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in estimates.to_polars().to_dicts()}


def wilson(p: float, n: float, z: float) -> tuple[float, float]:
    middle = p + z * z / (2 * n)
    reach = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (middle - reach) / (1 + z * z / n), (middle + reach) / (1 + z * z / n)


# ── Re-referrals ──────────────────────────────────────────────────────────────────────

referrals = st.lists(
    st.tuples(
        st.sampled_from([None, 1, 2, 3, 4, 5]),
        st.sampled_from([None, True, False]),
        st.sampled_from([None, True, False]),
    ),
    max_size=30,
)


def clustered_by_hand(families: list[tuple[int, int]]) -> tuple[float | None, float | None]:
    """Wilson's limits of the effective number of rows, with fractions up to the last step."""
    families = [(x, n) for x, n in families if n]
    many, rows = len(families), sum(n for _, n in families)
    if many < 2:
        return None, None
    p = Fraction(sum(x for x, _ in families), rows)
    if p in (0, 1):
        effective = Fraction(rows**2, sum(n * n for _, n in families))
    else:
        squares = sum((x - p * n) ** 2 for x, n in families)
        variance = Fraction(many, many - 1) * squares / rows**2
        effective = min(p * (1 - p) / variance, Fraction(rows)) if variance else Fraction(rows)
    t = float(sp.t.ppf(0.975, many - 1))
    lower, upper = wilson(float(p), float(effective), t)
    return (0.0 if p == 0 else lower), (1.0 if p == 1 else upper)


@given(rows=referrals, clustered=st.booleans())
@drawn
def test_re_referrals_are_the_counts_by_hand(rows: list[Any], *, clustered: bool) -> None:
    kinds = {"family_id": pl.Int64, "repeat": pl.Boolean, "first_ever": pl.Boolean}
    table = pl.DataFrame(rows, schema=kinds, orient="row")
    got = by_key(wf.ReReferral(cluster="family_id" if clustered else None).run(table), "referrals")
    usable = [
        (family, repeat, first)
        for family, repeat, first in rows
        if None not in (repeat, first)
        and not (repeat and first)
        and (family is not None or not clustered)
    ]
    figures = {
        "all": [(family, repeat) for family, repeat, _ in usable],
        "with an earlier one": [(family, repeat) for family, repeat, first in usable if not first],
        "first ever": [(family, first) for family, _, first in usable],
    }
    assert list(got) == list(figures)
    for name, members in figures.items():
        row, x, n = got[name], sum(has for _, has in members), len(members)
        assert (row["numerator"], row["denominator"]) == (x, n)
        assert row["rows_used"] + row["rows_dropped"] == len(rows)
        assert row["value"] == near(x / n if n else None)
        if n and clustered:
            counts: dict[Any, list[bool]] = defaultdict(list)
            for family, has in members:
                counts[family].append(has)
            limits = clustered_by_hand([(sum(has), len(has)) for has in counts.values()])
            assert (row["lower"], row["upper"]) == (near(limits[0]), near(limits[1]))
            assert row["reason"] == ("one cluster" if len(counts) == 1 else None)
            assert row["method"] == "wilson-clustered"
        elif n:
            want = oracle.wilson(x, n, 0.95)
            assert (row["lower"], row["upper"]) == (near(want[0]), near(want[1]))


def test_a_family_that_comes_often_widens_the_interval() -> None:
    table = pl.DataFrame(
        {
            "family_id": ["a <script>", "a <script>", "a <script>", "b,c", "d", "e", "f", "g"],
            "repeat": [False, True, True, False, False, False, True, False],
            "first_ever": [True, False, False, True, True, True, False, True],
        }
    )
    apart = by_key(wf.ReReferral().run(table), "referrals")["all"]
    together = by_key(wf.ReReferral(cluster="family_id").run(table), "referrals")["all"]
    assert apart["value"] == together["value"] == 3 / 8
    assert together["upper"] - together["lower"] > apart["upper"] - apart["lower"]


def test_what_contradicts_itself_or_names_no_family_is_listed() -> None:
    table = pl.DataFrame(
        {
            "family_id": [1, None, 2],
            "repeat": [True, False, False],
            "first_ever": [True, False, True],
        }
    )
    got = wf.ReReferral(cluster="family_id").run(table)
    assert sorted(got.set_aside["row"].to_list()) == [0, 1]
    assert got.to_polars()["rows_dropped"].to_list() == [2, 3, 2]
    with pytest.raises(wf.SpecError, match="jeffreys"):
        wf.ReReferral(cluster="family_id", method="jeffreys").run(table)
    with pytest.raises(wf.TypeError_, match=r"wf\.repeats"):
        wf.ReReferral().run(table.with_columns(pl.col("repeat").cast(pl.Int8)))


def test_repeats_of_the_third_party_extract() -> None:
    """Episodes of one child as if each were a referral: counted one by one."""
    rows = pl.read_csv(SSDA903 / "episodes.csv", infer_schema=False).to_dicts()
    days = [(row["CHILD"], dt.datetime.strptime(row["DECOM"], "%d/%m/%Y").date()) for row in rows]
    table = pl.DataFrame(days, schema={"child": pl.String, "received": pl.Date}, orient="row")
    marked = wf.repeats(table, person="child", date="received")
    got = by_key(wf.ReReferral(cluster="child").run(marked), "referrals")
    repeats = firsts = 0
    for child, day in days:
        before = [other for name, other in days if name == child and other < day]
        firsts += not before
        repeats += bool(before) and (day - max(before)).days <= 365
    assert (got["all"]["numerator"], got["all"]["denominator"]) == (repeats, len(days))
    assert got["with an earlier one"]["denominator"] == len(days) - firsts
    assert got["first ever"]["numerator"] == firsts


# ── Times to an answer ────────────────────────────────────────────────────────────────

day = st.integers(0, 40).map(lambda n: dt.date(2023, 12, 10) + dt.timedelta(days=n))
waits = st.lists(st.tuples(st.none() | day, st.none() | day), max_size=25)


def bank_holidays(nation: str) -> set[dt.date]:
    table = pl.read_csv(REFERENCE / "holidays.csv", try_parse_dates=True)
    days = set(table.filter(nation=nation)["date"])
    return days - {dt.date(2006, 11, 30)}  # St Andrew's Day: since the Act of January 2007


SCOTLAND = bank_holidays("scotland")


def length(start: dt.date, end: dt.date, *, working: bool) -> int:
    days = [start + dt.timedelta(days=n + 1) for n in range((end - start).days)]
    return sum(not working or (day.weekday() < 5 and day not in SCOTLAND) for day in days)


@given(rows=waits, working=st.booleans(), as_of=st.none() | day)
@drawn
def test_waits_are_those_of_kaplan_and_meier_by_hand(
    rows: list[Any], *, working: bool, as_of: dt.date | None
) -> None:
    table = pl.DataFrame(
        rows, schema={"received": pl.Date, "first_response": pl.Date}, orient="row"
    )
    measure = wf.TimeTo(within=[0, 7], as_of=as_of, days="working" if working else "calendar")
    unit = "working days" if working else "days"
    got = by_key(measure.run(table), "figure")
    assert list(got) == [
        *("median", f"within 0 {unit}", f"within 7 {unit}", "answered", "still waiting"),
        "longest wait",
    ]
    usable = [
        (start, end)
        for start, end in rows
        if start is not None and (end is None or end >= start) and (as_of is None or start <= as_of)
    ]
    last = as_of or max((day for row in usable for day in row if day), default=None)
    people = [
        (length(start, end, working=working), True)
        if end is not None and last is not None and end <= last
        else (length(start, last or start, working=working), False)
        for start, end in usable
    ]
    had = sum(answered for _, answered in people)
    assert got["answered"]["value"] == near(had / len(people) if people else None)
    assert got["still waiting"]["value"] == len(people) - had
    starts = [
        start for (start, _), (_, answered) in zip(usable, people, strict=True) if not answered
    ]
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
    with pytest.raises(wf.SpecError, match="7"):
        wf.TimeTo(within=[7, 7]).run(table)
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


# ── Out of hours ──────────────────────────────────────────────────────────────────────

moments = st.datetimes(dt.datetime(2021, 10, 20), dt.datetime(2022, 6, 10))


def when(clock: dt.datetime, holidays: set[dt.date]) -> str:
    if clock.date() in holidays:
        return "public holiday"
    if clock.weekday() >= 5:
        return "weekend"
    return "in hours" if dt.time(9) <= clock.time() < dt.time(17) else "evening or night"


@given(
    st.lists(st.none() | moments, max_size=25),
    st.sampled_from(["ns", "us", "ms"]),
    st.sampled_from(["clock", "utc", "London"]),
    st.sampled_from(["scotland", "england", None, [dt.date(2022, 4, 18)]]),
)
@drawn
def test_contacts_are_counted_by_the_clock_in_london(
    at: list[dt.datetime | None], unit: Any, zone: str, holidays: Any
) -> None:
    contacts = pl.DataFrame({"at": at}, schema={"at": pl.Datetime(unit)})
    clocks = [moment for moment in at if moment is not None]
    if zone != "clock":
        contacts = contacts.with_columns(pl.col("at").dt.replace_time_zone("UTC"))
        clocks = [moment.replace(tzinfo=dt.timezone.utc).astimezone(LONDON) for moment in clocks]
    if zone == "London":
        contacts = contacts.with_columns(pl.col("at").dt.convert_time_zone("Europe/London"))
    days: set[dt.date] = (
        bank_holidays(holidays) if isinstance(holidays, str) else set(holidays or [])
    )
    counts = Counter(when(clock, days) for clock in clocks)
    got = by_key(wf.OutOfHours(holidays=holidays).run(contacts), "when")
    parts = ["evening or night", "weekend", "public holiday"]
    assert list(got) == [*parts, "out of hours"]
    assert [got[part]["numerator"] for part in parts] == [counts[part] for part in parts]
    assert got["out of hours"]["numerator"] == sum(counts[part] for part in parts)
    for row in got.values():
        assert row["denominator"] == len(clocks)
        assert row["rows_dropped"] == len(at) - len(clocks)
        want = oracle.wilson(row["numerator"], len(clocks), 0.95) if clocks else (None, None)
        assert (row["lower"], row["upper"]) == (near(want[0]), near(want[1]))


def shares(stamps: list[str], zone: str | None = None, **fields: Any) -> dict[str, int]:
    at = pl.Series("at", stamps).str.to_datetime("%Y-%m-%d %H:%M", time_zone=zone)
    got = wf.OutOfHours(**fields).run(at.to_frame())
    return {row["when"]: row["numerator"] for row in got.to_polars().to_dicts()}


def test_the_office_opens_and_closes_on_the_minute() -> None:
    stamps = ["2024-03-05 08:59", "2024-03-05 09:00", "2024-03-05 16:59", "2024-03-05 17:00"]
    assert shares(stamps)["evening or night"] == 2
    assert shares(stamps, opens="08:00", closes="24:00")["out of hours"] == 0


def test_summer_time_moves_the_hours_of_utc_stamps() -> None:
    # 08:30 UTC is half past nine in London in summer, and half past eight in winter
    assert shares(["2024-07-02 08:30"], "UTC")["out of hours"] == 0
    assert shares(["2024-12-03 08:30"], "UTC")["out of hours"] == 1
    # the Friday before and the Monday after the clocks change, at 16:30 and 15:30 UTC
    assert shares(["2024-10-25 16:30", "2024-10-28 16:30"], "UTC")["evening or night"] == 1
    assert shares(["2024-03-29 16:30"], "UTC", holidays=None)["out of hours"] == 0
    assert shares(["2024-04-02 16:30"], "UTC")["out of hours"] == 1


def test_the_hours_in_which_clocks_change_are_nights_of_a_sunday() -> None:
    # 27 October 2024: 00:30 and 01:30 UTC are both half past one in London
    stamps = ["2024-10-27 00:30", "2024-10-27 01:30"]
    assert shares(stamps, "UTC") == shares(stamps) | {"weekend": 2, "out of hours": 2}
    # Saturday 23:30 UTC in summer is already Sunday; Sunday 23:30 is Monday, a night
    assert shares(["2024-06-30 23:30"], "UTC")["evening or night"] == 1
    got = wf.OutOfHours().run(pl.DataFrame({"at": [dt.datetime(2024, 3, 31, 1, 30)]}))
    assert "skip" in got.set_aside["problem"][0]


def test_holidays_of_the_two_nations_differ() -> None:
    easter_monday, second = ["2024-04-01 11:00"], ["2024-01-02 11:00"]
    assert shares(easter_monday)["public holiday"] == 0
    assert shares(easter_monday, holidays="england")["public holiday"] == 1
    assert shares(second)["public holiday"] == 1
    assert shares(second, holidays="england")["public holiday"] == 0
    assert shares(second, holidays=["2024-01-02"])["public holiday"] == 1
    # a date of one's own counts as a holiday on a weekend too, and only once
    assert shares(["2024-01-06 20:00"], holidays=["2024-01-06"]) == {
        "evening or night": 0, "weekend": 0, "public holiday": 1, "out of hours": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"opens": "9"}, "'09:00'"),
        ({"opens": "17:00", "closes": "09:00"}, "later"),
        ({"holidays": "scotlend"}, "did you mean 'scotland'"),
        ({"holidays": ["2024-13-01"]}, "2024-13-01"),
    ],
)
def test_hours_and_holidays_that_cannot_be_are_refused(fields: Any, message: str) -> None:
    with pytest.raises(wf.SpecError, match=message):
        wf.OutOfHours(**fields).run(pl.DataFrame({"at": [dt.datetime(2024, 1, 1)]}))


def test_dates_and_text_do_not_say_the_hour_and_odd_years_are_listed() -> None:
    with pytest.raises(wf.TypeError_, match="does not say the hour"):
        wf.OutOfHours().run(pl.DataFrame({"at": [dt.date(2024, 1, 1)]}))
    with pytest.raises(wf.TypeError_, match="to_datetime"):
        wf.OutOfHours().run(pl.DataFrame({"at": ["2024-01-01 09:00"]}))
    got = wf.OutOfHours().run(pl.DataFrame({"at": [dt.datetime(1998, 1, 1, 12)]}))
    assert "no public holidays are known" in got.set_aside["problem"][0]
    assert by_key(got, "when")["out of hours"]["denominator"] == 1


# ── Continuity of worker ──────────────────────────────────────────────────────────────

contacts = st.lists(
    st.tuples(st.sampled_from([None, *range(6)]), st.sampled_from([None, "A", "B", "C", "D"])),
    max_size=40,
)


@given(contacts, st.integers(1, 4))
@drawn
def test_continuity_is_that_of_each_family_by_hand(rows: list[Any], least: int) -> None:
    table = pl.DataFrame(rows, schema={"family_id": pl.Int64, "worker_id": pl.String}, orient="row")
    got = by_key(wf.ContinuityOfWorker(least=least).run(table), "figure")
    seen: dict[int, Counter[str]] = defaultdict(Counter)
    for family, worker in rows:
        if family is not None and worker is not None:
            seen[family][worker] += 1
    families = [counts for counts in seen.values() if counts.total() >= least]
    usual = [max(counts.values()) / counts.total() for counts in families]
    workers = [float(len(counts)) for counts in families]
    for name, values in {"usual worker": usual, "workers per family": workers}.items():
        row, n = got[name], len(values)
        mean = sum(values) / n if n else None
        assert (row["value"], row["denominator"]) == (near(mean), n)
        spread = sum((value - (mean or 0)) ** 2 for value in values)
        if n > 1 and spread > 1e-20:
            reach = float(sp.t.ppf(0.975, n - 1)) * math.sqrt(spread / (n - 1) / n)
            low, high = (0.0, 1.0) if name == "usual worker" else (1.0, math.inf)
            assert row["lower"] == near(max(low, mean - reach))
            assert row["upper"] == near(min(high, mean + reach))
        else:
            assert row["lower"] is None
    one = got["one worker only"]
    assert (one["numerator"], one["denominator"]) == (workers.count(1), len(workers))
    used = sum(counts.total() for counts in families)
    assert (one["rows_used"], one["rows_dropped"]) == (used, len(rows) - used)


def test_a_family_in_two_periods_is_two() -> None:
    table = pl.DataFrame(
        {
            "family_id": [1, 1, 1, 1],
            "worker_id": ["A", "A", "B", "B"],
            "at": [dt.datetime(2023, month, 5, 10) for month in (1, 2, 7, 8)],
        }
    )
    half = wf.ContinuityOfWorker().run(table).to_polars()["value"][0]
    assert half == 0.5
    years = wf.ContinuityOfWorker().run(table, every="quarter")
    assert years.to_polars().filter(figure="usual worker")["value"].to_list() == [1.0, 1.0]
    with pytest.raises(wf.SpecError, match="least"):
        wf.ContinuityOfWorker(least=0).run(table)


def test_parts_of_the_contacts_merge_to_the_whole() -> None:
    table = pl.DataFrame(
        {
            "family_id": [row * 7 % 90 for row in range(5_000)],
            "worker_id": [f"w{row * row % 37}" for row in range(5_000)],
        }
    )
    whole = wf.ContinuityOfWorker().run(table).to_polars()
    first, second = (
        wf.ContinuityOfWorker().partial(part) for part in (table[:1_234], table[1_234:])
    )
    assert second.merge(first).finish().to_polars().equals(whole)
