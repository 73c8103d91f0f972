//! How often do children in care move?

use arrow_array::Array;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::period::{Every, to_day};
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::rate::{RateMethod, rate};
use crate::stats::reason::Reason;

use super::care::{CareNames, child, end, start};
use super::moves_by_day::{MoveColumns, MoveTally, MovesByDay};
use super::per::{self, DAYS_OF_A_YEAR};
use super::rate::{method, phe};

/// How often do children in care move?
///
/// It reads placements, as [`Placements`](crate::histories::Placements) gives them, not episodes: a
/// change of legal status is no move.
///
/// # Population and unit
/// Numerator: placements that ended by a move, on a day of the period. Denominator: child-years, the
/// days that children were in a placement in the period, the number of children on each day summed,
/// over 365.25. Given per `per` child-years. Days before `since` and after `as_of` count for neither.
/// By a column of the placement, such as its kind, a move belongs to the placement that it ended.
///
/// # Interval
/// Two-sided, for a Poisson count: `exact`, `byar`, `mid-p`, or `phe` (exact below 10 moves, then
/// Byar's). It takes moves as independent, and a few children who move often make it too narrow: so
/// `compare` refuses these rates, because a difference by chance would too often look real.
///
/// # Nulls and edges
/// A null end is a placement that is still open. A row that ended and does not say whether by a move,
/// or says so and has not ended, is set aside, counted and listed, as is one without a child or a start,
/// or with an end before its start. A row that stands twice counts twice, its days and its move:
/// [`Placements`](crate::histories::Placements) gives each placement once. Without child-years there is no rate, and the reason says so.
///
/// # Merging
/// Counts by day. Exact.
///
/// # Reveals
/// The moves, and the rows used and dropped.
///
/// # Errors
/// `Spec` for an unknown method, a `per` that is not above 0, or a `since` after `as_of`; `Column` and
/// `Type` for the columns; `Data` where periods reach over so long a time that the table would have
/// more than five million rows.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::PlacementMoves};
///
/// let placements = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 1, 2])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 1000, 0]))),
///     ("end", Arc::new(Date32Array::from(vec![1000, 1461, 1461]))),
///     ("moved", Arc::new(BooleanArray::from(vec![true, false, false]))),
/// ])?;
/// // One move in twice four years.
/// let moves = PlacementMoves::default().run(&[placements], &Options::default())?;
/// assert_eq!(moves.values(), [Some(0.125)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Garwood (1936), Biometrika 28 (exact); Breslow and Day (1987), Statistical Methods in Cancer
/// Research II, p. 69 (Byar's).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementMoves {
    /// The column that says whether the placement ended by a move.
    #[serde(default = "moved")]
    pub moved: String,
    /// The column that says which child a placement is of.
    #[serde(default = "child")]
    pub child: String,
    /// The column that holds the first day of the placement.
    #[serde(default = "start")]
    pub start: String,
    /// The column that holds the day the placement ended; null where it is open.
    #[serde(default = "end")]
    pub end: String,
    /// The first day that counts; without it, the first start.
    #[serde(default)]
    pub since: Option<NaiveDate>,
    /// The last day that the extract speaks of; without it, the latest date in the extract.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// How many child-years the rate is given for.
    #[serde(default = "one")]
    pub per: f64,
    /// The method of the interval.
    #[serde(default = "phe")]
    pub method: String,
}

fn moved() -> String {
    "moved".to_owned()
}

fn one() -> f64 {
    1.0
}

impl Default for PlacementMoves {
    fn default() -> Self {
        Self {
            moved: moved(),
            child: child(),
            start: start(),
            end: end(),
            since: None,
            as_of: None,
            per: one(),
            method: phe(),
        }
    }
}

impl PlacementMoves {
    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    fn unit(&self) -> String {
        if self.per == 1.0 {
            "per child-year".to_owned()
        } else {
            format!("{} child-years", per::unit(self.per))
        }
    }

