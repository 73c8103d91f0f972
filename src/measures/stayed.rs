//! The tally behind starts and ends that are told apart: the days in care, and how each stay began
//! and ended.

use std::ops::Range;

use smallvec::SmallVec;

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Merge, Place, Role, Tally};
use crate::engine::people::{Known, People, Series};
use crate::engine::period::day_to_text;
use crate::engine::person::PersonId;
use crate::engine::value::Value;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

use super::care::{Care, CareColumns, CareNames, CareTally, OPEN};
use super::moves::Periods;

/// How stays begin, in the words of `wf.stays`, and how such starts are called.
pub(crate) const BEGAN: [(&str, &str); 3] =
    [("first entry", "first entries"), ("re-entry", "re-entries"), ("move", "moves in")];
/// How stays end, and how such ends are called.
pub(crate) const ENDED: [(&str, &str); 2] = [("exit", "exits"), ("move", "moves out")];

/// A time in care, with a bit for each way in which its rows say that it began, and that it ended;
/// the bit after the last stands for what they do not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stay {
    start: i32,
    end: i32,
    began: u8,
    ended: u8,
}

impl Stay {
    /// Both together: it begins as the one that begins first does, and ends as the last to end.
    fn with(self, other: Self) -> Self {
        let started = |stay: Self, start: i32| if stay.start == start { stay.began } else { 0 };
        let over = |stay: Self, end: i32| if stay.end == end { stay.ended } else { 0 };
        let (start, end) = (self.start.min(other.start), self.end.max(other.end));
        let began = started(self, start) | started(other, start);
        Self { start, end, began, ended: over(self, end) | over(other, end) }
    }
}

/// The stays of one child, in order, apart, as the days in care are put together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stays(SmallVec<[Stay; 1]>);

impl Known for Stays {
    type Record = Stay;

    fn add(&mut self, stay: Stay) {
        let stays = &mut self.0;
        let first = stays.partition_point(|other| other.end < stay.start);
        let after = stays.partition_point(|other| other.start <= stay.end);
        let touched = stays.get(first..after).unwrap_or(&[]);
        let joined = touched.iter().fold(stay, |joined, other| joined.with(*other));
        stays.drain(first..after);
        stays.insert(first, joined);
    }

    fn records(&self) -> impl Iterator<Item = Stay> {
        self.0.iter().copied()
    }
}

/// The children of one group, with the days that each was in care; where rows say how stays began or
/// ended, also that.
#[derive(Debug, Clone, Default)]
pub struct Stayed {
    pub(crate) care: Care,
    pub(crate) stays: People<Stays>,
    /// The sum of a number made of what each row says.
    digest: u64,
}

impl Stayed {
    fn record(&mut self, child: PersonId, stay: Stay) {
        self.stays.record(child, stay);
        let dates = u64::from(stay.start as u32) << 32 | u64::from(stay.end as u32);
        let words = u64::from(stay.began) << 8 | u64::from(stay.ended);
        self.digest = self.digest.wrapping_add(child.digest(dates ^ (words + 1).rotate_right(24)));
    }
}

impl Merge for Stayed {
    fn merge(&mut self, other: Self) {
        self.care.merge(other.care);
        self.stays.merge(other.stays);
        self.digest = self.digest.wrapping_add(other.digest);
    }

    fn contradiction(&self) -> Option<&'static str> {
        self.care.contradiction()
    }

    fn is_empty(&self) -> bool {
        self.care.is_empty()
    }
}

