//! What share has had this event, where another may come first?

use super::super::interval::Interval;
use super::super::level::Level;
use super::super::reason::Reason;
use super::band::Band;
use super::clustered::{EventDay, Influenced, Kind, Paths, written};
use super::estimate::Estimate;
use super::followed::Followed;
use super::times::{Row, Times};

/// How the variance of a cumulative incidence is estimated.
///
/// On six days with causes 0, 1, 1, 2, 2, 0, the two give 0.032 and 0.048, and 0.0469 and 0.0778,
/// for the second cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IncidenceVariance {
    /// The delta method on a day's shares, which vary as a multinomial; of a single cause it is
    /// Greenwood's. R's survival and etm, SAS's ERROR=DELTA and lifelines give it (E. Marubini and
    /// M. G. Valsecchi, 1995, "Analysing Survival Data from Clinical Trials and Observational
    /// Studies"). The one to prefer, late entry included (A. Allignol, M. Schumacher and J. Beyersmann,
    /// 2010, "A note on variance estimation of the Aalen–Johansen estimator of the cumulative
    /// incidence function in competing risks, with a view towards left-truncated data").
    #[default]
    Delta,
    /// Gray's, after Aalen: every cause varies by itself, with n − 1 below. R's cmprsk and SAS's
    /// ERROR=AALEN give it (R. J. Gray, 1988, "A class of K-sample tests for comparing the
    /// cumulative incidence of a competing risk"). Larger, much so among few.
    Cmprsk,
}

impl IncidenceVariance {
    /// Every estimator's name, as specifications write it.
    pub const WORDS: [&'static str; 2] = ["delta", "cmprsk"];

    /// The estimator of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::survival::IncidenceVariance;
    /// assert_eq!(IncidenceVariance::parse("delta"), Some(IncidenceVariance::Delta));
    /// assert_eq!(IncidenceVariance::parse("greenwood"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Delta, Self::Cmprsk].into_iter().find(|variance| variance.word() == word)
    }

    /// The estimator's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Delta => "delta",
            Self::Cmprsk => "cmprsk",
        }
    }

    /// Var h, Cov(h, H) and Var H of a day, where h is the share of n with the event, H with any.
    fn of_day(self, n: f64, of_cause: f64, others: f64) -> (f64, f64, f64) {
        let (h, all) = (of_cause / n, (of_cause + others) / n);
        match self {
            Self::Delta => {
                // what is left over as a count, which does not cancel
                let left = (n - of_cause - others) / n;
                (h * (1.0 - h) / n, h * left / n, all * left / n)
            }
            Self::Cmprsk => {
                // with 1 event the factor for ties is 1, also where n is 1
                let part =
                    |d: f64| if d > 1.0 { d / n / n * ((n - d) / (n - 1.0)) } else { d / n / n };
                (part(of_cause), part(of_cause), part(of_cause) + part(others))
            }
        }
    }
}

/// A day on which somebody had an event or was censored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IncidenceStep {
    /// The day.
    pub day: i64,
    /// How many were still watched, without any event, just before.
    pub at_risk: u64,
    /// How many had the event on it.
    pub events: u64,
    /// How many had another event on it.
    pub others: u64,
    /// How many were censored on it.
    pub censored: u64,
    /// The share that has had the event by it.
    pub incidence: f64,
    /// The variance of that share.
    pub variance: f64,
}

