//! A number for each different value of a column, in order of first appearance.

use std::hash::BuildHasher;

use arrow_array::cast::AsArray;
use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{Array, ArrayAccessor, ArrayRef, PrimitiveArray, StringViewArray};
use arrow_buffer::ArrowNativeType;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::value::Value;

/// The number of each row's value, written into the room that was given, and the values by number;
/// null is the last of them.
pub(super) type Numbered = (Vec<u32>, Vec<Value>);

/// Gives each different value a code, in order of first appearance; nulls get the last code.
struct Numbering<T> {
    seen: Vec<T>,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl<T: Copy + Eq + std::hash::Hash> Numbering<T> {
    fn new() -> Self {
        Self { seen: Vec::new(), table: HashTable::new(), hasher: FixedState::with_seed(0x66616d) }
    }

    #[inline]
    fn code(&mut self, value: T) -> u32 {
        let Self { seen, table, hasher } = self;
        let known = |code: &u32| seen.get(*code as usize).copied();
        match table.entry(
            hasher.hash_one(value),
            |code| known(code) == Some(value),
            |code| known(code).map_or(0, |value| hasher.hash_one(value)),
        ) {
            Entry::Occupied(found) => *found.get(),
            Entry::Vacant(empty) => {
                let code = seen.len() as u32;
                empty.insert(code);
                seen.push(value);
                code
            }
        }
    }
}

/// Remembers the codes of what was met last, so that few different values need no table.
struct Recent<T> {
    slots: Vec<(T, u32)>,
}

const RECENT: usize = 256;

impl<T: Copy + PartialEq> Recent<T> {
    /// The code of a value whose bits are mixed into `mark`, found in the table if not here.
    #[inline]
    fn code(&mut self, value: T, mark: u64, find: impl FnOnce() -> u32) -> u32 {
        let place = (mark.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize;
        match self.slots.get_mut(place) {
            Some((known, code)) if *known == value => *code,
            Some(slot) => {
                *slot = (value, find());
                slot.1
            }
            None => {
                let code = find();
                self.slots = vec![(value, code); RECENT];
                code
            }
        }
    }
}

/// Numbers the rows; `value` makes a key of what is seen, `mark` a number that spreads it.
fn numbered<T: Copy + Eq + std::hash::Hash>(
    rows: impl Iterator<Item = Option<T>>,
    mark: impl Fn(T) -> u64,
    value: impl Fn(T) -> Value,
    room: Vec<u32>,
) -> Numbered {
    let mut numbering = Numbering::new();
    let mut recent = Recent { slots: Vec::new() };
    let codes = written(room, rows, |row| match row {
        None => NO_CODE,
        Some(row) => recent.code(row, mark(row), || numbering.code(row)),
    });
    let values = numbering.seen.into_iter().map(value).collect();
    with_null(codes, values)
}

/// Writes the code of each row into the room; apart from its callers, so that the loop stays small.
#[inline(never)]
fn written<R>(
    mut room: Vec<u32>,
    rows: impl Iterator<Item = R>,
    code: impl FnMut(R) -> u32,
) -> Vec<u32> {
    room.clear();
    room.extend(rows.map(code));
    room
}

/// The code of a null, until it is known how many values there are.
const NO_CODE: u32 = u32::MAX;

/// Gives nulls the code after the last.
fn with_null(mut codes: Vec<u32>, mut values: Vec<Value>) -> Numbered {
    let null = values.len() as u32;
    let mut nulls = false;
    for code in codes.iter_mut().filter(|code| **code == NO_CODE) {
        *code = null;
        nulls = true;
    }
    if nulls {
        values.push(Value::Null);
    }
    (codes, values)
}

pub(super) fn text<'a>(array: impl ArrayAccessor<Item = &'a str>, room: Vec<u32>) -> Numbered {
    let rows = (0..array.len()).map(|row| array.is_valid(row).then(|| array.value(row)));
    numbered(rows, mark_of_text, |text| Value::Text(text.into()), room)
}

/// A number from the length and the ends of a text.
#[inline]
fn mark_of_text(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let ends = match (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        (Some(first), Some(last)) => u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last) << 1,
        _ => bytes.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
    };
    ends ^ (bytes.len() as u64) << 56
}

/// Within one array, equal views are equal texts, so that most rows need not be read as text.
pub(super) fn views(array: &StringViewArray, room: Vec<u32>) -> Numbered {
    let mut numbering: Numbering<&str> = Numbering::new();
    let mut recent = Recent { slots: Vec::new() };
    let complete = array.null_count() == 0;
    let rows = array.views().iter().enumerate();
    let codes = written(room, rows, |(row, view)| {
        if !complete && array.is_null(row) {
            return NO_CODE;
        }
        let mark = (*view >> 64) as u64 ^ (*view as u64).rotate_left(17);
        recent.code(*view, mark, || numbering.code(array.value(row)))
    });
    let values = numbering.seen.into_iter().map(Value::from).collect();
    with_null(codes, values)
}

pub(super) fn whole<T: ArrowPrimitiveType>(array: &ArrayRef, room: Vec<u32>) -> Numbered
where
    T::Native: Into<i64> + Eq + std::hash::Hash,
{
    numbers(array.as_primitive::<T>(), |number| Value::Whole(number.into()), room)
}

pub(super) fn numbers<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    value: impl Fn(T::Native) -> Value,
    room: Vec<u32>,
) -> Numbered
where
    T::Native: Eq + std::hash::Hash,
{
    numbered(array.iter(), |number| number.as_usize() as u64, value, room)
}
