//! What came of each row of the cohort, once its person's events are known?

use super::super::by_person;
use super::super::problems::{Problem, findings};
use super::{COHORT, DATE, ENTRY, Mark, Member};

findings! {
    HAPPENED: "the event came on or before the day of entry", "not followed";
    TOO_EARLY: "before every origin of the person", "not counted";
    SAME_DAY: "another event of the person on the same day", "the other is taken";
}

/// What came of a row of the cohort.
#[derive(Debug, Clone, Copy)]
pub(super) struct Course {
    pub(super) row: u32,
    pub(super) time: i32,
    pub(super) kind: Option<u32>,
}

/// What was found in one shard.
#[derive(Default)]
pub(super) struct Found {
    pub(super) courses: Vec<Course>,
    pub(super) problems: Vec<Problem>,
    /// Events of people who are not in the cohort.
    pub(super) strangers: u64,
    /// Events after the end of every observation.
    pub(super) late: u64,
}

/// Follows the people of one shard.
pub(super) fn follow(shard: &mut by_person::Shard<Mark>, members: &[Member]) -> Found {
    let mut found = Found::default();
    let mut events: Vec<Mark> = Vec::new();
    shard.each(|_, marks| {
        events.clear();
        events.extend(marks.iter().filter(|mark| mark.kind != COHORT));
        events.sort_unstable();
        let cohort = || marks.iter().filter(|mark| mark.kind == COHORT);
        let Some(first) = cohort().map(|mark| mark.day).min() else {
            found.strangers += events.len() as u64;
            return;
        };
        let early = events.iter().take_while(|event| event.day < first);
        found.problems.extend(early.map(|event| Problem::of_second(event.row, DATE, &TOO_EARLY)));
        for of_day in events.chunk_by(|left, right| left.day == right.day) {
            let Some(taken) = of_day.first().filter(|event| event.day >= first) else { continue };
            let others = of_day.iter().skip(1);
            found.problems.extend(
                others.map(|other| Problem::of_second(other.row, DATE, &SAME_DAY).with(taken.row)),
            );
        }
        let mut last = i32::MIN;
        for mark in cohort() {
            let Some(Member { until: Some(until), entry: Some(entry) }) =
                members.get(mark.row as usize).copied()
            else {
                continue;
            };
            last = last.max(until);
            let place = events.partition_point(|event| event.day < mark.day);
            let event = events.get(place).filter(|event| event.day <= until);
            match event {
                Some(event) if entry > 0 && event.day <= mark.day + entry => {
                    found.problems.push(Problem::of(mark.row, ENTRY, &HAPPENED));
                }
                Some(event) => found.courses.push(Course {
                    row: mark.row,
                    time: event.day - mark.day,
                    kind: Some(event.kind),
                }),
                None => {
                    found.courses.push(Course { row: mark.row, time: until - mark.day, kind: None })
                }
            }
        }
        found.late += events.iter().filter(|event| event.day > last).count() as u64;
    });
    found
}
