//! Calendar periods: which period a day belongs to, and its first and last day.

use chrono::{Datelike, Days, Months, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The first and last day that a result can show: the years 1 to 9999.
pub(crate) const PLAUSIBLE_DAYS: std::ops::RangeInclusive<i32> = -719_162..=2_932_896;

/// 1 January 2200: no one who is followed today can end anything on it or later.
pub(crate) const FAR_DAY: i32 = 84_006;

/// How long a period is, and on which day it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    /// One day.
    Day,
    /// Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three months from January, April, July or October.
    Quarter,
    /// A calendar year.
    Year,
    /// A year from 1 April.
    FinancialYear,
    /// A year from 1 August.
    SchoolYear,
}

impl Every {
    const ALL: [(&'static str, Self); 7] = [
        ("day", Self::Day),
        ("week", Self::Week),
        ("month", Self::Month),
        ("quarter", Self::Quarter),
        ("year", Self::Year),
        ("financial_year", Self::FinancialYear),
        ("school_year", Self::SchoolYear),
    ];

    /// Reads a period by its name.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) where the word is not one of those known; the message lists
    /// them and offers the nearest.
    ///
    /// # Example
    /// ```
    /// use wholefamily::Every;
    /// assert_eq!(Every::parse("financial_year").unwrap(), Every::FinancialYear);
    /// ```
    pub fn parse(word: &str) -> Result<Self> {
        Self::ALL
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, every)| *every)
            .ok_or_else(|| Error::unknown_word("period", word, &Self::ALL.map(|(name, _)| name)))
    }

    /// The number of the period that holds a date; neighbouring periods have neighbouring numbers.
    fn ordinal(self, date: NaiveDate) -> i32 {
        let month = date.year() * 12 + date.month0() as i32;
        match self {
            Self::Day => to_day(date),
            Self::Week => (to_day(date) + 3).div_euclid(7),
            Self::Month => month,
            Self::Quarter => month.div_euclid(3),
            Self::Year => date.year(),
            Self::FinancialYear => (month - 3).div_euclid(12),
            Self::SchoolYear => (month - 7).div_euclid(12),
        }
    }

    /// The first day of the period with this number.
    fn first_day_of(self, ordinal: i32) -> Option<i32> {
        let from_month = |month: i32| {
            NaiveDate::from_ymd_opt(month.div_euclid(12), month.rem_euclid(12) as u32 + 1, 1)
                .map(to_day)
        };
        match self {
            Self::Day => Some(ordinal),
            Self::Week => Some(ordinal * 7 - 3),
            Self::Month => from_month(ordinal),
            Self::Quarter => from_month(ordinal * 3),
            Self::Year => from_month(ordinal * 12),
            Self::FinancialYear => from_month(ordinal * 12 + 3),
            Self::SchoolYear => from_month(ordinal * 12 + 7),
        }
    }

    /// What to mend where there are too many periods from `first` to `last`.
    pub(crate) fn mend(first: i32, last: i32) -> String {
        format!(
            "the dates reach from {} to {}: check the earliest and the latest, give as_of, or take longer periods",
            day_to_text(first),
            day_to_text(last)
        )
    }

    /// How many periods there are from the one that holds `first` to the one that holds `last`.
    pub(crate) fn count(self, first: i32, last: i32) -> usize {
        match (from_day(first), from_day(last)) {
            (Some(first), Some(last)) => {
                usize::try_from(self.ordinal(last) - self.ordinal(first) + 1).unwrap_or(0)
            }
            _ => 0,
        }
    }

    /// The first days of the periods from the one that holds `first` to the one that holds `last`.
    pub(crate) fn starts(self, first: i32, last: i32) -> Vec<i32> {
        match (from_day(first), from_day(last)) {
            (Some(first), Some(last)) => (self.ordinal(first)..=self.ordinal(last))
                .filter_map(|ordinal| self.first_day_of(ordinal))
                .filter(|day| PLAUSIBLE_DAYS.contains(day))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The last day of the period that begins on this day.
    pub(crate) fn last_day(self, first_day: i32) -> i32 {
        let months = match self {
            Self::Day => return first_day,
            Self::Week => return first_day + 6,
            Self::Month => 1,
            Self::Quarter => 3,
            Self::Year | Self::FinancialYear | Self::SchoolYear => 12,
        };
        from_day(first_day)
            .and_then(|date| date.checked_add_months(Months::new(months)))
            .and_then(|date| date.checked_sub_days(Days::new(1)))
            .map_or(first_day, to_day)
    }
}

/// Looks up the period of a day, quickly for the days that occur in practice.
pub(crate) struct Calendar {
    every: Every,
    ordinals: Vec<i32>,
}

/// Days whose period is looked up rather than computed: 1900 to 2100.
const FIRST_LISTED: i32 = -25_567;
const LISTED_DAYS: i32 = 73_414;

impl Calendar {
    pub(crate) fn new(every: Every) -> Self {
        let ordinals = (FIRST_LISTED..FIRST_LISTED + LISTED_DAYS)
            .map(|day| from_day(day).map_or(0, |date| every.ordinal(date)))
            .collect();
        Self { every, ordinals }
    }

    /// The number of the period that holds this day, or nothing outside the years 1 to 9999.
    #[inline]
    pub(crate) fn ordinal(&self, day: i32) -> Option<i32> {
        match self.ordinals.get(day.wrapping_sub(FIRST_LISTED) as u32 as usize) {
            Some(ordinal) => Some(*ordinal),
            None if PLAUSIBLE_DAYS.contains(&day) => from_day(day)
                .map(|date| self.every.ordinal(date))
                .filter(|ordinal| self.first_day(*ordinal) >= Some(*PLAUSIBLE_DAYS.start())),
            None => None,
        }
    }

    /// The first day of the period with this number.
    pub(crate) fn first_day(&self, ordinal: i32) -> Option<i32> {
        self.every.first_day_of(ordinal)
    }
}

/// The day's number, counted from 1970-01-01.
pub(crate) fn to_day(date: NaiveDate) -> i32 {
    date.num_days_from_ce() - 719_163
}

/// The date with this number, if a calendar can name it.
pub(crate) fn from_day(day: i32) -> Option<NaiveDate> {
    day.checked_add(719_163).and_then(NaiveDate::from_num_days_from_ce_opt)
}

/// The first day of the so many months that end with a date: of twelve up to 28 February 2021,
/// 1 March 2020, so that every day lies in just one of the years that follow each other.
pub(crate) fn first_of_months(date: NaiveDate, months: u32) -> NaiveDate {
    let next = date.succ_opt().unwrap_or(NaiveDate::MAX);
    next.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN)
}

