//! How often is each of a sample drawn?

use super::super::random::Random;

/// A sample to draw again.
#[derive(Debug, Clone)]
pub(super) enum Sample {
    /// So many rows or clusters, one of each.
    Rows(usize),
    /// So many of each kind, which are so many in all.
    Kinds(Vec<u64>, u64),
}

impl Sample {
    /// `None` if there are none.
    pub(super) const fn rows(size: usize) -> Option<Self> {
        if size == 0 { None } else { Some(Self::Rows(size)) }
    }

    /// `None` if there are none, or too many to count.
    pub(super) fn kinds(copies: Vec<u64>) -> Option<Self> {
        let total = copies.iter().try_fold(0_u64, |sum, more| sum.checked_add(*more))?;
        if total == 0 { None } else { Some(Self::Kinds(copies, total)) }
    }

    /// How many there are of each kind; each row is a kind of its own.
    pub(super) fn copies(&self) -> Box<dyn Iterator<Item = u64> + '_> {
        match self {
            Self::Rows(size) => Box::new(std::iter::repeat_n(1, *size)),
            Self::Kinds(copies, _) => Box::new(copies.iter().copied()),
        }
    }

    /// How many kinds there are.
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Rows(size) => *size,
            Self::Kinds(copies, _) => copies.len(),
        }
    }

    /// Draws as many as there are, with replacement: `take` is told a kind and how many more of it
    /// were drawn.
    ///
    /// # Formula
    /// Kinds: from the first on, Binomial(still to draw, its share of what is left).
    pub(super) fn draw(&self, random: &mut Random, mut take: impl FnMut(usize, u64)) {
        let (copies, total) = match self {
            Self::Rows(size) => return random.rows(*size, |row| take(row, 1)),
            Self::Kinds(copies, total) => (copies, *total),
        };
        let (mut draws, mut left) = (total, total);
        for (kind, &copies) in copies.iter().enumerate() {
            if draws == 0 {
                return;
            }
            let drawn = random.binomial(draws, copies as f64 / left as f64);
            take(kind, drawn);
            draws -= drawn;
            left -= copies;
        }
    }
}
