//! Which group is each row in? A number for each combination of values, in their order.

use std::collections::HashMap;

use crate::engine::chunk::Chunk;
use crate::engine::value::Value;
use crate::error::Result;

/// The groups of one piece of the rows.
#[derive(Default)]
pub(super) struct Groups {
    /// A number for each row.
    codes: Vec<u32>,
    /// What the numbers stand for in this piece.
    keys: Vec<Vec<Value>>,
}

impl Groups {
    /// Reads the columns that tell groups apart; without any, all rows are in one group.
    pub(super) fn read(chunk: &Chunk<'_>, by: &[String]) -> Result<Self> {
        let mut all = Self { codes: vec![0; chunk.rows()], keys: vec![Vec::new()] };
        for name in by {
            let column = chunk.codes(name, "by")?;
            let mut numbers: HashMap<(u32, u32), u32> = HashMap::new();
            let mut keys: Vec<Vec<Value>> = Vec::new();
            for (row, code) in all.codes.iter_mut().enumerate() {
                let pair = (*code, column.code(row));
                *code = *numbers.entry(pair).or_insert_with(|| {
                    let before = all.keys.get(pair.0 as usize).into_iter().flatten().cloned();
                    keys.push(before.chain(column.value_of(row).cloned()).collect());
                    keys.len() as u32 - 1
                });
            }
            all.keys = keys;
        }
        Ok(all)
    }
}

/// For each row the number of its group, alike in all pieces.
pub(super) fn groups_of<'a>(pieces: impl Iterator<Item = &'a mut Groups>) -> Vec<u32> {
    let pieces: Vec<Groups> = pieces.map(std::mem::take).collect();
    let mut all: Vec<&Vec<Value>> = pieces.iter().flat_map(|piece| &piece.keys).collect();
    all.sort();
    all.dedup();
    let mut rows = Vec::new();
    for piece in &pieces {
        let number = |key| all.binary_search(&key).unwrap_or(0) as u32;
        let numbers: Vec<u32> = piece.keys.iter().map(number).collect();
        rows.extend(piece.codes.iter().map(|c| numbers.get(*c as usize).copied().unwrap_or(0)));
    }
    rows
}
