//! Who has gone from which state to which by when, and how long were they there?

use super::super::reason::Reason;
use super::estimate::Estimate;

/// So many people going from one state to another on a day.
///
/// Nobody moves twice on one day: of two steps on a day, the table holds one from the first state to
/// the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Move {
    /// The day.
    pub day: i64,
    /// The state left; `None` for who joins late, at risk from the next day on.
    pub from: Option<usize>,
    /// The state entered; `None` for who is censored, at risk on this day still.
    pub to: Option<usize>,
    /// How many.
    pub count: u64,
}

/// Moves between states by day, such as referral → assessment → plan → care, and what they say of
/// where people are, when not everybody could be watched so long.
///
/// # Formula
/// With nₕ in state h just before a day and dₕⱼ who go from h to j on it,
/// ```text
/// P(s, t) = Π (I + A)  over the days after s, up to t,   Aₕⱼ = dₕⱼ/nₕ,  Aₕₕ = −Σ dₕⱼ/nₕ
/// ```
/// From a known share p of people in each state at s, p'P is the share in each at t, and its area up
/// to t the days spent there. The variances are Greenwood's: on each day the covariance V of the
/// shares becomes (I + A)'V(I + A) + Σₕ pₕ² Cov Aₕ, where the moves out of a state vary as a
/// multinomial of nₕ; that of the areas follows from the same sums. Where the shares at s are counts of
/// people too, V begins as their multinomial covariance.
///
/// # Edges
/// Who dies or reaches a last state stays there, and need not be censored. After the last day of the
/// table, shares are unknown ([`Reason::NotObserved`]) unless all are in states that nobody leaves.
/// While nobody is at risk in a state, its share stays as it is: a chance from a state in which nobody
/// was ever seen says nothing.
///
/// # Source
/// O. O. Aalen and S. Johansen, 1978, "An empirical transition matrix for non-homogeneous Markov
/// chains based on censored observations"; P. K. Andersen, O. Borgan, R. D. Gill and N. Keiding,
/// 1993, "Statistical Models Based on Counting Processes", section IV.4. R: etm; survfit with a
/// factor as the event, where all begin in one state.
///
/// # Example
/// ```
/// use wholefamily::stats::survival::{Move, MultiState};
/// // of four referrals two were assessed on day 3, one of whom came into care on day 5
/// let go = |day, from, to, count| Move { day, from: Some(from), to: Some(to), count };
/// let states = MultiState::new(&[4, 0, 0], &[go(3, 0, 1, 2), go(5, 1, 2, 1)]).unwrap();
/// let shares = states.shares(&[1.0, 0.0, 0.0], 0, 5).unwrap();
/// assert_eq!(shares.iter().map(|share| share.value).collect::<Vec<_>>(), [0.5, 0.25, 0.25]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MultiState {
    days: Vec<Day>,
    /// States that somebody left for another.
    passing: Vec<bool>,
    last: Option<i64>,
}

/// The moves of a day out of each state.
#[derive(Debug, Clone, PartialEq)]
struct Day {
    day: i64,
    at_risk: Vec<u64>,
    moves: Vec<(usize, usize, u64)>,
}

impl Day {
    /// Σⱼ dₕⱼ/nₕ of one move.
    fn pace(&self, from: usize, count: u64) -> f64 {
        count as f64 / self.at_risk.get(from).copied().unwrap_or(1).max(1) as f64
    }

    /// row ← row (I + A)
    fn pass(&self, row: &mut [f64]) {
        let mut change = vec![0.0; row.len()];
        for &(from, to, count) in &self.moves {
            let gone = row.get(from).copied().unwrap_or(0.0) * self.pace(from, count);
            add(&mut change, from, -gone);
            add(&mut change, to, gone);
        }
        for (share, change) in row.iter_mut().zip(change) {
            *share += change;
        }
    }

