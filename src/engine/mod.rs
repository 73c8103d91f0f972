//! The engine: Arrow columns, groups, periods, threads, the wire form of a state, the result table.
//!
//! It knows no measure. A measure gives it a state and three verbs (`push`, `merge`, `finish`); the
//! engine cuts the rows into chunks, tallies them on as many threads as there are, and merges
//! the states in the order of the rows, so that the number of threads changes no byte.

pub mod account;
pub mod chunk;
pub mod codes;
pub mod curves;
pub(crate) mod each_once;
pub(crate) mod exact_sum;
mod flags;
mod group;
pub(crate) mod holidays;
pub(crate) mod in_words;
mod layout;
pub mod measure;
mod numbering;
pub mod options;
pub mod partial;
pub(crate) mod people;
pub mod period;
pub mod person;
pub(crate) mod run;
pub mod table;
pub mod value;
pub mod wire;
