//! What was set aside or remarked on while the rows were read: counted, with examples by row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How many rows are listed for one problem; all are counted.
const LISTED: usize = 100;

/// What was found wrong with rows, by column and problem.
///
/// Rows are listed by their place in the data read, from 0. Merging adds the counts and keeps the
/// examples with the lowest rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    problems: BTreeMap<(String, String), Problem>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Problem {
    rows: u64,
    examples: Vec<(u64, String)>,
}

/// One problem as it is reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// The column in which the problem shows.
    pub column: String,
    /// What is wrong, and what was done.
    pub problem: String,
    /// How many rows have it.
    pub rows: u64,
    /// The first of those rows, with the value found.
    pub examples: Vec<(u64, String)>,
}

impl Account {
    /// Notes that a row has a problem.
    pub(crate) fn note(
        &mut self,
        column: &str,
        problem: &str,
        row: u64,
        value: impl FnOnce() -> String,
    ) {
        let entry = self.problems.entry((column.to_owned(), problem.to_owned())).or_default();
        entry.rows += 1;
        if entry.examples.len() < LISTED {
            entry.examples.push((row, value()));
        }
    }

    /// Notes that many rows have one problem: each as its number among all rows and its place here.
    pub(crate) fn note_all(
        &mut self,
        column: &str,
        problem: &str,
        rows: impl Iterator<Item = (u64, usize)>,
        value: impl Fn(usize) -> String,
    ) {
        let mut rows = rows.peekable();
        if rows.peek().is_none() {
            return;
        }
        let entry = self.problems.entry((column.to_owned(), problem.to_owned())).or_default();
        for (row, place) in rows {
            entry.rows += 1;
            if entry.examples.len() < LISTED {
                entry.examples.push((row, value(place)));
            }
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for (key, found) in other.problems {
            let entry = self.problems.entry(key).or_default();
            entry.rows += found.rows;
            entry.examples.extend(found.examples);
            entry.examples.sort();
            entry.examples.truncate(LISTED);
        }
    }

    /// The problems in order of column and problem.
    #[must_use]
    pub fn remarks(&self) -> Vec<Remark> {
        self.problems
            .iter()
            .map(|((column, problem), found)| Remark {
                column: column.clone(),
                problem: problem.clone(),
                rows: found.rows,
                examples: found.examples.clone(),
            })
            .collect()
    }

    /// The account that these remarks came from.
    pub(crate) fn from_remarks(remarks: Vec<Remark>) -> Self {
        let problems = remarks
            .into_iter()
            .map(|remark| {
                let found = Problem { rows: remark.rows, examples: remark.examples };
                ((remark.column, remark.problem), found)
            })
            .collect();
        Self { problems }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_counted_and_the_first_are_listed_in_either_order_of_merging() {
        let part = |rows: std::ops::Range<u64>| {
            let mut account = Account::default();
            rows.for_each(|row| account.note("end", "before start", row, || row.to_string()));
            account
        };
        let (mut forward, mut backward) = (part(0..90), part(90..180));
        forward.merge(part(90..180));
        backward.merge(part(0..90));
        assert_eq!(forward, backward);
        let remark = &forward.remarks()[0];
        assert_eq!((remark.rows, remark.examples.len()), (180, LISTED));
        assert_eq!(Account::from_remarks(forward.remarks()), forward);
    }
}
