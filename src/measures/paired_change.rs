//! How far have people's scores moved, from before support to after it?

use std::ops::Range;

use arrow_array::{Array, Float64Array};
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::exact_sum::ExactSum;
use crate::engine::measure::{Info, Measure, Merge, Place, Role, Tally};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::table::Row;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::{Error, Result};
use crate::stats::level::Level;
use crate::stats::paired::{Change, mean_change, reliable_change};
use crate::stats::proportion::{ProportionMethod, proportion};

use super::rate::check_date;

/// How far have people's scores moved, from before support to after it?
///
/// # Population and unit
/// Rows with both scores, one a person. By `change`: the mean of after − before ("mean", in the scale's
/// units); and, where `sd` and `reliability` of the scale are given, the shares that changed by more
/// than measuring twice would make them ("better", "worse").
///
/// # Interval
/// The mean: Student's, of paired scores. The shares: Wilson's.
///
/// # Nulls and edges
/// A row without one of the scores is dropped and counted: those who were not seen again may differ
/// from those who were. One pair has a mean but no interval; nor have pairs that all moved equally far.
///
/// # Merging
/// A count and exact sums of the changes and of their squares: the order of the rows changes no byte.
///
/// # Reveals
/// The number of pairs, those better and worse, and the rows dropped.
///
/// # Errors
/// `Spec` unless `sd` and `reliability` are possible and given together, `Column` and `Type` for the
/// columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Float64Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::PairedChange};
///
/// let scores = RecordBatch::try_from_iter([
///     ("before", Arc::new(Float64Array::from(vec![20.0, 18.0, 25.0])) as ArrayRef),
///     ("after", Arc::new(Float64Array::from(vec![Some(24.0), Some(20.0), None]))),
/// ])?;
/// let change = PairedChange::default().run(&[scores], &Options::default())?;
/// assert_eq!((change.values(), change.denominators()), (vec![Some(3.0)], vec![Some(2.0)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Student (1908), Biometrika 6, 1–25; Jacobson and Truax (1991), Journal of Consulting and Clinical
/// Psychology 59, 12–19.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedChange {
    /// The column that holds the score before.
    #[serde(default = "before")]
    pub before: String,
    /// The column that holds the score after.
    #[serde(default = "after")]
    pub after: String,
    /// Which scores are better: `higher` or `lower`.
    #[serde(default = "higher")]
    pub better: String,
    /// The standard deviation of the scale in the people it was made for.
    #[serde(default)]
    pub sd: Option<f64>,
    /// The reliability of the scale, from 0 to below 1.
    #[serde(default)]
    pub reliability: Option<f64>,
    /// The column whose periods `every` groups by.
    #[serde(default)]
    pub date: Option<String>,
}

const BETTER: &[&str] = &["higher", "lower"];

fn before() -> String {
    "before".to_owned()
}

fn after() -> String {
    "after".to_owned()
}

fn higher() -> String {
    "higher".to_owned()
}

impl Default for PairedChange {
    fn default() -> Self {
        Self {
            before: before(),
            after: after(),
            better: higher(),
            sd: None,
            reliability: None,
            date: None,
        }
    }
}

/// The changes of one group.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    pairs: u64,
    better: u64,
    worse: u64,
    dropped: u64,
    sum: ExactSum,
    squares: ExactSum,
}

impl Merge for Changes {
    fn merge(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.better += other.better;
        self.worse += other.worse;
        self.dropped += other.dropped;
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    fn is_empty(&self) -> bool {
        self.pairs + self.dropped == 0
    }
}

impl Wire for Changes {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("pairs", CellKind::Count),
        ("better", CellKind::Count),
        ("worse", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("of_squares", CellKind::Flag),
        ("place", CellKind::Whole),
        ("part", CellKind::Whole),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |counts: [u64; 4], squares, part: Option<(u8, i128)>| {
            let [pairs, better, worse, dropped] = counts.map(Cell::Count);
            row(&[
                pairs,
                better,
                worse,
                dropped,
                Cell::Flag(squares),
                Cell::Whole(part.map(|(place, _)| i64::from(place))),
                // Below 2³² in this form, or just above it with the sign.
                Cell::Whole(part.map(|(_, part)| part as i64)),
            ]);
        };
        put([self.pairs, self.better, self.worse, self.dropped], false, None);
        for (squares, sum) in [(false, &self.sum), (true, &self.squares)] {
            sum.parts().into_iter().for_each(|part| put([0; 4], squares, Some(part)));
        }
    }

    fn digest(&self) -> Vec<u64> {
        let parts = self.sum.parts().into_iter().chain(self.squares.parts());
        let parts = parts.flat_map(|(place, part)| [u64::from(place), part as u64]);
        [self.pairs, self.better, self.worse, self.dropped].into_iter().chain(parts).collect()
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let [
            Cell::Count(pairs),
            Cell::Count(better),
            Cell::Count(worse),
            Cell::Count(dropped),
            Cell::Flag(squares),
            Cell::Whole(place),
            Cell::Whole(part),
        ] = row
        else {
            return Err(unreadable());
        };
        let mut changes = Self {
            pairs: *pairs,
            better: *better,
            worse: *worse,
            dropped: *dropped,
            ..Self::default()
        };
        if let (Some(place), Some(part)) = (place, part) {
            let place = u8::try_from(*place).map_err(|_| unreadable())?;
            let sum = if *squares { &mut changes.squares } else { &mut changes.sum };
            sum.add_part(place, i128::from(*part));
        }
        Ok(changes)
    }
}

/// The changes row by row, NaN where the row cannot be used, and whether they are reliable.
pub struct ChangeColumns {
    gains: Vec<f64>,
    changes: Vec<Option<Change>>,
}

/// The states of a chunk's groups.
pub struct ChangeTally(Vec<Changes>);

impl Tally for ChangeTally {
    type State = Changes;
    type Columns = ChangeColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &ChangeColumns, rows: Range<usize>) {
        for (group, row) in groups.iter().zip(rows) {
            let gain = columns.gains.get(row).copied().unwrap_or(f64::NAN);
            let Some(state) = self.0.get_mut(group.place()) else { continue };
            if gain.is_nan() {
                state.dropped += 1;
                continue;
            }
            state.pairs += 1;
            state.sum.add(gain);
            state.squares.add_square(gain);
            match columns.changes.get(row).copied().flatten() {
                Some(Change::Better) => state.better += 1,
                Some(Change::Worse) => state.worse += 1,
                _ => {}
            }
        }
    }