impl Wire for Stayed {
    /// Those of the days in care, and three of its own.
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("digest", CellKind::Digest),
        ("first", CellKind::Day),
        ("last", CellKind::Day),
        ("child", CellKind::Person),
        ("start", CellKind::Day),
        ("end", CellKind::Day),
        ("stays_digest", CellKind::Digest),
        ("began", CellKind::Whole),
        ("ended", CellKind::Whole),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let nothing = [Cell::Digest(0), Cell::Whole(None), Cell::Whole(None)];
        let mut own = [Cell::Digest(self.digest), Cell::Whole(None), Cell::Whole(None)];
        self.care.write(&mut |cells| {
            row(&[cells, own.as_slice()].concat());
            own.clone_from(&nothing);
        });
        for (child, stays) in self.stays.sorted() {
            for stay in stays.records() {
                row(&[
                    Cell::Count(0),
                    Cell::Count(0),
                    Cell::Digest(0),
                    Cell::Day(None),
                    Cell::Day(None),
                    Cell::Person(Some(child)),
                    Cell::Day(Some(stay.start)),
                    Cell::Day((stay.end != OPEN).then_some(stay.end)),
                    Cell::Digest(0),
                    Cell::Whole(Some(i64::from(stay.began))),
                    Cell::Whole(Some(i64::from(stay.ended))),
                ]);
            }
        }
    }

    fn digest(&self) -> Vec<u64> {
        let mut digest = self.care.digest();
        digest.push(self.digest);
        digest
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let Some((care, [Cell::Digest(digest), Cell::Whole(began), Cell::Whole(ended)])) =
            row.split_last_chunk::<3>()
        else {
            return Err(unreadable());
        };
        let mut state = Self { digest: *digest, ..Self::default() };
        let (Some(began), Some(ended)) = (began, ended) else {
            state.care = Care::read(care)?;
            return Ok(state);
        };
        match care {
            [.., Cell::Person(Some(child)), Cell::Day(Some(start)), Cell::Day(end)] => {
                let bits = |bits: i64| u8::try_from(bits).map_err(|_| unreadable());
                let (start, end) = (*start, end.unwrap_or(OPEN));
                let stay = Stay { start, end, began: bits(*began)?, ended: bits(*ended)? };
                state.stays.record(*child, stay);
                Ok(state)
            }
            _ => Err(unreadable()),
        }
    }
}

/// The names of the columns: episodes of care, and how each stay began and ended.
pub(crate) struct StayedNames<'a> {
    pub(crate) care: CareNames<'a>,
    pub(crate) began: Option<&'a str>,
    pub(crate) ended: Option<&'a str>,
}

/// From which day on first entries can be told from others.
pub(crate) fn first_known(states: &mut dyn Iterator<Item = &Stayed>) -> Option<String> {
    let first = states.filter_map(|state| state.care.dates).map(|(first, _)| first).min()?;
    Some(format!(
        "the earliest start is {}: who was in care before it cannot be known, so early periods have too many first entries, and too few re-entries",
        day_to_text(first)
    ))
}

/// Episodes of care, and for each row the bits of how it began and ended, where columns say so.
pub struct StayedColumns {
    care: CareColumns,
    words: Option<Vec<(u8, u8)>>,
}

impl StayedNames<'_> {
    pub(crate) fn roles(&self) -> Vec<Role> {
        let mut roles = self.care.roles();
        roles.extend(self.began.map(|column| Role::new("began", column)));
        roles.extend(self.ended.map(|column| Role::new("ended", column)));
        roles
    }

    pub(crate) fn columns(
        &self,
        chunk: &Chunk<'_>,
        account: &mut Account,
    ) -> Result<StayedColumns> {
        let care = self.care.columns(chunk, account)?;
        if self.began.is_none() && self.ended.is_none() {
            return Ok(StayedColumns { care, words: None });
        }
        let mut words = vec![(0, 0); chunk.rows()];
        if let Some(column) = self.began {
            let bits = bits(chunk, column, "began", &BEGAN.map(|(word, _)| word))?;
            words.iter_mut().zip(bits).for_each(|(words, bits)| words.0 = bits);
        }
        if let Some(column) = self.ended {
            let bits = bits(chunk, column, "ended", &ENDED.map(|(word, _)| word))?;
            words.iter_mut().zip(bits).for_each(|(words, bits)| words.1 = bits);
        }
        self.note_unclassified(chunk, &care, &words, account);
        Ok(StayedColumns { care, words: Some(words) })
    }

    /// Lists the rows that do not say how their stay began, or ended.
    fn note_unclassified(
        &self,
        chunk: &Chunk<'_>,
        care: &CareColumns,
        words: &[(u8, u8)],
        account: &mut Account,
    ) {
        let mut note = |column: Option<&str>, row: usize, problem: &str| {
            let Some(column) = column else { return };
            account.note(column, problem, chunk.row(row), || chunk.shown(column, row));
        };
        care.each_usable(0..chunk.rows(), |row, _, _, end| {
            let Some((began, ended)) = words.get(row) else { return };
            if *began == 1 << BEGAN.len() {
                let problem = "neither first entry, re-entry nor move: an unclassified start";
                note(self.began, row, problem);
            }
            if *ended == 1 << ENDED.len() && end != OPEN {
                note(self.ended, row, "neither exit nor move: an unclassified end");
            }
        });
    }
}

