"""Comparing two groups: the figures of statsmodels and SciPy, and a reason wherever there is none."""

from __future__ import annotations

import datetime as dt
import itertools
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from scipy.stats import barnard_exact, binomtest, boschloo_exact, chi2_contingency, fisher_exact
from statsmodels.stats.contingency_tables import StratifiedTable, Table2x2
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.rates import confint_poisson_2indep

import wholefamily as wf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Counts = tuple[int, int, int, int]
"""x1 of n1 in the group, x2 of n2 in the reference group."""

NEAR = {"rel": 1e-12, "abs": 1e-14}
FISHER = {"rel": 1e-10, "abs": 0.0}
UNITS = {"difference": "difference in share", "ratio": "ratio", "odds_ratio": "odds ratio"}


def frame_of(cases: Iterable[tuple[Sequence[object], Counts]], keys: Sequence[str]) -> pl.DataFrame:
    """Write counts out as rows: one for each person, and one without outcome for an empty group."""
    rows = []
    for key, (x1, n1, x2, n2) in cases:
        for team, with_it, base in (("hub", x1, n1), ("local_office", x2, n2)):
            rows += [(*key, team, True)] * with_it + [(*key, team, False)] * (base - with_it)
            rows += [(*key, team, None)] * (base == 0)
    return pl.DataFrame(rows, schema=[*keys, "team", "outcome"], orient="row")


def shares(cases: Iterable[tuple[Sequence[object], Counts]], *keys: str, **run: Any) -> Any:
    return wf.Share(outcome="outcome").run(frame_of(cases, keys), by=[*keys, "team"], **run)


def contrasts(compared: wf.Estimates) -> dict[str, dict[str, Any]]:
    """Give the rows of a comparison that has no other keys, by contrast."""
    return {row["contrast"]: row for row in compared.to_polars().to_dicts()}


# ── The figures ───────────────────────────────────────────────────────────────────────

SMALL = [
    (x1, n1, x2, n2)
    for n1, n2 in itertools.product((1, 2, 5, 12), (1, 3, 9))
    for x1, x2 in itertools.product(range(n1 + 1), range(n2 + 1))
]
LARGE = [(3, 25, 7, 10), (15, 150, 40, 99), (700, 1000, 2500, 4000), (1, 5000, 1, 3)]


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
def test_contrasts_are_those_of_statsmodels_and_scipy(level: float) -> None:
    cases = [*SMALL, *LARGE]
    compared = shares([((place,), case) for place, case in enumerate(cases)], "case", level=level)
    table = compared.compare("team", "hub", "local_office").to_polars()
    assert table.height == 3 * len(cases)
    for row in table.iter_rows(named=True):
        x1, n1, x2, n2 = case = cases[row["case"]]
        assert (row["numerator"], row["denominator"], row["rows_used"]) == (x1, n1, n1 + n2)
        assert (row["level"], row["unit"]) == (level, UNITS[row["contrast"]])
        p = fisher_exact([[x1, n1 - x1], [x2, n2 - x2]]).pvalue
        assert row["p_value"] == pytest.approx(p, **FISHER)
        {"difference": check_difference, "ratio": check_ratio, "odds_ratio": check_odds}[
            row["contrast"]
        ](row, case, level)


def check_difference(row: dict[str, Any], case: Counts, level: float) -> None:
    x1, n1, x2, n2 = case
    limits = confint_proportions_2indep(*case, method="newcomb", compare="diff", alpha=1 - level)
    assert (row["method"], row["reason"]) == ("newcombe", None)
    assert row["value"] == pytest.approx(x1 / n1 - x2 / n2, **NEAR)
    assert [row["lower"], row["upper"]] == pytest.approx(limits, **NEAR)


def check_ratio(row: dict[str, Any], case: Counts, level: float) -> None:
    x1, n1, x2, n2 = case
    assert row["method"] == "katz"
    if x1 == 0 or x2 == 0 or (x1, x2) == (n1, n2):
        assert row["lower"] is row["upper"] is None
        assert row["reason"]
        assert row["value"] == (None if x2 == 0 else pytest.approx(x1 * n2 / (x2 * n1)))
        return
    limits = confint_proportions_2indep(*case, method="log", compare="ratio", alpha=1 - level)
    assert row["reason"] is None
    assert row["value"] == pytest.approx(x1 * n2 / (x2 * n1), **NEAR)
    assert [row["lower"], row["upper"]] == pytest.approx(limits, **NEAR)


