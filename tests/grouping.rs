//! The groups of a tally against a naive one: few and many keys, dates near together and far apart,
//! one date far from all others, dates that no calendar can name.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch};
use chrono::{Datelike, NaiveDate};
use wholefamily::measures::Share;
use wholefamily::{Every, Measure, Options};

type Key = (Option<i32>, Option<i64>, Option<i64>);

#[derive(Clone)]
struct Row {
    keys: [Option<i64>; 2],
    day: Option<i32>,
    outcome: bool,
}

/// Numbers that look drawn by chance, the same in every run.
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

fn days_since_1970(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The first day of the period that holds a day, worked out from the calendar.
fn first_day(day: i32, every: Every) -> Option<i32> {
    let known = (-719_162..=2_932_896).contains(&day);
    let date = NaiveDate::from_num_days_from_ce_opt(day.checked_add(719_163)?).filter(|_| known)?;
    let (year, month) = (date.year(), date.month());
    let at = |year, month| days_since_1970(NaiveDate::from_ymd_opt(year, month, 1).unwrap());
    Some(match every {
        Every::Day => day,
        Every::Week => day - date.weekday().num_days_from_monday() as i32,
        Every::Month => at(year, month),
        Every::Quarter => at(year, (month - 1) / 3 * 3 + 1),
        Every::Year => at(year, 1),
        Every::FinancialYear => at(if month < 4 { year - 1 } else { year }, 4),
        Every::SchoolYear => at(if month < 8 { year - 1 } else { year }, 8),
    })
}

fn engine(rows: &[Row], every: Every) -> BTreeMap<Key, (i64, i64)> {
    let key = |place: usize| -> ArrayRef {
        Arc::new(Int64Array::from_iter(rows.iter().map(|row| row.keys[place])))
    };
    let outcome: BooleanArray = rows.iter().map(|row| Some(row.outcome)).collect();
    let day: Date32Array = rows.iter().map(|row| row.day).collect();
    let batch = RecordBatch::try_from_iter_with_nullable([
        ("a", key(0), true),
        ("b", key(1), true),
        ("day", Arc::new(day) as ArrayRef, true),
        ("outcome", Arc::new(outcome), false),
    ]);
    let share = Share { outcome: "outcome".into(), date: Some("day".into()), ..Share::default() };
    let options = Options::by(["a", "b"]).every(every);
    let estimates = share.run(&[batch.unwrap()], &options).unwrap();
    let table = estimates.batch();
    let whole = |name: &str| table.column_by_name(name).unwrap().as_primitive::<Int64Type>();
    let (a, b) = (whole("a"), whole("b"));
    let period = table.column_by_name("period").unwrap().as_primitive::<Date32Type>();
    let known = |array: &Int64Array, row| array.is_valid(row).then(|| array.value(row));
    (0..table.num_rows())
        .map(|row| {
            let period = period.is_valid(row).then(|| period.value(row));
            let counts = (estimates.numerators()[row].unwrap(), whole("rows_used").value(row));
            ((period, known(a, row), known(b, row)), counts)
        })
        .collect()
}

fn naive(rows: &[Row], every: Every) -> BTreeMap<Key, (i64, i64)> {
    let mut counts: BTreeMap<Key, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let period = row.day.and_then(|day| first_day(day, every));
        let count = counts.entry((period, row.keys[0], row.keys[1])).or_default();
        count.0 += i64::from(row.outcome);
        count.1 += 1;
    }
    counts
}

#[test]
fn groups_are_those_of_a_naive_tally() {
    let mut drawn = Drawn(7);
    for trial in 0..160 {
        let rows = drawn.of(&[1, 5, 300, 700, 3_000]);
        let span = drawn.of(&[1, 3, 40, 400, 3_000]);
        let keys = [drawn.of(&[1, 2, 5, 17]), drawn.of(&[1, 3, 300])];
        let origin = drawn.of(&[-30_000, 0, 19_000, 30_000, -718_000, 2_900_000]);
        let nulls = drawn.below(3) == 0;
        let mut table: Vec<Row> = (0..rows)
            .map(|_| Row {
                keys: keys.map(|many| {
                    let key = drawn.below(many) as i64;
                    (!nulls || drawn.below(9) > 0).then_some(key)
                }),
                day: (!nulls || drawn.below(9) > 0)
                    .then_some(origin + drawn.below(span as u64) as i32),
                outcome: drawn.below(2) == 0,
            })
            .collect();
        // A date that a sample of the rows will hardly meet, and one that no calendar can name.
        let place = drawn.below(rows) as usize;
        match drawn.below(4) {
            0 => table[place].day = Some(origin + 200 + drawn.below(4_000) as i32),
            1 => table[place].day = Some(drawn.of(&[i32::MIN, i32::MAX, -800_000, 3_000_000])),
            _ => {}
        }
        let every = drawn.of(&[
            Every::Day,
            Every::Week,
            Every::Month,
            Every::Quarter,
            Every::Year,
            Every::FinancialYear,
            Every::SchoolYear,
        ]);
        assert_eq!(engine(&table, every), naive(&table, every), "trial {trial}, every {every:?}");
    }
}
