//! How a measure is run: by which columns, in which periods, at which confidence level.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::stats::level::Level;

use super::in_words;
use super::period::Every;

/// The options of a run. The default is one group, no periods, a level of 0.95.
///
/// # Example
/// ```
/// use wholefamily::{Every, Options};
/// let options = Options::by(["locality"]).every(Every::Quarter).level(0.9);
/// assert_eq!(options.level, 0.9);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Options {
    /// The columns whose values tell the groups apart. A null is a group of its own.
    #[serde(default)]
    pub by: Vec<String>,
    /// The calendar period that rows are grouped in, or nothing.
    #[serde(default)]
    pub every: Option<Every>,
    /// The confidence level of the intervals: above 0, below 1.
    #[serde(default = "usual_level")]
    pub level: f64,
}

fn usual_level() -> f64 {
    0.95
}

impl Default for Options {
    fn default() -> Self {
        Self { by: Vec::new(), every: None, level: usual_level() }
    }
}

impl Options {
    /// Groups by these columns.
    #[must_use]
    pub fn by<C: Into<String>>(columns: impl IntoIterator<Item = C>) -> Self {
        Self { by: columns.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Groups by this calendar period too.
    #[must_use]
    pub fn every(mut self, every: Every) -> Self {
        self.every = Some(every);
        self
    }

    /// Sets the confidence level, above 0 and below 1; it is checked when a measure is run.
    #[must_use]
    pub fn level(mut self, level: f64) -> Self {
        self.level = level;
        self
    }

    /// Reads options from JSON.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for an unknown field or period, or a level out of bounds.
    pub fn from_json(json: &str) -> Result<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            #[serde(default)]
            by: Vec<String>,
            #[serde(default)]
            every: Option<String>,
            #[serde(default = "usual_level")]
            level: f64,
        }
        let written: Written = in_words::read("the options of a run", json)?;
        let every = written.every.as_deref().map(Every::parse).transpose()?;
        let options = Self { by: written.by, every, level: written.level };
        options.checked_level()?;
        Ok(options)
    }

    /// The level, checked.
    pub(crate) fn checked_level(&self) -> Result<Level> {
        Level::new(self.level).ok_or_else(|| {
            let hint = if self.level > 1.0 && self.level < 100.0 {
                format!("; for {}% write {}", self.level, self.level / 100.0)
            } else {
                String::new()
            };
            Error::spec(format!(
                "level {} is not a confidence level: it must be above 0 and below 1, such as 0.95{hint}",
                self.level
            ))
        })
    }

    /// Refuses columns named twice, and names that a result keeps for its own columns.
    pub(crate) fn check_names(&self, own_keys: &[&str]) -> Result<()> {
        for (place, name) in self.by.iter().enumerate() {
            if self.by.iter().take(place).any(|earlier| earlier == name) {
                return Err(Error::spec(format!("by names '{name}' twice")));
            }
            let taken = super::table::RESULT_COLUMNS.contains(&name.as_str())
                || ["contrast", "p_value"].contains(&name.as_str())
                || own_keys.contains(&name.as_str())
                || (name == "period" && self.every.is_some());
            if taken {
                return Err(Error::spec(format!(
                    "by cannot hold '{name}': the result has a column of that name; rename the column in the table"
                )));
            }
        }
        Ok(())
    }
}
