//! How many are needed, and what could so few have shown?

use crate::columns::entry::{
    Choice, LEVEL, NumberKind, Statistic, Work, flag, float, not_negative, number,
    optional_setting, share, word,
};
use crate::columns::given::Given;
use crate::columns::run::each_row;
use crate::error::Result;
use crate::stats::Alternative;
use crate::stats::power::{
    Design, RateDesign, RateScale, detectable_difference, power, rate_detectable_ratio, rate_power,
    rate_sample_size, sample_size,
};

const ALTERNATIVE: Choice = word("alternative", &Alternative::WORDS, "two-sided");
const SHARES: &[Choice] = &[
    ALTERNATIVE,
    flag("correct", false),
    optional_setting("population", NumberKind::Count),
    LEVEL,
];
const RATES: &[Choice] = &[ALTERNATIVE, word("method", &RateScale::WORDS, "log"), LEVEL];

fn design(given: &Given) -> Result<Design> {
    Ok(Design {
        level: given.level(),
        alternative: given.word("alternative", Alternative::parse)?,
        correct: given.flag("correct")?,
        population: given.maybe_count("population")?,
    })
}

fn rate_design(given: &Given) -> Result<RateDesign> {
    Ok(RateDesign {
        level: given.level(),
        alternative: given.word("alternative", Alternative::parse)?,
        method: given.word("method", RateScale::parse)?,
    })
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "power",
        question: "How likely is a true difference between two shares to be found?",
        columns: &[share("p1"), not_negative("n1"), share("p2"), not_negative("n2")],
        options: SHARES,
        fields: &[float("power")],
        work: Work::ByRow(|given| {
            let design = design(given)?;
            each_row(move |row| {
                let [p1, n1, p2, n2] = row.numbers();
                power(p1, n1, p2, n2, &design).map(Some)
            })
        }),
    },
    Statistic {
        name: "sample_size",
        question: "How many are needed to find a true difference between two shares?",
        columns: &[share("p1"), share("p2"), number("power"), number("ratio")],
        options: SHARES,
        fields: &[float("n1"), float("n2")],
        work: Work::ByRow(|given| {
            let design = design(given)?;
            each_row(move |row| {
                let [p1, p2, power, ratio] = row.numbers();
                let needed = sample_size(p1, p2, power, ratio, &design);
                needed.map(|needed| [Some(needed.n1), Some(needed.n2)])
            })
        }),
    },
    Statistic {
        name: "detectable_difference",
        question: "What is the smallest difference that two samples would find?",
        columns: &[share("p2"), not_negative("n1"), not_negative("n2"), number("power")],
        options: SHARES,
        fields: &[float("lower"), float("higher")],
        work: Work::ByRow(|given| {
            let design = design(given)?;
            each_row(move |row| {
                let [p2, n1, n2, power] = row.numbers();
                let found = detectable_difference(p2, n1, n2, power, &design);
                found.map(|found| [found.lower, found.higher])
            })
        }),
    },
    Statistic {
        name: "rate_power",
        question: "How likely is a true difference between two rates to be found?",
        columns: &[
            not_negative("rate1"),
            not_negative("exposure1"),
            not_negative("rate2"),
            not_negative("exposure2"),
        ],
        options: RATES,
        fields: &[float("power")],
        work: Work::ByRow(|given| {
            let design = rate_design(given)?;
            each_row(move |row| {
                let [rate1, e1, rate2, e2] = row.numbers();
                rate_power(rate1, e1, rate2, e2, &design).map(Some)
            })
        }),
    },
    Statistic {
        name: "rate_sample_size",
        question: "How much exposure is needed to find a true difference between two rates?",
        columns: &[not_negative("rate1"), not_negative("rate2"), number("power"), number("ratio")],
        options: RATES,
        fields: &[float("exposure1"), float("exposure2")],
        work: Work::ByRow(|given| {
            let design = rate_design(given)?;
            each_row(move |row| {
                let [rate1, rate2, power, ratio] = row.numbers();
                let needed = rate_sample_size(rate1, rate2, power, ratio, &design);
                needed.map(|needed| [Some(needed.exposure1), Some(needed.exposure2)])
            })
        }),
    },
    Statistic {
        name: "rate_detectable_ratio",
        question: "What is the smallest ratio of two rates that so much exposure would find?",
        columns: &[
            not_negative("rate2"),
            not_negative("exposure1"),
            not_negative("exposure2"),
            number("power"),
        ],
        options: RATES,
        fields: &[float("lower"), float("higher")],
        work: Work::ByRow(|given| {
            let design = rate_design(given)?;
            each_row(move |row| {
                let [rate2, e1, e2, power] = row.numbers();
                let found = rate_detectable_ratio(rate2, e1, e2, power, &design);
                found.map(|found| [found.lower, found.higher])
            })
        }),
    },
];
