//! Inequality between quantiles of deprivation, most deprived first.

use crate::columns::answer::Listing;
use crate::columns::entry::{
    Choice, Column, INTERVAL, LEVEL, NumberKind, Statistic, Work, count, flag, float,
    needed_setting, not_negative, number, optional_setting, positive, setting, whole, word,
};
use crate::columns::given::Given;
use crate::columns::input::Numbers;
use crate::error::{Error, Result};
use crate::stats::Level;
use crate::stats::inequality::{
    Counted, Phe, Scale, Scotpho, SlopeConvention, Spread, absolute_range, attributable_share,
    concentration_index, population_attributable, population_quantile, quantile, relative_index,
    relative_range, slope_index,
};

/// The figure of each quantile, its people, and how sure the figure is: by its standard error, or
/// by its limits.
const QUANTILES: &[Column] = &[
    number("value"),
    not_negative("population"),
    not_negative("se").optional(),
    number("lower").optional(),
    number("upper").optional(),
];
const LIMITS_LEVEL: Choice = setting("limits_level", NumberKind::Share, 0.95);
const SLOPE: &[Choice] = &[
    word("convention", &SlopeConvention::WORDS, "phe"),
    word("scale", &Scale::WORDS, "plain"),
    flag("transform", false),
    setting("multiplier", NumberKind::Any, 1.0),
    optional_setting("overall", NumberKind::Any),
    LIMITS_LEVEL,
    LEVEL,
];

/// How sure the figures are said to be.
fn spread<'a>(given: &Given, numbers: &'a Numbers) -> Result<Spread<'a>> {
    let columns = [2, 3, 4].map(|column| numbers.maybe_numbers(column));
    match columns {
        [None, None, None] => Ok(Spread::Unknown),
        [Some(se), None, None] => Ok(Spread::StandardErrors(se)),
        [None, Some(lower), Some(upper)] => {
            let level = Level::new(given.number("limits_level")?).ok_or_else(|| {
                Error::spec("limits_level must be above 0 and below 1, such as 0.95")
            })?;
            Ok(Spread::Limits { lower, upper, level })
        }
        _ => Err(Error::spec("takes either se, or both lower and upper, or none of them")),
    }
}

fn convention<'a>(given: &Given, numbers: &'a Numbers) -> Result<SlopeConvention<'a>> {
    let overall = given.maybe_number("overall")?;
    let phe = Phe {
        spread: spread(given, numbers)?,
        scale: given.word("scale", Scale::parse)?,
        transform: given.flag("transform")?,
        multiplier: given.number("multiplier")?,
    };
    match given.word("convention", SlopeConvention::parse)? {
        SlopeConvention::Phe(_) if overall.is_some() => {
            Err(Error::spec("overall is of the convention 'scotpho'; 'phe' does not take it"))
        }
        SlopeConvention::Phe(_) => Ok(SlopeConvention::Phe(phe)),
        SlopeConvention::Scotpho(_) if phe != Phe::default() => Err(Error::spec(
            "se, lower, upper, scale, transform and multiplier are of the convention 'phe'; \
             'scotpho' takes overall only",
        )),
        SlopeConvention::Scotpho(_) => Ok(SlopeConvention::Scotpho(Scotpho { overall })),
    }
}

fn quantiles(found: Vec<Option<u32>>) -> Listing {
    Listing::of(found.into_iter().map(|place| place.map(u64::from)).collect())
}

