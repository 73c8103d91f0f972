//! The same people twice.

use crate::columns::answer::Listing;
use crate::columns::entry::{
    INTERVAL, LEVEL, NumberKind, Statistic, TESTED, Work, count, flag, float, needed_setting,
    number, text, whole, word,
};
use crate::columns::run::each_row;
use crate::stats::{
    Alternative, McNemarMethod, SignedRankMethod, mcnemar, paired_difference, paired_t,
    reliable_change, signed_rank,
};

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "mcnemar",
        question: "Did more people change one way than the other?",
        columns: &[count("b"), count("c")],
        options: &[word("method", &McNemarMethod::WORDS, "exact"), LEVEL],
        fields: TESTED,
        work: Work::ByRow(|given| {
            let (method, level) = (given.word("method", McNemarMethod::parse)?, given.level());
            each_row(move |row| {
                let [b, c] = row.counts();
                let found = mcnemar(b, c, method, level);
                (found.interval, found.p_value)
            })
        }),
    },
    Statistic {
        name: "paired_difference",
        question: "By how much do two shares of the same people differ?",
        columns: &[count("both"), count("first_only"), count("second_only"), count("neither")],
        options: &[word("method", &["newcombe"], "newcombe"), LEVEL],
        fields: INTERVAL,
        work: Work::ByRow(|given| {
            let level = given.level();
            each_row(move |row| {
                let [both, first_only, second_only, neither] = row.counts();
                paired_difference(both, first_only, second_only, neither, level)
            })
        }),
    },
    Statistic {
        name: "signed_rank",
        question: "Are people higher or lower afterwards, by rank?",
        columns: &[number("before"), number("after")],
        options: &[
            word("method", &SignedRankMethod::WORDS, "auto"),
            word("alternative", &Alternative::WORDS, "two-sided"),
        ],
        fields: &[float("statistic"), float("p_value"), whole("used"), whole("zeros")],
        work: Work::Whole(|given, numbers| {
            let method = given.word("method", SignedRankMethod::parse)?;
            let alternative = given.word("alternative", Alternative::parse)?;
            let found = signed_rank(numbers.numbers(0), numbers.numbers(1), method, alternative);
            let counted = [Some(found.used as u64), Some(found.zeros as u64)];
            Ok(Listing::one(([found.statistic, found.p_value], counted, found.reason)))
        }),
    },
    Statistic {
        name: "paired_t",
        question: "By how much did people change on average?",
        columns: &[number("before"), number("after")],
        options: &[LEVEL],
        fields: &[
            float("value"),
            float("lower"),
            float("upper"),
            float("statistic"),
            float("df"),
            float("p_value"),
        ],
        work: Work::Whole(|given, numbers| {
            let found = paired_t(numbers.numbers(0), numbers.numbers(1), given.level());
            Ok(Listing::one((found.interval, [found.statistic, found.df, found.p_value])))
        }),
    },
    Statistic {
        name: "reliable_change",
        question: "Whose change is more than an unreliable scale would show by itself?",
        columns: &[number("before"), number("after")],
        options: &[
            needed_setting("sd", NumberKind::Positive),
            needed_setting("reliability", NumberKind::Share),
            flag("higher_is_better", true),
            LEVEL,
        ],
        fields: &[float("value"), text("change")],
        work: Work::ByRow(|given| {
            let (sd, reliability) = (given.number("sd")?, given.number("reliability")?);
            let (better, level) = (given.flag("higher_is_better")?, given.level());
            each_row(move |row| {
                let (before, after) = (row.number(0), row.number(1));
                let found = reliable_change(before, after, sd, reliability, better, level);
                (found.value, found.change.map(|change| change.word()), found.reason)
            })
        }),
    },
];
