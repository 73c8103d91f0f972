//! The measures, in the words of those who evaluate support for children and families.
//!
//! A measure is its specification: a plain value that serde reads and writes. This file is the only
//! list of them; all that is generic finds a measure here.

mod care;
mod census;
pub mod compare;
mod continuity_of_worker;
mod cumulative_incidence;
mod curve_tests;
mod date_index;
mod day_table;
mod day_tally;
mod diverted;
mod duration_tally;
mod durations;
mod escalation;
mod exposed;
mod far_ends;
mod fates;
mod fixed_horizon;
mod flow_rates;
mod flows;
mod horizons;
mod inequality_gradient;
mod looked_after;
mod looked_after_change;
mod moves;
mod moves_by_day;
mod multi_state;
mod office_days;
mod out_of_hours;
mod outcome;
mod paired_change;
mod pathways;
mod per;
mod placed_with;
mod placement_moves;
mod placement_stability;
mod population;
mod pre_birth_outcomes;
mod rate;
mod re_referral;
mod referral_share;
mod respondents;
mod returned;
mod share;
mod shares_on_dates;
mod siblings_together;
mod standardised_rate;
mod stayed;
mod stays;
mod stock;
mod stock_change;
mod stock_flow;
mod survey_percentages;
mod survival;
mod time_to;
mod transitions;
mod waits;
mod waits_compared;
mod worked_with;

use arrow_array::RecordBatch;
use serde_json::{Value as Json, json};

use crate::engine::in_words;
use crate::engine::measure::{Info, Measure};
use crate::engine::options::Options;
use crate::engine::partial::Partial;
use crate::engine::run;
use crate::engine::table::Estimates;
use crate::error::{Error, Result};

pub use crate::engine::curves::CurveTest;
pub use compare::Comparison;
pub use continuity_of_worker::ContinuityOfWorker;
pub use cumulative_incidence::CumulativeIncidence;
pub use diverted::Diverted;
pub use escalation::Escalation;
pub use fixed_horizon::FixedHorizon;
pub use flow_rates::FlowRates;
pub use flows::Flows;
pub use inequality_gradient::InequalityGradient;
pub use looked_after::LookedAfter;
pub use looked_after_change::LookedAfterChange;
pub use multi_state::MultiState;
pub use office_days::Holidays;
pub use out_of_hours::OutOfHours;
pub use paired_change::PairedChange;
pub use pathways::Pathways;
pub use placed_with::PlacedWith;
pub use placement_moves::PlacementMoves;
pub use placement_stability::PlacementStability;
pub use population::Population;
pub use pre_birth_outcomes::PreBirthOutcomes;
pub use rate::Rate;
pub use re_referral::ReReferral;
pub use referral_share::ReferralShare;
pub use share::{Equals, Share};
pub use siblings_together::SiblingsTogether;
pub use standardised_rate::{Standard, StandardBandWeight, StandardisedRate};
pub use stock_change::StockChange;
pub use stock_flow::StockFlow;
pub use survey_percentages::SurveyPercentages;
pub use survival::Survival;
pub use time_to::TimeTo;

/// The catalogue: every measure, once.
macro_rules! catalogue {
    ($($measure:ident),+ $(,)?) => {
        /// Every measure of the catalogue, without its type.
        fn entries() -> Vec<Box<dyn AnyMeasure>> {
            vec![$(Box::new($measure::default())),+]
        }

        /// Reads a specification: JSON with the name of the measure in `measure`.
        ///
        /// # Errors
        /// [`Kind::Spec`](crate::Kind::Spec) for a measure or a field that is not known; the message
        /// lists those that are.
        pub fn specified(json: &str) -> Result<Box<dyn AnyMeasure>> {
            let mut fields: Json = serde_json::from_str(json)
                .map_err(|cause| Error::spec(format!("the specification is not JSON: {cause}")))?;
            let name = fields
                .as_object_mut()
                .and_then(|fields| fields.remove("measure"))
                .and_then(|name| name.as_str().map(str::to_owned))
                .ok_or_else(|| Error::spec("the specification does not name its `measure`"))?;
            $(
                if [$measure::INFO.measure, $measure::INFO.class].contains(&name.as_str()) {
                    return read::<$measure>(fields);
                }
            )+
            let known = [$($measure::INFO.measure),+];
            Err(Error::unknown_word("measure", &name, &known))
        }
    };
}

