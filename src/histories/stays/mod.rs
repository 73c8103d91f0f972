//! In which groups was each child, from when to when, and how did each stay begin and end?

mod course;
mod groups;
mod table;

use arrow_array::RecordBatch;
use serde::{Deserialize, Serialize};

use crate::engine::chunk::Chunk;
use crate::engine::period::day_to_text;
use crate::error::{Error, Result};

use super::History;
use super::by_person::{self, Parted};
use super::episodes::Dated;
use super::order::Placed;
use super::problems::{Problem, listed};
use super::rows::{Rows, taken_name};
use super::spells::{Episode, Spells};
use course::{Oddities, Stay, course};
use groups::{Groups, groups_of};

/// In which groups was each child, from when to when, and how did each stay begin and end?
///
/// A stay is the time that a child is in a group without a break: the union of its episodes \[start,
/// end) with the same values of the columns `by`, where an episode that begins on the day the last
/// one ended continues it. The end is the first day no longer there. Without `by` there is one group,
/// and a stay is a spell of care.
///
/// # Result
/// One row a stay, by child, then start: the columns of `by`, `child_id`, `start`, `end` (null while
/// open), `days` (null while open), `began` and `ended`. Of a child in care in any group on the day
/// before, a stay `began` by a "move"; else by the "first entry", or by a "re-entry" if the child was
/// in care earlier in this table. Of a child in care in any group on the day of its end, a stay
/// `ended` by a "move"; else by an "exit"; null while open.
///
/// # Problems
/// Every row that cannot be used, every overlap, duplicate and second open episode within a group,
/// and every row that puts a child in two groups at once, with how many days: groups then add up to
/// more than the whole, by just these days.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray, cast::AsArray};
/// use wholefamily::histories::Stays;
///
/// let child: ArrayRef = Arc::new(StringArray::from(vec!["Ann", "Ann", "Ann"]));
/// let team: ArrayRef = Arc::new(StringArray::from(vec!["north", "south", "south"]));
/// let start: ArrayRef = Arc::new(Date32Array::from(vec![0, 10, 40]));
/// let end: ArrayRef = Arc::new(Date32Array::from(vec![Some(10), Some(30), None]));
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", child), ("team", team), ("start", start), ("end", end),
/// ]).unwrap();
/// let stays = Stays { by: vec!["team".into()], ..Stays::default() }.run(&[episodes]).unwrap();
/// let began = stays.table.column_by_name("began").unwrap().as_string::<i32>().clone();
/// assert_eq!(began.iter().flatten().collect::<Vec<_>>(), ["first entry", "move", "re-entry"]);
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stays {
    /// The column that names the child.
    pub child: String,
    /// The column of first days.
    pub start: String,
    /// The column of ends: the first day no longer in the episode, unless `last_day_counts`; null
    /// while it is open.
    pub end: String,
    /// Whether the end is the last day in care: a stay's `end` is then the day after.
    pub last_day_counts: bool,
    /// The columns whose values make the groups. Null is a group of its own.
    pub by: Vec<String>,
}

impl Default for Stays {
    fn default() -> Self {
        Self {
            child: "child_id".to_owned(),
            start: "start".to_owned(),
            end: "end".to_owned(),
            last_day_counts: false,
            by: Vec::new(),
        }
    }
}

const OWN: [&str; 6] = ["child_id", "start", "end", "days", "began", "ended"];

/// What was read of one piece of the rows.
struct Piece {
    records: Parted<Dated>,
    problems: Vec<Problem>,
    groups: Groups,
}

/// What was made of one shard of the children.
#[derive(Default)]
struct Made {
    stays: Vec<Stay>,
    children: Vec<Placed<Stretch>>,
    problems: Vec<Problem>,
    odd: Oddities,
}

/// Where the stays of one child are: from one place of a shard's up to another.
#[derive(Clone, Copy)]
struct Stretch {
    shard: u32,
    first: u32,
    after: u32,
}

