//! Do families see the same worker?

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Place, Role, Tally};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::person::{PersonColumn, PersonId};
use crate::engine::table::Row;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::mean::mean_of_counts;
use crate::stats::proportion::{ProportionMethod, proportion};

use super::out_of_hours::at;
use super::worked_with::{Seen, WorkedWith};

/// Do families see the same worker?
///
/// # Population and unit
/// Families with at least `least` contacts of which the worker is known. By `figure`:
///
/// - `usual worker`: the mean over families of the share of contacts with the worker whom the family
///   saw most (usual provider continuity), from above 0 to 1;
/// - `workers per family`: the mean number of different workers;
/// - `one worker only`: the share of families who saw only one.
///
/// A family with few contacts sees few workers: compare groups that have about as many.
///
/// # Interval
/// Means: Student's, of families, cut where no such mean can lie: at 0 and 1, and below 1 worker. The
/// share: Wilson's.
///
/// # Nulls and edges
/// A contact without a family or a worker is set aside and listed; those of families with fewer than
/// `least` are dropped and counted. One family has means without intervals; so have families that are
/// all alike.
///
/// # Merging
/// Contacts by family and worker. Exact.
///
/// # Reveals
/// The families, those with one worker and those with several, the workers counted, and the rows
/// dropped.
///
/// # Errors
/// `Spec` for `least` 0; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// use wholefamily::{Measure, Options, measures::ContinuityOfWorker};
///
/// let contacts = RecordBatch::try_from_iter([
///     ("family_id", Arc::new(Int64Array::from(vec![1, 1, 1, 1, 2, 2, 3])) as ArrayRef),
///     ("worker_id", Arc::new(StringArray::from(vec!["A", "A", "A", "B", "C", "C", "A"]))),
/// ])?;
/// let continuity = ContinuityOfWorker::default().run(&[contacts], &Options::default())?;
/// // 3/4 and 1 of two families; the third has one contact
/// assert_eq!(continuity.values(), [Some(0.875), Some(1.5), Some(0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Breslau and Haug (1976), Journal of Health and Social Behavior 17; Breslau and Reeb (1975), Journal
/// of Medical Education 50.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContinuityOfWorker {
    /// The column that names the family.
    #[serde(default = "family_id")]
    pub family: String,
    /// The column that names the worker.
    #[serde(default = "worker_id")]
    pub worker: String,
    /// The column whose periods `every` groups by; a family's contacts of each period stand alone.
    #[serde(default = "at")]
    pub date: String,
    /// How many contacts a family must have to count.
    #[serde(default = "two")]
    pub least: u32,
}

fn family_id() -> String {
    "family_id".to_owned()
}

fn worker_id() -> String {
    "worker_id".to_owned()
}

fn two() -> u32 {
    2
}

impl Default for ContinuityOfWorker {
    fn default() -> Self {
        Self { family: family_id(), worker: worker_id(), date: at(), least: two() }
    }
}

/// Contacts, checked.
pub struct WorkerColumns {
    families: PersonColumn,
    workers: Vec<Option<PersonId>>,
}

/// The states of a chunk's groups.
pub struct WorkerTally(Vec<WorkedWith>);

impl Tally for WorkerTally {
    type State = WorkedWith;
    type Columns = WorkerColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &WorkerColumns, rows: Range<usize>) {
        let first = rows.start;
        columns.families.each(rows, |row, family| {
            let group = groups.get(row - first).map_or(0, |group| group.place());
            if let Some(state) = self.0.get_mut(group) {
                state.see(family, columns.workers.get(row).copied().flatten());
            }
        });
    }

    fn settle(mut self) -> Vec<WorkedWith> {
        self.0.iter_mut().for_each(|state| state.families.settle());
        self.0
    }
}

