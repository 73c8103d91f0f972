//! What would the rate be, if every group had the ages of one standard population?

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::reason::Reason;
use crate::stats::{
    DirectBand, DirectConvention, DirectMethod, EuropeanPart, Interval,
    european_standard_population, standardise_direct,
};

use super::exposed::{
    self, Exposed, ExposedColumns, ExposedNames, ExposedTally, events, population,
};
use super::per;
use super::rate::check_date;

/// What would the rate be, if every group had the ages of one standard population?
///
/// # Population and unit
/// Events over exposure in each age band, weighted by the standard population, per `per`. The
/// standard is the European one of 2013 or a part of it, or any list of bands with weights.
///
/// # Interval
/// Dobson's method, with Byar's or the exact interval of the number of events (`byar`, `exact`), or
/// Fay and Feuer's (`fay-feuer`). Convention `phe` gives no rate below 10 events, `scotpho` does.
///
/// # Nulls and edges
/// A row without an age band, events or exposure is dropped and counted. A band of the standard that a
/// group has no exposure in leaves the group without a rate, and the reason says so. A band that the
/// standard does not have is an error, since its children would count nowhere.
///
/// # Merging
/// Counts, and exact sums of the exposure, for each band.
///
/// # Reveals
/// The events of each band and together, and the rows used and dropped.
///
/// # Errors
/// `Spec` for unknown words and impossible weights, `Data` for an age band that the standard lacks,
/// `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, StringArray, RecordBatch};
/// use wholefamily::measures::{Standard, StandardisedRate, StandardBandWeight};
/// use wholefamily::{Measure, Options};
///
/// let rows = RecordBatch::try_from_iter([
///     ("age_band", Arc::new(StringArray::from(vec!["young", "old"])) as ArrayRef),
///     ("events", Arc::new(Int64Array::from(vec![20, 30]))),
///     ("population", Arc::new(Int64Array::from(vec![1000, 1000]))),
/// ])?;
/// let band = |name: &str, weight| StandardBandWeight { band: name.into(), weight };
/// let standard = Standard::Bands(vec![band("young", 3.0), band("old", 1.0)]);
/// let rate = StandardisedRate { standard, ..StandardisedRate::default() };
/// let estimates = rate.run(&[rows], &Options::default())?;
/// assert_eq!(estimates.values(), [Some(22.5)]); // (3 × 20 + 1 × 30) / 4 per 1,000
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Dobson et al. (1991), Statistics in Medicine 10, 457–462; Eurostat (2013), Revision of the European
/// Standard Population; PHEindicatormethods 2.1.0, `calculate_dsr`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardisedRate {
    /// The column that holds the number of events.
    #[serde(default = "events")]
    pub events: String,
    /// The column that holds the exposure, such as the population.
    #[serde(default = "population")]
    pub exposure: String,
    /// The column that holds the age band.
    #[serde(default = "age_band")]
    pub age_band: String,
    /// The standard population: the name of a part of the European one, or bands with weights.
    #[serde(default)]
    pub standard: Standard,
    /// How much exposure the rate is given for.
    #[serde(default = "per::thousand")]
    pub per: f64,
    /// The column whose periods `every` groups by.
    #[serde(default)]
    pub date: Option<String>,
    /// Whose rules: `phe` or `scotpho`.
    #[serde(default = "phe")]
    pub convention: String,
    /// The method of the interval.
    #[serde(default = "byar")]
    pub method: String,
}

/// A standard population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected the name of a part of the European Standard Population such as 'under-18', or bands with a weight each"
)]
pub enum Standard {
    /// A part of the European Standard Population of 2013, by name: "all", "under-18", "0-25", …
    European(String),
    /// Bands with weights.
    Bands(Vec<StandardBandWeight>),
}

/// One band of a standard population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StandardBandWeight {
    /// The band as the column writes it.
    pub band: Value,
    /// Its weight; only the proportions matter.
    pub weight: f64,
}