    fn settle(self) -> Vec<Changes> {
        self.0
    }
}

impl PairedChange {
    /// The scale's standard deviation and reliability, where both are given.
    fn scale(&self) -> Option<(f64, f64)> {
        self.sd.zip(self.reliability)
    }

    fn gain(
        &self,
        before: &Float64Array,
        after: &Float64Array,
        chunk: &Chunk<'_>,
        account: &mut Account,
        row: usize,
    ) -> f64 {
        if before.is_null(row) || after.is_null(row) {
            return f64::NAN;
        }
        for (name, scores) in [(&self.before, before), (&self.after, after)] {
            if !scores.value(row).is_finite() {
                let problem = "not a finite score: row set aside";
                account.note(name, problem, chunk.row(row), || scores.value(row).to_string());
                return f64::NAN;
            }
        }
        let gain = after.value(row) - before.value(row);
        if (gain * gain).is_finite() {
            return gain;
        }
        let problem = "a change too large to square: row set aside";
        account.note(&self.after, problem, chunk.row(row), || gain.to_string());
        f64::NAN
    }

    fn rows(&self, place: usize, group: &Group<'_, Changes>, level: Level) -> Vec<Row> {
        let Changes { pairs, better, worse, dropped, sum, squares } = group.state;
        let row = |change: &str, interval, unit: &str, numerator, method: &str| Row {
            group: place,
            period: None,
            own: vec![change.into()],
            interval,
            unit: unit.to_owned(),
            numerator,
            denominator: Some(*pairs as f64),
            method: method.to_owned(),
            used: *pairs,
            dropped: *dropped,
            reveals: vec![*pairs, *better, *worse, *dropped],
        };
        let mean = mean_change(*pairs, sum.in_two(), squares.in_two(), level).interval;
        let mut rows = vec![row("mean", mean, "score", None, "paired-t")];
        if self.scale().is_some() {
            for (change, count) in [("better", *better), ("worse", *worse)] {
                let share = proportion(count, *pairs, ProportionMethod::Wilson, level);
                rows.push(row(change, share, "share", Some(count as i64), "wilson"));
            }
        }
        rows
    }
}

impl Measure for PairedChange {
    type State = Changes;
    type Columns = ChangeColumns;
    type Tally = ChangeTally;
    const INFO: Info = Info {
        measure: "paired_change",
        class: "PairedChange",
        question: "How far have people's scores moved, from before support to after it?",
        unit: "score",
        own_keys: &["change"],
        required: &[],
        words: &[("better", BETTER)],
        references: &[
            "Student (1908), The probable error of a mean, Biometrika 6, 1–25",
            "Jacobson and Truax (1991), Clinical significance, Journal of Consulting and Clinical Psychology 59, 12–19",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        if !BETTER.contains(&self.better.as_str()) {
            return Err(Error::unknown_word("better", &self.better, BETTER));
        }
        if self.sd.is_some() != self.reliability.is_some() {
            return Err(Error::spec(
                "reliable change needs both `sd` and `reliability` of the scale; give both or neither",
            ));
        }
        if let Some((sd, reliability)) = self.scale() {
            if !(sd.is_finite() && sd > 0.0) {
                return Err(Error::spec(format!("sd is {sd}; it must be above 0")));
            }
            if !(0.0..1.0).contains(&reliability) {
                return Err(Error::spec(format!(
                    "reliability is {reliability}; it must be at least 0 and below 1, such as 0.85"
                )));
            }
        }
        check_date(self.date.as_deref(), options)
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::new("before", &self.before), Role::new("after", &self.after)]
    }

    fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<ChangeColumns> {
        let before = chunk.numbers(&self.before, "before")?;
        let after = chunk.numbers(&self.after, "after")?;
        let gains: Vec<f64> =
            (0..chunk.rows()).map(|row| self.gain(&before, &after, chunk, account, row)).collect();
        let higher = self.better == "higher";
        let changes = match self.scale() {
            None => Vec::new(),
            Some((sd, reliability)) => (before.values().iter().zip(after.values()))
                .map(|(before, after)| {
                    let level = Level::default();
                    reliable_change(*before, *after, sd, reliability, higher, level).change
                })
                .collect(),
        };
        Ok(ChangeColumns { gains, changes })
    }

    fn tally(&self, groups: usize) -> ChangeTally {
        ChangeTally(vec![Changes::default(); groups])
    }

    fn finish(&self, tallied: &Tallied<'_, Changes>, _options: &Options) -> Result<Vec<Row>> {
        let groups = tallied.groups.iter().enumerate();
        Ok(groups.flat_map(|(place, group)| self.rows(place, group, tallied.level)).collect())
    }
}
