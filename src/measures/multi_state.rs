//! In which state are people so many days on, and how long were they in each?

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;
use crate::stats::survival::{Band, Estimate, Move, MultiState as Table};

use super::day_table::check_days;
use super::pathways::from;
use super::survival::band;
use super::transitions::{TransitionColumns, TransitionNames, TransitionTally, Transitions};

/// In which state are people so many days on, and how long were they in each?
///
/// # Population and unit
/// People followed from an origin, one row for each stay in a state, as `histories::Pathways` gives
/// them. The value is the share from 0 to 1 of those who began at the origin who are in the state at
/// the end of the day (Aalen–Johansen); with `start`, of those who began in that state. With `mean_to`
/// it is the mean number of days in each state from the origin to that day, and `time` is that day.
/// `denominator` is everyone who began.
///
/// # Interval
/// Two-sided; of shares on the scale that `method` names, of days plain, from 0 to the day. The
/// variance is Greenwood's; without `start` it holds that of the shares at the origin too.
///
/// # Nulls and edges
/// A null `to_state` is the end of watching. A null `from_state` or a missing day is dropped and
/// counted, and so is a stay of no day, in a state that was left on the day on which it was entered:
/// `settled` of the stay before says where that day ended. Where a pathway was cut off by
/// `within_days`, watching did not end by chance: leave it out. Who is first seen after the origin counts
/// from the day after. A day after the last on which anybody was watched has no figure, unless all are
/// in states that nobody leaves. While nobody is watched in a state, its share stays as it is, and a
/// note says so. Every state that any group had is shown for every group.
///
/// # Merging
/// Counts by states and day; exact.
///
/// # Reveals
/// Those in the state at the end of the day, those who began, and the rows used and dropped.
///
/// # Errors
/// `Spec` for unknown words, days below 0, or both `at` and `mean_to` or neither; `Column` and `Type`
/// for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
/// use wholefamily::{Measure, Options, measures::MultiState};
///
/// // of two referred, one is assessed on day 10 and then watched to day 30
/// let rows = RecordBatch::try_from_iter_with_nullable([
///     ("from", Arc::new(StringArray::from(vec!["referred", "assessed", "referred"])) as ArrayRef, true),
///     ("settled", Arc::new(StringArray::from(vec![Some("assessed"), None, None])), true),
///     ("entry_days", Arc::new(Int64Array::from(vec![0, 10, 0])), true),
///     ("exit_days", Arc::new(Int64Array::from(vec![10, 30, 30])), true),
/// ])?;
/// let by_day_30 = MultiState { at: Some(vec![30]), ..Default::default() };
/// let estimates = by_day_30.run(&[rows], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(0.5), Some(0.5)]); // assessed, referred
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Aalen and Johansen (1978), Scandinavian Journal of Statistics 5, 141–150; R etm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MultiState {
    /// The days to read the shares at.
    #[serde(default, deserialize_with = "each_once")]
    pub at: Option<Vec<i64>>,
    /// The day up to which the mean time in each state is asked for, instead.
    #[serde(default)]
    pub mean_to: Option<i64>,
    /// The state that those asked about began in; nothing: each in their own.
    #[serde(default)]
    pub start: Option<Value>,
    /// The column that names the state.
    #[serde(default = "from")]
    pub from_state: String,
    /// The column that names the state in which the day of leaving ended; null: last seen.
    #[serde(default = "settled")]
    pub to_state: String,
    /// The column of days since the origin on which the state was entered.
    #[serde(default = "entry")]
    pub entry: String,
    /// The column of days since the origin on which it was left, or last seen.
    #[serde(default = "exit")]
    pub exit: String,
    /// The column whose periods `every` groups by.
    #[serde(default = "origin")]
    pub date: String,
    /// The scale of the interval of shares.
    #[serde(default = "logit")]
    pub method: String,
}

fn settled() -> String {
    "settled".to_owned()
}

fn entry() -> String {
    "entry_days".to_owned()
}

fn exit() -> String {
    "exit_days".to_owned()
}

pub(crate) fn origin() -> String {
    "origin".to_owned()
}

fn logit() -> String {
    Band::Logit.word().to_owned()
}

impl Default for MultiState {
    fn default() -> Self {
        Self {
            at: None,
            mean_to: None,
            start: None,
            from_state: from(),
            to_state: settled(),
            entry: entry(),
            exit: exit(),
            date: origin(),
            method: logit(),
        }
    }
}

/// A figure by day and state: the day, the place of the state, its interval.
type Figure = (i64, usize, Interval);

/// The counts of one group as the statistics take them.
struct Counted {
    /// How many began in each state at the origin.
    at_start: Vec<u64>,
    /// The same of those asked about.
    began: Vec<u64>,
    table: std::result::Result<Table, Reason>,
    moves: Vec<Move>,
}

