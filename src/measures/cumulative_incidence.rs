//! What share has had each event by a day, where others may come first?

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::curves::{CurveTest, Curves, Figure, Figured, Tested};
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
use crate::stats::survival::{Band, CumulativeIncidence as Curve, IncidenceVariance, as_sure};

use super::curve_tests::gray_test;
use super::day_table::{DayTable, check_days, reveals, undefined, zero_note};
use super::duration_tally::DurationTally;
use super::durations::{DurationColumns, DurationNames, Durations};
use super::fates::{Members, by_cluster, clustered, members, refuse_test};
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
/// the delta method's of R's survival and SAS (`delta`), or that of cmprsk (`cmprsk`). With `cluster`, a
/// column that names the family or group of siblings, it is that between clusters (the infinitesimal
/// jackknife), and "clustered" stands in the method; one cluster has no interval, and few have one that
/// is too narrow.
///
/// # Nulls and edges
/// A null event, the word "censored", and in a column of whole numbers 0 (of true and false, false) is
/// the end of follow-up without an event, as in R's survival and cmprsk. A null time is
/// dropped and counted. Events on one day are all at that day, none before another. A day after the
/// last that anybody was followed to has no figure. Every event that any group had is shown for every
/// group; where nobody had any, one row without an event says so. With `entry`, people are at risk only
/// after that day. With `cluster`, a row that names none is set aside and listed.
///
/// # Merging
/// Counts by event and day; with `cluster`, each person's days beside them. Exact.
///
/// # Reveals
/// Those with the event by the day, those at risk on it, and the rows used and dropped.
///
/// # Errors
/// `Spec` for unknown words or days below 0, and with `cluster` for another variance than `delta` and for
/// a test of whole curves; `Column` and `Type` for the columns.
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
    /// The column that says which event it was; null, "censored", 0 or false where there was none.
    #[serde(default = "event")]
    pub event: String,
    /// The days to read the curves at; without them, every day of an event, or where there was none,
    /// the last day that anybody was followed to.
    #[serde(default, deserialize_with = "each_once")]
    pub at: Option<Vec<i64>>,
    /// The column that holds the day on which observation began, where that was after the origin.
    #[serde(default)]
    pub entry: Option<String>,
    /// The column that names the family or group of siblings, whose members share their fate; nothing
    /// for people who have nothing to do with each other.
    #[serde(default)]
    pub cluster: Option<String>,
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
            cluster: None,
            date: None,
            method: log_log(),
            variance: delta(),
        }
    }
}

