//! How long until it is answered, and how many still wait?

use arrow_array::{Array, Date32Array};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::curves::Curves;
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::period::{PLAUSIBLE_DAYS, day_to_text, to_day};
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::proportion::{ProportionMethod, proportion};
use crate::stats::reason::Reason;
use crate::stats::survival::{Band, KaplanMeier};

use super::day_table::{DayTable, reveals};
use super::durations::Durations;
use super::far_ends::note_far_ends;
use super::office_days::{Holidays, NATIONS, OfficeDays, of_scotland};
use super::re_referral::received;
use super::survival::{band, log_log};
use super::waits::{Wait, WaitColumns, WaitTally, Waits};

/// How long until it is answered, and how many still wait?
///
/// # Population and unit
/// Rows with a start, one for each that waits. Who has no `end` **still waits on `as_of` and is
/// counted as such**: to leave them out would make the wait look short. By `figure`:
///
/// - `median`: the days by which half have their answer (Kaplan–Meier);
/// - `within N days`, for each of `within`: the share that has it by that day (1 − Kaplan–Meier);
/// - `answered`: the share of rows with an end, which grows as time goes by;
/// - `still waiting`: how many have none; `longest wait`: the days of the one who waits longest;
/// - `closed without an answer`, where `closed` is named: how many no longer wait, and have none.
///
/// With `closed`, a row without an answer leaves on the day it was closed: it waited up to that day, and
/// waits no longer. Where there is an answer, before or after, the closing counts for nothing. The median
/// and `within` are then those if nobody were closed, and right where those closed would have waited as
/// long as others; else ask [`CumulativeIncidence`](super::CumulativeIncidence), with closing as another
/// event.
///
/// An answer on the day of the start takes 0 days. With `days` "working", only Monday to Friday count,
/// without the `holidays`: those after the day of the start, up to and with that of the end.
///
/// # Interval
/// `median` and `within`: from Greenwood's variance on the scale that `method` names. `answered`:
/// Wilson's. The counts have none.
///
/// # Nulls and edges
/// A row without a start is dropped and counted. One with an end or a closing before its start, with a
/// date outside the years 1 to 9999, or that starts after a given `as_of`, is set aside and listed. An
/// end or a closing after a given `as_of` has not come yet: the row still waits. Without `as_of`, it is the latest date of any
/// row that is used, and a note names it. A median that half have not reached, and a day later than anyone was
/// watched, have no value.
///
/// # Comparing
/// The shares within the targets, as estimated from all: difference and ratio, and the log-rank test of
/// whole waits. All groups wait up to the same day.
///
/// # Merging
/// Counts by day. Exact.
///
/// # Reveals
/// Those answered by the day and those still waiting then; the rows used, closed and dropped. The longest
/// wait is that of one row.
///
/// # Errors
/// `Spec` for an unknown method, word of `days` or `holidays`, and for days below 0; `Column` and `Type`
/// for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::TimeTo};
///
/// let referrals = RecordBatch::try_from_iter([
///     ("received", Arc::new(Date32Array::from(vec![0, 0, 0, 6])) as ArrayRef),
///     ("first_response", Arc::new(Date32Array::from(vec![Some(2), Some(10), None, None]))),
/// ])?;
/// let waits = TimeTo { within: vec![5], ..TimeTo::default() };
/// let found = waits.run(&[referrals], &Options::default())?;
/// // one of four within 5 days; the last has waited 4 days and is counted as long as that
/// assert_eq!(found.values(), [Some(10.0), Some(0.25), Some(0.5), Some(2.0), Some(10.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Kaplan and Meier (1958), JASA 53, 457–481; Greenwood (1926); Wilson (1927), JASA 22.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeTo {
    /// The column of the date from which the days count.
    #[serde(default = "received")]
    pub start: String,
    /// The column of the date of the answer; null where there is none yet.
    #[serde(default = "first_response")]
    pub end: String,
    /// The column of the date of closing; null where it is open. Nothing where no row was closed.
    #[serde(default)]
    pub closed: Option<String>,
    /// Targets, in days.
    #[serde(default, deserialize_with = "each_once")]
    pub within: Vec<u32>,
    /// The last day that the extract speaks of; without it, the latest date in the extract.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// Which days count: `calendar` or `working`.
    #[serde(default = "calendar")]
    pub days: String,
    /// The public holidays that are no working days; nothing where there are none.
    #[serde(default = "of_scotland")]
    pub holidays: Option<Holidays>,
    /// The scale of the interval.
    #[serde(default = "log_log")]
    pub method: String,
}

