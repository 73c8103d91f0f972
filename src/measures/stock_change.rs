//! Of a change in how many children are in care, what is due to the population, to entries, and to how
//! long stays last?

use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::people::Counts;
use crate::engine::period::{day_to_text, to_day};
use crate::engine::table::Row;
use crate::error::{Error, Result};
use crate::stats::decomposition::{Stock, StockParts, stock_parts};
use crate::stats::interval::Interval;
use crate::stats::reason::Reason;

use super::care::{self, Care, CareColumns, CareNames, CareTally, child, end, start};
use super::date_index::DateIndex;
use super::population::{Population, Populations};
use super::stock::stock;

/// Of a change in the number looked after, how much is due to population, entries, and length of stay?
///
/// # Population and unit
/// Children looked after on two dates, counted as by [`LookedAfter`](super::LookedAfter), and starts
/// of care in the 12 months up to and including each, counted as by [`Flows`](super::Flows).
///
/// # Formula
/// ```text
/// N = P × E/P × N/E        P population, E entries of 12 months, N children in care
/// N₁ − N₀ = "population" + "entries" + "stays"
/// each part = L × ln(factor after / factor before),   L = (N₁ − N₀) / ln(N₁/N₀)
/// ```
/// The additive logarithmic mean Divisia method (LMDI-I): nothing is left over. "entries" is the part
/// of E/P, entries for each child of the population; "stays" that of N/E, children in care for each
/// entry, which in a steady state is the mean length of stay in years. Without a population N = E ×
/// N/E, and there are "entries" and "stays" only.
///
/// It is arithmetic, not cause: a part says which factor moved, not why.
///
/// # Interval
/// Counts of everyone have no sampling interval.
///
/// # Nulls and edges
/// As for [`LookedAfterChange`](super::LookedAfterChange). Where nobody is in care or entered, or a
/// group has no population on one of the dates, there are no parts, and the reason says which; the
/// total is still there. By a column, a move into a group is an entry.
///
/// # Merging
/// For each child the days in care. Exact.
///
/// # Reveals
/// Both counts of children and both of entries, and the rows dropped.
///
/// # Errors
/// `Spec` unless `before` is earlier than `after`, where `every` is given, or for populations given
/// twice; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use chrono::NaiveDate;
/// use wholefamily::{Measure, Options, measures::StockChange};
///
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 2, 3])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 0, 400]))),
///     ("end", Arc::new(Date32Array::from(vec![Some(300), Some(300), None]))),
/// ])?;
/// let change = StockChange {
///     before: NaiveDate::from_ymd_opt(1970, 3, 31).unwrap(),
///     after: NaiveDate::from_ymd_opt(1971, 3, 31).unwrap(),
///     ..Default::default()
/// };
/// // From 2 children, of 2 entries, to 1 of 1: all of it is entries.
/// assert_eq!(change.run(&[episodes], &Options::default())?.values(), [-1.0, 0.0, -1.0].map(Some));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StockChange {
    /// The earlier date.
    pub before: NaiveDate,
    /// The later date.
    pub after: NaiveDate,
    /// The column that says which child an episode is of.
    #[serde(default = "child")]
    pub child: String,
    /// The column that holds the first day of the episode.
    #[serde(default = "start")]
    pub start: String,
    /// The column that holds the day the episode ended; null where it is open.
    #[serde(default = "end")]
    pub end: String,
    /// The population of each group on both dates.
    #[serde(default)]
    pub population: Option<Vec<Population>>,
}

impl Default for StockChange {
    fn default() -> Self {
        Self {
            before: NaiveDate::default(),
            after: NaiveDate::default(),
            child: child(),
            start: start(),
            end: end(),
            population: None,
        }
    }
}

/// The day from which entries count to the stock of a date: 12 months back, the day after.
fn year_to(date: NaiveDate) -> i32 {
    to_day(date.checked_sub_months(Months::new(12)).unwrap_or(date)) + 1
}

impl StockChange {
    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    /// Children in care on both dates, and entries in the year up to each.
    fn counts(&self, care: &Care) -> [(u64, u64); 2] {
        let dates = [to_day(self.before), to_day(self.after)];
        let years =
            [year_to(self.before)..=to_day(self.before), year_to(self.after)..=to_day(self.after)];
        let Counts(entries) = care.children.sum(|Counts(counts): &mut Counts<2>, spans| {
            for (start, _) in spans.iter() {
                for (count, year) in counts.iter_mut().zip(&years) {
                    *count += i64::from(year.contains(&start));
                }
            }
        });
        let stock = stock(care, &DateIndex::new(&dates));
        let children = |place: usize| stock.get(place).copied().unwrap_or(0);
        let [before, after] = entries.map(i64::unsigned_abs);
        [(children(0), before), (children(1), after)]
    }

