//! Miettinen and Nurminen's score limits: every contrast that the data do not reject.
//!
//! Both start from the likeliest pair of shares that have the contrast in question. Where the
//! textbooks solve a polynomial for it, the likelihood's own slope is used here: it has no
//! subtractions, so that rare events among very many keep their digits.

use super::super::root;
use super::{cross_difference, product};

/// z √(N/(N − 1)): Miettinen and Nurminen's variance is that of the binomials times N/(N − 1).
fn widened(z: f64, n1: u64, n2: u64) -> f64 {
    let total = n1 as f64 + n2 as f64;
    z * (total / (total - 1.0)).sqrt()
}

/// How far the upper limit of p₁ − p₂ lies above it; with the groups swapped, how far the lower one
/// lies below. The caller has checked that 0 < n and x ≤ n.
pub(super) fn difference_reach(x1: u64, n1: u64, x2: u64, n2: u64, z: f64) -> f64 {
    let size = product(n1, n2);
    let d = cross_difference(x1, n1, x2, n2) / size;
    // 1 − d, without the subtraction
    let above = (product(n1 - x1, n2) + product(x2, n1)) / size;
    if above == 0.0 {
        return 0.0;
    }
    let z = widened(z, n1, n2);
    let deviation = |reach: f64| {
        let apart = d + reach;
        // The group with the larger share, and the room that is left beyond the two.
        let (high, low, room) = if apart >= 0.0 {
            ((x1, n1), (x2, n2), above - reach)
        } else {
            ((x2, n2), (x1, n1), 1.0 + apart)
        };
        reach - z * Apart::new(high, low, apart.abs(), room.max(0.0)).variance().sqrt()
    };
    let usual = 1.5 * -deviation(0.0);
    let far = if usual < above && deviation(usual) > 0.0 { usual } else { above };
    root::between(from_within(deviation), 0.0, far)
}

/// The contrast itself is never rejected, also where its variance is 0 and rounding hides the sign.
fn from_within(deviation: impl Fn(f64) -> f64) -> impl Fn(f64) -> f64 {
    move |reach| if reach == 0.0 { -1.0 } else { deviation(reach) }
}

/// Two groups whose shares lie a given distance apart: p̃ + `apart` and p̃.
struct Apart {
    high_events: f64,
    high_rest: f64,
    high_size: f64,
    low_events: f64,
    low_rest: f64,
    low_size: f64,
    apart: f64,
    room: f64,
}

impl Apart {
    fn new(high: (u64, u64), low: (u64, u64), apart: f64, room: f64) -> Self {
        Self {
            high_events: high.0 as f64,
            high_rest: (high.1 - high.0) as f64,
            high_size: high.1 as f64,
            low_events: low.0 as f64,
            low_rest: (low.1 - low.0) as f64,
            low_size: low.1 as f64,
            apart,
            room,
        }
    }

    /// p̃₁q̃₁/n₁ + p̃₂q̃₂/n₂ of the likeliest pair.
    fn variance(&self) -> f64 {
        let (low, high_rest) = self.likeliest();
        (low + self.apart) * high_rest / self.high_size
            + low * (high_rest + self.apart) / self.low_size
    }

    /// The same with events and non-events exchanged, which turns the groups round.
    const fn turned(&self) -> Self {
        Self {
            high_events: self.low_rest,
            high_rest: self.low_events,
            high_size: self.low_size,
            low_events: self.high_rest,
            low_rest: self.high_events,
            low_size: self.high_size,
            apart: self.apart,
            room: self.room,
        }
    }

    /// The smaller likeliest share and what the larger leaves to 1, which add up to the room.
    fn likeliest(&self) -> (f64, f64) {
        let half = self.room / 2.0;
        if self.slope(half).0 <= 0.0 {
            let low = self.smaller_half();
            (low, self.room - low)
        } else {
            let rest = self.turned().smaller_half();
            (self.room - rest, rest)
        }
    }

    /// The slope of the likelihood's logarithm at the smaller share `low`, and the slope of that.
    fn slope(&self, low: f64) -> (f64, f64) {
        let (high, high_rest) = (low + self.apart, self.room - low);
        let low_rest = high_rest + self.apart;
        let part = |count: f64, share: f64| if count == 0.0 { 0.0 } else { count / share };
        let (a, b) = (part(self.low_events, low), part(self.high_events, high));
        let (c, d) = (part(self.high_rest, high_rest), part(self.low_rest, low_rest));
        let bend = part(a, low) + part(b, high) + part(c, high_rest) + part(d, low_rest);
        (a + b - c - d, -bend)
    }

