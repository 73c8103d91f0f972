//! Funnels against R, metafor, SciPy and 50 digits.

use wholefamily::stats::funnel::{
    FunnelLimits, FunnelMethod, FunnelOf, Signal, Transform, adjusted_limits, funnel_limits,
    funnel_signal, limits_at, overdispersion,
};

use crate::table::{Nearness, ROUNDING, rows};

/// Quantiles and tails are found by iteration, here and there.
const FOUND: f64 = 1e-12;

#[test]
fn limits() {
    let mut nearness = Nearness::default();
    for row in rows("limits_at.csv") {
        let of = FunnelOf::parse(row.text("of")).unwrap();
        let method = FunnelMethod::parse(row.text("method")).unwrap();
        let (n, average) = (row.number("n"), row.number("average"));
        let got = limits_at(n, average, of, method, row.level());
        let what = format!("{} {}", of.word(), method.word());
        for (column, limit) in [("lower", got.lower), ("upper", got.upper)] {
            nearness.hold_within(&row, &what, column, limit, ROUNDING * average, FOUND);
        }
        let both = funnel_limits(n, average, of, method);
        let FunnelLimits { lower_95, upper_95, lower_998, upper_998, .. } = both;
        match row.text("level") {
            "0.95" => assert_eq!((lower_95, upper_95), (got.lower, got.upper)),
            "0.998" => assert_eq!((lower_998, upper_998), (got.lower, got.upper)),
            _ => {}
        }
    }
}

#[test]
fn signals() {
    for row in rows("funnel_signal.csv") {
        let of = FunnelOf::parse(row.text("of")).unwrap();
        let method = FunnelMethod::parse(row.text("method")).unwrap();
        let (n, average) = (row.number("n"), row.number("average"));
        let got = funnel_signal(row.count("x"), n, average, of, method);
        assert_eq!(got.map(Signal::word), Ok(row.text("signal")), "line {}", row.line);
    }
}

#[test]
fn dispersions() {
    let mut nearness = Nearness::default();
    for row in rows("overdispersion.csv") {
        let transform = Transform::parse(row.text("transform")).unwrap();
        let (x, n, average) = (row.counts("x"), row.numbers("n"), row.number("average"));
        let got = overdispersion(&x, &n, average, transform, row.number("trim"));
        // a τ² near 0 is a difference between numbers of the size of Σ z²; so is z, where units are huge
        let what = transform.word();
        nearness.hold_within(&row, what, "phi", got.phi, 1e-13, FOUND);
        nearness.hold_within(&row, what, "tau2", got.tau2, 1e-13, FOUND);
        nearness.hold_within(&row, what, "p_value", got.p_value, 0.0, FOUND);
    }
    for row in rows("adjusted_limits.csv") {
        let transform = Transform::parse(row.text("transform")).unwrap();
        let [n, average, tau2] = ["n", "average", "tau2"].map(|column| row.number(column));
        let got = adjusted_limits(n, average, transform, tau2, row.level());
        for (column, limit) in [("lower", got.lower), ("upper", got.upper)] {
            nearness.hold_within(&row, transform.word(), column, limit, ROUNDING * average, FOUND);
        }
    }
}
