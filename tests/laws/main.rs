//! The laws that every measure of the catalogue obeys, whatever the rows.
//!
//! - the parts of any split of the rows merge to the whole;
//! - merging is associative, does not depend on the order, and has the empty part as identity;
//! - the order of the rows changes nothing;
//! - a partial state that travelled as Arrow is the same state;
//! - the number of threads changes no byte;
//! - lower ≤ value ≤ upper;
//! - what a measure gives away is said: its numerators are among what it reveals;
//! - starts − ends is the change in stock, in every group and period.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod cases;

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch,
    StringArray, TimestampSecondArray,
};
use arrow_schema::{Field, Schema};
use proptest::prelude::*;
use serde_json::json;
use wholefamily::measures::{AnyMeasure, catalogue, specified};
use wholefamily::{Estimates, Options};

use cases::cases;

/// One row that has a column for every measure.
#[derive(Debug, Clone)]
struct Row {
    locality: Option<&'static str>,
    team: Option<&'static str>,
    outcome: Option<&'static str>,
    helped: Option<bool>,
    received: Option<i32>,
    child: Option<i64>,
    start: Option<i32>,
    days: Option<i32>,
    item: Option<&'static str>,
    answer: Option<&'static str>,
}

fn row() -> impl Strategy<Value = Row> {
    let word =
        |words: &'static [&'static str]| prop::option::weighted(0.9, prop::sample::select(words));
    (
        word(&["Hamilton", "Lanark", "a,b <script>"]),
        word(&["hub", "local_office"]),
        word(&["with_family", "kinship", "foster", "strange"]),
        prop::option::weighted(0.9, any::<bool>()),
        prop::option::weighted(0.9, 19_000..19_400_i32),
        prop::option::weighted(0.95, 0..12_i64),
        prop::option::weighted(0.95, 19_000..19_300_i32),
        prop::option::weighted(0.8, -5..120_i32),
        word(&["helped", "listened"]),
        word(&["yes", "no", "don't know"]),
    )
        .prop_map(
            |(locality, team, outcome, helped, received, child, start, days, item, answer)| Row {
                locality,
                team,
                outcome,
                helped,
                received,
                child,
                start,
                days,
                item,
                answer,
            },
        )
}

fn batch(rows: &[Row]) -> RecordBatch {
    fn text(rows: &[Row], of: impl Fn(&Row) -> Option<&'static str>) -> ArrayRef {
        Arc::new(StringArray::from_iter(rows.iter().map(of)))
    }
    fn day(rows: &[Row], of: impl Fn(&Row) -> Option<i32>) -> ArrayRef {
        Arc::new(Date32Array::from_iter(rows.iter().map(of)))
    }
    fn number(rows: &[Row], of: impl Fn(&Row) -> Option<i32>, scale: f64) -> ArrayRef {
        let numbers = rows.iter().map(|row| of(row).map(|whole| f64::from(whole) * scale));
        Arc::new(Float64Array::from_iter(numbers))
    }
    // At every hour of a day, also when clocks change.
    fn moments(rows: &[Row]) -> ArrayRef {
        let second = |row: &Row| {
            let (day, days) = row.received.zip(row.days)?;
            Some(i64::from(day) * 86_400 + i64::from(days) * 1_234)
        };
        Arc::new(TimestampSecondArray::from_iter(rows.iter().map(second)).with_timezone("UTC"))
    }
    let child: ArrayRef = Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.child)));
    RecordBatch::try_from_iter_with_nullable([
        ("locality", text(rows, |row| row.locality), true),
        ("team", text(rows, |row| row.team), true),
        ("outcome", text(rows, |row| row.outcome), true),
        ("helped", Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.helped))) as _, true),
        ("received", day(rows, |row| row.received), true),
        ("started", day(rows, |row| row.received), true),
        ("opened", day(rows, |row| row.received), true),
        ("escalated", day(rows, |row| row.start), true),
        ("child_id", child.clone(), true),
        ("respondent_id", child, true),
        (
            "family_id",
            Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.child.map(|id| id / 3)))),
            true,
        ),
        ("worker_id", text(rows, |row| row.team), true),
        ("at", moments(rows), true),
        ("repeat", Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.helped))) as _, true),
        (
            "first_ever",
            Arc::new(BooleanArray::from_iter(rows.iter().map(|row| Some(row.answer? == "yes")))),
            true,
        ),
        (
            "first_response",
            day(rows, |row| row.received.zip(row.days).map(|(day, days)| day + days)),
            true,
        ),
        ("start", day(rows, |row| row.start), true),
        ("end", day(rows, |row| row.start.zip(row.days).map(|(start, days)| start + days)), true),
        // Without an event the end of what was followed, otherwise later.
        (
            "observed_until",
            day(rows, |row| {
                let longer = row.outcome.map_or(0, |_| row.child.unwrap_or(0) as i32 * 9);
                row.received.zip(row.days).map(|(origin, days)| origin + days + longer)
            }),
            true,
        ),
        (
            "competing",
            Arc::new(BooleanArray::from_iter(rows.iter().map(|row| row.helped))) as _,
            true,
        ),
        ("item", text(rows, |row| row.item), true),
        ("answer", text(rows, |row| row.answer), true),
        // Some below 0, which no count is.
        ("events", Arc::new(Int32Array::from_iter(rows.iter().map(|row| row.days))), true),
        ("population", number(rows, |row| row.received, 0.1), true),
        ("before", number(rows, |row| row.days, 1.0 / 3.0), true),
        ("after", number(rows, |row| row.received, 0.01), true),
        // Some that say nothing of how a stay began or ended, and some that contradict each other.
        (
            "began",
            text(rows, |row| {
                row.team.map(|team| if team == "hub" { "first entry" } else { "move" })
            }),
            true,
        ),
        (
            "ended",
            text(rows, |row| row.item.map(|item| if item == "helped" { "exit" } else { "left" })),
            true,
        ),
        (
            "simd_quintile",
            Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.child.map(|id| 1 + id % 5)))),
            true,
        ),
    ])
    .unwrap()
}