def check_odds(row: dict[str, Any], case: Counts, level: float) -> None:
    x1, n1, x2, n2 = case
    assert row["method"] == "woolf"
    cells = [x1, n1 - x1, x2, n2 - x2]
    if 0 in cells:
        assert row["lower"] is row["upper"] is None
        assert row["reason"]
        undefined = (n1 - x1) * x2 == 0
        assert row["value"] == (None if undefined else 0.0)
        return
    table = Table2x2(np.array(cells).reshape(2, 2), shift_zeros=False)
    assert row["reason"] is None
    assert row["value"] == pytest.approx(table.oddsratio, **NEAR)
    limits = table.oddsratio_confint(alpha=1 - level)
    assert [row["lower"], row["upper"]] == pytest.approx(limits, **NEAR)


STRATA: list[list[Counts]] = [
    [(3, 25, 7, 10)],
    [(3, 4, 1, 4), (1, 2, 1, 2)],
    [(10, 30, 14, 25), (5, 9, 40, 100), (1, 3, 2, 2)],
    [(0, 5, 2, 5), (3, 8, 1, 9)],
    [(10, 30, 14, 25), (5, 9, 0, 0), (0, 0, 4, 9)],
    [(100, 300, 140, 250), (50, 90, 400, 1000), (10, 30, 20, 21), (7, 9, 8, 9)],
]


@pytest.mark.parametrize("strata", STRATA, ids=str)
@pytest.mark.parametrize("level", [0.9, 0.99])
def test_strata_are_pooled_as_statsmodels_pools_them(strata: list[Counts], level: float) -> None:
    cases = [((place,), case) for place, case in enumerate(strata)]
    estimates = shares(cases, "area", level=level)
    compared = estimates.compare("team", "hub", "local_office", within="area")
    rows = contrasts(compared)
    both = [case for case in strata if case[1] and case[3]]
    tables = [np.array([[x1, n1 - x1], [x2, n2 - x2]], float) for x1, n1, x2, n2 in both]
    pooled = StratifiedTable(tables)
    odds = rows["odds_ratio"]
    assert odds["value"] == pytest.approx(pooled.oddsratio_pooled, **NEAR)
    limits = pooled.oddsratio_pooled_confint(alpha=1 - level)
    assert [odds["lower"], odds["upper"]] == pytest.approx(limits, **NEAR)
    assert rows["ratio"]["value"] == pytest.approx(pooled.riskratio_pooled, **NEAR)
    if len(tables) > 1 or tables[0].sum() > 1:
        p = pooled.test_null_odds(correction=False).pvalue
        assert [row["p_value"] for row in rows.values()] == pytest.approx([p] * 3, rel=1e-10)
    weights = [n1 * n2 / (n1 + n2) for _, n1, _, n2 in both]
    each = [x1 / n1 - x2 / n2 for x1, n1, x2, n2 in both]
    assert rows["difference"]["value"] == pytest.approx(np.average(each, weights=weights), **NEAR)
    assert {row["method"] for row in rows.values()} == {"mantel-haenszel"}
    alone = len(strata) - len(both)
    assert any("one group only" in note for note in compared.notes) == bool(alone)


# ── The edges ─────────────────────────────────────────────────────────────────────────


def test_hubs_and_local_offices_that_never_met_the_same_families_are_not_pooled() -> None:
    """Families new to the hubs, known to the local offices: 3 of 25 against 7 of 10."""
    estimates = shares([((False,), (3, 25, 0, 0)), ((True,), (0, 0, 7, 10))], "previously_known")
    compared = estimates.compare("team", "hub", "local_office", within="previously_known")
    for row in contrasts(compared).values():
        assert row["value"] is row["lower"] is row["upper"] is row["p_value"] is None
        assert row["reason"] == "no stratum holds both groups"


def test_zero_cells_say_which() -> None:
    def reasons(*case: int) -> list[str | None]:
        rows = contrasts(shares([((), case)]).compare("team", "hub", "local_office"))
        return [rows[contrast]["reason"] for contrast in UNITS]

    nothing, everything = "no events in the group", "only events in the group"
    assert reasons(0, 5, 2, 5) == [None, nothing, nothing]
    assert reasons(5, 5, 2, 5) == [None, None, everything]
    reference = "no events in the reference group"
    assert reasons(2, 5, 0, 5) == [None, reference, reference]
    assert reasons(2, 5, 5, 5) == [None, None, "only events in the reference group"]
    assert reasons(0, 5, 0, 5) == [None, *["no events in either group"] * 2]
    assert reasons(5, 5, 5, 5) == [None, *["only events in both groups"] * 2]
    assert reasons(0, 0, 5, 5) == ["no rows in the group"] * 3
    assert reasons(5, 5, 0, 0) == ["no rows in the reference group"] * 3
    assert reasons(0, 0, 0, 0) == ["no rows"] * 3


