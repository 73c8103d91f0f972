//! What is behind every question of time: how many were followed for how many days, and what happened
//! then.

use arrow_array::{Array, Float64Array};
use arrow_buffer::ScalarBuffer;

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::codes::{Codes, implausible};
use crate::engine::measure::{Merge, Role};
use crate::engine::person::PersonColumn;
use crate::engine::value::{Value, ValueKind};
use crate::engine::wire::{Cell, CellKind, Wire, unreadable, value_cells, value_from_cells};
use crate::error::Result;

use super::day_tally::DayCounts;
use super::fates::Clusters;

/// What happened to one group, by the number of days after which it did.
#[derive(Debug, Clone, Default)]
pub struct Durations {
    /// Each event, in order; null stands for those who were no longer followed.
    pub(crate) ends: Vec<(Value, DayCounts)>,
    /// On which day those came under observation who did so late.
    pub(crate) entered: DayCounts,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
    /// Everybody by cluster, where clusters are told apart.
    pub(crate) clusters: Clusters,
}

impl Durations {
    /// The cells of a row of counts.
    pub(crate) fn cells(
        [used, dropped]: [u64; 2],
        entered: bool,
        days: Option<u32>,
        count: u64,
        event: &Value,
    ) -> Vec<Cell> {
        let mut cells = vec![
            Cell::Count(used),
            Cell::Count(dropped),
            Cell::Flag(entered),
            Cell::Whole(days.map(i64::from)),
            Cell::Count(count),
        ];
        cells.extend(value_cells(event));
        cells.extend(Clusters::NOBODY);
        cells
    }

    pub(super) fn add(&mut self, event: Value, counts: DayCounts) {
        match self.ends.binary_search_by(|(other, _)| other.cmp(&event)) {
            Ok(place) => {
                if let Some((_, known)) = self.ends.get_mut(place) {
                    known.merge(counts);
                }
            }
            Err(place) => self.ends.insert(place, (event, counts)),
        }
    }

    /// The counts of one event; none where it never happened.
    pub(crate) fn of(&self, event: &Value) -> &[(u32, u64)] {
        let place = self.ends.binary_search_by(|(other, _)| other.cmp(event));
        place.ok().and_then(|place| self.ends.get(place)).map_or(&[], |(_, counts)| &counts.0)
    }
}

impl Merge for Durations {
    fn merge(&mut self, other: Self) {
        for (event, counts) in other.ends {
            self.add(event, counts);
        }
        self.entered.merge(other.entered);
        self.used += other.used;
        self.dropped += other.dropped;
        self.clusters.merge(other.clusters);
    }

    fn contradiction(&self) -> Option<&'static str> {
        self.clusters.contradiction()
    }

    fn is_empty(&self) -> bool {
        self.used + self.dropped == 0 && self.clusters.is_empty()
    }
}

impl Wire for Durations {
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
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        row(&Self::cells([self.used, self.dropped], false, None, 0, &Value::Null));
        let mut put =
            |entered, day, count, event| row(&Self::cells([0, 0], entered, day, count, event));
        for (event, counts) in &self.ends {
            counts.0.iter().for_each(|(day, count)| put(false, Some(*day), *count, event));
        }
        for (day, count) in &self.entered.0 {
            put(true, Some(*day), *count, &Value::Null);
        }
        for (cluster, fates) in self.clusters.each() {
            for fate in fates {
                let mut cells = Self::cells([0, 0], false, Some(fate.exit), 0, &Value::Null);
                cells.truncate(cells.len() - Clusters::NOBODY.len());
                cells.extend(Clusters::cells(cluster, fate));
                row(&cells);
            }
        }
    }

    fn digest(&self) -> Vec<u64> {
        let mut numbers = vec![self.used, self.dropped];
        for (event, counts) in &self.ends {
            numbers.push(event.digest());
            numbers.extend(counts.0.iter().flat_map(|(day, count)| [u64::from(*day), *count]));
        }
        numbers.extend(self.entered.0.iter().flat_map(|(day, count)| [u64::from(*day), *count]));
        numbers.extend(self.clusters.digest());
        numbers
    }

    fn read(row: &[Cell]) -> Result<Self> {
        let person = row.len().saturating_sub(Clusters::NOBODY.len());
        let Some((
            [
                Cell::Count(used),
                Cell::Count(dropped),
                Cell::Flag(entered),
                Cell::Whole(days),
                Cell::Count(count),
                event @ ..,
            ],
            person,
        )) = row.split_at_checked(person)
        else {
            return Err(unreadable());
        };
        let mut state = Self { used: *used, dropped: *dropped, ..Self::default() };
        if let Some(clusters) = Clusters::read(person, *days)? {
            return Ok(Self { clusters, ..state });
        }
        if let Some(days) = days {
            let day = u32::try_from(*days).map_err(|_| unreadable())?;
            let counts = DayCounts(vec![(day, *count)]);
            if *entered {
                state.entered = counts;
            } else {
                state.add(value_from_cells(event)?, counts);
            }
        }
        Ok(state)
    }
}

