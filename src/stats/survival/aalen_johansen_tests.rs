use super::*;
use crate::stats::survival::{Days, KaplanMeier};
use IncidenceVariance::{Cmprsk, Delta};

/// Days 1 to 6 with causes 0, 1, 1, 2, 2, 0.
const SIX: Times<'_> = Times {
    days: Days::From(1),
    events: &[&[0, 1, 1, 0, 0, 0], &[0, 0, 0, 1, 1, 0]],
    censored: &[1, 0, 0, 0, 0, 1],
    entered: &[],
};

/// Days 1, 2, 2, 2, 3, 4 with causes 1, 1, 2, 0, 1, 2.
const TIED: Times<'_> = Times {
    days: Days::From(1),
    events: &[&[1, 1, 1, 0], &[0, 1, 0, 1]],
    censored: &[0, 1, 0, 0],
    entered: &[],
};

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-15 * want.abs(), "{got} {want}");
}

fn of(times: &Times<'_>, cause: usize, variance: IncidenceVariance) -> CumulativeIncidence {
    CumulativeIncidence::new(times, cause, variance).unwrap()
}

#[test]
fn every_word_names_its_variance() {
    for (word, variance) in IncidenceVariance::WORDS.into_iter().zip([Delta, Cmprsk]) {
        assert_eq!((IncidenceVariance::parse(word), variance.word()), (Some(variance), word));
    }
    assert_eq!(IncidenceVariance::parse("aalen"), None);
}

#[test]
fn six_children_by_hand_with_both_variances() {
    for (variance, [at_four, at_five]) in
        [(Delta, [0.2 * 0.8 / 5.0, 0.4 * 0.6 / 5.0]), (Cmprsk, [169.0 / 3600.0, 7.0 / 90.0])]
    {
        let second = of(&SIX, 1, variance);
        let [four, five] = [4, 5].map(|day| second.estimate(day).unwrap());
        near(four.value, 0.2);
        near(five.value, 0.4);
        near(four.variance, at_four);
        near(five.variance, at_five);
    }
}

#[test]
fn the_scale_of_the_interval_is_the_one_asked_for() {
    let curve = of(&SIX, 1, Delta);
    let at = |band: Band| curve.at(4, band, Level::default());
    for (band, lower, upper) in [(Band::LogLog, 0.0084, 0.5819), (Band::Log, 0.0346, 1.0)] {
        let got = at(band);
        assert!((got.lower.unwrap() - lower).abs() < 5e-5, "{got:?}");
        assert!((got.upper.unwrap() - upper).abs() < 5e-5, "{got:?}");
    }
}

#[test]
fn ties_of_different_causes_are_exact() {
    // lifelines moves them apart at random, and gives 0.5556 or 0.5833
    // 1/6; S = 5/6, 1/6 + 5/6 · 1/5 = 1/3; S = 5/6 · 3/5 = 1/2, 1/3 + 1/2 · 1/2 = 7/12
    let first = of(&TIED, 0, Delta);
    for (day, want) in [(1, 1.0 / 6.0), (2, 1.0 / 3.0), (3, 7.0 / 12.0), (4, 7.0 / 12.0)] {
        near(first.estimate(day).unwrap().value, want);
    }
    assert_eq!(first, of(&TIED, 0, Delta));
}

#[test]
fn events_on_the_first_day_count() {
    // lifelines begins its curve at 0 on the first day, whatever happened on it
    let times =
        Times { days: Days::At(&[0, 3]), events: &[&[2, 1]], censored: &[0, 1], entered: &[] };
    assert_eq!(of(&times, 0, Delta).estimate(0).unwrap().value, 0.5);
}

#[test]
fn all_causes_and_none_add_up_to_one() {
    for times in [SIX, TIED] {
        let none = KaplanMeier::new(&times).unwrap();
        for day in 1..=4 {
            let causes: f64 =
                (0..2).map(|cause| of(&times, cause, Delta).estimate(day).unwrap().value).sum();
            near(causes + none.estimate(day).unwrap().value, 1.0);
        }
    }
}

#[test]
fn of_one_cause_it_is_kaplan_meier_turned_round() {
    let times = Times {
        days: Days::From(1),
        events: &[&[1, 0, 1, 1, 0, 0]],
        censored: &[0, 1, 0, 0, 1, 1],
        entered: &[],
    };
    let (curve, incidence) = (KaplanMeier::new(&times).unwrap(), of(&times, 0, Delta));
    for day in 1..=6 {
        let (left, gone) = (curve.estimate(day).unwrap(), incidence.estimate(day).unwrap());
        near(1.0 - left.value, gone.value);
        near(left.variance, gone.variance);
    }
}

#[test]
fn edges_say_why() {
    let curve = of(&SIX, 0, Delta);
    let level = Level::default();
    assert_eq!(
        curve.at(1, Band::Plain, level),
        Interval::without_limits(0.0, Reason::ZeroVariance)
    );
    assert_eq!(curve.at(7, Band::Plain, level), Interval::undefined(Reason::NotObserved));
    assert_eq!(CumulativeIncidence::new(&SIX, 2, Delta), Err(Reason::NoSuchCause));
    let none = Times { days: Days::From(1), events: &[&[]], censored: &[], entered: &[] };
    assert_eq!(CumulativeIncidence::new(&none, 0, Delta), Err(Reason::NoRows));
    // once all have had an event the share stays
    let last = of(&TIED, 1, Cmprsk).estimate(400).unwrap();
    near(last.value, 5.0 / 12.0);
}

#[test]
fn huge_counts_stay_finite() {
    let most = u64::MAX / 4;
    let times = Times {
        days: Days::From(1),
        events: &[&[most, 1], &[1, most]],
        censored: &[],
        entered: &[],
    };
    for variance in [Delta, Cmprsk] {
        for step in of(&times, 0, variance).steps() {
            assert!(step.variance.is_finite() && step.variance < 1e-18, "{step:?}");
        }
    }
}
