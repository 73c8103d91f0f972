//! How many children started and ended care in each period?

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::period::{Every, to_day};
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::Result;
use crate::stats::interval::Interval;
use crate::stats::reason::Reason;

use super::care::{self, Care, CareColumns, CareNames, CareTally, child, end, start};
use super::moves::{Periods, moves};

/// How many children started and ended care in each period?
///
/// # Population and unit
/// Starts and ends of care, where a child is in care on the union of its episodes \[start, end): an
/// episode that begins on the day the last one ended continues it, an overlap counts once. A child
/// who comes back starts again. By a column, a move between groups is an end in one and a start in
/// the other.
///
/// # Properties
/// Starts − ends (`net`) is exactly the change in the number looked after from the last day before
/// the period to its last day.
///
/// # Interval
/// A count of everyone has no sampling interval.
///
/// # Nulls and edges
/// A null end is an episode that is still open. A row without a child or a start, or with an end
/// before its start, is set aside, counted and listed. Starts and ends after `as_of` do not count.
///
/// # Merging
/// For each child the days in care. Exact.
///
/// # Reveals
/// The starts and the ends of each period, and the rows dropped.
///
/// # Errors
/// `Column` and `Type` for the columns; `Data` where periods reach over so long a time that the
/// table would have more than five million rows, which a mistaken date can do.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::Flows};
///
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 1, 2])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 10, 5]))),
///     ("end", Arc::new(Date32Array::from(vec![Some(10), Some(20), None]))),
/// ])?;
/// // Starts, ends, net: the first child's second episode continues the first.
/// let flows = Flows::default().run(&[episodes], &Options::default())?;
/// assert_eq!(flows.values(), [Some(2.0), Some(1.0), Some(1.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flows {
    /// The column that says which child an episode is of.
    #[serde(default = "child")]
    pub child: String,
    /// The column that holds the first day of the episode.
    #[serde(default = "start")]
    pub start: String,
    /// The column that holds the day the episode ended; null where it is open.
    #[serde(default = "end")]
    pub end: String,
    /// The last day that the extract speaks of; without it, the latest date in the extract.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
}

impl Default for Flows {
    fn default() -> Self {
        Self { child: child(), start: start(), end: end(), as_of: None }
    }
}

impl Flows {
    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    fn as_of(&self, latest: i32) -> i32 {
        self.as_of.map_or(latest, to_day)
    }
}

impl Measure for Flows {
    type State = Care;
    type Columns = CareColumns;
    type Tally = CareTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "flows",
        class: "Flows",
        question: "How many children started and ended care in each period?",
        unit: "children",
        own_keys: &["flow"],
        required: &[],
        words: &[],
        references: &[
            "Scottish Government, Children's Social Work Statistics: children starting and ceasing to be looked after",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<CareColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> CareTally {
        CareTally::new(groups, None)
    }

    fn finish(&self, tallied: &Tallied<'_, Care>, options: &Options) -> Result<Vec<Row>> {
        let dates = care::dates(tallied.groups.iter().map(|group| group.state));
        let as_of = dates.map_or(i32::MIN, |(_, latest)| self.as_of(latest));
        let firsts: Vec<i32> = match (options.every, dates) {
            (Some(every), Some((first, _))) => {
                let mend = Every::mend(first, as_of);
                check_size(3 * every.count(first, as_of), tallied.groups.len(), &mend)?;
                every.starts(first, as_of)
            }
            (Some(_), None) => Vec::new(),
            (None, _) => vec![i32::MIN],
        };
        let periods = Periods { firsts, last: as_of };
        let mut rows = Vec::with_capacity(periods.firsts.len() * tallied.groups.len() * 3);
        for (place, group) in tallied.groups.iter().enumerate() {
            let moves = moves(&group.state.children, &periods);
            for (at, period) in periods.firsts.iter().enumerate() {
                let (starts, ends) = (moves.starts.at(at), moves.ends.at(at));
                for (flow, number) in [("starts", starts), ("ends", ends), ("net", starts - ends)] {
                    rows.push(Row {
                        group: place,
                        period: options.every.map(|_| Value::Day(*period)),
                        own: vec![flow.into()],
                        interval: Interval::without_limits(number as f64, Reason::CompleteCount),
                        unit: "children".to_owned(),
                        numerator: Some(number),
                        denominator: None,
                        method: "count".to_owned(),
                        used: group.state.used,
                        dropped: group.state.dropped,
                        reveals: vec![starts as u64, ends as u64, group.state.dropped],
                    });
                }
            }
        }
        Ok(rows)
    }
}
