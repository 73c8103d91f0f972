//! A fingerprint of the columns that were read, so that two runs can show that they read the same.
//!
//! It depends on the values, their types and the batches that they came in; it is no protection
//! against forgery. Files have a SHA-256 of their own in an evaluation's provenance.

use arrow_array::cast::AsArray;
use arrow_array::types::{ByteArrayType, GenericStringType};
use arrow_array::{Array, ArrayRef, GenericByteArray, OffsetSizeTrait, RecordBatch};
use arrow_schema::DataType;
use xxhash_rust::xxh3::Xxh3;

use super::measure::Role;

/// Puts the fingerprints of chunks together, in the order of the rows.
#[derive(Default)]
pub(crate) struct Fingerprint(Xxh3);

impl Fingerprint {
    pub(crate) fn add(&mut self, chunk: u64) {
        self.0.update(&chunk.to_le_bytes());
    }

    pub(crate) fn finish(&self) -> String {
        format!("{:032x}", self.0.digest128())
    }
}

/// The fingerprint of the columns that play a role.
pub(crate) fn of_chunk(batch: &RecordBatch, roles: &[Role]) -> u64 {
    let mut hash = Xxh3::new();
    let mut done: Vec<&str> = Vec::new();
    for Role { column, .. } in roles {
        if done.contains(&column.as_str()) {
            continue;
        }
        done.push(column);
        if let Some(array) = batch.column_by_name(column) {
            hash.update(column.as_bytes());
            add_array(&mut hash, array);
        }
    }
    hash.digest()
}

fn add_array(hash: &mut Xxh3, array: &ArrayRef) {
    hash.update(&(array.len() as u64).to_le_bytes());
    if let Some(nulls) = array.nulls().filter(|nulls| nulls.null_count() > 0) {
        add_bits(hash, nulls.inner());
    }
    match array.data_type() {
        DataType::Boolean => add_bits(hash, array.as_boolean().values()),
        DataType::Utf8 => add_text::<i32>(hash, array.as_string()),
        DataType::LargeUtf8 => add_text::<i64>(hash, array.as_string()),
        DataType::Utf8View => {
            let views = array.as_string_view();
            for value in views.iter().flatten() {
                hash.update(&(value.len() as u32).to_le_bytes());
                hash.update(value.as_bytes());
            }
        }
        DataType::Dictionary(_, _) => {
            if let Some(dictionary) = array.as_any_dictionary_opt() {
                add_fixed(hash, &arrow_array::make_array(dictionary.keys().to_data()));
                add_array(hash, dictionary.values());
            }
        }
        _ => add_fixed(hash, array),
    }
}

/// Adds values of a fixed width as they lie in memory.
fn add_fixed(hash: &mut Xxh3, array: &ArrayRef) {
    let data = array.to_data();
    if let (Some(width), Some(buffer)) =
        (data.data_type().primitive_width(), data.buffers().first())
    {
        let bytes = data.offset() * width..(data.offset() + data.len()) * width;
        hash.update(buffer.as_slice().get(bytes).unwrap_or(&[]));
    }
}

fn add_text<O: OffsetSizeTrait>(hash: &mut Xxh3, array: &GenericByteArray<GenericStringType<O>>)
where
    GenericStringType<O>: ByteArrayType<Offset = O>,
{
    let offsets = array.value_offsets();
    let lengths: Vec<u8> = offsets
        .windows(2)
        .filter_map(|pair| match pair {
            [start, end] => Some((*end - *start).as_usize() as u32),
            _ => None,
        })
        .flat_map(u32::to_le_bytes)
        .collect();
    hash.update(&lengths);
    if let (Some(first), Some(last)) = (offsets.first(), offsets.last()) {
        hash.update(array.value_data().get(first.as_usize()..last.as_usize()).unwrap_or(&[]));
    }
}

fn add_bits(hash: &mut Xxh3, bits: &arrow_buffer::BooleanBuffer) {
    let chunks = bits.bit_chunks();
    let mut words = [0_u8; 1024];
    let mut filled = 0;
    for word in chunks.iter().chain(std::iter::once(chunks.remainder_bits())) {
        if let Some(place) = words.get_mut(filled..filled + 8) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        filled += 8;
        if filled == words.len() {
            hash.update(&words);
            filled = 0;
        }
    }
    hash.update(words.get(..filled).unwrap_or(&[]));
}
