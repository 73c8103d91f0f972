//! Strata: like compared with like.

use crate::columns::answer::Listing;
use crate::columns::entry::{
    Column, LEVEL, Statistic, TEST_WITH_DF, Work, count, flag, float, word,
};
use crate::columns::input::Numbers;
use crate::stats::{Estimand, Stratum, breslow_day, homogeneity, mantel_haenszel};

const STRATA: &[Column] = &[count("x1").of("n1"), count("n1"), count("x2").of("n2"), count("n2")];

fn strata(numbers: &Numbers) -> Vec<Stratum> {
    let strata = numbers.each_row().map(|row| {
        let [x1, n1, x2, n2] = row.counts();
        Stratum { x1, n1, x2, n2 }
    });
    strata.collect()
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "mantel_haenszel",
        question: "How do two groups compare, like with like?",
        columns: STRATA,
        options: &[word("estimand", &Estimand::WORDS, "ratio"), flag("correct", false), LEVEL],
        fields: &[
            float("value"),
            float("lower"),
            float("upper"),
            float("p_value"),
            float("homogeneity_p"),
        ],
        work: Work::Whole(|given, numbers| {
            let estimand = given.word("estimand", Estimand::parse)?;
            let correct = given.flag("correct")?;
            let strata = strata(numbers);
            let pooled = mantel_haenszel(&strata, estimand, correct, given.level());
            let why = homogeneity(&strata, estimand).reason;
            Ok(Listing::one((pooled.interval, pooled.p_value, pooled.homogeneity_p, why)))
        }),
    },
    Statistic {
        name: "breslow_day",
        question: "Is the odds ratio the same in every stratum?",
        columns: STRATA,
        options: &[flag("correct", true)],
        fields: TEST_WITH_DF,
        work: Work::Whole(|given, numbers| {
            let found = breslow_day(&strata(numbers), given.flag("correct")?);
            Ok(Listing::one(([found.statistic, found.df, found.p_value], found.reason)))
        }),
    },
];
