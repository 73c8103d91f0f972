//! How sure is a share, when brothers and sisters share their fate?

use super::super::reason::Reason;
use super::estimate::Estimate;

/// People followed, one place each in every slice.
///
/// ```
/// use wholefamily::stats::survival::{Followed, clustered_survival};
/// // two pairs of siblings and one child alone
/// let people = Followed {
///     cluster: &[7, 7, 8, 8, 9],
///     entry: &[],
///     exit: &[2, 3, 5, 6, 4],
///     cause: &[1, 1, 0, 0, 1],
/// };
/// let by_four = &clustered_survival(&people, &[4]).unwrap()[0];
/// assert!((by_four.value - 0.4).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed<'a> {
    /// Whom they belong with: a family's number, whatever it is.
    pub cluster: &'a [u64],
    /// The day they joined, at risk from the next day on; empty where all were there from the start.
    pub entry: &'a [i64],
    /// The day they had an event or were censored.
    pub exit: &'a [i64],
    /// The cause of the event, from 1; 0 for who was censored.
    pub cause: &'a [u32],
}

/// What share has had the event of this cause by each of these days, and how sure is that if members
/// of a cluster share their fate?
///
/// # Formula
/// The estimate is Aalen and Johansen's. Its variance is Σ Uc² over clusters c (the infinitesimal
/// jackknife), where Uc adds up the influence of its members, and that of one member is
/// ```text
/// u = S(x−)(1{had this event} − G(x) 1{had any})/n(x) − Σ S(t−)(h(t) − G(t)H(t))/n(t)
/// G(t) = (F(horizon) − F(t))/S(t)
/// ```
/// with x the day they left, if by the horizon, n at risk, h and H the shares of them with this event
/// and with any; the sum is over the days t on which they were at risk, up to the horizon. Where
/// everybody is alone and nobody joins late it is the delta method's variance exactly.
///
/// # Arguments
/// `cause`: from 1. `days`: the horizons, in any order.
///
/// # Edges
/// One cluster: [`Reason::OneCluster`]. Nobody: [`Reason::NoRows`]. Slices of different lengths:
/// [`Reason::UnequalLengths`]. Someone who left no later than they joined:
/// [`Reason::LeftBeforeEntry`]. A horizon after the last day on which anybody left, while some have had
/// no event: [`Reason::NotObserved`]. Few clusters make the variance too small.
///
/// # Source
/// L. J. Wei, D. Y. Lin and L. Weissfeld, 1989, "Regression analysis of multivariate incomplete failure
/// time data by modeling marginal distributions"; T. M. Therneau and P. M. Grambsch, 2000, "Modeling
/// Survival Data". R: survfit(…, cluster = …), with the event as a factor.
///
/// # Errors
/// The edges above.
pub fn clustered_incidence(
    people: &Followed<'_>,
    cause: u32,
    days: &[i64],
) -> Result<Vec<Estimate>, Reason> {
    if cause == 0 {
        return Err(Reason::NoSuchCause);
    }
    estimates(people, days, |of| of == cause)
}

/// What share has had no event by each of these days, and how sure is that if members of a cluster
/// share their fate?
///
/// As [`clustered_incidence`] of any cause, turned round: 1 − F, of the same variance.
///
/// # Errors
/// As [`clustered_incidence`].
pub fn clustered_survival(people: &Followed<'_>, days: &[i64]) -> Result<Vec<Estimate>, Reason> {
    let turned = |of: Estimate| Estimate { value: 1.0 - of.value, variance: of.variance };
    Ok(estimates(people, days, |of| of != 0)?.into_iter().map(turned).collect())
}

fn estimates(
    people: &Followed<'_>,
    days: &[i64],
    counts: impl Fn(u32) -> bool,
) -> Result<Vec<Estimate>, Reason> {
    people.check()?;
    let order = people.by_cluster();
    let curve = Curve::new(people, &counts);
    let estimate = |&day: &i64| {
        let value = curve.incidence(day)?;
        let horizon = curve.horizon(day);
        let influence = |person: usize| {
            let exit = at(people.exit, person);
            let entry = people.entry.get(person).copied();
            let cause = people.cause.get(person).copied().unwrap_or(0);
            let own = if exit <= day { horizon.own(exit, counts(cause), cause != 0) } else { 0.0 };
            own - (horizon.until(exit) - entry.map_or(0.0, |entry| horizon.until(entry)))
        };
        let same = |&one: &usize, &next: &usize| {
            people.cluster.get(one).copied() == people.cluster.get(next).copied()
        };
        let squared = |cluster: &[usize]| {
            let sum: f64 = cluster.iter().map(|&person| influence(person)).sum();
            sum * sum
        };
        Ok(Estimate { value, variance: order.chunk_by(same).map(squared).sum() })
    };
    days.iter().map(estimate).collect()
}

fn at(days: &[i64], place: usize) -> i64 {
    days.get(place).copied().unwrap_or(i64::MAX)
}

