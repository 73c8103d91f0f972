//! Where did each child live, one row for each placement?

mod reading;
mod stays;
mod table;

use arrow_array::RecordBatch;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::value::Value;
use crate::error::{Error, Result};

use super::History;
use super::by_person::{self, Parted};
use super::episodes::{Dated, OPEN};
use super::order::Placed;
use super::problems::{Problem, listed};
use super::rows::{Rows, taken_name};
use reading::Places;
use stays::{Placement, Stay, placements};

/// Where did each child live, one row for each placement?
///
/// Episodes of a child that follow each other in one place are one placement: a change of legal
/// status is no move. A spell of care goes on as in [`Spells`](super::Spells), through gaps of up to
/// `gap_days` days, which belong to the placement before them.
///
/// On a day with episodes in several places, the one that started last counts. Of those that started
/// on one day the one that ends last counts, and of those alike in both the first in the order of the
/// places. When it ends, the child is again where an earlier episode still holds.
///
/// A `temporary` stay is no placement: the child is taken to stay where it was. One with no placement
/// before it in the spell belongs to the placement that follows; a spell of nothing else is one
/// placement.
///
/// # Result
/// One row a placement, by child and then start: `child_id`, `spell` (1, 2, … of the child),
/// `placement_number` (1, 2, … of the spell), the columns of `place`, `start`, `end` (null while
/// open), `days` (from start to end; while open to `as_of`, null without one), `began` ("entry" into
/// care or "move"), `moved` (true where the placement ended by a move, false where the child left
/// care, null while open), `ended` (false while open), then the columns of `keep` with their values in
/// the placement's first episode.
///
/// # Problems
/// Every row that cannot be used, or only in part, and every overlap, duplicate, bridged gap, missing
/// place and temporary stay without a placement before it is listed with what was done.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray};
/// use wholefamily::histories::Placements;
///
/// let child: ArrayRef = Arc::new(StringArray::from(vec!["Ann"; 4]));
/// let start: ArrayRef = Arc::new(Date32Array::from(vec![0, 10, 30, 35]));
/// let end: ArrayRef = Arc::new(Date32Array::from(vec![Some(10), Some(30), Some(35), None]));
/// let place: ArrayRef = Arc::new(StringArray::from(vec!["U4", "U4", "T1", "K2"]));
/// let columns = [("child_id", child), ("start", start), ("end", end), ("placement", place)];
/// let episodes = RecordBatch::try_from_iter(columns).unwrap();
/// let rules = Placements { temporary: vec!["T1".into()], ..Placements::default() };
/// let placements = rules.run(&[episodes]).unwrap();
/// assert_eq!(placements.table.num_rows(), 2); // foster care, days 0 to 35, and then a home
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Placements {
    /// The column that names the child.
    pub child: String,
    /// The column of first days.
    pub start: String,
    /// The column of ends: the first day no longer in the episode; null while it is open.
    pub end: String,
    /// The columns that say where the child lives: a change in any of them is a move.
    pub place: Vec<String>,
    /// Values of the first column of `place` that are no placement of their own.
    pub temporary: Vec<Value>,
    /// How many days may lie between two episodes of one spell.
    pub gap_days: u32,
    /// Columns kept, with their value in the first episode of the placement.
    pub keep: Vec<String>,
    /// The last day known: what begins later is left out, what ends later is open on that day.
    pub as_of: Option<NaiveDate>,
}

impl Default for Placements {
    fn default() -> Self {
        Self {
            child: "child_id".to_owned(),
            start: "start".to_owned(),
            end: "end".to_owned(),
            place: vec!["placement".to_owned()],
            temporary: Vec::new(),
            gap_days: 0,
            keep: Vec::new(),
            as_of: None,
        }
    }
}

/// The columns of the result before those of the place, and after them.
const BEFORE: [&str; 3] = ["child_id", "spell", "placement_number"];
const AFTER: [&str; 6] = ["start", "end", "days", "began", "moved", "ended"];

/// The column, after those of an episode, in which a problem may be.
const PLACE: u8 = 3;

/// What was made of one shard of the children.
#[derive(Default)]
struct Made {
    placements: Vec<Placement>,
    children: Vec<Placed<Stretch>>,
    problems: Vec<Problem>,
}

/// Where the placements of one child are: from one place of a shard's up to another.
#[derive(Clone, Copy)]
struct Stretch {
    shard: u32,
    first: u32,
    after: u32,
}

impl Placements {
    /// Puts the episodes of a table, given by its batches, together by place.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for rules that contradict each other,
    /// [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a column that
    /// is missing or of another type.
    pub fn run(&self, episodes: &[RecordBatch]) -> Result<History> {
        self.put_together(episodes).map_err(|error| error.within("placements"))
    }

