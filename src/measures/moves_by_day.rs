//! The tally behind moves per child-year: how many placements start, end and end by a move, day by day.

use std::collections::BTreeMap;
use std::ops::Range;

use arrow_array::{Array, BooleanArray};

use crate::engine::measure::{Merge, Place, Tally};
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

use super::care::{CareColumns, OPEN};

/// What happened on a day: placements that start, that end, and that end by a move.
pub(crate) type Happened = [u64; 3];

/// Placements, counted by day.
#[derive(Debug, Clone, Default)]
pub struct MovesByDay {
    pub(crate) days: BTreeMap<i32, Happened>,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
}

impl MovesByDay {
    fn add(&mut self, day: i32, happened: Happened) {
        let known = self.days.entry(day).or_default();
        known.iter_mut().zip(happened).for_each(|(sum, count)| *sum += count);
    }

    /// The first and the last day on which anything happened.
    pub(crate) fn span(&self) -> Option<(i32, i32)> {
        let first = self.days.first_key_value().map(|(day, _)| *day);
        first.zip(self.days.last_key_value().map(|(day, _)| *day))
    }

    /// The days in care, summed over children, and the moves, from one day to another, both included.
    ///
    /// A child is in care on the day that a placement starts, and no longer on the day that it ends.
    pub(crate) fn between(&self, first: i32, last: i32) -> (i64, u64) {
        let mut child_days = 0_i64;
        let mut moves = 0;
        for (day, [starts, ends, moved]) in self.days.range(..=last) {
            // Days from this one, or from the first if that is later, to the last.
            let left = i64::from(last) - i64::from(*day.max(&first)) + 1;
            child_days += left.max(0) * (*starts as i64 - *ends as i64);
            if *day >= first {
                moves += moved;
            }
        }
        (child_days, moves)
    }
}

impl Merge for MovesByDay {
    fn merge(&mut self, other: Self) {
        other.days.into_iter().for_each(|(day, happened)| self.add(day, happened));
        self.used += other.used;
        self.dropped += other.dropped;
    }

    fn is_empty(&self) -> bool {
        self.used + self.dropped == 0
    }
}

impl Wire for MovesByDay {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("day", CellKind::Day),
        ("starts", CellKind::Count),
        ("ends", CellKind::Count),
        ("moves", CellKind::Count),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |used, dropped, day, happened: Happened| {
            let [starts, ends, moves] = happened.map(Cell::Count);
            row(&[Cell::Count(used), Cell::Count(dropped), Cell::Day(day), starts, ends, moves]);
        };
        put(self.used, self.dropped, None, [0; 3]);
        self.days.iter().for_each(|(day, happened)| put(0, 0, Some(*day), *happened));
    }

    fn digest(&self) -> Vec<u64> {
        let mut numbers = vec![self.used, self.dropped];
        for (day, happened) in &self.days {
            numbers.push(u64::from(*day as u32));
            numbers.extend(happened);
        }
        numbers
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [
                Cell::Count(used),
                Cell::Count(dropped),
                Cell::Day(day),
                Cell::Count(starts),
                Cell::Count(ends),
                Cell::Count(moves),
            ] => {
                let mut state = Self { used: *used, dropped: *dropped, ..Self::default() };
                if let Some(day) = day {
                    state.add(*day, [*starts, *ends, *moves]);
                }
                Ok(state)
            }
            _ => Err(unreadable()),
        }
    }
}

/// The columns of placements, checked.
pub struct MoveColumns {
    care: CareColumns,
    moved: BooleanArray,
    /// For each row whether it cannot be used.
    aside: Vec<bool>,
}

impl MoveColumns {
    /// Puts columns together; `aside` says which rows besides those of the days cannot be used.
    pub(crate) fn new(care: CareColumns, moved: BooleanArray, mut aside: Vec<bool>) -> Self {
        for row in &care.unusable {
            if let Some(aside) = aside.get_mut(*row) {
                *aside = true;
            }
        }
        Self { care, moved, aside }
    }
}

