//! A whole table of groups and outcomes.

use crate::columns::answer::Listing;
use crate::columns::entry::{
    NumberKind, Statistic, TEST_WITH_DF, Work, count, needed_setting, optional_setting, setting,
    word,
};
use crate::error::Error;
use crate::stats::{IndependenceMethod, independence};

pub(super) const ENTRIES: &[Statistic] = &[Statistic {
    name: "independence",
    question: "Do the groups differ in how their members are spread over the outcomes?",
    columns: &[count("counts")],
    options: &[
        needed_setting("outcomes", NumberKind::Count),
        word("method", &IndependenceMethod::WORDS, "chi-squared"),
        setting("draws", NumberKind::Count, 10_000.0),
        optional_setting("seed", NumberKind::Count),
    ],
    fields: TEST_WITH_DF,
    work: Work::Whole(|given, numbers| {
        let method = given.word("method", IndependenceMethod::parse)?;
        let outcomes = usize::try_from(given.count("outcomes")?).unwrap_or(usize::MAX).max(1);
        let rows: Vec<&[u64]> = numbers.counts(0).chunks(outcomes).collect();
        let (draws, seed) = (given.count("draws")?, given.maybe_count("seed")?);
        if method == IndependenceMethod::MonteCarlo && seed.is_none() {
            return Err(Error::spec(
                "'monte-carlo' needs a seed, such as 1, so that the same tables can be drawn again",
            ));
        }
        let seed = seed.unwrap_or_default();
        let found = independence(&rows, method, draws, seed);
        Ok(Listing::one(([found.statistic, found.df, found.p_value], found.reason)))
    }),
}];
