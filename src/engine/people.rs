//! What is recorded of each person, row by row, until it is put together person by person.
//!
//! Rows are only collected while they are read, in shards by identity, so that reading is quick and
//! merging moves lists; each shard is put together on its own, in a table that fits a core's cache.

use rayon::prelude::*;

use super::measure::Merge;
use super::person::PersonId;

/// What is known of one person, put together from records in any order.
pub(crate) trait Known: Default + Send {
    /// What one row says of the person.
    type Record: Copy + Send + Sync + std::fmt::Debug;

    /// Adds what a row says; to add it again changes nothing.
    fn add(&mut self, record: Self::Record);

    /// Records that say the same again.
    fn records(&self) -> impl Iterator<Item = Self::Record>;
}

type Record<V> = (PersonId, <V as Known>::Record);

/// The records of people.
#[derive(Debug, Clone)]
pub(crate) struct People<V: Known> {
    /// Records not yet put into shards: all of them, while they are few.
    loose: Vec<Record<V>>,
    /// For each shard, the list that is being filled; nothing while records are few.
    filling: Vec<Vec<Record<V>>>,
    /// For each shard, the lists that chunks of rows gave.
    shards: Vec<Vec<Vec<Record<V>>>>,
    /// How many records the shards hold, and held when they were last made compact.
    sharded: usize,
    compact: usize,
    /// Whether people were named by numbers, and by texts.
    numbers: bool,
    texts: bool,
}

/// Beyond this many, records are put into shards.
const FEW: usize = 4096;
const SHARDS: usize = 32;
/// Room in a shard's list for its part of a chunk of 2¹⁶ rows, and somewhat more.
const ROOM: usize = 2248;
/// Beyond this many, records are made compact whenever they have doubled, so that memory follows the
/// people rather than the rows.
const MANY: usize = 1 << 22;

impl<V: Known> Default for People<V> {
    fn default() -> Self {
        Self {
            loose: Vec::new(),
            filling: Vec::new(),
            shards: Vec::new(),
            sharded: 0,
            compact: 0,
            numbers: false,
            texts: false,
        }
    }
}

fn shard_of(person: PersonId) -> usize {
    // The tables use the lowest bits of the same number.
    (person.hash() >> 40) as usize % SHARDS
}

impl<V: Known> People<V> {
    /// Records what a row says of a person.
    #[inline]
    pub(crate) fn record(&mut self, person: PersonId, record: V::Record) {
        if person.is_number() {
            self.numbers = true;
        } else {
            self.texts = true;
        }
        match self.filling.get_mut(shard_of(person)) {
            Some(list) => list.push((person, record)),
            None => {
                self.loose.push((person, record));
                if self.loose.len() > FEW {
                    self.spill();
                }
            }
        }
    }

    /// Puts the loose records into the lists of their shards.
    #[cold]
    fn spill(&mut self) {
        self.filling.resize_with(SHARDS, || Vec::with_capacity(ROOM));
        for record in std::mem::take(&mut self.loose) {
            if let Some(list) = self.filling.get_mut(shard_of(record.0)) {
                list.push(record);
            }
        }
    }

    /// Whether some parts named people by numbers and others by texts, so that one person may stand
    /// there twice.
    pub(crate) fn named_in_two_ways(&self) -> bool {
        self.numbers && self.texts
    }

