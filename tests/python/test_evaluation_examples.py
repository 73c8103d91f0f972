"""The examples about time, against plain Python that knows nothing of the package."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from functools import cache
from pathlib import Path

import polars as pl
import pytest

import wholefamily as wf
from wholefamily import datasets

EXAMPLES = Path(__file__).parents[2] / "examples"
RETURN = EXAMPLES / "ssda903" / "data"
UNTIL = dt.date(2024, 7, 31)
FIRST, LAST = dt.date(2017, 4, 1), dt.date(2018, 3, 31)


@cache
def evaluated(name: str) -> wf.Evaluation:
    return wf.evaluate(EXAMPLES / name / "evaluation.toml")


def frame(name: str, result: str) -> pl.DataFrame:
    return evaluated(name).results[result].to_polars()


# ── Babies ────────────────────────────────────────────────────────────────────────────


@cache
def babies() -> list[tuple[str, int, str | None, int]]:
    """Team, days to the first event or the end, the event, days to the end."""
    tables = datasets.babies_to_age_one()
    first: dict[str, tuple[dt.date, str]] = {}
    happened = [
        (day, child, "alternative care")
        for child, day, placement in tables["episodes"]
        .select("child_id", "start", "placement")
        .rows()
        if placement != "parents"
    ]
    moved = tables["moves"].select("child_id", "moved").rows()
    happened += [(day, child, "moved away") for child, day in moved]
    for day, child, event in sorted(happened):
        first.setdefault(child, (day, event))
    rows = []
    for child, team, born in tables["assessments"].select("child_id", "team", "born").rows():
        day, event = first.get(child, (UNTIL, None))
        rows.append((team, (day - born).days, event, (UNTIL - born).days))
    return rows


def incidence(rows: list[tuple[int, str | None]], event: str, day: int) -> float:
    """Aalen and Johansen's estimate, day by day."""
    left, share = 1.0, 0.0
    for now in range(day + 1):
        at_risk = sum(time >= now for time, _ in rows)
        ends = [what for time, what in rows if time == now and what is not None]
        if ends:
            share += left * ends.count(event) / at_risk
            left *= 1 - len(ends) / at_risk
    return share


def test_the_babies_are_those_of_the_report() -> None:
    counts = frame("pre_birth", "outcomes").select("team", "numerator", "denominator").rows()
    assert counts == [("hub", 3, 25.0), ("local_office", 7, 10.0)]


def test_shares_by_age_one_are_those_of_a_plain_count() -> None:
    for team in ("hub", "local_office"):
        own = [(time, what, seen) for whose, time, what, seen in babies() if whose == team]
        one = [(time, what) for time, what, seen in own if seen >= 365]
        away = sum(what == "alternative care" and time <= 365 for time, what in one)
        plain = frame("pre_birth", "by_one_if_seen").filter(pl.col("team") == team)
        assert plain.select("numerator", "denominator").rows() == [(away, float(len(one)))]
        rows = frame("pre_birth", "by_age_one").filter(pl.col("team") == team)
        estimates = {row["estimate"]: row for row in rows.iter_rows(named=True)}
        assert estimates["observed long enough"]["value"] == away / len(one)
        assert estimates["not yet observable"]["numerator"] == len(own) - len(one)
        estimated = incidence([(time, what) for time, what, _ in own], "alternative care", 365)
        assert estimates["Aalen-Johansen"]["value"] == pytest.approx(estimated, abs=1e-12)


def test_estimates_by_day_are_those_of_aalen_and_johansen() -> None:
    rows = frame("pre_birth", "by_day").select("team", "event", "time", "value").rows()
    assert len(rows) == 2 * 2 * 4
    for team, event, day, value in rows:
        followed = [(time, what) for whose, time, what, _ in babies() if whose == team]
        assert value == pytest.approx(incidence(followed, event, day), abs=1e-12)


def test_no_comparison_is_made_where_none_is_fair() -> None:
    compared = frame("pre_birth", "same_history--hub-vs-local_office-within-previously_known")
    assert compared["value"].null_count() == compared.height == 3


@pytest.mark.parametrize("seed", [20220901, 1, 2, 3])
def test_babies_are_made_so_that_what_was_reported_comes_back(seed: int) -> None:
    tables = datasets.babies_to_age_one(seed)
    episodes = tables["episodes"].filter(pl.col("placement") != "parents")
    first = episodes.sort("start").unique("child_id", keep="first")
    born = tables["assessments"].select("child_id", "team", "born", "outcome")
    joined = first.join(born, on="child_id")
    assert dict(joined.group_by("team").len().rows()) == {"hub": 3, "local_office": 7}
    assert (joined["placement"] == joined["outcome"]).all()
    assert (joined["start"] >= joined["born"]).all()
    assert joined["start"].max() < dt.date(2024, 3, 6)  # type: ignore[operator]
    assert tables["episodes"].drop_nulls("end").select((pl.col("end") <= UNTIL).all()).item()
    assert tables["moves"].join(joined, on="child_id").is_empty()
    assert tables["moves"]["child_id"].is_unique().all()


# ── The return ────────────────────────────────────────────────────────────────────────


def day(written: str) -> dt.date | None:
    return dt.datetime.strptime(written, "%d/%m/%Y").date() if written else None  # noqa: DTZ007


