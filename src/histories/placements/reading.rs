//! In which place is each row, and what can be used of it?

use crate::engine::chunk::Chunk;
use crate::engine::value::Value;
use crate::error::Result;

use super::super::by_person::{self, Parted, Record};
use super::super::episodes::{Dated, EpisodeDays, nobody};
use super::super::numbered::{Coded, numbered};
use super::super::problems::{Finding, Problem};
use super::Placements;

/// What is said of a row without a place.
pub(super) static NO_PLACE: Finding = Finding {
    problem: "no place is recorded",
    done: "a place of its own: to go there or to leave it is a move",
};

/// What was read of one piece of the rows.
pub(super) struct Piece {
    pub(super) records: Parted<Dated>,
    pub(super) problems: Vec<Problem>,
    /// The values of each column of the place.
    coded: Vec<Coded>,
}

/// The places of the rows, numbered in the order of their values.
pub(super) struct Places {
    pub(super) of_row: Vec<u32>,
    /// For each place whether a stay there is no placement of its own.
    pub(super) temporary: Vec<bool>,
    /// For each place whether nothing is recorded of it.
    pub(super) unknown: Vec<bool>,
    /// The temporary values that no row has.
    pub(super) unmet: Vec<Value>,
}

impl Placements {
    /// Reads a piece of the rows: what can be used of them, and what is wrong with the others.
    pub(super) fn piece(&self, chunk: &Chunk<'_>, first: u32, shards: usize) -> Result<Piece> {
        let children = chunk.people(&self.child, "child")?;
        let days = EpisodeDays::read(chunk, &self.start, &self.end, self.as_of)?;
        let mut coded = Vec::new();
        for (place, column) in self.place.iter().enumerate() {
            let codes = chunk.codes(column, "place")?;
            if place == 0 {
                codes.check_kind(column, "place", &self.temporary)?;
            }
            coded.push(Coded::new(&codes, chunk.rows()));
        }
        let mut records: Vec<Record<Dated>> = Vec::with_capacity(chunk.rows());
        let mut problems = Vec::new();
        children.each_block(0..chunk.rows(), |from, people| {
            for (row, child) in (from..).zip(people) {
                let place = first + row as u32;
                if child.is_nobody() {
                    problems.push(nobody(place));
                    continue;
                }
                let tell = |column, finding| problems.push(Problem::of(place, column, finding));
                if let Some((start, end)) = days.of(row, tell) {
                    records.push((*child, (start, end, place)));
                }
            }
        });
        Ok(Piece { records: by_person::part(&records, shards), problems, coded })
    }

    /// The places of all rows: one for each combination of values of the columns.
    pub(super) fn places(&self, pieces: &mut [Piece]) -> Places {
        let mut columns: Vec<Vec<Coded>> = self.place.iter().map(|_| Vec::new()).collect();
        for piece in pieces {
            for (column, coded) in columns.iter_mut().zip(piece.coded.drain(..)) {
                column.push(coded);
            }
        }
        let mut columns = columns.into_iter().map(numbered);
        let (of_row, values) = columns.next().unwrap_or_default();
        let unmet = self.temporary.iter().filter(|value| !values.contains(value)).cloned();
        let mut places = Places {
            of_row,
            temporary: values.iter().map(|value| self.temporary.contains(value)).collect(),
            unknown: values.iter().map(|value| *value == Value::Null).collect(),
            unmet: unmet.collect(),
        };
        for (of_row, values) in columns {
            places.split(&of_row, &values);
        }
        places
    }
}

impl Places {
    /// Tells places apart by one more column.
    fn split(&mut self, of_row: &[u32], values: &[Value]) {
        let pair = |(place, value): (&u32, &u32)| u64::from(*place) << 32 | u64::from(*value);
        let pairs: Vec<u64> = self.of_row.iter().zip(of_row).map(pair).collect();
        let mut all = pairs.clone();
        all.sort_unstable();
        all.dedup();
        let number = |pair: &u64| all.binary_search(pair).unwrap_or(0) as u32;
        self.of_row = pairs.iter().map(number).collect();
        let before = |pair: &u64| (pair >> 32) as usize;
        let holds = |known: &[bool], pair: &u64| known.get(before(pair)) == Some(&true);
        let null = |pair: &u64| values.get(*pair as u32 as usize) == Some(&Value::Null);
        self.temporary = all.iter().map(|pair| holds(&self.temporary, pair)).collect();
        self.unknown = all.iter().map(|pair| holds(&self.unknown, pair) && null(pair)).collect();
    }
}
