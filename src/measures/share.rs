//! Of all rows whose outcome is known, what share has it?

use arrow_array::BooleanArray;
use serde::{Deserialize, Deserializer, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Role};
use crate::engine::options::Options;
use crate::engine::value::Value;
use crate::error::{Error, Result};

use super::outcome::{self, OutcomeMeasure, wilson};

/// Of all rows whose outcome is known, what share has it?
///
/// # Population and unit
/// Rows are counted, each once. Numerator: rows with the outcome. Denominator: rows whose outcome is
/// known. The value is a share from 0 to 1.
///
/// # Interval
/// Two-sided, for the share of a large population of which these rows are a sample: `wilson`
/// (Wilson's score interval), `agresti-coull` or `wald`.
///
/// # Nulls and edges
/// A null outcome is dropped, and counted in `rows_dropped`. A group without a known outcome has no
/// value; the reason is "no rows".
///
/// # Merging
/// Three counts a group; exact.
///
/// # Reveals
/// The numerator, the denominator, their difference, and the rows dropped.
///
/// # Errors
/// `Spec` for an unknown method or an empty list of values; `Column` and `Type` for a column that is
/// missing or that can never equal the values asked for.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
/// use wholefamily::{Measure, Options, measures::Share};
///
/// let helped: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), Some(false), None, Some(true)]));
/// let rows = RecordBatch::try_from_iter([("helped", helped)])?;
/// let share = Share { outcome: "helped".into(), ..Share::default() };
/// let estimates = share.run(&[rows], &Options::default())?;
/// assert_eq!(estimates.numerators(), [Some(2)]);
/// assert_eq!(estimates.denominators(), [Some(3.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// The column that holds the outcome: true, false or null; with `equals`, any column of values.
    pub outcome: String,
    /// The value, or the values, that count as having the outcome.
    #[serde(default)]
    pub equals: Option<Equals>,
    /// The column whose periods `every` groups by.
    #[serde(default)]
    pub date: Option<String>,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

/// One value, or several, that a column may equal.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Equals {
    /// One value.
    One(Value),
    /// Any of these.
    Any(Vec<Value>),
}

impl<'de> Deserialize<'de> for Equals {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let read = |json| serde_json::from_value(json).map_err(serde::de::Error::custom);
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Array(values) => {
                values.into_iter().map(read).collect::<std::result::Result<_, _>>().map(Self::Any)
            }
            value => read(value).map(Self::One),
        }
    }
}

impl From<&str> for Equals {
    fn from(value: &str) -> Self {
        Self::One(value.into())
    }
}

impl Equals {
    pub(crate) fn values(&self) -> &[Value] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Any(values) => values,
        }
    }

    fn words(&self) -> String {
        let values: Vec<String> = self.values().iter().map(|value| format!("'{value}'")).collect();
        values.join(" or ")
    }
}

impl Default for Share {
    fn default() -> Self {
        Self { outcome: String::new(), equals: None, date: None, method: wilson() }
    }
}

impl OutcomeMeasure for Share {
    const ABOUT: Info = Info {
        measure: "share",
        class: "Share",
        question: "Of all rows whose outcome is known, what share has it?",
        unit: "share",
        own_keys: &[],
        required: &["outcome"],
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
        self.date.as_deref()
    }

    fn outcome(&self, chunk: &Chunk<'_>, _account: &mut Account) -> Result<BooleanArray> {
        match &self.equals {
            Some(equals) => chunk.matches(&self.outcome, "outcome", equals.values()),
            None => chunk.flags(
                &self.outcome,
                "outcome",
                "; to count rows that hold a value, name it with `equals`",
            ),
        }
    }

    fn check_fields(&self, options: &Options) -> Result<()> {
        if options.every.is_some() && self.date.is_none() {
            return Err(Error::spec(
                "every groups by the period of a date, so `date` must name the column that holds it",
            ));
        }
        match self.equals.as_ref().map(Equals::values) {
            Some([]) => Err(Error::spec("equals is an empty list; give the values that count")),
            Some(values) if values.contains(&Value::Null) => {
                Err(Error::spec("equals holds null; a null outcome is not known and never counts"))
            }
            _ => Ok(()),
        }
    }

    fn looked_for(&self) -> Option<String> {
        self.equals.as_ref().map(Equals::words)
    }
}