catalogue![
    Share,
    Rate,
    ReferralShare,
    PreBirthOutcomes,
    Escalation,
    LookedAfter,
    LookedAfterChange,
    Flows,
    PlacementMoves,
    PlacementStability,
    PlacedWith,
    SiblingsTogether,
    StockFlow,
    StockChange,
    FlowRates,
    SurveyPercentages,
    StandardisedRate,
    InequalityGradient,
    PairedChange,
    Survival,
    CumulativeIncidence,
    MultiState,
    Pathways,
    Diverted,
    FixedHorizon,
    ReReferral,
    TimeTo,
    OutOfHours,
    ContinuityOfWorker,
];

/// The states that estimates came from, made a table only when it is asked for.
pub type Kept = Box<dyn Fn() -> Result<RecordBatch> + Send + Sync>;

/// A measure whose type is not known: what the bindings and the tests of laws run.
pub trait AnyMeasure: Send + Sync {
    /// What is said of it in the catalogue.
    fn info(&self) -> Info;

    /// Its specification as JSON.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) if it cannot be written.
    fn specification(&self) -> Result<Json>;

    /// Tallies a stream of batches and estimates.
    ///
    /// # Errors
    /// As [`Measure::run`].
    fn run_stream(
        &self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch>>,
        options: &Options,
    ) -> Result<Estimates>;

    /// The same, with the states where they hold curves, by which groups can be compared and tested.
    ///
    /// # Errors
    /// As [`Measure::run`].
    fn run_and_keep(
        &self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch>>,
        options: &Options,
    ) -> Result<(Estimates, Option<Kept>)>;

    /// Tallies a stream of batches into a state that travels as Arrow.
    ///
    /// # Errors
    /// As [`Measure::partial`].
    fn partial_stream(
        &self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch>>,
        options: &Options,
    ) -> Result<RecordBatch>;

    /// Merges states that travelled as Arrow.
    ///
    /// # Errors
    /// As [`Partial::merge`] and [`Partial::from_record_batch`].
    fn merge_batches(&self, parts: &[RecordBatch]) -> Result<RecordBatch>;

    /// Estimates from a state that travelled as Arrow.
    ///
    /// # Errors
    /// As [`Partial::finish`] and [`Partial::from_record_batch`].
    fn finish_batch(&self, part: &RecordBatch, level: f64) -> Result<Estimates>;

    /// Compares two groups of a state that travelled as Arrow.
    ///
    /// # Errors
    /// As [`Partial::compare`] and [`Partial::from_record_batch`].
    fn compare_batch(
        &self,
        part: &RecordBatch,
        comparison: &Comparison,
        level: f64,
    ) -> Result<Estimates>;

    /// Tests the curves of the groups of a state that travelled as Arrow.
    ///
    /// # Errors
    /// As [`Partial::test`] and [`Partial::from_record_batch`].
    fn test_batch(&self, part: &RecordBatch, test: &CurveTest, level: f64) -> Result<Estimates>;

    /// Whether its states hold curves, by which groups can be compared and tested.
    fn has_curves(&self) -> bool;

    /// For each row of the estimates, the counts that a reader of the row could recover.
    ///
    /// # Errors
    /// As [`Partial::finish`] and [`Partial::from_record_batch`].
    fn reveals(&self, part: &RecordBatch) -> Result<Vec<Vec<u64>>>;
}

impl<M: Measure> AnyMeasure for M {
    fn info(&self) -> Info {
        M::INFO
    }

    fn specification(&self) -> Result<Json> {
        serde_json::to_value(self).map_err(|cause| Error::internal(cause.to_string()))
    }

    fn run_stream(
        &self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch>>,
        options: &Options,
    ) -> Result<Estimates> {
        run::tally(self, options, batches)?.finish()
    }

    fn run_and_keep(
        &self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch>>,
        options: &Options,
    ) -> Result<(Estimates, Option<Kept>)> {
        let partial = run::tally(self, options, batches)?;
        let kept = self.has_curves().then(|| partial.clone());
        let kept = kept.map(|kept| Box::new(move || kept.to_record_batch()) as Kept);
        Ok((partial.finish()?, kept))
    }

