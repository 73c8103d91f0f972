//! Histories: what happens to a person over time, from table to table.
//!
//! The only floor that looks at more than one row of a person. Each history is a specification with
//! a `run`: [`Spells`] joins episodes into spells of care, [`Placements`] into placements, [`Stays`]
//! follows children from group to group, [`Repeats`] finds the referral before each referral,
//! [`FollowUp`] follows a cohort to its first event, [`Pathways`] follows people from state to state.
//! Each takes tables as Arrow batches and gives a [`History`]: a table, and a second one that lists by
//! row every problem that was found, with what was done about it.
//!
//! People are told apart by identity and handled one at a time, so that a table may be split by
//! person, on threads or on a cluster, and the parts put together are the whole. Neither the order
//! of the rows nor the number of threads changes a figure.

mod by_person;
mod days;
mod episodes;
mod follow_up;
mod lists;
mod numbered;
mod order;
mod pathways;
mod placements;
mod problems;
mod repeats;
mod rows;
mod spare;
mod spells;
mod stays;
mod table;

use std::collections::HashMap;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use serde::de::DeserializeOwned;

use crate::engine::in_words;
use crate::error::{Error, Result};

pub use follow_up::FollowUp;
pub use pathways::Pathways;
pub use placements::Placements;
pub use repeats::Repeats;
pub use spells::Spells;
pub use stays::Stays;

/// What a history gives.
#[derive(Debug, Clone, PartialEq)]
pub struct History {
    /// The rows asked for.
    pub table: RecordBatch,
    /// What was found wrong, by row of the table read (from 0): `table` (where two are read), `row`,
    /// `column`, `problem`, `done`, `other_row` (the row it is at odds with) and `days` (of an overlap
    /// or a gap). Texts are dictionaries, which hold each once.
    pub problems: RecordBatch,
    /// Remarks on the whole.
    pub notes: Vec<String>,
}

impl History {
    /// Puts a history together; its notes and specification travel in the table's metadata.
    fn new(
        table: RecordBatch,
        problems: RecordBatch,
        notes: Vec<String>,
        specification: &impl serde::Serialize,
    ) -> Result<Self> {
        let json = |told: std::result::Result<String, serde_json::Error>| {
            told.map_err(|cause| Error::internal(cause.to_string()))
        };
        let metadata = HashMap::from([
            ("wholefamily.notes".to_owned(), json(serde_json::to_string(&notes))?),
            ("wholefamily.specification".to_owned(), json(serde_json::to_string(specification))?),
            ("wholefamily.version".to_owned(), crate::VERSION.to_owned()),
        ]);
        let schema = Schema::new_with_metadata(table.schema_ref().fields().clone(), metadata);
        let table =
            table.with_schema(schema.into()).map_err(|cause| Error::internal(cause.to_string()))?;
        Ok(Self { table, problems, notes })
    }
}

/// The names of the histories.
pub const NAMES: [&str; 6] = ["spells", "placements", "stays", "repeats", "follow_up", "pathways"];

/// A history by its name, one of [`NAMES`]; the specification is JSON.
///
/// Each table is given by its batches, at least one, though it may have no rows. `follow_up` takes
/// two tables, the cohort and the events.
///
/// # Errors
/// [`Kind::Spec`](crate::Kind::Spec) for an unknown history, field or value,
/// [`Kind::Column`](crate::Kind::Column) and [`Kind::Type`](crate::Kind::Type) for a column that is
/// missing or of another type.
pub fn history(kind: &str, tables: &[Vec<RecordBatch>], specification: &str) -> Result<History> {
    match (kind, tables) {
        ("spells", [episodes]) => read::<Spells>(kind, specification)?.run(episodes),
        ("placements", [episodes]) => read::<Placements>(kind, specification)?.run(episodes),
        ("stays", [episodes]) => read::<Stays>(kind, specification)?.run(episodes),
        ("repeats", [referrals]) => read::<Repeats>(kind, specification)?.run(referrals),
        ("follow_up", [cohort, events]) => {
            read::<FollowUp>(kind, specification)?.run(cohort, events)
        }
        ("pathways", [steps]) => read::<Pathways>(kind, specification)?.run(steps),
        (known, _) if NAMES.contains(&known) => {
            Err(Error::spec(format!("{kind}: {} tables are given", tables.len())))
        }
        _ => Err(Error::unknown_word("history", kind, &NAMES)),
    }
}

fn read<T: DeserializeOwned>(kind: &str, specification: &str) -> Result<T> {
    in_words::read(kind, specification)
}
