//! Every statistic by its name. To add one: an entry in the file of its topic.

mod bayes;
mod coverage;
mod funnel;
mod independence;
mod inequality;
mod many_groups;
mod paired;
mod planning;
mod proportions;
mod rates;
mod resampling;
mod standardise;
mod strata;
mod survival;
mod two_groups;

use crate::error::{Error, Result};

use super::entry::Statistic;

const TOPICS: [&[Statistic]; 15] = [
    proportions::ENTRIES,
    coverage::ENTRIES,
    bayes::ENTRIES,
    two_groups::ENTRIES,
    strata::ENTRIES,
    many_groups::ENTRIES,
    independence::ENTRIES,
    paired::ENTRIES,
    rates::ENTRIES,
    standardise::ENTRIES,
    inequality::ENTRIES,
    funnel::ENTRIES,
    survival::ENTRIES,
    planning::ENTRIES,
    resampling::ENTRIES,
];

/// All entries.
pub(super) fn all() -> impl Iterator<Item = &'static Statistic> {
    TOPICS.into_iter().flatten()
}

/// The entry of that name.
pub(super) fn find(name: &str) -> Result<&'static Statistic> {
    all().find(|entry| entry.name == name).ok_or_else(|| {
        let known: Vec<&str> = all().map(|entry| entry.name).collect();
        Error::unknown_word("statistic", name, &known)
    })
}