    /// The parts of one group.
    fn parts(
        &self,
        group: &Group<'_, Care>,
        populations: Option<&Populations>,
        [before, after]: [(u64, u64); 2],
    ) -> std::result::Result<StockParts, Reason> {
        let stock = |date: NaiveDate, (children, entries): (u64, u64)| {
            let population = populations
                .map(|known| known.of(group.by, to_day(date)).ok_or(Reason::NoPopulation));
            Ok(Stock { population: population.transpose()?, entries, children })
        };
        stock_parts(&stock(self.before, before)?, &stock(self.after, after)?)
    }
}

impl Measure for StockChange {
    type State = Care;
    type Columns = CareColumns;
    type Tally = CareTally;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "stock_change",
        class: "StockChange",
        question: "Of a change in the number looked after, how much is due to population, entries, and length of stay?",
        unit: "children",
        own_keys: &["part"],
        required: &["before", "after"],
        words: &[],
        references: &[
            "Ang and Liu (2001), A new energy decomposition method: perfect in decomposition and consistent in aggregation, Energy 26, 537–548",
            "Ang (2004), Decomposition analysis for policymaking in energy: which is the preferred method?, Energy Policy 32, 1131–1139 (LMDI-I)",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        if options.every.is_some() {
            return Err(Error::spec(
                "every does not go with a change between two dates; run it once for each pair of dates",
            ));
        }
        if self.before >= self.after {
            return Err(Error::spec(format!(
                "before is {} and after is {}; before must be the earlier date",
                self.before, self.after
            )));
        }
        Populations::new(self.population.as_deref().unwrap_or(&[]), &options.by).map(|_| ())
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<CareColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> CareTally {
        CareTally::new(groups, None)
    }

    /// Says so where the extract does not reach over both years of entries.
    fn notes(&self, states: &mut dyn Iterator<Item = &Care>) -> Vec<String> {
        let Some((first, last)) = care::dates(states) else { return Vec::new() };
        let mut notes = Vec::new();
        let from = year_to(self.before);
        if first > from {
            notes.push(format!(
                "the earliest start is {}, but entries are counted from {}: if the extract begins later than that, entries before {} are too few, and stays seem longer",
                day_to_text(first), day_to_text(from), self.before
            ));
        }
        if last < to_day(self.after) {
            notes.push(format!(
                "{} is after the latest date in the extract: children whose episodes are open are counted as still looked after",
                self.after
            ));
        }
        notes
    }

    fn finish(&self, tallied: &Tallied<'_, Care>, options: &Options) -> Result<Vec<Row>> {
        let populations = self
            .population
            .as_deref()
            .map(|rows| Populations::new(rows, &options.by))
            .transpose()?;
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let Care { used, dropped, .. } = *group.state;
            let counts = self.counts(group.state);
            let [(before, entries_before), (after, entries_after)] = counts;
            let parts = self.parts(group, populations.as_ref(), counts);
            let part = |of: fn(&StockParts) -> Option<f64>| match parts {
                Err(reason) => Interval::undefined(reason),
                Ok(parts) => of(&parts).map_or(Interval::undefined(Reason::NoPopulation), |part| {
                    Interval::without_limits(part, Reason::CompleteCount)
                }),
            };
            let total = after as f64 - before as f64;
            let total = Interval::without_limits(total, Reason::CompleteCount);
            let entries = (Some(entries_after), Some(entries_before));
            let shown = [
                ("population", part(|parts| parts.population), (None, None)),
                ("entries", part(|parts| Some(parts.entries)), entries),
                ("stays", part(|parts| Some(parts.stays)), (None, None)),
                ("total", total, (Some(after), Some(before))),
            ];
            let without = usize::from(populations.is_none());
            let reveals = vec![before, after, entries_before, entries_after, dropped];
            rows.extend(shown.into_iter().skip(without).map(|(name, interval, counts)| Row {
                group: place,
                period: None,
                own: vec![name.into()],
                interval,
                unit: "children".to_owned(),
                numerator: counts.0.map(|count| count as i64),
                denominator: counts.1.map(|count| count as f64),
                method: if name == "total" { "count" } else { "lmdi" }.to_owned(),
                used,
                dropped,
                reveals: reveals.clone(),
            }));
        }
        Ok(rows)
    }
}
