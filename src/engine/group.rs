//! Groups: from key values to dense numbers, for a chunk of rows and for a whole run.

use std::hash::BuildHasher;

use arrow_array::{Array, Date32Array};
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::error::{Error, Result};

use super::account::Account;
use super::chunk::Chunk;
use super::codes::Codes;
use super::period::Calendar;
use super::value::{Value, ValueKind};

/// The groups of a run, in the order in which they were first met.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    width: usize,
    keys: Vec<Value>,
    count: usize,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl Groups {
    /// No groups yet, of keys of this many values.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The key of a group.
    pub(crate) fn key(&self, group: usize) -> &[Value] {
        key_of(&self.keys, self.width, group)
    }

    /// The number of the group with this key, which is new if it was not met before.
    pub(crate) fn number(&mut self, key: &[Value]) -> usize {
        let Self { width, keys, count, table, hasher } = self;
        let found = table.entry(
            hasher.hash_one(key),
            |group| key_of(keys, *width, *group as usize) == key,
            |group| hasher.hash_one(key_of(keys, *width, *group as usize)),
        );
        match found {
            Entry::Occupied(found) => *found.get() as usize,
            Entry::Vacant(empty) => {
                empty.insert(*count as u32);
                keys.extend_from_slice(key);
                *count += 1;
                *count - 1
            }
        }
    }

    /// The groups in order of their keys: period first if there is one (it stands last in the key).
    pub(crate) fn sorted(&self, period: bool) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.count).collect();
        order.sort_by(|left, right| {
            let (left, right) = (self.key(*left), self.key(*right));
            let by_period =
                if period { left.last().cmp(&right.last()) } else { std::cmp::Ordering::Equal };
            by_period.then_with(|| Value::compare(left, right))
        });
        order
    }
}

fn key_of(keys: &[Value], width: usize, group: usize) -> &[Value] {
    keys.get(group * width..(group + 1) * width).unwrap_or(&[])
}

/// Up to how many cells a chunk's groups are counted in a table with a place for every combination.
const DENSE_CELLS: usize = 1 << 14;

/// The groups of one chunk: each row has a cell, each cell a key.
pub(crate) struct Layout {
    keys: Vec<Codes>,
    kinds: Vec<Option<ValueKind>>,
    periods: Option<PeriodCodes>,
    cells: Cells,
}

enum Cells {
    /// A cell for every combination of codes.
    Dense { strides: Vec<u32>, count: usize },
    /// A cell for every combination that occurs.
    Sparse { rows: Vec<u32>, codes: Vec<u32>, width: usize, count: usize },
}

struct PeriodCodes {
    codes: Vec<u32>,
    first: i32,
    count: u32,
    nulls: bool,
}

impl Layout {
    /// Groups the rows of a chunk by columns and by the period of a date.
    pub(crate) fn new(
        chunk: &Chunk<'_>,
        by: &[String],
        date: Option<(&str, &Calendar)>,
        account: &mut Account,
    ) -> Result<Self> {
        let keys = by.iter().map(|name| chunk.codes(name, "by")).collect::<Result<Vec<Codes>>>()?;
        let kinds = keys.iter().map(Codes::kind).collect();
        let periods = date
            .map(|(name, calendar)| {
                let days = chunk.days(name, "date")?;
                Ok::<_, Error>(PeriodCodes::new(&days, calendar, |row| {
                    account.note(
                        name,
                        "a date outside the years 1 to 9999: counted under no period",
                        chunk.row(row),
                        || days.value(row).to_string(),
                    );
                }))
            })
            .transpose()?;
        let mut count = 1_usize;
        let mut strides = Vec::with_capacity(keys.len() + 1);
        let cardinalities = keys.iter().map(|codes| codes.values().len().max(1));
        for size in cardinalities.chain(periods.as_ref().map(|periods| periods.count as usize)) {
            strides.push(u32::try_from(count).unwrap_or(u32::MAX));
            count = count.saturating_mul(size.max(1));
        }
        let mut layout = Self { keys, kinds, periods, cells: Cells::Dense { strides, count } };
        if count > DENSE_CELLS {
            layout.cells = layout.sparse(chunk.rows());
        }
        Ok(layout)
    }

    fn width(&self) -> usize {
        self.keys.len() + usize::from(self.periods.is_some())
    }

    fn code(&self, key: usize, row: usize) -> u32 {
        match (self.keys.get(key), &self.periods) {
            (Some(codes), _) => codes.code(row),
            (None, Some(periods)) => periods.codes.get(row).copied().unwrap_or(0),
            (None, None) => 0,
        }
    }

