//! Groups of people who were followed, compared by a day or over all days, from their states.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::engine::curves::{CurveTest, Curves, Figure, Figured};
use crate::engine::measure::{Info, Measure};
use crate::engine::partial::Partial;
use crate::engine::table::{self, Estimates, KeyColumn, Row, metadata};
use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::reason::Reason;
use crate::stats::survival::{
    Estimate, HorizonContrast, clustered_difference_by, clustered_ratio_by, difference_by, ratio_by,
};

use super::super::fates::clustered;
use super::methods::{Compared, Plan};
use super::{Comparison, Counts, Pair, member};

/// The intervals of contrasts of curves, by name; each is that of one contrast.
const PLAIN: &str = "plain";
const LOG: &str = "log";
const DIFFERENCE: &str = "difference";
const RATIO: &str = "ratio";

/// What a contrast or a test found, and of which combination of keys.
struct Found {
    others: Vec<Value>,
    row: Row,
    p_value: Option<f64>,
    df: Option<f64>,
}

/// The groups of each stratum.
type Strata<'a, S> = BTreeMap<Value, BTreeMap<Value, &'a S>>;

impl<M: Measure> Partial<M> {
    /// Compares two groups: by a day, where the measure follows people over time, and otherwise as
    /// [`Estimates::compare`].
    ///
    /// One row per combination of the other keys, per day (and event), and per contrast: the
    /// difference and the ratio of the two estimates, each with its interval and the two-sided
    /// p-value of the normal approximation (the ratio's even on the scale of logarithms). `method`
    /// chooses one: `plain` or `log`. Where the measure allows for clusters, so do they, and clusters with
    /// members in both groups are allowed for too. Shares of counts among them have the contrasts and methods of
    /// shares. Where one of the two does not vary, because nobody has had the event or everybody,
    /// there is the value only.
    ///
    /// # Errors
    /// `Spec` where the measure was not asked for figures by a day, `Column` where a column is no key
    /// of the result, `Data` where a group is not in the data.
    ///
    /// # Example
    /// ```
    /// use std::sync::Arc;
    /// use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
    /// use wholefamily::{Measure, Options, measures::{Comparison, Survival}};
    ///
    /// let rows = RecordBatch::try_from_iter([
    ///     ("team", Arc::new(StringArray::from(vec!["hub", "hub", "local", "local"])) as ArrayRef),
    ///     ("time", Arc::new(Int64Array::from(vec![30, 90, 30, 60]))),
    ///     ("event", Arc::new(BooleanArray::from(vec![true, false, true, true]))),
    /// ])?;
    /// let states = Survival { at: Some(vec![45]), ..Survival::default() }
    ///     .partial(&[rows], &Options::by(["team"]))?;
    /// let comparison = Comparison {
    ///     column: "team".into(),
    ///     group: "hub".into(),
    ///     reference: "local".into(),
    ///     within: None,
    ///     method: None,
    /// };
    /// assert_eq!(states.compare(&comparison)?.values(), [Some(0.0), Some(1.0)]); // 1/2 in each
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # References
    /// Klein, Logan, Harhoff and Andersen (2007), Statistics in Medicine 26, 4505–4519.
    pub fn compare(&self, comparison: &Comparison) -> Result<Estimates> {
        let Some(curves) = self.measure().curves() else {
            return self.clone().finish()?.compare(comparison);
        };
        let place = format!("comparing by '{}'", comparison.column);
        self.contrasts(curves, comparison).map_err(|error| error.within(&place))
    }

