//! The tally behind a fixed horizon: how long each was followed and what ended that, and by each
//! horizon, who could have been seen so long.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::engine::measure::{Merge, Place, Tally};
use crate::engine::value::Value;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable, value_from_cells};
use crate::error::Result;

use super::duration_tally::DurationTally;
use super::durations::{DurationColumns, Durations};

/// What a row ends with: the event asked about, or another that came first; null where none did.
pub(crate) const OF_INTEREST: Value = Value::Boolean(true);
pub(crate) const COMPETING: Value = Value::Boolean(false);

/// Those who could be seen up to a horizon, and those who could not yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Under observation from the origin to the horizon.
    pub(crate) long_enough: u64,
    /// Of these, with the event by the horizon.
    pub(crate) with_event: u64,
    /// Observation ends before the horizon, whether or not an event came first.
    pub(crate) too_short: u64,
    /// Of these, with the event already.
    pub(crate) too_short_with_event: u64,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.long_enough += other.long_enough;
        self.with_event += other.with_event;
        self.too_short += other.too_short;
        self.too_short_with_event += other.too_short_with_event;
    }
}

/// What happened to one group, and who could be seen how long.
#[derive(Debug, Clone, Default)]
pub struct Horizons {
    /// Ends that are [`OF_INTEREST`], [`COMPETING`] or null.
    pub(crate) durations: Durations,
    /// By horizon.
    pub(crate) seen: BTreeMap<u32, Seen>,
    /// The events met, each with whether it is of interest.
    pub(crate) met: BTreeSet<(Value, bool)>,
}

impl Merge for Horizons {
    fn merge(&mut self, other: Self) {
        self.durations.merge(other.durations);
        for (horizon, seen) in other.seen {
            self.seen.entry(horizon).or_default().add(seen);
        }
        self.met.extend(other.met);
    }

    fn contradiction(&self) -> Option<&'static str> {
        self.durations.contradiction()
    }

    fn is_empty(&self) -> bool {
        self.durations.is_empty()
    }
}

/// The fields of [`Durations`] on the wire, which come first in ours.
const SHARED: usize = Durations::FIELDS.len();
/// What a row of the state holds.
const DURATIONS: i64 = 0;
const SEEN: i64 = 1;
const MET_OF_INTEREST: i64 = 2;
const MET_COMPETING: i64 = 3;

impl Wire for Horizons {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("entered", CellKind::Flag),
        ("days", CellKind::Whole),
        ("count", CellKind::Count),
        ("event_flag", CellKind::Whole),
        ("event_whole", CellKind::Whole),
        ("event_day", CellKind::Day),
        ("event_text", CellKind::Text),
        ("entry", CellKind::Whole),
        ("observed", CellKind::Whole),
        ("end", CellKind::Digest),
        ("cluster", CellKind::Person),
        ("holds", CellKind::Whole),
        ("long_enough", CellKind::Count),
        ("with_event", CellKind::Count),
        ("too_short", CellKind::Count),
        ("too_short_with_event", CellKind::Count),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |shared: &[Cell], holds: i64, seen: Seen| {
            let mut cells = shared.to_vec();
            cells.push(Cell::Whole(Some(holds)));
            let Seen { long_enough, with_event, too_short, too_short_with_event } = seen;
            cells.extend(
                [long_enough, with_event, too_short, too_short_with_event].map(Cell::Count),
            );
            row(&cells);
        };
        self.durations.write(&mut |shared| put(shared, DURATIONS, Seen::default()));
        let shared = |days, event: &Value| Durations::cells([0, 0], false, days, 0, event);
        for (horizon, seen) in &self.seen {
            put(&shared(Some(*horizon), &Value::Null), SEEN, *seen);
        }
        for (event, of_interest) in &self.met {
            let holds = if *of_interest { MET_OF_INTEREST } else { MET_COMPETING };
            put(&shared(None, event), holds, Seen::default());
        }
    }

    fn digest(&self) -> Vec<u64> {
        let mut numbers = self.durations.digest();
        for (horizon, seen) in &self.seen {
            let Seen { long_enough, with_event, too_short, too_short_with_event } = *seen;
            numbers.push(u64::from(*horizon));
            numbers.extend([long_enough, with_event, too_short, too_short_with_event]);
        }
        for (event, of_interest) in &self.met {
            numbers.extend([event.digest(), u64::from(*of_interest)]);
        }
        numbers
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let (shared, own) = row.split_at_checked(SHARED).ok_or_else(unreadable)?;
        let [
            Cell::Whole(Some(holds)),
            Cell::Count(long_enough),
            Cell::Count(with_event),
            Cell::Count(too_short),
            Cell::Count(too_short_with_event),
        ] = own
        else {
            return Err(unreadable());
        };
        let mut state = Self::default();
        match (*holds, shared) {
            (DURATIONS, shared) => state.durations = Durations::read(shared)?,
            (SEEN, [_, _, _, Cell::Whole(Some(horizon)), ..]) => {
                let horizon = u32::try_from(*horizon).map_err(|_| unreadable())?;
                let seen = Seen {
                    long_enough: *long_enough,
                    with_event: *with_event,
                    too_short: *too_short,
                    too_short_with_event: *too_short_with_event,
                };
                state.seen.insert(horizon, seen);
            }
            (MET_OF_INTEREST | MET_COMPETING, [_, _, _, _, _, event @ .., _, _, _, _]) => {
                let of_interest = *holds == MET_OF_INTEREST;
                state.met.insert((value_from_cells(event)?, of_interest));
            }
            _ => return Err(unreadable()),
        }
        Ok(state)
    }
}

