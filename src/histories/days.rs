//! Which days can be reckoned with? Those of the years 1 to 9999.

use arrow_array::{Array, Date32Array};

use crate::engine::period::PLAUSIBLE_DAYS;

/// What is wrong with any other day.
pub(super) const OUTSIDE_YEARS: &str = "a date outside the years 1 to 9999";

/// The day of a row; none where it is null or outside those years.
pub(super) fn plausible(days: &Date32Array, row: usize) -> Option<i32> {
    days.is_valid(row).then(|| days.value(row)).filter(|day| PLAUSIBLE_DAYS.contains(day))
}