    /// Tests whether the groups of a column differ over all days, all of them at once.
    ///
    /// One row per combination of the other keys (and per event): `value` is the statistic, χ², and
    /// the last columns are `p_value` and `df`. Of survival the log-rank test or one of its weighted
    /// family: `log-rank`, `wilcoxon`, `tarone-ware`, `peto-peto`, `fleming-harrington` (with `rho`
    /// and `gamma`); of one event among several Gray's test, `gray` (with `rho`). With `within`, it is
    /// stratified. Groups of nobody take no part.
    ///
    /// # Errors
    /// `Spec` where the measure does not follow people over time or does not have the test, `Column`
    /// where a column is no key of the result.
    ///
    /// # Example
    /// ```
    /// use std::sync::Arc;
    /// use arrow_array::{ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
    /// use wholefamily::{Measure, Options, measures::{CurveTest, Survival}};
    ///
    /// let rows = RecordBatch::try_from_iter([
    ///     ("team", Arc::new(StringArray::from(vec!["hub", "local"])) as ArrayRef),
    ///     ("time", Arc::new(Int64Array::from(vec![30, 60]))),
    ///     ("event", Arc::new(BooleanArray::from(vec![true, true]))),
    /// ])?;
    /// let states = Survival::default().partial(&[rows], &Options::by(["team"]))?;
    /// let test =
    ///     CurveTest { column: "team".into(), method: None, within: None, rho: 0.0, gamma: 0.0 };
    /// // on day 30 half an event was due to the hub, and 1 fell to it: (1 − 1/2)² / (1/4)
    /// assert_eq!(states.test(&test)?.values(), [Some(1.0)]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # References
    /// Mantel (1966), Cancer Chemotherapy Reports 50; Fleming and Harrington (1981); Gray (1988),
    /// Annals of Statistics 16.
    pub fn test(&self, test: &CurveTest) -> Result<Estimates> {
        let place = format!("testing by '{}'", test.column);
        let curves = self.measure().curves().ok_or_else(|| {
            let class = M::INFO.class;
            Error::spec(format!("{class} follows nobody over time, so it has no curves to test"))
        });
        curves.and_then(|curves| self.tested(curves, test)).map_err(|error| error.within(&place))
    }

    fn contrasts(
        &self,
        curves: &dyn Curves<M::State>,
        comparison: &Comparison,
    ) -> Result<Estimates> {
        if comparison.within.is_some() {
            return Err(Error::spec(
                "curves are not pooled within strata by a day; leave `within` out, or test the whole curves within strata",
            ));
        }
        let keys = Keys::new(self, &comparison.column, None)?;
        let groups = self.by_key();
        let among: Vec<&M::State> = groups.iter().map(|(_, state)| *state).collect();
        let told_apart = keys.column(&groups);
        let group = member(&told_apart, &comparison.group, "group")?;
        let reference = member(&told_apart, &comparison.reference, "reference")?;
        if group == reference {
            return Err(Error::spec(format!("group and reference are both '{group}'")));
        }
        let how = How::new(comparison, self.options().checked_level()?)?;
        let nobody = M::State::default();
        let mut found = Vec::new();
        for (others, strata) in keys.cells(&groups) {
            let cell = strata.into_values().next().unwrap_or_default();
            let (one, other) = (cell.get(&group).copied(), cell.get(&reference).copied());
            if one.is_none() && other.is_none() {
                continue;
            }
            let pair = [one.unwrap_or(&nobody), other.unwrap_or(&nobody)];
            let [(used, dropped), more] = pair.map(|state| curves.people(state));
            let figures = curves.figures(&pair, &among)?;
            how.check(figures.iter().flatten())?;
            let [one, other] = figures.as_slice() else {
                return Err(Error::internal("a contrast is of two groups"));
            };
            for (one, other) in one.iter().zip(other) {
                for (mut row, p_value) in how.rows(one, other) {
                    (row.used, row.dropped) = (used + more.0, dropped + more.1);
                    found.push(Found { others: others.clone(), row, p_value, df: None });
                }
            }
        }
        let own: Vec<&str> = M::INFO.own_keys.iter().copied().chain(["contrast"]).collect();
        let request = (metadata::COMPARISON, json(comparison)?);
        keys.build(self, &own, found, request, false)
    }

