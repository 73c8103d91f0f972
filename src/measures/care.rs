//! The tally behind every count of children in care: for each child, the days in care.

use std::ops::Range;

use arrow_array::{Array, Date32Array};
use arrow_buffer::ScalarBuffer;
use smallvec::SmallVec;

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Merge, Place, Role, Tally};
use crate::engine::people::{Known, People};
use crate::engine::period::PLAUSIBLE_DAYS;
use crate::engine::person::{BLOCK_ROWS, PersonColumn, PersonId};
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

use super::date_index::DateIndex;
use super::far_ends::note_far_ends;

/// A day after every other: the end of an episode that is still open.
pub(crate) const OPEN: i32 = i32::MAX;

/// The days on which a child is in care, as the union of episodes \[start, end), in order, apart:
/// an episode that begins on the day the last one ended continues it, an overlap counts once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spans(SmallVec<[(i32, i32); 1]>);

impl Spans {
    /// Adds an episode; one that ends on the day it starts adds nothing.
    fn insert(&mut self, start: i32, end: i32) {
        if start >= end {
            return;
        }
        let spans = &mut self.0;
        match spans.last_mut() {
            None => spans.push((start, end)),
            Some(last) if start > last.1 => spans.push((start, end)),
            Some(last) if start >= last.0 => last.1 = last.1.max(end),
            Some(_) => {
                // It begins before the last span: whatever it touches becomes one span with it.
                let first = spans.partition_point(|span| span.1 < start);
                let after = spans.partition_point(|span| span.0 <= end);
                let touched = spans.get(first..after).unwrap_or(&[]);
                let joined = touched
                    .iter()
                    .fold((start, end), |(start, end), span| (start.min(span.0), end.max(span.1)));
                spans.drain(first..after);
                spans.insert(first, joined);
            }
        }
    }

    /// The spans, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (i32, i32)> + '_ {
        self.0.iter().copied()
    }

    /// Whether a day lies in a span.
    pub(crate) fn holds(&self, day: i32) -> bool {
        self.iter().any(|(start, end)| start <= day && day < end)
    }
}

impl Known for Spans {
    type Record = (i32, i32);

    fn add(&mut self, (start, end): (i32, i32)) {
        self.insert(start, end);
    }

    fn records(&self) -> impl Iterator<Item = (i32, i32)> {
        self.iter()
    }
}

/// The children of one group, with the days that each was in care, and the rows that said so.
#[derive(Debug, Clone, Default)]
pub struct Care {
    pub(crate) children: People<Spans>,
    /// The earliest start, and the latest start or end.
    pub(crate) dates: Option<(i32, i32)>,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
    /// The sum of a number made of each used row.
    digest: u64,
}

impl Care {
    /// Counts a usable row, whether or not its episode is remembered.
    #[inline]
    fn count(&mut self, child: PersonId, start: i32, end: i32) {
        self.used += 1;
        self.see(start, if end == OPEN { start } else { end });
        let recorded = u64::from(start as u32) << 32 | u64::from(end as u32);
        self.digest = self.digest.wrapping_add(child.digest(recorded));
    }

    /// Adds what another state counted of its rows, without the children.
    fn add_counts(&mut self, other: &Self) {
        if let Some((first, last)) = other.dates {
            self.see(first, last);
        }
        self.used += other.used;
        self.dropped += other.dropped;
        self.digest = self.digest.wrapping_add(other.digest);
    }

    #[inline]
    fn see(&mut self, first: i32, last: i32) {
        let (earliest, latest) = self.dates.unwrap_or((first, last));
        self.dates = Some((earliest.min(first), latest.max(last)));
    }
}

impl Merge for Care {
    fn merge(&mut self, other: Self) {
        self.add_counts(&other);
        self.children.merge(other.children);
    }

    fn contradiction(&self) -> Option<&'static str> {
        self.children.contradiction()
    }

    fn is_empty(&self) -> bool {
        self.used + self.dropped == 0
    }
}

