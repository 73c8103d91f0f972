//! The tally behind continuity: with whom each family was in contact, and how often.

use std::collections::BTreeMap;

use crate::engine::measure::Merge;
use crate::engine::people::{Known, People};
use crate::engine::person::PersonId;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::Result;

/// Contacts with one worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct With {
    worker: PersonId,
    contacts: u64,
}

/// The workers of one family, each with the contacts; until they are put together a worker may stand
/// there several times.
#[derive(Debug, Clone, Default)]
pub(crate) struct Workers {
    met: Vec<With>,
    /// How many there were when they were last put together.
    together: usize,
}

/// Up to this many are looked through for one; beyond, they are put together when they have doubled.
const FEW: usize = 16;

impl Workers {
    /// Each worker once, in order of identity.
    fn put_together(&mut self) {
        self.met.sort_unstable_by_key(|with| with.worker);
        self.met.dedup_by(|next, kept| {
            let same = next.worker == kept.worker;
            if same {
                kept.contacts += next.contacts;
            }
            same
        });
        self.together = self.met.len();
    }

    /// Each worker's contacts, each worker once.
    fn each(&self) -> Vec<With> {
        let mut workers = self.clone();
        workers.put_together();
        workers.met
    }
}

impl Known for Workers {
    type Record = With;

    fn add(&mut self, with: With) {
        if self.met.len() <= FEW
            && let Some(known) = self.met.iter_mut().find(|known| known.worker == with.worker)
        {
            known.contacts += with.contacts;
            return;
        }
        self.met.push(with);
        if self.met.len() > 2 * self.together.max(FEW) {
            self.put_together();
        }
    }

    fn records(&self) -> impl Iterator<Item = With> {
        self.each().into_iter()
    }
}

/// What a family's continuity is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seen {
    /// Contacts with the worker seen most.
    pub(crate) most: u64,
    pub(crate) contacts: u64,
    pub(crate) workers: u64,
}

/// How many families are alike in that.
#[derive(Debug, Clone, Default)]
pub(crate) struct Families(pub(crate) BTreeMap<Seen, u64>);

impl Merge for Families {
    fn merge(&mut self, other: Self) {
        for (seen, families) in other.0 {
            *self.0.entry(seen).or_default() += families;
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The contacts of one group, by family and worker.
#[derive(Debug, Clone, Default)]
pub struct WorkedWith {
    pub(crate) families: People<Workers>,
    pub(crate) contacts: u64,
    pub(crate) dropped: u64,
    /// The sum of a number made of each usable row.
    digest: u64,
    /// Whether workers were named by numbers, and by texts.
    numbers: bool,
    texts: bool,
}

impl WorkedWith {
    /// Takes in a contact, of which it may not be known with whom it was.
    pub(crate) fn see(&mut self, family: Option<PersonId>, worker: Option<PersonId>) {
        let Some((family, worker)) = family.zip(worker) else {
            self.dropped += 1;
            return;
        };
        self.contacts += 1;
        self.digest = self.digest.wrapping_add(family.digest(worker.hash()));
        self.record(family, With { worker, contacts: 1 });
    }

    fn record(&mut self, family: PersonId, with: With) {
        self.numbers |= with.worker.is_number();
        self.texts |= !with.worker.is_number();
        self.families.record(family, with);
    }

    /// The families by what their continuity is made of.
    pub(crate) fn seen(&self) -> Families {
        self.families.sum(|families: &mut Families, workers| {
            let each = workers.each();
            let seen = Seen {
                most: each.iter().map(|with| with.contacts).max().unwrap_or(0),
                contacts: each.iter().map(|with| with.contacts).sum(),
                workers: each.len() as u64,
            };
            *families.0.entry(seen).or_default() += 1;
        })
    }
}

impl Merge for WorkedWith {
    fn merge(&mut self, other: Self) {
        self.families.merge(other.families);
        self.contacts += other.contacts;
        self.dropped += other.dropped;
        self.digest = self.digest.wrapping_add(other.digest);
        self.numbers |= other.numbers;
        self.texts |= other.texts;
    }

    fn contradiction(&self) -> Option<&'static str> {
        let in_two_ways = self.families.named_in_two_ways() || (self.numbers && self.texts);
        in_two_ways.then_some(
            "families or workers are named by numbers in one part of the data and by text in another; give each column one type",
        )
    }

    fn is_empty(&self) -> bool {
        self.contacts + self.dropped == 0
    }
}

impl Wire for WorkedWith {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("contacts", CellKind::Count),
        ("rows_dropped", CellKind::Count),
        ("digest", CellKind::Digest),
        ("family", CellKind::Person),
        ("worker", CellKind::Person),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        let mut put = |contacts, dropped, digest, family, worker| {
            row(&[
                Cell::Count(contacts),
                Cell::Count(dropped),
                Cell::Digest(digest),
                Cell::Person(family),
                Cell::Person(worker),
            ]);
        };
        put(self.contacts, self.dropped, self.digest, None, None);
        for (family, workers) in self.families.sorted() {
            for With { worker, contacts } in workers.each() {
                put(contacts, 0, 0, Some(family), Some(worker));
            }
        }
    }

    fn digest(&self) -> Vec<u64> {
        vec![self.contacts, self.dropped, self.digest]
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [
                Cell::Count(contacts),
                Cell::Count(dropped),
                Cell::Digest(digest),
                Cell::Person(family),
                Cell::Person(worker),
            ] if family.is_some() == worker.is_some() => {
                let mut state = Self { dropped: *dropped, digest: *digest, ..Self::default() };
                match family.zip(*worker) {
                    None => state.contacts = *contacts,
                    // The first row holds the contacts of all families already.
                    Some((family, worker)) => {
                        state.record(family, With { worker, contacts: *contacts });
                    }
                }
                Ok(state)
            }
            _ => Err(unreadable()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_with_many_workers_is_counted_as_one_with_few() {
        for workers in [3_u64, 17, 200] {
            let mut family = Workers::default();
            for contact in 0..1_000 {
                let worker = PersonId::of_text(&(contact * contact % workers).to_string());
                family.add(With { worker, contacts: 1 });
            }
            let each = family.each();
            let mut naive: BTreeMap<u64, u64> = BTreeMap::new();
            (0..1_000).for_each(|at| *naive.entry(at * at % workers).or_default() += 1);
            let mut counts: Vec<u64> = each.iter().map(|with| with.contacts).collect();
            let mut expected: Vec<u64> = naive.into_values().collect();
            counts.sort_unstable();
            expected.sort_unstable();
            assert_eq!(counts, expected);
        }
    }
}
