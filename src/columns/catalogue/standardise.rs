//! Standardised rates: what would they be, were the populations alike?

use crate::columns::answer::{Answer, Listing};
use crate::columns::entry::{
    Choice, Column, INTERVAL, LEVEL, NumberKind, Statistic, TESTED, Work, count, float,
    not_negative, optional_setting, setting, whole, word,
};
use crate::columns::input::Numbers;
use crate::stats::{
    ComparedBand, DirectBand, DirectConvention, DirectMethod, EuropeanPart, IndirectBand,
    RateContrast, RateMethod, RepeatBand, comparative_difference, comparative_ratio,
    european_standard_population, standardise_direct, standardise_direct_repeat,
    standardise_indirect,
};

const PER: Choice = setting("per", NumberKind::Positive, 1000.0);
const CONVENTION: Choice = word("convention", &DirectConvention::WORDS, "phe");
const METHOD: Choice = word("method", &DirectMethod::WORDS, "byar");
const COMPARED: &[Column] =
    &[count("x1"), not_negative("n1"), count("x2"), not_negative("n2"), not_negative("weight")];

fn compared(numbers: &Numbers) -> Vec<ComparedBand> {
    let bands = numbers.each_row().map(|row| ComparedBand {
        x1: row.count(0),
        n1: row.number(1),
        x2: row.count(2),
        n2: row.number(3),
        weight: row.number(4),
    });
    bands.collect()
}

fn fields(found: RateContrast) -> impl Answer {
    (found.interval, found.p_value)
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "standardise_direct",
        question: "What would the rate be in a standard population?",
        columns: &[count("x"), not_negative("n"), not_negative("weight")],
        options: &[PER, CONVENTION, METHOD, LEVEL],
        fields: INTERVAL,
        work: Work::Whole(|given, numbers| {
            let bands = numbers.each_row().map(|row| DirectBand {
                x: row.count(0),
                n: row.number(1),
                weight: row.number(2),
            });
            let bands: Vec<DirectBand> = bands.collect();
            let convention = given.word("convention", DirectConvention::parse)?;
            let method = given.word("method", DirectMethod::parse)?;
            let (per, level) = (given.number("per")?, given.level());
            Ok(Listing::one(standardise_direct(&bands, per, convention, method, level)))
        }),
    },
    Statistic {
        name: "standardise_direct_repeat",
        question: "What would it be, where some people have several events?",
        columns: &[
            count("band"),
            count("events"),
            count("persons"),
            not_negative("n"),
            not_negative("weight"),
        ],
        options: &[PER, CONVENTION, METHOD, LEVEL],
        fields: INTERVAL,
        work: Work::Whole(|given, numbers| {
            let rows = numbers.each_row().map(|row| RepeatBand {
                band: row.count(0),
                events: row.count(1),
                persons: row.count(2),
                n: row.number(3),
                weight: row.number(4),
            });
            let rows: Vec<RepeatBand> = rows.collect();
            let convention = given.word("convention", DirectConvention::parse)?;
            let method = given.word("method", DirectMethod::parse)?;
            let (per, level) = (given.number("per")?, given.level());
            Ok(Listing::one(standardise_direct_repeat(&rows, per, convention, method, level)))
        }),
    },
    Statistic {
        name: "standardise_indirect",
        question: "How do the events compare with those expected at the reference's rates?",
        columns: &[
            count("x"),
            not_negative("n"),
            not_negative("x_reference"),
            not_negative("n_reference"),
        ],
        options: &[
            optional_setting("per", NumberKind::Positive),
            word("method", &RateMethod::WORDS, "phe"),
            LEVEL,
        ],
        fields: &[
            float("value"),
            float("lower"),
            float("upper"),
            whole("observed"),
            float("expected"),
        ],
        work: Work::Whole(|given, numbers| {
            let bands = numbers.each_row().map(|row| IndirectBand {
                x: row.count(0),
                n: row.number(1),
                x_reference: row.number(2),
                n_reference: row.number(3),
            });
            let bands: Vec<IndirectBand> = bands.collect();
            let method = given.word("method", RateMethod::parse)?;
            let per = given.maybe_number("per")?;
            let found = standardise_indirect(&bands, per, method, given.level());
            Ok(Listing::one((found.interval, found.observed, found.expected)))
        }),
    },
    Statistic {
        name: "comparative_ratio",
        question: "How many times as high is one standardised rate as the other?",
        columns: COMPARED,
        options: &[LEVEL],
        fields: TESTED,
        work: Work::Whole(|given, numbers| {
            let found = comparative_ratio(&compared(numbers), given.level());
            Ok(Listing::one(fields(found)))
        }),
    },
    Statistic {
        name: "comparative_difference",
        question: "By how much do two standardised rates differ?",
        columns: COMPARED,
        options: &[PER, LEVEL],
        fields: TESTED,
        work: Work::Whole(|given, numbers| {
            let per = given.number("per")?;
            let found = comparative_difference(&compared(numbers), per, given.level());
            Ok(Listing::one(fields(found)))
        }),
    },
    Statistic {
        name: "european_standard_population",
        question: "How old is the European standard population?",
        columns: &[],
        options: &[word("part", &EuropeanPart::WORDS, "all")],
        fields: &[whole("from"), whole("to"), float("weight")],
        work: Work::Listed(|given, _| {
            let bands = european_standard_population(given.word("part", EuropeanPart::parse)?);
            let rows = bands.into_iter().map(|band| {
                ([Some(u64::from(band.from)), band.to.map(u64::from)], Some(band.weight))
            });
            Ok(Listing::of(rows.collect()))
        }),
    },
];
