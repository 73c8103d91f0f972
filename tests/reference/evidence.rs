//! Posteriors of shares and of their differences, and E-values.

use wholefamily::stats::{
    Posterior, Prior, RatioKind, e_value, posterior_difference, posterior_share,
};

use crate::table::{Nearness, ROUNDING, Row, rows};

/// Where a figure is found by quadrature, here and there.
const QUADRATURE: f64 = 1e-11;

fn prior(row: &Row) -> Prior {
    let shapes = row.numbers("prior");
    Prior::new(shapes[0], shapes[1]).unwrap()
}

#[test]
fn posteriors_of_a_share() {
    let mut nearness = Nearness::default();
    for row in rows("posterior_share.csv") {
        let got = posterior_share(row.count("x"), row.count("n"), prior(&row), row.level());
        for (column, figure) in [("value", got.value), ("lower", got.lower), ("upper", got.upper)] {
            nearness.hold_within(&row, "", column, figure, 0.0, 1e-11);
        }
    }
}

#[test]
fn posteriors_of_a_difference() {
    let mut nearness = Nearness::default();
    for row in rows("posterior_difference.csv") {
        let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.count(column));
        let Posterior { value, lower, upper, probability, .. } =
            posterior_difference(x1, n1, x2, n2, prior(&row), row.level());
        nearness.hold_within(&row, "mean", "value", value, ROUNDING, 1e-13);
        nearness.hold_within(&row, "limits", "lower", lower, 0.0, QUADRATURE);
        nearness.hold_within(&row, "limits", "upper", upper, 0.0, QUADRATURE);
        nearness.hold_within(&row, "probability", "probability", probability, 0.0, QUADRATURE);
    }
}

#[test]
fn e_values() {
    let mut nearness = Nearness::default();
    for row in rows("e_value.csv") {
        let kind = RatioKind::parse(row.text("kind")).unwrap();
        let (lower, upper) = (row.expected("lower"), row.expected("upper"));
        let got = e_value(row.number("ratio"), lower, upper, kind);
        nearness.hold_within(&row, kind.word(), "value", got.value, 0.0, 1e-13);
        nearness.hold_within(&row, kind.word(), "limit", got.limit, 0.0, 1e-13);
    }
}