/// The days met in a chunk on which placements of one group start, end, and end by a move.
#[derive(Debug, Clone, Default)]
struct Met {
    days: [Vec<i32>; 3],
    used: u64,
    dropped: u64,
}

impl Met {
    /// What was met, counted by day.
    fn counted(self) -> MovesByDay {
        let Self { days: [starts, ends, moves], used, dropped } = self;
        let mut state = MovesByDay { used, dropped, ..MovesByDay::default() };
        each_day(starts, |day, count| state.add(day, [count, 0, 0]));
        each_day(ends, |day, count| state.add(day, [0, count, 0]));
        each_day(moves, |day, count| state.add(day, [0, 0, count]));
        state
    }
}

/// Visits each day once, in order, with how often it was met.
fn each_day(mut days: Vec<i32>, mut visit: impl FnMut(i32, u64)) {
    let (first, last) = days
        .iter()
        .fold((i32::MAX, i32::MIN), |(first, last), day| (first.min(*day), last.max(*day)));
    let span = if days.is_empty() { 0 } else { last.abs_diff(first) as usize + 1 };
    if span > 8 * days.len() {
        // Few days, far apart.
        days.sort_unstable();
        for alike in days.chunk_by(|left, right| left == right) {
            alike.first().into_iter().for_each(|day| visit(*day, alike.len() as u64));
        }
        return;
    }
    let mut counts = vec![0_u64; span];
    for day in days {
        if let Some(count) = counts.get_mut(day.abs_diff(first) as usize) {
            *count += 1;
        }
    }
    let met = counts.into_iter().zip(first..).filter(|(count, _)| *count > 0);
    met.for_each(|(count, day)| visit(day, count));
}

/// What was met of each group.
pub struct MoveTally(Vec<Met>);

impl MoveTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self(vec![Met::default(); groups])
    }
}

impl Tally for MoveTally {
    type State = MovesByDay;
    type Columns = MoveColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &MoveColumns, rows: Range<usize>) {
        for (row, group) in rows.zip(groups) {
            let days = columns.care.starts.get(row).zip(columns.care.ends.get(row));
            let (Some((start, end)), Some(met)) = (days, self.0.get_mut(group.place())) else {
                continue;
            };
            if columns.aside.get(row).copied().unwrap_or(true) {
                met.dropped += 1;
                continue;
            }
            met.used += 1;
            let [starts, ends, moves] = &mut met.days;
            starts.push(*start);
            if *end != OPEN {
                ends.push(*end);
                if columns.moved.is_valid(row) && columns.moved.value(row) {
                    moves.push(*end);
                }
            }
        }
    }

    fn settle(self) -> Vec<MovesByDay> {
        self.0.into_iter().map(Met::counted).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_counted_alike_near_together_and_far_apart() {
        let counted = |days: &[i32]| {
            let mut counted = Vec::new();
            each_day(days.to_vec(), |day, count| counted.push((day, count)));
            counted
        };
        assert_eq!(counted(&[]), []);
        assert_eq!(counted(&[4, 2, 4, -1]), [(-1, 1), (2, 1), (4, 2)]);
        assert_eq!(counted(&[9000, 2, 9000, -9000]), [(-9000, 1), (2, 1), (9000, 2)]);
    }

    #[test]
    fn days_in_care_and_moves_are_those_of_the_period() {
        // One child from day 0 to 10, then elsewhere from 10 on; another from 5 to 8.
        let mut state = MovesByDay::default();
        for (day, happened) in [(0, [1, 0, 0]), (10, [1, 1, 1]), (5, [1, 0, 0]), (8, [0, 1, 0])] {
            state.add(day, happened);
        }
        assert_eq!(state.span(), Some((0, 10)));
        assert_eq!(state.between(0, 10), (11 + 3, 1));
        assert_eq!(state.between(0, 9), (10 + 3, 0));
        assert_eq!(state.between(6, 20), (15 + 2, 1));
        assert_eq!(state.between(11, 20), (10, 0));
        assert_eq!(state.between(-9, -1), (0, 0));
    }
}
