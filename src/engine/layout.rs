//! The groups of one chunk of rows: each row has a cell, and each cell stands for a key.

use std::hash::BuildHasher;

use arrow_array::{Array, Date32Array};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::error::Result;

use super::account::Account;
use super::chunk::{Chunk, Room};
use super::codes::Codes;
use super::measure::{Measure, Merge, Role, Tally};
use super::period::Calendar;
use super::value::{Value, ValueKind};

/// Up to how many cells there is one for every combination of codes.
const DENSE_CELLS: usize = 1 << 14;
/// How many rows have their cells written before they are counted: few enough to stay in cache.
const BLOCK_ROWS: usize = 1 << 8;

/// How the rows of a chunk are told apart.
pub(crate) struct Layout<'a> {
    keys: Vec<Codes>,
    time: Option<Time<'a>>,
    cells: Cells,
}

/// The date by which rows are told apart.
enum Time<'a> {
    /// Each day by itself, counted from the first: to be folded into periods after the tally, which
    /// is quicker than to look up the period of each row.
    /// No row lies outside the `span` of days from the first, or the tally says so.
    Days { days: Date32Array, first: i32, span: usize, calendar: &'a Calendar },
    /// The period of each row.
    Periods { codes: Vec<u32>, first: i32, count: usize, nulls: bool, calendar: &'a Calendar },
}

/// How the first and the last day of a chunk are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// From some of the rows, with a margin; a row outside is noticed when its cell is written. That
    /// spares a pass over the dates, which takes as long as the tally.
    Sampled,
    /// From all rows.
    Exact,
}

enum Cells {
    /// A cell for every combination of codes: each code has its own bits, the time the highest.
    Dense { shifts: Vec<u32>, count: usize },
    /// A cell for every combination that occurs.
    Sparse { rows: Vec<u32>, codes: Vec<u32>, width: usize, count: usize },
}

