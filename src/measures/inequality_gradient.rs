//! How unequal is the rate between the most and the least deprived?

use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Role};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::error::{Error, Result};
use crate::stats::Interval;
use crate::stats::inequality::{
    Counted, Phe, Scale, SlopeConvention, Spread, absolute_range, population_attributable,
    relative_index, relative_range, slope_index,
};
use crate::stats::level::Level;
use crate::stats::rate::{RateMethod, rate};
use crate::stats::reason::Reason;

use super::exposed::{
    self, Exposed, ExposedColumns, ExposedNames, ExposedTally, events, population,
};
use super::per;
use super::rate::check_date;

/// How unequal is the rate between the most and the least deprived?
///
/// # Population and unit
/// Events over exposure in each quantile of deprivation, per `per`. The figures, by `index`: the slope
/// index ("slope", in the unit of the rate), the relative index ("relative"), the population
/// attributable risk ("attributable", a share), and the difference and the ratio of the rates of the
/// most and the least deprived ("absolute_range", "relative_range").
///
/// # Interval
/// By convention: `phe` (line through the ranked quantiles, each rate with its standard error on the
/// logarithmic scale; positive where the least deprived have the higher rate) or `scotpho` (Student's
/// interval of the line; positive where the most deprived have it). Both are closed forms.
///
/// # Nulls and edges
/// Rows without a quantile, events or exposure are dropped and counted. Unless there are as many
/// quantiles as `quantiles` says, there is no figure: a rank would be wrong.
///
/// # Merging
/// Counts, and exact sums of the exposure, for each quantile.
///
/// # Reveals
/// The events of each quantile and together, and the rows used and dropped.
///
/// # Errors
/// `Spec` for unknown words, `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Int64Array, RecordBatch};
/// use wholefamily::{Measure, Options, measures::InequalityGradient};
///
/// let rows = RecordBatch::try_from_iter([
///     ("simd_quintile", Arc::new(Int64Array::from(vec![1, 2, 3, 4, 5])) as ArrayRef),
///     ("events", Arc::new(Int64Array::from(vec![41, 30, 26, 17, 11]))),
///     ("population", Arc::new(Int64Array::from(vec![1000; 5]))),
/// ])?;
/// let gradient = InequalityGradient { convention: "scotpho".into(), ..Default::default() };
/// let estimates = gradient.run(&[rows], &Options::default())?;
/// assert!((estimates.values()[0].unwrap() - 36.5).abs() < 1e-9); // per 1,000, over the whole range
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Mackenbach and Kunst (1997), Social Science and Medicine 44, 757–771; Low and Low (2004), Journal of
/// Public Health 26, 388–395; PHEindicatormethods 2.1.0, `phe_sii`; ScotPHO inequality measures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InequalityGradient {
    /// The column that holds the number of events.
    #[serde(default = "events")]
    pub events: String,
    /// The column that holds the exposure, such as the population.
    #[serde(default = "population")]
    pub exposure: String,
    /// The column that holds the quantile of deprivation, as a whole number.
    #[serde(default = "quintile")]
    pub quantile: String,
    /// How many quantiles there are.
    #[serde(default = "five")]
    pub quantiles: u32,
    /// Which end of the numbers is the most deprived: `lowest` (as in SIMD) or `highest`.
    #[serde(default = "lowest")]
    pub most_deprived: String,
    /// How much exposure the rate is given for.
    #[serde(default = "per::thousand")]
    pub per: f64,
    /// The column whose periods `every` groups by.
    #[serde(default)]
    pub date: Option<String>,
    /// Whose rules: `phe` or `scotpho`.
    #[serde(default = "phe")]
    pub convention: String,
}

const ENDS: &[&str] = &["lowest", "highest"];
const INDEXES: [&str; 5] =
    ["slope", "relative", "attributable", "absolute_range", "relative_range"];

fn quintile() -> String {
    "simd_quintile".to_owned()
}

fn five() -> u32 {
    5
}

fn lowest() -> String {
    "lowest".to_owned()
}

fn phe() -> String {
    "phe".to_owned()
}

impl Default for InequalityGradient {
    fn default() -> Self {
        Self {
            events: events(),
            exposure: population(),
            quantile: quintile(),
            quantiles: five(),
            most_deprived: lowest(),
            per: per::thousand(),
            date: None,
            convention: phe(),
        }
    }
}

/// The counts of each quantile, from the most deprived.
#[derive(Default)]
struct Gradient {
    events: Vec<u64>,
    exposure: Vec<f64>,
}

