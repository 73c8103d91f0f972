"""The built-in tables give back every published figure, by plain polars and whatever the seed."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from itertools import pairwise

import polars as pl
import pytest

from wholefamily import datasets

Tables = dict[str, pl.DataFrame]

FIRST_YEAR = (date(2022, 9, 1), date(2023, 8, 31))
ALTERNATIVE_CARE = ["kinship", "foster", "residential", "adoption", "other_care"]
CENSUSES = {date(2016, 2, 29): 1_381, date(2020, 2, 29): 988, date(2022, 2, 28): 751}
LOCALITIES = {"Hamilton", "East Kilbride", "Lanark", "Cambuslang"}


@pytest.fixture(scope="module", params=[20220901, 7])
def tables(request: pytest.FixtureRequest) -> Tables:
    """Give the tables of the default seed, and of another."""
    return datasets.family_support_hubs(seed=request.param)


def in_first_year(column: str) -> pl.Expr:
    """Say whether the day lies in the hubs' first year."""
    return pl.col(column).is_between(*FIRST_YEAR)


def looked_after(episodes: pl.DataFrame, day: date) -> pl.DataFrame:
    """Give the episodes open on a day."""
    return episodes.filter(pl.col("start") <= day, pl.col("end").is_null() | (pl.col("end") > day))


# South Lanarkshire


def test_hubs_answered_61_percent_of_referrals_in_their_first_year(tables: Tables) -> None:
    referrals = tables["referrals"].filter(in_first_year("received"))
    hubs = referrals.filter(pl.col("team") == "hub").height
    assert hubs * 100 == 61 * referrals.height
    assert referrals.height == 12_000


def test_the_four_localities_differ(tables: Tables) -> None:
    referrals = tables["referrals"].filter(in_first_year("received"))
    shares = referrals.group_by("locality").agg((pl.col("team") == "hub").mean())
    assert set(shares["locality"]) == LOCALITIES
    assert shares["team"].n_unique() == len(LOCALITIES)


def test_before_the_first_year_there_was_only_a_small_pilot(tables: Tables) -> None:
    referrals = tables["referrals"]
    pilot = referrals.filter(pl.col("received").is_between(date(2021, 9, 1), date(2022, 8, 31)))
    before = referrals.filter(pl.col("received") < date(2021, 9, 1))
    assert 0 < (pilot["team"] == "hub").mean() < 0.1
    assert not (before["team"] == "hub").any()


def test_local_offices_were_allocated_almost_6800_fewer_in_2023_than_in_2021(
    tables: Tables,
) -> None:
    to_offices = tables["referrals"].filter(pl.col("team") == "local_office")
    year = to_offices["received"].dt.year()
    assert (year == 2021).sum() - (year == 2023).sum() == 6_795


def test_pre_birth_assessments_and_their_outcomes(tables: Tables) -> None:
    assessments = tables["assessments"]
    assert assessments.select(in_first_year("started").all()).item()
    away = pl.col("outcome").is_in(ALTERNATIVE_CARE)
    counts = assessments.group_by("team").agg(pl.len().alias("n"), away.sum().alias("away"))
    assert {team: (away, n) for team, n, away in counts.iter_rows()} == {
        "hub": (3, 25),
        "local_office": (7, 10),
    }


def test_no_team_assessed_both_known_and_unknown_families(tables: Tables) -> None:
    assessments = tables["assessments"]
    hub = assessments.filter(pl.col("team") == "hub")["previously_known"]
    office = assessments.filter(pl.col("team") == "local_office")["previously_known"]
    assert not hub.any()
    assert office.all()


