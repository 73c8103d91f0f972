//! The dates on which children are counted: given one by one, or the last day of each period.

use chrono::NaiveDate;

use crate::engine::options::Options;
use crate::engine::period::{Every, to_day};
use crate::engine::table::check_size;
use crate::error::{Error, Result};

/// The dates that a measure counts on, and the last day that the extract speaks of.
pub(crate) struct Census<'a> {
    /// The dates; without them, the last day of each period that `every` names.
    pub(crate) at: Option<&'a [NaiveDate]>,
    pub(crate) as_of: Option<NaiveDate>,
}

/// A date to count on, and the first day of its period where periods were asked for.
pub(crate) type Counted = (i32, Option<i32>);

impl Census<'_> {
    /// Refuses a question without dates, or with dates of both kinds.
    pub(crate) fn check(&self, options: &Options) -> Result<()> {
        match (self.at, options.every) {
            (Some(_), Some(_)) => Err(Error::spec(
                "give the dates either by `at` or by `every`, not by both: `every` counts on the last day of each period",
            )),
            (None, None) => Err(Error::spec(
                "no dates to count on: give `at` a list of dates, or run with `every`",
            )),
            (Some([]), None) => {
                Err(Error::spec("`at` is an empty list; give the dates to count on"))
            }
            _ => Ok(()),
        }
    }

    /// The days asked for, each once and in order; nothing where periods say them.
    pub(crate) fn days(&self) -> Option<Vec<i32>> {
        self.at.map(|at| {
            let mut days: Vec<i32> = at.iter().copied().map(to_day).collect();
            days.sort_unstable();
            days.dedup();
            days
        })
    }

    /// The dates to count on; `seen` is the earliest start and the latest date of the extract.
    pub(crate) fn dates(
        &self,
        seen: Option<(i32, i32)>,
        groups: usize,
        options: &Options,
    ) -> Result<Vec<Counted>> {
        let dates: Vec<Counted> = match (self.days(), options.every, seen) {
            (Some(days), ..) => days.into_iter().map(|day| (day, None)).collect(),
            (None, Some(every), Some((first, latest))) => {
                let last = self.as_of.map_or(latest, to_day);
                check_size(every.count(first, last), groups, &Every::mend(first, last))?;
                let starts = every.starts(first, last).into_iter();
                let dates = starts.map(|start| (every.last_day(start), Some(start)));
                dates.filter(|(day, _)| *day <= last).collect()
            }
            _ => Vec::new(),
        };
        check_size(dates.len(), groups, "ask for fewer dates or fewer groups")?;
        Ok(dates)
    }

    /// Whether a date lies after all that the extract speaks of.
    pub(crate) fn late(&self, day: i32) -> bool {
        self.as_of.is_some_and(|as_of| day > to_day(as_of))
    }

    /// Says so where a date lies after the latest in the extract: what is open is counted as open.
    pub(crate) fn late_note(&self, latest: Option<i32>) -> Option<String> {
        let late: Vec<String> = self
            .at
            .into_iter()
            .flatten()
            .filter(|date| {
                self.as_of.is_none() && latest.is_some_and(|latest| to_day(**date) > latest)
            })
            .map(NaiveDate::to_string)
            .collect();
        let verb = if late.len() == 1 { "is" } else { "are" };
        (!late.is_empty()).then(|| {
            format!(
                "{} {verb} after the latest date in the extract: children whose episodes are open are counted as still looked after; as_of says how far the extract reaches",
                late.join(", "),
            )
        })
    }
}
