//! How does one group compare with another? Contrasts of two shares, from the counts of a result.

use std::collections::{BTreeMap, HashMap};

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef};
use serde::{Deserialize, Serialize};

use crate::engine::measure::Measure;
use crate::engine::table::{self, Estimates, KeyColumn, Row, kind_of_column, metadata};
use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};
use crate::stats::contrast::{difference, odds_ratio, ratio};
use crate::stats::exact::fisher;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::strata::{Estimand, Stratum, mantel_haenszel};

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
    /// The method; it also says which contrast. Without it, every contrast by its usual method.
    #[serde(default)]
    pub method: Option<String>,
}

/// A contrast of two shares: its name, its unit, and the method that stands for it.
struct Contrast {
    name: &'static str,
    unit: &'static str,
    method: &'static str,
    interval: fn(u64, u64, u64, u64, Level) -> Interval,
    pooled: Estimand,
}

const CONTRASTS: [Contrast; 3] = [
    Contrast {
        name: "difference",
        unit: "difference in share",
        method: "newcombe",
        interval: difference,
        pooled: Estimand::Difference,
    },
    Contrast {
        name: "ratio",
        unit: "ratio",
        method: "katz",
        interval: ratio,
        pooled: Estimand::Ratio,
    },
    Contrast {
        name: "odds_ratio",
        unit: "odds ratio",
        method: "woolf",
        interval: odds_ratio,
        pooled: Estimand::OddsRatio,
    },
];

const POOLED: &str = "mantel-haenszel";

/// The counts of one row of the result.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    with: u64,
    base: u64,
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
    fn reveals(&self) -> Vec<u64> {
        let counts = self.strata.values().flatten();
        counts.flat_map(|counts| [counts.with, counts.base - counts.with, counts.base]).collect()
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
    /// Compares two groups of a table of shares, from the same counts.
    ///
    /// One row per combination of the other keys and per contrast: the difference (Newcombe's
    /// interval), the ratio (Katz), the odds ratio (Woolf), each with Fisher's exact two-sided test
    /// as `p_value`. `numerator` and `denominator` are those of the group of interest. With `within`,
    /// the strata are pooled by Mantel and Haenszel, and the test is Cochran, Mantel and Haenszel's
    /// without continuity correction; where no stratum holds both groups there is no number, and the
    /// reason says so.
    ///
    /// # Errors
    /// `Spec` where the table holds no shares or the method is unknown, `Column` where a column is no
    /// key of the table, `Data` where a group is not in the table.
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
        let contrasts = contrasts(comparison)?;
        let counts = self.counts()?;
        let compared = columns.get(column).ok_or_else(|| Error::internal("the compared column"))?;
        let group = member(compared, &comparison.group, "group")?;
        let reference = member(compared, &comparison.reference, "reference")?;
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
            let side = match value(compared) {
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
        self.build(comparison, &others, pairs, &contrasts)
    }

    /// Estimates the contrasts of each pair and puts the result together.
    fn build(
        &self,
        comparison: &Comparison,
        others: &[&KeyColumn],
        pairs: Vec<(Vec<Value>, Pair)>,
        contrasts: &[&Contrast],
    ) -> Result<Estimates> {
        let level = self.level()?;
        let mut rows = Vec::new();
        let mut p_values = Vec::new();
        let mut keys: Vec<Vec<Value>> = vec![Vec::new(); others.len()];
        let mut notes: Vec<String> = Vec::new();
        for (place, (key, pair)) in pairs.iter().enumerate() {
            let [group, reference] = pair.total();
            let exact = fisher(group.with, group.base, reference.with, reference.base);
            for contrast in contrasts {
                let (interval, p_value, method) = if comparison.within.is_some() {
                    let strata: Vec<Stratum> = pair
                        .strata
                        .values()
                        .map(|[group, reference]| Stratum {
                            x1: group.with,
                            n1: group.base,
                            x2: reference.with,
                            n2: reference.base,
                        })
                        .collect();
                    let pooled = mantel_haenszel(&strata, contrast.pooled, level);
                    (pooled.interval, pooled.p_value, POOLED)
                } else {
                    let [x1, n1, x2, n2] = [group.with, group.base, reference.with, reference.base];
                    let interval = (contrast.interval)(x1, n1, x2, n2, level);
                    (interval, exact, contrast.method)
                };
                rows.push(Row {
                    group: place,
                    period: None,
                    own: vec![contrast.name.into()],
                    interval,
                    unit: contrast.unit.to_owned(),
                    numerator: Some(group.with as i64),
                    denominator: Some(group.base as f64),
                    method: method.to_owned(),
                    used: group.used + reference.used,
                    dropped: group.dropped + reference.dropped,
                    reveals: pair.reveals(),
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
        let measure = self.batch().column_by_name("measure").map_or_else(String::new, first_text);
        let notes = self.comparison_metadata(comparison, notes)?;
        table::build(columns, &measure, level.get(), &rows, Some(p_values), notes)
    }

    /// Answers to one item, and items of one survey, come from the same respondents: groups that are
    /// told apart by them are not independent, as every method here takes them to be.
    fn refuse_same_people(&self, comparison: &Comparison) -> Result<()> {
        let column = self.batch().column_by_name("measure");
        let survey = column.map(first_text).as_deref() == Some(SurveyPercentages::INFO.measure);
        let named = std::iter::once(&comparison.column).chain(&comparison.within);
        let own = SurveyPercentages::INFO.own_keys;
        match named.into_iter().find(|name| survey && own.contains(&name.as_str())) {
            None => Ok(()),
            Some(name) => Err(Error::spec(format!(
                "the groups of '{name}' hold the same respondents, and these methods compare different ones; compare by a column that tells respondents apart"
            ))),
        }
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

    /// The counts of each row, which must be shares.
    fn counts(&self) -> Result<Vec<Counts>> {
        let column = |name: &str| {
            self.batch()
                .column_by_name(name)
                .ok_or_else(|| Error::state(format!("the table has no column '{name}'")))
        };
        let units = column("unit")?;
        let share = Value::from("share");
        let shares = (0..units.len()).all(|row| Value::from_row(units, row).as_ref() == Ok(&share));
        if !shares {
            return Err(Error::spec(
                "only shares can be compared by this version; the table holds counts, changes or rates",
            ));
        }
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
                base: base.unwrap_or(0.0) as u64,
                used,
                dropped,
            })
            .collect())
    }
}

/// The contrasts that a method stands for.
fn contrasts(comparison: &Comparison) -> Result<Vec<&'static Contrast>> {
    let pooled = comparison.within.is_some();
    match comparison.method.as_deref() {
        None => Ok(CONTRASTS.iter().collect()),
        Some(POOLED) if pooled => Ok(CONTRASTS.iter().collect()),
        Some(method) if pooled => {
            Err(Error::unknown_word("method of a comparison within strata", method, &[POOLED]))
        }
        Some(method) => {
            let known: Vec<&Contrast> =
                CONTRASTS.iter().filter(|contrast| contrast.method == method).collect();
            if known.is_empty() {
                let methods = CONTRASTS.each_ref().map(|contrast| contrast.method);
                return Err(Error::unknown_word("method of a comparison", method, &methods));
            }
            Ok(known)
        }
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
        .filter(|(_, [group, reference])| (group.base == 0) != (reference.base == 0))
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
