//! Criterion benches of the tally: rows a second for the measures that everything else stands on.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

use std::hint::black_box;
use std::sync::Arc;

use arrow_array::types::UInt8Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
    UInt8Array,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use wholefamily::measures::{Flows, LookedAfter, Share};
use wholefamily::{Every, Measure, Options};

/// A number that looks drawn by chance, the same in every run.
fn drawn(row: usize, salt: u64) -> u64 {
    let mixed = (row as u64 ^ salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 16
}

fn referrals(rows: usize, text: bool) -> RecordBatch {
    let words = |words: [&'static str; 2], salt: u64| -> ArrayRef {
        let codes = (0..rows).map(|row| (drawn(row, salt) % 2) as u8);
        if text {
            Arc::new(StringArray::from_iter_values(codes.map(|code| words[usize::from(code)])))
        } else {
            let values = Arc::new(StringArray::from(words.to_vec()));
            let keys = UInt8Array::from_iter_values(codes);
            Arc::new(DictionaryArray::<UInt8Type>::new(keys, values))
        }
    };
    let days = (0..rows).map(|row| 19_236 + (drawn(row, 3) % 731) as i32);
    let outcome: BooleanArray = (0..rows).map(|row| Some(drawn(row, 4) % 100 < 61)).collect();
    RecordBatch::try_from_iter([
        ("locality", words(["Hamilton", "Lanark"], 1)),
        ("team", words(["hub", "local_office"], 2)),
        ("received", Arc::new(Date32Array::from_iter_values(days)) as ArrayRef),
        ("outcome", Arc::new(outcome)),
    ])
    .unwrap()
}

fn episodes(rows: usize) -> RecordBatch {
    let child = (0..rows).map(|row| (drawn(row, 5) % (rows as u64 / 4)) as i64);
    let start = |row: usize| 16_071 + (drawn(row, 6) % 3_652) as i32;
    let starts = (0..rows).map(start);
    let ends =
        (0..rows).map(|row| (row % 20 != 0).then(|| start(row) + (drawn(row, 7) % 400) as i32));
    RecordBatch::try_from_iter_with_nullable([
        ("child_id", Arc::new(Int64Array::from_iter_values(child)) as ArrayRef, false),
        ("start", Arc::new(Date32Array::from_iter_values(starts)), false),
        ("end", Arc::new(ends.collect::<Date32Array>()), true),
    ])
    .unwrap()
}

fn shares(criterion: &mut Criterion) {
    const ROWS: usize = 4_000_000;
    let mut group = criterion.benchmark_group("share by two keys and month");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(20);
    let share =
        Share { outcome: "outcome".into(), date: Some("received".into()), ..Share::default() };
    let options = Options::by(["locality", "team"]).every(Every::Month);
    for (keys, text) in [("dictionary keys", false), ("text keys", true)] {
        let rows = [referrals(ROWS, text)];
        group.bench_function(keys, |bencher| {
            bencher.iter(|| black_box(share.run(&rows, &options).unwrap()));
        });
    }
    group.finish();
}

fn care(criterion: &mut Criterion) {
    const ROWS: usize = 500_000;
    let mut group = criterion.benchmark_group("children in care");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(20);
    let rows = [episodes(ROWS)];
    let monthly = Options::default().every(Every::Month);
    let at = (0..120).map(|month| {
        chrono::NaiveDate::from_ymd_opt(2014 + month / 12, month as u32 % 12 + 1, 28).unwrap()
    });
    let at = LookedAfter { at: Some(at.collect()), ..LookedAfter::default() };
    group.bench_function("stock at 120 dates", |bencher| {
        bencher.iter(|| black_box(at.run(&rows, &Options::default()).unwrap()));
    });
    group.bench_function("stock at month ends", |bencher| {
        bencher.iter(|| black_box(LookedAfter::default().run(&rows, &monthly).unwrap()));
    });
    group.bench_function("starts and ends by month", |bencher| {
        bencher.iter(|| black_box(Flows::default().run(&rows, &monthly).unwrap()));
    });
    group.finish();
}

criterion_group!(benches, shares, care);
criterion_main!(benches);
