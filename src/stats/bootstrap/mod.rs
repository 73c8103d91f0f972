//! How sure is a figure, when no formula says so? By drawing the data again from themselves.
//!
//! A figure is computed on many resamples, each as large as the data and drawn from them with
//! replacement; how the figure varies among these [`replicates`] says how it might vary among other
//! data like these, and [`bootstrap`] makes an interval of that.
//!
//! | data | resampled by |
//! |---|---|
//! | counts: x of n in any number of groups | [`Shares`]: a binomial draw a group |
//! | events in any number of groups | [`Events`]: a Poisson draw a group |
//! | means, ratios of sums, by row or by cluster | [`Sums`]: rows, or counts of alike rows |
//! | anything else that takes weights | [`Weights`]: how often each row or cluster is drawn |
//!
//! # The same figures anywhere
//! Resample i is drawn from stream i of the seed, so that it does not matter in which order, on how
//! many threads or in how many pieces the replicates are made. Nothing here starts a thread:
//! [`replicates`] takes a range, and the pieces may be made anywhere and joined in order.
//!
//! # Example
//! ```
//! use wholefamily::stats::bootstrap::{BootstrapMethod, Shares, bootstrap, replicates};
//! use wholefamily::stats::Level;
//! let gap = Shares::new(&[(56, 70), (48, 80)], |drawn| match drawn {
//!     [(x1, n1), (x2, n2)] => Some(*x1 as f64 / *n1 as f64 - *x2 as f64 / *n2 as f64),
//!     _ => None,
//! });
//! let gap = gap.unwrap();
//! let drawn = replicates(&gap, 2024, 0..2000);
//! let got = bootstrap(&gap, &drawn, BootstrapMethod::Bca, Level::default());
//! assert!((got.interval.value.unwrap() - 0.2).abs() < 1e-15);
//! assert!((got.interval.lower.unwrap() - 0.05).abs() < 0.02); // Newcombe: 0.052 to 0.334
//! assert!((got.interval.upper.unwrap() - 0.34).abs() < 0.02);
//! ```

mod counts;
mod interval;
mod jackknife;
mod sample;
mod sums;
mod weights;

use std::ops::Range;

pub use counts::{Events, Shares};
pub use interval::{Bootstrap, BootstrapMethod, bootstrap, bootstrap_interval};
pub use jackknife::Jackknife;
pub use sums::Sums;
pub use weights::{Weights, weighted_median};

use super::random::Random;

/// A figure of data that can be drawn again.
pub trait Resample {
    /// The figure of the data as they are; `None` where it is undefined.
    fn observed(&self) -> Option<f64>;

    /// The figure of one resample; `None` where it is undefined.
    ///
    /// `room` is working space, to be handed from one resample to the next; what is in it does not
    /// matter.
    fn resample(&self, random: &mut Random, room: &mut Room) -> Option<f64>;

    /// How the figure changes as each one of the data is left out; `None` where leaving one out
    /// leaves it undefined.
    fn jackknife(&self) -> Option<Jackknife>;
}

/// Working space that resamples share, so that each need not ask for its own.
#[derive(Debug, Clone, Default)]
pub struct Room {
    shares: Vec<(u64, u64)>,
    weights: Vec<u64>,
    times: Vec<u32>,
}

/// The figures of some resamples, in order; `None` where a resample leaves the figure undefined.
///
/// # Arguments
/// `of`: the figure and its data; `seed`: any number; `which`: the numbers of the resamples, such
/// as 0 to 10,000, or a piece of that.
///
/// # Properties
/// `replicates(of, seed, a..c)` is `replicates(of, seed, a..b)` and then
/// `replicates(of, seed, b..c)`, to the last bit.
///
/// # Example
/// See the [module](self).
#[must_use]
pub fn replicates(of: &impl Resample, seed: u64, which: Range<u64>) -> Vec<Option<f64>> {
    let mut room = Room::default();
    which.map(|index| of.resample(&mut Random::new(seed, index), &mut room)).collect()
}
