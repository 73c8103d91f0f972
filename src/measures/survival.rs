//! What share has not yet had the event, by days since the origin?

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::curves::{CurveTest, Curves, Figure, Figured, Tested};
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::table::{Row, check_size};
use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;
use crate::stats::survival::{Band, KaplanMeier, as_sure};

use super::curve_tests::log_rank_test;
use super::day_table::{DayTable, check_days, reveals, undefined};
use super::duration_tally::DurationTally;
use super::durations::{DurationColumns, DurationNames, Durations};
use super::fates::{Members, by_cluster, clustered, members, refuse_test};
use super::rate::check_date;

/// What share has not yet had the event, by days since the origin?
///
/// # Population and unit
/// Rows with a known time in whole days and a known event, one a person. The value is a share from 0
/// to 1 (Kaplan–Meier); with `quantiles`, the days by which that share has had the event, and the key
/// `time` names the quantile; with `mean_to`, the mean number of days without the event up to that
/// day (the restricted mean: the area under the curve).
///
/// # Interval
/// Greenwood's variance on the scale that `method` names: `plain`, `log`, `log-log`, `logit`,
/// `arcsine`, as in R's `survfit`. A mean has a plain one, within 0 and its day, from the
/// variance of the estimate (not that of the times). With `cluster`, a column that names the family or
/// group of siblings, the variance is that between clusters (the infinitesimal jackknife, as
/// `survfit(…, cluster = …)` in R), and "clustered" stands in the method; one cluster has no interval,
/// and few have one that is too narrow.
///
/// # Nulls and edges
/// Who is not followed to the event counts until then (event false). A null time or event is dropped
/// and counted. On one day events come before censorings. A day after the last that anybody was
/// followed to has no figure. With `entry`, people are at risk only after that day; a null entry is
/// from the origin on. With `cluster`, a row that names none is set aside and listed.
///
/// # Merging
/// Counts by day; with `cluster`, each person's days beside them. Exact.
///
/// # Reveals
/// Those with the event by the day, those at risk on it, and the rows used and dropped.
///
/// # Errors
/// `Spec` for an unknown method, days below 0, quantiles outside 0 to 1, or two lists at once, and for a
/// test of whole curves with `cluster`; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::Survival};
///
/// let rows = RecordBatch::try_from_iter([
///     ("time", Arc::new(Int64Array::from(vec![30, 60, 60, 90])) as ArrayRef),
///     ("event", Arc::new(BooleanArray::from(vec![true, true, false, false]))),
/// ])?;
/// let survival = Survival { at: Some(vec![45, 60]), ..Survival::default() };
/// let estimates = survival.run(&[rows], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(0.75), Some(0.5)]); // 3/4, then 3/4 × 2/3
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Kaplan and Meier (1958), JASA 53, 457–481; Greenwood (1926); R survival, `survfit`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Survival {
    /// The column that holds the days from the origin to the event, or to the end of follow-up.
    #[serde(default = "time")]
    pub time: String,
    /// The column that says whether the event happened.
    #[serde(default = "event")]
    pub event: String,
    /// The days to read the curve at; without any of the three lists, every day of an event, or where
    /// there was none, the last day that anybody was followed to.
    #[serde(default, deserialize_with = "each_once")]
    pub at: Option<Vec<i64>>,
    /// The shares with the event whose days are asked for, such as 0.5 for the median.
    #[serde(default, deserialize_with = "each_once")]
    pub quantiles: Option<Vec<f64>>,
    /// The days up to which the mean number of days without the event is asked for.
    #[serde(default, deserialize_with = "each_once")]
    pub mean_to: Option<Vec<i64>>,
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
}

pub(crate) fn time() -> String {
    "time".to_owned()
}

pub(crate) fn event() -> String {
    "event".to_owned()
}

pub(crate) fn log_log() -> String {
    Band::LogLog.word().to_owned()
}

/// Reads the scale of an interval.
pub(crate) fn band(word: &str) -> Result<Band> {
    Band::parse(word).ok_or_else(|| Error::unknown_word("method", word, &Band::WORDS))
}

impl Default for Survival {
    fn default() -> Self {
        Self {
            time: time(),
            event: event(),
            at: None,
            quantiles: None,
            mean_to: None,
            entry: None,
            cluster: None,
            date: None,
            method: log_log(),
        }
    }
}

const EVENT: Value = Value::Boolean(true);