/// The columns that say how long, what happened, and from when on.
pub struct DurationColumns {
    /// Days; the last of the slots for a row that cannot be used.
    pub(super) days: ScalarBuffer<u32>,
    /// The day of entry, where the measure has such a column; 0 where it says nothing.
    pub(super) entered: Option<Vec<u32>>,
    events: Codes,
    /// Whom each row belongs with, where clusters are told apart.
    pub(super) clusters: Option<PersonColumn>,
    /// Which of `shown` each row counts as, where the code of its event does not say.
    places: Option<Vec<u8>>,
    /// What each code of an event counts as: null for those no longer followed; nothing for a row
    /// that does not say.
    pub(super) shown: Vec<Option<Value>>,
    /// One more than the days that there are.
    pub(super) slots: usize,
}

pub(crate) const UNUSABLE: u32 = u32::MAX;
/// More than 2,800 years.
const MOST_DAYS: u32 = 1_048_575;

/// The names of the columns.
pub(crate) struct DurationNames<'a> {
    pub(crate) time: &'a str,
    pub(crate) event: &'a str,
    pub(crate) entry: Option<&'a str>,
    pub(crate) cluster: Option<&'a str>,
}

impl DurationColumns {
    /// The type of the event column; nothing where no value is recorded.
    pub(crate) fn event_kind(&self) -> Option<ValueKind> {
        self.events.kind()
    }

    /// The event column, as it was read.
    pub(crate) fn events(&self) -> &Codes {
        &self.events
    }

    fn unusable(&self) -> u32 {
        self.slots as u32 - 1
    }

    /// The days that a row was followed for; nothing where the row cannot be used.
    #[inline]
    pub(crate) fn day(&self, row: usize) -> Option<u32> {
        self.days.get(row).copied().filter(|day| *day != self.unusable())
    }

    /// What a row counts as; nothing where it does not say.
    #[inline]
    pub(crate) fn end(&self, row: usize) -> Option<&Value> {
        self.shown.get(self.place(row)?).and_then(Option::as_ref)
    }

    /// Which of `shown` a row counts as.
    #[inline]
    pub(super) fn place(&self, row: usize) -> Option<usize> {
        match &self.places {
            Some(places) => places.get(row).copied().map(usize::from),
            None => Some(self.events.code(row) as usize),
        }
    }

    /// The day after which a row was under observation; 0 is the origin.
    #[inline]
    pub(crate) fn entered(&self, row: usize) -> u32 {
        self.entered.as_ref().and_then(|entered| entered.get(row)).copied().unwrap_or(0)
    }

    /// Does not use these rows.
    pub(crate) fn set_aside(&mut self, rows: &[usize]) {
        if rows.is_empty() {
            return;
        }
        let unusable = self.unusable();
        let mut days = self.days.to_vec();
        for row in rows {
            if let Some(day) = days.get_mut(*row) {
                *day = unusable;
            }
            if let Some(from) = self.entered.as_mut().and_then(|entered| entered.get_mut(*row)) {
                *from = 0;
            }
        }
        self.days = days.into();
    }

    /// Says row by row what it counts as: a place in `shown`, or beyond it for nothing.
    pub(crate) fn retell(&mut self, shown: &[Value], places: Vec<u8>) {
        let says = |place: &u8| usize::from(*place) < shown.len();
        if let Some(entered) = &mut self.entered {
            let silent = entered.iter_mut().zip(&places).filter(|(_, place)| !says(place));
            silent.for_each(|(from, _)| *from = 0);
        }
        self.shown = shown.iter().cloned().map(Some).collect();
        self.places = Some(places);
    }

    /// Whether a row may count as none of `shown`.
    pub(crate) fn may_count_as_nothing(&self) -> bool {
        self.places.is_some() || self.events.may_lack_values()
    }

    /// Writes the kinds of the rows from `first` on: places in `shown`.
    #[inline]
    pub(super) fn kinds(&self, room: &mut [u32], first: usize) {
        match &self.places {
            None => self.events.read_into(room, first),
            Some(places) => {
                let places = places.get(first..).unwrap_or(&[]);
                room.iter_mut().zip(places).for_each(|(slot, place)| *slot = u32::from(*place));
            }
        }
    }
}

