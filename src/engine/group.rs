//! The groups of a run: each different key has a number.

use std::hash::BuildHasher;

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use super::value::Value;

/// The groups of a run, in the order in which they were first met.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    width: usize,
    keys: Vec<Value>,
    count: usize,
    table: HashTable<u32>,
    hasher: FixedState,
}

impl Groups {
    /// No groups yet, of keys of this many values.
    pub(crate) fn new(width: usize) -> Self {
        Self { width, ..Self::default() }
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The key of a group.
    pub(crate) fn key(&self, group: usize) -> &[Value] {
        key_of(&self.keys, self.width, group)
    }

    /// The number of the group with this key, which is new if it was not met before.
    pub(crate) fn number(&mut self, key: &[Value]) -> usize {
        let Self { width, keys, count, table, hasher } = self;
        let found = table.entry(
            hasher.hash_one(key),
            |group| key_of(keys, *width, *group as usize) == key,
            |group| hasher.hash_one(key_of(keys, *width, *group as usize)),
        );
        match found {
            Entry::Occupied(found) => *found.get() as usize,
            Entry::Vacant(empty) => {
                empty.insert(*count as u32);
                keys.extend_from_slice(key);
                *count += 1;
                *count - 1
            }
        }
    }

    /// The groups in order of their keys: period first if there is one (it stands last in the key).
    pub(crate) fn sorted(&self, period: bool) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.count).collect();
        order.sort_by(|left, right| {
            let (left, right) = (self.key(*left), self.key(*right));
            let by_period =
                if period { left.last().cmp(&right.last()) } else { std::cmp::Ordering::Equal };
            by_period.then_with(|| left.cmp(right))
        });
        order
    }
}

fn key_of(keys: &[Value], width: usize, group: usize) -> &[Value] {
    keys.get(group * width..(group + 1) * width).unwrap_or(&[])
}
