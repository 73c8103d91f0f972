//! What share of referrals are re-referrals?

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Merge, Place, Role, Tally};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::person::PersonColumn;
use crate::engine::table::Row;
use crate::error::{Error, Result};
use crate::stats::level::Level;
use crate::stats::proportion::{ClusterCounts, ProportionMethod, clustered_proportion, proportion};

use super::outcome::{self, wilson};
use super::returned::{Came, Returned};

/// What share of referrals are re-referrals?
///
/// # Population and unit
/// Referrals that went through [`Repeats`](crate::histories::Repeats), each once. By `referrals`:
///
/// - `all`: repeats among all referrals, as the Department for Education publishes re-referrals;
/// - `with an earlier one`: repeats among those that are not the first of their family or child;
/// - `first ever`: the first in this table, among all.
///
/// # Interval
/// By `method`, as if each referral stood for itself. With `cluster`, the column that names the family,
/// the interval allows for the referrals of a family being alike: Wilson's, with the linearised variance
/// between families and Student's t (see [`clustered_proportion`]); `method` is then
/// "wilson-clustered". Families with a referral in the base count; one alone has no interval. R keeps
/// the others in the design of a subset, so for `with an earlier one` the interval here is a little wider.
///
/// # Nulls and edges
/// A referral of which it is not known whether it is a repeat, or the first, is dropped and counted.
/// One that is both is set aside and listed, and so, with `cluster`, is one that names no family. What
/// lies before the table begins is not known: ask only about referrals that come `within_days` or more
/// after it begins. 365 days are not quite the Department's 12 months: in a leap year, from 1 March 2023
/// to 1 March 2024 are 366.
///
/// # Merging
/// Counts; with `cluster`, counts for each family. Exact.
///
/// # Reveals
/// The numerator, the base, their difference, and the rows dropped.
///
/// # Errors
/// `Spec` for an unknown method, and for another than "wilson" with `cluster`; `Column` and `Type` for
/// the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, BooleanArray, RecordBatch};
/// use wholefamily::{Measure, Options, measures::ReReferral};
///
/// let referrals = RecordBatch::try_from_iter([
///     ("repeat", Arc::new(BooleanArray::from(vec![false, true, false, false])) as ArrayRef),
///     ("first_ever", Arc::new(BooleanArray::from(vec![true, false, false, true]))),
/// ])?;
/// let returns = ReReferral::default().run(&[referrals], &Options::default())?;
/// assert_eq!(returns.values(), [Some(0.25), Some(0.5), Some(0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Department for Education, Characteristics of children in need: re-referrals within 12 months.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReReferral {
    /// The column that says whether a referral is a repeat.
    #[serde(default = "repeat")]
    pub repeat: String,
    /// The column that says whether a referral is the first.
    #[serde(default = "first_ever")]
    pub first_ever: String,
    /// The column whose periods `every` groups by.
    #[serde(default = "received")]
    pub date: String,
    /// The column that names the family, whose referrals are alike; nothing for referrals that each
    /// stand for themselves.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

/// The name of Wilson's interval that allows for clusters.
pub(crate) const WILSON_CLUSTERED: &str = "wilson-clustered";

fn repeat() -> String {
    "repeat".to_owned()
}

fn first_ever() -> String {
    "first_ever".to_owned()
}

pub(crate) fn received() -> String {
    "received".to_owned()
}

impl Default for ReReferral {
    fn default() -> Self {
        Self {
            repeat: repeat(),
            first_ever: first_ever(),
            date: received(),
            cluster: None,
            method: wilson(),
        }
    }
}

/// Referrals, checked.
pub struct ReturnColumns {
    /// What each referral is; nothing for one that cannot be used.
    came: Vec<Option<Came>>,
    families: Option<PersonColumn>,
}

/// The states of a chunk's groups.
pub struct ReturnTally(Vec<Returned>);

impl Tally for ReturnTally {
    type State = Returned;
    type Columns = ReturnColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &ReturnColumns, rows: Range<usize>) {
        let first = rows.start;
        let mut see = |row: usize, family| {
            let group = groups.get(row - first).map_or(0, |group| group.place());
            let came = columns.came.get(row).copied().flatten();
            if let Some(state) = self.0.get_mut(group) {
                state.see(came, family);
            }
        };
        match &columns.families {
            None => rows.for_each(|row| see(row, None)),
            Some(families) => families.each(rows, see),
        }
    }

    fn settle(mut self) -> Vec<Returned> {
        self.0.iter_mut().for_each(|state| state.families.settle());
        self.0
    }
}

/// The families by how many of their referrals are re-referrals, for each of the three figures.
#[derive(Default)]
struct ByFamily {
    all: ClusterCounts,
    earlier: ClusterCounts,
    first: ClusterCounts,
}

impl Merge for ByFamily {
    fn merge(&mut self, other: Self) {
        self.all.merge(other.all);
        self.earlier.merge(other.earlier);
        self.first.merge(other.first);
    }