    fn put_together(&self, episodes: &[RecordBatch]) -> Result<History> {
        let rows = Rows::new(episodes, "episodes")?;
        self.check(&rows)?;
        let shards = by_person::shards(rows.len());
        let mut pieces = rows.read(|chunk, first| self.piece(chunk, first as u32, shards))?;
        let places = self.places(&mut pieces);
        let parted: Vec<Parted<Dated>> =
            pieces.iter_mut().map(|piece| std::mem::take(&mut piece.records)).collect();
        let mut made = by_person::each_shard(parted, shards, |shard| self.shard(shard, &places));
        let mut problems: Vec<Problem> =
            pieces.into_iter().flat_map(|piece| piece.problems).collect();
        problems.extend(made.iter_mut().flat_map(|made| std::mem::take(&mut made.problems)));
        let place = self.place.first().map_or("", String::as_str);
        let columns = [&self.child, &self.start, &self.end].map(String::as_str);
        let [child, start, end] = columns;
        let problems = listed(problems, &[("episodes", &[child, start, end, place])])?;
        let table = self.table(&rows, &mut made)?;
        let notes = self.notes(&places, &made);
        History::new(table, problems, notes, self)
    }

    fn check(&self, rows: &Rows<'_>) -> Result<()> {
        rows.check(&self.child, "child")?;
        rows.check(&self.start, "start")?;
        rows.check(&self.end, "end")?;
        if self.place.is_empty() {
            return Err(Error::spec(
                "place names no column; say which tells one home from another",
            ));
        }
        let named = self.place.iter().chain(&self.keep);
        for (place, name) in named.clone().enumerate() {
            rows.check(name, if place < self.place.len() { "place" } else { "keep" })?;
            if BEFORE.iter().chain(&AFTER).any(|own| own == name) {
                return Err(taken_name(name));
            }
            if named.clone().take(place).any(|earlier| earlier == name) {
                return Err(Error::spec(format!(
                    "'{name}' is named twice (the columns of place are kept in any case)"
                )));
            }
        }
        if self.temporary.contains(&Value::Null) {
            return Err(Error::spec(
                "temporary holds null; where no place is recorded, nobody knows whether the child moved",
            ));
        }
        if self.gap_days > 36_525 {
            return Err(Error::spec(format!("gap_days is {}; expected 0 to 36525", self.gap_days)));
        }
        Ok(())
    }

    /// Puts the episodes of the children of one shard together.
    fn shard(&self, shard: &mut by_person::Shard<Dated>, places: &Places) -> Made {
        let mut made = Made::default();
        let mut stays: Vec<Stay> = Vec::new();
        shard.each(|child, dated| {
            stays.clear();
            stays.extend(dated.iter().map(|(start, end, row)| {
                let place = places.of_row.get(*row as usize).copied().unwrap_or(0);
                if places.unknown.get(place as usize) == Some(&true) {
                    made.problems.push(Problem::of(*row, PLACE, &reading::NO_PLACE));
                }
                let temporary = places.temporary.get(place as usize) == Some(&true);
                Stay { start: *start, end: *end, place, temporary, row: *row }
            }));
            let first = made.placements.len() as u32;
            let row = stays.first().map_or(0, |stay| stay.row);
            let tell = |problem| made.problems.push(problem);
            placements(&mut stays, self.gap_days as i32, &mut made.placements, tell);
            let after = made.placements.len() as u32;
            let what = Stretch { shard: 0, first, after };
            made.children.push(Placed { person: child, row, what });
        });
        made
    }

    /// Which values of `temporary` no row has, and how many placements are open without a day known.
    fn notes(&self, places: &Places, made: &[Made]) -> Vec<String> {
        let column = self.place.first().map_or("", String::as_str);
        let strange = places.unmet.iter();
        let mut notes: Vec<String> =
            strange.map(|value| format!("temporary: no row has {value} in {column}")).collect();
        let pairs = made.iter().flat_map(|made| made.placements.windows(2));
        let back = pairs.filter(|pair| match pair {
            [left, next] => {
                next.spell == left.spell + 1 && next.start == left.end.saturating_add(1)
            }
            _ => false,
        });
        let back = back.count();
        if back > 0 {
            notes.push(format!(
                "spells that begin on the day after the child left: {back}; if the end is the last day in a place rather than the first day out, they are moves: give gap_days=1"
            ));
        }
        let all = made.iter().flat_map(|made| &made.placements);
        let open = all.filter(|placement| placement.end == OPEN).count();
        if open > 0 && self.as_of.is_none() {
            notes.push(format!(
                "open placements: {open}, whose days are null; as_of says how far the extract reaches"
            ));
        }
        notes
    }
}
