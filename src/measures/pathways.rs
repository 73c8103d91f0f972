//! Where did people go next from each state?

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::proportion::proportion;

use super::outcome::{self, wilson};
use super::transitions::{Pair, TransitionColumns, TransitionNames, TransitionTally, Transitions};

/// Where did people go next from each state?
///
/// # Population and unit
/// Stays in a state, one row each, as `histories::Pathways` gives them; who comes to a state twice
/// counts twice. Numerator: stays in `from` that `to` came next after. Denominator: all stays in
/// `from`, or with `base` "moved on" those that anything came next after. The value is a share from 0
/// to 1.
///
/// # Interval
/// Two-sided; Wilson's score interval unless `method` says otherwise, of each share alone.
///
/// # Nulls and edges
/// A null `to` is no further step: a row of its own with `base` "all", dropped and counted with
/// "moved on". Such a stay may have ended since: the table says nothing of what came later. A null
/// `from` is dropped and counted. Every pair of states that any group had is shown for every group.
///
/// # Merging
/// Counts of pairs of states; exact.
///
/// # Reveals
/// The numerator, the denominator, their difference, and the rows dropped.
///
/// # Errors
/// `Spec` for unknown words; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, RecordBatch, StringArray};
/// use wholefamily::{Measure, Options, measures::Pathways};
///
/// let rows = RecordBatch::try_from_iter_with_nullable([
///     ("from", Arc::new(StringArray::from(vec!["referred", "referred", "assessed"])) as ArrayRef, true),
///     ("to", Arc::new(StringArray::from(vec![Some("assessed"), None, Some("care")])), true),
/// ])?;
/// let estimates = Pathways::default().run(&[rows], &Options::default())?;
/// // assessed to care; referred to assessed, and no further
/// assert_eq!(estimates.values(), [Some(1.0), Some(0.5), Some(0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), JASA 22.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pathways {
    /// The column that names the state that was left.
    #[serde(default = "from")]
    pub from_state: String,
    /// The column that names the state that came next; null: none.
    #[serde(default = "to")]
    pub to_state: String,
    /// Of whom the shares are: `all` in the state, or those who have `moved on`.
    #[serde(default = "all")]
    pub base: String,
    /// The column whose periods `every` groups by.
    #[serde(default = "start")]
    pub date: String,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

pub(crate) fn from() -> String {
    "from".to_owned()
}

fn to() -> String {
    "to".to_owned()
}

fn start() -> String {
    "start".to_owned()
}

fn all() -> String {
    BASES[0].to_owned()
}

const BASES: [&str; 2] = ["all", "moved on"];

impl Default for Pathways {
    fn default() -> Self {
        Self { from_state: from(), to_state: to(), base: all(), date: start(), method: wilson() }
    }
}

impl Pathways {
    fn names(&self) -> TransitionNames<'_> {
        TransitionNames {
            from: &self.from_state,
            to: &self.to_state,
            days: None,
            moved_on: self.base != BASES[0],
        }
    }
}

impl Measure for Pathways {
    type State = Transitions;
    type Columns = TransitionColumns;
    type Tally = TransitionTally;
    const INFO: Info = Info {
        measure: "pathways",
        class: "Pathways",
        question: "Where did people go next from each state?",
        unit: "share",
        own_keys: &["from", "to"],
        required: &[],
        words: &[("base", &BASES), ("method", outcome::METHODS)],
        references: &[
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        if !BASES.contains(&self.base.as_str()) {
            return Err(Error::unknown_word("base", &self.base, &BASES));
        }
        outcome::method(&self.method).map(|_| ())
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn date(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<TransitionColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> TransitionTally {
        TransitionTally::new(groups)
    }

    fn finish(&self, tallied: &Tallied<'_, Transitions>, _options: &Options) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let met = tallied.groups.iter().flat_map(|group| &group.state.went);
        let pairs: BTreeSet<&Pair> = met.map(|(pair, _)| pair).collect();
        // With nothing to show, one row still says so.
        let nothing = (Value::Null, Value::Null);
        let pairs = if pairs.is_empty() { BTreeSet::from([&nothing]) } else { pairs };
        check_size(pairs.len(), tallied.groups.len(), "put states together first")?;
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            for pair in &pairs {
                let others = pairs.iter().filter(|other| other.0 == pair.0);
                let base: u64 = others.map(|other| group.state.count(other)).sum();
                let went = group.state.count(pair);
                rows.push(Row {
                    group: place,
                    period: None,
                    own: vec![pair.0.clone(), pair.1.clone()],
                    interval: proportion(went, base, method, tallied.level),
                    unit: "share".to_owned(),
                    numerator: Some(went as i64),
                    denominator: Some(base as f64),
                    method: method.word().to_owned(),
                    used: base,
                    dropped: group.state.dropped,
                    reveals: vec![went, base.saturating_sub(went), base, group.state.dropped],
                });
            }
        }
        Ok(rows)
    }
}
