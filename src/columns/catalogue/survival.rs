//! Times to an event: curves, means and tests.

use std::collections::BTreeSet;

use crate::columns::answer::Listing;
use crate::columns::entry::{
    Choice, Column, Field, LEVEL, NumberKind, Statistic, TEST_WITH_DF, Work, count, float, list,
    needed_setting, number, setting, whole, word,
};
use crate::columns::followed::{Counted, People, lend};
use crate::columns::given::Given;
use crate::columns::input::Numbers;
use crate::error::{Error, Result};
use crate::stats::survival::{
    Band, CumulativeIncidence, Estimate, Followed, IncidenceVariance, KaplanMeier, LogRankWeight,
    as_sure, gray, log_rank,
};
use crate::stats::{Interval, Reason, Significance};

const SCALE: Choice = word("method", &Band::WORDS, "log-log");
const AT: Choice = list("at", NumberKind::Count);
const FOLLOWED: &[Column] = &[
    count("time"),
    count("event"),
    number("entry").optional().nullable(),
    count("cluster").optional(),
];
/// The place of the clusters among them.
const CLUSTER: usize = 3;
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
    unsure: Option<Reason>,
) -> Result<Listing> {
    let band = given.word("method", Band::parse)?;
    let at_risk = counted.at_risk();
    let step = |day: i64| -> Step {
        let place = steps.binary_search_by_key(&day, |step| step.day).ok();
        let here = place.and_then(|place| steps.get(place));
        let (events, censored) = here.map_or((0, 0), |step| (step.events, step.censored));
        let counts = [u64::try_from(day).ok(), at_risk(day), Some(events), Some(censored)];
        match (estimate(day), unsure) {
            (Ok(of), None) => (counts, band.interval(of, given.level()), Some(of.standard_error())),
            (Ok(of), Some(reason)) => (counts, Interval::without_limits(of.value, reason), None),
            (Err(reason), _) => (counts, Interval::undefined(reason), None),
        }
    };
    Ok(Listing::of(days(given, steps)?.into_iter().map(step).collect()))
}

/// What was found of a curve.
type Found<T> = std::result::Result<T, Reason>;

/// The curve as sure as clusters make it, where they are given; where they say nothing of that, why.
fn between<T: Clone>(
    found: Found<T>,
    people: &People,
    cluster: Option<&[u64]>,
    clustered: impl FnOnce(T, &Followed<'_>) -> Found<T>,
) -> (Found<T>, Option<Reason>) {
    match (found, cluster) {
        (Ok(curve), Some(cluster)) => {
            let members = people.members(cluster);
            let (curve, why) = as_sure(curve, |curve| clustered(curve, &members.followed()));
            (Ok(curve), why)
        }
        (found, _) => (found, None),
    }
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
        columns: FOLLOWED,
        options: &[AT, SCALE, LEVEL],
        fields: CURVE,
        work: Work::Listed(|given, numbers| {
            let people = People::read(numbers, 2, 1)?;
            let counted = people.count(|_| true);
            let found = counted.with(KaplanMeier::new);
            let cluster = numbers.maybe_counts(CLUSTER);
            let (found, why) = between(found, &people, cluster, KaplanMeier::clustered);
            let steps = found.as_ref().map_or(&[][..], KaplanMeier::steps).iter();
            let steps: Vec<Left> = steps
                .map(|of| Left { day: of.day, events: of.events, censored: of.censored })
                .collect();
            let estimate = |day| match &found {
                Ok(curve) => curve.estimate(day),
                Err(reason) => Err(*reason),
            };
            curve(given, &counted, &steps, estimate, why)
        }),
    },
    Statistic {
        name: "cumulative_incidence",
        question: "What share has had an event by each day, where others may come first?",
        columns: FOLLOWED,
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
            let people = People::read(numbers, 2, 2)?.with_events(&event);
            let counted = people.count(|_| true);
            let found = counted.with(|times| CumulativeIncidence::new(times, 0, variance));
            let cluster = numbers.maybe_counts(CLUSTER);
            if cluster.is_some() && variance != IncidenceVariance::Delta {
                return Err(Error::spec(format!(
                    "with cluster the variance is that between clusters, so there is none of '{}': leave one of them out",
                    variance.word()
                )));
            }
            let (found, why) = between(found, &people, cluster, CumulativeIncidence::clustered);
            let steps = found.as_ref().map_or(&[][..], CumulativeIncidence::steps).iter();
            let steps: Vec<Left> = steps
                .map(|of| Left { day: of.day, events: of.events, censored: of.censored })
                .collect();
            let estimate = |day| match &found {
                Ok(curve) => curve.estimate(day),
                Err(reason) => Err(*reason),
            };
            curve(given, &counted, &steps, estimate, why)
        }),
    },
    Statistic {
        name: "restricted_mean",
        question: "How long do they go without the event on average, up to a day?",
        columns: FOLLOWED,
        options: &[needed_setting("until", NumberKind::Count), LEVEL],
        fields: &[float("value"), float("lower"), float("upper"), float("standard_error")],
        work: Work::Whole(|given, numbers| {
            let until = i64::try_from(given.count("until")?).unwrap_or(i64::MAX);
            let people = People::read(numbers, 2, 1)?;
            let found = people.count(|_| true).with(KaplanMeier::new);
            let cluster = numbers.maybe_counts(CLUSTER);
            let (found, why) = between(found, &people, cluster, KaplanMeier::clustered);
            let mean = found.and_then(|curve| curve.restricted_mean(until));
            let level = given.level();
            let limited = |mean: Estimate| {
                let of = mean.interval(level);
                let lower = of.lower.map(|limit| limit.max(0.0));
                let upper = of.upper.map(|limit| limit.min(until as f64));
                match why {
                    None => (Interval { lower, upper, ..of }, Some(mean.standard_error())),
                    Some(reason) => (of.unsure(reason), None),
                }
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
