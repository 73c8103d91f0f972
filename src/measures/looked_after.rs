//! How many children are looked after on a date?

use std::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Place, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::people::{Counts, Series};
use crate::engine::period::to_day;
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::rate::{RateMethod, rate};
use crate::stats::reason::Reason;

use super::care::{self, Care, CareColumns, CareNames};

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
/// before its start, is set aside, counted and listed. A date after `as_of` has no value.
///
/// # Merging
/// For each child the days in care, as a union of episodes: a row may be met twice. Exact.
///
/// # Reveals
/// The count on each date.
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
    #[serde(default)]
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
    #[serde(default = "thousand")]
    pub per: f64,
}

/// How many people a group had on a date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// The values of the columns that the run groups by, in their order.
    #[serde(default)]
    pub by: Vec<Value>,
    /// The date.
    pub date: NaiveDate,
    /// How many people; above 0.
    pub population: f64,
}

pub(crate) fn child() -> String {
    "child_id".to_owned()
}

pub(crate) fn start() -> String {
    "start".to_owned()
}

pub(crate) fn end() -> String {
    "end".to_owned()
}

fn thousand() -> f64 {
    1000.0
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
            per: thousand(),
        }
    }
}

impl LookedAfter {
    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    /// The dates to count on, each with the first day of its period where periods were asked for.
    fn dates(
        &self,
        care: &Tallied<'_, Care>,
        options: &Options,
    ) -> Result<Vec<(i32, Option<i32>)>> {
        if let Some(at) = &self.at {
            let mut days: Vec<i32> = at.iter().copied().map(to_day).collect();
            days.sort_unstable();
            days.dedup();
            return Ok(days.into_iter().map(|day| (day, None)).collect());
        }
        let Some(every) = options.every else { return Ok(Vec::new()) };
        let Some((first, last)) = care::dates(care.groups.iter().map(|group| group.state)) else {
            return Ok(Vec::new());
        };
        let last = self.as_of.map_or(last, to_day);
        let starts = every.starts(first, last);
        super::flows::check_size(starts.len(), care.groups.len(), first, last)?;
        Ok(starts
            .into_iter()
            .map(|start| (every.last_day(start), Some(start)))
            .filter(|(day, _)| *day <= last)
            .collect())
    }

    fn estimate(
        &self,
        count: u64,
        date: i32,
        group: &Group<'_, Care>,
        level: crate::stats::level::Level,
    ) -> (Interval, Option<f64>, String) {
        let Some(populations) = &self.population else {
            let interval = Interval::without_limits(count as f64, Reason::CompleteCount);
            return (interval, None, "count".to_owned());
        };
        let found = populations.iter().find(|row| {
            to_day(row.date) == date
                && row.by.len() == group.by.len()
                && row.by.iter().zip(group.by).all(|(left, right)| same(left, right))
        });
        match found {
            None => {
                (Interval::undefined(Reason::NoPopulation), None, RateMethod::Phe.word().to_owned())
            }
            Some(row) => {
                let interval = rate(count, row.population, self.per, RateMethod::Phe, level);
                let method = RateMethod::Phe.settled(count).word().to_owned();
                (interval, Some(row.population), method)
            }
        }
    }
}

/// Whether a value from JSON, where a date is text, is this key.
fn same(written: &Value, key: &Value) -> bool {
    written == key
        || matches!((written, key), (Value::Text(text), Value::Day(_)) if **text == *key.to_string())
}

impl Measure for LookedAfter {
    type State = Care;
    type Tally = StockTally;
    type Columns = CareColumns;
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
        match (&self.at, options.every) {
            (Some(_), Some(_)) => {
                return Err(Error::spec(
                    "give the dates either by `at` or by `every`, not by both: `every` counts on the last day of each period",
                ));
            }
            (None, None) => {
                return Err(Error::spec(
                    "no dates to count on: give `at` a list of dates, or run with `every`",
                ));
            }
            (Some(at), None) if at.is_empty() => {
                return Err(Error::spec("`at` is an empty list; give the dates to count on"));
            }
            _ => {}
        }
        if !(self.per.is_finite() && self.per > 0.0) {
            return Err(Error::spec(format!(
                "per is {}; it must be above 0, such as 1000",
                self.per
            )));
        }
        for row in self.population.iter().flatten() {
            if row.by.len() != options.by.len() {
                return Err(Error::spec(format!(
                    "the population of {} has {} key values; the run is by {:?}",
                    row.date,
                    row.by.len(),
                    options.by
                )));
            }
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<CareColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> StockTally {
        StockTally {
            states: vec![Care::default(); groups],
            dates: self.at.as_ref().map(|at| {
                let days: Vec<i32> = at.iter().copied().map(to_day).collect();
                DateIndex::new(&days)
            }),
        }
    }

    fn push<G: Place>(
        &self,
        groups: &[G],
        tally: &mut StockTally,
        columns: &CareColumns,
        rows: Range<usize>,
    ) {
        let StockTally { states, dates } = tally;
        match dates {
            None => care::push(groups, states, columns, rows, |_, _| true),
            Some(dates) => {
                care::push(groups, states, columns, rows, |start, end| dates.any(start, end));
            }
        }
    }

    fn settle(&self, tally: StockTally) -> Vec<Care> {
        care::settle(tally.states)
    }

    fn finish(&self, tallied: &Tallied<'_, Care>, options: &Options) -> Result<Vec<Row>> {
        let dates = self.dates(tallied, options)?;
        let days: Vec<i32> = dates.iter().map(|(day, _)| *day).collect();
        let as_of = self.as_of.map(to_day);
        let unit = match self.population {
            None => "children".to_owned(),
            Some(_) => format!("per {}", thousands(self.per)),
        };
        let mut rows = Vec::with_capacity(dates.len() * tallied.groups.len());
        for (place, group) in tallied.groups.iter().enumerate() {
            let counts = stock(group.state, &days);
            for ((day, period), count) in dates.iter().zip(counts) {
                let late = as_of.is_some_and(|as_of| *day > as_of);
                let (interval, denominator, method) = if late {
                    (Interval::undefined(Reason::AfterExtract), None, "count".to_owned())
                } else {
                    self.estimate(count, *day, group, tallied.level)
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
                });
            }
        }
        Ok(rows)
    }

