//! What share of people were diverted from statutory intervention?

use std::ops::Range;

use arrow_array::Array;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Merge, Place, Role, Tally};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::{Error, Result};
use crate::stats::proportion::proportion;

use super::durations::{UNUSABLE, whole_days};
use super::multi_state::origin;
use super::outcome::{self, wilson};
use super::pathways::from;

/// What share of people were diverted from statutory intervention?
///
/// # Population and unit
/// Pathways, as `histories::Pathways` gives them with `statutory`, each once: its first step; with
/// `origin`, those that begin in one of these states. Numerator: those whose person came to no
/// statutory state from then on, with `within_days` within so many days. Denominator: those whose
/// person was watched; with `within_days`, watched for so long. The value is a share from 0 to 1.
///
/// # Interval
/// Two-sided; Wilson's score interval unless `method` says otherwise.
///
/// # Nulls and edges
/// With `within_days`, who was not watched so long is dropped and counted, whether or not a statutory
/// state came first: to keep only those for whom it did would make the share too small. Without it,
/// people are watched for as long as they are, and a note says for how long. Steps after the first are
/// no rows of this measure: neither used nor dropped. A null `from` or `step`, days that are missing
/// or cannot be: dropped and counted.
///
/// # Merging
/// Three counts a group, and the shortest and the longest watch; exact.
///
/// # Reveals
/// The numerator, the denominator, their difference, and the rows dropped.
///
/// # Errors
/// `Spec` for an unknown method or days below 0; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// use wholefamily::{Measure, Options, measures::Diverted};
///
/// let rows = RecordBatch::try_from_iter_with_nullable([
///     ("from", Arc::new(StringArray::from(vec!["referred", "assessed", "referred"])) as ArrayRef, true),
///     ("step", Arc::new(Int64Array::from(vec![1, 2, 1])), true),
///     ("statutory_days", Arc::new(Int64Array::from(vec![Some(40), Some(40), None])), true),
///     ("followed_days", Arc::new(Int64Array::from(vec![400, 400, 380])), true),
/// ])?;
/// let within_a_year = Diverted { within_days: Some(365), ..Default::default() };
/// let estimates = within_a_year.run(&[rows], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), JASA 22.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diverted {
    /// The states that a pathway may begin in to count; without any, all.
    #[serde(default)]
    pub origin: Vec<Value>,
    /// Within how many days of the origin; without it, for as long as each was watched.
    #[serde(default)]
    pub within_days: Option<i64>,
    /// The column that names the state.
    #[serde(default = "from")]
    pub from_state: String,
    /// The column that numbers the steps of a pathway.
    #[serde(default = "step")]
    pub step: String,
    /// The column of days from the origin to the first statutory state; null: none came.
    #[serde(default = "statutory_days")]
    pub statutory: String,
    /// The column of days from the origin to the last day watched.
    #[serde(default = "followed_days")]
    pub followed: String,
    /// The column whose periods `every` groups by.
    #[serde(default = "origin")]
    pub date: String,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

fn step() -> String {
    "step".to_owned()
}

fn statutory_days() -> String {
    "statutory_days".to_owned()
}

fn followed_days() -> String {
    "followed_days".to_owned()
}

impl Default for Diverted {
    fn default() -> Self {
        Self {
            origin: Vec::new(),
            within_days: None,
            from_state: from(),
            step: step(),
            statutory: statutory_days(),
            followed: followed_days(),
            date: origin(),
            method: wilson(),
        }
    }
}

/// Counts of pathways: diverted, known, and not known; and for how long those known were watched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DivertedCounts {
    diverted: u64,
    known: u64,
    unknown: u64,
    /// The shortest and the longest watch.
    watched: Option<(u32, u32)>,
}

fn wider(one: Option<(u32, u32)>, other: Option<(u32, u32)>) -> Option<(u32, u32)> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

impl Merge for DivertedCounts {
    fn merge(&mut self, other: Self) {
        self.diverted += other.diverted;
        self.known += other.known;
        self.unknown += other.unknown;
        self.watched = wider(self.watched, other.watched);
    }

    fn is_empty(&self) -> bool {
        self.known + self.unknown == 0
    }
}

impl Wire for DivertedCounts {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("numerator", CellKind::Count),
        ("denominator", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("shortest", CellKind::Whole),
        ("longest", CellKind::Whole),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let days = |days: Option<u32>| Cell::Whole(days.map(i64::from));
        row(&[
            Cell::Count(self.diverted),
            Cell::Count(self.known),
            Cell::Count(self.unknown),
            days(self.watched.map(|watched| watched.0)),
            days(self.watched.map(|watched| watched.1)),
        ]);
    }

    fn digest(&self) -> Vec<u64> {
        let (shortest, longest) = self.watched.unwrap_or_default();
        vec![self.diverted, self.known, self.unknown, shortest.into(), longest.into()]
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [
                Cell::Count(diverted),
                Cell::Count(known),
                Cell::Count(unknown),
                Cell::Whole(shortest),
                Cell::Whole(longest),
            ] if diverted <= known => {
                let days = |days: i64| u32::try_from(days).map_err(|_| unreadable());
                let watched = match (shortest, longest) {
                    (Some(shortest), Some(longest)) => Some((days(*shortest)?, days(*longest)?)),
                    (None, None) => None,
                    _ => return Err(unreadable()),
                };
                Ok(Self { diverted: *diverted, known: *known, unknown: *unknown, watched })
            }
            _ => Err(unreadable()),
        }
    }
}

