//! Has the same family, or child, changed?
//!
//! Everyone is seen twice: before and after, or by two services. Comparing them as if they were two
//! groups of strangers would throw away what the pairs know.

mod difference;
mod mcnemar;
mod mean_change;
mod reliable_change;
mod signed_rank;
mod t;

pub use difference::paired_difference;
pub use mcnemar::{McNemar, McNemarMethod, mcnemar};
pub use mean_change::mean_change;
pub use reliable_change::{Change, ReliableChange, reliable_change};
pub use signed_rank::{SignedRank, SignedRankMethod, signed_rank};
pub use t::{PairedT, paired_t};

use super::reason::Reason;

/// What each pair has gained, after − before.
fn gains(before: &[f64], after: &[f64]) -> Result<Vec<f64>, Reason> {
    if before.len() != after.len() {
        return Err(Reason::UnequalLengths);
    }
    if before.iter().chain(after).any(|score| !score.is_finite()) {
        return Err(Reason::NotFinite);
    }
    let gains: Vec<f64> = after.iter().zip(before).map(|(after, before)| after - before).collect();
    match gains.iter().all(|gain| gain.is_finite()) {
        _ if gains.is_empty() => Err(Reason::NoPairs),
        true => Ok(gains),
        false => Err(Reason::TooLarge),
    }
}
