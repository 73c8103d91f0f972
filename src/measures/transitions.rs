//! The tally behind every question of ways: how many went from which state to which, and when.

use std::ops::Range;

use arrow_array::Array;

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::codes::{Codes, implausible};
use crate::engine::measure::{Merge, Place, Role, Tally};
use crate::engine::value::Value;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable, value_cells, value_from_cells};
use crate::error::Result;

use super::day_tally::{DayCounts, DayTally};
use super::durations::{UNUSABLE, whole_days};

/// From which state to which; null: to none.
pub(crate) type Pair = (Value, Value);

/// The stays of one group: how many ended in which way on which day, and how many began.
///
/// Where no days are asked for, all stand on day 0, and none begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transitions {
    /// For each pair of states, in order, on which days people went; to null: were last seen.
    pub(crate) went: Vec<(Pair, DayCounts)>,
    /// For each state, in order, on which days stays in it began.
    pub(crate) entered: Vec<(Value, DayCounts)>,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
}

fn add<K: Ord>(to: &mut Vec<(K, DayCounts)>, key: K, counts: DayCounts) {
    match to.binary_search_by(|(other, _)| other.cmp(&key)) {
        Ok(place) => {
            if let Some((_, known)) = to.get_mut(place) {
                known.merge(counts);
            }
        }
        Err(place) => to.insert(place, (key, counts)),
    }
}

impl Transitions {
    /// How many went from one state to another on any day.
    pub(crate) fn count(&self, pair: &Pair) -> u64 {
        let place = self.went.binary_search_by(|(other, _)| other.cmp(pair));
        let counts = place.ok().and_then(|place| self.went.get(place));
        counts.map_or(0, |(_, counts)| counts.0.iter().map(|(_, count)| count).sum())
    }
}

impl Merge for Transitions {
    fn merge(&mut self, other: Self) {
        for (pair, counts) in other.went {
            add(&mut self.went, pair, counts);
        }
        for (state, counts) in other.entered {
            add(&mut self.entered, state, counts);
        }
        self.used += other.used;
        self.dropped += other.dropped;
    }

    fn is_empty(&self) -> bool {
        self.used + self.dropped == 0
    }
}

impl Wire for Transitions {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("entered", CellKind::Flag),
        ("days", CellKind::Whole),
        ("count", CellKind::Count),
        ("from_flag", CellKind::Whole),
        ("from_whole", CellKind::Whole),
        ("from_day", CellKind::Day),
        ("from_text", CellKind::Text),
        ("to_flag", CellKind::Whole),
        ("to_whole", CellKind::Whole),
        ("to_day", CellKind::Day),
        ("to_text", CellKind::Text),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |rows: (u64, u64), entered, at: Option<(u32, u64)>, from, to| {
            let (day, count) = at.map_or((None, 0), |(day, count)| (Some(day), count));
            let mut cells = vec![
                Cell::Count(rows.0),
                Cell::Count(rows.1),
                Cell::Flag(entered),
                Cell::Whole(day.map(i64::from)),
                Cell::Count(count),
            ];
            cells.extend(value_cells(from));
            cells.extend(value_cells(to));
            row(&cells);
        };
        put((self.used, self.dropped), false, None, &Value::Null, &Value::Null);
        for ((from, to), counts) in &self.went {
            counts.0.iter().for_each(|at| put((0, 0), false, Some(*at), from, to));
        }
        for (state, counts) in &self.entered {
            counts.0.iter().for_each(|at| put((0, 0), true, Some(*at), state, &Value::Null));
        }
    }

    fn digest(&self) -> Vec<u64> {
        let mut numbers = vec![self.used, self.dropped];
        let days = |counts: &DayCounts| -> Vec<u64> {
            counts.0.iter().flat_map(|(day, count)| [u64::from(*day), *count]).collect()
        };
        for ((from, to), counts) in &self.went {
            numbers.extend([from.digest(), to.digest()]);
            numbers.extend(days(counts));
        }
        for (state, counts) in &self.entered {
            numbers.push(state.digest());
            numbers.extend(days(counts));
        }
        numbers
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let [
            Cell::Count(used),
            Cell::Count(dropped),
            Cell::Flag(entered),
            Cell::Whole(days),
            Cell::Count(count),
            states @ ..,
        ] = row
        else {
            return Err(unreadable());
        };
        let mut state = Self { used: *used, dropped: *dropped, ..Self::default() };
        let Some(days) = days else { return Ok(state) };
        let (from, to) = states.split_at_checked(4).ok_or_else(unreadable)?;
        let day = u32::try_from(*days).map_err(|_| unreadable())?;
        let counts = DayCounts(vec![(day, *count)]);
        if *entered {
            add(&mut state.entered, value_from_cells(from)?, counts);
        } else {
            add(&mut state.went, (value_from_cells(from)?, value_from_cells(to)?), counts);
        }
        Ok(state)
    }
}

/// The names of the columns.
pub(crate) struct TransitionNames<'a> {
    pub(crate) from: &'a str,
    pub(crate) to: &'a str,
    /// The days on which a stay began and ended, where they are asked for.
    pub(crate) days: Option<(&'a str, &'a str)>,
    /// Whether a row without a state that was gone to is set aside.
    pub(crate) moved_on: bool,
}

/// The columns that say from where, to where, and when.
pub struct TransitionColumns {
    from: Codes,
    to: Codes,
    /// The days, or [`UNUSABLE`], where they are asked for.
    days: Option<(Vec<u32>, Vec<u32>)>,
    moved_on: bool,
}

