//! Plain arithmetic on a few numbers: what does a count say, and how sure can we be of it?
//!
//! The functions here take counts and give figures with intervals. They know nothing of tables,
//! groups, threads or files, so any of them can be checked by hand, and every measure of the crate
//! ends in one of them.
//!
//! | question | function |
//! |---|---|
//! | what share of them? | [`proportion()`]; of a population of known size, [`proportion_of`]; of rows in clusters, [`clustered_proportion`] |
//! | how often does such an interval really hold the truth? | [`coverage()`], [`coverage_of`], [`rate_coverage`] |
//! | how many events for so much exposure? | [`rate()`], [`repeat_rate`] |
//! | how do two rates compare? | [`rate_ratio`], [`rate_difference`] |
//! | and what would they be, were the groups made up alike? | [`standardise_direct`], [`standardise_indirect`], [`comparative_ratio`] |
//! | how do two groups compare? | [`difference`], [`ratio`], [`odds_ratio`], [`number_needed`] |
//! | could chance alone have made them so unlike? | [`exact_test`], [`fisher`], [`chi_squared`] |
//! | and when they are compared only with their like? | [`mantel_haenszel`], [`cochran_mantel_haenszel`]; do the strata agree? [`homogeneity`], [`breslow_day`] |
//! | how do more than two groups compare? | [`independence()`]; [`trend()`] over ordered groups; [`adjust()`] for p-values of many comparisons |
//! | what is the mean, of values that occur so many times? | [`mean_of_counts`] |
//! | have the same people changed? | [`mcnemar`], [`paired_difference`], [`paired_t`], [`signed_rank`]; one person: [`reliable_change`] |
//! | how much has a count of the same people changed? | [`overlap_change`] |
//! | and what is a change in how many are in care due to? | [`stock_parts`] |
//! | how many are needed, and what could so few have shown? | [`power()`], [`sample_size`], [`detectable_difference`]; [`rate_power`], [`rate_sample_size`], [`rate_detectable_ratio`] |
//! | how probable is it that one share is larger than another? | [`posterior_difference`], [`posterior_share`] |
//! | how strong would an unmeasured cause have to be to explain a ratio away? | [`e_value()`] |
//! | how unequal are the quantiles of deprivation? | [`slope_index`], [`relative_index`], [`inequality`] |
//! | which units lie outside the funnel? | [`funnel_limits`], [`funnel_signal`], [`overdispersion`] |
//! | how long until it happens, when not everybody could be watched to the end? | [`survival`] |
//! | how likely is so much, or more, by chance? | [`distribution`], [`normal`] |
//! | how sure is a figure that has no formula? | [`bootstrap()`] of its [`replicates`] |
//!
//! # Undefined is a value
//! No function here panics, and none gives NaN or infinity (but for [`distribution`], whose callers
//! ask first). A figure or limit that does not exist
//! is `None`, and the [`Reason`] says why.
//!
//! # Checked against
//! R, metafor, statsmodels and 50-digit arithmetic: `tests/reference/*.csv`, replayed by
//! `tests/reference/main.rs`.

pub mod adjust;
pub mod alternative;
pub mod beta_binomial;
pub mod bootstrap;
pub mod change;
pub mod contrast;
pub mod coverage;
pub mod decomposition;
pub mod distribution;
pub mod e_value;
pub mod exact;
pub mod funnel;
pub mod independence;
pub mod inequality;
pub mod interval;
pub mod level;
pub mod mean;
pub mod normal;
pub mod paired;
pub mod poisson;
pub mod power;
pub mod proportion;
pub mod random;
pub mod rate;
pub mod reason;
mod root;
pub mod significance;
pub mod standardise;
pub mod strata;
pub mod survival;
pub mod trend;

pub use adjust::{AdjustMethod, adjust};
pub use alternative::Alternative;
pub use beta_binomial::{Posterior, Prior, posterior_difference, posterior_share};
pub use bootstrap::{Bootstrap, BootstrapMethod, bootstrap, replicates};
pub use change::overlap_change;
pub use contrast::{
    DifferenceMethod, NumberNeeded, OddsRatioMethod, RatioMethod, chi_squared, difference,
    number_needed, odds_ratio, ratio,
};
pub use coverage::{Coverage, coverage, coverage_of, rate_coverage};
pub use decomposition::{EntryYear, Stock, StockParts, stock_parts};
pub use e_value::{EValue, RatioKind, e_value};
pub use exact::{ExactMethod, exact_test, fisher};
pub use funnel::{
    FunnelLimits, FunnelMethod, FunnelOf, Overdispersion, Signal, Transform, adjusted_limits,
    funnel_limits, funnel_signal, limits_at, overdispersion,
};
pub use independence::{IndependenceMethod, independence};
pub use inequality::{
    Concentration, Counted, SlopeConvention, absolute_range, attributable_share,
    concentration_index, population_attributable, population_quantile, quantile, relative_index,
    relative_range, slope_index,
};
pub use interval::Interval;
pub use level::Level;
pub use mean::mean_of_counts;
pub use paired::{
    Change, McNemar, McNemarMethod, PairedT, ReliableChange, SignedRank, SignedRankMethod, mcnemar,
    paired_difference, paired_t, reliable_change, signed_rank,
};
pub use power::{
    detectable_difference, exact_power, power, rate_detectable_ratio, rate_power, rate_sample_size,
    sample_size,
};
pub use proportion::{
    ClusterCounts, ProportionMethod, clustered_proportion, proportion, proportion_of,
};
pub use rate::{
    RateContrast, RateDifferenceMethod, RateMethod, RateRatioMethod, rate, rate_difference,
    rate_ratio, repeat_rate,
};
pub use reason::Reason;
pub use significance::Significance;
pub use standardise::{
    ComparedBand, DirectBand, DirectConvention, DirectMethod, EuropeanPart, Indirect, IndirectBand,
    RepeatBand, StandardBand, comparative_difference, comparative_ratio,
    european_standard_population, standardise_direct, standardise_direct_repeat,
    standardise_indirect,
};
pub use strata::{
    Estimand, Pooled, Stratum, breslow_day, cochran_mantel_haenszel, homogeneity, mantel_haenszel,
};
pub use trend::trend;
