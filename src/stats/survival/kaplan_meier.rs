//! What share has had no event yet?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::band::Band;
use super::clustered::{EventDay, Influenced, Kind, Paths, Spread, beyond_rounding, written};
use super::estimate::Estimate;
use super::followed::Followed;
use super::quantile::crossing;
use super::times::Times;

/// A day on which somebody had an event or was censored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SurvivalStep {
    /// The day.
    pub day: i64,
    /// How many were still watched, without an event, just before.
    pub at_risk: u64,
    /// How many had an event on it.
    pub events: u64,
    /// How many were censored on it.
    pub censored: u64,
    /// The share without an event after it.
    pub survival: f64,
    /// The variance of that share: Greenwood's, or that between clusters.
    pub variance: f64,
    /// The variance of its logarithm; infinite once nobody is left without an event.
    relative: f64,
}

impl SurvivalStep {
    fn estimate(&self) -> Estimate {
        Estimate { value: self.survival, variance: self.variance }
    }

    /// The limits as R has them, for inverting: at survival 1 the plain and log ones have no width.
    fn band(&self, band: Band, level: Level) -> Option<(f64, f64)> {
        if !self.relative.is_finite() {
            return None;
        }
        band.limits(self.survival, self.survival * self.relative.sqrt(), level)
    }
}

/// What share has had no event by each day, when not everybody could be watched so long?
///
/// # Formula
/// With n the people at risk on a day and d those who had an event on it:
/// ```text
/// S(t) = Π (1 − d/n)                 over the days up to t
/// Var S(t) = S(t)² Σ d/(n(n − d))    (Greenwood)
/// ```
/// All causes in [`Times`] count as the event.
///
/// # Edges
/// Once S is 0 it stays 0, without limits. While nobody has had an event, S is 1, without limits
/// ([`Reason::ZeroVariance`]). After the last day on which anybody left, S is unknown
/// ([`Reason::NotObserved`]), unless it is 0. Where few have joined yet, a first event among one or
/// two can send S to 0 for good: begin such a table on a day when enough are there.
///
/// # Source
/// E. L. Kaplan and P. Meier, 1958, "Nonparametric estimation from incomplete observations";
/// M. Greenwood, 1926, "The natural duration of cancer". R: survfit.
///
/// # Example
/// ```
/// use wholefamily::stats::{Level, survival::{Band, Days, KaplanMeier, Times}};
/// // days 1 to 6 of six children: events on 1, 3 and 4, censored on 2, 5 and 6
/// let times = Times {
///     days: Days::From(1),
///     events: &[&[1, 0, 1, 1, 0, 0]],
///     censored: &[0, 1, 0, 0, 1, 1],
///     entered: &[],
/// };
/// let curve = KaplanMeier::new(&times).unwrap();
/// let at_four = curve.at(4, Band::LogLog, Level::default());
/// assert!((at_four.value.unwrap() - 5.0 / 6.0 * 3.0 / 4.0 * 2.0 / 3.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    steps: Vec<SurvivalStep>,
    /// How clusters vary by day of events, where people come in clusters.
    clusters: Option<Vec<Spread>>,
}

impl KaplanMeier {
    /// The curve of a table of times.
    ///
    /// # Errors
    /// [`Reason::NoRows`] where nobody left, and those of [`Times::people`].
    pub fn new(times: &Times<'_>) -> Result<Self, Reason> {
        let (mut survival, mut greenwood) = (1.0, 0.0);
        let step = |row: super::times::Row| {
            let (n, d) = (row.at_risk as f64, row.events as f64);
            if row.events > 0 {
                let left = row.at_risk.saturating_sub(row.events) as f64;
                survival *= left / n;
                greenwood += d / n / left;
            }
            let variance = if survival > 0.0 { survival * survival * greenwood } else { 0.0 };
            SurvivalStep {
                day: row.day,
                at_risk: row.at_risk,
                events: row.events,
                censored: row.censored,
                survival,
                variance,
                relative: greenwood,
            }
        };
        let steps: Vec<_> = times.rows()?.map(step).collect();
        if steps.is_empty() { Err(Reason::NoRows) } else { Ok(Self { steps, clusters: None }) }
    }

