//! Funnels: which units differ by more than chance would make them?

use crate::columns::answer::Listing;
use crate::columns::entry::{
    Choice, LEVEL, NumberKind, Statistic, Work, count, float, needed_setting, not_negative,
    setting, text, whole, word,
};
use crate::columns::given::Given;
use crate::columns::input::Numbers;
use crate::columns::run::each_row;
use crate::error::Result;
use crate::stats::funnel::{
    FunnelMethod, FunnelOf, Overdispersion, Transform, adjusted_limits, funnel_limits,
    funnel_signal, limits_at, overdispersion,
};

const OF: Choice = word("of", &FunnelOf::WORDS, "proportion");
const METHOD: Choice = word("method", &FunnelMethod::WORDS, "phe");
const TRANSFORM: Choice = word("transform", &Transform::WORDS, "arcsine");
const AVERAGE: Choice = needed_setting("average", NumberKind::NotNegative);
const TRIM: Choice = setting("trim", NumberKind::Share, 0.1);

fn spread(given: &Given, numbers: &Numbers) -> Result<Overdispersion> {
    let average = given.number("average")?;
    let (transform, trim) = (given.word("transform", Transform::parse)?, given.number("trim")?);
    Ok(overdispersion(numbers.counts(0), numbers.numbers(1), average, transform, trim))
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "funnel_limits",
        question: "Between which limits would a unit of this size lie by chance?",
        columns: &[not_negative("n"), not_negative("average")],
        options: &[OF, METHOD],
        fields: &[float("lower_95"), float("upper_95"), float("lower_998"), float("upper_998")],
        work: Work::ByRow(|given| {
            let of = given.word("of", FunnelOf::parse)?;
            let method = given.word("method", FunnelMethod::parse)?;
            each_row(move |row| {
                let found = funnel_limits(row.number(0), row.number(1), of, method);
                let inner = [found.lower_95, found.upper_95];
                (inner, [found.lower_998, found.upper_998], found.reason)
            })
        }),
    },
    Statistic {
        name: "limits_at",
        question: "Between which limits would it lie, at a level of one's own?",
        columns: &[not_negative("n"), not_negative("average")],
        options: &[OF, METHOD, LEVEL],
        fields: &[float("lower"), float("upper")],
        work: Work::ByRow(|given| {
            let of = given.word("of", FunnelOf::parse)?;
            let method = given.word("method", FunnelMethod::parse)?;
            let level = given.level();
            each_row(move |row| {
                let found = limits_at(row.number(0), row.number(1), of, method, level);
                ([found.lower, found.upper], found.reason)
            })
        }),
    },
    Statistic {
        name: "funnel_signal",
        question: "Where does a unit lie among the limits?",
        columns: &[count("x"), not_negative("n"), not_negative("average")],
        options: &[OF, METHOD],
        fields: &[text("signal")],
        work: Work::ByRow(|given| {
            let of = given.word("of", FunnelOf::parse)?;
            let method = given.word("method", FunnelMethod::parse)?;
            each_row(move |row| {
                funnel_signal(row.count(0), row.number(1), row.number(2), of, method)
                    .map(|signal| Some(signal.word()))
            })
        }),
    },
    Statistic {
        name: "overdispersion",
        question: "Do the units vary more than chance would make them, all together?",
        columns: &[count("x"), not_negative("n")],
        options: &[AVERAGE, TRANSFORM, TRIM],
        fields: &[float("phi"), float("tau2"), float("p_value"), whole("used")],
        work: Work::Whole(|given, numbers| {
            let found = spread(given, numbers)?;
            let figures = [found.phi, found.tau2, found.p_value];
            Ok(Listing::one((figures, Some(found.used as u64), found.reason)))
        }),
    },
    Statistic {
        name: "funnel_scores",
        question: "How many standard errors does each unit lie from the average?",
        columns: &[count("x"), not_negative("n")],
        options: &[AVERAGE, TRANSFORM],
        fields: &[float("z")],
        work: Work::Each(|given, numbers| {
            let transform = given.word("transform", Transform::parse)?;
            let average = given.number("average")?;
            let (x, n) = (numbers.counts(0), numbers.numbers(1));
            let scores = overdispersion(x, n, average, transform, 0.0).z;
            Ok(Listing::of(scores.into_iter().map(|z| z.map(Some)).collect()))
        }),
    },
    Statistic {
        name: "adjusted_limits",
        question: "Between which limits would a unit lie, when units vary beyond chance?",
        columns: &[not_negative("n"), not_negative("average"), not_negative("tau2")],
        options: &[TRANSFORM, LEVEL],
        fields: &[float("lower"), float("upper")],
        work: Work::ByRow(|given| {
            let (transform, level) = (given.word("transform", Transform::parse)?, given.level());
            each_row(move |row| {
                let [n, average, tau2] = row.numbers();
                let found = adjusted_limits(n, average, transform, tau2, level);
                ([found.lower, found.upper], found.reason)
            })
        }),
    },
];
