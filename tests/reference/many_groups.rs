//! More than two groups, trends and many p-values, against R, SciPy, statsmodels and whole numbers.

use wholefamily::stats::{
    AdjustMethod, Alternative, IndependenceMethod, adjust, independence, trend,
};

use crate::table::{Nearness, Row, rows};

/// R and SciPy subtract expected counts from observed ones, and R's full test adds in another order.
const SUBTRACTED: f64 = 1e-9;
/// The crate's own digits: 50-digit arithmetic and whole numbers agree to this.
const CLOSED: f64 = 1e-12;

fn within(row: &Row) -> f64 {
    match row.witness() {
        by if by.starts_with("mpmath") || by.starts_with("Python") => CLOSED,
        _ => SUBTRACTED,
    }
}

fn table(row: &Row) -> Vec<Vec<u64>> {
    let row_of = |row: &str| row.split_whitespace().map(|x| x.parse().unwrap()).collect();
    row.text("counts").split(';').map(row_of).collect()
}

#[test]
fn tables_of_counts() {
    let mut near = Nearness::default();
    for row in rows("independence.csv") {
        let method = IndependenceMethod::parse(row.text("method")).unwrap();
        let test = independence(&table(&row), method, 0, 0);
        near.hold_within(&row, method.word(), "statistic", test.statistic, 0.0, within(&row));
        near.hold_within(&row, method.word(), "p_value", test.p_value, 0.0, within(&row));
        near.hold(&row, method.word(), "df", test.df, 0.0);
    }
}

#[test]
fn drawn_tables_come_near_the_full_test() {
    let draws = 4000;
    let mut seen = std::collections::BTreeSet::new();
    for row in rows("independence.csv") {
        if row.text("method") == "exact" && seen.insert(row.text("counts").to_owned()) {
            let counts = table(&row);
            let drawn = independence(&counts, IndependenceMethod::MonteCarlo, draws, row.line);
            let again = independence(&counts, IndependenceMethod::MonteCarlo, draws, row.line);
            assert_eq!(drawn, again);
            let (got, want) = (drawn.p_value.unwrap(), row.expected("p_value").unwrap());
            // within 4.5 standard deviations of a share of so many draws
            let spread = (want * (1.0 - want) / draws as f64).sqrt();
            assert!((got - want).abs() <= 4.5 * spread + 1.0 / draws as f64, "{got} {want}");
        }
    }
    assert!(seen.len() >= 20);
}

#[test]
fn trends() {
    let mut near = Nearness::default();
    for row in rows("trend.csv") {
        let [x, n] = ["x", "n"].map(|column| row.counts(column));
        let score = (!row.text("score").is_empty()).then(|| row.numbers("score"));
        let alternative = Alternative::parse(row.text("alternative")).unwrap();
        let test = trend(&x, &n, score.as_deref(), alternative);
        near.hold_within(&row, "", "statistic", test.statistic, 0.0, within(&row));
        near.hold_within(&row, alternative.word(), "p_value", test.p_value, 0.0, within(&row));
    }
}

#[test]
fn adjusted_p_values() {
    for row in rows("adjust.csv") {
        let list = |column| -> Vec<Option<f64>> {
            row.text(column).split(' ').map(|p| p.parse().ok()).collect()
        };
        let method = AdjustMethod::parse(row.text("method")).unwrap();
        let (got, want) = (adjust(&list("p"), method).unwrap(), list("p_value"));
        assert_eq!(got.len(), want.len());
        for (got, want) in got.into_iter().zip(want) {
            assert_eq!(got.is_some(), want.is_some());
            let (got, want) = (got.unwrap_or(0.0), want.unwrap_or(0.0));
            assert!((got - want).abs() <= 1e-15 * want, "line {}: {got} {want}", row.line);
        }
    }
}
