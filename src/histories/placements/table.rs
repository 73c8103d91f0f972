//! How are the placements shown? One row each, by child and then start.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch, StringArray};

use crate::engine::period::to_day;
use crate::error::Result;

use super::super::episodes::OPEN;
use super::super::lists::in_one;
use super::super::order::in_order;
use super::super::rows::Rows;
use super::super::table::batch;
use super::stays::Placement;
use super::{AFTER, BEFORE, Made, Placements, Stretch};

impl Placements {
    /// The table of placements, by child and then start.
    pub(super) fn table(&self, rows: &Rows<'_>, made: &mut [Made]) -> Result<RecordBatch> {
        for (shard, made) in (0..).zip(made.iter_mut()) {
            made.children.iter_mut().for_each(|placed| placed.what.shard = shard);
        }
        let children = in_one(made.iter_mut().map(|made| std::mem::take(&mut made.children)));
        let children = in_order(children, rows, &self.child)?;
        let theirs = |Stretch { shard, first, after }: &Stretch| {
            let placements = made.get(*shard as usize).map_or(&[][..], |made| &made.placements);
            placements.get(*first as usize..*after as usize).unwrap_or(&[])
        };
        let all: Vec<Placement> = children.iter().flat_map(theirs).copied().collect();
        let numbers: Vec<u32> = all.iter().map(|one| one.row).collect();
        let as_of = self.as_of.map(to_day);
        let days = |one: &Placement| match (one.end, as_of) {
            (OPEN, None) => None,
            (OPEN, Some(as_of)) => Some(i64::from(as_of - one.start)),
            (end, _) => Some(i64::from(end - one.start)),
        };
        let whole = |of: fn(&Placement) -> u32| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(all.iter().map(|one| i64::from(of(one)))))
        };
        let flag = |of: fn(&Placement) -> Option<bool>| -> ArrayRef {
            Arc::new(BooleanArray::from_iter(all.iter().map(of)))
        };
        let end = |one: &Placement| (one.end != OPEN).then_some(one.end);
        let began = |one: &Placement| if one.number == 1 { "entry" } else { "move" };
        let before: [ArrayRef; 3] =
            [rows.take(&self.child, &numbers)?, whole(|one| one.spell), whole(|one| one.number)];
        let after: [ArrayRef; 6] = [
            Arc::new(Date32Array::from_iter_values(all.iter().map(|one| one.start))),
            Arc::new(Date32Array::from_iter(all.iter().map(end))),
            Arc::new(Int64Array::from_iter(all.iter().map(days))),
            Arc::new(StringArray::from_iter_values(all.iter().map(began))),
            flag(|one| (one.end != OPEN).then_some(one.moved)),
            flag(|one| Some(one.end != OPEN)),
        ];
        let of_rows = |names: &[String]| -> Result<Vec<(String, ArrayRef)>> {
            names.iter().map(|name| Ok((name.clone(), rows.take(name, &numbers)?))).collect()
        };
        let named =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let columns = named(&BEFORE).into_iter().zip(before);
        let columns = columns.chain(of_rows(&self.place)?);
        let columns = columns.chain(named(&AFTER).into_iter().zip(after));
        batch(columns.chain(of_rows(&self.keep)?))
    }
}
