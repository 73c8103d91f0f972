//! How likely is so much, or more, by chance alone?
//!
//! Probabilities, both tails and quantiles, right to some 13 digits wherever they are asked for: in
//! tails of 10⁻³⁰⁰, for shapes and counts of 10⁹, and for either tail, neither being 1 less the
//! other. Each is a density by Loader's saddle point times a ratio that is near 1, so nothing
//! cancels. The work is bounded however large the counts: some 2 µs a tail, and 6 µs a quantile.
//!
//! | module | variable |
//! |---|---|
//! | [`binomial`], [`poisson`] | a count |
//! | [`hypergeometric`], [`noncentral_hypergeometric`] | a count drawn without replacement |
//! | [`beta`], [`gamma`] | a share, a waiting time |
//! | [`chi_squared`], [`student`], [`fisher_f`] | statistics of normal samples |
//!
//! The normal distribution is in [`super::normal`]. Functions here give NaN for arguments that make
//! no sense (a share over 1, a shape of 0) and infinity for quantiles that have no bound; callers
//! ask first.

pub mod beta;
pub mod binomial;
pub mod chi_squared;
pub mod fisher_f;
pub mod gamma;
pub mod hypergeometric;
pub mod noncentral_hypergeometric;
pub mod poisson;
pub mod student;

mod descent;
mod saddle;
mod tail;
mod twofold;

/// Roughly the z that a standard normal variable exceeds with probability p ≤ ½ (M. Abramowitz and
/// I. A. Stegun, 1964, "Handbook of mathematical functions", 26.2.23): where to start from.
fn normal_start(p: f64) -> f64 {
    let t = (-2.0 * p.ln()).sqrt();
    t - (2.515_517 + t * (0.802_853 + t * 0.010_328))
        / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}
