//! Of a change in how many children are in care, what is due to the population, to entries, and to how
//! long stays last?

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::people::Series;
use crate::engine::period::{day_to_text, first_of_months, to_day};
use crate::engine::table::Row;
use crate::error::{Error, Result};
use crate::stats::decomposition::{EntryYear, Stock, StockParts, stock_parts};
use crate::stats::interval::Interval;
use crate::stats::reason::Reason;

use super::care::{self, Care, CareColumns, CareNames, CareTally, child, end, start};
use super::population::{Population, Populations};

/// Of a change in the number looked after, how much is due to population, entries, and length of stay?
///
/// # Population and unit
/// Children looked after on two dates, counted as by [`LookedAfter`](super::LookedAfter), and starts
/// of care in each 12 months back from each date, counted as by [`Flows`](super::Flows). A child in
/// care counts to the year of its own start: the first day of the stay it is in.
///
/// # Formula
/// ```text
/// N = Σ P × Eₖ/P × Rₖ      P population, Eₖ entries of the 12 months that lie k years before the
///                          date (k = 0: up to and including it), Rₖ the share of them in care on it
/// N₁ − N₀ = "population" + "entries" + "stays"
/// each part = Σ Lₖ × ln(factor after / factor before),   Lₖ = (Nₖ₁ − Nₖ₀) / ln(Nₖ₁/Nₖ₀)
/// ```
/// The additive logarithmic mean Divisia method (LMDI-I), year by year and added up: nothing is left
/// over. "entries" is the part of Eₖ/P, entries for each child of the population; "stays" that of Rₖ:
/// how many of those who entered are still there. Without a population N = Σ Eₖ × Rₖ, and there are
/// "entries" and "stays" only. There are as many years as the longest stay on either date needs. The
/// counts beside "entries" are all entries of these years.
///
/// It is arithmetic, not cause: a part says which factor moved, not why. Within a year of entries it
/// does not look: who entered late in it is more likely to be in care than who entered early, so that
/// entries that come later or earlier in the year move "stays".
///
/// # Interval
/// Counts of everyone have no sampling interval.
///
/// # Nulls and edges
/// As for [`LookedAfterChange`](super::LookedAfterChange). Where one date has no entries of a year, the
/// change in that year's children is all "entries"; where both have, but one has nobody left in care,
/// it is all "stays": the limits of the formula (Ang and Liu 2007). Where a group has no population on
/// one of the dates "stays" and the total are still there. By a column, a move into a group is an
/// entry, and how long the child stays is told from it. An extract that does not reach back over all
/// the years compared lacks the entries of the earliest; a note says so.
///
/// # Merging
/// For each child the days in care. Exact.
///
/// # Reveals
/// The children and the entries of each year, their sums on both dates, and the rows dropped.
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
/// // From 2 children, of 2 entries, to 1 of 1: all who entered are still there, so it is entries.
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

/// The last day of each 12 months back from a date, up to those that hold `first`.
fn year_ends(date: NaiveDate, first: i32) -> Vec<i32> {
    let mut ends = vec![to_day(date)];
    ends.extend((1..).map(|years| first_day(date, years) - 1).take_while(|end| first <= *end));
    ends.retain(|end| first <= *end);
    ends
}

/// The first day of the 12 months that are the last of so many.
fn first_day(date: NaiveDate, years: usize) -> i32 {
    to_day(first_of_months(date, u32::try_from(12 * years).unwrap_or(u32::MAX)))
}

/// The entries of each year back from the earlier and from the later date.
struct Years([Vec<EntryYear>; 2]);

impl Years {
    /// Entries, and children of them, over all years: before and after.
    fn sums(&self) -> [(u64, u64); 2] {
        self.0.each_ref().map(|years| {
            years.iter().fold((0, 0), |(entries, children), year| {
                (entries + year.entries, children + year.children)
            })
        })
    }
}

