//! The tally behind survey percentages: for each respondent, the answers given.

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::engine::measure::Merge;
use crate::engine::people::{Known, People};
use crate::engine::person::PersonId;
use crate::engine::value::Value;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable, value_cells, value_from_cells};
use crate::error::Result;

/// The answers of one respondent, as places in the group's list of answers; each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given {
    pub(crate) answers: SmallVec<[u32; 4]>,
    /// How many rows gave an answer, also one given before, and how many gave none.
    pub(crate) rows: u64,
    pub(crate) nulls: u64,
}

/// What one row says: an answer, and for how many rows with an answer and without it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    answer: u32,
    rows: u32,
    nulls: u32,
}

/// In a record: the respondent was asked and gave no answer.
const NO_ANSWER: u32 = u32::MAX;

impl Known for Given {
    type Record = Said;

    fn add(&mut self, said: Said) {
        self.rows += u64::from(said.rows);
        self.nulls += u64::from(said.nulls);
        if said.answer != NO_ANSWER && !self.answers.contains(&said.answer) {
            self.answers.push(said.answer);
        }
    }

    fn records(&self) -> impl Iterator<Item = Said> {
        let answers =
            self.answers.iter().copied().chain(self.answers.is_empty().then_some(NO_ANSWER));
        let count = |rows: u64| u32::try_from(rows).unwrap_or(u32::MAX);
        let (rows, nulls) = (count(self.rows), count(self.nulls));
        answers.enumerate().map(move |(place, answer)| match place {
            0 => Said { answer, rows, nulls },
            _ => Said { answer, rows: 0, nulls: 0 },
        })
    }
}

/// The respondents of one group and item, with the answers that each gave.
#[derive(Debug, Clone, Default)]
pub struct Respondents {
    /// The answers met, in order; records hold places in this list.
    pub(crate) answers: Answers,
    pub(crate) people: People<Given>,
    pub(crate) answered: u64,
    pub(crate) unanswered: u64,
    pub(crate) unusable: u64,
    /// The sum of a number made of each usable row.
    digest: u64,
}

impl Respondents {
    /// Takes in what one row says; `digest` is the number that stands for the answer.
    pub(crate) fn see(&mut self, respondent: PersonId, answer: &Value, digest: u64) {
        let place = if *answer == Value::Null {
            self.unanswered += 1;
            NO_ANSWER
        } else {
            self.answered += 1;
            self.answers.add(answer)
        };
        self.digest = self.digest.wrapping_add(respondent.digest(digest));
        let rows = u32::from(place != NO_ANSWER);
        self.people.record(respondent, Said { answer: place, rows, nulls: 1 - rows });
    }
}

/// The different answers met, each with a place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Answers {
    values: Vec<Value>,
    places: HashMap<Value, u32>,
}

impl Answers {
    /// The place of an answer, which is new if it was not met before.
    fn add(&mut self, answer: &Value) -> u32 {
        match self.places.get(answer) {
            Some(place) => *place,
            None => {
                let place = self.values.len() as u32;
                self.values.push(answer.clone());
                self.places.insert(answer.clone(), place);
                place
            }
        }
    }

    /// The place of an answer, if it was met.
    pub(crate) fn place(&self, answer: &Value) -> Option<u32> {
        self.places.get(answer).copied()
    }

    /// The answers, in the order in which they were met.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }
}

impl Merge for Respondents {
    fn merge(&mut self, other: Self) {
        let places: Vec<u32> =
            other.answers.values().iter().map(|answer| self.answers.add(answer)).collect();
        let mut people = other.people;
        if places.iter().enumerate().any(|(theirs, mine)| theirs != *mine as usize) {
            people.change(|said| {
                said.answer = places.get(said.answer as usize).copied().unwrap_or(NO_ANSWER);
            });
        }
        self.people.merge(people);
        self.digest = self.digest.wrapping_add(other.digest);
        self.answered += other.answered;
        self.unanswered += other.unanswered;
        self.unusable += other.unusable;
    }

    fn contradiction(&self) -> Option<&'static str> {
        self.people.contradiction()
    }

    fn is_empty(&self) -> bool {
        self.answered + self.unanswered + self.unusable == 0
    }
}

impl Wire for Respondents {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("answered", CellKind::Count),
        ("unanswered", CellKind::Count),
        ("unusable", CellKind::Count),
        ("rows", CellKind::Count),
        ("nulls", CellKind::Count),
        ("digest", CellKind::Digest),
        ("respondent", CellKind::Person),
        ("gave", CellKind::Flag),
        ("answer_flag", CellKind::Whole),
        ("answer_whole", CellKind::Whole),
        ("answer_day", CellKind::Day),
        ("answer_text", CellKind::Text),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |counts: [u64; 5], digest, person, answer: Option<&Value>| {
            let mut cells: Vec<Cell> = counts.map(Cell::Count).into();
            cells.extend([
                Cell::Digest(digest),
                Cell::Person(person),
                Cell::Flag(answer.is_some()),
            ]);
            cells.extend(value_cells(answer.unwrap_or(&Value::Null)));
            row(&cells);
        };
        put([self.answered, self.unanswered, self.unusable, 0, 0], self.digest, None, None);
        for (person, given) in self.people.sorted() {
            let place = |answer: &u32| self.answers.values().get(*answer as usize);
            let mut answers: Vec<&Value> = given.answers.iter().filter_map(place).collect();
            answers.sort();
            if answers.is_empty() {
                put([0, 0, 0, given.rows, given.nulls], 0, Some(person), None);
            }
            for (number, answer) in answers.into_iter().enumerate() {
                let (rows, nulls) = if number == 0 { (given.rows, given.nulls) } else { (0, 0) };
                put([0, 0, 0, rows, nulls], 0, Some(person), Some(answer));
            }
        }
    }

    fn digest(&self) -> Vec<u64> {
        vec![self.answered, self.unanswered, self.unusable, self.digest]
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [
                Cell::Count(answered),
                Cell::Count(unanswered),
                Cell::Count(unusable),
                Cell::Count(rows),
                Cell::Count(nulls),
                Cell::Digest(digest),
                Cell::Person(person),
                Cell::Flag(gave),
                answer @ ..,
            ] => {
                let mut state = Self {
                    answered: *answered,
                    unanswered: *unanswered,
                    unusable: *unusable,
                    digest: *digest,
                    ..Self::default()
                };
                let answer = value_from_cells(answer)?;
                if let Some(person) = person {
                    let answer = if *gave { state.answers.add(&answer) } else { NO_ANSWER };
                    let count = |rows: u64| u32::try_from(rows).map_err(|_| unreadable());
                    let (rows, nulls) = (count(*rows)?, count(*nulls)?);
                    state.people.record(*person, Said { answer, rows, nulls });
                }
                Ok(state)
            }
            _ => Err(unreadable()),
        }
    }
}
