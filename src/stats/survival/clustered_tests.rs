use super::*;
use crate::stats::survival::{CumulativeIncidence, Days, IncidenceVariance, KaplanMeier, Times};

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

#[test]
fn six_children_alone_are_as_sure_as_by_the_delta_method() {
    let people = Followed { cluster: &[3, 1, 4, 9, 5, 2], entry: &[], exit: &EXIT, cause: &CAUSE };
    let days = [0, 1, 2, 3, 4, 99];
    let curve = KaplanMeier::new(&TIED).unwrap();
    for (day, got) in days.iter().zip(clustered_survival(&people, &days).unwrap()) {
        let want = curve.estimate(*day).unwrap();
        near(got.value, want.value);
        near(got.variance, want.variance);
    }
    for cause in [1, 2] {
        let of = CumulativeIncidence::new(&TIED, cause as usize - 1, IncidenceVariance::Delta);
        let curve = of.unwrap();
        for (day, got) in days.iter().zip(clustered_incidence(&people, cause, &days).unwrap()) {
            let want = curve.estimate(*day).unwrap();
            near(got.value, want.value);
            near(got.variance, want.variance);
        }
    }
}

#[test]
fn three_pairs_by_hand() {
    // no censoring: F is a mean, 1/2, and a pair's influence the sum of (0 or 1 − 1/2)/6
    let people = Followed {
        cluster: &[1, 1, 2, 2, 3, 3],
        entry: &[],
        exit: &[1, 2, 1, 5, 6, 7],
        cause: &[1; 6],
    };
    let half = clustered_incidence(&people, 1, &[3]).unwrap()[0];
    near(half.value, 0.5);
    near(half.variance, 2.0 / 36.0); // 1/6, 0 and −1/6
}

#[test]
fn twins_who_share_their_fate_add_nothing() {
    let twice = |of: &[i64]| -> Vec<i64> { of.iter().chain(of).copied().collect() };
    let cluster: Vec<u64> = (0..6).chain(0..6).collect();
    let cause: Vec<u32> = CAUSE.iter().chain(&CAUSE).copied().collect();
    let alone = Followed { cluster: &[0, 1, 2, 3, 4, 5], entry: &[], exit: &EXIT, cause: &CAUSE };
    let twins = Followed { cluster: &cluster, entry: &[], exit: &twice(&EXIT), cause: &cause };
    for (one, two) in clustered_survival(&alone, &[1, 2, 3])
        .unwrap()
        .iter()
        .zip(clustered_survival(&twins, &[1, 2, 3]).unwrap())
    {
        near(one.value, two.value);
        near(one.variance, two.variance);
    }
}

#[test]
fn edges_say_why() {
    let why = |cluster: &[u64], entry: &[i64], exit: &[i64], cause: &[u32]| {
        clustered_survival(&Followed { cluster, entry, exit, cause }, &[2]).err()
    };
    assert_eq!(why(&[], &[], &[], &[]), Some(Reason::NoRows));
    assert_eq!(why(&[1], &[], &[1, 2], &[1, 1]), Some(Reason::UnequalLengths));
    assert_eq!(why(&[1, 2], &[0], &[1, 2], &[1, 1]), Some(Reason::UnequalLengths));
    assert_eq!(why(&[1, 2], &[0, 2], &[1, 2], &[1, 1]), Some(Reason::LeftBeforeEntry));
    assert_eq!(why(&[1, 1], &[], &[1, 2], &[1, 1]), Some(Reason::OneCluster));
    assert_eq!(why(&[1, 2], &[], &[1, 1], &[1, 0]), Some(Reason::NotObserved));
    let people = Followed { cluster: &[1, 2], entry: &[], exit: &[1, 2], cause: &[1, 0] };
    assert_eq!(clustered_incidence(&people, 0, &[1]), Err(Reason::NoSuchCause));
}
