//! What was found wrong with rows, and what was done about it: every row is listed.

use std::sync::Arc;

use arrow_array::types::{Int64Type, UInt8Type};
use arrow_array::{ArrayRef, DictionaryArray, RecordBatch, StringArray, UInt8Array};
use rayon::prelude::*;

use crate::error::{Error, Result};

use super::table::{batch, column};

/// A kind of problem, in words, and what is done about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) problem: &'static str,
    pub(super) done: &'static str,
}

/// Names what may be found: the problem, and what is done.
macro_rules! findings {
    ($($name:ident: $problem:expr, $done:literal;)*) => {
        $(static $name: $crate::histories::problems::Finding =
            $crate::histories::problems::Finding { problem: $problem, done: $done };)*
    };
}
pub(super) use findings;

/// What is wrong with a row that is about nobody.
pub(super) const NOBODY_NAMED: &str = "no person is named";

/// A problem of one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Problem {
    /// The place of its table among those of the history.
    pub(super) table: u8,
    pub(super) row: u32,
    /// The place of its column among those of the history.
    pub(super) column: u8,
    pub(super) finding: &'static Finding,
    /// One more than the row that it is at odds with; 0 where there is none, since there may be as
    /// many problems as rows, and this takes half the room of an option.
    beside: u32,
    /// How many days an overlap or a gap has, or [`NO_DAYS`].
    length: i32,
}

const NO_DAYS: i32 = i32::MIN;

impl Problem {
    pub(super) fn of(row: u32, column: u8, finding: &'static Finding) -> Self {
        Self { table: 0, row, column, finding, beside: 0, length: NO_DAYS }
    }

    /// The row that it is at odds with.
    pub(super) fn other(&self) -> Option<u32> {
        self.beside.checked_sub(1)
    }

    /// How many days an overlap or a gap has.
    pub(super) fn length(&self) -> Option<i32> {
        Some(self.length).filter(|days| *days != NO_DAYS)
    }

    /// The same of a row of the second table.
    pub(super) fn of_second(row: u32, column: u8, finding: &'static Finding) -> Self {
        Self { table: 1, ..Self::of(row, column, finding) }
    }

    pub(super) fn with(mut self, other: u32) -> Self {
        self.beside = other + 1;
        self
    }

    pub(super) fn days(mut self, days: i32) -> Self {
        self.length = days;
        self
    }
}

/// The list of problems, by row; where there are two tables, it says which one.
pub(super) fn listed(
    mut problems: Vec<Problem>,
    tables: &[(&str, &[&str])],
) -> Result<RecordBatch> {
    problems.par_sort_unstable();
    let whole = |of: fn(&Problem) -> Option<i64>| {
        column::<Int64Type>(problems.len(), |place| problems.get(place).and_then(of))
    };
    let table = |problem: &Problem| tables.get(usize::from(problem.table));
    let in_column = |problem: &Problem| {
        let columns = table(problem).map_or(&[][..], |(_, columns)| columns);
        columns.get(usize::from(problem.column)).copied().unwrap_or_default()
    };
    let mut made: Vec<(&str, ArrayRef)> = Vec::new();
    if tables.len() > 1 {
        let name = |problem: &Problem| table(problem).map_or("", |(name, _)| name);
        made.push(("table", texts(&problems, name)?));
    }
    made.push(("row", whole(|problem| Some(i64::from(problem.row)))));
    made.push(("column", texts(&problems, in_column)?));
    made.push(("problem", texts(&problems, |problem| problem.finding.problem)?));
    made.push(("done", texts(&problems, |problem| problem.finding.done)?));
    made.push(("other_row", whole(|problem| problem.other().map(i64::from))));
    made.push(("days", whole(|problem| problem.length().map(i64::from))));
    batch(made.into_iter().map(|(name, column)| (name.to_owned(), column)))
}

/// A column of texts of which there are few different ones, each held once.
fn texts<'a>(problems: &[Problem], of: impl Fn(&Problem) -> &'a str + Sync) -> Result<ArrayRef> {
    // Texts that are the same lie, nearly always, in the same place.
    let known = |few: &[&str], text: &str| {
        let same = few.iter().position(|known| std::ptr::eq(*known, text));
        same.or_else(|| few.iter().position(|known| *known == text))
    };
    let met = |mut few: Vec<&'a str>, text: &'a str| {
        if known(&few, text).is_none() {
            few.push(text);
        }
        few
    };
    let parts: Vec<Vec<&str>> = problems
        .par_chunks(1 << 16)
        .map(|part| part.iter().map(&of).fold(Vec::new(), met))
        .collect();
    let few = parts.into_iter().flatten().fold(Vec::new(), met);
    let place = |problem: &Problem| known(&few, of(problem)).unwrap_or(0) as u8;
    let places: Vec<u8> = problems.par_iter().map(place).collect();
    DictionaryArray::<UInt8Type>::try_new(
        UInt8Array::from(places),
        Arc::new(StringArray::from(few.clone())),
    )
    .map(|texts| Arc::new(texts) as ArrayRef)
    .map_err(|cause| Error::internal(cause.to_string()))
}
