//! Which way did each person go, step by step?

mod course;
mod reading;
mod table;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::engine::period::{day_from_text, day_to_text};
use crate::engine::value::Value;
use crate::error::{Error, Result};

use super::History;
use super::by_person;
use super::problems::listed;
use super::rows::{Rows, taken_name};
use course::{Made, Rules};

/// Which way did each person go, step by step?
///
/// Every row says that a person came into a state on a day: referred, assessed, in care, closed. A
/// pathway begins with the first step of a person, with the first after a state of `ends`, and,
/// with `within_days`, with a step that comes more days than that after the one before.
///
/// # Result
/// One row for each stay in a state: the person, `pathway` (1, 2, … of the person), `step` (1, 2, …
/// of the pathway), `from` (the state), `to` (the next one; null: nothing further by `until`, or
/// within `within_days`), `settled` (the state in which the day of `to` ended: `to`, unless another
/// step came on the same day), `origin` (the day on which the pathway began), `start`, `end` (the day
/// of `to`), `days` (up to `end`, or as long as was watched), `entry_days` and `exit_days` (the same
/// two days counted from the origin). With `statutory`, also `statutory_days` (from the origin to the
/// person's first such state, in this pathway or a later one; null: none by `until`) and
/// `followed_days` (from the origin to `until`). Then the columns of `keep`, as in the row with which
/// the pathway began. Rows are ordered by person, pathway and step.
///
/// A step into the state in which the person is already is joined with it. Steps of one day follow
/// `order`, then their names. A state of `ends` has no row of its own. All of this is listed.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray, cast::AsArray};
/// use arrow_array::types::Int64Type;
/// use wholefamily::histories::Pathways;
///
/// let person: ArrayRef = Arc::new(Int64Array::from(vec![7, 7, 8]));
/// let state: ArrayRef = Arc::new(StringArray::from(vec!["referred", "assessed", "referred"]));
/// let on: ArrayRef = Arc::new(Date32Array::from(vec![100, 110, 105]));
/// let steps = RecordBatch::try_from_iter([("child_id", person), ("state", state), ("on", on)]).unwrap();
/// let pathways = Pathways {
///     until: Some("1970-05-31".into()), // day 150
///     ..Pathways::new("child_id", "state", "on")
/// };
/// let table = pathways.run(&[steps]).unwrap().table;
/// let days = table.column_by_name("days").unwrap().as_primitive::<Int64Type>().clone();
/// assert_eq!(days.values(), &[10, 40, 45]); // 7 until assessed, then until day 150; 8
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pathways {
    /// The column that names the person.
    pub person: String,
    /// The column that names the state that was entered.
    pub state: String,
    /// The column of days.
    pub date: String,
    /// The last day watched: a column, or a day (YYYY-MM-DD) for all; nothing: the latest day of the
    /// table.
    #[serde(default)]
    pub until: Option<String>,
    /// States in the order in which they follow one another when they come on one day.
    #[serde(default)]
    pub order: Vec<Value>,
    /// States that end a pathway.
    #[serde(default)]
    pub ends: Vec<Value>,
    /// A step that comes more days than this after the one before begins a new pathway.
    #[serde(default)]
    pub within_days: Option<u32>,
    /// States of statutory intervention.
    #[serde(default)]
    pub statutory: Vec<Value>,
    /// Columns to keep, as in the row with which the pathway began.
    #[serde(default)]
    pub keep: Vec<String>,
}

/// The columns that every result has, after the person's.
const OWN: [&str; 11] = [
    "pathway",
    "step",
    "from",
    "to",
    "settled",
    "origin",
    "start",
    "end",
    "days",
    "entry_days",
    "exit_days",
];
/// Those that it has with `statutory`.
const REACHED: [&str; 2] = ["statutory_days", "followed_days"];

/// The columns in which a problem may be, in the order in which they are listed.
const PERSON: u8 = 0;
const STATE: u8 = 1;
const DATE: u8 = 2;
const UNTIL: u8 = 3;

/// A step of a person, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    day: i32,
    /// The number of the state that is entered.
    state: u32,
    row: u32,
    /// The last day watched, as this row says it; [`UNSAID`] where it does not.
    until: i32,
}

const UNSAID: i32 = i32::MIN;

