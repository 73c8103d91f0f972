//! Episodes of care joined into spells.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, Date32Array, Int64Array, RecordBatch};
use chrono::{Datelike, NaiveDate};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::engine::chunk::Chunk;
use crate::engine::period::{PLAUSIBLE_DAYS, day_from_text, from_day, to_day};
use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};

use super::History;
use super::by_person::{self, Parted, Record};
use super::order::{Placed, in_order};
use super::problems::{Finding, Problem, batch, listed};
use super::rows::{Rows, taken_name};
use super::union::{END, Episode, OPEN, START, Spell, join};

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
    /// The column of ends: the first day no longer in the episode; null while it is open.
    pub end: String,
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

const CHILD: u8 = 0;
const BORN: u8 = 3;

macro_rules! findings {
    ($($name:ident: $problem:literal, $done:literal;)*) => {
        $(static $name: Finding = Finding { problem: $problem, done: $done };)*
    };
}

findings! {
    NO_CHILD: "no child is named", "row set aside";
    NO_START: "no start", "row set aside";
    IMPLAUSIBLE: "a date outside the years 1 to 9999", "row set aside";
    EARLY: "a date before 1900", "used as it stands";
    BACKWARD: "end before start", "row set aside";
    NO_DAY: "ends on the day it starts: no day in care", "row set aside";
    LATE: "starts after as_of", "row set aside";
    UNENDED: "ends after as_of", "taken as open on that day";
    UNBORN: "no plausible date of birth for the child", "no age limit for the child";
    BORN_TWICE: "another date of birth than another row of the child", "the earliest is used";
    OF_AGE: "starts at the age limit or later", "row set aside";
    GROWN: "goes on beyond the age limit", "ended on the birthday";
}

/// 1 January 1900.
const EARLY_DAY: i32 = -25_567;

/// What was read of one piece of the rows.
struct Piece {
    records: Parted<Dated>,
    problems: Vec<Problem>,
    /// Rows left out, rule by rule.
    left_out: Vec<u64>,
    /// Whether each value of each rule was met.
    met: Vec<Vec<bool>>,
    /// What a transfer changes: a number for each row, and what the numbers stand for in this piece.
    held_by: Vec<u32>,
    holders: Vec<Value>,
    born: Vec<Option<i32>>,
}

/// The start, the end and the row of an episode.
type Dated = (i32, i32, u32);

/// What is known of the rows besides their dates; nothing where the rules do not ask.
struct Known {
    held_by: Vec<u32>,
    born: Vec<Option<i32>>,
}

/// What was made of one shard of the children.
#[derive(Default)]
struct Made {
    spells: Vec<Spell>,
    children: Vec<Placed<(u32, u32, u32)>>,
    problems: Vec<Problem>,
}

impl Spells {
    /// Joins the episodes of a table, given by its batches.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for rules that contradict each other,
    /// [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a column that
    /// is missing or of another type.
    pub fn run(&self, episodes: &[RecordBatch]) -> Result<History> {
        self.joined(episodes).map_err(|error| error.within("spells"))
    }

