//! One statistic over all rows: in chunks and on all threads, or at once.

use arrow_array::RecordBatch;
use rayon::prelude::*;

use crate::error::Result;

use super::answer::{Answer, Answers, Columns};
use super::entry::{Statistic, Work};
use super::given::Given;
use super::input::{Inputs, Numbers, Row};

/// So many rows are worked on at a time, on any machine: few enough that what is made of them in
/// passing (32 KiB a column) stays in the cache, and need not be asked of the system each time.
const CHUNK: usize = 1 << 12;

/// A statistic with its options, ready to go over chunks of rows.
pub(super) type RowWork = Box<dyn Fn(&Numbers, &mut Answers) + Send + Sync>;

/// Makes a chunk's work of one row's.
pub(super) fn each_row<A: Answer>(
    answer: impl Fn(Row) -> A + Send + Sync + 'static,
) -> Result<RowWork> {
    Ok(Box::new(move |numbers, answers| {
        let rows = 0..numbers.height;
        if numbers.has_missing() {
            let each = rows.map(|at| (!numbers.is_missing(at)).then(|| answer(numbers.row(at))));
            A::write_each(each, answers);
        } else {
            A::write_each(rows.map(|at| Some(answer(numbers.row(at)))), answers);
        }
    }))
}

/// Reads the options, finds the columns, and answers.
pub(super) fn run(
    entry: &'static Statistic,
    table: Option<&RecordBatch>,
    options: &str,
) -> Result<RecordBatch> {
    let (given, scalars) = Given::read(entry, options)?;
    let inputs = Inputs::find(entry, table, scalars)?;
    let rows = inputs.height.unwrap_or(1);
    match entry.work {
        Work::ByRow(prepare) => {
            let mut columns = Columns::new(entry.fields, rows, given.reasons);
            by_row(&prepare(&given)?, &inputs, rows, &mut columns)?;
            columns.finish(rows)
        }
        Work::Whole(answer) | Work::Each(answer) | Work::Listed(answer) => {
            let listing = answer(&given, &inputs.rows(0..rows, true)?)?;
            let mut columns = Columns::new(entry.fields, listing.height, given.reasons);
            let height = listing.height;
            if let Some(mut all) = columns.stretches(height.max(1), height).into_iter().next() {
                (listing.write)(&mut all);
            }
            columns.finish(height)
        }
    }
}

fn by_row(work: &RowWork, inputs: &Inputs, rows: usize, columns: &mut Columns) -> Result<()> {
    let on_chunk = |(place, mut answers): (usize, Answers)| {
        let first = place * CHUNK;
        let numbers = inputs.rows(first..(first + CHUNK).min(rows), false)?;
        work(&numbers, &mut answers);
        Ok(())
    };
    let chunks = columns.stretches(CHUNK, rows);
    if chunks.len() < 2 {
        return chunks.into_iter().enumerate().try_for_each(on_chunk);
    }
    let outcomes: Vec<Result<()>> = chunks.into_par_iter().enumerate().map(on_chunk).collect();
    // The first row that is wrong is named, on any number of threads.
    outcomes.into_iter().collect()
}