impl<'a> Layout<'a> {
    /// Groups the rows of a chunk by columns and by the period of a date.
    pub(crate) fn new(
        chunk: &Chunk<'_>,
        by: &[Role],
        date: Option<(&str, &'a Calendar)>,
        span: Span,
        account: &mut Account,
    ) -> Result<Self> {
        let mut keys = by
            .iter()
            .map(|key| chunk.codes(&key.column, key.role))
            .collect::<Result<Vec<Codes>>>()?;
        for (codes, Role { column: name, .. }) in keys.iter_mut().zip(by) {
            codes.hide_implausible_days(|row, day| {
                let problem = "a date outside the years 1 to 9999: counted as not recorded";
                account.note(name, problem, chunk.row(row), || day.to_string());
            });
        }
        let mut shifts = vec![0_u32];
        let mut bits = 0_u32;
        for codes in &keys {
            bits += (codes.values().len().max(1) - 1).checked_ilog2().map_or(0, |log| log + 1);
            shifts.push(bits);
        }
        let time = match date {
            None => None,
            Some((name, calendar)) => {
                let days = chunk.days(name, "date")?;
                Some(Time::of_days(&days, calendar, bits, span).unwrap_or_else(|| {
                    Time::of_periods(&days, calendar, |row| {
                        account.note(
                            name,
                            "a date outside the years 1 to 9999: counted under no period",
                            chunk.row(row),
                            || days.value(row).to_string(),
                        );
                    })
                }))
            }
        };
        let steps = time.as_ref().map_or(1, Time::steps);
        let count = 1_usize.checked_shl(bits).and_then(|cells| cells.checked_mul(steps));
        let mut layout = Self { keys, time, cells: Cells::Dense { shifts, count: 0 } };
        match (count.filter(|count| *count <= DENSE_CELLS), &mut layout.cells) {
            (Some(cells), Cells::Dense { count, .. }) => *count = cells,
            _ => layout.cells = layout.sparse(chunk.rows()),
        }
        Ok(layout)
    }

    fn width(&self) -> usize {
        self.keys.len() + usize::from(self.time.is_some())
    }

    /// The code of a row in a key column; the time comes after the keys.
    fn code(&self, key: usize, row: usize) -> u32 {
        match (self.keys.get(key), &self.time) {
            (Some(codes), _) => codes.code(row),
            (None, Some(Time::Periods { codes, .. })) => codes.get(row).copied().unwrap_or(0),
            // Days are told apart only where there is a cell for every combination.
            (None, Some(Time::Days { .. }) | None) => 0,
        }
    }

    /// Numbers the combinations that occur, one key column after the other.
    fn sparse(&self, rows: usize) -> Cells {
        let width = self.width();
        let hasher = FixedState::with_seed(0x006b_6579);
        let mut numbers: Vec<u32> = vec![0; rows];
        let mut first_rows: Vec<u32> = Vec::new();
        for key in 0..width {
            let mut table: HashTable<(u64, u32)> = HashTable::new();
            first_rows.clear();
            for (row, number) in numbers.iter_mut().enumerate() {
                let pair = u64::from(*number) << 32 | u64::from(self.code(key, row));
                let found = table.entry(
                    hasher.hash_one(pair),
                    |(other, _)| *other == pair,
                    |(other, _)| hasher.hash_one(*other),
                );
                *number = match found {
                    Entry::Occupied(found) => found.get().1,
                    Entry::Vacant(empty) => {
                        let next = first_rows.len() as u32;
                        empty.insert((pair, next));
                        first_rows.push(row as u32);
                        next
                    }
                };
            }
        }
        let codes = first_rows
            .iter()
            .flat_map(|row| (0..width).map(|key| self.code(key, *row as usize)))
            .collect();
        Cells::Sparse { rows: numbers, codes, width, count: first_rows.len() }
    }

    /// Gives back the memory that the codes took.
    pub(crate) fn give_back(self, room: &Room) {
        self.keys.into_iter().filter_map(Codes::into_room).for_each(|codes| room.give(codes));
    }

    /// The types of the key columns.
    pub(crate) fn kinds(&self) -> Vec<Option<ValueKind>> {
        self.keys.iter().map(Codes::kind).collect()
    }

    /// Counts the rows and gives the state of each group that has any, with its key; nothing if a
    /// date lies outside the sampled span, or a key outside its dictionary.
    pub(crate) fn tally<M: Measure>(
        &self,
        measure: &M,
        columns: &M::Columns,
        rows: usize,
    ) -> Option<Vec<(Vec<Value>, M::State)>> {
        let states = match &self.cells {
            Cells::Sparse { rows: numbers, count, .. } => {
                let mut tally = measure.tally(*count);
                tally.push(numbers, columns, 0..rows);
                tally.settle()
            }
            Cells::Dense { shifts, count } => {
                let mut tally = measure.tally(*count);
                let mut cells = [0_u16; BLOCK_ROWS];
                let mut first = 0;
                while first < rows {
                    let block = cells.get_mut(..BLOCK_ROWS.min(rows - first)).unwrap_or(&mut []);
                    if !self.fill(block, first, shifts) {
                        return None;
                    }
                    tally.push(block, columns, first..first + block.len());
                    first += block.len();
                }
                self.fold(tally.settle(), shifts)
            }
        };
        let mut groups: Vec<(Vec<Value>, M::State)> = Vec::new();
        for (cell, state) in states.into_iter().enumerate() {
            if !state.is_empty() {
                groups.push((self.key(cell)?, state));
            }
        }
        Some(groups)
    }

    /// Writes the cell of each row from `first` on; says whether every row has one.
    fn fill(&self, cells: &mut [u16], first: usize, shifts: &[u32]) -> bool {
        // Below zero once a day lies before the first or after the last.
        let mut outside = 0_i32;
        let above = shifts.last().copied().unwrap_or(0);
        match &self.time {
            None => cells.fill(0),
            Some(Time::Days { days, first: origin, span, .. }) => {
                let days = days.values().get(first..).unwrap_or(&[]);
                let last = *span as i32 - 1;
                for (cell, day) in cells.iter_mut().zip(days) {
                    let offset = day.wrapping_sub(*origin);
                    outside |= offset | last.wrapping_sub(offset);
                    *cell = (offset as u16) << above;
                }
            }
            Some(Time::Periods { codes, .. }) => {
                for (cell, code) in cells.iter_mut().zip(codes.get(first..).unwrap_or(&[])) {
                    *cell = (*code as u16) << above;
                }
            }
        }
        let widths = shifts.windows(2).map(|pair| match pair {
            [from, to] => to - from,
            _ => 0,
        });
        let mut fit = outside >= 0;
        for ((codes, shift), bits) in self.keys.iter().zip(shifts).zip(widths) {
            fit &= codes.add_to(cells, first, *shift, bits);
        }
        fit
    }

    /// Puts the days of a period together; what is told apart by period already stays as it is.
    fn fold<S: Merge + Default + Clone>(&self, states: Vec<S>, shifts: &[u32]) -> Vec<S> {
        let Some(Time::Days { first, calendar, .. }) = &self.time else { return states };
        let above = shifts.last().copied().unwrap_or(0);
        let keys = 1_usize << above;
        let ordinal = |day: usize| calendar.ordinal(first.wrapping_add(day as i32)).unwrap_or(0);
        let origin = ordinal(0);
        let mut folded: Vec<S> = Vec::new();
        for (cell, state) in states.into_iter().enumerate() {
            let period = ordinal(cell >> above).abs_diff(origin) as usize;
            let place = (period << above) | (cell & (keys - 1));
            if folded.len() <= place {
                folded.resize((period + 1) << above, S::default());
            }
            if let Some(sum) = folded.get_mut(place) {
                sum.merge(state);
            }
        }
        folded
    }

    /// The key of a cell, once days are folded into periods; nothing if a code stands for no value.
    fn key(&self, cell: usize) -> Option<Vec<Value>> {
        let code = |key: usize| match &self.cells {
            Cells::Sparse { codes, width, .. } => {
                codes.get(cell * width + key).copied().unwrap_or(0) as usize
            }
            Cells::Dense { shifts, .. } => {
                let from = shifts.get(key).copied().unwrap_or(0);
                let bits = shifts.get(key + 1).map_or(usize::BITS, |next| next - from);
                let mask = 1_usize.checked_shl(bits).map_or(usize::MAX, |above| above - 1);
                (cell >> from) & mask
            }
        };
        let mut values: Vec<Value> = self
            .keys
            .iter()
            .enumerate()
            .map(|(key, codes)| codes.values().get(code(key)).cloned())
            .collect::<Option<_>>()?;
        values.extend(self.time.as_ref().map(|time| time.value(code(self.keys.len()))));
        Some(values)
    }
}

impl<'a> Time<'a> {
    /// Tells the days apart, where none is missing and they are few enough beside the keys.
    fn of_days(
        days: &Date32Array,
        calendar: &'a Calendar,
        key_bits: u32,
        span: Span,
    ) -> Option<Self> {
        if days.null_count() > 0 || days.is_empty() {
            return None;
        }
        let step = match span {
            Span::Exact => 1,
            Span::Sampled => 509,
        };
        let seen = days.values().iter().step_by(step).chain(days.values().last());
        let (first, last) =
            seen.fold((i32::MAX, i32::MIN), |(first, last), day| (first.min(*day), last.max(*day)));
        let days_seen = last.abs_diff(first) as usize + 1;
        let margin = if span == Span::Exact { 0 } else { days_seen / 8 + 8 };
        let span = days_seen + 2 * margin;
        let first = first.checked_sub(i32::try_from(margin).ok()?)?;
        let last = first.checked_add(i32::try_from(span).ok()? - 1)?;
        let few = span.checked_mul(1 << key_bits.min(31)).is_some_and(|cells| cells <= DENSE_CELLS);
        let plausible = calendar.ordinal(first).is_some() && calendar.ordinal(last).is_some();
        (few && plausible).then(|| Self::Days { days: days.clone(), first, span, calendar })
    }

