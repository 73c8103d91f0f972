//! One child's episodes joined into spells: plain arithmetic on days.

use super::super::episodes::{END, OPEN, START};
use super::super::problems::{Problem, findings};

/// An episode of care, from its first day to the day on which it is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::histories) struct Episode {
    pub(in crate::histories) start: i32,
    /// The first day no longer in care; [`OPEN`] where there is none yet.
    pub(in crate::histories) end: i32,
    /// What a transfer changes: a number for each authority, in the order of their names.
    pub(in crate::histories) held_by: u32,
    pub(in crate::histories) row: u32,
}

/// A spell of care.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::histories) struct Spell {
    pub(in crate::histories) start: i32,
    pub(in crate::histories) end: i32,
    pub(in crate::histories) episodes: u32,
    pub(in crate::histories) held_by: u32,
    /// The row of its first episode.
    pub(in crate::histories) row: u32,
}

findings! {
    DUPLICATE: "the same child, start and end as another row", "counted once";
    OVERLAP: "begins before another episode of the child has ended", "the days count once";
    OVERLAP_ELSEWHERE: "begins before an episode elsewhere has ended", "both are kept, in a spell each";
    WITHIN_OPEN: "begins while an earlier episode of the child is open", "joined to the spell, which stays open";
    TWO_OPEN: "open, as another episode of the child is", "joined to the spell, which stays open";
    GAP: "a gap since the last episode, no longer than gap_days", "joined; the days between count as care";
}

/// Joins the episodes of one child, whatever their order, and tells of each problem.
///
/// An episode continues a spell if it begins on or before the day on which the spell is over, or
/// within `gap_days` days after it. A spell belongs to one authority: a gap is not bridged across
/// an episode elsewhere. Spells are given in order of start, then end. An overlap of no more than
/// `handover` days is no problem within one authority; in two, the days count in both.
pub(in crate::histories) fn join(
    episodes: &mut [Episode],
    gap_days: i32,
    handover: i32,
    spells: &mut Vec<Spell>,
    mut tell: impl FnMut(Problem),
) {
    if !episodes.is_sorted() {
        episodes.sort_unstable();
    }
    let first = spells.len();
    let mut last: Option<Episode> = None;
    // The episode that reaches furthest of those met so far.
    let mut furthest: Option<Episode> = None;
    for episode in &*episodes {
        if let Some(last) = last
            && (last.start, last.end, last.held_by) == (episode.start, episode.end, episode.held_by)
        {
            tell(Problem::of(episode.row, START, &DUPLICATE).with(last.row));
            continue;
        }
        if let Some(other) = furthest {
            let shared = if episode.held_by == other.held_by { handover } else { 0 };
            if episode.start < other.end - shared {
                tell(overlap(episode, &other));
            }
        }
        let own = spells.get_mut(first..).unwrap_or_default().iter_mut().rev();
        let own = own.into_iter().find(|spell| spell.held_by == episode.held_by);
        let unbroken = last.is_some_and(|last| last.held_by == episode.held_by);
        let bridged = if unbroken { gap_days } else { 0 };
        match own {
            Some(spell) if episode.start <= spell.end.saturating_add(bridged) => {
                if episode.start > spell.end {
                    let gap = Problem::of(episode.row, START, &GAP);
                    tell(gap.days(episode.start - spell.end));
                }
                spell.end = spell.end.max(episode.end);
                spell.episodes += 1;
            }
            _ => spells.push(Spell {
                start: episode.start,
                end: episode.end,
                episodes: 1,
                held_by: episode.held_by,
                row: episode.row,
            }),
        }
        last = Some(*episode);
        if furthest.is_none_or(|other| episode.end > other.end) {
            furthest = Some(*episode);
        }
    }
    // Only spells that overlap, in two authorities, can have come out of order.
    let found = spells.get_mut(first..).unwrap_or_default();
    found.sort_by_key(|spell| (spell.start, spell.end, spell.held_by));
}

