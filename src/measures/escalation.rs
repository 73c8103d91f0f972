//! What share of plans escalated to child protection?

use std::ops::Range;

use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::{Chunk, present};
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::table::Row;
use crate::error::Result;
use crate::stats::proportion::ProportionMethod;

use super::outcome::{self, Outcome, OutcomeCounts};

/// What share of plans escalated to child protection?
///
/// # Population and unit
/// Plans, one row each. Numerator: plans that escalated. Denominator: plans. The value is a share
/// from 0 to 1.
///
/// # Interval
/// Two-sided; Wilson's score interval.
///
/// # Nulls and edges
/// Where `escalated` holds dates, a null says that the plan did not escalate, so every plan counts.
/// Where it holds true and false, a null is not known: dropped, and counted in `rows_dropped`.
///
/// # Merging
/// Three counts a group; exact.
///
/// # Reveals
/// The numerator, the denominator, and their difference.
///
/// # Errors
/// `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::Escalation};
///
/// let escalated: ArrayRef = Arc::new(Date32Array::from(vec![Some(19_500), None, None, None]));
/// let plans = RecordBatch::try_from_iter([("escalated", escalated)])?;
/// let estimates = Escalation::default().run(&[plans], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(0.25)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), JASA 22.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// The column that says whether, or on which day, the plan escalated.
    #[serde(default = "escalated")]
    pub escalated: String,
    /// The column that holds the day on which the plan was opened.
    #[serde(default = "opened")]
    pub date: String,
}

fn escalated() -> String {
    "escalated".to_owned()
}

fn opened() -> String {
    "opened".to_owned()
}

impl Default for Escalation {
    fn default() -> Self {
        Self { escalated: escalated(), date: opened() }
    }
}

impl Measure for Escalation {
    type State = OutcomeCounts;
    type Columns = Outcome;
    const INFO: Info = Info {
        measure: "escalation",
        class: "Escalation",
        question: "What share of plans escalated to child protection?",
        unit: "share",
        own_keys: &[],
        required: &[],
        words: &[],
        references: &[
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::new("escalated", &self.escalated)]
    }

    fn date(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn columns(&self, chunk: &Chunk<'_>, _account: &mut Account) -> Result<Outcome> {
        let array = chunk.column(&self.escalated, "escalated")?;
        let flags = if *array.data_type() == DataType::Boolean {
            chunk.flags(&self.escalated, "escalated", "")?
        } else {
            let days = chunk.days(&self.escalated, "escalated")?;
            present(&(std::sync::Arc::new(days) as arrow_array::ArrayRef))
        };
        Ok(Outcome::new(&flags))
    }

    fn push(
        &self,
        groups: &[u32],
        states: &mut [OutcomeCounts],
        columns: &Outcome,
        rows: Range<usize>,
    ) {
        outcome::count(groups, states, columns, rows);
    }

    fn finish(&self, tallied: &Tallied<'_, OutcomeCounts>, _options: &Options) -> Result<Vec<Row>> {
        Ok(outcome::shares(tallied, ProportionMethod::Wilson))
    }

    fn reveals(&self, state: &OutcomeCounts) -> Vec<u64> {
        outcome::reveals(state)
    }
}