impl Default for Standard {
    fn default() -> Self {
        Self::European(EuropeanPart::All.word().to_owned())
    }
}

fn age_band() -> String {
    "age_band".to_owned()
}

fn phe() -> String {
    DirectConvention::Phe.word().to_owned()
}

fn byar() -> String {
    DirectMethod::Byar.word().to_owned()
}

impl Default for StandardisedRate {
    fn default() -> Self {
        Self {
            events: events(),
            exposure: population(),
            age_band: age_band(),
            standard: Standard::default(),
            per: per::thousand(),
            date: None,
            convention: phe(),
            method: byar(),
        }
    }
}

/// The bands of a standard, each with its weight.
enum Weights {
    /// By first and last age; none where the band is open.
    Ages(Vec<((u8, Option<u8>), f64)>),
    Named(Vec<(Value, f64)>),
}

impl Weights {
    fn weights(&self) -> Vec<f64> {
        match self {
            Self::Ages(bands) => bands.iter().map(|(_, weight)| *weight).collect(),
            Self::Named(bands) => bands.iter().map(|(_, weight)| *weight).collect(),
        }
    }

    /// The place of a band of the data.
    fn place(&self, band: &Value) -> Option<usize> {
        match self {
            Self::Ages(bands) => {
                let ages = ages_of(&band.to_string())?;
                bands.iter().position(|(other, _)| *other == ages)
            }
            Self::Named(bands) => bands.iter().position(|(other, _)| other == band),
        }
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::Ages(bands) => bands
                .iter()
                .map(|((from, to), _)| match to {
                    Some(to) if to == from => from.to_string(),
                    Some(to) => format!("{from}-{to}"),
                    None => format!("{from}+"),
                })
                .collect(),
            Self::Named(bands) => bands.iter().map(|(band, _)| band.to_string()).collect(),
        }
    }
}

/// The ages that a band's name means: "0-4", "05 to 09", "85–89 years", "90+", "90 and over", "25".
fn ages_of(name: &str) -> Option<(u8, Option<u8>)> {
    let ages: Vec<u8> = name
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().ok())
        .collect::<Option<_>>()?;
    let open = name.contains('+') || name.contains("over") || name.contains("older");
    match ages.as_slice() {
        [from] if open => Some((*from, None)),
        [age] => Some((*age, Some(*age))),
        [from, to] if !open => Some((*from, Some(*to))),
        _ => None,
    }
}

impl StandardisedRate {
    fn names(&self) -> ExposedNames<'_> {
        ExposedNames { events: &self.events, exposure: &self.exposure }
    }

    fn convention(&self) -> Result<DirectConvention> {
        DirectConvention::parse(&self.convention).ok_or_else(|| {
            Error::unknown_word("convention", &self.convention, &DirectConvention::WORDS)
        })
    }

    fn method(&self) -> Result<DirectMethod> {
        DirectMethod::parse(&self.method)
            .ok_or_else(|| Error::unknown_word("method", &self.method, &DirectMethod::WORDS))
    }

    fn weights(&self) -> Result<Weights> {
        match &self.standard {
            Standard::European(part) => {
                let part = EuropeanPart::parse(part)
                    .ok_or_else(|| Error::unknown_word("standard", part, &EuropeanPart::WORDS))?;
                let bands = european_standard_population(part);
                let ages = bands.iter().map(|band| ((band.from, band.to), band.weight));
                Ok(Weights::Ages(ages.collect()))
            }
            Standard::Bands(bands) if bands.is_empty() => {
                Err(Error::spec("standard has no bands; give each age band a weight"))
            }
            Standard::Bands(bands) => {
                let mut named: Vec<(Value, f64)> = Vec::new();
                for StandardBandWeight { band, weight } in bands {
                    if !(weight.is_finite() && *weight > 0.0) {
                        return Err(Error::spec(format!(
                            "standard: the weight of '{band}' is {weight}; it must be above 0"
                        )));
                    }
                    if named.iter().any(|(other, _)| other == band) {
                        return Err(Error::spec(format!("standard: '{band}' is given twice")));
                    }
                    named.push((band.clone(), *weight));
                }
                Ok(Weights::Named(named))
            }
        }
    }

    /// The events and exposure of each band of the standard, in its order.
    fn bands(&self, parts: &[Group<'_, Exposed>], weights: &Weights) -> Result<Vec<DirectBand>> {
        let empty = |weight| DirectBand { x: 0, n: 0.0, weight };
        let mut bands: Vec<DirectBand> = weights.weights().into_iter().map(empty).collect();
        for part in parts {
            let name = part.own.first().unwrap_or(&Value::Null);
            if *name == Value::Null {
                continue;
            }
            let place = weights.place(name).and_then(|place| bands.get_mut(place));
            let Some(band) = place else {
                return Err(Error::data(format!(
                    "column '{}' holds '{name}', which the standard population does not have; its bands are {}",
                    self.age_band,
                    weights.names().join(", ")
                )));
            };
            band.x += part.state.events;
            band.n += part.state.exposure.value();
        }
        Ok(bands)
    }
}

