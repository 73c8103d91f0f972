//! Rows of people who were followed, as the counts by day that the statistics of time take.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::stats::survival::{Days, Followed, Times};

use super::input::Numbers;

/// The columns of people who were followed: days, what ended them (0: nothing, then causes from 1),
/// and, where it is given, the day on which they joined; NaN is from the start.
pub(super) struct People<'a> {
    time: &'a [u64],
    event: &'a [u64],
    entry: Option<&'a [f64]>,
    causes: usize,
}

/// The same people one by one, with the number of each one's cluster.
pub(super) struct Members<'a> {
    cluster: &'a [u64],
    entry: Vec<i64>,
    exit: Vec<i64>,
    cause: Vec<u32>,
}

impl Members<'_> {
    /// Lends them to a function of the statistics.
    pub(super) fn followed(&self) -> Followed<'_> {
        let Self { cluster, entry, exit, cause } = self;
        Followed { cluster, entry, exit, cause }
    }
}

/// What happened on one day.
#[derive(Default, Clone)]
struct Day {
    events: Vec<u64>,
    censored: u64,
    entered: u64,
}

/// Counts by day of some of the people.
pub(super) struct Counted {
    days: Vec<i64>,
    events: Vec<Vec<u64>>,
    censored: Vec<u64>,
    entered: Vec<u64>,
}

impl<'a> People<'a> {
    /// Reads the columns `time`, `event` and, at a place of its own, `entry`; any event above 0 counts
    /// as one of so many causes.
    pub(super) fn read(numbers: &'a Numbers, entry: usize, causes: usize) -> Result<Self> {
        let people = Self {
            time: numbers.counts(0),
            event: numbers.counts(1),
            entry: numbers.maybe_numbers(entry),
            causes,
        };
        people.check()?;
        Ok(people)
    }

    /// Takes other codes for what ended the days.
    pub(super) fn with_events(self, event: &'a [u64]) -> Self {
        Self { event, ..self }
    }

    /// Everybody with their cluster.
    pub(super) fn members<'c>(&self, cluster: &'c [u64]) -> Members<'c> {
        let joined = |day: &f64| if day.is_nan() { i64::MIN } else { *day as i64 };
        let most = u64::try_from(self.causes).unwrap_or(u64::MAX);
        Members {
            cluster,
            entry: self.entry.unwrap_or_default().iter().map(joined).collect(),
            exit: self.time.iter().map(|day| *day as i64).collect(),
            cause: self.event.iter().map(|event| *event.min(&most) as u32).collect(),
        }
    }

    fn check(&self) -> Result<()> {
        const MOST: u64 = 1 << 53;
        if let Some(row) = self.time.iter().position(|time| *time > MOST) {
            return Err(Error::data(format!(
                "time at row {row} is too large for a number of days"
            )));
        }
        let entries = self.entry.unwrap_or_default().iter().zip(self.time).enumerate();
        for (row, (entry, time)) in entries.filter(|(_, (entry, _))| !entry.is_nan()) {
            if entry.fract() != 0.0 || entry.abs() > MOST as f64 {
                return Err(Error::data(format!(
                    "entry is {entry} at row {row}; expected a whole number of days, or null for who was there from the start"
                )));
            }
            if *entry >= *time as f64 {
                return Err(Error::data(format!(
                    "entry is {entry} at row {row}, and time is {time} there; who left no later than they joined was never seen: take the row out, and say how many they were"
                )));
            }
        }
        Ok(())
    }

    /// Counts those who are kept.
    pub(super) fn count(&self, keep: impl Fn(usize) -> bool) -> Counted {
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        let nothing = Day { events: vec![0; self.causes], ..Day::default() };
        let rows = self.time.iter().zip(self.event).enumerate().filter(|(row, _)| keep(*row));
        for (row, (time, event)) in rows {
            let day = days.entry(*time as i64).or_insert_with(|| nothing.clone());
            match event.checked_sub(1) {
                None => day.censored += 1,
                Some(cause) => {
                    let cause = usize::try_from(cause).unwrap_or(usize::MAX).min(self.causes - 1);
                    if let Some(events) = day.events.get_mut(cause) {
                        *events += 1;
                    }
                }
            }
            let entry = self.entry.and_then(|entry| entry.get(row)).filter(|day| !day.is_nan());
            if let Some(entry) = entry {
                days.entry(*entry as i64).or_insert_with(|| nothing.clone()).entered += 1;
            }
        }
        let causes = 0..self.causes;
        Counted {
            events: causes
                .map(|cause| {
                    days.values().map(|day| day.events.get(cause).copied().unwrap_or(0)).collect()
                })
                .collect(),
            censored: days.values().map(|day| day.censored).collect(),
            entered: days.values().map(|day| day.entered).collect(),
            days: days.into_keys().collect(),
        }
    }
}

impl Counted {
    /// Lends the counts to a function of the statistics.
    pub(super) fn with<T>(&self, take: impl FnOnce(&Times<'_>) -> T) -> T {
        let events: Vec<&[u64]> = self.events.iter().map(Vec::as_slice).collect();
        take(&self.times(&events))
    }

    /// Says how many were at risk on a day.
    pub(super) fn at_risk(&self) -> impl Fn(i64) -> Option<u64> {
        let numbers = self.with(|times| times.numbers_at_risk()).unwrap_or_default();
        move |day| numbers.get(self.days.partition_point(|other| *other < day)).copied()
    }

    fn times<'a>(&'a self, events: &'a [&'a [u64]]) -> Times<'a> {
        Times {
            days: Days::At(&self.days),
            events,
            censored: &self.censored,
            entered: &self.entered,
        }
    }
}

/// Lends the groups of each stratum to a test.
pub(super) fn lend<T>(strata: &[Vec<Counted>], take: impl FnOnce(&[&[Times<'_>]]) -> T) -> T {
    let events: Vec<Vec<Vec<&[u64]>>> = strata
        .iter()
        .map(|groups| {
            groups.iter().map(|of| of.events.iter().map(Vec::as_slice).collect()).collect()
        })
        .collect();
    let times: Vec<Vec<Times<'_>>> = strata
        .iter()
        .zip(&events)
        .map(|(groups, events)| {
            groups.iter().zip(events).map(|(of, events)| of.times(events)).collect()
        })
        .collect();
    let strata: Vec<&[Times<'_>]> = times.iter().map(Vec::as_slice).collect();
    take(&strata)
}
