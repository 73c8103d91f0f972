//! How sure is a figure of a curve, when brothers and sisters share their fate?
//!
//! The variance is Σ Uc² over clusters c (the infinitesimal jackknife), where Uc is how far the figure
//! moves as the members of c count for a little more. From one day of events to the next all clusters
//! move alike: with u the influence on the figure, v that on survival and a the members at risk,
//! ```text
//! a share:   u ← u + hv − S(t−)ha/n        a mean up to a day:   u ← u + v · days since the last
//! both:      v ← (1 − H)v + S(t−)Ha/n
//! ```
//! with n at risk, h and H the shares of them with the event and with any; a member's own event adds
//! S(t−)/n to u (of the event asked about, for a share) and takes it from v. So the sums of u², uv, ua
//! and so on over all clusters move in six numbers a day, and a cluster is looked at only when one of
//! its members comes, leaves or has an event: for n people and k days that is (n + k) log k, not nk.

use super::super::reason::Reason;
use super::estimate::Estimate;
use super::followed::{Followed, Person};

/// A day on which somebody had an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct EventDay {
    pub(super) day: i64,
    pub(super) at_risk: u64,
    pub(super) of_cause: u64,
    pub(super) any: u64,
}

/// Which figure of a curve the influences are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The share with the event of this cause by the day; causes count from 1.
    Share(u32),
    /// The days without any, up to the day.
    Mean,
}

/// Sums over clusters after a day of events: u², uv and v².
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) day: i64,
    pub(super) figure: f64,
    pub(super) both: f64,
    pub(super) survival: f64,
}

/// A cluster's influence on a figure and on survival.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Influence {
    pub(super) figure: f64,
    pub(super) survival: f64,
}

/// A figure with the influence of each cluster on it, by which figures of people who share clusters are
/// compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Influenced {
    /// The figure, and its variance.
    pub estimate: Estimate,
    /// How far the figure moves with each cluster, in order of clusters.
    pub by_cluster: Vec<(u64, f64)>,
}

/// A variance below this part of that of people alone is one of rounding.
const ROUNDING: f64 = 1e-10;

/// The variance, or 0 where the influences of clusters cancel but for rounding.
pub(super) fn beyond_rounding(variance: f64, alone: f64, people: usize) -> f64 {
    let one = (people as f64).recip();
    if variance > ROUNDING * (alone + one * one) { variance } else { 0.0 }
}

/// Writes the variance between clusters into the steps of a curve, which each have their day and the
/// variance of people alone; it moves only on days of events.
pub(super) fn written<'s>(
    spread: &[Spread],
    of: impl Fn(&Spread) -> f64,
    people: usize,
    steps: impl Iterator<Item = (i64, &'s mut f64)>,
) {
    let mut spread = spread.iter().peekable();
    let mut so_far = 0.0;
    for (day, variance) in steps {
        if let Some(here) = spread.next_if(|here| here.day == day) {
            so_far = beyond_rounding(of(here), *variance, people);
        }
        *variance = so_far;
    }
}

/// A curve as sure as clusters make it; where they say nothing of that, as it was, and why.
pub(crate) fn as_sure<T: Clone>(
    curve: T,
    clustered: impl FnOnce(T) -> Result<T, Reason>,
) -> (T, Option<Reason>) {
    match clustered(curve.clone()) {
        Ok(curve) => (curve, None),
        Err(reason) => (curve, Some(reason)),
    }
}

/// How influences move over a day of events, or over several.
#[derive(Debug, Clone, Copy)]
struct Move {
    /// How much of v, and of a, is added to u.
    to_figure: (f64, f64),
    /// How much of v, and of a, is v after it.
    to_survival: (f64, f64),
}

impl Move {
    fn then(self, next: Self) -> Self {
        let (of_v, of_a) = self.to_survival;
        Self {
            to_figure: (
                self.to_figure.0 + next.to_figure.0 * of_v,
                self.to_figure.1 + next.to_figure.0 * of_a + next.to_figure.1,
            ),
            to_survival: (
                next.to_survival.0 * of_v,
                next.to_survival.0 * of_a + next.to_survival.1,
            ),
        }
    }
}

/// Where a cluster stands, after so many days of events.
#[derive(Debug, Clone, Copy, Default)]
struct Path {
    after: usize,
    figure: f64,
    survival: f64,
    at_risk: f64,
}

