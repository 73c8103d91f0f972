//! The second witness: every number of `stats` against R, metafor, statsmodels, SciPy and 50 digits.
//!
//! Each table in `tests/reference/` holds inputs, expected values and who computed them; its README
//! says how it was made. Run with `--nocapture` to see how near each witness came.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout)]

mod bootstrap;
mod clustered;
mod coverage;
mod decomposition;
mod distributions;
mod evidence;
mod funnel;
mod inequality;
mod many_groups;
mod paired;
mod power;
mod proportion;
mod rates;
mod returns;
mod standardise;
mod strata;
mod survival;
mod table;
mod two_proportions;

use wholefamily::stats::normal::{two_sided_p, two_sided_quantile};
use wholefamily::stats::overlap_change;

use table::{Nearness, ROUNDING, rows};

#[test]
fn normal_quantiles_and_tails() {
    let mut nearness = Nearness::default();
    for row in rows("normal_quantile.csv") {
        nearness.hold(&row, "", "z", two_sided_quantile(row.number("level")), 0.0);
    }
    for row in rows("normal_tail.csv") {
        nearness.hold(&row, "", "p", Some(two_sided_p(row.number("z"))), 0.0);
    }
}

#[test]
fn changes_of_overlapping_counts() {
    let mut nearness = Nearness::default();
    for row in rows("overlap_change.csv") {
        let [both, before_only, after_only] =
            ["both", "before_only", "after_only"].map(|column| row.count(column));
        let got = overlap_change(both, before_only, after_only, row.level());
        nearness.hold_interval(&row, "", &got, ROUNDING);
    }
}