def test_previously_known_is_what_the_referrals_say(tables: Tables) -> None:
    referrals = tables["referrals"]
    first = referrals.group_by("family_id").agg(pl.col("received").min().alias("first"))
    own = referrals.select("child_id", "received")
    known = (
        tables["assessments"]
        .join(first, on="family_id")
        .join(own, on="child_id")
        .select("previously_known", (pl.col("first") <= pl.col("received")).alias("earlier"))
    )
    several = tables["assessments"].join(
        referrals.group_by("family_id").len(), on="family_id", how="left"
    )
    assert known.height == 35
    assert (several["previously_known"] == (several["len"] > 1)).all()


def test_four_of_fifteen_plans_in_hamilton_escalated(tables: Tables) -> None:
    plans = tables["plans"]
    assert plans.height == 15
    assert plans["escalated"].count() == 4
    assert set(plans["locality"]) == {"Hamilton"}
    assert set(plans["team"]) == {"hub"}
    assert plans.select(in_first_year("opened").all()).item()
    assert (plans["escalated"].drop_nulls() >= plans.drop_nulls("escalated")["opened"]).all()


# Glasgow


@pytest.mark.parametrize(("day", "children"), CENSUSES.items())
def test_looked_after_and_accommodated_children(tables: Tables, day: date, children: int) -> None:
    assert looked_after(tables["episodes"], day)["child_id"].n_unique() == children


def test_reductions_round_to_those_published(tables: Tables) -> None:
    first, middle, last = (
        looked_after(tables["episodes"], day)["child_id"].n_unique() for day in CENSUSES
    )
    assert round(100 * (last / middle - 1)) == -24
    assert round(100 * (last / first - 1)) == -46


def test_the_decline_is_smooth(tables: Tables) -> None:
    days = pl.date_range(date(2016, 2, 29), date(2022, 2, 28), "1mo", eager=True).dt.month_end()
    stock = [looked_after(tables["episodes"], day)["child_id"].n_unique() for day in days]
    changes = [after - before for before, after in pairwise(stock)]
    assert all(-13 <= change <= 0 for change in changes)


def test_children_move_leave_and_return(tables: Tables) -> None:
    episodes = tables["episodes"].sort("child_id", "start")
    gap = (
        (episodes["start"].shift(-1) - episodes["end"])
        .dt.total_days()
        .zip_with(
            episodes["child_id"] == episodes["child_id"].shift(-1),
            pl.Series([None], dtype=pl.Int64),
        )
    )
    assert (gap == 0).sum() > 1_000
    assert (gap > 0).sum() > 50
    assert episodes["end"].null_count() > 0
    siblings = episodes.group_by("sibling_group").agg(pl.col("child_id").n_unique())
    assert (siblings["child_id"] > 1).any()


def test_looked_after_children_are_under_18(tables: Tables) -> None:
    cared_for = tables["episodes"].join(tables["children"], on="child_id")
    until = pl.col("end").fill_null(date(2022, 3, 31))
    # Those born on 29 February reach an age on 1 March; polars says 28 February.
    latest = pl.col("born").dt.offset_by("18y") + pl.duration(days=1)
    assert cared_for.select((until <= latest).all()).item()
    for day in CENSUSES:
        open_episodes = looked_after(cared_for, day)
        assert (open_episodes["born"] > date(day.year - 18, 2, 28)).all()


def test_population_reaches_the_censuses(tables: Tables) -> None:
    population = tables["population"]
    assert population.columns == ["date", "population"]
    assert population["date"].is_unique().all()
    assert set(CENSUSES) <= set(population["date"])


# The families' survey

SINGLE = {
    "felt_reassured": (6, 8),
    "there_when_needed_and_flexible": (7, 10),
    "would_recommend": (10, 10),
    "more_helpful_than_other_services": (8, 10),
    "evenings_and_weekends_vital": (10, 10),
    "used_weekend_support": (9, 10),
    "family_relationships_improved": (7, 10),
    "helped_identify_strengths": (7, 10),
    "happier_and_more_confident": (6, 10),
    "fewer_worries": (8, 10),
}
DESCRIBED = [1.0] * 2 + [0.8] * 6 + [0.6] * 3


