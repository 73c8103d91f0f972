//! Times to an event: curves, means and tests.

use std::collections::BTreeSet;

use crate::columns::answer::Listing;
use crate::columns::entry::{
    Choice, Field, LEVEL, NumberKind, Statistic, TEST_WITH_DF, Work, count, float, list,
    needed_setting, number, setting, whole, word,
};
use crate::columns::followed::{Counted, People, lend};
use crate::columns::given::Given;
use crate::columns::input::Numbers;
use crate::error::{Error, Result};
use crate::stats::survival::{
    Band, CumulativeIncidence, Estimate, IncidenceVariance, KaplanMeier, LogRankWeight, gray,
    log_rank,
};
use crate::stats::{Interval, Reason, Significance};

const SCALE: Choice = word("method", &Band::WORDS, "log-log");
const AT: Choice = list("at", NumberKind::Count);
const CURVE: &[Field] = &[
    whole("time"),
    whole("at_risk"),
    whole("events"),
    whole("censored"),
    float("value"),
    float("lower"),
    float("upper"),
    float("standard_error"),
];

/// A day of a curve: how many were at risk, had the event and were censored, and the figure.
type Step = ([Option<u64>; 4], Interval, Option<f64>);

/// The days asked for, or those on which somebody left.
fn days(given: &Given, steps: &[Left]) -> Result<Vec<i64>> {
    Ok(match given.list("at")? {
        Some(days) => days.iter().map(|day| *day as i64).collect(),
        None => steps.iter().map(|step| step.day).collect(),
    })
}

/// Who left on a day.
struct Left {
    day: i64,
    events: u64,
    censored: u64,
}

fn curve(
    given: &Given,
    counted: &Counted,
    steps: &[Left],
    estimate: impl Fn(i64) -> std::result::Result<Estimate, Reason>,
) -> Result<Listing> {
    let band = given.word("method", Band::parse)?;
    let at_risk = counted.at_risk();
    let step = |day: i64| -> Step {
        let place = steps.binary_search_by_key(&day, |step| step.day).ok();
        let here = place.and_then(|place| steps.get(place));
        let (events, censored) = here.map_or((0, 0), |step| (step.events, step.censored));
        let counts = [u64::try_from(day).ok(), at_risk(day), Some(events), Some(censored)];
        match estimate(day) {
            Ok(of) => (counts, band.interval(of, given.level()), Some(of.standard_error())),
            Err(reason) => (counts, Interval::undefined(reason), None),
        }
    };
    Ok(Listing::of(days(given, steps)?.into_iter().map(step).collect()))
}

/// The groups of each stratum; who is in no stratum is in one.
fn strata(people: &People, groups: &[u64], strata: Option<&[u64]>) -> Vec<Vec<Counted>> {
    let members: BTreeSet<u64> = groups.iter().copied().collect();
    let stratum = |row: usize| strata.and_then(|of| of.get(row)).copied();
    let all: BTreeSet<Option<u64>> = (0..groups.len()).map(stratum).collect();
    let count = |of: Option<u64>, member: u64| {
        people.count(|row| groups.get(row) == Some(&member) && stratum(row) == of)
    };
    all.into_iter().map(|of| members.iter().map(|&member| count(of, member)).collect()).collect()
}

fn listed(found: Significance) -> Listing {
    Listing::one(([found.statistic, found.df, found.p_value], found.reason))
}

/// One curve of several causes: the one asked about first, then all others.
fn of_cause(given: &Given, numbers: &Numbers) -> Result<Vec<u64>> {
    let cause = given.count("cause")?;
    if cause == 0 {
        return Err(Error::spec("cause is 0, which is who had no event; name an event"));
    }
    let code = |event: &u64| match *event {
        0 => 0,
        event if event == cause => 1,
        _ => 2,
    };
    Ok(numbers.counts(1).iter().map(code).collect())
}

