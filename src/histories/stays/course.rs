//! The stays of one child: plain arithmetic on days.

use super::super::episodes::OPEN;
use super::super::problems::{Problem, findings};
use super::super::spells::{Episode, Spell, join};

/// The place of the column of first days among those of the history.
const START: u8 = 1;

findings! {
    ELSEWHERE: "in another group on the same days", "counted in both: groups add up to more than the whole";
}

/// A stay in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stay {
    pub(super) start: i32,
    pub(super) end: i32,
    pub(super) began: Began,
    pub(super) ended: Ended,
    /// The row of its first episode.
    pub(super) row: u32,
}

/// How a stay began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Began {
    FirstEntry,
    ReEntry,
    Move,
}

/// How a stay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Open,
    Exit,
    Move,
}

impl Began {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::FirstEntry => "first entry",
            Self::ReEntry => "re-entry",
            Self::Move => "move",
        }
    }
}

impl Ended {
    pub(super) fn word(self) -> Option<&'static str> {
        match self {
            Self::Open => None,
            Self::Exit => Some("exit"),
            Self::Move => Some("move"),
        }
    }
}

/// How often children were in two groups at once, and on how many days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct AtOnce {
    rows: u64,
    days: i64,
    open: u64,
}

impl AtOnce {
    pub(super) fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.days += other.days;
        self.open += other.open;
    }

    /// What a reader of figures by group has to know.
    pub(super) fn note(self) -> Option<String> {
        let (rows, put) = match self.rows {
            0 => return None,
            1 => ("1 row".to_owned(), "puts"),
            rows => (format!("{rows} rows"), "put"),
        };
        let open = match self.open {
            0 => String::new(),
            open => format!(", and {open} of them on days that are still open"),
        };
        Some(format!(
            "{rows} {put} a child in two groups at once, on {} days in all{open}: groups add up to more than the whole by so much (see problems)",
            self.days
        ))
    }
}

/// Finds the stays of one child, in order of start, then end, then group, and tells of each problem.
pub(super) fn course(
    episodes: &mut [Episode],
    stays: &mut Vec<Stay>,
    mut tell: impl FnMut(Problem),
) -> AtOnce {
    episodes.sort_unstable_by_key(|each| (each.held_by, each.start, each.end, each.row));
    let mut spells: Vec<Spell> = Vec::new();
    let mut groups = 0;
    for of_group in episodes.chunk_by_mut(|left, right| left.held_by == right.held_by) {
        join(of_group, 0, 0, &mut spells, &mut tell);
        groups += 1;
    }
    let at_once = if groups > 1 {
        episodes.sort_unstable();
        spells.sort_unstable_by_key(|spell| (spell.start, spell.end, spell.held_by));
        in_two_groups(episodes, tell)
    } else {
        AtOnce::default()
    };
    classify(&spells, stays);
    at_once
}

/// How each stay began and ended: against the union of all of them.
fn classify(spells: &[Spell], stays: &mut Vec<Stay>) {
    let mut rest = spells;
    let mut began = Began::FirstEntry;
    while let Some(first) = rest.first() {
        // In care without a break: from the first stay to the end of the one that reaches furthest.
        let mut until = first.end;
        let unbroken = rest.iter().take_while(|spell| {
            let goes_on = spell.start <= until;
            if goes_on {
                until = until.max(spell.end);
            }
            goes_on
        });
        let (unbroken, after) = rest.split_at(unbroken.count());
        stays.extend(unbroken.iter().map(|spell| Stay {
            start: spell.start,
            end: spell.end,
            began: if spell.start == first.start { began } else { Began::Move },
            ended: match spell.end {
                OPEN => Ended::Open,
                end if end == until => Ended::Exit,
                _ => Ended::Move,
            },
            row: spell.row,
        }));
        began = Began::ReEntry;
        rest = after;
    }
}

/// A group, how far the child's episodes in it reach, and the row that reaches so far.
struct Reach {
    group: u32,
    end: i32,
    row: u32,
}

