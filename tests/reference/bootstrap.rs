//! Bootstrap limits from given replicates, against R, SciPy and 50 digits; exact power by the way.

use wholefamily::stats::bootstrap::{BootstrapMethod, Sums, bootstrap};
use wholefamily::stats::fisher;
use wholefamily::stats::power::exact_power;

use crate::table::{Nearness, ROUNDING, Row, rows};

/// Quantiles of replicates that are far apart magnify the last digits of a probability.
const LIMITS: f64 = 1e-12;

/// The samples of a case, each a row of a numerator and a denominator.
fn samples(row: &Row) -> Vec<Vec<[f64; 2]>> {
    let pair = |text: &str| {
        let (top, bottom) = text.split_once(':').unwrap();
        [top.parse().unwrap(), bottom.parse().unwrap()]
    };
    row.text("data").split('|').map(|sample| sample.split(' ').map(pair).collect()).collect()
}

#[test]
fn bootstrap_limits() {
    let mut nearness = Nearness::default();
    for row in rows("bootstrap.csv") {
        let figure = |sums: &[[f64; 2]]| match sums {
            [[top, bottom]] => Some(top / bottom),
            [[a, b], [c, d]] => Some(a / b - c / d),
            _ => None,
        };
        let of = Sums::new(samples(&row), figure).unwrap();
        let drawn: Vec<Option<f64>> = row.numbers("replicates").into_iter().map(Some).collect();
        let method = BootstrapMethod::parse(row.text("method")).unwrap();
        let got = bootstrap(&of, &drawn, method, row.level());
        nearness.hold_interval_within(&row, method.word(), &got.interval, ROUNDING, LIMITS);
        nearness.hold(&row, "standard error", "standard_error", got.standard_error, 0.0);
    }
}

#[test]
fn power_by_enumeration() {
    let mut nearness = Nearness::default();
    for row in rows("exact_power.csv") {
        let ([n1, n2], error) = (["n1", "n2"].map(|n| row.count(n)), 1.0 - row.number("level"));
        let rejects = |x1, x2| fisher(x1, n1, x2, n2).is_some_and(|p| p <= error * (1.0 + 1e-9));
        let got = exact_power(row.number("p1"), n1, row.number("p2"), n2, rejects).ok();
        nearness.hold(&row, "fisher", "power", got, 0.0);
    }
}
