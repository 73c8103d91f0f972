//! Which of some dates comes first on or after a day?

/// Finds the first of some dates that is not before a day, with one look where they lie near enough
/// together.
pub(crate) struct DateIndex {
    first: i32,
    pub(crate) dates: Vec<i32>,
    /// For each day from the first date to the day after the last, the place of the date that comes on
    /// or after it.
    places: Vec<u32>,
}

/// Over how many days a place is kept for each: about 180 years.
const INDEXED_DAYS: u32 = 1 << 16;

impl DateIndex {
    pub(crate) fn new(days: &[i32]) -> Self {
        let mut dates = days.to_vec();
        dates.sort_unstable();
        let (first, last) =
            (dates.first().copied().unwrap_or(0), dates.last().copied().unwrap_or(0));
        let mut places = Vec::new();
        if last.abs_diff(first) < INDEXED_DAYS {
            for (place, date) in dates.iter().enumerate() {
                places.resize(date.abs_diff(first) as usize + 1, place as u32);
            }
            places.push(dates.len() as u32);
        }
        Self { first, dates, places }
    }

    #[inline]
    pub(crate) fn place(&self, day: i32) -> u32 {
        // Without branches: days lie before, among and after the dates in no order.
        let offset = day.saturating_sub(self.first).max(0) as usize;
        match self.places.get(offset.min(self.places.len().saturating_sub(1))) {
            Some(place) => *place,
            None => self.dates.partition_point(|date| *date < day) as u32,
        }
    }

    /// Whether a date lies in \[start, end).
    #[inline]
    pub(crate) fn any(&self, start: i32, end: i32) -> bool {
        self.place(start) < self.place(end)
    }
}
