//! The tally behind every count of where children live: for each child, or for each group of brothers
//! and sisters, the stays with what is said of each.

use std::fmt::Debug;
use std::ops::Range;

use arrow_buffer::ScalarBuffer;
use smallvec::SmallVec;

use crate::engine::measure::{Merge, Place, Tally};
use crate::engine::people::{Known, People};
use crate::engine::person::{PersonColumn, PersonId};
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

use super::care::{CareColumns, OPEN};
use super::date_index::DateIndex;

/// What a row says of a stay beside its days. Of two stays of one child on one day that started and
/// end together, the greater counts.
pub trait What: Copy + Ord + Debug + Send + Sync + 'static {
    /// The fields on the wire: a whole number and two identities.
    fn cells(self) -> [Cell; 3];

    /// Reads those fields.
    fn from_cells(cells: &[Cell]) -> Result<Self>;

    /// A number that tells it from others.
    fn digest(self) -> u64;
}

impl What for u64 {
    fn cells(self) -> [Cell; 3] {
        [Cell::Whole(Some(self as i64)), Cell::Person(None), Cell::Person(None)]
    }

    fn from_cells(cells: &[Cell]) -> Result<Self> {
        match cells {
            [Cell::Whole(Some(number)), ..] => Ok(*number as Self),
            _ => Err(unreadable()),
        }
    }

    fn digest(self) -> u64 {
        self
    }
}

/// A stay: its first day, the first day after it, and what is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Stay<W> {
    pub(crate) start: i32,
    pub(crate) end: i32,
    pub(crate) what: W,
}

impl<W> Stay<W> {
    pub(crate) fn holds(&self, day: i32) -> bool {
        self.start <= day && day < self.end
    }
}

/// The stays of one child or group, each once, by start, then end: on a day that several hold, the
/// last of them counts.
#[derive(Debug, Clone)]
pub(crate) struct Held<W>(pub(crate) SmallVec<[Stay<W>; 1]>);

impl<W> Default for Held<W> {
    fn default() -> Self {
        Self(SmallVec::new())
    }
}

impl<W: What> Held<W> {
    /// The stays that hold on a day, in order.
    pub(crate) fn on(&self, day: i32) -> impl Iterator<Item = &Stay<W>> {
        self.0.iter().filter(move |stay| stay.holds(day))
    }

    /// Those of some dates, by place, on which a stay may hold.
    pub(crate) fn reach(&self, dates: &[i32]) -> Range<usize> {
        let first = self.0.first().map_or(OPEN, |stay| stay.start);
        let last = self.0.iter().map(|stay| stay.end).max().unwrap_or(i32::MIN);
        dates.partition_point(|day| *day < first)..dates.partition_point(|day| *day < last)
    }
}

impl<W: What> Known for Held<W> {
    type Record = Stay<W>;

    fn add(&mut self, stay: Stay<W>) {
        if self.0.last().is_none_or(|last| *last < stay) {
            self.0.push(stay);
        } else if let Err(place) = self.0.binary_search(&stay) {
            self.0.insert(place, stay);
        }
    }

    fn records(&self) -> impl Iterator<Item = Stay<W>> {
        self.0.iter().copied()
    }
}

/// The children, or groups of brothers and sisters, of one group of rows, and their stays.
#[derive(Debug, Clone)]
pub struct Stays<W: What> {
    pub(crate) people: People<Held<W>>,
    /// The earliest start, and the latest start or end.
    pub(crate) dates: Option<(i32, i32)>,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
    /// The sum of a number made of each remembered row.
    digest: u64,
}

impl<W: What> Default for Stays<W> {
    fn default() -> Self {
        Self { people: People::default(), dates: None, used: 0, dropped: 0, digest: 0 }
    }
}

impl<W: What> Stays<W> {
    fn see(&mut self, first: i32, last: i32) {
        let (earliest, latest) = self.dates.unwrap_or((first, last));
        self.dates = Some((earliest.min(first), latest.max(last)));
    }
}

impl<W: What> Merge for Stays<W> {
    fn merge(&mut self, other: Self) {
        if let Some((first, last)) = other.dates {
            self.see(first, last);
        }
        self.used += other.used;
        self.dropped += other.dropped;
        self.digest = self.digest.wrapping_add(other.digest);
        self.people.merge(other.people);
    }

    fn contradiction(&self) -> Option<&'static str> {
        self.people.contradiction()
    }

    fn is_empty(&self) -> bool {
        self.used + self.dropped == 0
    }
}