    fn joined(&self, episodes: &[RecordBatch]) -> Result<History> {
        let rows = Rows::new(episodes, "episodes")?;
        self.check(&rows)?;
        let shards = by_person::shards(rows.len());
        let rules = self.rules();
        let mut pieces =
            rows.read(|chunk, first| self.piece(chunk, first as u32, shards, &rules))?;
        let held_by = held_by(&mut pieces);
        let born = pieces.iter_mut().flat_map(|piece| std::mem::take(&mut piece.born)).collect();
        let known = Known { held_by, born };
        let parted: Vec<Parted<Dated>> =
            pieces.iter_mut().map(|piece| std::mem::take(&mut piece.records)).collect();
        let mut made = by_person::each_shard(&parted, shards, |shard| self.shard(shard, &known));
        drop(parted);
        let mut problems: Vec<Problem> =
            pieces.iter_mut().flat_map(|piece| std::mem::take(&mut piece.problems)).collect();
        problems.extend(made.iter_mut().flat_map(|made| std::mem::take(&mut made.problems)));
        let columns = [&self.child, &self.start, &self.end, &self.born].map(String::as_str);
        let problems = listed(problems, &[("episodes", &columns)])?;
        let table = self.table(&rows, &mut made)?;
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

    /// The rules that leave rows out.
    fn rules(&self) -> Vec<Rule> {
        let rule = |name, leaves_out| {
            move |(column, values): (&String, &Vec<Value>)| Rule {
                name,
                column: column.clone(),
                values: values.clone(),
                leaves_out,
            }
        };
        let leave_out = self.leave_out.iter().map(rule("leave_out", true));
        leave_out.chain(self.only.iter().map(rule("only", false))).collect()
    }

    /// Reads a piece of the rows: what can be used of them, and what is wrong with the others.
    fn piece(&self, chunk: &Chunk<'_>, first: u32, shards: usize, rules: &[Rule]) -> Result<Piece> {
        let children = chunk.people(&self.child, "child")?;
        let starts = chunk.days(&self.start, "start")?;
        let ends = chunk.days(&self.end, "end")?;
        let mut left = vec![false; if rules.is_empty() { 0 } else { chunk.rows() }];
        let (mut left_out, mut met) = (Vec::new(), Vec::new());
        for rule in rules {
            let (count, found) = rule.apply(chunk, &mut left)?;
            left_out.push(count);
            met.push(found);
        }
        let holders = match &self.transfer {
            Some(column) => Some(chunk.codes(column, "transfer")?),
            None => None,
        };
        let as_of = self.as_of.map(to_day);
        let mut records: Vec<Record<Dated>> = Vec::with_capacity(chunk.rows());
        let mut problems = Vec::new();
        let usable = |row: usize, problems: &mut Vec<Problem>| -> Option<(i32, i32)> {
            let mut tell = |column: u8, finding| {
                problems.push(Problem::of(first + row as u32, column, finding));
            };
            if starts.is_null(row) {
                tell(START, &NO_START);
                return None;
            }
            let start = starts.value(row);
            let mut end = if ends.is_null(row) { OPEN } else { ends.value(row) };
            if (EARLY_DAY..=*PLAUSIBLE_DAYS.end()).contains(&start)
                && start < end
                && (end == OPEN && ends.is_null(row) || end <= *PLAUSIBLE_DAYS.end())
                && as_of.is_none_or(|day| start <= day && (end <= day || end == OPEN))
            {
                return Some((start, end));
            }
            if !PLAUSIBLE_DAYS.contains(&start) {
                tell(START, &IMPLAUSIBLE);
                return None;
            }
            if ends.is_valid(row) && !PLAUSIBLE_DAYS.contains(&end) {
                tell(END, &IMPLAUSIBLE);
                return None;
            }
            if end < start {
                tell(END, &BACKWARD);
                return None;
            }
            if as_of.is_some_and(|day| start > day) {
                tell(START, &LATE);
                return None;
            }
            if end == start {
                tell(END, &NO_DAY);
                return None;
            }
            if end != OPEN && as_of.is_some_and(|day| end > day) {
                tell(END, &UNENDED);
                end = OPEN;
            }
            if start < EARLY_DAY {
                tell(START, &EARLY);
            }
            if end < EARLY_DAY {
                tell(END, &EARLY);
            }
            Some((start, end))
        };
        children.each_block(0..chunk.rows(), |from, people| {
            for (row, child) in (from..).zip(people) {
                if left.get(row).copied().unwrap_or(false) {
                    continue;
                }
                if child.is_nobody() {
                    problems.push(Problem::of(first + row as u32, CHILD, &NO_CHILD));
                    continue;
                }
                let Some((start, end)) = usable(row, &mut problems) else { continue };
                records.push((*child, (start, end, first + row as u32)));
            }
        });
        let born = match self.until_age {
            Some(_) => plausible(&chunk.days(&self.born, "born")?),
            None => Vec::new(),
        };
        Ok(Piece {
            records: by_person::part(&records, shards),
            problems,
            left_out,
            met,
            held_by: holders
                .iter()
                .flat_map(|codes| (0..chunk.rows()).map(|row| codes.code(row)))
                .collect(),
            holders: holders.map(|codes| codes.values().to_vec()).unwrap_or_default(),
            born,
        })
    }

    /// Joins the episodes of the children of one shard.
    fn shard(&self, mut shard: by_person::Shard<Dated>, known: &Known) -> Made {
        let mut made = Made::default();
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
            join(&mut episodes, self.gap_days as i32, &mut made.spells, tell);
            let after = made.spells.len() as u32;
            if after > first {
                made.children.push(Placed { person: child, row, what: (0, first, after) });
            }
        });
        made.spells.shrink_to_fit();
        made.children.shrink_to_fit();
        made
    }

    /// Keeps the episodes of one child up to the birthday on which care ends at the latest.
    fn end_with_age(
        &self,
        age: u32,
        episodes: &mut Vec<Episode>,
        born: &[Option<i32>],
        problems: &mut Vec<Problem>,
    ) {
        let born_of = |episode: &Episode| born.get(episode.row as usize).copied().flatten();
        let earliest =
            episodes.iter().filter_map(|row| born_of(row).map(|day| (day, row.row))).min();
        let birthday = earliest.and_then(|(day, row)| Some((day, row, birthday(day, age)?)));
        let Some((born, named_in, birthday)) = birthday else {
            let first = episodes.first().map(|episode| Problem::of(episode.row, BORN, &UNBORN));
            problems.extend(first);
            return;
        };
        let as_of = self.as_of.map_or(OPEN, to_day);
        episodes.retain_mut(|episode| {
            if born_of(episode).is_some_and(|day| day != born) {
                problems.push(Problem::of(episode.row, BORN, &BORN_TWICE).with(named_in));
            }
            if episode.start >= birthday {
                problems.push(Problem::of(episode.row, START, &OF_AGE));
                return false;
            }
            // Of an open episode it is known only up to as_of that it goes on.
            if episode.end.min(as_of) > birthday || (episode.end == OPEN && as_of >= birthday) {
                problems.push(Problem::of(episode.row, END, &GROWN));
                episode.end = birthday;
            }
            true
        });
    }

    /// The table of spells, by child and then start.
    fn table(&self, rows: &Rows<'_>, made: &mut [Made]) -> Result<RecordBatch> {
        for (shard, made) in (0..).zip(made.iter_mut()) {
            made.children.iter_mut().for_each(|placed| placed.what.0 = shard);
        }
        let children: Vec<Placed<(u32, u32, u32)>> =
            made.iter_mut().flat_map(|made| std::mem::take(&mut made.children)).collect();
        let children = in_order(children, rows, &self.child)?;
        let as_of = self.as_of.map(to_day);
        let parts: Vec<Columns> = children
            .par_chunks(1 << 16)
            .map(|children| {
                let mut columns = Columns::default();
                for (shard, first, after) in children {
                    let spells = made.get(*shard as usize).map_or(&[][..], |made| &made.spells);
                    let theirs = spells.get(*first as usize..*after as usize).unwrap_or(&[]);
                    theirs.iter().zip(1..).for_each(|(spell, number)| columns.add(spell, number));
                }
                columns
            })
            .collect();
        let spells = made.iter_mut().map(|made| std::mem::take(&mut made.spells).len()).sum();
        let columns = Columns::together(parts, spells);
        let days = |(start, end): (&i32, &i32)| match (*end, as_of) {
            (OPEN, None) => None,
            (OPEN, Some(as_of)) => Some(i64::from(as_of - start)),
            (end, _) => Some(i64::from(end - start)),
        };
        let days: Int64Array = columns.start.iter().zip(&columns.end).map(days).collect();
        let ends = columns.end.iter().map(|end| (*end != OPEN).then_some(*end));
        let mut made: Vec<(String, ArrayRef)> = vec![
            (OWN[0].to_owned(), rows.take(&self.child, &columns.row)?),
            (OWN[1].to_owned(), Arc::new(Int64Array::from(columns.spell))),
            (OWN[2].to_owned(), Arc::new(Date32Array::from(columns.start))),
            (OWN[3].to_owned(), Arc::new(Date32Array::from_iter(ends))),
            (OWN[4].to_owned(), Arc::new(Int64Array::from(columns.episodes))),
            (OWN[5].to_owned(), Arc::new(days)),
        ];
        for name in self.transfer.iter().chain(&self.keep) {
            made.push((name.clone(), rows.take(name, &columns.row)?));
        }
        batch(made.into_iter())
    }

    fn notes(&self, rows: &Rows<'_>, rules: &[Rule], pieces: &[Piece]) -> Vec<String> {
        let mut notes = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let counts = pieces.iter().filter_map(|piece| piece.left_out.get(place));
            let left: u64 = counts.sum();
            let values: Vec<String> = rule.values.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "{}: {} of {} rows left out ({} = {})",
                rule.name,
                left,
                rows.len(),
                rule.column,
                values.join(", ")
            ));
            for (number, value) in rule.values.iter().enumerate() {
                let mut met = pieces.iter().filter_map(|piece| piece.met.get(place)?.get(number));
                if !met.any(|met| *met) {
                    notes.push(format!("{}: no row has {value} in {}", rule.name, rule.column));
                }
            }
        }
        notes
    }
}

