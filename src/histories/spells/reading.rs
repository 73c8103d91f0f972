//! What can be used of a piece of the rows, and what is wrong with the others?

use crate::engine::chunk::Chunk;
use crate::error::Result;

use super::super::by_person::{self, Parted, Record};
use super::super::days::plausible;
use super::super::episodes::{Dated, EpisodeDays, nobody};
use super::super::numbered::Coded;
use super::super::problems::Problem;
use super::Spells;
use super::rule::Rule;

/// What was read of one piece of the rows.
pub(in crate::histories) struct Piece {
    pub(in crate::histories) records: Parted<Dated>,
    pub(in crate::histories) problems: Vec<Problem>,
    /// Rows left out, rule by rule.
    pub(super) left_out: Vec<u64>,
    /// Whether each value of each rule was met.
    pub(super) met: Vec<Vec<bool>>,
    /// What a transfer changes, where it ends a spell.
    pub(super) held_by: Option<Coded>,
    /// For each row the date of birth, where there is an age limit.
    pub(super) born: Vec<Option<i32>>,
}

impl Spells {
    /// Reads a piece of the rows: what can be used of them, and what is wrong with the others.
    pub(in crate::histories) fn piece(
        &self,
        chunk: &Chunk<'_>,
        first: u32,
        shards: usize,
        rules: &[Rule],
    ) -> Result<Piece> {
        let children = chunk.people(&self.child, "child")?;
        let days = EpisodeDays::read(chunk, &self.start, &self.end, self.as_of)?
            .last_day_counts(self.last_day_counts);
        let mut left = vec![false; if rules.is_empty() { 0 } else { chunk.rows() }];
        let (mut left_out, mut met) = (Vec::new(), Vec::new());
        for rule in rules {
            let (count, found) = rule.apply(chunk, &mut left)?;
            left_out.push(count);
            met.push(found);
        }
        let transfer = self.transfer.as_ref();
        let holders = transfer.map(|column| chunk.codes(column, "transfer")).transpose()?;
        let mut records: Vec<Record<Dated>> = Vec::with_capacity(chunk.rows());
        let mut problems = Vec::new();
        children.each_block(0..chunk.rows(), |from, people| {
            for (row, child) in (from..).zip(people) {
                if left.get(row).copied().unwrap_or(false) {
                    continue;
                }
                if child.is_nobody() {
                    problems.push(nobody(first + row as u32));
                    continue;
                }
                let tell = |column, finding| {
                    problems.push(Problem::of(first + row as u32, column, finding));
                };
                let Some((start, end)) = days.of(row, tell) else { continue };
                records.push((*child, (start, end, first + row as u32)));
            }
        });
        let born = match self.until_age {
            Some(_) => {
                let days = chunk.days(&self.born, "born")?;
                (0..chunk.rows()).map(|row| plausible(&days, row)).collect()
            }
            None => Vec::new(),
        };
        Ok(Piece {
            records: by_person::part(&records, shards),
            problems,
            left_out,
            met,
            held_by: holders.map(|codes| Coded::new(&codes, chunk.rows())),
            born,
        })
    }
}
