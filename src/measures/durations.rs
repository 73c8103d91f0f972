//! The tally behind every question of time: how many were followed for how many days, and what
//! happened then.

use std::ops::Range;

use arrow_array::{Array, Float64Array};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::codes::Codes;
use crate::engine::measure::{Merge, Place, Role, Tally};
use crate::engine::value::{Value, ValueKind};
use crate::engine::wire::{Cell, CellKind, Wire, unreadable, value_cells, value_from_cells};
use crate::error::Result;

/// How many rows end on each day, in order of days, each day once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayCounts(pub(crate) Vec<(u32, u64)>);

impl DayCounts {
    fn merge(&mut self, other: Self) {
        if self.0.is_empty() {
            *self = other;
            return;
        }
        let mine = std::mem::take(&mut self.0);
        self.0.reserve(mine.len().max(other.0.len()));
        let mut theirs = other.0.into_iter().peekable();
        for (day, count) in mine {
            while let Some(before) = theirs.next_if(|(other, _)| *other < day) {
                self.0.push(before);
            }
            let same = theirs.next_if(|(other, _)| *other == day).map_or(0, |(_, count)| count);
            self.0.push((day, count + same));
        }
        self.0.extend(theirs);
    }
}

/// What happened to one group, by the number of days after which it did.
#[derive(Debug, Clone, Default)]
pub struct Durations {
    /// Each event, in order; null stands for those who were no longer followed.
    pub(crate) ends: Vec<(Value, DayCounts)>,
    /// On which day those came under observation who did so late.
    pub(crate) entered: DayCounts,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
}

impl Durations {
    fn add(&mut self, event: Value, counts: DayCounts) {
        match self.ends.binary_search_by(|(other, _)| other.cmp(&event)) {
            Ok(place) => {
                if let Some((_, known)) = self.ends.get_mut(place) {
                    known.merge(counts);
                }
            }
            Err(place) => self.ends.insert(place, (event, counts)),
        }
    }

    /// The counts of one event; none where it never happened.
    pub(crate) fn of(&self, event: &Value) -> &[(u32, u64)] {
        let place = self.ends.binary_search_by(|(other, _)| other.cmp(event));
        place.ok().and_then(|place| self.ends.get(place)).map_or(&[], |(_, counts)| &counts.0)
    }
}

impl Merge for Durations {
    fn merge(&mut self, other: Self) {
        for (event, counts) in other.ends {
            self.add(event, counts);
        }
        self.entered.merge(other.entered);
        self.used += other.used;
        self.dropped += other.dropped;
    }

    fn is_empty(&self) -> bool {
        self.used + self.dropped == 0
    }
}

impl Wire for Durations {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("entered", CellKind::Flag),
        ("days", CellKind::Whole),
        ("count", CellKind::Count),
        ("event_flag", CellKind::Whole),
        ("event_whole", CellKind::Whole),
        ("event_day", CellKind::Day),
        ("event_text", CellKind::Text),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |used, dropped, entered, days: Option<u32>, count, event: &Value| {
            let mut cells = vec![
                Cell::Count(used),
                Cell::Count(dropped),
                Cell::Flag(entered),
                Cell::Whole(days.map(i64::from)),
                Cell::Count(count),
            ];
            cells.extend(value_cells(event));
            row(&cells);
        };
        put(self.used, self.dropped, false, None, 0, &Value::Null);
        for (event, counts) in &self.ends {
            counts.0.iter().for_each(|(day, count)| put(0, 0, false, Some(*day), *count, event));
        }
        for (day, count) in &self.entered.0 {
            put(0, 0, true, Some(*day), *count, &Value::Null);
        }
    }

    fn digest(&self) -> Vec<u64> {
        let mut numbers = vec![self.used, self.dropped];
        for (event, counts) in &self.ends {
            numbers.push(event.digest());
            numbers.extend(counts.0.iter().flat_map(|(day, count)| [u64::from(*day), *count]));
        }
        numbers.extend(self.entered.0.iter().flat_map(|(day, count)| [u64::from(*day), *count]));
        numbers
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let [
            Cell::Count(used),
            Cell::Count(dropped),
            Cell::Flag(entered),
            Cell::Whole(days),
            Cell::Count(count),
            event @ ..,
        ] = row
        else {
            return Err(unreadable());
        };
        let mut state = Self { used: *used, dropped: *dropped, ..Self::default() };
        if let Some(days) = days {
            let day = u32::try_from(*days).map_err(|_| unreadable())?;
            let counts = DayCounts(vec![(day, *count)]);
            if *entered {
                state.entered = counts;
            } else {
                state.add(value_from_cells(event)?, counts);
            }
        }
        Ok(state)
    }
}