    /// The same curve, as sure as it is if members of a cluster share their fate.
    ///
    /// # Formula
    /// The variance is Σ Uc² over clusters c (the infinitesimal jackknife), where Uc adds up the
    /// influence on S of the cluster's members. That of one member is, with n at risk on a day t and d
    /// those who had an event on it:
    /// ```text
    /// −S(t) ( 1{had an event by t}/(n − d on that day) − Σ d/(n(n − d)) )
    /// ```
    /// where the sum is over the days up to t on which they were at risk; and of a mean up to a day its
    /// integral. Where everybody is alone and nobody joins late it is Greenwood's exactly. Quantiles
    /// take their limits from those of the curve.
    ///
    /// # Arguments
    /// `people`: those whom the curve counts; any cause of theirs is the event.
    ///
    /// # Edges
    /// One cluster: [`Reason::OneCluster`]. Other people than the curve counts, or slices of different
    /// lengths: [`Reason::UnequalLengths`]. Someone who left no later than they joined:
    /// [`Reason::LeftBeforeEntry`]. Where the clusters' influences cancel, the variance is 0. Few
    /// clusters make it too small.
    ///
    /// # Source
    /// L. J. Wei, D. Y. Lin and L. Weissfeld, 1989, "Regression analysis of multivariate incomplete
    /// failure time data by modeling marginal distributions"; T. M. Therneau and P. M. Grambsch, 2000,
    /// "Modeling Survival Data". R: survfit(…, cluster = …).
    ///
    /// # Errors
    /// The edges above.
    ///
    /// # Example
    /// ```
    /// use wholefamily::stats::survival::{Days, Followed, KaplanMeier, Times};
    /// // two pairs of siblings and one child alone
    /// let people = Followed {
    ///     cluster: &[7, 7, 8, 8, 9],
    ///     entry: &[],
    ///     exit: &[2, 3, 5, 6, 4],
    ///     cause: &[1, 1, 0, 0, 1],
    /// };
    /// let times = Times {
    ///     days: Days::From(2),
    ///     events: &[&[1, 1, 1, 0, 0]],
    ///     censored: &[0, 0, 0, 1, 1],
    ///     entered: &[],
    /// };
    /// let alone = KaplanMeier::new(&times).unwrap();
    /// let siblings = alone.clone().clustered(&people).unwrap();
    /// let (alone, siblings) = (alone.estimate(4).unwrap(), siblings.estimate(4).unwrap());
    /// assert_eq!(alone.value, siblings.value); // 2/5
    /// // alone 2/5 · 3/5 / 5; in clusters (4² + 6² + 2²)/25²
    /// assert!((alone.variance - 0.048).abs() < 1e-15);
    /// assert!((siblings.variance - 0.0896).abs() < 1e-15);
    /// ```
    pub fn clustered(mut self, people: &Followed<'_>) -> Result<Self, Reason> {
        let spread = self.paths(people)?.spread();
        let steps = self.steps.iter_mut().map(|step| (step.day, &mut step.variance));
        written(&spread, |of| of.survival, people.exit.len(), steps);
        for step in self.steps.iter_mut().filter(|step| step.survival > 0.0) {
            step.relative = step.variance / (step.survival * step.survival);
        }
        self.clusters = Some(spread);
        Ok(self)
    }

    /// The share without an event by each of these days, with each cluster's influence on it.
    ///
    /// # Errors
    /// As [`KaplanMeier::clustered`]; within, as [`KaplanMeier::estimate`].
    pub fn influenced(
        &self,
        people: &Followed<'_>,
        days: &[i64],
    ) -> Result<Vec<Result<Influenced, Reason>>, Reason> {
        let paths = self.paths(people)?;
        Ok(paths.influenced(days, |of| of.survival, |day| self.estimate(day)))
    }

    /// The mean number of days without an event up to each of these days, with each cluster's influence
    /// on it.
    ///
    /// # Errors
    /// As [`KaplanMeier::clustered`]; within, as [`KaplanMeier::restricted_mean`].
    pub fn influenced_mean(
        &self,
        people: &Followed<'_>,
        until: &[i64],
    ) -> Result<Vec<Result<Influenced, Reason>>, Reason> {
        let paths = self.paths(people)?;
        Ok(paths.influenced(until, |of| of.figure, |day| self.restricted_mean(day)))
    }

    fn paths(&self, people: &Followed<'_>) -> Result<Paths, Reason> {
        people.check(self.steps.iter().map(|step| step.events + step.censored).sum())?;
        let with = self.steps.iter().filter(|step| step.events > 0);
        let days = with.map(|step| EventDay {
            day: step.day,
            at_risk: step.at_risk,
            of_cause: step.events,
            any: step.events,
        });
        Ok(Paths::new(days.collect(), people, Kind::Mean))
    }

    /// The curve, a step for each day on which somebody left, in order.
    #[must_use]
    pub fn steps(&self) -> &[SurvivalStep] {
        &self.steps
    }

    /// The share without an event by a day, and its variance.
    ///
    /// # Errors
    /// [`Reason::NotObserved`] after the last day, unless nobody is left without an event.
    pub fn estimate(&self, day: i64) -> Result<Estimate, Reason> {
        let after = self.steps.partition_point(|step| step.day <= day);
        let Some(step) = after.checked_sub(1).and_then(|at| self.steps.get(at)) else {
            return Ok(Estimate { value: 1.0, variance: 0.0 });
        };
        if after == self.steps.len() && day > step.day && step.survival > 0.0 {
            return Err(Reason::NotObserved);
        }
        Ok(step.estimate())
    }

    /// The share without an event by a day, with its interval.
    #[must_use]
    pub fn at(&self, day: i64, band: Band, level: Level) -> Interval {
        match self.estimate(day) {
            Ok(estimate) => band.interval(estimate, level),
            Err(reason) => Interval::undefined(reason),
        }
    }

