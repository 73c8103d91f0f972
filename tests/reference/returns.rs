//! Shares of rows in families, and means, against R's survey and t.test.

use wholefamily::stats::{ClusterCounts, clustered_proportion, mean_of_counts};

use crate::table::{Nearness, rows};

#[test]
fn shares_where_families_share_their_fate() {
    let mut nearness = Nearness::default();
    for row in rows("returns/clustered_proportion.csv") {
        let mut families = ClusterCounts::default();
        for (x, n) in row.counts("x").into_iter().zip(row.counts("n")) {
            families.add(x, n);
        }
        let got = clustered_proportion(&families, row.level());
        nearness.hold_interval(&row, "", &got, 0.0);
    }
}

#[test]
fn means_of_values_that_occur_several_times() {
    let mut nearness = Nearness::default();
    for row in rows("returns/mean_of_counts.csv") {
        let values: Vec<(f64, u64)> =
            row.numbers("value_of").into_iter().zip(row.counts("times")).collect();
        let got = mean_of_counts(&values, row.level());
        nearness.hold_interval(&row, "", &got, 0.0);
    }
}
