//! Statistics by name over Arrow columns: types, nulls, refusals, and threads that change no byte.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{
    Array, ArrayRef, Float32Array, Float64Array, Int8Array, Int64Array, NullArray, RecordBatch,
    StringArray, UInt64Array,
};
use wholefamily::Kind;
use wholefamily::columns::{statistic, statistics};

fn table(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

fn values(batch: &RecordBatch, name: &str) -> Vec<Option<f64>> {
    batch[name].as_primitive::<Float64Type>().iter().collect()
}

fn refusal(name: &str, columns: Option<&RecordBatch>, options: &str) -> (Kind, String) {
    let error = statistic(name, columns, options).unwrap_err();
    (error.kind(), error.to_string())
}

#[test]
fn all_numeric_types_say_the_same() {
    let n: ArrayRef = Arc::new(Int64Array::from(vec![25, 7]));
    let kinds: [ArrayRef; 5] = [
        Arc::new(Int64Array::from(vec![3, 0])),
        Arc::new(UInt64Array::from(vec![3, 0])),
        Arc::new(Int8Array::from(vec![3, 0])),
        Arc::new(Float64Array::from(vec![3.0, 0.0])),
        Arc::new(Float32Array::from(vec![3.0, 0.0])),
    ];
    for x in kinds {
        let got =
            statistic("proportion", Some(&table(vec![("x", x), ("n", n.clone())])), "{}").unwrap();
        assert_eq!(values(&got, "value"), [Some(0.12), Some(0.0)]);
        let got = table(vec![("x", n.clone()), ("exposure", n.clone())]);
        assert_eq!(
            values(&statistic("rate", Some(&got), "{}").unwrap(), "value"),
            [Some(1.0), Some(1.0)]
        );
    }
}

#[test]
fn a_null_gives_nulls_and_says_so() {
    let x: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), None]));
    let got =
        statistic("proportion", Some(&table(vec![("x", x)])), r#"{"n": 25, "reasons": true}"#)
            .unwrap();
    assert_eq!(values(&got, "lower")[1], None);
    assert_eq!(got["reason"].as_string::<i32>().value(1), "a number is missing");
    let nothing = table(vec![("x", Arc::new(NullArray::new(2)) as ArrayRef)]);
    let got = statistic("proportion", Some(&nothing), r#"{"n": 25}"#).unwrap();
    assert_eq!(got["value"].null_count(), 2);
}

#[test]
fn impossible_numbers_are_named_with_their_row() {
    let x =
        |numbers: Vec<f64>| table(vec![("x", Arc::new(Float64Array::from(numbers)) as ArrayRef)]);
    for (numbers, says) in [
        (vec![1.0, -2.0], "x is -2 at row 1; expected a whole number of 0 or more"),
        (vec![1.5], "x is 1.5 at row 0; expected a whole number"),
        (vec![1.0, f64::NAN], "x is NaN at row 1"),
        (vec![1.0, 1.0, 9.0], "x is 9 at row 2, but n is 4 there"),
    ] {
        let (kind, message) = refusal("proportion", Some(&x(numbers)), r#"{"n": 4}"#);
        assert_eq!(kind, Kind::Data);
        assert!(message.starts_with(&format!("proportion: {says}")), "{message}");
    }
    let (kind, message) = refusal("proportion", None, r#"{"x": "nan", "n": 4}"#);
    assert!(kind == Kind::Data && message.starts_with("proportion: x is nan;"), "{message}");
}

#[test]
fn what_is_unknown_or_of_another_kind_is_refused() {
    let words = table(vec![("x", Arc::new(StringArray::from(vec!["3"])) as ArrayRef)]);
    assert_eq!(refusal("proportion", Some(&words), r#"{"n": 4}"#).0, Kind::Type);
    for (name, options, says) in [
        ("proportions", "{}", "unknown statistic 'proportions'; did you mean 'proportion'?"),
        ("proportion", r#"{"x": 1, "n": 4, "metod": "wald"}"#, "did you mean 'method'?"),
        ("proportion", r#"{"x": 1, "n": 4, "method": "wilsom"}"#, "did you mean 'wilson'?"),
        ("proportion", r#"{"x": 1, "n": 4, "level": 95}"#, "for 95% write 0.95"),
        ("reliable_change", r#"{"before": 1, "after": 2}"#, "needs sd"),
        ("proportion", "[]", "no JSON object"),
        ("independence", r#"{"counts": 1, "outcomes": 1, "seed": 1e300}"#, "at most 2⁵³"),
    ] {
        let (kind, message) = refusal(name, None, options);
        assert!(kind == Kind::Spec && message.contains(says), "{message}");
    }
    assert_eq!(refusal("proportion", None, r#"{"x": 1}"#).0, Kind::Column);
}

#[test]
fn threads_change_no_byte() {
    let rows = 50_000;
    let x: ArrayRef = Arc::new(Int64Array::from_iter_values((0..rows).map(|row| row % 97)));
    let n: ArrayRef =
        Arc::new(Int64Array::from_iter_values((0..rows).map(|row| row % 97 + row % 11)));
    let columns = table(vec![("x", x.clone()), ("n", n)]);
    let sample = table(vec![("value", x.slice(0, 300))]);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let shares = statistic("proportion", Some(&columns), r#"{"reasons": true}"#).unwrap();
            let mean =
                statistic("bootstrap", Some(&sample), r#"{"seed": 1, "draws": 700}"#).unwrap();
            (shares, mean)
        })
    };
    let alone = on(1);
    assert_eq!(alone, on(2));
    assert_eq!(alone, on(5));
    assert!(alone.0["value"].null_count() > 0);
    let (kind, message) = refusal("proportion", Some(&columns), r#"{"n": 5}"#);
    assert!(kind == Kind::Spec && message == "proportion: n is given twice", "{message}");
}

#[test]
fn every_entry_says_what_it_is() {
    let all = statistics();
    let entries = all.as_array().unwrap();
    assert!(entries.len() > 40);
    let mut names: Vec<&str> = entries.iter().map(|one| one["name"].as_str().unwrap()).collect();
    for entry in entries {
        assert!(entry["question"].as_str().unwrap().ends_with('?'), "{entry}");
        assert!(!entry["fields"].as_array().unwrap().is_empty());
        for option in entry["options"].as_array().unwrap() {
            let words = option["words"].as_array();
            assert!(words.is_none_or(|words| words.contains(&option["default"])), "{option}");
        }
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), entries.len(), "a name stands twice");
}
