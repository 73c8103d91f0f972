//! Rates, alone and two by two, as R, epitools, statsmodels, SciPy and 50 digits have them.

use wholefamily::stats::{
    RateContrast, RateDifferenceMethod, RateMethod, RateRatioMethod, rate, rate_difference,
    rate_ratio, repeat_rate,
};

use crate::table::{NEAR, Nearness, Row, rows};

/// How near a figure comes that the witness finds by iteration, or with rounding of its own.
const ITERATED: f64 = 1e-9;
/// How near p-values come, as sums of tails whose share of the exposure is itself rounded.
const TAILS: f64 = 1e-11;

/// How near the witness of this row is to be met.
fn near(row: &Row) -> f64 {
    let by = row.text("computed_by");
    let inexact = ["uniroot", "qbeta", "binomtest", "poisson.test(c(", "wald-log"];
    if inexact.iter().any(|call| by.contains(call)) { ITERATED } else { NEAR }
}

#[test]
fn rates() {
    let mut nearness = Nearness::default();
    for row in rows("rate.csv") {
        let method = RateMethod::parse(row.text("method")).unwrap();
        let (exposure, per) = (row.number("exposure"), row.number("per"));
        let got = rate(row.count("x"), exposure, per, method, row.level());
        nearness.hold_interval_within(&row, method.word(), &got, 0.0, near(&row));
    }
}

#[test]
fn rates_of_repeat_events() {
    let mut nearness = Nearness::default();
    for row in rows("repeat_rate.csv") {
        let method = RateMethod::parse(row.text("method")).unwrap();
        let (events, persons) = (row.counts("events"), row.counts("persons"));
        let (exposure, per) = (row.number("exposure"), row.number("per"));
        let got = repeat_rate(&events, &persons, exposure, per, method, row.level());
        nearness.hold_interval(&row, method.word(), &got, 0.0);
    }
}

fn hold(nearness: &mut Nearness, row: &Row, what: &str, got: &RateContrast, floor: f64) {
    nearness.hold_interval_within(row, what, &got.interval, floor, near(row));
    nearness.hold_within(row, &format!("{what}, p"), "p_value", got.p_value, 0.0, TAILS);
}

#[test]
fn rate_ratios() {
    let mut nearness = Nearness::default();
    for row in rows("rate_ratio.csv") {
        let method = RateRatioMethod::parse(row.text("method")).unwrap();
        let ([x1, x2], [e1, e2]) =
            (["x1", "x2"].map(|name| row.count(name)), ["e1", "e2"].map(|name| row.number(name)));
        let got = rate_ratio(x1, e1, x2, e2, method, row.level());
        hold(&mut nearness, &row, method.word(), &got, 0.0);
    }
}

#[test]
fn rate_differences() {
    let mut nearness = Nearness::default();
    for row in rows("rate_difference.csv") {
        let method = RateDifferenceMethod::parse(row.text("method")).unwrap();
        let ([x1, x2], [e1, e2]) =
            (["x1", "x2"].map(|name| row.count(name)), ["e1", "e2"].map(|name| row.number(name)));
        let per = row.number("per");
        let got = rate_difference(x1, e1, x2, e2, per, method, row.level());
        // What is lost where the rates, and the reach about their difference, nearly cancel.
        let floor = 4e-16 * (x1 as f64 / e1 + x2 as f64 / e2) * per;
        hold(&mut nearness, &row, method.word(), &got, floor);
    }
}
