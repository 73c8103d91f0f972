//! Rows counted by group, kind and day: in a place for each combination while those are few, in a
//! list where they are many.

use crate::engine::measure::Place;

/// How many rows end on each day, in order of days, each day once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DayCounts(pub(crate) Vec<(u32, u64)>);

impl DayCounts {
    /// How many rows.
    pub(crate) fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }

    pub(crate) fn merge(&mut self, other: Self) {
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

/// Up to how many combinations have a place each.
const PLACES: usize = 1 << 20;
/// How many rows have their kinds read before they are counted.
const BLOCK_ROWS: usize = 1 << 8;

/// What rows are counted in.
pub(crate) struct DayTally {
    kinds: usize,
    slots: usize,
    store: Store,
}

enum Store {
    Places(Vec<u32>),
    List(Vec<u64>),
}

impl DayTally {
    /// Room for so many groups and kinds, and for the days below `slots`.
    pub(crate) fn new(groups: usize, kinds: usize, slots: usize) -> Self {
        let places = groups.saturating_mul(kinds).saturating_mul(slots);
        let store =
            if places <= PLACES { Store::Places(vec![0; places]) } else { Store::List(Vec::new()) };
        Self { kinds, slots, store }
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    /// Counts a row for each group and day; `kinds` writes the kinds of the rows from a place on. What
    /// lies beyond the last kind counts as the last.
    #[inline]
    pub(crate) fn count<G: Place>(
        &mut self,
        groups: &[G],
        mut kinds: impl FnMut(&mut [u32], usize),
        days: &[u32],
    ) {
        let (width, slots) = (self.kinds, self.slots);
        let last = width.saturating_sub(1) as u32;
        let mut room = [0_u32; BLOCK_ROWS];
        let blocks = groups.chunks(BLOCK_ROWS).zip(days.chunks(BLOCK_ROWS));
        for (block, (groups, days)) in blocks.enumerate() {
            let codes = room.get_mut(..groups.len()).unwrap_or(&mut []);
            kinds(codes, block * BLOCK_ROWS);
            let rows = groups.iter().zip(&*codes).zip(days);
            let places = rows.map(|((group, code), day)| {
                (group.place() * width + (*code).min(last) as usize) * slots + *day as usize
            });
            match &mut self.store {
                Store::Places(counts) => {
                    for place in places {
                        if let Some(count) = counts.get_mut(place) {
                            *count += 1;
                        }
                    }
                }
                Store::List(list) => list.extend(places.map(|place| place as u64)),
            }
        }
    }

    /// Counts one row.
    #[inline]
    pub(crate) fn add(&mut self, group: usize, kind: usize, day: u32) {
        let place = (group * self.kinds + kind) * self.slots + day as usize;
        match &mut self.store {
            Store::Places(counts) => {
                if let Some(count) = counts.get_mut(place) {
                    *count += 1;
                }
            }
            Store::List(list) => list.push(place as u64),
        }
    }

    /// Gives the counts of each group and kind that has any, in their order.
    pub(crate) fn settle(self, mut give: impl FnMut(usize, usize, DayCounts)) {
        let (kinds, slots) = (self.kinds, self.slots);
        match self.store {
            Store::Places(places) => {
                for (cell, counts) in places.chunks(slots.max(1)).enumerate() {
                    let days = (0..).zip(counts).filter(|(_, count)| **count > 0);
                    let counts: Vec<_> =
                        days.map(|(day, count)| (day, u64::from(*count))).collect();
                    if !counts.is_empty() {
                        give(cell / kinds, cell % kinds, DayCounts(counts));
                    }
                }
            }
            Store::List(mut list) => {
                list.sort_unstable();
                let slots = slots as u64;
                for of_cell in list.chunk_by(|left, right| left / slots == right / slots) {
                    let days = of_cell.chunk_by(|left, right| left == right);
                    let counts = days
                        .filter_map(|run| Some(((run.first()? % slots) as u32, run.len() as u64)));
                    let cell = of_cell.first().map_or(0, |place| (place / slots) as usize);
                    give(cell / kinds, cell % kinds, DayCounts(counts.collect()));
                }
            }
        }
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
        let groups: Vec<u32> = (0..700).map(|row| row * 7 % 3).collect();
        let days: Vec<u32> = (0..700).map(|row| row * row % 19).collect();
        let kind = |row: usize| (row % 5 / 3) as u32;
        let counted = |mut tally: DayTally| {
            let kinds = |codes: &mut [u32], first| {
                (first..).zip(codes).for_each(|(row, code)| *code = kind(row));
            };
            tally.count(&groups, kinds, &days);
            let mut settled = Vec::new();
            tally.settle(|group, kind, counts| settled.push((group, kind, counts)));
            settled
        };
        let few = counted(DayTally::new(3, 2, 20));
        assert_eq!(few, counted(DayTally { kinds: 2, slots: 20, store: Store::List(Vec::new()) }));
        assert_eq!(few.iter().map(|(.., counts)| counts.total()).sum::<u64>(), 700);
        assert_eq!(few.len(), 6);
    }
}
