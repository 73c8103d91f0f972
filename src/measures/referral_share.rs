//! What share of referrals did a team answer?

use arrow_array::BooleanArray;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Role};
use crate::engine::options::Options;
use crate::error::{Error, Result};

use super::outcome::{self, OutcomeMeasure, wilson};

/// What share of referrals did a team answer?
///
/// # Population and unit
/// Referrals, one row each; a child who is referred twice counts twice. Numerator: referrals whose
/// `team` is `to`. Denominator: referrals whose team is recorded. The value is a share from 0 to 1.
///
/// # Interval
/// Two-sided; Wilson's score interval unless `method` says otherwise.
///
/// # Nulls and edges
/// A referral with no team is dropped, and counted in `rows_dropped`. Where no referral at all went
/// to the team, a note asks whether its name is written right.
///
/// # Merging
/// Three counts a group; exact.
///
/// # Reveals
/// The numerator, the denominator, their difference, and the rows dropped.
///
/// # Errors
/// `Spec` where `to` is empty or the method unknown; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, RecordBatch, StringArray};
/// use wholefamily::{Measure, Options, measures::ReferralShare};
///
/// let team: ArrayRef = Arc::new(StringArray::from(vec!["hub", "local_office", "hub"]));
/// let referrals = RecordBatch::try_from_iter([("team", team)])?;
/// let share = ReferralShare { to: "hub".into(), ..Default::default() };
/// let estimates = share.run(&[referrals], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(2.0 / 3.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), JASA 22.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReferralShare {
    /// The team whose share is asked for, as it is written in the column.
    pub to: String,
    /// The column that names the team that answered.
    #[serde(default = "team")]
    pub team: String,
    /// The column that holds the day on which the referral was received.
    #[serde(default = "received")]
    pub date: String,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

fn team() -> String {
    "team".to_owned()
}

fn received() -> String {
    "received".to_owned()
}

impl Default for ReferralShare {
    fn default() -> Self {
        Self { to: String::new(), team: team(), date: received(), method: wilson() }
    }
}

impl OutcomeMeasure for ReferralShare {
    const ABOUT: Info = Info {
        measure: "referral_share",
        class: "ReferralShare",
        question: "What share of referrals did a team answer?",
        unit: "share",
        own_keys: &[],
        required: &["to"],
        words: &[("method", outcome::METHODS)],
        references: &[
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
        ],
    };

    fn method(&self) -> &str {
        &self.method
    }

    fn outcome_column(&self) -> Role {
        Role::new("team", &self.team)
    }

    fn date_column(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn outcome(&self, chunk: &Chunk<'_>, _account: &mut Account) -> Result<BooleanArray> {
        chunk.matches(&self.team, "team", &[self.to.as_str().into()])
    }

    fn check_fields(&self, _options: &Options) -> Result<()> {
        if self.to.is_empty() {
            return Err(Error::spec(
                "`to` must name the team whose share of referrals is asked for",
            ));
        }
        Ok(())
    }

    fn looked_for(&self) -> Option<String> {
        Some(format!("'{}'", self.to))
    }
}
