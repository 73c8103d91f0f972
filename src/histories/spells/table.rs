//! How are the spells shown? One row each, by child and then start.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
use rayon::prelude::*;

use crate::engine::period::to_day;
use crate::error::Result;

use super::super::order::in_order;
use super::super::rows::Rows;
use super::super::table::batch;
use super::union::{OPEN, Spell};
use super::{Made, OWN, Spells, Stretch};

impl Spells {
    /// The table of spells, by child and then start.
    pub(super) fn table(&self, rows: &Rows<'_>, made: &mut [Made]) -> Result<RecordBatch> {
        for (shard, made) in (0..).zip(made.iter_mut()) {
            made.children.iter_mut().for_each(|placed| placed.what.shard = shard);
        }
        let children =
            made.iter_mut().flat_map(|made| std::mem::take(&mut made.children)).collect();
        let children = in_order(children, rows, &self.child)?;
        let as_of = self.as_of.map(to_day);
        let parts: Vec<Columns> = children
            .par_chunks(1 << 16)
            .map(|children| {
                let mut columns = Columns::default();
                for Stretch { shard, first, after } in children {
                    let spells = made.get(*shard as usize).map_or(&[][..], |made| &made.spells);
                    let theirs = spells.get(*first as usize..*after as usize).unwrap_or(&[]);
                    theirs.iter().zip(1..).for_each(|(spell, number)| columns.add(spell, number));
                }
                columns
            })
            .collect();
        let spells = made.iter_mut().map(|made| std::mem::take(&mut made.spells).len()).sum();
        let columns = Columns::together(parts, spells);
        let days = |(start, end): (&i32, &i32)| match (*end, as_of) {
            (OPEN, None) => None,
            (OPEN, Some(as_of)) => Some(i64::from(as_of - start)),
            (end, _) => Some(i64::from(end - start)),
        };
        let days: Int64Array = columns.start.iter().zip(&columns.end).map(days).collect();
        let ends = columns.end.iter().map(|end| (*end != OPEN).then_some(*end));
        let mut made: Vec<(String, ArrayRef)> = vec![
            (OWN[0].to_owned(), rows.take(&self.child, &columns.row)?),
            (OWN[1].to_owned(), Arc::new(Int64Array::from(columns.spell))),
            (OWN[2].to_owned(), Arc::new(Date32Array::from(columns.start))),
            (OWN[3].to_owned(), Arc::new(Date32Array::from_iter(ends))),
            (OWN[4].to_owned(), Arc::new(Int64Array::from(columns.episodes))),
            (OWN[5].to_owned(), Arc::new(days)),
        ];
        for name in self.transfer.iter().chain(&self.keep) {
            made.push((name.clone(), rows.take(name, &columns.row)?));
        }
        batch(made.into_iter())
    }
}

/// The columns of the result.
#[derive(Default)]
struct Columns {
    row: Vec<u32>,
    spell: Vec<i64>,
    start: Vec<i32>,
    end: Vec<i32>,
    episodes: Vec<i64>,
}

impl Columns {
    fn add(&mut self, spell: &Spell, number: i64) {
        self.row.push(spell.row);
        self.spell.push(number);
        self.start.push(spell.start);
        self.end.push(spell.end);
        self.episodes.push(i64::from(spell.episodes));
    }

    /// Puts parts together that have so many spells in all.
    fn together(parts: Vec<Self>, spells: usize) -> Self {
        let mut all = Self {
            row: Vec::with_capacity(spells),
            spell: Vec::with_capacity(spells),
            start: Vec::with_capacity(spells),
            end: Vec::with_capacity(spells),
            episodes: Vec::with_capacity(spells),
        };
        for part in parts {
            all.row.extend_from_slice(&part.row);
            all.spell.extend_from_slice(&part.spell);
            all.start.extend_from_slice(&part.start);
            all.end.extend_from_slice(&part.end);
            all.episodes.extend_from_slice(&part.episodes);
        }
        all
    }
}
