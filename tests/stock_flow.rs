//! The promise of stock and flow, over random histories with every rule of spells: the stock at the
//! end is the stock at the start, plus starts, less ends, for every group and period, moves included;
//! and groups add up to the whole where nobody is in two of them at once.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, UInt8Type};
use arrow_array::{Array, ArrayRef, Date32Array, RecordBatch, StringArray};
use chrono::NaiveDate;
use proptest::prelude::*;
use wholefamily::histories::{Spells, Stays};
use wholefamily::measures::StockFlow;
use wholefamily::{Estimates, Every, Measure, Options};

/// 1 February 2019.
const FIRST: i32 = 17_928;
const EVERY: [Every; 4] = [Every::Week, Every::Month, Every::Quarter, Every::FinancialYear];

/// A row: child, start, days (none: open), authority, placement. Some end early or on the same day.
type Given = (u8, i32, Option<i32>, u8, u8);

fn episodes() -> impl Strategy<Value = Vec<Given>> {
    let days = prop_oneof![1 => Just(None), 6 => (-2..90_i32).prop_map(Some)];
    // Few different starts and lengths, so that episodes often touch, repeat or overlap.
    let start = (0..50_i32).prop_map(|start| FIRST + 9 * start);
    let days = days.prop_map(|days| days.map(|days| days / 9 * 9));
    prop::collection::vec((0..6_u8, start, days, 0..3_u8, 0..3_u8), 1..40)
}

fn table(given: &[Given]) -> RecordBatch {
    let text = |of: &dyn Fn(&Given) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(given.iter().map(of)))
    };
    let day = |of: &dyn Fn(&Given) -> Option<i32>| -> ArrayRef {
        Arc::new(Date32Array::from_iter(given.iter().map(of)))
    };
    RecordBatch::try_from_iter([
        ("child_id", text(&|row| format!("child {}", row.0))),
        ("start", day(&|row| Some(row.1))),
        ("end", day(&|row| row.2.map(|days| row.1 + days))),
        ("authority", text(&|row| format!("authority {}", row.3))),
        ("placement", text(&|row| format!("placement {}", row.4))),
        // The child's 18th birthday falls into the years of the episodes.
        ("born", day(&|row| Some(FIRST + 60 * i32::from(row.0) - 6_575))),
    ])
    .unwrap()
}

fn rules() -> impl Strategy<Value = Spells> {
    let placements = |word: &str| BTreeMap::from([("placement".to_owned(), vec![word.into()])]);
    (0..40_u32, any::<[bool; 4]>(), prop::option::of(100..700_i32)).prop_map(
        move |(gap_days, [leaves_out, only, transfers, ages], known)| Spells {
            gap_days,
            leave_out: if leaves_out { placements("placement 1") } else { BTreeMap::new() },
            only: if only { placements("placement 0") } else { BTreeMap::new() },
            transfer: transfers.then(|| "authority".to_owned()),
            keep: if transfers { Vec::new() } else { vec!["authority".to_owned()] },
            until_age: (ages && known.is_some()).then_some(18),
            as_of: known.and_then(date),
            ..Spells::default()
        },
    )
}

fn date(days: i32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2019, 2, 1)?
        .checked_add_days(chrono::Days::new(u64::try_from(days).ok()?))
}

/// Counts by group, period and flow.
type Flows = BTreeMap<(String, i32, String), i64>;

fn flows(found: &Estimates) -> Flows {
    let table = found.batch();
    let group = table.column_by_name("authority");
    let period = table.column_by_name("period").unwrap().as_primitive::<Date32Type>();
    let flow = table.column_by_name("flow").unwrap().as_string::<i32>();
    let count = table.column_by_name("numerator").unwrap().as_primitive::<Int64Type>();
    (0..table.num_rows())
        .map(|row| {
            let group = group.map_or("", |group| group.as_string::<i32>().value(row));
            ((group.to_owned(), period.value(row), flow.value(row).to_owned()), count.value(row))
        })
        .collect()
}

/// The stock on the day before each period and on its last, and the rows' own account of it, added up
/// over groups.
fn summed(found: &Flows) -> BTreeMap<(i32, String), i64> {
    let mut sums = BTreeMap::new();
    for ((_, period, flow), count) in found {
        *sums.entry((*period, flow.clone())).or_default() += count;
    }
    sums
}

