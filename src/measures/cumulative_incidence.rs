//! What share has had each event by a day, where others may come first?

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::curves::{CurveTest, Curves, Figure, Figured, Tested};
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;
use crate::stats::survival::{Band, CumulativeIncidence as Curve, IncidenceVariance};

use super::curve_tests::gray_test;
use super::day_table::{DayTable, check_days, reveals, undefined};
use super::durations::{DurationColumns, DurationNames, DurationTally, Durations};
use super::rate::check_date;
use super::survival::{band, event, log_log, time};

/// What share has had each event by a day, where others may come first?
///
/// # Population and unit
/// Rows with a known time in whole days, one a person; the share from 0 to 1 of all who had the event
/// by the day (Aalen–Johansen). Who moved away or died can no longer have it, and is not taken for
/// censored: that would make the share too large.
///
/// # Interval
/// On the scale that `method` names: `plain`, `log`, `log-log`, `logit`, `arcsine`. The variance is
/// the delta method's of R's survival and SAS (`delta`), or that of cmprsk (`cmprsk`).
///
/// # Nulls and edges
/// A null event, or the word "censored", is the end of follow-up without an event. A null time is
/// dropped and counted. Events on one day are all at that day, none before another. A day after the
/// last that anybody was followed to has no figure. Every event that any group had is shown for every
/// group; where nobody had any, one row without an event says so. With `entry`, people are at risk only after that day.
///
/// # Merging
/// Counts by event and day; exact.
///
/// # Reveals
/// Those with the event by the day, those at risk on it, and the rows used and dropped.
///
/// # Errors
/// `Spec` for unknown words or days below 0; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, StringArray, RecordBatch};
/// use wholefamily::{Measure, Options, measures::CumulativeIncidence};
///
/// let rows = RecordBatch::try_from_iter([
///     ("time", Arc::new(Int64Array::from(vec![100, 200, 300, 365])) as ArrayRef),
///     ("event", Arc::new(StringArray::from(vec![Some("care"), Some("moved away"), Some("care"), None]))),
/// ])?;
/// let by_age_one = CumulativeIncidence { at: Some(vec![365]), ..Default::default() };
/// let estimates = by_age_one.run(&[rows], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(0.5), Some(0.25)]); // care, moved away
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Aalen and Johansen (1978), Scandinavian Journal of Statistics 5, 141–150; R survival, `survfit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CumulativeIncidence {
    /// The column that holds the days from the origin to the event, or to the end of follow-up.
    #[serde(default = "time")]
    pub time: String,
    /// The column that says which event it was; null or "censored" where there was none.
    #[serde(default = "event")]
    pub event: String,
    /// The days to read the curves at; without them, every day of an event, or where there was none,
    /// the last day that anybody was followed to.
    #[serde(default)]
    pub at: Option<Vec<i64>>,
    /// The column that holds the day on which observation began, where that was after the origin.
    #[serde(default)]
    pub entry: Option<String>,
    /// The column whose periods `every` groups by, such as the date of origin.
    #[serde(default)]
    pub date: Option<String>,
    /// The scale of the interval.
    #[serde(default = "log_log")]
    pub method: String,
    /// Whose variance: `delta` or `cmprsk`.
    #[serde(default = "delta")]
    pub variance: String,
}

const CENSORED: &str = "censored";

fn delta() -> String {
    IncidenceVariance::default().word().to_owned()
}

impl Default for CumulativeIncidence {
    fn default() -> Self {
        Self {
            time: time(),
            event: event(),
            at: None,
            entry: None,
            date: None,
            method: log_log(),
            variance: delta(),
        }
    }
}

impl CumulativeIncidence {
    fn names(&self) -> DurationNames<'_> {
        DurationNames { time: &self.time, event: &self.event, entry: self.entry.as_deref() }
    }

    fn variance(&self) -> Result<IncidenceVariance> {
        IncidenceVariance::parse(&self.variance).ok_or_else(|| {
            Error::unknown_word("variance", &self.variance, &IncidenceVariance::WORDS)
        })
    }

    /// The figures of one group: the event and its place, the key of the day, the figure, the day.
    fn figures(
        &self,
        table: &DayTable,
        events: &[Value],
        used: u64,
        look: &Look,
    ) -> Vec<(Value, usize, Value, Interval, i64)> {
        let at = self.at.as_deref();
        if events.is_empty() {
            // Nothing happened to anyone, so there is no event to name.
            let reason = if used == 0 { Reason::NoRows } else { Reason::NoEvents };
            let figure = |(key, interval, day)| (Value::Null, 0, key, interval, day);
            return undefined(at, reason).into_iter().map(figure).collect();
        }
        let of = |(number, event): (usize, &Value)| {
            let curve = match used {
                0 => Err(Reason::NoRows),
                _ => table.with(|times| Curve::new(times, number, look.variance)),
            };
            let figures = match curve {
                Err(reason) => undefined(at, reason),
                Ok(curve) => {
                    let days = self.at.clone().unwrap_or_else(|| table.curve_days(number));
                    let figure =
                        |day| (Value::Whole(day), curve.at(day, look.band, look.level), day);
                    days.into_iter().map(figure).collect()
                }
            };
            let event = event.clone();
            figures
                .into_iter()
                .map(move |(key, interval, day)| (event.clone(), number, key, interval, day))
        };
        events.iter().enumerate().flat_map(of).collect()
    }
}

/// Every event that any of the groups had, in order.
fn events_of<'a>(states: impl Iterator<Item = &'a Durations>) -> Vec<Value> {
    let ends = states.flat_map(|state| &state.ends).map(|(event, _)| event);
    let events: BTreeSet<&Value> = ends.filter(|event| **event != Value::Null).collect();
    events.into_iter().cloned().collect()
}

/// How the curves are estimated.
struct Look {
    variance: IncidenceVariance,
    band: Band,
    level: Level,
}

impl Measure for CumulativeIncidence {
    type State = Durations;
    type Columns = DurationColumns;
    type Tally = DurationTally;
    const INFO: Info = Info {
        measure: "cumulative_incidence",
        class: "CumulativeIncidence",
        question: "What share has had each event by a day, where others may come first?",
        unit: "share",
        own_keys: &["event", "time"],
        required: &[],
        words: &[("method", &Band::WORDS), ("variance", &IncidenceVariance::WORDS)],
        references: &[
            "Aalen and Johansen (1978), An empirical transition matrix for non-homogeneous Markov chains based on censored observations, Scandinavian Journal of Statistics 5, 141–150",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        band(&self.method)?;
        self.variance()?;
        check_days("at", self.at.as_deref())?;
        check_date(self.date.as_deref(), options)
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<DurationColumns> {
        self.names().columns(chunk, account, |value| match value {
            Value::Text(word) if word.as_ref() == CENSORED => Some(Value::Null),
            value => Some(value.clone()),
        })
    }

    fn tally(&self, groups: usize) -> DurationTally {
        DurationTally::new(groups)
    }

    fn curves(&self) -> Option<&dyn Curves<Durations>> {
        Some(self)
    }

    fn notes(&self, states: &mut dyn Iterator<Item = &Durations>) -> Vec<String> {
        let doubtful = |value: &&Value| match value {
            Value::Boolean(false) | Value::Whole(0) => true,
            Value::Text(text) => text.is_empty() || text.eq_ignore_ascii_case(CENSORED),
            _ => false,
        };
        let met: BTreeSet<&Value> =
            states.flat_map(|state| state.ends.iter().map(|(event, _)| event)).collect();
        let told = met.into_iter().filter(doubtful).map(|event| {
            format!(
                "'{event}' is an event here like any other; where it means that there was none, make it null"
            )
        });
        told.collect()
    }

    fn finish(&self, tallied: &Tallied<'_, Durations>, _options: &Options) -> Result<Vec<Row>> {
        let look =
            Look { variance: self.variance()?, band: band(&self.method)?, level: tallied.level };
        let events = events_of(tallied.groups.iter().map(|group| group.state));
        let days = tallied.groups.iter().flat_map(|group| &group.state.ends);
        let most = days.map(|(_, counts)| counts.0.len()).max().unwrap_or(0);
        let each = self.at.as_ref().map_or(most, Vec::len) * events.len();
        check_size(each, tallied.groups.len(), "ask for fewer days with `at`")?;
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let state = group.state;
            let table = DayTable::new(state, &events);
            for (event, number, key, interval, day) in
                self.figures(&table, &events, state.used, &look)
            {
                let (had, at_risk) = table.counts(number, day);
                rows.push(Row {
                    group: place,
                    period: None,
                    own: vec![event, key],
                    interval,
                    unit: "share".to_owned(),
                    numerator: Some(had as i64),
                    denominator: Some(state.used as f64),
                    method: format!("{}, {}", look.band.word(), look.variance.word()),
                    used: state.used,
                    dropped: state.dropped,
                    reveals: reveals(state, had, at_risk),
                });
            }
        }
        Ok(rows)
    }
}

impl Curves<Durations> for CumulativeIncidence {
    fn figures(&self, states: &[&Durations], among: &[&Durations]) -> Result<Vec<Vec<Figure>>> {
        let days = self.at.as_deref().ok_or_else(|| {
            Error::spec(
                "two curves are compared by a day: name the days with `at`; `test` tests whole curves",
            )
        })?;
        let variance = self.variance()?;
        let events = events_of(among.iter().copied());
        let of_state = |state: &&Durations| -> Vec<Figure> {
            let table = DayTable::new(state, &events);
            let of_event = |number: usize, event: &Value| -> Vec<Figure> {
                let curve = match state.used {
                    0 => Err(Reason::NoRows),
                    _ if *event == Value::Null => Err(Reason::NoEventsInEither),
                    _ => table.with(|times| Curve::new(times, number, variance)),
                };
                let figure = |&day: &i64| {
                    let (had, at_risk) = table.counts(number, day);
                    let estimate = match &curve {
                        Ok(curve) => curve.estimate(day),
                        Err(reason) => Err(*reason),
                    };
                    Figure {
                        own: vec![event.clone(), Value::Whole(day)],
                        unit: "share",
                        of: Figured::Curve(estimate),
                        had: Some(had),
                        base: state.used,
                        reveals: reveals(state, had, at_risk),
                    }
                };
                days.iter().map(figure).collect()
            };
            if events.is_empty() {
                return of_event(0, &Value::Null);
            }
            events.iter().enumerate().flat_map(|(number, event)| of_event(number, event)).collect()
        };
        Ok(states.iter().map(of_state).collect())
    }

    fn test_keys(&self) -> &'static [&'static str] {
        &["event"]
    }

    fn test(
        &self,
        strata: &[Vec<&Durations>],
        among: &[&Durations],
        test: &CurveTest,
    ) -> Result<Vec<Tested>> {
        let events = events_of(among.iter().copied());
        let of = |(cause, event): (usize, &Value)| {
            let tested = gray_test(strata, &events, cause, test)?;
            Ok(Tested { own: vec![event.clone()], ..tested })
        };
        events.iter().enumerate().map(of).collect()
    }

    fn people(&self, state: &Durations) -> (u64, u64) {
        (state.used, state.dropped)
    }
}