def test_a_group_that_is_missing_somewhere_has_no_contrast_there() -> None:
    rows = [("Lanark", "hub", True), ("Lanark", "local_office", False), ("Hamilton", "hub", True)]
    frame = pl.DataFrame(rows, schema=["locality", "team", "outcome"], orient="row")
    estimates = wf.Share(outcome="outcome").run(frame, by=["locality", "team"])
    table = estimates.compare("team", "hub", "local_office").to_polars()
    assert table["locality"].to_list() == ["Hamilton"] * 3 + ["Lanark"] * 3
    assert table["reason"].to_list()[:3] == ["no rows in the reference group"] * 3
    assert table["value"].to_list()[3] == 1.0


def test_rows_stay_sorted_when_the_groups_are_in_different_places() -> None:
    rows = [("hub", "b", 1), ("local_office", "a", 1), ("local_office", None, 1), ("hub", "a", 2)]
    frame = pl.DataFrame(rows, schema=["team", "locality", "month"], orient="row").with_columns(
        outcome=True, date=pl.date(2023, pl.col("month"), 1)
    )
    share = wf.Share(outcome="outcome", date="date")
    table = share.run(frame, by=["team", "locality"], every="month")
    compared = table.compare("team", "hub", "local_office").to_polars()
    keys = compared.select("period", "locality").unique(maintain_order=True).rows()
    january, february = dt.date(2023, 1, 1), dt.date(2023, 2, 1)
    assert keys == [(january, "a"), (january, "b"), (january, None), (february, "a")]


def test_null_is_a_group_like_others() -> None:
    frame = pl.DataFrame({"team": ["hub", None, None], "outcome": [True, False, True]})
    estimates = wf.Share(outcome="outcome").run(frame, by="team")
    assert contrasts(estimates.compare("team", "hub", None))["difference"]["value"] == 0.5
    assert contrasts(estimates.compare("team", None, "hub"))["difference"]["value"] == -0.5


@pytest.mark.parametrize(
    ("values", "kind"),
    [([True, False], pl.Boolean), ([3, 7], pl.Int64), ([dt.date(2020, 1, 1), dt.date(1899, 1, 1)], pl.Date),
     (["z", "a"], pl.Enum(["z", "a"])), (["", "<script>"], pl.String)],
)  # fmt: skip
def test_groups_of_every_type(values: list[Any], kind: Any) -> None:
    frame = pl.DataFrame({"key": values, "outcome": [True, False]}, schema_overrides={"key": kind})
    compared = wf.Share(outcome="outcome").run(frame, by="key").compare("key", *values)
    assert contrasts(compared)["difference"]["value"] == 1.0


def test_periods_can_be_compared(referrals: pl.DataFrame) -> None:
    estimates = wf.ReferralShare(to="hub").run(referrals, by="locality", every="quarter")
    first, second = dt.date(2023, 1, 1), dt.date(2023, 4, 1)
    compared = estimates.compare("period", second, first)
    assert compared.to_polars().columns[:2] == ["locality", "contrast"]
    table = compared.to_polars().filter(locality="Hamilton", contrast="difference")
    assert table["value"].to_list() == [-0.5]


def test_columns_are_those_of_a_result_and_p_value_at_the_end(referrals: pl.DataFrame) -> None:
    estimates = wf.Share(outcome="urgent", date="received").run(
        referrals, by=["locality", "team"], every="year", level=0.9
    )
    compared = estimates.compare("team", "hub", "local")
    assert compared.to_polars().columns == [
        *("locality", "period", "contrast", "measure", "value", "lower", "upper", "level", "unit"),
        *("numerator", "denominator", "method", "reason", "rows_used", "rows_dropped", "p_value"),
    ]
    assert compared.to_polars().schema["p_value"] == pl.Float64
    assert compared.keys == ["locality", "period", "contrast"]
    assert set(compared.to_polars()["measure"]) == {"share"}
    assert compared.level == 0.9
    assert compared.comparison == {
        "column": "team", "group": "hub", "reference": "local", "within": None, "method": None,
    }  # fmt: skip
    assert list(dict.fromkeys(compared.to_polars()["contrast"])) == list(UNITS)


