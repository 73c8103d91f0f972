//! What happened first to each of a cohort, and when?

mod course;
mod reading;
mod table;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::engine::period::day_from_text;
use crate::engine::value::Value;
use crate::error::{Error, Result};

use super::History;
use super::by_person;
use super::problems::listed;
use super::rows::Rows;
use course::follow;
use reading::EventPiece;

/// What happened first to each of a cohort, and when?
///
/// Each row of the cohort is followed from `origin` to `until`. Its event is the first of the
/// person's events from the day of the origin to the day of `until`, both included; without one it is
/// censored. Events of one day: one that does not compete comes before one that does, then by name.
///
/// # Result
/// The rows of the cohort as they came, in their order, with more columns: `time` (days from the
/// origin to the event, or to `until`), `event` (what happened; null: censored) and `observed_until`
/// (the end of observation, whether or not an event came first). With `competing`, also `competing`
/// (whether the event is one of those); with `entry`, also `entry_days` (days from the origin to the
/// day from which the person was observed; 0 where that is the origin). A row that cannot be
/// followed has nulls, and is listed.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, cast::AsArray};
/// use arrow_array::types::Int64Type;
/// use wholefamily::histories::FollowUp;
///
/// let person: ArrayRef = Arc::new(Int64Array::from(vec![7, 8]));
/// let born: ArrayRef = Arc::new(Date32Array::from(vec![0, 10]));
/// let cohort = RecordBatch::try_from_iter([("child_id", person), ("born", born)]).unwrap();
/// let person: ArrayRef = Arc::new(Int64Array::from(vec![8]));
/// let start: ArrayRef = Arc::new(Date32Array::from(vec![40]));
/// let care = RecordBatch::try_from_iter([("child_id", person), ("start", start)]).unwrap();
/// let follow_up = FollowUp {
///     event: None,
///     ..FollowUp::new("child_id", "born", "start", "1971-01-01")
/// };
/// let followed = follow_up.run(&[cohort], &[care]).unwrap().table;
/// let time = followed.column_by_name("time").unwrap().as_primitive::<Int64Type>().clone();
/// assert_eq!(time.values(), &[365, 30]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// The column that names the person, in both tables.
    pub person: String,
    /// The cohort's column of days on which time begins.
    pub origin: String,
    /// The events' column of days.
    pub event_date: String,
    /// The last day observed: a column of the cohort, or a day (YYYY-MM-DD) for all.
    pub until: String,
    /// The events' column that says what happened; nothing: they are all "event".
    #[serde(default = "event")]
    pub event: Option<String>,
    /// What competes with the event of interest, such as death or moving away.
    #[serde(default)]
    pub competing: Vec<Value>,
    /// The cohort's column of days from which people were observed, where that is later than the
    /// origin.
    #[serde(default)]
    pub entry: Option<String>,
}

fn event() -> Option<String> {
    Some("event".to_owned())
}

/// The columns in which a problem may be, in the order in which they are listed: those of the
/// cohort, then those of the events.
const PERSON: u8 = 0;
const ORIGIN: u8 = 1;
const UNTIL: u8 = 2;
const ENTRY: u8 = 3;
const DATE: u8 = 1;
const KIND: u8 = 2;

/// A row of the cohort or of the events, on its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Mark {
    day: i32,
    /// The number of what happened; [`COHORT`] for a row of the cohort.
    kind: u32,
    row: u32,
}

const COHORT: u32 = u32::MAX;

/// What is known of a row of the cohort before its person's events are.
#[derive(Debug, Clone, Copy)]
struct Member {
    until: Option<i32>,
    /// Days from the origin to the entry.
    entry: Option<i32>,
}

impl FollowUp {
    /// Follows the people of one column from an origin to the last day observed; what happened
    /// stands in the column `event`.
    #[must_use]
    pub fn new(
        person: impl Into<String>,
        origin: impl Into<String>,
        event_date: impl Into<String>,
        until: impl Into<String>,
    ) -> Self {
        Self {
            person: person.into(),
            origin: origin.into(),
            event_date: event_date.into(),
            until: until.into(),
            event: event(),
            competing: Vec::new(),
            entry: None,
        }
    }

    /// Follows a cohort to its events, each table given by its batches.
    ///
    /// # Errors
    /// [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a column that
    /// is missing or of another type, [`Kind::Data`](crate::Kind::Data) where the two tables name
    /// people in two ways, [`Kind::Spec`](crate::Kind::Spec) where an event is called "censored", 0 or
    /// false, by which measures know that there was none.
    pub fn run(&self, cohort: &[RecordBatch], events: &[RecordBatch]) -> Result<History> {
        self.followed(cohort, events).map_err(|error| error.within("follow_up"))
    }

