//! Rows of people who were followed, counted by what they end with and day; and person by person, where
//! clusters are told apart.

use std::ops::Range;

use crate::engine::measure::{Place, Tally};
use crate::engine::value::Value;

use super::day_tally::DayTally;
use super::durations::{DurationColumns, Durations};
use super::fates::{Clusters, Fate};

/// What the rows of a chunk are counted in.
pub struct DurationTally {
    groups: usize,
    /// The ends by code and day, and late entries by day, once rows were met.
    counted: Option<(DayTally, Option<DayTally>)>,
    /// What each code of an end counts as; nothing for a row that does not say.
    shown: Vec<Option<Value>>,
    /// By group, once clusters are told apart.
    clusters: Vec<Clusters>,
}

impl DurationTally {
    pub(crate) fn new(groups: usize) -> Self {
        Self { groups, counted: None, shown: Vec::new(), clusters: Vec::new() }
    }

    /// Takes in whom each row belongs with; `observed` says until when a row could have been seen.
    pub(crate) fn see_clusters<G: Place>(
        &mut self,
        groups: &[G],
        columns: &DurationColumns,
        rows: Range<usize>,
        observed: impl Fn(usize) -> u32,
    ) {
        let Some(names) = &columns.clusters else { return };
        self.clusters.resize_with(self.groups, Clusters::default);
        let digest = |end: &Option<Value>| end.as_ref().map(Value::digest);
        let ends: Vec<Option<u64>> = columns.shown.iter().map(digest).collect();
        let first = rows.start;
        names.each(rows, |row, cluster| {
            let group = groups.get(row - first).map_or(0, |group| group.place());
            let end = columns.place(row).and_then(|place| ends.get(place).copied().flatten());
            if let (Some(exit), Some(end)) = (columns.day(row), end)
                && let (Some(cluster), Some(state)) = (cluster, self.clusters.get_mut(group))
            {
                let (entry, observed) = (columns.entered(row), observed(row));
                state.see(cluster, Fate { entry, exit, observed, end });
            }
        });
    }

    /// Counts rows by what they end with and day.
    pub(crate) fn count<G: Place>(
        &mut self,
        groups: &[G],
        columns: &DurationColumns,
        rows: Range<usize>,
    ) {
        let (ends, late) = self.counted.get_or_insert_with(|| {
            self.shown.clone_from(&columns.shown);
            let slots = columns.slots;
            let late = columns.entered.as_ref().map(|_| DayTally::new(self.groups, 1, slots));
            // The kind after the last is for rows that count as nothing.
            let kinds = columns.shown.len() + usize::from(columns.may_count_as_nothing());
            (DayTally::new(self.groups, kinds, slots), late)
        });
        let days = columns.days.get(rows.clone()).unwrap_or(&[]);
        ends.count(groups, |codes, first| columns.kinds(codes, rows.start + first), days);
        if let (Some(late), Some(entered)) = (late, &columns.entered) {
            late.count(groups, |codes, _| codes.fill(0), entered.get(rows).unwrap_or(&[]));
        }
    }
}

impl Tally for DurationTally {
    type State = Durations;
    type Columns = DurationColumns;

    fn push<G: Place>(&mut self, groups: &[G], columns: &DurationColumns, rows: Range<usize>) {
        self.count(groups, columns, rows.clone());
        self.see_clusters(groups, columns, rows, |_| 0);
    }

    fn settle(self) -> Vec<Durations> {
        let mut states = vec![Durations::default(); self.groups];
        let Some((ends, late)) = self.counted else { return states };
        for (state, mut clusters) in states.iter_mut().zip(self.clusters) {
            clusters.settle();
            state.clusters = clusters;
        }
        let unusable = ends.slots() as u32 - 1;
        ends.settle(|group, code, mut counts| {
            let Some(state) = states.get_mut(group) else { return };
            let set_aside = counts.0.pop_if(|(day, _)| *day == unusable);
            state.dropped += set_aside.map_or(0, |(_, count)| count);
            match self.shown.get(code) {
                Some(Some(event)) if !counts.0.is_empty() => {
                    state.used += counts.total();
                    state.add(event.clone(), counts);
                }
                _ => state.dropped += counts.total(),
            }
        });
        if let Some(late) = late {
            late.settle(|group, _, mut counts| {
                counts.0.retain(|(day, _)| *day > 0);
                if let Some(state) = states.get_mut(group) {
                    state.entered = counts;
                }
            });
        }
        states
    }
}