def test_yes_or_no_items(tables: Tables) -> None:
    single = tables["responses"].filter(pl.col("kind") == "single")
    assert not single.select("respondent_id", "item").is_duplicated().any()
    counts = single.group_by("item").agg(
        (pl.col("answer") == "yes").sum().alias("yes"), pl.col("answer").count().alias("base")
    )
    assert {item: (yes, base) for item, yes, base in counts.iter_rows()} == SINGLE


@pytest.mark.parametrize(
    ("item", "base", "shares"),
    [("most_helpful", 8, [0.625] * 4), ("described_worker_as", 10, DESCRIBED)],
)
def test_tick_all_that_apply_items(
    tables: Tables, item: str, base: int, shares: list[float]
) -> None:
    ticked = tables["responses"].filter(pl.col("item") == item)
    assert set(ticked["kind"]) == {"multiple"}
    given = ticked.drop_nulls("answer")
    assert not given.select("respondent_id", "answer").is_duplicated().any()
    assert given["respondent_id"].n_unique() == base
    options = [ticks / base for ticks in given.group_by("answer").len()["len"]]
    assert sorted(options, reverse=True) == shares


def test_the_same_two_families_left_questions_empty(tables: Tables) -> None:
    responses = tables["responses"]
    assert responses["respondent_id"].n_unique() == responses["cluster"].n_unique() == 10
    empty = responses.filter(pl.col("answer").is_null())
    assert sorted(set(empty["item"])) == ["felt_reassured", "most_helpful"]
    assert (
        empty.group_by("item").agg(pl.col("respondent_id").sort())["respondent_id"].n_unique() == 1
    )
    assert empty["respondent_id"].n_unique() == 2
    items = responses.group_by("respondent_id").agg(pl.col("item").n_unique())
    assert set(items["item"]) == {12}


def test_no_smaller_survey_could_give_the_percentages() -> None:
    tenths = [1.0, 0.9, 0.8, 0.7, 0.6]

    def possible(base: int, shares: list[float]) -> bool:
        return all((share * base).is_integer() for share in shares)

    assert min(n for n in range(1, 50) if possible(n, [0.625])) == 8
    assert min(n for n in range(1, 50) if possible(n, [0.75, 0.625])) == 8
    assert min(n for n in range(1, 50) if possible(n, tenths)) == 10


# The rules of the tables


@pytest.mark.parametrize(
    ("table", "key"),
    [
        ("children", "child_id"),
        ("referrals", "referral_id"),
        ("assessments", "assessment_id"),
        ("plans", "plan_id"),
    ],
)
def test_ids_are_unique(tables: Tables, table: str, key: str) -> None:
    assert tables[table][key].null_count() == 0
    assert tables[table][key].is_unique().all()


def test_children_are_exactly_those_of_the_other_tables(tables: Tables) -> None:
    named = {
        child
        for table in ("referrals", "assessments", "plans", "episodes")
        for child in tables[table]["child_id"]
    }
    assert set(tables["children"]["child_id"]) == named


def test_episodes_of_a_child_do_not_overlap(tables: Tables) -> None:
    episodes = tables["episodes"].sort("child_id", "start")
    assert (episodes["end"].drop_nulls() > episodes.drop_nulls("end")["start"]).all()
    following = episodes.select(
        pl.col("end"), pl.col("start").shift(-1).over("child_id").alias("next")
    ).drop_nulls("next")
    assert following["end"].null_count() == 0
    assert (following["next"] >= following["end"]).all()


@pytest.mark.parametrize(
    ("table", "earlier", "later"),
    [
        ("referrals", "received", "first_response"),
        ("referrals", "first_response", "closed"),
        ("assessments", "started", "completed"),
        ("assessments", "completed", "born"),
        ("plans", "opened", "escalated"),
        ("plans", "opened", "closed"),
        ("episodes", "start", "end"),
    ],
)
def test_dates_stand_in_order(tables: Tables, table: str, earlier: str, later: str) -> None:
    rows = tables[table].drop_nulls(later)
    assert rows.height > 0
    assert (rows[earlier] <= rows[later]).all()


