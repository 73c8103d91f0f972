//! The three figures of a horizon, side by side, and what groups are compared by.

use std::collections::BTreeMap;

use crate::engine::curves::{CurveTest, Curves, Figure, Figured, Tested};
use crate::engine::table::Row;
use crate::engine::value::Value;
use crate::error::Result;
use crate::stats::interval::Interval;
use crate::stats::level::Level;
use crate::stats::proportion::{ProportionMethod, proportion};
use crate::stats::reason::Reason;
use crate::stats::survival::{Band, CumulativeIncidence, IncidenceVariance};

use super::super::curve_tests::gray_test;
use super::super::day_table::{DayTable, reveals};
use super::super::horizons::{COMPETING, Horizons, OF_INTEREST, Seen};
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

impl Look {
    /// The three rows of a group by one horizon.
    pub(super) fn rows(
        &self,
        group: usize,
        state: &Horizons,
        table: &DayTable,
        horizon: i64,
    ) -> [Row; 3] {
        let Horizons { durations, seen, .. } = state;
        let (used, dropped) = (durations.used, durations.dropped);
        let Seen { long_enough, with_event, too_short, too_short_with_event } =
            seen_by(seen, horizon);
        let (had, at_risk) = table.counts(0, horizon);
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
        let estimated = match aalen_johansen(state, table) {
            Ok(curve) => curve.at(horizon, self.band, self.level),
            Err(reason) => Interval::undefined(reason),
        };
        let share = proportion(with_event, long_enough, self.method, self.level);
        let base = used as f64;
        let method = self.method.word().to_owned();
        let mut of_those = row(LONG_ENOUGH, share, "share", with_event, long_enough as f64, method);
        of_those.reveals = vec![
            with_event,
            long_enough.saturating_sub(with_event),
            long_enough,
            used.saturating_sub(long_enough),
            used,
            dropped,
        ];
        let scale = format!("{}, {}", self.band.word(), IncidenceVariance::Delta.word());
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
        let of_state = |state: &&Horizons| -> Vec<Figure> {
            let Horizons { durations, seen, .. } = *state;
            let table = DayTable::new(durations, &ENDS);
            let curve = aalen_johansen(state, &table);
            let figures = |&day: &i64| {
                let seen = seen_by(seen, day);
                let (had, at_risk) = table.counts(0, day);
                let figure = |estimate: &str, of, had, base, reveals| Figure {
                    own: vec![Value::Whole(day), estimate.into()],
                    unit: "share",
                    of,
                    had: Some(had),
                    base,
                    reveals,
                };
                let estimate = match &curve {
                    Ok(curve) => curve.estimate(day),
                    Err(reason) => Err(*reason),
                };
                [
                    figure(
                        LONG_ENOUGH,
                        Figured::Share,
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
                        Figured::Curve(estimate),
                        had,
                        durations.used,
                        reveals(durations, had, at_risk),
                    ),
                ]
            };
            self.at.iter().flat_map(figures).collect()
        };
        Ok(states.iter().map(of_state).collect())
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

fn aalen_johansen(
    state: &Horizons,
    table: &DayTable,
) -> std::result::Result<CumulativeIncidence, Reason> {
    match state.durations.used {
        0 => Err(Reason::NoRows),
        _ => table.with(|times| CumulativeIncidence::new(times, 0, IncidenceVariance::Delta)),
    }
}
