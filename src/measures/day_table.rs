//! The counts of one group day by day, as the statistics of time take them, and what figures of them
//! have in common.

use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::reason::Reason;
use crate::stats::survival::{Days, Times};

use super::durations::Durations;

/// The counts of one group, day by day, as the statistics take them.
pub(crate) struct DayTable {
    days: Vec<i64>,
    events: Vec<Vec<u64>>,
    censored: Vec<u64>,
    entered: Vec<u64>,
    /// How many had each event up to each day, and were at risk on it, so that many days can be asked
    /// for.
    had: Vec<Vec<u64>>,
    at_risk: Vec<u64>,
}

impl DayTable {
    /// The days on which anything happened, with the events in the order asked for.
    pub(crate) fn new(state: &Durations, events: &[Value]) -> Self {
        let all = state.ends.iter().map(|(_, counts)| counts).chain([&state.entered]);
        let mut days: Vec<u32> =
            all.flat_map(|counts| counts.0.iter().map(|(day, _)| *day)).collect();
        // The lists are in order each, which a stable sort makes use of.
        days.sort();
        days.dedup();
        let spread = |counts: &[(u32, u64)]| {
            let mut counts = counts.iter().peekable();
            let count =
                |day: &u32| counts.next_if(|(of, _)| of == day).map_or(0, |(_, count)| *count);
            days.iter().map(count).collect::<Vec<u64>>()
        };
        let events: Vec<Vec<u64>> = events.iter().map(|event| spread(state.of(event))).collect();
        let mut table = Self {
            had: events.iter().map(|counts| running(counts)).collect(),
            events,
            censored: spread(state.of(&Value::Null)),
            entered: if state.entered.0.is_empty() { Vec::new() } else { spread(&state.entered.0) },
            days: days.iter().copied().map(i64::from).collect(),
            at_risk: Vec::new(),
        };
        table.at_risk = table.with(|times| times.numbers_at_risk()).unwrap_or_default();
        table
    }

    /// Lends the table to a function of the statistics.
    pub(crate) fn with<T>(&self, take: impl FnOnce(&Times<'_>) -> T) -> T {
        let events: Vec<&[u64]> = self.events.iter().map(Vec::as_slice).collect();
        take(&self.times(&events))
    }

    fn times<'a>(&'a self, events: &'a [&'a [u64]]) -> Times<'a> {
        Times {
            days: Days::At(&self.days),
            events,
            censored: &self.censored,
            entered: &self.entered,
        }
    }

    /// How many had an event of this place in the list.
    pub(crate) fn events(&self, event: usize) -> u64 {
        self.events.get(event).into_iter().flatten().sum()
    }

    /// The days to show a curve on: those with an event of this place in the list; where there is
    /// none, the last day on which anybody was followed; nothing where nobody was.
    pub(crate) fn curve_days(&self, event: usize) -> Vec<i64> {
        let counts = self.events.get(event).into_iter().flatten();
        let with = self.days.iter().zip(counts).filter(|(_, count)| **count > 0);
        let days: Vec<i64> = with.map(|(day, _)| *day).collect();
        if days.is_empty() { self.days.last().copied().into_iter().collect() } else { days }
    }

    /// How many had the event up to a day, and how many were at risk on it.
    pub(crate) fn counts(&self, event: usize, day: i64) -> (u64, u64) {
        let until = self.days.partition_point(|other| *other <= day);
        let had = self.had.get(event).zip(until.checked_sub(1)).and_then(|(had, at)| had.get(at));
        let on = self.days.partition_point(|other| *other < day);
        (had.copied().unwrap_or(0), self.at_risk.get(on).copied().unwrap_or(0))
    }
}

/// The sum up to each place.
fn running(counts: &[u64]) -> Vec<u64> {
    let add = |sum: &mut u64, count: &u64| {
        *sum += count;
        Some(*sum)
    };
    counts.iter().scan(0, add).collect()
}

/// Lends the groups of each stratum to a test.
pub(crate) fn lend<T>(strata: &[Vec<DayTable>], take: impl FnOnce(&[&[Times<'_>]]) -> T) -> T {
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

/// The counts that a figure at a day gives away.
pub(crate) fn reveals(state: &Durations, had: u64, at_risk: u64) -> Vec<u64> {
    vec![had, at_risk, state.used.saturating_sub(had), state.used, state.dropped]
}

/// No figure on any of the days asked for; without days, once, so that the group and what was dropped
/// of it are still shown.
pub(crate) fn undefined(at: Option<&[i64]>, reason: Reason) -> Vec<(Value, Interval, i64)> {
    let nothing = Interval::undefined(reason);
    match at {
        Some(days) => days.iter().map(|day| (Value::Whole(*day), nothing, *day)).collect(),
        None => vec![(Value::Null, nothing, 0)],
    }
}

/// Says what 0 means where events are whole numbers.
pub(crate) fn zero_note<'a>(mut events: impl Iterator<Item = &'a Value>) -> Option<String> {
    events.any(|event| matches!(event, Value::Whole(_))).then(|| {
        "the events are whole numbers, of which 0 means that there was none; where 0 is an event, give it another number or a name".to_owned()
    })
}

/// Refuses days that nobody can be followed for.
pub(crate) fn check_days(name: &str, days: Option<&[i64]>) -> Result<()> {
    match days {
        Some([]) => Err(Error::spec(format!("`{name}` is an empty list; give days such as 365"))),
        Some(days) if days.iter().any(|day| *day < 0) => Err(Error::spec(format!(
            "`{name}` holds a day below 0; days count from the origin, such as 365"
        ))),
        _ => Ok(()),
    }
}
