//! The laws of histories: naive versions agree; neither order, nor batches, nor a split by person,
//! nor threads change a figure.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, UInt8Type};
use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray, UInt32Array};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;
use proptest::prelude::*;
use rayon::ThreadPoolBuilder;
use wholefamily::histories::{FollowUp, History, Pathways, Placements, Repeats, Spells, Stays};

/// A row: child, start, days (none: open), authority. Some have no child or no start, or end early.
type Given = (Option<u8>, Option<i32>, Option<i32>, u8);

fn episodes() -> impl Strategy<Value = Vec<Given>> {
    let some =
        |values: std::ops::Range<i32>| prop_oneof![1 => Just(None), 9 => values.prop_map(Some)];
    let child = prop_oneof![1 => Just(None), 12 => (0..6_u8).prop_map(Some)];
    prop::collection::vec((child, some(0..80), some(-3..25), 0..3_u8), 0..40)
}

/// Names of few and of many letters, whose order is not that of their numbers.
fn name(child: u8) -> String {
    match child {
        0 => "b".to_owned(),
        1 => "a".to_owned(),
        2 => String::new(),
        3 => "0123456789abcdef".to_owned(),
        4 => "0123456789abcdee, the second".to_owned(),
        _ => "é, \"comma\"".to_owned(),
    }
}

fn table(given: &[Given]) -> RecordBatch {
    let child: ArrayRef = Arc::new(StringArray::from_iter(given.iter().map(|row| row.0.map(name))));
    let start: ArrayRef = Arc::new(Date32Array::from_iter(given.iter().map(|row| row.1)));
    let end = given.iter().map(|row| row.2.map(|days| row.1.unwrap_or(0) + days));
    let end: ArrayRef = Arc::new(Date32Array::from_iter(end));
    let authority = given.iter().map(|row| Some(format!("authority {}", row.3)));
    let authority: ArrayRef = Arc::new(StringArray::from_iter(authority));
    RecordBatch::try_from_iter([
        ("child_id", child),
        ("start", start),
        ("end", end),
        ("authority", authority),
    ])
    .unwrap()
}

fn whole(batch: &RecordBatch, name: &str) -> Vec<Option<i64>> {
    batch.column_by_name(name).unwrap().as_primitive::<Int64Type>().iter().collect()
}

fn days(batch: &RecordBatch, name: &str) -> Vec<Option<i32>> {
    batch.column_by_name(name).unwrap().as_primitive::<Date32Type>().iter().collect()
}

fn texts(batch: &RecordBatch, name: &str) -> Vec<Option<String>> {
    let column = batch.column_by_name(name).unwrap().as_string::<i32>();
    column.iter().map(|text| text.map(str::to_owned)).collect()
}

/// The children in care on a day, and what each is in.
fn in_care(rows: &[(String, i32, Option<i32>, String)], day: i32) -> BTreeSet<(String, String)> {
    let holds = |start: i32, end: Option<i32>| start <= day && end.is_none_or(|end| day < end);
    rows.iter()
        .filter(|(_, start, end, _)| holds(*start, *end))
        .map(|(child, _, _, authority)| (child.clone(), authority.clone()))
        .collect()
}

fn usable(given: &[Given]) -> Vec<(String, i32, Option<i32>, String)> {
    given
        .iter()
        .filter_map(|(child, start, days, authority)| {
            let start = (*start)?;
            let end = days.map(|days| start + days);
            (end.is_none_or(|end| end > start)).then_some((
                (*child)?,
                start,
                end,
                format!("authority {authority}"),
            ))
        })
        .map(|(child, start, end, authority)| (name(child), start, end, authority))
        .collect()
}

fn spells_of(history: &History) -> Vec<(String, i32, Option<i32>, String)> {
    let table = &history.table;
    let authority = match table.column_by_name("authority") {
        Some(_) => texts(table, "authority"),
        None => vec![Some(String::new()); table.num_rows()],
    };
    texts(table, "child_id")
        .into_iter()
        .zip(days(table, "start"))
        .zip(days(table, "end"))
        .zip(authority)
        .map(|(((child, start), end), authority)| {
            (child.unwrap(), start.unwrap(), end, authority.unwrap())
        })
        .collect()
}

