"""Contacts by the clock in London, with its changes, weekends and holidays."""

# ruff: noqa: DTZ001  (times without a zone are among what is tested)

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oracle
import wholefamily as wf
from by_hand import bank_holidays, by_key, near

drawn = settings(max_examples=120, derandomize=True, deadline=None, database=None)
LONDON = ZoneInfo("Europe/London")

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


def test_dates_stored_as_moments_are_noted() -> None:
    days = pl.Series("at", [dt.date(2024, 1, 9), dt.date(2024, 7, 9), None, dt.date(2024, 10, 27)])
    note = "every moment in 'at' is midnight: these seem to be dates"
    stored = days.cast(pl.Datetime)
    for at in (stored, *(stored.dt.replace_time_zone(zone) for zone in ("UTC", "Europe/London"))):
        got = wf.OutOfHours().run(at.to_frame())
        assert [each for each in got.notes if each.startswith(note)]
        assert by_key(got, "when")["out of hours"]["numerator"] == 3
        # One moment of another hour, in whichever group, and nothing is said.
        more = pl.DataFrame({"at": [*at, at[0] + dt.timedelta(hours=9)], "team": [*"aaab", "b"]})
        found = wf.OutOfHours().run(more, by="team")
        assert not [each for each in found.notes if "midnight" in each]
    # Nobody was seen: nothing is said either.
    assert not wf.OutOfHours().run(stored.to_frame().clear()).notes


def test_parts_of_the_same_contacts_are_not_two_groups() -> None:
    got = wf.OutOfHours().run(pl.DataFrame({"at": [dt.datetime(2024, 1, 6, 12)]}))
    with pytest.raises(wf.SpecError, match="hold the same contacts"):
        got.compare("when", "weekend", "out of hours")
