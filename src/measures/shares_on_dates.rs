//! One row of a result: of the children counted on a date, what share is so?

use crate::engine::partial::Group;
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::proportion::{ClusterCounts, ProportionMethod, clustered_proportion, proportion};
use crate::stats::reason::Reason;

use super::census::Counted;
use super::re_referral::WILSON_CLUSTERED;
use super::stays::{Stays, What};

/// What the rows of one group on one date have in common.
pub(crate) struct OnDate<'a, W: What> {
    /// The place of the group among those tallied.
    pub(crate) place: usize,
    pub(crate) group: &'a Group<'a, Stays<W>>,
    pub(crate) date: Counted,
    /// Whether the date lies after all that the extract speaks of.
    pub(crate) late: bool,
    pub(crate) method: ProportionMethod,
    pub(crate) level: Level,
}

impl<W: What> OnDate<'_, W> {
    /// The share, `with` of `base`, under the keys that come after the date; the counts shown beside it
    /// are revealed too.
    pub(crate) fn share(&self, keys: Option<Value>, with: u64, base: u64, beside: &[u64]) -> Row {
        let (day, period) = self.date;
        let Stays { used, dropped, .. } = self.group.state;
        let interval = if self.late {
            Interval::undefined(Reason::AfterExtract)
        } else {
            proportion(with, base, self.method, self.level)
        };
        let mut reveals = vec![with, base - with, base, *dropped];
        reveals.extend(beside);
        Row {
            group: self.place,
            period: period.map(Value::Day),
            own: [Value::Day(day)].into_iter().chain(keys).collect(),
            interval,
            unit: "share".to_owned(),
            numerator: (!self.late).then_some(with as i64),
            denominator: (!self.late).then_some(base as f64),
            method: self.method.word().to_owned(),
            used: *used,
            dropped: *dropped,
            reveals,
        }
    }

    /// The same where those counted come in clusters whose members share their fate.
    pub(crate) fn clustered(
        &self,
        keys: Option<Value>,
        counts: &ClusterCounts,
        beside: &[u64],
    ) -> Row {
        let row = self.share(keys, counts.with(), counts.rows(), beside);
        let interval =
            if self.late { row.interval } else { clustered_proportion(counts, self.level) };
        Row { interval, method: WILSON_CLUSTERED.to_owned(), ..row }
    }
}
