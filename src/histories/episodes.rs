//! Which episodes have days that can be reckoned with, and what is wrong with the others?

use arrow_array::{Array, Date32Array};
use chrono::NaiveDate;

use crate::engine::chunk::Chunk;
use crate::engine::period::{FAR_DAY, PLAUSIBLE_DAYS, to_day};
use crate::error::Result;

use super::days::OUTSIDE_YEARS;
use super::problems::{Finding, Problem, findings};

/// A day after every other: the end of an episode that is still open.
pub(super) const OPEN: i32 = i32::MAX;

/// The columns of an episode in which a problem may be, in the order in which they are listed.
const CHILD: u8 = 0;
pub(super) const START: u8 = 1;
pub(super) const END: u8 = 2;

/// The start, the end and the row of an episode.
pub(super) type Dated = (i32, i32, u32);

findings! {
    NO_CHILD: "no child is named", "row set aside";
    NO_START: "no start", "row set aside";
    IMPLAUSIBLE: OUTSIDE_YEARS, "row set aside";
    EARLY: "a date of 1 January 1900 or before", "used as it stands";
    BACKWARD: "end before start", "row set aside";
    FAR: "ends in the year 2200 or later: make it null if it means still open", "used as it stands";
    NO_DAY: "ends on the day it starts: no day in care", "row set aside";
    LATE: "starts after as_of", "row set aside";
    UNENDED: "ends after as_of", "taken as open on that day";
}

/// 2 January 1900: the day before is what many systems write for "not known".
const EARLY_DAY: i32 = -25_566;

/// What is wrong with a row that is about no child.
pub(super) fn nobody(row: u32) -> Problem {
    Problem::of(row, CHILD, &NO_CHILD)
}

/// The days of the episodes of a piece of the rows.
pub(super) struct EpisodeDays {
    starts: Date32Array,
    ends: Date32Array,
    as_of: Option<i32>,
    /// How many days longer than to its end an episode lasts.
    stay: i32,
}

impl EpisodeDays {
    /// Reads the columns of first days and of ends.
    pub(super) fn read(
        chunk: &Chunk<'_>,
        start: &str,
        end: &str,
        as_of: Option<NaiveDate>,
    ) -> Result<Self> {
        Ok(Self {
            starts: chunk.days(start, "start")?,
            ends: chunk.days(end, "end")?,
            as_of: as_of.map(to_day),
            stay: 0,
        })
    }

    /// The same where the end may be the last day of the episode.
    pub(super) fn last_day_counts(self, counts: bool) -> Self {
        Self { stay: i32::from(counts), ..self }
    }

    /// The start of a row's episode and the first day after it, [`OPEN`] where it has not ended; nothing where the
    /// row cannot be used. Of each problem it tells the column.
    #[inline]
    pub(super) fn of(
        &self,
        row: usize,
        mut tell: impl FnMut(u8, &'static Finding),
    ) -> Option<(i32, i32)> {
        let Self { starts, ends, as_of, stay } = self;
        // The first day out, which is shown and so must be a day of those years itself.
        let first_out = |end: i32| match end {
            OPEN => OPEN,
            end => (end + stay).min(*PLAUSIBLE_DAYS.end()),
        };
        if starts.is_null(row) {
            tell(START, &NO_START);
            return None;
        }
        let start = starts.value(row);
        let mut end = if ends.is_null(row) { OPEN } else { ends.value(row) };
        if (EARLY_DAY..=*PLAUSIBLE_DAYS.end()).contains(&start)
            && start < end.saturating_add(*stay)
            && (end == OPEN && ends.is_null(row) || end < FAR_DAY)
            && as_of.is_none_or(|day| start <= day && (end <= day || end == OPEN))
        {
            return Some((start, first_out(end)));
        }
        if !PLAUSIBLE_DAYS.contains(&start) {
            tell(START, &IMPLAUSIBLE);
            return None;
        }
        if ends.is_valid(row) && !PLAUSIBLE_DAYS.contains(&end) {
            tell(END, &IMPLAUSIBLE);
            return None;
        }
        if end < start {
            tell(END, &BACKWARD);
            return None;
        }
        if as_of.is_some_and(|day| start > day) {
            tell(START, &LATE);
            return None;
        }
        if end == start && *stay == 0 {
            tell(END, &NO_DAY);
            return None;
        }
        if end != OPEN && as_of.is_some_and(|day| end > day) {
            tell(END, &UNENDED);
            end = OPEN;
        }
        if start < EARLY_DAY {
            tell(START, &EARLY);
        }
        if end < EARLY_DAY {
            tell(END, &EARLY);
        }
        if (FAR_DAY..OPEN).contains(&end) {
            tell(END, &FAR);
        }
        Some((start, first_out(end)))
    }
}