impl Stays {
    /// Finds the stays in a table of episodes, given by its batches.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for a column named twice in `by` or called as one of the
    /// result's, [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a
    /// column that is missing or of another type.
    pub fn run(&self, episodes: &[RecordBatch]) -> Result<History> {
        self.found(episodes).map_err(|error| error.within("stays"))
    }

    fn found(&self, episodes: &[RecordBatch]) -> Result<History> {
        let rows = Rows::new(episodes, "episodes")?;
        self.check(&rows)?;
        let shards = by_person::shards(rows.len());
        let mut pieces = rows.read(|chunk, first| self.piece(chunk, first as u32, shards))?;
        let groups = groups_of(pieces.iter_mut().map(|piece| &mut piece.groups));
        let mut problems = Vec::new();
        let mut parted: Vec<Parted<Dated>> = Vec::new();
        for piece in pieces {
            problems.extend(piece.problems);
            parted.push(piece.records);
        }
        let mut made = by_person::each_shard(parted, shards, |shard| stays(shard, &groups));
        drop(groups);
        problems.extend(made.iter_mut().flat_map(|made| std::mem::take(&mut made.problems)));
        let columns = [&self.child, &self.start, &self.end].map(String::as_str);
        let problems = listed(problems, &[("episodes", &columns)])?;
        let notes = notes(&made);
        let table = self.table(&rows, &mut made)?;
        History::new(table, problems, notes, self)
    }

    fn check(&self, rows: &Rows<'_>) -> Result<()> {
        rows.check(&self.child, "child")?;
        rows.check(&self.start, "start")?;
        rows.check(&self.end, "end")?;
        for (place, name) in self.by.iter().enumerate() {
            rows.check(name, "by")?;
            if OWN.contains(&name.as_str()) {
                return Err(taken_name(name));
            }
            if self.by.iter().take(place).any(|earlier| earlier == name) {
                return Err(Error::spec(format!("'{name}' is named twice in by")));
            }
        }
        Ok(())
    }

    /// Reads a piece of the rows: what can be used of them, and what is wrong with the others.
    fn piece(&self, chunk: &Chunk<'_>, first: u32, shards: usize) -> Result<Piece> {
        let read = Spells {
            child: self.child.clone(),
            start: self.start.clone(),
            end: self.end.clone(),
            last_day_counts: self.last_day_counts,
            ..Spells::default()
        };
        let piece = read.piece(chunk, first, shards, &[])?;
        let groups = Groups::read(chunk, &self.by)?;
        Ok(Piece { records: piece.records, problems: piece.problems, groups })
    }
}

/// The stays of the children of one shard.
fn stays(shard: &mut by_person::Shard<Dated>, groups: &[u32]) -> Made {
    let mut made = Made::default();
    let mut episodes: Vec<Episode> = Vec::new();
    shard.each(|child, dated| {
        episodes.clear();
        episodes.extend(dated.iter().map(|(start, end, row)| {
            let held_by = groups.get(*row as usize).copied().unwrap_or(0);
            Episode { start: *start, end: *end, held_by, row: *row }
        }));
        let row = episodes.first().map_or(0, |episode| episode.row);
        let first = made.stays.len() as u32;
        let tell = |problem| made.problems.push(problem);
        made.odd.add(course(&mut episodes, &mut made.stays, tell));
        let after = made.stays.len() as u32;
        if after > first {
            let what = Stretch { shard: 0, first, after };
            made.children.push(Placed { person: child, row, what });
        }
    });
    made
}

/// What is not known before the table begins, by how much groups exceed the whole, and who came back
/// at once.
fn notes(made: &[Made]) -> Vec<String> {
    let first = made.iter().flat_map(|made| &made.stays).map(|stay| stay.start).min();
    let first = first.map(|day| {
        format!(
            "the earliest stay begins on {}: whoever was in care before it counts here as a first entry",
            day_to_text(day)
        )
    });
    let mut odd = Oddities::default();
    made.iter().for_each(|made| odd.add(made.odd));
    first.into_iter().chain(odd.notes()).collect()
}
