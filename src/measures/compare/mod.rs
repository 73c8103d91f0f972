//! How does one group compare with another? Contrasts of shares and of rates, from the counts of a
//! result, and of times to an event, from their states.

mod curves;
mod methods;

use std::collections::{BTreeMap, HashMap};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use serde::{Deserialize, Serialize};

use crate::engine::measure::Measure;
use crate::engine::table::{self, Estimates, KeyColumn, Row, kind_of_column, metadata};
use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};
use crate::stats::level::Level;

use self::methods::{Compared, Plan};
use super::out_of_hours::OutOfHours;
use super::placed_with::PlacedWith;
use super::placement_moves::PlacementMoves;
use super::placement_stability::PlacementStability;
use super::re_referral::{ReReferral, WILSON_CLUSTERED};
use super::siblings_together::SiblingsTogether;
use super::survey_percentages::SurveyPercentages;

/// Which two groups are compared, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The key column that tells the two groups apart.
    pub column: String,
    /// The group of interest.
    pub group: serde_json::Value,
    /// The group that it is compared with.
    pub reference: serde_json::Value,
    /// A key column whose values are strata: like is compared with like, and the strata are pooled.
    #[serde(default)]
    pub within: Option<String>,
    /// The method of an interval, which also says which contrast, or of a test. Without it, every
    /// contrast and the test by their usual methods.
    #[serde(default)]
    pub method: Option<String>,
}

/// The counts of one row of the result.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    /// Those with the outcome, or events.
    with: u64,
    /// Of how many, or the exposure.
    base: f64,
    used: u64,
    dropped: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.with += other.with;
        self.base += other.base;
        self.used += other.used;
        self.dropped += other.dropped;
    }
}

/// The two groups within one combination of the other keys: stratum by stratum.
#[derive(Default)]
struct Pair {
    strata: BTreeMap<Value, [Counts; 2]>,
}

impl Pair {
    /// Adds counts to one side of a stratum.
    fn add(&mut self, stratum: Value, side: usize, counts: Counts) {
        let sides = self.strata.entry(stratum).or_default();
        if let Some(sum) = sides.get_mut(side) {
            sum.add(counts);
        }
    }

    /// The counts of both groups, stratum by stratum.
    fn reveals(&self, compared: &Compared) -> Vec<u64> {
        let counts = self.strata.values().flatten();
        counts
            .flat_map(|Counts { with, base, used, .. }| match compared {
                Compared::Shares => {
                    let base = *base as u64;
                    [*with, base.saturating_sub(*with), base]
                }
                Compared::Rates { .. } => [*with, *used, *with],
            })
            .collect()
    }

    fn total(&self) -> [Counts; 2] {
        let mut total = [Counts::default(); 2];
        for counts in self.strata.values() {
            for (sum, count) in total.iter_mut().zip(counts) {
                sum.add(*count);
            }
        }
        total
    }
}

impl Estimates {
    /// Compares two groups of a table of shares or of rates, from the same counts.
    ///
    /// One row per combination of the other keys and per contrast. Shares: the difference (Newcombe's
    /// interval), the ratio (Katz), the odds ratio (Woolf), each with Fisher's exact two-sided test as
    /// `p_value`. Rates: the difference (Wald) and the ratio (exact), each with its test. `method`
    /// names another interval, and with it the contrast, or for shares another test: `newcombe`,
    /// `miettinen-nurminen`, `agresti-caffo`, `wald`, `katz`, `woolf`, `conditional`; `fisher`,
    /// `fisher-mid-p`, `boschloo`, `barnard`, `chi-squared`; for rates `wald`, `mover`, `exact`,
    /// `mid-p`, `log`. `numerator` and `denominator` are those of the group of interest.
    ///
    /// With `within`, the strata of shares are pooled by Mantel and Haenszel, and the test is Cochran,
    /// Mantel and Haenszel's without continuity correction; where no stratum holds both groups there is
    /// no number, and the reason says so.
    ///
    /// # Errors
    /// `Spec` where the table holds neither shares nor rates, where rows of one family or child are alike
    /// (moves of children, intervals that allow for clusters) or the method is unknown, `Column` where a
    /// column is no key of the table, `Data` where a group is not in the table.
    ///
    /// # References
    /// Newcombe (1998), Statistics in Medicine 17, 873–890, method 10; Katz et al. (1978), Biometrics
    /// 34; Woolf (1955), Annals of Human Genetics 19; Fisher (1935); Mantel and Haenszel (1959), JNCI
    /// 22; Greenland and Robins (1985), Robins, Breslow and Greenland (1986), Sato (1989), Biometrics.
    pub fn compare(&self, comparison: &Comparison) -> Result<Estimates> {
        let place = || format!("comparing by '{}'", comparison.column);
        self.contrasts(comparison).map_err(|error| error.within(&place()))
    }

