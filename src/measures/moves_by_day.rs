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

/// For each group the days met in a chunk, each with what happened.
pub struct MoveTally {
    met: Vec<Vec<(i32, Happened)>>,
    used: Vec<u64>,
    dropped: Vec<u64>,
}

impl MoveTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self { met: vec![Vec::new(); groups], used: vec![0; groups], dropped: vec![0; groups] }
    }
}

impl Tally for MoveTally {
    type State = MovesByDay;
    type Columns = MoveColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &MoveColumns, rows: Range<usize>) {
        for (row, group) in rows.zip(groups) {
            let group = group.place();
            let days = columns.care.starts.get(row).zip(columns.care.ends.get(row));
            let counts = (self.met.get_mut(group), self.used.get_mut(group));
            let (Some((start, end)), (Some(met), Some(used))) = (days, counts) else { continue };
            if columns.aside.get(row).copied().unwrap_or(true) {
                if let Some(dropped) = self.dropped.get_mut(group) {
                    *dropped += 1;
                }
                continue;
            }
            *used += 1;
            met.push((*start, [1, 0, 0]));
            if *end != OPEN {
                let moved = columns.moved.is_valid(row) && columns.moved.value(row);
                met.push((*end, [0, 1, u64::from(moved)]));
            }
        }
    }

    fn settle(self) -> Vec<MovesByDay> {
        let counts = self.used.into_iter().zip(self.dropped);
        let state = |(mut met, (used, dropped)): (Vec<(i32, Happened)>, (u64, u64))| {
            met.sort_unstable();
            let mut state = MovesByDay { used, dropped, ..MovesByDay::default() };
            for of_day in met.chunk_by(|left, right| left.0 == right.0) {
                let sum = of_day.iter().fold([0; 3], |[starts, ends, moves], (_, [s, e, m])| {
                    [starts + s, ends + e, moves + m]
                });
                of_day.first().into_iter().for_each(|(day, _)| state.add(*day, sum));
            }
            state
        };
        self.met.into_iter().zip(counts).map(state).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