    fn tested(&self, curves: &dyn Curves<M::State>, test: &CurveTest) -> Result<Estimates> {
        let keys = Keys::new(self, &test.column, test.within.as_deref())?;
        let groups = self.by_key();
        let among: Vec<&M::State> = groups.iter().map(|(_, state)| *state).collect();
        let members: BTreeSet<Value> = keys.column(&groups).values.into_iter().collect();
        let nobody = M::State::default();
        let mut found = Vec::new();
        for (others, strata) in keys.cells(&groups) {
            let strata: Vec<Vec<&M::State>> = strata
                .values()
                .map(|cell| {
                    members.iter().map(|member| *cell.get(member).unwrap_or(&&nobody)).collect()
                })
                .collect();
            let people = strata.iter().flatten().map(|state| curves.people(state));
            let (used, dropped) = people.fold((0, 0), |(n, m), of| (n + of.0, m + of.1));
            for tested in curves.test(&strata, &among, test)? {
                let row = Row {
                    group: 0,
                    period: None,
                    own: tested.own,
                    interval: Interval {
                        value: tested.found.statistic,
                        lower: None,
                        upper: None,
                        reason: tested.found.reason,
                    },
                    unit: "chi-squared".to_owned(),
                    numerator: Some(tested.events as i64),
                    denominator: Some(used as f64),
                    method: tested.method,
                    used,
                    dropped,
                    reveals: vec![tested.events, used - tested.events.min(used), used, dropped],
                };
                let (p_value, df) = (tested.found.p_value, tested.found.df);
                found.push(Found { others: others.clone(), row, p_value, df });
            }
        }
        keys.build(self, curves.test_keys(), found, (metadata::TEST, json(test)?), true)
    }
}

/// Which key tells the groups apart, which the strata, and which are left.
struct Keys {
    names: Vec<(String, ValueKind)>,
    column: usize,
    /// The name and type of that key.
    told_apart: (String, ValueKind),
    within: Option<usize>,
}

impl Keys {
    fn new<M: Measure>(partial: &Partial<M>, column: &str, within: Option<&str>) -> Result<Self> {
        let names: Vec<(String, ValueKind)> =
            partial.shown_keys().into_iter().map(|(name, kind)| (name.to_owned(), kind)).collect();
        let place = |name: &str, role: &str| {
            let found = names.iter().enumerate().find(|(_, (key, _))| key == name);
            found.ok_or_else(|| not_a_key(&M::INFO, name, role, &names))
        };
        let (column, told_apart) = place(column, "the groups compared")?;
        let told_apart = told_apart.clone();
        let within = within.map(|name| place(name, "within")).transpose()?.map(|found| found.0);
        if within == Some(column) {
            return Err(Error::spec("`within` must be another column than the one compared"));
        }
        Ok(Self { names, column, told_apart, within })
    }

    /// The column that tells the groups apart, as its values stand in the groups.
    fn column<S>(&self, groups: &[(&[Value], &S)]) -> KeyColumn {
        let values = groups.iter().filter_map(|(key, _)| key.get(self.column).cloned()).collect();
        let (name, kind) = self.told_apart.clone();
        KeyColumn { name, kind, values }
    }

    fn others(&self) -> impl Iterator<Item = (usize, &(String, ValueKind))> {
        let left = |place: &usize| *place != self.column && Some(*place) != self.within;
        self.names.iter().enumerate().filter(move |(place, _)| left(place))
    }

