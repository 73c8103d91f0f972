//! Of the children looked after on a date, what share had three or more placements in the year?

use arrow_array::Array;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::people::Series;
use crate::engine::period::{first_of_months, from_day, to_day};
use crate::engine::table::Row;
use crate::error::{Error, Result};

use super::care::{CareNames, child, end, start};
use super::census::Census;
use super::outcome::{self, wilson};
use super::shares_on_dates::OnDate;
use super::stays::{Fate, Held, StayColumns, StayTally, Stays, dates, identities};

/// Of the children looked after on a date, what share had three or more placements in the year?
///
/// It reads placements, as [`Placements`](crate::histories::Placements) gives them, not episodes: a
/// change of legal status is no move.
///
/// # Population and unit
/// Children looked after on the date, counted once each: the denominator. Numerator: those with
/// `placements` or more placements in the twelve months up to and including the date. A placement
/// counts that held on any day of them: so the one that the child was in when they began counts, and
/// so do those of an earlier spell of care. The year begins on the day after the same date of the year
/// before (28 February for 29 February).
///
/// # Interval
/// Two-sided: Wilson's score interval, or another for a large population. All children were counted,
/// so it says how far such a share could move by chance, not how well the share is known.
///
/// # Nulls and edges
/// A row without a placement number, child or start, or with an end before its start, is set aside,
/// counted and listed. A date after a given `as_of` has no value. An extract that does not reach back a
/// year before a date has too few placements: a note says so.
///
/// By a column that changes from one placement of a child to the next, each group counts its own
/// placements only: group by what stays the same of a child.
///
/// # Merging
/// For each child its placements. Exact.
///
/// # Reveals
/// The numerator, the base and their difference, and the rows dropped.
///
/// # Errors
/// `Spec` unless dates are given by `at` or by `every`, one of both, and for fewer than one placement;
/// `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use chrono::NaiveDate;
/// use wholefamily::{Measure, Options, measures::PlacementStability};
///
/// let placements = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 1, 1, 2])) as ArrayRef),
///     ("placement_number", Arc::new(Int64Array::from(vec![1, 2, 3, 1]))),
///     ("start", Arc::new(Date32Array::from(vec![0, 10, 20, 5]))),
///     ("end", Arc::new(Date32Array::from(vec![Some(10), Some(20), None, None]))),
/// ])?;
/// let at = NaiveDate::from_ymd_opt(1970, 3, 31).unwrap();
/// let share = PlacementStability { at: Some(vec![at]), ..Default::default() };
/// assert_eq!(share.run(&[placements], &Options::default())?.values(), [Some(0.5)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Department for Education, Stability measures for children looked after in England: children with
/// three or more placements during the year, of those looked after on 31 March (formerly National
/// Indicator 62).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementStability {
    /// The dates to count on; without them, the last day of each period that `every` names.
    #[serde(default, deserialize_with = "each_once")]
    pub at: Option<Vec<NaiveDate>>,
    /// From how many placements on a child counts.
    #[serde(default = "three")]
    pub placements: i64,
    /// The column that numbers the placements, as a table of placements has it and one of episodes has
    /// not.
    #[serde(default = "number")]
    pub number: String,
    /// The column that says which child a placement is of.
    #[serde(default = "child")]
    pub child: String,
    /// The column that holds the first day of the placement.
    #[serde(default = "start")]
    pub start: String,
    /// The column that holds the day the placement ended; null where it is open.
    #[serde(default = "end")]
    pub end: String,
    /// The last day that the extract speaks of; without it, the latest date in the extract.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

fn three() -> i64 {
    3
}

fn number() -> String {
    "placement_number".to_owned()
}

impl Default for PlacementStability {
    fn default() -> Self {
        Self {
            at: None,
            placements: three(),
            number: number(),
            child: child(),
            start: start(),
            end: end(),
            as_of: None,
            method: wilson(),
        }
    }
}

/// No year is longer.
const YEAR: i32 = 366;

/// The first of the twelve months up to and including a day.
fn first_day(day: i32) -> i32 {
    from_day(day).map_or(day, |date| to_day(first_of_months(date, 12)))
}