fn overlap(episode: &Episode, other: &Episode) -> Problem {
    let (column, finding) = if episode.held_by != other.held_by {
        (START, &OVERLAP_ELSEWHERE)
    } else if other.end < OPEN {
        (START, &OVERLAP)
    } else if episode.end < OPEN {
        (START, &WITHIN_OPEN)
    } else {
        (END, &TWO_OPEN)
    };
    let problem = Problem::of(episode.row, column, finding).with(other.row);
    match episode.end.min(other.end) {
        OPEN => problem,
        end => problem.days(end - episode.start),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn episodes(given: &[(i32, i32)]) -> Vec<Episode> {
        let rows = 0..;
        given
            .iter()
            .zip(rows)
            .map(|((start, end), row)| Episode { start: *start, end: *end, held_by: 0, row })
            .collect()
    }

    fn joined(given: &[(i32, i32)], gap_days: i32) -> (Vec<(i32, i32, u32)>, Vec<Problem>) {
        let (mut spells, mut problems) = (Vec::new(), Vec::new());
        join(&mut episodes(given), gap_days, 0, &mut spells, |problem| problems.push(problem));
        let found = spells.iter().map(|spell| (spell.start, spell.end, spell.episodes));
        (found.collect(), problems)
    }

    #[test]
    fn an_episode_continues_from_the_day_that_the_last_one_is_over_or_within_the_gap() {
        assert_eq!(joined(&[(0, 10), (10, 20)], 0).0, [(0, 20, 2)]);
        assert_eq!(joined(&[(0, 10), (11, 20)], 0).0, [(0, 10, 1), (11, 20, 1)]);
        assert_eq!(joined(&[(0, 10), (11, 20)], 1).0, [(0, 20, 2)]);
        assert_eq!(joined(&[(0, 10), (12, 20)], 1).0, [(0, 10, 1), (12, 20, 1)]);
        assert_eq!(joined(&[(0, OPEN), (12, 20)], 1).0, [(0, OPEN, 2)]);
    }

    #[test]
    fn every_problem_names_the_row_that_it_is_at_odds_with() {
        let (spells, problems) = joined(&[(0, 10), (5, 8), (0, 10), (11, OPEN), (15, OPEN)], 1);
        assert_eq!(spells, [(0, OPEN, 4)]);
        let told: Vec<_> = problems
            .iter()
            .map(|problem| (problem.row, problem.finding, problem.other(), problem.length()))
            .collect();
        assert_eq!(
            told,
            [
                (2, &DUPLICATE, Some(0), None),
                (1, &OVERLAP, Some(0), Some(3)),
                (3, &GAP, None, Some(1)),
                (4, &TWO_OPEN, Some(3), None),
            ]
        );
    }

    #[test]
    fn a_transfer_ends_a_spell_and_an_episode_elsewhere_is_not_bridged() {
        let with = |given: &[(i32, i32, u32)]| {
            let mut episodes: Vec<Episode> = given
                .iter()
                .zip(0..)
                .map(|((start, end, held_by), row)| Episode {
                    start: *start,
                    end: *end,
                    held_by: *held_by,
                    row,
                })
                .collect();
            let mut spells = Vec::new();
            join(&mut episodes, 30, 0, &mut spells, |_| ());
            let found = spells.iter().map(|spell| (spell.start, spell.end, spell.held_by));
            found.collect::<Vec<_>>()
        };
        assert_eq!(with(&[(0, 10, 1), (10, 20, 2)]), [(0, 10, 1), (10, 20, 2)]);
        let there_and_back = [(0, 10, 1), (10, 20, 2), (20, 30, 1)];
        assert_eq!(with(&there_and_back), there_and_back);
        assert_eq!(with(&[(0, 10, 1), (15, 20, 1)]), [(0, 20, 1)]);
        // Without a break in its own authority it is one spell, whatever happens elsewhere.
        assert_eq!(with(&[(0, 10, 1), (5, 6, 2), (10, 20, 1)]), [(0, 20, 1), (5, 6, 2)]);
    }

    proptest! {
        /// Without a gap allowed, the spells hold just the days that an episode holds; with one, also
        /// the days between that are no more; and the order of the rows changes nothing.
        #[test]
        fn the_spells_hold_the_days_of_the_episodes_and_the_gaps(
            given in prop::collection::vec((0..60_i32, 1..12_i32), 0..20),
            gap_days in 0..5_i32,
            turn in 0..20_usize,
        ) {
            let given: Vec<(i32, i32)> =
                given.iter().map(|(start, days)| (*start, start + days)).collect();
            let held = |day: i32| given.iter().any(|(start, end)| *start <= day && day < *end);
            let (spells, _) = joined(&given, gap_days);
            for day in -1..90 {
                let before = (0..90).take_while(|back| !held(day - back)).count() as i32;
                let after = (0..90).take_while(|ahead| !held(day + ahead)).count() as i32;
                // A gap of g days between two episodes: before + after - 1 = g.
                let naive = held(day) || (before + after - 1 <= gap_days && before < 90 && after < 90);
                let found = spells.iter().any(|(start, end, _)| *start <= day && day < *end);
                prop_assert_eq!(found, naive, "day {}", day);
            }
            prop_assert!(spells.windows(2).all(|pair| pair[0].1 + gap_days < pair[1].0));
            let mut turned = given.clone();
            turned.rotate_left(turn.min(given.len()));
            prop_assert_eq!(joined(&turned, gap_days).0, spells);
        }
    }
}
