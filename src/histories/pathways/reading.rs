//! What is read of the steps, piece by piece?

use arrow_array::Array;
use rayon::prelude::*;

use crate::engine::chunk::Chunk;
use crate::engine::value::Value;
use crate::error::Result;

use super::super::by_person::{self, Parted, Record};
use super::super::days::{OUTSIDE_YEARS, plausible};
use super::super::problems::{NOBODY_NAMED, Problem, findings};
use super::{DATE, Mark, PERSON, Pathways, STATE, UNSAID, UNTIL};

findings! {
    NO_PERSON: NOBODY_NAMED, "row set aside";
    NO_DATE: "no date", "row set aside";
    NO_DAY: OUTSIDE_YEARS, "row set aside";
    NO_STATE: "no state is named", "row set aside";
    NO_UNTIL: OUTSIDE_YEARS, "another row of the person says the last day watched, if any does";
}

/// What is known of the rows of one piece.
pub(super) struct Piece {
    pub(super) records: Parted<Mark>,
    /// The states that numbers stand for.
    pub(super) states: Vec<Value>,
    pub(super) problems: Vec<Problem>,
    /// The latest day of a usable row.
    pub(super) latest: Option<i32>,
}

impl Pathways {
    pub(super) fn piece(
        &self,
        chunk: &Chunk<'_>,
        first: u32,
        shards: usize,
        day_for_all: Option<i32>,
    ) -> Result<Piece> {
        let people = chunk.people(&self.person, "person")?;
        let days = chunk.days(&self.date, "date")?;
        let codes = chunk.codes(&self.state, "state")?;
        for (role, values) in
            [("order", &self.order), ("ends", &self.ends), ("statutory", &self.statutory)]
        {
            codes.check_kind(&self.state, role, values)?;
        }
        let untils = match (&self.until, day_for_all) {
            (Some(until), None) => Some(chunk.days(until, "until")?),
            _ => None,
        };
        let states = codes.values().to_vec();
        let unnamed = states.iter().position(|state| *state == Value::Null);
        let mut problems = Vec::new();
        let mut latest = None;
        let mut records: Vec<Record<Mark>> = Vec::with_capacity(chunk.rows());
        people.each_block(0..chunk.rows(), |from, people| {
            for (place, person) in (from..).zip(people) {
                let row = first + place as u32;
                let state = codes.code(place);
                let (column, finding) = match plausible(&days, place) {
                    _ if person.is_nobody() => (PERSON, &NO_PERSON),
                    None if days.is_null(place) => (DATE, &NO_DATE),
                    None => (DATE, &NO_DAY),
                    Some(_) if unnamed == Some(state as usize) => (STATE, &NO_STATE),
                    Some(day) => {
                        let said = untils.as_ref().filter(|untils| untils.is_valid(place));
                        let until = said.and_then(|untils| plausible(untils, place));
                        if said.is_some() && until.is_none() {
                            problems.push(Problem::of(row, UNTIL, &NO_UNTIL));
                        }
                        latest = latest.max(Some(day));
                        let until = until.unwrap_or(UNSAID);
                        records.push((*person, Mark { day, state, row, until }));
                        continue;
                    }
                };
                problems.push(Problem::of(row, column, finding));
            }
        });
        Ok(Piece { records: by_person::part(&records, shards), states, problems, latest })
    }

    /// Numbers the states alike in all pieces: those of `order` first, as they stand there, then by
    /// their values. Gives what the numbers stand for.
    pub(super) fn number_states(&self, pieces: &mut [Piece]) -> Vec<Value> {
        let place = |state: &Value| {
            self.order.iter().position(|other| other == state).unwrap_or(usize::MAX)
        };
        let met = pieces.iter().flat_map(|piece| &piece.states);
        let mut states: Vec<(usize, Value)> = met
            .filter(|state| **state != Value::Null)
            .map(|state| (place(state), state.clone()))
            .collect();
        states.sort();
        states.dedup();
        pieces.par_iter_mut().for_each(|piece| {
            let number = |state: &Value| {
                let sought = (place(state), state.clone());
                states.binary_search(&sought).map_or(u32::MAX, |place| place as u32)
            };
            let numbers: Vec<u32> = piece.states.iter().map(number).collect();
            for mark in piece.records.records_mut() {
                mark.state = numbers.get(mark.state as usize).copied().unwrap_or(u32::MAX);
            }
        });
        states.into_iter().map(|(_, state)| state).collect()
    }
}
