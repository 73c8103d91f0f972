//! The statistics by name, on whole columns: from a table of numbers to a table of figures.
//!
//! [`stats`](crate::stats) knows plain numbers only. Here each of its functions has an entry in one
//! catalogue: the columns that it reads, its options, the fields of its answer. [`statistic`] runs
//! any of them over Arrow columns: most work row by row, in parallel, and some answer for the
//! sequence as a whole.
//!
//! # Impossible is an error, undefined is null
//! A count that is negative, fractional or larger than its base, and a number that is not finite,
//! can only be a slip in the table: an error names the function, the column, the row (from 0) and
//! the value. A figure that does not exist, such as a share of nobody, is null, with its reason.
//!
//! # Threads
//! Rows are cut into chunks of a fixed length, so that the number of threads changes no byte.

mod answer;
mod catalogue;
mod entry;
mod followed;
mod given;
mod input;
mod resampled;
mod run;

use arrow_array::RecordBatch;

use crate::error::Result;

/// Runs a statistic by its name over columns.
///
/// `columns` holds the sequences, under the names of the statistic's arguments; `options` is a JSON
/// object of its options, of arguments that are the same in every row, and of `reasons` (whether
/// the answer has a column `reason`). Without any sequence the answer has one row.
///
/// # Errors
/// [`Kind::Spec`](crate::Kind::Spec) for an unknown statistic, option or word;
/// [`Kind::Column`](crate::Kind::Column) for a column that is missing or unknown;
/// [`Kind::Type`](crate::Kind::Type) for one that does not hold numbers;
/// [`Kind::Data`](crate::Kind::Data) for a number that cannot be.
///
/// # Example
/// ```
/// use wholefamily::columns::statistic;
/// let share = statistic("proportion", None, r#"{"x": 3, "n": 25, "method": "wilson"}"#)?;
/// assert_eq!((share.num_rows(), share.num_columns()), (1, 3));
/// let error = statistic("proportion", None, r#"{"x": 30, "n": 25}"#).unwrap_err();
/// assert!(error.to_string().starts_with("proportion: x is 30, but n is 25"));
/// # Ok::<(), wholefamily::Error>(())
/// ```
pub fn statistic(name: &str, columns: Option<&RecordBatch>, options: &str) -> Result<RecordBatch> {
    let entry = catalogue::find(name)?;
    run::run(entry, columns, options).map_err(|error| error.within(entry.name))
}

/// The catalogue as JSON: each statistic's columns, options, fields and question.
///
/// # Example
/// ```
/// let catalogue = wholefamily::columns::statistics();
/// let first = &catalogue.as_array().unwrap()[0];
/// assert!(first["question"].as_str().unwrap().ends_with('?'));
/// ```
#[must_use]
pub fn statistics() -> serde_json::Value {
    catalogue::all().map(entry::Statistic::described).collect()
}