    /// Σₕ pₕ² Cov Aₕ, added to V.
    fn noise(&self, shares: &[f64], covariance: &mut [Vec<f64>]) {
        for (h, (&n, &share)) in self.at_risk.iter().zip(shares).enumerate() {
            let out = self.moves.iter().filter(|&&(from, ..)| from == h);
            if n == 0 || out.clone().next().is_none() {
                continue;
            }
            // the day's step of one person: A as the mean of a multinomial, so Cov = (diag q − qq')/n
            let mut step = vec![0.0; shares.len()];
            for &(_, to, count) in out {
                add(&mut step, to, self.pace(h, count));
            }
            let stayed = self.stayed(h, n);
            add(&mut step, h, stayed);
            let size = share * share / n as f64;
            for (j, (row, &q)) in covariance.iter_mut().zip(&step).enumerate() {
                for (k, (cell, &other)) in row.iter_mut().zip(&step).enumerate() {
                    let rest = if j == k { without(&step, j) } else { -other };
                    *cell += size * q * rest;
                }
            }
        }
    }

    fn stayed(&self, h: usize, n: u64) -> f64 {
        let gone: u64 = self.moves.iter().filter(|of| of.0 == h).map(|of| of.2).sum();
        n.saturating_sub(gone) as f64 / n as f64
    }
}

/// 1 − qⱼ as the sum of the others, which does not cancel.
fn without(step: &[f64], j: usize) -> f64 {
    step.iter().enumerate().filter(|&(k, _)| k != j).map(|(_, q)| q).sum()
}

fn add(to: &mut [f64], at: usize, number: f64) {
    if let Some(cell) = to.get_mut(at) {
        *cell += number;
    }
}

impl MultiState {
    /// A table of moves between as many states as `at_start` has places; states count from 0.
    ///
    /// # Arguments
    /// `at_start`: how many were in each state before the first day. `moves`: in order of days.
    ///
    /// # Errors
    /// [`Reason::NoRows`] without states or people, [`Reason::NoSuchState`],
    /// [`Reason::DaysOutOfOrder`], [`Reason::MoreLeftThanAtRisk`], [`Reason::TooLarge`].
    pub fn new(at_start: &[u64], moves: &[Move]) -> Result<Self, Reason> {
        Self::counted(at_start, moves, true)
    }

    /// The same from stays, each counted where it begins and where it ends: who moves leaves the state
    /// with `from` and `to`, and is in the next one only as far as another move with no `from` says so
    /// for that day. So people may be lost from sight on the day on which they move.
    ///
    /// # Arguments
    /// As [`MultiState::new`].
    ///
    /// # Errors
    /// As [`MultiState::new`].
    ///
    /// # Example
    /// ```
    /// use wholefamily::stats::survival::{Move, MultiState};
    /// // two leave state 0 for state 1 on day 3; one of them is seen there, and leaves on day 5
    /// let moves = [
    ///     Move { day: 3, from: None, to: Some(1), count: 1 },
    ///     Move { day: 3, from: Some(0), to: Some(1), count: 2 },
    ///     Move { day: 5, from: Some(1), to: Some(2), count: 1 },
    /// ];
    /// let states = MultiState::from_stays(&[2, 0, 0], &moves).unwrap();
    /// assert_eq!(states.transitions(0, 5).unwrap()[0], [0.0, 0.0, 1.0]);
    /// ```
    pub fn from_stays(at_start: &[u64], moves: &[Move]) -> Result<Self, Reason> {
        Self::counted(at_start, moves, false)
    }

    fn counted(at_start: &[u64], moves: &[Move], stay_after: bool) -> Result<Self, Reason> {
        let states = at_start.len();
        let named = |state: Option<usize>| state.is_none_or(|state| state < states);
        if !moves.iter().all(|of| named(of.from) && named(of.to)) {
            return Err(Reason::NoSuchState);
        }
        if !moves.is_sorted_by_key(|of| of.day) {
            return Err(Reason::DaysOutOfOrder);
        }
        let nobody = at_start.iter().all(|&n| n == 0) && moves.iter().all(|of| of.count == 0);
        if states == 0 || nobody {
            return Err(Reason::NoRows);
        }
        let mut at_risk = at_start.to_vec();
        let mut passing = vec![false; states];
        let mut days = Vec::new();
        for of_day in moves.chunk_by(|one, next| one.day == next.day) {
            let before = at_risk.clone();
            leave(&mut at_risk, of_day)?;
            arrive(&mut at_risk, of_day, stay_after)?;
            let inner = |of: &Move| match (of.from, of.to) {
                (Some(from), Some(to)) if from != to && of.count > 0 => Some((from, to, of.count)),
                _ => None,
            };
            let moves: Vec<_> = of_day.iter().filter_map(inner).collect();
            for &(from, ..) in &moves {
                if let Some(passing) = passing.get_mut(from) {
                    *passing = true;
                }
            }
            if let (Some(first), false) = (of_day.first(), moves.is_empty()) {
                days.push(Day { day: first.day, at_risk: before, moves });
            }
        }
        let last = moves.iter().rev().find(|of| of.count > 0).map(|of| of.day);
        Ok(Self { days, passing, last })
    }

