//! What each row of a cohort counts as, and how long it was observed.

use arrow_array::{Array, Date32Array};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::value::Value;
use crate::error::Result;

use super::super::durations::{DurationColumns, DurationNames};
use super::super::horizons::{COMPETING, HorizonColumns, OF_INTEREST};
use super::super::share::Equals;
use super::{DEFAULT_COMPETING, DEFAULT_ENTRY, FixedHorizon};

/// How it is known which events compete.
enum Told<'a> {
    /// These are of interest, all others compete.
    Interest(&'a [Value]),
    /// These compete, all others are of interest.
    Competing(&'a [Value]),
    /// A column says so.
    Column(&'a str),
    /// None competes.
    All,
}

impl FixedHorizon {
    /// Checks the columns, and sets aside the rows that contradict themselves.
    pub(super) fn read(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<HorizonColumns> {
        let told = self.told(chunk);
        let counts = |value: &Value| {
            let of_interest = match (value, &told) {
                // What is named as an event is one, whatever it means elsewhere.
                (value, Told::Interest(values)) if values.contains(value) => true,
                (value, Told::Competing(values)) if values.contains(value) => false,
                (value, _) if value.is_no_event() => return Some(Value::Null),
                (_, Told::Interest(_)) => false,
                (_, Told::Competing(_)) => true,
                (_, Told::Column(_) | Told::All) => true,
            };
            Some(if of_interest { OF_INTEREST } else { COMPETING })
        };
        let mut durations = self.names(chunk).columns(chunk, account, counts)?;
        if let Told::Interest(values) | Told::Competing(values) = &told {
            let role = if self.interest.is_some() { "interest" } else { "competing" };
            durations.events().check_kind(&self.event, role, values)?;
        }
        if let Told::Column(name) = &told {
            self.by_column(&mut durations, name, chunk, account)?;
        }
        let observed = self.observed(&mut durations, chunk, account)?;
        Ok(HorizonColumns { durations, observed })
    }

    /// The columns that are there only if the table was made so: those of default names.
    fn names<'a>(&'a self, chunk: &Chunk<'_>) -> DurationNames<'a> {
        let named = self.entry != DEFAULT_ENTRY || chunk.column(&self.entry, "entry").is_ok();
        DurationNames {
            time: &self.time,
            event: &self.event,
            entry: named.then_some(self.entry.as_str()),
            cluster: self.cluster.as_deref(),
        }
    }

    /// The column that says which events compete, if it is one that does.
    pub(super) fn competing_column(&self) -> Option<&str> {
        match &self.competing {
            Equals::One(Value::Text(column)) if self.interest.is_none() => Some(column),
            _ => None,
        }
    }

    fn told(&self, chunk: &Chunk<'_>) -> Told<'_> {
        match (&self.interest, &self.competing, self.competing_column()) {
            (Some(interest), ..) => Told::Interest(interest.values()),
            (None, _, Some(column)) => {
                let there = chunk.column(column, "competing").is_ok();
                if column != DEFAULT_COMPETING || there { Told::Column(column) } else { Told::All }
            }
            (None, competing, None) => Told::Competing(competing.values()),
        }
    }

    /// Says of each row whether its event competes, from the column that does.
    fn by_column(
        &self,
        columns: &mut DurationColumns,
        name: &str,
        chunk: &Chunk<'_>,
        account: &mut Account,
    ) -> Result<()> {
        const SHOWN: [Value; 3] = [Value::Null, OF_INTEREST, COMPETING];
        let competes =
            chunk.flags(name, "competing", "; or give a list of the events that compete")?;
        let place = |row: usize| match columns.end(row) {
            Some(Value::Null) => 0,
            Some(_) if competes.is_valid(row) => 1 + u8::from(competes.value(row)),
            Some(_) => {
                if columns.day(row).is_some() {
                    let problem = "does not say whether the event competes: row set aside";
                    account.note(name, problem, chunk.row(row), || "null".to_owned());
                }
                u8::MAX
            }
            None => u8::MAX,
        };
        let places = (0..chunk.rows()).map(place).collect();
        columns.retell(&SHOWN, places);
        Ok(())
    }

    /// How long each row was under observation; a row that contradicts itself is set aside.
    fn observed(
        &self,
        columns: &mut DurationColumns,
        chunk: &Chunk<'_>,
        account: &mut Account,
    ) -> Result<Vec<u32>> {
        let origin = chunk.days(&self.origin, "origin")?;
        let until = chunk.days(&self.until, "until")?;
        let at =
            |days: &Date32Array, row: usize| days.is_valid(row).then(|| i64::from(days.value(row)));
        let mut observed = vec![0; chunk.rows()];
        let mut aside = Vec::new();
        for (row, observed) in observed.iter_mut().enumerate() {
            let (Some(day), Some(end)) = (columns.day(row), columns.end(row)) else { continue };
            let span = at(&origin, row).zip(at(&until, row)).map(|(from, to)| to - from);
            let day = i64::from(day);
            let problem = match span {
                None => None,
                Some(span) if span < 0 => Some("before the origin: row set aside"),
                Some(span) if day > span => {
                    Some("before the end of the days followed: row set aside")
                }
                Some(span) if *end == Value::Null && day < span => {
                    Some("after the end of the days followed without an event: row set aside")
                }
                Some(span) => {
                    *observed = u32::try_from(span).unwrap_or(u32::MAX);
                    continue;
                }
            };
            if let Some(problem) = problem {
                let shown = || chunk.shown(&self.until, row);
                account.note(&self.until, problem, chunk.row(row), shown);
            }
            aside.push(row);
        }
        columns.set_aside(&aside);
        Ok(observed)
    }
}
