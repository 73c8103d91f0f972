//! How often do children enter care, for the population, and leave it, for the time in care?

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::people::Series;
use crate::engine::period::{Every, to_day};
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::rate::{RateMethod, rate};
use crate::stats::reason::Reason;

use super::care::{self, CareNames, child, end, start};
use super::moves::{Moves, Periods, days_in_care, moves};
use super::per::{self, DAYS_OF_A_YEAR};
use super::population::{Population, Populations};
use super::rate::{method, phe};
use super::stayed::{
    BEGAN, ENDED, Kinds, Stayed, StayedColumns, StayedNames, StayedTally, first_known, kinds,
};

/// How often do children enter care for each year of the population, and leave it for each year in care?
///
/// # Population and unit
/// Entries, first entries and re-entries per `per` child-years of the population: its size × the
/// years of the period. The population of a group is that of the date in the period, such as a
/// mid-year estimate; of several, their mean. Exits per `per` child-years in care: the days in care
/// in the period, all children together, / 365.25. A quarter is 1/4 year, a month 1/12, a week
/// 7/365.25.
///
/// Starts and ends are those of [`Flows`](super::Flows). With the columns `began` and `ended` that
/// [`Stays`](crate::histories::Stays) gives, a move between groups is neither an entry nor an exit,
/// and moves out are a row of their own, per child-years in care. Without `began` the first start of
/// a child in a group is its first entry; by a column that is the first in *that group*.
///
/// # Interval
/// That of a Poisson count: exact below 10, Byar's from 10 (`phe`); or `exact`, `byar`, `mid-p`. It
/// takes entries as independent, so it is too narrow where brothers and sisters enter together.
///
/// # Nulls and edges
/// As for [`StockFlow`](super::StockFlow): whole periods only, up to `as_of`. Without a population
/// entries have no rate, and the reason says so; exits have one. A start of which `began` does not
/// say how it came about is an entry, neither first nor again; an end of the kind is an exit.
///
/// # Merging
/// As for [`StockFlow`](super::StockFlow). Exact.
///
/// # Reveals
/// All counts of the period, and the rows dropped.
///
/// # Errors
/// `Spec` without `every`, for an unknown method, or for populations given twice; `Column` and `Type`
/// for the columns; `Data` where there are too many periods.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use chrono::NaiveDate;
/// use wholefamily::{Every, Measure, Options, measures::{FlowRates, Population}};
///
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 1, 2])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 100, 5]))),
///     ("end", Arc::new(Date32Array::from(vec![Some(10), Some(120), None]))),
/// ])?;
/// let date = NaiveDate::from_ymd_opt(1970, 6, 30).unwrap();
/// let rates = FlowRates {
///     as_of: NaiveDate::from_ymd_opt(1970, 12, 31),
///     population: Some(vec![Population { by: vec![], date, population: 500.0 }]),
///     ..Default::default()
/// };
/// let found = rates.run(&[episodes], &Options::default().every(Every::Year))?;
/// // Entries, first entries, re-entries per 1,000; exits per 1,000 years in care.
/// assert_eq!(found.values()[..3], [6.0, 4.0, 2.0].map(Some));
/// assert_eq!(found.denominators()[3], Some(390.0 / 365.25)); // 10 + 20 + 360 days
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowRates {
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
    /// The population of each group on a date in each period.
    #[serde(default)]
    pub population: Option<Vec<Population>>,
    /// How many child-years a rate is for.
    #[serde(default = "per::thousand")]
    pub per: f64,
    /// The column that says how a stay began: "first entry", "re-entry" or "move".
    #[serde(default)]
    pub began: Option<String>,
    /// The column that says how a stay ended: "exit" or "move".
    #[serde(default)]
    pub ended: Option<String>,
    /// The method of the interval.
    #[serde(default = "phe")]
    pub method: String,
}

impl Default for FlowRates {
    fn default() -> Self {
        Self {
            child: child(),
            start: start(),
            end: end(),
            as_of: None,
            population: None,
            per: per::thousand(),
            began: None,
            ended: None,
            method: phe(),
        }
    }
}

/// How many years a period is long.
fn years(every: Every, days: i32) -> f64 {
    match every {
        Every::Day | Every::Week => f64::from(days) / DAYS_OF_A_YEAR,
        Every::Month => 1.0 / 12.0,
        Every::Quarter => 0.25,
        Every::Year | Every::FinancialYear | Every::SchoolYear => 1.0,
    }
}

/// What a rate is set against.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Against {
    Population,
    Care,
}

/// What was counted of one group.
struct Counted {
    moves: Moves,
    kinds: Kinds,
    days: Vec<i64>,
}

