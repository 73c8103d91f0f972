//! Referrals, each with the one before.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch};
use serde::{Deserialize, Serialize};

use crate::engine::chunk::Chunk;
use crate::engine::period::day_to_text;
use crate::error::Result;

use super::History;
use super::by_person::{self, Parted, Record};
use super::days::{OUTSIDE_YEARS, plausible};
use super::problems::{NOBODY_NAMED, Problem, findings, listed};
use super::rows::Rows;
use super::table::widened;

/// Which referrals are repeats, and how long after the one before?
///
/// # Result
/// The rows as they came, in their order, with four more columns: `previous` (the date of the
/// person's last referral on an earlier day; null for the first), `days_since`, `repeat` (whether
/// `days_since` is at most `within_days`) and `first_ever` (whether nobody was referred earlier
/// under that name in this table). Referrals of one person on one day have the same previous one;
/// each but the first row is listed. A row without person or date has nulls, and is listed.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{Array, ArrayRef, Date32Array, Int64Array, RecordBatch, cast::AsArray};
/// use wholefamily::histories::Repeats;
///
/// let person: ArrayRef = Arc::new(Int64Array::from(vec![7, 8, 7]));
/// let received: ArrayRef = Arc::new(Date32Array::from(vec![100, 150, 300]));
/// let referrals = RecordBatch::try_from_iter([("child_id", person), ("received", received)]).unwrap();
/// let marked = Repeats::new("child_id", "received").run(&[referrals]).unwrap().table;
/// let repeat = marked.column_by_name("repeat").unwrap().as_boolean().clone();
/// assert_eq!(repeat.iter().collect::<Vec<_>>(), [Some(false), Some(false), Some(true)]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeats {
    /// The column that names the person.
    pub person: String,
    /// The column of dates.
    pub date: String,
    /// How many days back the last referral may lie.
    #[serde(default = "a_year")]
    pub within_days: u32,
}

fn a_year() -> u32 {
    365
}

const OWN: [&str; 4] = ["previous", "days_since", "repeat", "first_ever"];

/// The columns in which a problem may be, in the order in which they are listed.
const PERSON: u8 = 0;
const DATE: u8 = 1;

findings! {
    NO_PERSON: NOBODY_NAMED, "no earlier referral is looked for";
    NO_DATE: "no date", "no earlier referral is looked for, nor is this one found";
    IMPLAUSIBLE: OUTSIDE_YEARS, "no earlier referral is looked for, nor is this one found";
    SAME_DAY: "the same person and day as another row", "both have the same previous referral";
}

/// A day, and the row that it stands in.
type Dated = (i32, u32);

/// Stands for no previous day.
const FIRST: i32 = i32::MIN;
/// Stands for a row of which nothing can be said.
const UNKNOWN: i32 = i32::MAX;

impl Repeats {
    /// Referrals of the people of one column, on the days of another, within 365 days.
    #[must_use]
    pub fn new(person: impl Into<String>, date: impl Into<String>) -> Self {
        Self { person: person.into(), date: date.into(), within_days: a_year() }
    }

    /// Marks the referrals of a table, given by its batches.
    ///
    /// # Errors
    /// [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a column that
    /// is missing or of another type.
    pub fn run(&self, referrals: &[RecordBatch]) -> Result<History> {
        self.marked(referrals).map_err(|error| error.within("repeats"))
    }

    fn marked(&self, referrals: &[RecordBatch]) -> Result<History> {
        let rows = Rows::new(referrals, "referrals")?;
        rows.check(&self.person, "person")?;
        rows.check(&self.date, "date")?;
        rows.check_free(&OWN)?;
        let shards = by_person::shards(rows.len());
        let pieces = rows.read(|chunk, first| self.piece(chunk, first as u32, shards))?;
        let (parted, problems): (Vec<_>, Vec<_>) = pieces.into_iter().unzip();
        let found = by_person::each_shard(parted, shards, shard);
        let mut problems: Vec<Problem> = problems.into_iter().flatten().collect();
        let mut before = vec![UNKNOWN; rows.len()];
        let mut earliest: Option<i32> = None;
        for part in found {
            for (row, day) in part.before {
                if let Some(place) = before.get_mut(row as usize) {
                    *place = day;
                }
            }
            problems.extend(part.problems);
            earliest = earliest.into_iter().chain(part.earliest).min();
        }
        let problems = listed(problems, &[("referrals", &[&self.person, &self.date])])?;
        let notes = earliest.map(|day| {
            format!(
                "the earliest referral is of {}: whoever was referred before it counts here as first",
                day_to_text(day)
            )
        });
        let table = self.table(&rows, &before)?;
        History::new(table, problems, notes.into_iter().collect(), self)
    }

