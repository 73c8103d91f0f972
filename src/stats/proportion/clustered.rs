//! What share of them, where those of one family share their fate?

use super::super::distribution::student;
use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::score;

/// Rows counted by cluster: how many each cluster has, and how many of those have it, as the sums
/// that the variance needs. They are whole numbers, so clusters may come in any order.
///
/// ```
/// use wholefamily::stats::ClusterCounts;
/// let mut families = ClusterCounts::default();
/// families.add(1, 2);
/// families.add(0, 1);
/// assert_eq!((families.with(), families.rows(), families.clusters()), (1, 3, 2));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ClusterCounts {
    clusters: u64,
    rows: u64,
    with: u64,
    /// Σ n², Σ x² and Σ nx over clusters.
    rows_squared: u128,
    with_squared: u128,
    products: u128,
}

impl ClusterCounts {
    /// Adds a cluster of `n` rows, of which `x` have it; one without rows is none. More than `n` count
    /// as `n`.
    pub fn add(&mut self, x: u64, n: u64) {
        let (wide_x, wide_n) = (u128::from(x.min(n)), u128::from(n));
        self.clusters += u64::from(n > 0);
        self.rows += n;
        self.with += x.min(n);
        self.rows_squared += wide_n * wide_n;
        self.with_squared += wide_x * wide_x;
        self.products += wide_x * wide_n;
    }

    /// Adds the clusters of another count, which must be others.
    pub fn merge(&mut self, other: Self) {
        self.clusters += other.clusters;
        self.rows += other.rows;
        self.with += other.with;
        self.rows_squared += other.rows_squared;
        self.with_squared += other.with_squared;
        self.products += other.products;
    }

    /// How many clusters have rows.
    #[must_use]
    pub const fn clusters(&self) -> u64 {
        self.clusters
    }

    /// How many rows there are.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// How many rows have it.
    #[must_use]
    pub const fn with(&self) -> u64 {
        self.with
    }

    /// N² Σ (x − pn)² = N² Σx² − 2XN Σnx + X² Σn², in whole numbers while they fit into 128 bits.
    fn spread(&self) -> f64 {
        let (all, with) = (u128::from(self.rows), u128::from(self.with));
        let exactly = || {
            let plus = all.checked_mul(all)?.checked_mul(self.with_squared)?;
            let more = with.checked_mul(with)?.checked_mul(self.rows_squared)?;
            let less = with.checked_mul(all)?.checked_mul(self.products)?.checked_mul(2)?;
            plus.checked_add(more)?.checked_sub(less)
        };
        exactly().map_or_else(
            || {
                let (all, with) = (all as f64, with as f64);
                let squares = all * all * self.with_squared as f64;
                let spread = squares - 2.0 * with * all * self.products as f64
                    + with * with * self.rows_squared as f64;
                spread.max(0.0)
            },
            |spread| spread as f64,
        )
    }

    /// How many rows of their own, each of another family, would tell as much: at most N.
    fn effective(&self) -> f64 {
        let (clusters, all) = (self.clusters as f64, self.rows as f64);
        let (with, without) = (self.with as f64, self.rows.saturating_sub(self.with) as f64);
        if self.with == 0 || self.with == self.rows {
            return all * all / self.rows_squared as f64;
        }
        // pq/V with V = C/(C − 1) · spread/N⁴; where nothing varies, infinite
        let effective =
            with * without * (all * all) * (clusters - 1.0) / (clusters * self.spread());
        effective.min(all)
    }
}

