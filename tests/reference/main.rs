//! The second witness: every number of `stats` against R, metafor, statsmodels, SciPy and 50 digits.
//!
//! Each table in `tests/reference/` holds inputs, expected values and who computed them; its README
//! says how it was made. Run with `--nocapture` to see how near each witness came.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout)]

mod table;

use wholefamily::stats::normal::{two_sided_p, two_sided_quantile};
use wholefamily::stats::{
    Estimand, Interval, Level, ProportionMethod, RateMethod, Stratum, difference, fisher,
    mantel_haenszel, odds_ratio, overlap_change, proportion, rate, ratio,
};

use table::{Nearness, ROUNDING, rows};

#[test]
fn normal_quantiles_and_tails() {
    let mut nearness = Nearness::default();
    for row in rows("normal_quantile.csv") {
        nearness.hold(&row, "", "z", two_sided_quantile(row.number("level")), 0.0);
    }
    for row in rows("normal_tail.csv") {
        nearness.hold(&row, "", "p", Some(two_sided_p(row.number("z"))), 0.0);
    }
}

#[test]
fn proportions() {
    let mut nearness = Nearness::default();
    for row in rows("proportion.csv") {
        let method = ProportionMethod::parse(row.text("method")).unwrap();
        let got = proportion(row.count("x"), row.count("n"), method, row.level());
        let floor = if method == ProportionMethod::Wilson { 0.0 } else { ROUNDING };
        nearness.hold_interval(&row, method.word(), &got, floor);
    }
}

#[test]
fn rates() {
    let mut nearness = Nearness::default();
    for row in rows("rate.csv") {
        let method = RateMethod::parse(row.text("method")).unwrap();
        let (exposure, per) = (row.number("exposure"), row.number("per"));
        let got = rate(row.count("x"), exposure, per, method, row.level());
        nearness.hold_interval(&row, method.word(), &got, 0.0);
    }
}

#[test]
fn contrasts() {
    type Contrast = fn(u64, u64, u64, u64, Level) -> Interval;
    let contrasts: [(&'static str, Contrast); 3] =
        [("difference.csv", difference), ("ratio.csv", ratio), ("odds_ratio.csv", odds_ratio)];
    let mut nearness = Nearness::default();
    for (table, contrast) in contrasts {
        for row in rows(table) {
            let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.count(column));
            let floor = if table == "difference.csv" { ROUNDING } else { 0.0 };
            nearness.hold_interval(&row, "", &contrast(x1, n1, x2, n2, row.level()), floor);
        }
    }
}

#[test]
fn fisher_p_values() {
    let mut nearness = Nearness::default();
    for row in rows("fisher.csv") {
        let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.count(column));
        nearness.hold(&row, "", "p", fisher(x1, n1, x2, n2), 0.0);
    }
}

#[test]
fn pooled_contrasts() {
    let mut nearness = Nearness::default();
    for row in rows("mantel_haenszel.csv") {
        let estimand = match row.text("estimand") {
            "ratio" => Estimand::Ratio,
            "difference" => Estimand::Difference,
            "odds_ratio" => Estimand::OddsRatio,
            other => panic!("{other}"),
        };
        let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.counts(column));
        let strata: Vec<Stratum> =
            (0..x1.len()).map(|i| Stratum { x1: x1[i], n1: n1[i], x2: x2[i], n2: n2[i] }).collect();
        let pooled = mantel_haenszel(&strata, estimand, row.level());
        let floor = if estimand == Estimand::Difference { ROUNDING } else { 0.0 };
        nearness.hold_interval(&row, row.text("estimand"), &pooled.interval, floor);
        // statsmodels takes p as 1 − cdf, so that only its absolute error is small.
        let floor = if row.witness().starts_with("statsmodels") { ROUNDING } else { 0.0 };
        nearness.hold(&row, "p value", "p_value", pooled.p_value, floor);
        assert_eq!(pooled.used as u64, row.count("used"));
        assert_eq!(pooled.one_group_only as u64, row.count("one_group_only"));
    }
}

#[test]
fn changes_of_overlapping_counts() {
    let mut nearness = Nearness::default();
    for row in rows("overlap_change.csv") {
        let [both, before_only, after_only] =
            ["both", "before_only", "after_only"].map(|column| row.count(column));
        let got = overlap_change(both, before_only, after_only, row.level());
        nearness.hold_interval(&row, "", &got, ROUNDING);
    }
}
