//! What share of contacts fell outside office hours?

use std::ops::Range;

use arrow_array::Int64Array;
use chrono::{NaiveTime, Timelike};
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Merge, Place, Role, Tally};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::period::PLAUSIBLE_DAYS;
use crate::engine::table::Row;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::{Error, Result};
use crate::stats::level::Level;
use crate::stats::proportion::{ProportionMethod, proportion};

use super::office_days::{DayKind, Holidays, NATIONS, OfficeDays, of_scotland};
use super::outcome::{self, wilson};

/// What share of contacts fell outside office hours?
///
/// # Population and unit
/// Contacts, each once, at the moment in `at` by the clock in Europe/London. By `when`: "public
/// holiday"; "weekend" (Saturday or Sunday); "evening or night" (before `opens`, or at or after
/// `closes`, on any other day); and "out of hours", which is all three together. **A contact is counted
/// in the first of these that it fits**, so that the parts add up: the evening of a holiday is
/// "public holiday". The value is a share from 0 to 1 of all contacts.
///
/// # Clocks and holidays
/// A timestamp with a time zone is brought to London's clock, summer time and winter time; one without
/// is taken to say what the clock in London said. An hour that the clock skips in March is counted as it
/// is written, and listed, because the times may be those of another clock. `holidays` are those of
/// "scotland" or "england" (2000 to 2035, by the Banking and Financial Dealings Act 1971 and the days
/// appointed since), a list of dates (a council's own differ), or none. Of a bank holiday on a weekend
/// the substitute day is the holiday.
///
/// # Interval
/// Two-sided, by `method`.
///
/// # Nulls and edges
/// A null moment is dropped and counted. A contact in a year whose holidays are not known is listed, and
/// counted by weekday and hour. Where every moment is midnight, by London's clock or by that of UTC, a
/// note says that these seem to be dates, which say nothing of the hour.
///
/// # Merging
/// Six counts a group; exact.
///
/// # Reveals
/// The numerator, the contacts, their difference, and the rows dropped.
///
/// # Errors
/// `Spec` for hours that are not written HH:MM or do not follow one another, for unknown holidays and
/// methods; `Column` and `Type` for the column.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, RecordBatch, TimestampSecondArray};
/// use wholefamily::{Measure, Options, measures::OutOfHours};
///
/// // half past eight and half past nine UTC on Thursday 1 June 2023: 9.30 and 10.30 in London
/// let at = TimestampSecondArray::from(vec![1_685_608_200, 1_685_611_800]).with_timezone("UTC");
/// let contacts = RecordBatch::try_from_iter([("at", Arc::new(at) as ArrayRef)])?;
/// let early = OutOfHours { opens: "10:00".into(), ..OutOfHours::default() };
/// let shares = early.run(&[contacts], &Options::default())?;
/// assert_eq!(shares.numerators(), [Some(1), Some(0), Some(0), Some(1)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Banking and Financial Dealings Act 1971, Schedule 1; St Andrew's Day Bank Holiday (Scotland) Act
/// 2007.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutOfHours {
    /// The column that holds the moment of the contact.
    #[serde(default = "at")]
    pub at: String,
    /// When the office opens, as HH:MM.
    #[serde(default = "nine")]
    pub opens: String,
    /// When it closes, as HH:MM; "24:00" is the end of the day.
    #[serde(default = "five")]
    pub closes: String,
    /// The public holidays; nothing where there are none.
    #[serde(default = "of_scotland")]
    pub holidays: Option<Holidays>,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

pub(crate) fn at() -> String {
    "at".to_owned()
}

fn nine() -> String {
    "09:00".to_owned()
}

fn five() -> String {
    "17:00".to_owned()
}

impl Default for OutOfHours {
    fn default() -> Self {
        Self { at: at(), opens: nine(), closes: five(), holidays: of_scotland(), method: wilson() }
    }
}

const DAY: i64 = 86_400;

/// Reads HH:MM as seconds after midnight.
fn time_of_day(field: &str, text: &str) -> Result<i64> {
    if text == "24:00" {
        return Ok(DAY);
    }
    NaiveTime::parse_from_str(text, "%H:%M")
        .ok()
        .filter(|_| text.len() == 5)
        .map(|time| i64::from(time.num_seconds_from_midnight()))
        .ok_or_else(|| {
            Error::spec(format!("{field} is '{text}'; expected a time written like '09:00'"))
        })
}

