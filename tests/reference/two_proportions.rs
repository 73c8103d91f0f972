//! Two proportions: contrasts, number needed, exact tests and chi-squared.

use wholefamily::stats::{
    Alternative, DifferenceMethod, ExactMethod, Interval, OddsRatioMethod, RatioMethod,
    chi_squared, difference, exact_test, number_needed, odds_ratio, ratio,
};

use crate::table::{NEAR, Nearness, ROUNDING, Row, rows};

/// How near what is found by iteration comes to every witness, relatively.
const FOUND: f64 = 1e-9;
/// How near it comes to 50 digits.
const FOUND_NEAR: f64 = 1e-12;

fn counts(row: &Row) -> [u64; 4] {
    ["x1", "n1", "x2", "n2"].map(|column| row.count(column))
}

fn alternative(row: &Row) -> Alternative {
    Alternative::parse(row.text("alternative")).unwrap()
}

/// How near a figure has to be: a closed form nearly to the last digit, a solution as near as its
/// witness is.
fn nearness(row: &Row, iterated: bool) -> f64 {
    match (iterated, row.witness().starts_with("mpmath")) {
        (false, _) => NEAR,
        (true, true) => FOUND_NEAR,
        (true, false) => FOUND,
    }
}

#[test]
fn differences() {
    let mut held = Nearness::default();
    for row in rows("difference.csv") {
        let method = DifferenceMethod::parse(row.text("method")).unwrap();
        let [x1, n1, x2, n2] = counts(&row);
        let got = difference(x1, n1, x2, n2, method, row.level());
        let near = nearness(&row, method == DifferenceMethod::MiettinenNurminen);
        held.hold_interval_within(&row, method.word(), &got, ROUNDING, near);
    }
}

#[test]
fn numbers_needed() {
    let mut held = Nearness::default();
    for row in rows("number_needed.csv") {
        let method = DifferenceMethod::parse(row.text("method")).unwrap();
        let [x1, n1, x2, n2] = counts(&row);
        let got = number_needed(x1, n1, x2, n2, method, row.level());
        // A rounding error of a small limit is a larger one of its reciprocal.
        let near = |limit: Option<f64>| {
            let least = nearness(&row, method == DifferenceMethod::MiettinenNurminen);
            limit.map_or(least, |limit| least.max(ROUNDING * limit.abs()))
        };
        let Interval { value, lower, upper, .. } = got.interval;
        for (column, figure) in [("value", value), ("lower", lower), ("upper", upper)] {
            held.hold_within(&row, method.word(), column, figure, 0.0, near(figure));
        }
        assert!(got.words.is_some());
    }
}

#[test]
fn ratios() {
    let mut held = Nearness::default();
    for row in rows("ratio.csv") {
        let method = RatioMethod::parse(row.text("method")).unwrap();
        let [x1, n1, x2, n2] = counts(&row);
        let got = ratio(x1, n1, x2, n2, method, row.level());
        let near = nearness(&row, method == RatioMethod::MiettinenNurminen);
        held.hold_interval_within(&row, method.word(), &got, 0.0, near);
    }
}

#[test]
fn odds_ratios() {
    let mut held = Nearness::default();
    for row in rows("odds_ratio.csv") {
        let method = OddsRatioMethod::parse(row.text("method")).unwrap();
        let [x1, n1, x2, n2] = counts(&row);
        let got = odds_ratio(x1, n1, x2, n2, method, row.level());
        let near = nearness(&row, method == OddsRatioMethod::Conditional);
        // R's estimate where the odds ratio is 1 misses it by what rounding leaves of its sums.
        held.hold_interval_within(&row, method.word(), &got, 0.0, near);
    }
}

#[test]
fn exact_tests() {
    let mut held = Nearness::default();
    for row in rows("exact_test.csv") {
        let method = ExactMethod::parse(row.text("method")).unwrap();
        let [x1, n1, x2, n2] = counts(&row);
        let got = exact_test(x1, n1, x2, n2, method, alternative(&row));
        let near = nearness(&row, matches!(method, ExactMethod::Boschloo | ExactMethod::Barnard));
        held.hold_within(&row, method.word(), "p_value", got.p_value, 0.0, near);
    }
}

#[test]
fn chi_squared_tests() {
    let mut held = Nearness::default();
    for row in rows("chi_squared.csv") {
        let correct = row.text("correct") == "true";
        let [x1, n1, x2, n2] = counts(&row);
        let got = chi_squared(x1, n1, x2, n2, correct, alternative(&row));
        let what = if correct { "corrected" } else { "plain" };
        held.hold_within(&row, what, "statistic", got.statistic, 0.0, NEAR);
        held.hold_within(&row, what, "p_value", got.p_value, 0.0, NEAR);
    }
}