fn first_response() -> String {
    "first_response".to_owned()
}

fn calendar() -> String {
    DAYS[0].to_owned()
}

const DAYS: [&str; 2] = ["calendar", "working"];
pub(super) const EVENT: Value = Value::Boolean(true);
/// Nobody waits longer: more than 2,800 years.
const MOST_DAYS: u32 = 1_048_575;

impl Default for TimeTo {
    fn default() -> Self {
        Self {
            start: received(),
            end: first_response(),
            closed: None,
            within: Vec::new(),
            as_of: None,
            days: calendar(),
            holidays: of_scotland(),
            method: log_log(),
        }
    }
}

/// How a row stands, up to which day it is known that it waited, and its latest date.
struct Stands {
    wait: Wait,
    until: i32,
    latest: i32,
}

/// How days are counted.
pub(super) struct Length {
    office: Option<OfficeDays>,
}

impl Length {
    fn of(&self, start: i32, end: i32) -> u32 {
        match &self.office {
            Some(office) => office.between(start, end),
            None => end.saturating_sub(start).try_into().unwrap_or(0),
        }
    }

    fn unit(&self) -> &'static str {
        if self.office.is_some() { "working days" } else { "days" }
    }

    fn knows(&self, day: i32) -> bool {
        self.office.as_ref().is_none_or(|office| office.knows(day))
    }
}

impl TimeTo {
    pub(super) fn length(&self) -> Result<Length> {
        let office = OfficeDays::new(self.holidays.as_ref())?;
        match self.days.as_str() {
            "calendar" => Ok(Length { office: None }),
            "working" => Ok(Length { office: Some(office) }),
            other => Err(Error::unknown_word("days", other, &DAYS)),
        }
    }

    /// The columns of dates.
    fn dates(&self) -> impl Iterator<Item = &String> {
        [&self.start, &self.end].into_iter().chain(&self.closed)
    }

    /// How one row stands; or which of its dates is wrong, and how.
    fn stands(
        &self,
        [start, end, closed]: [Option<i32>; 3],
        length: &Length,
    ) -> std::result::Result<Stands, Option<(usize, &'static str)>> {
        let Some(start) = start else { return Err(None) };
        let as_of = self.as_of.map(to_day);
        for (place, day) in [Some(start), end, closed].into_iter().enumerate() {
            if day.is_some_and(|day| !PLAUSIBLE_DAYS.contains(&day)) {
                return Err(Some((place, "a date outside the years 1 to 9999: row set aside")));
            }
        }
        for (place, day) in [(1, end), (2, closed)] {
            if day.is_some_and(|day| day < start) {
                return Err(Some((place, "before the start: row set aside")));
            }
        }
        if as_of.is_some_and(|as_of| start > as_of) {
            return Err(Some((0, "after as_of: row set aside")));
        }
        let come = |day: &i32| as_of.is_none_or(|as_of| *day <= as_of);
        let days = |place: usize, day: i32| match length.of(start, day) {
            days if days <= MOST_DAYS => Ok(days),
            _ => Err(Some((place, "more than 1,048,575 days: row set aside"))),
        };
        let (wait, until) = match (end.filter(come), closed.filter(come)) {
            (Some(end), _) => (Wait::Answered(days(1, end)?), end),
            (None, Some(closed)) => (Wait::Closed(days(2, closed)?), closed),
            (None, None) => (Wait::Since(start), start),
        };
        let latest = until.max(closed.filter(come).unwrap_or(start));
        Ok(Stands { wait, until, latest })
    }

