//! Pairs, against R, exactRankTests, SciPy, statsmodels and 50 digits.

use wholefamily::stats::{
    Alternative, McNemarMethod, SignedRankMethod, mcnemar, paired_difference, paired_t,
    reliable_change, signed_rank,
};

use crate::table::{Nearness, ROUNDING, rows};

/// How near R, SciPy and statsmodels come in tails, and in figures that are solved for.
const TAILS: f64 = 1e-11;

#[test]
fn pairs_that_changed() {
    let mut near = Nearness::default();
    for row in rows("mcnemar.csv") {
        let method = McNemarMethod::parse(row.text("method")).unwrap();
        let test = mcnemar(row.count("b"), row.count("c"), method, row.level());
        near.hold_interval_within(&row, method.word(), &test.interval, 0.0, TAILS);
        near.hold_within(
            &row,
            &format!("{}, p", method.word()),
            "p_value",
            test.p_value,
            0.0,
            TAILS,
        );
    }
}

#[test]
fn differences_of_paired_shares() {
    let mut near = Nearness::default();
    for row in rows("paired_difference.csv") {
        let [both, first, second, neither] =
            ["both", "first_only", "second_only", "neither"].map(|column| row.count(column));
        let got = paired_difference(both, first, second, neither, row.level());
        near.hold_interval(&row, "", &got, ROUNDING);
    }
}

#[test]
fn signed_ranks() {
    let mut near = Nearness::default();
    for row in rows("signed_rank.csv") {
        let [before, after] = ["before", "after"].map(|column| row.numbers(column));
        let method = SignedRankMethod::parse(row.text("method")).unwrap();
        let alternative = Alternative::parse(row.text("alternative")).unwrap();
        let test = signed_rank(&before, &after, method, alternative);
        near.hold(&row, "statistic", "statistic", test.statistic, 0.0);
        // SciPy takes the upper tail of its exact distribution as 1 less the lower one.
        let floor = if row.witness().starts_with("scipy") { ROUNDING } else { 0.0 };
        near.hold_within(&row, method.word(), "p_value", test.p_value, floor, TAILS);
        assert_eq!(test.used as u64, row.count("used"));
        assert_eq!(test.zeros as u64, row.count("zeros"));
    }
}

#[test]
fn mean_gains() {
    let mut near = Nearness::default();
    for row in rows("paired_t.csv") {
        let [before, after] = ["before", "after"].map(|column| row.numbers(column));
        let test = paired_t(&before, &after, row.level());
        near.hold_interval_within(&row, "", &test.interval, ROUNDING, TAILS);
        near.hold_within(&row, "statistic", "statistic", test.statistic, 0.0, TAILS);
        near.hold_within(&row, "p", "p_value", test.p_value, 0.0, TAILS);
        near.hold(&row, "", "df", test.df, 0.0);
    }
}

#[test]
fn changes_of_one_score() {
    let mut near = Nearness::default();
    for row in rows("reliable_change.csv") {
        let [before, after, sd, reliability] =
            ["before", "after", "sd", "reliability"].map(|column| row.number(column));
        let higher_is_better = row.text("higher_is_better").parse().unwrap();
        let got = reliable_change(before, after, sd, reliability, higher_is_better, row.level());
        near.hold(&row, "", "value", got.value, 0.0);
        assert_eq!(got.change.unwrap().word(), row.text("change"));
    }
}
