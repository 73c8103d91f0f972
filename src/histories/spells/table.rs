//! How are the spells shown? One row each, by child and then start.

use std::sync::Arc;

use arrow_array::types::{Date32Type, Int64Type};
use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
use rayon::prelude::*;

use crate::engine::period::to_day;
use crate::error::Result;

use super::super::episodes::OPEN;
use super::super::lists::in_one;
use super::super::order::in_order;
use super::super::rows::Rows;
use super::super::table::{batch, column};
use super::union::Spell;
use super::{Made, OWN, Spells, Stretch};

impl Spells {
    /// The table of spells, by child and then start.
    pub(super) fn table(&self, rows: &Rows<'_>, made: &mut [Made]) -> Result<RecordBatch> {
        for (shard, made) in (0..).zip(made.iter_mut()) {
            made.children.iter_mut().for_each(|placed| placed.what.shard = shard);
        }
        let children = in_one(made.iter_mut().map(|made| std::mem::take(&mut made.children)));
        let children = in_order(children, rows, &self.child)?;
        let Shown { number, start, end, episodes, row } = Shown::of(&children, made);
        made.iter_mut().for_each(|made| made.spells = Vec::new());
        drop(children);
        let as_of = self.as_of.map(to_day);
        let closed = |place: usize| end.get(place).copied().filter(|end| *end != OPEN);
        let days = |place: usize| {
            let until = closed(place).or(as_of);
            until.zip(start.get(place)).map(|(until, start)| i64::from(until - start))
        };
        let days = column::<Int64Type>(start.len(), days);
        let end = column::<Date32Type>(end.len(), closed);
        let mut made: Vec<(String, ArrayRef)> = vec![
            (OWN[0].to_owned(), rows.take(&self.child, &row)?),
            (OWN[1].to_owned(), Arc::new(Int64Array::from(number))),
            (OWN[2].to_owned(), Arc::new(Date32Array::from(start))),
            (OWN[3].to_owned(), end),
            (OWN[4].to_owned(), Arc::new(Int64Array::from(episodes))),
            (OWN[5].to_owned(), days),
        ];
        for name in self.transfer.iter().chain(&self.keep) {
            made.push((name.clone(), rows.take(name, &row)?));
        }
        batch(made.into_iter())
    }
}

/// The spells of all children, child by child, each part of them in a list of its own.
struct Shown {
    number: Vec<i64>,
    start: Vec<i32>,
    end: Vec<i32>,
    episodes: Vec<i64>,
    row: Vec<u32>,
}

/// Room for some of them.
struct Room<'a> {
    number: &'a mut [i64],
    start: &'a mut [i32],
    end: &'a mut [i32],
    episodes: &'a mut [i64],
    row: &'a mut [u32],
}

impl Shown {
    fn of(children: &[Stretch], made: &[Made]) -> Self {
        const CHILDREN: usize = 1 << 14;
        let of = |Stretch { shard, first, after }: &Stretch| {
            let spells = made.get(*shard as usize).map_or(&[][..], |made| &made.spells);
            spells.get(*first as usize..*after as usize).unwrap_or(&[])
        };
        let count = children.iter().map(|child| of(child).len()).sum::<usize>();
        let mut shown = Self {
            number: vec![0; count],
            start: vec![0; count],
            end: vec![0; count],
            episodes: vec![0; count],
            row: vec![0; count],
        };
        let mut rest = shown.room();
        let mut parts: Vec<(&[Stretch], Room<'_>)> = Vec::new();
        for children in children.chunks(CHILDREN) {
            let (part, after) = rest.split(children.iter().map(|child| of(child).len()).sum());
            parts.push((children, part));
            rest = after;
        }
        parts.into_par_iter().for_each(|(children, part)| {
            let spells = children.iter().flat_map(|child| (1..).zip(of(child)));
            part.fill(spells);
        });
        shown
    }

    fn room(&mut self) -> Room<'_> {
        let Self { number, start, end, episodes, row } = self;
        Room { number, start, end, episodes, row }
    }
}

impl<'a> Room<'a> {
    /// Room for the first so many, and for the others.
    fn split(self, count: usize) -> (Self, Self) {
        let (number, numbers) = self.number.split_at_mut(count);
        let (start, starts) = self.start.split_at_mut(count);
        let (end, ends) = self.end.split_at_mut(count);
        let (episodes, all_episodes) = self.episodes.split_at_mut(count);
        let (row, rows) = self.row.split_at_mut(count);
        let after =
            Self { number: numbers, start: starts, end: ends, episodes: all_episodes, row: rows };
        (Self { number, start, end, episodes, row }, after)
    }

    /// Writes numbered spells.
    fn fill<'s>(self, spells: impl Iterator<Item = (i64, &'s Spell)>) {
        let dates = self.start.iter_mut().zip(self.end);
        let counts = self.number.iter_mut().zip(self.episodes);
        for ((((start, end), (number, episodes)), row), (place, spell)) in
            dates.zip(counts).zip(self.row).zip(spells)
        {
            (*start, *end, *row) = (spell.start, spell.end, spell.row);
            (*number, *episodes) = (place, i64::from(spell.episodes));
        }
    }
}
