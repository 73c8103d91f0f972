//! How often an interval really holds the truth.

use crate::columns::answer::Answer;
use crate::columns::entry::{
    Field, LEVEL, Statistic, Work, count, float, not_negative, share, word,
};
use crate::columns::run::each_row;
use crate::stats::{Coverage, ProportionMethod, RateMethod, coverage, coverage_of, rate_coverage};

const FIELDS: &[Field] = &[float("coverage"), float("below"), float("above"), float("mean_width")];

fn fields(found: Coverage) -> impl Answer {
    ([found.coverage, found.below, found.above, found.mean_width], found.reason)
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "coverage",
        question: "How often does a method's interval for a share hold the true share?",
        columns: &[count("n"), share("p")],
        options: &[word("method", &ProportionMethod::WORDS, "wilson"), LEVEL],
        fields: FIELDS,
        work: Work::ByRow(|given| {
            let method = given.word("method", ProportionMethod::parse)?;
            let level = given.level();
            each_row(move |row| fields(coverage(row.count(0), row.number(1), method, level)))
        }),
    },
    Statistic {
        name: "coverage_of",
        question: "How often does it, where some of a population of known size are drawn?",
        columns: &[
            count("n").of("population"),
            count("with_it").of("population"),
            count("population"),
        ],
        options: &[word("method", &ProportionMethod::WORDS, "wilson"), LEVEL],
        fields: FIELDS,
        work: Work::ByRow(|given| {
            let method = given.word("method", ProportionMethod::parse)?;
            let level = given.level();
            each_row(move |row| {
                let [n, with, population] = row.counts();
                fields(coverage_of(n, with, population, method, level))
            })
        }),
    },
    Statistic {
        name: "rate_coverage",
        question: "How often does a method's interval for a count of events hold the true mean?",
        columns: &[not_negative("mean")],
        options: &[word("method", &RateMethod::WORDS, "phe"), LEVEL],
        fields: FIELDS,
        work: Work::ByRow(|given| {
            let (method, level) = (given.word("method", RateMethod::parse)?, given.level());
            each_row(move |row| fields(rate_coverage(row.number(0), method, level)))
        }),
    },
];