    /// What parts that name people in two ways contradict each other in.
    pub(crate) fn contradiction(&self) -> Option<&'static str> {
        self.named_in_two_ways().then_some(
            "people are named by numbers in one part of the data and by text in another; give the column one type",
        )
    }

    /// Closes the lists that are being filled, at the end of a chunk of rows or of a merge.
    pub(crate) fn settle(&mut self) {
        if self.loose.len() > FEW {
            self.spill();
        }
        if self.filling.is_empty() {
            return;
        }
        self.shards.resize_with(SHARDS, Vec::new);
        for (shard, mut list) in self.shards.iter_mut().zip(self.filling.drain(..)) {
            self.sharded += list.len();
            if list.len() < list.capacity() / 2 {
                list.shrink_to_fit();
            }
            shard.push(list);
        }
        if self.compact == 0 {
            self.compact = MANY;
        }
    }

    /// Says once what the records say several times.
    fn make_compact(&mut self) {
        self.shards.par_iter_mut().for_each(|shard| {
            let records = shard.iter().map(Vec::len).sum();
            let people = put_together(shard.iter().flatten(), records, V::add);
            let list = people
                .iter()
                .flat_map(|(person, known)| known.records().map(|record| (*person, record)))
                .collect();
            *shard = vec![list];
        });
        self.sharded = self.shards.iter().flatten().map(Vec::len).sum();
        self.compact = MANY.max(2 * self.sharded);
    }

    /// Puts everyone together, shard by shard on several threads, and gives what is made of each
    /// shard's people.
    fn by_shard<K: Default, T: Send>(
        &self,
        add: impl Fn(&mut K, V::Record) + Sync + Copy,
        make: impl Fn(Vec<(PersonId, K)>) -> T + Sync,
    ) -> Vec<T> {
        if self.shards.is_empty() && self.filling.is_empty() {
            return vec![make(put_together(self.loose.iter(), self.loose.len(), add))];
        }
        let mut loose: Vec<Vec<Record<V>>> = vec![Vec::new(); SHARDS];
        for record in &self.loose {
            if let Some(list) = loose.get_mut(shard_of(record.0)) {
                list.push(*record);
            }
        }
        (0..SHARDS)
            .into_par_iter()
            .map(|place| {
                let settled = self.shards.get(place).into_iter().flatten();
                let lists = settled.chain(self.filling.get(place)).chain(loose.get(place));
                let records = lists.clone().map(Vec::len).sum();
                make(put_together(lists.flatten(), records, add))
            })
            .collect()
    }

    /// Visits everyone, in no particular order and on several threads, and adds up what is found.
    pub(crate) fn sum<T: Merge + Default + Send>(&self, visit: impl Fn(&mut T, &V) + Sync) -> T {
        self.sum_as(V::add, visit)
    }

    /// The same, with what is known of a person put together in another way.
    pub(crate) fn sum_as<K: Default, T: Merge + Default + Send>(
        &self,
        add: impl Fn(&mut K, V::Record) + Sync + Copy,
        visit: impl Fn(&mut T, &K) + Sync,
    ) -> T {
        let over = |people: Vec<(PersonId, K)>| {
            let mut found = T::default();
            for (_, known) in &people {
                visit(&mut found, known);
            }
            found
        };
        self.by_shard(add, over).into_iter().fold(T::default(), |mut sum, part| {
            sum.merge(part);
            sum
        })
    }

    /// Everyone, in order of identity.
    pub(crate) fn sorted(&self) -> Vec<(PersonId, V)> {
        let mut everyone: Vec<(PersonId, V)> =
            self.by_shard(V::add, |people| people).into_iter().flatten().collect();
        everyone.sort_unstable_by_key(|(person, _)| *person);
        everyone
    }

    /// Changes every record.
    pub(crate) fn change(&mut self, change: impl Fn(&mut V::Record)) {
        let settled = self.shards.iter_mut().flatten().flatten();
        let records = settled.chain(self.filling.iter_mut().flatten()).chain(&mut self.loose);
        records.for_each(|(_, record)| change(record));
    }
}

/// Puts this many records together person by person.
///
/// People stand in a list in order of first record; a table of their places, at most half full, finds
/// them by the next free slot. That is all that is asked of it, so it is quicker than a general one.
fn put_together<'a, R: Copy + 'a, K: Default>(
    records: impl Iterator<Item = &'a (PersonId, R)>,
    count: usize,
    add: impl Fn(&mut K, R),
) -> Vec<(PersonId, K)> {
    // Room for people with four records each; the table grows where they have fewer.
    let mut people: Vec<(PersonId, K)> = Vec::with_capacity(count / 4);
    let mut slots: Vec<u32> = vec![0; count.div_ceil(2).next_power_of_two().max(16)];
    for (person, record) in records {
        let mask = slots.len() - 1;
        let mut place = person.hash() as usize & mask;
        let number = loop {
            let number = slots.get(place).map_or(0, |slot| *slot as usize);
            match people.get(number.wrapping_sub(1)) {
                Some((other, _)) if other == person => break number,
                Some(_) => place = (place + 1) & mask,
                None => {
                    people.push((*person, K::default()));
                    if let Some(slot) = slots.get_mut(place) {
                        *slot = people.len() as u32;
                    }
                    if 2 * people.len() > mask {
                        slots = wider(&people, 4 * slots.len());
                    }
                    break people.len();
                }
            }
        };
        if let Some((_, known)) = people.get_mut(number - 1) {
            add(known, *record);
        }
    }
    people
}

