#![doc = include_str!("../README.md")]

pub mod columns;
pub mod engine;
pub mod error;
#[cfg(feature = "polars")]
pub mod frames;
pub mod histories;
pub mod measures;
#[cfg(feature = "python")]
mod py;
pub mod stats;

pub use engine::measure::Measure;
pub use engine::options::Options;
pub use engine::partial::Partial;
pub use engine::period::Every;
pub use engine::table::Estimates;
pub use error::{Error, Kind, Result};

/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