impl ContinuityOfWorker {
    fn rows(&self, place: usize, group: &Group<'_, WorkedWith>, level: Level) -> [Row; 3] {
        let state = group.state;
        let seen = state.seen();
        let least = u64::from(self.least);
        let counted: Vec<(Seen, u64)> =
            seen.0.into_iter().filter(|(seen, _)| seen.contacts >= least).collect();
        let sum = |of: fn(&Seen) -> u64| -> u64 {
            counted.iter().map(|(seen, families)| of(seen) * families).sum()
        };
        let families = sum(|_| 1);
        let (contacts, workers) = (sum(|seen| seen.contacts), sum(|seen| seen.workers));
        let alone = sum(|seen| u64::from(seen.workers == 1));
        let mean = |of: fn(&Seen) -> f64| {
            let values: Vec<(f64, u64)> =
                counted.iter().map(|(seen, families)| (of(seen), *families)).collect();
            mean_of_counts(&values, level)
        };
        let row = |figure: &str, interval, unit: &str, numerator: Option<u64>, method: &str| Row {
            group: place,
            period: None,
            own: vec![figure.into()],
            interval,
            unit: unit.to_owned(),
            numerator: numerator.map(|count| count as i64),
            denominator: Some(families as f64),
            method: method.to_owned(),
            used: contacts,
            dropped: state.dropped + state.contacts.saturating_sub(contacts),
            reveals: vec![
                families,
                alone,
                families - alone,
                workers,
                contacts,
                state.contacts.saturating_sub(contacts),
                state.dropped,
            ],
        };
        let usual = cut(mean(|seen| seen.most as f64 / seen.contacts as f64), 0.0, 1.0);
        let several = cut(mean(|seen| seen.workers as f64), 1.0, f64::INFINITY);
        let one = proportion(alone, families, ProportionMethod::Wilson, level);
        [
            row("usual worker", usual, "share", None, "t"),
            row("workers per family", several, "workers", Some(workers), "t"),
            row("one worker only", one, "share", Some(alone), "wilson"),
        ]
    }
}

/// A mean with limits that such a mean can have.
fn cut(mean: Interval, least: f64, most: f64) -> Interval {
    Interval {
        lower: mean.lower.map(|lower| lower.max(least)),
        upper: mean.upper.map(|upper| upper.min(most)),
        ..mean
    }
}

impl Measure for ContinuityOfWorker {
    type State = WorkedWith;
    type Columns = WorkerColumns;
    type Tally = WorkerTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "continuity_of_worker",
        class: "ContinuityOfWorker",
        question: "Do families see the same worker?",
        unit: "share",
        own_keys: &["figure"],
        required: &[],
        words: &[],
        references: &[
            "Breslau and Haug (1976), Service delivery structure and continuity of care, Journal of Health and Social Behavior 17(4), 339–352",
            "Breslau and Reeb (1975), Continuity of care in a university-based practice, Journal of Medical Education 50, 965–969",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        if self.least == 0 {
            return Err(Error::spec(
                "least is 0; a family without contacts has no worker: give 1 or more",
            ));
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::new("family", &self.family), Role::new("worker", &self.worker)]
    }

    fn date(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<WorkerColumns> {
        let families = chunk.people(&self.family, "family")?;
        let named = chunk.people(&self.worker, "worker")?;
        let mut workers = Vec::with_capacity(chunk.rows());
        named.each(0..chunk.rows(), |_, worker| workers.push(worker));
        let of_nobody = [
            (&self.family, &families, "no family is named: row set aside"),
            (&self.worker, &named, "no worker is named: row set aside"),
        ];
        for (name, people, problem) in of_nobody {
            if !people.may_be_null() {
                continue;
            }
            people.each(0..chunk.rows(), |row, person| {
                if person.is_none() {
                    account.note(name, problem, chunk.row(row), || "null".to_owned());
                }
            });
        }
        Ok(WorkerColumns { families, workers })
    }

    fn tally(&self, groups: usize) -> WorkerTally {
        WorkerTally(vec![WorkedWith::default(); groups])
    }

    fn finish(&self, tallied: &Tallied<'_, WorkedWith>, _options: &Options) -> Result<Vec<Row>> {
        let groups = tallied.groups.iter().enumerate();
        Ok(groups.flat_map(|(place, group)| self.rows(place, group, tallied.level)).collect())
    }
}
