//! How many events were there for so much exposure?

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::table::Row;
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::rate::{RateMethod, rate};
use crate::stats::reason::Reason;

use super::exposed::{Exposed, ExposedColumns, ExposedNames, ExposedTally};
use super::per;

/// How many events were there for so much exposure?
///
/// # Population and unit
/// The sum of the events over the sum of the exposure (people, days, child-years), given per `per`.
///
/// # Interval
/// Two-sided, for a Poisson count of independent events: `exact`, `byar`, `mid-p`, or `phe` (exact
/// below 10 events, then Byar's).
///
/// # Nulls and edges
/// A row in which either number is null is dropped, and counted in `rows_dropped`. A negative or
/// fractional count, or an exposure that is negative, infinite or not a number, is set aside, counted
/// and listed. Without exposure there is no rate, and the reason says so.
///
/// # Merging
/// Counts, and an exact sum of the exposure: the order of the rows changes no byte.
///
/// # Reveals
/// The events, and the rows used and dropped.
///
/// # Errors
/// `Spec` for an unknown method or a `per` that is not above 0; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::Rate};
///
/// let moves = RecordBatch::try_from_iter([
///     ("moves", Arc::new(Int64Array::from(vec![2, 7])) as ArrayRef),
///     ("child_years", Arc::new(Float64Array::from(vec![400.5, 599.5]))),
/// ])?;
/// let rate = Rate { events: "moves".into(), exposure: "child_years".into(), ..Rate::default() };
/// assert_eq!(rate.run(&[moves], &Options::default())?.values(), [Some(9.0)]); // per 1,000
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Garwood (1936), Biometrika 28 (exact); Breslow and Day (1987), Statistical Methods in Cancer
/// Research II, p. 69 (Byar's).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// The column that holds the number of events.
    pub events: String,
    /// The column that holds the exposure.
    pub exposure: String,
    /// How much exposure the rate is given for.
    #[serde(default = "per::thousand")]
    pub per: f64,
    /// The column whose periods `every` groups by.
    #[serde(default)]
    pub date: Option<String>,
    /// The method of the interval.
    #[serde(default = "phe")]
    pub method: String,
}

pub(crate) fn phe() -> String {
    RateMethod::Phe.word().to_owned()
}

impl Default for Rate {
    fn default() -> Self {
        Self {
            events: String::new(),
            exposure: String::new(),
            per: per::thousand(),
            date: None,
            method: phe(),
        }
    }
}

impl Rate {
    fn names(&self) -> ExposedNames<'_> {
        ExposedNames { events: &self.events, exposure: &self.exposure }
    }
}

/// Reads the method of a rate's interval.
pub(crate) fn method(word: &str) -> Result<RateMethod> {
    RateMethod::parse(word).ok_or_else(|| Error::unknown_word("method", word, &RateMethod::WORDS))
}

/// Refuses periods without a date to take them from.
pub(crate) fn check_date(date: Option<&str>, options: &Options) -> Result<()> {
    match (options.every, date) {
        (Some(_), None) => Err(Error::spec(
            "every groups by the period of a date, so `date` must name the column that holds it",
        )),
        _ => Ok(()),
    }
}

impl Measure for Rate {
    type State = Exposed;
    type Columns = ExposedColumns;
    type Tally = ExposedTally;
    const INFO: Info = Info {
        measure: "rate",
        class: "Rate",
        question: "How many events were there for so much exposure?",
        unit: "per 1,000",
        own_keys: &[],
        required: &["events", "exposure"],
        words: &[("method", &RateMethod::WORDS)],
        references: &[
            "Garwood (1936), Fiducial limits for the Poisson distribution, Biometrika 28, 437–442",
            "Breslow and Day (1987), Statistical Methods in Cancer Research II, p. 69 (Byar's interval)",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        method(&self.method)?;
        per::check(self.per)?;
        check_date(self.date.as_deref(), options)
    }

    fn roles(&self) -> Vec<Role> {
        self.names().roles()
    }

    fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<ExposedColumns> {
        self.names().columns(chunk, account)
    }

    fn tally(&self, groups: usize) -> ExposedTally {
        ExposedTally::new(groups)
    }

    fn finish(&self, tallied: &Tallied<'_, Exposed>, _options: &Options) -> Result<Vec<Row>> {
        let method = method(&self.method)?;
        let row = |(place, group): (usize, &Group<'_, Exposed>)| {
            let Exposed { events, used, dropped, .. } = *group.state;
            let exposure = group.state.exposure.value();
            let interval = match used {
                0 => Interval::undefined(Reason::NoRows),
                _ => rate(events, exposure, self.per, method, tallied.level),
            };
            Row {
                group: place,
                period: None,
                own: Vec::new(),
                interval,
                unit: per::unit(self.per),
                numerator: Some(events as i64),
                denominator: Some(exposure),
                method: method.settled(events).word().to_owned(),
                used,
                dropped,
                reveals: vec![events, used, dropped],
            }
        };
        Ok(tallied.groups.iter().enumerate().map(row).collect())
    }
}