    fn piece(
        &self,
        chunk: &Chunk<'_>,
        first: u32,
        shards: usize,
    ) -> Result<(Parted<Dated>, Vec<Problem>)> {
        let people = chunk.people(&self.person, "person")?;
        let days = chunk.days(&self.date, "date")?;
        let mut records: Vec<Record<Dated>> = Vec::with_capacity(chunk.rows());
        let mut problems = Vec::new();
        people.each_block(0..chunk.rows(), |from, people| {
            for (place, person) in (from..).zip(people) {
                let row = first + place as u32;
                match plausible(&days, place) {
                    _ if person.is_nobody() => problems.push(Problem::of(row, PERSON, &NO_PERSON)),
                    None if days.is_null(place) => problems.push(Problem::of(row, DATE, &NO_DATE)),
                    None => problems.push(Problem::of(row, DATE, &IMPLAUSIBLE)),
                    Some(day) => records.push((*person, (day, row))),
                }
            }
        });
        Ok((by_person::part(&records, shards), problems))
    }

    fn table(&self, rows: &Rows<'_>, before: &[i32]) -> Result<RecordBatch> {
        let whole = rows.whole()?;
        let known = |day: i32| day != FIRST && day != UNKNOWN;
        let previous: Date32Array = before.iter().map(|day| known(*day).then_some(*day)).collect();
        let days = match whole.num_rows() {
            0 => Date32Array::new_null(0),
            _ => Chunk::new(&whole, 0, &Default::default()).days(&self.date, "date")?,
        };
        let since = |(row, day): (usize, &i32)| known(*day).then(|| days.value(row) - day);
        let since: Vec<Option<i32>> = before.iter().enumerate().map(since).collect();
        let repeat = |(since, day): (&Option<i32>, &i32)| match since {
            Some(since) => Some(u32::try_from(*since).is_ok_and(|days| days <= self.within_days)),
            None => (*day == FIRST).then_some(false),
        };
        let repeat: BooleanArray = since.iter().zip(before).map(repeat).collect();
        let first: BooleanArray =
            before.iter().map(|day| (*day != UNKNOWN).then_some(*day == FIRST)).collect();
        let since: Int64Array = since.iter().map(|since| since.map(i64::from)).collect();
        let own: [ArrayRef; 4] =
            [Arc::new(previous), Arc::new(since), Arc::new(repeat), Arc::new(first)];
        widened(&whole, OWN.into_iter().zip(own))
    }
}

/// What was found in one shard: for each row the day of the referral before.
struct Found {
    before: Vec<(u32, i32)>,
    problems: Vec<Problem>,
    earliest: Option<i32>,
}

fn shard(shard: &mut by_person::Shard<Dated>) -> Found {
    let mut found = Found { before: Vec::new(), problems: Vec::new(), earliest: None };
    shard.each(|_, referrals| {
        referrals.sort_unstable();
        let mut previous = FIRST;
        for of_day in referrals.chunk_by(|left, right| left.0 == right.0) {
            let Some((day, first)) = of_day.first().copied() else { continue };
            found.earliest = found.earliest.into_iter().chain([day]).min();
            for (_, row) in of_day {
                found.before.push((*row, previous));
                if *row != first {
                    found.problems.push(Problem::of(*row, DATE, &SAME_DAY).with(first));
                }
            }
            previous = day;
        }
    });
    found
}
