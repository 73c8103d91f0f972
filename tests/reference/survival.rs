//! Times to an event, against R's survival, cmprsk and etm, and 50-digit arithmetic on the rows.
//!
//! The tables hold rows of people; here they become counts by day, as a measure would hold them.

use std::collections::BTreeMap;

use wholefamily::stats::survival::{
    Band, CumulativeIncidence, Days, Estimate, HorizonContrast, IncidenceVariance, KaplanMeier,
    LogRankWeight, Move, MultiState, Times, difference_by, gray, log_rank, ratio_by,
};
use wholefamily::stats::{Interval, Reason};

use crate::table::{Nearness, Row, rows};

/// Sums and products over up to a hundred days; R and statsmodels take differences of them too.
pub(crate) const CLOSED: f64 = 1e-12;

pub(crate) fn list<T: std::str::FromStr<Err: std::fmt::Debug>>(row: &Row, column: &str) -> Vec<T> {
    row.text(column).split_whitespace().map(|word| word.parse().unwrap()).collect()
}

/// Counts by day of some of the rows, on the days named or on every day from the first.
pub(crate) struct Counts {
    days: Vec<i64>,
    events: Vec<Vec<u64>>,
    censored: Vec<u64>,
    entered: Vec<u64>,
}

impl Counts {
    pub(crate) fn of(row: &Row, keep: impl Fn(usize) -> bool, every_day: bool) -> Self {
        let (entry, time) = (list::<i64>(row, "entry"), list::<i64>(row, "time"));
        let event = list::<usize>(row, "event");
        let kept: Vec<usize> = (0..time.len()).filter(|&person| keep(person)).collect();
        let first = entry.iter().chain(&time).min().copied().unwrap();
        let last = time.iter().max().copied().unwrap();
        let mut days: Vec<i64> = (first..=last).collect();
        if !every_day {
            days.retain(|day| kept.iter().any(|&i| time[i] == *day || entry.get(i) == Some(day)));
        }
        let zeros = vec![0; days.len()];
        let mut counts = Self {
            events: vec![zeros.clone(); event.iter().max().copied().unwrap().max(3)],
            censored: zeros.clone(),
            entered: zeros,
            days,
        };
        for i in kept {
            let place = |day| counts.days.binary_search(&day).unwrap();
            let (at, joined) = (place(time[i]), entry.get(i).map(|&day| place(day)));
            match event[i].checked_sub(1) {
                Some(cause) => counts.events[cause][at] += 1,
                None => counts.censored[at] += 1,
            }
            if let Some(at) = joined {
                counts.entered[at] += 1;
            }
        }
        counts
    }

