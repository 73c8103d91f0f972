//! Are groups and answers unrelated?

mod draws;
mod full;
mod ways;

use super::distribution::chi_squared;
use super::reason::Reason;
use super::significance::Significance;

/// How to hold a table of counts against chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IndependenceMethod {
    /// Pearson's chi-squared, without a continuity correction: near enough where hardly any expected
    /// count is below 5.
    #[default]
    ChiSquared,
    /// The exact test, going through all tables with these margins (G. H. Freeman and J. H. Halton,
    /// 1951, "Note on an exact treatment of contingency, goodness of fit and other problems of
    /// significance").
    Exact,
    /// The exact test, estimated from tables drawn at random with these margins.
    MonteCarlo,
}

impl IndependenceMethod {
    /// Every method's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["chi-squared", "exact", "monte-carlo"];

    /// The method of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::IndependenceMethod;
    /// assert_eq!(IndependenceMethod::parse("exact"), Some(IndependenceMethod::Exact));
    /// assert_eq!(IndependenceMethod::parse("fisher"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::ChiSquared, Self::Exact, Self::MonteCarlo]
            .into_iter()
            .find(|method| method.word() == word)
    }

    /// The method's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::ChiSquared => "chi-squared",
            Self::Exact => "exact",
            Self::MonteCarlo => "monte-carlo",
        }
    }
}

/// Tests whether the rows of a table of counts differ by more than chance.
///
/// # Formula
/// With rᵢ and cⱼ the sums of rows and columns, N of all, and P(x) = Π rᵢ! Π cⱼ! / (N! Π xᵢⱼ!) the
/// chance of a table, if all margins are held and nothing is related:
/// ```text
/// chi-squared   Σ (xᵢⱼ − rᵢcⱼ/N)² / (rᵢcⱼ/N),   (rows − 1)(columns − 1) degrees of freedom
/// exact         p = Σ P(y) over all tables y with P(y) ≤ P(x)(1 + 10⁻⁷)
/// monte-carlo   p = (1 + how many of the drawn tables have P(y) ≤ P(x)(1 + 10⁻⁷)) / (1 + draws)
/// ```
/// # Arguments
/// `counts`: a row for each group, a column for each answer. `draws` and `seed`: for `MonteCarlo`
/// only; the same seed gives the same p.
///
/// # Edges
/// Rows and columns without counts are left out. Fewer than two rows or columns are
/// [`Reason::TooFewGroups`], rows of unequal lengths [`Reason::UnequalLengths`], counts that add up
/// to more than 2⁶⁴ [`Reason::TooLarge`]. Where the full test would have to go through more than some
/// millions of partial tables, it is [`Reason::TooLargeForFull`]: draw tables then. No draws are
/// [`Reason::NoDraws`].
///
/// # Source
/// K. Pearson, 1900, "On the criterion that a given system of deviations…"; Freeman and Halton as in
/// [`IndependenceMethod`]; two sides and ties as in R's `fisher.test`. The p-value of drawn tables
/// counts the table itself, as in B. Phipson and G. K. Smyth, 2010, "Permutation p-values should
/// never be zero".
///
/// # Example
/// ```
/// use wholefamily::stats::{IndependenceMethod, independence};
/// let counts = [[3, 1], [1, 3]]; // the lady tasting tea
/// let exact = independence(&counts, IndependenceMethod::Exact, 0, 0);
/// assert!((exact.p_value.unwrap() - 34.0 / 70.0).abs() < 1e-15);
/// assert_eq!(independence(&counts, IndependenceMethod::ChiSquared, 0, 0).statistic, Some(2.0));
/// ```
#[must_use]
pub fn independence<Row: AsRef<[u64]>>(
    counts: &[Row],
    method: IndependenceMethod,
    draws: u64,
    seed: u64,
) -> Significance {
    let table = match Table::new(counts) {
        Ok(table) => table,
        Err(reason) => return Significance::undefined(reason),
    };
    match method {
        IndependenceMethod::ChiSquared => table.chi_squared(),
        IndependenceMethod::Exact => match full::p_value(&table) {
            Some(p) => Significance::new(None, None, p),
            None => Significance::undefined(Reason::TooLargeForFull),
        },
        IndependenceMethod::MonteCarlo if draws == 0 => Significance::undefined(Reason::NoDraws),
        IndependenceMethod::MonteCarlo => {
            Significance::new(None, None, draws::p_value(&table, draws, seed))
        }
    }
}

/// A table without empty rows or columns, and its sums.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Table {
    /// Column by column.
    columns: Vec<Vec<u64>>,
    row_sums: Vec<u64>,
    column_sums: Vec<u64>,
    all: u64,
}

