//! What share of plans escalated to child protection?

use arrow_array::BooleanArray;
use arrow_schema::DataType;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::{Chunk, present};
use crate::engine::measure::{Info, Role};
use crate::error::Result;
use crate::stats::proportion::ProportionMethod;

use super::outcome::OutcomeMeasure;

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
/// Where it holds true and false, a null is not known: dropped, and counted in `rows_dropped`. A
/// column of no type, in which nothing is recorded, is taken for dates: no plan escalated.
///
/// # Merging
/// Three counts a group; exact.
///
/// # Reveals
/// The numerator, the denominator, their difference, and the rows dropped.
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

impl OutcomeMeasure for Escalation {
    const ABOUT: Info = Info {
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

    fn method(&self) -> &str {
        ProportionMethod::Wilson.word()
    }

    fn outcome_column(&self) -> Role {
        Role::new("escalated", &self.escalated)
    }

    fn date_column(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn outcome(&self, chunk: &Chunk<'_>, _account: &mut Account) -> Result<BooleanArray> {
        if *chunk.column(&self.escalated, "escalated")?.data_type() == DataType::Boolean {
            chunk.flags(&self.escalated, "escalated", "")
        } else {
            Ok(present(&chunk.days(&self.escalated, "escalated")?))
        }
    }
}
