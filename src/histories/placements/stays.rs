//! One child's stays put together into placements: plain arithmetic on days.

use std::cmp::Reverse;

use super::super::episodes::{END, OPEN, START};
use super::super::problems::{Problem, findings};

/// A stay in a place, as one episode tells of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) start: i32,
    /// The first day no longer in the episode; [`OPEN`] where there is none yet.
    pub(super) end: i32,
    /// A number for each place, in the order of their names.
    pub(super) place: u32,
    /// Whether it is no placement of its own.
    pub(super) temporary: bool,
    pub(super) row: u32,
}

impl Stay {
    /// The order in which stays are met: where two hold on one day, the later one counts.
    fn order(&self) -> (i32, bool, i32, Reverse<u32>, u32) {
        (self.start, !self.temporary, self.end, Reverse(self.place), self.row)
    }
}

/// A placement: a child's life in one place, without another in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placement {
    pub(super) start: i32,
    pub(super) end: i32,
    pub(super) spell: u32,
    /// Its number in the spell.
    pub(super) number: u32,
    /// Whether it ended by a move.
    pub(super) moved: bool,
    /// The row of its first episode.
    pub(super) row: u32,
}

findings! {
    DUPLICATE: "the same child, start, end and place as another row", "counted once";
    OVERLAP: "begins before another episode in the same place has ended", "the days count once";
    AWAY: "a temporary stay, or an episode during one", "the child is taken to stay where it was";
    ELSEWHERE: "begins before an episode in another place has ended", "the child is here from this start on";
    TWO_AT_ONCE: "begins on the same day as an episode in another place", "of the two the one that ends later counts; of two alike, the first by name";
    STILL_OPEN: "open, as an episode in the same place is", "the days count once";
    GAP: "a gap since the last episode, no longer than gap_days", "joined; the days between count to the placement before";
    NONE_BEFORE: "a temporary stay with no placement before it", "counted to the placement that follows; if none does, as one";
}

/// Puts the stays of one child together, whatever their order, and tells of each problem.
///
/// Placements are given in order of start; those of one spell follow each other without a gap.
pub(super) fn placements(
    stays: &mut [Stay],
    gap_days: i32,
    found: &mut Vec<Placement>,
    mut tell: impl FnMut(Problem),
) {
    stays.sort_unstable_by_key(Stay::order);
    let mut course = Course { gap_days, found, tell: &mut tell, spell: 0, current: None };
    // Those that have begun: the last one counts until it ends, then the one before it.
    let mut begun: Vec<Stay> = Vec::new();
    let mut last: Option<Stay> = None;
    // The stay that reaches furthest of those met so far.
    let mut furthest: Option<Stay> = None;
    let mut now = i32::MIN;
    for stay in &*stays {
        let same = |other: &Stay| {
            (other.start, other.end, other.place) == (stay.start, stay.end, stay.place)
        };
        if let Some(last) = last.filter(same) {
            (course.tell)(Problem::of(stay.row, START, &DUPLICATE).with(last.row));
            continue;
        }
        if let Some(other) = furthest.filter(|other| stay.start < other.end) {
            (course.tell)(overlap(stay, &other));
        }
        course.advance(&mut begun, &mut now, stay.start);
        // One that ends no later than this one will never be returned to.
        while begun.pop_if(|other| other.end <= stay.end).is_some() {}
        begun.push(*stay);
        last = Some(*stay);
        if furthest.is_none_or(|other| stay.end > other.end) {
            furthest = Some(*stay);
        }
    }
    course.advance(&mut begun, &mut now, OPEN);
    course.close(false);
}

/// The course of a child's placements, as far as it has been followed.
struct Course<'a, T> {
    gap_days: i32,
    found: &'a mut Vec<Placement>,
    tell: &'a mut T,
    spell: u32,
    current: Option<Current>,
}

/// The placement that a child is in.
struct Current {
    placement: Placement,
    /// The place; none while there were only temporary stays.
    place: Option<u32>,
}

