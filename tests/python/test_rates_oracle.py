"""Rates, standardised rates, gradients and paired changes equal naive versions of themselves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
import statsmodels.api as sm
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq
from statsmodels.stats.weightstats import DescrStatsW

import oracle
import wholefamily as wf
from strategies import EVERY, Drawn, days, or_null, sampled, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from oracle import Row

drawn = settings(max_examples=80, derandomize=True, deadline=None, database=None)
levels = st.sampled_from([0.5, 0.9, 0.95, 0.998])
counts = sampled([0, 1, 2, 3, 7, 12, 40, -1, 2.5, math.nan])
sizes = sampled([0.0, 0.1, 0.2, 7.0, 100.0, 1234.5, -3.0, math.inf, math.nan])

EXPOSED = {"events": (pl.Float64, counts), "population": (pl.Float64, sizes)}


def nearly(value: float | None) -> Any:
    return None if value is None else pytest.approx(value, rel=1e-9, abs=1e-11)


def agree(estimates: wf.Estimates, expected: Sequence[Row]) -> None:
    """Hold the engine's rows, in their order, to those expected: figures nearly, the rest exactly."""
    got = estimates.to_polars().to_dicts()
    assert len(got) == len(expected)
    for row, want in zip(got, expected, strict=True):
        for name, value in want.items():
            figure = name in ("value", "lower", "upper", "denominator")
            assert row[name] == (nearly(value) if figure else value), (name, row, want)


def usable(row: Row) -> bool:
    x, n = row["events"], row["population"]
    return x is not None and n is not None and x >= 0 and x % 1 == 0 and 0 <= n < math.inf


def totals(rows: Sequence[Row]) -> tuple[int, float]:
    return int(sum(row["events"] for row in rows)), math.fsum(row["population"] for row in rows)


def period_of(date: str, every: str | None) -> Callable[[Row], Any] | None:
    if every is None:
        return None
    return lambda row: None if row[date] is None else oracle.period(row[date], every)


# ── Rates ─────────────────────────────────────────────────────────────────────────────


def exact(x: int, tail: float) -> tuple[float, float]:
    lower = stats.gamma.ppf(tail, x) if x else 0.0
    return float(lower), float(stats.gamma.isf(tail, x + 1))


def byar(x: int, tail: float) -> tuple[float, float]:
    z, y = stats.norm.isf(tail), x + 1
    lower = x * (1 - 1 / (9 * x) - z / (3 * math.sqrt(x))) ** 3 if x else 0.0
    return max(lower, 0.0), y * (1 - 1 / (9 * y) + z / (3 * math.sqrt(y))) ** 3


def mid_p(x: int, tail: float) -> tuple[float, float]:
    """Find the means at which the events so far, and half of just these, have the tail's chance."""

    def below(mean: float) -> float:
        return stats.poisson.cdf(x - 1, mean) + stats.poisson.pmf(x, mean) / 2

    close = {"xtol": 1e-14, "rtol": 1e-14}
    lower = brentq(lambda mean: 1 - tail - below(mean), 1e-12, x + 1, **close) if x else 0.0
    return lower, brentq(lambda mean: below(mean) - tail, x, 3 * x + 60, **close)


def phe(x: int, tail: float) -> tuple[float, float]:
    return exact(x, tail) if x < 10 else byar(x, tail)


METHODS = {"exact": exact, "byar": byar, "phe": phe, "mid-p": mid_p}


@st.composite
def dated(draw: st.DrawFn) -> Drawn:
    day = draw(days(wide=draw(st.booleans())))
    return draw(tables(EXPOSED | {"when": (pl.Date, or_null(day))}))


