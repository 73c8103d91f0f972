//! Chance that can be repeated: the same seed and stream give the same draws, in any order.
//!
//! The generator is Philox4x64-10. Its n-th block of draws is a function of the seed, the stream and
//! n alone, so that resample i can be drawn from stream i by whichever thread comes to it, and the
//! result is the same bytes on any number of threads. It is the `Philox` of NumPy too: anyone can
//! redraw a resample with `numpy.random.Philox(key=[seed, stream])`.
//!
//! It is written here, in thirty lines held to published test vectors, because the draws are part
//! of a published figure: they must not change with the version of a dependency.

mod binomial;
mod hypergeometric;
mod poisson;
mod transformed;

pub use binomial::Binomial;
pub use poisson::Poisson;

/// A seeded source of draws; each of its 2⁶⁴ streams is independent of the others.
///
/// # Formula
/// Ten rounds on a counter c of four 64-bit words, with the key k = (seed, stream). Each multiplies
/// two words by constants to 128 bits, (h₀, l₀) = M₀c₀ and (h₁, l₁) = M₁c₂, then
/// ```text
/// c ← (h₁ ⊕ c₁ ⊕ k₀, l₁, h₀ ⊕ c₃ ⊕ k₁, l₀);   k ← k + (W₀, W₁)
/// ```
/// c starts as 1 and is counted up; each gives four draws.
///
/// # Source
/// J. K. Salmon, M. A. Moraes, R. O. Dror and D. E. Shaw, 2011, "Parallel random numbers: as easy
/// as 1, 2, 3". It passes all of the BigCrush tests there. It is not meant for secrets.
///
/// # Example
/// ```
/// use wholefamily::stats::random::Random;
/// let draw = |stream| Random::new(2024, stream).next_u64();
/// assert_eq!(draw(7), draw(7));
/// assert_ne!(draw(7), draw(8));
/// ```
#[derive(Debug, Clone)]
pub struct Random {
    key: [u64; 2],
    counter: u64,
    block: [u64; 4],
    used: usize,
}

impl Random {
    /// The draws of one stream of a seed, from its start.
    #[must_use]
    pub const fn new(seed: u64, stream: u64) -> Self {
        Self { key: [seed, stream], counter: 0, block: [0; 4], used: 4 }
    }

    /// 64 fair bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        if let Some(&word) = self.block.get(self.used) {
            self.used += 1;
            return word;
        }
        self.counter = self.counter.wrapping_add(1);
        self.block = philox([self.counter, 0, 0, 0], self.key);
        self.used = 1;
        let [first, ..] = self.block;
        first
    }

    /// A number from 0 up to, but never, 1: one of the 2⁵³ multiples of 2⁻⁵³ there, all equally
    /// likely.
    pub fn uniform(&mut self) -> f64 {
        const STEP: f64 = 1.0 / (1_u64 << 53) as f64;
        (self.next_u64() >> 11) as f64 * STEP
    }

    /// A whole number below `n`, all exactly equally likely; 0 if `n` is 0.
    ///
    /// # Formula
    /// The whole part of nU/2⁶⁴ for 64 fair bits U, drawn again where nU mod 2⁶⁴ < 2⁶⁴ mod n.
    ///
    /// # Source
    /// D. Lemire, 2019, "Fast random integer generation in an interval".
    pub fn below(&mut self, n: u64) -> u64 {
        let mut product = u128::from(self.next_u64()) * u128::from(n);
        if (product as u64) < n {
            let uneven = n.wrapping_neg() % n;
            while (product as u64) < uneven {
                product = u128::from(self.next_u64()) * u128::from(n);
            }
        }
        (product >> 64) as u64
    }

    /// Draws `n` of `n` rows with replacement: `take` is told which, once for each.
    ///
    /// Rows are taken in blocks: first how many fall into the next 1,024 rows, a binomial number of
    /// those still to take, then which of them, ten bits each. That is the same distribution as row
    /// by row over all of them, but stays where memory is fast.
    pub fn rows(&mut self, n: usize, mut take: impl FnMut(usize)) {
        const BITS: u32 = 10;
        const BLOCK: usize = 1 << BITS;
        let (mut start, mut left) = (0, n as u64);
        while n - start > BLOCK {
            let share = BLOCK as f64 / (n - start) as f64;
            let mut here = self.binomial(left, share);
            left -= here;
            while here > 0 {
                let mut word = self.next_u64();
                for _ in 0..here.min(u64::from(u64::BITS / BITS)) {
                    take(start + (word as usize & (BLOCK - 1)));
                    word >>= BITS;
                    here -= 1;
                }
            }
            start += BLOCK;
        }
        let rest = (n - start) as u64;
        (0..left).for_each(|_| take(start + self.below(rest) as usize));
    }
}

