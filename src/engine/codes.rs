//! Columns of few different values as small whole numbers, each standing for a value.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray};
use arrow_buffer::{
    ArrowNativeType, BooleanBuffer, BooleanBufferBuilder, NullBuffer, ScalarBuffer,
};
use arrow_schema::DataType;

use crate::error::{Error, Result};

use super::chunk::nothing;
use super::flags::{each_flag, spread};
use super::in_words;
use super::numbering::{Numbered, numbers, text, views, whole};
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
            DataType::Utf8 => Self::wide(text(array.as_string::<i32>(), room), ValueKind::Text),
            DataType::LargeUtf8 => {
                Self::wide(text(array.as_string::<i64>(), room), ValueKind::Text)
            }
            DataType::Utf8View => Self::wide(views(array.as_string_view(), room), ValueKind::Text),
            DataType::Boolean => flags(array.as_boolean()),
            DataType::Date32 => Self::wide(
                numbers(array.as_primitive::<Date32Type>(), Value::Day, room),
                ValueKind::Day,
            ),
            DataType::Int64 => Self::wide(whole::<Int64Type>(array, room), ValueKind::Whole),
            DataType::Int32 => Self::wide(whole::<Int32Type>(array, room), ValueKind::Whole),
            DataType::Int16 => Self::wide(whole::<Int16Type>(array, room), ValueKind::Whole),
            DataType::Int8 => Self::wide(whole::<Int8Type>(array, room), ValueKind::Whole),
            DataType::UInt8 => Self::wide(whole::<UInt8Type>(array, room), ValueKind::Whole),
            DataType::UInt16 => Self::wide(whole::<UInt16Type>(array, room), ValueKind::Whole),
            DataType::UInt32 => Self::wide(whole::<UInt32Type>(array, room), ValueKind::Whole),
            DataType::UInt64 => {
                let array = array.as_primitive::<UInt64Type>();
                if array.iter().flatten().any(|number| i64::try_from(number).is_err()) {
                    return Err(Error::wrong_type(format!(
                        "column '{name}' for {role} holds whole numbers beyond {}; give it as text",
                        i64::MAX
                    )));
                }
                Self::wide(
                    numbers(array, |number: u64| Value::Whole(number as i64), room),
                    ValueKind::Whole,
                )
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

    fn wide((codes, values): Numbered, kind: ValueKind) -> Self {
        Self { codes: Store::Wide(codes), values, kind: Some(kind) }
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