impl<T: FnMut(Problem)> Course<'_, T> {
    /// Follows the stays that have begun, up to a day.
    fn advance(&mut self, begun: &mut Vec<Stay>, now: &mut i32, until: i32) {
        while *now < until {
            while begun.pop_if(|stay| stay.end <= *now).is_some() {}
            match begun.last().copied() {
                None => *now = until,
                Some(stay) => {
                    let to = stay.end.min(until);
                    self.stay(&stay, *now, to);
                    *now = to;
                }
            }
        }
    }

    /// The child is in a place from one day to another.
    fn stay(&mut self, stay: &Stay, from: i32, to: i32) {
        let gap_days = self.gap_days;
        let bridged = |end: i32| from <= end.saturating_add(gap_days);
        let Some(current) = self.current.as_mut().filter(|held| bridged(held.placement.end)) else {
            self.close(false);
            self.spell += 1;
            self.open(stay, from, to, 1);
            if stay.temporary {
                (self.tell)(Problem::of(stay.row, START, &NONE_BEFORE));
            }
            return;
        };
        let Current { placement, place } = current;
        if from > placement.end {
            let gap = Problem::of(stay.row, START, &GAP);
            (self.tell)(gap.days(from - placement.end));
        }
        match *place {
            _ if stay.temporary => placement.end = to,
            None => {
                *place = Some(stay.place);
                placement.end = to;
                placement.row = stay.row;
            }
            Some(place) if place == stay.place => placement.end = to,
            Some(_) => {
                placement.end = from;
                let number = placement.number + 1;
                self.close(true);
                self.open(stay, from, to, number);
            }
        }
    }

    fn open(&mut self, stay: &Stay, start: i32, end: i32, number: u32) {
        let placement =
            Placement { start, end, spell: self.spell, number, moved: false, row: stay.row };
        let place = (!stay.temporary).then_some(stay.place);
        self.current = Some(Current { placement, place });
    }

    /// Ends the placement that the child is in.
    fn close(&mut self, moved: bool) {
        if let Some(Current { placement, .. }) = self.current.take() {
            self.found.push(Placement { moved, ..placement });
        }
    }
}

