//! The bank holidays of Scotland, and of England and Wales, by the rule of the law.
//!
//! Schedule 1 of the Banking and Financial Dealings Act 1971 has a list for each. Section 1 lets more be
//! proclaimed, as they are every year: in Scotland the last Monday in May, Boxing Day and substitutes
//! for Saturdays; in England New Year's Day and the first Monday in May.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::period::to_day;

/// The years whose holidays are known.
pub(crate) const YEARS: std::ops::RangeInclusive<i32> = 2000..=2035;

/// Whose holidays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nation {
    /// Scotland.
    Scotland,
    /// England and Wales.
    England,
}

/// Days that a royal proclamation, or in Scotland its government, appointed beside the rule.
const APPOINTED: [(i32, u32, u32); 6] = [
    (2002, 6, 3),  // Golden Jubilee
    (2011, 4, 29), // royal wedding
    (2012, 6, 5),  // Diamond Jubilee
    (2022, 6, 3),  // Platinum Jubilee
    (2022, 9, 19), // state funeral of Queen Elizabeth II
    (2023, 5, 8),  // coronation of King Charles III
];
/// Appointed for Scotland alone: its first match at the World Cup.
const APPOINTED_IN_SCOTLAND: (i32, u32, u32) = (2026, 6, 15);

/// All bank holidays of these years, in order. None lies on a weekend: of a day that does, the
/// substitute is the holiday.
pub(crate) fn bank_holidays(nation: Nation) -> Vec<i32> {
    let mut days: Vec<NaiveDate> = YEARS.flat_map(|year| of_year(nation, year)).flatten().collect();
    days.extend(APPOINTED.into_iter().filter_map(date));
    if nation == Nation::Scotland {
        days.extend(date(APPOINTED_IN_SCOTLAND));
    }
    let mut days: Vec<i32> = days.into_iter().map(to_day).collect();
    days.sort_unstable();
    days.dedup();
    days
}

/// The holidays of a year by the rule, moved where they were moved.
fn of_year(nation: Nation, year: i32) -> Vec<Option<NaiveDate>> {
    let [first_in_may, last_in_may] = match year {
        2020 => [date((2020, 5, 8)), last_monday(year, 5)], // moved to the 75th VE day
        2002 | 2012 => [monday(year, 5), date((year, 6, 4))], // moved for a jubilee
        2022 => [monday(year, 5), date((2022, 6, 2))],
        _ => [monday(year, 5), last_monday(year, 5)],
    };
    let [christmas, boxing] = two_weekdays_from(year, 12, 25);
    let mut days = vec![easter(year, -2), first_in_may, last_in_may, christmas, boxing];
    let [new_year, second] = two_weekdays_from(year, 1, 1);
    days.push(new_year);
    match nation {
        Nation::Scotland => {
            days.extend([second, monday(year, 8)]);
            // St Andrew's Day Bank Holiday (Scotland) Act 2007
            if year >= 2007 {
                let [saint_andrew, _] = two_weekdays_from(year, 11, 30);
                days.push(saint_andrew);
            }
        }
        Nation::England => days.extend([easter(year, 1), last_monday(year, 8)]),
    }
    days
}

fn date((year, month, day): (i32, u32, u32)) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

/// The first Monday of a month.
fn monday(year: i32, month: u32) -> Option<NaiveDate> {
    NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, 1)
}

/// The last Monday of a month.
fn last_monday(year: i32, month: u32) -> Option<NaiveDate> {
    let nth = |number| NaiveDate::from_weekday_of_month_opt(year, month, Weekday::Mon, number);
    nth(5).or_else(|| nth(4))
}

/// The first two days from a date on that are no Saturday or Sunday: a holiday on a weekend has its
/// substitute on the next weekday that is not a holiday yet.
fn two_weekdays_from(year: i32, month: u32, day: u32) -> [Option<NaiveDate>; 2] {
    let from = date((year, month, day));
    let next = |days| from.and_then(|from| from.checked_add_days(Days::new(days)));
    let mut weekdays =
        (0..5).filter_map(next).filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun));
    [weekdays.next(), weekdays.next()]
}

/// A day so many days from Easter Sunday.
///
/// The anonymous Gregorian algorithm: Nature, 20 April 1876, p. 487; J. Meeus, 1991, "Astronomical
/// Algorithms", chapter 8.
fn easter(year: i32, after: i64) -> Option<NaiveDate> {
    let (golden, century, of_century) = (year % 19, year / 100, year % 100);
    let moon =
        (19 * golden + century - century / 4 - (century - (century + 8) / 25 + 1) / 3 + 15) % 30;
    let to_sunday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - moon - of_century % 4) % 7;
    let late = (golden + 11 * moon + 22 * to_sunday) / 451;
    let place = moon + to_sunday - 7 * late + 114;
    let sunday = date((year, (place / 31).unsigned_abs(), (place % 31 + 1).unsigned_abs()))?;
    sunday.checked_add_signed(chrono::TimeDelta::try_days(after)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::period::day_to_text;

    fn by_reference(nation: &str) -> Vec<String> {
        let table = include_str!("../../tests/reference/returns/holidays.csv");
        let mut rows = csv::Reader::from_reader(table.as_bytes());
        let days = rows.records().map(Result::unwrap).filter(|row| &row[0] == nation);
        // The package has St Andrew's Day from 2006, before the Act of 15 January 2007.
        days.map(|row| row[1].to_owned()).filter(|day| day != "2006-11-30").collect()
    }

    #[test]
    fn every_holiday_of_36_years_is_that_of_the_reference() {
        for (nation, name) in [(Nation::Scotland, "scotland"), (Nation::England, "england")] {
            let ours: Vec<String> = bank_holidays(nation).into_iter().map(day_to_text).collect();
            assert_eq!(ours, by_reference(name));
        }
    }

    #[test]
    fn scotland_by_hand() {
        let days: Vec<String> = bank_holidays(Nation::Scotland)
            .into_iter()
            .map(day_to_text)
            .filter(|day| day.starts_with("2022"))
            .collect();
        // 1 and 2 January and Christmas Day lay on a weekend; gov.uk/bank-holidays
        let expected = [
            "2022-01-03",
            "2022-01-04",
            "2022-04-15",
            "2022-05-02",
            "2022-06-02",
            "2022-06-03",
            "2022-08-01",
            "2022-09-19",
            "2022-11-30",
            "2022-12-26",
            "2022-12-27",
        ];
        assert_eq!(days, expected);
    }

    #[test]
    fn easter_as_the_church_has_it() {
        for (year, day) in [(2000, "2000-04-23"), (2008, "2008-03-23"), (2011, "2011-04-24")] {
            assert_eq!(easter(year, 0).unwrap().to_string(), day);
        }
    }
}