impl DurationNames<'_> {
    pub(crate) fn roles(&self) -> Vec<Role> {
        let mut roles = vec![Role::new("time", self.time), Role::new("event", self.event)];
        roles.extend(self.entry.map(|entry| Role::new("entry", entry)));
        roles.extend(self.cluster.map(|cluster| Role::new("cluster", cluster)));
        roles
    }

    /// Checks the columns, and notes the rows whose numbers cannot be right; `counts` says of each
    /// value of the event column what it counts as, null for no event; nothing for a row that does not
    /// say.
    pub(crate) fn columns(
        &self,
        chunk: &Chunk<'_>,
        account: &mut Account,
        counts: impl Fn(&Value) -> Option<Value>,
    ) -> Result<DurationColumns> {
        let events = chunk.codes(self.event, "event")?;
        events.tell_implausible_days(|row, day| {
            let problem = "a date outside the years 1 to 9999: row set aside";
            account.note(self.event, problem, chunk.row(row), || day.to_string());
        });
        let shown = |value| if implausible(value).is_some() { None } else { counts(value) };
        let shown: Vec<Option<Value>> = events.values().iter().map(shown).collect();
        let mut days = match chunk.small_whole_numbers(self.time, "time")? {
            Some(days) if bound(&days) <= MOST_DAYS => days,
            _ => whole_days(&chunk.numbers(self.time, "time")?, self.time, chunk, account).into(),
        };
        let entered = match self.entry {
            None => None,
            Some(name) => {
                let (sound, entered) = entered(name, &days, chunk, account)?;
                let says = |row| shown.get(events.code(row) as usize).is_some_and(Option::is_some);
                let rows = entered.into_iter().zip(&sound).enumerate();
                let late = rows.map(
                    |(row, (from, day))| {
                        if *day == UNUSABLE || !says(row) { 0 } else { from }
                    },
                );
                let late = late.collect();
                days = sound.into();
                Some(late)
            }
        };
        let mut slots = bound(&days).saturating_add(1);
        if slots > MOST_DAYS + 1 {
            // A row that cannot be used has a slot of its own, after the days that there are.
            let usable = days.iter().copied().filter(|day| *day != UNUSABLE);
            slots = usable.max().map_or(0, |last| last + 1);
            days = days.iter().map(|day| (*day).min(slots)).collect();
        }
        let columns = DurationColumns {
            days,
            entered,
            events,
            clusters: None,
            places: None,
            shown,
            slots: slots as usize + 1,
        };
        columns.told_apart(self.cluster, chunk, account)
    }
}

/// The days of those who came under observation late; who did so at the end or after it cannot be
/// used.
fn entered(
    name: &str,
    days: &[u32],
    chunk: &Chunk<'_>,
    account: &mut Account,
) -> Result<(Vec<u32>, Vec<u32>)> {
    let entry = chunk.numbers(name, "entry")?;
    let mut entered = whole_days(&entry, name, chunk, account);
    let mut days = days.to_vec();
    for (row, (day, from)) in days.iter_mut().zip(&mut entered).enumerate() {
        if entry.is_null(row) {
            *from = 0;
        } else if *from == UNUSABLE {
            *day = UNUSABLE;
        } else if *day != UNUSABLE && *from >= *day && *from > 0 {
            let problem = "under observation only after the end: row set aside";
            account.note(name, problem, chunk.row(row), || from.to_string());
            *day = UNUSABLE;
        }
    }
    Ok((days, entered))
}

/// A number that none of the days is above: quicker to find than the highest. It is at most
/// [`MOST_DAYS`], which is a power of two less one, where they are.
fn bound(days: &[u32]) -> u32 {
    days.iter().fold(0, |bits, day| bits | day)
}

/// Days as whole numbers; what is not a number of days is noted.
pub(crate) fn whole_days(
    numbers: &Float64Array,
    name: &str,
    chunk: &Chunk<'_>,
    account: &mut Account,
) -> Vec<u32> {
    let complete = numbers.null_count() == 0;
    let day = |(row, number): (usize, &f64)| {
        if !complete && numbers.is_null(row) {
            return UNUSABLE;
        }
        if (0.0..=f64::from(MOST_DAYS)).contains(number) && number.fract() == 0.0 {
            return *number as u32;
        }
        let problem = if *number > f64::from(MOST_DAYS) {
            "more than 1,048,575 days: row set aside"
        } else {
            "not a whole number of days from 0 on: row set aside"
        };
        account.note(name, problem, chunk.row(row), || number.to_string());
        UNUSABLE
    };
    numbers.values().iter().enumerate().map(day).collect()
}