@pytest.mark.parametrize(
    ("method", "contrast"), [("newcombe", "difference"), ("katz", "ratio"), ("woolf", "odds_ratio")]
)
def test_a_method_says_which_contrast(method: str, contrast: str) -> None:
    estimates = shares([((), (3, 25, 7, 10))])
    assert list(contrasts(estimates.compare("team", "hub", "local_office", method=method))) == [
        contrast
    ]


# What wf.stats (held to R and others elsewhere) gives by the same name, contrast by contrast.
DIFFERENCES = ("newcombe", "miettinen-nurminen", "agresti-caffo", "wald")
RATIOS = ("katz", "miettinen-nurminen")
ODDS = ("woolf", "conditional")
TESTS = ("fisher", "fisher-mid-p", "boschloo", "barnard", "chi-squared")
SOME: list[Counts] = [(3, 25, 7, 10), (0, 5, 2, 5), (15, 150, 40, 99), (5, 5, 2, 5), (0, 9, 0, 4)]


@pytest.mark.parametrize("case", SOME, ids=str)
@pytest.mark.parametrize("method", list(dict.fromkeys([*DIFFERENCES, *RATIOS, *ODDS])))
def test_every_interval_of_two_shares_is_that_of_the_statistic(method: Any, case: Counts) -> None:
    compared = shares([((), case)], level=0.9).compare("team", "hub", "local_office", method=method)
    want = {}
    if method in DIFFERENCES:
        want["difference"] = wf.stats.difference(*case, method=method, level=0.9)
    if method in RATIOS:
        want["ratio"] = wf.stats.ratio(*case, method=method, level=0.9)
    if method in ODDS:
        want["odds_ratio"] = wf.stats.odds_ratio(*case, method=method, level=0.9)
    rows = contrasts(compared)
    assert list(rows) == list(want)
    p = fisher_exact([[case[0], case[1] - case[0]], [case[2], case[3] - case[2]]]).pvalue
    for contrast, interval in want.items():
        row = rows[contrast]
        got = (row["value"], row["lower"], row["upper"], row["reason"])
        assert got == (interval.value, interval.lower, interval.upper, interval.reason)
        assert (row["method"], row["unit"]) == (method, UNITS[contrast])
        assert row["p_value"] == pytest.approx(p, **FISHER)


@pytest.mark.parametrize("case", SOME, ids=str)
@pytest.mark.parametrize("method", TESTS)
def test_every_test_of_two_shares_goes_with_the_usual_contrasts(method: Any, case: Counts) -> None:
    estimates = shares([((), case)])
    rows = contrasts(estimates.compare("team", "hub", "local_office", method=method))
    usual = contrasts(estimates.compare("team", "hub", "local_office"))
    if method == "chi-squared":
        p = wf.stats.chi_squared(*case).p_value
    else:
        p = wf.stats.exact_test(*case, method=method).p_value
    for contrast, row in rows.items():
        assert row | {"p_value": 0} == usual[contrast] | {"p_value": 0}
        assert row["p_value"] == p
    assert list(rows) == list(UNITS)


@pytest.mark.parametrize("case", [(3, 25, 7, 10), (15, 150, 40, 99), (1, 9, 4, 5)], ids=str)
def test_tests_of_two_shares_are_those_of_scipy(case: Counts) -> None:
    x1, n1, x2, n2 = case
    table = [[x1, x2], [n1 - x1, n2 - x2]]  # of columns, as scipy's unconditional tests take them
    estimates = shares([((), case)])

    def p(method: str) -> float:
        rows = contrasts(estimates.compare("team", "hub", "local_office", method=method))
        return rows["ratio"]["p_value"]

    assert p("chi-squared") == pytest.approx(chi2_contingency(table, correction=False).pvalue)
    assert p("boschloo") == pytest.approx(boschloo_exact(table, n=128).pvalue, rel=1e-4)
    assert p("barnard") == pytest.approx(barnard_exact(table, n=128).pvalue, rel=1e-4)


# ── Rates ─────────────────────────────────────────────────────────────────────────────

RATE_CASES = [(9, 1000.0, 6, 120.0), (0, 50.5, 4, 80.0), (3, 10.0, 0, 12.5), (0, 5.0, 0, 6.0)]


def rates(case: tuple[int, float, int, float], **measure: Any) -> wf.Estimates:
    x1, e1, x2, e2 = case
    frame = pl.DataFrame({"home": ["foster", "group"], "moves": [x1, x2], "years": [e1, e2]})
    return wf.Rate(events="moves", exposure="years", **measure).run(frame, by="home", level=0.9)