/// For each row what a transfer changes, numbered alike in all pieces in the order of the values;
/// nothing where no transfer ends a spell.
fn held_by(pieces: &mut [Piece]) -> Vec<u32> {
    let mut all: Vec<Value> =
        pieces.iter().flat_map(|piece| piece.holders.iter().cloned()).collect();
    all.sort();
    all.dedup();
    let mut rows = Vec::new();
    for piece in pieces {
        let number = |value| all.binary_search(value).unwrap_or(0) as u32;
        let numbers: Vec<u32> = piece.holders.iter().map(number).collect();
        let codes = std::mem::take(&mut piece.held_by);
        rows.extend(codes.iter().map(|code| numbers.get(*code as usize).copied().unwrap_or(0)));
    }
    rows
}

/// A rule that leaves rows out by the value of a column.
struct Rule {
    name: &'static str,
    column: String,
    values: Vec<Value>,
    leaves_out: bool,
}

impl Rule {
    /// Marks the rows left out; says how many of them no earlier rule had left out, and which of the
    /// values were met.
    fn apply(&self, chunk: &Chunk<'_>, left: &mut [bool]) -> Result<(u64, Vec<bool>)> {
        let codes = chunk.codes(&self.column, self.name)?;
        let wanted: Vec<Value> = self
            .values
            .iter()
            .map(|value| match value {
                Value::Text(text) if codes.kind() == Some(ValueKind::Day) => {
                    day_from_text(text).map_or_else(|| value.clone(), Value::Day)
                }
                value => value.clone(),
            })
            .collect();
        codes.check_kind(&self.column, self.name, &wanted)?;
        let places: Vec<Option<usize>> = codes
            .values()
            .iter()
            .map(|value| wanted.iter().position(|wanted| wanted == value))
            .collect();
        let mut met = vec![false; wanted.len()];
        let mut count = 0;
        for (row, left) in left.iter_mut().enumerate() {
            let place = places.get(codes.code(row) as usize).copied().flatten();
            if let Some(met) = place.and_then(|place| met.get_mut(place)) {
                *met = true;
            }
            if place.is_some() == self.leaves_out && !*left {
                *left = true;
                count += 1;
            }
        }
        Ok((count, met))
    }
}

