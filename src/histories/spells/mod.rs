//! Which spells of care did each child have?

mod age;
mod reading;
mod rule;
mod table;
mod union;

use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::value::Value;
use crate::error::{Error, Result};

use super::History;
use super::by_person::{self, Parted};
use super::episodes::Dated;
use super::lists::in_one;
use super::numbered::numbered;
use super::order::Placed;
use super::problems::{Problem, listed};
use super::rows::{Rows, taken_name};
use super::spare::Spare;
use rule::check_values;

pub(super) use union::{Episode, Spell, join};

/// Which spells of care did each child have?
///
/// Care is the union of a child's episodes \[start, end): the end is the first day no longer in
/// care. An episode continues a spell if it begins on or before the day on which the spell is over,
/// or within `gap_days` days after it; the days of such a gap count as care.
///
/// # Result
/// One row a spell, by child and then start: `child_id`, `spell` (1, 2, … of the child), `start`,
/// `end` (null while open), `episodes`, `days` (from start to end; while open, to `as_of`, null
/// without one), the column of `transfer`, then the columns of `keep` with their values in the
/// spell's first episode (by start, then end, then row).
///
/// # Problems
/// Every row that cannot be used, or only in part, and every overlap, duplicate, second open episode
/// and bridged gap is listed with what was done.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray};
/// use wholefamily::histories::Spells;
///
/// let child: ArrayRef = Arc::new(StringArray::from(vec!["Ann", "Ann", "Ann"]));
/// let start: ArrayRef = Arc::new(Date32Array::from(vec![0, 10, 40]));
/// let end: ArrayRef = Arc::new(Date32Array::from(vec![Some(10), Some(30), None]));
/// let episodes =
///     RecordBatch::try_from_iter([("child_id", child), ("start", start), ("end", end)]).unwrap();
/// let spells = Spells::default().run(&[episodes]).unwrap();
/// assert_eq!(spells.table.num_rows(), 2); // days 0 to 30, and from day 40 on
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Spells {
    /// The column that names the child.
    pub child: String,
    /// The column of first days.
    pub start: String,
    /// The column of ends: the first day no longer in the episode, unless `last_day_counts`; null
    /// while it is open.
    pub end: String,
    /// Whether a child who leaves on a day was in care on it: the end is then the last day in care,
    /// and the spell's `end` is the day after.
    pub last_day_counts: bool,
    /// How many days may lie between two episodes of one spell. 0: only episodes that touch or
    /// overlap are joined. 1: also one that begins on the day after the last one ended.
    pub gap_days: u32,
    /// Columns kept, with their value in the first episode of the spell.
    pub keep: Vec<String>,
    /// Values by column: rows that have one of them are left out.
    pub leave_out: BTreeMap<String, Vec<Value>>,
    /// Values by column: rows that have none of them are left out.
    pub only: BTreeMap<String, Vec<Value>>,
    /// A column whose change ends a spell, such as the responsible authority. Without one, a
    /// transfer does not end a spell.
    pub transfer: Option<String>,
    /// The column of birth dates, read where there is an age limit.
    pub born: String,
    /// The age at which care ends at the latest, on the birthday; that of 29 February is 1 March in
    /// other years. It needs `as_of`.
    pub until_age: Option<u32>,
    /// The last day known: what begins later is left out, what ends later is open on that day.
    pub as_of: Option<NaiveDate>,
}

impl Default for Spells {
    fn default() -> Self {
        Self {
            child: "child_id".to_owned(),
            start: "start".to_owned(),
            end: "end".to_owned(),
            last_day_counts: false,
            gap_days: 1,
            keep: Vec::new(),
            leave_out: BTreeMap::new(),
            only: BTreeMap::new(),
            transfer: None,
            born: "born".to_owned(),
            until_age: None,
            as_of: None,
        }
    }
}

const OWN: [&str; 6] = ["child_id", "spell", "start", "end", "episodes", "days"];

/// The column, after those of an episode, in which a problem may be.
const BORN: u8 = 3;

/// What is known of the rows besides their dates; nothing where the rules do not ask.
struct Known {
    held_by: Vec<u32>,
    born: Vec<Option<i32>>,
}

/// What was made of one shard of the children.
#[derive(Default)]
struct Made {
    spells: Vec<Spell>,
    children: Vec<Placed<Stretch>>,
    problems: Vec<Problem>,
}

impl Made {
    /// The same in no more memory than it takes; this is empty then, and keeps its own.
    fn exact(&mut self) -> Self {
        let exact = Self {
            spells: self.spells.as_slice().into(),
            children: self.children.as_slice().into(),
            problems: self.problems.as_slice().into(),
        };
        self.spells.clear();
        self.children.clear();
        self.problems.clear();
        exact
    }
}

/// Where the spells of one child are: from one place of a shard's up to another.
#[derive(Clone, Copy)]
struct Stretch {
    shard: u32,
    first: u32,
    after: u32,
}

