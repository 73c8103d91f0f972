//! Rates: events for so much exposure.

use crate::columns::answer::{Answer, Listing};
use crate::columns::entry::{
    Choice, Column, INTERVAL, LEVEL, NumberKind, Statistic, TESTED, Work, count, needed_setting,
    not_negative, setting, word,
};
use crate::columns::run::each_row;
use crate::stats::{
    RateContrast, RateDifferenceMethod, RateMethod, RateRatioMethod, rate, rate_difference,
    rate_ratio, repeat_rate,
};

const PER: Choice = setting("per", NumberKind::Positive, 1.0);
const METHOD: Choice = word("method", &RateMethod::WORDS, "phe");
const TWO_GROUPS: &[Column] = &[count("x1"), not_negative("e1"), count("x2"), not_negative("e2")];

fn fields(found: RateContrast) -> impl Answer {
    (found.interval, found.p_value)
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "rate",
        question: "How many events for so much exposure, and how sure can we be?",
        columns: &[count("x"), not_negative("exposure")],
        options: &[PER, METHOD, LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let (per, method) = (given.number("per")?, given.word("method", RateMethod::parse)?);
            let level = given.level();
            each_row(move |row| rate(row.count(0), row.number(1), per, method, level))
        }),
    },
    Statistic {
        name: "repeat_rate",
        question: "How many events for so much exposure, where some people have several?",
        columns: &[count("events"), count("persons")],
        options: &[needed_setting("exposure", NumberKind::NotNegative), PER, METHOD, LEVEL],
        fields: INTERVAL,
        work: Work::Whole(|given, numbers| {
            let (events, persons) = (numbers.counts(0), numbers.counts(1));
            let (exposure, per) = (given.number("exposure")?, given.number("per")?);
            let method = given.word("method", RateMethod::parse)?;
            let level = given.level();
            Ok(Listing::one(repeat_rate(events, persons, exposure, per, method, level)))
        }),
    },
    Statistic {
        name: "rate_ratio",
        question: "How many times as high is one rate as the other?",
        columns: TWO_GROUPS,
        options: &[word("method", &RateRatioMethod::WORDS, "exact"), LEVEL],
        fields: TESTED,
        work: Work::ByRow(|given| {
            let (method, level) = (given.word("method", RateRatioMethod::parse)?, given.level());
            each_row(move |row| {
                let (e1, e2) = (row.number(1), row.number(3));
                fields(rate_ratio(row.count(0), e1, row.count(2), e2, method, level))
            })
        }),
    },
    Statistic {
        name: "rate_difference",
        question: "By how much do two rates differ?",
        columns: TWO_GROUPS,
        options: &[PER, word("method", &RateDifferenceMethod::WORDS, "wald"), LEVEL],
        fields: TESTED,
        work: Work::ByRow(|given| {
            let method = given.word("method", RateDifferenceMethod::parse)?;
            let (per, level) = (given.number("per")?, given.level());
            each_row(move |row| {
                let (e1, e2) = (row.number(1), row.number(3));
                fields(rate_difference(row.count(0), e1, row.count(2), e2, per, method, level))
            })
        }),
    },
];
