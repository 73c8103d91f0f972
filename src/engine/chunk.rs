//! Typed access to the columns of a run of rows, by the role that each plays.

use std::sync::Mutex;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, RecordBatch,
};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};
use arrow_schema::{DataType, TimeUnit};
use chrono::{DateTime, Offset, TimeZone};
use chrono_tz::Europe::London;

use crate::error::{Error, Result};

use super::codes::Codes;
use super::in_words;
use super::period::{PLAUSIBLE_DAYS, day_from_text};
use super::person::PersonColumn;
use super::value::{Value, ValueKind};

/// A run of rows of one batch.
pub struct Chunk<'a> {
    batch: &'a RecordBatch,
    first_row: u64,
    room: &'a Room,
}

/// Memory for the codes of columns, passed on from chunk to chunk: asking the system for it anew takes
/// as long as the count itself.
#[derive(Default)]
pub(crate) struct Room(Mutex<Vec<Vec<u32>>>);

impl Room {
    fn take(&self) -> Vec<u32> {
        self.0.lock().ok().and_then(|mut spare| spare.pop()).unwrap_or_default()
    }

    /// Gives memory back.
    pub(crate) fn give(&self, room: Vec<u32>) {
        if let Ok(mut spare) = self.0.lock() {
            spare.push(room);
        }
    }
}

impl<'a> Chunk<'a> {
    /// The rows of a batch, the first of which is row `first_row` of all that is read.
    pub(crate) fn new(batch: &'a RecordBatch, first_row: u64, room: &'a Room) -> Self {
        Self { batch, first_row, room }
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.batch.num_rows()
    }

    /// The place of a row of this chunk among all rows read.
    pub(crate) fn row(&self, row: usize) -> u64 {
        self.first_row + row as u64
    }

    /// A column by name.
    pub(crate) fn column(&self, name: &str, role: &str) -> Result<&'a ArrayRef> {
        self.batch.column_by_name(name).ok_or_else(|| {
            let schema = self.batch.schema_ref();
            Error::no_column(name, role, schema.fields().iter().map(|field| field.name().as_str()))
        })
    }

    /// A column of days. Of a timestamp with a time zone the day in Europe/London counts.
    pub(crate) fn days(&self, name: &str, role: &str) -> Result<Date32Array> {
        days(self.column(name, role)?, name, role)
    }

    /// The clock in Europe/London at each moment of a column, in seconds since 1970-01-01 00:00 on that
    /// clock. A timestamp without a time zone is taken to say what the clock said.
    pub(crate) fn clock(&self, name: &str, role: &str) -> Result<Int64Array> {
        clock(self.column(name, role)?, name, role)
    }

    /// A column of true, false or null.
    pub(crate) fn flags(&self, name: &str, role: &str, mend: &str) -> Result<BooleanArray> {
        let array = self.column(name, role)?;
        match array.data_type() {
            DataType::Boolean => Ok(array.as_boolean().clone()),
            _ if nothing(array) => Ok(BooleanArray::new_null(array.len())),
            other => Err(Error::wrong_type(format!(
                "column '{name}' for {role} holds {}; expected true or false{mend}",
                in_words::held(other)
            ))),
        }
    }

    /// Whether each row of a column is one of these values; null where the column is null.
    pub(crate) fn matches(&self, name: &str, role: &str, wanted: &[Value]) -> Result<BooleanArray> {
        let codes = self.codes(name, role)?;
        // A date is asked for as text, because that is how a specification is written.
        let as_day = |value: &Value| match value {
            Value::Text(text) if codes.kind() == Some(ValueKind::Day) => {
                day_from_text(text).map_or_else(|| value.clone(), Value::Day)
            }
            value => value.clone(),
        };
        let wanted: Vec<Value> = wanted.iter().map(as_day).collect();
        codes.check_kind(name, role, &wanted)?;
        Ok(codes.flags(|value| match value {
            Value::Null => None,
            value => Some(wanted.contains(value)),
        }))
    }

    /// A column of numbers; whole ones are taken as they are.
    pub(crate) fn numbers(&self, name: &str, role: &str) -> Result<Float64Array> {
        let array = self.column(name, role)?;
        let wrong = || {
            Error::wrong_type(format!(
                "column '{name}' for {role} holds {}; expected numbers{}",
                in_words::held(array.data_type()),
                in_words::mend(array.data_type())
            ))
        };
        if nothing(array) {
            return Ok(Float64Array::new_null(array.len()));
        }
        Ok(match array.data_type() {
            DataType::Float64 => array.as_primitive::<Float64Type>().clone(),
            DataType::Float32 => array.as_primitive::<Float32Type>().unary(f64::from),
            other if other.is_integer() => {
                whole_numbers(array).ok_or_else(wrong)?.unary(|number| number as f64)
            }
            _ => return Err(wrong()),
        })
    }

    /// A column of whole numbers without nulls, as it lies in memory or in one pass: a number below 0,
    /// or one that does not fit, is 2³¹ or more. Nothing for any other column.
    pub(crate) fn small_whole_numbers(
        &self,
        name: &str,
        role: &str,
    ) -> Result<Option<ScalarBuffer<u32>>> {
        let array = self.column(name, role)?;
        if array.null_count() > 0 {
            return Ok(None);
        }
        Ok(match array.data_type() {
            DataType::Int32 => {
                let numbers = array.as_primitive::<Int32Type>().values();
                Some(ScalarBuffer::new(numbers.inner().clone(), 0, numbers.len()))
            }
            DataType::Int64 => {
                let numbers = array.as_primitive::<Int64Type>().values();
                let small = |number: &i64| u32::try_from(*number).unwrap_or(u32::MAX);
                Some(numbers.iter().map(small).collect())
            }
            _ => None,
        })
    }

    /// A column of few different values.
    pub(crate) fn codes(&self, name: &str, role: &str) -> Result<Codes> {
        Codes::read(self.column(name, role)?, name, role, self.room.take())
    }

    /// The column that says whom each row is about.
    pub(crate) fn people(&self, name: &str, role: &str) -> Result<PersonColumn> {
        PersonColumn::read(self.column(name, role)?, name, role)
    }

    /// The value of a column in one row, as it would be shown in a list of rows set aside.
    pub(crate) fn shown(&self, name: &str, row: usize) -> String {
        let Ok(array) = self.column(name, "") else { return String::new() };
        let one = array.slice(row, 1);
        match days(&one, name, "") {
            Ok(day) if day.is_valid(0) => Value::Day(day.value(0)).to_string(),
            Ok(_) => "null".to_owned(),
            Err(_) => Codes::read(&one, name, "", Vec::new())
                .ok()
                .and_then(|codes| codes.value_of(0).map(Value::to_string))
                .unwrap_or_default(),
        }
    }
}

