use super::*;
use crate::stats::survival::Days;

const LEVEL: fn() -> Level = Level::default;

/// Days 1 to 6 of six children: events on 1, 3 and 4, censored on 2, 5 and 6.
const SIX: Times<'_> = Times {
    days: Days::From(1),
    events: &[&[1, 0, 1, 1, 0, 0]],
    censored: &[0, 1, 0, 0, 1, 1],
    entered: &[],
};

fn uncensored<'a>(events: &'a [&'a [u64]]) -> KaplanMeier {
    KaplanMeier::new(&Times { days: Days::From(1), events, censored: &[], entered: &[] }).unwrap()
}

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 4e-16 * want.abs(), "{got} {want}");
}

#[test]
fn six_children_by_hand() {
    let curve = KaplanMeier::new(&SIX).unwrap();
    let got: Vec<_> = curve.steps().iter().map(|step| (step.day, step.at_risk)).collect();
    assert_eq!(got, [(1, 6), (2, 5), (3, 4), (4, 3), (5, 2), (6, 1)]);
    // S = 5/6, 5/6 · 3/4, 5/8 · 2/3; Greenwood's sums 1/30, + 1/12, + 1/6
    for (day, survival, sum) in
        [(2, 5.0 / 6.0, 1.0 / 30.0), (3, 0.625, 7.0 / 60.0), (6, 5.0 / 12.0, 17.0 / 60.0)]
    {
        let got = curve.estimate(day).unwrap();
        near(got.value, survival);
        near(got.variance, survival * survival * sum);
    }
    assert_eq!(curve.quantile(0.25, Band::Log, LEVEL()).value, Some(3.0));
    assert_eq!(curve.quantile(0.5, Band::Log, LEVEL()).value, Some(4.0));
    // areas: 1 + 2 · 5/6 + 5/8 + 2 · 5/12 = 33/8, of which 25/8 after day 1, 35/24 after 3, 5/6 after 4
    let mean = curve.restricted_mean(6).unwrap();
    near(mean.value, 33.0 / 8.0);
    near(mean.variance, 625.0 / 64.0 / 30.0 + 1225.0 / 576.0 / 12.0 + 25.0 / 36.0 / 6.0);
}

#[test]
fn without_censoring_it_is_the_share_itself_with_its_binomial_variance() {
    let curve = uncensored(&[&[3, 0, 4, 1, 2]]);
    for (day, left) in [(1, 7.0), (2, 7.0), (3, 3.0), (4, 2.0)] {
        let (got, share) = (curve.estimate(day).unwrap(), left / 10.0);
        near(got.value, share);
        assert!((got.variance - share * (1.0 - share) / 10.0).abs() < 1e-17);
    }
    assert_eq!(curve.estimate(99), Ok(Estimate { value: 0.0, variance: 0.0 }));
}

#[test]
fn the_ends_have_no_limits_and_say_why() {
    let curve = KaplanMeier::new(&SIX).unwrap();
    let before = curve.at(0, Band::Plain, LEVEL());
    assert_eq!(before, Interval::without_limits(1.0, Reason::ZeroVariance));
    assert_eq!(curve.at(7, Band::Log, LEVEL()), Interval::undefined(Reason::NotObserved));
    assert_eq!(curve.restricted_mean(7), Err(Reason::NotObserved));
    assert_eq!(curve.restricted_mean(-1), Err(Reason::NotReached));
    let none = Times { days: Days::From(0), events: &[&[]], censored: &[], entered: &[] };
    assert_eq!(KaplanMeier::new(&none), Err(Reason::NoRows));
}

#[test]
fn a_quantile_that_is_not_reached_may_still_have_a_lower_limit() {
    let curve = KaplanMeier::new(&SIX).unwrap();
    let late = curve.quantile(0.6, Band::LogLog, LEVEL());
    assert_eq!((late.value, late.upper, late.reason), (None, None, Some(Reason::NotReached)));
    assert!(late.lower.is_some());
    assert_eq!(curve.quantile(0.0, Band::Log, LEVEL()).reason, Some(Reason::NotAProbability));
    assert_eq!(curve.quantile(f64::NAN, Band::Log, LEVEL()).reason, Some(Reason::NotAProbability));
}

#[test]
fn an_interval_is_not_made_up_where_nothing_varies() {
    // lifelines fills S = 1 with limits of 1, and S = 0 with 0 and 0
    let curve = uncensored(&[&[0, 2, 2]]);
    for day in [1, 3] {
        let got = curve.at(day, Band::LogLog, LEVEL());
        assert_eq!((got.lower, got.upper, got.reason), (None, None, Some(Reason::ZeroVariance)));
    }
}

#[test]
fn the_variance_of_a_restricted_mean_is_that_of_the_mean() {
    // lifelines returns Var(min(T, τ)), which no number of children makes small
    for copies in [1, 100] {
        let curve = uncensored(&[&[copies, copies, 0, 2 * copies]]);
        let mean = curve.restricted_mean(3).unwrap();
        // min(T, 3) is 1, 2, 3, 3: mean 9/4, variance 11/16
        near(mean.value, 2.25);
        let people = 4.0 * copies as f64;
        assert!((mean.variance - 11.0 / 16.0 / people).abs() < 1e-15, "{mean:?}");
    }
}

#[test]
fn huge_counts_keep_their_variance() {
    // lifelines casts the risk set to whole numbers on the way, and has ended at −infinity
    let many = u64::MAX / 4;
    let curve = uncensored(&[&[many, many, 1, many]]);
    for step in &curve.steps()[..3] {
        assert!(step.variance > 0.0 && step.variance < 1e-19, "{step:?}");
        assert!(step.survival > 0.0 && step.survival < 1.0);
    }
    let few = uncensored(&[&[1, 1, 0, 1]]);
    near(curve.estimate(2).unwrap().value, few.estimate(2).unwrap().value);
}

#[test]
fn who_joins_on_an_event_day_is_not_at_risk_on_it_even_the_first() {
    // lifelines counts entries on the first day as at risk on it
    let times =
        Times { days: Days::At(&[2, 5]), events: &[&[1, 2]], censored: &[0, 2], entered: &[3, 0] };
    let curve = KaplanMeier::new(&times).unwrap();
    assert_eq!(curve.steps()[0].at_risk, 2);
    assert_eq!(curve.steps()[0].survival, 0.5);
    assert_eq!(curve.steps()[1].at_risk, 4);
}

#[test]
fn merged_counts_are_the_counts_of_all() {
    let halves: [[u64; 4]; 2] = [[1, 0, 2, 1], [0, 3, 1, 1]];
    let both: Vec<u64> = halves[0].iter().zip(&halves[1]).map(|(a, b)| a + b).collect();
    assert_eq!(uncensored(&[&both]), uncensored(&[&[1, 3, 3, 2]]));
    // and causes apart are together
    assert_eq!(uncensored(&[&halves[0], &halves[1]]), uncensored(&[&both]));
}
