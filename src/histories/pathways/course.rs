//! Through which states did one person go, and when?

use crate::engine::value::Value;

use super::super::by_person;
use super::super::order::Placed;
use super::super::problems::{Problem, findings};
use super::{DATE, Mark, Pathways, STATE, UNSAID, UNTIL};

findings! {
    SAME_STATE: "the same state as the step before", "joined with it";
    IN_ORDER: "another step of the person on the same day", "taken after it, as `order` says";
    BY_NAME: "another step of the person on the same day",
        "taken after it, by its name: `order` does not name both";
    BEGINS_WITH_END: "a pathway would begin with a state that ends one", "row set aside";
    UNWATCHED: "no plausible last day watched", "row set aside";
    EARLIER_UNTIL: "another row of the person has a later last day watched", "the latest is taken";
}

/// Stands for no state.
pub(super) const NOTHING: u32 = u32::MAX;
/// Stands for no day.
pub(super) const NEVER: i32 = i32::MAX;

/// One person's stay in one state.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stay {
    /// A row that names the person.
    pub(super) row: u32,
    /// The row with which the pathway began.
    pub(super) began: u32,
    pub(super) pathway: u32,
    pub(super) step: u32,
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) settled: u32,
    pub(super) origin: i32,
    pub(super) start: i32,
    /// The day of the next state, or the last watched.
    pub(super) exit: i32,
    /// The day of the person's first statutory state from the origin on.
    pub(super) statutory: i32,
    pub(super) until: i32,
}

/// Where the stays of one person are: from one place of a shard's up to another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stretch {
    pub(super) shard: u32,
    pub(super) first: u32,
    pub(super) after: u32,
}

/// What was made of one shard of the people.
#[derive(Default)]
pub(super) struct Made {
    pub(super) stays: Vec<Stay>,
    pub(super) people: Vec<Placed<Stretch>>,
    pub(super) problems: Vec<Problem>,
    /// Steps after the last day watched.
    pub(super) late: u64,
}

/// How pathways are told apart.
pub(super) struct Rules {
    ends: Vec<bool>,
    statutory: Vec<bool>,
    /// How many of the first states stand in `order`.
    ordered: u32,
    within: i32,
    until: Option<i32>,
}

fn holds(flags: &[bool], state: u32) -> bool {
    flags.get(state as usize).copied().unwrap_or(false)
}

/// A state of a pathway, and the first and the last day on which a row says it.
#[derive(Debug, Clone, Copy)]
struct Step {
    state: u32,
    row: u32,
    first: i32,
    last: i32,
}

impl Rules {
    pub(super) fn new(pathways: &Pathways, states: &[Value], until: Option<i32>) -> Self {
        let among = |values: &[Value]| states.iter().map(|state| values.contains(state)).collect();
        let ordered = states.iter().filter(|state| pathways.order.contains(state)).count();
        Self {
            ends: among(&pathways.ends),
            statutory: among(&pathways.statutory),
            ordered: ordered as u32,
            within: pathways.within_days.map_or(NEVER, |days| days as i32),
            until,
        }
    }

    /// Follows the people of one shard.
    pub(super) fn follow(&self, shard: &mut by_person::Shard<Mark>) -> Made {
        let mut made = Made::default();
        let mut steps: Vec<Step> = Vec::new();
        shard.each(|person, marks| {
            marks.sort_unstable();
            let Some(row) = marks.first().map(|mark| mark.row) else { return };
            let Some(until) = self.until(marks, &mut made.problems) else { return };
            let watched = marks.partition_point(|mark| mark.day <= until);
            made.late += (marks.len() - watched) as u64;
            let marks = marks.get(..watched).unwrap_or(&[]);
            self.tell_of_ties(marks, &mut made.problems);
            let first = made.stays.len() as u32;
            let mut pathway = 0;
            steps.clear();
            for mark in marks {
                self.take(mark, &mut steps, &mut pathway, until, marks, &mut made);
            }
            self.close(&steps, pathway, until, marks, &mut made.stays);
            let after = made.stays.len() as u32;
            if after > first {
                made.people.push(Placed { person, row, what: Stretch { shard: 0, first, after } });
            }
        });
        made.stays.shrink_to_fit();
        made.people.shrink_to_fit();
        made
    }

