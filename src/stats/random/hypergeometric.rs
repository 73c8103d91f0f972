//! How many of those drawn are marked?

use super::super::distribution::hypergeometric::probability;
use super::Random;

impl Random {
    /// How many of `drawn` are marked, when they are drawn without replacement from `marked` and
    /// `unmarked` ones; 0 if more are to be drawn than there are.
    ///
    /// # Formula
    /// From the most probable count outwards, upwards and downwards in turn, the first at which the
    /// probabilities so far exceed a uniform number, with
    /// P(k + 1) = P(k) · (marked − k)(drawn − k)/((k + 1)(unmarked − drawn + k + 1)). It takes as
    /// many steps as the count varies by.
    ///
    /// # Source
    /// V. Kachitvichyanukul and B. Schmeiser, 1985, "Computer generation of hypergeometric random
    /// variates", section 2.
    ///
    /// # Example
    /// ```
    /// use wholefamily::stats::random::Random;
    /// assert_eq!(Random::new(1, 0).hypergeometric(5, 0, 3), 3);
    /// assert!(Random::new(1, 0).hypergeometric(40, 20, 30).abs_diff(20) < 10);
    /// ```
    pub fn hypergeometric(&mut self, marked: u64, unmarked: u64, drawn: u64) -> u64 {
        let all = marked.saturating_add(unmarked);
        if drawn > all {
            return 0;
        }
        let (least, most) = (drawn.saturating_sub(unmarked), drawn.min(marked));
        let mode = (u128::from(drawn) + 1) * (u128::from(marked) + 1) / (u128::from(all) + 2);
        let mode = (mode as u64).clamp(least, most);
        let step = |k: u64| {
            ((marked - k) as f64 * (drawn - k) as f64)
                / ((k + 1) as f64 * (unmarked - (drawn - k) + 1) as f64)
        };
        let highest = probability(mode, marked, unmarked, drawn);
        let mut left = self.uniform() - highest;
        let (mut up, mut above, mut down, mut below) = (mode, highest, mode, highest);
        let mut last = mode;
        while left >= 0.0 && (up < most || down > least) && above + below > 0.0 {
            if up < most {
                above *= step(up);
                up += 1;
                left -= above;
                last = up;
            }
            if left >= 0.0 && down > least {
                down -= 1;
                below /= step(down);
                left -= below;
                last = down;
            }
        }
        // What rounding leaves over goes to the most probable.
        if left < 0.0 { last } else { mode }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_as_probable_as_they_should_be() {
        const DRAWS: u64 = 50_000;
        for (seed, (marked, unmarked, drawn)) in
            [(5, 5, 4), (30, 10, 20), (7, 1000, 300), (500, 800, 600), (1, 1, 1)]
                .into_iter()
                .enumerate()
        {
            let mut random = Random::new(seed as u64, 3);
            let mut seen = vec![0.0; marked as usize + 1];
            for _ in 0..DRAWS {
                seen[random.hypergeometric(marked, unmarked, drawn) as usize] += 1.0;
            }
            let (mut statistic, mut cells) = (0.0, -1.0);
            for (k, got) in seen.iter().enumerate() {
                let expected = probability(k as u64, marked, unmarked, drawn) * DRAWS as f64;
                if expected > 10.0 {
                    statistic += (got - expected).powi(2) / expected;
                    cells += 1.0;
                } else if expected == 0.0 {
                    assert_eq!(*got, 0.0);
                }
            }
            let limit = cells + 3.5 * (2.0_f64 * cells).sqrt() + 4.0;
            assert!(statistic < limit, "{marked} {unmarked} {drawn}: {statistic} on {cells}");
        }
    }

    #[test]
    fn what_is_certain_is_drawn() {
        let mut random = Random::new(0, 0);
        for (marked, unmarked, drawn, want) in
            [(0, 5, 3, 0), (5, 0, 3, 3), (4, 6, 10, 4), (4, 6, 0, 0), (0, 0, 0, 0), (1, 1, 3, 0)]
        {
            assert_eq!(random.hypergeometric(marked, unmarked, drawn), want);
        }
        let many = random.hypergeometric(1_000_000_000, 1_000_000_000, 1_000_000);
        assert!(many.abs_diff(500_000) < 5_000);
    }
}