@given(
    table=dated(),
    every=st.sampled_from([None, *EVERY]),
    method=st.sampled_from(list(METHODS)),
    per=st.sampled_from([1, 100, 1000]),
    level=levels,
)
@drawn
def test_rate(table: Drawn, every: Any, method: Any, per: float, level: float) -> None:
    expected = []
    for key, members in oracle.groups(table.rows, table.by, period_of("when", every)):
        used = [row for row in members if usable(row)]
        x, n = totals(used)
        want = key | {"rows_used": len(used), "rows_dropped": len(members) - len(used)}
        want |= {"numerator": x, "denominator": n, "unit": f"per {per:,}"}
        want |= {"value": None, "lower": None, "upper": None}
        if not used or n == 0:
            want["reason"] = "the exposure is zero" if used else "no rows"
        else:
            lower, upper = METHODS[method](x, (1 - level) / 2)
            want |= {"value": x / n * per, "lower": lower / n * per, "upper": upper / n * per}
            want |= {"method": ("exact" if x < 10 else "byar") if method == "phe" else method}
        expected.append(want)
    rate = wf.Rate(events="events", exposure="population", date="when", method=method, per=per)
    agree(rate.run(table.frame, by=table.by, every=every, level=level), expected)


def test_a_rate_is_the_same_however_its_rows_are_cut() -> None:
    """Tenths do not add up in floating point; their exact sum does not know their order."""
    frame = pl.DataFrame({"events": [1, 2, 3] * 999, "population": [0.1, 0.2, 1e9] * 999})
    rate = wf.Rate(events="events", exposure="population")
    whole = rate.run(frame).to_polars()
    assert whole["denominator"].item() == math.fsum(frame["population"])
    assert rate.run(frame.sample(fraction=1, shuffle=True, seed=7)).to_polars().equals(whole)


# ── Standardised rates ────────────────────────────────────────────────────────────────

WEIGHTS = {"0-4": 5.0, "5-9": 5.5, "10-17": 7.5}


def dobson(bands: Sequence[Row], method: str, convention: str, level: float) -> Row:
    """Write the formulas out over bands with events x, exposure n and weight w."""
    none = {"value": None, "lower": None, "upper": None}
    if any(band["n"] == 0 for band in bands):
        return none | {"reason": "the exposure is zero"}
    whole, x = sum(band["w"] for band in bands), sum(band["x"] for band in bands)
    if convention == "phe" and x < 10:
        return none | {"reason": "fewer than 10 events"}
    share = [band["w"] / whole / band["n"] for band in bands]
    rate = sum(c * band["x"] for c, band in zip(share, bands, strict=True))
    variance = sum(c * c * band["x"] for c, band in zip(share, bands, strict=True))
    tail = (1 - level) / 2
    if method == "fay-feuer":
        most = max(share)
        lower = stats.gamma.ppf(tail, rate**2 / variance) * variance / rate if x else 0.0
        more, wider = rate + most, variance + most**2
        upper = stats.gamma.isf(tail, more**2 / wider) * wider / more
    elif x == 0:
        return {"value": 0.0, "lower": None, "upper": None, "reason": "no events in the group"}
    else:
        low, high = (byar if method == "byar" else exact)(x, tail)
        scale = math.sqrt(variance / x)
        lower, upper = max(0.0, rate + scale * (low - x)), rate + scale * (high - x)
    return {"value": 1000 * rate, "lower": 1000 * lower, "upper": 1000 * upper, "reason": None}


@given(
    table=tables(EXPOSED | {"age_band": (pl.String, sampled(list(WEIGHTS)))}, max_size=40),
    method=st.sampled_from(["byar", "exact", "fay-feuer"]),
    convention=st.sampled_from(["phe", "scotpho"]),
    level=st.sampled_from([0.95, 0.998]),
)
@drawn
def test_standardised_rate(table: Drawn, method: Any, convention: Any, level: float) -> None:
    expected = []
    for key, members in oracle.groups(table.rows, table.by):
        used = [row for row in members if usable(row) and row["age_band"] is not None]
        x, n = totals(used)
        want = key | {"numerator": x, "denominator": n, "unit": "per 1,000"}
        want |= {"rows_used": len(used), "rows_dropped": len(members) - len(used)}
        bands = []
        for band, weight in WEIGHTS.items():
            events, exposure = totals([row for row in used if row["age_band"] == band])
            bands.append({"x": events, "n": exposure, "w": weight})
        figures: Row = {"value": None, "lower": None, "upper": None, "reason": "no rows"}
        expected.append(want | (dobson(bands, method, convention, level) if used else figures))
    rate = wf.StandardisedRate(standard=WEIGHTS, method=method, convention=convention)
    agree(rate.run(table.frame, by=table.by, level=level), expected)


