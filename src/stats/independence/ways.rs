//! Ways to fill part of a table, by how probable they are.

/// Probabilities this close are kept as one.
const SAME: f64 = 1.0 + 1e-12;

/// Ways to fill some columns that are equally probable.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ways {
    pub(super) each: f64,
    pub(super) together: f64,
}

impl Ways {
    pub(super) const ONE: Self = Self { each: 1.0, together: 1.0 };

    pub(super) fn times(self, probability: f64) -> Self {
        Self { each: self.each * probability, together: self.together * probability }
    }
}

/// Ways in rising order of how probable each is, and their sums.
pub(super) struct Sorted {
    pub(super) ways: Vec<Ways>,
    sums: Vec<f64>,
}

impl Sorted {
    pub(super) fn new(mut ways: Vec<Ways>) -> Self {
        gather(&mut ways);
        let mut sums = vec![0.0];
        sums.extend(ways.iter().scan(0.0, |sum, ways| {
            *sum += ways.together;
            Some(*sum)
        }));
        Self { ways, sums }
    }

    /// How many of them are at most as probable as `limit`.
    pub(super) fn count(&self, limit: f64) -> usize {
        self.ways.partition_point(|ways| ways.each <= limit)
    }

    pub(super) fn sum(&self, count: usize) -> f64 {
        self.sums.get(count).copied().unwrap_or(0.0)
    }

    pub(super) fn within(&self, limit: f64) -> f64 {
        self.sum(self.count(limit))
    }

    pub(super) fn least(&self) -> f64 {
        self.ways.first().map_or(0.0, |ways| ways.each)
    }

    pub(super) fn most(&self) -> f64 {
        self.ways.last().map_or(0.0, |ways| ways.each)
    }
}

/// Sorts ways by how probable each is, and keeps those that are equally so as one.
pub(super) fn gather(ways: &mut Vec<Ways>) {
    ways.sort_by(|one, other| one.each.total_cmp(&other.each));
    ways.dedup_by(|next, kept| {
        let same = next.each <= kept.each * SAME;
        if same {
            kept.together += next.together;
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_of_equal_probability_are_kept_as_one() {
        let one = |each| Ways { each, together: each };
        let sorted = Sorted::new(vec![one(0.3), one(0.1), one(0.3 * (1.0 + 1e-14)), one(0.2)]);
        assert_eq!((sorted.ways.len(), sorted.least(), sorted.most()), (3, 0.1, 0.3));
        assert_eq!((sorted.count(0.25), sorted.within(0.05)), (2, 0.0));
        assert!((sorted.within(0.3) - 0.9).abs() < 1e-13);
    }
}
