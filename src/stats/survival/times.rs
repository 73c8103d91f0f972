//! Who was still there on which day, and who left it how?

use super::super::reason::Reason;

/// Which day each place of a table of counts speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Days<'a> {
    /// Every day from this one on, one place each.
    From(i64),
    /// These days, each later than the one before.
    At(&'a [i64]),
}

impl Days<'_> {
    pub(super) fn day(self, place: usize) -> Option<i64> {
        match self {
            Self::From(first) => first.checked_add_unsigned(place as u64),
            Self::At(days) => days.get(place).copied(),
        }
    }
}

/// How many of a group had an event, were censored, or joined late, by day: all that the statistics
/// of times to an event need of the rows, and it adds up exactly over any split of them.
///
/// # Properties
/// - A day's events come before its censorings: who is censored on a day was at risk on it.
/// - Who joins on a day is at risk from the next day on. Who leaves on the day they joined was never
///   at risk, and must be left out.
/// - Who did not join late was at risk from before the first day.
///
/// ```
/// use wholefamily::stats::survival::{Days, Times};
/// // ten children: on day 3 two had an event, on day 5 one had and one moved away, six left at 9
/// let times = Times {
///     days: Days::At(&[3, 5, 9]),
///     events: &[&[2, 1, 0]],
///     censored: &[0, 1, 6],
///     entered: &[],
/// };
/// assert_eq!(times.people(), Ok(10));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times<'a> {
    /// The days that the other fields count on.
    pub days: Days<'a>,
    /// Events by day, one slice for each cause.
    pub events: &'a [&'a [u64]],
    /// Censored by day; empty where nobody was.
    pub censored: &'a [u64],
    /// Joined late, by day; empty where nobody did.
    pub entered: &'a [u64],
}

/// A day on which somebody left or joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) place: usize,
    pub(super) day: i64,
    pub(super) at_risk: u64,
    pub(super) events: u64,
    pub(super) censored: u64,
}

impl<'a> Times<'a> {
    /// How many people the table counts.
    ///
    /// # Errors
    /// [`Reason::UnequalLengths`], [`Reason::DaysOutOfOrder`], [`Reason::MoreLeftThanAtRisk`] or
    /// [`Reason::TooLarge`], where the table cannot be one of counts of people.
    pub fn people(&self) -> Result<u64, Reason> {
        self.walk()?;
        self.left().ok_or(Reason::TooLarge)
    }

    /// How many were at risk on a day: there before it, and neither had an event nor been censored.
    ///
    /// # Errors
    /// As [`Times::people`].
    pub fn at_risk(&self, day: i64) -> Result<u64, Reason> {
        let mut walk = self.walk()?;
        walk.go_to(day);
        Ok(walk.at_risk)
    }

    /// How many were at risk on each day of the table, and lastly after all of them.
    ///
    /// # Errors
    /// As [`Times::people`].
    pub fn numbers_at_risk(&self) -> Result<Vec<u64>, Reason> {
        let mut walk = self.walk()?;
        let mut numbers = vec![walk.at_risk];
        while walk.row().is_some() {
            walk.step();
            numbers.push(walk.at_risk);
        }
        Ok(numbers)
    }

    /// Events of one cause at a place.
    pub(super) fn of_cause(&self, cause: usize, place: usize) -> u64 {
        count(self.events.get(cause).copied().unwrap_or_default(), place)
    }

    /// The days on which somebody left, in order, after a check of the whole table.
    pub(super) fn rows(&self) -> Result<impl Iterator<Item = Row> + use<'a>, Reason> {
        let mut walk = self.walk()?;
        let row = move |_| {
            let row = walk.row();
            walk.step();
            row
        };
        let places = self.places()?;
        Ok((0..places).filter_map(row).filter(|row| row.events > 0 || row.censored > 0))
    }

    /// A walk along the days, after a check of the whole table.
    pub(super) fn walk(&self) -> Result<Walk<'a>, Reason> {
        let places = self.places()?;
        self.in_order(places)?;
        let left = self.left().ok_or(Reason::TooLarge)?;
        let joined = total(self.entered).ok_or(Reason::TooLarge)?;
        let start = left.checked_sub(joined).ok_or(Reason::MoreLeftThanAtRisk)?;
        let mut at_risk = start;
        for place in 0..places {
            at_risk = self.after(place, at_risk).ok_or(Reason::MoreLeftThanAtRisk)?;
        }
        Ok(Walk { times: *self, places, place: 0, at_risk: start })
    }

    /// At risk on the day after; `None` where more left than were there.
    fn after(&self, place: usize, at_risk: u64) -> Option<u64> {
        let left = self.events_at(place) + count(self.censored, place);
        at_risk.checked_sub(left)?.checked_add(count(self.entered, place))
    }

    /// Cannot overflow once [`Times::left`] has been taken.
    fn events_at(&self, place: usize) -> u64 {
        self.events.iter().map(|events| count(events, place)).sum()
    }

    fn left(&self) -> Option<u64> {
        let sums = self.events.iter().chain([&self.censored]).map(|counts| total(counts));
        sums.into_iter().try_fold(0_u64, |sum, counts| sum.checked_add(counts?))
    }

    fn places(&self) -> Result<usize, Reason> {
        let places = match self.days {
            Days::At(days) => days.len(),
            Days::From(_) => self.events.first().map_or(self.censored.len(), |of| of.len()),
        };
        let whole = self.events.iter().all(|events| events.len() == places);
        let optional = |counts: &[u64]| counts.is_empty() || counts.len() == places;
        let fits = whole && optional(self.censored) && optional(self.entered);
        if fits { Ok(places) } else { Err(Reason::UnequalLengths) }
    }

    fn in_order(&self, places: usize) -> Result<(), Reason> {
        let fits = match self.days {
            Days::At(days) => days.is_sorted_by(|before, after| before < after),
            Days::From(_) => self.days.day(places).is_some(),
        };
        if fits { Ok(()) } else { Err(Reason::DaysOutOfOrder) }
    }
}

