//! polars frames in and out: the same figures as from Arrow batches.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Int64Array, NullArray, RecordBatch, StringArray,
};
use arrow_schema::DataType as ArrowType;
use polars::prelude::*;
use wholefamily::frames::{RunFrame, batches, frame};
use wholefamily::measures::{Flows, LookedAfter, ReferralShare, Share};
use wholefamily::{Estimates, Every, Kind, Measure, Options};

const LOCALITIES: [Option<&str>; 7] =
    [Some("Hamilton"), Some("Lanark"), None, Some("Hamilton"), Some("Rutherglen"), None, Some("")];
const TEAMS: [Option<&str>; 7] = [
    Some("hub"),
    Some("local_office"),
    Some("hub"),
    None,
    Some("hub"),
    Some("a long name of a team"),
    Some("hub"),
];
const RECEIVED: [Option<i32>; 7] =
    [Some(19_000), Some(19_001), Some(19_100), Some(19_090), None, Some(19_101), Some(19_002)];
const HELPED: [Option<bool>; 7] =
    [Some(true), Some(false), None, Some(true), Some(true), Some(false), Some(true)];
const CHILDREN: [Option<i64>; 7] = [Some(1), Some(2), Some(1), Some(4), Some(5), None, Some(7)];

/// The rows as Arrow has them.
fn arrow() -> RecordBatch {
    let columns: [(&str, ArrayRef, bool); 5] = [
        ("locality", Arc::new(StringArray::from(LOCALITIES.to_vec())), true),
        ("team", Arc::new(StringArray::from(TEAMS.to_vec())), true),
        ("received", Arc::new(Date32Array::from(RECEIVED.to_vec())), true),
        ("helped", Arc::new(BooleanArray::from(HELPED.to_vec())), true),
        ("child", Arc::new(Int64Array::from(CHILDREN.to_vec())), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

/// The same rows as polars has them.
fn polars() -> DataFrame {
    let mut rows = df!(
        "locality" => LOCALITIES, "team" => TEAMS, "received" => RECEIVED,
        "helped" => HELPED, "child" => CHILDREN,
    )
    .unwrap();
    cast(&mut rows, "received", &DataType::Date);
    rows
}

fn cast(rows: &mut DataFrame, name: &str, to: &DataType) {
    let column = rows.column(name).unwrap().cast(to).unwrap();
    rows.with_column(column).unwrap();
}

fn share() -> ReferralShare {
    ReferralShare { to: "hub".into(), ..Default::default() }
}

fn by_locality() -> Options {
    Options::by(["locality"]).every(Every::Quarter)
}

fn expected() -> Estimates {
    share().run(&[arrow()], &by_locality()).unwrap()
}

/// Two frames of other lengths, one below the other, in two chunks.
fn stacked(rows: &DataFrame) -> DataFrame {
    rows.head(Some(3)).vstack(&rows.slice(3, 4)).unwrap()
}

fn types(rows: &DataFrame) -> Vec<ArrowType> {
    let batch = batches(rows).unwrap().remove(0);
    batch.columns().iter().map(|column| column.data_type().clone()).collect()
}

#[test]
fn plain_columns_give_the_same_figures() {
    assert_eq!(share().run_frame(&polars(), &by_locality()).unwrap(), expected());
}

#[test]
fn categories_and_enums_give_the_same_figures_as_text() {
    let localities = ["", "Rutherglen", "Lanark", "Hamilton", "East Kilbride"];
    let frozen = FrozenCategories::new(localities).unwrap();
    let words =
        [DataType::from_categories(Categories::global()), DataType::from_frozen_categories(frozen)];
    for (word, key) in words.iter().zip([ArrowType::UInt32, ArrowType::UInt8]) {
        let mut rows = polars();
        cast(&mut rows, "locality", word);
        let dictionary = ArrowType::Dictionary(Box::new(key), Box::new(ArrowType::Utf8View));
        assert_eq!(types(&rows)[0], dictionary);
        assert_eq!(share().run_frame(&rows, &by_locality()).unwrap(), expected());
        assert_eq!(share().run_frame(&stacked(&rows), &by_locality()).unwrap(), expected());
    }
}

#[test]
fn other_columns_group_and_answer_too() {
    let helped = Share { outcome: "helped".into(), ..Default::default() };
    for key in ["child", "received", "helped", "team"] {
        let options = Options::by([key]);
        let want = helped.run(&[arrow()], &options).unwrap();
        assert_eq!(helped.run_frame(&polars(), &options).unwrap(), want, "by {key}");
        assert_eq!(helped.run_frame(&stacked(&polars()), &options).unwrap(), want, "by {key}");
    }
    let mut rows = polars();
    cast(&mut rows, "child", &DataType::Int32);
    let options = Options::by(["child"]);
    let want = helped.run(&[arrow()], &options).unwrap();
    assert_eq!(helped.run_frame(&rows, &options).unwrap(), want);
}

#[test]
fn each_chunk_is_a_batch() {
    let rows = stacked(&polars());
    let lengths: Vec<usize> = batches(&rows).unwrap().iter().map(RecordBatch::num_rows).collect();
    assert_eq!(lengths, [3, 4]);
    assert_eq!(share().run_frame(&rows, &by_locality()).unwrap(), expected());
}

#[test]
fn chunks_that_do_not_align_are_put_in_one() {
    let mut rows = stacked(&polars());
    let whole = rows.column("team").unwrap().rechunk();
    rows.with_column(whole).unwrap();
    rows.with_column(Column::new_scalar("origin".into(), Scalar::from(1_i64), 7)).unwrap();
    let lengths: Vec<usize> = batches(&rows).unwrap().iter().map(RecordBatch::num_rows).collect();
    assert_eq!(lengths, [7]);
    assert_eq!(share().run_frame(&rows, &by_locality()).unwrap(), expected());
}

#[test]
fn an_empty_chunk_beside_a_repeated_value_does_no_harm() {
    let rows = polars();
    let mut rows = rows.vstack(&rows.head(Some(0))).unwrap();
    rows.with_column(Column::new_scalar("origin".into(), Scalar::from(1_i64), 7)).unwrap();
    let counted: usize = batches(&rows).unwrap().iter().map(RecordBatch::num_rows).sum();
    assert_eq!(counted, 7);
}

#[test]
fn a_slice_gives_the_figures_of_its_rows() {
    for (first, rows) in [(1, 5), (2, 3), (6, 1), (3, 0)] {
        for whole in [polars(), stacked(&polars())] {
            let part = whole.slice(first, rows);
            let want = share().run(&[arrow().slice(first as usize, rows)], &by_locality()).unwrap();
            assert_eq!(share().run_frame(&part, &by_locality()).unwrap(), want);
            let helped = Share { outcome: "helped".into(), ..Default::default() };
            let want = helped.run(&[arrow().slice(first as usize, rows)], &by_team()).unwrap();
            assert_eq!(helped.run_frame(&part, &by_team()).unwrap(), want);
        }
    }
}

fn by_team() -> Options {
    Options::by(["team"])
}

#[test]
fn a_slice_of_many_rows_keeps_its_bits_in_place() {
    let flags: Vec<Option<bool>> =
        (0..1_000).map(|row| (row % 7 != 0).then_some(row % 3 == 0)).collect();
    let rows = df!("outcome" => &flags).unwrap().slice(67, 801);
    let helped = Share { outcome: "outcome".into(), ..Default::default() };
    let array: ArrayRef = Arc::new(BooleanArray::from(flags[67..868].to_vec()));
    let want = RecordBatch::try_from_iter_with_nullable([("outcome", array, true)]).unwrap();
    let want = helped.run(&[want], &Options::default()).unwrap();
    assert_eq!(helped.run_frame(&rows, &Options::default()).unwrap(), want);
}

#[test]
fn a_frame_without_rows_still_has_its_columns_checked() {
    let empty = polars().head(Some(0));
    let given = batches(&empty).unwrap();
    assert_eq!((given.len(), given[0].num_rows(), given[0].num_columns()), (1, 0, 5));
    let want = share().run(&[arrow().slice(0, 0)], &by_locality()).unwrap();
    assert_eq!(share().run_frame(&empty, &by_locality()).unwrap(), want);
    let error = share().run_frame(&empty, &Options::by(["localty"])).unwrap_err();
    assert_eq!(error.kind(), Kind::Column);
    let message = error.to_string();
    assert!(message.contains("did you mean 'locality'?") && message.contains("child"), "{message}");
}

#[test]
fn a_frame_without_columns_keeps_its_height() {
    let given = batches(&DataFrame::empty_with_height(4)).unwrap();
    assert_eq!((given.len(), given[0].num_rows(), given[0].num_columns()), (1, 4, 0));
}

#[test]
fn a_column_of_nothing_but_nulls_has_no_type() {
    let mut rows = polars();
    rows.with_column(Series::new_null("locality".into(), 7).into_column()).unwrap();
    assert_eq!(types(&rows)[0], ArrowType::Null);
    let mut columns = arrow().columns().to_vec();
    columns[0] = Arc::new(NullArray::new(7));
    let names = ["locality", "team", "received", "helped", "child"];
    let want = RecordBatch::try_from_iter_with_nullable(
        names.into_iter().zip(columns).map(|(name, column)| (name, column, true)),
    )
    .unwrap();
    let want = share().run(&[want], &by_locality()).unwrap();
    assert_eq!(share().run_frame(&rows, &by_locality()).unwrap(), want);
    assert_eq!(share().run_frame(&stacked(&rows), &by_locality()).unwrap(), want);
}

#[test]
fn parts_of_the_rows_in_two_frames_merge_to_the_whole() {
    let rows = polars();
    let mut first = share().partial_frame(&rows.head(Some(2)), &by_locality()).unwrap();
    first.merge(share().partial_frame(&rows.slice(2, 5), &by_locality()).unwrap()).unwrap();
    assert_eq!(first.finish().unwrap(), expected());
}

#[test]
fn a_result_becomes_a_frame_and_comes_back() {
    let estimates = expected();
    let table = frame(&estimates).unwrap();
    assert_eq!((table.height(), table.width()), (estimates.batch().num_rows(), 14));
    assert_eq!(table.column("period").unwrap().dtype(), &DataType::Date);
    assert_eq!(table.column("locality").unwrap().dtype(), &DataType::String);
    assert_eq!(table.column("numerator").unwrap().dtype(), &DataType::Int64);
    let values: Vec<Option<f64>> = table.column("value").unwrap().f64().unwrap().iter().collect();
    assert_eq!(values, estimates.values());
    let nulls = |name: &str| estimates.batch().column_by_name(name).unwrap().null_count();
    for column in table.columns() {
        assert_eq!(column.null_count(), nulls(column.name()), "{}", column.name());
    }
    let back = Estimates::from_record_batch(batches(&table).unwrap().remove(0)).unwrap();
    assert_eq!(back.keys(), estimates.keys());
    assert_eq!(back.numerators(), estimates.numerators());
    assert!(frame(&back).unwrap().equals_missing(&table));
}

#[test]
fn results_keyed_by_every_type_become_frames() {
    for (key, dtype) in
        [("helped", DataType::Boolean), ("child", DataType::Int64), ("received", DataType::Date)]
    {
        let table = frame(&share().run(&[arrow()], &Options::by([key])).unwrap()).unwrap();
        assert_eq!(table.column(key).unwrap().dtype(), &dtype);
    }
    let none = frame(&share().run(&[arrow().slice(0, 0)], &by_locality()).unwrap()).unwrap();
    assert_eq!(none.width(), 14);
}

#[test]
fn counts_of_people_and_rows_set_aside_are_as_from_batches() {
    let mut rows = df!(
        "child_id" => ["a", "b", "a", "c"],
        "start" => [19_000, 19_010, 19_200, 19_050],
        "end" => [Some(19_100), None, None, Some(18_000)],
        "unread" => [0.5, 0.5, 0.5, 0.5],
    )
    .unwrap();
    cast(&mut rows, "start", &DataType::Date);
    cast(&mut rows, "end", &DataType::Date);
    let columns: [(&str, ArrayRef, bool); 3] = [
        ("child_id", Arc::new(StringArray::from(vec!["a", "b", "a", "c"])), true),
        ("start", Arc::new(Date32Array::from(vec![19_000, 19_010, 19_200, 19_050])), true),
        ("end", Arc::new(Date32Array::from(vec![Some(19_100), None, None, Some(18_000)])), true),
    ];
    let batch = RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let options = Options::default().every(Every::Quarter);
    let want = LookedAfter::default().run(std::slice::from_ref(&batch), &options).unwrap();
    assert!(!want.remarks().is_empty());
    for rows in [rows.clone(), rows.head(Some(2)).vstack(&rows.slice(2, 2)).unwrap()] {
        let stock = LookedAfter::default().run_frame(&rows, &options).unwrap();
        assert_eq!(stock.remarks(), want.remarks());
        assert_eq!(stock, want);
        let flows = Flows::default();
        let want = flows.run(std::slice::from_ref(&batch), &options).unwrap();
        assert_eq!(flows.run_frame(&rows, &options).unwrap(), want);
    }
}
