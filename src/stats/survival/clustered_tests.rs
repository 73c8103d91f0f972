use super::super::{
    CumulativeIncidence, Days, Followed, IncidenceVariance, KaplanMeier, Times,
    clustered_difference_by, clustered_ratio_by, difference_by, ratio_by,
};
use super::*;
use crate::stats::{Level, Reason};

const EXIT: [i64; 6] = [1, 2, 2, 2, 3, 4];
const CAUSE: [u32; 6] = [1, 1, 2, 0, 1, 2];
const TIED: Times<'_> = Times {
    days: Days::From(1),
    events: &[&[1, 1, 1, 0], &[0, 1, 0, 1]],
    censored: &[0, 1, 0, 0],
    entered: &[],
};

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-15, "{got} {want}");
}

fn incidence(times: &Times<'_>, cause: usize) -> CumulativeIncidence {
    CumulativeIncidence::new(times, cause, IncidenceVariance::Delta).unwrap()
}

fn six<'a>(cluster: &'a [u64]) -> Followed<'a> {
    Followed { cluster, entry: &[], exit: &EXIT, cause: &CAUSE }
}

/// Six people, all with an event, on these days.
fn all_with_event(exit: &[i64; 6]) -> KaplanMeier {
    let events: Vec<u64> =
        (0..10).map(|day| exit.iter().filter(|exit| **exit == day).count() as u64).collect();
    let times = Times { days: Days::From(0), events: &[&events], censored: &[], entered: &[] };
    KaplanMeier::new(&times).unwrap()
}

#[test]
fn six_children_alone_are_as_sure_as_by_the_delta_method() {
    let people = six(&[3, 1, 4, 9, 5, 2]);
    let alone = KaplanMeier::new(&TIED).unwrap();
    let clustered = alone.clone().clustered(&people).unwrap();
    for day in [0, 1, 2, 3, 4, 99] {
        let (got, want) = (clustered.estimate(day).unwrap(), alone.estimate(day).unwrap());
        assert_eq!(got.value, want.value);
        near(got.variance, want.variance);
        let means = [&clustered, &alone].map(|curve| curve.restricted_mean(day).unwrap());
        assert_eq!(means[0].value, means[1].value);
        near(means[0].variance, means[1].variance);
        for cause in [0, 1] {
            let alone = incidence(&TIED, cause);
            let clustered = alone.clone().clustered(&people).unwrap();
            let (got, want) = (clustered.estimate(day).unwrap(), alone.estimate(day).unwrap());
            assert_eq!(got.value, want.value);
            near(got.variance, want.variance);
        }
    }
}

#[test]
fn three_pairs_by_hand() {
    // no censoring: S is a mean, 1/2 by day 3, and a pair's influence the sum of (1 or 0 − 1/2)/6
    let exit = [1, 2, 1, 5, 6, 7];
    let people = Followed { cluster: &[1, 1, 2, 2, 3, 3], entry: &[], exit: &exit, cause: &[1; 6] };
    let curve = all_with_event(&exit).clustered(&people).unwrap();
    near(curve.estimate(3).unwrap().variance, 2.0 / 36.0); // −1/6, 0 and 1/6
    let influences = curve.influenced(&people, &[3]).unwrap().remove(0).unwrap();
    assert_eq!(influences.estimate, curve.estimate(3).unwrap());
    for ((cluster, got), want) in influences.by_cluster.iter().zip([-1.0, 0.0, 1.0]) {
        near(*got, want / 6.0);
        assert!((1..=3).contains(cluster));
    }
    // the mean of the days up to 3 is 13/6; pairs have 3, 4 and 6 days, (−8/6, −2/6 and 10/6)/6 from it
    let mean = curve.restricted_mean(3).unwrap();
    near(mean.value, 13.0 / 6.0);
    near(mean.variance, 7.0 / 54.0);
}

