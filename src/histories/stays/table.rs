//! How are the stays shown? One row each, by child and then start.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};

use crate::error::Result;

use super::super::episodes::OPEN;
use super::super::lists::in_one;
use super::super::order::in_order;
use super::super::rows::Rows;
use super::super::table::batch;
use super::{Made, OWN, Stay, Stays, Stretch};

impl Stays {
    /// The table of stays, by child and then start.
    pub(super) fn table(&self, rows: &Rows<'_>, made: &mut [Made]) -> Result<RecordBatch> {
        for (shard, made) in (0..).zip(made.iter_mut()) {
            made.children.iter_mut().for_each(|placed| placed.what.shard = shard);
        }
        let children = in_one(made.iter_mut().map(|made| std::mem::take(&mut made.children)));
        let children = in_order(children, rows, &self.child)?;
        let theirs = |Stretch { shard, first, after }: &Stretch| {
            let stays = made.get(*shard as usize).map_or(&[][..], |made| &made.stays);
            stays.get(*first as usize..*after as usize).unwrap_or(&[])
        };
        let stays: Vec<Stay> = children.iter().flat_map(theirs).copied().collect();
        made.iter_mut().for_each(|made| made.stays = Vec::new());
        let named: Vec<u32> = stays.iter().map(|stay| stay.row).collect();
        let closed = |stay: &Stay| (stay.end != OPEN).then_some(stay.end);
        let days = stays.iter().map(|stay| closed(stay).map(|end| i64::from(end - stay.start)));
        let starts = stays.iter().map(|stay| Some(stay.start));
        let began = stays.iter().map(|stay| Some(stay.began.word()));
        let ended = stays.iter().map(|stay| stay.ended.word());
        let own: [ArrayRef; 6] = [
            rows.take(&self.child, &named)?,
            Arc::new(Date32Array::from_iter(starts)),
            Arc::new(Date32Array::from_iter(stays.iter().map(closed))),
            Arc::new(Int64Array::from_iter(days)),
            Arc::new(StringArray::from_iter(began)),
            Arc::new(StringArray::from_iter(ended)),
        ];
        let mut columns: Vec<(String, ArrayRef)> = Vec::new();
        for name in &self.by {
            columns.push((name.clone(), rows.take(name, &named)?));
        }
        batch(columns.into_iter().chain(OWN.map(str::to_owned).into_iter().zip(own)))
    }
}