/// Ten rounds of Philox4x64.
fn philox(mut counter: [u64; 4], mut key: [u64; 2]) -> [u64; 4] {
    const MULTIPLIERS: [u64; 2] = [0xD2E7_470E_E14C_6C93, 0xCA5A_8263_9512_1157];
    // The fractions of the golden ratio and of √3.
    const WEYL: [u64; 2] = [0x9E37_79B9_7F4A_7C15, 0xBB67_AE85_84CA_A73B];
    for _ in 0..10 {
        let [c0, c1, c2, c3] = counter;
        let ([m0, m1], [k0, k1], [w0, w1]) = (MULTIPLIERS, key, WEYL);
        let (first, second) = (u128::from(m0) * u128::from(c0), u128::from(m1) * u128::from(c2));
        let high = |product: u128| (product >> 64) as u64;
        counter = [high(second) ^ c1 ^ k0, second as u64, high(first) ^ c3 ^ k1, first as u64];
        key = [k0.wrapping_add(w0), k1.wrapping_add(w1)];
    }
    counter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_vectors_come_out() {
        // Random123 1.14, tests/kat_vectors, "philox4x64 10"
        let pi_counter = [
            0x243f_6a88_85a3_08d3,
            0x1319_8a2e_0370_7344,
            0xa409_3822_299f_31d0,
            0x082e_fa98_ec4e_6c89,
        ];
        let zero = [
            0x1655_4d9e_ca36_314c,
            0xdb20_fe9d_672d_0fdc,
            0xd7e7_72ce_e186_176b,
            0x7e68_b68a_ec7b_a23b,
        ];
        let ones = [
            0x87b0_92c3_013f_e90b,
            0x438c_3c67_be8d_0224,
            0x9cc7_d7c6_9cd7_77b6,
            0xa09c_aebf_594f_0ba0,
        ];
        let pi = [
            0xa528_f454_03e6_1d95,
            0x38c7_2dbd_566e_9788,
            0xa5a1_610e_72fd_18b5,
            0x57bd_43b5_e52b_7fe6,
        ];
        assert_eq!(philox([0; 4], [0; 2]), zero);
        assert_eq!(philox([u64::MAX; 4], [u64::MAX; 2]), ones);
        assert_eq!(philox(pi_counter, [0x4528_21e6_38d0_1377, 0xbe54_66cf_34e9_0c6c]), pi);
    }

    #[test]
    fn a_stream_is_the_one_that_numpy_draws() {
        // numpy 2.4.6: numpy.random.Philox(key=[2024, 7]).random_raw(9), across three blocks
        let mut random = Random::new(2024, 7);
        for want in [
            0x432c_e683_9778_571a,
            0x54c_d1d1_e7e4_4c27,
            0xb0_dc5c_ec75_5323,
            0x6a3f_2441_06e3_335e,
            0x7b81_2bcf_256a_f553,
            0x4699_e94a_3ee9_f7eb,
            0x566b_b25b_4e8d_b017,
            0xf923_beb3_061e_afa3,
            0xc236_0aac_0e53_d643,
        ] {
            assert_eq!(random.next_u64(), want);
        }
    }

    #[test]
    fn uniform_is_the_top_53_bits() {
        let (mut words, mut numbers) = (Random::new(1, 2), Random::new(1, 2));
        for _ in 0..1000 {
            let number = numbers.uniform();
            assert!((0.0..1.0).contains(&number));
            assert_eq!(number * 2_f64.powi(53), (words.next_u64() >> 11) as f64);
        }
    }

    #[test]
    fn whole_numbers_below_a_bound_are_equally_likely() {
        let mut random = Random::new(3, 0);
        for n in [1, 2, 3, 7, 10] {
            let mut seen = vec![0_u32; n as usize];
            for _ in 0..20_000 {
                seen[random.below(n) as usize] += 1;
            }
            let mean = 20_000.0 / n as f64;
            let spread: f64 = seen.iter().map(|&s| (f64::from(s) - mean).powi(2) / mean).sum();
            // chi-squared on n − 1 degrees of freedom: mean n − 1, standard deviation √(2(n − 1))
            let df = n as f64 - 1.0;
            assert!(spread <= df + 4.0 * (2.0 * df).sqrt(), "{n}: {seen:?}");
        }
        assert_eq!(random.below(0), 0);
        // A third of all words are turned down here: without that, the lower half is twice as likely.
        let n = (1 << 63) + (1 << 62);
        let lower = (0..20_000).filter(|_| random.below(n) < n / 2).count();
        assert!(lower.abs_diff(10_000) < 300, "{lower}");
    }

    #[test]
    fn rows_are_drawn_with_replacement_over_all_blocks() {
        for n in [0, 1, 2, 1024, 1025, 3000] {
            let mut times = vec![0_u32; n];
            let draws = 300;
            for stream in 0..draws {
                let mut taken = 0;
                Random::new(11, stream).rows(n, |row| {
                    times[row] += 1;
                    taken += 1;
                });
                assert_eq!(taken, n);
            }
            // Each row: mean 300, variance 300 (1 − 1/n); and so is their chi-squared n − 1.
            let mean = draws as f64;
            let spread: f64 = times.iter().map(|&t| (f64::from(t) - mean).powi(2) / mean).sum();
            let df = n.saturating_sub(1) as f64;
            assert!((spread - df).abs() <= 4.0 * (2.0 * df).sqrt(), "{n}: {spread}");
        }
    }

    #[test]
    fn streams_and_seeds_do_not_meet() {
        let mut first: Vec<u64> = (0..1000).map(|i| Random::new(5, i).next_u64()).collect();
        first.extend((6..1006).map(|seed| Random::new(seed, 5).next_u64()));
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 2000);
    }
}