impl Wire for Care {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("digest", CellKind::Digest),
        ("first", CellKind::Day),
        ("last", CellKind::Day),
        ("child", CellKind::Person),
        ("start", CellKind::Day),
        ("end", CellKind::Day),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        row(&[
            Cell::Count(self.used),
            Cell::Count(self.dropped),
            Cell::Digest(self.digest),
            Cell::Day(self.dates.map(|(first, _)| first)),
            Cell::Day(self.dates.map(|(_, last)| last)),
            Cell::Person(None),
            Cell::Day(None),
            Cell::Day(None),
        ]);
        for (child, spans) in self.children.sorted() {
            for (start, end) in spans.iter() {
                row(&[
                    Cell::Count(0),
                    Cell::Count(0),
                    Cell::Digest(0),
                    Cell::Day(None),
                    Cell::Day(None),
                    Cell::Person(Some(child)),
                    Cell::Day(Some(start)),
                    Cell::Day((end != OPEN).then_some(end)),
                ]);
            }
        }
    }

    fn digest(&self) -> Vec<u64> {
        vec![self.used, self.dropped, self.digest]
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [
                Cell::Count(used),
                Cell::Count(dropped),
                Cell::Digest(digest),
                Cell::Day(first),
                Cell::Day(last),
                Cell::Person(child),
                Cell::Day(start),
                Cell::Day(end),
            ] => {
                let mut care = Self {
                    used: *used,
                    dropped: *dropped,
                    digest: *digest,
                    dates: first.zip(*last),
                    ..Self::default()
                };
                if let (Some(child), Some(start)) = (child, start) {
                    care.children.record(*child, (*start, end.unwrap_or(OPEN)));
                }
                Ok(care)
            }
            _ => Err(unreadable()),
        }
    }
}

/// The names of the columns that episodes of care have.
pub(crate) struct CareNames<'a> {
    pub(crate) child: &'a str,
    pub(crate) start: &'a str,
    pub(crate) end: &'a str,
}

impl CareNames<'_> {
    pub(crate) fn roles(&self) -> Vec<Role> {
        vec![
            Role::new("child", self.child),
            Role::new("start", self.start),
            Role::new("end", self.end),
        ]
    }

    /// Checks the columns, and notes the rows that cannot be used: no child, no start, an end before
    /// the start, a date outside the years 1 to 9999. An end of the year 2200 or later is noted.
    pub(crate) fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<CareColumns> {
        let children = chunk.people(self.child, "child")?;
        let starts = chunk.days(self.start, "start")?;
        let ends = chunk.days(self.end, "end")?;
        note_far_ends(&ends, self.end, chunk, account);
        let open_ended = with_open_ends(&ends);
        let unusable = if children.may_be_null() || !usable(&starts, &ends, &open_ended) {
            self.unusable(&children, &starts, &ends, chunk, account)
        } else {
            Vec::new()
        };
        Ok(CareColumns { children, starts: starts.values().clone(), ends: open_ended, unusable })
    }

    /// The rows that cannot be used, in order, noted one by one.
    #[cold]
    fn unusable(
        &self,
        children: &PersonColumn,
        starts: &Date32Array,
        ends: &Date32Array,
        chunk: &Chunk<'_>,
        account: &mut Account,
    ) -> Vec<usize> {
        let mut unusable: Vec<(usize, &str, &str)> = Vec::new();
        if children.may_be_null() {
            children.each(0..chunk.rows(), |row, child| {
                if child.is_none() {
                    unusable.push((row, self.child, "no child is named: row set aside"));
                }
            });
        }
        let implausible = "a date outside the years 1 to 9999: row set aside";
        for row in 0..chunk.rows() {
            let start = starts.is_valid(row).then(|| starts.value(row));
            let end = ends.is_valid(row).then(|| ends.value(row));
            match (start, end) {
                (None, _) => unusable.push((row, self.start, "no start: row set aside")),
                (Some(start), _) if !PLAUSIBLE_DAYS.contains(&start) => {
                    unusable.push((row, self.start, implausible));
                }
                (_, Some(end)) if !PLAUSIBLE_DAYS.contains(&end) => {
                    unusable.push((row, self.end, implausible));
                }
                (Some(start), Some(end)) if end < start => {
                    unusable.push((row, self.end, "an end before the start: row set aside"));
                }
                _ => {}
            }
        }
        // A row with several faults is reported for each, and dropped once.
        unusable.sort_by_key(|(row, ..)| *row);
        for (row, column, problem) in &unusable {
            account.note(column, problem, chunk.row(*row), || {
                if *column == self.end {
                    format!("{} to {}", chunk.shown(self.start, *row), chunk.shown(self.end, *row))
                } else {
                    chunk.shown(column, *row)
                }
            });
        }
        let mut unusable: Vec<usize> = unusable.into_iter().map(|(row, ..)| row).collect();
        unusable.dedup();
        unusable
    }
}

