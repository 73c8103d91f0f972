//! Starts and ends of care, period by period, from the days that each child was in care.

use crate::engine::measure::Merge;
use crate::engine::people::{People, Series};
use crate::engine::period::Every;

use super::care::Spans;

/// The starts and ends of each period.
#[derive(Debug, Clone, Default)]
pub(crate) struct Moves {
    pub(crate) starts: Series,
    /// Of the starts, those that are the child's first in this group.
    pub(crate) firsts: Series,
    pub(crate) ends: Series,
}

impl Merge for Moves {
    fn merge(&mut self, other: Self) {
        self.starts.merge(other.starts);
        self.firsts.merge(other.firsts);
        self.ends.merge(other.ends);
    }

    fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.ends.is_empty()
    }
}

/// Periods that follow one another, by their first days, and the last day that counts.
pub(crate) struct Periods {
    pub(crate) firsts: Vec<i32>,
    pub(crate) last: i32,
}

impl Periods {
    /// The periods that are over by `as_of`, from the one that holds the first date.
    pub(crate) fn whole(every: Every, first: i32, as_of: i32) -> Self {
        let mut firsts = every.starts(first, as_of);
        firsts.retain(|first| every.last_day(*first) <= as_of);
        let last = firsts.last().map_or(i32::MIN, |first| every.last_day(*first));
        Self { firsts, last }
    }

    /// The period that holds a day.
    pub(crate) fn place(&self, day: i32) -> Option<usize> {
        let after = self.firsts.partition_point(|first| *first <= day);
        if day <= self.last { after.checked_sub(1) } else { None }
    }

    /// The last day of a period.
    pub(crate) fn last_day(&self, place: usize) -> i32 {
        self.firsts.get(place + 1).map_or(self.last, |next| next - 1)
    }

    /// How many days a period has.
    pub(crate) fn days(&self, place: usize) -> i32 {
        self.firsts.get(place).map_or(0, |first| self.last_day(place) - first + 1)
    }
}

/// The starts and ends of care in each period: an episode that begins on the day the last one ended
/// continues it, an overlap counts once.
pub(crate) fn moves(children: &People<Spans>, periods: &Periods) -> Moves {
    children.sum(|moves: &mut Moves, spans| {
        for (number, (start, end)) in spans.iter().enumerate() {
            if let Some(period) = periods.place(start) {
                moves.starts.add(period, 1);
                moves.firsts.add(period, i64::from(number == 0));
            }
            periods.place(end).into_iter().for_each(|period| moves.ends.add(period, 1));
        }
    })
}

/// Days in care: in the periods where a stay begins or ends, and by how many the stays through the
/// whole of a period become more or fewer.
#[derive(Default)]
struct DaysInCare {
    partly: Series,
    through: Series,
}

impl Merge for DaysInCare {
    fn merge(&mut self, other: Self) {
        self.partly.merge(other.partly);
        self.through.merge(other.through);
    }

    fn is_empty(&self) -> bool {
        self.partly.is_empty() && self.through.is_empty()
    }
}

/// How many days in care there were in each period, all children together.
pub(crate) fn days_in_care(children: &People<Spans>, periods: &Periods) -> Vec<i64> {
    let whole: DaysInCare = children.sum(|days: &mut DaysInCare, spans| {
        for (start, end) in spans.iter() {
            // The last day in care that counts.
            let last = (end - 1).min(periods.last);
            let (Some(from), Some(to)) = (periods.place(start), periods.place(last)) else {
                continue;
            };
            if from == to {
                days.partly.add(from, i64::from(last - start + 1));
            } else {
                days.partly.add(from, i64::from(periods.last_day(from) - start + 1));
                let first = periods.firsts.get(to).copied().unwrap_or(last);
                days.partly.add(to, i64::from(last - first + 1));
                days.through.add(from + 1, 1);
                days.through.add(to, -1);
            }
        }
    });
    (0..periods.firsts.len())
        .scan(0, |through, place| {
            *through += whole.through.at(place);
            Some(whole.partly.at(place) + *through * i64::from(periods.days(place)))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::care::{Care, OPEN};
    use super::*;
    use crate::engine::person::PersonId;
    use proptest::prelude::*;

    proptest! {
        /// Each day of each period that a child is in care counts once.
        #[test]
        fn days_in_care_are_those_of_each_child(
            episodes in prop::collection::vec((0..4_u8, 0..900_i32, 0..400_i32), 0..14),
            as_of in 100..1200_i32,
        ) {
            let mut care = Care::default();
            let end = |start: i32, days: i32| if days % 7 == 6 { OPEN } else { start + days };
            for (child, start, days) in &episodes {
                let child = PersonId::of_text(&child.to_string());
                care.children.record(child, (*start, end(*start, *days)));
            }
            let periods = Periods::whole(Every::Quarter, 0, as_of);
            let found = days_in_care(&care.children, &periods);
            prop_assert_eq!(found.len(), periods.firsts.len());
            for (place, days) in found.into_iter().enumerate() {
                let first = periods.firsts[place];
                let naive: usize = (first..first + periods.days(place))
                    .map(|day| (0..4_u8).filter(|child| episodes.iter().any(|(other, start, days)| {
                        other == child && *start <= day && day < end(*start, *days)
                    })).count())
                    .sum();
                prop_assert_eq!(days, naive as i64);
            }
        }
    }
}
