//! How often intervals really hold the truth.

use wholefamily::stats::{
    Coverage, ProportionMethod, RateMethod, coverage, coverage_of, rate_coverage,
};

use crate::table::{Nearness, Row, rows};

/// The witnesses add up thousands of probabilities, each with rounding errors of its own.
const SUMMED: f64 = 1e-11;
/// Beside figures of size 1.
const FLOOR: f64 = 1e-13;

fn hold(nearness: &mut Nearness, row: &Row, what: &str, got: &Coverage) {
    for (column, figure) in [
        ("coverage", got.coverage),
        ("below", got.below),
        ("above", got.above),
        ("mean_width", got.mean_width),
    ] {
        nearness.hold_within(row, what, column, figure, FLOOR, SUMMED);
    }
}

#[test]
fn of_intervals_about_shares() {
    let mut nearness = Nearness::default();
    for row in rows("coverage.csv") {
        let method = ProportionMethod::parse(row.text("method")).unwrap();
        let got = coverage(row.count("n"), row.number("p"), method, row.level());
        hold(&mut nearness, &row, method.word(), &got);
    }
    for row in rows("finite_coverage.csv") {
        let method = ProportionMethod::parse(row.text("method")).unwrap();
        let [n, with, population] = ["n", "with", "population"].map(|column| row.count(column));
        let got = coverage_of(n, with, population, method, row.level());
        hold(&mut nearness, &row, method.word(), &got);
    }
}

#[test]
fn of_intervals_about_counts_of_events() {
    let mut nearness = Nearness::default();
    for row in rows("rate_coverage.csv") {
        let method = RateMethod::parse(row.text("method")).unwrap();
        let got = rate_coverage(row.number("mean"), method, row.level());
        hold(&mut nearness, &row, method.word(), &got);
    }
}