/// The columns that say how long, what happened, and from when on.
pub struct DurationColumns {
    /// Days, or [`UNUSABLE`].
    days: Vec<u32>,
    /// The day of entry, where the measure has such a column.
    entered: Option<Vec<u32>>,
    events: Codes,
    /// For each code of an event, the place in `shown`.
    places: Vec<usize>,
    /// What is counted: the events, and null for those no longer followed.
    shown: Vec<Value>,
}

const UNUSABLE: u32 = u32::MAX;
/// More than 2,800 years.
const MOST_DAYS: f64 = 1_048_575.0;

/// The names of the columns.
pub(crate) struct DurationNames<'a> {
    pub(crate) time: &'a str,
    pub(crate) event: &'a str,
    pub(crate) entry: Option<&'a str>,
}

impl DurationColumns {
    /// The type of the event column; nothing where no value is recorded.
    pub(crate) fn event_kind(&self) -> Option<ValueKind> {
        self.events.kind()
    }
}

impl DurationNames<'_> {
    pub(crate) fn roles(&self) -> Vec<Role> {
        let mut roles = vec![Role::new("time", self.time), Role::new("event", self.event)];
        roles.extend(self.entry.map(|entry| Role::new("entry", entry)));
        roles
    }

    /// Checks the columns, and notes the rows whose numbers cannot be right; `counts` says of each
    /// value of the event column what it counts as, null for no event; nothing for a row that does not
    /// say.
    pub(crate) fn columns(
        &self,
        chunk: &Chunk<'_>,
        account: &mut Account,
        counts: impl Fn(&Value) -> Option<Value>,
    ) -> Result<DurationColumns> {
        let time = chunk.numbers(self.time, "time")?;
        let mut days = whole_days(&time, self.time, chunk, account);
        let entered = match self.entry {
            None => None,
            Some(name) => {
                let entry = chunk.numbers(name, "entry")?;
                let mut entered = whole_days(&entry, name, chunk, account);
                for (row, (day, from)) in days.iter_mut().zip(&mut entered).enumerate() {
                    if entry.is_null(row) {
                        *from = 0;
                    } else if *from == UNUSABLE {
                        *day = UNUSABLE;
                    } else if *day != UNUSABLE && *from >= *day && *from > 0 {
                        let problem = "under observation only after the end: row set aside";
                        account.note(name, problem, chunk.row(row), || from.to_string());
                        *day = UNUSABLE;
                    }
                }
                Some(entered)
            }
        };
        let events = chunk.codes(self.event, "event")?;
        let mut shown: Vec<Value> = Vec::new();
        let place_of = |value: &Value| {
            let Some(counted) = counts(value) else { return usize::MAX };
            shown.iter().position(|other| *other == counted).unwrap_or_else(|| {
                shown.push(counted);
                shown.len() - 1
            })
        };
        let places = events.values().iter().map(place_of).collect();
        Ok(DurationColumns { days, entered, events, places, shown })
    }
}

/// Days as whole numbers; what is not a number of days is noted.
fn whole_days(
    numbers: &Float64Array,
    name: &str,
    chunk: &Chunk<'_>,
    account: &mut Account,
) -> Vec<u32> {
    let complete = numbers.null_count() == 0;
    let day = |(row, number): (usize, &f64)| {
        if !complete && numbers.is_null(row) {
            return UNUSABLE;
        }
        if (0.0..=MOST_DAYS).contains(number) && number.fract() == 0.0 {
            return *number as u32;
        }
        let problem = "not a whole number of days from 0 on: row set aside";
        account.note(name, problem, chunk.row(row), || number.to_string());
        UNUSABLE
    };
    numbers.values().iter().enumerate().map(day).collect()
}

/// What the rows of a chunk are counted in.
pub struct DurationTally {
    groups: usize,
    /// What the ends stand for, known once rows were met.
    shown: Vec<Value>,
    /// For each group and end, how many on each day.
    ends: Vec<Counter>,
    entered: Vec<Counter>,
    used: Vec<u64>,
    dropped: Vec<u64>,
}

/// Counts by day: in a place for each day while groups are few, in a list where they are many.
#[derive(Debug, Clone)]
enum Counter {
    Days(Vec<u32>),
    List(Vec<u32>),
}