/// Children in care on a day in a group, from the rows of a history.
fn naive_stock(table: &RecordBatch, group: &str, day: i32) -> i64 {
    let child = table.column_by_name("child_id").unwrap().as_string::<i32>();
    let start = table.column_by_name("start").unwrap().as_primitive::<Date32Type>();
    let end = table.column_by_name("end").unwrap().as_primitive::<Date32Type>();
    let groups = table.column_by_name("authority").unwrap().as_string::<i32>();
    let holds = |row: &usize| {
        start.value(*row) <= day
            && (end.is_null(*row) || day < end.value(*row))
            && groups.value(*row) == group
    };
    let children = (0..table.num_rows()).filter(holds).map(|row| child.value(row));
    children.collect::<std::collections::BTreeSet<_>>().len() as i64
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn stock_and_flow_balance_for_every_group_and_period(
        given in episodes(),
        rules in rules(),
        every in prop::sample::select(EVERY.to_vec()),
        days in prop::option::of(0..800_i32),
    ) {
        let spells = rules.run(&[table(&given)]).unwrap().table;
        let stays =
            Stays { by: vec!["authority".to_owned()], ..Stays::default() }.run(&[spells]).unwrap();
        let account = StockFlow {
            as_of: days.and_then(date),
            began: Some("began".to_owned()),
            ended: Some("ended".to_owned()),
            ..StockFlow::default()
        };
        let run = |options: Options| {
            flows(&account.run(std::slice::from_ref(&stays.table), &options.every(every)).unwrap())
        };
        let (by_group, whole) = (run(Options::by(["authority"])), run(Options::default()));
        for found in [&by_group, &whole] {
            for ((group, period, flow), count) in found {
                let at = |flow: &str| found[&(group.clone(), *period, flow.to_owned())];
                match flow.as_str() {
                    "imbalance" => prop_assert_eq!(*count, 0),
                    "starts" => prop_assert_eq!(
                        *count,
                        at("first entries") + at("re-entries") + at("moves in")
                    ),
                    "ends" => prop_assert_eq!(*count, at("exits") + at("moves out")),
                    "stock at start" if !group.is_empty() => {
                        prop_assert_eq!(*count, naive_stock(&stays.table, group, period - 1));
                    }
                    flow => prop_assert!(!flow.starts_with("unclassified")),
                }
            }
        }
        let problems = stays.problems.column_by_name("problem").unwrap().as_dictionary::<UInt8Type>();
        let problems = problems.downcast_dict::<StringArray>().unwrap();
        let at_once = problems.into_iter().flatten().any(|word| word.contains("another group"));
        let (groups, all) = (summed(&by_group), summed(&whole));
        for ((period, flow), count) in &all {
            let sum = groups.get(&(*period, flow.clone())).copied().unwrap_or(0);
            match flow.as_str() {
                "starts" | "ends" | "moves in" | "moves out" => {}
                // What enters and leaves the whole does so in some group, and nowhere else.
                _ if at_once => prop_assert!(sum >= *count),
                _ => prop_assert_eq!(sum, *count, "{} {}", flow, period),
            }
            let of = |flow: &str| groups.get(&(*period, flow.to_owned())).copied().unwrap_or(0);
            if !at_once {
                prop_assert_eq!(of("moves in"), of("moves out"));
            }
            let of = |flow: &str| all[&(*period, flow.to_owned())];
            prop_assert_eq!(of("moves in") + of("moves out"), 0);
        }
    }

    /// Straight from the episodes too, with all their faults.
    #[test]
    fn stock_and_flow_balance_whatever_the_rows(
        given in episodes(),
        every in prop::sample::select(EVERY.to_vec()),
    ) {
        for options in [Options::default(), Options::by(["authority"]), Options::by(["placement"])] {
            let found = StockFlow::default().run(&[table(&given)], &options.every(every)).unwrap();
            for ((_, _, flow), count) in flows(&found) {
                prop_assert!(flow != "imbalance" || count == 0);
            }
        }
    }
}
