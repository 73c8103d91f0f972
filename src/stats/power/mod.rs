//! How many are needed, and what could so few have shown?
//!
//! | question | proportions | rates |
//! |---|---|---|
//! | how likely is a true difference to be found? | [`power`] | [`rate_power`] |
//! | how many are needed to find it? | [`sample_size`] | [`rate_sample_size`] |
//! | what is the smallest that would be found? | [`detectable_difference`] | [`rate_detectable_ratio`] |
//!
//! The three are one equation solved for different symbols, so that each undoes the others to the
//! last digits. It leaves out the chance that a two-sided test finds a difference the wrong way
//! round, as Fleiss does and R's `power.prop.test` unless `strict = TRUE`: that chance is below one
//! in a thousand wherever the power is above a quarter at level 0.95.
//!
//! [`exact_power`] takes no formula: it adds up every outcome that a given test would reject.

mod exact;
mod proportions;
mod rates;

pub use exact::exact_power;
pub use proportions::{
    Design, DetectableDifference, SampleSize, detectable_difference, power, sample_size,
};
pub use rates::{
    DetectableRatio, RateDesign, RateScale, SampleExposure, rate_detectable_ratio, rate_power,
    rate_sample_size,
};

use super::alternative::Alternative;
use super::level::Level;
use super::normal;
use super::reason::Reason;

/// z that a test must reach: zα with P(Z > zα) = (1 − level)/2, or 1 − level for one side.
fn critical(level: Level, alternative: Alternative) -> Result<f64, Reason> {
    match alternative {
        Alternative::TwoSided => Ok(level.z()),
        Alternative::Less | Alternative::Greater => {
            normal::lower_quantile(level.get()).ok_or(Reason::NotAProbability)
        }
    }
}

/// The difference in the direction that the test looks for.
fn sought(difference: f64, alternative: Alternative) -> f64 {
    match alternative {
        Alternative::TwoSided => difference.abs(),
        Alternative::Less => -difference,
        Alternative::Greater => difference,
    }
}

/// zα and zβ, the quantile of the power, if the power asked for is more than the test gives where
/// there is no difference at all.
fn quantiles(power: f64, level: Level, alternative: Alternative) -> Result<(f64, f64), Reason> {
    let reach = critical(level, alternative)?;
    let margin = normal::lower_quantile(power).ok_or(Reason::ImpossiblePower)?;
    if reach + margin > 0.0 { Ok((reach, margin)) } else { Err(Reason::ImpossiblePower) }
}

/// A finite figure, or why there is none.
const fn finite(figure: f64) -> Result<f64, Reason> {
    if figure.is_finite() { Ok(figure) } else { Err(Reason::TooLarge) }
}

/// Where `shortfall` first stops being above 0 between 0 and `most`, to the last digit; `None` if
/// it is still above 0 at `most`.
fn first_enough(most: f64, shortfall: impl Fn(f64) -> f64) -> Option<f64> {
    if !(most > 0.0 && shortfall(most) <= 0.0) {
        return None;
    }
    let (mut short, mut enough) = (0.0, most);
    loop {
        let middle = short + (enough - short) / 2.0;
        if middle <= short || middle >= enough {
            return Some(enough);
        }
        if shortfall(middle) > 0.0 {
            short = middle;
        } else {
            enough = middle;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_found_to_the_last_digit() {
        assert_eq!(first_enough(4.0, |x| 2.0 - x * x), Some(2.0_f64.sqrt()));
        assert_eq!(first_enough(1.0, |x| 1e-200 - x), Some(1e-200));
        assert_eq!(first_enough(1.0, |x| 1.0 - x), Some(1.0));
        assert_eq!(first_enough(1.0, |x| 2.0 - x), None);
        assert_eq!(first_enough(0.0, |x| -x), None);
    }

    #[test]
    fn one_side_spends_its_error_in_one_tail() {
        let level = Level::default();
        assert!(
            (critical(level, Alternative::TwoSided).unwrap() - 1.959_963_984_540_054).abs() < 1e-15
        );
        assert!(
            (critical(level, Alternative::Less).unwrap() - 1.644_853_626_951_472_7).abs() < 1e-15
        );
    }
}