    /// The states by the keys that are left, then by stratum, then by group.
    fn cells<'a, S>(&self, groups: &[(&[Value], &'a S)]) -> Vec<(Vec<Value>, Strata<'a, S>)> {
        let mut cells: BTreeMap<Vec<Value>, Strata<'a, S>> = BTreeMap::new();
        for (key, state) in groups {
            let value = |place: usize| key.get(place).cloned().unwrap_or(Value::Null);
            let others = self.others().map(|(place, _)| value(place)).collect();
            let stratum = self.within.map_or(Value::Null, value);
            let strata = cells.entry(others).or_default();
            strata.entry(stratum).or_default().insert(value(self.column), *state);
        }
        let mut sorted: Vec<(Vec<Value>, Strata<'a, S>)> = cells.into_iter().collect();
        let period = self.others().position(|(_, (name, _))| name == "period");
        let period_of = |key: &[Value]| period.and_then(|place| key.get(place).cloned());
        sorted.sort_by_key(|(key, _)| period_of(key));
        sorted
    }

    /// Puts a result together.
    fn build<M: Measure>(
        &self,
        partial: &Partial<M>,
        own: &[&str],
        found: Vec<Found>,
        request: (&str, String),
        with_df: bool,
    ) -> Result<Estimates> {
        let key = |(place, (_, (name, kind))): (usize, (usize, &(String, ValueKind)))| KeyColumn {
            name: name.clone(),
            kind: *kind,
            values: found.iter().filter_map(|of| of.others.get(place).cloned()).collect(),
        };
        let mut columns: Vec<KeyColumn> = self.others().enumerate().map(key).collect();
        for (place, name) in own.iter().enumerate() {
            let values: Vec<Value> =
                found.iter().filter_map(|of| of.row.own.get(place).cloned()).collect();
            let kind = table::shown_kind(values.iter().find_map(Value::kind));
            columns.push(KeyColumn { name: (*name).to_owned(), kind, values });
        }
        let p_values = found.iter().map(|of| of.p_value).collect();
        let mut more = vec![("p_value", p_values)];
        if with_df {
            more.push(("df", found.iter().map(|of| of.df).collect()));
        }
        let mut notes: HashMap<String, String> = partial.metadata()?;
        notes.insert(request.0.to_owned(), request.1);
        let rows: Vec<Row> = found.into_iter().map(|of| of.row).collect();
        table::build(columns, M::INFO.measure, partial.options().level, &rows, more, notes)
    }
}

fn not_a_key(info: &Info, name: &str, role: &str, keys: &[(String, ValueKind)]) -> Error {
    if info.own_keys.contains(&name) {
        return Error::spec(format!(
            "the figures by '{name}' are of the same people, and these methods compare different ones; compare by a column that tells people apart"
        ));
    }
    Error::no_column(name, role, keys.iter().map(|(key, _)| key.as_str()))
}

/// Which contrasts are made, and how sure they are to be.
struct How {
    /// Of two curves: the difference, the ratio.
    of_curves: [bool; 2],
    /// Of two shares of counts.
    of_shares: Plan,
    /// The method asked for.
    method: Option<String>,
    level: Level,
}

impl How {
    fn new(comparison: &Comparison, level: Level) -> Result<Self> {
        let method = comparison.method.as_deref();
        let of_curves =
            [method.is_none_or(|word| word == PLAIN), method.is_none_or(|word| word == LOG)];
        let of_shares = Comparison { within: None, ..comparison.clone() };
        let curves_only = Comparison { method: None, ..of_shares.clone() };
        let own = matches!(method, Some(PLAIN | LOG));
        let of_shares = Plan::new(&Compared::Shares, if own { &curves_only } else { &of_shares })?;
        Ok(Self { of_curves, of_shares, method: comparison.method.clone(), level })
    }