impl StockChange {
    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    /// The entries of as many years as the longest stay on either date needs.
    fn years(&self, care: &Care) -> Years {
        let Some((first, _)) = care.dates else { return Years([Vec::new(), Vec::new()]) };
        let dates = [self.before, self.after];
        let ends = dates.map(|date| year_ends(date, first));
        let dates = dates.map(to_day);
        // Of each year four counts: entries and children, before and after.
        let counts: Series = care.children.sum(|counts: &mut Series, spans| {
            for (start, end) in spans.iter() {
                for (when, (date, ends)) in dates.iter().zip(&ends).enumerate() {
                    let from_start_on = ends.partition_point(|last| start <= *last);
                    if let Some(year) = from_start_on.checked_sub(1) {
                        counts.add(4 * year + 2 * when, 1);
                        counts.add(4 * year + 2 * when + 1, i64::from(*date < end));
                    }
                }
            }
        });
        let of = |when: usize, year: usize| EntryYear {
            entries: counts.at(4 * year + 2 * when).unsigned_abs(),
            children: counts.at(4 * year + 2 * when + 1).unsigned_abs(),
        };
        let inhabited = |year: &usize| of(0, *year).children + of(1, *year).children > 0;
        let years =
            (0..counts.0.len().div_ceil(4)).rev().find(inhabited).map_or(0, |year| year + 1);
        Years([0, 1].map(|when| (0..years).map(|year| of(when, year)).collect()))
    }

    /// The parts of one group, with the population or as if none were asked for.
    fn parts(
        &self,
        group: &Group<'_, Care>,
        populations: Option<&Populations>,
        Years([before, after]): &Years,
    ) -> std::result::Result<StockParts, Reason> {
        let stock = |date: NaiveDate, years| {
            let population = populations
                .map(|known| known.of(group.by, to_day(date)).ok_or(Reason::NoPopulation));
            Ok(Stock { population: population.transpose()?, years })
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
            "Ang and Liu (2007), Handling zero values in the logarithmic mean Divisia index decomposition approach, Energy Policy 35, 238–246",
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

    /// Says so where the extract does not reach over all the years of entries.
    fn notes(&self, states: &mut dyn Iterator<Item = &Care>) -> Vec<String> {
        let mut longest = 0;
        let mut seen = states.inspect(|care| {
            let Years([years, _]) = self.years(care);
            longest = longest.max(years.len());
        });
        let Some((first, last)) = care::dates(&mut seen) else { return Vec::new() };
        let mut notes = Vec::new();
        let from = first_day(self.before, longest);
        if longest > 0 && first > from {
            notes.push(format!(
                "the earliest start is {}, but entries are compared from {}: if the extract does not reach back so far, children who entered earlier are missing, and what they changed is counted as entries",
                day_to_text(first), day_to_text(from)
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
            let years = self.years(group.state);
            let [(entries_before, before), (entries_after, after)] = years.sums();
            let parts = self.parts(group, populations.as_ref(), &years);
            // Stays need no population.
            let stays = self.parts(group, None, &years).map(|parts| parts.stays);
            let part = |part: std::result::Result<f64, Reason>| match part {
                Err(reason) => Interval::undefined(reason),
                Ok(part) => Interval::without_limits(part, Reason::CompleteCount),
            };
            let of_population =
                parts.and_then(|parts| parts.population.ok_or(Reason::NoPopulation));
            let total = after as f64 - before as f64;
            let total = Interval::without_limits(total, Reason::CompleteCount);
            let entries = (Some(entries_after), Some(entries_before));
            let shown = [
                ("population", part(of_population), (None, None)),
                ("entries", part(parts.map(|parts| parts.entries)), entries),
                ("stays", part(stays), (None, None)),
                ("total", total, (Some(after), Some(before))),
            ];
            let without = usize::from(populations.is_none());
            let mut reveals = vec![before, after, entries_before, entries_after, dropped];
            let each_year = years.0.iter().flatten();
            reveals.extend(each_year.flat_map(|year| [year.entries, year.children]));
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
