//! How likely are x marked ones among those drawn, where being marked multiplies the odds of it?
//!
//! Fisher's noncentral hypergeometric distribution: the first cell of a two-by-two table whose
//! margins are held and whose odds ratio is given. Its terms are found by their ratios, outward from
//! near the most probable, whose term is set to 1, so that nothing overflows.

/// P(X = x): `drawn` are drawn from `marked` and `unmarked` ones, and a marked one's odds of being
/// drawn are `odds` times an unmarked one's.
///
/// # Formula
/// C(marked, x) C(unmarked, drawn − x) oddsˣ, as a share of the same summed over all x.
///
/// # Edges
/// 0 where x cannot be; odds of 0 and infinity leave the least and the greatest count; NaN where more
/// are drawn than there are, the odds are negative, or the counts are beyond reason (a standard
/// deviation over 10⁶, which takes cells of some 10¹²).
///
/// # Source
/// R. A. Fisher, 1935, "The logic of inductive inference".
///
/// ```
/// use wholefamily::stats::distribution::noncentral_hypergeometric::probability;
/// // 1, 4 and 1 ways, weighted by 1, 3 and 9
/// assert!((probability(1, 2, 2, 2, 3.0) - 12.0 / 22.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn probability(x: u64, marked: u64, unmarked: u64, drawn: u64, odds: f64) -> f64 {
    sums(x, marked, unmarked, drawn, odds).map_or(f64::NAN, |sums| sums.at / sums.all())
}

/// P(X ≤ x).
///
/// ```
/// use wholefamily::stats::distribution::noncentral_hypergeometric::lower;
/// assert!((lower(1, 2, 2, 2, 3.0) - 13.0 / 22.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn lower(x: u64, marked: u64, unmarked: u64, drawn: u64, odds: f64) -> f64 {
    sums(x, marked, unmarked, drawn, odds)
        .map_or(f64::NAN, |sums| (sums.below + sums.at) / sums.all())
}

/// P(X ≥ x).
///
/// ```
/// use wholefamily::stats::distribution::noncentral_hypergeometric::upper;
/// assert!((upper(1, 2, 2, 2, 3.0) - 21.0 / 22.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn upper(x: u64, marked: u64, unmarked: u64, drawn: u64, odds: f64) -> f64 {
    sums(x, marked, unmarked, drawn, odds)
        .map_or(f64::NAN, |sums| (sums.at + sums.above) / sums.all())
}

/// The mean count.
///
/// ```
/// use wholefamily::stats::distribution::noncentral_hypergeometric::mean;
/// assert!((mean(2, 2, 2, 3.0) - 30.0 / 22.0).abs() < 1e-15);
/// ```
#[must_use]
pub fn mean(marked: u64, unmarked: u64, drawn: u64, odds: f64) -> f64 {
    let Some(margins) = Margins::new(marked, unmarked, drawn, odds) else { return f64::NAN };
    let (mut all, mut away) = (0.0, 0.0);
    margins.walk(|k, term| {
        all += term;
        away += (k as f64 - margins.mode as f64) * term;
        term > 1e-18 * all
    });
    margins.mode as f64 + away / all
}

/// Sums of terms, relative to the greatest.
struct Sums {
    below: f64,
    at: f64,
    above: f64,
}

impl Sums {
    fn all(&self) -> f64 {
        self.below + self.at + self.above
    }
}

fn sums(x: u64, marked: u64, unmarked: u64, drawn: u64, odds: f64) -> Option<Sums> {
    let margins = Margins::new(marked, unmarked, drawn, odds)?;
    let mut sums = Sums { below: 0.0, at: 0.0, above: 0.0 };
    margins.walk(|k, term| {
        let part = match k.cmp(&x) {
            std::cmp::Ordering::Less => &mut sums.below,
            std::cmp::Ordering::Equal => &mut sums.at,
            std::cmp::Ordering::Greater => &mut sums.above,
        };
        *part += term;
        let seen = *part;
        // On to x, and past it until what is left cannot be seen.
        let on_the_way = if k >= margins.mode { k < x } else { k > x };
        on_the_way || term > 1e-18 * seen
    });
    Some(sums)
}

/// The widest distribution that is added up term by term, as a standard deviation.
const WIDEST: f64 = 1e6;

struct Margins {
    marked: u64,
    unmarked: u64,
    drawn: u64,
    odds: f64,
    lowest: u64,
    highest: u64,
    mode: u64,
}

impl Margins {
    fn new(marked: u64, unmarked: u64, drawn: u64, odds: f64) -> Option<Self> {
        let all = marked.checked_add(unmarked)?;
        if drawn > all || odds.is_nan() || odds < 0.0 {
            return None;
        }
        let (lowest, highest) = (drawn.saturating_sub(unmarked), marked.min(drawn));
        let mut margins = Self { marked, unmarked, drawn, odds, lowest, highest, mode: lowest };
        if odds.is_infinite() {
            margins.mode = highest;
            margins.lowest = highest;
        } else if odds == 0.0 {
            margins.highest = lowest;
        } else {
            margins.mode = margins.most_probable()?;
        }
        Some(margins)
    }

