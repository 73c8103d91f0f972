//! The tally behind every rate: events, and what they are set against.

use std::ops::Range;

use arrow_array::Array;

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::exact_sum::ExactSum;
use crate::engine::measure::{Merge, Place, Role, Tally};
use crate::engine::partial::Group;
use crate::engine::value::Value;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

/// Events and exposure of one group, and the rows that said so.
#[derive(Debug, Clone, Default)]
pub struct Exposed {
    pub(crate) events: u64,
    pub(crate) exposure: ExactSum,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
}

impl Merge for Exposed {
    fn merge(&mut self, other: Self) {
        self.events += other.events;
        self.exposure.merge(&other.exposure);
        self.used += other.used;
        self.dropped += other.dropped;
    }

    fn is_empty(&self) -> bool {
        self.used + self.dropped == 0
    }
}

impl Wire for Exposed {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("events", CellKind::Count),
        ("rows_used", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("exposure_place", CellKind::Whole),
        ("exposure_part", CellKind::Whole),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        row(&[
            Cell::Count(self.events),
            Cell::Count(self.used),
            Cell::Count(self.dropped),
            Cell::Whole(None),
            Cell::Whole(None),
        ]);
        for (place, part) in self.exposure.parts() {
            row(&[
                Cell::Count(0),
                Cell::Count(0),
                Cell::Count(0),
                Cell::Whole(Some(i64::from(place))),
                // Below 2³² in this form.
                Cell::Whole(Some(part as i64)),
            ]);
        }
    }

    fn digest(&self) -> Vec<u64> {
        let parts = self.exposure.parts();
        let parts = parts.iter().flat_map(|(place, part)| [u64::from(*place), *part as u64]);
        [self.events, self.used, self.dropped].into_iter().chain(parts).collect()
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let [
            Cell::Count(events),
            Cell::Count(used),
            Cell::Count(dropped),
            Cell::Whole(place),
            Cell::Whole(part),
        ] = row
        else {
            return Err(unreadable());
        };
        let mut exposed =
            Self { events: *events, used: *used, dropped: *dropped, ..Self::default() };
        if let (Some(place), Some(part)) = (place, part) {
            let place = u8::try_from(*place).map_err(|_| unreadable())?;
            exposed.exposure.add_part(place, i128::from(*part));
        }
        Ok(exposed)
    }
}

/// The names of the columns that hold events and exposure.
pub(crate) struct ExposedNames<'a> {
    pub(crate) events: &'a str,
    pub(crate) exposure: &'a str,
}

/// Events and exposure row by row; the exposure is NaN where the row cannot be used.
pub struct ExposedColumns {
    events: Vec<u64>,
    exposure: Vec<f64>,
}

/// Beyond this, a number of 64 bits with a fraction no longer tells whole numbers apart.
const MOST: f64 = 9_007_199_254_740_992.0;

impl ExposedNames<'_> {
    pub(crate) fn roles(&self) -> Vec<Role> {
        vec![Role::new("events", self.events), Role::new("exposure", self.exposure)]
    }

    /// Checks the columns, and notes the rows whose numbers cannot be right.
    pub(crate) fn columns(
        &self,
        chunk: &Chunk<'_>,
        account: &mut Account,
    ) -> Result<ExposedColumns> {
        let events = chunk.numbers(self.events, "events")?;
        let exposure = chunk.numbers(self.exposure, "exposure")?;
        let mut columns = ExposedColumns {
            events: vec![0; chunk.rows()],
            exposure: vec![f64::NAN; chunk.rows()],
        };
        for (row, place) in columns.events.iter_mut().zip(&mut columns.exposure).enumerate() {
            if events.is_null(row) || exposure.is_null(row) {
                continue;
            }
            let (count, size) = (events.value(row), exposure.value(row));
            if !((0.0..=MOST).contains(&count) && count.fract() == 0.0) {
                let problem = "not a count of events: row set aside";
                account.note(self.events, problem, chunk.row(row), || count.to_string());
            } else if !(size >= 0.0 && size.is_finite()) {
                let problem = "not an exposure of 0 or more: row set aside";
                account.note(self.exposure, problem, chunk.row(row), || size.to_string());
            } else {
                (*place.0, *place.1) = (count as u64, size);
            }
        }
        Ok(columns)
    }
}

/// The states of a chunk's groups.
pub struct ExposedTally(Vec<Exposed>);

impl ExposedTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self(vec![Exposed::default(); groups])
    }
}

impl Tally for ExposedTally {
    type State = Exposed;
    type Columns = ExposedColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &ExposedColumns, rows: Range<usize>) {
        let events = columns.events.get(rows.clone()).unwrap_or(&[]);
        let exposure = columns.exposure.get(rows).unwrap_or(&[]);
        for ((group, events), exposure) in groups.iter().zip(events).zip(exposure) {
            let Some(state) = self.0.get_mut(group.place()) else { continue };
            if exposure.is_nan() {
                state.dropped += 1;
            } else {
                state.used += 1;
                state.events += events;
                state.exposure.add(*exposure);
            }
        }
    }

    fn settle(self) -> Vec<Exposed> {
        self.0
    }
}

/// The usual name of the column of events.
pub(crate) fn events() -> String {
    "events".to_owned()
}

/// The usual name of the column of exposure, where that is people.
pub(crate) fn population() -> String {
    "population".to_owned()
}

/// What groups that are shown as one hold together; the rows of those that do not count are dropped.
pub(crate) fn together(parts: &[Group<'_, Exposed>], counts: impl Fn(&[Value]) -> bool) -> Exposed {
    let mut all = Exposed::default();
    for part in parts {
        if counts(part.own) {
            all.merge(part.state.clone());
        } else {
            all.dropped += part.state.used + part.state.dropped;
        }
    }
    all
}
