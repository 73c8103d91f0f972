//! A cohort followed from an origin to its first event or the end of observation.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::engine::chunk::Chunk;
use crate::engine::period::{PLAUSIBLE_DAYS, day_from_text};
use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};

use super::History;
use super::by_person::{self, Parted, Record};
use super::problems::{Finding, Problem, batch, listed};
use super::rows::Rows;

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

macro_rules! findings {
    ($($name:ident: $problem:literal, $done:literal;)*) => {
        $(static $name: Finding = Finding { problem: $problem, done: $done };)*
    };
}

findings! {
    NO_PERSON: "no person is named", "not followed";
    NO_ORIGIN: "no plausible origin", "not followed";
    NO_UNTIL: "no plausible end of observation", "not followed";
    UNTIL_FIRST: "observation ended before the origin", "not followed";
    UNOBSERVED: "observation begins on its last day or later", "not followed";
    IMPLAUSIBLE_ENTRY: "a date outside the years 1 to 9999", "observed from the origin";
    HAPPENED: "the event came on or before the day of entry", "not followed";
    NOBODY: "no person is named", "event set aside";
    NO_DAY: "a date outside the years 1 to 9999", "event set aside";
    NO_KIND: "no event is named", "event set aside";
    TOO_EARLY: "before every origin of the person", "not counted";
    SAME_DAY: "another event of the person on the same day", "the other is taken";
}

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

/// What came of a row of the cohort.
#[derive(Debug, Clone, Copy)]
struct Course {
    row: u32,
    time: i32,
    kind: Option<u32>,
}

struct CohortPiece {
    records: Parted<Mark>,
    members: Vec<Member>,
    problems: Vec<Problem>,
    numbers: bool,
    texts: bool,
}

struct EventPiece {
    records: Parted<Mark>,
    kinds: Vec<Value>,
    /// Rows without a date: what they name has not happened.
    dateless: u64,
    problems: Vec<Problem>,
    numbers: bool,
    texts: bool,
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
    /// people in two ways.
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
        let found = by_person::each_shard(&parted, shards, |shard| follow(shard, &known));
        drop(parted);
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