@pytest.mark.parametrize("case", RATE_CASES, ids=str)
@pytest.mark.parametrize("method", [None, "wald", "mover", "exact", "mid-p", "log"])
@pytest.mark.parametrize("per", [1, 1000])
def test_every_method_of_two_rates_is_that_of_the_statistic(
    case: tuple[int, float, int, float], method: Any, per: int
) -> None:
    compared = rates(case, per=per).compare("home", "foster", "group", method=method)
    want: dict[str, Any] = {}
    if method in (None, "wald", "mover"):
        chosen: Any = method or "wald"
        want["difference"] = wf.stats.rate_difference(*case, per=per, method=chosen, level=0.9)
    if method in (None, "exact", "mid-p", "log"):
        want["ratio"] = wf.stats.rate_ratio(*case, method=method or "exact", level=0.9)
    rows = contrasts(compared)
    assert list(rows) == list(want)
    units = {"difference": f"difference per {per:,}", "ratio": "ratio"}
    for contrast, tested in want.items():
        row = rows[contrast]
        got = (row["value"], row["lower"], row["upper"], row["p_value"])
        assert got == (tested.value, tested.lower, tested.upper, tested.p_value)
        assert (row["unit"], row["measure"]) == (units[contrast], "rate")
        assert (row["numerator"], row["denominator"]) == case[:2]


@pytest.mark.parametrize("case", [(9, 1000.0, 6, 120.0), (12, 80.0, 4, 80.0)], ids=str)
def test_two_rates_are_those_of_statsmodels_and_scipy(
    case: tuple[int, float, int, float],
) -> None:
    x1, e1, x2, e2 = case
    rows = contrasts(rates(case, per=1).compare("home", "foster", "group"))
    ratio, difference = rows["ratio"], rows["difference"]
    conditional = binomtest(x1, x1 + x2, e1 / (e1 + e2)).proportion_ci(0.9, method="exact")
    odds = [p / (1 - p) * e2 / e1 for p in (conditional.low, conditional.high)]
    assert [ratio["lower"], ratio["upper"]] == pytest.approx(odds, rel=1e-9)
    limits = confint_poisson_2indep(x1, e1, x2, e2, method="wald", compare="diff", alpha=0.1)
    assert [difference["lower"], difference["upper"]] == pytest.approx(limits, rel=1e-9)


def test_looked_after_with_a_population_is_compared_as_a_rate() -> None:
    day = dt.date(2020, 1, 31)
    episodes = pl.DataFrame(
        {"child_id": range(9), "start": day, "end": None, "area": list("aaaaaabbb")},
        schema_overrides={"end": pl.Date},
    )
    people = pl.DataFrame({"area": ["a", "b"], "date": [day] * 2, "population": [500, 1000]})
    rows = wf.LookedAfter(at=[day], population=people).run(episodes, by="area")
    compared = contrasts(rows.compare("area", "a", "b"))
    assert (compared["difference"]["value"], compared["ratio"]["value"]) == pytest.approx(
        (9.0, 4.0)
    )
    assert "6 in 500 against 3 in 1,000" in repr(rows.compare("area", "a", "b"))


def test_rates_are_refused_what_is_of_shares() -> None:
    estimates = rates((9, 1000.0, 6, 120.0))
    for method in ("newcombe", "katz", "fisher"):
        with pytest.raises(wf.SpecError, match="wald, mover, exact, mid-p, log"):
            estimates.compare("home", "foster", "group", method=method)
    frame = pl.DataFrame({"home": ["a", "b"] * 2, "area": [1, 1, 2, 2], "moves": 3, "years": 9})
    within = wf.Rate(events="moves", exposure="years").run(frame, by=["home", "area"])
    with pytest.raises(wf.SpecError, match="rates are not pooled within strata"):
        within.compare("home", "a", "b", within="area")


def test_a_method_for_strata() -> None:
    estimates = shares([((1,), (3, 25, 7, 10))], "area")
    compared = estimates.compare(
        "team", "hub", "local_office", within="area", method="mantel-haenszel"
    )
    assert list(contrasts(compared)) == list(UNITS)


