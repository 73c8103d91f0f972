//! The records of a table put together person by person, in shards by identity.
//!
//! Pieces of the table part their records by shard while they are read; each shard is then put
//! together on its own, in memory that fits a core's cache. The shards follow from the number of
//! rows, never from the number of threads.

use rayon::prelude::*;

use crate::engine::person::PersonId;

use super::spare::Spare;

/// A record and the person whom it is about.
pub(super) type Record<R> = (PersonId, R);

/// How many shards suit this many rows.
pub(super) fn shards(rows: usize) -> usize {
    (rows / 32_768).next_power_of_two().clamp(1, 512)
}

fn shard_of(person: PersonId, shards: usize) -> usize {
    // The tables of people use the lowest bits of the same number.
    (person.hash() >> 40) as usize & (shards - 1)
}

/// The records of one piece, shard by shard: each can be given back to the system alone.
pub(super) struct Parted<R>(Vec<Part<R>>);

/// The records of one piece and shard.
struct Part<R> {
    people: Identities,
    records: Vec<R>,
}

impl<R> Default for Parted<R> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Identities in half the room where their second halves are all the same: those of whole numbers, or
/// of texts of one length up to 8 bytes.
struct Identities {
    first_halves: Vec<u64>,
    second_halves: Halves,
}

enum Halves {
    Same(u64),
    Each(Vec<u64>),
}

impl Identities {
    /// Room for so many, whose second halves are all this one, or differ.
    fn with_capacity(count: usize, same: Option<u64>) -> Self {
        let second_halves =
            same.map_or_else(|| Halves::Each(Vec::with_capacity(count)), Halves::Same);
        Self { first_halves: Vec::with_capacity(count), second_halves }
    }

    fn push(&mut self, PersonId([first, second]): PersonId) {
        self.first_halves.push(first);
        if let Halves::Each(halves) = &mut self.second_halves {
            halves.push(second);
        }
    }

    fn each(&self, mut visit: impl FnMut(PersonId)) {
        let firsts = &self.first_halves;
        match &self.second_halves {
            Halves::Same(second) => {
                firsts.iter().for_each(|first| visit(PersonId([*first, *second])));
            }
            Halves::Each(halves) => {
                let both = firsts.iter().zip(halves);
                both.for_each(|(first, second)| visit(PersonId([*first, *second])));
            }
        }
    }
}

/// Parts records by shard, and within a shard leaves them as they come.
pub(super) fn part<R: Copy>(records: &[Record<R>], shards: usize) -> Parted<R> {
    let mut counts = vec![0_usize; shards];
    let mut places: Vec<u16> = Vec::with_capacity(records.len());
    let mut same = records.first().map(|(PersonId([_, second]), _)| *second);
    for (person, _) in records {
        let shard = shard_of(*person, shards);
        places.push(shard as u16);
        if let Some(count) = counts.get_mut(shard) {
            *count += 1;
        }
        let PersonId([_, second]) = person;
        same = same.filter(|other| other == second);
    }
    let room = |count| Part {
        people: Identities::with_capacity(count, same),
        records: Vec::with_capacity(count),
    };
    let mut parts: Vec<Part<R>> = counts.into_iter().map(room).collect();
    for ((person, record), shard) in records.iter().zip(places) {
        if let Some(part) = parts.get_mut(usize::from(shard)) {
            part.people.push(*person);
            part.records.push(*record);
        }
    }
    Parted(parts)
}

/// From counts to sums of counts.
fn add_up(counts: &mut [u32]) {
    let mut sum = 0;
    for count in counts {
        sum += *count;
        *count = sum;
    }
}

impl<R> Parted<R> {
    /// All records.
    pub(super) fn records(&self) -> impl Iterator<Item = &R> {
        self.0.iter().flat_map(|part| &part.records)
    }

    /// All records, to be changed where they stand.
    pub(super) fn records_mut(&mut self) -> impl Iterator<Item = &mut R> {
        self.0.iter_mut().flat_map(|part| &mut part.records)
    }
}

/// The people of a shard, and the records of each in the order of the table.
pub(super) struct Shard<R> {
    people: Vec<PersonId>,
    /// Where each person's records begin, and after them the number of records.
    firsts: Vec<u32>,
    records: Vec<R>,
}

impl<R> Shard<R> {
    /// Visits every person with their records.
    pub(super) fn each(&mut self, mut visit: impl FnMut(PersonId, &mut [R])) {
        let mut rest = self.records.as_mut_slice();
        for (person, bounds) in self.people.iter().zip(self.firsts.windows(2)) {
            let count = match bounds {
                [first, next] => (next - first) as usize,
                _ => 0,
            };
            let Some((theirs, after)) = rest.split_at_mut_checked(count) else { return };
            visit(*person, theirs);
            rest = after;
        }
    }
}