    fn is_empty(&self) -> bool {
        self.all.rows() == 0
    }
}

impl ReReferral {
    fn rows(
        &self,
        place: usize,
        group: &Group<'_, Returned>,
        method: ProportionMethod,
        level: Level,
    ) -> [Row; 3] {
        let state = group.state;
        let counts = state.counts;
        let families = self.cluster.as_ref().map(|_| {
            state.families.sum(|sum: &mut ByFamily, family| {
                sum.all.add(family.repeats, family.referrals);
                sum.earlier.add(family.repeats, family.referrals.saturating_sub(family.first));
                sum.first.add(family.first, family.referrals);
            })
        });
        let row = |referrals: &str, x: u64, n: u64, clusters: Option<&ClusterCounts>| Row {
            group: place,
            period: None,
            own: vec![referrals.into()],
            interval: match clusters {
                Some(clusters) => clustered_proportion(clusters, level),
                None => proportion(x, n, method, level),
            },
            unit: "share".to_owned(),
            numerator: Some(x as i64),
            denominator: Some(n as f64),
            method: match clusters {
                Some(_) => WILSON_CLUSTERED.to_owned(),
                None => method.word().to_owned(),
            },
            used: n,
            dropped: state.dropped + counts.referrals.saturating_sub(n),
            reveals: vec![
                x,
                n.saturating_sub(x),
                n,
                counts.referrals,
                counts.referrals.saturating_sub(n),
                state.dropped,
            ],
        };
        let earlier = counts.referrals.saturating_sub(counts.first);
        let of = |pick: fn(&ByFamily) -> &ClusterCounts| families.as_ref().map(pick);
        [
            row("all", counts.repeats, counts.referrals, of(|sum| &sum.all)),
            row("with an earlier one", counts.repeats, earlier, of(|sum| &sum.earlier)),
            row("first ever", counts.first, counts.referrals, of(|sum| &sum.first)),
        ]
    }
}

impl Measure for ReReferral {
    type State = Returned;
    type Columns = ReturnColumns;
    type Tally = ReturnTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "re_referral",
        class: "ReReferral",
        question: "What share of referrals are re-referrals?",
        unit: "share",
        own_keys: &["referrals"],
        required: &[],
        words: &[("method", outcome::METHODS)],
        references: &[
            "Department for Education, Characteristics of children in need: re-referrals within 12 months of a previous referral",
            "Korn and Graubard (1998), Confidence intervals for proportions with small expected number of positive counts estimated from survey data, Survey Methodology 24, 193–201",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        let method = outcome::method(&self.method)?;
        if self.cluster.is_some() && method != ProportionMethod::Wilson {
            return Err(Error::spec(format!(
                "with `cluster` the interval is Wilson's, allowing for families; method '{}' has no such form: leave one of them out",
                self.method
            )));
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles =
            vec![Role::new("repeat", &self.repeat), Role::new("first_ever", &self.first_ever)];
        roles.extend(self.cluster.as_ref().map(|cluster| Role::new("cluster", cluster)));
        roles
    }

    fn date(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<ReturnColumns> {
        let mend = "; wf.repeats makes this column";
        let repeat = chunk.flags(&self.repeat, "repeat", mend)?;
        let first = chunk.flags(&self.first_ever, "first_ever", mend)?;
        let mut came: Vec<Option<Came>> = (repeat.iter().zip(&first))
            .enumerate()
            .map(|(row, pair)| match pair {
                (Some(true), Some(true)) => {
                    let problem = "a repeat that is said to be the first: row set aside";
                    account.note(&self.repeat, problem, chunk.row(row), || "true".to_owned());
                    None
                }
                (Some(true), Some(false)) => Some(Came::REPEAT),
                (Some(false), Some(true)) => Some(Came::FIRST),
                (Some(false), Some(false)) => Some(Came::LATER),
                _ => None,
            })
            .collect();
        let families =
            self.cluster.as_ref().map(|name| chunk.people(name, "cluster")).transpose()?;
        if let (Some(families), Some(name)) = (&families, &self.cluster)
            && families.may_be_null()
        {
            families.each(0..chunk.rows(), |row, family| {
                if family.is_none() {
                    let problem = "no family is named: row set aside";
                    account.note(name, problem, chunk.row(row), || "null".to_owned());
                    if let Some(came) = came.get_mut(row) {
                        *came = None;
                    }
                }
            });
        }
        Ok(ReturnColumns { came, families })
    }

    fn tally(&self, groups: usize) -> ReturnTally {
        ReturnTally(vec![Returned::default(); groups])
    }

    fn finish(&self, tallied: &Tallied<'_, Returned>, _options: &Options) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let groups = tallied.groups.iter().enumerate();
        Ok(groups
            .flat_map(|(place, group)| self.rows(place, group, method, tallied.level))
            .collect())
    }
}
