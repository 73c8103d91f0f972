//! Resampling counts, without touching a row.

use super::super::random::{Binomial, Poisson, Random};
use super::super::reason::Reason;
use super::{Jackknife, Resample, Room};

/// A figure of groups with x of n each: shares, their differences and ratios, rates standardised
/// over age bands, slopes over deprivation bands.
///
/// Of n rows drawn from n of which x have the event, a binomial number has it: drawing that number
/// is drawing the rows.
///
/// # Formula
/// ```text
/// x* ~ Binomial(n, x/n), in each group on its own
/// ```
/// Leaving one row out of a group leaves x − 1 of n − 1 (x times) or x of n − 1 (n − x times).
///
/// # Example
/// See the [module](super).
#[derive(Debug, Clone)]
pub struct Shares<F> {
    groups: Vec<(u64, u64)>,
    draws: Vec<Binomial>,
    figure: F,
}

impl<F: Fn(&[(u64, u64)]) -> Option<f64>> Shares<F> {
    /// The groups, as x and n, and the figure of them.
    ///
    /// # Edges
    /// No group, or an empty one: [`Reason::NoRows`]; x > n: [`Reason::CountAboveBase`].
    pub fn new(groups: &[(u64, u64)], figure: F) -> Result<Self, Reason> {
        if groups.is_empty() || groups.iter().any(|(_, n)| *n == 0) {
            return Err(Reason::NoRows);
        }
        if groups.iter().any(|(x, n)| x > n) {
            return Err(Reason::CountAboveBase);
        }
        let draws = groups.iter().map(|(x, n)| Binomial::new(*n, *x as f64 / *n as f64)).collect();
        Ok(Self { groups: groups.to_vec(), draws, figure })
    }

    /// The figure when group `which` is `(x, n)` and the others are as they are.
    fn with(&self, which: usize, x: u64, n: u64) -> Option<f64> {
        let mut groups = self.groups.clone();
        *groups.get_mut(which)? = (x, n);
        (self.figure)(&groups)
    }
}

impl<F: Fn(&[(u64, u64)]) -> Option<f64>> Resample for Shares<F> {
    fn observed(&self) -> Option<f64> {
        (self.figure)(&self.groups)
    }

    fn resample(&self, random: &mut Random, room: &mut Room) -> Option<f64> {
        room.shares.clear();
        let drawn = self.groups.iter().zip(&self.draws);
        room.shares.extend(drawn.map(|((_, n), binomial)| (binomial.draw(random), *n)));
        (self.figure)(&room.shares)
    }

    fn jackknife(&self) -> Option<Jackknife> {
        let mut jackknife = Jackknife::default();
        for (which, (x, n)) in self.groups.iter().enumerate() {
            let mut without = Vec::with_capacity(2);
            if *x > 0 {
                without.push((self.with(which, x - 1, n - 1)?, *x));
            }
            if x < n {
                without.push((self.with(which, *x, n - 1)?, n - x));
            }
            jackknife.sample(&without);
        }
        Some(jackknife)
    }
}

/// A figure of counts of events: rates, their differences and ratios.
///
/// Events that come one by one from many who could have had them are Poisson; the figure knows
/// the exposures, which are not drawn.
///
/// # Formula
/// ```text
/// x* ~ Poisson(x), in each group on its own
/// ```
/// Leaving an event out leaves x − 1; those who had none are so many that leaving one out changes
/// nothing. For a rate the acceleration is then 1/(6√x).
///
/// # Source
/// B. Efron and R. J. Tibshirani, 1993, "An introduction to the bootstrap", chapter 6 (parametric)
/// and section 14.3.
///
/// # Example
/// ```
/// use wholefamily::stats::bootstrap::{Events, Resample};
/// let rate = Events::new(&[16], |events| Some(*events.first()? as f64 / 1000.0)).unwrap();
/// let acceleration = rate.jackknife().unwrap().acceleration().unwrap();
/// assert!((acceleration - 1.0 / 24.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone)]
pub struct Events<F> {
    groups: Vec<u64>,
    draws: Vec<Poisson>,
    figure: F,
}

impl<F: Fn(&[u64]) -> Option<f64>> Events<F> {
    /// The events of each group, and the figure of them; no group is [`Reason::NoRows`].
    pub fn new(groups: &[u64], figure: F) -> Result<Self, Reason> {
        if groups.is_empty() {
            return Err(Reason::NoRows);
        }
        let draws = groups.iter().map(|x| Poisson::new(*x as f64)).collect();
        Ok(Self { groups: groups.to_vec(), draws, figure })
    }
}