fn days(array: &ArrayRef, name: &str, role: &str) -> Result<Date32Array> {
    const DAY: i64 = 86_400;
    let seconds = |unit: TimeUnit| -> i64 {
        match unit {
            TimeUnit::Second => 1,
            TimeUnit::Millisecond => 1_000,
            TimeUnit::Microsecond => 1_000_000,
            TimeUnit::Nanosecond => 1_000_000_000,
        }
    };
    match array.data_type() {
        DataType::Date32 => Ok(array.as_primitive::<Date32Type>().clone()),
        DataType::Date64 => {
            let per_day = DAY * seconds(TimeUnit::Millisecond);
            Ok(array.as_primitive::<Date64Type>().unary(|time| whole_days(time, per_day)))
        }
        DataType::Timestamp(unit, zone) => {
            let unit_seconds = seconds(*unit);
            let day_of = |time: i64| match zone {
                None => whole_days(time, DAY * unit_seconds),
                Some(_) => whole_days(clock_in_london(time.div_euclid(unit_seconds)), DAY),
            };
            Ok(match unit {
                TimeUnit::Second => array.as_primitive::<TimestampSecondType>().unary(day_of),
                TimeUnit::Millisecond => {
                    array.as_primitive::<TimestampMillisecondType>().unary(day_of)
                }
                TimeUnit::Microsecond => {
                    array.as_primitive::<TimestampMicrosecondType>().unary(day_of)
                }
                TimeUnit::Nanosecond => {
                    array.as_primitive::<TimestampNanosecondType>().unary(day_of)
                }
            })
        }
        _ if nothing(array) => Ok(Date32Array::new_null(array.len())),
        other => {
            let mend = match other {
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                    "; parse the text first, for example pl.col(…).str.to_date('%d/%m/%Y')"
                }
                other => in_words::mend(other),
            };
            Err(Error::wrong_type(format!(
                "column '{name}' for {role} holds {}; expected dates{mend}",
                in_words::held(other)
            )))
        }
    }
}

fn clock(array: &ArrayRef, name: &str, role: &str) -> Result<Int64Array> {
    let (seconds, zoned) = match array.data_type() {
        DataType::Timestamp(unit, zone) => (seconds(array, *unit), zone.is_some()),
        _ if nothing(array) => (Int64Array::new_null(array.len()), false),
        other => {
            let mend = match other {
                DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
                    "; parse the text first, for example pl.col(…).str.to_datetime()"
                }
                DataType::Date32 | DataType::Date64 => "; a date does not say the hour",
                other => in_words::mend(other),
            };
            return Err(Error::wrong_type(format!(
                "column '{name}' for {role} holds {}; expected timestamps{mend}",
                in_words::held(other)
            )));
        }
    };
    Ok(if zoned { seconds.unary(clock_in_london) } else { seconds })
}