#[test]
fn six_rows_with_two_causes_by_hand() {
    let by_three = |cluster: &[u64]| {
        let people = six(cluster);
        let curve = incidence(&TIED, 0).clustered(&people).unwrap();
        let of = curve.influenced(&people, &[3]).unwrap().remove(0).unwrap();
        (curve.estimate(3).unwrap().variance, of.by_cluster)
    };
    // F is 1/6, 1/3 and 7/12 after days 1 to 3, S is 5/6, 1/2 and 1/4, so G is 1/2, 1/2 and 0.
    // To have been at risk counts −(1/6 − 1/12)/6 on day 1, −(5/6)(1/5 − 1/5)/5 on day 2 and
    // −(1/2)(1/2)/2 on day 3: −1/72, 0 and −9/72. An event of cause 1 counts (1/2)/6 on day 1,
    // (5/6)(1/2)/5 on day 2 and (1/2)/2 on day 3: 6/72, 6/72 and 18/72; one of cause 2 on day 2 −6/72.
    let alone = [5.0, 5.0, -7.0, -1.0, 8.0, -10.0].map(|of| of / 72.0);
    let (variance, by_cluster) = by_three(&[1, 2, 3, 4, 5, 6]);
    for ((_, got), want) in by_cluster.iter().zip(alone) {
        near(*got, want);
    }
    near(variance, 11.0 / 216.0);
    // pairs: 10, −8 and −2; then −2, 4 and −2
    near(by_three(&[1, 1, 2, 2, 3, 3]).0, 7.0 / 216.0);
    near(by_three(&[1, 2, 1, 2, 3, 3]).0, 1.0 / 216.0);
}

#[test]
fn twins_who_share_their_fate_add_nothing() {
    let twice = |of: &[i64]| -> Vec<i64> { of.iter().chain(of).copied().collect() };
    let cluster: Vec<u64> = (0..6).chain(0..6).collect();
    let cause: Vec<u32> = CAUSE.iter().chain(&CAUSE).copied().collect();
    let twins = Followed { cluster: &cluster, entry: &[], exit: &twice(&EXIT), cause: &cause };
    let doubled =
        Times { events: &[&[2, 2, 2, 0], &[0, 2, 0, 2]], censored: &[0, 2, 0, 0], ..TIED };
    let one = KaplanMeier::new(&TIED).unwrap();
    let two = KaplanMeier::new(&doubled).unwrap().clustered(&twins).unwrap();
    for day in [1, 2, 3] {
        let (one, two) = (one.estimate(day).unwrap(), two.estimate(day).unwrap());
        near(one.value, two.value);
        near(one.variance, two.variance);
    }
}

#[test]
fn the_sums_along_the_days_are_those_over_clusters() {
    // a thousand people in families of 1 to 7, some of whom join late
    let step = |state: &mut u64| {
        *state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *state >> 33
    };
    let mut state = 5;
    let (mut cluster, mut entry, mut exit, mut cause) = (vec![], vec![], vec![], vec![]);
    for person in 0..1000_u64 {
        cluster.push(person % 37 * (person % 7));
        let from = (step(&mut state) % 40) as i64;
        entry.push(if person % 3 == 0 { from } else { i64::MIN });
        exit.push(from + 1 + (step(&mut state) % 90) as i64);
        cause.push((step(&mut state) % 3) as u32);
    }
    let people = Followed { cluster: &cluster, entry: &entry, exit: &exit, cause: &cause };
    let count = |day: i64, of: u32| {
        exit.iter().zip(&cause).filter(|(exit, cause)| **exit == day && **cause == of).count()
            as u64
    };
    let on = |of| (0..131).map(|day| count(day, of)).collect::<Vec<u64>>();
    let (first, second, censored) = (on(1), on(2), on(0));
    let entered: Vec<u64> =
        (0..131).map(|day| entry.iter().filter(|entry| **entry == day).count() as u64).collect();
    let times = Times {
        days: Days::From(0),
        events: &[&first, &second],
        censored: &censored,
        entered: &entered,
    };
    let survival = KaplanMeier::new(&times).unwrap().clustered(&people).unwrap();
    let of_second = incidence(&times, 1).clustered(&people).unwrap();
    let days = [0, 3, 40, 77, 100, 128];
    let squares = |of: &Influenced| of.by_cluster.iter().map(|(_, of)| of * of).sum::<f64>();
    for all in [
        survival.influenced(&people, &days),
        survival.influenced_mean(&people, &days),
        of_second.influenced(&people, &days),
    ] {
        for of in all.unwrap() {
            let of = of.unwrap();
            let (got, want) = (of.estimate.variance, squares(&of));
            assert!((got - want).abs() <= 1e-13 * want, "{got} {want}");
        }
    }
}