impl<F: Fn(&[u64]) -> Option<f64>> Resample for Events<F> {
    fn observed(&self) -> Option<f64> {
        (self.figure)(&self.groups)
    }

    fn resample(&self, random: &mut Random, room: &mut Room) -> Option<f64> {
        room.weights.clear();
        room.weights.extend(self.draws.iter().map(|poisson| poisson.draw(random)));
        (self.figure)(&room.weights)
    }

    fn jackknife(&self) -> Option<Jackknife> {
        let (mut jackknife, whole) = (Jackknife::default(), self.observed()?);
        for (which, x) in self.groups.iter().enumerate().filter(|(_, x)| **x > 0) {
            let mut groups = self.groups.clone();
            *groups.get_mut(which)? = x - 1;
            jackknife.one(*x, whole - (self.figure)(&groups)?);
        }
        Some(jackknife)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{BootstrapMethod, bootstrap, replicates};
    use super::*;
    use crate::stats::Level;

    fn gap(groups: &[(u64, u64)]) -> Option<f64> {
        match groups {
            [(x1, n1), (x2, n2)] => Some(*x1 as f64 / *n1 as f64 - *x2 as f64 / *n2 as f64),
            _ => None,
        }
    }

    #[test]
    fn pieces_in_any_order_are_the_whole() {
        let shares = Shares::new(&[(31, 100), (5, 80)], gap).unwrap();
        let whole = replicates(&shares, 42, 0..1000);
        let mut pieces: Vec<_> = [600..1000, 0..1, 1..250, 250..600]
            .into_iter()
            .map(|piece| (piece.start, replicates(&shares, 42, piece)))
            .collect();
        pieces.sort_by_key(|(start, _)| *start);
        let joined: Vec<_> = pieces.into_iter().flat_map(|(_, piece)| piece).collect();
        assert_eq!(whole, joined);
        assert_ne!(whole, replicates(&shares, 43, 0..1000));
    }

    #[test]
    fn the_acceleration_of_a_share_by_hand() {
        // The skewness of a binomial count over 6: (1 − 2p) / (6 √(npq))
        for (x, n) in [(3, 10), (1, 2000), (999_999, 1_000_000)] {
            let share =
                Shares::new(&[(x, n)], |groups| groups.first().map(|(x, n)| *x as f64 / *n as f64));
            let got = share.unwrap().jackknife().unwrap().acceleration().unwrap();
            let (p, n) = (x as f64 / n as f64, n as f64);
            let want = (1.0 - 2.0 * p) / (6.0 * (n * p * (1.0 - p)).sqrt());
            assert!((got / want - 1.0).abs() < 1e-8, "{x} of {n}: {got} {want}");
        }
    }

    #[test]
    fn a_share_of_nothing_has_no_interval() {
        for groups in [[(0, 10), (0, 20)], [(10, 10), (20, 20)]] {
            let shares = Shares::new(&groups, gap).unwrap();
            let drawn = replicates(&shares, 1, 0..100);
            let got = bootstrap(&shares, &drawn, BootstrapMethod::Percentile, Level::default());
            assert_eq!(got.interval.value, Some(0.0));
            assert_eq!(got.interval.reason, Some(Reason::ZeroVariance));
        }
    }

    #[test]
    fn events_have_their_mean_and_spread() {
        let rate = Events::new(&[400], |events| Some(*events.first()? as f64)).unwrap();
        let drawn: Vec<f64> = replicates(&rate, 8, 0..10_000).into_iter().flatten().collect();
        let mean = drawn.iter().sum::<f64>() / 1e4;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e4;
        assert!((mean - 400.0).abs() < 0.8 && (variance / 400.0 - 1.0).abs() < 0.06);
    }

    #[test]
    fn what_cannot_be_drawn_says_why() {
        assert_eq!(Shares::new(&[], gap).err(), Some(Reason::NoRows));
        assert_eq!(Shares::new(&[(1, 2), (0, 0)], gap).err(), Some(Reason::NoRows));
        assert_eq!(Shares::new(&[(3, 2)], gap).err(), Some(Reason::CountAboveBase));
        assert_eq!(Events::new(&[], |_| None).err(), Some(Reason::NoRows));
    }
}