/// The columns of a cohort that was followed.
pub struct HorizonColumns {
    pub(crate) durations: DurationColumns,
    /// Days from the origin to the end of observation, of rows that are used.
    pub(crate) observed: Vec<u32>,
}

/// What the rows of a chunk are counted in.
pub struct HorizonTally {
    durations: DurationTally,
    at: Vec<u32>,
    /// By group, and within it by horizon.
    seen: Vec<Seen>,
    /// By group: the codes of events met, each with whether it is of interest.
    met: Vec<BTreeSet<(u32, bool)>>,
    /// What the codes stand for.
    events: Vec<Value>,
}

impl HorizonTally {
    pub(crate) fn new(groups: usize, at: &[i64]) -> Self {
        let mut at: Vec<u32> = at.iter().filter_map(|day| u32::try_from(*day).ok()).collect();
        at.sort_unstable();
        at.dedup();
        Self {
            durations: DurationTally::new(groups),
            seen: vec![Seen::default(); groups * at.len()],
            met: vec![BTreeSet::new(); groups],
            events: Vec::new(),
            at,
        }
    }
}

impl Tally for HorizonTally {
    type State = Horizons;
    type Columns = HorizonColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &HorizonColumns, rows: Range<usize>) {
        let durations = &columns.durations;
        if self.events.is_empty() {
            self.events = durations.events().values().to_vec();
        }
        for (group, row) in groups.iter().zip(rows.clone()) {
            let group = group.place();
            let (Some(day), Some(end)) = (durations.day(row), durations.end(row)) else {
                continue;
            };
            let observed = columns.observed.get(row).copied().unwrap_or(0);
            let from_the_origin = durations.entered(row) == 0;
            let of_interest = *end == OF_INTEREST;
            let width = self.at.len();
            let seen = self.seen.get_mut(group * width..(group + 1) * width);
            for (seen, horizon) in seen.into_iter().flatten().zip(&self.at) {
                let had = u64::from(of_interest && day <= *horizon);
                if observed < *horizon {
                    seen.too_short += 1;
                    seen.too_short_with_event += had;
                } else if from_the_origin {
                    seen.long_enough += 1;
                    seen.with_event += had;
                }
            }
            if *end != Value::Null
                && let Some(met) = self.met.get_mut(group)
            {
                met.insert((durations.events().code(row), of_interest));
            }
        }
        self.durations.count(groups, durations, rows.clone());
        let observed = |row: usize| columns.observed.get(row).copied().unwrap_or(0);
        self.durations.see_clusters(groups, durations, rows, observed);
    }

    fn settle(self) -> Vec<Horizons> {
        let mut seen = self.seen.into_iter();
        let event = |(code, of_interest): (u32, bool)| {
            self.events.get(code as usize).map(|event| (event.clone(), of_interest))
        };
        self.durations
            .settle()
            .into_iter()
            .zip(self.met)
            .map(|(durations, met)| Horizons {
                seen: self.at.iter().copied().zip(seen.by_ref().take(self.at.len())).collect(),
                met: met.into_iter().filter_map(event).collect(),
                durations,
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_durations_come_first() {
        assert_eq!(&Horizons::FIELDS[..SHARED], Durations::FIELDS);
    }
}
