//! Columns of few different values as small whole numbers, each standing for a value.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, ArrowPrimitiveType, Date32Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayAccessor, ArrayRef, BooleanArray, DictionaryArray, PrimitiveArray, StringViewArray,
};
use arrow_buffer::bit_chunk_iterator::BitChunks;
use arrow_buffer::{
    ArrowNativeType, BooleanBuffer, BooleanBufferBuilder, NullBuffer, ScalarBuffer,
};
use arrow_schema::DataType;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;

use crate::error::{Error, Result};

use super::chunk::nothing;
use super::in_words;
use super::period::PLAUSIBLE_DAYS;
use super::value::{Value, ValueKind};

/// The codes of a column's rows, and the value that each code stands for.
///
/// Codes are below `values.len()`; values are told apart, so that equal rows have equal codes.
pub struct Codes {
    codes: Store,
    values: Vec<Value>,
    kind: Option<ValueKind>,
}

enum Store {
    /// False and true.
    Bit(BooleanBuffer),
    Byte(ScalarBuffer<u8>),
    Wide(Vec<u32>),
}

impl Store {
    #[inline]
    fn code(&self, row: usize) -> u32 {
        match self {
            Self::Bit(flags) => u32::from(row < flags.len() && flags.value(row)),
            Self::Byte(codes) => codes.get(row).copied().map_or(0, u32::from),
            Self::Wide(codes) => codes.get(row).copied().unwrap_or(0),
        }
    }
}

/// The day that a value is, where it is one that no result can show.
pub(crate) fn implausible(value: &Value) -> Option<i32> {
    match value {
        Value::Day(day) if !PLAUSIBLE_DAYS.contains(day) => Some(*day),
        _ => None,
    }
}

impl Codes {
    /// Reads text, whole numbers, true or false, dates, or a dictionary of those.
    ///
    /// Codes may be written into `room`, so that a run need not ask for memory again and again.
    pub(crate) fn read(array: &ArrayRef, name: &str, role: &str, room: Vec<u32>) -> Result<Self> {
        if nothing(array) {
            return Ok(Self {
                codes: Store::Byte(vec![0_u8; array.len()].into()),
                values: vec![Value::Null],
                kind: None,
            });
        }
        Ok(match array.data_type() {
            DataType::Utf8 => text(array.as_string::<i32>(), room),
            DataType::LargeUtf8 => text(array.as_string::<i64>(), room),
            DataType::Utf8View => views(array.as_string_view(), room),
            DataType::Boolean => flags(array.as_boolean()),
            DataType::Date32 => {
                numbers(array.as_primitive::<Date32Type>(), Value::Day, ValueKind::Day, room)
            }
            DataType::Int64 => whole::<Int64Type>(array, room),
            DataType::Int32 => whole::<Int32Type>(array, room),
            DataType::Int16 => whole::<Int16Type>(array, room),
            DataType::Int8 => whole::<Int8Type>(array, room),
            DataType::UInt8 => whole::<UInt8Type>(array, room),
            DataType::UInt16 => whole::<UInt16Type>(array, room),
            DataType::UInt32 => whole::<UInt32Type>(array, room),
            DataType::UInt64 => {
                let array = array.as_primitive::<UInt64Type>();
                if array.iter().flatten().any(|number| i64::try_from(number).is_err()) {
                    return Err(Error::wrong_type(format!(
                        "column '{name}' for {role} holds whole numbers beyond {}; give it as text",
                        i64::MAX
                    )));
                }
                numbers(array, |number: u64| Value::Whole(number as i64), ValueKind::Whole, room)
            }
            DataType::Dictionary(key, _) => match key.as_ref() {
                DataType::Int8 => coded(array.as_dictionary::<Int8Type>(), name, role)?,
                DataType::Int16 => coded(array.as_dictionary::<Int16Type>(), name, role)?,
                DataType::Int32 => coded(array.as_dictionary::<Int32Type>(), name, role)?,
                DataType::Int64 => coded(array.as_dictionary::<Int64Type>(), name, role)?,
                DataType::UInt8 => coded(array.as_dictionary::<UInt8Type>(), name, role)?,
                DataType::UInt16 => coded(array.as_dictionary::<UInt16Type>(), name, role)?,
                DataType::UInt32 => coded(array.as_dictionary::<UInt32Type>(), name, role)?,
                _ => coded(array.as_dictionary::<UInt64Type>(), name, role)?,
            },
            other => {
                let mend =
                    if matches!(other, DataType::Float16 | DataType::Float32 | DataType::Float64) {
                        "; round it to whole numbers or cut it into bands first"
                    } else {
                        in_words::mend(other)
                    };
                return Err(Error::wrong_type(format!(
                    "column '{name}' for {role} holds {}; expected text, whole numbers, dates, or true and false{mend}",
                    in_words::held(other)
                )));
            }
        })
    }