    /// Numbers the combinations that occur, one key column after the other.
    fn sparse(&self, rows: usize) -> Cells {
        let width = self.width();
        let mut numbers: Vec<u32> = vec![0; rows];
        let mut count = 1_usize;
        let hasher = FixedState::with_seed(0x6b6579);
        let mut first_rows: Vec<u32> = Vec::new();
        for key in 0..width {
            let mut table: HashTable<(u64, u32)> = HashTable::new();
            first_rows.clear();
            for (row, number) in numbers.iter_mut().enumerate() {
                let pair = u64::from(*number) << 32 | u64::from(self.code(key, row));
                *number = match table.entry(
                    hasher.hash_one(pair),
                    |(other, _)| *other == pair,
                    |(other, _)| hasher.hash_one(*other),
                ) {
                    Entry::Occupied(found) => found.get().1,
                    Entry::Vacant(empty) => {
                        let next = first_rows.len() as u32;
                        empty.insert((pair, next));
                        first_rows.push(row as u32);
                        next
                    }
                };
            }
            count = first_rows.len();
        }
        let codes = first_rows
            .iter()
            .flat_map(|row| (0..width).map(|key| self.code(key, *row as usize)))
            .collect();
        Cells::Sparse { rows: numbers, codes, width, count }
    }

    /// How many cells there are.
    pub(crate) fn cells(&self) -> usize {
        match &self.cells {
            Cells::Dense { count, .. } | Cells::Sparse { count, .. } => *count,
        }
    }

    /// The types of the key columns.
    pub(crate) fn kinds(&self) -> &[Option<ValueKind>] {
        &self.kinds
    }

    /// Writes the cell of each row from `first` on.
    pub(crate) fn fill(&self, cells: &mut [u32], first: usize) {
        match &self.cells {
            Cells::Sparse { rows, .. } => {
                for (cell, number) in cells.iter_mut().zip(rows.iter().skip(first)) {
                    *cell = *number;
                }
            }
            Cells::Dense { strides, .. } => {
                cells.fill(0);
                for (codes, stride) in self.keys.iter().zip(strides) {
                    codes.add_to(cells, first, *stride);
                }
                if let (Some(periods), Some(stride)) = (&self.periods, strides.get(self.keys.len()))
                {
                    for (cell, code) in cells.iter_mut().zip(periods.codes.iter().skip(first)) {
                        *cell += code * stride;
                    }
                }
            }
        }
    }

    /// The key of a cell.
    pub(crate) fn key(&self, cell: usize, calendar: Option<&Calendar>) -> Vec<Value> {
        let code = |key: usize| match &self.cells {
            Cells::Sparse { codes, width, .. } => {
                codes.get(cell * width + key).copied().unwrap_or(0) as usize
            }
            Cells::Dense { strides, count } => {
                let stride = strides.get(key).copied().unwrap_or(1) as usize;
                let next = strides.get(key + 1).map_or(*count, |next| *next as usize);
                cell % next.max(1) / stride.max(1)
            }
        };
        let mut values: Vec<Value> = self
            .keys
            .iter()
            .enumerate()
            .map(|(key, codes)| codes.values().get(code(key)).cloned().unwrap_or(Value::Null))
            .collect();
        if let (Some(periods), Some(calendar)) = (&self.periods, calendar) {
            values.push(periods.value(code(self.keys.len()) as u32, calendar));
        }
        values
    }
}

impl PeriodCodes {
    /// The period of each day, counted from the first period that occurs; null has the last code.
    fn new(days: &Date32Array, calendar: &Calendar, mut implausible: impl FnMut(usize)) -> Self {
        let mut first = i32::MAX;
        let mut last = i32::MIN;
        let mut nulls = false;
        const NONE: i32 = i32::MIN;
        let mut ordinal_of = |row: usize, day: i32| {
            let ordinal = calendar.ordinal(day);
            if ordinal.is_none() {
                implausible(row);
            }
            ordinal
        };
        let mut ordinals: Vec<i32> = Vec::with_capacity(days.len());
        let without_nulls = days.null_count() == 0;
        for (row, day) in days.values().iter().enumerate() {
            let ordinal =
                if without_nulls || days.is_valid(row) { ordinal_of(row, *day) } else { None };
            match ordinal {
                Some(ordinal) => {
                    first = first.min(ordinal);
                    last = last.max(ordinal);
                    ordinals.push(ordinal);
                }
                None => {
                    nulls = true;
                    ordinals.push(NONE);
                }
            }
        }
        let known = if first <= last { last.abs_diff(first) + 1 } else { 0 };
        let codes = ordinals
            .into_iter()
            .map(|ordinal| if ordinal == NONE { known } else { ordinal.wrapping_sub(first) as u32 })
            .collect();
        Self { codes, first, count: known + u32::from(nulls), nulls }
    }

    fn value(&self, code: u32, calendar: &Calendar) -> Value {
        if self.nulls && code + 1 == self.count {
            return Value::Null;
        }
        let ordinal = self.first.wrapping_add(code as i32);
        calendar.first_day(ordinal).map_or(Value::Null, Value::Day)
    }
}
