//! Does one event, among several that may come first, befall the groups alike?

use super::super::distribution::chi_squared;
use super::super::reason::Reason;
use super::super::significance::Significance;
use super::quadratic::quadratic;
use super::times::{Times, Walk, event_days};

/// Do the cumulative incidences of one cause differ between groups?
///
/// Unlike a log-rank test with the other causes censored, it asks of what is seen in the end, not of
/// the pace among those still without an event.
///
/// # Formula
/// By group r, before a day: Yᵣ at risk, Sᵣ the share without any event, Fᵣ the cumulative incidence;
/// d₁ᵣ and d₂ᵣ its events of the cause and of others on the day. Over groups: d₁ = Σ d₁ᵣ,
/// hᵣ = Yᵣ/Sᵣ, H = Σ hᵣ, Rᵣ = hᵣ(1 − Fᵣ), and F that of all, which grows by d₁/H. Then
/// ```text
/// zᵢ = Σ w (d₁ᵢ − d₁ Rᵢ/Σ Rᵣ),    w = (1 − F)^rho
/// aᵢᵣ = w hᵢ(1{i = r} − hᵣ/H),    cᵢᵣ = Σ aᵢᵣ d₁/(H(1 − F)) up to and with the day,  Cᵢᵣ at the end
/// b₁ᵣ = 1 − F⁺/Sᵣ,  b₂ᵣ = −F⁺/Sᵣ,  with F⁺ = 1 − F and Sᵣ after the day (b₁ᵣ = 1 where Sᵣ is 0)
/// Vᵢⱼ = Σ over days, groups r and k = 1, 2 of eₖᵣ (a₍ₖ₌₁₎ᵢᵣ + bₖᵣ(Cᵢᵣ − cᵢᵣ)) (the same of j)
/// e₁ᵣ = (1 − (d₁ − 1)/(H Sᵣ − 1)) Sᵣ d₁/(H Yᵣ),  e₂ᵣ = (Yᵣ − d₂ᵣ)/(Yᵣ − 1) Sᵣ² d₂ᵣ/Yᵣ²
/// ```
/// where a factor for ties is 1 for a single event, and χ² = z'V⁻z. Scores and variances of strata
/// add up.
///
/// # Arguments
/// `strata`: of each stratum its groups, in the same order. `cause`: which of [`Times`]' causes,
/// from 0; all others are one. `rho`: 0 counts all days alike, above 0 early days more.
///
/// # Edges
/// Fewer than two groups: [`Reason::TooFewGroups`]. Strata that differ in their groups:
/// [`Reason::UnequalLengths`]. Nobody had the event, or nothing could have fallen otherwise:
/// [`Reason::NoVariation`]. F of all passes 1, which has no power `rho`: [`Reason::NotFinite`].
/// Somebody joined late: [`Reason::NoLateEntry`], as the test has no such
/// form. Tables that cannot be: as [`Times::people`].
///
/// # Source
/// R. J. Gray, 1988, "A class of K-sample tests for comparing the cumulative incidence of a competing
/// risk", with the factors for ties of his R package cmprsk (cuminc).
///
/// # Example
/// ```
/// use wholefamily::stats::survival::{Days, Times, gray};
/// let home = Times {
///     days: Days::From(1),
///     events: &[&[4, 2, 1], &[0, 1, 0]],
///     censored: &[0, 0, 3],
///     entered: &[],
/// };
/// let away = Times { events: &[&[0, 1, 1], &[2, 3, 1]], ..home };
/// let found = gray(&[&[home, away]], 0, 0.0);
/// assert!(found.p_value.unwrap() < 0.05);
/// ```
#[must_use]
pub fn gray(strata: &[&[Times<'_>]], cause: usize, rho: f64) -> Significance {
    let groups = strata.first().map_or(0, |groups| groups.len());
    if groups < 2 {
        return Significance::undefined(Reason::TooFewGroups);
    }
    if !rho.is_finite() {
        return Significance::undefined(Reason::NotFinite);
    }
    let mut score = vec![0.0; groups];
    let mut covariance = vec![vec![0.0; groups]; groups];
    for stratum in strata {
        if stratum.len() != groups {
            return Significance::undefined(Reason::UnequalLengths);
        }
        if stratum.iter().any(|group| group.entered.iter().any(|&joined| joined > 0)) {
            return Significance::undefined(Reason::NoLateEntry);
        }
        if let Err(reason) = add_stratum(stratum, cause, rho, &mut score, &mut covariance) {
            return Significance::undefined(reason);
        }
    }
    match quadratic(&score, &covariance) {
        Some((_, 0)) => Significance::undefined(Reason::NoVariation),
        None => Significance::undefined(Reason::NotFinite),
        Some((statistic, rank)) => {
            let df = rank as f64;
            Significance::new(Some(statistic), Some(df), chi_squared::upper(statistic, df))
        }
    }
}

/// A group before a day, and its events on it.
#[derive(Clone, Copy)]
struct Group {
    at_risk: f64,
    /// Sᵣ
    survival: f64,
    /// Fᵣ
    incidence: f64,
    /// d₁ᵣ and d₂ᵣ
    events: [f64; 2],
}

impl Group {
    const START: Self = Self { at_risk: 0.0, survival: 1.0, incidence: 0.0, events: [0.0; 2] };

    /// hᵣ; 0 where nobody is at risk.
    fn reach(&self) -> f64 {
        if self.at_risk > 0.0 { self.at_risk / self.survival } else { 0.0 }
    }

    /// Sᵣ after the day.
    fn survival_after(&self) -> f64 {
        if self.at_risk > 0.0 {
            self.survival * ((self.at_risk - self.events[0] - self.events[1]) / self.at_risk)
        } else {
            self.survival
        }
    }
}

/// A day of all groups of a stratum.
struct Day<'a> {
    groups: &'a [Group],
    /// d₁
    events: f64,
    /// H
    reach: f64,
    /// F before the day and after it
    incidence: [f64; 2],
    /// w
    weight: f64,
}

impl Day<'_> {
    /// aᵢᵣ
    fn a(&self, i: &Group, r: &Group, same: bool) -> f64 {
        let rest = if same { self.reach - r.reach() } else { -r.reach() };
        self.weight * i.reach() * (rest / self.reach)
    }

    /// What the day adds to cᵢᵣ, by row i.
    fn growth(&self) -> Vec<Vec<f64>> {
        // F of all can pass 1 where a group comes to its end, as in cmprsk; at 1 nothing is left to add
        let pace = self.events / (self.reach * (1.0 - self.incidence[0]));
        let pace = if pace.is_finite() { pace } else { 0.0 };
        let row = |(i, of): (usize, &Group)| {
            let cell = |(r, other)| self.a(of, other, i == r) * pace;
            self.groups.iter().enumerate().map(cell).collect()
        };
        self.groups.iter().enumerate().map(row).collect()
    }

    /// What the day adds to z.
    fn score(&self) -> impl Iterator<Item = f64> {
        let subdistribution = |group: &Group| group.reach() * (1.0 - group.incidence);
        let all: f64 = self.groups.iter().map(subdistribution).sum();
        self.groups.iter().map(move |group| {
            let due = if all > 0.0 { self.events * (subdistribution(group) / all) } else { 0.0 };
            self.weight * (group.events[0] - due)
        })
    }

    /// What the day adds to V, where `ahead` is Cᵢᵣ − cᵢᵣ by row i.
    fn variance(&self, ahead: &[Vec<f64>], covariance: &mut [Vec<f64>]) {
        for (r, group) in self.groups.iter().enumerate() {
            if group.at_risk <= 0.0 {
                continue;
            }
            let (n, before, after) = (group.at_risk, group.survival, group.survival_after());
            let not_had = if after > 0.0 { (1.0 - self.incidence[1]) / after } else { 0.0 };
            let ahead = |i: usize| ahead.get(i).and_then(|row| row.get(r)).copied().unwrap_or(0.0);
            if self.events > 0.0 {
                let ties = tied(self.events, self.reach * before);
                let size = ties * before * self.events / (self.reach * n);
                let part = |(i, of): (usize, &Group)| {
                    self.a(of, group, i == r) + (1.0 - not_had) * ahead(i)
                };
                let parts: Vec<f64> = self.groups.iter().enumerate().map(part).collect();
                add_outer(&parts, size, covariance);
            }
            let others = group.events[1];
            if others > 0.0 && after > 0.0 {
                let share = before / n;
                let size = tied(others, n) * others * share * share;
                let parts: Vec<f64> = (0..self.groups.len()).map(|i| not_had * ahead(i)).collect();
                add_outer(&parts, size, covariance);
            }
        }
    }
}