    /// Where P(k + 1) = P(k): the root of (odds − 1) k² − line·k + constant = 0 that lies in range,
    /// and from there to the very mode.
    fn most_probable(&self) -> Option<u64> {
        let (m, u, d) = (self.marked as f64, self.unmarked as f64, self.drawn as f64);
        let line = (m + d + 2.0) * self.odds + (u - d);
        let constant = (m + 1.0) * ((d + 1.0) * self.odds);
        let root = (line * line - 4.0 * (self.odds - 1.0) * constant).max(0.0).sqrt();
        let guess = 2.0 * constant / (line + root);
        let guess = if guess.is_finite() { guess } else { m };
        let cells = [guess, m - guess, d - guess, u - (d - guess)];
        let variance = 1.0 / cells.iter().map(|cell| 1.0 / cell.max(1.0)).sum::<f64>();
        if variance.sqrt() > WIDEST {
            return None;
        }
        let mut mode = (guess as u64).clamp(self.lowest, self.highest);
        while mode < self.highest && self.step_up(mode) > 1.0 {
            mode += 1;
        }
        while mode > self.lowest && self.step_up(mode - 1) < 1.0 {
            mode -= 1;
        }
        Some(mode)
    }

    /// P(k + 1) / P(k), for lowest ≤ k < highest.
    fn step_up(&self, k: u64) -> f64 {
        let short = self.drawn - k;
        ((self.marked - k) as f64 / (k + 1) as f64)
            * (short as f64 / (self.unmarked - short + 1) as f64)
            * self.odds
    }

    /// Visits the mode, whose term is set to 1, then the counts above and below it for as long as
    /// `more` says so.
    fn walk(&self, mut more: impl FnMut(u64, f64) -> bool) {
        let (mut k, mut term) = (self.mode, 1.0);
        while more(k, term) && k != self.highest && term > 0.0 {
            term *= self.step_up(k);
            k += 1;
        }
        (k, term) = (self.mode, 1.0);
        while k != self.lowest && term > 0.0 {
            k -= 1;
            term /= self.step_up(k);
            if !more(k, term) {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::hypergeometric;
    use super::*;

    fn close(got: f64, want: f64) {
        assert!((got / want - 1.0).abs() < 1e-13, "{got:e} {want:e}");
    }

    #[test]
    fn odds_of_1_are_the_central_distribution() {
        for (marked, unmarked, drawn) in [(5, 9, 6), (100, 3, 50), (1000, 20_000, 700)] {
            for x in 0..=marked.min(drawn) {
                let want = hypergeometric::lower(x, marked, unmarked, drawn);
                if want > 0.0 {
                    close(lower(x, marked, unmarked, drawn, 1.0), want);
                }
                let want = hypergeometric::upper(x, marked, unmarked, drawn);
                if want > 0.0 {
                    close(upper(x, marked, unmarked, drawn, 1.0), want);
                }
            }
            let share = marked as f64 / (marked + unmarked) as f64;
            close(mean(marked, unmarked, drawn, 1.0), drawn as f64 * share);
        }
    }

    #[test]
    fn swapping_marked_and_unmarked_inverts_the_odds() {
        for (x, marked, unmarked, drawn, odds) in
            [(3, 5, 9, 6, 2.5), (40, 100, 30, 50, 1e-3), (1, 1000, 1000, 3, 1e6)]
        {
            close(
                lower(x, marked, unmarked, drawn, odds),
                upper(drawn - x, unmarked, marked, drawn, 1.0 / odds),
            );
            close(
                mean(marked, unmarked, drawn, odds),
                drawn as f64 - mean(unmarked, marked, drawn, 1.0 / odds),
            );
        }
    }

    #[test]
    fn extreme_odds_do_not_overflow() {
        let (marked, unmarked, drawn) = (1_000_000, 1_000_000, 1_000_000);
        assert_eq!(mean(marked, unmarked, drawn, 1e300), 1e6);
        assert_eq!(mean(marked, unmarked, drawn, f64::INFINITY), 1e6);
        assert_eq!(mean(marked, unmarked, drawn, 0.0), 0.0);
        assert_eq!(lower(999_999, marked, unmarked, drawn, f64::INFINITY), 0.0);
        assert_eq!(upper(1, marked, unmarked, drawn, 0.0), 0.0);
        close(lower(999_999, marked, unmarked, drawn, 1e300), 1e-288);
        assert!(mean(marked, unmarked, drawn, -1.0).is_nan());
        assert!(lower(1, 2, 2, 5, 1.0).is_nan());
        assert!(mean(u64::MAX / 4, u64::MAX / 4, u64::MAX / 4, 2.0).is_nan());
    }

    #[test]
    fn counts_that_cannot_be_have_no_chance() {
        assert_eq!(probability(1, 5, 2, 4, 2.0), 0.0);
        assert_eq!((lower(1, 5, 2, 4, 2.0), upper(1, 5, 2, 4, 2.0)), (0.0, 1.0));
        assert_eq!((lower(9, 5, 2, 4, 2.0), upper(9, 5, 2, 4, 2.0)), (1.0, 0.0));
    }
}
