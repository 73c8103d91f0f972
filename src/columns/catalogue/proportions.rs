//! One group: shares, and changes of a count.

use crate::columns::entry::{INTERVAL, LEVEL, Statistic, Work, count, word};
use crate::columns::run::each_row;
use crate::stats::{ProportionMethod, overlap_change, proportion_of};

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "proportion",
        question: "What share of them, and how sure can we be?",
        columns: &[count("x").of("n"), count("n").of("population"), count("population").optional()],
        options: &[word("method", &ProportionMethod::WORDS, "wilson"), LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let method = given.word("method", ProportionMethod::parse)?;
            let level = given.level();
            each_row(move |row| {
                let [x, n] = row.counts();
                proportion_of(x, n, row.maybe_count(2), method, level)
            })
        }),
    },
    Statistic {
        name: "change",
        question: "How much has a count of the same people changed?",
        columns: &[count("both"), count("before_only"), count("after_only")],
        options: &[LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let level = given.level();
            each_row(move |row| {
                let [both, before_only, after_only] = row.counts();
                overlap_change(both, before_only, after_only, level)
            })
        }),
    },
];
