//! Drawing counts by transformed rejection: how the binomial and the Poisson draw, when they expect
//! ten or more.

use super::Random;

/// A hat over a distribution of counts, drawn by inverting G(u) = (2a/(½ − |u|) + b)u + c.
///
/// # Source
/// W. Hörmann, 1993, "The generation of binomial random variates" and "The transformed rejection
/// method for generating Poisson random variables": algorithms BTRS and PTRS.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hat {
    /// a: how fast the tails widen.
    pub(super) tail: f64,
    /// b: the width of the middle.
    pub(super) width: f64,
    /// c: where the middle lies.
    pub(super) centre: f64,
    /// Up to this height the whole middle lies under the distribution, so nothing is computed.
    pub(super) surely: f64,
    /// How high it stands, where the most probable count has 1.
    pub(super) height: f64,
}

impl Hat {
    /// One count, at most `most`; `relative` is the logarithm of a count's probability over that of
    /// the most probable.
    pub(super) fn draw(
        &self,
        random: &mut Random,
        most: u64,
        relative: impl Fn(f64) -> f64,
    ) -> u64 {
        loop {
            let (u, v) = (random.uniform() - 0.5, random.uniform());
            let (edge, count) = self.count(u);
            if !(count >= 0.0 && count <= most as f64) {
                continue;
            }
            let in_the_middle = edge >= 0.07 && v <= self.surely;
            if in_the_middle || self.threshold(edge, v).ln() <= relative(count) {
                return count as u64;
            }
        }
    }

    fn count(&self, u: f64) -> (f64, f64) {
        let edge = 0.5 - u.abs();
        (edge, ((2.0 * self.tail / edge + self.width) * u + self.centre).floor())
    }

    /// How probable a count must be, relatively, to be taken at (u, v).
    fn threshold(&self, edge: f64, v: f64) -> f64 {
        v * self.height / (self.tail / (edge * edge) + self.width)
    }
}

/// ln(m!/k!) for k = m + `up`, as its parts that do not cancel against those of another factorial:
/// this is it, less up · (1 − ln(m + 1)).
pub(super) fn ln_factorial_ratio(m: f64, up: f64) -> f64 {
    let k = m + up;
    correction(m) - correction(k) - (k + 0.5) * (up / (m + 1.0)).ln_1p()
}

/// What Stirling's formula lacks: ln k! = ½ ln 2π + (k + ½) ln(k + 1) − (k + 1) + this.
pub(super) fn correction(k: f64) -> f64 {
    const SMALL: [f64; 10] = [
        0.081_061_466_795_327_26,
        0.041_340_695_955_409_29,
        0.027_677_925_684_998_34,
        0.020_790_672_103_765_09,
        0.016_644_691_189_821_19,
        0.013_876_128_823_070_75,
        0.011_896_709_945_891_77,
        0.010_411_265_261_972_09,
        0.009_255_462_182_712_733,
        0.008_330_563_433_362_87,
    ];
    if let Some(small) = SMALL.get(k as usize) {
        return *small;
    }
    let (one, square) = (1.0 / (k + 1.0), 1.0 / ((k + 1.0) * (k + 1.0)));
    one * (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0)))
}

/// Holds a hat to what makes its draws exact: it is nowhere below the distribution, and what is
/// taken without computing is taken rightly.
#[cfg(test)]
pub(super) fn assert_covers(hat: &Hat, most: u64, relative: impl Fn(f64) -> f64) {
    for step in 1..4000 {
        let (edge, count) = hat.count(f64::from(step) / 4000.0 - 0.5);
        if !(count >= 0.0 && count <= most as f64) {
            assert!(edge < 0.07, "the middle reaches {count} of {most}");
            continue;
        }
        let has = relative(count).exp();
        assert!(hat.threshold(edge, 1.0) >= has, "below at {count} of {most}, {edge}");
        if edge >= 0.07 {
            assert!(hat.threshold(edge, hat.surely) <= has, "high at {count} of {most}, {edge}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distribution::gamma::ln_gamma;

    #[test]
    fn factorials_are_right() {
        for k in [0.0, 1.0, 5.0, 9.0, 10.0, 11.0, 40.0, 1000.0_f64] {
            let half = 0.5 * std::f64::consts::TAU.ln();
            let got = half + (k + 0.5) * (k + 1.0).ln() - (k + 1.0) + correction(k);
            assert!((got - ln_gamma(k + 1.0)).abs() < 3e-12 * got.abs().max(1.0), "{k}");
            let up = 7.0;
            let ratio = ln_factorial_ratio(k, up) + up * (1.0 - (k + 1.0).ln());
            let want = ln_gamma(k + 1.0) - ln_gamma(k + up + 1.0);
            assert!((ratio - want).abs() < 1e-11 * want.abs(), "{k} {ratio} {want}");
        }
    }
}
