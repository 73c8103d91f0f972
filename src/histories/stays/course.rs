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

/// How often children were in two groups at once, and on how many days; and how often they came back
/// on the day after they had left.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Oddities {
    next_day: u64,
    rows: u64,
    days: i64,
    open: u64,
}

impl Oddities {
    pub(super) fn add(&mut self, other: Self) {
        self.next_day += other.next_day;
        self.rows += other.rows;
        self.days += other.days;
        self.open += other.open;
    }

    /// What a reader of figures by group has to know.
    pub(super) fn notes(self) -> impl Iterator<Item = String> {
        self.in_two().into_iter().chain(self.back_at_once())
    }

    fn back_at_once(self) -> Option<String> {
        (self.next_day > 0).then(|| {
            format!(
                "re-entries on the day after the child left: {}; if the end is the last day in care rather than the first day out, they are no re-entries: give last_day_counts",
                self.next_day
            )
        })
    }

    fn in_two(self) -> Option<String> {
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
) -> Oddities {
    episodes.sort_unstable_by_key(|each| (each.held_by, each.start, each.end, each.row));
    let mut spells: Vec<Spell> = Vec::new();
    let mut groups = 0;
    for of_group in episodes.chunk_by_mut(|left, right| left.held_by == right.held_by) {
        join(of_group, 0, 0, &mut spells, &mut tell);
        groups += 1;
    }
    let odd = if groups > 1 {
        episodes.sort_unstable();
        spells.sort_unstable_by_key(|spell| (spell.start, spell.end, spell.held_by));
        in_two_groups(episodes, tell)
    } else {
        Oddities::default()
    };
    Oddities { next_day: classify(&spells, stays), ..odd }
}

/// How each stay began and ended: against the union of all of them. Gives how often one began on the
/// day after all the others had ended.
fn classify(spells: &[Spell], stays: &mut Vec<Stay>) -> u64 {
    let mut next_day = 0;
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
        next_day += u64::from(rest.first().is_some_and(|next| next.start == until + 1));
    }
    next_day
}

/// A group, how far the child's episodes in it reach, and the row that reaches so far.
struct Reach {
    group: u32,
    end: i32,
    row: u32,
}

/// Tells of the days that count in two groups: for each episode those that are new to its own group
/// and already another's. Added up, they are what all groups together have more than the whole.
fn in_two_groups(episodes: &[Episode], mut tell: impl FnMut(Problem)) -> Oddities {
    let mut odd = Oddities::default();
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
        odd.rows += 1;
        let problem = Problem::of(episode.row, START, &ELSEWHERE).with(other.row);
        tell(match episode.end.min(other.end) {
            OPEN => {
                odd.open += 1;
                problem
            }
            end => {
                odd.days += i64::from(end - new);
                problem.days(end - new)
            }
        });
    }
    odd
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(given: &[(i32, i32, u32)]) -> (Vec<Stay>, Vec<Problem>, Oddities) {
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
        let odd = course(&mut episodes, &mut stays, |problem| problems.push(problem));
        (stays, problems, odd)
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
        let (_, problems, odd) = found(&given);
        let told: Vec<_> = problems
            .iter()
            .map(|each| (each.row, each.other(), each.length(), each.finding))
            .collect();
        assert_eq!(told, [(2, Some(0), Some(20), &ELSEWHERE), (1, Some(0), Some(5), &ELSEWHERE)]);
        assert_eq!(odd, Oddities { rows: 2, days: 25, ..Oddities::default() });
    }

    #[test]
    fn days_in_two_groups_that_are_still_open_have_no_number() {
        let (_, problems, odd) = found(&[(0, OPEN, 1), (5, OPEN, 2)]);
        assert_eq!(
            (problems[0].row, problems[0].other(), problems[0].length()),
            (1, Some(0), None)
        );
        assert!(odd.notes().next().unwrap().contains("1 of them on days that are still open"));
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
            let (stays, _, odd) = found(&given);
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
            prop_assert_eq!(odd.days, excess);
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