#[test]
fn groups_without_a_cluster_in_common_are_compared_as_ever() {
    let (one, two) = (six(&[1, 1, 2, 2, 3, 3]), six(&[4, 5, 4, 5, 6, 6]));
    let level = Level::default();
    let of = |people: &Followed<'_>| {
        let curve = KaplanMeier::new(&TIED).unwrap().clustered(people).unwrap();
        curve.influenced(people, &[2]).unwrap().remove(0).unwrap()
    };
    let (one, two) = (of(&one), of(&two));
    let got = clustered_difference_by(&one, &two, level);
    let want = difference_by(one.estimate, two.estimate, level);
    near(got.interval.upper.unwrap(), want.interval.upper.unwrap());
    let got = clustered_ratio_by(&one, &two, level);
    let want = ratio_by(one.estimate, two.estimate, level);
    near(got.interval.upper.unwrap(), want.interval.upper.unwrap());
    // the same people in both groups: they move both alike
    let same = clustered_difference_by(&one, &one, level).interval;
    assert_eq!((same.value, same.reason), (Some(0.0), Some(Reason::ZeroVariance)));
    let same = clustered_ratio_by(&one, &one, level).interval;
    assert_eq!((same.value, same.reason), (Some(1.0), Some(Reason::ZeroVariance)));
    let alone = Influenced { by_cluster: one.by_cluster[..1].to_vec(), ..one.clone() };
    let why = clustered_difference_by(&alone, &two, level).interval.reason;
    assert_eq!(why, Some(Reason::OneCluster));
}

#[test]
fn what_cancels_is_none_and_not_next_to_nothing() {
    // each of two families has one event on each day: nothing tells how families vary
    let exit = [1, 2, 3, 1, 2, 3];
    let people = Followed { cluster: &[1, 1, 1, 2, 2, 2], entry: &[], exit: &exit, cause: &[1; 6] };
    let curve = all_with_event(&exit).clustered(&people).unwrap();
    for day in 0..5 {
        assert_eq!(curve.estimate(day).unwrap().variance, 0.0);
        assert_eq!(curve.restricted_mean(day).unwrap().variance, 0.0);
    }
}

#[test]
fn edges_say_why() {
    let why = |cluster: &[u64], entry: &[i64], exit: &[i64], cause: &[u32]| {
        KaplanMeier::new(&TIED).unwrap().clustered(&Followed { cluster, entry, exit, cause }).err()
    };
    let clusters = [1, 1, 2, 2, 3, 3];
    assert_eq!(why(&[1; 6], &[], &EXIT, &CAUSE), Some(Reason::OneCluster));
    assert_eq!(why(&[1], &[], &EXIT, &CAUSE), Some(Reason::UnequalLengths));
    assert_eq!(why(&clusters, &[], &EXIT[..5], &CAUSE[..5]), Some(Reason::UnequalLengths));
    assert_eq!(why(&clusters[..5], &[], &EXIT[..5], &CAUSE[..5]), Some(Reason::UnequalLengths));
    assert_eq!(why(&clusters, &[0], &EXIT, &CAUSE), Some(Reason::UnequalLengths));
    assert_eq!(why(&clusters, &[0, 1, 1, 2, 1, 1], &EXIT, &CAUSE), Some(Reason::LeftBeforeEntry));
}