    fn own(&self) -> Vec<&'static str> {
        let mut own = vec!["time", "event", "observed_until"];
        own.extend((!self.competing.is_empty()).then_some("competing"));
        own.extend(self.entry.is_some().then_some("entry_days"));
        own
    }

    fn cohort(
        &self,
        chunk: &Chunk<'_>,
        first: u32,
        shards: usize,
        until: Option<i32>,
    ) -> Result<CohortPiece> {
        let people = chunk.people(&self.person, "person")?;
        let origins = chunk.days(&self.origin, "origin")?;
        let untils = match until {
            Some(_) => None,
            None => Some(chunk.days(&self.until, "until")?),
        };
        let entries = match &self.entry {
            Some(entry) => Some(chunk.days(entry, "entry")?),
            None => None,
        };
        let mut piece = CohortPiece {
            records: Parted::default(),
            members: Vec::with_capacity(chunk.rows()),
            problems: Vec::new(),
            numbers: false,
            texts: false,
        };
        let mut records: Vec<Record<Mark>> = Vec::with_capacity(chunk.rows());
        people.each_block(0..chunk.rows(), |from, people| {
            for (place, person) in (from..).zip(people) {
                let row = first + place as u32;
                let mut tell = |column, finding| {
                    piece.problems.push(Problem::of(row, column, finding));
                };
                let until = until.or_else(|| plausible(untils.as_ref()?, place));
                let origin = plausible(&origins, place);
                let given = entries.as_ref().filter(|entries| entries.is_valid(place));
                let entry = given.and_then(|entries| plausible(entries, place));
                if given.is_some() && entry.is_none() {
                    tell(ENTRY, &IMPLAUSIBLE_ENTRY);
                }
                let entry = origin.zip(entry).map_or(0, |(origin, entry)| (entry - origin).max(0));
                let mut member = Member { until, entry: None };
                match (origin, until) {
                    _ if person.is_nobody() => tell(PERSON, &NO_PERSON),
                    (None, _) => tell(ORIGIN, &NO_ORIGIN),
                    (_, None) => tell(UNTIL, &NO_UNTIL),
                    (Some(origin), Some(until)) if until < origin => tell(UNTIL, &UNTIL_FIRST),
                    (Some(origin), Some(until)) if entry > 0 && origin + entry >= until => {
                        tell(ENTRY, &UNOBSERVED);
                    }
                    (Some(origin), Some(_)) => {
                        member.entry = Some(entry);
                        piece.numbers |= person.is_number();
                        piece.texts |= !person.is_number();
                        records.push((*person, Mark { day: origin, kind: COHORT, row }));
                    }
                }
                piece.members.push(member);
            }
        });
        piece.records = by_person::part(&records, shards);
        Ok(piece)
    }

    fn events(&self, chunk: &Chunk<'_>, first: u32, shards: usize) -> Result<EventPiece> {
        let people = chunk.people(&self.person, "person")?;
        let days = chunk.days(&self.event_date, "event_date")?;
        let codes = match &self.event {
            Some(event) => Some(chunk.codes(event, "event")?),
            None => None,
        };
        if let (Some(codes), Some(event)) = (&codes, &self.event) {
            codes.check_kind(event, "competing", &self.competing)?;
        }
        let kinds = match &codes {
            Some(codes) => codes.values().to_vec(),
            None => vec![Value::from("event")],
        };
        let unnamed = kinds.iter().position(|kind| *kind == Value::Null).map(|kind| kind as u32);
        let mut piece = EventPiece {
            records: Parted::default(),
            kinds,
            dateless: 0,
            problems: Vec::new(),
            numbers: false,
            texts: false,
        };
        let mut records: Vec<Record<Mark>> = Vec::with_capacity(chunk.rows());
        people.each_block(0..chunk.rows(), |from, people| {
            for (place, person) in (from..).zip(people) {
                let row = first + place as u32;
                let kind = codes.as_ref().map_or(0, |codes| codes.code(place));
                let (column, finding) = match plausible(&days, place) {
                    None if days.is_null(place) => {
                        piece.dateless += 1;
                        continue;
                    }
                    _ if person.is_nobody() => (PERSON, &NOBODY),
                    None => (DATE, &NO_DAY),
                    Some(_) if Some(kind) == unnamed => (KIND, &NO_KIND),
                    Some(day) => {
                        piece.numbers |= person.is_number();
                        piece.texts |= !person.is_number();
                        records.push((*person, Mark { day, kind, row }));
                        continue;
                    }
                };
                piece.problems.push(Problem::of_second(row, column, finding));
            }
        });
        piece.records = by_person::part(&records, shards);
        Ok(piece)
    }

    /// Numbers what happened alike in all pieces: first what does not compete, each in the order of
    /// the values. Gives what the numbers stand for, and how many do not compete.
    fn number_kinds(&self, pieces: &mut [EventPiece]) -> Result<(Vec<Value>, u32)> {
        let met = pieces.iter().flat_map(|piece| &piece.kinds).filter(|kind| **kind != Value::Null);
        let mut kinds: Vec<(bool, Value)> =
            met.map(|kind| (self.competing.contains(kind), kind.clone())).collect();
        kinds.sort();
        kinds.dedup();
        let interest = kinds.partition_point(|(competing, _)| !competing) as u32;
        pieces.par_iter_mut().for_each(|piece| {
            let number = |kind: &Value| {
                let sought = (self.competing.contains(kind), kind.clone());
                kinds.binary_search(&sought).map_or(COHORT, |place| place as u32)
            };
            let numbers: Vec<u32> = piece.kinds.iter().map(number).collect();
            for mark in piece.records.records_mut() {
                mark.kind = numbers.get(mark.kind as usize).copied().unwrap_or(0);
            }
        });
        Ok((kinds.into_iter().map(|(_, kind)| kind).collect(), interest))
    }

    fn notes(&self, kinds: &[Value]) -> Vec<String> {
        let missing = self.competing.iter().filter(|competing| !kinds.contains(competing));
        missing.map(|competing| format!("competing: no event is {competing}")).collect()
    }

    fn table(
        &self,
        cohort: &Rows<'_>,
        members: &[Member],
        courses: &[Course],
        kinds: &[Value],
        interest: u32,
    ) -> Result<RecordBatch> {
        let mut by_row: Vec<Option<Course>> = vec![None; cohort.len()];
        for course in courses {
            if let Some(place) = by_row.get_mut(course.row as usize) {
                *place = Some(*course);
            }
        }
        let kind_of = |course: &Option<Course>| course.as_ref().and_then(|course| course.kind);
        let time: Int64Array =
            by_row.iter().map(|course| course.map(|course| i64::from(course.time))).collect();
        let null = Value::Null;
        let happened = by_row.iter().map(|course| {
            kind_of(course).and_then(|kind| kinds.get(kind as usize)).unwrap_or(&null)
        });
        let shown = kinds.iter().find_map(Value::kind).unwrap_or(ValueKind::Text);
        let until: Date32Array = members.iter().map(|member| member.until).collect();
        let mut own: Vec<ArrayRef> = vec![Arc::new(time), shown.array(happened), Arc::new(until)];
        if !self.competing.is_empty() {
            let competes = |course| kind_of(course).map(|kind| kind >= interest);
            own.push(Arc::new(by_row.iter().map(competes).collect::<BooleanArray>()));
        }
        if self.entry.is_some() {
            let entry = |(course, member): (&Option<Course>, &Member)| {
                course.as_ref().and(member.entry).map(i64::from)
            };
            own.push(Arc::new(by_row.iter().zip(members).map(entry).collect::<Int64Array>()));
        }
        let whole = cohort.whole()?;
        let given = cohort.fields().map(|field| field.name().clone());
        let own = self.own().into_iter().map(str::to_owned).zip(own);
        batch(given.zip(whole.columns().iter().cloned()).chain(own))
    }
}

