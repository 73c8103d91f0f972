//! Intervals by drawing the data again.

use crate::columns::answer::Listing;
use crate::columns::entry::{
    LEVEL, NumberKind, Statistic, Work, count, float, needed_setting, number, setting, word,
};
use crate::columns::resampled::{Contrast, Data, Draws, Figure};
use crate::stats::bootstrap::BootstrapMethod;

pub(super) const ENTRIES: &[Statistic] = &[Statistic {
    name: "bootstrap",
    question: "How sure is a figure for which there is no formula?",
    columns: &[
        number("value"),
        number("base").optional(),
        count("group").optional(),
        count("cluster").optional(),
    ],
    options: &[
        needed_setting("seed", NumberKind::Count),
        word("statistic", &Figure::WORDS, "mean"),
        word("contrast", &Contrast::WORDS, "difference"),
        setting("draws", NumberKind::Count, 10_000.0),
        word("method", &BootstrapMethod::WORDS, "bca"),
        LEVEL,
    ],
    fields: &[float("value"), float("lower"), float("upper"), float("standard_error")],
    work: Work::Whole(|given, numbers| {
        let data = Data {
            value: numbers.numbers(0),
            base: numbers.maybe_numbers(1),
            group: numbers.maybe_counts(2),
            cluster: numbers.maybe_counts(3),
            figure: given.word("statistic", Figure::parse)?,
            contrast: given.word("contrast", Contrast::parse)?,
        };
        let draws = Draws {
            count: given.count("draws")?,
            seed: given.count("seed")?,
            method: given.word("method", BootstrapMethod::parse)?,
            level: given.level(),
        };
        let found = data.resampled(&draws)?;
        Ok(Listing::one(found.map(|found| (found.interval, found.standard_error))))
    }),
}];
