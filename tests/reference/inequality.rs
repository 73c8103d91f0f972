//! Inequality against R, statsmodels, whole numbers and 50 digits.

use wholefamily::stats::inequality::{
    Counted, Phe, Scale, Scotpho, SlopeConvention, Spread, absolute_range, attributable_share,
    concentration_index, population_attributable, population_quantile, quantile, relative_index,
    relative_range, slope_index,
};
use wholefamily::stats::{Interval, Level};

use crate::table::{Nearness, ROUNDING, Row, rows};

/// R's least squares, and formulas in R and statsmodels, keep 12 to 13 digits.
const FORMULA: f64 = 1e-12;

fn hold(nearness: &mut Nearness, row: &Row, what: &str, got: &Interval, floor: f64) {
    let figures = [("value", got.value), ("lower", got.lower), ("upper", got.upper)];
    for (name, figure) in figures {
        nearness.hold_within(row, what, &format!("expected_{name}"), figure, floor, FORMULA);
    }
}

fn optional(row: &Row, column: &str) -> Option<Vec<f64>> {
    (!row.text(column).is_empty()).then(|| row.numbers(column))
}

/// The slope index and the relative index of a row.
fn indices(row: &Row) -> [Interval; 2] {
    let [se, lower, upper] =
        ["se", "lower_limit", "upper_limit"].map(|column| optional(row, column));
    let limits_level = row.expected("limits_level").and_then(Level::new);
    let spread = match (&se, &lower, &upper, limits_level) {
        (Some(se), ..) => Spread::StandardErrors(se),
        (None, Some(lower), Some(upper), Some(level)) => Spread::Limits { lower, upper, level },
        _ => Spread::Unknown,
    };
    let convention = match row.text("convention") {
        "phe" => SlopeConvention::Phe(Phe {
            spread,
            scale: Scale::parse(row.text("scale")).unwrap(),
            transform: row.text("transform") == "true",
            multiplier: row.number("multiplier"),
        }),
        _ => SlopeConvention::Scotpho(Scotpho { overall: row.expected("overall") }),
    };
    let (value, population) = (row.numbers("value"), row.numbers("population"));
    [slope_index, relative_index].map(|index| index(&value, &population, convention, row.level()))
}

#[test]
fn slopes_and_relative_indices() {
    let mut nearness = Nearness::default();
    for row in rows("slope_index.csv") {
        let [slope, _] = indices(&row);
        hold(&mut nearness, &row, row.text("convention"), &slope, 0.0);
    }
    for row in rows("relative_index.csv") {
        let [_, relative] = indices(&row);
        hold(&mut nearness, &row, row.text("convention"), &relative, 0.0);
    }
}

/// Public Health England's limits are percentiles of a simulation. Two million draws leave a limit of
/// theirs uncertain by about 1/1000 of the interval's width; the delta method is symmetric where those
/// percentiles lean, which these spreads make up to 1/20 of the width.
#[test]
fn simulated_limits_are_near_the_closed_ones() {
    for row in rows("slope_index_simulated.csv") {
        let [slope, relative] = indices(&row);
        let got = if row.text("index") == "slope" { slope } else { relative };
        let [value, lower, upper] = ["value", "lower", "upper"]
            .map(|name| row.expected(&format!("expected_{name}")).unwrap());
        assert!((got.value.unwrap() / value - 1.0).abs() < FORMULA);
        let exact = row.text("scale") == "plain" || row.text("transform") == "true";
        let within = if exact { 1.0 / 500.0 } else { 1.0 / 20.0 } * (upper - lower);
        for (closed, drawn) in [(got.lower, lower), (got.upper, upper)] {
            let apart = (closed.unwrap() - drawn).abs();
            assert!(apart <= within, "line {}: {closed:?} {drawn}", row.line);
        }
    }
}

#[test]
fn attributable_risks() {
    let mut nearness = Nearness::default();
    for row in rows("population_attributable.csv") {
        let counted = Counted::parse(row.text("counted")).unwrap();
        let (x, n) = (row.counts("x"), row.numbers("n"));
        let got = population_attributable(&x, &n, counted, row.level());
        hold(&mut nearness, &row, counted.word(), &got, ROUNDING);
    }
    for row in rows("attributable_share.csv") {
        let [value, population, se] = ["value", "population", "se"].map(|c| row.numbers(c));
        let spread = Spread::StandardErrors(&se);
        let got = attributable_share(&value, &population, spread, row.level());
        hold(&mut nearness, &row, "", &got, ROUNDING);
    }
}

#[test]
fn ranges() {
    let mut nearness = Nearness::default();
    type Range = fn(&[f64], &[f64], &[f64]) -> Interval;
    let tables: [(&'static str, Range); 2] =
        [("absolute_range.csv", absolute_range), ("relative_range.csv", relative_range)];
    for (table, range) in tables {
        for row in rows(table) {
            let [value, lower, upper] =
                ["value", "lower_limit", "upper_limit"].map(|column| row.numbers(column));
            hold(&mut nearness, &row, "", &range(&value, &lower, &upper), ROUNDING);
        }
    }
}

#[test]
fn concentration_indices() {
    let mut nearness = Nearness::default();
    for row in rows("concentration_index.csv") {
        let (value, population) = (row.numbers("value"), row.numbers("population"));
        let variance = optional(&row, "variance");
        let got = concentration_index(&value, &population, variance.as_deref(), row.level());
        // R takes the index as a difference from 1, and the variance as one of numbers near 1
        let by_hand = row.witness().starts_with('R');
        let (floor, near) = if by_hand { (1e-14, 1e-9) } else { (0.0, FORMULA) };
        hold(&mut nearness, &row, "", &got.interval, floor);
        let error = got.standard_error;
        nearness.hold_within(&row, "error", "expected_standard_error", error, 0.0, near);
    }
}

#[test]
fn quantiles() {
    let placed = |row: &Row| -> Vec<Option<u32>> {
        row.text("expected_quantile").split(' ').map(|place| place.parse().ok()).collect()
    };
    for row in rows("quantile.csv") {
        let k = u32::try_from(row.count("k")).unwrap();
        let got = quantile(&row.numbers("value"), k, row.text("invert") == "true");
        assert_eq!(got, placed(&row), "line {}", row.line);
    }
    for row in rows("population_quantile.csv") {
        let k = u32::try_from(row.count("k")).unwrap();
        let got = population_quantile(&row.numbers("rank"), &row.numbers("population"), k);
        assert_eq!(got, placed(&row), "line {}, {}", row.line, row.text("computed_by"));
    }
}