    pub(crate) fn with<T>(&self, ask: impl FnOnce(&Times<'_>) -> T) -> T {
        let events: Vec<&[u64]> = self.events.iter().map(Vec::as_slice).collect();
        ask(&Times {
            days: Days::At(&self.days),
            events: &events,
            censored: &self.censored,
            entered: &self.entered,
        })
    }
}

pub(crate) fn everybody(row: &Row) -> Counts {
    Counts::of(row, |_| true, row.line.is_multiple_of(2))
}

pub(crate) fn band(row: &Row) -> Band {
    Band::parse(row.text("band")).unwrap()
}

pub(crate) fn day(row: &Row, column: &str) -> i64 {
    row.text(column).parse().unwrap()
}

/// Values at the far end of rounding from 0 are nothing.
pub(crate) const FLOOR: f64 = 4e-16;
/// The same for variances.
pub(crate) const SMALL: f64 = 1e-18;

#[test]
fn survival_by_a_day() {
    let mut near = Nearness::default();
    for row in rows("survival/kaplan_meier.csv") {
        let at = day(&row, "day");
        let curve = everybody(&row).with(KaplanMeier::new).unwrap();
        let got = curve.at(at, band(&row), row.level());
        near.hold_interval_within(&row, band(&row).word(), &got, FLOOR, CLOSED);
        let variance = curve.estimate(at).unwrap().variance;
        near.hold_within(&row, "variance", "variance", Some(variance), SMALL, CLOSED);
        if row.expected("at_risk").is_some() {
            let at_risk = everybody(&row).with(|times| times.at_risk(at)).unwrap();
            near.hold(&row, "at risk", "at_risk", Some(at_risk as f64), 0.0);
        }
    }
}

#[test]
fn survival_quantiles() {
    let mut near = Nearness::default();
    for row in rows("survival/quantile.csv") {
        let curve = everybody(&row).with(KaplanMeier::new).unwrap();
        let got = curve.quantile(row.number("share"), band(&row), row.level());
        near.hold_interval_within(&row, band(&row).word(), &got, 0.0, 0.0);
    }
}

#[test]
fn restricted_means() {
    let mut near = Nearness::default();
    for row in rows("survival/restricted_mean.csv") {
        let curve = everybody(&row).with(KaplanMeier::new).unwrap();
        let got = curve.restricted_mean(day(&row, "until")).unwrap();
        near.hold_within(&row, "value", "value", Some(got.value), 0.0, CLOSED);
        let error = Some(got.standard_error());
        near.hold_within(&row, "standard error", "standard_error", error, 0.0, CLOSED);
    }
}

fn incidence(row: &Row, counts: &Counts, cause: usize) -> CumulativeIncidence {
    let variance = IncidenceVariance::parse(row.text("method")).unwrap();
    counts.with(|times| CumulativeIncidence::new(times, cause, variance)).unwrap()
}

#[test]
fn cumulative_incidence_by_a_day() {
    let mut near = Nearness::default();
    for row in rows("survival/cumulative_incidence.csv") {
        let cause = row.count("cause") as usize - 1;
        let curve = incidence(&row, &everybody(&row), cause);
        let at = day(&row, "day");
        let got = curve.at(at, band(&row), row.level());
        let what = format!("{} {}", row.text("method"), band(&row).word());
        near.hold_interval_within(&row, &what, &got, FLOOR, CLOSED);
        let variance = Some(curve.estimate(at).unwrap().variance);
        near.hold_within(&row, row.text("method"), "variance", variance, SMALL, CLOSED);
    }
}

/// The groups of each stratum as a test takes them.
fn strata<T>(row: &Row, ask: impl FnOnce(&[&[Times<'_>]]) -> T) -> T {
    let (group, stratum) = (list::<usize>(row, "group"), list::<usize>(row, "stratum"));
    let (groups, strata) = (*group.iter().max().unwrap(), *stratum.iter().max().unwrap());
    let one = |s: usize, g: usize| {
        Counts::of(row, |i| group[i] == g && stratum[i] == s, g.is_multiple_of(2))
    };
    let counts: Vec<Vec<Counts>> =
        (1..=strata).map(|s| (1..=groups).map(|g| one(s, g)).collect()).collect();
    let events: Vec<Vec<Vec<&[u64]>>> = counts
        .iter()
        .map(|of| of.iter().map(|c| c.events.iter().map(Vec::as_slice).collect()).collect())
        .collect();
    let times: Vec<Vec<Times<'_>>> = counts
        .iter()
        .zip(&events)
        .map(|(counts, events)| {
            counts
                .iter()
                .zip(events)
                .map(|(c, events)| Times {
                    days: Days::At(&c.days),
                    events,
                    censored: &c.censored,
                    entered: &c.entered,
                })
                .collect()
        })
        .collect();
    let slices: Vec<&[Times<'_>]> = times.iter().map(Vec::as_slice).collect();
    ask(&slices)
}

#[test]
fn log_rank_tests() {
    let mut near = Nearness::default();
    for row in rows("survival/log_rank.csv") {
        let weight =
            LogRankWeight::parse(row.text("weight"), row.number("p"), row.number("q")).unwrap();
        let found = strata(&row, |strata| log_rank(strata, weight));
        let word = weight.word();
        near.hold_within(&row, word, "statistic", found.test.statistic, 1e-15, CLOSED);
        near.hold_within(&row, word, "p_value", found.test.p_value, 0.0, CLOSED);
        near.hold(&row, word, "df", found.test.df, 0.0);
        if row.expected("observed").is_some() {
            near.hold(&row, "observed", "observed", found.observed.first().copied(), 0.0);
            near.hold(&row, "expected", "expected", found.expected.first().copied(), 0.0);
        }
    }
}

#[test]
fn grays_tests() {
    let mut near = Nearness::default();
    for row in rows("survival/gray.csv") {
        let cause = row.count("cause") as usize - 1;
        let found = strata(&row, |strata| gray(strata, cause, row.number("rho")));
        near.hold_within(&row, "", "statistic", found.statistic, 1e-15, CLOSED);
        near.hold_within(&row, "", "p_value", found.p_value, 0.0, CLOSED);
        near.hold(&row, "", "df", found.df, 0.0);
    }
}

/// The first two groups, whatever their strata.
fn by_group(row: &Row) -> [Estimate; 2] {
    let group = list::<usize>(row, "group");
    [1, 2].map(|one| {
        let counts = Counts::of(row, |i| group[i] == one, false);
        let at = day(row, "day");
        match row.count("cause") {
            0 => counts.with(KaplanMeier::new).unwrap().estimate(at).unwrap(),
            cause => counts
                .with(|times| {
                    CumulativeIncidence::new(times, cause as usize - 1, IncidenceVariance::Delta)
                })
                .unwrap()
                .estimate(at)
                .unwrap(),
        }
    })
}

fn contrasts(table: &'static str, ask: impl Fn(&Row, Estimate, Estimate) -> HorizonContrast) {
    let mut near = Nearness::default();
    for row in rows(table) {
        let [group, reference] = by_group(&row);
        let got = ask(&row, group, reference);
        near.hold_interval_within(&row, "", &got.interval, 1e-15, CLOSED);
        near.hold_within(&row, "", "p_value", got.p_value, 0.0, CLOSED);
    }
}

#[test]
fn contrasts_by_a_day() {
    contrasts("survival/difference_by.csv", |row, group, reference| {
        difference_by(group, reference, row.level())
    });
    contrasts("survival/ratio_by.csv", |row, group, reference| {
        ratio_by(group, reference, row.level())
    });
}

/// Moves by day, with everybody in their first state from the day they came.
fn states(row: &Row) -> MultiState {
    let [start, stop, from, to] =
        ["start", "stop", "from", "to"].map(|column| list::<i64>(row, column));
    let state = |number: i64| usize::try_from(number - 1).ok();
    let mut at_start = vec![0; 4];
    let mut moves: BTreeMap<(i64, Option<usize>, Option<usize>), u64> = BTreeMap::new();
    for i in 0..start.len() {
        if start[i] == 0 {
            at_start[from[i] as usize - 1] += 1;
        }
        *moves.entry((stop[i], state(from[i]), state(to[i]))).or_default() += 1;
    }
    let moves: Vec<Move> =
        moves.into_iter().map(|((day, from, to), count)| Move { day, from, to, count }).collect();
    MultiState::new(&at_start, &moves).unwrap()
}

#[test]
fn shares_of_states() {
    let mut near = Nearness::default();
    for row in rows("survival/multi_state.csv") {
        let table = states(&row);
        let [after, until] = ["after", "until"].map(|column| day(&row, column));
        let [begin, state] = ["begin", "state"].map(|column| row.count(column) as usize - 1);
        let mut start = [0.0; 4];
        start[begin] = 1.0;
        let share = table.shares(&start, after, until).unwrap()[state];
        near.hold_within(&row, "share", "value", Some(share.value), FLOOR, CLOSED);
        near.hold_within(&row, "variance", "variance", Some(share.variance), SMALL, CLOSED);
        let chance = table.transitions(after, until).unwrap()[begin][state];
        near.hold_within(&row, "chance", "value", Some(chance), FLOOR, CLOSED);
        if row.expected("days").is_some() {
            let days = table.days_in_state(&start, after, until).unwrap()[state];
            near.hold_within(&row, "days", "days", Some(days.value), FLOOR, CLOSED);
            if row.expected("days_variance").is_some() {
                let variance = Some(days.variance);
                near.hold_within(&row, "days", "days_variance", variance, SMALL, CLOSED);
            }
        }
    }
}

#[test]
fn what_is_undefined_says_why() {
    for row in rows("survival/kaplan_meier.csv") {
        let curve = everybody(&row).with(KaplanMeier::new).unwrap();
        let last = curve.steps().last().unwrap();
        let beyond = curve.at(last.day + 1, Band::LogLog, row.level());
        if last.survival > 0.0 {
            assert_eq!(beyond, Interval::undefined(Reason::NotObserved));
        } else {
            assert_eq!(beyond, Interval::without_limits(0.0, Reason::ZeroVariance));
        }
    }
}