/// A place in a checked table, and how many are at risk there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Walk<'a> {
    times: Times<'a>,
    places: usize,
    place: usize,
    pub(super) at_risk: u64,
}

impl Walk<'_> {
    /// The counts of the day, `None` after the last.
    fn row(&self) -> Option<Row> {
        let day = self.times.days.day(self.place).filter(|_| self.place < self.places)?;
        Some(Row {
            place: self.place,
            day,
            at_risk: self.at_risk,
            events: self.times.events_at(self.place),
            censored: count(self.times.censored, self.place),
        })
    }

    fn step(&mut self) {
        self.at_risk = self.times.after(self.place, self.at_risk).unwrap_or(0);
        self.place += 1;
    }

    /// Walks on to a day; its counts, if it is one of the table's.
    pub(super) fn go_to(&mut self, day: i64) -> Option<Row> {
        loop {
            let row = self.row()?;
            if row.day >= day {
                return (row.day == day).then_some(row);
            }
            self.step();
        }
    }
}

/// Every day on which any of the groups had an event, in order.
pub(super) fn event_days(groups: &[Times<'_>]) -> Result<Vec<i64>, Reason> {
    let mut days = Vec::new();
    for group in groups {
        days.extend(group.rows()?.filter(|row| row.events > 0).map(|row| row.day));
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

fn count(counts: &[u64], place: usize) -> u64 {
    counts.get(place).copied().unwrap_or(0)
}

fn total(counts: &[u64]) -> Option<u64> {
    counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(times: Times<'_>) -> Vec<(i64, u64, u64, u64)> {
        let rows = times.rows().unwrap();
        rows.map(|row| (row.day, row.at_risk, row.events, row.censored)).collect()
    }

    #[test]
    fn events_come_before_censorings_and_who_joins_is_at_risk_from_the_next_day() {
        let times = Times {
            days: Days::At(&[1, 4, 6]),
            events: &[&[1, 1, 1], &[0, 1, 0]],
            censored: &[0, 2, 2],
            entered: &[0, 3, 0],
        };
        // eight people: five from before day 1, of whom four leave on day 4, and three joiners
        assert_eq!(rows(times), [(1, 5, 1, 0), (4, 4, 2, 2), (6, 3, 1, 2)]);
        assert_eq!(times.people(), Ok(8));
        assert_eq!([1, 2, 4, 5, 7].map(|day| times.at_risk(day)), [5, 4, 4, 3, 0].map(Ok));
        assert_eq!(times.numbers_at_risk(), Ok(vec![5, 4, 3, 0]));
    }

    #[test]
    fn every_day_counted_is_the_same_as_the_days_named() {
        let dense = Times {
            days: Days::From(-1),
            events: &[&[0, 0, 2, 0, 1]],
            censored: &[0, 0, 0, 0, 4],
            entered: &[1, 0, 0, 0, 0],
        };
        let sparse = Times {
            days: Days::At(&[-1, 1, 3]),
            events: &[&[0, 2, 1]],
            censored: &[0, 0, 4],
            entered: &[1, 0, 0],
        };
        assert_eq!(rows(dense), rows(sparse));
        assert_eq!(rows(dense), [(1, 7, 2, 0), (3, 5, 1, 4)]);
    }

    #[test]
    fn a_table_that_cannot_be_says_why() {
        let why = |days, events: &[&[u64]], censored: &[u64], entered: &[u64]| {
            Times { days, events, censored, entered }.people().err()
        };
        let two = Days::At(&[1, 2]);
        assert_eq!(why(two, &[&[1]], &[], &[]), Some(Reason::UnequalLengths));
        assert_eq!(why(two, &[&[1, 1]], &[1], &[]), Some(Reason::UnequalLengths));
        assert_eq!(why(two, &[&[1, 1]], &[], &[1, 0, 0]), Some(Reason::UnequalLengths));
        assert_eq!(why(Days::At(&[2, 2]), &[&[1, 1]], &[], &[]), Some(Reason::DaysOutOfOrder));
        assert_eq!(why(Days::At(&[3, 2]), &[&[1, 1]], &[], &[]), Some(Reason::DaysOutOfOrder));
        assert_eq!(why(Days::From(i64::MAX), &[&[1, 1]], &[], &[]), Some(Reason::DaysOutOfOrder));
        // joined after the last day that anybody left, and left before anybody had joined
        assert_eq!(why(two, &[&[1, 1]], &[], &[2, 1]), Some(Reason::MoreLeftThanAtRisk));
        assert_eq!(why(two, &[&[1, 1]], &[], &[0, 2]), Some(Reason::MoreLeftThanAtRisk));
        assert_eq!(why(two, &[&[u64::MAX, 1]], &[], &[]), Some(Reason::TooLarge));
        assert_eq!(why(Days::At(&[]), &[], &[], &[]), None);
    }
}