fn each_case(mut check: impl FnMut(&dyn AnyMeasure, &Options)) {
    for (specification, periods) in cases() {
        let measure = specified(&specification.to_string()).unwrap();
        for every in periods {
            for by in [&[][..], &["locality"], &["locality", "team"]] {
                let options = json!({"by": by, "every": every}).to_string();
                check(measure.as_ref(), &Options::from_json(&options).unwrap());
            }
        }
    }
}

fn run(measure: &dyn AnyMeasure, options: &Options, batches: &[RecordBatch]) -> Estimates {
    measure.run_stream(&mut batches.iter().cloned().map(Ok), options).unwrap()
}

fn part(measure: &dyn AnyMeasure, options: &Options, batch: &RecordBatch) -> RecordBatch {
    measure.partial_stream(&mut std::iter::once(Ok(batch.clone())), options).unwrap()
}

/// The table without its metadata, in which places of rows depend on the order, and the fingerprint,
/// which does not.
fn figures(estimates: &Estimates) -> (RecordBatch, String) {
    let fingerprint = estimates.metadata("wholefamily.fingerprint").unwrap().to_owned();
    let batch = estimates.batch();
    let fields: Vec<Field> =
        batch.schema().fields().iter().map(|field| (**field).clone()).collect();
    let table = RecordBatch::try_new(Arc::new(Schema::new(fields)), batch.columns().to_vec());
    (table.unwrap(), fingerprint)
}

