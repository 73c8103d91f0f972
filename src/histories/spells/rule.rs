//! Which rows are left out, by the value of a column?

use crate::engine::chunk::Chunk;
use crate::engine::period::day_from_text;
use crate::engine::value::{Value, ValueKind};
use crate::error::{Error, Result};

use super::super::rows::Rows;
use super::Spells;
use super::reading::Piece;

impl Spells {
    /// The rules that leave rows out.
    pub(super) fn rules(&self) -> Vec<Rule> {
        let rule = |name, leaves_out| {
            move |(column, values): (&String, &Vec<Value>)| Rule {
                name,
                column: column.clone(),
                values: values.clone(),
                leaves_out,
            }
        };
        let leave_out = self.leave_out.iter().map(rule("leave_out", true));
        leave_out.chain(self.only.iter().map(rule("only", false))).collect()
    }

    /// What each rule has left out, and which of its values no row has.
    pub(super) fn notes(&self, rows: &Rows<'_>, rules: &[Rule], pieces: &[Piece]) -> Vec<String> {
        let mut notes = Vec::new();
        for (place, rule) in rules.iter().enumerate() {
            let counts = pieces.iter().filter_map(|piece| piece.left_out.get(place));
            let left: u64 = counts.sum();
            let values: Vec<String> = rule.values.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "{}: {} of {} rows left out ({} = {})",
                rule.name,
                left,
                rows.len(),
                rule.column,
                values.join(", ")
            ));
            for (number, value) in rule.values.iter().enumerate() {
                let mut met = pieces.iter().filter_map(|piece| piece.met.get(place)?.get(number));
                if !met.any(|met| *met) {
                    notes.push(format!("{}: no row has {value} in {}", rule.name, rule.column));
                }
            }
        }
        notes
    }
}

/// A rule that leaves rows out by the value of a column.
pub(in crate::histories) struct Rule {
    name: &'static str,
    column: String,
    values: Vec<Value>,
    leaves_out: bool,
}

impl Rule {
    /// Marks the rows left out; says how many of them no earlier rule had left out, and which of the
    /// values were met.
    pub(super) fn apply(&self, chunk: &Chunk<'_>, left: &mut [bool]) -> Result<(u64, Vec<bool>)> {
        let codes = chunk.codes(&self.column, self.name)?;
        let wanted: Vec<Value> = self
            .values
            .iter()
            .map(|value| match value {
                Value::Text(text) if codes.kind() == Some(ValueKind::Day) => {
                    day_from_text(text).map_or_else(|| value.clone(), Value::Day)
                }
                value => value.clone(),
            })
            .collect();
        codes.check_kind(&self.column, self.name, &wanted)?;
        let places: Vec<Option<usize>> = codes
            .values()
            .iter()
            .map(|value| wanted.iter().position(|wanted| wanted == value))
            .collect();
        let mut met = vec![false; wanted.len()];
        let mut count = 0;
        for (row, left) in left.iter_mut().enumerate() {
            let place = places.get(codes.code(row) as usize).copied().flatten();
            if let Some(met) = place.and_then(|place| met.get_mut(place)) {
                *met = true;
            }
            if place.is_some() == self.leaves_out && !*left {
                *left = true;
                count += 1;
            }
        }
        Ok((count, met))
    }
}

pub(super) fn check_values(rule: &str, column: &str, values: &[Value]) -> Result<()> {
    if values.is_empty() {
        return Err(Error::spec(format!("{rule} names column '{column}' without a value")));
    }
    Ok(())
}