    fn followed(&self, cohort: &[RecordBatch], events: &[RecordBatch]) -> Result<History> {
        let cohort = Rows::new(cohort, "cohort")?;
        let events = Rows::new(events, "events")?;
        let until = self.check(&cohort, &events)?;
        let shards = by_person::shards(cohort.len().max(events.len()));
        let members =
            cohort.read(|chunk, first| self.cohort(chunk, first as u32, shards, until))?;
        let mut happened = events.read(|chunk, first| self.events(chunk, first as u32, shards))?;
        let numbers =
            members.iter().any(|piece| piece.numbers) || happened.iter().any(|piece| piece.numbers);
        let texts =
            members.iter().any(|piece| piece.texts) || happened.iter().any(|piece| piece.texts);
        if numbers && texts {
            return Err(Error::data(format!(
                "one of the tables names people by numbers and the other by text; give '{}' one type",
                self.person
            )));
        }
        let (kinds, interest) = self.number_kinds(&mut happened)?;
        self.refuse_no_event(&happened, &kinds)?;
        let mut notes = self.notes(&kinds);
        let (mut parted, mut problems, mut known) = (Vec::new(), Vec::new(), Vec::new());
        for piece in members {
            parted.push(piece.records);
            problems.extend(piece.problems);
            known.extend(piece.members);
        }
        let mut dateless = 0;
        for piece in happened {
            dateless += piece.dateless;
            parted.push(piece.records);
            problems.extend(piece.problems);
        }
        let found = by_person::each_shard(parted, shards, |shard| follow(shard, &known));
        let (mut courses, mut strangers, mut late) = (Vec::new(), 0_u64, 0_u64);
        for part in found {
            courses.extend(part.courses);
            problems.extend(part.problems);
            strangers += part.strangers;
            late += part.late;
        }
        if dateless > 0 {
            notes.push(format!("events without a date, which have not happened: {dateless}"));
        }
        if strangers > 0 {
            notes.push(format!("events of people who are not in the cohort: {strangers}"));
        }
        if late > 0 {
            notes.push(format!("events after the end of observation, not counted: {late}"));
        }
        let entry = self.entry.as_deref().unwrap_or_default();
        let event = self.event.as_deref().unwrap_or_default();
        // A day for all stands in no column: what contradicts it does.
        let ended = if until.is_some() { &self.origin } else { &self.until };
        let of_cohort: [&str; 4] = [&self.person, &self.origin, ended, entry];
        let of_events: [&str; 3] = [&self.person, &self.event_date, event];
        let problems = listed(problems, &[("cohort", &of_cohort), ("events", &of_events)])?;
        let table = self.table(&cohort, &known, &courses, &kinds, interest)?;
        History::new(table, problems, notes, self)
    }

    /// Checks the columns; gives the last day observed where it is one for all.
    fn check(&self, cohort: &Rows<'_>, events: &Rows<'_>) -> Result<Option<i32>> {
        let within = |table: &'static str| move |error: Error| error.within(table);
        cohort.check(&self.person, "person").map_err(within("cohort"))?;
        cohort.check(&self.origin, "origin").map_err(within("cohort"))?;
        events.check(&self.person, "person").map_err(within("events"))?;
        events.check(&self.event_date, "event_date").map_err(within("events"))?;
        if let Some(event) = &self.event {
            events.check(event, "event").map_err(within("events"))?;
        } else if !self.competing.is_empty() {
            return Err(Error::spec("competing needs event, the column that says what happened"));
        }
        if let Some(entry) = &self.entry {
            cohort.check(entry, "entry").map_err(within("cohort"))?;
        }
        cohort.check_free(&self.own()).map_err(within("cohort"))?;
        let is_column = cohort.fields().any(|field| *field.name() == self.until);
        match day_from_text(&self.until).filter(|_| !is_column) {
            Some(day) => Ok(Some(day)),
            None => cohort.check(&self.until, "until").map(|()| None).map_err(within("cohort")),
        }
    }

    /// Refuses an event whose name says that there was none: who had it would look censored.
    fn refuse_no_event(&self, happened: &[EventPiece], kinds: &[Value]) -> Result<()> {
        for (number, kind) in kinds.iter().enumerate().filter(|(_, kind)| kind.is_no_event()) {
            let met = |piece: &EventPiece| {
                piece.records.records().any(|mark| mark.kind as usize == number)
            };
            if happened.iter().any(met) {
                return Err(Error::spec(format!(
                    "events: '{}' holds {kind}, which means everywhere that nothing happened; leave those rows out, or give what happened another name",
                    self.event.as_deref().unwrap_or("event"),
                )));
            }
        }
        Ok(())
    }

    fn notes(&self, kinds: &[Value]) -> Vec<String> {
        let missing = self.competing.iter().filter(|competing| !kinds.contains(competing));
        missing.map(|competing| format!("competing: no event is {competing}")).collect()
    }
}