    /// The smaller share, known to be at most half of the room: where the slope is zero, or 0.
    ///
    /// Newton's steps for the slope times the share, kept between what is too small and too large.
    fn smaller_half(&self) -> f64 {
        let (mut small, mut large) = (0.0, self.room / 2.0);
        if large == 0.0 {
            return 0.0;
        }
        if self.low_events == 0.0 && self.slope(0.0).0 <= 0.0 {
            return 0.0;
        }
        let pooled = (self.low_events + self.high_events) / (self.low_size + self.high_size);
        let mut share = (pooled - self.apart * self.high_size / (self.low_size + self.high_size))
            .clamp(large * 1e-3, large);
        for _ in 0..200 {
            let (slope, bend) = self.slope(share);
            if slope > 0.0 {
                small = share;
            } else {
                large = share;
            }
            let mut next = share - slope * share / bend.mul_add(share, slope);
            if !(small < next && next < large) {
                next = small + (large - small) / 2.0;
            }
            let step = (next - share).abs();
            share = next;
            if step <= 4.0 * f64::EPSILON * share {
                break;
            }
        }
        share
    }
}

/// The lower limit of p₁/p₂, for x₁ > 0; with the groups swapped, the upper limit's inverse. The
/// caller has checked that 0 < n and x ≤ n.
pub(super) fn ratio_lower(x1: u64, n1: u64, x2: u64, n2: u64, z: f64) -> f64 {
    let z = widened(z, n1, n2);
    let p1 = x1 as f64 / n1 as f64;
    if x2 == 0 {
        // p₁ − φp₂ is p₁ whatever φ
        let deviation = |log: f64| p1 - z * ratio_variance(x1, n1, x2, n2, log.exp()).sqrt();
        let (mut low, mut high) = (0.0, 0.0);
        while deviation(low) <= 0.0 && low > -700.0 {
            low -= 2.0;
        }
        while deviation(high) >= 0.0 && high < 700.0 {
            high += 2.0;
        }
        return root::between(deviation, low, high).exp();
    }
    let ratio = product(x1, n2) / product(x2, n1);
    // φ = ratio e⁻ʳ
    let deviation = |reach: f64| {
        let lower = ratio * (-reach).exp();
        -(-reach).exp_m1() * p1 - z * ratio_variance(x1, n1, x2, n2, lower).sqrt()
    };
    let mut far = 2.0 * z * (1.0 / x1 as f64 + 1.0 / x2 as f64).sqrt();
    while deviation(far) <= 0.0 && far < 1400.0 {
        far *= 2.0;
    }
    ratio * (-root::between(from_within(deviation), 0.0, far)).exp()
}

/// p̃₁q̃₁/n₁ + φ²p̃₂q̃₂/n₂ of the likeliest pair of shares with p̃₁ = φp̃₂: p̃₂ is the smaller root of
/// Nφ p² − (φ(n₁ + x₂) + n₂ + x₁) p + x₁ + x₂, taken so that nothing cancels.
fn ratio_variance(x1: u64, n1: u64, x2: u64, n2: u64, ratio: f64) -> f64 {
    let (rest1, rest2) = ((n1 - x1) as f64, (n2 - x2) as f64);
    let (x1, n1, x2, n2) = (x1 as f64, n1 as f64, x2 as f64, n2 as f64);
    let (a, b) = (ratio * (n1 + x2), n2 + x1);
    let cross = 4.0 * ratio * rest1 * rest2;
    let apart = a - b;
    let root = (apart * apart + cross).sqrt();
    // root + (a − b) and root − (a − b), whose product is `cross`
    let long = root + apart.abs();
    let short = if long > 0.0 { cross / long } else { 0.0 };
    let (plus, minus) = if apart > 0.0 { (long, short) } else { (short, long) };
    let whole = a + b + root;
    let p2 = 2.0 * (x1 + x2) / whole;
    let (q1, q2) = ((minus + 2.0 * ratio * rest1) / whole, (plus + 2.0 * rest2) / whole);
    ratio * p2 * q1 / n1 + ratio * ratio * p2 * q2 / n2
}