/// When a contact was: the place of its count.
type When = u8;
const IN_HOURS: When = 0;
const EVENING: When = 1;
const WEEKEND: When = 2;
const HOLIDAY: When = 3;
const UNKNOWN: When = 4;

/// Contacts, each with when it was and whether that was midnight.
pub struct ContactTimes(Vec<(When, bool)>);

/// Contacts by when they were.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contacts {
    /// The last count is for those of which that is not known.
    counts: [u64; 5],
    /// How many of the others were at midnight, as a date is that is stored as a moment.
    midnights: u64,
}

impl Contacts {
    /// How many contacts could be used.
    fn all(&self) -> u64 {
        let [within, evening, weekend, holiday, _] = self.counts;
        within + evening + weekend + holiday
    }
}

impl Merge for Contacts {
    fn merge(&mut self, other: Self) {
        self.counts.iter_mut().zip(other.counts).for_each(|(mine, theirs)| *mine += theirs);
        self.midnights += other.midnights;
    }

    fn is_empty(&self) -> bool {
        self.counts == [0; 5]
    }
}

impl Wire for Contacts {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("in_hours", CellKind::Count),
        ("evening_or_night", CellKind::Count),
        ("weekend", CellKind::Count),
        ("public_holiday", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("midnights", CellKind::Count),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let [within, evening, weekend, holiday, unknown] = self.counts;
        row(&[within, evening, weekend, holiday, unknown, self.midnights].map(Cell::Count));
    }

    fn digest(&self) -> Vec<u64> {
        self.counts.into_iter().chain([self.midnights]).collect()
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [
                Cell::Count(within),
                Cell::Count(evening),
                Cell::Count(weekend),
                Cell::Count(holiday),
                Cell::Count(unknown),
                Cell::Count(midnights),
            ] => Ok(Self {
                counts: [*within, *evening, *weekend, *holiday, *unknown],
                midnights: *midnights,
            }),
            _ => Err(unreadable()),
        }
    }
}

/// The states of a chunk's groups.
pub struct ContactTally(Vec<Contacts>);

impl Tally for ContactTally {
    type State = Contacts;
    type Columns = ContactTimes;

    fn push<G: Place>(&mut self, groups: &[G], columns: &ContactTimes, rows: Range<usize>) {
        let times = columns.0.get(rows).unwrap_or(&[]);
        for (group, (when, midnight)) in groups.iter().zip(times) {
            let Some(state) = self.0.get_mut(group.place()) else { continue };
            if let Some(count) = state.counts.get_mut(usize::from(*when)) {
                *count += 1;
            }
            state.midnights += u64::from(*midnight && *when != UNKNOWN);
        }
    }

    fn settle(self) -> Vec<Contacts> {
        self.0
    }
}

impl OutOfHours {
    /// From when to when the office is open, in seconds after midnight.
    fn hours(&self) -> Result<(i64, i64)> {
        let opens = time_of_day("opens", &self.opens)?;
        let closes = time_of_day("closes", &self.closes)?;
        if opens >= closes {
            return Err(Error::spec(format!(
                "the office opens at {} and closes at {}; it must close later on the same day than it opens",
                self.opens, self.closes
            )));
        }
        Ok((opens, closes))
    }

    fn rows(
        place: usize,
        group: &Group<'_, Contacts>,
        method: ProportionMethod,
        level: Level,
    ) -> [Row; 4] {
        let [_, evening, weekend, holiday, unknown] = group.state.counts;
        let out = evening + weekend + holiday;
        let all = group.state.all();
        let row = |when: &str, count: u64| Row {
            group: place,
            period: None,
            own: vec![when.into()],
            interval: proportion(count, all, method, level),
            unit: "share".to_owned(),
            numerator: Some(count as i64),
            denominator: Some(all as f64),
            method: method.word().to_owned(),
            used: all,
            dropped: unknown,
            reveals: vec![count, all - count, all, unknown],
        };
        [
            row("evening or night", evening),
            row("weekend", weekend),
            row("public holiday", holiday),
            row("out of hours", out),
        ]
    }

