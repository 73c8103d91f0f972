//! The tally behind times to an answer: how long those waited who have it, and since when those have
//! who have not.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::engine::measure::{Merge, Place, Tally};
use crate::engine::period::PLAUSIBLE_DAYS;
use crate::engine::value::Value;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

use super::day_tally::{DayCounts, DayTally};
use super::durations::Durations;

/// The waits of one group.
#[derive(Debug, Clone, Default)]
pub struct Waits {
    /// How many days those waited who have their answer.
    answered: DayCounts,
    /// After how many days those were closed who have none and no longer wait.
    closed: DayCounts,
    /// Since which day those wait who have none, counted from the first that a result can show.
    waiting: DayCounts,
    /// The latest date met.
    latest: Option<i32>,
    dropped: u64,
}

/// Days since when people wait are counted from here.
const FIRST: i32 = *PLAUSIBLE_DAYS.start();

impl Waits {
    pub(crate) fn latest(&self) -> Option<i32> {
        self.latest
    }

    pub(crate) fn answered(&self) -> u64 {
        self.answered.total()
    }

    pub(crate) fn closed(&self) -> u64 {
        self.closed.total()
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.waiting.total()
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Since which day the first of those who wait has waited.
    pub(crate) fn longest_since(&self) -> Option<i32> {
        self.waiting.0.first().map(|(day, _)| start_of(*day))
    }

    /// How many rows could be used.
    pub(crate) fn all(&self) -> u64 {
        self.answered() + self.closed() + self.waiting()
    }

    /// Everyone by how long they waited, those closed up to that day and those who still wait up to
    /// `as_of`; `length` counts the days from one day to another.
    pub(crate) fn until(&self, as_of: i32, length: impl Fn(i32, i32) -> u32) -> Durations {
        let mut without: BTreeMap<u32, u64> = self.closed.0.iter().copied().collect();
        for (since, count) in &self.waiting.0 {
            *without.entry(length(start_of(*since), as_of)).or_default() += count;
        }
        let ends = [
            (Value::Boolean(true), self.answered.clone()),
            (Value::Null, DayCounts(without.into_iter().collect())),
        ];
        Durations {
            ends: ends.into_iter().filter(|(_, counts)| !counts.0.is_empty()).collect(),
            used: self.all(),
            dropped: self.dropped,
            ..Durations::default()
        }
    }
}

fn start_of(day: u32) -> i32 {
    FIRST.saturating_add_unsigned(day)
}

impl Merge for Waits {
    fn merge(&mut self, other: Self) {
        self.answered.merge(other.answered);
        self.closed.merge(other.closed);
        self.waiting.merge(other.waiting);
        self.latest = self.latest.max(other.latest);
        self.dropped += other.dropped;
    }

    fn is_empty(&self) -> bool {
        self.all() + self.dropped == 0
    }
}

impl Wire for Waits {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("answered", CellKind::Flag),
        ("closed", CellKind::Flag),
        ("days", CellKind::Whole),
        ("since", CellKind::Day),
        ("count", CellKind::Count),
        ("latest", CellKind::Day),
        ("rows_dropped", CellKind::Count),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |(answered, closed), days: Option<u32>, since, count, latest, dropped| {
            row(&[
                Cell::Flag(answered),
                Cell::Flag(closed),
                Cell::Whole(days.map(i64::from)),
                Cell::Day(since),
                Cell::Count(count),
                Cell::Day(latest),
                Cell::Count(dropped),
            ]);
        };
        put((false, false), None, None, 0, self.latest, self.dropped);
        for (days, count) in &self.answered.0 {
            put((true, false), Some(*days), None, *count, None, 0);
        }
        for (days, count) in &self.closed.0 {
            put((false, true), Some(*days), None, *count, None, 0);
        }
        for (since, count) in &self.waiting.0 {
            put((false, false), None, Some(start_of(*since)), *count, None, 0);
        }
    }