    /// The chance of being in each state at the end of `until`, by state at the end of `after`: the
    /// matrix P(after, until), by rows.
    ///
    /// # Errors
    /// [`Reason::NotObserved`] for a day after the last, [`Reason::DaysOutOfOrder`] where `until` is
    /// before `after`.
    pub fn transitions(&self, after: i64, until: i64) -> Result<Vec<Vec<f64>>, Reason> {
        let states = self.passing.len();
        let mut rows = vec![vec![0.0; states]; states];
        for (state, row) in rows.iter_mut().enumerate() {
            add(row, state, 1.0);
            for day in self.between(after, until)? {
                day.pass(row);
            }
            self.seen(row, until)?;
        }
        Ok(rows)
    }

    /// The share in each state at the end of `until`, of people who were in them in the shares
    /// `start` at the end of `after`.
    ///
    /// # Errors
    /// As [`MultiState::transitions`], [`Reason::UnequalLengths`] where `start` has not one share for
    /// each state, and [`Reason::NotAProbability`] where they do not add up to 1.
    pub fn shares(&self, start: &[f64], after: i64, until: i64) -> Result<Vec<Estimate>, Reason> {
        let path = self.path(Path::new(start), after, until)?;
        let variance = path.covariance.iter().enumerate().map(|(j, row)| at(row, j));
        Ok(estimates(&path.shares, variance))
    }

    /// The days spent in each state on average from the end of `after` to the end of `until`, of
    /// people who began in the shares `start`.
    ///
    /// # Errors
    /// As [`MultiState::shares`].
    pub fn days_in_state(
        &self,
        start: &[f64],
        after: i64,
        until: i64,
    ) -> Result<Vec<Estimate>, Reason> {
        let path = self.path(Path::new(start), after, until)?;
        Ok(estimates(&path.areas, path.area_variance.iter().copied()))
    }

    /// [`MultiState::shares`] and [`MultiState::days_in_state`] of people of whom so many were in
    /// each state at the end of `after`: their shares are estimates too, and vary as a multinomial.
    ///
    /// # Errors
    /// As [`MultiState::shares`], and [`Reason::NoRows`] where there was nobody.
    pub fn of_those(
        &self,
        began: &[u64],
        after: i64,
        until: i64,
    ) -> Result<(Vec<Estimate>, Vec<Estimate>), Reason> {
        let path = self.path(Path::of_those(began)?, after, until)?;
        let variance = path.covariance.iter().enumerate().map(|(j, row)| at(row, j));
        let shares = estimates(&path.shares, variance);
        Ok((shares, estimates(&path.areas, path.area_variance.iter().copied())))
    }

    fn between(&self, after: i64, until: i64) -> Result<impl Iterator<Item = &Day>, Reason> {
        if until < after {
            return Err(Reason::DaysOutOfOrder);
        }
        Ok(self.days.iter().filter(move |day| day.day > after && day.day <= until))
    }

    /// Whether the shares of a day are known.
    fn seen(&self, shares: &[f64], until: i64) -> Result<(), Reason> {
        let late = self.last.is_none_or(|last| until > last);
        let open =
            shares.iter().zip(&self.passing).any(|(&share, &passing)| passing && share > 0.0);
        if late && (open || self.last.is_none()) { Err(Reason::NotObserved) } else { Ok(()) }
    }

    fn path(&self, mut path: Path, after: i64, until: i64) -> Result<Path, Reason> {
        let start = &path.shares;
        if start.len() != self.passing.len() {
            return Err(Reason::UnequalLengths);
        }
        let whole = (start.iter().sum::<f64>() - 1.0).abs() < 1e-9;
        if !whole || start.iter().any(|share| !(0.0..=1.0).contains(share)) {
            return Err(Reason::NotAProbability);
        }
        let mut now = after;
        for day in self.between(after, until)? {
            path.wait(now.abs_diff(day.day) as f64);
            path.day(day);
            now = day.day;
        }
        path.wait(now.abs_diff(until) as f64);
        self.seen(&path.shares, until)?;
        Ok(path)
    }
}