impl Pathways {
    /// The pathways of the people of one column, through the states of another, by days of a third.
    #[must_use]
    pub fn new(
        person: impl Into<String>,
        state: impl Into<String>,
        date: impl Into<String>,
    ) -> Self {
        Self {
            person: person.into(),
            state: state.into(),
            date: date.into(),
            until: None,
            order: Vec::new(),
            ends: Vec::new(),
            within_days: None,
            statutory: Vec::new(),
            keep: Vec::new(),
        }
    }

    /// Follows the people of a table of steps, given by its batches.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for fields that contradict each other,
    /// [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a column that
    /// is missing or of another type.
    pub fn run(&self, steps: &[RecordBatch]) -> Result<History> {
        self.followed(steps).map_err(|error| error.within("pathways"))
    }

    fn followed(&self, steps: &[RecordBatch]) -> Result<History> {
        let rows = Rows::new(steps, "steps")?;
        let day_for_all = self.check(&rows)?;
        let shards = by_person::shards(rows.len());
        let mut pieces =
            rows.read(|chunk, first| self.piece(chunk, first as u32, shards, day_for_all))?;
        let states = self.number_states(&mut pieces);
        let mut notes = self.notes(&states);
        let by_column = self.until.is_some() && day_for_all.is_none();
        let latest = pieces.iter().filter_map(|piece| piece.latest).max();
        let until = if by_column { None } else { day_for_all.or(latest) };
        if let (None, Some(day)) = (&self.until, latest) {
            notes.push(format!(
                "watched until {}, the latest day of the table; `until` says another",
                day_to_text(day)
            ));
        }
        let (mut parted, mut problems) = (Vec::new(), Vec::new());
        for piece in pieces {
            parted.push(piece.records);
            problems.extend(piece.problems);
        }
        let rules = Rules::new(self, &states, until);
        let mut made: Vec<Made> =
            by_person::each_shard(parted, shards, |shard| rules.follow(shard));
        problems.extend(made.iter_mut().flat_map(|made| std::mem::take(&mut made.problems)));
        let late: u64 = made.iter().map(|made| made.late).sum();
        if late > 0 {
            notes.push(format!("steps after the last day watched, not counted: {late}"));
        }
        let ended = self.until.as_deref().unwrap_or_default();
        let columns = [self.person.as_str(), &self.state, &self.date, ended];
        let problems = listed(problems, &[("steps", &columns)])?;
        let table = self.table(&rows, &mut made, &states)?;
        History::new(table, problems, notes, self)
    }

    /// Checks the columns; gives the last day watched where it is one for all.
    fn check(&self, rows: &Rows<'_>) -> Result<Option<i32>> {
        rows.check(&self.person, "person")?;
        rows.check(&self.state, "state")?;
        rows.check(&self.date, "date")?;
        if self.within_days.is_some_and(|days| !(1..=36_525).contains(&days)) {
            return Err(Error::spec("within_days: expected 1 to 36525 days"));
        }
        let reached = if self.statutory.is_empty() { &[][..] } else { &REACHED };
        let own: Vec<&str> = OWN.iter().chain(reached).copied().collect();
        if own.contains(&self.person.as_str()) {
            return Err(taken_name(&self.person));
        }
        for (place, name) in self.keep.iter().enumerate() {
            rows.check(name, "keep")?;
            if own.contains(&name.as_str()) {
                return Err(taken_name(name));
            }
            if *name == self.person || self.keep.iter().take(place).any(|earlier| earlier == name) {
                return Err(Error::spec(format!(
                    "'{name}' is named twice in keep (the column of person is kept in any case)"
                )));
            }
        }
        let Some(until) = &self.until else { return Ok(None) };
        let is_column = rows.fields().any(|field| field.name() == until);
        match day_from_text(until).filter(|_| !is_column) {
            Some(day) => Ok(Some(day)),
            None => rows.check(until, "until").map(|()| None),
        }
    }

    fn notes(&self, states: &[Value]) -> Vec<String> {
        let named = [("order", &self.order), ("ends", &self.ends), ("statutory", &self.statutory)];
        let strange = |(role, values): (&str, &Vec<Value>)| -> Vec<String> {
            let missing = values.iter().filter(|value| !states.contains(value));
            missing.map(|value| format!("{role}: no step is {value}")).collect()
        };
        if states.is_empty() {
            return Vec::new();
        }
        named.into_iter().flat_map(strange).collect()
    }
}