    /// The period of each row, counted from the first that occurs; null has the last code.
    fn of_periods(
        days: &Date32Array,
        calendar: &'a Calendar,
        mut implausible: impl FnMut(usize),
    ) -> Self {
        const NONE: i32 = i32::MIN;
        let mut first = i32::MAX;
        let mut last = i32::MIN;
        let mut nulls = false;
        let mut ordinals: Vec<i32> = Vec::with_capacity(days.len());
        for (row, day) in days.iter().enumerate() {
            let ordinal = day.and_then(|day| {
                let ordinal = calendar.ordinal(day);
                if ordinal.is_none() {
                    implausible(row);
                }
                ordinal
            });
            if let Some(ordinal) = ordinal {
                first = first.min(ordinal);
                last = last.max(ordinal);
            }
            nulls |= ordinal.is_none();
            ordinals.push(ordinal.unwrap_or(NONE));
        }
        let known = if first <= last { last.abs_diff(first) + 1 } else { 0 };
        let code = |ordinal| if ordinal == NONE { known } else { i32::abs_diff(ordinal, first) };
        Self::Periods {
            codes: ordinals.into_iter().map(code).collect(),
            first,
            count: known as usize + usize::from(nulls),
            nulls,
            calendar,
        }
    }

    /// How many different codes there are.
    fn steps(&self) -> usize {
        match self {
            Self::Days { span, .. } => *span,
            Self::Periods { count, .. } => (*count).max(1),
        }
    }

    /// The first day of the period that a code stands for, once days are folded into periods.
    fn value(&self, code: usize) -> Value {
        let (ordinal, calendar) = match self {
            Self::Days { first, calendar, .. } => {
                (calendar.ordinal(*first).map(|origin| origin.wrapping_add(code as i32)), calendar)
            }
            Self::Periods { nulls: true, count, .. } if code + 1 == *count => return Value::Null,
            Self::Periods { first, calendar, .. } => {
                (Some(first.wrapping_add(code as i32)), calendar)
            }
        };
        ordinal.and_then(|ordinal| calendar.first_day(ordinal)).map_or(Value::Null, Value::Day)
    }
}
