//! How many children were in care at the start of each period, how many started and ended, and how
//! many were in care at its end?

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Merge, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::people::Series;
use crate::engine::period::{Every, to_day};
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::reason::Reason;

use super::care::{self, CareNames, child, end, start};
use super::date_index::DateIndex;
use super::moves::{Moves, Periods, moves};
use super::stayed::{
    BEGAN, ENDED, Kinds, Stayed, StayedColumns, StayedNames, StayedTally, first_known, kinds,
};
use super::stock::stock;

/// How many children were in care at the start and the end of each period, and how many came and went?
///
/// # Population and unit
/// Children. Stock at start and at end is counted as by [`LookedAfter`](super::LookedAfter), on the
/// last day before the period and on its last day; starts and ends as by [`Flows`](super::Flows), apart
/// from it. `imbalance` is what is left between them:
/// ```text
/// imbalance = stock at end − (stock at start + starts − ends)
/// ```
/// It is 0 for every group and every period; anything else would be an error of this package. With
/// the columns `began` and `ended` that [`Stays`](crate::histories::Stays) gives, starts are told
/// apart as first entries, re-entries and moves in, and ends as exits and moves out; where rows do not
/// say, as unclassified. They add up to the starts and the ends.
///
/// By a column, a move is an end in one group and a start in another. The groups add up to the whole,
/// moves in to moves out, unless a child is in two groups at once; `Stays` lists such days.
///
/// # Interval
/// A count of everyone has no sampling interval.
///
/// # Nulls and edges
/// A null end is an episode that is still open. A row without a child or a start, or with an end
/// before its start, is set aside, counted and listed. Periods that are not over by `as_of` have no
/// rows. The first period begins with 0: before the first start nothing is known.
///
/// # Merging
/// For each child the days in care, and what the rows say of how each stay began and ended. Exact.
///
/// # Reveals
/// The counts of the period, and the rows dropped.
///
/// # Errors
/// `Spec` without `every`; `Column` and `Type` for the columns; `Data` where periods reach over so
/// long a time that the table would have more than five million rows.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use chrono::NaiveDate;
/// use wholefamily::{Every, Measure, Options, measures::StockFlow};
///
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 1, 2])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 10, 5]))),
///     ("end", Arc::new(Date32Array::from(vec![Some(10), Some(20), None]))),
/// ])?;
/// let account = StockFlow { as_of: NaiveDate::from_ymd_opt(1970, 1, 31), ..Default::default() };
/// // Stock at start, starts, ends, stock at end, imbalance, in January.
/// let january = account.run(&[episodes], &Options::default().every(Every::Month))?;
/// assert_eq!(january.values(), [0.0, 2.0, 1.0, 1.0, 0.0].map(Some));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockFlow {
    /// The column that says which child an episode is of.
    #[serde(default = "child")]
    pub child: String,
    /// The column that holds the first day of the episode.
    #[serde(default = "start")]
    pub start: String,
    /// The column that holds the day the episode ended; null where it is open.
    #[serde(default = "end")]
    pub end: String,
    /// The last day that the extract speaks of; without it, the latest date in the extract.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// The column that says how a stay began: "first entry", "re-entry" or "move".
    #[serde(default)]
    pub began: Option<String>,
    /// The column that says how a stay ended: "exit" or "move".
    #[serde(default)]
    pub ended: Option<String>,
}

impl Default for StockFlow {
    fn default() -> Self {
        Self { child: child(), start: start(), end: end(), as_of: None, began: None, ended: None }
    }
}

impl StockFlow {
    fn names(&self) -> StayedNames<'_> {
        StayedNames {
            care: CareNames { child: &self.child, start: &self.start, end: &self.end },
            began: self.began.as_deref(),
            ended: self.ended.as_deref(),
        }
    }
}

/// What was counted of one group.
struct Counted {
    stock: Vec<u64>,
    moves: Moves,
    kinds: Kinds,
}

impl Counted {
    fn of(state: &Stayed, periods: &Periods) -> Self {
        let before = periods.firsts.first().map(|first| first - 1);
        let last_days = (0..periods.firsts.len()).map(|place| periods.last_day(place));
        let dates: Vec<i32> = before.into_iter().chain(last_days).collect();
        Self {
            stock: stock(&state.care, &DateIndex::new(&dates)),
            moves: moves(&state.care.children, periods),
            kinds: kinds(&state.stays, periods),
        }
    }

    /// The stock on the last day before the period with this place.
    fn stock(&self, place: usize) -> i64 {
        self.stock.get(place).map_or(0, |count| *count as i64)
    }
}

