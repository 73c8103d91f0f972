//! When is a falling curve low enough?

/// How near to the level counts as on it: the square root of the machine's precision, as in R.
const NEAR: f64 = 1.490_116_119_384_765_6e-8;

/// The first day on which 1 − height reaches `share`; halfway to the next lower step, or to the last
/// day, if it is reached exactly. Steps without a height are passed over.
pub(super) fn crossing(steps: impl Iterator<Item = (i64, Option<f64>)>, share: f64) -> Option<f64> {
    let mut reached = None;
    let mut last = None;
    for (day, height) in steps {
        last = Some((day, height));
        let Some(fallen) = height.map(|height| 1.0 - height) else { continue };
        match reached {
            None if fallen >= share + NEAR => return Some(day as f64),
            None if fallen >= share - NEAR => reached = Some(day),
            Some(first) if fallen >= share + NEAR => return Some(halfway(first, day)),
            _ => {}
        }
    }
    match (reached, last) {
        (Some(first), Some((day, Some(_)))) => Some(halfway(first, day)),
        _ => None,
    }
}

fn halfway(from: i64, to: i64) -> f64 {
    from as f64 + from.abs_diff(to) as f64 / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn median(heights: &[Option<f64>]) -> Option<f64> {
        crossing((1..).zip(heights.iter().copied()), 0.5)
    }

    #[test]
    fn a_level_met_exactly_lasts_until_the_next_fall() {
        assert_eq!(median(&[Some(0.8), Some(0.5), Some(0.5), Some(0.2)]), Some(3.0));
        assert_eq!(median(&[Some(0.8), Some(0.49), Some(0.49), Some(0.2)]), Some(2.0));
        assert_eq!(median(&[Some(0.8), Some(0.5), Some(0.5), Some(0.5)]), Some(3.0));
        assert_eq!(median(&[Some(0.8), Some(0.5), Some(0.5), None]), None);
    }

    #[test]
    fn undefined_steps_are_passed_over() {
        assert_eq!(median(&[None, Some(0.7), Some(0.3), None]), Some(3.0));
        assert_eq!(median(&[None, Some(0.7), None]), None);
        assert_eq!(median(&[]), None);
    }
}
