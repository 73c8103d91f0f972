//! Who a row is about: an identity that two extracts agree on.

use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, Int64Array, LargeStringArray, StringArray};
use arrow_array::{StringViewArray, UInt64Array};
use arrow_schema::DataType;
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result};

use super::chunk::nothing;
use super::in_words;

/// A person's identity: a whole number or a text of up to 15 bytes exactly, a longer text by 120
/// bits of its digest (XXH3), so that two parts of an extract name the same person alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub(crate) [u64; 2]);

const WHOLE: u64 = 0xff << 56;
const DIGEST: u64 = 0xfe << 56;
const NONE: u64 = 0xfd << 56;

/// How many rows are read at a time.
pub(crate) const BLOCK_ROWS: usize = 256;

impl PersonId {
    /// What stands where a row is about nobody; no identity is equal to it.
    pub(crate) const NOBODY: Self = Self([0, NONE]);

    fn of_whole(number: i64) -> Self {
        Self([number as u64, WHOLE])
    }

    fn of_unsigned(number: u64) -> Self {
        match i64::try_from(number) {
            Ok(number) => Self::of_whole(number),
            Err(_) => Self([number, WHOLE | 1]),
        }
    }

    /// The identity that a text stands for.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let bytes = text.as_bytes();
        if bytes.len() <= 15 {
            let mut all = [0_u8; 16];
            if let Some(front) = all.get_mut(..bytes.len()) {
                front.copy_from_slice(bytes);
            }
            let [low, high] = halves(u128::from_le_bytes(all));
            Self([low, high | ((bytes.len() as u64) << 56)])
        } else {
            let [low, high] = halves(xxh3_128(bytes));
            Self([low, (high >> 8) | DIGEST])
        }
    }

    /// The identity that a view of a text of up to 12 bytes stands for: such a view holds the text
    /// itself, after its length in 32 bits.
    #[inline]
    fn of_short_view(view: u128) -> Option<Self> {
        let length = view as u32;
        if length > 12 {
            return None;
        }
        let text = (view >> 32) & ((1 << (8 * length)) - 1);
        let [low, high] = halves(text);
        Some(Self([low, high | u64::from(length) << 56]))
    }

    /// Whether it stands for nobody.
    #[inline]
    pub(crate) fn is_nobody(self) -> bool {
        self == Self::NOBODY
    }

    /// A number in the order of the identities themselves: numbers by size, texts by code point; none
    /// for a text so long that only its digest is known.
    pub(crate) fn order(self) -> Option<u128> {
        let [low, high] = self.0;
        match high & WHOLE {
            WHOLE if high == WHOLE => Some(u128::from(low ^ (1 << 63))),
            WHOLE => Some(1 << 64 | u128::from(low)),
            DIGEST | NONE => None,
            // The bytes of the text, filled up with zeros, then its length.
            _ => Some(u128::from_be_bytes(self.to_bytes())),
        }
    }

    /// The whole number that it is, if it is one of 64 bits with a sign.
    #[inline]
    pub(crate) fn whole(self) -> Option<i64> {
        let [low, high] = self.0;
        (high == WHOLE).then_some(low as i64)
    }

    /// Whether it was written as a number rather than as text.
    pub(crate) fn is_number(self) -> bool {
        let [_, high] = self.0;
        high & WHOLE == WHOLE
    }

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let [low, high] = self.0;
        (u128::from(low) | (u128::from(high) << 64)).to_le_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(halves(u128::from_le_bytes(bytes)))
    }

    /// A number that spreads people evenly.
    #[inline]
    pub(crate) fn hash(self) -> u64 {
        let [low, high] = self.0;
        folded(low ^ 0x243f_6a88_85a3_08d3, high ^ 0x1319_8a2e_0370_7344)
    }

    /// A number made of the identity and what is recorded: the sum of these over all rows tells one
    /// extract from another, whatever the order of the rows.
    #[inline]
    pub(crate) fn digest(self, recorded: u64) -> u64 {
        folded(self.hash() ^ 0xa409_3822_299f_31d0, recorded ^ 0x082e_fa98_ec4e_6c89)
    }
}

/// The two halves of a product put together: each bit of it depends on every bit of the factors.
#[inline]
fn folded(left: u64, right: u64) -> u64 {
    let [low, high] = halves(u128::from(left) * u128::from(right));
    low ^ high
}

#[inline]
fn halves(whole: u128) -> [u64; 2] {
    [whole as u64, (whole >> 64) as u64]
}

/// The column that says whom each row is about.
pub(crate) enum PersonColumn {
    Whole(Int64Array),
    Unsigned(UInt64Array),
    Short(StringArray),
    Long(LargeStringArray),
    View(StringViewArray),
    /// Identities by code; a code of none is a null.
    Coded(Vec<Option<PersonId>>, Vec<u32>),
    Nobody(usize),
}