/// A day as YYYY-MM-DD.
pub(crate) fn day_to_text(day: i32) -> String {
    from_day(day).map_or_else(|| format!("day {day}"), |date| date.format("%Y-%m-%d").to_string())
}

/// The day written as YYYY-MM-DD.
pub(crate) fn day_from_text(text: &str) -> Option<i32> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().map(to_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(every: Every, text: &str) -> (String, String) {
        let calendar = Calendar::new(every);
        let day = day_from_text(text).unwrap();
        let first = calendar.first_day(calendar.ordinal(day).unwrap()).unwrap();
        (day_to_text(first), day_to_text(every.last_day(first)))
    }

    fn expect(every: Every, text: &str, first: &str, last: &str) {
        assert_eq!(bucket(every, text), (first.to_owned(), last.to_owned()), "{every:?} {text}");
    }

    #[test]
    fn each_period_begins_and_ends_where_the_field_says() {
        expect(Every::Day, "2024-02-29", "2024-02-29", "2024-02-29");
        expect(Every::Week, "2024-02-29", "2024-02-26", "2024-03-03");
        expect(Every::Week, "1969-12-28", "1969-12-22", "1969-12-28");
        expect(Every::Month, "2024-02-29", "2024-02-01", "2024-02-29");
        expect(Every::Quarter, "2024-05-31", "2024-04-01", "2024-06-30");
        expect(Every::Year, "2024-02-29", "2024-01-01", "2024-12-31");
        expect(Every::FinancialYear, "2024-03-31", "2023-04-01", "2024-03-31");
        expect(Every::FinancialYear, "2024-04-01", "2024-04-01", "2025-03-31");
        expect(Every::SchoolYear, "2024-07-31", "2023-08-01", "2024-07-31");
    }

    #[test]
    fn days_outside_the_listed_years_have_the_same_rules() {
        expect(Every::Month, "1066-10-14", "1066-10-01", "1066-10-31");
        expect(Every::FinancialYear, "2999-01-01", "2998-04-01", "2999-03-31");
        expect(Every::Year, "0001-01-01", "0001-01-01", "0001-12-31");
        assert_eq!(Calendar::new(Every::Month).ordinal(i32::MAX), None);
        assert_eq!(Calendar::new(Every::Month).ordinal(i32::MIN), None);
    }

    #[test]
    fn a_word_that_is_no_period_lists_those_that_are() {
        let message = Every::parse("months").unwrap_err().to_string();
        assert!(message.contains("did you mean 'month'?"), "{message}");
    }
}
