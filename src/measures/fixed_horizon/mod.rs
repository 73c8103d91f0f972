//! What share had the event by a day: of those who could be seen so long, and estimated from all?

mod figures;
mod reading;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::curves::Curves;
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::level::Level;
use crate::stats::proportion::ProportionMethod;
use crate::stats::survival::Band;

use super::day_table::{check_days, zero_note};
use super::horizons::{HorizonColumns, HorizonTally, Horizons};
use super::outcome::{METHODS, method, wilson};
use super::share::Equals;
use super::survival::{band, event, log_log, time};
use figures::{Look, OfGroup};

/// What share had the event by a day: of those who could be seen so long, and estimated from all?
///
/// # Population and unit
/// Rows of a cohort that was followed, one a person, as [`FollowUp`](crate::histories::FollowUp)
/// gives them. By each day in `at`, three figures stand side by side, told apart by the key
/// `estimate`:
/// - `observed long enough`: of those whose observation, from `origin` to `until`, reaches the
///   horizon, the share from 0 to 1 with the event by it. A competing event that came first is "not
///   the event". Counts of people: nothing is estimated, but the youngest are left out.
/// - `Aalen-Johansen`: the share estimated from all, each for as long as they were seen.
/// - `not yet observable`: how many people's observation ends before the horizon.
///
/// # Interval
/// That of the first as `method` says, that of the second on the scale that `band` names, with the
/// delta method's variance. The third is a complete count. With `cluster`, a column that names the
/// family or group of siblings, both allow for their sharing their fate: the first as
/// [`clustered_proportion`](crate::stats::clustered_proportion) ("wilson-clustered"), the second by the
/// variance between clusters ("clustered"); one cluster has no interval.
///
/// # Nulls and edges
/// A null event, or the word "censored", is the end of observation without an event; in a column of
/// whole numbers so is 0, in one of true and false false. With `interest`, all other events compete; with a list in
/// `competing`, all others are of interest; otherwise the column that `competing` names says which
/// compete, and if the table has no column of the default name, none does. A row without a time, an
/// origin or an end of observation is dropped; one that was followed beyond the end of its
/// observation, or without an event not as far as that, contradicts itself, and is set aside and
/// listed. Where observation began after the origin (`entry`; the default name need not be there), a
/// row is not among those observed long enough. With `cluster`, a row that names none is set aside and
/// listed.
///
/// # Merging
/// Counts by event and day, and by horizon; with `cluster`, each person's days beside them. Exact.
///
/// # Reveals
/// Those with the event, at risk, observed long enough and not, and the rows used and dropped.
///
/// # Errors
/// `Spec` for unknown words, days below 0, or `interest` beside `competing`, and with `cluster` for
/// another method than "wilson" and for a test of whole curves; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, StringArray, RecordBatch};
/// use wholefamily::{Measure, Options, measures::FixedHorizon};
///
/// let babies = RecordBatch::try_from_iter([
///     ("born", Arc::new(Date32Array::from(vec![0, 0, 0, 300])) as ArrayRef),
///     ("observed_until", Arc::new(Date32Array::from(vec![400, 400, 400, 400]))),
///     ("time", Arc::new(Int64Array::from(vec![100, 400, 200, 100]))),
///     ("event", Arc::new(StringArray::from(vec![Some("care"), None, Some("died"), None]))),
/// ])?;
/// let by_age_one =
///     FixedHorizon { origin: "born".into(), interest: Some("care".into()), ..Default::default() };
/// let estimates = by_age_one.run(&[babies], &Options::default())?;
/// // one of the three who are one year old; at day 100, 1 of 4 at risk; one is too young to say
/// assert_eq!(estimates.values(), [Some(1.0 / 3.0), Some(0.25), Some(1.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Wilson (1927), JASA 22; Aalen and Johansen (1978), Scandinavian Journal of Statistics 5, 141–150.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedHorizon {
    /// The column that holds the day on which time begins, such as the day of birth.
    pub origin: String,
    /// The column that holds the days from the origin to the event, or to the end of observation.
    #[serde(default = "time")]
    pub time: String,
    /// The column that says which event it was; null, "censored", 0 or false where there was none.
    #[serde(default = "event")]
    pub event: String,
    /// The column that holds the last day observed, whether or not an event came first.
    #[serde(default = "observed_until")]
    pub until: String,
    /// The horizons, in days from the origin.
    #[serde(default = "one_year", deserialize_with = "each_once")]
    pub at: Vec<i64>,
    /// The event, or the events, asked about; all others compete with them.
    #[serde(default)]
    pub interest: Option<Equals>,
    /// The column that says whether the event is one that competes, or a list of the events that do.
    #[serde(default = "competing")]
    pub competing: Equals,
    /// The column that holds the days from the origin after which observation began.
    #[serde(default = "entry_days")]
    pub entry: String,
    /// The column that names the family or group of siblings, whose members share their fate; nothing
    /// for people who have nothing to do with each other.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The interval of the share of those observed long enough.
    #[serde(default = "wilson")]
    pub method: String,
    /// The scale of the interval of the estimate from all.
    #[serde(default = "log_log")]
    pub band: String,
}