fn rotated(batch: &RecordBatch, by: usize) -> RecordBatch {
    let rows = batch.num_rows() as u32;
    let places = (0..rows).map(|row| (row + by as u32) % rows.max(1)).collect::<Vec<_>>();
    take_record_batch(batch, &UInt32Array::from(places)).unwrap()
}

fn pieces(batch: &RecordBatch, rows: usize) -> Vec<RecordBatch> {
    if batch.num_rows() == 0 {
        return vec![batch.clone()];
    }
    (0..batch.num_rows())
        .step_by(rows)
        .map(|first| batch.slice(first, rows.min(batch.num_rows() - first)))
        .collect()
}

proptest! {
    #[test]
    fn the_stock_from_spells_is_the_stock_from_episodes(given in episodes(), transfers in any::<bool>()) {
        let rules = Spells {
            gap_days: 0,
            transfer: transfers.then(|| "authority".to_owned()),
            ..Spells::default()
        };
        let spells = spells_of(&rules.run(&[table(&given)]).unwrap());
        let mut episodes = usable(&given);
        if !transfers {
            episodes.iter_mut().for_each(|row| row.3.clear());
        }
        for day in -2..120 {
            prop_assert_eq!(in_care(&spells, day), in_care(&episodes, day), "day {}", day);
        }
    }

    #[test]
    fn where_the_last_day_counts_whoever_leaves_on_a_day_is_in_care_on_it(given in episodes()) {
        let rules = Spells { gap_days: 0, last_day_counts: true, ..Spells::default() };
        let spells = spells_of(&rules.run(&[table(&given)]).unwrap());
        let said: Vec<_> = given
            .iter()
            .filter_map(|row| Some((row.0?, row.1?, row.2.map(|days| row.1.unwrap() + days))))
            .filter(|(_, start, end)| end.is_none_or(|end| *start <= end))
            .collect();
        for day in -2..120 {
            let on_it = said.iter().filter(|(_, start, end)| {
                *start <= day && end.is_none_or(|end| day <= end)
            });
            let children: BTreeSet<String> = on_it.map(|(child, ..)| name(*child)).collect();
            let found = in_care(&spells, day).into_iter().map(|(child, _)| child);
            prop_assert_eq!(found.collect::<BTreeSet<_>>(), children, "day {}", day);
        }
    }

    #[test]
    fn spells_are_numbered_in_order_and_never_touch(given in episodes(), gap_days in 0..9_u32) {
        let spells = Spells { gap_days, as_of: None, ..Spells::default() };
        let history = spells.run(&[table(&given)]).unwrap();
        let found = spells_of(&history);
        let numbers = whole(&history.table, "spell");
        let mut count: BTreeMap<&str, i64> = BTreeMap::new();
        for (spell, number) in found.iter().zip(&numbers) {
            let count = count.entry(&spell.0).or_default();
            *count += 1;
            prop_assert_eq!(*number, Some(*count));
        }
        for pair in found.windows(2) {
            let (before, after) = (&pair[0], &pair[1]);
            prop_assert!((&before.0, before.1) < (&after.0, after.1));
            prop_assert!(before.0 < after.0 || before.2.unwrap() + (gap_days as i32) < after.1);
        }
        let lengths = found.iter().map(|(_, start, end, _)| end.map(|end| i64::from(end - start)));
        prop_assert_eq!(whole(&history.table, "days"), lengths.collect::<Vec<_>>());
    }

    #[test]
    fn neither_order_nor_batches_nor_threads_change_a_spell(
        given in episodes(),
        by in 0..40_usize,
        rows in 1..9_usize,
        transfers in any::<bool>(),
    ) {
        let rules = Spells {
            transfer: transfers.then(|| "authority".to_owned()),
            ..Spells::default()
        };
        let table = table(&given);
        let at_once = rules.run(std::slice::from_ref(&table)).unwrap();
        prop_assert_eq!(&rules.run(&pieces(&table, rows)).unwrap(), &at_once);
        let turned = rules.run(&[rotated(&table, by)]).unwrap();
        prop_assert_eq!(&turned.table, &at_once.table);
        prop_assert_eq!(turned.problems.num_rows(), at_once.problems.num_rows());
        for threads in [1, 3] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let alone = pool.install(|| rules.run(&pieces(&table, rows))).unwrap();
            prop_assert_eq!(&alone, &at_once);
        }
    }

    #[test]
    fn a_table_split_by_person_gives_the_same_spells(given in episodes()) {
        let rules = Spells::default();
        let at_once = rules.run(&[table(&given)]).unwrap().table;
        let mut parts: Vec<(Option<String>, RecordBatch)> = (0..6)
            .map(|child| {
                let theirs: Vec<Given> =
                    given.iter().filter(|row| row.0 == Some(child)).copied().collect();
                (Some(name(child)), rules.run(&[table(&theirs)]).unwrap().table)
            })
            .collect();
        parts.sort_by(|left, right| left.0.cmp(&right.0));
        let tables: Vec<&RecordBatch> = parts.iter().map(|(_, table)| table).collect();
        let together = concat_batches(&at_once.schema(), tables).unwrap();
        prop_assert_eq!(together, at_once);
    }

    #[test]
    fn neither_order_nor_batches_nor_threads_change_a_placement(
        given in episodes(),
        by in 0..40_usize,
        rows in 1..9_usize,
        gap_days in 0..4_u32,
    ) {
        let rules = Placements {
            place: vec!["authority".to_owned()],
            temporary: vec!["authority 2".into()],
            gap_days,
            ..Placements::default()
        };
        let table = table(&given);
        let at_once = rules.run(std::slice::from_ref(&table)).unwrap();
        prop_assert_eq!(&rules.run(&pieces(&table, rows)).unwrap(), &at_once);
        let turned = rules.run(&[rotated(&table, by)]).unwrap();
        prop_assert_eq!(&turned.table, &at_once.table);
        prop_assert_eq!(turned.problems.num_rows(), at_once.problems.num_rows());
        let pool = ThreadPoolBuilder::new().num_threads(3).build().unwrap();
        prop_assert_eq!(&pool.install(|| rules.run(&pieces(&table, rows))).unwrap(), &at_once);
        let mut parts: Vec<(Option<String>, RecordBatch)> = (0..6)
            .map(|child| {
                let theirs: Vec<Given> =
                    given.iter().filter(|row| row.0 == Some(child)).copied().collect();
                (Some(name(child)), rules.run(&[self::table(&theirs)]).unwrap().table)
            })
            .collect();
        parts.sort_by(|left, right| left.0.cmp(&right.0));
        let mut bare = at_once.table.schema().as_ref().clone();
        bare.metadata.clear();
        let bare = Arc::new(bare);
        let plain = |table: &RecordBatch| {
            RecordBatch::try_new(bare.clone(), table.columns().to_vec()).unwrap()
        };
        let tables: Vec<RecordBatch> = parts.iter().map(|(_, table)| plain(table)).collect();
        let together = concat_batches(&bare, &tables).unwrap();
        prop_assert_eq!(together, plain(&at_once.table));
    }

    #[test]
    fn neither_order_nor_batches_nor_threads_nor_a_split_by_person_change_a_stay(
        given in episodes(),
        by in 0..40_usize,
        rows in 1..9_usize,
    ) {
        let stays = Stays { by: vec!["authority".to_owned()], ..Stays::default() };
        let all = table(&given);
        let at_once = stays.run(std::slice::from_ref(&all)).unwrap();
        let turned = stays.run(&[rotated(&all, by)]).unwrap();
        prop_assert_eq!(&turned.table, &at_once.table);
        for threads in [1, 3] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            prop_assert_eq!(&pool.install(|| stays.run(&pieces(&all, rows))).unwrap(), &at_once);
        }
        for child in (0..6).map(Some) {
            let theirs: Vec<Given> = given.iter().filter(|row| row.0 == child).copied().collect();
            let alone = spells_of(&stays.run(&[table(&theirs)]).unwrap());
            let name = child.map(name).unwrap();
            let among = spells_of(&at_once).into_iter().filter(|stay| stay.0 == name);
            prop_assert_eq!(alone, among.collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_row_is_used_or_listed(given in episodes()) {
        let history = Spells::default().run(&[table(&given)]).unwrap();
        let used: i64 = whole(&history.table, "episodes").into_iter().flatten().sum();
        let done = words(&history.problems, "done");
        let aside = done.iter().filter(|done| {
            *done == "row set aside" || *done == "counted once"
        });
        prop_assert_eq!(used as usize + aside.count(), given.len());
    }

    #[test]
    fn the_referral_before_is_that_of_the_last_earlier_day(given in episodes(), within_days in 0..40_u32) {
        let repeats = Repeats { within_days, ..Repeats::new("child_id", "start") };
        let marked = repeats.run(&pieces(&table(&given), 7)).unwrap().table;
        let naive: Vec<Option<i32>> = given
            .iter()
            .map(|row| {
                let earlier = given.iter().filter(|other| other.0 == row.0 && other.1 < row.1);
                row.0.and_then(|_| earlier.filter_map(|other| other.1).max())
            })
            .collect();
        prop_assert_eq!(&days(&marked, "previous"), &naive);
        let known = |row: &Given| row.0.is_some() && row.1.is_some();
        let flag = |name: &str| {
            marked.column_by_name(name).unwrap().as_boolean().iter().collect::<Vec<_>>()
        };
        let repeat: Vec<Option<bool>> = given
            .iter()
            .zip(&naive)
            .map(|(row, previous)| {
                let near = previous.is_some_and(|day| row.1.unwrap() - day <= within_days as i32);
                known(row).then_some(near)
            })
            .collect();
        prop_assert_eq!(flag("repeat"), repeat);
        let first: Vec<Option<bool>> = given
            .iter()
            .zip(&naive)
            .map(|(row, previous)| known(row).then_some(previous.is_none()))
            .collect();
        prop_assert_eq!(flag("first_ever"), first);
    }

    #[test]
    fn the_first_event_from_the_origin_on_ends_the_time(
        cohort in episodes(),
        events in episodes(),
        rows in 1..9_usize,
    ) {
        let follow_up = FollowUp {
            event: Some("authority".to_owned()),
            competing: vec!["authority 0".into()],
            ..FollowUp::new("child_id", "start", "start", "end")
        };
        let found = follow_up.run(&pieces(&table(&cohort), rows), &[table(&events)]).unwrap();
        let naive: Vec<(Option<i64>, Option<String>)> = cohort
            .iter()
            .map(|(child, origin, days, _)| match (child, origin, days) {
                (Some(child), Some(origin), Some(days)) if *days >= 0 => {
                    let until = origin + days;
                    let theirs = events.iter().filter(|event| event.0 == Some(*child));
                    let dated = theirs.filter_map(|event| Some((event.1?, event.3 == 0, event.3)));
                    let first = dated.filter(|event| (*origin..=until).contains(&event.0)).min();
                    let last = first.map_or(until, |event| event.0);
                    let what = first.map(|event| format!("authority {}", event.2));
                    (Some(i64::from(last - origin)), what)
                }
                _ => (None, None),
            })
            .collect();
        let time = whole(&found.table, "time");
        prop_assert_eq!(&time, &naive.iter().map(|row| row.0).collect::<Vec<_>>());
        let event = texts(&found.table, "event");
        prop_assert_eq!(event, naive.into_iter().map(|row| row.1).collect::<Vec<_>>());
        let listed = words(&found.problems, "table");
        let of_cohort = listed.iter().filter(|table| *table == "cohort").count();
        prop_assert_eq!(of_cohort, time.iter().filter(|time| time.is_none()).count());
    }

    #[test]
    fn neither_order_nor_batches_nor_threads_change_a_pathway(
        given in episodes(),
        by in 0..40_usize,
        rows in 1..9_usize,
        within_days in prop::option::of(1..30_u32),
    ) {
        let pathways = Pathways {
            order: vec!["authority 2".into(), "authority 0".into()],
            ends: vec!["authority 1".into()],
            statutory: vec!["authority 2".into()],
            within_days,
            ..Pathways::new("child_id", "authority", "start")
        };
        let table = table(&given);
        let at_once = pathways.run(std::slice::from_ref(&table)).unwrap();
        prop_assert_eq!(&pathways.run(&pieces(&table, rows)).unwrap(), &at_once);
        let turned = pathways.run(&[rotated(&table, by)]).unwrap();
        prop_assert_eq!(&turned.table, &at_once.table);
        prop_assert_eq!(turned.problems.num_rows(), at_once.problems.num_rows());
        for threads in [1, 3] {
            let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let alone = pool.install(|| pathways.run(&pieces(&table, rows))).unwrap();
            prop_assert_eq!(&alone, &at_once);
        }
    }

    #[test]
    fn a_table_split_by_person_gives_the_same_pathways(given in episodes()) {
        let pathways = Pathways {
            until: Some("1970-03-01".into()),
            ends: vec!["authority 1".into()],
            keep: vec!["authority".into()],
            ..Pathways::new("child_id", "authority", "start")
        };
        let at_once = pathways.run(&[table(&given)]).unwrap().table;
        let mut parts: Vec<(Option<String>, RecordBatch)> = (0..6)
            .map(|child| {
                let theirs: Vec<Given> =
                    given.iter().filter(|row| row.0 == Some(child)).copied().collect();
                (Some(name(child)), pathways.run(&[table(&theirs)]).unwrap().table)
            })
            .collect();
        parts.sort_by(|left, right| left.0.cmp(&right.0));
        let tables: Vec<&RecordBatch> = parts.iter().map(|(_, table)| table).collect();
        let together = concat_batches(&at_once.schema(), tables).unwrap();
        prop_assert_eq!(together, at_once);
    }

    #[test]
    fn a_pathway_has_no_gaps_and_its_days_add_up(given in episodes(), ends in any::<bool>()) {
        let ends = if ends { vec!["authority 1".into()] } else { Vec::new() };
        let pathways =
            Pathways { ends, ..Pathways::new("child_id", "authority", "start") };
        let table = pathways.run(&[table(&given)]).unwrap().table;
        let [step, days, entry, exit] =
            ["step", "days", "entry_days", "exit_days"].map(|name| whole(&table, name));
        let (from, to) = (texts(&table, "from"), texts(&table, "to"));
        for row in 0..table.num_rows() {
            prop_assert_eq!(exit[row].unwrap() - entry[row].unwrap(), days[row].unwrap());
            prop_assert!(days[row].unwrap() >= 0);
            if step[row] == Some(1) {
                prop_assert_eq!(entry[row], Some(0));
            } else {
                prop_assert_eq!(entry[row], exit[row - 1]);
                prop_assert_eq!(step[row], step[row - 1].map(|step| step + 1));
                prop_assert_eq!(&from[row], &to[row - 1]);
            }
        }
    }
}

/// The texts of a column of which each is held once.
fn words(batch: &RecordBatch, name: &str) -> Vec<String> {
    let column = batch.column_by_name(name).unwrap().as_dictionary::<UInt8Type>();
    let texts = column.downcast_dict::<StringArray>().unwrap();
    texts.into_iter().map(|text| text.unwrap().to_owned()).collect()
}

/// Many rows, so that they fall into several pieces and shards.
#[test]
fn many_rows_are_joined_as_few_are() {
    let rows = 700_000_u32;
    let child = |row: u32| row.wrapping_mul(2_654_435_761) % 90_000;
    let start = |row: u32| (row.wrapping_mul(40_503) % 5_000) as i32;
    let end = |row: u32| (!row.is_multiple_of(11)).then(|| start(row) + (row % 200) as i32);
    let children: ArrayRef = Arc::new(StringArray::from_iter(
        (0..rows).map(|row| (!row.is_multiple_of(1000)).then(|| format!("C{:05}", child(row)))),
    ));
    let starts: ArrayRef = Arc::new(Date32Array::from_iter_values((0..rows).map(start)));
    let ends: ArrayRef = Arc::new(Date32Array::from_iter((0..rows).map(end)));
    let table =
        RecordBatch::try_from_iter([("child_id", children), ("start", starts), ("end", ends)])
            .unwrap();
    let found = spells_of(&Spells::default().run(&pieces(&table, 300_000)).unwrap());
    let mut naive: BTreeMap<String, Vec<(i32, i32)>> = BTreeMap::new();
    for row in (0..rows).filter(|row| !row.is_multiple_of(1000)) {
        let episode = (start(row), end(row).unwrap_or(i32::MAX - 1));
        if episode.0 < episode.1 {
            naive.entry(format!("C{:05}", child(row))).or_default().push(episode);
        }
    }
    let mut expected = Vec::new();
    for (child, mut episodes) in naive {
        episodes.sort_unstable();
        let mut spells: Vec<(i32, i32)> = Vec::new();
        for (start, end) in episodes {
            match spells.last_mut() {
                Some(last) if start <= last.1 + 1 => last.1 = last.1.max(end),
                _ => spells.push((start, end)),
            }
        }
        let open = |end: i32| (end < i32::MAX - 1).then_some(end);
        let spells = spells.into_iter();
        expected
            .extend(spells.map(|(start, end)| (child.clone(), start, open(end), String::new())));
    }
    assert!(found == expected);
}
