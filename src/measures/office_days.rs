//! On which days is the office open?

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::holidays::{self, Nation, bank_holidays};
use crate::engine::period::to_day;
use crate::error::{Error, Result};

/// Public holidays: those of a nation, or a list of dates.
///
/// ```
/// use wholefamily::measures::Holidays;
/// let local: Holidays = serde_json::from_str(r#"["2026-04-03", "2026-04-06"]"#)?;
/// assert!(matches!(local, Holidays::Dates(dates) if dates.len() == 2));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected the name of a nation, 'scotland' or 'england', or a list of dates such as '2026-04-03'"
)]
pub enum Holidays {
    /// The bank holidays of a nation: "scotland" or "england" (which is England and Wales), 2000 to
    /// 2035.
    Of(String),
    /// These dates.
    Dates(Vec<NaiveDate>),
}

/// The nations whose holidays are known by name.
pub(crate) const NATIONS: &[&str] = &["scotland", "england"];

#[allow(clippy::unnecessary_wraps, reason = "the default of an optional field")]
pub(crate) fn of_scotland() -> Option<Holidays> {
    Some(Holidays::Of("scotland".to_owned()))
}

/// The days on which the office is closed: weekends and holidays.
#[derive(Debug, Clone, Default)]
pub(crate) struct OfficeDays {
    /// Holidays, in order.
    holidays: Vec<i32>,
    /// Those of them from Monday to Friday.
    on_weekdays: Vec<i32>,
    /// The first and the last day whose holidays are known; nothing where they are a list.
    known: Option<(i32, i32)>,
}

/// What kind of day it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DayKind {
    Working,
    Weekend,
    Holiday,
}

impl OfficeDays {
    pub(crate) fn new(holidays: Option<&Holidays>) -> Result<Self> {
        let (mut holidays, known) = match holidays {
            None => (Vec::new(), None),
            Some(Holidays::Dates(dates)) => (dates.iter().copied().map(to_day).collect(), None),
            Some(Holidays::Of(nation)) => {
                let days = match nation.as_str() {
                    "scotland" => bank_holidays(Nation::Scotland),
                    "england" => bank_holidays(Nation::England),
                    other => return Err(Error::unknown_word("holidays", other, NATIONS)),
                };
                let day = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).map(to_day);
                let (first, last) = (*holidays::YEARS.start(), *holidays::YEARS.end());
                (days, day(first, 1, 1).zip(day(last, 12, 31)))
            }
        };
        holidays.sort_unstable();
        holidays.dedup();
        let on_weekdays = holidays.iter().copied().filter(|day| !is_weekend(*day)).collect();
        Ok(Self { holidays, on_weekdays, known })
    }

    /// Whether it is known which of the days around this one are holidays.
    pub(crate) fn knows(&self, day: i32) -> bool {
        self.known.is_none_or(|(first, last)| (first..=last).contains(&day))
    }

    /// A day that is a holiday is one also where it falls on a weekend.
    pub(crate) fn kind(&self, day: i32) -> DayKind {
        if self.holidays.binary_search(&day).is_ok() {
            DayKind::Holiday
        } else if is_weekend(day) {
            DayKind::Weekend
        } else {
            DayKind::Working
        }
    }

    /// How many working days come after `start`, up to and with `end`; 0 where `end` is no later.
    pub(crate) fn between(&self, start: i32, end: i32) -> u32 {
        if end <= start {
            return 0;
        }
        let until = |day: i32| self.on_weekdays.partition_point(|holiday| *holiday <= day) as i64;
        let weekdays = weekdays_until(end) - weekdays_until(start);
        u32::try_from(weekdays - (until(end) - until(start))).unwrap_or(0)
    }
}

/// The day of the week, 0 for Monday.
fn of_week(day: i32) -> i64 {
    // 1970-01-01 was a Thursday.
    (i64::from(day) + 3).rem_euclid(7)
}

fn is_weekend(day: i32) -> bool {
    of_week(day) >= 5
}

/// How many days from Monday to Friday there are up to and with this one, counted from the first
/// Monday before 1970.
fn weekdays_until(day: i32) -> i64 {
    (i64::from(day) + 3).div_euclid(7) * 5 + (of_week(day) + 1).min(5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::period::day_from_text;

    fn days(text: &str) -> i32 {
        day_from_text(text).unwrap()
    }

    fn scotland() -> OfficeDays {
        OfficeDays::new(of_scotland().as_ref()).unwrap()
    }

    #[test]
    fn working_days_are_counted_after_the_day_of_the_start() {
        let open = scotland();
        let between = |start, end| open.between(days(start), days(end));
        assert_eq!(between("2024-03-04", "2024-03-04"), 0); // a Monday
        assert_eq!(between("2024-03-01", "2024-03-04"), 1); // Friday to Monday
        assert_eq!(between("2024-03-02", "2024-03-03"), 0); // Saturday to Sunday
        assert_eq!(between("2024-03-28", "2024-04-01"), 1); // over Good Friday; Easter Monday is none
        assert_eq!(between("2023-12-22", "2024-01-03"), 4); // 27, 28 and 29 December, 3 January
        assert_eq!(between("2024-03-04", "2024-03-01"), 0);
    }

    #[test]
    fn counting_day_by_day_agrees() {
        let open = scotland();
        let first = days("2019-11-20");
        for start in first..first + 40 {
            for end in start..start + 80 {
                let working = |day: &i32| open.kind(*day) == DayKind::Working;
                let counted = (start + 1..=end).filter(working).count();
                assert_eq!(open.between(start, end) as usize, counted);
            }
        }
    }

    #[test]
    fn days_before_1970_and_holidays_of_a_list() {
        let closed = Holidays::Dates(vec![NaiveDate::from_ymd_opt(1969, 12, 27).unwrap()]);
        let open = OfficeDays::new(Some(&closed)).unwrap();
        assert_eq!(open.kind(days("1969-12-27")), DayKind::Holiday); // a Saturday
        assert_eq!(open.between(days("1969-12-19"), days("1970-01-02")), 10);
        assert!(open.knows(0) && !scotland().knows(0));
    }
}
