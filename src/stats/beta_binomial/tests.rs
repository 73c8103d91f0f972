//! What is known of posteriors without quadrature.

use super::*;

fn difference(x1: u64, n1: u64, x2: u64, n2: u64, shape: f64) -> [f64; 4] {
    let prior = Prior::new(shape, shape).unwrap();
    let Posterior { value, lower, upper, probability, reason } =
        posterior_difference(x1, n1, x2, n2, prior, Level::default());
    assert_eq!(reason, None);
    [value, lower, upper, probability].map(Option::unwrap)
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() < 1e-12, "{got} {want}");
}

#[test]
fn two_triangles_by_hand() {
    // one of one against none of one: densities 2x and 2(1 − y), so that for d < 0
    // P(p1 − p2 < d) = ∫ 2x (1 − (x − d))² dx from 0 to 1 + d = (1 + d)⁴/6; and P(p1 > p2) = 5/6
    let [value, lower, _, probability] = difference(1, 1, 0, 1, 1.0);
    near(value, 1.0 / 3.0);
    near(probability, 5.0 / 6.0);
    let tail = 0.025_f64;
    near(lower, (6.0 * tail).powf(0.25) - 1.0);
}

#[test]
fn the_same_in_both_is_even() {
    for (x, n) in [(0, 1), (3, 25), (40, 40), (500, 1_000_000)] {
        let [value, lower, upper, probability] = difference(x, n, x, n, 0.5);
        assert_eq!((value, lower), (0.0, -upper));
        near(probability, 0.5);
    }
}

#[test]
fn swapping_the_groups_swaps_the_signs() {
    for (x1, n1, x2, n2) in [(3, 25, 7, 10), (0, 10, 0, 400), (9, 9, 1, 3), (30, 90, 1, 1_000_000)]
    {
        let (there, back) = (difference(x1, n1, x2, n2, 0.5), difference(x2, n2, x1, n1, 0.5));
        assert_eq!((there[0], there[1], there[2]), (-back[0], -back[2], -back[1]));
        near(there[3] + back[3], 1.0);
    }
}

#[test]
fn having_and_not_having_mirror_each_other() {
    let (with, without) = (difference(3, 25, 7, 10, 1.0), difference(22, 25, 3, 10, 1.0));
    near(with[1], -without[2]);
    near(with[2], -without[1]);
    near(with[3], 1.0 - without[3]);
}

#[test]
fn large_groups_come_to_the_normal_interval() {
    let [value, lower, upper, _] =
        difference(400_000_000, 1_000_000_000, 399_990_000, 1_000_000_000, 1.0);
    let reach = Level::default().z() * (2.0 * 0.24 / 1e9_f64).sqrt();
    assert!((upper - value - reach).abs() < 1e-4 * reach);
    assert!((value - lower - reach).abs() < 1e-4 * reach);
}

#[test]
fn extremes_have_finite_ordered_limits() {
    for (x1, n1, x2, n2) in
        [(0, 1, 1_000_000_000, 1_000_000_000), (0, 1, 0, 1_000_000_000), (1, 1, 0, 1), (0, 1, 0, 1)]
    {
        for shape in [0.1, 0.5, 1.0, 1000.0, 1e9] {
            let [value, lower, upper, probability] = difference(x1, n1, x2, n2, shape);
            assert!(-1.0 <= lower && lower < upper && upper <= 1.0, "{x1} {n1} {x2} {n2} {shape}");
            assert!(lower <= value && value <= upper, "{x1} {n1} {x2} {n2} {shape}");
            assert!((0.0..=1.0).contains(&probability), "{x1} {n1} {x2} {n2} {shape}");
        }
    }
}

#[test]
fn a_share_by_hand() {
    // none of one with a flat prior: density 2(1 − p), 1 − (1 − p)² = 0.025
    let none = posterior_share(0, 1, Prior::new(1.0, 1.0).unwrap(), Level::default());
    near(none.value.unwrap(), 1.0 / 3.0);
    near(none.lower.unwrap(), 1.0 - 0.975_f64.sqrt());
    near(none.upper.unwrap(), 1.0 - 0.025_f64.sqrt());
}

#[test]
fn what_cannot_be_says_why() {
    let level = Level::default();
    for (x1, n1, x2, n2, reason) in [
        (0, 0, 1, 2, Reason::EmptyGroup),
        (1, 2, 0, 0, Reason::EmptyReference),
        (3, 2, 1, 2, Reason::CountAboveBase),
        (1, 2, 3, 2, Reason::CountAboveBase),
        (1, LARGEST + 1, 1, 2, Reason::TooLarge),
    ] {
        let none = posterior_difference(x1, n1, x2, n2, Prior::default(), level);
        assert_eq!(none, Posterior::undefined(reason));
    }
    for (x, n, reason) in [(0, 0, Reason::NoRows), (2, 1, Reason::CountAboveBase)] {
        assert_eq!(posterior_share(x, n, Prior::default(), level), Posterior::undefined(reason));
    }
    for wrong in [0.0, -1.0, 0.01, 1e10, f64::NAN, f64::INFINITY] {
        assert_eq!((Prior::new(wrong, 1.0), Prior::new(1.0, wrong)), (None, None));
    }
}