# ── Refusals ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("arguments", "options", "error", "words"),
    [
        (("team", "hbu", "local_office"), {}, wf.DataError, ["'hbu'", "'team'", "mean 'hub'"]),
        (("team", "hub", "local office"), {}, wf.DataError, ["mean 'local_office'"]),
        (("team", "hub", None), {}, wf.DataError, ["None", "'team'"]),
        (("team", 1, "hub"), {}, wf.DataError, ["1", "'hub'", "'local_office'"]),
        (("taem", "hub", "local_office"), {}, wf.ColumnError, ["'taem'", "mean 'team'"]),
        (("value", "hub", "local_office"), {}, wf.ColumnError, ["'value'", "area, team"]),
        (("team", "hub", "local_office"), {"within": "areas"}, wf.ColumnError, ["mean 'area'"]),
        (("team", "hub", "local_office"), {"within": "team"}, wf.SpecError, ["another column"]),
        (("team", "hub", "hub"), {}, wf.SpecError, ["both 'hub'"]),
        (("team", "hub", "local_office"), {"method": "kats"}, wf.SpecError, ["mean 'katz'"]),
        (("team", "hub", "local_office"), {"method": "katz", "within": "area"}, wf.SpecError,
         ["mantel-haenszel"]),
        (("area", True, 1), {}, wf.SpecError, ["whole number"]),
    ],
)  # fmt: skip
def test_refusals_name_what_was_given_and_what_could_be(
    arguments: Any, options: Any, error: Any, words: list[str]
) -> None:
    estimates = shares([((1,), (3, 25, 7, 10))], "area")
    with pytest.raises(error) as caught:
        estimates.compare(*arguments, **options)
    for word in words:
        assert word in str(caught.value)


def test_only_shares_and_crude_rates_are_compared() -> None:
    days = [dt.date(2020, 1, 1), dt.date(2020, 2, 1)]
    episodes = pl.DataFrame(
        {"child_id": [1, 2], "start": days, "end": [days[1], None], "area": ["a", "b"]}
    )
    counted = wf.LookedAfter(at=days).run(episodes, by="area")
    flows = wf.Flows().run(episodes, by="area")
    change = wf.LookedAfterChange(before=days[0], after=days[1]).run(episodes, by="area")
    bands = pl.DataFrame({"area": list("ab"), "age_band": "0-4", "events": 12, "population": 99})
    standardised = wf.StandardisedRate(standard={"0-4": 1}).run(bands, by="area")
    fifths = pl.DataFrame(
        {
            "area": ["a"] * 5 + ["b"] * 5,
            "simd_quintile": [1, 2, 3, 4, 5] * 2,
            "events": 9,
            "population": 99,
        }
    )
    gradient = wf.InequalityGradient().run(fifths, by="area")
    scores = pl.DataFrame({"area": list("aabb"), "before": [1, 2, 3, 4], "after": [2, 4, 4, 9]})
    paired = wf.PairedChange(sd=1, reliability=0.5).run(scores, by="area")
    for estimates in (counted, flows, change, standardised, gradient, paired):
        with pytest.raises(wf.SpecError, match="only shares and crude rates can be compared"):
            estimates.compare("area", "a", "b")
    compared = shares([((), (3, 25, 7, 10))]).compare("team", "hub", "local_office")
    with pytest.raises(wf.SpecError, match="only shares and crude rates"):
        compared.compare("contrast", "ratio", "difference")


@pytest.mark.parametrize("column", ["answer", "item"])
def test_the_same_respondents_are_not_two_groups(column: str) -> None:
    """Answers, or items, of the same people hang together: no method here is made for that."""
    rows = [
        (person, item, answer) for person in range(6) for item, answer in (("a", "x"), ("b", "y"))
    ]
    rows += [(person, item, "y" if item == "a" else "x") for person in (7, 8) for item in "ab"]
    frame = pl.DataFrame(rows, schema=["respondent_id", "item", "answer"], orient="row")
    estimates = wf.SurveyPercentages().run(frame)
    group, reference = ("x", "y") if column == "answer" else ("a", "b")
    with pytest.raises(wf.SpecError):
        estimates.compare(column, group, reference)


@pytest.mark.parametrize("within", [None, "area"])
def test_many_combinations_take_no_more_than_seconds(within: str | None) -> None:
    areas = 30_000
    frame = pl.DataFrame({"area": range(areas)}).join(
        pl.DataFrame({"team": ["hub", "local_office"], "outcome": [True, False]}), how="cross"
    )
    estimates = wf.Share(outcome="outcome").run(frame, by=["area", "team"])
    began = time.perf_counter()
    compared = estimates.compare("team", "hub", "local_office", within=within)
    assert len(compared) == (3 if within else 3 * areas)
    assert time.perf_counter() - began < 1.5
