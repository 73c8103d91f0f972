//! The tally behind every share: of the rows whose outcome is known, how many have it.

use std::ops::Range;

use arrow_array::{Array, BooleanArray};
use arrow_buffer::BooleanBuffer;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::{Info, Measure, Merge, Place, Role, Tally};
use crate::engine::options::Options;
use crate::engine::partial::{Group, Tallied};
use crate::engine::table::Row;
use crate::engine::wire::{Cell, CellKind, Wire, unreadable};
use crate::error::{Error, Result};
use crate::stats::proportion::{ProportionMethod, proportion};

/// Counts of rows: with the outcome, with a known outcome, and with none known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    pub(crate) with: u64,
    pub(crate) known: u64,
    pub(crate) unknown: u64,
}

impl Merge for OutcomeCounts {
    fn merge(&mut self, other: Self) {
        self.with += other.with;
        self.known += other.known;
        self.unknown += other.unknown;
    }

    fn is_empty(&self) -> bool {
        self.known + self.unknown == 0
    }
}

impl Wire for OutcomeCounts {
    const FIELDS: &'static [(&'static str, CellKind)] = &[
        ("numerator", CellKind::Count),
        ("denominator", CellKind::Count),
        ("rows_dropped", CellKind::Count),
    ];

    fn write(&self, row: &mut dyn FnMut(&[Cell])) {
        row(&[Cell::Count(self.with), Cell::Count(self.known), Cell::Count(self.unknown)]);
    }

    fn digest(&self) -> Vec<u64> {
        vec![self.with, self.known, self.unknown]
    }

    fn read(row: &[Cell]) -> Result<Self> {
        match row {
            [Cell::Count(with), Cell::Count(known), Cell::Count(unknown)] if with <= known => {
                Ok(Self { with: *with, known: *known, unknown: *unknown })
            }
            _ => Err(unreadable()),
        }
    }
}

/// The outcome of each row, 64 rows to a word: whether it has the outcome, and whether that is known.
pub struct Outcome {
    with: Vec<u64>,
    known: Option<Vec<u64>>,
}

impl Outcome {
    fn new(flags: &BooleanArray) -> Self {
        let words =
            |bits: &BooleanBuffer| -> Vec<u64> { bits.bit_chunks().iter_padded().collect() };
        let nulls = flags.nulls().filter(|nulls| nulls.null_count() > 0);
        Self { with: words(flags.values()), known: nulls.map(|nulls| words(nulls.inner())) }
    }
}

/// Each row adds one number to its group: three counts side by side, of 21 bits each, so that a row
/// is one addition. A chunk has fewer than 2²¹ rows, so no count runs into the next.
const KNOWN: u64 = 1;
const WITH: u32 = 21;
const UNKNOWN: u32 = 42;
const COUNT: u64 = (1 << 21) - 1;
/// Up to this many groups are counted side by side, by row number modulo the lanes, because an
/// addition to a place that was just written has to wait for it.
const NEAR_GROUPS: usize = 512;
const LANES: usize = 4;

/// The counts of a chunk's groups, three side by side, in one lane or several.
pub struct OutcomeTally {
    counts: Vec<u64>,
    groups: usize,
}

impl OutcomeTally {
    fn new(groups: usize) -> Self {
        let lanes = if groups <= NEAR_GROUPS { LANES } else { 1 };
        Self { counts: vec![0; groups * lanes], groups }
    }
}

impl Tally for OutcomeTally {
    type State = OutcomeCounts;
    type Columns = Outcome;

    #[inline]
    fn push<G: Place>(&mut self, groups: &[G], outcome: &Outcome, rows: Range<usize>) {
        let word = rows.start / 64;
        let with = outcome.with.get(word..).unwrap_or(&[]);
        let known = outcome.known.as_ref().map(|known| known.get(word..).unwrap_or(&[]));
        let lane_length = self.groups;
        let counts = self.counts.as_mut_slice();
        if counts.len() > lane_length {
            each_row(groups, with, known, |place, group, addend| {
                if let Some(counts) = counts.get_mut(place % LANES * lane_length + group) {
                    *counts += addend;
                }
            });
        } else {
            each_row(groups, with, known, |_, group, addend| {
                if let Some(counts) = counts.get_mut(group) {
                    *counts += addend;
                }
            });
        }
    }

    fn settle(self) -> Vec<OutcomeCounts> {
        let mut states = vec![OutcomeCounts::default(); self.groups];
        for lane in self.counts.chunks(self.groups.max(1)) {
            for (state, counts) in states.iter_mut().zip(lane) {
                state.known += counts & COUNT;
                state.with += (counts >> WITH) & COUNT;
                state.unknown += (counts >> UNKNOWN) & COUNT;
            }
        }
        states
    }
}

/// Visits each row with its place in its word, its group and what it adds.
#[inline]
fn each_row<G: Place>(
    groups: &[G],
    with: &[u64],
    known: Option<&[u64]>,
    mut visit: impl FnMut(usize, usize, u64),
) {
    match known {
        None => {
            for (groups, with) in groups.chunks(64).zip(with) {
                let mut with = *with;
                for (place, group) in groups.iter().enumerate() {
                    visit(place, group.place(), KNOWN | (with & 1) << WITH);
                    with >>= 1;
                }
            }
        }
        Some(known) => {
            for ((groups, with), known) in groups.chunks(64).zip(with).zip(known) {
                let mut known = *known;
                let mut with = with & known;
                for (place, group) in groups.iter().enumerate() {
                    let (is_known, has) = (known & 1, with & 1);
                    let addend = is_known | has << WITH | (1 - is_known) << UNKNOWN;
                    visit(place, group.place(), addend);
                    with >>= 1;
                    known >>= 1;
                }
            }
        }
    }
}

