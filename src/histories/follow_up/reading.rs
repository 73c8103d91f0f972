//! What is read of the cohort and of the events, piece by piece?

use arrow_array::Array;
use rayon::prelude::*;

use crate::engine::chunk::Chunk;
use crate::engine::value::Value;
use crate::error::Result;

use super::super::by_person::{self, Parted, Record};
use super::super::days::{OUTSIDE_YEARS, plausible};
use super::super::problems::{NOBODY_NAMED, Problem, findings};
use super::{COHORT, DATE, ENTRY, FollowUp, KIND, Mark, Member, ORIGIN, PERSON, UNTIL};

findings! {
    NO_PERSON: NOBODY_NAMED, "not followed";
    NO_ORIGIN: "no plausible origin", "not followed";
    NO_UNTIL: "no plausible end of observation", "not followed";
    UNTIL_FIRST: "observation ended before the origin", "not followed";
    UNOBSERVED: "observation begins on its last day or later", "not followed";
    IMPLAUSIBLE_ENTRY: OUTSIDE_YEARS, "observed from the origin";
    NOBODY: NOBODY_NAMED, "event set aside";
    NO_DAY: OUTSIDE_YEARS, "event set aside";
    NO_KIND: "no event is named", "event set aside";
}

pub(super) struct CohortPiece {
    pub(super) records: Parted<Mark>,
    pub(super) members: Vec<Member>,
    pub(super) problems: Vec<Problem>,
    pub(super) numbers: bool,
    pub(super) texts: bool,
}

pub(super) struct EventPiece {
    pub(super) records: Parted<Mark>,
    pub(super) kinds: Vec<Value>,
    /// Rows without a date: what they name has not happened.
    pub(super) dateless: u64,
    pub(super) problems: Vec<Problem>,
    pub(super) numbers: bool,
    pub(super) texts: bool,
}

impl FollowUp {
    pub(super) fn cohort(
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

    pub(super) fn events(
        &self,
        chunk: &Chunk<'_>,
        first: u32,
        shards: usize,
    ) -> Result<EventPiece> {
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
    pub(super) fn number_kinds(&self, pieces: &mut [EventPiece]) -> Result<(Vec<Value>, u32)> {
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
}