    /// Tells of each row that has a day that no result can show.
    pub(crate) fn tell_implausible_days(&self, mut tell: impl FnMut(usize, i32)) {
        if !self.values.iter().any(|value| implausible(value).is_some()) {
            return;
        }
        for row in 0..self.len() {
            if let Some(day) = self.value_of(row).and_then(implausible) {
                tell(row, day);
            }
        }
    }

    /// Takes days that no result can show for nulls, and tells of each row that has one.
    pub(crate) fn hide_implausible_days(&mut self, mut tell: impl FnMut(usize, i32)) {
        self.tell_implausible_days(&mut tell);
        for value in self.values.iter_mut().filter(|value| implausible(value).is_some()) {
            *value = Value::Null;
        }
    }

    /// The room that the codes took, where they were written for this column.
    pub(crate) fn into_room(self) -> Option<Vec<u32>> {
        match self.codes {
            Store::Bit(_) | Store::Byte(_) => None,
            Store::Wide(codes) => Some(codes),
        }
    }

    /// The values that codes stand for, by code.
    pub(crate) fn values(&self) -> &[Value] {
        &self.values
    }

    /// Whether a code may stand for no value: a dictionary's keys may be out of its range.
    pub(crate) fn may_lack_values(&self) -> bool {
        matches!(self.codes, Store::Byte(_))
    }

    /// The type of the column; nothing where no value is recorded and the column has no type.
    pub(crate) fn kind(&self) -> Option<ValueKind> {
        self.kind
    }

    /// The code of a row.
    #[inline]
    pub(crate) fn code(&self, row: usize) -> u32 {
        self.codes.code(row)
    }

    /// Writes the codes of the rows from `first` on.
    #[inline]
    pub(crate) fn read_into(&self, room: &mut [u32], first: usize) {
        match &self.codes {
            Store::Bit(flags) => each_flag(flags, room, first, |slot, flag| *slot = flag.into()),
            Store::Byte(codes) => {
                let codes = codes.get(first..).unwrap_or(&[]);
                room.iter_mut().zip(codes).for_each(|(slot, code)| *slot = u32::from(*code));
            }
            Store::Wide(codes) => {
                let codes = codes.get(first..).unwrap_or(&[]);
                room.iter_mut().zip(codes).for_each(|(slot, code)| *slot = *code);
            }
        }
    }

    /// The value of a row.
    pub(crate) fn value_of(&self, row: usize) -> Option<&Value> {
        self.values.get(self.code(row) as usize)
    }

    /// Adds the code of each row from `first` on, moved left by `shift` bits, to the cells; says
    /// whether every code fits in `bits`, as it does unless a dictionary's keys are out of its range.
    #[inline]
    pub(crate) fn add_to(&self, cells: &mut [u16], first: usize, shift: u32, bits: u32) -> bool {
        let mut met = 0_u32;
        match &self.codes {
            Store::Bit(flags) => {
                each_flag(flags, cells, first, |cell, flag| *cell |= u16::from(flag) << shift);
            }
            Store::Byte(codes) => {
                let mut all = 0_u8;
                for (cell, code) in cells.iter_mut().zip(codes.get(first..).unwrap_or(&[])) {
                    all |= *code;
                    *cell |= u16::from(*code) << shift;
                }
                met |= u32::from(all);
            }
            Store::Wide(codes) => {
                for (cell, code) in cells.iter_mut().zip(codes.get(first..).unwrap_or(&[])) {
                    met |= *code;
                    *cell |= (*code as u16) << shift;
                }
            }
        }
        met.checked_shr(bits).unwrap_or(0) == 0
    }

    /// A flag for each row by its value.
    pub(crate) fn flags(&self, flag_of: impl Fn(&Value) -> Option<bool>) -> BooleanArray {
        let by_code: Vec<Option<bool>> = self.values.iter().map(flag_of).collect();
        let rows = self.len();
        let mut flags = BooleanBufferBuilder::new(rows);
        let mut known = BooleanBufferBuilder::new(rows);
        let complete = by_code.iter().all(Option::is_some);
        for row in 0..rows {
            let flag = by_code.get(self.code(row) as usize).copied().flatten();
            flags.append(flag == Some(true));
            if !complete {
                known.append(flag.is_some());
            }
        }
        let nulls = (!complete).then(|| NullBuffer::new(known.finish()));
        BooleanArray::new(flags.finish(), nulls)
    }

