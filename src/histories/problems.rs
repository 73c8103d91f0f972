//! What was found wrong with rows, and what was done about it: every row is listed.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringViewArray, UInt32Array};
use arrow_select::take::take;
use rayon::prelude::*;

use crate::error::{Error, Result};

use super::table::batch;

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
    /// The row that it is at odds with.
    pub(super) other: Option<u32>,
    /// How many days an overlap or a gap has.
    pub(super) days: Option<i32>,
}

impl Problem {
    pub(super) fn of(row: u32, column: u8, finding: &'static Finding) -> Self {
        Self { table: 0, row, column, finding, other: None, days: None }
    }

    /// The same of a row of the second table.
    pub(super) fn of_second(row: u32, column: u8, finding: &'static Finding) -> Self {
        Self { table: 1, ..Self::of(row, column, finding) }
    }

    pub(super) fn with(mut self, other: u32) -> Self {
        self.other = Some(other);
        self
    }

    pub(super) fn days(mut self, days: i32) -> Self {
        self.days = Some(days);
        self
    }
}

/// The list of problems, by row; where there are two tables, it says which one.
pub(super) fn listed(
    mut problems: Vec<Problem>,
    tables: &[(&str, &[&str])],
) -> Result<RecordBatch> {
    problems.par_sort_unstable();
    let whole = |of: &dyn Fn(&Problem) -> Option<i64>| -> ArrayRef {
        Arc::new(Int64Array::from_iter(problems.iter().map(of)))
    };
    let table = |problem: &Problem| tables.get(usize::from(problem.table));
    let column = |problem: &Problem| {
        let columns = table(problem).map_or(&[][..], |(_, columns)| columns);
        columns.get(usize::from(problem.column)).copied().unwrap_or_default()
    };
    let mut made: Vec<(&str, ArrayRef)> = Vec::new();
    if tables.len() > 1 {
        let name = |problem: &Problem| table(problem).map_or("", |(name, _)| name);
        made.push(("table", texts(&problems, name)?));
    }
    made.push(("row", whole(&|problem| Some(i64::from(problem.row)))));
    made.push(("column", texts(&problems, column)?));
    made.push(("problem", texts(&problems, |problem| problem.finding.problem)?));
    made.push(("done", texts(&problems, |problem| problem.finding.done)?));
    made.push(("other_row", whole(&|problem| problem.other.map(i64::from))));
    made.push(("days", whole(&|problem| problem.days.map(i64::from))));
    batch(made.into_iter().map(|(name, column)| (name.to_owned(), column)))
}

/// A column of texts of which there are few different ones, each held once.
fn texts<'a>(problems: &[Problem], of: impl Fn(&Problem) -> &'a str + Sync) -> Result<ArrayRef> {
    let mut few: Vec<&str> = Vec::new();
    for problem in problems {
        let text = of(problem);
        // Texts that are the same lie, nearly always, in the same place.
        if !few.iter().any(|known| std::ptr::eq(*known, text)) && !few.contains(&text) {
            few.push(text);
        }
    }
    let place = |problem: &Problem| {
        let text = of(problem);
        let found = few.iter().position(|known| std::ptr::eq(*known, text));
        let found = found.or_else(|| few.iter().position(|known| *known == text));
        found.unwrap_or(0) as u32
    };
    let places: Vec<u32> = problems.par_iter().map(place).collect();
    take(&StringViewArray::from(few), &UInt32Array::from(places), None)
        .map_err(|cause| Error::internal(cause.to_string()))
}