impl Counted {
    fn new(state: &Transitions, states: &[Value], start: Option<usize>) -> Self {
        let place = |value: &Value| states.binary_search(value).ok();
        let mut at_start = vec![0; states.len()];
        let mut moves = Vec::new();
        for (value, counts) in &state.entered {
            for (day, count) in &counts.0 {
                let to = place(value);
                match to.filter(|_| *day == 0).and_then(|to| at_start.get_mut(to)) {
                    Some(began) => *began += count,
                    None => {
                        moves.push(Move { day: i64::from(*day), from: None, to, count: *count })
                    }
                }
            }
        }
        for ((from, to), counts) in &state.went {
            // Who goes to the state that they are in, in a table that is not ours, is still there.
            let to = if to == from { None } else { place(to) };
            moves.extend(counts.0.iter().map(|(day, count)| Move {
                day: i64::from(*day),
                from: place(from),
                to,
                count: *count,
            }));
        }
        moves.sort_unstable();
        let table = Table::from_stays(&at_start, &moves);
        let asked =
            |(place, count)| if start.is_none_or(|start| start == place) { count } else { 0 };
        let began = at_start.iter().copied().enumerate().map(asked).collect();
        Self { at_start, began, table, moves }
    }

    /// How many were seen in a state at the end of a day.
    fn seen(&self, state: usize, day: i64) -> u64 {
        let until = self.moves.iter().take_while(|of| of.day <= day);
        let (mut there, mut gone) = (self.at_start.get(state).copied().unwrap_or(0), 0);
        for of in until {
            there += if of.from.is_none() && of.to == Some(state) { of.count } else { 0 };
            gone += if of.from == Some(state) { of.count } else { 0 };
        }
        there.saturating_sub(gone)
    }

    /// The states that people may leave, but in which nobody was watched on a day, with the share
    /// that was left there.
    fn unwatched(&self, start: Option<usize>, day: i64) -> Vec<(usize, f64)> {
        let Ok((shares, _)) = self.shares_and_days(start, day) else { return Vec::new() };
        let left = |place| self.moves.iter().any(|of| of.from == Some(place) && of.to.is_some());
        let shares = shares.into_iter().map(|share| share.value).enumerate();
        shares
            .filter(|(place, share)| {
                *share > 1e-12 && self.seen(*place, day - 1) == 0 && left(*place)
            })
            .collect()
    }

    fn shares_and_days(
        &self,
        start: Option<usize>,
        day: i64,
    ) -> std::result::Result<(Vec<Estimate>, Vec<Estimate>), Reason> {
        let table = self.table.as_ref().map_err(|reason| *reason)?;
        match start {
            None => table.of_those(&self.began, 0, day),
            Some(_) if self.began.iter().all(|&n| n == 0) => Err(Reason::NoRows),
            Some(start) => {
                let sure: Vec<f64> =
                    (0..self.began.len()).map(|at| f64::from(u8::from(at == start))).collect();
                Ok((table.shares(&sure, 0, day)?, table.days_in_state(&sure, 0, day)?))
            }
        }
    }
}

impl MultiState {
    fn names(&self) -> TransitionNames<'_> {
        TransitionNames {
            from: &self.from_state,
            to: &self.to_state,
            days: Some((&self.entry, &self.exit)),
            moved_on: false,
        }
    }

    /// The place of the state that those asked about began in; beyond all where nobody was in it.
    fn start_among(&self, states: &[Value]) -> Option<usize> {
        let place = |start| states.binary_search(start).unwrap_or(usize::MAX);
        self.start.as_ref().map(place)
    }

    fn days(&self) -> Vec<i64> {
        self.at.clone().unwrap_or_else(|| self.mean_to.into_iter().collect())
    }

    /// The figures of one group, by day and then state.
    fn figures(
        &self,
        counted: &Counted,
        start: Option<usize>,
        band: Band,
        level: Level,
    ) -> Vec<Figure> {
        let mut figures = Vec::new();
        for day in self.days() {
            let found = counted.shares_and_days(start, day);
            for place in 0..counted.began.len() {
                let interval = match &found {
                    Err(reason) => Interval::undefined(*reason),
                    Ok((shares, days)) => match self.mean_to {
                        None => {
                            shares.get(place).map(|share| band.interval(within_one(*share), level))
                        }
                        Some(most) => {
                            days.get(place).map(|days| within(days.interval(level), most))
                        }
                    }
                    .unwrap_or(Interval::undefined(Reason::NoSuchState)),
                };
                figures.push((day, place, interval));
            }
        }
        figures
    }
}

/// Rounding may leave a share a hair's breadth outside 0 to 1.
fn within_one(share: Estimate) -> Estimate {
    Estimate { value: share.value.clamp(0.0, 1.0), ..share }
}

/// Nobody is in a state for less than no day, or for more days than there are.
fn within(interval: Interval, most: i64) -> Interval {
    let cut = |limit: f64| limit.clamp(0.0, most as f64);
    Interval { lower: interval.lower.map(cut), upper: interval.upper.map(cut), ..interval }
}

