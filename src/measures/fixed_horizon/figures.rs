//! The three figures of a horizon, side by side, and what groups are compared by.

use std::collections::BTreeMap;

use crate::engine::curves::{CurveTest, Curves, Figure, Figured, Tested};
use crate::engine::person::PersonId;
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::error::Result;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::proportion::{ClusterCounts, ProportionMethod, clustered_proportion, proportion};
use crate::stats::reason::Reason;
use crate::stats::survival::{Band, CumulativeIncidence, Estimate, IncidenceVariance, Influenced};

use super::super::cumulative_incidence::{curve, figured};
use super::super::curve_tests::gray_test;
use super::super::day_table::{DayTable, reveals};
use super::super::fates::{Fate, Members, clustered, members, refuse_test};
use super::super::horizons::{COMPETING, Horizons, OF_INTEREST, Seen};
use super::super::re_referral::WILSON_CLUSTERED;
use super::FixedHorizon;

const LONG_ENOUGH: &str = "observed long enough";
const FROM_ALL: &str = "Aalen-Johansen";
const NOT_YET: &str = "not yet observable";

/// How the shares are estimated.
pub(super) struct Look {
    pub(super) method: ProportionMethod,
    pub(super) band: Band,
    pub(super) level: Level,
}

/// What the figures of a group are read off.
pub(super) struct OfGroup<'a> {
    state: &'a Horizons,
    table: DayTable,
    curve: std::result::Result<(CumulativeIncidence, Option<Reason>), Reason>,
    /// Everybody by cluster, where clusters are told apart.
    clusters: Option<Vec<(PersonId, Vec<Fate>)>>,
}

impl<'a> OfGroup<'a> {
    pub(super) fn new(state: &'a Horizons, clustered: bool) -> Result<Self> {
        let members = if clustered { members(&[&state.durations], &ENDS)?.pop() } else { None };
        Ok(Self::of(state, members.as_ref()))
    }

    fn of(state: &'a Horizons, members: Option<&Members>) -> Self {
        let durations = &state.durations;
        let table = DayTable::new(durations, &ENDS);
        let curve = curve(&table, 0, durations.used, IncidenceVariance::Delta, members);
        let clusters = members.map(|_| durations.clusters.each());
        Self { state, table, curve, clusters }
    }

    /// Of each cluster, how many of those observed long enough had the event, and of how many.
    fn seen_by_cluster(&self, horizon: i64) -> Option<Vec<(u64, u64)>> {
        let of_interest = OF_INTEREST.digest();
        let seen = |fates: &Vec<Fate>| {
            let long_enough =
                fates.iter().filter(|of| of.entry == 0 && i64::from(of.observed) >= horizon);
            let had = |of: &&Fate| of.end == of_interest && i64::from(of.exit) <= horizon;
            (long_enough.clone().filter(had).count() as u64, long_enough.count() as u64)
        };
        let clusters = self.clusters.as_ref()?;
        Some(clusters.iter().map(|(_, fates)| seen(fates)).collect())
    }
}

impl Look {
    /// The share of those observed long enough, and the method of its interval.
    fn share(&self, of: &OfGroup<'_>, horizon: i64) -> (Interval, String) {
        match of.seen_by_cluster(horizon) {
            None => {
                let Seen { long_enough, with_event, .. } = seen_by(&of.state.seen, horizon);
                let share = proportion(with_event, long_enough, self.method, self.level);
                (share, self.method.word().to_owned())
            }
            Some(clusters) => {
                let mut counts = ClusterCounts::default();
                clusters.into_iter().for_each(|(x, n)| counts.add(x, n));
                (clustered_proportion(&counts, self.level), WILSON_CLUSTERED.to_owned())
            }
        }
    }

    /// The three rows of a group by one horizon.
    pub(super) fn rows(&self, group: usize, of: &OfGroup<'_>, horizon: i64) -> [Row; 3] {
        let Horizons { durations, seen, .. } = of.state;
        let (used, dropped) = (durations.used, durations.dropped);
        let Seen { long_enough, with_event, too_short, too_short_with_event } =
            seen_by(seen, horizon);
        let (had, at_risk) = of.table.counts(0, horizon);
        let row = |estimate: &str, interval, unit: &str, numerator: u64, denominator, method| Row {
            group,
            period: None,
            own: vec![Value::Whole(horizon), estimate.into()],
            interval,
            unit: unit.to_owned(),
            numerator: Some(numerator as i64),
            denominator: Some(denominator),
            method,
            used,
            dropped,
            reveals: Vec::new(),
        };
        let estimated = match &of.curve {
            Ok((curve, why)) => {
                let interval = curve.at(horizon, self.band, self.level);
                why.map_or(interval, |why| interval.unsure(why))
            }
            Err(reason) => Interval::undefined(*reason),
        };
        let (share, method) = self.share(of, horizon);
        let base = used as f64;
        let mut of_those = row(LONG_ENOUGH, share, "share", with_event, long_enough as f64, method);
        of_those.reveals = vec![
            with_event,
            long_enough.saturating_sub(with_event),
            long_enough,
            used.saturating_sub(long_enough),
            used,
            dropped,
        ];
        let scale = match of.clusters {
            None => format!("{}, {}", self.band.word(), IncidenceVariance::Delta.word()),
            Some(_) => clustered(self.band.word()),
        };
        let mut of_all = row(FROM_ALL, estimated, "share", had, base, scale);
        of_all.reveals = reveals(durations, had, at_risk);
        of_all.reveals.push(too_short_with_event);
        let count = Interval::without_limits(too_short as f64, Reason::CompleteCount);
        let mut not_yet = row(NOT_YET, count, "people", too_short, base, "count".to_owned());
        not_yet.reveals = vec![too_short, used.saturating_sub(too_short), used, dropped];
        [of_those, of_all, not_yet]
    }
}