/// The share of rows that have it, with its two-sided interval, where rows come in clusters whose
/// members share their fate: referrals of a family.
///
/// # Formula
/// With n rows of a cluster, x of which have it, N and X their sums over C clusters, p = X/N:
/// ```text
/// V  = C/(C − 1) · Σ (x − pn)² / N²       (the linearised variance of a ratio)
/// n* = min(p(1 − p)/V, N)                 (the effective number of rows)
/// ```
/// and the interval is Wilson's of p among n*, with the quantile of Student's t with C − 1 degrees of
/// freedom in place of the normal one, as in `svyciprop(method = "wilson")` of newer versions of
/// R's survey. That is the same as to multiply n* by (z/t)². Korn and Graubard rescale it by (t of n − 1 over t of the degrees of freedom
/// of the design)², which differs little where rows are many.
///
/// # Edges
/// Where none or all have it, V is 0 and says nothing: then n* = N²/Σn², as if those of a cluster were
/// always alike, which is the least that they can tell. A variance below that of single rows is not
/// relied upon: n* is at most N. One cluster: no interval ([`Reason::OneCluster`]). No rows:
/// [`Reason::NoRows`].
///
/// # Source
/// K. M. Wolter, 2007, "Introduction to variance estimation", section 6.3 (V: R's survey, svymean);
/// E. L. Korn and B. I. Graubard, 1998, "Confidence intervals for proportions with small expected
/// number of positive counts estimated from survey data" (n*).
///
/// # Example
/// ```
/// use wholefamily::stats::{ClusterCounts, Level, clustered_proportion};
/// let mut families = ClusterCounts::default();
/// for (x, n) in [(1, 2), (0, 1), (2, 2), (0, 3)] {
///     families.add(x, n);
/// }
/// let share = clustered_proportion(&families, Level::default());
/// assert_eq!(share.value, Some(0.375));
/// assert!(share.lower.unwrap() < 0.1 && share.upper.unwrap() > 0.8);
/// ```
#[must_use]
pub fn clustered_proportion(counts: &ClusterCounts, level: Level) -> Interval {
    let (x, n) = (counts.with, counts.rows);
    if n == 0 {
        return Interval::undefined(Reason::NoRows);
    }
    let p = x as f64 / n as f64;
    if counts.clusters < 2 {
        return Interval::without_limits(p, Reason::OneCluster);
    }
    let t = student::two_sided_quantile(level.get(), (counts.clusters - 1) as f64);
    let effective = counts.effective();
    let q = n.saturating_sub(x) as f64 / n as f64;
    super::within(x, n, score::wilson_of(p * effective, effective, q, t))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(clusters: &[(u64, u64)]) -> ClusterCounts {
        let mut counts = ClusterCounts::default();
        clusters.iter().for_each(|(x, n)| counts.add(*x, *n));
        counts
    }

    #[test]
    fn the_effective_number_by_hand() {
        // p = 3/8; x − pn = 2/8, −3/8, 10/8, −9/8, whose squares add up to 194/64
        // V = 4/3 · 194/64 / 64; pq/V = 15/64 · 64 · 64 · 3/(4 · 194) = 360/97
        let families = of(&[(1, 2), (0, 1), (2, 2), (0, 3)]);
        assert_eq!(families.effective(), 360.0 / 97.0);
        // each row alone: V = pq/(N − 1), as Bessel's correction has it
        let alone = of(&[(1, 1), (0, 1), (0, 1), (0, 1), (0, 1)]);
        assert_eq!(alone.effective(), 4.0);
    }

    #[test]
    fn families_that_say_nothing_of_how_families_vary() {
        // none has it: N²/Σn² = 36/14; all alike: as many as there are rows
        assert_eq!(of(&[(0, 1), (0, 2), (0, 3)]).effective(), 36.0 / 14.0);
        assert_eq!(of(&[(1, 2), (2, 4)]).effective(), 6.0);
        let level = Level::default();
        let one = clustered_proportion(&of(&[(1, 2), (0, 0)]), level);
        assert_eq!(one, Interval::without_limits(0.5, Reason::OneCluster));
        assert_eq!(clustered_proportion(&of(&[]), level), Interval::undefined(Reason::NoRows));
        let none = clustered_proportion(&of(&[(0, 1), (0, 2)]), level);
        assert!(none.lower == Some(0.0) && none.upper.unwrap() > 0.9);
    }

    #[test]
    fn many_rows_do_not_overflow() {
        let large = of(&[(1 << 40, 1 << 41), (1 << 39, 1 << 41), (0, 1 << 41)]);
        // the shares of three clusters of one size, whatever the size
        let small = of(&[(4, 8), (2, 8), (0, 8)]);
        assert!((large.effective() / small.effective() - 1.0).abs() < 1e-12);
    }
}
