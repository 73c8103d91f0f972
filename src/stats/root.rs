//! Where does a function cross zero?

/// The root of `f` between `one` and `other`, where it has opposite signs, to the last digits.
///
/// Chandrupatla's method: inverse quadratic steps where they are safe and halving where not, so
/// that it never needs many more steps than halving alone. Neither end need be the smaller.
///
/// # Source
/// T. R. Chandrupatla, 1997, "A new hybrid quadratic/bisection algorithm for finding the zero of a
/// nonlinear function without using derivatives".
pub(super) fn between(mut f: impl FnMut(f64) -> f64, one: f64, other: f64) -> f64 {
    let (mut last, mut last_f) = (one, f(one));
    let (mut across, mut across_f) = (other, f(other));
    let mut part: f64 = 0.5;
    for _ in 0..200 {
        let here = part.mul_add(across - last, last);
        let here_f = f(here);
        let (third, third_f) = if (here_f > 0.0) == (last_f > 0.0) {
            (last, last_f)
        } else {
            let third = (across, across_f);
            (across, across_f) = (last, last_f);
            third
        };
        (last, last_f) = (here, here_f);
        let (best, best_f) =
            if across_f.abs() < last_f.abs() { (across, across_f) } else { (last, last_f) };
        let narrow = f64::EPSILON * best.abs() / (across - last).abs();
        if best_f == 0.0 || narrow.is_nan() || narrow > 0.5 {
            return best;
        }
        let along = (last - across) / (third - across);
        let up = (last_f - across_f) / (third_f - across_f);
        let safe = up * up < along && (1.0 - up) * (1.0 - up) < 1.0 - along;
        let step = last_f / (across_f - last_f) * (third_f / (across_f - third_f))
            + (third - last) / (across - last)
                * (last_f / (third_f - last_f))
                * (across_f / (third_f - across_f));
        part = if safe { step } else { 0.5 }.clamp(narrow, 1.0 - narrow);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_found_to_the_last_digit() {
        let near = |got: f64, want: f64| assert!((got / want - 1.0).abs() < 4e-16, "{got:e}");
        near(between(|x| x * x - 2.0, 0.0, 2.0), 2.0_f64.sqrt());
        near(between(|x| x.exp() - 1.5, 5.0, -5.0), 1.5_f64.ln());
        near(between(|x| x.powi(9), -1.0, 3.0).abs().max(1.0), 1.0);
        near(between(|x| x - 1e-12, 0.0, 1.0), 1e-12);
        near(between(|x| if x < 0.3 { -1.0 } else { 1.0 }, 0.0, 1.0), 0.3);
    }

    #[test]
    fn a_root_at_an_end_is_found() {
        assert_eq!(between(|x| x, 0.0, 1.0), 0.0);
        assert_eq!(between(|x| x - 1.0, 0.0, 1.0), 1.0);
    }
}
