//! What programs call types, in the words of people who keep tables.
//!
//! A message says "text" and "a whole number": the names of Arrow's, JSON's and Rust's types mean
//! nothing to those who have to mend an extract or an evaluation file.

use arrow_schema::DataType;

use crate::error::{Error, Result};

/// What a column of this type holds.
pub(crate) fn held(data_type: &DataType) -> &'static str {
    match data_type {
        DataType::Null => "no value at all",
        DataType::Boolean => "true and false",
        whole if whole.is_integer() => "whole numbers",
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "numbers with decimals",
        DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "decimal numbers",
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => "text",
        DataType::Date32 | DataType::Date64 => "dates",
        DataType::Timestamp(..) => "timestamps",
        DataType::Time32(_) | DataType::Time64(_) => "times of day",
        DataType::Duration(_) | DataType::Interval(_) => "lengths of time",
        DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => "bytes",
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(..) => "lists",
        DataType::Struct(_) | DataType::Map(..) => "several fields in one",
        DataType::Dictionary(_, values) => held(values),
        DataType::RunEndEncoded(_, values) => held(values.data_type()),
        _ => "values of several types",
    }
}

/// How to make a column of this type one that can be read; empty where that depends on the column.
pub(crate) fn mend(data_type: &DataType) -> &'static str {
    match held(data_type) {
        "decimal numbers" => "; convert it to whole numbers or to numbers with decimals first",
        "timestamps" | "times of day" => "; convert it first, for example a timestamp to its date",
        "lengths of time" => "; take the whole number of days first",
        "bytes" => "; decode it to text first",
        "lists" => "; make one row of each entry first, for example with explode",
        "several fields in one" => "; take the field that is meant out of it first",
        _ => "",
    }
}

/// Reads JSON into what it should be; the error says in words what was expected.
pub(crate) fn read<T: serde::de::DeserializeOwned>(place: &str, json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|cause| unread(place, &cause))
}

/// A value of JSON that could not be read, in words.
pub(crate) fn unread(place: &str, cause: &serde_json::Error) -> Error {
    let told = cause.to_string();
    let position = format!(" at line {} column {}", cause.line(), cause.column());
    let told = told.strip_suffix(position.as_str()).unwrap_or(&told);
    Error::spec(format!("{place}: {}", told_in_words(told)))
}

fn told_in_words(told: &str) -> String {
    let (out_of_range, rest) = match told.strip_prefix("invalid value: ") {
        Some(rest) => (true, Some(rest)),
        None => (false, told.strip_prefix("invalid type: ")),
    };
    if let Some((given, wanted)) = rest.and_then(|rest| rest.rsplit_once(", expected ")) {
        let (wanted, shown) = (wanted_in_words(wanted, out_of_range), given_in_words(given));
        let mend = match (wanted.as_str(), given_as_written(given)) {
            ("a list", Some(written)) => format!("; write [{written}]"),
            _ => String::new(),
        };
        return format!("expected {wanted}, not {shown}{mend}");
    }
    if let Some(field) = told.strip_prefix("missing field ") {
        return format!("{} is missing", quoted(field));
    }
    if let Some((word, known)) = told
        .strip_prefix("unknown field ")
        .or_else(|| told.strip_prefix("unknown variant "))
        .and_then(|rest| rest.split_once(", "))
    {
        let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
        let what = if told.starts_with("unknown field") { "field" } else { "word" };
        return Error::unknown_word(what, word.trim_matches('`'), &known).to_string();
    }
    told.to_owned()
}

fn wanted_in_words(wanted: &str, out_of_range: bool) -> String {
    let words = match wanted {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" if !out_of_range => "a whole number",
        "u8" | "u16" | "u32" | "u64" | "u128" | "usize" if !out_of_range => {
            "a whole number, 0 or more"
        }
        "i32" => "a whole number from -2147483648 to 2147483647",
        "i64" => "a whole number of at most 18 digits",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number, 0 or more",
        "f32" | "f64" => "a number",
        "a boolean" => "true or false",
        "a string" | "str" | "string" | "a borrowed string" => "text in quotes",
        "a sequence" => "a list",
        "a map" => "values by name",
        "a formatted date string" => "a date such as '2023-08-31'",
        tuple if tuple.starts_with("struct ") => "values by name",
        other => other,
    };
    words.to_owned()
}

