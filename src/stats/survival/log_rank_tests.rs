use super::*;
use crate::stats::survival::Days;

const fn times<'a>(days: &'a [i64], events: &'a [&'a [u64]], censored: &'a [u64]) -> Times<'a> {
    Times { days: Days::At(days), events, censored, entered: &[] }
}

const ONE: Times<'_> = times(&[1, 2, 4], &[&[1, 1, 0]], &[0, 0, 1]);
const TWO: Times<'_> = times(&[2, 3, 5], &[&[0, 1, 1]], &[1, 0, 0]);

fn near(got: Option<f64>, want: f64) {
    assert!((got.unwrap() - want).abs() <= 1e-14 * want.abs(), "{got:?} {want}");
}

#[test]
fn six_children_by_hand() {
    // expected of the first group 1/2 + 2/5 + 1/3; variance 1/4 + 6/25 + 2/9
    let found = log_rank(&[&[ONE, TWO]], LogRankWeight::LogRank);
    assert_eq!(found.observed, [2.0, 2.0]);
    near(found.expected.first().copied(), 37.0 / 30.0);
    near(found.test.statistic, 529.0 / 641.0);
    assert_eq!(found.test.df, Some(1.0));
}

#[test]
fn weights_by_hand() {
    // w = 6, 5, 3: Σ w(d − e) = 3 + 3 − 1, Σ w²V = 9 + 6 + 2
    near(log_rank(&[&[ONE, TWO]], LogRankWeight::Wilcoxon).test.statistic, 25.0 / 17.0);
    // w² = 6, 5, 3: Σ w²V = 3/2 + 6/5 + 2/3 = 101/30
    let sum = 6.0_f64.sqrt() / 2.0 + 5.0_f64.sqrt() * 0.6 - 3.0_f64.sqrt() / 3.0;
    near(
        log_rank(&[&[ONE, TWO]], LogRankWeight::TaroneWare).test.statistic,
        sum * sum * 30.0 / 101.0,
    );
    // S(t−) = 1, 5/6, 2/3; only late days: 1 − S(t−) = 0, 1/6, 1/3
    let early = LogRankWeight::FlemingHarrington { p: 1.0, q: 0.0 };
    let sum = 0.5 + 0.5 - 2.0 / 9.0;
    near(
        log_rank(&[&[ONE, TWO]], early).test.statistic,
        sum * sum / (0.25 + 1.0 / 6.0 + 8.0 / 81.0),
    );
    let none = LogRankWeight::FlemingHarrington { p: 0.0, q: 0.0 };
    assert_eq!(log_rank(&[&[ONE, TWO]], none), log_rank(&[&[ONE, TWO]], LogRankWeight::LogRank));
}

#[test]
fn the_order_of_groups_and_strata_does_not_matter() {
    let three = times(&[1, 6], &[&[0, 2]], &[2, 0]);
    for word in LogRankWeight::WORDS {
        let weight = LogRankWeight::parse(word, 0.5, 1.0).unwrap();
        let test = |strata: &[&[Times<'_>]]| log_rank(strata, weight).test;
        let one = test(&[&[ONE, TWO, three]]);
        near(test(&[&[three, ONE, TWO]]).statistic, one.statistic.unwrap());
        assert_eq!(one.df, Some(2.0));
        let both = test(&[&[ONE, TWO], &[TWO, three]]);
        near(test(&[&[TWO, three], &[ONE, TWO]]).statistic, both.statistic.unwrap());
    }
}

#[test]
fn twice_the_same_stratum_doubles_the_statistic() {
    let once = log_rank(&[&[ONE, TWO]], LogRankWeight::LogRank).test;
    let twice = log_rank(&[&[ONE, TWO], &[ONE, TWO]], LogRankWeight::LogRank).test;
    near(twice.statistic, 2.0 * once.statistic.unwrap());
}

#[test]
fn groups_that_never_meet_lower_the_degrees_of_freedom() {
    // two pairs of groups, one long after the other: what one pair shows says nothing of the other
    let late = |events, censored| Times {
        days: Days::At(&[99, 101, 102, 104]),
        events,
        censored,
        entered: &[3, 0, 0, 0],
    };
    let found = log_rank(
        &[&[
            ONE,
            TWO,
            late(&[&[0, 1, 1, 0]], &[0, 0, 0, 1]),
            late(&[&[0, 0, 1, 1]], &[0, 0, 1, 0]),
        ]],
        LogRankWeight::LogRank,
    );
    assert_eq!(found.test.df, Some(2.0));
    let empty = times(&[1], &[&[0]], &[0]);
    let found = log_rank(&[&[ONE, empty, TWO]], LogRankWeight::LogRank);
    assert_eq!(found.test.df, Some(1.0));
    near(found.test.statistic, 529.0 / 641.0);
}

#[test]
fn edges_say_why() {
    let why = |strata: &[&[Times<'_>]]| log_rank(strata, LogRankWeight::LogRank).test.reason;
    let censored = times(&[3], &[&[0]], &[4]);
    assert_eq!(why(&[]), Some(Reason::TooFewGroups));
    assert_eq!(why(&[&[ONE]]), Some(Reason::TooFewGroups));
    assert_eq!(why(&[&[ONE, TWO], &[ONE]]), Some(Reason::UnequalLengths));
    assert_eq!(why(&[&[censored, censored]]), Some(Reason::NoVariation));
    let at_once = times(&[3], &[&[4]], &[]);
    assert_eq!(why(&[&[at_once, at_once]]), Some(Reason::NoVariation));
    let wrong = times(&[3, 2], &[&[1, 1]], &[]);
    assert_eq!(why(&[&[ONE, wrong]]), Some(Reason::DaysOutOfOrder));
}