/// Seconds since 1970-01-01 00:00 of timestamps of any unit, rounded down.
fn seconds(array: &ArrayRef, unit: TimeUnit) -> Int64Array {
    match unit {
        TimeUnit::Second => array.as_primitive::<TimestampSecondType>().unary(|time| time),
        TimeUnit::Millisecond => {
            array.as_primitive::<TimestampMillisecondType>().unary(|time| time.div_euclid(1_000))
        }
        TimeUnit::Microsecond => array
            .as_primitive::<TimestampMicrosecondType>()
            .unary(|time| time.div_euclid(1_000_000)),
        TimeUnit::Nanosecond => array
            .as_primitive::<TimestampNanosecondType>()
            .unary(|time| time.div_euclid(1_000_000_000)),
    }
}

/// The clock in Europe/London at this many seconds after 1970-01-01 00:00 UTC.
fn clock_in_london(seconds: i64) -> i64 {
    // Outside the years that a result can show there are no clock changes to speak of.
    match DateTime::from_timestamp(seconds, 0)
        .filter(|_| PLAUSIBLE_DAYS.contains(&whole_days(seconds, 86_400)))
    {
        Some(instant) => {
            let offset = London.offset_from_utc_datetime(&instant.naive_utc()).fix();
            seconds + i64::from(offset.local_minus_utc())
        }
        None => seconds,
    }
}

/// Whole numbers of any width; nothing for another type. What is too large for 64 bits with a sign
/// becomes the largest number that is not.
fn whole_numbers(array: &ArrayRef) -> Option<Int64Array> {
    Some(match array.data_type() {
        DataType::Int64 => array.as_primitive::<Int64Type>().clone(),
        DataType::Int32 => array.as_primitive::<Int32Type>().unary(i64::from),
        DataType::Int16 => array.as_primitive::<Int16Type>().unary(i64::from),
        DataType::Int8 => array.as_primitive::<Int8Type>().unary(i64::from),
        DataType::UInt64 => array
            .as_primitive::<UInt64Type>()
            .unary(|number| i64::try_from(number).unwrap_or(i64::MAX)),
        DataType::UInt32 => array.as_primitive::<UInt32Type>().unary(i64::from),
        DataType::UInt16 => array.as_primitive::<UInt16Type>().unary(i64::from),
        DataType::UInt8 => array.as_primitive::<UInt8Type>().unary(i64::from),
        _ => return None,
    })
}

fn whole_days(time: i64, per_day: i64) -> i32 {
    i32::try_from(time.div_euclid(per_day)).unwrap_or(if time < 0 { i32::MIN } else { i32::MAX })
}

/// Whether a column holds no value at all: its type then says nothing, and it can play any role.
pub(crate) fn nothing(array: &dyn Array) -> bool {
    array.logical_null_count() == array.len()
}

/// Whether each row has a day.
pub(crate) fn present(days: &Date32Array) -> BooleanArray {
    let present = match days.nulls() {
        Some(nulls) => nulls.inner().clone(),
        None => BooleanBuffer::new_set(days.len()),
    };
    BooleanArray::new(present, None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::TimestampMicrosecondArray;

    use super::*;

    #[test]
    fn an_instant_counts_on_its_day_in_london_and_a_wall_clock_time_on_its_own() {
        // 2023-06-30 23:30 UTC is half past midnight on 1 July in London (British Summer Time).
        let instant = 1_688_167_800_000_000;
        let plain = TimestampMicrosecondArray::from(vec![instant]);
        let zoned = plain.clone().with_timezone("UTC");
        let day = |array: TimestampMicrosecondArray| {
            days(&(Arc::new(array) as ArrayRef), "at", "date").unwrap().value(0)
        };
        assert_eq!(Value::Day(day(plain)).to_string(), "2023-06-30");
        assert_eq!(Value::Day(day(zoned)).to_string(), "2023-07-01");
    }

    #[test]
    fn text_where_dates_belong_says_how_to_parse_it() {
        let text: ArrayRef = Arc::new(arrow_array::StringArray::from(vec!["01/02/2023"]));
        let message = days(&text, "received", "date").unwrap_err().to_string();
        assert!(message.contains("'received'") && message.contains("to_date"), "{message}");
    }
}
