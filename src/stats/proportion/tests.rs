//! What holds for every method of a share.

use super::*;
use ProportionMethod::{
    AgrestiCoull, ClopperPearson, Hypergeometric, Jeffreys, MidP, Wald, Wilson,
};

/// The methods that do without a population.
const METHODS: [ProportionMethod; 6] = [Wilson, ClopperPearson, Jeffreys, AgrestiCoull, MidP, Wald];
/// The methods that take one.
const FINITE: [ProportionMethod; 3] = [Wilson, Wald, Hypergeometric];

fn level(level: f64) -> Level {
    Level::new(level).unwrap()
}

/// The level whose z is 2, so that intervals come out as fractions.
fn z_of_2() -> Level {
    level(1.0 - crate::stats::normal::two_sided_p(2.0))
}

fn close(got: Option<f64>, want: f64) {
    let got = got.unwrap();
    assert!((got - want).abs() <= 1e-14, "{got} {want}");
}

#[test]
fn wilson_by_hand_at_z_2() {
    // 1 of 1: 2·1 + 4 = 6, root √4 = 2, so (6 ± 4)/10
    let one = proportion(1, 1, Wilson, z_of_2());
    close(one.lower, 0.2);
    assert_eq!(one.upper, Some(1.0));
}

#[test]
fn an_empty_base_has_no_share_and_says_why() {
    for method in ProportionMethod::ALL {
        assert_eq!(proportion(0, 0, method, level(0.95)), Interval::undefined(Reason::NoRows));
        assert_eq!(
            proportion(4, 3, method, level(0.95)),
            Interval::undefined(Reason::CountAboveBase)
        );
        for (x, n, reason) in [
            (0, 0, Reason::NoRows),
            (4, 3, Reason::CountAboveBase),
            (4, 10, Reason::SampleAbovePopulation),
        ] {
            let got = proportion_of(x, n, Some(9), method, level(0.95));
            assert_eq!(got, Interval::undefined(reason));
        }
    }
}

#[test]
fn a_population_where_it_has_no_place_leaves_the_share_and_says_why() {
    for method in METHODS {
        assert_eq!(
            proportion_of(2, 5, None, method, level(0.9)),
            proportion(2, 5, method, level(0.9))
        );
        let known = proportion_of(2, 5, Some(50), method, level(0.9));
        if FINITE.contains(&method) {
            assert_eq!(known.reason, None);
        } else {
            assert_eq!(known, Interval::without_limits(0.4, Reason::TakesNoPopulation));
        }
    }
    for unknown in [
        proportion(2, 5, Hypergeometric, level(0.9)),
        proportion_of(2, 5, None, Hypergeometric, level(0.9)),
    ] {
        assert_eq!(unknown, Interval::without_limits(0.4, Reason::NeedsPopulation));
    }
}

#[test]
fn none_starts_at_0_and_all_ends_at_1() {
    for method in METHODS {
        for n in [1, 2, 3, 10, 49, 1_000_003, u64::MAX] {
            for wanted in [1e-9, 0.8, 0.95, 0.998, 1.0 - 1e-15] {
                let (none, all) = (
                    proportion(0, n, method, level(wanted)),
                    proportion(n, n, method, level(wanted)),
                );
                assert_eq!((none.value, none.lower), (Some(0.0), Some(0.0)));
                assert_eq!((all.value, all.upper), (Some(1.0), Some(1.0)));
                assert!(none.upper.unwrap() < 1.0 && all.lower.unwrap() > 0.0);
            }
        }
    }
}

