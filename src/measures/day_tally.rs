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
        // Most days of two large parts are the same: those need no new list.
        let mut mine = self.0.iter_mut().peekable();
        let mut new: Vec<(u32, u64)> = Vec::new();
        for (day, count) in other.0 {
            while mine.next_if(|(known, _)| *known < day).is_some() {}
            match mine.peek_mut() {
                Some((known, sum)) if *known == day => *sum += count,
                _ => new.push((day, count)),
            }
        }
        if !new.is_empty() {
            self.0.append(&mut new);
            // Two lists in order, which a stable sort merges.
            self.0.sort_by_key(|(day, _)| *day);
        }
    }
}

/// Up to how many combinations have a place each.
const PLACES: usize = 1 << 20;
/// How many rows have their kinds read before they are counted.
const BLOCK_ROWS: usize = 1 << 8;

/// What rows are counted in.
///
/// The places of group, kind and day have bits of their own each, so that many rows' places are found at
/// once.
pub(crate) struct DayTally {
    kinds: u32,
    kind_bits: u32,
    slots: usize,
    day_bits: u32,
    store: Store,
}

enum Store {
    Places(Vec<u32>),
    List(Vec<u64>),
}

impl DayTally {
    /// Room for so many groups and kinds, and for the days below `slots`.
    pub(crate) fn new(groups: usize, kinds: usize, slots: usize) -> Self {
        let mut tally = Self {
            kinds: kinds as u32,
            kind_bits: bits(kinds),
            slots,
            day_bits: bits(slots),
            store: Store::List(Vec::new()),
        };
        let each = 1_usize.checked_shl(tally.kind_bits + tally.day_bits);
        let places = each.and_then(|each| groups.checked_mul(each));
        if let Some(places) = places.filter(|places| *places <= PLACES) {
            tally.store = Store::Places(vec![0; places]);
        }
        tally
    }

    pub(crate) fn slots(&self) -> usize {
        self.slots
    }

    /// Counts a row for each group and day; `kinds` writes the kinds of the rows from a place on. What
    /// lies beyond the last kind counts as the last, or as one after it.
    #[inline]
    pub(crate) fn count<G: Place>(
        &mut self,
        groups: &[G],
        mut kinds: impl FnMut(&mut [u32], usize),
        days: &[u32],
    ) {
        let (kind_bits, day_bits) = (self.kind_bits, self.day_bits);
        let last = self.kinds.saturating_sub(1);
        let mut room = [0_u32; BLOCK_ROWS];
        let mut places = [0_u32; BLOCK_ROWS];
        let blocks = groups.chunks(BLOCK_ROWS).zip(days.chunks(BLOCK_ROWS));
        for (block, (groups, days)) in blocks.enumerate() {
            let codes = room.get_mut(..groups.len()).unwrap_or(&mut []);
            kinds(codes, block * BLOCK_ROWS);
            if codes.iter().fold(0, |all, code| all | code) >> kind_bits != 0 {
                codes.iter_mut().for_each(|code| *code = (*code).min(last));
            }
            let rows = groups.iter().zip(&*codes).zip(days);
            match &mut self.store {
                Store::Places(counts) => {
                    // First all places, then all counts: the one goes many rows at a time.
                    for (((group, code), day), place) in rows.zip(&mut places) {
                        *place = (((group.place() as u32) << kind_bits | code) << day_bits) + day;
                    }
                    let met = places.get(..groups.len().min(days.len())).unwrap_or(&[]);
                    let (fours, rest) = met.as_chunks::<4>();
                    let mut add = |place: &u32| {
                        if let Some(count) = counts.get_mut(*place as usize) {
                            *count += 1;
                        }
                    };
                    // Four at a time, so that most of the loop is counting.
                    fours.iter().for_each(|four| four.iter().for_each(&mut add));
                    rest.iter().for_each(&mut add);
                }
                Store::List(list) => list.extend(rows.map(|((group, code), day)| {
                    place(group.place(), *code, *day, kind_bits, day_bits)
                })),
            }
        }
    }

    /// Counts one row.
    #[inline]
    pub(crate) fn add(&mut self, group: usize, kind: usize, day: u32) {
        let place = place(group, kind as u32, day, self.kind_bits, self.day_bits);
        match &mut self.store {
            Store::Places(counts) => {
                if let Some(count) = counts.get_mut(place as usize) {
                    *count += 1;
                }
            }
            Store::List(list) => list.push(place),
        }
    }

    /// Gives the counts of each group and kind that has any, in their order.
    pub(crate) fn settle(self, mut give: impl FnMut(usize, usize, DayCounts)) {
        let (kind_bits, day_bits) = (self.kind_bits, self.day_bits);
        let mut give = |cell: usize, counts: Vec<(u32, u64)>| {
            if !counts.is_empty() {
                give(cell >> kind_bits, cell & ((1 << kind_bits) - 1), DayCounts(counts));
            }
        };
        match self.store {
            Store::Places(places) => {
                for (cell, counts) in places.chunks(1 << day_bits).enumerate() {
                    let counts = counts.get(..self.slots).unwrap_or(counts);
                    // To ask for memory once is quicker than to ask as days are found.
                    let size = counts.iter().filter(|count| **count > 0).count();
                    let mut found = Vec::with_capacity(size);
                    let days = (0..).zip(counts).filter(|(_, count)| **count > 0);
                    found.extend(days.map(|(day, count)| (day, u64::from(*count))));
                    give(cell, found);
                }
            }
            Store::List(mut list) => {
                list.sort_unstable();
                let cell = |place: &u64| (place >> day_bits) as usize;
                for of_cell in list.chunk_by(|left, right| cell(left) == cell(right)) {
                    let days = of_cell.chunk_by(|left, right| left == right);
                    let count = |run: &[u64]| {
                        Some(((run.first()? & ((1 << day_bits) - 1)) as u32, run.len() as u64))
                    };
                    give(of_cell.first().map_or(0, cell), days.filter_map(count).collect());
                }
            }
        }
    }
}

/// How many bits tell so many things apart.
fn bits(of: usize) -> u32 {
    of.saturating_sub(1).checked_ilog2().map_or(0, |log| log + 1)
}

#[inline]
fn place(group: usize, kind: u32, day: u32, kind_bits: u32, day_bits: u32) -> u64 {
    (((group as u64) << kind_bits | u64::from(kind)) << day_bits) + u64::from(day)
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
        let list = DayTally { store: Store::List(Vec::new()), ..DayTally::new(3, 2, 20) };
        assert_eq!(few, counted(list));
        assert_eq!(few.iter().map(|(.., counts)| counts.total()).sum::<u64>(), 700);
        assert_eq!(few.len(), 6);
    }
}