    fn contrasts(&self, comparison: &Comparison) -> Result<Estimates> {
        let keys = self.keys();
        let columns = keys.iter().map(|name| self.key(name)).collect::<Result<Vec<KeyColumn>>>()?;
        let of = |name: &str, role: &str| {
            columns
                .iter()
                .position(|key| key.name == name)
                .ok_or_else(|| Error::no_column(name, role, keys.iter().copied()))
        };
        let column = of(&comparison.column, "the groups compared")?;
        let within = comparison.within.as_deref().map(|name| of(name, "within")).transpose()?;
        if within == Some(column) {
            return Err(Error::spec("`within` must be another column than the one compared"));
        }
        self.refuse_same_people(comparison)?;
        self.refuse_moves()?;
        let compared = self.compared()?;
        self.refuse_estimates()?;
        let plan = Plan::new(&compared, comparison)?;
        let counts = self.counts()?;
        let told_apart =
            columns.get(column).ok_or_else(|| Error::internal("the compared column"))?;
        let group = member(told_apart, &comparison.group, "group")?;
        let reference = member(told_apart, &comparison.reference, "reference")?;
        if group == reference {
            return Err(Error::spec(format!("group and reference are both '{group}'")));
        }
        let others: Vec<&KeyColumn> = columns
            .iter()
            .enumerate()
            .filter(|(place, _)| *place != column && Some(*place) != within)
            .map(|(_, key)| key)
            .collect();
        let mut pairs: Vec<(Vec<Value>, Pair)> = Vec::new();
        let mut places: HashMap<Vec<Value>, usize> = HashMap::new();
        for (row, counts) in counts.iter().enumerate() {
            let value = |key: &KeyColumn| key.values.get(row).cloned().unwrap_or(Value::Null);
            let side = match value(told_apart) {
                value if value == group => 0,
                value if value == reference => 1,
                _ => continue,
            };
            let key: Vec<Value> = others.iter().map(|key| value(key)).collect();
            let stratum = within.and_then(|place| columns.get(place)).map_or(Value::Null, value);
            let place = *places.entry(key).or_insert_with_key(|key| {
                pairs.push((key.clone(), Pair::default()));
                pairs.len() - 1
            });
            if let Some((_, pair)) = pairs.get_mut(place) {
                pair.add(stratum, side, *counts);
            }
        }
        let period = others.iter().position(|key| key.name == "period");
        let period_of = |key: &[Value]| period.and_then(|place| key.get(place).cloned());
        pairs.sort_by(|(left, _), (right, _)| {
            period_of(left).cmp(&period_of(right)).then_with(|| left.cmp(right))
        });
        self.build(comparison, &others, pairs, &compared, &plan)
    }

    /// Estimates the contrasts of each pair and puts the result together.
    fn build(
        &self,
        comparison: &Comparison,
        others: &[&KeyColumn],
        pairs: Vec<(Vec<Value>, Pair)>,
        compared: &Compared,
        plan: &Plan,
    ) -> Result<Estimates> {
        let level = self.level()?;
        let mut rows = Vec::new();
        let mut p_values = Vec::new();
        let mut keys: Vec<Vec<Value>> = vec![Vec::new(); others.len()];
        let mut notes: Vec<String> = Vec::new();
        for (place, (key, pair)) in pairs.iter().enumerate() {
            let [group, reference] = pair.total();
            for (contrast, interval, p_value) in plan.estimates(pair, level) {
                rows.push(Row {
                    group: place,
                    period: None,
                    own: vec![contrast.name().into()],
                    interval,
                    unit: contrast.unit(compared),
                    numerator: Some(group.with as i64),
                    denominator: Some(group.base),
                    method: contrast.method().to_owned(),
                    used: group.used + reference.used,
                    dropped: group.dropped + reference.dropped,
                    reveals: pair.reveals(compared),
                });
                p_values.push(p_value);
                for (column, value) in keys.iter_mut().zip(key) {
                    column.push(value.clone());
                }
            }
            if let Some(within) = &comparison.within {
                notes.extend(one_sided(within, pair));
            }
        }
        let mut columns: Vec<KeyColumn> = others
            .iter()
            .zip(keys)
            .map(|(key, values)| KeyColumn { name: key.name.clone(), kind: key.kind, values })
            .collect();
        columns.push(KeyColumn {
            name: "contrast".to_owned(),
            kind: ValueKind::Text,
            values: rows.iter().filter_map(|row| row.own.first().cloned()).collect(),
        });
        let measure = self.measure();
        let notes = self.comparison_metadata(comparison, notes)?;
        table::build(columns, &measure, level.get(), &rows, vec![("p_value", p_values)], notes)
    }

