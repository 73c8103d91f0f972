//! One number for each value of a column, alike in all pieces of the rows.

use crate::engine::codes::Codes;
use crate::engine::value::Value;

/// The values of a column in one piece of the rows: a number for each row, and what they stand for.
pub(super) struct Coded {
    rows: Vec<u32>,
    values: Vec<Value>,
}

impl Coded {
    pub(super) fn new(codes: &Codes, rows: usize) -> Self {
        Self {
            rows: (0..rows).map(|row| codes.code(row)).collect(),
            values: codes.values().to_vec(),
        }
    }
}

/// For each row the number of its value, counted in the order of the values; and the values.
pub(super) fn numbered(pieces: Vec<Coded>) -> (Vec<u32>, Vec<Value>) {
    let mut all: Vec<Value> =
        pieces.iter().flat_map(|piece| piece.values.iter().cloned()).collect();
    all.sort();
    all.dedup();
    let mut rows = Vec::with_capacity(pieces.iter().map(|piece| piece.rows.len()).sum());
    for piece in pieces {
        let number = |value| all.binary_search(value).unwrap_or(0) as u32;
        let numbers: Vec<u32> = piece.values.iter().map(number).collect();
        let number = |code: &u32| numbers.get(*code as usize).copied().unwrap_or(0);
        rows.extend(piece.rows.iter().map(number));
    }
    (rows, all)
}