    /// Refuses a method for shares of counts where the figures allow for clusters.
    fn check<'a>(&self, mut figures: impl Iterator<Item = &'a Figure>) -> Result<()> {
        let word = self.method.as_deref().filter(|word| ![PLAIN, LOG].contains(word));
        match word {
            Some(word) if figures.any(|figure| matches!(figure.of, Figured::Clustered(_))) => {
                Err(Error::unknown_word("method of figures with `cluster`", word, &[PLAIN, LOG]))
            }
            _ => Ok(()),
        }
    }

    fn rows(&self, one: &Figure, other: &Figure) -> Vec<(Row, Option<f64>)> {
        match (&one.of, &other.of) {
            (Figured::Curve(group), Figured::Curve(reference)) => {
                let contrast = |name: &str| {
                    let (group, reference) = both(group, reference)?;
                    let by = if name == RATIO { ratio_by } else { difference_by };
                    Ok(careful(by(*group, *reference, self.level), [*group, *reference]))
                };
                self.of_figures(one, other, str::to_owned, contrast)
            }
            (Figured::Clustered(group), Figured::Clustered(reference)) => {
                let contrast = |name: &str| {
                    let (group, reference) = both(group, reference)?;
                    let by =
                        if name == RATIO { clustered_ratio_by } else { clustered_difference_by };
                    let of = [group.estimate, reference.estimate];
                    Ok(careful(by(group, reference, self.level), of))
                };
                self.of_figures(one, other, clustered, contrast)
            }
            _ => {
                let counts = |of: &Figure| Counts {
                    with: of.had.unwrap_or(0),
                    base: of.base as f64,
                    used: of.base,
                    dropped: 0,
                };
                let mut pair = Pair::default();
                pair.add(Value::Null, 0, counts(one));
                pair.add(Value::Null, 1, counts(other));
                let contrasts = self.of_shares.estimates(&pair, self.level);
                contrasts
                    .into_iter()
                    .map(|(contrast, interval, p_value)| {
                        let unit = contrast.unit(&Compared::Shares);
                        let found = (interval, p_value);
                        row(one, other, contrast.name(), unit, contrast.method(), found)
                    })
                    .collect()
            }
        }
    }

    /// The contrasts of two figures that have variances; `told` is how the method is told.
    fn of_figures(
        &self,
        one: &Figure,
        other: &Figure,
        told: fn(&str) -> String,
        contrast: impl Fn(&str) -> std::result::Result<HorizonContrast, Reason>,
    ) -> Vec<(Row, Option<f64>)> {
        let [difference, ratio] = self.of_curves;
        let asked = [difference.then_some((DIFFERENCE, PLAIN)), ratio.then_some((RATIO, LOG))];
        let contrast = |(name, method): (&'static str, &'static str)| {
            let mut contrast = contrast(name).unwrap_or_else(|reason| HorizonContrast {
                interval: Interval::undefined(reason),
                p_value: None,
            });
            if name == DIFFERENCE && one.unit == "share" {
                // No two shares differ by more.
                let Interval { lower, upper, .. } = &mut contrast.interval;
                *lower = lower.map(|limit| limit.max(-1.0));
                *upper = upper.map(|limit| limit.min(1.0));
            }
            let unit = match name {
                RATIO => RATIO.to_owned(),
                _ => format!("difference in {}", one.unit),
            };
            let found = (contrast.interval, contrast.p_value);
            row(one, other, name, unit, &told(method), found)
        };
        asked.into_iter().flatten().map(contrast).collect()
    }
}

/// Both figures, or why there is no contrast of them.
fn both<'a, T>(
    group: &'a std::result::Result<T, Reason>,
    reference: &'a std::result::Result<T, Reason>,
) -> std::result::Result<(&'a T, &'a T), Reason> {
    match (group, reference) {
        (Err(Reason::NoRows), _) => Err(Reason::EmptyGroup),
        (_, Err(Reason::NoRows)) => Err(Reason::EmptyReference),
        (Err(reason), _) | (_, Err(reason)) => Err(*reason),
        (Ok(group), Ok(reference)) => Ok((group, reference)),
    }
}

/// Where one of the two does not vary (nobody has had the event, or everybody), the limits and the
/// test would rest on the other alone, and make few people look like certainty.
fn careful(contrast: HorizonContrast, of: [Estimate; 2]) -> HorizonContrast {
    match contrast.interval {
        Interval { value: Some(value), reason: None, .. }
            if of.iter().any(|of| of.variance <= 0.0) =>
        {
            let interval = Interval::without_limits(value, Reason::ZeroVariance);
            HorizonContrast { interval, p_value: None }
        }
        _ => contrast,
    }
}

fn row(
    one: &Figure,
    other: &Figure,
    contrast: &'static str,
    unit: String,
    method: &str,
    (interval, p_value): (Interval, Option<f64>),
) -> (Row, Option<f64>) {
    let mut own = one.own.clone();
    own.push(contrast.into());
    let row = Row {
        group: 0,
        period: None,
        own,
        interval,
        unit,
        numerator: one.had.map(|had| had as i64),
        denominator: Some(one.base as f64),
        method: method.to_owned(),
        used: 0,
        dropped: 0,
        reveals: one.reveals.iter().chain(&other.reveals).copied().collect(),
    };
    (row, p_value)
}

fn json(request: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(request).map_err(|cause| Error::internal(cause.to_string()))
}
