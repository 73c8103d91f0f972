//! How the difference of two independent shares is distributed, each a beta variable.

use super::super::distribution::beta;
use super::quadrature::{double_exponential, trapezoidal};

/// With shapes of 0.1 or more, a share below this has a probability of 10⁻³⁰ at most.
const LEAST: f64 = 1e-300;

/// Log-odds that reach this far are cut in two for the quadrature.
const LONG: f64 = 100.0;

/// The shapes of a share's beta distribution.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shapes {
    pub(super) a: f64,
    pub(super) b: f64,
}

impl Shapes {
    pub(super) fn mean(self) -> f64 {
        self.a / (self.a + self.b)
    }

    pub(super) fn variance(self) -> f64 {
        let size = self.a + self.b;
        (self.a / size) * (self.b / size) / (size + 1.0)
    }

    /// P(share ≤ y), for any y.
    fn below(self, y: f64) -> f64 {
        if y < LEAST { 0.0 } else { beta::lower(y.min(1.0), self.a, self.b) }
    }

    /// P(share > y), for any y.
    fn above(self, y: f64) -> f64 {
        if y < LEAST { 1.0 } else { beta::upper(y.min(1.0), self.a, self.b) }
    }

    /// The share at log-odds t, and its density by t relative to the largest: that of
    /// yᵃ(1 − y)ᵇ at y = a/(a + b), so that no shapes make it infinite.
    fn at(self, t: f64) -> (f64, f64) {
        // ln y = −ln(1 + e^−t), ln(1 − y) = −ln(1 + e^t)
        let small = (-t.abs()).exp();
        let (tail, log) = (small / (1.0 + small), small.ln_1p());
        let (y, rest, ln_y, ln_rest) = if t < 0.0 {
            (tail, 1.0 - tail, t - log, -log)
        } else {
            (1.0 - tail, tail, -log, -t - log)
        };
        let size = self.a + self.b;
        let (mean, mean_rest) = (self.a / size, self.b / size);
        let with = less_log(y, mean, ln_y);
        let without = less_log(rest, mean_rest, ln_rest);
        (y, (-self.a * with - self.b * without).exp())
    }

    /// Log-odds at either side of the mean beyond which there is next to nothing.
    fn range(self) -> (f64, f64) {
        let middle = (self.a / self.b).ln();
        (self.end(middle, -1.0), self.end(middle, 1.0))
    }

    fn end(self, middle: f64, sign: f64) -> f64 {
        let nothing = |reach: f64| self.at(middle + sign * reach).1 < 1e-21;
        let mut high = 1e-6;
        while !nothing(high) && high < 1e6 {
            high *= 2.0;
        }
        let mut low = high / 2.0;
        for _ in 0..4 {
            let reach = f64::midpoint(low, high);
            if nothing(reach) {
                high = reach;
            } else {
                low = reach;
            }
        }
        middle + sign * high
    }
}

/// r − 1 − ln r ≥ 0 for r = y/mean, near 0 by its series, so that its digits stay.
fn less_log(y: f64, mean: f64, ln_y: f64) -> f64 {
    let d = (y - mean) / mean;
    if d.abs() > 0.3 {
        return d - (ln_y - mean.ln());
    }
    // with s = d/(2 + d): ln(1 + d) = 2(s + s³/3 + s⁵/5 + …) and d = 2s + sd
    let s = d / (2.0 + d);
    let square = s * s;
    let series = (1..=12).rev().fold(0.0, |sum, k| square * (sum + 1.0 / f64::from(2 * k + 1)));
    s * (d - 2.0 * series)
}

/// How p1 − p2 is distributed.
pub(super) struct Difference {
    first: Shapes,
    second: Shapes,
}

impl Difference {
    pub(super) fn new(first: Shapes, second: Shapes) -> Self {
        Self { first, second }
    }

    /// P(p1 − p2 < d), as the mean over the narrower share of what the other has to be.
    pub(super) fn below(&self, d: f64) -> f64 {
        let first_is_narrow = self.first.variance() < self.second.variance();
        let narrow = if first_is_narrow { self.first } else { self.second };
        // where the other's share comes to 0 or to 1
        let bends = if first_is_narrow { [d, 1.0 + d] } else { [-d, 1.0 - d] };
        let other = |y: f64| {
            if first_is_narrow { self.second.above(y - d) } else { self.first.below(y + d) }
        };
        let (low, high) = narrow.range();
        let odds = |y: f64| (y / (1.0 - y)).ln();
        let mut ends = vec![low, high];
        ends.extend(bends.into_iter().filter(|y| *y > 0.0 && *y < 1.0).map(odds));
        ends.retain(|t| (low..=high).contains(t));
        // without a bend, and with no long tail, the plain rule is the fastest and the nearest
        let rule =
            if ends.len() == 2 && high - low < LONG { trapezoidal } else { double_exponential };
        if high - low >= LONG {
            ends.push(odds(narrow.mean()));
        }
        ends.sort_by(f64::total_cmp);
        let [mut mass, mut total] = [0.0; 2];
        for piece in ends.windows(2) {
            if let [from, to] = *piece {
                let sums = rule(from, to, &|t| {
                    let (y, density) = narrow.at(t);
                    if density == 0.0 { [0.0, 0.0] } else { [density, density * other(y)] }
                });
                mass += sums[0];
                total += sums[1];
            }
        }
        total / mass
    }

    /// The d with P(p1 − p2 < d) = `tail` ≤ ½, sought from `start`.
    ///
    /// The secant rule on the logarithm of the odds of the tail, halving where it leaves the bounds
    /// already found.
    pub(super) fn quantile(&self, tail: f64, start: f64) -> f64 {
        let scale = (self.first.variance() + self.second.variance()).sqrt();
        let odds = |p: f64| (p / (1.0 - p)).ln();
        let (mut low, mut high) = (-1.0, 1.0);
        let mut d = if start > low && start < high { start } else { 0.5 * start.signum() };
        let mut last: Option<(f64, f64)> = None;
        for _ in 0..200 {
            let excess = odds(self.below(d)) - odds(tail);
            if excess == 0.0 {
                break;
            }
            if excess > 0.0 {
                high = d;
            } else {
                low = d;
            }
            let mut next = match last {
                Some((before, excess_before)) => {
                    d - excess * (d - before) / (excess - excess_before)
                }
                None => d - excess.clamp(-1.0, 1.0) * 0.3 * scale,
            };
            if !(next > low && next < high) {
                next = f64::midpoint(low, high);
            }
            last = Some((d, excess));
            let moved = (next - d).abs();
            d = next;
            if moved <= 1e-12 * scale || high - low <= f64::EPSILON * d.abs() {
                break;
            }
        }
        d
    }
}
