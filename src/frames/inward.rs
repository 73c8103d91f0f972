//! From a polars frame to Arrow batches.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi};
use arrow_array::{ArrayRef, NullArray, RecordBatch, RecordBatchOptions, make_array};
use arrow_schema::{ArrowError, Field, Schema};
use polars::frame::DataFrame;
use polars::prelude::{CompatLevel, PlSmallStr};
use polars::series::Series;
use polars_arrow::array::Array as PolarsArray;
use polars_arrow::datatypes::Field as PolarsField;
use polars_arrow::ffi::{export_array_to_c, export_field_to_c};

use crate::error::{Error, Result};

/// The rows of a polars frame as Arrow batches: one for each chunk, so that nothing is copied.
///
/// Text becomes `Utf8View`; categories and enums become dictionaries, of which those of categories
/// differ from chunk to chunk. Where the chunks of the columns differ in length, the frame is first
/// copied into one chunk. A frame without rows gives one batch without rows.
///
/// # Errors
/// [`Kind::Type`](crate::Kind::Type), with the column's name, where Arrow has no such type: 128-bit
/// whole numbers and Rust objects.
///
/// # Example
/// ```
/// use polars::prelude::*;
/// let referrals = df!("team" => [Some("hub"), None], "open" => [true, false])?;
/// let batches = wholefamily::frames::batches(&referrals)?;
/// assert_eq!((batches.len(), batches[0].num_rows(), batches[0].num_columns()), (1, 2, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn batches(rows: &DataFrame) -> Result<Vec<RecordBatch>> {
    let columns = aligned(rows);
    let Some(first) = columns.first() else {
        return batch(Vec::new(), Vec::new(), rows.height()).map(|batch| vec![batch]);
    };
    let lengths: Vec<usize> = first.chunk_lengths().collect();
    lengths
        .into_iter()
        .enumerate()
        .map(|(chunk, length)| {
            let mut fields = Vec::with_capacity(columns.len());
            let mut arrays = Vec::with_capacity(columns.len());
            for column in &columns {
                let array = carried(column, chunk, length)?;
                fields.push(Field::new(column.name().as_str(), array.data_type().clone(), true));
                arrays.push(array);
            }
            batch(fields, arrays, length)
        })
        .collect()
}

/// The columns, all in chunks of the same lengths.
fn aligned(rows: &DataFrame) -> Vec<Series> {
    let columns: Vec<Series> =
        rows.columns().iter().map(|column| column.as_materialized_series().clone()).collect();
    let same = columns.windows(2).all(|pair| match pair {
        [left, right] => left.chunk_lengths().eq(right.chunk_lengths()),
        _ => true,
    });
    if same { columns } else { columns.iter().map(|column| column.rechunk()).collect() }
}

fn batch(fields: Vec<Field>, arrays: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch> {
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), arrays, &options)
        .map_err(|cause| Error::internal(cause.to_string()))
}

/// One chunk of a column, of so many rows.
fn carried(column: &Series, chunk: usize, rows: usize) -> Result<ArrayRef> {
    if column.dtype().is_null() {
        // polars gives such a column a buffer, which Arrow's crate refuses.
        return Ok(Arc::new(NullArray::new(rows)));
    }
    let strange = |cause: &dyn std::fmt::Display| {
        Error::wrong_type(format!(
            "column '{}' holds {}, which Arrow cannot carry; cast it first or leave it out ({cause})",
            column.name(),
            column.dtype(),
        ))
    };
    if column.dtype().is_object() {
        return Err(strange(&"objects of a Rust program"));
    }
    let field = column.dtype().to_arrow_field(PlSmallStr::EMPTY, CompatLevel::newest());
    column
        .to_arrow_with_field(chunk, Cow::Owned(field), true)
        .map_err(|cause| strange(&cause))
        .and_then(|array| imported(array).map_err(|cause| strange(&cause)))
}

/// An array of polars as one of Arrow's own crates, over the same memory.
#[allow(unsafe_code)]
fn imported(array: Box<dyn PolarsArray>) -> std::result::Result<ArrayRef, ArrowError> {
    let field = PolarsField::new(PlSmallStr::EMPTY, array.dtype().clone(), true);
    let mut schema = export_field_to_c(&field);
    let mut array = export_array_to_c(array);
    // SAFETY: both were exported just now, so they hold to the C data interface, whose structures
    // the types on either side lay out alike (`repr(C)`). `from_raw` moves out and leaves an empty
    // structure behind, so that each is released once.
    let data = unsafe {
        let schema = FFI_ArrowSchema::from_raw((&raw mut schema).cast());
        from_ffi(FFI_ArrowArray::from_raw((&raw mut array).cast()), &schema)
    }?;
    Ok(make_array(data))
}

#[cfg(test)]
mod tests {
    use arrow_array::Array;
    use polars_arrow::array::PrimitiveArray;

    use super::*;

    #[test]
    fn an_array_keeps_its_memory() {
        let values = PrimitiveArray::<i64>::from_vec(vec![1, 2, 3]);
        let place = values.values().as_ptr().cast::<u8>();
        let array = imported(values.boxed()).unwrap();
        assert_eq!(array.len(), 3);
        assert_eq!(array.to_data().buffers()[0].as_ptr(), place);
    }

    #[test]
    fn a_type_that_arrow_lacks_is_an_error() {
        let error = imported(PrimitiveArray::<i128>::from_vec(vec![1]).boxed()).unwrap_err();
        assert!(error.to_string().contains("i128"), "{error}");
    }
}