impl InequalityGradient {
    fn names(&self) -> ExposedNames<'_> {
        ExposedNames { events: &self.events, exposure: &self.exposure }
    }

    fn convention(&self) -> Result<SlopeConvention<'static>> {
        SlopeConvention::parse(&self.convention).ok_or_else(|| {
            Error::unknown_word("convention", &self.convention, &SlopeConvention::WORDS)
        })
    }

    /// Sorts the quantiles of one group, from the most deprived.
    fn gradient(&self, parts: &[Group<'_, Exposed>]) -> Result<Gradient> {
        let mut ranked = Vec::new();
        for part in parts {
            let name = part.own.first().unwrap_or(&Value::Null);
            if *name == Value::Null {
                continue;
            }
            let number = name.to_string().trim().parse::<u32>().ok();
            match number.filter(|number| (1..=self.quantiles).contains(number)) {
                Some(number) => ranked.push((number, part.state)),
                None => {
                    return Err(Error::data(format!(
                        "column '{}' holds '{name}'; expected whole numbers from 1 to {}; say with `quantiles` how many there are",
                        self.quantile, self.quantiles
                    )));
                }
            }
        }
        ranked.sort_by_key(|(number, _)| *number);
        if self.most_deprived == "highest" {
            ranked.reverse();
        }
        let mut gradient = Gradient::default();
        for (_, state) in ranked {
            gradient.events.push(state.events);
            gradient.exposure.push(state.exposure.value());
        }
        Ok(gradient)
    }

    /// The figures, in the order of [`INDEXES`].
    fn figures(&self, gradient: &Gradient, level: Level) -> Result<[Interval; 5]> {
        let Gradient { events, exposure } = gradient;
        if events.len() != self.quantiles as usize {
            let reason = if events.is_empty() { Reason::NoRows } else { Reason::QuantileCount };
            return Ok([Interval::undefined(reason); 5]);
        }
        let rates: Vec<Interval> = events
            .iter()
            .zip(exposure)
            .map(|(x, n)| rate(*x, *n, self.per, RateMethod::Phe, level))
            .collect();
        if let Some(reason) = rates.iter().find_map(|rate| rate.value.map_or(rate.reason, |_| None))
        {
            return Ok([Interval::undefined(reason); 5]);
        }
        let of = |pick: fn(&Interval) -> Option<f64>| -> Vec<f64> {
            rates.iter().map(|rate| pick(rate).unwrap_or(f64::NAN)).collect()
        };
        let (value, lower, upper) = (of(|r| r.value), of(|r| r.lower), of(|r| r.upper));
        let convention = match self.convention()? {
            SlopeConvention::Phe(phe) => SlopeConvention::Phe(Phe {
                spread: Spread::Limits { lower: &lower, upper: &upper, level },
                scale: Scale::Log,
                ..phe
            }),
            scotpho @ SlopeConvention::Scotpho(_) => scotpho,
        };
        Ok([
            slope_index(&value, exposure, convention, level),
            relative_index(&value, exposure, convention, level),
            population_attributable(events, exposure, Counted::Events, level),
            absolute_range(&value, &lower, &upper),
            relative_range(&value, &lower, &upper),
        ])
    }
}

impl Measure for InequalityGradient {
    type State = Exposed;
    type Columns = ExposedColumns;
    type Tally = ExposedTally;
    const INFO: Info = Info {
        measure: "inequality_gradient",
        class: "InequalityGradient",
        question: "How unequal is the rate between the most and the least deprived?",
        unit: "per 1,000",
        own_keys: &["index"],
        required: &[],
        words: &[("convention", &SlopeConvention::WORDS), ("most_deprived", ENDS)],
        references: &[
            "Mackenbach and Kunst (1997), Measuring the magnitude of socio-economic inequalities in health, Social Science and Medicine 44, 757–771",
            "Low and Low (2004), Measuring the gap, Journal of Public Health 26, 388–395",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        let convention = self.convention()?;
        if !convention.takes(self.quantiles as usize) {
            return Err(Error::spec(format!(
                "convention '{}' does not take {} quantiles; 'phe' takes 5 to 100, 'scotpho' 5 or 10",
                self.convention, self.quantiles
            )));
        }
        if !ENDS.contains(&self.most_deprived.as_str()) {
            return Err(Error::unknown_word("most_deprived", &self.most_deprived, ENDS));
        }
        per::check(self.per)?;
        check_date(self.date.as_deref(), options)?;
        if options.by.contains(&self.quantile) {
            return Err(Error::spec(format!(
                "'{}' holds the quantiles that are compared, so the run cannot be by it",
                self.quantile
            )));
        }
        Ok(())
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles = self.names().roles();
        roles.push(Role::new("quantile", &self.quantile));
        roles
    }

    fn own_groups(&self) -> Vec<String> {
        vec![self.quantile.clone()]
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
        let rate = per::unit(self.per);
        // ScotPHO's is the slope as a share of the overall rate, and can be below 0.
        let relative = if self.convention == "scotpho" { "relative index" } else { "ratio" };
        let units = [rate.as_str(), relative, "share", rate.as_str(), "ratio"];
        let mut rows = Vec::new();
        for (place, parts) in tallied.by_shown(options) {
            let gradient = self.gradient(parts)?;
            let together = exposed::together(parts, |own| own.first() != Some(&Value::Null));
            let figures = self.figures(&gradient, tallied.level)?;
            for ((index, unit), interval) in INDEXES.into_iter().zip(units).zip(figures) {
                let mut reveals = gradient.events.clone();
                reveals.extend([together.events, together.used, together.dropped]);
                let method = match index {
                    "slope" | "relative" => self.convention.clone(),
                    "attributable" => "log".to_owned(),
                    _ => "mover".to_owned(),
                };
                rows.push(Row {
                    group: place,
                    period: None,
                    own: vec![index.into()],
                    interval,
                    unit: unit.to_owned(),
                    numerator: Some(together.events as i64),
                    denominator: Some(together.exposure.value()),
                    method,
                    used: together.used,
                    dropped: together.dropped,
                    reveals,
                });
            }
        }
        Ok(rows)
    }
}
