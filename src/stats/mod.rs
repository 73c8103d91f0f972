//! Plain arithmetic on a few numbers: what does a count say, and how sure can we be of it?
//!
//! The functions here take counts and give figures with intervals. They know nothing of tables,
//! groups, threads or files, so any of them can be checked by hand, and every measure of the crate
//! ends in one of them.
//!
//! | question | function |
//! |---|---|
//! | what share of them? | [`proportion()`] |
//! | how many events for so much exposure? | [`rate()`] |
//! | how do two groups compare? | [`difference`], [`ratio`], [`odds_ratio`], [`fisher`] |
//! | and when they are compared only with their like? | [`mantel_haenszel`] |
//! | how much has a count of the same people changed? | [`overlap_change`] |
//!
//! # Undefined is a value
//! No function here panics, and none gives NaN or infinity. A figure or limit that does not exist
//! is `None`, and the [`Reason`] says why.
//!
//! # Checked against
//! R, metafor, statsmodels and 50-digit arithmetic: `tests/reference/*.csv`, replayed by
//! `tests/reference/main.rs`.

pub mod change;
pub mod contrast;
pub mod exact;
pub mod interval;
pub mod level;
pub mod normal;
pub mod poisson;
pub mod proportion;
pub mod rate;
pub mod reason;
pub mod strata;

pub use change::overlap_change;
pub use contrast::{difference, odds_ratio, ratio};
pub use exact::fisher;
pub use interval::Interval;
pub use level::Level;
pub use proportion::{ProportionMethod, proportion};
pub use rate::{RateMethod, rate};
pub use reason::Reason;
pub use strata::{Estimand, Pooled, Stratum, mantel_haenszel};