/// Tells of the days that count in two groups: for each episode those that are new to its own group
/// and already another's. Added up, they are what all groups together have more than the whole.
fn in_two_groups(episodes: &[Episode], mut tell: impl FnMut(Problem)) -> AtOnce {
    let mut at_once = AtOnce::default();
    let mut reaches: Vec<Reach> = Vec::new();
    for episode in episodes {
        let own = reaches.iter_mut().find(|reach| reach.group == episode.held_by);
        let new = own.as_ref().map_or(episode.start, |own| own.end.max(episode.start));
        if episode.end <= new {
            continue;
        }
        match own {
            Some(own) => (own.end, own.row) = (episode.end, episode.row),
            None => {
                let Episode { held_by: group, end, row, .. } = *episode;
                reaches.push(Reach { group, end, row });
            }
        }
        let others = reaches.iter().filter(|reach| reach.group != episode.held_by);
        let Some(other) = others.max_by_key(|reach| (reach.end, std::cmp::Reverse(reach.row)))
        else {
            continue;
        };
        if other.end <= new {
            continue;
        }
        at_once.rows += 1;
        let problem = Problem::of(episode.row, START, &ELSEWHERE).with(other.row);
        tell(match episode.end.min(other.end) {
            OPEN => {
                at_once.open += 1;
                problem
            }
            end => {
                at_once.days += i64::from(end - new);
                problem.days(end - new)
            }
        });
    }
    at_once
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(given: &[(i32, i32, u32)]) -> (Vec<Stay>, Vec<Problem>, AtOnce) {
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
        let (mut stays, mut problems) = (Vec::new(), Vec::new());
        let at_once = course(&mut episodes, &mut stays, |problem| problems.push(problem));
        (stays, problems, at_once)
    }

    fn words(given: &[(i32, i32, u32)]) -> Vec<(i32, i32, &'static str, Option<&'static str>)> {
        let stays = found(given).0;
        stays
            .iter()
            .map(|stay| (stay.start, stay.end, stay.began.word(), stay.ended.word()))
            .collect()
    }

    #[test]
    fn a_stay_that_begins_as_another_ends_is_a_move() {
        assert_eq!(
            words(&[(0, 10, 1), (10, 20, 2), (20, 25, 2), (30, OPEN, 1)]),
            [
                (0, 10, "first entry", Some("move")),
                (10, 25, "move", Some("exit")),
                (30, OPEN, "re-entry", None),
            ]
        );
    }

    #[test]
    fn a_stay_within_another_begins_and_ends_with_a_move() {
        let given = [(0, 20, 1), (5, 10, 2), (0, 20, 3)];
        assert_eq!(
            words(&given),
            [
                (0, 20, "first entry", Some("exit")),
                (0, 20, "first entry", Some("exit")),
                (5, 10, "move", Some("move")),
            ]
        );
        let (_, problems, at_once) = found(&given);
        let told: Vec<_> =
            problems.iter().map(|each| (each.row, each.other, each.days, each.finding)).collect();
        assert_eq!(told, [(2, Some(0), Some(20), &ELSEWHERE), (1, Some(0), Some(5), &ELSEWHERE)]);
        assert_eq!(at_once, AtOnce { rows: 2, days: 25, open: 0 });
    }

    #[test]
    fn days_in_two_groups_that_are_still_open_have_no_number() {
        let (_, problems, at_once) = found(&[(0, OPEN, 1), (5, OPEN, 2)]);
        assert_eq!((problems[0].row, problems[0].other, problems[0].days), (1, Some(0), None));
        assert!(at_once.note().unwrap().contains("1 of them on days that are still open"));
    }

    proptest! {
        /// Each group holds the days of its episodes; entries less exits, and moves in less moves
        /// out, follow a child through the groups; the days listed are what the groups exceed the
        /// whole by.
        #[test]
        fn stays_account_for_every_day(
            given in prop::collection::vec((0..60_i32, 1..12_i32, 0..3_u32), 0..14),
        ) {
            let given: Vec<_> =
                given.iter().map(|(start, days, group)| (*start, start + days, *group)).collect();
            let (stays, _, at_once) = found(&given);
            let held = |day: i32, group: Option<u32>| given.iter().any(|(start, end, held_by)| {
                *start <= day && day < *end && group.is_none_or(|group| group == *held_by)
            });
            let mut excess = 0;
            for day in -1..90 {
                let in_groups = (0..3).filter(|group| held(day, Some(*group))).count();
                let count = stays.iter().filter(|stay| stay.start <= day && day < stay.end).count();
                prop_assert_eq!(count, in_groups);
                excess += in_groups as i64 - i64::from(held(day, None));
            }
            prop_assert_eq!(at_once.days, excess);
            let first = given.iter().map(|(start, ..)| *start).min();
            for stay in &stays {
                let expected = match held(stay.start - 1, None) {
                    true => "move",
                    false if Some(stay.start) == first => "first entry",
                    false => "re-entry",
                };
                prop_assert_eq!(stay.began.word(), expected);
                let expected = if held(stay.end, None) { "move" } else { "exit" };
                prop_assert_eq!(stay.ended.word(), Some(expected));
            }
            prop_assert!(stays.is_sorted_by_key(|stay| (stay.start, stay.end)));
        }
    }
}