pub(super) const ENTRIES: &[Statistic] = &[
    Statistic {
        name: "kaplan_meier",
        question: "What share has not yet had the event by each day?",
        columns: &[count("time"), count("event"), number("entry").optional().nullable()],
        options: &[AT, SCALE, LEVEL],
        fields: CURVE,
        work: Work::Listed(|given, numbers| {
            let counted = People::read(numbers, 2, 1)?.count(|_| true);
            let found = counted.with(KaplanMeier::new);
            let steps = found.as_ref().map_or(&[][..], KaplanMeier::steps).iter();
            let steps: Vec<Left> = steps
                .map(|of| Left { day: of.day, events: of.events, censored: of.censored })
                .collect();
            curve(given, &counted, &steps, |day| match &found {
                Ok(curve) => curve.estimate(day),
                Err(reason) => Err(*reason),
            })
        }),
    },
    Statistic {
        name: "cumulative_incidence",
        question: "What share has had an event by each day, where others may come first?",
        columns: &[count("time"), count("event"), number("entry").optional().nullable()],
        options: &[
            needed_setting("cause", NumberKind::Count),
            AT,
            SCALE,
            word("variance", &IncidenceVariance::WORDS, "delta"),
            LEVEL,
        ],
        fields: CURVE,
        work: Work::Listed(|given, numbers| {
            let variance = given.word("variance", IncidenceVariance::parse)?;
            let event = of_cause(given, numbers)?;
            let counted = People::read(numbers, 2, 2)?.with_events(&event).count(|_| true);
            let found = counted.with(|times| CumulativeIncidence::new(times, 0, variance));
            let steps = found.as_ref().map_or(&[][..], CumulativeIncidence::steps).iter();
            let steps: Vec<Left> = steps
                .map(|of| Left { day: of.day, events: of.events, censored: of.censored })
                .collect();
            curve(given, &counted, &steps, |day| match &found {
                Ok(curve) => curve.estimate(day),
                Err(reason) => Err(*reason),
            })
        }),
    },
    Statistic {
        name: "restricted_mean",
        question: "How long do they go without the event on average, up to a day?",
        columns: &[count("time"), count("event"), number("entry").optional().nullable()],
        options: &[needed_setting("until", NumberKind::Count), LEVEL],
        fields: &[float("value"), float("lower"), float("upper"), float("standard_error")],
        work: Work::Whole(|given, numbers| {
            let until = i64::try_from(given.count("until")?).unwrap_or(i64::MAX);
            let counted = People::read(numbers, 2, 1)?.count(|_| true);
            let mean =
                counted.with(KaplanMeier::new).and_then(|curve| curve.restricted_mean(until));
            let level = given.level();
            let limited = |mean: Estimate| {
                let of = mean.interval(level);
                let lower = of.lower.map(|limit| limit.max(0.0));
                let upper = of.upper.map(|limit| limit.min(until as f64));
                (Interval { lower, upper, ..of }, Some(mean.standard_error()))
            };
            Ok(Listing::one(mean.map(limited)))
        }),
    },
    Statistic {
        name: "log_rank",
        question: "Do groups have their events at the same pace?",
        columns: &[
            count("time"),
            count("event"),
            count("group"),
            count("strata").optional(),
            number("entry").optional().nullable(),
        ],
        options: &[
            word("weight", &LogRankWeight::WORDS, "log-rank"),
            setting("rho", NumberKind::NotNegative, 0.0),
            setting("gamma", NumberKind::NotNegative, 0.0),
        ],
        fields: TEST_WITH_DF,
        work: Work::Whole(|given, numbers| {
            let (rho, gamma) = (given.number("rho")?, given.number("gamma")?);
            let weight = given.word("weight", |word| LogRankWeight::parse(word, rho, gamma))?;
            let weighed = matches!(weight, LogRankWeight::FlemingHarrington { .. });
            if !weighed && (rho, gamma) != (0.0, 0.0) {
                return Err(Error::spec("rho and gamma go with weight = 'fleming-harrington'"));
            }
            let people = People::read(numbers, 4, 1)?;
            let strata = strata(&people, numbers.counts(2), numbers.maybe_counts(3));
            Ok(listed(lend(&strata, |strata| log_rank(strata, weight)).test))
        }),
    },
    Statistic {
        name: "gray_test",
        question: "Does an event befall groups alike, where others may come first?",
        columns: &[count("time"), count("event"), count("group"), count("strata").optional()],
        options: &[
            needed_setting("cause", NumberKind::Count),
            setting("rho", NumberKind::Any, 0.0),
        ],
        fields: TEST_WITH_DF,
        work: Work::Whole(|given, numbers| {
            let event = of_cause(given, numbers)?;
            let rho = given.number("rho")?;
            // No column of entries: the test has no form for those who join late.
            let people = People::read(numbers, usize::MAX, 2)?.with_events(&event);
            let strata = strata(&people, numbers.counts(2), numbers.maybe_counts(3));
            Ok(listed(lend(&strata, |strata| gray(strata, 0, rho))))
        }),
    },
];