fn check_values(rule: &str, column: &str, values: &[Value]) -> Result<()> {
    if values.is_empty() {
        return Err(Error::spec(format!("{rule} names column '{column}' without a value")));
    }
    Ok(())
}

/// Days as they stand; none where they are null or no calendar has them.
fn plausible(days: &Date32Array) -> Vec<Option<i32>> {
    days.iter().map(|day| day.filter(|day| PLAUSIBLE_DAYS.contains(day))).collect()
}

/// The day on which someone born on a day reaches an age.
fn birthday(born: i32, age: u32) -> Option<i32> {
    let born = from_day(born)?;
    let year = born.year().checked_add(i32::try_from(age).ok()?)?;
    NaiveDate::from_ymd_opt(year, born.month(), born.day())
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
        .map(to_day)
}

/// The columns of the result.
#[derive(Default)]
struct Columns {
    row: Vec<u32>,
    spell: Vec<i64>,
    start: Vec<i32>,
    end: Vec<i32>,
    episodes: Vec<i64>,
}

impl Columns {
    fn add(&mut self, spell: &Spell, number: i64) {
        self.row.push(spell.row);
        self.spell.push(number);
        self.start.push(spell.start);
        self.end.push(spell.end);
        self.episodes.push(i64::from(spell.episodes));
    }

    /// Puts parts together that have so many spells in all.
    fn together(parts: Vec<Self>, spells: usize) -> Self {
        let mut all = Self {
            row: Vec::with_capacity(spells),
            spell: Vec::with_capacity(spells),
            start: Vec::with_capacity(spells),
            end: Vec::with_capacity(spells),
            episodes: Vec::with_capacity(spells),
        };
        for part in parts {
            all.row.extend_from_slice(&part.row);
            all.spell.extend_from_slice(&part.spell);
            all.start.extend_from_slice(&part.start);
            all.end.extend_from_slice(&part.end);
            all.episodes.extend_from_slice(&part.episodes);
        }
        all
    }
}
