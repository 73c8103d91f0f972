//! How are the pathways shown? One row for each stay in a state, by person, pathway and step.

use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, UInt32Array};
use arrow_select::take::take;

use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};

use super::super::order::in_order;
use super::super::rows::Rows;
use super::super::table::batch;
use super::course::{Made, NEVER, NOTHING, Stay};
use super::{OWN, Pathways, REACHED};

impl Pathways {
    /// The table of stays, by person, pathway and step.
    pub(super) fn table(
        &self,
        rows: &Rows<'_>,
        made: &mut [Made],
        states: &[Value],
    ) -> Result<RecordBatch> {
        for (shard, made) in (0..).zip(made.iter_mut()) {
            made.people.iter_mut().for_each(|placed| placed.what.shard = shard);
        }
        let people = made.iter_mut().flat_map(|made| std::mem::take(&mut made.people)).collect();
        let people = in_order(people, rows, &self.person)?;
        let mut stays: Vec<Stay> =
            Vec::with_capacity(made.iter().map(|made| made.stays.len()).sum());
        for stretch in people {
            let of_shard = made.get(stretch.shard as usize).map_or(&[][..], |made| &made.stays);
            let theirs = of_shard.get(stretch.first as usize..stretch.after as usize);
            stays.extend_from_slice(theirs.unwrap_or(&[]));
        }
        made.iter_mut().for_each(|made| made.stays = Vec::new());
        let mut columns = vec![(
            self.person.clone(),
            rows.take(&self.person, &rows_of(&stays, |stay| stay.row))?,
        )];
        let own = OWN.into_iter().zip(own(&stays, states)?);
        columns.extend(own.map(|(name, column)| (name.to_owned(), column)));
        if !self.statutory.is_empty() {
            let reached = REACHED.into_iter().zip(reached(&stays));
            columns.extend(reached.map(|(name, column)| (name.to_owned(), column)));
        }
        let began = rows_of(&stays, |stay| stay.began);
        for name in &self.keep {
            columns.push((name.clone(), rows.take(name, &began)?));
        }
        batch(columns.into_iter())
    }
}

fn rows_of(stays: &[Stay], of: impl Fn(&Stay) -> u32) -> Vec<u32> {
    stays.iter().map(of).collect()
}

/// The columns that every result has, after the person's.
fn own(stays: &[Stay], states: &[Value]) -> Result<[ArrayRef; 11]> {
    let kind = states.iter().find_map(Value::kind).unwrap_or(ValueKind::Text);
    let names = kind.array(states.iter());
    let state = |of: &dyn Fn(&Stay) -> u32| {
        let number = |stay| Some(of(stay)).filter(|state| *state != NOTHING);
        let numbers: UInt32Array = stays.iter().map(number).collect();
        take(names.as_ref(), &numbers, None).map_err(|cause| Error::internal(cause.to_string()))
    };
    let whole = |of: &dyn Fn(&Stay) -> i64| -> ArrayRef {
        Arc::new(Int64Array::from_iter_values(stays.iter().map(of)))
    };
    let day = |of: &dyn Fn(&Stay) -> Option<i32>| -> ArrayRef {
        Arc::new(Date32Array::from_iter(stays.iter().map(of)))
    };
    Ok([
        whole(&|stay| i64::from(stay.pathway)),
        whole(&|stay| i64::from(stay.step)),
        state(&|stay| stay.from)?,
        state(&|stay| stay.to)?,
        state(&|stay| stay.settled)?,
        day(&|stay| Some(stay.origin)),
        day(&|stay| Some(stay.start)),
        day(&|stay| (stay.to != NOTHING).then_some(stay.exit)),
        whole(&|stay| i64::from(stay.exit - stay.start)),
        whole(&|stay| i64::from(stay.start - stay.origin)),
        whole(&|stay| i64::from(stay.exit - stay.origin)),
    ])
}

/// How long until a statutory state, and how long the person was watched.
fn reached(stays: &[Stay]) -> [ArrayRef; 2] {
    let days =
        |stay: &Stay| (stay.statutory != NEVER).then(|| i64::from(stay.statutory - stay.origin));
    [
        Arc::new(stays.iter().map(days).collect::<Int64Array>()),
        Arc::new(Int64Array::from_iter_values(
            stays.iter().map(|stay| i64::from(stay.until - stay.origin)),
        )),
    ]
}
