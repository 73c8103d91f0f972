//! What to believe after the data, and what could explain a ratio away.

use crate::columns::entry::{
    Choice, INTERVAL, LEVEL, NumberKind, Statistic, Work, count, float, not_negative, pair,
    positive, word,
};
use crate::columns::given::Given;
use crate::columns::run::each_row;
use crate::error::{Error, Result};
use crate::stats::{Prior, RatioKind, e_value, posterior_difference, posterior_share};

const PRIOR: Choice = pair("prior", NumberKind::Positive, [0.5, 0.5]);

fn prior(given: &Given) -> Result<Prior> {
    let [a, b] = given.pair("prior")?;
    Prior::new(a, b).ok_or_else(|| {
        Error::spec(format!("prior is ({a}, {b}); expected two finite numbers above 0"))
    })
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "posterior_share",
        question: "What share of them is it, after seeing some and with a prior?",
        columns: &[count("x").of("n"), count("n")],
        options: &[PRIOR, LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let (prior, level) = (prior(given)?, given.level());
            each_row(move |row| {
                let [x, n] = row.counts();
                let found = posterior_share(x, n, prior, level);
                ([found.value, found.lower, found.upper], found.reason)
            })
        }),
    },
    Statistic {
        name: "posterior_difference",
        question: "By how much is one share the larger, and how probably is it at all?",
        columns: &[count("x1").of("n1"), count("n1"), count("x2").of("n2"), count("n2")],
        options: &[PRIOR, LEVEL],
        fields: &[float("value"), float("lower"), float("upper"), float("probability")],
        work: Work::ByRow(|given| {
            let (prior, level) = (prior(given)?, given.level());
            each_row(move |row| {
                let [x1, n1, x2, n2] = row.counts();
                let found = posterior_difference(x1, n1, x2, n2, prior, level);
                ([found.value, found.lower, found.upper, found.probability], found.reason)
            })
        }),
    },
    Statistic {
        name: "e_value",
        question: "How strongly would something unmeasured have to act, to explain a ratio away?",
        columns: &[
            positive("ratio"),
            not_negative("lower").nullable(),
            not_negative("upper").nullable(),
        ],
        options: &[word("kind", &RatioKind::WORDS, "ratio")],
        fields: &[float("value"), float("limit")],
        work: Work::ByRow(|given| {
            let kind = given.word("kind", RatioKind::parse)?;
            each_row(move |row| {
                let found = e_value(row.number(0), row.maybe_number(1), row.maybe_number(2), kind);
                ([found.value, found.limit], found.reason)
            })
        }),
    },
];
