//! What share of pre-birth assessments went on to alternative care?

use arrow_array::BooleanArray;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Role};
use crate::engine::options::Options;
use crate::engine::value::Value;
use crate::error::{Error, Result};

use super::outcome::{self, OutcomeMeasure, wilson};

/// What share of pre-birth assessments went on to alternative care?
///
/// # Population and unit
/// Assessments, one row each. Numerator: assessments whose outcome is one of `alternative_care`.
/// Denominator: assessments whose outcome is known. The value is a share from 0 to 1.
///
/// # Interval
/// Two-sided; Wilson's score interval unless `method` says otherwise.
///
/// # Nulls and edges
/// A null outcome is not yet known: dropped, and counted in `rows_dropped`. An outcome that is
/// neither `with_family` nor a word of `alternative_care` counts as not in alternative care, and a
/// note lists the rows, because it may be a word written otherwise.
///
/// # Merging
/// Three counts a group; exact.
///
/// # Reveals
/// The numerator, the denominator, their difference, and the rows dropped.
///
/// # Errors
/// `Spec` where `alternative_care` is empty or the method unknown; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, RecordBatch, StringArray};
/// use wholefamily::{Measure, Options, measures::PreBirthOutcomes};
///
/// let outcome: ArrayRef = Arc::new(StringArray::from(vec![Some("with_family"), Some("kinship"), None]));
/// let assessments = RecordBatch::try_from_iter([("outcome", outcome)])?;
/// let estimates = PreBirthOutcomes::default().run(&[assessments], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), JASA 22.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreBirthOutcomes {
    /// The column that holds the outcome.
    #[serde(default = "outcome_column")]
    pub outcome: String,
    /// The outcomes that are alternative care.
    #[serde(default = "alternative_care")]
    pub alternative_care: Vec<String>,
    /// The column that holds the day on which the assessment started.
    #[serde(default = "started")]
    pub date: String,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

fn outcome_column() -> String {
    "outcome".to_owned()
}

fn alternative_care() -> Vec<String> {
    ["kinship", "foster", "residential", "adoption", "other_care"].map(str::to_owned).to_vec()
}

fn started() -> String {
    "started".to_owned()
}

impl Default for PreBirthOutcomes {
    fn default() -> Self {
        Self {
            outcome: outcome_column(),
            alternative_care: alternative_care(),
            date: started(),
            method: wilson(),
        }
    }
}

/// The outcome that is known not to be alternative care.
const WITH_FAMILY: &str = "with_family";

impl OutcomeMeasure for PreBirthOutcomes {
    const ABOUT: Info = Info {
        measure: "pre_birth_outcomes",
        class: "PreBirthOutcomes",
        question: "What share of pre-birth assessments went on to alternative care?",
        unit: "share",
        own_keys: &[],
        required: &[],
        words: &[("method", outcome::METHODS)],
        references: &[
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
        ],
    };

    fn method(&self) -> &str {
        &self.method
    }

    fn outcome_column(&self) -> Role {
        Role::new("outcome", &self.outcome)
    }

    fn date_column(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn outcome(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<BooleanArray> {
        let codes = chunk.codes(&self.outcome, "outcome")?;
        let care: Vec<Value> =
            self.alternative_care.iter().map(|word| word.as_str().into()).collect();
        codes.check_kind(&self.outcome, "outcome", &care)?;
        let flags = codes.flags(|value| match value {
            Value::Null => None,
            value => Some(care.contains(value)),
        });
        let is_strange = |value: &Value| {
            *value != Value::Null && *value != WITH_FAMILY.into() && !care.contains(value)
        };
        if codes.values().iter().any(is_strange) {
            let strange: BooleanArray = codes.flags(|value| Some(is_strange(value)));
            for row in (0..strange.len()).filter(|row| strange.value(*row)) {
                account.note(
                    &self.outcome,
                    "an outcome that is neither with_family nor listed as alternative care: counted as not in alternative care",
                    chunk.row(row),
                    || chunk.shown(&self.outcome, row),
                );
            }
        }
        Ok(flags)
    }

    fn check_fields(&self, _options: &Options) -> Result<()> {
        if self.alternative_care.is_empty() {
            return Err(Error::spec(
                "`alternative_care` must list the outcomes that are alternative care",
            ));
        }
        Ok(())
    }
}