impl Table {
    fn new<Row: AsRef<[u64]>>(counts: &[Row]) -> Result<Self, Reason> {
        let width = counts.first().map_or(0, |row| row.as_ref().len());
        if counts.iter().any(|row| row.as_ref().len() != width) {
            return Err(Reason::UnequalLengths);
        }
        let rows: Vec<&[u64]> =
            counts.iter().map(AsRef::as_ref).filter(|row| row.iter().any(|&x| x > 0)).collect();
        let columns: Vec<Vec<u64>> = (0..width)
            .map(|place| rows.iter().filter_map(|row| row.get(place).copied()).collect())
            .filter(|column: &Vec<u64>| column.iter().any(|&x| x > 0))
            .collect();
        if rows.len() < 2 || columns.len() < 2 {
            return Err(Reason::TooFewGroups);
        }
        let row_sums = rows.iter().map(|row| sum(row)).collect::<Option<Vec<_>>>();
        let column_sums = columns.iter().map(|column| sum(column)).collect::<Option<Vec<_>>>();
        let (Some(row_sums), Some(column_sums)) = (row_sums, column_sums) else {
            return Err(Reason::TooLarge);
        };
        let all = sum(&row_sums).ok_or(Reason::TooLarge)?;
        Ok(Self { columns, row_sums, column_sums, all })
    }

    /// The same with rows and columns exchanged.
    fn turned(&self) -> Self {
        let columns = (0..self.row_sums.len())
            .map(|place| self.columns.iter().filter_map(|c| c.get(place).copied()).collect())
            .collect();
        Self {
            columns,
            row_sums: self.column_sums.clone(),
            column_sums: self.row_sums.clone(),
            all: self.all,
        }
    }

    fn chi_squared(&self) -> Significance {
        let all = self.all as f64;
        let mut statistic = 0.0;
        for (column, &column_sum) in self.columns.iter().zip(&self.column_sums) {
            for (&count, &row_sum) in column.iter().zip(&self.row_sums) {
                let seen = u128::from(count) * u128::from(self.all);
                let expected = u128::from(row_sum) * u128::from(column_sum);
                let gap = seen.abs_diff(expected) as f64;
                statistic += (gap / all) * (gap / expected as f64);
            }
        }
        let df = ((self.row_sums.len() - 1) * (self.column_sums.len() - 1)) as f64;
        Significance::new(Some(statistic), Some(df), chi_squared::upper(statistic, df))
    }
}

fn sum(counts: &[u64]) -> Option<u64> {
    counts.iter().try_fold(0_u64, |sum, &count| sum.checked_add(count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use IndependenceMethod::{ChiSquared, Exact, MonteCarlo};

    #[test]
    fn every_word_comes_back() {
        for word in IndependenceMethod::WORDS {
            assert_eq!(IndependenceMethod::parse(word).unwrap().word(), word);
        }
    }

    #[test]
    fn chi_squared_by_hand() {
        // Every expected count is 4: (4 + 1 + 1 + 0 + 1 + 1 + 4 + 0 + 4) / 4
        let test = independence(&[[6, 3, 3], [4, 5, 3], [2, 4, 6]], ChiSquared, 0, 0);
        assert_eq!((test.statistic, test.df), (Some(4.0), Some(4.0)));
    }

    #[test]
    fn empty_rows_and_columns_are_left_out() {
        let full = [vec![3, 1], vec![1, 3]];
        let gaps = [vec![0, 3, 1], vec![0, 0, 0], vec![0, 1, 3]];
        for method in [ChiSquared, Exact, MonteCarlo] {
            assert_eq!(independence(&full, method, 99, 1), independence(&gaps, method, 99, 1));
        }
    }

    #[test]
    fn what_cannot_be_tested_says_why() {
        for method in [ChiSquared, Exact, MonteCarlo] {
            let why = |counts: &[Vec<u64>]| independence(counts, method, 9, 0).reason;
            assert_eq!(why(&[]), Some(Reason::TooFewGroups));
            assert_eq!(why(&[vec![1, 2, 3]]), Some(Reason::TooFewGroups));
            assert_eq!(why(&[vec![1], vec![2]]), Some(Reason::TooFewGroups));
            assert_eq!(why(&[vec![1, 0], vec![2, 0]]), Some(Reason::TooFewGroups));
            assert_eq!(why(&[vec![1, 2], vec![3]]), Some(Reason::UnequalLengths));
            assert_eq!(why(&[vec![u64::MAX, 2], vec![3, 4]]), Some(Reason::TooLarge));
        }
        let counts = [[1, 2], [3, 4]];
        assert_eq!(independence(&counts, MonteCarlo, 0, 0).reason, Some(Reason::NoDraws));
        let large = [[1000, 2000, 3000], [3000, 2000, 1500], [999, 1999, 3100]];
        assert_eq!(independence(&large, Exact, 0, 0).reason, Some(Reason::TooLargeForFull));
    }

    #[test]
    fn turning_the_table_changes_nothing() {
        let (counts, turned) = ([[3, 1, 5, 0], [2, 6, 1, 4]], [[3, 2], [1, 6], [5, 1], [0, 4]]);
        for method in [ChiSquared, Exact] {
            let there = independence(&counts, method, 0, 0).p_value.unwrap();
            let back = independence(&turned, method, 0, 0).p_value.unwrap();
            assert!((there / back - 1.0).abs() < 1e-13);
        }
    }

    #[test]
    fn huge_counts_keep_their_digits() {
        let k = 1_000_000_007;
        let test = independence(&[[6 * k, 3 * k], [4 * k, 5 * k]], ChiSquared, 0, 0);
        // 18 (30 − 12)² / (9 · 9 · 10 · 8) for k = 1
        assert!((test.statistic.unwrap() / k as f64 / 0.9 - 1.0).abs() < 1e-15);
    }
}
