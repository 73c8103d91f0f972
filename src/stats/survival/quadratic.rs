//! How far is a vector of sums from 0, by its own covariance?

/// z'V⁻z and the rank of V, for a covariance V that may be singular, as that of deviations which add
/// up to 0 is; `None` where V is no covariance or z does not lie in its range.
///
/// By Gaussian elimination on the largest remaining variance (a pivoted Cholesky factor), stopping
/// where only rounding is left: less than 10⁻¹⁰ of a variable's own variance.
#[allow(clippy::indexing_slicing, reason = "all indices are below the length checked first")]
pub(super) fn quadratic(z: &[f64], covariance: &[Vec<f64>]) -> Option<(f64, usize)> {
    const ROUNDING: f64 = 1e-10;
    let k = z.len();
    if covariance.len() != k || covariance.iter().any(|row| row.len() != k) {
        return None;
    }
    let (mut v, mut z) = (covariance.to_vec(), z.to_vec());
    let own: Vec<f64> = (0..k).map(|i| v[i][i]).collect();
    if own.iter().chain(&z).any(|number| !number.is_finite()) {
        return None;
    }
    let mut open: Vec<usize> = (0..k).collect();
    let (mut sum, mut rank) = (0.0, 0);
    loop {
        open.retain(|&i| v[i][i] > ROUNDING * own[i]);
        let Some(&pivot) = open.iter().max_by(|&&i, &&j| v[i][i].total_cmp(&v[j][j])) else {
            break;
        };
        sum += z[pivot] * z[pivot] / v[pivot][pivot];
        rank += 1;
        open.retain(|&i| i != pivot);
        for &i in &open {
            let factor = v[i][pivot] / v[pivot][pivot];
            z[i] -= factor * z[pivot];
            for &j in &open {
                v[i][j] -= factor * v[pivot][j];
            }
        }
    }
    (sum.is_finite() && own.iter().all(|&own| own >= 0.0)).then_some((sum, rank))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_matrix_is_inverted() {
        // inverse of [[2, 1], [1, 2]] is [[2, −1], [−1, 2]]/3
        let (sum, rank) = quadratic(&[1.0, 3.0], &[vec![2.0, 1.0], vec![1.0, 2.0]]).unwrap();
        assert!((sum - (2.0 - 6.0 + 18.0) / 3.0).abs() < 1e-15);
        assert_eq!(rank, 2);
    }

    #[test]
    fn deviations_that_add_up_to_0_lose_one_rank() {
        let v = [vec![2.0, -1.0, -1.0], vec![-1.0, 2.0, -1.0], vec![-1.0, -1.0, 2.0]];
        let (sum, rank) = quadratic(&[1.0, 1.0, -2.0], &v).unwrap();
        assert_eq!(rank, 2);
        assert!((sum - 2.0).abs() < 1e-14); // (1 + 1 + 4)/3, as all other eigenvalues are 3
    }

    #[test]
    fn empty_groups_take_no_part() {
        let (sum, rank) = quadratic(&[1.0, 0.0], &[vec![4.0, 0.0], vec![0.0, 0.0]]).unwrap();
        assert_eq!((sum, rank), (0.25, 1));
        assert_eq!(quadratic(&[0.0], &[vec![0.0]]), Some((0.0, 0)));
        assert_eq!(quadratic(&[0.0], &[vec![f64::NAN]]), None);
    }
}