#[test]
fn limits_stay_in_order_and_within_0_and_1() {
    for method in METHODS {
        for n in [1, 2, 7, 100, 1 << 40, u64::MAX] {
            for x in [0, 1, n / 3, n / 2, n - 1, n] {
                for wanted in [1e-300, 0.5, 0.95, 1.0 - f64::EPSILON / 2.0] {
                    let share = proportion(x, n, method, level(wanted));
                    let (value, lower, upper) =
                        (share.value.unwrap(), share.lower.unwrap(), share.upper.unwrap());
                    assert!(
                        0.0 <= lower && lower <= value && value <= upper && upper <= 1.0,
                        "{x}/{n} {method:?} {share:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn more_with_it_moves_both_limits_up_and_more_certainty_apart() {
    for method in METHODS {
        for x in 0..40 {
            let (here, next) = (
                proportion(x, 40, method, level(0.95)),
                proportion(x + 1, 40, method, level(0.95)),
            );
            assert!(here.lower <= next.lower && here.upper <= next.upper, "{x} {method:?}");
            let surer = proportion(x, 40, method, level(0.99));
            assert!(surer.lower <= here.lower && here.upper <= surer.upper, "{x} {method:?}");
        }
    }
}

#[test]
fn a_whole_population_asked_leaves_no_doubt() {
    for method in FINITE {
        for (x, n) in [(0, 1), (1, 1), (24, 60), (0, 60), (60, 60), (1, u64::MAX)] {
            let census = proportion_of(x, n, Some(n), method, level(0.95));
            let share = Some(x as f64 / n as f64);
            assert_eq!((census.value, census.lower, census.upper), (share, share, share));
            assert_eq!(census.reason, None);
        }
    }
}

#[test]
fn a_share_that_the_population_cannot_have_is_its_own_limit() {
    // 1 of 100 of 101: either 1 or 2 have it. Were it 2, one of the two would be the one not asked,
    // with a chance of 2/101 < 0.025: so at most 1 of 101 have it, which is less than 1 of 100
    let nearly_all = proportion_of(1, 100, Some(101), Hypergeometric, level(0.95));
    assert_eq!((nearly_all.lower, nearly_all.upper), (Some(1.0 / 101.0), Some(0.01)));
}

#[test]
fn the_more_are_asked_the_narrower() {
    for method in FINITE {
        let width = |population| {
            let share = proportion_of(24, 40, Some(population), method, level(0.95));
            share.upper.unwrap() - share.lower.unwrap()
        };
        assert!(width(60) < width(120) && width(120) < width(100_000), "{method:?}");
    }
}

#[test]
fn the_correction_multiplies_the_variance() {
    // 24 of 40 of 60: 1.95996 √(0.6 · 0.4/40 · 20/59) = 0.0884. With the root of 20/59 in place of
    // 20/59, as in ScotPHO's `calculate_perc_pcf`, it would be 0.1158.
    let wald = proportion_of(24, 40, Some(60), Wald, level(0.95));
    let half_width = wald.upper.unwrap() - 0.6;
    let by_hand = level(0.95).z() * (0.24 / 40.0 * 20.0 / 59.0_f64).sqrt();
    assert!((half_width - by_hand).abs() < 1e-15);
    assert!((100.0 * half_width - 8.84).abs() < 0.005, "{half_width}");
    let fourth_root = level(0.95).z() * (0.24 / 40.0 * (20.0 / 59.0_f64).sqrt()).sqrt();
    assert!((100.0 * fourth_root - 11.58).abs() < 0.005, "{fourth_root}");
}

#[test]
fn wilson_with_the_correction_is_wilson_with_more_asked() {
    // N = 79, n = 40: f = 39/78 = ½, so as good as 80 asked, of whom 48
    let (finite, twice) =
        (proportion_of(24, 40, Some(79), Wilson, z_of_2()), proportion(48, 80, Wilson, z_of_2()));
    close(finite.lower, twice.lower.unwrap());
    close(finite.upper, twice.upper.unwrap());
}

#[test]
fn every_word_names_its_method() {
    for (word, method) in ProportionMethod::WORDS.into_iter().zip(ProportionMethod::ALL) {
        assert_eq!(ProportionMethod::parse(word), Some(method));
        assert_eq!(method.word(), word);
        assert!(method.takes_population() || !method.needs_population());
    }
    assert_eq!(ProportionMethod::parse("exact"), None);
}
