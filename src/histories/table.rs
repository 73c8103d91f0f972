//! How are columns put together into a table?

use std::sync::Arc;

use arrow_array::types::ArrowPrimitiveType;
use arrow_array::{ArrayRef, PrimitiveArray, RecordBatch};
use arrow_buffer::{BooleanBuffer, NullBuffer, ScalarBuffer};
use arrow_schema::{Field, Schema};
use rayon::prelude::*;

use crate::error::{Error, Result};

/// A table of these columns.
pub(super) fn batch(columns: impl Iterator<Item = (String, ArrayRef)>) -> Result<RecordBatch> {
    let (fields, columns): (Vec<Field>, Vec<ArrayRef>) = columns
        .map(|(name, column)| (Field::new(name, column.data_type().clone(), true), column))
        .unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
        .map_err(|cause| Error::internal(cause.to_string()))
}

/// A table as it came, with more columns.
pub(super) fn widened<'a>(
    given: &RecordBatch,
    own: impl IntoIterator<Item = (&'a str, ArrayRef)>,
) -> Result<RecordBatch> {
    let schema = given.schema_ref();
    let given = schema
        .fields()
        .iter()
        .map(|field| field.name().clone())
        .zip(given.columns().iter().cloned());
    batch(given.chain(own.into_iter().map(|(name, column)| (name.to_owned(), column))))
}

/// A column of numbers or days, made on several threads: what each of so many rows has.
pub(super) fn column<T>(rows: usize, of: impl Fn(usize) -> Option<T::Native> + Sync) -> ArrayRef
where
    T: ArrowPrimitiveType<Native: Send>,
{
    let value = |row| of(row).unwrap_or_default();
    let values: Vec<T::Native> = (0..rows).into_par_iter().map(value).collect();
    let known = NullBuffer::new(BooleanBuffer::collect_bool(rows, |row| of(row).is_some()));
    let nulls = Some(known).filter(|known| known.null_count() > 0);
    Arc::new(PrimitiveArray::<T>::new(ScalarBuffer::from(values), nulls))
}