impl CumulativeIncidence {
    fn names(&self) -> DurationNames<'_> {
        DurationNames {
            time: &self.time,
            event: &self.event,
            entry: self.entry.as_deref(),
            cluster: self.cluster.as_deref(),
        }
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
            let figures = match curve(table, number, used, look.variance, look.members.as_ref()) {
                Err(reason) => undefined(at, reason),
                Ok((curve, why)) => {
                    let days = self.at.clone().unwrap_or_else(|| table.curve_days(number));
                    let figure = |day| {
                        let interval = curve.at(day, look.band, look.level);
                        let interval = why.map_or(interval, |why| interval.unsure(why));
                        (Value::Whole(day), interval, day)
                    };
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

/// How the curves of a group are estimated.
struct Look {
    variance: IncidenceVariance,
    members: Option<Members>,
    band: Band,
    level: Level,
}

/// The curve of one event, and why it has no limits where clusters say nothing of them.
pub(crate) fn curve(
    table: &DayTable,
    event: usize,
    used: u64,
    variance: IncidenceVariance,
    members: Option<&Members>,
) -> std::result::Result<(Curve, Option<Reason>), Reason> {
    if used == 0 {
        return Err(Reason::NoRows);
    }
    let curve = table.with(|times| Curve::new(times, event, variance))?;
    Ok(match members {
        None => (curve, None),
        Some(members) => as_sure(curve, |curve| curve.clustered(&members.followed())),
    })
}

/// What is known of the share with an event by each of these days.
pub(crate) fn figured(
    found: &std::result::Result<(Curve, Option<Reason>), Reason>,
    days: &[i64],
    members: Option<&Members>,
) -> Vec<Figured> {
    let curve = || found.as_ref().map(|(curve, _)| curve).map_err(|reason| *reason);
    let estimate = |day: i64| curve()?.estimate(day);
    match members {
        None => days.iter().map(|&day| Figured::Curve(estimate(day))).collect(),
        Some(members) => {
            let all = curve().and_then(|curve| curve.influenced(&members.followed(), days));
            by_cluster(all, days, estimate).into_iter().map(Figured::Clustered).collect()
        }
    }
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
        if self.cluster.is_some() && self.variance()? != IncidenceVariance::Delta {
            return Err(Error::spec(format!(
                "with `cluster` the variance is that between clusters, so there is none of '{}': leave one of them out",
                self.variance
            )));
        }
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
        self.names().columns(chunk, account, |value| {
            Some(if value.is_no_event() { Value::Null } else { value.clone() })
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
            Value::Text(text) => text.is_empty() || text.eq_ignore_ascii_case("censored"),
            _ => false,
        };
        let met: BTreeSet<&Value> =
            states.flat_map(|state| state.ends.iter().map(|(event, _)| event)).collect();
        let told = met.iter().copied().filter(doubtful).map(|event| {
            format!(
                "'{event}' is an event here like any other; where it means that there was none, make it null"
            )
        });
        told.chain(zero_note(met.iter().copied())).collect()
    }

    fn finish(&self, tallied: &Tallied<'_, Durations>, _options: &Options) -> Result<Vec<Row>> {
        let (variance, band) = (self.variance()?, band(&self.method)?);
        let method = match self.cluster {
            None => format!("{}, {}", band.word(), variance.word()),
            Some(_) => clustered(band.word()),
        };
        let events = events_of(tallied.groups.iter().map(|group| group.state));
        let days = tallied.groups.iter().flat_map(|group| &group.state.ends);
        let most = days.map(|(_, counts)| counts.0.len()).max().unwrap_or(0);
        let each = self.at.as_ref().map_or(most, Vec::len) * events.len();
        check_size(each, tallied.groups.len(), "ask for fewer days with `at`")?;
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let state = group.state;
            let table = DayTable::new(state, &events);
            let members = match &self.cluster {
                None => None,
                Some(_) => members(&[state], &events)?.pop(),
            };
            let look = Look { variance, members, band, level: tallied.level };
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
                    method: method.clone(),
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
        let members = match &self.cluster {
            None => Vec::new(),
            Some(_) => members(states, &events)?,
        };
        let of_state = |(place, state): (usize, &&Durations)| -> Vec<Figure> {
            let table = DayTable::new(state, &events);
            let members = members.get(place);
            let of_event = |number: usize, event: &Value| -> Vec<Figure> {
                let found = match event {
                    Value::Null if state.used > 0 => Err(Reason::NoEventsInEither),
                    _ => curve(&table, number, state.used, variance, members),
                };
                let figure = |(&day, of): (&i64, Figured)| {
                    let (had, at_risk) = table.counts(number, day);
                    Figure {
                        own: vec![event.clone(), Value::Whole(day)],
                        unit: "share",
                        of,
                        had: Some(had),
                        base: state.used,
                        reveals: reveals(state, had, at_risk),
                    }
                };
                days.iter().zip(figured(&found, days, members)).map(figure).collect()
            };
            if events.is_empty() {
                return of_event(0, &Value::Null);
            }
            events.iter().enumerate().flat_map(|(number, event)| of_event(number, event)).collect()
        };
        Ok(states.iter().enumerate().map(of_state).collect())
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
        refuse_test(self.cluster.as_deref())?;
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