/// The names of the flows, and a number for each: those of one group and period, in order.
fn flows(
    counted: &Counted,
    place: usize,
    starts_by: Option<usize>,
    ends_by: Option<usize>,
) -> Vec<(&'static str, i64)> {
    let (before, after) = (counted.stock(place), counted.stock(place + 1));
    let (starts, ends) = (counted.moves.starts.at(place), counted.moves.ends.at(place));
    let began = BEGAN.map(|(_, name)| name).into_iter().chain(["unclassified starts"]);
    let began = began.zip(&counted.kinds.starts).take(starts_by.unwrap_or(0));
    let ended = ENDED.map(|(_, name)| name).into_iter().chain(["unclassified ends"]);
    let ended = ended.zip(&counted.kinds.ends).take(ends_by.unwrap_or(0));
    let mut flows = vec![("stock at start", before), ("starts", starts)];
    flows.extend(began.map(|(name, series)| (name, series.at(place))));
    flows.push(("ends", ends));
    flows.extend(ended.map(|(name, series)| (name, series.at(place))));
    flows.push(("stock at end", after));
    flows.push(("imbalance", after - (before + starts - ends)));
    flows
}

impl Measure for StockFlow {
    type State = Stayed;
    type Columns = StayedColumns;
    type Tally = StayedTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "stock_flow",
        class: "StockFlow",
        question: "How many children were in care at the start and the end of each period, and how many came and went?",
        unit: "children",
        own_keys: &["flow"],
        required: &[],
        words: &[],
        references: &[
            "Scottish Government, Children's Social Work Statistics: children starting and ceasing to be looked after",
            "Preston, Heuveline and Guillot (2001), Demography: measuring and modeling population processes, p. 2 (the balancing equation)",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        match options.every {
            Some(_) => Ok(()),
            None => Err(Error::spec(
                "an account of stock and flow needs periods: run with `every`, such as \"financial_year\"",
            )),
        }
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<StayedColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> StayedTally {
        StayedTally::new(groups)
    }

    fn notes(&self, states: &mut dyn Iterator<Item = &Stayed>) -> Vec<String> {
        first_known(states).filter(|_| self.began.is_some()).into_iter().collect()
    }

    fn finish(&self, tallied: &Tallied<'_, Stayed>, options: &Options) -> Result<Vec<Row>> {
        let dates = care::dates(tallied.groups.iter().map(|group| &group.state.care));
        let (Some(every), Some((first, latest))) = (options.every, dates) else {
            return Ok(Vec::new());
        };
        let as_of = self.as_of.map_or(latest, to_day);
        let most = 7 + BEGAN.len() + ENDED.len();
        let mend = Every::mend(first, as_of);
        check_size(most * every.count(first, as_of), tallied.groups.len(), &mend)?;
        let periods = Periods::whole(every, first, as_of);
        let counted: Vec<Counted> =
            tallied.groups.iter().map(|group| Counted::of(group.state, &periods)).collect();
        // What rows do not say is shown where there is any: alike in every group and period.
        let any = |last: fn(&Kinds) -> Option<&Series>| {
            usize::from(
                counted.iter().any(|of| last(&of.kinds).is_some_and(|kind| !kind.is_empty())),
            )
        };
        let starts_by = self.began.as_ref().map(|_| BEGAN.len() + any(|kinds| kinds.starts.last()));
        let ends_by = self.ended.as_ref().map(|_| ENDED.len() + any(|kinds| kinds.ends.last()));
        let mut rows = Vec::new();
        for ((place, group), counted) in tallied.groups.iter().enumerate().zip(&counted) {
            let Stayed { care, .. } = group.state;
            for (at, period) in periods.firsts.iter().enumerate() {
                let flows = flows(counted, at, starts_by, ends_by);
                let numbers = flows.iter().map(|(_, number)| number.unsigned_abs());
                let reveals: Vec<u64> = numbers.chain([care.dropped]).collect();
                rows.extend(flows.into_iter().map(|(name, number)| Row {
                    group: place,
                    period: Some(Value::Day(*period)),
                    own: vec![name.into()],
                    interval: Interval::without_limits(number as f64, Reason::CompleteCount),
                    unit: "children".to_owned(),
                    numerator: Some(number),
                    denominator: None,
                    method: "count".to_owned(),
                    used: care.used,
                    dropped: care.dropped,
                    reveals: reveals.clone(),
                }));
            }
        }
        Ok(rows)
    }
}