    /// By which day has that share had the event? One half asks for the median.
    ///
    /// # Formula
    /// The first day on which S ≤ 1 − share; if S is 1 − share exactly, halfway from that day to the
    /// next on which S falls, or to the last day if it never does. The limits are found in the same
    /// way from the curve's lower and upper limits.
    ///
    /// # Arguments
    /// `share`: above 0, up to 1.
    ///
    /// # Edges
    /// Never reached: no value, but perhaps a lower limit ([`Reason::NotReached`]). The upper limit
    /// is often not reached where the value is. Equality is to 1.5 parts in 10⁸.
    ///
    /// # Source
    /// R. Brookmeyer and J. Crowley, 1982, "A confidence interval for the median survival time". As
    /// R's quantile.survfit; but where a limit of the curve turns back, the first day that it is low
    /// enough counts, as in R's print.survfit.
    ///
    /// # Example
    /// ```
    /// use wholefamily::stats::{Level, survival::{Band, Days, KaplanMeier, Times}};
    /// let times = Times { days: Days::From(1), events: &[&[1; 4]], censored: &[], entered: &[] };
    /// let curve = KaplanMeier::new(&times).unwrap();
    /// assert_eq!(curve.quantile(0.5, Band::Log, Level::default()).value, Some(2.5));
    /// ```
    #[must_use]
    pub fn quantile(&self, share: f64, band: Band, level: Level) -> Interval {
        if !(share > 0.0 && share <= 1.0) {
            return Interval::undefined(Reason::NotAProbability);
        }
        let cross = |height: &dyn Fn(&SurvivalStep) -> Option<f64>| {
            crossing(self.steps.iter().map(|step| (step.day, height(step))), share)
        };
        let value = cross(&|step| Some(step.survival));
        let lower = cross(&|step| step.band(band, level).map(|(lower, _)| lower));
        let upper = cross(&|step| step.band(band, level).map(|(_, upper)| upper));
        let whole = value.is_some() && lower.is_some() && upper.is_some();
        Interval { value, lower, upper, reason: (!whole).then_some(Reason::NotReached) }
    }

    /// How long do they go without an event on average, if counting stops at a day?
    ///
    /// # Formula
    /// With τ the day of the horizon and A(t) the area under S from t to τ:
    /// ```text
    /// μ = ∫ S from day 0 to τ,   Var μ = Σ A(t)² d/(n(n − d))    over the days t up to τ
    /// ```
    /// This is the variance of the estimate, not that of the times themselves.
    ///
    /// # Arguments
    /// `until`: the horizon τ, in days from the origin.
    ///
    /// # Edges
    /// Days before 0: the mean of the time from the origin, cut off at τ, which begins at the first
    /// of them. A horizon after the last day on which anybody left, with S above 0:
    /// [`Reason::NotObserved`] (R goes on with the last S). A horizon before the origin:
    /// [`Reason::NotReached`].
    ///
    /// # Source
    /// J. P. Klein and M. L. Moeschberger, 2003, "Survival Analysis", section 4.5. R:
    /// print(survfit(…), rmean = τ).
    ///
    /// # Errors
    /// The edges above.
    ///
    /// # Example
    /// ```
    /// use wholefamily::stats::survival::{Days, KaplanMeier, Times};
    /// let times = Times { days: Days::From(1), events: &[&[1; 4]], censored: &[], entered: &[] };
    /// let mean = KaplanMeier::new(&times).unwrap().restricted_mean(3).unwrap();
    /// assert!((mean.value - (1.0 + 2.0 + 3.0 + 3.0) / 4.0).abs() < 1e-15);
    /// ```
    pub fn restricted_mean(&self, until: i64) -> Result<Estimate, Reason> {
        let start = self.steps.first().map_or(0, |step| step.day.min(0));
        if until < start {
            return Err(Reason::NotReached);
        }
        self.estimate(until)?;
        let (mut area, mut variance, mut next) = (0.0, 0.0, until);
        // backwards, so that the area still to come is always at hand
        for step in self.steps.iter().rev().skip_while(|step| step.day > until) {
            area += step.survival * days(step.day, next);
            next = step.day;
            if step.events > 0 && step.survival > 0.0 {
                let (n, d) = (step.at_risk as f64, step.events as f64);
                variance += area * area * (d / n / (n - d));
            }
        }
        area += days(start, next);
        if let Some(spread) = &self.clusters {
            variance = self.variance_of_mean(spread, until, variance);
        }
        Ok(Estimate { value: start as f64 + area, variance })
    }

    /// Between clusters; `alone` is that of people who have nothing to do with each other.
    fn variance_of_mean(&self, spread: &[Spread], until: i64, alone: f64) -> f64 {
        let after = spread.partition_point(|of| of.day <= until);
        let Some(of) = after.checked_sub(1).and_then(|at| spread.get(at)) else { return 0.0 };
        let since = days(of.day, until);
        let variance = of.figure + since * (2.0 * of.both + since * of.survival);
        let people: u64 = self.steps.iter().map(|step| step.events + step.censored).sum();
        beyond_rounding(variance, alone, people as usize)
    }
}

/// From one day to the other.
fn days(from: i64, to: i64) -> f64 {
    from.abs_diff(to) as f64
}

#[cfg(test)]
#[path = "kaplan_meier_tests.rs"]
mod tests;