/// What happened to members of a cluster on a day of events, or before the next.
#[derive(Debug, Clone, Copy)]
struct Touch {
    after: u32,
    cluster: u32,
    /// By how many more, or fewer, are at risk from then on.
    at_risk: i32,
    of_cause: u32,
    any: u32,
}

/// Sums over clusters of products of u, v and a.
#[derive(Default)]
struct Sums {
    uu: f64,
    uv: f64,
    ua: f64,
    vv: f64,
    va: f64,
    aa: f64,
}

impl Sums {
    fn go(&mut self, by: Move) {
        let ((p, q), (r, s)) = (by.to_figure, by.to_survival);
        let Self { uu, uv, ua, vv, va, aa } = *self;
        *self = Self {
            uu: uu + p * p * vv + q * q * aa + 2.0 * (p * uv + q * ua + p * q * va),
            uv: r * (uv + p * vv + q * va) + s * (ua + p * va + q * aa),
            ua: ua + p * va + q * aa,
            vv: r * r * vv + 2.0 * r * s * va + s * s * aa,
            va: r * va + s * aa,
            aa,
        };
    }

    fn replace(&mut self, old: Path, new: Path) {
        let change = |of: fn(Path) -> f64| of(new) - of(old);
        self.uu += change(|path| path.figure * path.figure);
        self.uv += change(|path| path.figure * path.survival);
        self.ua += change(|path| path.figure * path.at_risk);
        self.vv += change(|path| path.survival * path.survival);
        self.va += change(|path| path.survival * path.at_risk);
        self.aa += change(|path| path.at_risk * path.at_risk);
    }
}

/// How the clusters of some people move along the days of events.
pub(super) struct Paths {
    kind: Kind,
    days: Vec<EventDay>,
    /// S(t−)/n by day.
    own: Vec<f64>,
    /// How influences move over 1, 2, 4 … days from each on.
    moves: Vec<Vec<Move>>,
    /// In order of days, and of clusters.
    touches: Vec<Touch>,
    clusters: Vec<u64>,
}

impl Paths {
    /// Of people who have been checked.
    pub(super) fn new(days: Vec<EventDay>, people: &Followed<'_>, kind: Kind) -> Self {
        let (mut survival, mut last) = (1.0, None);
        let (mut own, mut moves) = (Vec::new(), Vec::new());
        for of in &days {
            let n = of.at_risk as f64;
            let left = of.at_risk.saturating_sub(of.any) as f64 / n;
            let (h, any) = (of.of_cause as f64 / n, of.any as f64 / n);
            let each = survival / n;
            let since = last.map_or(0.0, |day: i64| of.day.abs_diff(day) as f64);
            let to_figure = match kind {
                Kind::Share(_) => (h, -each * h),
                Kind::Mean => (since, 0.0),
            };
            moves.push(Move { to_figure, to_survival: (left, each * any) });
            own.push(each);
            survival *= left;
            last = Some(of.day);
        }
        let clusters = people.clusters();
        let touches = touches(&days, &clusters, people, kind);
        Self { kind, days, own, moves: doubled(moves), touches, clusters }
    }

    /// The sums over clusters after each day of events.
    pub(super) fn spread(&self) -> Vec<Spread> {
        let mut sums = Sums::default();
        let mut paths = vec![Path::default(); self.clusters.len()];
        let mut touches = self.touches.iter().peekable();
        let mut touched = |after: usize, sums: &mut Sums| {
            while let Some(touch) = touches.next_if(|touch| touch.after as usize == after) {
                if let Some(path) = paths.get_mut(touch.cluster as usize) {
                    let old = self.along(*path, after);
                    *path = self.touch(old, touch);
                    sums.replace(old, *path);
                }
            }
        };
        touched(0, &mut sums);
        let of_one = self.moves.first().into_iter().flatten();
        let steps = self.days.iter().zip(of_one).zip(1..);
        steps
            .map(|((of, by), after)| {
                sums.go(*by);
                touched(after, &mut sums);
                if of.any >= of.at_risk {
                    // nobody is left, and no cluster moves that
                    (sums.uv, sums.vv, sums.va) = (0.0, 0.0, 0.0);
                }
                let Sums { uu, uv, vv, .. } = sums;
                Spread { day: of.day, figure: uu, both: uv, survival: vv }
            })
            .collect()
    }