    /// Answers to one item, and items of one survey, come from the same respondents, and the figures of
    /// one group from the same rows: groups that are told apart by them are not independent, as every
    /// method here takes them to be.
    fn refuse_same_people(&self, comparison: &Comparison) -> Result<()> {
        let measure = self.measure();
        let shared = [
            (SurveyPercentages::INFO, "respondents"),
            (ReReferral::INFO, "referrals"),
            (OutOfHours::INFO, "contacts"),
            (PlacedWith::INFO, "children"),
            (PlacementStability::INFO, "children"),
            (SiblingsTogether::INFO, "brothers and sisters"),
        ];
        let named = || std::iter::once(&comparison.column).chain(&comparison.within);
        for (info, people) in shared {
            if measure != info.measure {
                continue;
            }
            if let Some(name) = named().find(|name| info.own_keys.contains(&name.as_str())) {
                return Err(Error::spec(format!(
                    "the groups of '{name}' hold the same {people}, and these methods compare different ones; compare by a column that tells {people} apart"
                )));
            }
        }
        Ok(())
    }

    /// A child who moves once is likelier to move again, so the moves of one group vary by more than
    /// chance alone lets independent events vary, which is all that tests of rates allow for.
    fn refuse_moves(&self) -> Result<()> {
        if self.measure() == PlacementMoves::INFO.measure {
            return Err(Error::spec(
                "rates of moves are not compared: the tests take each move to be independent, a few children make many of the moves, and so a difference by chance would too often look real; compare shares of children instead, as PlacementStability gives them",
            ));
        }
        Ok(())
    }

    /// Refuses shares that are no count of rows, each standing for itself.
    fn refuse_estimates(&self) -> Result<()> {
        let methods = self.result_column("method")?;
        let clustered = Value::from(WILSON_CLUSTERED);
        if (0..methods.len()).any(|row| Value::from_row(methods, row).as_ref() == Ok(&clustered)) {
            let mend = match self.measure() == SiblingsTogether::INFO.measure {
                true => {
                    "to compare groups of brothers and sisters, each counted once, ask for `unit` \"groups\""
                }
                false => "to compare all the same, run without `cluster`",
            };
            return Err(Error::spec(format!(
                "these methods take rows to stand for themselves, and those of a family are alike; {mend}"
            )));
        }
        let (value, numerator) = (self.result_column("value")?, self.result_column("numerator")?);
        if (0..value.len()).any(|row| value.is_valid(row) && numerator.is_null(row)) {
            return Err(Error::spec(
                "these shares are estimates, not counts of people, so these methods cannot compare them",
            ));
        }
        Ok(())
    }

    fn comparison_metadata(
        &self,
        comparison: &Comparison,
        notes: Vec<String>,
    ) -> Result<HashMap<String, String>> {
        let internal = |cause: serde_json::Error| Error::internal(cause.to_string());
        let mut entries = self.batch().schema_ref().metadata().clone();
        let mut all: Vec<String> = entries
            .get(metadata::NOTES)
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default();
        all.extend(notes);
        let all = serde_json::to_string(&all).map_err(internal)?;
        entries.insert(metadata::NOTES.to_owned(), all);
        let request = serde_json::to_string(comparison).map_err(internal)?;
        entries.insert(metadata::COMPARISON.to_owned(), request);
        Ok(entries)
    }

    fn measure(&self) -> String {
        self.batch().column_by_name("measure").map_or_else(String::new, first_text)
    }

