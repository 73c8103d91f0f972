//! Two tails of which one is found directly, and the value that leaves a given tail.

use super::twofold::Twofold;

/// Newton's method converges from any start here, in some 5 steps in practice.
const STEPS: usize = 200;

/// Which end of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// What lies below.
    Lower,
    /// What lies above.
    Upper,
}

impl Side {
    pub(super) fn other(self) -> Self {
        match self {
            Self::Lower => Self::Upper,
            Self::Upper => Self::Lower,
        }
    }
}

/// A density by the logarithm of its variable: scale · e^exponent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Density {
    pub(super) scale: f64,
    pub(super) exponent: Twofold,
}

/// The tail on one side, as a multiple of the density where it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tail {
    pub(super) side: Side,
    pub(super) ratio: f64,
    pub(super) density: Density,
}

impl Tail {
    /// The tail on `side`, directly or as what the other leaves.
    pub(super) fn on(&self, side: Side) -> f64 {
        let direct = self.direct();
        if side == self.side { direct } else { (1.0 - direct).max(0.0) }
    }

    fn direct(&self) -> f64 {
        self.density.exponent.exp_times(self.density.scale * self.ratio).min(1.0)
    }

    /// By how much the logarithm of the tail on `side` falls short of ln p, and the tail there as a
    /// multiple of the density.
    fn shortfall(&self, side: Side, p: f64) -> (f64, f64) {
        let direct = self.direct();
        if side == self.side {
            let short = if direct > 1e-305 {
                (p / direct).ln()
            } else {
                p.ln() - (self.density.scale * self.ratio).ln() - self.density.exponent.value()
            };
            return (short, self.ratio);
        }
        let rest = 1.0 - direct;
        ((p / rest).ln(), rest / self.density.exponent.exp_times(self.density.scale))
    }
}

/// The v > 0 whose tail on `side` is `p` ≤ ½, near `start`.
///
/// The logarithm of a tail is concave in u = ln v (a gamma variable, or the odds of a beta
/// variable, has a log-concave density in its logarithm), so Newton's method comes to its root from
/// any start that is not in the opposite tail.
pub(super) fn solve(side: Side, p: f64, start: f64, tail: impl Fn(f64) -> Tail) -> f64 {
    let mut v = start;
    for _ in 0..STEPS {
        if !(v > 0.0 && v.is_finite()) {
            break;
        }
        let (short, ratio) = tail(v).shortfall(side, p);
        let step = short * ratio;
        let step = if side == Side::Lower { step } else { -step };
        // A long step would take all of v away where it is written as an addition.
        v = if step.abs() < 1.0 { v + v * step.exp_m1() } else { v * step.exp() };
        // The next step would be some 10⁻¹⁶ of the tail, or not be seen in v.
        if short.abs() < 1e-8 || step.abs() < 4e-16 {
            break;
        }
    }
    v
}