    /// The last day on which the person was watched; rows that say otherwise are listed.
    fn until(&self, marks: &[Mark], problems: &mut Vec<Problem>) -> Option<i32> {
        if self.until.is_some() {
            return self.until;
        }
        let latest = marks.iter().max_by_key(|mark| mark.until)?;
        if latest.until == UNSAID {
            problems.extend(marks.iter().map(|mark| Problem::of(mark.row, UNTIL, &UNWATCHED)));
            return None;
        }
        let others = marks.iter().filter(|mark| ![UNSAID, latest.until].contains(&mark.until));
        problems.extend(
            others.map(|mark| Problem::of(mark.row, UNTIL, &EARLIER_UNTIL).with(latest.row)),
        );
        Some(latest.until)
    }

    /// Lists steps of one day into different states, each with the one that it is taken after.
    fn tell_of_ties(&self, marks: &[Mark], problems: &mut Vec<Problem>) {
        for pair in marks.windows(2) {
            let [before, after] = pair else { continue };
            if before.day == after.day && before.state != after.state {
                // Numbers follow `order`, so that the later one stands in it only if both do.
                let finding = if after.state < self.ordered { &IN_ORDER } else { &BY_NAME };
                problems.push(Problem::of(after.row, DATE, finding).with(before.row));
            }
        }
    }

    /// Takes one step: on the pathway, or on a new one.
    fn take(
        &self,
        mark: &Mark,
        steps: &mut Vec<Step>,
        pathway: &mut u32,
        until: i32,
        marks: &[Mark],
        made: &mut Made,
    ) {
        if let Some(before) = steps.last_mut() {
            let near = mark.day - before.last <= self.within;
            if near && mark.state == before.state {
                made.problems.push(Problem::of(mark.row, STATE, &SAME_STATE).with(before.row));
                before.last = mark.day;
                return;
            }
            if !near || holds(&self.ends, before.state) {
                self.close(steps, *pathway, until, marks, &mut made.stays);
                steps.clear();
            }
        }
        let Mark { day, state, row, .. } = *mark;
        if steps.is_empty() {
            if holds(&self.ends, state) {
                made.problems.push(Problem::of(row, STATE, &BEGINS_WITH_END));
                return;
            }
            *pathway += 1;
        }
        steps.push(Step { state, row, first: day, last: day });
    }

    /// Writes the stays of a pathway down.
    fn close(
        &self,
        steps: &[Step],
        pathway: u32,
        until: i32,
        marks: &[Mark],
        stays: &mut Vec<Stay>,
    ) {
        let Some(origin) = steps.first() else { return };
        let place = marks.partition_point(|mark| {
            (mark.day, mark.state, mark.row) < (origin.first, origin.state, origin.row)
        });
        let statutory = marks
            .iter()
            .skip(place)
            .find(|mark| holds(&self.statutory, mark.state))
            .map_or(NEVER, |mark| mark.day);
        let mut next = steps.iter().skip(1);
        for (step, number) in steps.iter().zip(1..) {
            let to = next.next();
            if to.is_none() && holds(&self.ends, step.state) {
                return;
            }
            let same_day = |to: &Step| {
                let later = steps.iter().skip(number as usize);
                later
                    .take_while(|other| other.first == to.first)
                    .last()
                    .map_or(to.state, |s| s.state)
            };
            stays.push(Stay {
                row: step.row,
                began: origin.row,
                pathway,
                step: number,
                from: step.state,
                to: to.map_or(NOTHING, |to| to.state),
                settled: to.map_or(NOTHING, same_day),
                origin: origin.first,
                start: step.first,
                exit: to.map_or(until.min(step.last.saturating_add(self.within)), |to| to.first),
                statutory,
                until,
            });
        }
    }
}