impl Measure for StandardisedRate {
    type State = Exposed;
    type Columns = ExposedColumns;
    type Tally = ExposedTally;
    const INFO: Info = Info {
        measure: "standardised_rate",
        class: "StandardisedRate",
        question: "What would the rate be, if every group had the ages of one standard population?",
        unit: "per 1,000",
        own_keys: &[],
        required: &[],
        words: &[("convention", &DirectConvention::WORDS), ("method", &DirectMethod::WORDS)],
        references: &[
            "Dobson, Kuulasmaa, Eberle and Scherer (1991), Confidence intervals for weighted sums of Poisson parameters, Statistics in Medicine 10, 457–462",
            "Eurostat (2013), Revision of the European Standard Population",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        self.convention()?;
        self.method()?;
        self.weights()?;
        per::check(self.per)?;
        check_date(self.date.as_deref(), options)?;
        if options.by.contains(&self.age_band) {
            return Err(Error::spec(format!(
                "'{}' is the age band that is standardised over, so the run cannot be by it",
                self.age_band
            )));
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles = self.names().roles();
        roles.push(Role::new("age_band", &self.age_band));
        roles
    }

    fn own_groups(&self) -> Vec<String> {
        vec![self.age_band.clone()]
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

    fn finish(&self, tallied: &Tallied<'_, Exposed>, options: &Options) -> Result<Vec<Row>> {
        let (convention, method) = (self.convention()?, self.method()?);
        let weights = self.weights()?;
        let mut rows = Vec::new();
        for (place, parts) in tallied.by_shown(options) {
            let bands = self.bands(parts, &weights)?;
            let together = exposed::together(parts, |own| own.first() != Some(&Value::Null));
            let interval = match together.used {
                0 => Interval::undefined(Reason::NoRows),
                _ => standardise_direct(&bands, self.per, convention, method, tallied.level),
            };
            let mut reveals: Vec<u64> = bands.iter().map(|band| band.x).collect();
            reveals.extend([together.events, together.used, together.dropped]);
            rows.push(Row {
                group: place,
                period: None,
                own: Vec::new(),
                interval,
                unit: per::unit(self.per),
                numerator: Some(together.events as i64),
                denominator: Some(together.exposure.value()),
                method: format!("dobson-{}", method.word()).replace("dobson-fay", "fay"),
                used: together.used,
                dropped: together.dropped,
                reveals,
            });
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_however_the_band_is_written() {
        for (name, ages) in [
            ("0-4", Some((0, Some(4)))),
            ("05 to 09", Some((5, Some(9)))),
            ("85–89 years", Some((85, Some(89)))),
            ("90+", Some((90, None))),
            ("90 and over", Some((90, None))),
            ("25", Some((25, Some(25)))),
            ("unknown", None),
            ("1-2-3", None),
            ("300", None),
        ] {
            assert_eq!(ages_of(name), ages, "{name}");
        }
    }
}