const DEFAULT_COMPETING: &str = "competing";
const DEFAULT_ENTRY: &str = "entry_days";

fn observed_until() -> String {
    "observed_until".to_owned()
}

fn one_year() -> Vec<i64> {
    vec![365]
}

fn competing() -> Equals {
    DEFAULT_COMPETING.into()
}

fn entry_days() -> String {
    DEFAULT_ENTRY.to_owned()
}

impl Default for FixedHorizon {
    fn default() -> Self {
        Self {
            origin: String::new(),
            time: time(),
            event: event(),
            until: observed_until(),
            at: one_year(),
            interest: None,
            competing: competing(),
            entry: entry_days(),
            cluster: None,
            method: wilson(),
            band: log_log(),
        }
    }
}

impl FixedHorizon {
    fn look(&self, level: Level) -> Result<Look> {
        Ok(Look { method: method(&self.method)?, band: band_of(&self.band)?, level })
    }
}

/// Reads the scale of an interval, which is called `band` here.
fn band_of(word: &str) -> Result<Band> {
    band(word).map_err(|_| Error::unknown_word("band", word, &Band::WORDS))
}

impl Measure for FixedHorizon {
    type State = Horizons;
    type Columns = HorizonColumns;
    type Tally = HorizonTally;
    const INFO: Info = Info {
        measure: "fixed_horizon",
        class: "FixedHorizon",
        question: "What share had the event by a day: of those who could be seen so long, and estimated from all?",
        unit: "share",
        own_keys: &["time", "estimate"],
        required: &["origin"],
        words: &[("method", METHODS), ("band", &Band::WORDS)],
        references: &[
            "Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209–212",
            "Aalen and Johansen (1978), An empirical transition matrix for non-homogeneous Markov chains based on censored observations, Scandinavian Journal of Statistics 5, 141–150",
        ],
    };

