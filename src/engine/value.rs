//! One value of a key: what groups are told apart by, and what own keys show.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Date32Array, Int64Array, StringArray};
use arrow_schema::DataType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::error::{Error, Result};

use super::period::{day_from_text, day_to_text};

/// A value of a key column. The order is the order of result rows: null comes last.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Value {
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Whole(i64),
    /// A day, counted from 1970-01-01.
    Day(i32),
    /// Text.
    Text(Arc<str>),
    /// Not recorded.
    Null,
}

/// The type of a key column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// True or false.
    Boolean,
    /// Whole numbers.
    Whole,
    /// Days.
    Day,
    /// Text, and columns in which nothing is recorded.
    Text,
}

impl ValueKind {
    /// The Arrow type in which such a key is shown.
    #[must_use]
    pub fn data_type(self) -> DataType {
        match self {
            Self::Boolean => DataType::Boolean,
            Self::Whole => DataType::Int64,
            Self::Day => DataType::Date32,
            Self::Text => DataType::Utf8,
        }
    }

    /// The kind in which a column of this Arrow type is shown, also where it holds no value.
    pub(crate) fn declared(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Dictionary(_, values) => Self::declared(values),
            whole if whole.is_integer() => Some(Self::Whole),
            other => Self::of(other),
        }
    }

    /// The kind whose column has this Arrow type.
    pub(crate) fn of(data_type: &DataType) -> Option<Self> {
        match data_type {
            DataType::Boolean => Some(Self::Boolean),
            DataType::Int64 => Some(Self::Whole),
            DataType::Date32 => Some(Self::Day),
            DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => Some(Self::Text),
            _ => None,
        }
    }

    /// A column of these values; a value of another kind becomes null.
    pub(crate) fn array<'a>(self, values: impl Iterator<Item = &'a Value>) -> ArrayRef {
        match self {
            Self::Boolean => Arc::new(BooleanArray::from_iter(values.map(|value| match value {
                Value::Boolean(flag) => Some(*flag),
                _ => None,
            }))),
            Self::Whole => Arc::new(Int64Array::from_iter(values.map(|value| match value {
                Value::Whole(number) => Some(*number),
                _ => None,
            }))),
            Self::Day => Arc::new(Date32Array::from_iter(values.map(|value| match value {
                Value::Day(day) => Some(*day),
                _ => None,
            }))),
            Self::Text => Arc::new(StringArray::from_iter(values.map(|value| match value {
                Value::Text(text) => Some(text.to_string()),
                _ => None,
            }))),
        }
    }

    /// Reads a value of this kind from JSON, as a caller writes it.
    pub(crate) fn read(self, json: &serde_json::Value, what: &str) -> Result<Value> {
        use serde_json::Value as Json;
        let wrong = || Error::spec(format!("{what}: {json} is not {}", self.words()));
        match (self, json) {
            (_, Json::Null) => Ok(Value::Null),
            (Self::Boolean, Json::Bool(flag)) => Ok(Value::Boolean(*flag)),
            (Self::Whole, Json::Number(number)) => {
                number.as_i64().map(Value::Whole).ok_or_else(wrong)
            }
            (Self::Day, Json::String(text)) => {
                day_from_text(text).map(Value::Day).ok_or_else(wrong)
            }
            (Self::Text, Json::String(text)) => Ok(Value::Text(text.as_str().into())),
            _ => Err(wrong()),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Boolean => "true or false",
            Self::Whole => "a whole number",
            Self::Day => "a date (YYYY-MM-DD)",
            Self::Text => "text",
        }
    }
}

impl Value {
    /// The kind of this value; null has none of its own.
    #[must_use]
    pub fn kind(&self) -> Option<ValueKind> {
        match self {
            Self::Boolean(_) => Some(ValueKind::Boolean),
            Self::Whole(_) => Some(ValueKind::Whole),
            Self::Day(_) => Some(ValueKind::Day),
            Self::Text(_) => Some(ValueKind::Text),
            Self::Null => None,
        }
    }

    /// The value in a row of a key column, as a result or a partial state holds it.
    pub(crate) fn from_row(array: &ArrayRef, row: usize) -> Result<Self> {
        if array.is_null(row) || *array.data_type() == DataType::Null {
            return Ok(Self::Null);
        }
        Ok(match array.data_type() {
            DataType::Boolean => Self::Boolean(array.as_boolean().value(row)),
            DataType::Int64 => Self::Whole(array.as_primitive::<Int64Type>().value(row)),
            DataType::Date32 => Self::Day(array.as_primitive::<Date32Type>().value(row)),
            DataType::Utf8 => Self::Text(array.as_string::<i32>().value(row).into()),
            DataType::LargeUtf8 => Self::Text(array.as_string::<i64>().value(row).into()),
            DataType::Utf8View => Self::Text(array.as_string_view().value(row).into()),
            other => return Err(Error::state(format!("a key column of the table holds {other}"))),
        })
    }

    /// A number that stands for the value, the same in every version.
    pub(crate) fn digest(&self) -> u64 {
        let tag = match self {
            Self::Boolean(_) => 1,
            Self::Whole(_) => 2,
            Self::Day(_) => 3,
            Self::Text(_) => 4,
            Self::Null => 5,
        };
        xxh3_64_with_seed(self.to_string().as_bytes(), tag)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Boolean(flag) => write!(f, "{flag}"),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Day(day) => f.write_str(&day_to_text(*day)),
            Self::Text(text) => f.write_str(text),
            Self::Null => f.write_str("null"),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Boolean(flag)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Whole(number)
    }
}

impl Value {
    /// Whether this is how a column of events writes that there was none, only the end of observation:
    /// null, "censored", false or 0, as in R's survival and cmprsk.
    pub(crate) fn is_no_event(&self) -> bool {
        match self {
            Self::Null | Self::Boolean(false) | Self::Whole(0) => true,
            Self::Text(word) => word.as_ref() == "censored",
            _ => false,
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match self {
            Self::Boolean(flag) => serializer.serialize_bool(*flag),
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Day(_) | Self::Text(_) => serializer.serialize_str(&self.to_string()),
            Self::Null => serializer.serialize_none(),
        }
    }
}

impl<'de> Deserialize<'de> for Value {
    /// Text stays text: whether it is a date is known only from the column that it is compared with.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Null => Ok(Self::Null),
            serde_json::Value::Bool(flag) => Ok(Self::Boolean(flag)),
            serde_json::Value::String(text) => Ok(Self::Text(text.into())),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(whole) => Ok(Self::Whole(whole)),
                None => Err(serde::de::Error::custom(format!("{number} is not a whole number"))),
            },
            other => Err(serde::de::Error::custom(format!(
                "{other} is not text, a whole number, true, false or null"
            ))),
        }
    }
}