impl FlowRates {
    fn names(&self) -> StayedNames<'_> {
        StayedNames {
            care: CareNames { child: &self.child, start: &self.start, end: &self.end },
            began: self.began.as_deref(),
            ended: self.ended.as_deref(),
        }
    }

    /// The flows of a period: what each is called, how many there were, and what against.
    fn flows(&self, counted: &Counted, place: usize) -> Vec<(&'static str, i64, Against)> {
        use Against::{Care, Population};
        let Counted { moves, kinds, .. } = counted;
        let (starts, ends) = (moves.starts.at(place), moves.ends.at(place));
        let at =
            |kinds: &[Series], kind: usize| kinds.get(kind).map_or(0, |series| series.at(place));
        let [entries, firsts, again] = match self.began {
            Some(_) => {
                let began = |kind| at(&kinds.starts, kind);
                [starts - began(BEGAN.len() - 1), began(0), began(1)]
            }
            None => {
                let firsts = moves.firsts.at(place);
                [starts, firsts, starts - firsts]
            }
        };
        let mut flows = vec![
            ("entries", entries, Population),
            ("first entries", firsts, Population),
            ("re-entries", again, Population),
        ];
        match self.ended {
            Some(_) => {
                let out = at(&kinds.ends, ENDED.len() - 1);
                flows.extend([("exits", ends - out, Care), ("moves out", out, Care)]);
            }
            None => flows.push(("exits", ends, Care)),
        }
        flows
    }
}

impl Measure for FlowRates {
    type State = Stayed;
    type Columns = StayedColumns;
    type Tally = StayedTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "flow_rates",
        class: "FlowRates",
        question: "How often do children enter care for each year of the population, and leave it for each year in care?",
        unit: "per 1,000 child-years",
        own_keys: &["flow"],
        required: &[],
        words: &[("method", &RateMethod::WORDS)],
        references: &[
            "Department for Education, Children looked after in England: rates of children starting to be looked after",
            "Preston, Heuveline and Guillot (2001), Demography: measuring and modeling population processes, pp. 5–7 (occurrence/exposure rates)",
            "Breslow and Day (1987), Statistical Methods in Cancer Research II, p. 69 (Byar's interval)",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        method(&self.method)?;
        per::check(self.per)?;
        if options.every.is_none() {
            return Err(Error::spec(
                "rates of entry and exit need periods: run with `every`, such as \"financial_year\"",
            ));
        }
        Populations::new(self.population.as_deref().unwrap_or(&[]), &options.by).map(|_| ())
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
        first_known(states).into_iter().collect()
    }

    fn finish(&self, tallied: &Tallied<'_, Stayed>, options: &Options) -> Result<Vec<Row>> {
        let dates = care::dates(tallied.groups.iter().map(|group| &group.state.care));
        let (Some(every), Some((first, latest))) = (options.every, dates) else {
            return Ok(Vec::new());
        };
        let as_of = self.as_of.map_or(latest, to_day);
        let mend = Every::mend(first, as_of);
        check_size(5 * every.count(first, as_of), tallied.groups.len(), &mend)?;
        let periods = Periods::whole(every, first, as_of);
        let method = method(&self.method)?;
        let populations = Populations::new(self.population.as_deref().unwrap_or(&[]), &options.by)?;
        let unit = format!("{} child-years", per::unit(self.per));
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let Stayed { care, stays, .. } = group.state;
            let counted = Counted {
                moves: moves(&care.children, &periods),
                kinds: kinds(stays, &periods),
                days: days_in_care(&care.children, &periods),
            };
            for (at, period) in periods.firsts.iter().enumerate() {
                let population = populations.within(group.by, *period, periods.last_day(at));
                let population = population.map(|size| size * years(every, periods.days(at)));
                let days = counted.days.get(at).copied().unwrap_or(0);
                let in_care = days as f64 / DAYS_OF_A_YEAR;
                let flows = self.flows(&counted, at);
                let counts = flows.iter().map(|(_, count, _)| count.unsigned_abs());
                let reveals: Vec<u64> = counts.chain([care.dropped]).collect();
                rows.extend(flows.into_iter().map(|(name, count, against)| {
                    let events = count.unsigned_abs();
                    let exposure = match against {
                        Against::Population => population,
                        Against::Care => Some(in_care),
                    };
                    let interval = match exposure {
                        None => Interval::undefined(Reason::NoPopulation),
                        Some(years) => rate(events, years, self.per, method, tallied.level),
                    };
                    Row {
                        group: place,
                        period: Some(Value::Day(*period)),
                        own: vec![name.into()],
                        interval,
                        unit: unit.clone(),
                        numerator: Some(count),
                        denominator: exposure,
                        method: method.settled(events).word().to_owned(),
                        used: care.used,
                        dropped: care.dropped,
                        reveals: reveals.clone(),
                    }
                }));
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_of_months_is_a_part_of_a_year_whatever_its_days() {
        assert_eq!((years(Every::Month, 28), years(Every::Quarter, 92)), (1.0 / 12.0, 0.25));
        assert_eq!((years(Every::FinancialYear, 366), years(Every::Week, 7)), (1.0, 7.0 / 365.25));
    }
}
