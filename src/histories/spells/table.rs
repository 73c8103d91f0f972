//! How are the spells shown? One row each, by child and then start.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
use rayon::prelude::*;

use crate::engine::period::to_day;
use crate::error::Result;

use super::super::episodes::OPEN;
use super::super::order::in_order;
use super::super::rows::Rows;
use super::super::table::batch;
use super::union::Spell;
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
        let spells = ordered(&children, made);
        made.iter_mut().for_each(|made| made.spells = Vec::new());
        drop(children);
        let as_of = self.as_of.map(to_day);
        let days = |spell: &Spell| match (spell.end, as_of) {
            (OPEN, None) => None,
            (OPEN, Some(as_of)) => Some(i64::from(as_of - spell.start)),
            (end, _) => Some(i64::from(end - spell.start)),
        };
        let whole = |of: &dyn Fn(&Spell) -> u32| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(spells.iter().map(|spell| i64::from(of(spell)))))
        };
        let row: Vec<u32> = spells.iter().map(|spell| spell.row).collect();
        let start = Date32Array::from_iter_values(spells.iter().map(|spell| spell.start));
        let end = spells.iter().map(|spell| (spell.end != OPEN).then_some(spell.end));
        let mut made: Vec<(String, ArrayRef)> = vec![
            (OWN[0].to_owned(), rows.take(&self.child, &row)?),
            (OWN[1].to_owned(), whole(&|spell| spell.number)),
            (OWN[2].to_owned(), Arc::new(start)),
            (OWN[3].to_owned(), Arc::new(Date32Array::from_iter(end))),
            (OWN[4].to_owned(), whole(&|spell| spell.episodes)),
            (OWN[5].to_owned(), Arc::new(Int64Array::from_iter(spells.iter().map(days)))),
        ];
        for name in self.transfer.iter().chain(&self.keep) {
            made.push((name.clone(), rows.take(name, &row)?));
        }
        batch(made.into_iter())
    }
}

/// The spells of the children, child by child.
fn ordered(children: &[Stretch], made: &[Made]) -> Vec<Spell> {
    const CHILDREN: usize = 1 << 14;
    let of = |Stretch { shard, first, after }: &Stretch| {
        let spells = made.get(*shard as usize).map_or(&[][..], |made| &made.spells);
        spells.get(*first as usize..*after as usize).unwrap_or(&[])
    };
    let count = |children: &[Stretch]| children.iter().map(|child| of(child).len()).sum::<usize>();
    let mut ordered = vec![Spell::default(); count(children)];
    let mut rest = ordered.as_mut_slice();
    let mut parts: Vec<(&[Stretch], &mut [Spell])> = Vec::new();
    for children in children.chunks(CHILDREN) {
        let (part, after) = rest.split_at_mut(count(children));
        parts.push((children, part));
        rest = after;
    }
    parts.into_par_iter().for_each(|(children, part)| {
        let spells = children.iter().flat_map(of);
        part.iter_mut().zip(spells).for_each(|(slot, spell)| *slot = *spell);
    });
    ordered
}