/// Works through the shards on several threads; what is made of them is given in their order. The
/// records of a shard are given back once it is done, which makes room for what is made of them.
pub(super) fn each_shard<R: Copy + Send + Sync, T: Send>(
    pieces: Vec<Parted<R>>,
    shards: usize,
    work: impl Fn(&mut Shard<R>) -> T + Sync,
) -> Vec<T> {
    let mut by_shard: Vec<Vec<Part<R>>> = Vec::new();
    by_shard.resize_with(shards, || Vec::with_capacity(pieces.len()));
    for Parted(parts) in pieces {
        by_shard.iter_mut().zip(parts).for_each(|(shard, part)| shard.push(part));
    }
    let spare = Spare::default();
    let of_shard = |parts| {
        let mut bench: Bench<R> = spare.take();
        bench.put_together(parts);
        let made = work(&mut bench.shard);
        spare.give(bench);
        made
    };
    by_shard.into_par_iter().map(of_shard).collect()
}

/// Where a shard is put together. It is used for one shard after the other: what is asked for anew each
/// time is cut out of the memory that the shards before gave back, and leaves pieces too small for
/// anything else.
struct Bench<R> {
    shard: Shard<R>,
    /// The number of each record's person.
    numbers: Vec<u32>,
    slots: Vec<u32>,
    next: Vec<u32>,
}

impl<R> Default for Bench<R> {
    fn default() -> Self {
        let shard = Shard { people: Vec::new(), firsts: Vec::new(), records: Vec::new() };
        Self { shard, numbers: Vec::new(), slots: Vec::new(), next: Vec::new() }
    }
}

impl<R: Copy> Bench<R> {
    /// Puts a shard's records together person by person.
    ///
    /// A table of the places of people, at most half full, finds them by the next free slot.
    fn put_together(&mut self, parts: Vec<Part<R>>) {
        let Self { shard: Shard { people, firsts, records: together }, numbers, slots, next } =
            self;
        people.clear();
        firsts.clear();
        firsts.push(0);
        together.clear();
        numbers.clear();
        let records = || parts.iter().flat_map(|part| &part.records);
        let count = parts.iter().map(|part| part.records.len()).sum::<usize>();
        let Some(any) = records().next().copied() else { return };
        slots.clear();
        slots.resize(count.div_ceil(2).next_power_of_two().max(16), 0);
        let mut number_of = |person: PersonId| {
            let mask = slots.len() - 1;
            let mut place = person.hash() as usize & mask;
            let number = loop {
                let number = slots.get(place).map_or(0, |slot| *slot as usize);
                match people.get(number.wrapping_sub(1)) {
                    Some(other) if *other == person => break number,
                    Some(_) => place = (place + 1) & mask,
                    None => {
                        people.push(person);
                        firsts.push(0);
                        if let Some(slot) = slots.get_mut(place) {
                            *slot = people.len() as u32;
                        }
                        if 2 * people.len() > mask {
                            *slots = wider(people, 4 * slots.len());
                        }
                        break people.len();
                    }
                }
            };
            if let Some(count) = firsts.get_mut(number) {
                *count += 1;
            }
            numbers.push(number as u32 - 1);
        };
        for part in &parts {
            part.people.each(&mut number_of);
        }
        add_up(firsts);
        next.clone_from(firsts);
        together.resize(count, any);
        for (record, number) in records().zip(&*numbers) {
            if let Some(place) = next.get_mut(*number as usize) {
                if let Some(slot) = together.get_mut(*place as usize) {
                    *slot = *record;
                }
                *place += 1;
            }
        }
    }
}

/// A table of the places of people, with more room.
fn wider(people: &[PersonId], size: usize) -> Vec<u32> {
    let mut slots: Vec<u32> = vec![0; size];
    let mask = size - 1;
    for (number, person) in (1..).zip(people) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// However the records are cut into pieces and shards, each person has all of theirs, in order.
        #[test]
        fn everyone_has_their_records_in_order(
            people in prop::collection::vec(0..30_u32, 0..300),
            cut in 1..40_usize,
            shards in prop::sample::select(vec![1_usize, 2, 8]),
        ) {
            let all: Vec<Record<usize>> = people
                .iter()
                .enumerate()
                .map(|(row, person)| (PersonId::of_text(&person.to_string()), row))
                .collect();
            let pieces: Vec<_> = all.chunks(cut).map(|piece| part(piece, shards)).collect();
            let found = each_shard(pieces, shards, |shard| {
                let mut found = Vec::new();
                shard.each(|person, rows| found.push((person, rows.to_vec())));
                found
            });
            let mut found: Vec<_> = found.into_iter().flatten().collect();
            found.sort();
            let mut naive = std::collections::BTreeMap::<PersonId, Vec<usize>>::new();
            for (person, row) in all {
                naive.entry(person).or_default().push(row);
            }
            prop_assert_eq!(found, naive.into_iter().collect::<Vec<_>>());
        }
    }
}