impl TransitionNames<'_> {
    pub(crate) fn roles(&self) -> Vec<Role> {
        let mut roles = vec![Role::new("from_state", self.from), Role::new("to_state", self.to)];
        if let Some((entry, exit)) = self.days {
            roles.extend([Role::new("entry", entry), Role::new("exit", exit)]);
        }
        roles
    }

    /// Checks the columns, and notes the rows whose numbers cannot be right.
    pub(crate) fn columns(
        &self,
        chunk: &Chunk<'_>,
        account: &mut Account,
    ) -> Result<TransitionColumns> {
        let from = chunk.codes(self.from, "from_state")?;
        let to = chunk.codes(self.to, "to_state")?;
        for (codes, name) in [(&from, self.from), (&to, self.to)] {
            codes.tell_implausible_days(|row, day| {
                let problem = "a date outside the years 1 to 9999: row set aside";
                account.note(name, problem, chunk.row(row), || day.to_string());
            });
        }
        let days = match self.days {
            None => None,
            Some((entry, exit)) => {
                let numbers = (chunk.numbers(entry, "entry")?, chunk.numbers(exit, "exit")?);
                let entered = whole_days(&numbers.0, entry, chunk, account);
                let mut left = whole_days(&numbers.1, exit, chunk, account);
                for (row, (from, until)) in entered.iter().zip(&mut left).enumerate() {
                    if numbers.0.is_valid(row) && *from != UNUSABLE && *until < *from {
                        let problem = "left before it was entered: row set aside";
                        account.note(exit, problem, chunk.row(row), || until.to_string());
                        *until = UNUSABLE;
                    }
                }
                Some((entered, left))
            }
        };
        Ok(TransitionColumns { from, to, days, moved_on: self.moved_on })
    }
}

impl TransitionColumns {
    /// One more than the last day on which a stay began or ended.
    fn slots(&self) -> usize {
        let days = self.days.iter().flat_map(|(entered, left)| entered.iter().chain(left));
        let last = days.copied().filter(|day| *day != UNUSABLE).max();
        last.map_or(1, |last| last as usize + 1)
    }

    /// The days on which the stay of a row began and ended; nothing where there was none to count.
    fn stay(&self, row: usize) -> Option<(u32, u32)> {
        let Some((entered, left)) = &self.days else { return Some((0, 0)) };
        let (from, until) = (*entered.get(row)?, *left.get(row)?);
        (from != UNUSABLE && until != UNUSABLE && from < until).then_some((from, until))
    }
}

/// What the rows of a chunk are counted in.
pub struct TransitionTally {
    groups: usize,
    from: Vec<Value>,
    to: Vec<Value>,
    /// The ends of stays by pair of states and day, and where days are asked for their beginnings by
    /// state and day, once rows were met.
    counted: Option<(DayTally, Option<DayTally>)>,
    dropped: Vec<u64>,
}

impl TransitionTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self { groups, from: Vec::new(), to: Vec::new(), counted: None, dropped: vec![0; groups] }
    }
}

impl Tally for TransitionTally {
    type State = Transitions;
    type Columns = TransitionColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &TransitionColumns, rows: Range<usize>) {
        let (went, entered) = self.counted.get_or_insert_with(|| {
            self.from = columns.from.values().to_vec();
            self.to = columns.to.values().to_vec();
            let slots = columns.slots();
            let from = self.from.len();
            let entered = columns.days.as_ref().map(|_| DayTally::new(self.groups, from, slots));
            (DayTally::new(self.groups, from * self.to.len(), slots), entered)
        });
        let null = |values: &[Value]| values.iter().position(|value| *value == Value::Null);
        let (nowhere, open) = (null(&self.from), null(&self.to));
        for (group, row) in groups.iter().zip(rows) {
            let group = group.place();
            let (from, to) = (columns.from.code(row) as usize, columns.to.code(row) as usize);
            // Neither a code that its dictionary lacks nor a day that cannot be shown is a state.
            let state = |values: &[Value], code| {
                values.get(code).is_some_and(|value| implausible(value).is_none())
            };
            let unusable = nowhere == Some(from)
                || (columns.moved_on && open == Some(to))
                || !state(&self.from, from)
                || !state(&self.to, to);
            match columns.stay(row).filter(|_| !unusable) {
                Some((first, last)) => {
                    went.add(group, from * self.to.len() + to, last);
                    if let Some(entered) = entered {
                        entered.add(group, from, first);
                    }
                }
                None => {
                    if let Some(count) = self.dropped.get_mut(group) {
                        *count += 1;
                    }
                }
            }
        }
    }

    fn settle(self) -> Vec<Transitions> {
        let state = |dropped| Transitions { dropped, ..Transitions::default() };
        let mut states: Vec<Transitions> = self.dropped.into_iter().map(state).collect();
        let Some((went, entered)) = self.counted else { return states };
        went.settle(|group, pair, counts| {
            let pair = (self.from.get(pair / self.to.len()), self.to.get(pair % self.to.len()));
            if let (Some(state), (Some(from), Some(to))) = (states.get_mut(group), pair) {
                state.used += counts.total();
                add(&mut state.went, (from.clone(), to.clone()), counts);
            }
        });
        if let Some(entered) = entered {
            entered.settle(|group, from, counts| {
                if let (Some(state), Some(from)) = (states.get_mut(group), self.from.get(from)) {
                    add(&mut state.entered, from.clone(), counts);
                }
            });
        }
        states
    }
}