@pytest.mark.parametrize("part", ["all", "under-18", "0-25", "under-16", "16-and-over", "15-25"])
def test_the_european_standard_by_name_is_the_same_as_its_weights(part: str) -> None:
    standard = wf.stats.european_standard_population(part)  # type: ignore[arg-type]
    names = [
        f"{first}+" if last is None else f"{first}-{last}" if last > first else str(first)
        for first, last in standard.select(pl.nth(0, 1)).rows()
    ]
    weights = dict(zip(names, standard["weight"], strict=True))
    frame = pl.DataFrame(
        {
            "age_band": names,
            "events": range(3, 3 + len(names)),
            "population": [900 + 31 * place for place in range(len(names))],
        }
    )
    table = pl.DataFrame({"band": list(weights), "weight": list(weights.values())})
    rates = [
        wf.StandardisedRate(standard=given).run(frame).to_polars().select("value", "lower", "upper")
        for given in (part, weights, table)
    ]
    assert rates[0]["value"].item() is not None
    for rate in rates[1:]:
        assert rate.row(0) == pytest.approx(rates[0].row(0), rel=1e-14)


def test_a_band_that_the_standard_lacks_is_an_error_that_names_it() -> None:
    frame = pl.DataFrame({"age_band": ["0-4", "85+"], "events": [9, 9], "population": [90, 90]})
    with pytest.raises(wf.DataError, match=r"'age_band' holds '85\+'.*0-4, 5-9, 10-17"):
        wf.StandardisedRate(standard=WEIGHTS).run(frame)


# ── Gradients ─────────────────────────────────────────────────────────────────────────

PEOPLE = (900.0, 1000.0, 1100.0, 1234.5, 1550.0)


def gradient(x: Sequence[int], n: Sequence[float], convention: str, level: float) -> list[Row]:
    """Find the five figures of quantiles from the most deprived: the line by statsmodels."""
    z, tail = stats.norm.isf((1 - level) / 2), (1 - level) / 2
    y = 1000 * np.array(x) / np.array(n)
    limits = [
        tuple(1000 * end / size for end in phe(k, tail)) for k, size in zip(x, n, strict=True)
    ]
    low, high = np.array(limits).T
    share = np.array(n) / sum(n)
    middle = np.cumsum(share) - share / 2
    design = np.column_stack([np.ones(len(y)), middle])
    line = sm.WLS(y, design, weights=share).fit()
    centre, slope = float(share @ y), float(line.params[1])
    if convention == "scotpho":
        ends = sorted(-line.conf_int(alpha=1 - level)[1])
        lines = [(-slope, *ends), tuple(figure / centre for figure in (-slope, *ends))]
    else:
        error = y * np.log(high / low) / (2 * z)
        pull = share * (middle - 0.5) / float(share @ (middle - 0.5) ** 2)
        reach = z * float(np.sqrt(np.sum((pull * error) ** 2)))
        lines = [(slope, slope - reach, slope + reach)]
        lines.append(fieller(y, error, share + pull / 2, share - pull / 2, z))
    kept = float(y[-1]) / centre
    spread = math.sqrt(1 / x[-1] - 1 / sum(x))
    risk = (1 - kept, 1 - kept * math.exp(z * spread), 1 - kept * math.exp(-z * spread))
    gap, fold = y[0] - y[-1], y[0] / y[-1]
    down = math.hypot(y[0] - low[0], high[-1] - y[-1])
    up = math.hypot(high[0] - y[0], y[-1] - low[-1])
    under = math.hypot(math.log(y[0] / low[0]), math.log(high[-1] / y[-1]))
    over = math.hypot(math.log(high[0] / y[0]), math.log(y[-1] / low[-1]))
    ranges = [(gap, gap - down, gap + up), (fold, fold * math.exp(-under), fold * math.exp(over))]
    names = ("slope", "relative", "attributable", "absolute_range", "relative_range")
    relative = "relative index" if convention == "scotpho" else "ratio"
    units = ("per 1,000", relative, "share", "per 1,000", "ratio")
    figures = [*lines, risk, *ranges]
    return [
        {"index": name, "unit": unit, "value": value, "lower": lower, "upper": upper}
        for name, unit, (value, lower, upper) in zip(names, units, figures, strict=True)
    ]