/// How many quantiles: a number that fits.
fn k(given: &Given) -> Result<u32> {
    let k = given.count("k")?;
    u32::try_from(k)
        .map_err(|_| Error::spec(format!("k is {k}; expected a number such as 5 or 10")))
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "slope_index",
        question: "How far does the figure change from the most deprived end to the least?",
        columns: QUANTILES,
        options: SLOPE,
        fields: INTERVAL,
        work: Work::Whole(|given, numbers| {
            let (value, population) = (numbers.numbers(0), numbers.numbers(1));
            let convention = convention(given, numbers)?;
            Ok(Listing::one(slope_index(value, population, convention, given.level())))
        }),
    },
    Statistic {
        name: "relative_index",
        question: "How far does it change, as a ratio or as a share of the overall figure?",
        columns: QUANTILES,
        options: SLOPE,
        fields: INTERVAL,
        work: Work::Whole(|given, numbers| {
            let (value, population) = (numbers.numbers(0), numbers.numbers(1));
            let convention = convention(given, numbers)?;
            Ok(Listing::one(relative_index(value, population, convention, given.level())))
        }),
    },
    Statistic {
        name: "population_attributable",
        question: "What share would go if all had the least deprived quantile's figure?",
        columns: &[count("x"), not_negative("n")],
        options: &[word("counted", &Counted::WORDS, "events"), LEVEL],
        fields: INTERVAL,
        work: Work::Whole(|given, numbers| {
            let counted = given.word("counted", Counted::parse)?;
            let (x, n) = (numbers.counts(0), numbers.numbers(1));
            Ok(Listing::one(population_attributable(x, n, counted, given.level())))
        }),
    },
    Statistic {
        name: "attributable_share",
        question: "What share would go, where only figures and populations are known?",
        columns: QUANTILES,
        options: &[LIMITS_LEVEL, LEVEL],
        fields: INTERVAL,
        work: Work::Whole(|given, numbers| {
            let (value, population) = (numbers.numbers(0), numbers.numbers(1));
            let spread = spread(given, numbers)?;
            Ok(Listing::one(attributable_share(value, population, spread, given.level())))
        }),
    },
    Statistic {
        name: "absolute_range",
        question: "How far apart are the most and the least deprived quantile?",
        columns: &[number("value"), number("lower"), number("upper")],
        options: &[],
        fields: INTERVAL,
        work: Work::Whole(|_, numbers| {
            let [value, lower, upper] = [0, 1, 2].map(|column| numbers.numbers(column));
            Ok(Listing::one(absolute_range(value, lower, upper)))
        }),
    },
    Statistic {
        name: "relative_range",
        question: "How many times as high is the most deprived quantile as the least?",
        columns: &[number("value"), number("lower"), number("upper")],
        options: &[],
        fields: INTERVAL,
        work: Work::Whole(|_, numbers| {
            let [value, lower, upper] = [0, 1, 2].map(|column| numbers.numbers(column));
            Ok(Listing::one(relative_range(value, lower, upper)))
        }),
    },
    Statistic {
        name: "concentration_index",
        question: "How much of it falls on the deprived?",
        columns: &[
            number("value"),
            not_negative("population"),
            not_negative("variance").optional(),
        ],
        options: &[LEVEL],
        fields: &[float("value"), float("lower"), float("upper"), float("standard_error")],
        work: Work::Whole(|given, numbers| {
            let (value, population) = (numbers.numbers(0), numbers.numbers(1));
            let variance = numbers.maybe_numbers(2);
            let found = concentration_index(value, population, variance, given.level());
            Ok(Listing::one((found.interval, found.standard_error)))
        }),
    },
    Statistic {
        name: "quantile",
        question: "Which quantile does each area belong to, as many areas in each?",
        columns: &[number("value")],
        options: &[needed_setting("k", NumberKind::Count), flag("invert", false)],
        fields: &[whole("quantile")],
        work: Work::Each(|given, numbers| {
            Ok(quantiles(quantile(numbers.numbers(0), k(given)?, given.flag("invert")?)))
        }),
    },
    Statistic {
        name: "population_quantile",
        question: "Which quantile does each area belong to, as many people in each?",
        columns: &[number("rank"), positive("population")],
        options: &[needed_setting("k", NumberKind::Count)],
        fields: &[whole("quantile")],
        work: Work::Each(|given, numbers| {
            let (rank, population) = (numbers.numbers(0), numbers.numbers(1));
            Ok(quantiles(population_quantile(rank, population, k(given)?)))
        }),
    },
];