    /// The estimate by each of these days, with the influence of each cluster on it.
    pub(super) fn influenced(
        &self,
        days: &[i64],
        of: impl Fn(&Influence) -> f64,
        estimate: impl Fn(i64) -> Result<Estimate, Reason>,
    ) -> Vec<Result<Influenced, Reason>> {
        let by_day = |&day: &i64| {
            let influences = self.by_cluster(day);
            let by_cluster = influences.iter().map(|(cluster, all)| (*cluster, of(all))).collect();
            Ok(Influenced { estimate: estimate(day)?, by_cluster })
        };
        days.iter().map(by_day).collect()
    }

    /// The influence of each cluster on the figure by a day, and on survival.
    fn by_cluster(&self, day: i64) -> Vec<(u64, Influence)> {
        let after = self.days.partition_point(|of| of.day <= day);
        let mut paths = vec![Path::default(); self.clusters.len()];
        for touch in self.touches.iter().take_while(|touch| touch.after as usize <= after) {
            if let Some(path) = paths.get_mut(touch.cluster as usize) {
                *path = self.touch(self.along(*path, touch.after as usize), touch);
            }
        }
        let last = after.checked_sub(1).and_then(|at| self.days.get(at));
        let since = match self.kind {
            Kind::Share(_) => 0.0,
            Kind::Mean => last.map_or(0.0, |of| of.day.abs_diff(day) as f64),
        };
        let clusters = self.clusters.iter().zip(paths);
        clusters
            .map(|(&cluster, path)| {
                let Path { figure, survival, .. } = self.along(path, after);
                (cluster, Influence { figure: figure + since * survival, survival })
            })
            .collect()
    }

    /// A cluster after so many days of events, on which nothing happened to its members.
    fn along(&self, mut path: Path, after: usize) -> Path {
        while path.after < after {
            let power = (after - path.after).ilog2();
            let moves = self.moves.get(power as usize);
            if let Some(by) = moves.and_then(|moves| moves.get(path.after)) {
                let Path { figure, survival, at_risk, .. } = path;
                path.figure = figure + by.to_figure.0 * survival + by.to_figure.1 * at_risk;
                path.survival = by.to_survival.0 * survival + by.to_survival.1 * at_risk;
            }
            path.after += 1 << power;
        }
        path
    }

    fn touch(&self, path: Path, by: &Touch) -> Path {
        let own = path.after.checked_sub(1).and_then(|at| self.own.get(at)).copied().unwrap_or(0.0);
        let of_cause = match self.kind {
            Kind::Share(_) => f64::from(by.of_cause),
            Kind::Mean => 0.0,
        };
        Path {
            figure: path.figure + own * of_cause,
            survival: path.survival - own * f64::from(by.any),
            at_risk: path.at_risk + f64::from(by.at_risk),
            ..path
        }
    }
}

/// What happens to clusters, in order of days and of clusters, once for each of both.
fn touches(days: &[EventDay], clusters: &[u64], people: &Followed<'_>, kind: Kind) -> Vec<Touch> {
    let after = |day: i64| days.partition_point(|of| of.day <= day) as u32;
    let mut all = Vec::with_capacity(2 * people.exit.len());
    for (cluster, Person { entry, exit, cause }) in people.each() {
        let (first, last) = (entry.map_or(0, after), after(exit));
        if first == last {
            continue; // there on no day of an event
        }
        let cluster = clusters.partition_point(|other| *other < cluster) as u32;
        let touch = Touch { after: first, cluster, at_risk: 1, of_cause: 0, any: 0 };
        let (of_cause, any) = (u32::from(kind == Kind::Share(cause)), u32::from(cause != 0));
        all.extend([touch, Touch { after: last, at_risk: -1, of_cause, any, ..touch }]);
    }
    let key = |touch: &Touch| (touch.after, touch.cluster);
    all.sort_unstable_by_key(key);
    all.dedup_by(|next, kept| {
        let same = key(next) == key(kept);
        if same {
            kept.at_risk += next.at_risk;
            kept.of_cause += next.of_cause;
            kept.any += next.any;
        }
        same
    });
    all
}

/// How influences move over 1, 2, 4 … days from each on.
fn doubled(one: Vec<Move>) -> Vec<Vec<Move>> {
    let mut all = vec![one];
    loop {
        let reach = 1 << (all.len() - 1);
        let Some(last) = all.last().filter(|last| last.len() > reach) else { return all };
        let next = last.iter().zip(last.iter().skip(reach)).map(|(one, next)| one.then(*next));
        let next = next.collect();
        all.push(next);
    }
}

#[cfg(test)]
#[path = "clustered_tests.rs"]
mod tests;