def fieller(
    y: np.ndarray, error: np.ndarray, over: np.ndarray, under: np.ndarray, z: float
) -> tuple[float, float | None, float | None]:
    """Find the ratios r of two ends A = Σ over·y and B = Σ under·y with |A - rB| = z errors."""
    a, b = float(over @ y), float(under @ y)
    upper, both, lower = (
        float(np.sum(p * q * error**2)) for p, q in ((over, over), (over, under), (under, under))
    )
    square = b * b - z * z * lower
    if square <= 0:
        return a / b, None, None
    roots = np.roots([square, -2 * (a * b - z * z * both), a * a - z * z * upper])
    first, last = sorted(float(root.real) for root in roots)
    return a / b, first, last


@given(
    fifths=st.lists(st.integers(1, 90), min_size=5, max_size=5),
    people=st.permutations(PEOPLE),
    convention=st.sampled_from(["phe", "scotpho"]),
    most=st.sampled_from(["lowest", "highest"]),
    order=st.permutations(range(11)),
)
@pytest.mark.parametrize("level", [0.9, 0.95])
@drawn
def test_inequality_gradient(
    *, fifths: list[int], people: list[float], convention: Any, most: Any, level: float, order: Any
) -> None:
    rates = np.array(fifths) / np.array(people)
    assume(np.ptp(rates) > 1e-3)  # from equal rates only rounding is left
    want = gradient(fifths, people, convention, level)
    assume(want[1]["lower"] is None or abs(want[1]["upper"]) < 1e6)
    numbers = range(1, 6) if most == "lowest" else range(5, 0, -1)
    rows = [(q, x - 1, n / 2) for q, x, n in zip(numbers, fifths, people, strict=True)]
    rows += [(q, 1, n / 2) for q, n in zip(numbers, people, strict=True)] + [(None, 3, 10.0)]
    frame = pl.DataFrame(
        [rows[place] for place in order],
        schema={"simd_quintile": pl.Int8, "events": pl.Int64, "population": pl.Float64},
        orient="row",
    )
    measure = wf.InequalityGradient(convention=convention, most_deprived=most)
    about = {"rows_used": 10, "rows_dropped": 1, "numerator": sum(fifths)}
    agree(measure.run(frame, level=level), [row | about for row in want])


def test_a_missing_quantile_leaves_no_figure_and_an_impossible_one_is_an_error() -> None:
    fifths = {"simd_quintile": ["1", "2", "3", "5"], "events": [9] * 4, "population": [99] * 4}
    table = wf.InequalityGradient().run(pl.DataFrame(fifths)).to_polars()
    assert table["value"].null_count() == table.height == 5
    assert table["reason"].unique().to_list() == [
        "not a number of quantiles that the convention takes"
    ]
    wrong = pl.DataFrame(fifths | {"simd_quintile": ["1", "2", "3", "6"]})
    with pytest.raises(
        wf.DataError, match="'simd_quintile' holds '6'; expected whole numbers from 1"
    ):
        wf.InequalityGradient().run(wrong)