/// The words that `method` may be in a measure of shares: the methods for a large population.
pub(crate) const METHODS: &[&str] =
    &["wilson", "clopper-pearson", "jeffreys", "agresti-coull", "mid-p", "wald"];

/// A measure that says of each row whether it has an outcome, and asks for the share that has.
///
/// All that is not in this trait is the same for every such measure.
pub(crate) trait OutcomeMeasure:
    Clone + Default + Send + Sync + Serialize + DeserializeOwned + 'static
{
    /// What is said of it in the catalogue.
    const ABOUT: Info;

    /// The method of the interval.
    fn method(&self) -> &str;

    /// The column that holds the outcome.
    fn outcome_column(&self) -> Role;

    /// The column whose periods `every` groups by.
    fn date_column(&self) -> Option<&str>;

    /// The outcome of each row; null where it is not known.
    fn outcome(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<BooleanArray>;

    /// Checks the fields beyond the method.
    fn check_fields(&self, options: &Options) -> Result<()> {
        let _ = options;
        Ok(())
    }

    /// The values looked for, in words, where one that is never met is likely to be a mistake.
    fn looked_for(&self) -> Option<String> {
        None
    }
}

impl<T: OutcomeMeasure> Measure for T {
    type State = OutcomeCounts;
    type Tally = OutcomeTally;
    type Columns = Outcome;
    const INFO: Info = T::ABOUT;

    fn check(&self, options: &Options) -> Result<()> {
        method(self.method())?;
        self.check_fields(options)
    }

    fn roles(&self) -> Vec<Role> {
        vec![self.outcome_column()]
    }

    fn date(&self) -> Option<&str> {
        self.date_column()
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<Outcome> {
        Ok(Outcome::new(&self.outcome(chunk, account)?))
    }

    fn tally(&self, groups: usize) -> OutcomeTally {
        OutcomeTally::new(groups)
    }

    fn finish(&self, tallied: &Tallied<'_, OutcomeCounts>, _options: &Options) -> Result<Vec<Row>> {
        Ok(shares(tallied, method(self.method())?))
    }

    /// Says so where the values that are asked for were never met.
    fn notes(&self, states: &mut dyn Iterator<Item = &OutcomeCounts>) -> Vec<String> {
        let (with, known) =
            states.fold((0, 0), |(with, known), state| (with + state.with, known + state.known));
        match self.looked_for() {
            Some(wanted) if known > 0 && with == 0 => vec![format!(
                "{}: no row holds {wanted}; check how the value is written",
                self.outcome_column().column
            )],
            _ => Vec::new(),
        }
    }
}

/// The usual method of a share's interval.
pub(crate) fn wilson() -> String {
    ProportionMethod::Wilson.word().to_owned()
}

/// Reads the method of a share's interval.
pub(crate) fn method(word: &str) -> Result<ProportionMethod> {
    ProportionMethod::parse(word)
        .filter(|method| !method.needs_population())
        .ok_or_else(|| Error::unknown_word("method", word, METHODS))
}

/// Estimates the share of each group.
fn shares(tallied: &Tallied<'_, OutcomeCounts>, method: ProportionMethod) -> Vec<Row> {
    let row = |(group, tally): (usize, &Group<'_, OutcomeCounts>)| {
        let OutcomeCounts { with, known, unknown } = *tally.state;
        Row {
            group,
            period: None,
            own: Vec::new(),
            interval: proportion(with, known, method, tallied.level),
            unit: "share".to_owned(),
            numerator: Some(with as i64),
            denominator: Some(known as f64),
            method: method.word().to_owned(),
            used: known,
            dropped: unknown,
            reveals: vec![with, known - with, known, unknown],
        }
    };
    tallied.groups.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_method_but_those_for_a_small_population_is_offered() {
        let offered = |word: &&str| {
            ProportionMethod::parse(word).is_some_and(|method| !method.needs_population())
        };
        let expected: Vec<&str> = ProportionMethod::WORDS.into_iter().filter(offered).collect();
        assert_eq!(METHODS, expected);
    }

    /// Six rows by hand: two groups, one unknown outcome in each.
    #[test]
    fn each_group_counts_its_own_rows() {
        let flags =
            BooleanArray::from(vec![Some(true), Some(false), None, Some(true), None, Some(true)]);
        let mut tally = OutcomeTally::new(2);
        tally.push(&[0_u16, 0, 0, 1, 1, 1], &Outcome::new(&flags), 0..6);
        let states = tally.settle();
        assert_eq!(states[0], OutcomeCounts { with: 1, known: 2, unknown: 1 });
        assert_eq!(states[1], OutcomeCounts { with: 2, known: 2, unknown: 1 });
    }

    #[test]
    fn many_groups_and_rows_from_the_middle_on_count_alike() {
        let flags: BooleanArray =
            (0..3_000).map(|row| (row % 7 != 0).then_some(row % 3 == 0)).collect();
        let outcome = Outcome::new(&flags);
        for size in [3_usize, NEAR_GROUPS, NEAR_GROUPS + 1] {
            let groups: Vec<u32> = (128..2_100).map(|row| (row % size) as u32).collect();
            let mut tally = OutcomeTally::new(size);
            tally.push(&groups, &outcome, 128..2_100);
            let states = tally.settle();
            let mut naive = vec![OutcomeCounts::default(); size];
            for row in 128..2_100 {
                let state = &mut naive[row % size];
                if flags.is_valid(row) {
                    state.known += 1;
                    state.with += u64::from(flags.value(row));
                } else {
                    state.unknown += 1;
                }
            }
            assert_eq!(states, naive, "{size} groups");
        }
    }
}
