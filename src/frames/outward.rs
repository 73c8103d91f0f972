//! From estimates to a polars frame.

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use polars::frame::DataFrame;
use polars::prelude::{
    BooleanChunked, Column, Float64Chunked, Int32Chunked, Int64Chunked, IntoColumn, IntoSeries,
    NewChunkedArray, PlSmallStr, Series, StringChunked,
};

use crate::engine::table::Estimates;
use crate::error::{Error, Result};

/// A table of estimates as a polars frame: the same columns and rows.
///
/// A frame has no place for metadata: the specification, the fingerprint, the notes and the account
/// of rows set aside stay with the [`Estimates`].
///
/// # Errors
/// [`Kind::Type`](crate::Kind::Type) where a table that came from elsewhere has a column of another
/// type than results have.
///
/// # Example
/// ```
/// use polars::prelude::*;
/// use wholefamily::frames::{RunFrame, frame};
/// use wholefamily::{Options, measures::ReferralShare};
///
/// let referrals = df!("team" => ["hub", "local_office"])?;
/// let share = ReferralShare { to: "hub".into(), ..Default::default() };
/// let table = frame(&share.run_frame(&referrals, &Options::default())?)?;
/// assert_eq!(table.column("value")?.f64()?.get(0), Some(0.5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn frame(estimates: &Estimates) -> Result<DataFrame> {
    let batch = estimates.batch();
    let fields = batch.schema_ref().fields().iter();
    let columns = fields
        .zip(batch.columns())
        .map(|(field, array)| column(field.name(), array))
        .collect::<Result<Vec<Column>>>()?;
    DataFrame::new(batch.num_rows(), columns).map_err(|cause| Error::internal(cause.to_string()))
}

fn column(name: &str, array: &ArrayRef) -> Result<Column> {
    let title = PlSmallStr::from_str(name);
    let series = match array.data_type() {
        DataType::Boolean => {
            BooleanChunked::from_iter_options(title, array.as_boolean().iter()).into_series()
        }
        DataType::Int64 => {
            let numbers = array.as_primitive::<Int64Type>().iter();
            Int64Chunked::from_iter_options(title, numbers).into_series()
        }
        DataType::Float64 => {
            let numbers = array.as_primitive::<Float64Type>().iter();
            Float64Chunked::from_iter_options(title, numbers).into_series()
        }
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().iter();
            Int32Chunked::from_iter_options(title, days).into_date().into_series()
        }
        DataType::Utf8 => text(title, array.as_string::<i32>().iter()),
        DataType::LargeUtf8 => text(title, array.as_string::<i64>().iter()),
        DataType::Utf8View => text(title, array.as_string_view().iter()),
        DataType::Null => Series::new_null(title, array.len()),
        other => {
            return Err(Error::wrong_type(format!(
                "column '{name}' of the result holds {other}; expected text, numbers, dates, or true and false"
            )));
        }
    };
    Ok(series.into_column())
}

fn text<'a>(name: PlSmallStr, values: impl Iterator<Item = Option<&'a str>>) -> Series {
    StringChunked::from_iter_options(name, values).into_series()
}