    /// When a contact was, by the clock.
    fn when(
        &self,
        clock: i64,
        (opens, closes): (i64, i64),
        open: &OfficeDays,
        note: impl FnOnce(&str),
    ) -> When {
        let (day, second) = (clock.div_euclid(DAY), clock.rem_euclid(DAY));
        let Some(day) = i32::try_from(day).ok().filter(|day| PLAUSIBLE_DAYS.contains(day)) else {
            note("a moment outside the years 1 to 9999: row set aside");
            return UNKNOWN;
        };
        if !open.knows(day) {
            note("no public holidays are known for this year: counted by weekday and hour");
        } else if is_skipped(clock) {
            note(
                "an hour that the clocks in London skip: counted as written; are these times of another clock, such as UTC?",
            );
        }
        match open.kind(day) {
            DayKind::Holiday => HOLIDAY,
            DayKind::Weekend => WEEKEND,
            DayKind::Working if (opens..closes).contains(&second) => IN_HOURS,
            DayKind::Working => EVENING,
        }
    }
}

/// Whether the clock in London, or that of UTC at the same moment, shows midnight.
fn is_midnight(clock: i64) -> bool {
    use chrono::{Offset, TimeZone};
    match clock.rem_euclid(DAY) {
        0 => true,
        // In summer London's clock is an hour ahead.
        3_600 => chrono::DateTime::from_timestamp(clock, 0).is_some_and(|shown| {
            let offset = chrono_tz::Europe::London.offset_from_local_datetime(&shown.naive_utc());
            offset.earliest().is_some_and(|offset| offset.fix().local_minus_utc() == 3_600)
        }),
        _ => false,
    }
}

/// Whether the clock in London never shows this: an hour in spring.
fn is_skipped(clock: i64) -> bool {
    use chrono::TimeZone;
    // Since 1981 clocks change in the early hours of Sundays only; to ask is slow.
    let small_hours = clock.rem_euclid(DAY) < 4 * 3_600;
    small_hours
        && (clock.div_euclid(DAY) + 3).rem_euclid(7) == 6
        && chrono::DateTime::from_timestamp(clock, 0).is_some_and(|shown| {
            let found = chrono_tz::Europe::London.from_local_datetime(&shown.naive_utc());
            matches!(found, chrono::LocalResult::None)
        })
}

impl Measure for OutOfHours {
    type State = Contacts;
    type Columns = ContactTimes;
    type Tally = ContactTally;
    const INFO: Info = Info {
        measure: "out_of_hours",
        class: "OutOfHours",
        question: "What share of contacts fell outside office hours?",
        unit: "share",
        own_keys: &["when"],
        required: &[],
        words: &[("holidays", NATIONS), ("method", outcome::METHODS)],
        references: &[
            "Banking and Financial Dealings Act 1971, Schedule 1",
            "St Andrew's Day Bank Holiday (Scotland) Act 2007",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        outcome::method(&self.method)?;
        self.hours()?;
        OfficeDays::new(self.holidays.as_ref())?;
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        vec![Role::new("at", &self.at)]
    }

    fn date(&self) -> Option<&str> {
        Some(&self.at)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<ContactTimes> {
        let clock: Int64Array = chunk.clock(&self.at, "at")?;
        let hours = self.hours()?;
        let open = OfficeDays::new(self.holidays.as_ref())?;
        let when = |(row, clock): (usize, Option<i64>)| match clock {
            None => (UNKNOWN, false),
            Some(clock) => {
                let when = self.when(clock, hours, &open, |problem| {
                    account.note(&self.at, problem, chunk.row(row), || shown(clock));
                });
                (when, is_midnight(clock))
            }
        };
        Ok(ContactTimes(clock.iter().enumerate().map(when).collect()))
    }

    fn tally(&self, groups: usize) -> ContactTally {
        ContactTally(vec![Contacts::default(); groups])
    }

    /// Says where the moments seem to be dates.
    fn notes(&self, states: &mut dyn Iterator<Item = &Contacts>) -> Vec<String> {
        let (all, midnights) = states.fold((0, 0), |(all, midnights), state| {
            (all + state.all(), midnights + state.midnights)
        });
        match all > 0 && all == midnights {
            true => vec![format!(
                "every moment in '{}' is midnight: these seem to be dates, which do not say the hour, so what is counted as evening or night means nothing",
                self.at
            )],
            false => Vec::new(),
        }
    }

    fn finish(&self, tallied: &Tallied<'_, Contacts>, _options: &Options) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let groups = tallied.groups.iter().enumerate();
        Ok(groups
            .flat_map(|(place, group)| Self::rows(place, group, method, tallied.level))
            .collect())
    }
}

/// What the clock shows, for the list of rows.
fn shown(clock: i64) -> String {
    chrono::DateTime::from_timestamp(clock, 0)
        .map_or_else(|| clock.to_string(), |shown| shown.format("%Y-%m-%d %H:%M").to_string())
}
