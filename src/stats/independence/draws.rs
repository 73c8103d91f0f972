//! The exact test of a table, estimated from tables drawn at random with its margins.

use super::Table;
use crate::stats::distribution::gamma;
use crate::stats::random::Random;

/// Logarithms of probabilities this close to the observed one count as equal to it.
const TIE: f64 = 1e-7;

/// (1 + hits) / (1 + draws), where a hit is a table at most as probable as the observed one. Draw i
/// comes from stream i of the seed.
pub(super) fn p_value(table: &Table, draws: u64, seed: u64) -> f64 {
    let observed: f64 = table.columns.iter().flatten().map(|&count| ln_factorial(count)).sum();
    let hits = (0..draws)
        .filter(|&draw| drawn(table, &mut Random::new(seed, draw)) >= observed - TIE)
        .count();
    (hits as f64 + 1.0) / (draws as f64 + 1.0)
}

/// Σ ln xᵢⱼ! of one table drawn with these margins: each column takes its members at random from
/// what the rows have left. All that P(x) leaves out is the same for every table.
fn drawn(table: &Table, random: &mut Random) -> f64 {
    let (mut left, mut sum) = (table.row_sums.clone(), 0.0);
    let mut all = table.all;
    for &size in &table.column_sums {
        let (mut behind, mut open) = (all, size);
        for row in &mut left {
            behind -= *row;
            let taken = random.hypergeometric(*row, behind, open);
            open -= taken;
            *row -= taken;
            sum += ln_factorial(taken);
        }
        all -= size;
    }
    sum
}

/// ln k!
fn ln_factorial(k: u64) -> f64 {
    if k < 2 { 0.0 } else { gamma::ln_gamma(k as f64 + 1.0) }
}