/// What a row says.
#[derive(Debug, Clone, Copy)]
enum Said {
    /// It is no pathway's first step, or its pathway began elsewhere.
    Nothing,
    /// It cannot be told whether the person was diverted.
    Unknown,
    /// Whether the person was diverted, and for how many days they were watched.
    Known(bool, u32),
}

/// What the rows say.
pub struct DivertedColumns(Vec<Said>);

/// The counts of a chunk's groups.
pub struct DivertedTally(Vec<DivertedCounts>);

impl Tally for DivertedTally {
    type State = DivertedCounts;
    type Columns = DivertedColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &DivertedColumns, rows: Range<usize>) {
        let said = columns.0.get(rows).unwrap_or(&[]);
        for (group, said) in groups.iter().zip(said) {
            let Some(state) = self.0.get_mut(group.place()) else { continue };
            match *said {
                Said::Nothing => {}
                Said::Unknown => state.unknown += 1,
                Said::Known(diverted, days) => {
                    state.known += 1;
                    state.diverted += u64::from(diverted);
                    state.watched = wider(state.watched, Some((days, days)));
                }
            }
        }
    }

    fn settle(self) -> Vec<DivertedCounts> {
        self.0
    }
}

impl Measure for Diverted {
    type State = DivertedCounts;
    type Columns = DivertedColumns;
    type Tally = DivertedTally;
    const INFO: Info = Info {
        measure: "diverted",
        class: "Diverted",
        question: "What share of people were diverted from statutory intervention?",
        unit: "share",
        own_keys: &[],
        required: &[],
        words: &[("method", outcome::METHODS)],
        references: &[
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        if self.within_days.is_some_and(|days| days < 0) {
            return Err(Error::spec("`within_days` is below 0; expected days such as 365"));
        }
        outcome::method(&self.method).map(|_| ())
    }

    fn roles(&self) -> Vec<Role> {
        vec![
            Role::new("from_state", &self.from_state),
            Role::new("step", &self.step),
            Role::new("statutory", &self.statutory),
            Role::new("followed", &self.followed),
        ]
    }

    fn date(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<DivertedColumns> {
        let begins = match self.origin.as_slice() {
            [] => chunk.codes(&self.from_state, "from_state")?.flags(|from| match from {
                Value::Null => None,
                _ => Some(true),
            }),
            origin => chunk.matches(&self.from_state, "from_state", origin)?,
        };
        let step = chunk.numbers(&self.step, "step")?;
        let statutory = chunk.numbers(&self.statutory, "statutory")?;
        let followed = chunk.numbers(&self.followed, "followed")?;
        let watched = whole_days(&followed, &self.followed, chunk, account);
        let reached = whole_days(&statutory, &self.statutory, chunk, account);
        let mut said = Vec::with_capacity(chunk.rows());
        for (row, (watched, reached)) in watched.iter().zip(&reached).enumerate() {
            let later = step.is_valid(row) && step.value(row) != 1.0;
            let elsewhere = begins.is_valid(row) && !begins.value(row);
            let came = statutory.is_valid(row);
            said.push(if later || elsewhere {
                Said::Nothing
            } else if step.is_null(row) || begins.is_null(row) || *watched == UNUSABLE {
                Said::Unknown
            } else if came && (*reached == UNUSABLE || reached > watched) {
                if *reached != UNUSABLE {
                    let problem = "a statutory state after the last day watched: row set aside";
                    account.note(&self.statutory, problem, chunk.row(row), || reached.to_string());
                }
                Said::Unknown
            } else {
                match self.within_days {
                    None => Said::Known(!came, *watched),
                    Some(days) if i64::from(*watched) < days => Said::Unknown,
                    Some(days) => Said::Known(!came || i64::from(*reached) > days, *watched),
                }
            });
        }
        Ok(DivertedColumns(said))
    }

    fn tally(&self, groups: usize) -> DivertedTally {
        DivertedTally(vec![DivertedCounts::default(); groups])
    }

    fn finish(
        &self,
        tallied: &Tallied<'_, DivertedCounts>,
        _options: &Options,
    ) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let rows = tallied.groups.iter().enumerate().map(|(group, tally)| {
            let DivertedCounts { diverted, known, unknown, .. } = *tally.state;
            Row {
                group,
                period: None,
                own: Vec::new(),
                interval: proportion(diverted, known, method, tallied.level),
                unit: "share".to_owned(),
                numerator: Some(diverted as i64),
                denominator: Some(known as f64),
                method: method.word().to_owned(),
                used: known,
                dropped: unknown,
                reveals: vec![diverted, known - diverted, known, unknown],
            }
        });
        Ok(rows.collect())
    }

    /// Says for how long people were watched.
    fn notes(&self, states: &mut dyn Iterator<Item = &DivertedCounts>) -> Vec<String> {
        let (mut watched, mut unknown) = (None, 0);
        for state in states {
            watched = wider(watched, state.watched);
            unknown += state.unknown;
        }
        let mut notes = Vec::new();
        match (self.within_days, watched) {
            (None, Some((shortest, longest))) if shortest < longest => notes.push(format!(
                "watched for {shortest} to {longest} days: who was watched for less had less time to come to a statutory state; `within_days` asks for the same time of all"
            )),
            (Some(days), _) if unknown > 0 => notes.push(format!(
                "not known within {days} days, most often because not watched so long: {unknown}"
            )),
            _ => {}
        }
        notes
    }
}
