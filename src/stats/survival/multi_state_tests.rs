use super::*;
use crate::stats::survival::{Days, KaplanMeier, Times};

const fn go(day: i64, from: usize, to: usize, count: u64) -> Move {
    Move { day, from: Some(from), to: Some(to), count }
}

const fn censored(day: i64, from: usize, count: u64) -> Move {
    Move { day, from: Some(from), to: None, count }
}

/// Six referrals: assessed on 1, 2 and 2, of whom one came into care on 4; one straight into care on
/// 3; censored on 3 and, of the assessed, on 5.
const SIX: [Move; 6] = [
    go(1, 0, 1, 1),
    go(2, 0, 1, 2),
    go(3, 0, 2, 1),
    censored(3, 0, 1),
    go(4, 1, 2, 1),
    censored(5, 1, 1),
];

fn near(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-15, "{got} {want}");
}

fn values(of: Vec<Estimate>) -> Vec<f64> {
    of.into_iter().map(|share| share.value).collect()
}

#[test]
fn six_referrals_by_hand() {
    let table = MultiState::new(&[6, 0, 0], &SIX).unwrap();
    let start = [1.0, 0.0, 0.0];
    // 5/6; 5/6 · 3/5 = 1/2; on day 3 one of three goes: 1/3 stay, 1/6 in care; on day 4 a third of 1/2
    for (day, want) in [
        (1, [5.0 / 6.0, 1.0 / 6.0, 0.0]),
        (2, [0.5, 0.5, 0.0]),
        (3, [1.0 / 3.0, 0.5, 1.0 / 6.0]),
        (5, [1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]),
    ] {
        for (got, want) in values(table.shares(&start, 0, day).unwrap()).into_iter().zip(want) {
            near(got, want);
        }
    }
    // days as referred: 1 + 5/6 + 1/2 + 2 · 1/3; in care 1/6 + 1/3
    let days = values(table.days_in_state(&start, 0, 5).unwrap());
    for (got, want) in days.iter().zip([3.0, 1.5, 0.5]) {
        near(*got, want);
    }
    near(days.iter().sum(), 5.0);
}

#[test]
fn of_two_states_it_is_kaplan_meier() {
    let times = Times {
        days: Days::From(1),
        events: &[&[1, 0, 1, 1, 0, 0]],
        censored: &[0, 1, 0, 0, 1, 1],
        entered: &[],
    };
    let curve = KaplanMeier::new(&times).unwrap();
    let moves = [
        go(1, 0, 1, 1),
        censored(2, 0, 1),
        go(3, 0, 1, 1),
        go(4, 0, 1, 1),
        censored(5, 0, 1),
        censored(6, 0, 1),
    ];
    let table = MultiState::new(&[6, 0], &moves).unwrap();
    for day in 0..=6 {
        let (left, want) =
            (table.shares(&[1.0, 0.0], 0, day).unwrap()[0], curve.estimate(day).unwrap());
        near(left.value, want.value);
        near(left.variance, want.variance);
        let (area, want) = (
            table.days_in_state(&[1.0, 0.0], 0, day).unwrap()[0],
            curve.restricted_mean(day).unwrap(),
        );
        near(area.value, want.value);
        assert!((area.variance - want.variance).abs() < 4e-15, "{area:?} {want:?}");
    }
}

#[test]
fn chances_multiply_along_the_way() {
    let table = MultiState::new(&[6, 2, 0], &SIX).unwrap();
    let (first, then) = (table.transitions(0, 2).unwrap(), table.transitions(2, 4).unwrap());
    let whole = table.transitions(0, 4).unwrap();
    for (row, want) in first.iter().zip(&whole) {
        near(want.iter().sum(), 1.0);
        for (column, want) in want.iter().enumerate() {
            let sum: f64 = row.iter().zip(&then).map(|(p, then)| p * then[column]).sum();
            near(sum, *want);
        }
    }
}

#[test]
fn who_joins_late_counts_from_the_next_day() {
    let joins = |day| Move { day, from: None, to: Some(0), count: 2 };
    let at = |day| {
        let table =
            MultiState::new(&[2, 0], &[joins(day), go(day.max(3), 0, 1, 1), censored(4, 0, 3)]);
        table.unwrap().shares(&[1.0, 0.0], 0, 3).unwrap()[0].value
    };
    near(at(2), 0.75);
    near(at(3), 0.5);
}

