//! Contrasts within strata, against metafor, R, statsmodels and 50 digits.

use wholefamily::stats::{Estimand, Stratum, breslow_day, mantel_haenszel};

use crate::table::{Nearness, ROUNDING, Row, rows};

/// metafor and statsmodels subtract an expected count from the observed one, which costs digits.
const SUBTRACTED: f64 = 1e-9;
/// The crate's own digits: 50-digit arithmetic agrees to this.
const CLOSED: f64 = 1e-12;

fn strata(row: &Row) -> Vec<Stratum> {
    let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.counts(column));
    (0..x1.len()).map(|i| Stratum { x1: x1[i], n1: n1[i], x2: x2[i], n2: n2[i] }).collect()
}

fn nearness(row: &Row) -> (f64, f64) {
    match row.witness() {
        // statsmodels takes p as 1 − cdf, so that only its absolute error is small.
        by if by.starts_with("statsmodels") => (ROUNDING, SUBTRACTED),
        by if by.starts_with("mpmath") => (0.0, CLOSED),
        _ => (0.0, SUBTRACTED),
    }
}

#[test]
fn pooled_contrasts() {
    let mut near = Nearness::default();
    for row in rows("mantel_haenszel.csv") {
        let estimand = Estimand::parse(row.text("estimand")).unwrap();
        let correct = row.text("correct").parse().unwrap();
        let pooled = mantel_haenszel(&strata(&row), estimand, correct, row.level());
        let (floor, within) = nearness(&row);
        let rounding = if estimand == Estimand::Difference { ROUNDING } else { 0.0 };
        near.hold_interval(&row, estimand.word(), &pooled.interval, rounding);
        near.hold(&row, "p value", "p_value", pooled.p_value, floor);
        let what = format!("homogeneity, {}", estimand.word());
        near.hold_within(&row, &what, "homogeneity_p", pooled.homogeneity_p, floor, within);
        assert_eq!(pooled.used as u64, row.count("used"));
        assert_eq!(pooled.one_group_only.len() as u64, row.count("one_group_only"));
    }
}

#[test]
fn homogeneity_of_odds_ratios() {
    let mut near = Nearness::default();
    for row in rows("breslow_day.csv") {
        let correct: bool = row.text("correct").parse().unwrap();
        let test = breslow_day(&strata(&row), correct);
        let what = if correct { "corrected" } else { "uncorrected" };
        let (floor, within) = nearness(&row);
        near.hold_within(&row, what, "statistic", test.statistic, 0.0, within);
        near.hold_within(&row, what, "p_value", test.p_value, floor, within);
        near.hold(&row, what, "df", test.df, 0.0);
    }
}