    fn digest(&self) -> Vec<u64> {
        let latest = self.latest.map_or(0, |day| u64::from(day.abs_diff(FIRST)) + 1);
        let (answered, closed) = (self.answered.0.len() as u64, self.closed.0.len() as u64);
        let mut numbers = vec![self.dropped, latest, answered, closed];
        let all = self.answered.0.iter().chain(&self.closed.0).chain(&self.waiting.0);
        numbers.extend(all.flat_map(|(day, count)| [u64::from(*day), *count]));
        numbers
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let [
            Cell::Flag(answered),
            Cell::Flag(closed),
            Cell::Whole(days),
            Cell::Day(since),
            Cell::Count(count),
            Cell::Day(latest),
            Cell::Count(dropped),
        ] = row
        else {
            return Err(unreadable());
        };
        let mut state = Self { latest: *latest, dropped: *dropped, ..Self::default() };
        match (answered, closed, days, since) {
            (true, false, Some(days), None) | (false, true, Some(days), None) => {
                let days = u32::try_from(*days).map_err(|_| unreadable())?;
                let counts = DayCounts(vec![(days, *count)]);
                *(if *answered { &mut state.answered } else { &mut state.closed }) = counts;
            }
            (false, false, None, Some(since)) => {
                let since = since.checked_sub(FIRST).and_then(|day| u32::try_from(day).ok());
                state.waiting = DayCounts(vec![(since.ok_or_else(unreadable)?, *count)]);
            }
            (false, false, None, None) => {}
            _ => return Err(unreadable()),
        }
        Ok(state)
    }
}

/// How one row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wait {
    /// Has its answer, after so many days.
    Answered(u32),
    /// Was closed without an answer, after so many days.
    Closed(u32),
    /// Waits, since this day.
    Since(i32),
    /// Cannot be used.
    Unusable,
}

/// Rows, checked: how each stands, and the latest date that it holds.
pub struct WaitColumns(pub(crate) Vec<(Wait, i32)>);

impl WaitColumns {
    /// One more than the longest that anybody waited who has an answer or was closed.
    fn slots(&self) -> usize {
        let days = self.0.iter().filter_map(|(wait, _)| match wait {
            Wait::Answered(days) | Wait::Closed(days) => Some(*days as usize + 1),
            Wait::Since(_) | Wait::Unusable => None,
        });
        days.max().unwrap_or(1)
    }
}

/// What the rows of a chunk are counted in.
pub struct WaitTally {
    /// Those who have their answer, and those closed without one, by the days that they waited, and
    /// those who wait by the day since when, once rows were met.
    counted: Option<(DayTally, DayTally)>,
    latest: Vec<Option<i32>>,
    dropped: Vec<u64>,
}

impl WaitTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self { counted: None, latest: vec![None; groups], dropped: vec![0; groups] }
    }
}

impl Tally for WaitTally {
    type State = Waits;
    type Columns = WaitColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &WaitColumns, rows: Range<usize>) {
        let count = self.dropped.len();
        let (over, waiting) = self.counted.get_or_insert_with(|| {
            let days = PLAUSIBLE_DAYS.end().abs_diff(FIRST) as usize + 1;
            (DayTally::new(count, 2, columns.slots()), DayTally::new(count, 1, days))
        });
        for (group, (wait, date)) in groups.iter().zip(columns.0.get(rows).unwrap_or(&[])) {
            let group = group.place();
            match wait {
                Wait::Answered(days) => over.add(group, 0, *days),
                Wait::Closed(days) => over.add(group, 1, *days),
                Wait::Since(day) => waiting.add(group, 0, day.abs_diff(FIRST)),
                Wait::Unusable => {
                    if let Some(dropped) = self.dropped.get_mut(group) {
                        *dropped += 1;
                    }
                    continue;
                }
            }
            if let Some(latest) = self.latest.get_mut(group) {
                *latest = (*latest).max(Some(*date));
            }
        }
    }

    fn settle(self) -> Vec<Waits> {
        let rest = self.latest.into_iter().zip(self.dropped);
        let state = |(latest, dropped)| Waits { latest, dropped, ..Waits::default() };
        let mut states: Vec<Waits> = rest.map(state).collect();
        let Some((over, waiting)) = self.counted else { return states };
        over.settle(|group, end, counts| {
            if let Some(state) = states.get_mut(group) {
                *(if end == 0 { &mut state.answered } else { &mut state.closed }) = counts;
            }
        });
        waiting.settle(|group, _, counts| {
            if let Some(state) = states.get_mut(group) {
                state.waiting = counts;
            }
        });
        states
    }
}