    fn reveals(&self, state: &Care) -> Vec<u64> {
        match &self.at {
            Some(at) => {
                let mut days: Vec<i32> = at.iter().copied().map(to_day).collect();
                days.sort_unstable();
                stock(state, &days)
            }
            None => {
                let Counts([children]) = state.children.sum(|children: &mut Counts<1>, _| {
                    children.0 = children.0.map(|count| count + 1);
                });
                vec![children as u64]
            }
        }
    }
}

/// The states of a chunk, and the dates that are asked about, where they are known.
pub struct StockTally {
    states: Vec<Care>,
    dates: Option<DateIndex>,
}

/// Finds the first of some dates that is not before a day, with one look where they lie near enough
/// together.
struct DateIndex {
    first: i32,
    dates: Vec<i32>,
    /// For each day from the first date to the last, the place of the date that comes on or after it.
    places: Vec<u32>,
}

/// Over how many days a place is kept for each: about 180 years.
const INDEXED_DAYS: u32 = 1 << 16;

impl DateIndex {
    fn new(days: &[i32]) -> Self {
        let mut dates = days.to_vec();
        dates.sort_unstable();
        let (first, last) =
            (dates.first().copied().unwrap_or(0), dates.last().copied().unwrap_or(0));
        let mut places = Vec::new();
        if last.abs_diff(first) < INDEXED_DAYS {
            for (place, date) in dates.iter().enumerate() {
                places.resize(date.abs_diff(first) as usize + 1, place as u32);
            }
        }
        Self { first, dates, places }
    }

    fn place(&self, day: i32) -> u32 {
        if day <= self.first {
            0
        } else if self.places.is_empty() {
            self.dates.partition_point(|date| *date < day) as u32
        } else {
            let after = self.dates.len() as u32;
            self.places.get(day.abs_diff(self.first) as usize).copied().unwrap_or(after)
        }
    }

    /// Whether a date lies in \[start, end).
    fn any(&self, start: i32, end: i32) -> bool {
        self.place(start) < self.place(end)
    }
}

/// How many children are in care on each of these days, which are in order.
fn stock(care: &Care, days: &[i32]) -> Vec<u64> {
    let changes = if days.len() <= u128::BITS as usize {
        stock_by_bits(care, &DateIndex::new(days))
    } else {
        stock_by_spans(care, days)
    };
    (0..days.len())
        .scan(0_i64, |stock, place| {
            *stock += changes.at(place);
            Some(*stock as u64)
        })
        .collect()
}

/// The change in stock from each date to the next, from a bit for each date in care.
fn stock_by_bits(care: &Care, dates: &DateIndex) -> Series {
    let below = |place: u32| 1_u128.checked_shl(place).map_or(u128::MAX, |bit| bit - 1);
    care.children.sum_as(
        |held: &mut u128, (start, end)| {
            *held |= below(dates.place(end)) & !below(dates.place(start));
        },
        |changes: &mut Series, held| {
            let mut left = *held;
            while left != 0 {
                let from = left.trailing_zeros();
                let to = from + (left >> from).trailing_ones();
                changes.add(from as usize, 1);
                changes.add(to as usize, -1);
                left &= !below(to);
            }
        },
    )
}

/// The same for any number of dates.
fn stock_by_spans(care: &Care, days: &[i32]) -> Series {
    care.children.sum(|changes: &mut Series, spans| {
        let mut counted = 0;
        for (start, end) in spans.iter() {
            let from = days.partition_point(|day| *day < start).max(counted);
            let to = days.partition_point(|day| *day < end);
            if from < to {
                changes.add(from, 1);
                changes.add(to, -1);
                counted = to;
            }
        }
    })
}

/// A whole number with a comma between thousands: the unit of a rate is read, not computed with.
fn thousands(number: f64) -> String {
    let plain = number.to_string();
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), ""), |parts| parts);
    let digits = whole.len();
    let mut shown = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (digits - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if fraction.is_empty() { shown } else { format!("{shown}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_count_stock_agree() {
        let mut care = Care::default();
        let mut number = 7_u32;
        for row in 0..4_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let start = (number >> 8) as i32 % 900;
            let end = if row % 11 == 0 { care::OPEN } else { start + (number >> 20) as i32 % 90 };
            let child = crate::engine::person::PersonId::of_text(&(row % 700).to_string());
            care.children.record(child, (start, end));
        }
        for dates in [1, 2, 64, 127, 128] {
            let days: Vec<i32> = (0..dates).map(|date| date * 7).collect();
            let bits = stock_by_bits(&care, &DateIndex::new(&days));
            let spans = stock_by_spans(&care, &days);
            assert!((0..days.len()).all(|place| bits.at(place) == spans.at(place)), "{dates}");
        }
    }

    #[test]
    fn the_unit_of_a_rate_is_written_as_people_read_it() {
        assert_eq!(thousands(1000.0), "1,000");
        assert_eq!(thousands(100.0), "100");
        assert_eq!(thousands(1_234_567.0), "1,234,567");
        assert_eq!(thousands(0.5), "0.5");
    }
}
