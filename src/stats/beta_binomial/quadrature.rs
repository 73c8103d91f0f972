//! Two rules for an integral whose nodes are doubled until it is settled.
//!
//! Each takes two functions at once, a weight and its product with something else, because they
//! share most of the work.

use std::f64::consts::FRAC_PI_2;

/// Halvings of the quadrature's step, at most.
const HALVINGS: u32 = 12;

/// When the last halving changed this little, relatively, its own error is about the square of it.
const SETTLED: f64 = 1e-9;

/// Nor does it matter what is smaller than this, beside the first function's integral.
const NOISE: f64 = 1e-20;

/// ∫ of both functions from `from` to `to`, where they all but vanish: the trapezoidal rule, which
/// is then exact to more digits with every node (L. N. Trefethen and J. A. C. Weideman, 2014, "The
/// exponentially convergent trapezoidal rule").
pub(super) fn trapezoidal(from: f64, to: f64, f: &dyn Fn(f64) -> [f64; 2]) -> [f64; 2] {
    let length = to - from;
    halving(1.0 / 16.0, |step, every| {
        let nodes = (1.0 / step) as u32;
        let odd = (1..nodes).filter(|k| every || k % 2 == 1);
        odd.map(|k| f(from + f64::from(k) * step * length)).fold([0.0; 2], add)
    })
    .map(|sum| sum * length)
}

/// The same where they end in a bend: by a change of variable that gathers the nodes at the ends
/// (H. Takahasi and M. Mori, 1974, "Double exponential formulas for numerical integration").
pub(super) fn double_exponential(from: f64, to: f64, f: &dyn Fn(f64) -> [f64; 2]) -> [f64; 2] {
    /// Beyond it a node's share is 10⁻²⁰ of the whole.
    const REACH: f64 = 3.4;
    let (middle, half) = (f64::midpoint(from, to), (to - from) / 2.0);
    halving(1.0 / 4.0, |step, every| {
        let nodes = (REACH / step) as i32;
        let odd = (-nodes..=nodes).filter(|k| every || k % 2 != 0);
        odd.map(|k| {
            let s = f64::from(k) * step;
            let inner = FRAC_PI_2 * s.sinh();
            let share = FRAC_PI_2 * s.cosh() / inner.cosh().powi(2);
            f(middle + half * inner.tanh()).map(|value| value * share)
        })
        .fold([0.0; 2], add)
    })
    .map(|sum| sum * half)
}

/// A rule's sums times its step, the step halved until that changes nothing: `sums` gives those of
/// every node at a step, or of the nodes that a halving adds.
fn halving(first: f64, sums: impl Fn(f64, bool) -> [f64; 2]) -> [f64; 2] {
    let mut step = first;
    let mut all = sums(step, true);
    for _ in 0..HALVINGS {
        let before = all;
        step /= 2.0;
        all = add(all, sums(step, false));
        // twice as many nodes at half the step: the sums should have doubled
        let least = NOISE * all[0];
        let settled =
            |(sum, before): (&f64, f64)| (sum - 2.0 * before).abs() <= (SETTLED * sum).max(least);
        if all.iter().zip(before).all(settled) {
            break;
        }
    }
    all.map(|sum| sum * step)
}

fn add(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] + b[0], a[1] + b[1]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn a_bell_and_its_spread() {
        let bell = |t: f64| [(-0.5 * t * t).exp(), t * t * (-0.5 * t * t).exp()];
        for rule in [trapezoidal, double_exponential] {
            for sum in rule(-10.0, 10.0, &bell) {
                assert!((sum - (2.0 * PI).sqrt()).abs() < 1e-13, "{sum}");
            }
        }
    }

    #[test]
    fn bends_at_the_ends() {
        // ∫₀¹ √t = 2/3 and ∫₀¹ √(t(1 − t)) = π/8
        let sums = double_exponential(0.0, 1.0, &|t| [t.sqrt(), (t * (1.0 - t)).sqrt()]);
        for (sum, want) in sums.into_iter().zip([2.0 / 3.0, PI / 8.0]) {
            assert!((sum - want).abs() < 1e-13, "{sum} {want}");
        }
    }
}
