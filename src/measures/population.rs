//! The population that a count is set against.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::period::to_day;
use crate::engine::value::Value;
use crate::error::{Error, Result};

/// How many people a group had on a date.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// The values of the columns that the run groups by, in their order.
    #[serde(default)]
    pub by: Vec<Value>,
    /// The date.
    pub date: NaiveDate,
    /// How many people; above 0.
    pub population: f64,
}

/// The populations by group and date.
pub(crate) struct Populations(BTreeMap<(Vec<String>, i32), f64>);

impl Populations {
    /// Refuses rows with another number of key values than the run groups by, and two rows for one
    /// group and date.
    pub(crate) fn new(rows: &[Population], by: &[String]) -> Result<Self> {
        let mut populations = BTreeMap::new();
        for row in rows {
            if row.by.len() != by.len() {
                return Err(Error::spec(format!(
                    "the population of {} has {} key values; the run is by {by:?}",
                    row.date,
                    row.by.len(),
                )));
            }
            let place = (key(&row.by), to_day(row.date));
            if populations.insert(place, row.population).is_some() {
                let group: Vec<String> = row.by.iter().map(Value::to_string).collect();
                let group = if group.is_empty() {
                    String::new()
                } else {
                    format!(" of {}", group.join(", "))
                };
                return Err(Error::spec(format!(
                    "the population{group} on {} is given twice; give one row for each group and date",
                    row.date
                )));
            }
        }
        Ok(Self(populations))
    }

    /// The population of a group on a day.
    pub(crate) fn of(&self, group: &[Value], day: i32) -> Option<f64> {
        self.0.get(&(key(group), day)).copied()
    }

    /// The mean of a group's populations on days from `first` to `last`, both included.
    pub(crate) fn within(&self, group: &[Value], first: i32, last: i32) -> Option<f64> {
        let found = self.0.range((key(group), first)..=(key(group), last));
        let (count, sum) =
            found.fold((0_u32, 0.0), |(count, sum), (_, size)| (count + 1, sum + size));
        (count > 0).then(|| sum / f64::from(count))
    }
}

/// A key as text, in which a date of the data is the date that a specification writes as text.
fn key(values: &[Value]) -> Vec<String> {
    values
        .iter()
        .map(|value| match value {
            Value::Day(_) | Value::Text(_) => format!("text {value}"),
            other => format!("other {other}"),
        })
        .collect()
}
