//! Two groups: contrasts and tests.

use crate::columns::entry::{
    Column, INTERVAL, LEVEL, P_VALUE, Statistic, TEST, Work, count, flag, float, text, word,
};
use crate::columns::run::each_row;
use crate::stats::{
    Alternative, DifferenceMethod, ExactMethod, OddsRatioMethod, RatioMethod, chi_squared,
    difference, exact_test, number_needed, odds_ratio, ratio,
};

const TWO_GROUPS: &[Column] =
    &[count("x1").of("n1"), count("n1"), count("x2").of("n2"), count("n2")];

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "difference",
        question: "By how much do two shares differ?",
        columns: TWO_GROUPS,
        options: &[word("method", &DifferenceMethod::WORDS, "newcombe"), LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let (method, level) = (given.word("method", DifferenceMethod::parse)?, given.level());
            each_row(move |row| {
                let [x1, n1, x2, n2] = row.counts();
                difference(x1, n1, x2, n2, method, level)
            })
        }),
    },
    Statistic {
        name: "ratio",
        question: "How many times as large is one share as the other?",
        columns: TWO_GROUPS,
        options: &[word("method", &RatioMethod::WORDS, "katz"), LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let (method, level) = (given.word("method", RatioMethod::parse)?, given.level());
            each_row(move |row| {
                let [x1, n1, x2, n2] = row.counts();
                ratio(x1, n1, x2, n2, method, level)
            })
        }),
    },
    Statistic {
        name: "odds_ratio",
        question: "How many times as large are the odds in one group as in the other?",
        columns: TWO_GROUPS,
        options: &[word("method", &OddsRatioMethod::WORDS, "woolf"), LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let (method, level) = (given.word("method", OddsRatioMethod::parse)?, given.level());
            each_row(move |row| {
                let [x1, n1, x2, n2] = row.counts();
                odds_ratio(x1, n1, x2, n2, method, level)
            })
        }),
    },
    Statistic {
        name: "number_needed",
        question: "How many have to be served for one more to do well?",
        columns: TWO_GROUPS,
        options: &[word("method", &DifferenceMethod::WORDS, "newcombe"), LEVEL],
        fields: &[float("value"), float("lower"), float("upper"), text("words")],
        work: Work::ByRow(|given| {
            let (method, level) = (given.word("method", DifferenceMethod::parse)?, given.level());
            each_row(move |row| {
                let [x1, n1, x2, n2] = row.counts();
                let needed = number_needed(x1, n1, x2, n2, method, level);
                (needed.interval, needed.words)
            })
        }),
    },
    Statistic {
        name: "exact_test",
        question: "Could chance alone have made two groups so unlike?",
        columns: TWO_GROUPS,
        options: &[
            word("method", &ExactMethod::WORDS, "fisher"),
            word("alternative", &Alternative::WORDS, "two-sided"),
        ],
        fields: P_VALUE,
        work: Work::ByRow(|given| {
            let method = given.word("method", ExactMethod::parse)?;
            let alternative = given.word("alternative", Alternative::parse)?;
            each_row(move |row| {
                let [x1, n1, x2, n2] = row.counts();
                let found = exact_test(x1, n1, x2, n2, method, alternative);
                (found.p_value, found.reason)
            })
        }),
    },
    Statistic {
        name: "chi_squared",
        question: "Do two shares differ by more than chance would make them?",
        columns: TWO_GROUPS,
        options: &[flag("correct", false), word("alternative", &Alternative::WORDS, "two-sided")],
        fields: TEST,
        work: Work::ByRow(|given| {
            let correct = given.flag("correct")?;
            let alternative = given.word("alternative", Alternative::parse)?;
            each_row(move |row| {
                let [x1, n1, x2, n2] = row.counts();
                chi_squared(x1, n1, x2, n2, correct, alternative)
            })
        }),
    },
];