impl Followed<'_> {
    fn check(&self) -> Result<(), Reason> {
        let n = self.exit.len();
        let joined = self.entry.is_empty() || self.entry.len() == n;
        if self.cluster.len() != n || self.cause.len() != n || !joined {
            return Err(Reason::UnequalLengths);
        }
        if self.entry.iter().zip(self.exit).any(|(entry, exit)| entry >= exit) {
            return Err(Reason::LeftBeforeEntry);
        }
        match self.cluster.first() {
            None => Err(Reason::NoRows),
            Some(first) if self.cluster.iter().all(|cluster| cluster == first) => {
                Err(Reason::OneCluster)
            }
            Some(_) => Ok(()),
        }
    }

    /// Everybody, cluster by cluster, so that sums do not hang on the order of rows within days.
    fn by_cluster(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.exit.len()).collect();
        order.sort_by_key(|&person| self.cluster.get(person).copied());
        order
    }
}

/// A day on which somebody had an event.
struct Step {
    day: i64,
    /// n, S before, and what is left of S after, as shares of n: h, H and 1 − H
    at_risk: f64,
    before: f64,
    of_cause: f64,
    of_any: f64,
    left: f64,
    /// F after
    incidence: f64,
}

struct Curve {
    steps: Vec<Step>,
    last: i64,
    survival: f64,
}

impl Curve {
    fn new(people: &Followed<'_>, counts: &impl Fn(u32) -> bool) -> Self {
        let mut exits: Vec<(i64, u32)> =
            people.exit.iter().copied().zip(people.cause.iter().copied()).collect();
        exits.sort_unstable();
        let mut entries = people.entry.to_vec();
        entries.sort_unstable();
        let (mut gone, mut survival, mut incidence) = (0, 1.0, 0.0);
        let mut steps = Vec::new();
        for of_day in exits.chunk_by(|one, next| one.0 == next.0) {
            let day = of_day.first().map_or(i64::MAX, |first| first.0);
            let yet_to_join = entries.len() - entries.partition_point(|&entry| entry < day);
            let n = exits.len().saturating_sub(gone).saturating_sub(yet_to_join);
            let any = of_day.iter().filter(|of| of.1 != 0).count();
            let of_cause = of_day.iter().filter(|of| of.1 != 0 && counts(of.1)).count();
            gone += of_day.len();
            if any == 0 {
                continue;
            }
            let at_risk = n as f64;
            let left = n.saturating_sub(any) as f64 / at_risk;
            let (of_cause, of_any) = (of_cause as f64 / at_risk, any as f64 / at_risk);
            incidence += survival * of_cause;
            steps.push(Step { day, at_risk, before: survival, of_cause, of_any, left, incidence });
            survival *= left;
        }
        let last = exits.last().map_or(i64::MIN, |exit| exit.0);
        Self { steps, last, survival }
    }

    fn incidence(&self, day: i64) -> Result<f64, Reason> {
        if day > self.last && self.survival > 0.0 {
            return Err(Reason::NotObserved);
        }
        let after = self.steps.partition_point(|step| step.day <= day);
        let step = after.checked_sub(1).and_then(|at| self.steps.get(at));
        Ok(step.map_or(0.0, |step| step.incidence.min(1.0)))
    }

    /// The parts of the influence on F by one horizon, by event day up to it.
    fn horizon(&self, until: i64) -> Horizon {
        let within = self.steps.iter().take_while(|step| step.day <= until);
        let by_then = within.clone().last().map_or(0.0, |step| step.incidence);
        let (mut sum, mut days, mut sums, mut owns) = (0.0, Vec::new(), Vec::new(), Vec::new());
        for step in within {
            // S(t−) G(t) = (F(horizon) − F(t))/(1 − H); nothing is to come where nobody is left
            let to_come =
                if step.left > 0.0 { (by_then - step.incidence) / step.left } else { 0.0 };
            sum += (step.before * step.of_cause - to_come * step.of_any) / step.at_risk;
            days.push(step.day);
            sums.push(sum);
            owns.push((step.before / step.at_risk, to_come / step.at_risk));
        }
        Horizon { days, sums, owns }
    }
}

struct Horizon {
    days: Vec<i64>,
    sums: Vec<f64>,
    owns: Vec<(f64, f64)>,
}

impl Horizon {
    /// The sum over event days up to a day.
    fn until(&self, day: i64) -> f64 {
        let after = self.days.partition_point(|&step| step <= day);
        after.checked_sub(1).and_then(|at| self.sums.get(at)).copied().unwrap_or(0.0)
    }

    /// What an event of one's own on a day adds.
    fn own(&self, day: i64, of_cause: bool, of_any: bool) -> f64 {
        let own = self.days.binary_search(&day).ok().and_then(|at| self.owns.get(at));
        let Some(&(before, to_come)) = own else { return 0.0 };
        (if of_cause { before } else { 0.0 }) - (if of_any { to_come } else { 0.0 })
    }
}

#[cfg(test)]
#[path = "clustered_tests.rs"]
mod tests;