impl Survival {
    fn names(&self) -> DurationNames<'_> {
        DurationNames {
            time: &self.time,
            event: &self.event,
            entry: self.entry.as_deref(),
            cluster: self.cluster.as_deref(),
        }
    }

    /// The days that were asked for, whatever of them.
    fn days(&self) -> Option<&[i64]> {
        self.mean_to.as_deref().or(self.at.as_deref())
    }

    fn unit(&self) -> &'static str {
        if self.quantiles.is_some() || self.mean_to.is_some() { "days" } else { "share" }
    }

    /// The curve of one group, and why it has no limits where clusters say nothing of them.
    fn curve(
        state: &Durations,
        table: &DayTable,
        members: Option<&Members>,
    ) -> std::result::Result<(KaplanMeier, Option<Reason>), Reason> {
        if state.used == 0 {
            return Err(Reason::NoRows);
        }
        let curve = table.with(KaplanMeier::new)?;
        Ok(match members {
            None => (curve, None),
            Some(members) => as_sure(curve, |curve| curve.clustered(&members.followed())),
        })
    }

    /// The figures of one group, each with its key.
    fn figures(
        &self,
        table: &DayTable,
        curve: std::result::Result<&KaplanMeier, Reason>,
        band: Band,
        level: Level,
    ) -> Vec<(Value, Interval, i64)> {
        if let Some(quantiles) = &self.quantiles {
            let figure = |share: &f64| {
                let interval = match curve {
                    Ok(curve) => curve.quantile(*share, band, level),
                    Err(reason) => Interval::undefined(reason),
                };
                let day = interval.value.map_or(i64::MAX, |day| day as i64);
                (Value::from(share.to_string().as_str()), interval, day)
            };
            return quantiles.iter().map(figure).collect();
        }
        let curve = match curve {
            Ok(curve) => curve,
            Err(reason) => return undefined(self.days(), reason),
        };
        if let Some(days) = &self.mean_to {
            let figure = |&day: &i64| {
                let interval = match curve.restricted_mean(day) {
                    Ok(mean) => within(mean.interval(level), day),
                    Err(reason) => Interval::undefined(reason),
                };
                (Value::Whole(day), interval, day)
            };
            return days.iter().map(figure).collect();
        }
        let days = self.at.clone().unwrap_or_else(|| table.curve_days(0));
        let figure = |day: i64| (Value::Whole(day), curve.at(day, band, level), day);
        days.into_iter().map(figure).collect()
    }

    fn rows(
        &self,
        place: usize,
        group: &Group<'_, Durations>,
        band: Band,
        level: Level,
    ) -> Result<Vec<Row>> {
        let state = group.state;
        let table = DayTable::new(state, &[EVENT]);
        let members = match &self.cluster {
            None => None,
            Some(_) => members(&[state], &[EVENT])?.pop(),
        };
        let found = Self::curve(state, &table, members.as_ref());
        let curve = found.as_ref().map(|(curve, _)| curve).map_err(|reason| *reason);
        let why = found.as_ref().ok().and_then(|(_, why)| *why);
        let scale = if self.mean_to.is_some() { Band::Plain } else { band }.word();
        let method = match self.cluster {
            None => scale.to_owned(),
            Some(_) => clustered(scale),
        };
        let rows = self
            .figures(&table, curve, band, level)
            .into_iter()
            .map(|(key, interval, day)| {
                let (had, at_risk) = table.counts(0, day);
                Row {
                    group: place,
                    period: None,
                    own: vec![key],
                    interval: why.map_or(interval, |why| interval.unsure(why)),
                    unit: self.unit().to_owned(),
                    // Not those who are left: some were followed for less.
                    numerator: None,
                    denominator: Some(state.used as f64),
                    method: method.clone(),
                    used: state.used,
                    dropped: state.dropped,
                    reveals: reveals(state, had, at_risk),
                }
            })
            .collect();
        Ok(rows)
    }
}