def test_no_events_among_the_least_deprived() -> None:
    frame = pl.DataFrame(
        {"simd_quintile": range(1, 6), "events": [5, 4, 3, 2, 0], "population": 99}
    )
    rows = {row["index"]: row for row in wf.InequalityGradient().run(frame).to_polars().to_dicts()}
    assert rows["attributable"]["value"] == 1.0
    assert rows["relative_range"]["value"] is None
    for row in rows.values():
        assert (row["lower"] is None) == (row["reason"] is not None), row


# ── Paired changes ────────────────────────────────────────────────────────────────────

scores = sampled([0.0, 10.0, 10.5, 14.0, 21.0, 27.0, 0.1, math.nan, math.inf])


@given(
    table=tables({"before": (pl.Float64, scores), "after": (pl.Float64, scores)}, max_size=30),
    better=st.sampled_from(["higher", "lower"]),
    scale=st.sampled_from([None, (5.0, 0.8), (2.0, 0.0)]),
    level=levels,
)
@drawn
def test_paired_change(table: Drawn, better: Any, scale: Any, level: float) -> None:
    sd, reliability = scale or (None, None)
    expected = []
    for key, members in oracle.groups(table.rows, table.by):
        pairs = [(row["before"], row["after"]) for row in members]
        gains = [b - a for a, b in pairs if None not in (a, b) and math.isfinite(a + b)]
        n = len(gains)
        about = key | {"rows_used": n, "rows_dropped": len(members) - n, "denominator": n}
        expected.append(about | {"change": "mean", "unit": "score"} | mean_of(gains, level))
        if scale:
            noise = 1.959963984540054 * sd * math.sqrt(2 * (1 - reliability))
            up, down = (sum(side * gain > noise for gain in gains) for side in (1, -1))
            counted = (up, down) if better == "higher" else (down, up)
            for change, count in zip(("better", "worse"), counted, strict=True):
                share = oracle.share_row(count, n, "wilson", level)
                expected.append(about | {"change": change} | share)
    measure = wf.PairedChange(better=better, sd=sd, reliability=reliability)
    agree(measure.run(table.frame, by=table.by, level=level), expected)


def mean_of(gains: Sequence[float], level: float) -> Row:
    n = len(gains)
    none: Row = {"value": None, "lower": None, "upper": None, "numerator": None}
    if n == 0:
        return none | {"reason": "no pairs"}
    mean = none | {"value": math.fsum(gains) / n}
    if n == 1:
        return mean | {"reason": "fewer than two pairs"}
    if len(set(gains)) == 1:
        return mean | {"reason": "no variation to base an interval on"}
    lower, upper = DescrStatsW(gains).tconfint_mean(alpha=1 - level)
    return mean | {"lower": lower, "upper": upper, "reason": None}


def test_one_sided_knowledge_of_the_scale_is_refused() -> None:
    frame = pl.DataFrame({"before": [1.0], "after": [2.0]})
    with pytest.raises(wf.SpecError, match="both `sd` and `reliability`"):
        wf.PairedChange(sd=5).run(frame)
    with pytest.raises(wf.SpecError, match="at least 0 and below 1"):
        wf.PairedChange(sd=5, reliability=1).run(frame)


def test_rates_without_a_date_have_no_periods(referrals: pl.DataFrame) -> None:
    frame = referrals.with_columns(events=1, population=10)
    for measure in (
        wf.Rate(events="events", exposure="population"),
        wf.StandardisedRate(age_band="team", standard=dict.fromkeys(["hub", "local", "third"], 1)),
        wf.InequalityGradient(),
        wf.PairedChange(before="events", after="population"),
    ):
        with pytest.raises(wf.SpecError, match="`date` must name the column"):
            measure.run(frame, every="month")