impl Measure for MultiState {
    type State = Transitions;
    type Columns = TransitionColumns;
    type Tally = TransitionTally;
    const INFO: Info = Info {
        measure: "multi_state",
        class: "MultiState",
        question: "In which state are people so many days on, and how long were they in each?",
        unit: "share",
        own_keys: &["time", "state"],
        required: &[],
        words: &[("method", &Band::WORDS)],
        references: &[
            "Aalen and Johansen (1978), An empirical transition matrix for non-homogeneous Markov chains based on censored observations, Scandinavian Journal of Statistics 5, 141–150",
            "Andersen, Borgan, Gill and Keiding (1993), Statistical Models Based on Counting Processes, section IV.4",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        band(&self.method)?;
        check_days("at", self.at.as_deref())?;
        match (&self.at, self.mean_to) {
            (Some(_), Some(_)) => Err(Error::spec("give `at` or `mean_to`, not both")),
            (None, None) => Err(Error::spec(
                "give the days to read the shares at as `at`, such as [90, 365], or `mean_to` for the mean time in each state",
            )),
            (None, Some(day)) if day < 1 => {
                Err(Error::spec("`mean_to` is below 1; days count from the origin, such as 365"))
            }
            _ => Ok(()),
        }
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn date(&self) -> Option<&str> {
        Some(&self.date)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<TransitionColumns> {
        if let Some(start) = &self.start {
            let codes = chunk.codes(&self.from_state, "from_state")?;
            codes.check_kind(&self.from_state, "start", std::slice::from_ref(start))?;
        }
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> TransitionTally {
        TransitionTally::new(groups)
    }

    fn finish(&self, tallied: &Tallied<'_, Transitions>, _options: &Options) -> Result<Vec<Row>> {
        let band = band(&self.method)?;
        let states = states_of(tallied.groups.iter().map(|group| group.state));
        let start = self.start_among(&states);
        let each = self.days().len() * states.len();
        check_size(each, tallied.groups.len(), "ask for fewer days with `at`")?;
        let unit = if self.mean_to.is_some() { "days" } else { "share" };
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let state = group.state;
            let counted = Counted::new(state, &states, start);
            let began: u64 = counted.began.iter().sum();
            for (day, at, interval) in self.figures(&counted, start, band, tallied.level) {
                let seen = counted.seen(at, day);
                rows.push(Row {
                    group: place,
                    period: None,
                    own: vec![Value::Whole(day), states.get(at).cloned().unwrap_or(Value::Null)],
                    interval,
                    unit: unit.to_owned(),
                    numerator: None,
                    denominator: Some(began as f64),
                    method: if self.mean_to.is_some() { "plain" } else { band.word() }.to_owned(),
                    used: state.used,
                    dropped: state.dropped,
                    reveals: vec![seen, began, state.used, state.dropped],
                });
            }
        }
        Ok(rows)
    }

    /// Says so where nobody began in the state that is asked about, and where a share rests on nobody.
    fn notes(&self, states: &mut dyn Iterator<Item = &Transitions>) -> Vec<String> {
        let groups: Vec<&Transitions> = states.filter(|state| state.used > 0).collect();
        let states = states_of(groups.iter().copied());
        let start = self.start_among(&states);
        let mut largest: BTreeMap<(i64, usize), f64> = BTreeMap::new();
        let mut began = 0;
        for group in &groups {
            let counted = Counted::new(group, &states, start);
            began += counted.began.iter().sum::<u64>();
            for day in self.days() {
                for (place, share) in counted.unwatched(start, day) {
                    let known = largest.entry((day, place)).or_default();
                    *known = known.max(share);
                }
            }
        }
        let mut notes: Vec<String> = largest
            .iter()
            .take(NOTED)
            .filter_map(|((day, place), share)| {
                let (state, percent) = (states.get(*place)?, 100.0 * share);
                Some(format!(
                    "time {day}: nobody was watched in '{state}' any more; its share, up to {percent:.1}%, stays as it was when they last were"
                ))
            })
            .collect();
        if largest.len() > NOTED {
            notes.push(format!("the same of {} more shares", largest.len() - NOTED));
        }
        match &self.start {
            Some(start) if began == 0 && !groups.is_empty() => notes
                .push(format!("start: nobody began in '{start}'; check how the state is written")),
            _ => {}
        }
        notes
    }
}

/// How many shares that rest on nobody are noted one by one.
const NOTED: usize = 5;

/// Every state that any group had, in order; one that is null where there is none.
fn states_of<'a>(groups: impl Iterator<Item = &'a Transitions>) -> Vec<Value> {
    let met = groups.flat_map(|state| &state.went);
    let mut states: BTreeSet<&Value> = met.flat_map(|((from, to), _)| [from, to]).collect();
    states.remove(&Value::Null);
    if states.is_empty() {
        return vec![Value::Null];
    }
    states.into_iter().cloned().collect()
}
