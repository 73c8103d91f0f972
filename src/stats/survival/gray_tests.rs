use super::*;
use crate::stats::survival::Days;

const ONE: Times<'_> = Times {
    days: Days::From(1),
    events: &[&[2, 1, 0, 1, 0], &[0, 1, 1, 0, 0]],
    censored: &[0, 0, 1, 0, 3],
    entered: &[],
};
const TWO: Times<'_> = Times {
    days: Days::From(1),
    events: &[&[0, 0, 1, 1, 0], &[1, 2, 0, 1, 0]],
    censored: &[1, 0, 0, 0, 3],
    entered: &[],
};

fn near(got: Option<f64>, want: f64) {
    assert!((got.unwrap() - want).abs() <= 1e-13 * want.abs(), "{got:?} {want}");
}

#[test]
fn two_children_by_hand() {
    // one event in each group: z = 1 − 1/2; on day 1 a = ±1/2 and F = 1/2, then S of the first is 0
    let child = |events: &'static [&'static [u64]]| Times {
        days: Days::From(1),
        events,
        censored: &[],
        entered: &[],
    };
    let found = gray(&[&[child(&[&[1, 0]]), child(&[&[0, 1]])]], 0, 0.0);
    near(found.statistic, 1.0);
    near(found.df, 1.0);
}

#[test]
fn the_order_of_groups_does_not_matter() {
    let three = Times { censored: &[0, 4, 0, 0, 0], ..TWO };
    for rho in [0.0, 1.0, -0.5] {
        let there = gray(&[&[ONE, TWO, three]], 0, rho);
        let back = gray(&[&[three, TWO, ONE]], 0, rho);
        assert_eq!(there.df, Some(2.0));
        near(back.statistic, there.statistic.unwrap());
        near(back.p_value, there.p_value.unwrap());
    }
}

#[test]
fn groups_that_are_the_same_do_not_differ() {
    let found = gray(&[&[ONE, ONE, ONE]], 0, 0.0);
    assert!(found.statistic.unwrap() < 1e-20 && found.p_value.unwrap() > 0.999_999);
}

#[test]
fn twice_the_same_stratum_doubles_the_statistic() {
    let once = gray(&[&[ONE, TWO]], 0, 0.0);
    let twice = gray(&[&[ONE, TWO], &[ONE, TWO]], 0, 0.0);
    near(twice.statistic, 2.0 * once.statistic.unwrap());
}

#[test]
fn edges_say_why() {
    let why = |strata: &[&[Times<'_>]], cause, rho| gray(strata, cause, rho).reason;
    assert_eq!(why(&[], 0, 0.0), Some(Reason::TooFewGroups));
    assert_eq!(why(&[&[ONE]], 0, 0.0), Some(Reason::TooFewGroups));
    assert_eq!(why(&[&[ONE, TWO], &[ONE]], 0, 0.0), Some(Reason::UnequalLengths));
    assert_eq!(why(&[&[ONE, TWO]], 2, 0.0), Some(Reason::NoSuchCause));
    assert_eq!(why(&[&[ONE, TWO]], 0, f64::NAN), Some(Reason::NotFinite));
    let late = Times { entered: &[1, 0, 0, 0, 0], ..ONE };
    assert_eq!(why(&[&[ONE, late]], 0, 0.0), Some(Reason::NoLateEntry));
    let none = Times { events: &[&[0; 5], &[0, 1, 1, 0, 0]], ..ONE };
    assert_eq!(why(&[&[none, none]], 0, 0.0), Some(Reason::NoVariation));
}
