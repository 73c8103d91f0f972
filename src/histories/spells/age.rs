//! On which day does an age limit end a child's care?

use chrono::{Datelike, NaiveDate};

use crate::engine::period::{from_day, to_day};

use super::super::episodes::{END, OPEN, START};
use super::super::problems::{Problem, findings};
use super::union::Episode;
use super::{BORN, Spells};

findings! {
    UNBORN: "no plausible date of birth for the child", "no age limit for the child";
    BORN_TWICE: "another date of birth than another row of the child", "the earliest is used";
    OF_AGE: "starts at the age limit or later", "row set aside";
    GROWN: "goes on beyond the age limit", "ended on the birthday";
}

impl Spells {
    /// Keeps the episodes of one child up to the birthday on which care ends at the latest.
    pub(super) fn end_with_age(
        &self,
        age: u32,
        episodes: &mut Vec<Episode>,
        born: &[Option<i32>],
        problems: &mut Vec<Problem>,
    ) {
        let born_of = |episode: &Episode| born.get(episode.row as usize).copied().flatten();
        let earliest =
            episodes.iter().filter_map(|row| born_of(row).map(|day| (day, row.row))).min();
        let birthday = earliest.and_then(|(day, row)| Some((day, row, birthday(day, age)?)));
        let Some((born, named_in, birthday)) = birthday else {
            let first = episodes.first().map(|episode| Problem::of(episode.row, BORN, &UNBORN));
            problems.extend(first);
            return;
        };
        let as_of = self.as_of.map_or(OPEN, to_day);
        episodes.retain_mut(|episode| {
            if born_of(episode).is_some_and(|day| day != born) {
                problems.push(Problem::of(episode.row, BORN, &BORN_TWICE).with(named_in));
            }
            if episode.start >= birthday {
                problems.push(Problem::of(episode.row, START, &OF_AGE));
                return false;
            }
            // Of an open episode it is known only up to as_of that it goes on.
            if episode.end.min(as_of) > birthday || (episode.end == OPEN && as_of >= birthday) {
                problems.push(Problem::of(episode.row, END, &GROWN));
                episode.end = birthday;
            }
            true
        });
    }
}

/// The day on which someone born on a day reaches an age.
fn birthday(born: i32, age: u32) -> Option<i32> {
    let born = from_day(born)?;
    let year = born.year().checked_add(i32::try_from(age).ok()?)?;
    NaiveDate::from_ymd_opt(year, born.month(), born.day())
        .or_else(|| NaiveDate::from_ymd_opt(year, 3, 1))
        .map(to_day)
}
