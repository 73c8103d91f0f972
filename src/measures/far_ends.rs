//! Ends so late that they mean something else: "31 December 9999" for "still open".

use arrow_array::{Array, Date32Array};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::period::{FAR_DAY, PLAUSIBLE_DAYS};

const PROBLEM: &str =
    "a date of the year 2200 or later, counted as it stands: make it null if it means 'still open'";

/// Remarks on ends that no end can be yet. They stay as they are: which date means "open" is for those
/// to say who know the system that it came from.
pub(crate) fn note_far_ends(
    ends: &Date32Array,
    name: &str,
    chunk: &Chunk<'_>,
    account: &mut Account,
) {
    let far = |end: i32| (FAR_DAY..=*PLAUSIBLE_DAYS.end()).contains(&end);
    // What lies under a null is looked at only where something was found.
    if !ends.values().iter().fold(false, |found, end| found | far(*end)) {
        return;
    }
    let rows = (0..ends.len()).filter(|row| ends.is_valid(*row) && far(ends.value(*row)));
    account.note_all(name, PROBLEM, rows.map(|row| (chunk.row(row), row)), |row| {
        chunk.shown(name, row)
    });
}
