//! Do groups wait alike? The shares answered within a target compared, and tests of whole waits.

use crate::engine::curves::{CurveTest, Curves, Figure, Figured, Tested};
use crate::error::{Error, Result};
use crate::stats::reason::Reason;
use crate::stats::survival::{Estimate, KaplanMeier};

use super::TimeTo;
use super::curve_tests::log_rank_test;
use super::day_table::{DayTable, reveals};
use super::durations::Durations;
use super::time_to::{EVENT, durations, within};
use super::waits::Waits;

impl Curves<Waits> for TimeTo {
    fn figures(&self, states: &[&Waits], among: &[&Waits]) -> Result<Vec<Vec<Figure>>> {
        if self.within.is_empty() {
            return Err(Error::spec(
                "waits are compared by the share answered within a target: name targets with `within`; `test` tests whole waits",
            ));
        }
        let (length, as_of) = (self.length()?, self.last_day(among.iter().copied()));
        let of_state = |waits: &&Waits| -> Vec<Figure> {
            let durations = durations(waits, as_of, &length);
            let table = DayTable::new(&durations, &[EVENT]);
            let curve = match waits.all() {
                0 => Err(Reason::NoRows),
                _ => table.with(KaplanMeier::new),
            };
            let figure = |target: &u32| {
                let day = i64::from(*target);
                let (had, at_risk) = table.counts(0, day);
                let left = curve.as_ref().map_err(|reason| *reason);
                let left = left.and_then(|curve| curve.estimate(day));
                Figure {
                    own: vec![within(*target, &length).as_str().into()],
                    unit: "share",
                    of: Figured::Curve(
                        left.map(|left| Estimate { value: 1.0 - left.value, ..left }),
                    ),
                    had: None,
                    base: waits.all(),
                    reveals: reveals(&durations, had, at_risk),
                }
            };
            self.within.iter().map(figure).collect()
        };
        Ok(states.iter().map(of_state).collect())
    }

    fn test_keys(&self) -> &'static [&'static str] {
        &[]
    }

    fn test(
        &self,
        strata: &[Vec<&Waits>],
        among: &[&Waits],
        test: &CurveTest,
    ) -> Result<Vec<Tested>> {
        let (length, as_of) = (self.length()?, self.last_day(among.iter().copied()));
        let known: Vec<Vec<Durations>> = strata
            .iter()
            .map(|groups| groups.iter().map(|waits| durations(waits, as_of, &length)).collect())
            .collect();
        let strata: Vec<Vec<&Durations>> =
            known.iter().map(|groups| groups.iter().collect()).collect();
        log_rank_test(&strata, &EVENT, test).map(|tested| vec![tested])
    }

    fn people(&self, waits: &Waits) -> (u64, u64) {
        (waits.all(), waits.dropped())
    }
}