fn estimates(values: &[f64], variances: impl Iterator<Item = f64>) -> Vec<Estimate> {
    let estimate =
        |(&value, variance): (&f64, f64)| Estimate { value, variance: variance.max(0.0) };
    values.iter().zip(variances).map(estimate).collect()
}

fn leave(at_risk: &mut [u64], moves: &[Move]) -> Result<(), Reason> {
    for of in moves {
        if let Some(n) = of.from.and_then(|from| at_risk.get_mut(from)) {
            *n = n.checked_sub(of.count).ok_or(Reason::MoreLeftThanAtRisk)?;
        }
    }
    Ok(())
}

fn arrive(at_risk: &mut [u64], moves: &[Move], stay_after: bool) -> Result<(), Reason> {
    for of in moves.iter().filter(|of| stay_after || of.from.is_none()) {
        if let Some(n) = of.to.and_then(|to| at_risk.get_mut(to)) {
            *n = n.checked_add(of.count).ok_or(Reason::TooLarge)?;
        }
    }
    Ok(())
}

fn at(row: &[f64], place: usize) -> f64 {
    row.get(place).copied().unwrap_or(0.0)
}

/// Shares and areas so far, and how they vary: V of shares, Cov(areaⱼ, shareₖ) by row j, Var area.
struct Path {
    shares: Vec<f64>,
    covariance: Vec<Vec<f64>>,
    areas: Vec<f64>,
    crossed: Vec<Vec<f64>>,
    area_variance: Vec<f64>,
}

impl Path {
    fn new(start: &[f64]) -> Self {
        let zeros = vec![0.0; start.len()];
        Self {
            shares: start.to_vec(),
            covariance: vec![zeros.clone(); start.len()],
            areas: zeros.clone(),
            crossed: vec![zeros.clone(); start.len()],
            area_variance: zeros,
        }
    }

    /// Begins with so many in each state, of whom the shares vary as a multinomial.
    fn of_those(began: &[u64]) -> Result<Self, Reason> {
        let all: u64 = began.iter().sum();
        if all == 0 {
            return Err(Reason::NoRows);
        }
        let shares: Vec<f64> = began.iter().map(|&n| n as f64 / all as f64).collect();
        let mut path = Self::new(&shares);
        for (j, (row, share)) in path.covariance.iter_mut().zip(&shares).enumerate() {
            for (k, (cell, other)) in row.iter_mut().zip(&shares).enumerate() {
                let rest = if j == k { without(&shares, j) } else { -other };
                *cell = share * rest / all as f64;
            }
        }
        Ok(path)
    }

    /// So many days in which nobody moves.
    fn wait(&mut self, days: f64) {
        let parts = self.areas.iter_mut().zip(&self.shares).zip(&mut self.area_variance);
        let rows = self.crossed.iter_mut().zip(&self.covariance);
        for (j, (((area, share), variance), (crossed, of))) in parts.zip(rows).enumerate() {
            *area += days * share;
            *variance += 2.0 * days * at(crossed, j) + days * days * at(of, j);
            for (cell, covariance) in crossed.iter_mut().zip(of) {
                *cell += days * covariance;
            }
        }
    }

    fn day(&mut self, day: &Day) {
        // (I + A)'V(I + A): rows, then columns, which by symmetry are the rows of the transpose
        for _ in 0..2 {
            self.covariance.iter_mut().for_each(|row| day.pass(row));
            self.covariance = transposed(&self.covariance);
        }
        self.crossed.iter_mut().for_each(|row| day.pass(row));
        day.noise(&self.shares, &mut self.covariance);
        day.pass(&mut self.shares);
    }
}

fn transposed(square: &[Vec<f64>]) -> Vec<Vec<f64>> {
    (0..square.len()).map(|j| square.iter().map(|row| at(row, j)).collect()).collect()
}

#[cfg(test)]
#[path = "multi_state_tests.rs"]
mod tests;
