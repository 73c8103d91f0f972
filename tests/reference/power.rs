//! Planning against R, epiR, statsmodels and 50 digits.

use wholefamily::stats::power::{
    Design, RateDesign, RateScale, detectable_difference, power, rate_detectable_ratio, rate_power,
    rate_sample_size, sample_size,
};
use wholefamily::stats::{Alternative, Level};

use crate::table::{Nearness, ROUNDING, Row, rows};

/// R finds sizes and differences by halving, to what `uniroot` can; so does the crate where there is
/// no closed form.
const FOUND: f64 = 1e-11;
/// epiR and statsmodels take quantiles of 1 − level/2, whose last digits are rounded away, and far
/// tails magnify that.
const FORMULA: f64 = 1e-12;

fn design(row: &Row) -> Design {
    let population = row.text("population");
    Design {
        level: row.level(),
        alternative: Alternative::parse(row.text("alternative")).unwrap(),
        correct: row.text("correct") == "true",
        population: (!population.is_empty()).then(|| population.parse().unwrap()),
    }
}

fn rate_design(row: &Row) -> RateDesign {
    RateDesign {
        level: Level::new(row.number("level")).unwrap(),
        alternative: Alternative::parse(row.text("alternative")).unwrap(),
        method: RateScale::parse(row.text("method")).unwrap(),
    }
}

fn numbers<const N: usize>(row: &Row, columns: [&str; N]) -> [f64; N] {
    columns.map(|column| row.number(column))
}

#[test]
fn proportions_planned() {
    let mut nearness = Nearness::default();
    for row in rows("power.csv") {
        let [p1, n1, p2, n2] = numbers(&row, ["p1", "n1", "p2", "n2"]);
        let got = power(p1, n1, p2, n2, &design(&row)).ok();
        nearness.hold_within(&row, "", "power", got, 0.0, FORMULA);
    }
    for row in rows("sample_size.csv") {
        let [p1, p2, wanted, ratio] = numbers(&row, ["p1", "p2", "power", "ratio"]);
        let got = sample_size(p1, p2, wanted, ratio, &design(&row)).ok();
        nearness.hold_within(&row, "", "n1", got.map(|size| size.n1), 0.0, FOUND);
        nearness.hold_within(&row, "", "n2", got.map(|size| size.n2), 0.0, FOUND);
    }
    for row in rows("detectable_difference.csv") {
        let [p2, n1, n2, wanted] = numbers(&row, ["p2", "n1", "n2", "power"]);
        let got = detectable_difference(p2, n1, n2, wanted, &design(&row)).unwrap();
        nearness.hold_within(&row, "", "lower", got.lower, ROUNDING, FOUND);
        nearness.hold_within(&row, "", "higher", got.higher, ROUNDING, FOUND);
    }
}

#[test]
fn rates_planned() {
    let mut nearness = Nearness::default();
    for row in rows("rate_power.csv") {
        let [rate1, e1, rate2, e2] = numbers(&row, ["rate1", "exposure1", "rate2", "exposure2"]);
        let got = rate_power(rate1, e1, rate2, e2, &rate_design(&row)).ok();
        nearness.hold_within(&row, row.text("method"), "power", got, 0.0, FORMULA);
    }
    for row in rows("rate_sample_size.csv") {
        let [rate1, rate2, wanted, ratio] = numbers(&row, ["rate1", "rate2", "power", "ratio"]);
        let got = rate_sample_size(rate1, rate2, wanted, ratio, &rate_design(&row)).unwrap();
        let method = row.text("method");
        nearness.hold_within(&row, method, "exposure1", Some(got.exposure1), 0.0, FORMULA);
        nearness.hold_within(&row, method, "exposure2", Some(got.exposure2), 0.0, FORMULA);
    }
    for row in rows("rate_detectable_ratio.csv") {
        let [rate2, e1, e2, wanted] = numbers(&row, ["rate2", "exposure1", "exposure2", "power"]);
        let got = rate_detectable_ratio(rate2, e1, e2, wanted, &rate_design(&row)).unwrap();
        let method = row.text("method");
        nearness.hold_within(&row, method, "lower", got.lower, 0.0, FOUND);
        nearness.hold_within(&row, method, "higher", got.higher, 0.0, FOUND);
    }
}
