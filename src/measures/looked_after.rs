//! How many children are looked after on a date?

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::error::Result;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::rate::{RateMethod, rate};
use crate::stats::reason::Reason;

use super::care::{self, Care, CareColumns, CareNames, CareTally, child, end, start};
use super::census::Census;
use super::date_index::DateIndex;
use super::per;
use super::population::{Population, Populations};
use super::stock::stock;

/// How many children are looked after on a date?
///
/// # Population and unit
/// Children, counted once each on a date however many episodes they have: start ≤ date and (end null
/// or end > date). With `population`, children per `per` of the population on that date.
///
/// # Interval
/// A count of everyone has no sampling interval. A rate has the interval of a Poisson count: exact
/// below 10 children, Byar's from 10 (`phe`).
///
/// # Nulls and edges
/// A null end is an episode that is still open. A row without a child or a start, or with an end
/// before its start, is set aside, counted and listed. A date after a given `as_of` has no value; a
/// date after the latest in the extract is counted with what is open, and a note says so.
///
/// # Merging
/// For each child the days in care, as a union of episodes: a row may be met twice. Exact.
///
/// # Reveals
/// The count on each date, and the rows dropped.
///
/// # Errors
/// `Spec` unless dates are given by `at` or by `every`, one of both; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use chrono::NaiveDate;
/// use wholefamily::{Measure, Options, measures::LookedAfter};
///
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 1, 2])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 10, 5]))),
///     ("end", Arc::new(Date32Array::from(vec![Some(10), None, Some(8)]))),
/// ])?;
/// let at = [5, 10].map(|day| NaiveDate::from_ymd_opt(1970, 1, 1 + day).unwrap());
/// let stock = LookedAfter { at: Some(at.to_vec()), ..Default::default() };
/// assert_eq!(stock.run(&[episodes], &Options::default())?.values(), [Some(2.0), Some(1.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Scottish Government, Children's Social Work Statistics: children looked after on 31 July.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LookedAfter {
    /// The dates to count on; without them, the last day of each period that `every` names.
    #[serde(default, deserialize_with = "each_once")]
    pub at: Option<Vec<NaiveDate>>,
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
    /// The population of each group on each date.
    #[serde(default)]
    pub population: Option<Vec<Population>>,
    /// How many of the population a rate is for.
    #[serde(default = "per::thousand")]
    pub per: f64,
}

impl Default for LookedAfter {
    fn default() -> Self {
        Self {
            at: None,
            child: child(),
            start: start(),
            end: end(),
            as_of: None,
            population: None,
            per: per::thousand(),
        }
    }
}

impl LookedAfter {
    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    fn census(&self) -> Census<'_> {
        Census { at: self.at.as_deref(), as_of: self.as_of }
    }

    /// The count, or the rate where there are populations, with its denominator and its method.
    fn estimate(
        &self,
        count: u64,
        population: Option<Option<f64>>,
        level: Level,
    ) -> (Interval, Option<f64>, String) {
        match population {
            None => {
                let interval = Interval::without_limits(count as f64, Reason::CompleteCount);
                (interval, None, "count".to_owned())
            }
            Some(None) => {
                let method = RateMethod::Phe.settled(count).word().to_owned();
                (Interval::undefined(Reason::NoPopulation), None, method)
            }
            Some(Some(population)) => {
                let interval = rate(count, population, self.per, RateMethod::Phe, level);
                let method = RateMethod::Phe.settled(count).word().to_owned();
                (interval, Some(population), method)
            }
        }
    }
}

impl Measure for LookedAfter {
    type State = Care;
    type Columns = CareColumns;
    type Tally = CareTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "looked_after",
        class: "LookedAfter",
        question: "How many children are looked after on a date?",
        unit: "children",
        own_keys: &["date"],
        required: &[],
        words: &[],
        references: &[
            "Scottish Government, Children's Social Work Statistics: children looked after on a census date",
            "Breslow and Day (1987), Statistical Methods in Cancer Research II, p. 69 (Byar's interval)",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        self.census().check(options)?;
        per::check(self.per)?;
        Populations::new(self.population.as_deref().unwrap_or(&[]), &options.by)?;
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<CareColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> CareTally {
        CareTally::new(groups, self.census().days().as_deref())
    }

    /// Says so where a date lies after all that the extract holds: what is open is counted as open.
    fn notes(&self, states: &mut dyn Iterator<Item = &Care>) -> Vec<String> {
        let latest = care::dates(states).map(|(_, latest)| latest);
        self.census().late_note(latest).into_iter().collect()
    }

    fn finish(&self, tallied: &Tallied<'_, Care>, options: &Options) -> Result<Vec<Row>> {
        let census = self.census();
        let seen = care::dates(tallied.groups.iter().map(|group| group.state));
        let dates = census.dates(seen, tallied.groups.len(), options)?;
        let days: Vec<i32> = dates.iter().map(|(day, _)| *day).collect();
        let index = DateIndex::new(&days);
        let populations = self
            .population
            .as_deref()
            .map(|rows| Populations::new(rows, &options.by))
            .transpose()?;
        let unit = match self.population {
            None => "children".to_owned(),
            Some(_) => per::unit(self.per),
        };
        let mut rows = Vec::with_capacity(dates.len() * tallied.groups.len());
        for (place, group) in tallied.groups.iter().enumerate() {
            let counts = stock(group.state, &index);
            for ((day, period), count) in dates.iter().zip(counts) {
                let late = census.late(*day);
                let (interval, denominator, method) = if late {
                    (Interval::undefined(Reason::AfterExtract), None, "count".to_owned())
                } else {
                    let population = populations.as_ref().map(|known| known.of(group.by, *day));
                    self.estimate(count, population, tallied.level)
                };
                rows.push(Row {
                    group: place,
                    period: period.map(Value::Day),
                    own: vec![Value::Day(*day)],
                    interval,
                    unit: unit.clone(),
                    numerator: (!late).then_some(count as i64),
                    denominator,
                    method,
                    used: group.state.used,
                    dropped: group.state.dropped,
                    reveals: vec![count, group.state.dropped],
                });
            }
        }
        Ok(rows)
    }
}