/// The ends of episodes, with [`OPEN`] for those that have none.
fn with_open_ends(ends: &Date32Array) -> ScalarBuffer<i32> {
    let Some(closed) = ends.nulls().filter(|nulls| nulls.null_count() > 0) else {
        return ends.values().clone();
    };
    let mut days = Vec::with_capacity(ends.len());
    let words = closed.inner().bit_chunks();
    for (days_of_word, word) in ends.values().chunks(64).zip(words.iter_padded()) {
        let ends = days_of_word.iter().enumerate();
        days.extend(ends.map(|(place, day)| if word >> place & 1 == 1 { *day } else { OPEN }));
    }
    days.into()
}

/// Whether every row can be used, found quickly: in most extracts they all can.
fn usable(starts: &Date32Array, ends: &Date32Array, open_ended: &[i32]) -> bool {
    let (first, last) = (*PLAUSIBLE_DAYS.start(), *PLAUSIBLE_DAYS.end());
    let mut wrong = false;
    let mut open = 0_usize;
    for (start, end) in starts.values().iter().zip(open_ended) {
        let is_open = *end == OPEN;
        open += usize::from(is_open);
        wrong |= *start < first || *start > last || end < start || (*end > last && !is_open);
    }
    !wrong && starts.null_count() == 0 && open == ends.null_count()
}

/// Episodes of care, checked.
pub struct CareColumns {
    pub(super) children: PersonColumn,
    pub(super) starts: ScalarBuffer<i32>,
    /// [`OPEN`] where the episode has not ended.
    pub(super) ends: ScalarBuffer<i32>,
    /// The rows that cannot be used, in order.
    pub(super) unusable: Vec<usize>,
}

impl CareColumns {
    /// Visits the rows of a range that can be used: the row, the child, the start and the end.
    pub(crate) fn each_usable(
        &self,
        rows: Range<usize>,
        mut visit: impl FnMut(usize, PersonId, i32, i32),
    ) {
        let from = self.unusable.partition_point(|row| *row < rows.start);
        let mut unusable = self.unusable.iter().skip(from).peekable();
        self.children.each_block(rows, |first, children| {
            let starts = self.starts.get(first..).unwrap_or(&[]);
            let ends = self.ends.get(first..).unwrap_or(&[]);
            for (row, ((child, start), end)) in (first..).zip(children.iter().zip(starts).zip(ends))
            {
                if unusable.next_if(|bad| **bad == row).is_none() {
                    visit(row, *child, *start, *end);
                }
            }
        });
    }
}

/// The states of a chunk, and the dates that are asked about, where they are known: an episode that
/// holds none of them need not be remembered.
pub struct CareTally {
    states: Vec<Care>,
    dates: Option<DateIndex>,
}

impl CareTally {
    pub(crate) fn new(groups: usize, dates: Option<&[i32]>) -> Self {
        Self { states: vec![Care::default(); groups], dates: dates.map(DateIndex::new) }
    }
}