@cache
def spells() -> list[tuple[str, dt.date, dt.date | None, int]]:
    """Child, start, end and episodes of each spell: the union of its episodes."""
    by_child: dict[str, list[tuple[dt.date, dt.date]]] = defaultdict(list)
    open_end = dt.date(9999, 1, 1)
    with (RETURN / "episodes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            start, end = day(row["DECOM"]), day(row["DEC"]) or open_end
            if row["LS"] in ("V3", "V4") or start is None or start > LAST or end <= start:
                continue
            by_child[row["CHILD"]].append((start, open_end if end > LAST else end))
    found = []
    for child, episodes in sorted(by_child.items()):
        made: list[list[dt.date]] = []
        counts: list[int] = []
        for start, end in sorted(episodes):
            if made and start <= made[-1][1]:
                made[-1][1] = max(made[-1][1], end)
                counts[-1] += 1
            else:
                made.append([start, end])
                counts.append(1)
        found += [
            (child, start, None if end == open_end else end, count)
            for (start, end), count in zip(made, counts, strict=True)
        ]
    return found


@cache
def sexes() -> dict[str, str]:
    with (RETURN / "header.csv").open(encoding="utf-8") as file:
        return {r["CHILD"]: {"1": "male", "2": "female"}[r["SEX"]] for r in csv.DictReader(file)}


def staying(rows: list[tuple[int, int, bool]], until: int) -> float:
    """Kaplan and Meier's estimate of (entry, time, whether it ended), day by day."""
    left = 1.0
    for now in range(1, until + 1):
        ends = sum(over and time == now for _, time, over in rows)
        if ends:
            left *= 1 - ends / sum(entry < now <= time for entry, time, _ in rows)
    return left


def lengths(sex: str | None = None) -> list[tuple[int, int, bool]]:
    return [
        (max(0, (FIRST - start).days), ((end or LAST) - start).days, end is not None)
        for child, start, end, _ in spells()
        if (end is None or end > FIRST) and sex in (None, sexes()[child])
    ]


def test_spells_are_the_unions_of_episodes() -> None:
    made = evaluated("ssda903_stability").histories["spells"].data()
    assert (
        made.select("child_id", "start", "end", "episodes").sort("child_id", "start").rows()
        == spells()
    )


def test_children_are_counted_by_the_episodes_of_their_spell() -> None:
    counts: dict[str, int] = defaultdict(int)
    for _, start, end, episodes in spells():
        if start <= LAST and end is None:
            counts[{1: "1 episode", 2: "2 episodes"}.get(episodes, "3 or more")] += 1
    rows = frame("ssda903_stability", "stock").select("parts", "value").rows()
    assert rows == [(parts, float(count)) for parts, count in sorted(counts.items())]
    whole = wf.evaluate(EXAMPLES / "ssda903" / "evaluation.toml").results["stock"].to_polars()
    assert whole.filter(pl.col("date") == LAST)["value"].item() == sum(counts.values())


def test_the_length_of_spells_counts_late_entry() -> None:
    rows = frame("ssda903_stability", "lasting").select("sex", "time", "value").rows()
    assert len(rows) == 10
    for sex, time, value in rows:
        assert value == pytest.approx(staying(lengths(sex), time), abs=1e-12)
    half = frame("ssda903_stability", "half").filter(pl.col("time") == "0.5")["value"].item()
    assert staying(lengths(), int(half)) <= 0.5 < staying(lengths(), int(half) - 1)


def test_moves_and_stability_are_of_the_same_children_and_days() -> None:
    in_care: dict[str, int] = defaultdict(int)
    days: dict[str, int] = defaultdict(int)
    for child, start, end, _ in spells():
        in_care[sexes()[child]] += end is None
        last = end or LAST + dt.timedelta(days=1)
        days[sexes()[child]] += max(0, (last - max(start, FIRST)).days)
    stable = frame("ssda903_stability", "three_or_more").select("sex", "denominator").rows()
    assert stable == [(sex, float(number)) for sex, number in sorted(in_care.items())]
    for sex, years in frame("ssda903_stability", "moves").select("sex", "denominator").rows():
        assert years == pytest.approx(days[sex] / 365.25, abs=1e-9)
    placed = frame("ssda903_stability", "placed_with")["denominator"].unique().to_list()
    assert placed == [float(sum(in_care.values()))]


def test_returns_to_care_are_those_of_a_plain_follow_up() -> None:
    starts: dict[str, list[dt.date]] = defaultdict(list)
    for child, start, _, _ in spells():
        starts[child].append(start)
    followed: dict[str, list[tuple[int, str | None]]] = defaultdict(list)
    for child, _, end, _ in spells():
        if end is not None and end >= FIRST:
            back = min((s for s in starts[child] if s >= end), default=None)
            what = None if back is None else "back in care"
            followed[sexes()[child]].append((((back or LAST) - end).days, what))
    rows = frame("ssda903_stability", "back").select("sex", "time", "value", "denominator").rows()
    assert len(rows) == 6
    for sex, time, value, followed_up in rows:
        assert followed_up == len(followed[sex])
        assert value == pytest.approx(incidence(followed[sex], "back in care", time), abs=1e-12)


@pytest.mark.parametrize("name", ["pre_birth", "ssda903_stability"])
def test_every_question_has_an_answer_a_picture_or_a_reason(name: str, tmp_path: Path) -> None:
    page = evaluated(name).write(tmp_path / "out").read_text(encoding="utf-8")
    assert page.count("<svg") >= 4
    assert "<h3>Histories</h3>" in page
    assert "the share is not the one divided by the other" in page
    assert "no value by" not in page
