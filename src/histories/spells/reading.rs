//! What can be used of a piece of the rows, and what is wrong with the others?

use arrow_array::Array;

use crate::engine::chunk::Chunk;
use crate::engine::period::{PLAUSIBLE_DAYS, to_day};
use crate::engine::value::Value;
use crate::error::Result;

use super::super::by_person::{self, Parted, Record};
use super::super::days::{OUTSIDE_YEARS, plausible};
use super::super::problems::{Problem, findings};
use super::rule::Rule;
use super::union::OPEN;
use super::{CHILD, END, START, Spells};

findings! {
    NO_CHILD: "no child is named", "row set aside";
    NO_START: "no start", "row set aside";
    IMPLAUSIBLE: OUTSIDE_YEARS, "row set aside";
    EARLY: "a date before 1900", "used as it stands";
    BACKWARD: "end before start", "row set aside";
    NO_DAY: "ends on the day it starts: no day in care", "row set aside";
    LATE: "starts after as_of", "row set aside";
    UNENDED: "ends after as_of", "taken as open on that day";
}

/// 1 January 1900.
const EARLY_DAY: i32 = -25_567;

/// What was read of one piece of the rows.
pub(super) struct Piece {
    pub(super) records: Parted<Dated>,
    pub(super) problems: Vec<Problem>,
    /// Rows left out, rule by rule.
    pub(super) left_out: Vec<u64>,
    /// Whether each value of each rule was met.
    pub(super) met: Vec<Vec<bool>>,
    /// What a transfer changes: a number for each row, and what the numbers stand for in this piece.
    held_by: Vec<u32>,
    holders: Vec<Value>,
    /// For each row the date of birth, where there is an age limit.
    pub(super) born: Vec<Option<i32>>,
}

/// The start, the end and the row of an episode.
pub(super) type Dated = (i32, i32, u32);

impl Spells {
    /// Reads a piece of the rows: what can be used of them, and what is wrong with the others.
    pub(super) fn piece(
        &self,
        chunk: &Chunk<'_>,
        first: u32,
        shards: usize,
        rules: &[Rule],
    ) -> Result<Piece> {
        let children = chunk.people(&self.child, "child")?;
        let starts = chunk.days(&self.start, "start")?;
        let ends = chunk.days(&self.end, "end")?;
        let mut left = vec![false; if rules.is_empty() { 0 } else { chunk.rows() }];
        let (mut left_out, mut met) = (Vec::new(), Vec::new());
        for rule in rules {
            let (count, found) = rule.apply(chunk, &mut left)?;
            left_out.push(count);
            met.push(found);
        }
        let transfer = self.transfer.as_ref();
        let holders = transfer.map(|column| chunk.codes(column, "transfer")).transpose()?;
        let as_of = self.as_of.map(to_day);
        let stay = i32::from(self.last_day_counts);
        // The first day out of care, which is shown and so must be a day of those years itself.
        let first_out = |end: i32| match end {
            OPEN => OPEN,
            end => (end + stay).min(*PLAUSIBLE_DAYS.end()),
        };
        let mut records: Vec<Record<Dated>> = Vec::with_capacity(chunk.rows());
        let mut problems = Vec::new();
        let usable = |row: usize, problems: &mut Vec<Problem>| -> Option<(i32, i32)> {
            let mut tell = |column: u8, finding| {
                problems.push(Problem::of(first + row as u32, column, finding));
            };
            if starts.is_null(row) {
                tell(START, &NO_START);
                return None;
            }
            let start = starts.value(row);
            let mut end = if ends.is_null(row) { OPEN } else { ends.value(row) };
            if (EARLY_DAY..=*PLAUSIBLE_DAYS.end()).contains(&start)
                && start < end.saturating_add(stay)
                && (end == OPEN && ends.is_null(row) || end <= *PLAUSIBLE_DAYS.end())
                && as_of.is_none_or(|day| start <= day && (end <= day || end == OPEN))
            {
                return Some((start, first_out(end)));
            }
            if !PLAUSIBLE_DAYS.contains(&start) {
                tell(START, &IMPLAUSIBLE);
                return None;
            }
            if ends.is_valid(row) && !PLAUSIBLE_DAYS.contains(&end) {
                tell(END, &IMPLAUSIBLE);
                return None;
            }
            if end < start {
                tell(END, &BACKWARD);
                return None;
            }
            if as_of.is_some_and(|day| start > day) {
                tell(START, &LATE);
                return None;
            }
            if end == start && stay == 0 {
                tell(END, &NO_DAY);
                return None;
            }
            if end != OPEN && as_of.is_some_and(|day| end > day) {
                tell(END, &UNENDED);
                end = OPEN;
            }
            if start < EARLY_DAY {
                tell(START, &EARLY);
            }
            if end < EARLY_DAY {
                tell(END, &EARLY);
            }
            Some((start, first_out(end)))
        };
        children.each_block(0..chunk.rows(), |from, people| {
            for (row, child) in (from..).zip(people) {
                if left.get(row).copied().unwrap_or(false) {
                    continue;
                }
                if child.is_nobody() {
                    problems.push(Problem::of(first + row as u32, CHILD, &NO_CHILD));
                    continue;
                }
                let Some((start, end)) = usable(row, &mut problems) else { continue };
                records.push((*child, (start, end, first + row as u32)));
            }
        });
        let born = match self.until_age {
            Some(_) => {
                let days = chunk.days(&self.born, "born")?;
                (0..chunk.rows()).map(|row| plausible(&days, row)).collect()
            }
            None => Vec::new(),
        };
        Ok(Piece {
            records: by_person::part(&records, shards),
            problems,
            left_out,
            met,
            held_by: holders
                .iter()
                .flat_map(|codes| (0..chunk.rows()).map(|row| codes.code(row)))
                .collect(),
            holders: holders.map(|codes| codes.values().to_vec()).unwrap_or_default(),
            born,
        })
    }
}

/// For each row what a transfer changes, numbered alike in all pieces in the order of the values;
/// nothing where no transfer ends a spell.
pub(super) fn held_by(pieces: &mut [Piece]) -> Vec<u32> {
    let mut all: Vec<Value> =
        pieces.iter().flat_map(|piece| piece.holders.iter().cloned()).collect();
    all.sort();
    all.dedup();
    let mut rows = Vec::new();
    for piece in pieces {
        let number = |value| all.binary_search(value).unwrap_or(0) as u32;
        let numbers: Vec<u32> = piece.holders.iter().map(number).collect();
        let codes = std::mem::take(&mut piece.held_by);
        rows.extend(codes.iter().map(|code| numbers.get(*code as usize).copied().unwrap_or(0)));
    }
    rows
}
