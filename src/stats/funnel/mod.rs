//! Which units differ from the average by more than chance would make them?
//!
//! | question | function |
//! |---|---|
//! | between which limits would a unit of this size lie by chance? | [`funnel_limits`], [`limits_at`] |
//! | so where does this unit lie? | [`funnel_signal`] |
//! | do the units vary more than chance, all together? | [`overdispersion`] |
//! | and between which limits would they lie then? | [`adjusted_limits`] |
//!
//! The average is the caller's: usually Σ x / Σ n of the same units.

mod limits;
mod overdispersion;
mod proportion;
mod rate;
mod signal;
mod transform;

pub use limits::{FunnelLimits, FunnelMethod, FunnelOf, Limits, funnel_limits, limits_at};
pub use overdispersion::{Overdispersion, adjusted_limits, overdispersion};
pub use signal::{Signal, funnel_signal};
pub use transform::Transform;