fn plausible(days: &Date32Array, row: usize) -> Option<i32> {
    days.is_valid(row).then(|| days.value(row)).filter(|day| PLAUSIBLE_DAYS.contains(day))
}

/// What was found in one shard.
#[derive(Default)]
struct Found {
    courses: Vec<Course>,
    problems: Vec<Problem>,
    /// Events of people who are not in the cohort.
    strangers: u64,
    /// Events after the end of every observation.
    late: u64,
}

/// Follows the people of one shard.
fn follow(mut shard: by_person::Shard<Mark>, members: &[Member]) -> Found {
    let mut found = Found::default();
    let mut events: Vec<Mark> = Vec::new();
    shard.each(|_, marks| {
        events.clear();
        events.extend(marks.iter().filter(|mark| mark.kind != COHORT));
        events.sort_unstable();
        let cohort = || marks.iter().filter(|mark| mark.kind == COHORT);
        let Some(first) = cohort().map(|mark| mark.day).min() else {
            found.strangers += events.len() as u64;
            return;
        };
        let early = events.iter().take_while(|event| event.day < first);
        found.problems.extend(early.map(|event| Problem::of_second(event.row, DATE, &TOO_EARLY)));
        for of_day in events.chunk_by(|left, right| left.day == right.day) {
            let Some(taken) = of_day.first().filter(|event| event.day >= first) else { continue };
            let others = of_day.iter().skip(1);
            found.problems.extend(
                others.map(|other| Problem::of_second(other.row, DATE, &SAME_DAY).with(taken.row)),
            );
        }
        let mut last = i32::MIN;
        for mark in cohort() {
            let Some(Member { until: Some(until), entry: Some(entry) }) =
                members.get(mark.row as usize).copied()
            else {
                continue;
            };
            last = last.max(until);
            let place = events.partition_point(|event| event.day < mark.day);
            let event = events.get(place).filter(|event| event.day <= until);
            match event {
                Some(event) if entry > 0 && event.day <= mark.day + entry => {
                    found.problems.push(Problem::of(mark.row, ENTRY, &HAPPENED));
                }
                Some(event) => found.courses.push(Course {
                    row: mark.row,
                    time: event.day - mark.day,
                    kind: Some(event.kind),
                }),
                None => {
                    found.courses.push(Course { row: mark.row, time: until - mark.day, kind: None })
                }
            }
        }
        found.late += events.iter().filter(|event| event.day > last).count() as u64;
    });
    found
}
