//! How much exposure a rate is given for, such as 1,000 children.

use crate::error::{Error, Result};

/// The usual: 1,000.
pub(crate) fn thousand() -> f64 {
    1000.0
}

/// How many days a year has on average: child-years are days in care over this.
pub(crate) const DAYS_OF_A_YEAR: f64 = 365.25;

/// Refuses what no rate can be given for.
pub(crate) fn check(per: f64) -> Result<()> {
    if per.is_finite() && per > 0.0 {
        return Ok(());
    }
    Err(Error::spec(format!("per is {per}; it must be above 0, such as 1000")))
}

/// The unit of a rate, as results show it.
pub(crate) fn unit(per: f64) -> String {
    format!("per {}", thousands(per))
}

/// A whole number with a comma between thousands: the unit of a rate is read, not computed with.
fn thousands(number: f64) -> String {
    let plain = number.to_string();
    let (whole, fraction) = plain.split_once('.').map_or((plain.as_str(), ""), |parts| parts);
    let digits = whole.len();
    let mut shown = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (digits - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    if fraction.is_empty() { shown } else { format!("{shown}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_a_rate_is_written_as_people_read_it() {
        assert_eq!(thousands(1000.0), "1,000");
        assert_eq!(thousands(100.0), "100");
        assert_eq!(thousands(1_234_567.0), "1,234,567");
        assert_eq!(thousands(0.5), "0.5");
    }
}