impl PlacementStability {
    fn census(&self) -> Census<'_> {
        Census { at: self.at.as_deref(), as_of: self.as_of }
    }

    /// For each date how many children are looked after, and how many had so many placements.
    fn counts(&self, stays: &Stays<u64>, days: &[i32]) -> Series {
        stays.people.sum(|counts: &mut Series, held: &Held<u64>| {
            for place in held.reach(days) {
                let Some(day) = days.get(place).copied() else { continue };
                if held.on(day).next().is_none() {
                    continue;
                }
                let first = first_day(day);
                let in_year = held.0.iter().filter(|stay| stay.start <= day && stay.end > first);
                counts.add(2 * place, 1);
                counts.add(2 * place + 1, i64::from(in_year.count() as i64 >= self.placements));
            }
        })
    }
}

impl Measure for PlacementStability {
    type State = Stays<u64>;
    type Columns = StayColumns<u64>;
    type Tally = StayTally<u64>;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "placement_stability",
        class: "PlacementStability",
        question: "Of the children looked after on a date, what share had three or more placements in the year?",
        unit: "share",
        own_keys: &["date"],
        required: &[],
        words: &[("method", outcome::METHODS)],
        references: &[
            "Department for Education, Stability measures for children looked after in England: three or more placements during the year (formerly National Indicator 62)",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        outcome::method(&self.method)?;
        if self.placements < 1 {
            return Err(Error::spec(format!(
                "placements is {}; expected 1 or more, such as 3",
                self.placements
            )));
        }
        self.census().check(options)
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles =
            CareNames { child: &self.child, start: &self.start, end: &self.end }.roles();
        roles.push(Role::new("number", &self.number));
        roles
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<StayColumns<u64>> {
        let names = CareNames { child: &self.child, start: &self.start, end: &self.end };
        let care = names.columns(chunk, account)?;
        let numbers = chunk.numbers(&self.number, "number")?;
        let whose = identities(&care.children, chunk.rows());
        if numbers.null_count() > 0 {
            for row in (0..chunk.rows()).filter(|row| numbers.is_null(*row)) {
                let problem = "no placement number: row set aside";
                account.note(&self.number, problem, chunk.row(row), || "null".to_owned());
            }
        }
        let what = vec![0; chunk.rows()];
        let aside = |row: usize| numbers.is_null(row);
        Ok(StayColumns::new(
            care,
            whose,
            what,
            |row| {
                if aside(row) { Fate::Aside } else { Fate::Used }
            },
        ))
    }

    fn tally(&self, groups: usize) -> StayTally<u64> {
        StayTally::new(groups, self.census().days().as_deref(), YEAR)
    }

    /// Says where the year before a date is not in the extract, and where a date lies after all of it.
    fn notes(&self, states: &mut dyn Iterator<Item = &Stays<u64>>) -> Vec<String> {
        let seen = dates(states);
        let early =
            |date: &&NaiveDate| seen.is_some_and(|(first, _)| first > first_day(to_day(**date)));
        let early: Vec<String> =
            self.at.iter().flatten().filter(early).map(NaiveDate::to_string).collect();
        let mut notes = Vec::new();
        if !early.is_empty() {
            notes.push(format!(
                "no placement is known of before the year up to {}: where the extract begins later than the year, placements are missing",
                early.join(", ")
            ));
        }
        notes.extend(self.census().late_note(seen.map(|(_, latest)| latest)));
        notes
    }

    fn finish(&self, tallied: &Tallied<'_, Stays<u64>>, options: &Options) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let census = self.census();
        let seen = dates(tallied.groups.iter().map(|group| group.state));
        let asked = census.dates(seen, tallied.groups.len(), options)?;
        let days: Vec<i32> = asked.iter().map(|(day, _)| *day).collect();
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let counts = self.counts(group.state, &days);
            for (date, counted) in asked.iter().enumerate() {
                let on_date = OnDate {
                    place,
                    group,
                    date: *counted,
                    late: census.late(counted.0),
                    method,
                    level: tallied.level,
                };
                let [base, with] = [0, 1].map(|at| counts.at(2 * date + at) as u64);
                rows.push(on_date.share(None, with, base, &[]));
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_year_is_the_twelve_months_up_to_and_including_the_date() {
        let day = |text: &str| to_day(text.parse().unwrap());
        for (date, first) in [
            ("2018-03-31", "2017-04-01"),
            ("2024-07-31", "2023-08-01"),
            ("2020-02-29", "2019-03-01"),
            ("2021-02-28", "2020-03-01"),
        ] {
            assert_eq!(first_day(day(date)), day(first), "{date}");
        }
    }
}