impl PersonColumn {
    /// Reads whole numbers or text.
    pub(crate) fn read(array: &ArrayRef, name: &str, role: &str) -> Result<Self> {
        fn wider<T: arrow_array::ArrowPrimitiveType>(array: &ArrayRef) -> PersonColumn
        where
            T::Native: Into<i64>,
        {
            PersonColumn::Whole(array.as_primitive::<T>().unary(Into::into))
        }
        Ok(match array.data_type() {
            DataType::Int64 => Self::Whole(array.as_primitive::<Int64Type>().clone()),
            DataType::Int32 => wider::<Int32Type>(array),
            DataType::Int16 => wider::<Int16Type>(array),
            DataType::Int8 => wider::<Int8Type>(array),
            DataType::UInt32 => wider::<UInt32Type>(array),
            DataType::UInt16 => wider::<UInt16Type>(array),
            DataType::UInt8 => wider::<UInt8Type>(array),
            DataType::UInt64 => Self::Unsigned(array.as_primitive::<UInt64Type>().clone()),
            DataType::Utf8 => Self::Short(array.as_string::<i32>().clone()),
            DataType::LargeUtf8 => Self::Long(array.as_string::<i64>().clone()),
            DataType::Utf8View => Self::View(array.as_string_view().clone()),
            _ if nothing(array) => Self::Nobody(array.len()),
            DataType::Dictionary(key, _) => match key.as_ref() {
                DataType::Int8 => coded(array.as_dictionary::<Int8Type>(), name, role)?,
                DataType::Int16 => coded(array.as_dictionary::<Int16Type>(), name, role)?,
                DataType::Int32 => coded(array.as_dictionary::<Int32Type>(), name, role)?,
                DataType::Int64 => coded(array.as_dictionary::<Int64Type>(), name, role)?,
                DataType::UInt8 => coded(array.as_dictionary::<UInt8Type>(), name, role)?,
                DataType::UInt16 => coded(array.as_dictionary::<UInt16Type>(), name, role)?,
                DataType::UInt32 => coded(array.as_dictionary::<UInt32Type>(), name, role)?,
                DataType::UInt64 => coded(array.as_dictionary::<UInt64Type>(), name, role)?,
                _ => return Err(wrong_type(array, name, role)),
            },
            _ => return Err(wrong_type(array, name, role)),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Whole(array) => array.len(),
            Self::Unsigned(array) => array.len(),
            Self::Short(array) => array.len(),
            Self::Long(array) => array.len(),
            Self::View(array) => array.len(),
            Self::Coded(_, codes) => codes.len(),
            Self::Nobody(len) => *len,
        }
    }

    /// Whether a row may be about nobody.
    pub(crate) fn may_be_null(&self) -> bool {
        match self {
            Self::Whole(array) => array.null_count() > 0,
            Self::Unsigned(array) => array.null_count() > 0,
            Self::Short(array) => array.null_count() > 0,
            Self::Long(array) => array.null_count() > 0,
            Self::View(array) => array.null_count() > 0,
            Self::Coded(..) | Self::Nobody(_) => true,
        }
    }

    /// Calls with runs of rows: the first of them, and the people they are about, who are
    /// [`PersonId::NOBODY`] where a row names none.
    pub(crate) fn each_block(&self, rows: Range<usize>, mut visit: impl FnMut(usize, &[PersonId])) {
        let mut people = [PersonId::NOBODY; BLOCK_ROWS];
        for first in rows.clone().step_by(BLOCK_ROWS) {
            let block = first..rows.end.min(first + BLOCK_ROWS);
            let Some(people) = people.get_mut(..block.len()) else { continue };
            self.write(block, people);
            visit(first, people);
        }
    }

    /// Writes the people of some rows.
    fn write(&self, rows: Range<usize>, people: &mut [PersonId]) {
        match self {
            Self::Whole(array) if array.null_count() == 0 => {
                let numbers = array.values().get(rows).unwrap_or(&[]);
                for (person, number) in people.iter_mut().zip(numbers) {
                    *person = PersonId::of_whole(*number);
                }
            }
            Self::View(array) if array.null_count() == 0 => {
                let views = array.views().get(rows.clone()).unwrap_or(&[]);
                for ((person, view), row) in people.iter_mut().zip(views).zip(rows) {
                    *person = PersonId::of_short_view(*view)
                        .unwrap_or_else(|| PersonId::of_text(array.value(row)));
                }
            }
            _ => {
                people.fill(PersonId::NOBODY);
                let first = rows.start;
                self.each(rows, |row, person| {
                    if let (Some(place), Some(person)) = (people.get_mut(row - first), person) {
                        *place = person;
                    }
                });
            }
        }
    }

    /// Calls with the place of each row of the range and the person it is about.
    #[inline]
    pub(crate) fn each(&self, rows: Range<usize>, mut visit: impl FnMut(usize, Option<PersonId>)) {
        let rows = rows.start..rows.end.min(self.len());
        match self {
            Self::Whole(array) => rows.for_each(|row| {
                visit(row, array.is_valid(row).then(|| PersonId::of_whole(array.value(row))));
            }),
            Self::Unsigned(array) => rows.for_each(|row| {
                visit(row, array.is_valid(row).then(|| PersonId::of_unsigned(array.value(row))));
            }),
            Self::Short(array) => rows.for_each(|row| {
                visit(row, array.is_valid(row).then(|| PersonId::of_text(array.value(row))));
            }),
            Self::Long(array) => rows.for_each(|row| {
                visit(row, array.is_valid(row).then(|| PersonId::of_text(array.value(row))));
            }),
            Self::View(array) => rows.for_each(|row| {
                visit(row, array.is_valid(row).then(|| PersonId::of_text(array.value(row))));
            }),
            Self::Coded(people, codes) => rows.for_each(|row| {
                let code = codes.get(row).copied().unwrap_or(u32::MAX);
                visit(row, people.get(code as usize).copied().flatten());
            }),
            Self::Nobody(_) => rows.for_each(|row| visit(row, None)),
        }
    }
}

fn coded<K: ArrowDictionaryKeyType>(
    array: &DictionaryArray<K>,
    name: &str,
    role: &str,
) -> Result<PersonColumn> {
    let values = PersonColumn::read(array.values(), name, role)?;
    let mut people = Vec::with_capacity(values.len());
    values.each(0..values.len(), |_, person| people.push(person));
    let code = |key: usize| u32::try_from(key).unwrap_or(u32::MAX);
    let codes = array.keys_iter().map(|key| key.map_or(u32::MAX, code)).collect();
    Ok(PersonColumn::Coded(people, codes))
}

fn wrong_type(array: &ArrayRef, name: &str, role: &str) -> Error {
    Error::wrong_type(format!(
        "column '{name}' for {role} holds {}; expected text or whole numbers{}",
        in_words::held(array.data_type()),
        in_words::mend(array.data_type())
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_the_same_person_however_it_is_laid_out() {
        let texts = ["", "a", "C00000001", "twelve bytes", "thirteen byte", "Zoë", "twelve b\0tes"];
        let columns: [ArrayRef; 3] = [
            std::sync::Arc::new(StringArray::from_iter_values(texts)),
            std::sync::Arc::new(LargeStringArray::from_iter_values(texts)),
            std::sync::Arc::new(StringViewArray::from_iter_values(texts)),
        ];
        let expected: Vec<PersonId> = texts.iter().map(|text| PersonId::of_text(text)).collect();
        for array in &columns {
            let column = PersonColumn::read(array, "child", "child").unwrap();
            let mut people = Vec::new();
            column.each_block(0..texts.len(), |_, block| people.extend_from_slice(block));
            assert_eq!(people, expected);
        }
    }

    #[test]
    fn numbers_and_texts_are_never_taken_for_each_other() {
        let ids = [
            PersonId::NOBODY,
            PersonId::of_whole(1),
            PersonId::of_text("1"),
            PersonId::of_text(""),
            PersonId::of_text("\0"),
            PersonId::of_whole(0),
            PersonId::of_unsigned(u64::MAX),
            PersonId::of_whole(-1),
            PersonId::of_text("a text of more than fifteen bytes"),
            PersonId::of_text("a text of more than fifteen byteS"),
        ];
        for (place, id) in ids.iter().enumerate() {
            assert!(!ids[..place].contains(id), "{place}");
            assert_eq!(PersonId::from_bytes(id.to_bytes()), *id);
        }
        assert_eq!(PersonId::of_unsigned(7), PersonId::of_whole(7));
    }

    #[test]
    fn the_order_is_that_of_numbers_and_of_texts() {
        let texts = ["", "\0", "10", "9", "9\0", "9a", "Zoë", "a", "fifteen bytes!!"];
        let order = |text: &&str| PersonId::of_text(text).order().unwrap();
        assert!(texts.iter().map(order).is_sorted_by(|left, right| left < right));
        let numbers = [PersonId::of_whole(i64::MIN), PersonId::of_whole(-1), PersonId::of_whole(0)];
        let large = [PersonId::of_whole(i64::MAX), PersonId::of_unsigned(u64::MAX)];
        let order = |id: &PersonId| id.order().unwrap();
        assert!(numbers.iter().chain(&large).map(order).is_sorted_by(|left, right| left < right));
        assert_eq!(PersonId::of_text("a text of more than fifteen bytes").order(), None);
    }
}