    /// The day up to which those wait who have no answer.
    pub(super) fn last_day<'a>(&self, all: impl Iterator<Item = &'a Waits>) -> Option<i32> {
        self.as_of.map(to_day).or_else(|| all.filter_map(Waits::latest).max())
    }

    fn rows(
        &self,
        place: usize,
        group: &Group<'_, Waits>,
        as_of: Option<i32>,
        (length, band): (&Length, Band),
        level: Level,
    ) -> Vec<Row> {
        let waits = group.state;
        let (answered, waiting, closed) = (waits.answered(), waits.waiting(), waits.closed());
        let all = waits.all();
        let until = |since: i32| as_of.map_or(0, |as_of| length.of(since, as_of));
        let durations = durations(waits, as_of, length);
        let table = DayTable::new(&durations, &[EVENT]);
        let curve = match all {
            0 => Err(Reason::NoRows),
            _ => table.with(KaplanMeier::new),
        };
        let row = |figure: String, interval: Interval, unit: &str, method: &str, reveals| Row {
            group: place,
            period: None,
            own: vec![figure.as_str().into()],
            interval,
            unit: unit.to_owned(),
            numerator: None,
            denominator: Some(all as f64),
            method: method.to_owned(),
            used: all,
            dropped: waits.dropped(),
            reveals,
        };
        let at = |day: i64| {
            let (had, at_risk) = table.counts(0, day);
            reveals(&durations, had, at_risk)
        };
        let median = match &curve {
            Ok(curve) => curve.quantile(0.5, band, level),
            Err(reason) => Interval::undefined(*reason),
        };
        let day = median.value.map_or(i64::MAX, |day| day as i64);
        let mut rows = vec![row("median".to_owned(), median, length.unit(), band.word(), at(day))];
        for target in &self.within {
            let day = i64::from(*target);
            let left = match &curve {
                Ok(curve) => curve.at(day, band, level),
                Err(reason) => Interval::undefined(*reason),
            };
            rows.push(row(within(*target, length), turned(left), "share", band.word(), at(day)));
        }
        let counts = || match self.closed {
            None => vec![answered, waiting, all, waits.dropped()],
            Some(_) => vec![answered, waiting, closed, all, all - answered, waits.dropped()],
        };
        let share = proportion(answered, all, ProportionMethod::Wilson, level);
        let with = |row: Row, count: u64| Row { numerator: Some(count as i64), ..row };
        let answered_row = row("answered".to_owned(), share, "share", "wilson", counts());
        rows.push(with(answered_row, answered));
        let counted = |figure: &str, count: u64| {
            let value = Interval::without_limits(count as f64, Reason::CompleteCount);
            with(row(figure.to_owned(), value, "rows", "count", counts()), count)
        };
        rows.push(counted("still waiting", waiting));
        rows.extend(self.closed.as_ref().map(|_| counted("closed without an answer", closed)));
        let longest = match waits.longest_since() {
            Some(since) => Interval::without_limits(f64::from(until(since)), Reason::CompleteCount),
            None if all > 0 => Interval::undefined(Reason::NobodyWaits),
            None => Interval::undefined(Reason::NoRows),
        };
        let alone = vec![1.min(waiting), waiting, all, waits.dropped()];
        rows.push(row("longest wait".to_owned(), longest, length.unit(), "count", alone));
        rows
    }
}

/// Everyone of a group by how long they waited, those without an answer up to `as_of`.
pub(super) fn durations(waits: &Waits, as_of: Option<i32>, length: &Length) -> Durations {
    let until = |since, _| as_of.map_or(0, |as_of| length.of(since, as_of));
    waits.until(as_of.unwrap_or(0), until)
}

/// What the share answered by a target is called.
pub(super) fn within(target: u32, length: &Length) -> String {
    format!("within {target} {}", length.unit())
}

/// The share with the event, from the share without.
fn turned(left: Interval) -> Interval {
    let rest = |share: Option<f64>| share.map(|share| 1.0 - share);
    Interval {
        value: rest(left.value),
        lower: rest(left.upper),
        upper: rest(left.lower),
        reason: left.reason,
    }
}