def test_dates_lie_before_the_extract(tables: Tables) -> None:
    for name, table in tables.items():
        extract = date(2022, 3, 31) if name in {"episodes", "population"} else date(2024, 1, 31)
        for column in table.select(pl.col(pl.Date)):
            assert column.min() >= date(1990, 1, 1), (name, column.name)
            assert column.max() <= extract, (name, column.name)


def test_only_what_is_before_birth_precedes_it(tables: Tables) -> None:
    children = tables["children"].select("child_id", "born", "due")
    assert children["born"].null_count() == 0
    unborn = set(tables["assessments"]["child_id"]) | set(tables["plans"]["child_id"])
    assert set(children.drop_nulls("due")["child_id"]) == unborn
    for name, column in (("referrals", "received"), ("episodes", "start")):
        early = tables[name].join(children, on="child_id").filter(pl.col(column) < pl.col("born"))
        assert set(early["child_id"]) <= unborn
    assert not unborn & set(tables["episodes"]["child_id"])
    adults = tables["referrals"].join(children, on="child_id")
    assert adults.select((pl.col("born").dt.offset_by("18y") >= pl.col("received")).all()).item()


def test_tables_agree_on_family_locality_and_birth(tables: Tables) -> None:
    children = tables["children"]
    for name in ("referrals", "assessments", "plans", "episodes"):
        both = tables[name].join(children, on="child_id", suffix="_of_child")
        assert both.height == tables[name].height
        for column in ("family_id", "locality", "born", "due"):
            if column in tables[name].columns:
                assert (both[column] == both[f"{column}_of_child"]).all(), (name, column)


def test_more_children_live_in_the_most_deprived_areas(tables: Tables) -> None:
    children = tables["children"]
    deciles = children["simd_decile"]
    assert set(deciles) == set(range(1, 11))
    assert (deciles <= 2).mean() > 0.4
    assert set(children["area"]) == {"South Lanarkshire", "Glasgow"}


# The generator


def test_the_same_seed_gives_the_same_rows() -> None:
    first, second = datasets.family_support_hubs(), datasets.family_support_hubs()
    assert list(first) == list(second)
    for name, table in first.items():
        assert table.equals(second[name]), name
        assert table.schema == second[name].schema, name


def test_another_seed_gives_other_rows() -> None:
    first, second = datasets.family_support_hubs(), datasets.family_support_hubs(seed=1)
    for name in ("children", "referrals", "assessments", "plans", "episodes", "responses"):
        assert not first[name].equals(second[name]), name


def test_tables_say_that_they_are_synthetic() -> None:
    for text in (datasets.NOTICE, datasets.family_support_hubs.__doc__ or ""):
        words = " ".join(text.split())
        assert "ynthetic" in words
        assert "6 March 2024" in words
        assert "Promise update" in words
    assert "not the exact number" in " ".join((datasets.family_support_hubs.__doc__ or "").split())


def test_published_claims_agree_with_the_tables(tables: Tables) -> None:
    claims = datasets.published()
    assert claims["claim"].is_unique().all()
    assert set(claims["table"]) <= set(tables)
    assert set(claims["dated"]) == {"2024-03-06", "2022"}
    figures = dict(claims.select("claim", "figure").iter_rows())
    assert figures["hub_share"] == 0.61
    assert [figures[f"looked_after_{day.year}"] for day in CENSUSES] == list(CENSUSES.values())
    assert all(figures[item] == yes / base for item, (yes, base) in SINGLE.items())


def test_importing_the_datasets_does_not_import_polars() -> None:
    code = "import json, sys, wholefamily.datasets; print(json.dumps('polars' in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) is False