    fn level(&self) -> Result<Level> {
        let levels = self.batch().column_by_name("level");
        let level = levels
            .and_then(|column| column.as_primitive_opt::<Float64Type>())
            .and_then(|levels| levels.iter().next().flatten());
        Level::new(level.unwrap_or(0.95)).ok_or_else(|| Error::state("the level of the table"))
    }

    /// A key column, as values.
    fn key(&self, name: &str) -> Result<KeyColumn> {
        let array = self
            .batch()
            .column_by_name(name)
            .ok_or_else(|| Error::internal(format!("key column '{name}'")))?;
        let kind = kind_of_column(array.data_type())?;
        let values =
            (0..array.len()).map(|row| Value::from_row(array, row)).collect::<Result<_>>()?;
        Ok(KeyColumn { name: name.to_owned(), kind, values })
    }

    /// What the table holds: shares or rates of one unit; nothing else can be compared.
    fn compared(&self) -> Result<Compared> {
        let units = self.result_column("unit")?;
        let unit = first_text(units);
        let one = Value::from(unit.as_str());
        let alike = (0..units.len()).all(|row| Value::from_row(units, row).as_ref() == Ok(&one));
        let measure = self.measure();
        let contrasts = self.keys().contains(&"contrast");
        match Compared::of(&measure, &unit) {
            Some(compared) if (alike || units.is_empty()) && !contrasts => Ok(compared),
            _ => Err(Error::spec(
                "only shares and crude rates can be compared; the table holds counts, changes, standardised rates or contrasts",
            )),
        }
    }

    fn result_column(&self, name: &str) -> Result<&ArrayRef> {
        self.batch()
            .column_by_name(name)
            .ok_or_else(|| Error::state(format!("the table has no column '{name}'")))
    }

    /// The counts of each row.
    fn counts(&self) -> Result<Vec<Counts>> {
        let column = |name: &str| self.result_column(name);
        let whole = |name: &str| -> Result<Vec<u64>> {
            let array = column(name)?
                .as_primitive_opt::<Int64Type>()
                .ok_or_else(|| Error::state(format!("column '{name}' of the result")))?;
            Ok(array.iter().map(|count| count.unwrap_or(0).max(0) as u64).collect())
        };
        let base = column("denominator")?
            .as_primitive_opt::<Float64Type>()
            .ok_or_else(|| Error::state("column 'denominator' of the result"))?;
        let (with, used, dropped) =
            (whole("numerator")?, whole("rows_used")?, whole("rows_dropped")?);
        Ok(with
            .into_iter()
            .zip(base.iter())
            .zip(used.into_iter().zip(dropped))
            .map(|((with, base), (used, dropped))| Counts {
                with,
                base: base.unwrap_or(0.0),
                used,
                dropped,
            })
            .collect())
    }
}

/// A value of the compared column, which must occur there.
fn member(column: &KeyColumn, json: &serde_json::Value, role: &str) -> Result<Value> {
    let value = column.kind.read(json, role)?;
    if column.values.contains(&value) {
        return Ok(value);
    }
    let mut known: Vec<String> = column.values.iter().map(Value::to_string).collect();
    known.sort();
    known.dedup();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let hint = crate::error::nearest(&value.to_string(), &known)
        .map_or_else(String::new, |close| format!("; did you mean '{close}'?"));
    Err(Error::data(format!(
        "{role} '{value}' is not in column '{}', which holds {}{hint}",
        column.name,
        known.join(", ")
    )))
}

/// Names the strata that hold one of the groups only, and so add nothing.
fn one_sided(within: &str, pair: &Pair) -> Option<String> {
    let alone: Vec<String> = pair
        .strata
        .iter()
        .filter(|(_, [group, reference])| (group.base == 0.0) != (reference.base == 0.0))
        .map(|(stratum, _)| stratum.to_string())
        .collect();
    (!alone.is_empty()).then(|| {
        format!(
            "{within}: {} of {} strata hold one group only and add nothing: {}",
            alone.len(),
            pair.strata.len(),
            alone.join(", ")
        )
    })
}

fn first_text(array: &ArrayRef) -> String {
    match array.is_empty() {
        true => String::new(),
        false => Value::from_row(array, 0).map_or_else(|_| String::new(), |text| text.to_string()),
    }
}