/// A table of the places of people, with more room.
fn wider<K>(people: &[(PersonId, K)], size: usize) -> Vec<u32> {
    let mut slots: Vec<u32> = vec![0; size];
    let mask = size - 1;
    for (number, (person, _)) in (1..).zip(people) {
        let mut place = person.hash() as usize & mask;
        while slots.get(place).is_some_and(|slot| *slot != 0) {
            place = (place + 1) & mask;
        }
        if let Some(slot) = slots.get_mut(place) {
            *slot = number;
        }
    }
    slots
}

impl<V: Known> Merge for People<V> {
    fn merge(&mut self, other: Self) {
        let mut other = other;
        other.settle();
        self.loose.extend(other.loose);
        if self.shards.is_empty() {
            self.shards = other.shards;
        } else {
            for (mine, theirs) in self.shards.iter_mut().zip(other.shards) {
                mine.extend(theirs);
            }
        }
        self.sharded += other.sharded;
        self.numbers |= other.numbers;
        self.texts |= other.texts;
        self.compact = self.compact.max(other.compact);
        self.settle();
        if self.sharded > MANY && self.sharded > self.compact {
            self.make_compact();
        }
    }

    fn is_empty(&self) -> bool {
        self.loose.is_empty() && self.filling.is_empty() && self.sharded == 0
    }
}

/// Counts found among people, added place by place.
#[derive(Debug, Clone)]
pub(crate) struct Counts<const N: usize>(pub(crate) [i64; N]);

impl<const N: usize> Default for Counts<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> Merge for Counts<N> {
    fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, count)| *sum += count);
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }
}

/// Counts found among people, for as many places as there are; a missing place is 0.
#[derive(Debug, Clone, Default)]
pub(crate) struct Series(pub(crate) Vec<i64>);

impl Series {
    /// Adds to a place.
    pub(crate) fn add(&mut self, place: usize, count: i64) {
        if self.0.len() <= place {
            self.0.resize(place + 1, 0);
        }
        if let Some(sum) = self.0.get_mut(place) {
            *sum += count;
        }
    }

    /// The count at a place.
    pub(crate) fn at(&self, place: usize) -> i64 {
        self.0.get(place).copied().unwrap_or(0)
    }
}

impl Merge for Series {
    fn merge(&mut self, other: Self) {
        other.0.into_iter().enumerate().for_each(|(place, count)| self.add(place, count));
    }

    fn is_empty(&self) -> bool {
        self.0.iter().all(|count| *count == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The days on which a person was seen.
    #[derive(Default)]
    struct Seen(Vec<u8>);

    impl Known for Seen {
        type Record = u8;

        fn add(&mut self, day: u8) {
            if !self.0.contains(&day) {
                self.0.push(day);
            }
        }

        fn records(&self) -> impl Iterator<Item = u8> {
            self.0.iter().copied()
        }
    }

    #[derive(Default, Debug, PartialEq)]
    struct Days(usize, usize);

    impl Merge for Days {
        fn merge(&mut self, other: Self) {
            self.0 += other.0;
            self.1 += other.1;
        }

        fn is_empty(&self) -> bool {
            self.0 == 0
        }
    }

    fn part(people: std::ops::Range<u32>, day: u8) -> People<Seen> {
        let mut part = People::default();
        for person in people {
            part.record(PersonId::of_text(&person.to_string()), day);
        }
        part.settle();
        part
    }

    fn counted(people: &People<Seen>) -> Days {
        people.sum(|sum: &mut Days, seen| sum.merge(Days(1, seen.0.len())))
    }

    #[test]
    fn parts_merge_to_the_whole_however_many_people_there_are() {
        for people in [3, 3_000, 5_000, 40_000] {
            let mut merged = part(0..people, 1);
            merged.merge(part(people / 2..people * 2, 1));
            merged.merge(part(0..people, 2));
            let (everyone, twice) = (people as usize * 2, people as usize);
            assert_eq!(counted(&merged), Days(everyone, everyone + twice), "{people}");
            assert_eq!(merged.sorted().len(), everyone);
            merged.settle();
            merged.make_compact();
            assert_eq!(counted(&merged), Days(everyone, everyone + twice), "{people}, compact");
        }
    }
}