/// For each row the bit of its word, or the one after the last.
fn bits(chunk: &Chunk<'_>, column: &str, role: &str, words: &[&str]) -> Result<Vec<u8>> {
    let codes = chunk.codes(column, role)?;
    codes.check_kind(
        column,
        role,
        &words.iter().map(|word| Value::from(*word)).collect::<Vec<_>>(),
    )?;
    let bit = |value: &Value| {
        let place = words.iter().position(|word| *value == Value::from(*word));
        1_u8 << place.unwrap_or(words.len())
    };
    let bits: Vec<u8> = codes.values().iter().map(bit).collect();
    Ok((0..chunk.rows())
        .map(|row| bits.get(codes.code(row) as usize).copied().unwrap_or(0))
        .collect())
}

/// The states of a chunk: days in care apart from how stays began and ended.
pub struct StayedTally {
    care: CareTally,
    stays: Vec<Stayed>,
}

impl StayedTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self { care: CareTally::new(groups, None), stays: vec![Stayed::default(); groups] }
    }
}

impl Tally for StayedTally {
    type State = Stayed;
    type Columns = StayedColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &StayedColumns, rows: Range<usize>) {
        self.care.push(groups, &columns.care, rows.clone());
        let Some(words) = &columns.words else { return };
        let origin = rows.start;
        columns.care.each_usable(rows, |row, child, start, end| {
            let group = groups.get(row - origin).map_or(0, |group| group.place());
            let (Some(state), Some((began, ended))) = (self.stays.get_mut(group), words.get(row))
            else {
                return;
            };
            if start < end {
                let ended = if end == OPEN { 0 } else { *ended };
                state.record(child, Stay { start, end, began: *began, ended });
            }
        });
    }

    fn settle(mut self) -> Vec<Stayed> {
        for (state, care) in self.stays.iter_mut().zip(self.care.settle()) {
            state.care = care;
            state.stays.settle();
        }
        self.stays
    }
}

/// Starts and ends of each period, by how the stays began and ended; last in each list, those of
/// which the rows say nothing, or more than one thing.
#[derive(Debug, Clone, Default)]
pub(crate) struct Kinds {
    pub(crate) starts: [Series; BEGAN.len() + 1],
    pub(crate) ends: [Series; ENDED.len() + 1],
}

impl Merge for Kinds {
    fn merge(&mut self, other: Self) {
        self.starts.iter_mut().zip(other.starts).for_each(|(sum, part)| sum.merge(part));
        self.ends.iter_mut().zip(other.ends).for_each(|(sum, part)| sum.merge(part));
    }

    fn is_empty(&self) -> bool {
        self.starts.iter().chain(&self.ends).all(Merge::is_empty)
    }
}

/// The starts and ends of each period, by how the stays began and ended.
pub(crate) fn kinds(stays: &People<Stays>, periods: &Periods) -> Kinds {
    /// The place of the only bit, or the last place.
    fn place(bits: u8, last: usize) -> usize {
        if bits.count_ones() == 1 { (bits.trailing_zeros() as usize).min(last) } else { last }
    }
    stays.sum(|kinds: &mut Kinds, stays| {
        for stay in &stays.0 {
            let starts = kinds.starts.get_mut(place(stay.began, BEGAN.len()));
            if let (Some(starts), Some(period)) = (starts, periods.place(stay.start)) {
                starts.add(period, 1);
            }
            let ends = kinds.ends.get_mut(place(stay.ended, ENDED.len()));
            if let (Some(ends), Some(period)) = (ends, periods.place(stay.end)) {
                ends.add(period, 1);
            }
        }
    })
}
