//! By what proportion did the number of looked-after children change?

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::people::Counts;
use crate::engine::period::to_day;
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::change::overlap_change;

use super::care::{Care, CareColumns, CareNames, CareTally, child, end, start};

/// By what proportion did the number of looked-after children change?
///
/// # Population and unit
/// Children looked after at either date, counted once each: start ≤ date and (end null or end >
/// date). The value is a proportion: −0.24 is a reduction by 24%.
///
/// # Formula
/// ```text
/// a children at both dates, b only before, c only after; N0 = a + b, N1 = a + c
/// value = N1 / N0 − 1
/// interval = exp(log(N1/N0) ± z √(a (1/N1 − 1/N0)² + b/N0² + c/N1²)) − 1
/// ```
/// Children are the units: those who are there at both dates make the two counts alike, which a
/// comparison of two independent counts would overlook.
///
/// # Nulls and edges
/// As for [`LookedAfter`](super::LookedAfter). With nobody at one of the dates there is no interval,
/// and the reason says which.
///
/// # Merging
/// For each child the days in care. Exact.
///
/// # Reveals
/// Both counts, the children at both dates (the interval gives them away), and the rows dropped.
///
/// # Errors
/// `Spec` unless `before` is earlier than `after`, or where `every` is given.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use chrono::NaiveDate;
/// use wholefamily::{Measure, Options, measures::LookedAfterChange};
///
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 2])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 0]))),
///     ("end", Arc::new(Date32Array::from(vec![None, Some(8)]))),
/// ])?;
/// let change = LookedAfterChange {
///     before: NaiveDate::from_ymd_opt(1970, 1, 5).unwrap(),
///     after: NaiveDate::from_ymd_opt(1970, 2, 1).unwrap(),
///     ..Default::default()
/// };
/// assert_eq!(change.run(&[episodes], &Options::default())?.values(), [Some(-0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookedAfterChange {
    /// The earlier date.
    pub before: NaiveDate,
    /// The later date.
    pub after: NaiveDate,
    /// The column that says which child an episode is of.
    #[serde(default = "child")]
    pub child: String,
    /// The column that holds the first day of the episode.
    #[serde(default = "start")]
    pub start: String,
    /// The column that holds the day the episode ended; null where it is open.
    #[serde(default = "end")]
    pub end: String,
}

impl Default for LookedAfterChange {
    fn default() -> Self {
        Self {
            before: NaiveDate::default(),
            after: NaiveDate::default(),
            child: child(),
            start: start(),
            end: end(),
        }
    }
}

impl LookedAfterChange {
    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    /// Children at both dates, only before, only after.
    fn overlap(&self, care: &Care) -> [u64; 3] {
        let (before, after) = (to_day(self.before), to_day(self.after));
        let Counts(counts) = care.children.sum(|Counts(counts): &mut Counts<3>, spans| {
            let [both, only_before, only_after] = counts;
            match (spans.holds(before), spans.holds(after)) {
                (true, true) => *both += 1,
                (true, false) => *only_before += 1,
                (false, true) => *only_after += 1,
                (false, false) => {}
            }
        });
        counts.map(|count| count as u64)
    }
}

impl Measure for LookedAfterChange {
    type State = Care;
    type Columns = CareColumns;
    type Tally = CareTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "looked_after_change",
        class: "LookedAfterChange",
        question: "By what proportion did the number of looked-after children change?",
        unit: "proportional change",
        own_keys: &["before", "after"],
        required: &["before", "after"],
        words: &[],
        references: &[
            "Delta method for the ratio of two overlapping counts; the formula stands in the measure's documentation",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        if options.every.is_some() {
            return Err(Error::spec(
                "every does not go with a change between two dates; run it once for each pair of dates",
            ));
        }
        if self.before >= self.after {
            return Err(Error::spec(format!(
                "before is {} and after is {}; before must be the earlier date",
                self.before, self.after
            )));
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<CareColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> CareTally {
        CareTally::new(groups, Some(&[to_day(self.before), to_day(self.after)]))
    }

    fn finish(&self, tallied: &Tallied<'_, Care>, _options: &Options) -> Result<Vec<Row>> {
        let row = |(place, group): (usize, &crate::engine::partial::Group<'_, Care>)| {
            let [both, only_before, only_after] = self.overlap(group.state);
            Row {
                group: place,
                period: None,
                own: vec![Value::Day(to_day(self.before)), Value::Day(to_day(self.after))],
                interval: overlap_change(both, only_before, only_after, tallied.level),
                unit: "proportional change".to_owned(),
                numerator: Some((both + only_after) as i64),
                denominator: Some((both + only_before) as f64),
                method: "overlap-log".to_owned(),
                used: group.state.used,
                dropped: group.state.dropped,
                reveals: vec![
                    both,
                    only_before,
                    only_after,
                    both + only_before,
                    both + only_after,
                    group.state.dropped,
                ],
            }
        };
        Ok(tallied.groups.iter().enumerate().map(row).collect())
    }
}