#[test]
fn edges_say_why() {
    let why = |at_start: &[u64], moves: &[Move]| MultiState::new(at_start, moves).err();
    assert_eq!(why(&[], &[]), Some(Reason::NoRows));
    assert_eq!(why(&[0, 0], &[]), Some(Reason::NoRows));
    assert_eq!(why(&[3, 0], &[go(1, 0, 2, 1)]), Some(Reason::NoSuchState));
    assert_eq!(why(&[3, 0], &[go(2, 0, 1, 1), go(1, 0, 1, 1)]), Some(Reason::DaysOutOfOrder));
    assert_eq!(why(&[3, 0], &[go(1, 0, 1, 4)]), Some(Reason::MoreLeftThanAtRisk));
    // who has just come is not at risk yet
    assert_eq!(
        why(&[1, 0, 0], &[go(1, 0, 1, 1), go(1, 1, 2, 1)]),
        Some(Reason::MoreLeftThanAtRisk)
    );
    assert_eq!(why(&[1, u64::MAX], &[go(1, 0, 1, 1)]), Some(Reason::TooLarge));
    let table = MultiState::new(&[6, 0, 0], &SIX).unwrap();
    let start = [1.0, 0.0, 0.0];
    assert_eq!(table.shares(&start, 0, 6), Err(Reason::NotObserved));
    assert_eq!(table.transitions(0, 6), Err(Reason::NotObserved));
    assert_eq!(table.shares(&start, 3, 2), Err(Reason::DaysOutOfOrder));
    assert_eq!(table.shares(&[1.0, 0.0], 0, 2), Err(Reason::UnequalLengths));
    assert_eq!(table.shares(&[0.5, 0.0, 0.0], 0, 2), Err(Reason::NotAProbability));
    // care is for good, so that it is known for ever
    assert_eq!(values(table.shares(&[0.0, 0.0, 1.0], 0, 99).unwrap()), [0.0, 0.0, 1.0]);
}

#[test]
fn of_those_who_began_all_watched_it_is_a_share_of_them() {
    let moves =
        [go(1, 0, 1, 2), go(2, 0, 2, 1), go(4, 1, 2, 1), censored(6, 0, 4), censored(6, 1, 3)];
    let table = MultiState::new(&[7, 2, 0], &moves).unwrap();
    let (shares, days) = table.of_those(&[7, 2, 0], 0, 5).unwrap();
    for (share, seen) in shares.iter().zip([4.0, 3.0, 2.0]) {
        near(share.value, seen / 9.0);
        near(share.variance, seen * (9.0 - seen) / 729.0);
    }
    // as referred: 4 for 5 days, 2 for 1, 1 for 2; the variance of a mean of nine
    let spent = [5.0, 5.0, 5.0, 5.0, 1.0, 1.0, 2.0, 0.0, 0.0_f64];
    let mean = spent.iter().sum::<f64>() / 9.0;
    let squares: f64 = spent.iter().map(|days| (days - mean).powi(2)).sum();
    near(days[0].value, mean);
    assert!((days[0].variance - squares / 81.0).abs() < 1e-15);
    assert_eq!(table.of_those(&[0, 0, 0], 0, 5).err(), Some(Reason::NoRows));
}

#[test]
fn stays_that_follow_one_another_are_moves() {
    let moves = MultiState::new(&[6, 0, 0], &SIX).unwrap();
    let seen = |day, to, count| Move { day, from: None, to: Some(to), count };
    let mut stays = SIX.to_vec();
    stays.extend([seen(1, 1, 1), seen(2, 1, 2)]);
    stays.sort_by_key(|of| of.day);
    let stays = MultiState::from_stays(&[6, 0, 0], &stays).unwrap();
    for day in 1..=5 {
        assert_eq!(
            stays.shares(&[1.0, 0.0, 0.0], 0, day),
            moves.shares(&[1.0, 0.0, 0.0], 0, day),
            "{day}"
        );
    }
}