/// Up to this many groups have a place for each day.
const FEW_GROUPS: usize = 256;

impl Counter {
    fn new(groups: usize) -> Self {
        if groups <= FEW_GROUPS { Self::Days(Vec::new()) } else { Self::List(Vec::new()) }
    }

    #[inline]
    fn count(&mut self, day: u32) {
        match self {
            Self::Days(days) => match days.get_mut(day as usize) {
                Some(count) => *count += 1,
                None => {
                    days.resize((day as usize + 1).next_power_of_two(), 0);
                    if let Some(count) = days.get_mut(day as usize) {
                        *count = 1;
                    }
                }
            },
            Self::List(list) => list.push(day),
        }
    }

    fn settled(self) -> DayCounts {
        match self {
            Self::Days(days) => {
                let counts = (0..).zip(days).filter(|(_, count)| *count > 0);
                DayCounts(counts.map(|(day, count)| (day, u64::from(count))).collect())
            }
            Self::List(mut list) => {
                list.sort_unstable();
                let runs = list.chunk_by(|left, right| left == right);
                let counts = runs.filter_map(|run| Some((*run.first()?, run.len() as u64)));
                DayCounts(counts.collect())
            }
        }
    }
}

impl DurationTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self {
            groups,
            shown: Vec::new(),
            ends: Vec::new(),
            entered: Vec::new(),
            used: vec![0; groups],
            dropped: vec![0; groups],
        }
    }
}

impl Tally for DurationTally {
    type State = Durations;
    type Columns = DurationColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &DurationColumns, rows: Range<usize>) {
        if self.shown.is_empty() && !columns.shown.is_empty() {
            self.shown.clone_from(&columns.shown);
            self.ends = vec![Counter::new(self.groups); self.groups * self.shown.len()];
            let late = if columns.entered.is_some() { self.groups } else { 0 };
            self.entered = vec![Counter::new(self.groups); late];
        }
        let width = self.shown.len();
        for (group, row) in groups.iter().zip(rows) {
            let group = group.place();
            let day = columns.days.get(row).copied().unwrap_or(UNUSABLE);
            let code = columns.events.code(row) as usize;
            let end = columns.places.get(code).copied().unwrap_or(usize::MAX);
            if day == UNUSABLE || end == usize::MAX {
                if let Some(dropped) = self.dropped.get_mut(group) {
                    *dropped += 1;
                }
                continue;
            }
            if let (Some(counter), Some(used)) =
                (self.ends.get_mut(group * width + end), self.used.get_mut(group))
            {
                counter.count(day);
                *used += 1;
            }
            let entered = columns.entered.as_ref().and_then(|entered| entered.get(row));
            if let (Some(counter), Some(from)) = (self.entered.get_mut(group), entered)
                && *from > 0
            {
                counter.count(*from);
            }
        }
    }

    fn settle(self) -> Vec<Durations> {
        let width = self.shown.len();
        let mut ends = self.ends.into_iter();
        let mut entered = self.entered.into_iter();
        let mut states = Vec::with_capacity(self.groups);
        for (used, dropped) in self.used.into_iter().zip(self.dropped) {
            let mut state = Durations { used, dropped, ..Durations::default() };
            for (event, counter) in self.shown.iter().zip(ends.by_ref().take(width)) {
                let counts = counter.settled();
                if !counts.0.is_empty() {
                    state.add(event.clone(), counts);
                }
            }
            state.entered = entered.next().map_or_else(DayCounts::default, Counter::settled);
            states.push(state);
        }
        states
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_merge_in_order_each_once() {
        let mut left = DayCounts(vec![(1, 2), (5, 1), (9, 4)]);
        left.merge(DayCounts(vec![(0, 1), (5, 3), (7, 1), (12, 2)]));
        assert_eq!(left.0, [(0, 1), (1, 2), (5, 4), (7, 1), (9, 4), (12, 2)]);
        let mut empty = DayCounts::default();
        empty.merge(left.clone());
        assert_eq!(empty, left);
    }

    #[test]
    fn both_ways_to_count_days_agree() {
        let days = [3_u32, 0, 3, 17, 3, 0, 900];
        let counted = |mut counter: Counter| {
            days.iter().for_each(|day| counter.count(*day));
            counter.settled()
        };
        assert_eq!(counted(Counter::new(1)), counted(Counter::new(FEW_GROUPS + 1)));
    }
}