impl Tally for CareTally {
    type State = Care;
    type Columns = CareColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &CareColumns, rows: Range<usize>) {
        let states = &mut self.states;
        match &self.dates {
            None => push(groups, states, columns, rows, |_, _| true),
            Some(dates) => push(groups, states, columns, rows, |start, end| dates.any(start, end)),
        }
    }

    fn settle(mut self) -> Vec<Care> {
        self.states.iter_mut().for_each(|care| care.children.settle());
        self.states
    }
}

/// Adds each usable row of a range to its group, with the days that it says a child was in care;
/// `matters` says which of them the measure needs to remember.
fn push<G: Place>(
    groups: &[G],
    states: &mut [Care],
    columns: &CareColumns,
    rows: Range<usize>,
    matters: impl Fn(i32, i32) -> bool,
) {
    let from = columns.unusable.partition_point(|row| *row < rows.start);
    let mut unusable = columns.unusable.iter().skip(from).peekable();
    let origin = rows.start;
    columns.children.each_block(rows, |first, children| {
        let starts = columns.starts.get(first..).unwrap_or(&[]);
        let ends = columns.ends.get(first..).unwrap_or(&[]);
        let episodes = children.iter().zip(starts).zip(ends);
        if let ([state], []) = (&mut *states, columns.unusable.as_slice()) {
            // One group and nothing to set aside: what the rows share is added once.
            let mut all = Care::default();
            let mut kept = [0_u16; BLOCK_ROWS];
            let mut count = 0;
            for (place, ((child, start), end)) in episodes.enumerate() {
                all.count(*child, *start, *end);
                // Without a branch, since which episodes matter follows no order.
                if let Some(slot) = kept.get_mut(count) {
                    *slot = place as u16;
                }
                count += usize::from(start < end && matters(*start, *end));
            }
            state.add_counts(&all);
            for place in kept.iter().take(count).map(|place| usize::from(*place)) {
                let days = starts.get(place).zip(ends.get(place));
                if let (Some(child), Some((start, end))) = (children.get(place), days) {
                    state.children.record(*child, (*start, *end));
                }
            }
            return;
        }
        for (row, ((child, start), end)) in (first..).zip(episodes) {
            let group = groups.get(row - origin).map_or(0, |group| group.place());
            let Some(state) = states.get_mut(group) else { continue };
            if unusable.next_if(|bad| **bad == row).is_some() {
                state.dropped += 1;
                continue;
            }
            state.count(*child, *start, *end);
            if start < end && matters(*start, *end) {
                state.children.record(*child, (*start, *end));
            }
        }
    });
}

pub(crate) fn child() -> String {
    "child_id".to_owned()
}

pub(crate) fn start() -> String {
    "start".to_owned()
}

pub(crate) fn end() -> String {
    "end".to_owned()
}

/// The earliest start and the latest date of all groups.
pub(crate) fn dates<'a>(states: impl Iterator<Item = &'a Care>) -> Option<(i32, i32)> {
    states
        .filter_map(|care| care.dates)
        .reduce(|(first, last), dates| (first.min(dates.0), last.max(dates.1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn touching_episodes_continue_and_overlaps_count_once() {
        let mut spans = Spans::default();
        for (start, end) in [(10, 20), (20, 25), (30, 40), (35, 38), (27, 27), (24, 30)] {
            spans.insert(start, end);
        }
        assert_eq!(spans.iter().collect::<Vec<_>>(), [(10, 40)]);
    }

    proptest! {
        /// Whatever the order of the episodes, the union holds just the days that an episode holds.
        #[test]
        fn the_union_holds_the_days_of_its_episodes(
            episodes in prop::collection::vec((0..60_i32, 0..12_i32), 0..20)
        ) {
            let mut spans = Spans::default();
            for (start, days) in &episodes {
                spans.insert(*start, start + days);
            }
            for day in -1..80 {
                let naive = episodes.iter().any(|(start, days)| *start <= day && day < start + days);
                prop_assert_eq!(spans.holds(day), naive);
            }
            let parts: Vec<_> = spans.iter().collect();
            prop_assert!(parts.windows(2).all(|pair| pair[0].1 < pair[1].0));
        }
    }
}