impl Measure for Survival {
    type State = Durations;
    type Columns = DurationColumns;
    type Tally = DurationTally;
    const INFO: Info = Info {
        measure: "survival",
        class: "Survival",
        question: "What share has not yet had the event, by days since the origin?",
        unit: "share",
        own_keys: &["time"],
        required: &[],
        words: &[("method", &Band::WORDS)],
        references: &[
            "Kaplan and Meier (1958), Nonparametric estimation from incomplete observations, JASA 53, 457–481",
            "Greenwood (1926), The natural duration of cancer",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        band(&self.method)?;
        check_days("at", self.at.as_deref())?;
        check_days("mean_to", self.mean_to.as_deref())?;
        let lists = [self.at.is_some(), self.quantiles.is_some(), self.mean_to.is_some()];
        if lists.into_iter().filter(|given| *given).count() > 1 {
            return Err(Error::spec("give one of `at`, `quantiles` and `mean_to`"));
        }
        match &self.quantiles {
            Some(shares) if shares.is_empty() => {
                return Err(Error::spec("`quantiles` is an empty list; give shares such as 0.5"));
            }
            Some(shares) => {
                if let Some(share) = shares.iter().find(|share| !(**share > 0.0 && **share < 1.0)) {
                    return Err(Error::spec(format!(
                        "`quantiles` holds {share}; each must be above 0 and below 1, such as 0.5"
                    )));
                }
            }
            None => {}
        }
        check_date(self.date.as_deref(), options)
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<DurationColumns> {
        let columns = self.names().columns(chunk, account, |value| match value {
            Value::Boolean(true) => Some(EVENT),
            Value::Boolean(false) => Some(Value::Null),
            _ => None,
        })?;
        if columns.event_kind().is_some_and(|kind| kind != ValueKind::Boolean) {
            return Err(Error::wrong_type(format!(
                "column '{}' for event holds other values than true and false; for several kinds of event use CumulativeIncidence",
                self.event
            )));
        }
        Ok(columns)
    }

    fn tally(&self, groups: usize) -> DurationTally {
        DurationTally::new(groups)
    }

    fn curves(&self) -> Option<&dyn Curves<Durations>> {
        Some(self)
    }

    fn finish(&self, tallied: &Tallied<'_, Durations>, _options: &Options) -> Result<Vec<Row>> {
        let band = band(&self.method)?;
        let asked = self.days().map(<[i64]>::len).or(self.quantiles.as_ref().map(Vec::len));
        let most = tallied.groups.iter().map(|group| group.state.of(&EVENT).len()).max();
        let each = asked.or(most).unwrap_or(0);
        check_size(each, tallied.groups.len(), "ask for fewer days with `at`")?;
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            rows.extend(self.rows(place, group, band, tallied.level)?);
        }
        Ok(rows)
    }
}

/// The limits of a mean up to a day, which is neither below 0 nor beyond the day.
fn within(of: Interval, day: i64) -> Interval {
    Interval {
        lower: of.lower.map(|limit| limit.max(0.0)),
        upper: of.upper.map(|limit| limit.min(day as f64)),
        ..of
    }
}

impl Curves<Durations> for Survival {
    fn figures(&self, states: &[&Durations], _among: &[&Durations]) -> Result<Vec<Vec<Figure>>> {
        let days = self.days().ok_or_else(|| {
            Error::spec(
                "two curves are compared by a day: name the days with `at`, or with `mean_to` for means; `test` tests whole curves",
            )
        })?;
        let members = match &self.cluster {
            None => Vec::new(),
            Some(_) => members(states, &[EVENT])?,
        };
        let of_state = |(place, state): (usize, &&Durations)| {
            let table = DayTable::new(state, &[EVENT]);
            let members = members.get(place);
            let found = Self::curve(state, &table, members);
            let estimate = |day: i64| {
                let (curve, _) = found.as_ref().map_err(|reason| *reason)?;
                if self.mean_to.is_some() {
                    curve.restricted_mean(day)
                } else {
                    curve.estimate(day)
                }
            };
            let influenced = members.map(|members| {
                let all = found.as_ref().map_err(|reason| *reason).and_then(|(curve, _)| {
                    let people = members.followed();
                    match self.mean_to {
                        Some(_) => curve.influenced_mean(&people, days),
                        None => curve.influenced(&people, days),
                    }
                });
                by_cluster(all, days, estimate)
            });
            let of_day = |day: i64| Figured::Curve(estimate(day));
            let of: Vec<Figured> = match influenced {
                None => days.iter().copied().map(of_day).collect(),
                Some(all) => all.into_iter().map(Figured::Clustered).collect(),
            };
            let figure = |(&day, of): (&i64, Figured)| {
                let (had, at_risk) = table.counts(0, day);
                Figure {
                    own: vec![Value::Whole(day)],
                    unit: self.unit(),
                    of,
                    had: None,
                    base: state.used,
                    reveals: reveals(state, had, at_risk),
                }
            };
            days.iter().zip(of).map(figure).collect()
        };
        Ok(states.iter().enumerate().map(of_state).collect())
    }

    fn test_keys(&self) -> &'static [&'static str] {
        &[]
    }

    fn test(
        &self,
        strata: &[Vec<&Durations>],
        _among: &[&Durations],
        test: &CurveTest,
    ) -> Result<Vec<Tested>> {
        refuse_test(self.cluster.as_deref())?;
        log_rank_test(strata, &EVENT, test).map(|tested| vec![tested])
    }

    fn people(&self, state: &Durations) -> (u64, u64) {
        (state.used, state.dropped)
    }
}