fn given_in_words(given: &str) -> String {
    match given {
        "null" | "unit" | "Option value" => return "null".to_owned(),
        "sequence" => return "a list".to_owned(),
        "map" => return "values by name".to_owned(),
        _ => {}
    }
    match (given_as_written(given), given.strip_prefix("string ")) {
        (_, Some(text)) => format!("the text {}", quoted(text)),
        (Some(written), None) => written.to_owned(),
        (None, None) => given.to_owned(),
    }
}

/// One value, as it is written in JSON.
fn given_as_written(given: &str) -> Option<&str> {
    let kinds = ["integer ", "floating point ", "boolean ", "string "];
    let written = kinds.iter().find_map(|kind| given.strip_prefix(kind));
    written.map(|written| written.trim_matches('`'))
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.trim_matches(['`', '"']))
}

#[cfg(test)]
mod tests {
    use arrow_schema::{Field, TimeUnit};
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "it is only ever read in vain")]
    struct Asked {
        at: Vec<i64>,
        #[serde(default)]
        least: u32,
        #[serde(default)]
        per: f64,
        #[serde(default)]
        multiple: bool,
        #[serde(default)]
        method: String,
        #[serde(default)]
        only: std::collections::BTreeMap<String, String>,
    }

    fn told(json: &str) -> String {
        read::<Asked>("Asked", json).unwrap_err().to_string()
    }

    #[test]
    fn what_was_expected_is_said_in_words() {
        let cases = [
            (r#"{"at": "x"}"#, "Asked: expected a list, not the text 'x'; write [\"x\"]"),
            (r#"{"at": 365}"#, "Asked: expected a list, not 365; write [365]"),
            (r#"{"at": [1.5]}"#, "Asked: expected a whole number, not 1.5"),
            (r#"{"at": [null]}"#, "Asked: expected a whole number, not null"),
            (r#"{"at": [[1]]}"#, "Asked: expected a whole number, not a list"),
            (r#"{"at": [true]}"#, "Asked: expected a whole number, not true"),
            (
                r#"{"at": [], "least": -1}"#,
                "Asked: expected a whole number from 0 to 4294967295, not -1",
            ),
            (
                r#"{"at": [], "least": {}}"#,
                "Asked: expected a whole number, 0 or more, not values by name",
            ),
            (
                r#"{"at": [], "per": "a, expected b"}"#,
                "Asked: expected a number, not the text 'a, expected b'",
            ),
            (r#"{"at": [], "multiple": 1}"#, "Asked: expected true or false, not 1"),
            (r#"{"at": [], "method": 3}"#, "Asked: expected text in quotes, not 3"),
            (r#"{"at": [], "only": 3}"#, "Asked: expected values by name, not 3"),
            ("{}", "Asked: 'at' is missing"),
            (
                r#"{"att": []}"#,
                "Asked: unknown field 'att'; did you mean 'at'? known are: at, least, per, multiple, method, only",
            ),
        ];
        for (json, words) in cases {
            assert_eq!(told(json), words);
        }
    }

    #[test]
    fn every_type_of_column_has_words() {
        let entry = std::sync::Arc::new(Field::new("item", DataType::Int64, true));
        let cases = [
            (DataType::Utf8View, "text"),
            (DataType::UInt8, "whole numbers"),
            (DataType::Float32, "numbers with decimals"),
            (DataType::Dictionary(DataType::Int32.into(), DataType::LargeUtf8.into()), "text"),
            (DataType::Duration(TimeUnit::Second), "lengths of time"),
            (DataType::List(entry.clone()), "lists"),
            (DataType::Struct(vec![entry].into()), "several fields in one"),
            (DataType::Binary, "bytes"),
            (DataType::Null, "no value at all"),
        ];
        for (data_type, words) in cases {
            assert_eq!(held(&data_type), words);
        }
    }
}