    fn partial_stream(
        &self,
        batches: &mut dyn Iterator<Item = Result<RecordBatch>>,
        options: &Options,
    ) -> Result<RecordBatch> {
        run::tally(self, options, batches)?.to_record_batch()
    }

    fn merge_batches(&self, parts: &[RecordBatch]) -> Result<RecordBatch> {
        let mut parts = parts.iter().map(Partial::<M>::from_record_batch);
        let mut merged =
            parts.next().ok_or_else(|| Error::state("there are no partial states to merge"))??;
        for part in parts {
            merged.merge(part?)?;
        }
        merged.to_record_batch()
    }

    fn finish_batch(&self, part: &RecordBatch, level: f64) -> Result<Estimates> {
        Partial::<M>::from_record_batch(part)?.level(level).finish()
    }

    fn compare_batch(
        &self,
        part: &RecordBatch,
        comparison: &Comparison,
        level: f64,
    ) -> Result<Estimates> {
        Partial::<M>::from_record_batch(part)?.level(level).compare(comparison)
    }

    fn test_batch(&self, part: &RecordBatch, test: &CurveTest, level: f64) -> Result<Estimates> {
        Partial::<M>::from_record_batch(part)?.level(level).test(test)
    }

    fn has_curves(&self) -> bool {
        self.curves().is_some()
    }

    fn reveals(&self, part: &RecordBatch) -> Result<Vec<Vec<u64>>> {
        Partial::<M>::from_record_batch(part)?.finish_and_reveal().map(|(_, reveals)| reveals)
    }
}

fn read<M: Measure>(fields: Json) -> Result<Box<dyn AnyMeasure>> {
    if let Some(object) = fields.as_object() {
        let known = fields_of(&M::default())?;
        let known: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        if let Some(strange) = object.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(Error::unknown_word("field", strange, &known).within(M::INFO.class));
        }
    }
    let measure: M = serde_json::from_value(fields.clone()).map_err(|cause| {
        let field = faulty_field::<M>(&fields).map_or_else(String::new, |name| format!(": {name}"));
        in_words::unread(&format!("{}{field}", M::INFO.class), &cause)
    })?;
    Ok(Box::new(measure))
}

/// The field that alone, among good ones, cannot be read.
fn faulty_field<M: Measure>(fields: &Json) -> Option<String> {
    let good = serde_json::to_value(M::default()).ok()?;
    fields.as_object()?.iter().find_map(|(name, value)| {
        let mut tried = good.clone();
        tried.as_object_mut()?.insert(name.clone(), value.clone());
        serde_json::from_value::<M>(tried).is_err().then(|| name.clone())
    })
}

/// The fields of a measure with their defaults, in order of name.
fn fields_of(measure: &dyn AnyMeasure) -> Result<Vec<(String, Json)>> {
    match measure.specification()? {
        Json::Object(fields) => Ok(fields.into_iter().collect()),
        _ => Err(Error::internal("a measure is not written as fields")),
    }
}

/// The catalogue as JSON: for each measure its name, question, unit, own keys, whether it has curves,
/// fields with their defaults and words, and references.
///
/// # Errors
/// [`Kind::Internal`](crate::Kind::Internal) if it cannot be written.
pub fn catalogue() -> Result<Json> {
    entries()
        .iter()
        .map(|measure| {
            let info = measure.info();
            let fields: Vec<Json> = fields_of(measure.as_ref())?
                .into_iter()
                .map(|(name, default)| {
                    let required = info.required.contains(&name.as_str());
                    let words = info.words.iter().find(|(field, _)| *field == name);
                    json!({
                        "name": name,
                        "default": if required { Json::Null } else { default },
                        "required": required,
                        "words": words.map_or(&[][..], |(_, words)| words),
                    })
                })
                .collect();
            Ok(json!({
                "measure": info.measure,
                "class": info.class,
                "question": info.question,
                "unit": info.unit,
                "own_keys": info.own_keys,
                "curves": measure.has_curves(),
                "fields": fields,
                "references": info.references,
            }))
        })
        .collect::<Result<Vec<Json>>>()
        .map(Json::Array)
}
