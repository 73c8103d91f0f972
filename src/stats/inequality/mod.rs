//! How unequal are the quantiles of deprivation?
//!
//! Every function takes one figure a quantile, **from the most deprived (1) to the least deprived
//! (k)**, as the Scottish Index of Multiple Deprivation numbers them.
//!
//! | question | function |
//! |---|---|
//! | how far does the figure change from one end of the ranking to the other? | [`slope_index`] |
//! | and as a ratio, or as a share of the overall figure? | [`relative_index`] |
//! | what share of it would go if all had the least deprived quantile's figure? | [`population_attributable`] |
//! | how far apart are the first and the last quantile? | [`absolute_range`], [`relative_range`]; from counts [`rate_ratio`](crate::stats::rate_ratio()) |
//! | how much of it falls on the deprived? | [`concentration_index`] |
//! | which quantile does an area belong to? | [`quantile()`], [`population_quantile`] |
//!
//! # Conventions
//! Public Health England's tools and Public Health Scotland's give one set of data different slopes,
//! intervals and relative indices; [`SlopeConvention`] chooses between them by name. All intervals
//! here are closed forms: the same input always gives the same digits.

mod attributable;
mod concentration;
mod convention;
mod quantile;
mod ranges;
mod ranked;
mod relative;
mod slope;

pub use attributable::{Counted, attributable_share, population_attributable};
pub use concentration::{Concentration, concentration_index};
pub use convention::{Phe, Scale, Scotpho, SlopeConvention, Spread};
pub use quantile::{population_quantile, quantile, within};
pub use ranges::{absolute_range, relative_range};
pub use relative::relative_index;
pub use slope::slope_index;