/// What share has had an event of this cause by each day, where an event of another cause may come
/// first?
///
/// Unlike 1 less Kaplan–Meier with the other causes censored, it does not count on those who can no
/// longer have the event: the shares of all causes and of those without an event add up to 1.
///
/// # Formula
/// With n at risk on a day, dₖ those with the event and d with any, h = dₖ/n and H = d/n:
/// ```text
/// F(t) = F(t−) + S(t−) h,   S(t) = S(t−)(1 − H)
/// ```
/// and, from variances 0, with v = Var h, c = Cov(h, H) and w = Var H of the day:
/// ```text
/// Var F    ←  Var F + 2h Cov(F,S) + h² Var S + S(t−)² v
/// Cov(F,S) ←  (1 − H)(Cov(F,S) + h Var S) − S(t−)² c
/// Var S    ←  (1 − H)² Var S + S(t−)² w
/// delta:    v = h(1 − h)/n,  c = h(1 − H)/n,  w = H(1 − H)/n
/// cmprsk:   v = c = g(dₖ),  w = g(dₖ) + g(d − dₖ),  g(d) = d(n − d)/(n²(n − 1)), or 1/n² if d is 1
/// ```
/// # Edges
/// Before the first event the share is 0, without limits ([`Reason::ZeroVariance`]). After the last
/// day on which anybody left it is unknown ([`Reason::NotObserved`]), unless everybody has had an
/// event. Different events on one day are exact: nothing is moved apart.
///
/// # Source
/// O. O. Aalen and S. Johansen, 1978, "An empirical transition matrix for non-homogeneous Markov
/// chains based on censored observations". R: survfit with a factor as the event; cmprsk's cuminc.
///
/// # Example
/// ```
/// use wholefamily::stats::survival::{CumulativeIncidence, Days, IncidenceVariance, Times};
/// // days 1, 2, 2, 2, 3, 4 with causes 1, 1, 2, none, 1, 2
/// let times = Times {
///     days: Days::From(1),
///     events: &[&[1, 1, 1, 0], &[0, 1, 0, 1]],
///     censored: &[0, 1, 0, 0],
///     entered: &[],
/// };
/// let first = CumulativeIncidence::new(&times, 0, IncidenceVariance::Delta).unwrap();
/// assert!((first.estimate(3).unwrap().value - 7.0 / 12.0).abs() < 1e-15);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeIncidence {
    steps: Vec<IncidenceStep>,
    /// Whether everybody has had an event by the last step.
    all_had: bool,
    /// The place of the cause.
    cause: usize,
}

/// The share with the event and the share without any, and how they vary together.
struct Shares {
    incidence: f64,
    survival: f64,
    var_incidence: f64,
    covariance: f64,
    var_survival: f64,
}

impl Shares {
    fn day(&mut self, n: u64, of_cause: u64, others: u64, variance: IncidenceVariance) {
        let left = n.saturating_sub(of_cause).saturating_sub(others) as f64 / n as f64;
        let (n, of_cause, others) = (n as f64, of_cause as f64, others as f64);
        let h = of_cause / n;
        let (v, c, w) = variance.of_day(n, of_cause, others);
        let squared = self.survival * self.survival;
        self.var_incidence += 2.0 * h * self.covariance + h * h * self.var_survival + squared * v;
        self.covariance = left * (self.covariance + h * self.var_survival) - squared * c;
        self.var_survival = left * left * self.var_survival + squared * w;
        self.incidence += self.survival * h;
        self.survival *= left;
        if self.survival <= 0.0 {
            (self.covariance, self.var_survival) = (0.0, 0.0);
        }
    }
}

impl CumulativeIncidence {
    /// The curve of one cause of a table of times; causes count from 0.
    ///
    /// # Errors
    /// [`Reason::NoRows`] where nobody left, [`Reason::NoSuchCause`], and those of
    /// [`Times::people`].
    pub fn new(
        times: &Times<'_>,
        cause: usize,
        variance: IncidenceVariance,
    ) -> Result<Self, Reason> {
        if cause >= times.events.len() {
            return Err(Reason::NoSuchCause);
        }
        let mut shares = Shares {
            incidence: 0.0,
            survival: 1.0,
            var_incidence: 0.0,
            covariance: 0.0,
            var_survival: 0.0,
        };
        let step = |row: Row| {
            let events = times.of_cause(cause, row.place);
            let others = row.events.saturating_sub(events);
            if row.events > 0 {
                shares.day(row.at_risk, events, others, variance);
            }
            IncidenceStep {
                day: row.day,
                at_risk: row.at_risk,
                events,
                others,
                censored: row.censored,
                // rounding of many small steps may pass 1 by a last digit
                incidence: shares.incidence.min(1.0),
                variance: shares.var_incidence.max(0.0),
            }
        };
        let steps: Vec<_> = times.rows()?.map(step).collect();
        let all_had = shares.survival <= 0.0;
        if steps.is_empty() { Err(Reason::NoRows) } else { Ok(Self { steps, all_had, cause }) }
    }