    /// The periods, each from its first day to its last that counts; the first day shown is that of
    /// the whole period.
    fn periods(
        &self,
        tallied: &Tallied<'_, MovesByDay>,
        options: &Options,
    ) -> Result<Vec<(Option<i32>, i32, i32)>> {
        let spans = tallied.groups.iter().filter_map(|group| group.state.span());
        let seen = spans.reduce(|(first, last), span| (first.min(span.0), last.max(span.1)));
        let (first, last) = seen.unwrap_or((i32::MAX, i32::MIN));
        let (first, last) = (self.since.map_or(first, to_day), self.as_of.map_or(last, to_day));
        match options.every {
            None => Ok(vec![(None, first, last)]),
            Some(_) if seen.is_none() || first > last => Ok(Vec::new()),
            Some(every) => {
                let mend = Every::mend(first, last);
                check_size(every.count(first, last), tallied.groups.len(), &mend)?;
                let starts = every.starts(first, last).into_iter();
                let period = |day: i32| (Some(day), day.max(first), every.last_day(day).min(last));
                Ok(starts.map(period).collect())
            }
        }
    }
}

impl Measure for PlacementMoves {
    type State = MovesByDay;
    type Columns = MoveColumns;
    type Tally = MoveTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "placement_moves",
        class: "PlacementMoves",
        question: "How often do children in care move?",
        unit: "per child-year",
        own_keys: &[],
        required: &[],
        words: &[("method", &RateMethod::WORDS)],
        references: &[
            "Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28, 437–442",
            "Breslow and Day (1987), Statistical Methods in Cancer Research II, p. 69 (Byar's interval)",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        method(&self.method)?;
        per::check(self.per)?;
        if let (Some(since), Some(as_of)) = (self.since, self.as_of)
            && since > as_of
        {
            return Err(Error::spec(format!(
                "since is {since}, after as_of, which is {as_of}: no day counts"
            )));
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles = self.names().roles();
        roles.push(Role::new("moved", &self.moved));
        roles
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<MoveColumns> {
        let care = self.names().columns(chunk, account)?;
        let mend = "; placements have such a column, episodes have not";
        let moved = chunk.flags(&self.moved, "moved", mend)?;
        let ends = chunk.days(&self.end, "end")?;
        let mut aside = vec![false; chunk.rows()];
        for (row, aside) in aside.iter_mut().enumerate() {
            let problem = match (ends.is_valid(row), moved.is_valid(row)) {
                (true, false) => "ended, and not said whether by a move: row set aside",
                (false, true) if moved.value(row) => "moved, and has not ended: row set aside",
                _ => continue,
            };
            *aside = true;
            account.note(&self.moved, problem, chunk.row(row), || chunk.shown(&self.end, row));
        }
        Ok(MoveColumns::new(care, moved, aside))
    }

    fn tally(&self, groups: usize) -> MoveTally {
        MoveTally::new(groups)
    }

    fn finish(&self, tallied: &Tallied<'_, MovesByDay>, options: &Options) -> Result<Vec<Row>> {
        let method = method(&self.method)?;
        let periods = self.periods(tallied, options)?;
        let mut rows = Vec::with_capacity(periods.len() * tallied.groups.len());
        for (place, group) in tallied.groups.iter().enumerate() {
            let MovesByDay { used, dropped, .. } = *group.state;
            for (period, first, last) in &periods {
                let (child_days, moves) = match first <= last {
                    true => group.state.between(*first, *last),
                    false => (0, 0),
                };
                let child_years = child_days as f64 / DAYS_OF_A_YEAR;
                let interval = match used {
                    0 => Interval::undefined(Reason::NoRows),
                    _ => rate(moves, child_years, self.per, method, tallied.level),
                };
                rows.push(Row {
                    group: place,
                    period: period.map(Value::Day),
                    own: Vec::new(),
                    interval,
                    unit: self.unit(),
                    numerator: Some(moves as i64),
                    denominator: Some(child_years),
                    method: method.settled(moves).word().to_owned(),
                    used,
                    dropped,
                    reveals: vec![moves, used, dropped],
                });
            }
        }
        Ok(rows)
    }
}