    fn check(&self, _options: &Options) -> Result<()> {
        let look = self.look(Level::default())?;
        if self.cluster.is_some() && look.method != ProportionMethod::Wilson {
            return Err(Error::spec(format!(
                "with `cluster` the interval is Wilson's, allowing for clusters; method '{}' has no such form: leave one of them out",
                self.method
            )));
        }
        check_days("at", Some(&self.at))?;
        let empty = |name: &str, values: &[Value]| {
            if values.is_empty() {
                return Err(Error::spec(format!("`{name}` is an empty list; name the events")));
            }
            if values.contains(&Value::Null) {
                return Err(Error::spec(format!(
                    "`{name}` holds null; a null event is the end of observation without one"
                )));
            }
            Ok(())
        };
        if let Some(interest) = &self.interest {
            if self.competing != competing() {
                return Err(Error::spec(
                    "give `interest` or `competing`, not both: what is not of interest competes",
                ));
            }
            empty("interest", interest.values())?;
        }
        match &self.competing {
            Equals::Any(values) => empty("competing", values),
            Equals::One(Value::Text(_)) => Ok(()),
            Equals::One(other) => Err(Error::spec(format!(
                "`competing` is {other}; name the column that says which events compete, or give a list of them"
            ))),
        }
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles = vec![
            Role::new("origin", &self.origin),
            Role::new("time", &self.time),
            Role::new("event", &self.event),
            Role::new("until", &self.until),
        ];
        // Columns that wf.follow_up makes only if it was asked to.
        if self.entry != DEFAULT_ENTRY {
            roles.push(Role::new("entry", &self.entry));
        }
        roles.extend(self.cluster.as_ref().map(|cluster| Role::new("cluster", cluster)));
        let column = self.competing_column().filter(|column| *column != DEFAULT_COMPETING);
        roles.extend(column.map(|column| Role::new("competing", column)));
        roles
    }

    fn date(&self) -> Option<&str> {
        Some(&self.origin)
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<HorizonColumns> {
        self.read(chunk, account)
    }

    fn tally(&self, groups: usize) -> HorizonTally {
        HorizonTally::new(groups, &self.at)
    }

    fn curves(&self) -> Option<&dyn Curves<Horizons>> {
        Some(self)
    }

    fn finish(&self, tallied: &Tallied<'_, Horizons>, _options: &Options) -> Result<Vec<Row>> {
        let look = self.look(tallied.level)?;
        check_size(3 * self.at.len(), tallied.groups.len(), "ask for fewer days with `at`")?;
        let mut rows = Vec::with_capacity(3 * self.at.len() * tallied.groups.len());
        for (place, group) in tallied.groups.iter().enumerate() {
            let of_group = OfGroup::new(group.state, self.cluster.is_some())?;
            for horizon in &self.at {
                rows.extend(look.rows(place, &of_group, *horizon));
            }
        }
        Ok(rows)
    }

    /// Says which events were taken for which.
    fn notes(&self, states: &mut dyn Iterator<Item = &Horizons>) -> Vec<String> {
        let met: BTreeSet<(Value, bool)> =
            states.flat_map(|state| state.met.iter().cloned()).collect();
        let named = |of_interest: bool| -> Vec<&Value> {
            met.iter().filter(|(_, of)| *of == of_interest).map(|(event, _)| event).collect()
        };
        let (of_interest, competing) = (named(true), named(false));
        let mut notes = Vec::new();
        if met.len() > 1 {
            notes.push(format!("the event: {}", listed(&of_interest)));
            notes.push(format!("competing with it: {}", listed(&competing)));
        }
        let named =
            |event: &Value| self.interest.as_ref().is_some_and(|of| of.values().contains(event));
        if !named(&Value::Whole(0)) {
            notes.extend(zero_note(met.iter().map(|(event, _)| event)));
        }
        if let Some(interest) = &self.interest
            && of_interest.is_empty()
            && !met.is_empty()
        {
            let wanted: Vec<&Value> = interest.values().iter().collect();
            notes.push(format!(
                "{}: no row holds {}; check how the value is written",
                self.event,
                listed(&wanted)
            ));
        }
        let both: Vec<&Value> =
            of_interest.into_iter().filter(|event| competing.contains(event)).collect();
        if !both.is_empty() {
            notes.push(format!(
                "{}: of interest in some rows and competing in others",
                listed(&both)
            ));
        }
        notes
    }
}

/// Some values, in words.
fn listed(values: &[&Value]) -> String {
    const MOST: usize = 12;
    let shown: Vec<String> = values.iter().take(MOST).map(ToString::to_string).collect();
    match values.len() {
        0 => "none".to_owned(),
        many if many > MOST => format!("{} and {} more", shown.join(", "), many - MOST),
        _ => shown.join(", "),
    }
}
