//! polars frames in and out, for Rust programs (the feature `polars`).
//!
//! A frame is read in place: its columns cross over by Arrow's C data interface, chunk by chunk, and
//! only those that the measure reads. Text, categories, enums, dates, whole numbers, true and false,
//! and columns of nothing but nulls arrive as they are.
//!
//! The crate is built with polars 0.55.2 exactly: a program that hands frames over must use the same.
//!
//! # Example
//! ```
//! use polars::prelude::*;
//! use wholefamily::frames::{RunFrame, frame};
//! use wholefamily::{Options, measures::ReferralShare};
//!
//! let referrals = df!(
//!     "locality" => ["Hamilton", "Hamilton", "Lanark", "Hamilton"],
//!     "team" => ["hub", "local_office", "hub", "hub"],
//! )?;
//! let share = ReferralShare { to: "hub".into(), ..Default::default() };
//! let estimates = share.run_frame(&referrals, &Options::by(["locality"]))?;
//! assert_eq!(estimates.values(), [Some(2.0 / 3.0), Some(1.0)]);
//!
//! let table: DataFrame = frame(&estimates)?;
//! assert_eq!(table.column("locality")?.str()?.get(0), Some("Hamilton"));
//! assert_eq!(table.column("denominator")?.f64()?.get(0), Some(3.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod inward;
mod outward;

use std::collections::BTreeSet;

use arrow_array::RecordBatch;
use polars::frame::DataFrame;

use crate::engine::measure::Measure;
use crate::engine::options::Options;
use crate::engine::partial::Partial;
use crate::engine::table::Estimates;
use crate::error::Result;

pub use inward::batches;
pub use outward::frame;

/// Runs a measure on a polars frame; every [`Measure`] does.
///
/// Columns that the measure does not read stay where they are, whatever they hold.
pub trait RunFrame: Measure {
    /// Tallies the rows of a frame and estimates.
    ///
    /// # Errors
    /// As [`Measure::run`] and [`batches`].
    fn run_frame(&self, rows: &DataFrame, options: &Options) -> Result<Estimates> {
        self.partial_frame(rows, options)?.finish()
    }

    /// Tallies the rows of a frame into a state that merges with those of other frames.
    ///
    /// # Errors
    /// As [`Measure::partial`] and [`batches`].
    fn partial_frame(&self, rows: &DataFrame, options: &Options) -> Result<Partial<Self>> {
        self.partial(&batches_read(self, rows, options)?, options)
    }
}

impl<M: Measure> RunFrame for M {}

/// The columns that a measure reads; all of them where one is missing, so that the error can say
/// what the table has.
fn batches_read<M: Measure>(
    measure: &M,
    rows: &DataFrame,
    options: &Options,
) -> Result<Vec<RecordBatch>> {
    let mut names: BTreeSet<String> = options.by.iter().cloned().collect();
    names.extend(measure.own_groups());
    names.extend(measure.roles().into_iter().map(|role| role.column));
    if options.every.is_some() {
        names.extend(measure.date().map(str::to_owned));
    }
    match rows.select(&names) {
        Ok(read) if read.width() > 0 => batches(&read),
        _ => batches(rows),
    }
}