impl Measure for TimeTo {
    type State = Waits;
    type Columns = WaitColumns;
    type Tally = WaitTally;
    const INFO: Info = Info {
        measure: "time_to",
        class: "TimeTo",
        question: "How long until it is answered, and how many still wait?",
        unit: "days",
        own_keys: &["figure"],
        required: &[],
        words: &[("days", &DAYS), ("holidays", NATIONS), ("method", &Band::WORDS)],
        references: &[
            "Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53, 457–481",
            "Greenwood (1926), The natural duration of cancer",
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        band(&self.method)?;
        self.length()?;
        for (place, target) in self.within.iter().enumerate() {
            if self.within.iter().take(place).any(|other| other == target) {
                return Err(Error::spec(format!("`within` holds {target} twice")));
            }
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        let names = ["start", "end", "closed"];
        names.into_iter().zip(self.dates()).map(|(role, name)| Role::new(role, name)).collect()
    }

    fn date(&self) -> Option<&str> {
        Some(&self.start)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<WaitColumns> {
        let length = self.length()?;
        let starts = chunk.days(&self.start, "start")?;
        let ends = chunk.days(&self.end, "end")?;
        let closed = self.closed.as_ref().map(|name| chunk.days(name, "closed")).transpose()?;
        note_far_ends(&ends, &self.end, chunk, account);
        if let (Some(name), Some(closed)) = (&self.closed, &closed) {
            note_far_ends(closed, name, chunk, account);
        }
        let day = |days: &Date32Array, row: usize| days.is_valid(row).then(|| days.value(row));
        let wait = |row: usize| {
            let over = closed.as_ref().and_then(|closed| day(closed, row));
            let dates = [day(&starts, row), day(&ends, row), over];
            let found = self.stands(dates, &length);
            match &found {
                Err(Some((place, problem))) => {
                    let shown = dates.get(*place).copied().flatten();
                    let shown = || shown.map_or_else(|| "null".to_owned(), day_to_text);
                    let column = self.dates().nth(*place).unwrap_or(&self.start);
                    account.note(column, problem, chunk.row(row), shown);
                }
                Ok(Stands { until, .. }) => {
                    let mut days = dates.into_iter().take(1).flatten().chain(Some(*until));
                    if let Some(day) = days.find(|day| !length.knows(*day)) {
                        let problem = "no public holidays are known for this year: only weekends are left out";
                        account.note(&self.start, problem, chunk.row(row), || day_to_text(day));
                    }
                }
                Err(None) => {}
            }
            found.map_or((Wait::Unusable, 0), |Stands { wait, latest, .. }| (wait, latest))
        };
        Ok(WaitColumns((0..chunk.rows()).map(wait).collect()))
    }

    fn tally(&self, groups: usize) -> WaitTally {
        WaitTally::new(groups)
    }

    fn curves(&self) -> Option<&dyn Curves<Waits>> {
        Some(self)
    }

    /// Says up to which day it waits, where nobody said so.
    fn notes(&self, states: &mut dyn Iterator<Item = &Waits>) -> Vec<String> {
        let (waiting, latest) = states.fold((0, None), |(waiting, latest), state| {
            (waiting + state.waiting(), state.latest().max(latest))
        });
        match latest {
            Some(latest) if waiting > 0 && self.as_of.is_none() => vec![format!(
                "those without '{}'{} are taken to wait until {}, the latest date in the extract; as_of says how far it reaches",
                self.end,
                self.closed.as_ref().map_or_else(String::new, |name| format!(" and '{name}'")),
                day_to_text(latest)
            )],
            _ => Vec::new(),
        }
    }

    fn finish(&self, tallied: &Tallied<'_, Waits>, _options: &Options) -> Result<Vec<Row>> {
        let scale = (&self.length()?, band(&self.method)?);
        check_size(self.within.len() + 5, tallied.groups.len(), "ask for fewer groups")?;
        let as_of = self.last_day(tallied.groups.iter().map(|group| group.state));
        let groups = tallied.groups.iter().enumerate();
        Ok(groups
            .flat_map(|(place, group)| self.rows(place, group, as_of, scale, tallied.level))
            .collect())
    }
}