impl Spells {
    /// Joins the episodes of a table, given by its batches.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for rules that contradict each other,
    /// [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a column that
    /// is missing or of another type.
    pub fn run(&self, episodes: &[RecordBatch]) -> Result<History> {
        // On one of the threads that do the work, so that the result can take the memory that they freed.
        rayon::scope(|_| self.joined(episodes)).map_err(|error| error.within("spells"))
    }

    fn joined(&self, episodes: &[RecordBatch]) -> Result<History> {
        let rows = Rows::new(episodes, "episodes")?;
        self.check(&rows)?;
        let shards = by_person::shards(rows.len());
        let rules = self.rules();
        let mut pieces =
            rows.read(|chunk, first| self.piece(chunk, first as u32, shards, &rules))?;
        let held_by = pieces.iter_mut().filter_map(|piece| piece.held_by.take()).collect();
        let (held_by, _) = numbered(held_by);
        let born = pieces.iter_mut().flat_map(|piece| std::mem::take(&mut piece.born)).collect();
        let known = Known { held_by, born };
        let parted: Vec<Parted<Dated>> =
            pieces.iter_mut().map(|piece| std::mem::take(&mut piece.records)).collect();
        let spare = Spare::default();
        let mut made = by_person::each_shard(parted, shards, |shard| {
            let mut made: Made = spare.take();
            self.shard(shard, &known, &mut made);
            let exact = made.exact();
            spare.give(made);
            exact
        });
        let of_rows = pieces.iter_mut().map(|piece| std::mem::take(&mut piece.problems));
        let of_children = made.iter_mut().map(|made| std::mem::take(&mut made.problems));
        let problems = in_one(of_rows.chain(of_children));
        let columns = [&self.child, &self.start, &self.end, &self.born].map(String::as_str);
        let (problems, table) = rayon::join(
            || listed(problems, &[("episodes", &columns)]),
            || self.table(&rows, &mut made),
        );
        let (problems, table) = (problems?, table?);
        let notes = self.notes(&rows, &rules, &pieces);
        History::new(table, problems, notes, self)
    }

    fn check(&self, rows: &Rows<'_>) -> Result<()> {
        rows.check(&self.child, "child")?;
        rows.check(&self.start, "start")?;
        rows.check(&self.end, "end")?;
        for (name, values) in &self.leave_out {
            rows.check(name, "leave_out")?;
            check_values("leave_out", name, values)?;
        }
        for (name, values) in &self.only {
            rows.check(name, "only")?;
            check_values("only", name, values)?;
        }
        let kept = self.transfer.iter().chain(&self.keep);
        for (place, name) in kept.clone().enumerate() {
            let role = if place == 0 && self.transfer.is_some() { "transfer" } else { "keep" };
            rows.check(name, role)?;
            if OWN.contains(&name.as_str()) {
                return Err(taken_name(name));
            }
            if kept.clone().take(place).any(|earlier| earlier == name) {
                return Err(Error::spec(format!(
                    "'{name}' is named twice in keep (the column of transfer is kept in any case)"
                )));
            }
        }
        if self.until_age.is_some() {
            rows.check(&self.born, "born")?;
            if self.as_of.is_none() {
                return Err(Error::spec(
                    "until_age needs as_of, the last day known: without it nobody can tell which open episodes have reached the birthday",
                ));
            }
        }
        if let Some(age) = self.until_age.filter(|age| !(1..=120).contains(age)) {
            return Err(Error::spec(format!("until_age is {age}; expected 1 to 120")));
        }
        if self.gap_days > 36_525 {
            return Err(Error::spec(format!("gap_days is {}; expected 0 to 36525", self.gap_days)));
        }
        Ok(())
    }

    /// Joins the episodes of the children of one shard.
    fn shard(&self, shard: &mut by_person::Shard<Dated>, known: &Known, made: &mut Made) {
        let mut episodes: Vec<Episode> = Vec::new();
        shard.each(|child, dated| {
            episodes.clear();
            episodes.extend(dated.iter().map(|(start, end, row)| {
                let held_by = known.held_by.get(*row as usize).copied().unwrap_or(0);
                Episode { start: *start, end: *end, held_by, row: *row }
            }));
            let row = episodes.first().map_or(0, |episode| episode.row);
            if let Some(age) = self.until_age {
                self.end_with_age(age, &mut episodes, &known.born, &mut made.problems);
            }
            let first = made.spells.len() as u32;
            let tell = |problem| made.problems.push(problem);
            // Where the last day counts, a change of episode falls on a day of both.
            let handover = i32::from(self.last_day_counts);
            join(&mut episodes, self.gap_days as i32, handover, &mut made.spells, tell);
            let after = made.spells.len() as u32;
            if after > first {
                made.children.push(Placed {
                    person: child,
                    row,
                    what: Stretch { shard: 0, first, after },
                });
            }
        });
    }
}