impl<W: What> Wire for Stays<W> {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("digest", CellKind::Digest),
        ("first", CellKind::Day),
        ("last", CellKind::Day),
        ("whose", CellKind::Person),
        ("start", CellKind::Day),
        ("end", CellKind::Day),
        ("what", CellKind::Whole),
        ("child", CellKind::Person),
        ("place", CellKind::Person),
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
            Cell::Whole(None),
            Cell::Person(None),
            Cell::Person(None),
        ]);
        for (whose, held) in self.people.sorted() {
            for stay in held.0 {
                let [what, child, place] = stay.what.cells();
                row(&[
                    Cell::Count(0),
                    Cell::Count(0),
                    Cell::Digest(0),
                    Cell::Day(None),
                    Cell::Day(None),
                    Cell::Person(Some(whose)),
                    Cell::Day(Some(stay.start)),
                    Cell::Day((stay.end != OPEN).then_some(stay.end)),
                    what,
                    child,
                    place,
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
                Cell::Person(whose),
                Cell::Day(start),
                Cell::Day(end),
                what @ ..,
            ] => {
                let mut stays = Self {
                    used: *used,
                    dropped: *dropped,
                    digest: *digest,
                    dates: first.zip(*last),
                    ..Self::default()
                };
                if let (Some(whose), Some(start)) = (whose, start) {
                    let (start, end) = (*start, end.unwrap_or(OPEN));
                    stays.people.record(*whose, Stay { start, end, what: W::from_cells(what)? });
                }
                Ok(stays)
            }
            _ => Err(unreadable()),
        }
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is used.
    Used,
    /// It says that a child is looked after and not where: dropped, and yet remembered.
    Unknown,
    /// It cannot be used.
    Aside,
}

/// The columns of stays, checked.
pub struct StayColumns<W> {
    whose: Vec<PersonId>,
    starts: ScalarBuffer<i32>,
    ends: ScalarBuffer<i32>,
    what: Vec<W>,
    fates: Vec<Fate>,
}

impl<W> StayColumns<W> {
    /// Puts columns together; `fate` says what becomes of each row whose days can be used.
    pub(crate) fn new(
        care: CareColumns,
        whose: Vec<PersonId>,
        what: Vec<W>,
        fate: impl Fn(usize) -> Fate,
    ) -> Self {
        let mut fates: Vec<Fate> = (0..whose.len()).map(fate).collect();
        for row in care.unusable {
            if let Some(fate) = fates.get_mut(row) {
                *fate = Fate::Aside;
            }
        }
        Self { whose, starts: care.starts, ends: care.ends, what, fates }
    }
}

/// The identities of a column, row by row.
pub(crate) fn identities(column: &PersonColumn, rows: usize) -> Vec<PersonId> {
    let mut all = Vec::with_capacity(rows);
    column.each_block(0..rows, |_, people| all.extend_from_slice(people));
    all
}

/// The states of a chunk, and the dates that are asked about, where they are known: a stay that ended
/// more than `reach` days before each of them, or begins after, need not be remembered.
pub struct StayTally<W: What> {
    states: Vec<Stays<W>>,
    dates: Option<DateIndex>,
    reach: i32,
}

impl<W: What> StayTally<W> {
    pub(crate) fn new(groups: usize, dates: Option<&[i32]>, reach: i32) -> Self {
        Self { states: vec![Stays::default(); groups], dates: dates.map(DateIndex::new), reach }
    }
}

impl<W: What> Tally for StayTally<W> {
    type State = Stays<W>;
    type Columns = StayColumns<W>;

    fn push<G: Place>(&mut self, groups: &[G], columns: &StayColumns<W>, rows: Range<usize>) {
        let Self { states, dates, reach } = self;
        for (row, group) in rows.zip(groups) {
            let Some(state) = states.get_mut(group.place()) else { continue };
            let days = columns.starts.get(row).zip(columns.ends.get(row));
            let said = columns.whose.get(row).zip(columns.what.get(row));
            let fate = columns.fates.get(row).copied().unwrap_or(Fate::Aside);
            let (Some((start, end)), Some((whose, what))) = (days, said) else { continue };
            match fate {
                Fate::Used => state.used += 1,
                Fate::Unknown | Fate::Aside => state.dropped += 1,
            }
            if fate == Fate::Aside {
                continue;
            }
            let (start, end, what) = (*start, *end, *what);
            state.see(start, if end == OPEN { start } else { end });
            let days = u64::from(start as u32) << 32 | u64::from(end as u32);
            let marked = PersonId([whose.digest(days), 0]);
            state.digest = state.digest.wrapping_add(marked.digest(what.digest()));
            let matters =
                dates.as_ref().is_none_or(|dates| dates.any(start, end.saturating_add(*reach)));
            if start < end && matters {
                state.people.record(*whose, Stay { start, end, what });
            }
        }
    }

    fn settle(mut self) -> Vec<Stays<W>> {
        self.states.iter_mut().for_each(|state| state.people.settle());
        self.states
    }
}

/// The earliest start and the latest date of all groups.
pub(crate) fn dates<'a, W: What>(states: impl Iterator<Item = &'a Stays<W>>) -> Option<(i32, i32)> {
    states
        .filter_map(|state| state.dates)
        .reduce(|(first, last), dates| (first.min(dates.0), last.max(dates.1)))
}

/// Says how many children had two stays on one of the dates that differ in what is said of them.
pub(crate) fn doubled_note(doubled: i64) -> Option<String> {
    (doubled > 0).then(|| {
        format!(
            "on a date asked for, {doubled} {} in two places at once: the one that started last counts, then the one that ends last",
            if doubled == 1 { "child is" } else { "children are" }
        )
    })
}
