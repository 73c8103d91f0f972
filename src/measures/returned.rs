//! The tally behind re-referrals: how many referrals, how many again and how many first, in all and by family.

use crate::engine::measure::Merge;
use crate::engine::people::{Known, People};
use crate::engine::person::PersonId;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

/// How many referrals, how many of them repeats, and how many the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Came {
    pub(crate) referrals: u64,
    pub(crate) repeats: u64,
    pub(crate) first: u64,
}

impl Came {
    pub(crate) const REPEAT: Self = Self { referrals: 1, repeats: 1, first: 0 };
    pub(crate) const FIRST: Self = Self { referrals: 1, repeats: 0, first: 1 };
    pub(crate) const LATER: Self = Self { referrals: 1, repeats: 0, first: 0 };

    fn plus(&mut self, other: Self) {
        self.referrals += other.referrals;
        self.repeats += other.repeats;
        self.first += other.first;
    }

    fn cells(self) -> [Cell; 3] {
        [self.referrals, self.repeats, self.first].map(Cell::Count)
    }
}

impl Known for Came {
    type Record = Self;

    fn add(&mut self, record: Self) {
        self.plus(record);
    }

    fn records(&self) -> impl Iterator<Item = Self> {
        std::iter::once(*self)
    }
}

/// The referrals of one group.
#[derive(Debug, Clone, Default)]
pub struct Returned {
    pub(crate) counts: Came,
    pub(crate) dropped: u64,
    /// The same by family, where families are told apart.
    pub(crate) families: People<Came>,
    /// The sum of a number made of each usable row with a family.
    digest: u64,
}

impl Returned {
    /// Takes in a referral; nothing where it cannot be used.
    pub(crate) fn see(&mut self, came: Option<Came>, family: Option<PersonId>) {
        let Some(came) = came else {
            self.dropped += 1;
            return;
        };
        self.counts.plus(came);
        if let Some(family) = family {
            let kind = came.referrals + 2 * came.repeats + 4 * came.first;
            self.digest = self.digest.wrapping_add(family.digest(kind));
            self.families.record(family, came);
        }
    }
}

impl Merge for Returned {
    fn merge(&mut self, other: Self) {
        self.counts.plus(other.counts);
        self.dropped += other.dropped;
        self.families.merge(other.families);
        self.digest = self.digest.wrapping_add(other.digest);
    }

    fn contradiction(&self) -> Option<&'static str> {
        self.families.named_in_two_ways().then_some(
            "families are named by numbers in one part of the data and by text in another; give the column one type",
        )
    }

    fn is_empty(&self) -> bool {
        self.counts.referrals + self.dropped == 0
    }
}

impl Wire for Returned {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("referrals", CellKind::Count),
        ("repeats", CellKind::Count),
        ("first_ever", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("digest", CellKind::Digest),
        ("family", CellKind::Person),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |came: Came, dropped, digest, family| {
            let mut cells: Vec<Cell> = came.cells().into();
            cells.extend([Cell::Count(dropped), Cell::Digest(digest), Cell::Person(family)]);
            row(&cells);
        };
        put(self.counts, self.dropped, self.digest, None);
        for (family, came) in self.families.sorted() {
            put(came, 0, 0, Some(family));
        }
    }

    fn digest(&self) -> Vec<u64> {
        let Came { referrals, repeats, first } = self.counts;
        vec![referrals, repeats, first, self.dropped, self.digest]
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [
                Cell::Count(referrals),
                Cell::Count(repeats),
                Cell::Count(first),
                Cell::Count(dropped),
                Cell::Digest(digest),
                Cell::Person(family),
            ] if repeats.checked_add(*first).is_some_and(|sum| sum <= *referrals) => {
                let came = Came { referrals: *referrals, repeats: *repeats, first: *first };
                let mut state = Self { dropped: *dropped, digest: *digest, ..Self::default() };
                match family {
                    None => state.counts = came,
                    // The first row holds the counts of all families already.
                    Some(family) => state.families.record(*family, came),
                }
                Ok(state)
            }
            _ => Err(unreadable()),
        }
    }
}
