//! Many groups: a trend over groups in order, many tests at once.

use crate::columns::answer::Listing;
use crate::columns::entry::{P_VALUE, Statistic, TEST, Work, count, number, share, word};
use crate::error::Error;
use crate::stats::{AdjustMethod, Alternative, adjust, trend};

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "trend",
        question: "Does the share rise or fall from group to group?",
        columns: &[count("x").of("n"), count("n"), number("score").optional()],
        options: &[word("alternative", &Alternative::WORDS, "two-sided")],
        fields: TEST,
        work: Work::Whole(|given, numbers| {
            let alternative = given.word("alternative", Alternative::parse)?;
            let (x, n) = (numbers.counts(0), numbers.counts(1));
            Ok(Listing::one(trend(x, n, numbers.maybe_numbers(2), alternative)))
        }),
    },
    Statistic {
        name: "adjust",
        question: "Which of many tests still say something, when all were made at once?",
        columns: &[share("p").nullable()],
        options: &[word("method", &AdjustMethod::WORDS, "holm")],
        fields: P_VALUE,
        work: Work::Each(|given, numbers| {
            let method = given.word("method", AdjustMethod::parse)?;
            let p: Vec<Option<f64>> = numbers.each_row().map(|row| row.maybe_number(0)).collect();
            let adjusted = adjust(&p, method).map_err(|reason| Error::data(reason.words()))?;
            Ok(Listing::of(adjusted))
        }),
    },
];