fn overlap(stay: &Stay, other: &Stay) -> Problem {
    let (column, finding) = if stay.temporary || other.temporary {
        (START, &AWAY)
    } else if stay.place == other.place && stay.end == OPEN && other.end == OPEN {
        (END, &STILL_OPEN)
    } else if stay.place == other.place {
        (START, &OVERLAP)
    } else if stay.start == other.start {
        (START, &TWO_AT_ONCE)
    } else {
        (START, &ELSEWHERE)
    };
    let problem = Problem::of(stay.row, column, finding).with(other.row);
    match stay.end.min(other.end) {
        OPEN => problem,
        end => problem.days(end - stay.start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Place 9 is temporary.
    fn stays(given: &[(i32, i32, u32)]) -> Vec<Stay> {
        let stay = |((start, end, place), row): (&(i32, i32, u32), u32)| Stay {
            start: *start,
            end: *end,
            place: *place,
            temporary: *place == 9,
            row,
        };
        given.iter().zip(0..).map(stay).collect()
    }

    fn run(given: &[(i32, i32, u32)], gap_days: i32) -> (Vec<Placement>, Vec<Problem>) {
        let (mut found, mut problems) = (Vec::new(), Vec::new());
        placements(&mut stays(given), gap_days, &mut found, |problem| problems.push(problem));
        (found, problems)
    }

    /// Start, end, spell, number, moved, row.
    fn told(given: &[(i32, i32, u32)], gap_days: i32) -> Vec<(i32, i32, u32, u32, bool, u32)> {
        run(given, gap_days)
            .0
            .iter()
            .map(|one| (one.start, one.end, one.spell, one.number, one.moved, one.row))
            .collect()
    }

    #[test]
    fn a_new_episode_in_the_same_place_is_no_move() {
        assert_eq!(
            told(&[(0, 10, 1), (10, 20, 1), (20, 30, 2), (30, OPEN, 1)], 0),
            [(0, 20, 1, 1, true, 0), (20, 30, 1, 2, true, 2), (30, OPEN, 1, 3, false, 3)]
        );
    }

    #[test]
    fn a_child_who_comes_back_into_care_begins_again() {
        let back = [(0, 10, 1), (12, 20, 1)];
        assert_eq!(told(&back, 1), [(0, 10, 1, 1, false, 0), (12, 20, 2, 1, false, 1)]);
        assert_eq!(told(&back, 2), [(0, 20, 1, 1, false, 0)]);
        let elsewhere = [(0, 10, 1), (12, 20, 2)];
        assert_eq!(told(&elsewhere, 2), [(0, 12, 1, 1, true, 0), (12, 20, 1, 2, false, 1)]);
    }

    #[test]
    fn a_temporary_stay_leaves_the_child_where_it_was() {
        // Back to the same place; on to another; at the end of care.
        assert_eq!(told(&[(0, 5, 1), (5, 8, 9), (8, 20, 1)], 0), [(0, 20, 1, 1, false, 0)]);
        assert_eq!(
            told(&[(0, 5, 1), (5, 8, 9), (8, 20, 2)], 0),
            [(0, 8, 1, 1, true, 0), (8, 20, 1, 2, false, 2)]
        );
        assert_eq!(told(&[(0, 5, 1), (5, 8, 9)], 0), [(0, 8, 1, 1, false, 0)]);
        // With none before it, and alone.
        assert_eq!(told(&[(0, 5, 9), (5, 8, 1)], 0), [(0, 8, 1, 1, false, 1)]);
        assert_eq!(told(&[(0, 5, 9), (5, 8, 9)], 0), [(0, 8, 1, 1, false, 0)]);
        // During a placement that goes on.
        assert_eq!(told(&[(0, 20, 1), (5, 8, 9)], 0), [(0, 20, 1, 1, false, 0)]);
        assert_eq!(run(&[(0, 20, 1), (5, 8, 9)], 0).1[0].finding, &AWAY);
        assert_eq!(run(&[(0, 5, 9), (5, 8, 1)], 0).1[0].finding, &NONE_BEFORE);
    }

    #[test]
    fn of_two_places_at_once_the_later_start_counts_while_it_lasts() {
        assert_eq!(
            told(&[(0, 20, 1), (5, 8, 2)], 0),
            [(0, 5, 1, 1, true, 0), (5, 8, 1, 2, true, 1), (8, 20, 1, 3, false, 0)]
        );
        assert_eq!(
            told(&[(0, OPEN, 1), (5, OPEN, 2)], 0),
            [(0, 5, 1, 1, true, 0), (5, OPEN, 1, 2, false, 1)]
        );
        assert_eq!(told(&[(0, 20, 2), (0, 8, 1)], 0), [(0, 20, 1, 1, false, 0)]);
        assert_eq!(told(&[(0, 8, 2), (0, 8, 1)], 0), [(0, 8, 1, 1, false, 1)]);
        let (_, problems) = run(&[(0, 20, 1), (5, 8, 2), (0, 20, 1), (6, 30, 2)], 0);
        let told: Vec<_> =
            problems.iter().map(|one| (one.row, one.finding, one.other(), one.length())).collect();
        assert_eq!(
            told,
            [
                (2, &DUPLICATE, Some(0), None),
                (1, &ELSEWHERE, Some(0), Some(3)),
                (3, &ELSEWHERE, Some(0), Some(14)),
            ]
        );
    }

    proptest! {
        /// On each day the child is where the stay that counts says; without one the place of the
        /// day before; and the order of the rows changes nothing.
        #[test]
        fn each_day_is_spent_in_the_place_that_counts(
            given in prop::collection::vec((0..60_i32, 1..15_i32, prop::sample::select(vec![1_u32, 2, 3, 9])), 0..14),
            gap_days in 0..4_i32,
            turn in 0..14_usize,
        ) {
            let given: Vec<(i32, i32, u32)> =
                given.iter().map(|(start, days, place)| (*start, start + days, *place)).collect();
            let all = stays(&given);
            let on = |day: i32| all.iter().filter(move |one| one.start <= day && day < one.end)
                .max_by_key(|one| (one.start, !one.temporary, one.end, Reverse(one.place)));
            // Day by day: the spell and the place, told apart by a number that grows with each move.
            let mut naive: Vec<Option<(u32, u32, Option<u32>)>> = Vec::new();
            let (mut spell, mut away, mut held) = (0, i32::MAX, None);
            for day in 0..90 {
                naive.push(on(day).map(|one| {
                    if away > gap_days {
                        (spell, held) = (spell + 1, Some((1, None)));
                    }
                    away = 0;
                    let (number, place) = held.unwrap();
                    held = Some(match place {
                        _ if one.temporary => (number, place),
                        None => (number, Some(one.place)),
                        Some(place) if place == one.place => (number, Some(place)),
                        Some(_) => (number + 1, Some(one.place)),
                    });
                    (spell, held.unwrap().0, held.unwrap().1)
                }));
                if naive.last() == Some(&None) { away = away.saturating_add(1); }
            }
            let (found, _) = run(&given, gap_days);
            for (day, naive) in (0..).zip(naive) {
                let held: Vec<_> =
                    found.iter().filter(|one| one.start <= day && day < one.end).collect();
                prop_assert!(held.len() <= 1);
                if let Some((spell, number, place)) = naive {
                    prop_assert_eq!((held[0].spell, held[0].number), (spell, number), "day {}", day);
                    if place.is_some() {
                        let row = &all[held[0].row as usize];
                        prop_assert_eq!(Some(row.place), place, "day {}", day);
                    }
                }
            }
            for pair in found.windows(2) {
                prop_assert_eq!(pair[0].moved, pair[0].spell == pair[1].spell);
                prop_assert!(!pair[0].moved || pair[0].end == pair[1].start);
                prop_assert!(pair[0].moved || pair[0].end + gap_days < pair[1].start);
            }
            let mut turned = stays(&given);
            turned.rotate_left(turn.min(given.len()));
            let mut again = Vec::new();
            placements(&mut turned, gap_days, &mut again, |_| ());
            prop_assert_eq!(again, found);
        }
    }
}
