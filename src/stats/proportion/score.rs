//! Limits in closed form: Wilson, Agresti–Coull, Wald.
//!
//! All take counts that the caller has checked: 0 < n and x ≤ n.

/// Wilson's limits, without the subtraction that costs the lower one its digits: the two roots
/// multiply to x²/(n(n + z²)).
#[inline]
pub(super) fn wilson(x: u64, n: u64, z: f64) -> (f64, f64) {
    wilson_of(x as f64, n as f64, (n - x) as f64 / n as f64, z)
}

/// Wilson's limits for a base that need not be a whole number; q is the share without.
#[inline]
pub(super) fn wilson_of(x: f64, n: f64, q: f64, z: f64) -> (f64, f64) {
    let large = 2.0 * x + z * z + z * (z * z + 4.0 * x * q).sqrt();
    (2.0 * x * (x / n) / large, large / (2.0 * (n + z * z)))
}

/// How far Wilson's limits lie below and above the share x/n, each to full precision however large
/// n is.
///
/// ```text
/// z (√(z² + 4xq) ∓ z(q − p)) / (2(n + z²))
/// ```
/// taken, where the two terms cancel, in the form 2zpq / (√(z² + 4xq) + z|q − p|). The caller has
/// checked that 0 < n and x ≤ n.
pub(in super::super) fn wilson_reach(x: u64, n: u64, z: f64) -> (f64, f64) {
    let rest = n.saturating_sub(x);
    let size = n as f64;
    let (p, q) = (x as f64 / size, rest as f64 / size);
    let root = (z * z + 4.0 * x as f64 * q).sqrt();
    let apart = z * (x.abs_diff(rest) as f64 / size); // z |q − p|
    let near = 2.0 * z * p * q / (root + apart);
    let far = z * (root + apart) / (2.0 * (size + z * z));
    if x <= rest { (near, far) } else { (far, near) }
}

#[inline]
pub(super) fn agresti_coull(x: u64, n: u64, z: f64) -> (f64, f64) {
    let size = n as f64 + z * z;
    let p = (x as f64 + z * z / 2.0) / size;
    let q = ((n - x) as f64 + z * z / 2.0) / size;
    let reach = z * (p * q / size).sqrt();
    (p - reach, p + reach)
}

#[inline]
pub(super) fn wald(x: u64, n: u64, z: f64) -> (f64, f64) {
    let (p, q) = (x as f64 / n as f64, (n - x) as f64 / n as f64);
    let reach = z * (p * q / n as f64).sqrt();
    (p - reach, p + reach)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reach_is_the_distance_to_the_limits() {
        for (x, n) in [(0, 1), (1, 1), (3, 25), (13, 25), (25, 25), (500, 1000)] {
            let (below, above) = wilson_reach(x, n, 1.96);
            let (lower, upper) = wilson(x, n, 1.96);
            let p = x as f64 / n as f64;
            assert!(
                (p - lower - below).abs() < 1e-15 && (upper - p - above).abs() < 1e-15,
                "{x}/{n}"
            );
        }
    }

    #[test]
    fn by_hand_at_z_2() {
        // 6 of 12: 12 + 4 = 16, root √(4 + 12) = 4, so (16 ± 8)/32
        assert_eq!(wilson(6, 12, 2.0), (0.25, 0.75));
        // p̃ = 8/16, reach 2√(1/4/16) = 1/4
        assert_eq!(agresti_coull(6, 12, 2.0), (0.25, 0.75));
        // reach 2√(1/4/16) = 1/4
        assert_eq!(wald(8, 16, 2.0), (0.25, 0.75));
    }
}