    fn len(&self) -> usize {
        match &self.codes {
            Store::Bit(flags) => flags.len(),
            Store::Byte(codes) => codes.len(),
            Store::Wide(codes) => codes.len(),
        }
    }

    /// Refuses to compare a column with values of another type, which would never be equal.
    pub(crate) fn check_kind(&self, name: &str, role: &str, wanted: &[Value]) -> Result<()> {
        let Some(kind) = self.kind else { return Ok(()) };
        match wanted.iter().find(|value| value.kind().is_some_and(|other| other != kind)) {
            None => Ok(()),
            Some(value) => Err(Error::wrong_type(format!(
                "column '{name}' for {role} holds {}; it can never equal {}, which is {}",
                words(kind),
                quoted(value),
                value.kind().map_or("nothing", words),
            ))),
        }
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{text}'"),
        other => other.to_string(),
    }
}

fn words(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Boolean => "true and false",
        ValueKind::Whole => "whole numbers",
        ValueKind::Day => "dates",
        ValueKind::Text => "text",
    }
}

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
    kind: ValueKind,
    room: Vec<u32>,
) -> Codes {
    let mut numbering = Numbering::new();
    let mut recent = Recent { slots: Vec::new() };
    let codes = written(room, rows, |row| match row {
        None => NO_CODE,
        Some(row) => recent.code(row, mark(row), || numbering.code(row)),
    });
    let values = numbering.seen.into_iter().map(value).collect();
    with_null(codes, values, kind)
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
fn with_null(mut codes: Vec<u32>, mut values: Vec<Value>, kind: ValueKind) -> Codes {
    let null = values.len() as u32;
    let mut nulls = false;
    for code in codes.iter_mut().filter(|code| **code == NO_CODE) {
        *code = null;
        nulls = true;
    }
    if nulls {
        values.push(Value::Null);
    }
    Codes { codes: Store::Wide(codes), values, kind: Some(kind) }
}

fn text<'a>(array: impl ArrayAccessor<Item = &'a str>, room: Vec<u32>) -> Codes {
    let rows = (0..array.len()).map(|row| array.is_valid(row).then(|| array.value(row)));
    numbered(rows, mark_of_text, |text| Value::Text(text.into()), ValueKind::Text, room)
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
fn views(array: &StringViewArray, room: Vec<u32>) -> Codes {
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
    with_null(codes, values, ValueKind::Text)
}

fn whole<T: ArrowPrimitiveType>(array: &ArrayRef, room: Vec<u32>) -> Codes
where
    T::Native: Into<i64> + Eq + std::hash::Hash,
{
    numbers(array.as_primitive::<T>(), |number| Value::Whole(number.into()), ValueKind::Whole, room)
}

fn numbers<T: ArrowPrimitiveType>(
    array: &PrimitiveArray<T>,
    value: impl Fn(T::Native) -> Value,
    kind: ValueKind,
    room: Vec<u32>,
) -> Codes
where
    T::Native: Eq + std::hash::Hash,
{
    numbered(array.iter(), |number| number.as_usize() as u64, value, kind, room)
}

/// Shows `take` the flag of each row from `first` on, side by side with the slots.
#[inline]
fn each_flag<S>(flags: &BooleanBuffer, slots: &mut [S], first: usize, take: impl Fn(&mut S, u8)) {
    let rows = slots.len().min(flags.len().saturating_sub(first));
    let words = BitChunks::new(flags.values(), flags.offset() + first, rows);
    let slots = slots.get_mut(..rows).unwrap_or(&mut []);
    for (slots, word) in slots.chunks_mut(64).zip(words.iter_padded()) {
        let (eights, rest) = slots.as_chunks_mut::<8>();
        let mut bytes = word.to_le_bytes().into_iter().map(spread);
        for (slots, flags) in eights.iter_mut().zip(&mut bytes) {
            slots.iter_mut().zip(flags).for_each(|(slot, flag)| take(slot, flag));
        }
        let last = bytes.next().unwrap_or_default();
        rest.iter_mut().zip(last).for_each(|(slot, flag)| take(slot, flag));
    }
}

/// A byte for each of eight flags, all at once.
#[inline]
fn spread(eight: u8) -> [u8; 8] {
    // Each byte keeps the flag of its own place, which is then brought to its lowest bit.
    let own = (u64::from(eight) * 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
    ((own + 0x7f7f_7f7f_7f7f_7f7f) >> 7 & 0x0101_0101_0101_0101).to_le_bytes()
}

fn flags(array: &BooleanArray) -> Codes {
    let kind = Some(ValueKind::Boolean);
    let values = [Value::Boolean(false), Value::Boolean(true)];
    if array.null_count() == 0 {
        return Codes { codes: Store::Bit(array.values().clone()), values: values.into(), kind };
    }
    let mut codes: Vec<u8> = Vec::with_capacity(array.len() + 63);
    for word in array.values().bit_chunks().iter_padded() {
        word.to_le_bytes().into_iter().for_each(|eight| codes.extend_from_slice(&spread(eight)));
    }
    codes.truncate(array.len());
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        let missing = codes.iter_mut().zip(nulls.iter()).filter(|(_, known)| !known);
        missing.for_each(|(code, _)| *code = 2);
    }
    Codes {
        codes: Store::Byte(codes.into()),
        values: values.into_iter().chain([Value::Null]).collect(),
        kind,
    }
}

/// A dictionary's codes, after equal values and nulls among the dictionary's values are made one.
fn coded<K: ArrowDictionaryKeyType>(
    array: &DictionaryArray<K>,
    name: &str,
    role: &str,
) -> Result<Codes> {
    let inner = Codes::read(array.values(), name, role, Vec::new())?;
    let mut values = inner.values;
    let mut codes_of: Vec<u32> =
        (0..array.values().len()).map(|place| inner.codes.code(place)).collect();
    let plain = array.keys().null_count() == 0
        && codes_of.iter().enumerate().all(|(place, code)| place == *code as usize);
    if plain && K::DATA_TYPE.primitive_width() == Some(1) {
        let bytes = ScalarBuffer::new(array.keys().values().inner().clone(), 0, array.keys().len());
        return Ok(Codes { codes: Store::Byte(bytes), values, kind: inner.kind });
    }
    let null = values.iter().position(|value| *value == Value::Null).unwrap_or_else(|| {
        values.push(Value::Null);
        values.len() - 1
    }) as u32;
    codes_of.push(null);
    let none = codes_of.len() - 1;
    let keys = array.keys();
    let row_codes = (0..keys.len()).map(|row| {
        let place = if keys.is_valid(row) { keys.value(row).as_usize() } else { none };
        codes_of.get(place).copied().unwrap_or(null)
    });
    let codes = if values.len() <= 256 {
        Store::Byte(row_codes.map(|code| code as u8).collect::<Vec<u8>>().into())
    } else {
        Store::Wide(row_codes.collect())
    };
    Ok(Codes { codes, values, kind: inner.kind })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{Int8Array, StringArray};

    use super::*;

    #[test]
    fn equal_and_null_values_of_a_dictionary_share_a_code() {
        let values: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("a")]));
        let keys = Int8Array::from(vec![Some(0), Some(1), Some(2), None]);
        let array: ArrayRef = Arc::new(DictionaryArray::new(keys, values));
        let codes = Codes::read(&array, "key", "by", Vec::new()).unwrap();
        let shown: Vec<String> =
            (0..4).map(|row| codes.value_of(row).unwrap().to_string()).collect();
        assert_eq!(shown, ["a", "null", "a", "null"]);
        assert_eq!(codes.code(0), codes.code(2));
        assert_eq!(codes.code(1), codes.code(3));
    }

    #[test]
    fn flags_are_read_from_any_place() {
        let flags: BooleanArray = (0..300).map(|row| Some(row % 7 == 3 || row > 290)).collect();
        let array: ArrayRef = Arc::new(flags.slice(5, 290));
        let codes = Codes::read(&array, "outcome", "outcome", Vec::new()).unwrap();
        for (first, rows) in [(0, 290), (1, 64), (63, 100), (255, 35), (280, 40)] {
            let mut room = vec![9; rows];
            codes.read_into(&mut room, first);
            let flag = |row: usize| u32::from(flags.slice(5, 290).value(row));
            let expected = (first..first + rows).map(|row| if row < 290 { flag(row) } else { 9 });
            assert_eq!(room, expected.collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_number_never_equals_a_text() {
        let array: ArrayRef = Arc::new(StringArray::from(vec!["1"]));
        let codes = Codes::read(&array, "outcome", "outcome", Vec::new()).unwrap();
        let error = codes.check_kind("outcome", "outcome", &[Value::Whole(1)]).unwrap_err();
        assert!(error.to_string().contains("can never equal 1"), "{error}");
    }
}