impl Curves<Horizons> for FixedHorizon {
    fn figures(&self, states: &[&Horizons], _among: &[&Horizons]) -> Result<Vec<Vec<Figure>>> {
        let durations: Vec<_> = states.iter().map(|state| &state.durations).collect();
        let members = match &self.cluster {
            None => Vec::new(),
            Some(_) => members(&durations, &ENDS)?,
        };
        let of_state = |(place, state): (usize, &&Horizons)| -> Vec<Figure> {
            let Horizons { durations, seen, .. } = *state;
            let members = members.get(place);
            let of = OfGroup::of(state, members);
            let figures = |(&day, from_all): (&i64, Figured)| {
                let seen = seen_by(seen, day);
                let (had, at_risk) = of.table.counts(0, day);
                let figure = |estimate: &str, of, had, base, reveals| Figure {
                    own: vec![Value::Whole(day), estimate.into()],
                    unit: "share",
                    of,
                    had: Some(had),
                    base,
                    reveals,
                };
                let numbered = members.map(Members::clusters).zip(of.seen_by_cluster(day));
                let share = numbered.map_or(Figured::Share, |(numbers, clusters)| {
                    Figured::Clustered(influenced(&numbers, &clusters))
                });
                [
                    figure(
                        LONG_ENOUGH,
                        share,
                        seen.with_event,
                        seen.long_enough,
                        vec![
                            seen.with_event,
                            seen.long_enough.saturating_sub(seen.with_event),
                            seen.long_enough,
                        ],
                    ),
                    figure(
                        FROM_ALL,
                        from_all,
                        had,
                        durations.used,
                        reveals(durations, had, at_risk),
                    ),
                ]
            };
            let from_all = figured(&of.curve, &self.at, members);
            self.at.iter().zip(from_all).flat_map(figures).collect()
        };
        Ok(states.iter().enumerate().map(of_state).collect())
    }

    fn test_keys(&self) -> &'static [&'static str] {
        &[]
    }

    fn test(
        &self,
        strata: &[Vec<&Horizons>],
        _among: &[&Horizons],
        test: &CurveTest,
    ) -> Result<Vec<Tested>> {
        refuse_test(self.cluster.as_deref())?;
        let durations: Vec<Vec<_>> = strata
            .iter()
            .map(|groups| groups.iter().map(|state| &state.durations).collect())
            .collect();
        gray_test(&durations, &ENDS, 0, test).map(|tested| vec![tested])
    }

    fn people(&self, state: &Horizons) -> (u64, u64) {
        (state.durations.used, state.durations.dropped)
    }
}

/// The ends of the curves, the one asked about first.
pub(super) const ENDS: [Value; 2] = [OF_INTEREST, COMPETING];

fn seen_by(seen: &BTreeMap<u32, Seen>, day: i64) -> Seen {
    u32::try_from(day).ok().and_then(|day| seen.get(&day)).copied().unwrap_or_default()
}

/// The share of rows that have it, and how far each cluster moves it: (xN − Xn)/N².
fn influenced(numbers: &[u64], clusters: &[(u64, u64)]) -> std::result::Result<Influenced, Reason> {
    let (with, all) = clusters.iter().fold((0, 0), |(x, n), of| (x + of.0, n + of.1));
    if all == 0 {
        return Err(Reason::NoRows);
    }
    let base = all as f64;
    let product = |one: u64, other: u64| i128::from(one) * i128::from(other);
    // in whole numbers, so that what cancels is 0
    let moves = |(x, n): (u64, u64)| (product(x, all) - product(with, n)) as f64 / base / base;
    let there = numbers.iter().zip(clusters).filter(|(_, (_, n))| *n > 0);
    let by_cluster: Vec<(u64, f64)> = there.map(|(number, of)| (*number, moves(*of))).collect();
    let variance = by_cluster.iter().map(|(_, of)| of * of).sum();
    Ok(Influenced { estimate: Estimate { value: with as f64 / base, variance }, by_cluster })
}