    /// The same curve, as sure as it is if members of a cluster share their fate.
    ///
    /// # Formula
    /// The variance is Σ Uc² over clusters c (the infinitesimal jackknife), where Uc adds up the
    /// influence on F of the cluster's members. That of one member is
    /// ```text
    /// S(x−)(1{had this event} − G(x) 1{had any})/n(x) − Σ S(t−)(h(t) − G(t)H(t))/n(t)
    /// G(t) = (F(horizon) − F(t))/S(t)
    /// ```
    /// with x the day they left, if by the horizon; the sum is over the days t on which they were at
    /// risk, up to the horizon. Where everybody is alone and nobody joins late it is the delta method's
    /// variance exactly.
    ///
    /// # Arguments
    /// `people`: those whom the curve counts, with their causes in the order of the table, from 1.
    ///
    /// # Edges
    /// As of [`KaplanMeier::clustered`](super::KaplanMeier::clustered).
    ///
    /// # Source
    /// T. M. Therneau and P. M. Grambsch, 2000, "Modeling Survival Data". R: survfit(…, cluster = …),
    /// with the event as a factor.
    ///
    /// # Errors
    /// The same edges.
    pub fn clustered(mut self, people: &Followed<'_>) -> Result<Self, Reason> {
        let spread = self.paths(people)?.spread();
        let steps = self.steps.iter_mut().map(|step| (step.day, &mut step.variance));
        written(&spread, |of| of.figure, people.exit.len(), steps);
        Ok(self)
    }

    /// The share that has had the event by each of these days, with each cluster's influence on it.
    ///
    /// # Errors
    /// As [`CumulativeIncidence::clustered`]; within, as [`CumulativeIncidence::estimate`].
    pub fn influenced(
        &self,
        people: &Followed<'_>,
        days: &[i64],
    ) -> Result<Vec<Result<Influenced, Reason>>, Reason> {
        let paths = self.paths(people)?;
        Ok(paths.influenced(days, |of| of.figure, |day| self.estimate(day)))
    }

    fn paths(&self, people: &Followed<'_>) -> Result<Paths, Reason> {
        let left = |step: &IncidenceStep| step.events + step.others + step.censored;
        people.check(self.steps.iter().map(left).sum())?;
        let with = self.steps.iter().filter(|step| step.events + step.others > 0);
        let days = with.map(|step| EventDay {
            day: step.day,
            at_risk: step.at_risk,
            of_cause: step.events,
            any: step.events + step.others,
        });
        let cause = u32::try_from(self.cause + 1).unwrap_or(u32::MAX);
        Ok(Paths::new(days.collect(), people, Kind::Share(cause)))
    }

    /// The curve, a step for each day on which somebody left, in order.
    #[must_use]
    pub fn steps(&self) -> &[IncidenceStep] {
        &self.steps
    }

    /// The share that has had the event by a day, and its variance.
    ///
    /// # Errors
    /// [`Reason::NotObserved`] after the last day, unless everybody has had an event.
    pub fn estimate(&self, day: i64) -> Result<Estimate, Reason> {
        let after = self.steps.partition_point(|step| step.day <= day);
        let Some(step) = after.checked_sub(1).and_then(|at| self.steps.get(at)) else {
            return Ok(Estimate { value: 0.0, variance: 0.0 });
        };
        if after == self.steps.len() && day > step.day && !self.all_had {
            return Err(Reason::NotObserved);
        }
        Ok(Estimate { value: step.incidence, variance: step.variance })
    }

    /// The share that has had the event by a day, with its interval.
    #[must_use]
    pub fn at(&self, day: i64, band: Band, level: Level) -> Interval {
        match self.estimate(day) {
            Ok(estimate) => band.interval(estimate, level),
            Err(reason) => Interval::undefined(reason),
        }
    }
}

#[cfg(test)]
#[path = "aalen_johansen_tests.rs"]
mod tests;