/// The factor for so many events on the same day.
fn tied(events: f64, of: f64) -> f64 {
    if events > 1.0 { 1.0 - (events - 1.0) / (of - 1.0) } else { 1.0 }
}

fn add_outer(parts: &[f64], size: f64, covariance: &mut [Vec<f64>]) {
    for (row, of) in covariance.iter_mut().zip(parts) {
        for (cell, other) in row.iter_mut().zip(parts) {
            *cell += size * of * other;
        }
    }
}

fn add_stratum(
    groups: &[Times<'_>],
    cause: usize,
    rho: f64,
    score: &mut [f64],
    covariance: &mut [Vec<f64>],
) -> Result<(), Reason> {
    if groups.iter().any(|group| cause >= group.events.len()) {
        return Err(Reason::NoSuchCause);
    }
    // once to the end for Cᵢᵣ and the scores, then again for the variances
    let mut ahead = vec![vec![0.0; groups.len()]; groups.len()];
    over_days(groups, cause, rho, |day| {
        for (sum, part) in score.iter_mut().zip(day.score()) {
            *sum += part;
        }
        add_cells(&mut ahead, &day.growth(), 1.0);
    })?;
    over_days(groups, cause, rho, |day| {
        add_cells(&mut ahead, &day.growth(), -1.0);
        day.variance(&ahead, covariance);
    })
}

fn add_cells(to: &mut [Vec<f64>], cells: &[Vec<f64>], sign: f64) {
    for (to, cells) in to.iter_mut().flatten().zip(cells.iter().flatten()) {
        *to += sign * cells;
    }
}

/// Goes over the days on which anybody had an event.
fn over_days(
    groups: &[Times<'_>],
    cause: usize,
    rho: f64,
    mut visit: impl FnMut(&Day<'_>),
) -> Result<(), Reason> {
    let mut walks = groups.iter().map(Times::walk).collect::<Result<Vec<_>, _>>()?;
    let mut states = vec![Group::START; groups.len()];
    let mut incidence = 0.0;
    for day in event_days(groups)? {
        for ((state, walk), times) in states.iter_mut().zip(&mut walks).zip(groups) {
            state.read(walk, times, cause, day);
        }
        let events = states.iter().map(|group| group.events[0]).sum::<f64>();
        let reach = states.iter().map(Group::reach).sum::<f64>();
        let after = incidence + events / reach;
        let weight = (1.0 - incidence).powf(rho);
        let incidences = [incidence, after];
        visit(&Day { groups: &states, events, reach, incidence: incidences, weight });
        incidence = after;
        for state in &mut states {
            state.pass();
        }
    }
    Ok(())
}

impl Group {
    fn read(&mut self, walk: &mut Walk<'_>, times: &Times<'_>, cause: usize, day: i64) {
        let row = walk.go_to(day);
        self.at_risk = walk.at_risk as f64;
        self.events = row.map_or([0.0; 2], |row| {
            let of_cause = times.of_cause(cause, row.place);
            [of_cause as f64, row.events.saturating_sub(of_cause) as f64]
        });
    }

    fn pass(&mut self) {
        if self.at_risk > 0.0 {
            self.incidence += self.survival * self.events[0] / self.at_risk;
            self.survival = self.survival_after();
        }
    }
}

#[cfg(test)]
#[path = "gray_tests.rs"]
mod tests;
