//! Shares, of samples and of populations of known size.

use wholefamily::stats::{ProportionMethod, proportion_of};

use crate::table::{NEAR, Nearness, ROUNDING, rows};

/// Limits that are found by iteration, here or there.
const ITERATED: f64 = 1e-11;

#[test]
fn proportions() {
    use ProportionMethod::{AgrestiCoull, ClopperPearson, Jeffreys, MidP, Wald};
    let mut nearness = Nearness::default();
    for row in rows("proportion.csv") {
        let method = ProportionMethod::parse(row.text("method")).unwrap();
        let population = row.expected("population").map(|_| row.count("population"));
        let got = proportion_of(row.count("x"), row.count("n"), population, method, row.level());
        let floor = if matches!(method, AgrestiCoull | Wald) { ROUNDING } else { 0.0 };
        let near = if matches!(method, ClopperPearson | Jeffreys | MidP) { ITERATED } else { NEAR };
        let what = match population {
            Some(_) => format!("{} of a population", method.word()),
            None => method.word().to_owned(),
        };
        nearness.hold_interval_within(&row, &what, &got, floor, near);
    }
}
