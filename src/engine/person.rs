//! Who a row is about: an identity that two extracts agree on, and what is known of each person.

use std::hash::BuildHasher;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type,
    UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, DictionaryArray, Int64Array, LargeStringArray, StringArray};
use arrow_array::{StringViewArray, UInt64Array};
use arrow_schema::DataType;
use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_128;

use crate::error::{Error, Result};

use super::measure::Merge;

/// A person's identity: a whole number or a text of up to 15 bytes exactly, a longer text by its
/// 128-bit digest (XXH3), so that two parts of an extract name the same person alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonId(pub(crate) [u64; 2]);

const WHOLE: u64 = 0xff << 56;
const DIGEST: u64 = 0xfe << 56;

impl PersonId {
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

    pub(crate) fn to_bytes(self) -> [u8; 16] {
        let [low, high] = self.0;
        (u128::from(low) | (u128::from(high) << 64)).to_le_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(halves(u128::from_le_bytes(bytes)))
    }

    fn hash(self) -> u64 {
        FixedState::with_seed(0x7761_6e77).hash_one(self.0)
    }
}

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
            DataType::Null => Self::Nobody(array.len()),
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
    let codes = array.keys_iter().map(|key| key.map_or(u32::MAX, |key| key as u32)).collect();
    Ok(PersonColumn::Coded(people, codes))
}

fn wrong_type(array: &ArrayRef, name: &str, role: &str) -> Error {
    Error::wrong_type(format!(
        "column '{name}' for {role} holds {}; expected text or whole numbers",
        array.data_type()
    ))
}

/// What is known of each person, by identity. It merges person by person, in any order.
#[derive(Debug, Clone)]
pub(crate) struct People<V> {
    shards: Vec<HashTable<(PersonId, V)>>,
    len: usize,
}

/// Beyond this many people, the table is split so that parts can merge side by side.
const ONE_SHARD: usize = 4096;
const SHARDS: usize = 16;

impl<V> Default for People<V> {
    fn default() -> Self {
        Self { shards: Vec::new(), len: 0 }
    }
}

impl<V: Merge + Default + Send> People<V> {
    /// How many people are known.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// What is known of this person, to add to.
    #[inline]
    #[expect(
        clippy::indexing_slicing,
        reason = "the index is masked to the number of shards, which is 1 or 16"
    )]
    pub(crate) fn of(&mut self, person: PersonId) -> &mut V {
        if self.len >= ONE_SHARD && self.shards.len() == 1 {
            self.split();
        }
        if self.shards.is_empty() {
            self.shards.push(HashTable::new());
        }
        let hash = person.hash();
        let last = self.shards.len() - 1;
        let shard = &mut self.shards[shard_of(hash) & last];
        match shard.entry(hash, |(other, _)| *other == person, |(other, _)| other.hash()) {
            Entry::Occupied(found) => &mut found.into_mut().1,
            Entry::Vacant(empty) => {
                self.len += 1;
                &mut empty.insert((person, V::default())).into_mut().1
            }
        }
    }

    fn split(&mut self) {
        let mut shards: Vec<HashTable<(PersonId, V)>> =
            std::iter::repeat_with(HashTable::new).take(SHARDS).collect();
        for (person, known) in self.shards.drain(..).flatten() {
            let hash = person.hash();
            if let Some(shard) = shards.get_mut(shard_of(hash)) {
                shard.insert_unique(hash, (person, known), |(other, _)| other.hash());
            }
        }
        self.shards = shards;
    }

    /// Everyone, in no particular order: use it only for sums.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &(PersonId, V)> {
        self.shards.iter().flatten()
    }

    /// Everyone, in order of identity.
    pub(crate) fn sorted(&self) -> Vec<&(PersonId, V)> {
        let mut everyone: Vec<_> = self.iter().collect();
        everyone.sort_unstable_by_key(|(person, _)| *person);
        everyone
    }
}

fn shard_of(hash: u64) -> usize {
    // The table itself uses the lowest and the highest bits.
    (hash >> 40) as usize & (SHARDS - 1)
}

impl<V: Merge + Default + Send> Merge for People<V> {
    fn merge(&mut self, mut other: Self) {
        if self.len == 0 {
            *self = other;
            return;
        }
        if self.len + other.len <= ONE_SHARD {
            for (person, known) in other.shards.drain(..).flatten() {
                self.of(person).merge(known);
            }
            return;
        }
        for people in [&mut *self, &mut other] {
            if people.shards.len() < SHARDS {
                people.split();
            }
        }
        self.len += self
            .shards
            .par_iter_mut()
            .zip(other.shards)
            .map(|(mine, theirs)| merge_shard(mine, theirs))
            .sum::<usize>();
    }

    fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// Merges one shard into another; gives how many people were new.
fn merge_shard<V: Merge>(
    mine: &mut HashTable<(PersonId, V)>,
    theirs: HashTable<(PersonId, V)>,
) -> usize {
    let mut new = 0;
    for (person, known) in theirs {
        let hash = person.hash();
        match mine.entry(hash, |(other, _)| *other == person, |(other, _)| other.hash()) {
            Entry::Occupied(found) => found.into_mut().1.merge(known),
            Entry::Vacant(empty) => {
                empty.insert((person, known));
                new += 1;
            }
        }
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Clone, Debug, PartialEq)]
    struct Visits(u64);

    impl Merge for Visits {
        fn merge(&mut self, other: Self) {
            self.0 += other.0;
        }

        fn is_empty(&self) -> bool {
            self.0 == 0
        }
    }

    #[test]
    fn numbers_and_texts_are_never_taken_for_each_other() {
        let ids = [
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
    fn parts_merge_to_the_whole_however_many_people_there_are() {
        for people in [3_i64, 5_000, 40_000] {
            let part = |range: Range<i64>| {
                let mut part = People::<Visits>::default();
                range.for_each(|number| part.of(PersonId::of_whole(number)).0 += 1);
                part
            };
            let mut merged = part(0..people);
            merged.merge(part(people / 2..people * 2));
            assert_eq!(merged.len(), (people * 2) as usize);
            assert_eq!(
                merged.iter().map(|(_, visits)| visits.0).sum::<u64>() as i64,
                people * 2 + people - people / 2
            );
        }
    }
}
