//! What a measure is to the engine: a checked specification with a state that merges.

use std::ops::Range;

use serde::Serialize;
use serde::de::DeserializeOwned;

use arrow_array::RecordBatch;

use crate::error::Result;

use super::account::Account;
use super::chunk::Chunk;
use super::curves::Curves;
use super::options::Options;
use super::partial::{Partial, Tallied};
use super::table::{Estimates, Row};
use super::wire::Wire;

/// A state that two parts of the rows can be tallied into apart and then put together.
///
/// # Properties
/// `Default` is the identity; merging is associative, and for every state of this crate commutative
/// and exact, because states hold counts.
pub trait Merge {
    /// Adds what the other part holds.
    fn merge(&mut self, other: Self);

    /// Whether nothing was tallied.
    fn is_empty(&self) -> bool;

    /// What two parts contradict each other in, so that together they cannot be estimated from.
    fn contradiction(&self) -> Option<&'static str> {
        None
    }
}

/// The number of a row's group within a chunk.
pub trait Place: Copy {
    /// The number as a place in a list.
    fn place(self) -> usize;
}

impl Place for u16 {
    #[inline]
    fn place(self) -> usize {
        usize::from(self)
    }
}

impl Place for u32 {
    #[inline]
    fn place(self) -> usize {
        self as usize
    }
}

/// What the rows of a chunk are counted in: the states, or something quicker to count in.
pub trait Tally: Send {
    /// What is counted for one group.
    type State;
    /// The columns that are counted, checked.
    type Columns;

    /// Counts rows: `groups` holds the group of each row of the range, which begins on a multiple of
    /// 64 rows. It cannot fail.
    fn push<G: Place>(&mut self, groups: &[G], columns: &Self::Columns, rows: Range<usize>);

    /// The states of the groups, in their order.
    fn settle(self) -> Vec<Self::State>;
}

/// What is said of a measure in the catalogue.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Info {
    /// The name in specifications and results, such as `referral_share`.
    pub measure: &'static str,
    /// The name of the type, such as `ReferralShare`.
    pub class: &'static str,
    /// The question that it answers.
    pub question: &'static str,
    /// The unit of its value.
    pub unit: &'static str,
    /// Its own key columns, in order.
    pub own_keys: &'static [&'static str],
    /// The fields that have no default.
    pub required: &'static [&'static str],
    /// The words that a field may hold.
    pub words: &'static [(&'static str, &'static [&'static str])],
    /// Author, year and title of the method's sources.
    pub references: &'static [&'static str],
}

/// A column that a measure reads, and what for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The column's name.
    pub column: String,
    /// What the measure uses it for.
    pub role: &'static str,
}

impl Role {
    pub(crate) fn new(role: &'static str, column: &str) -> Self {
        Self { column: column.to_owned(), role }
    }
}

/// A measure: its fields are its specification, and it knows how to tally and to estimate.
///
/// Run one with [`run`](Measure::run); where the rows lie in several places, make a
/// [`partial`](Measure::partial) of each and merge them.
pub trait Measure: Clone + Default + Send + Sync + Serialize + DeserializeOwned + 'static {
    /// What is counted for one group.
    type State: Merge + Default + Clone + Send + Sync + Wire;
    /// The columns of a run of rows, checked.
    type Columns: Send + Sync;
    /// What the rows of one chunk are counted in.
    type Tally: Tally<State = Self::State, Columns = Self::Columns>;
    /// What is said of it in the catalogue.
    const INFO: Info;
    /// How many rows are tallied at a time; it never shows in a result.
    const CHUNK_ROWS: usize = 1 << 20;

    /// Checks what the type of the fields cannot: words, bounds, and the fit with the options.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec), with the mend.
    fn check(&self, options: &Options) -> Result<()>;

    /// The columns that it reads.
    fn roles(&self) -> Vec<Role>;

    /// Columns whose values are own keys of the result and tell groups apart, after `by`.
    fn own_groups(&self) -> Vec<String> {
        Vec::new()
    }

    /// The column whose period the engine groups by; nothing where the measure makes its own periods.
    fn date(&self) -> Option<&str> {
        None
    }

    /// Checks the columns of a chunk of rows, and notes the rows that cannot be used.
    ///
    /// # Errors
    /// [`Kind::Type`](crate::Kind::Type) where a column cannot play its role.
    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<Self::Columns>;

    /// What the rows of a chunk with this many groups are counted in.
    fn tally(&self, groups: usize) -> Self::Tally;

    /// Estimates from the states; each row says which counts it gives away.
    ///
    /// # Errors
    /// [`Kind::Data`](crate::Kind::Data) where the data cannot answer the question that was asked.
    fn finish(&self, tallied: &Tallied<'_, Self::State>, options: &Options) -> Result<Vec<Row>>;

    /// What a reader should know beside the figures.
    fn notes(&self, states: &mut dyn Iterator<Item = &Self::State>) -> Vec<String> {
        let _ = states;
        Vec::new()
    }

    /// What its states offer beyond its rows, where it is a measure of times to an event.
    fn curves(&self) -> Option<&dyn Curves<Self::State>> {
        None
    }

    /// Tallies batches and estimates.
    ///
    /// # Errors
    /// Every [`Kind`](crate::Kind): a specification or option that cannot be right, a column that is
    /// missing or of the wrong type, data that contradict the question.
    fn run(&self, batches: &[RecordBatch], options: &Options) -> Result<Estimates> {
        self.partial(batches, options)?.finish()
    }

    /// Tallies batches into a state that merges with those of other parts of the rows.
    ///
    /// # Errors
    /// As [`run`](Measure::run).
    fn partial(&self, batches: &[RecordBatch], options: &Options) -> Result<Partial<Self>> {
        super::run::tally(self, options, batches.iter().cloned().map(Ok))
    }
}