#[test]
fn every_measure_of_the_catalogue_is_held_to_the_laws() {
    let listed = catalogue().unwrap();
    for entry in listed.as_array().unwrap() {
        let found = cases().iter().any(|(case, _)| case["measure"] == entry["measure"]);
        assert!(found, "no case for {}", entry["measure"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_split_merges_to_the_whole_in_any_order(
        rows in prop::collection::vec(row(), 0..60),
        cuts in (0..60_usize, 0..60_usize),
    ) {
        let first = cuts.0.min(rows.len());
        let second = cuts.1.min(rows.len()).max(first);
        let whole = batch(&rows);
        let parts = [&rows[..first], &rows[first..second], &rows[second..]].map(batch);
        each_case(|measure, options| {
            let expected = figures(&run(measure, options, std::slice::from_ref(&whole)));
            assert_eq!(figures(&run(measure, options, &parts)), expected, "batches {options:?}");
            let [a, b, c] = parts.each_ref().map(|rows| part(measure, options, rows));
            let empty = part(measure, options, &batch(&[]));
            let merged = |parts: &[RecordBatch]| measure.merge_batches(parts).unwrap();
            let left = merged(&[merged(&[a.clone(), b.clone()]), c.clone()]);
            let right = merged(&[a.clone(), merged(&[b.clone(), c.clone()])]);
            let turned = merged(&[c, empty.clone(), b, empty, a]);
            for state in [left, right, turned] {
                let estimates = measure.finish_batch(&state, options.level).unwrap();
                assert_eq!(figures(&estimates), expected, "{} {options:?}", measure.info().measure);
            }
        });
    }

    #[test]
    fn the_order_of_the_rows_changes_nothing(
        rows in prop::collection::vec(row(), 0..60).prop_flat_map(|rows| {
            (Just(rows.clone()), Just(rows).prop_shuffle())
        })
    ) {
        let (straight, shuffled) = (batch(&rows.0), batch(&rows.1));
        each_case(|measure, options| {
            let expected = run(measure, options, std::slice::from_ref(&straight));
            let turned = run(measure, options, std::slice::from_ref(&shuffled));
            assert_eq!(figures(&turned), figures(&expected), "{}", measure.info().measure);
        });
    }

    #[test]
    fn a_state_that_travelled_is_the_same_state(rows in prop::collection::vec(row(), 0..60)) {
        let rows = batch(&rows);
        each_case(|measure, options| {
            let state = part(measure, options, &rows);
            let again = measure.merge_batches(std::slice::from_ref(&state)).unwrap();
            assert_eq!(state, again);
            let expected = run(measure, options, std::slice::from_ref(&rows));
            assert_eq!(measure.finish_batch(&state, options.level).unwrap(), expected);
        });
    }

    #[test]
    fn limits_enclose_the_value_and_an_undefined_figure_has_a_reason(
        rows in prop::collection::vec(row(), 0..60)
    ) {
        let rows = batch(&rows);
        each_case(|measure, options| {
            let estimates = run(measure, options, std::slice::from_ref(&rows));
            let table = estimates.batch();
            let [value, lower, upper] = ["value", "lower", "upper"]
                .map(|name| table.column_by_name(name).unwrap().as_primitive::<Float64Type>());
            let reason = table.column_by_name("reason").unwrap();
            for row in 0..table.num_rows() {
                let complete =
                    value.is_valid(row) && lower.is_valid(row) && upper.is_valid(row);
                assert_eq!(complete, reason.is_null(row));
                if complete {
                    assert!(lower.value(row) <= value.value(row));
                    assert!(value.value(row) <= upper.value(row));
                }
            }
        });
    }

    #[test]
    fn what_a_measure_gives_away_is_among_what_it_reveals(
        rows in prop::collection::vec(row(), 0..60)
    ) {
        let rows = batch(&rows);
        each_case(|measure, options| {
            let revealed = measure.reveals(&part(measure, options, &rows)).unwrap();
            let numerators = run(measure, options, std::slice::from_ref(&rows)).numerators();
            assert_eq!(numerators.len(), revealed.len());
            for (count, revealed) in numerators.into_iter().zip(revealed) {
                // A figure without a count beside it gives none away by it.
                let Some(count) = count.map(i64::unsigned_abs) else { continue };
                // A net flow is told by the starts and the ends.
                let net = measure.info().measure == "flows"
                    && revealed[0].abs_diff(revealed[1]) == count;
                assert!(net || revealed.contains(&count), "{count} in {revealed:?}");
            }
        });
    }

    #[test]
    fn starts_less_ends_is_the_change_in_stock(rows in prop::collection::vec(row(), 1..80)) {
        let rows = batch(&rows);
        for (by, every) in [(json!([]), "month"), (json!(["locality"]), "month"), (json!(["team"]), "week")] {
            let options = json!({"by": by, "every": every}).to_string();
            let options = Options::from_json(&options).unwrap();
            let flows = run(&*specified(r#"{"measure": "flows"}"#).unwrap(), &options, std::slice::from_ref(&rows));
            let stock = run(&*specified(r#"{"measure": "looked_after"}"#).unwrap(), &options, std::slice::from_ref(&rows));
            let series = |estimates: &Estimates, flow: Option<&str>| -> Vec<(String, i32, i64)> {
                let table = estimates.batch();
                let period = table.column_by_name("period").unwrap().as_primitive::<Date32Type>();
                let count = table.column_by_name("numerator").unwrap().as_primitive::<Int64Type>();
                let keys = &table.columns()[..usize::from(options.by.len() == 1)];
                (0..table.num_rows())
                    .filter(|row| match flow {
                        None => true,
                        Some(flow) => {
                            table.column_by_name("flow").unwrap().as_string::<i32>().value(*row) == flow
                        }
                    })
                    .map(|row| {
                        let key = keys.first().map(|key| format!("{:?}", key.slice(row, 1)));
                        (key.unwrap_or_default(), period.value(row), count.value(row))
                    })
                    .collect()
            };
            let net = series(&flows, Some("net"));
            for (key, period, children) in series(&stock, None) {
                let so_far: i64 = net
                    .iter()
                    .filter(|(other, at, _)| *other == key && *at <= period)
                    .map(|(_, _, net)| net)
                    .sum();
                prop_assert_eq!(so_far, children);
            }
        }
    }
}

/// More rows than a chunk holds, so that several threads have work.
#[test]
fn the_number_of_threads_changes_no_byte() {
    let rows: Vec<Row> = (0..150_000_i32)
        .map(|row| Row {
            locality: ["Hamilton", "Lanark"].get(row as usize * 7 % 3).copied(),
            team: ["hub", "local_office"].get(row as usize * 11 % 3).copied(),
            outcome: Some("kinship"),
            helped: (row % 13 != 0).then_some(row % 5 < 3),
            received: Some(19_000 + row * 31 % 400),
            child: Some(i64::from(row * 17 % 40_000)),
            start: Some(19_000 + row * 13 % 300),
            days: (row % 9 != 0).then_some(row % 100 - 3),
            item: Some("helped"),
            answer: ["yes", "no"].get(row as usize % 3).copied(),
        })
        .collect();
    let rows = batch(&rows);
    // Many batches of one part each, to make many chunks for the measures with large ones too.
    let batches: Vec<RecordBatch> = (0..30).map(|part| rows.slice(part * 5_000, 5_000)).collect();
    let on = |threads: usize, measure: &dyn AnyMeasure, options: &Options| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let small = run(measure, options, &batches);
            let large = run(measure, options, std::slice::from_ref(&rows));
            (small, large)
        })
    };
    each_case(|measure, options| {
        let one = on(1, measure, options);
        assert_eq!(figures(&one.0), figures(&one.1));
        for threads in [2, 8] {
            assert_eq!(one, on(threads, measure, options), "{}", measure.info().measure);
        }
    });
}
