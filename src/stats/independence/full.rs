//! The exact test of a table, through all tables with its margins.
//!
//! Tables are built column by column. What columns to come can hold depends only on what is left of
//! the rows, in whatever order, so the columns are split in two: the ways to fill the first ones are
//! gathered by what they leave, and each such node is matched with the ways to fill the others. Ways
//! of equal probability are kept as one.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Table;
use super::ways::{Sorted, Ways, gather};
use crate::stats::distribution::gamma;

/// Probabilities this close to the observed one, relatively, count as equal to it.
const TIE: f64 = 1.0 + 1e-7;
/// So many partial tables are gone through, and no more.
const MOST: u64 = 1 << 23;

/// What is left of the rows, in rising order.
type Node = Vec<u64>;

/// Σ P(y) over the tables y with P(y) ≤ P(x); `None` if there are too many of them.
pub(super) fn p_value(table: &Table) -> Option<f64> {
    let turned = table.turned();
    let (work, split) = plan(table);
    let (work_turned, split_turned) = plan(&turned);
    let (table, split) = if work_turned < work { (&turned, split_turned) } else { (table, split) };
    let mut order: Vec<(u64, &Vec<u64>)> =
        table.column_sums.iter().copied().zip(&table.columns).collect();
    order.sort_by_key(|(size, _)| *size);
    let sizes: Vec<u64> = order.iter().map(|(size, _)| *size).collect();

    let mut walk = Walk::default();
    let bound = walk.observed(table, &order)? * TIE;
    let (first, others) = sizes.split_at_checked(split)?;
    let mut nodes = BTreeMap::from([(rising(&table.row_sums), vec![Ways::ONE])]);
    let mut p = 0.0;
    for (place, &size) in first.iter().enumerate() {
        nodes = walk.forward(&nodes, size)?;
        let open = sizes.get(place + 1..)?;
        nodes.retain(|node, before| {
            // Ways that nothing to come can lift above the bound are counted at once.
            let most = most_probable(node, open);
            before.retain(|ways| {
                let settled = ways.each * most <= bound;
                if settled {
                    p += ways.together;
                }
                !settled
            });
            !before.is_empty()
        });
    }
    for (node, before) in nodes {
        let before = Sorted::new(before);
        p += match others {
            [size, _] => walk.settle(&node, *size, 1.0, &before, bound)?,
            _ => {
                let after = Sorted::new(walk.after(&node, others)?);
                walk.tire(before.ways.len())?;
                let within = |ways: &Ways| ways.together * after.within(bound / ways.each);
                before.ways.iter().map(within).sum()
            }
        };
    }
    Some(p.min(1.0))
}

/// How probable it is that 0, 1, 2, … of a column fall to a row, from the least possible on.
struct Chances {
    each: Vec<f64>,
    sorted: Sorted,
}

/// The probabilities that have been worked out, and how much work that was.
#[derive(Default)]
struct Walk {
    work: u64,
    fillings: BTreeMap<(u64, u64, u64), Rc<Chances>>,
    known: BTreeMap<(Node, usize), Vec<Ways>>,
}

impl Walk {
    fn tire(&mut self, work: usize) -> Option<()> {
        self.work = self.work.saturating_add(work as u64);
        (self.work <= MOST).then_some(())
    }

    /// Fills one more column after each node.
    fn forward(
        &mut self,
        nodes: &BTreeMap<Node, Vec<Ways>>,
        size: u64,
    ) -> Option<BTreeMap<Node, Vec<Ways>>> {
        let mut next: BTreeMap<Node, Vec<Ways>> = BTreeMap::new();
        for (node, before) in nodes {
            for (left, probability) in self.fill(node, size)? {
                self.tire(before.len())?;
                let ways = next.entry(left).or_default();
                ways.extend(before.iter().map(|ways| ways.times(probability)));
            }
        }
        next.values_mut().for_each(gather);
        Some(next)
    }

    /// The ways to fill columns of these sizes from a node, which has just enough for them.
    fn after(&mut self, node: &Node, sizes: &[u64]) -> Option<Vec<Ways>> {
        let Some((&size, others)) = sizes.split_first() else { return Some(vec![Ways::ONE]) };
        if others.is_empty() {
            return Some(vec![Ways::ONE]);
        }
        let key = (node.clone(), sizes.len());
        if let Some(ways) = self.known.get(&key) {
            return Some(ways.clone());
        }
        let mut all = vec![];
        for (left, probability) in self.fill(node, size)? {
            let after = self.after(&left, others)?;
            self.tire(after.len())?;
            all.extend(after.into_iter().map(|ways| ways.times(probability)));
        }
        gather(&mut all);
        self.known.insert(key, all.clone());
        Some(all)
    }

    /// Every way to fill a column of a size from what the rows have left: what it leaves, and how
    /// probable it is.
    fn fill(&mut self, node: &Node, size: u64) -> Option<Vec<(Node, f64)>> {
        let mut partial = vec![(Vec::with_capacity(node.len()), size, 1.0)];
        let mut behind: u64 = node.iter().sum();
        for &row in node {
            behind -= row;
            let mut longer = vec![];
            for (left, open, probability) in partial {
                let lowest = open.saturating_sub(behind);
                let chances = self.chances(row, behind, open)?;
                self.tire(chances.each.len())?;
                for (taken, chance) in (lowest..).zip(&chances.each) {
                    let mut left = Vec::clone(&left);
                    left.push(row - taken);
                    longer.push((left, open - taken, probability * chance));
                }
            }
            partial = longer;
        }
        Some(partial.into_iter().map(|(left, _, p)| (rising(&left), p)).collect())
    }

    /// The probability of the ways to fill the last but one column from here, and so the last, that
    /// make up a table within `bound` with one of the ways before; `probability` is that of the rows
    /// already filled. The last two rows are settled at one stroke.
    fn settle(
        &mut self,
        rows: &[u64],
        open: u64,
        probability: f64,
        before: &Sorted,
        bound: f64,
    ) -> Option<f64> {
        let (&row, others) = rows.split_first()?;
        let behind = others.iter().sum();
        let chances = self.chances(row, behind, open)?;
        if others.len() > 1 {
            let (mut p, lowest) = (0.0, open.saturating_sub(behind));
            for (taken, chance) in (lowest..).zip(&chances.each) {
                p += self.settle(others, open - taken, probability * chance, before, bound)?;
            }
            return Some(p);
        }
        let limit = bound / probability;
        let all = before.count(limit / chances.sorted.most());
        let some = before.count(limit / chances.sorted.least());
        let between = before.ways.get(all..some.max(all))?;
        self.tire(1 + between.len())?;
        let part = |ways: &Ways| ways.together * chances.sorted.within(limit / ways.each);
        Some(probability * (before.sum(all) + between.iter().map(part).sum::<f64>()))
    }

    /// The chances that of `open` places 0, 1, 2, … fall to a row of `row`, where the rows behind it
    /// have `behind`.
    fn chances(&mut self, row: u64, behind: u64, open: u64) -> Option<Rc<Chances>> {
        let key = (row, behind, open);
        if let Some(known) = self.fillings.get(&key) {
            return Some(Rc::clone(known));
        }
        let (lowest, highest) = (open.saturating_sub(behind), row.min(open));
        self.tire(usize::try_from(highest - lowest).ok()?)?;
        let each = hypergeometric_chances(row, behind, open);
        let ways = each.iter().map(|&chance| Ways { each: chance, together: chance }).collect();
        let chances = Rc::new(Chances { each, sorted: Sorted::new(ways) });
        self.fillings.insert(key, Rc::clone(&chances));
        Some(chances)
    }

    /// The probability of the observed table, column by column.
    fn observed(&mut self, table: &Table, order: &[(u64, &Vec<u64>)]) -> Option<f64> {
        let (mut probability, mut left) = (1.0, table.row_sums.clone());
        for (size, column) in order {
            let (mut behind, mut open) = (left.iter().sum::<u64>(), *size);
            for (row, &taken) in left.iter_mut().zip(*column) {
                behind -= *row;
                let place = usize::try_from(taken - open.saturating_sub(behind)).ok()?;
                probability *= self.chances(*row, behind, open)?.each.get(place)?;
                open -= taken;
                *row -= taken;
            }
        }
        Some(probability)
    }
}

/// P(k) = C(row, k) C(behind, open − k) / C(row + behind, open), outward from the most probable.
fn hypergeometric_chances(row: u64, behind: u64, open: u64) -> Vec<f64> {
    let (lowest, highest) = (open.saturating_sub(behind), row.min(open));
    let mode =
        (u128::from(row) + 1) * (u128::from(open) + 1) / (u128::from(row) + u128::from(behind) + 2);
    let mode = u64::try_from(mode).unwrap_or(highest).clamp(lowest, highest);
    // P(k + 1) / P(k)
    let step = |k: u64| {
        ((row - k) as f64 * (open - k) as f64) / ((k + 1) as f64 * (behind + k + 1 - open) as f64)
    };
    let mut below: Vec<f64> = (lowest..mode)
        .rev()
        .scan(1.0, |term, k| {
            *term /= step(k);
            Some(*term)
        })
        .collect();
    below.reverse();
    let above = (mode..highest).scan(1.0, |term, k| {
        *term *= step(k);
        Some(*term)
    });
    let terms: Vec<f64> = below.into_iter().chain([1.0]).chain(above).collect();
    let all: f64 = terms.iter().sum();
    terms.into_iter().map(|term| term / all).collect()
}

/// At least the probability of the likeliest way to fill columns of these sizes from a node.
///
/// With qᵢ = ρᵢ/M of what is left of the rows, a way has the probability Π ρᵢ!/M! · Π qᵢ^(−ρᵢ) times
/// that of its columns if each were multinomial with chances q, which is largest at their modes.
fn most_probable(node: &Node, sizes: &[u64]) -> f64 {
    let ln_factorial = |k: u64| gamma::ln_gamma(k as f64 + 1.0);
    let all = node.iter().sum::<u64>();
    let rows: Vec<(u64, f64)> =
        node.iter().filter(|row| **row > 0).map(|&row| (row, row as f64 / all as f64)).collect();
    let own: f64 = rows.iter().map(|&(row, q)| ln_factorial(row) - row as f64 * q.ln()).sum();
    let mut most = own - ln_factorial(all);
    for &size in sizes {
        let mut mode: Vec<u64> = rows.iter().map(|(_, q)| (size as f64 * q) as u64).collect();
        for _ in mode.iter().sum()..size {
            let gain = |(taken, (_, q)): &(&mut u64, &(u64, f64))| q / (**taken as f64 + 1.0);
            let best = mode.iter_mut().zip(&rows).max_by(|a, b| gain(a).total_cmp(&gain(b)));
            if let Some((taken, _)) = best {
                *taken += 1;
            }
        }
        let column =
            |(&taken, (_, q)): (&u64, &(u64, f64))| taken as f64 * q.ln() - ln_factorial(taken);
        most += ln_factorial(size) + mode.iter().zip(&rows).map(column).sum::<f64>();
    }
    // Rounding must not make it too small.
    (most + 1e-9).exp()
}

fn rising(rows: &[u64]) -> Node {
    let mut node = rows.to_vec();
    node.sort_unstable();
    node
}

/// Roughly how much work the test is, and after how many columns, smallest first, to meet.
fn plan(table: &Table) -> (f64, usize) {
    let mut sizes = table.column_sums.clone();
    sizes.sort_unstable();
    let rows = table.row_sums.len();
    // In how many ways a number of places can fall to the rows
    let ways =
        |places: u64| -> f64 { (1..rows).map(|i| (places as f64 + i as f64) / i as f64).product() };
    let work = |split: usize| {
        let before: f64 = sizes.iter().take(split).map(|&size| ways(size)).product();
        let nodes = ways(sizes.iter().take(split).sum()).min(before);
        let free = sizes.len().saturating_sub(split + 1);
        let after: f64 = sizes.iter().skip(split).take(free).map(|&size| ways(size)).product();
        // The last two rows of the last two columns cost one step.
        let stroke =
            if free == 1 { sizes.get(split).map_or(1.0, |&size| size as f64) } else { 1.0 };
        before + nodes * after / stroke
    };
    (0..sizes.len())
        .map(|split| (work(split), split))
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((0.0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::distribution::hypergeometric;

    fn p(counts: &[&[u64]]) -> f64 {
        p_value(&Table::new(counts).unwrap()).unwrap()
    }

    fn close(got: f64, want: f64) {
        assert!((got / want - 1.0).abs() < 1e-13, "{got:e} {want:e}");
    }

    #[test]
    fn three_rows_by_hand() {
        // Three families, each with its own answer: 6 tables of 1/6 each.
        close(p(&[&[1, 0, 0], &[0, 1, 0], &[0, 0, 1]]), 1.0);
        // Rows of 2, 1, 1 and columns of 2, 2 have 2 tables with a row of (2, 0) or (0, 2), each
        // 1/6, and 2 others, each 2/6.
        close(p(&[&[2, 0], &[0, 1], &[0, 1]]), 1.0 / 3.0);
        close(p(&[&[1, 1], &[1, 0], &[0, 1]]), 1.0);
    }

    #[test]
    fn two_by_two_is_fishers_test() {
        for (x1, n1, x2, n2) in [(3, 4, 1, 4), (3, 25, 7, 10), (0, 12, 5, 9), (40, 100, 55, 120)] {
            let (m, chance) = (x1 + x2, |k| hypergeometric::probability(k, n1, n2, x1 + x2));
            let all = m.saturating_sub(n2)..=n1.min(m);
            let fisher = all.map(chance).filter(|p| *p <= chance(x1) * TIE).sum();
            close(p(&[&[x1, n1 - x1], &[x2, n2 - x2]]), fisher);
        }
    }

    #[test]
    fn every_split_gives_the_same() {
        // Two like groups of columns: the middle of the walk lies elsewhere in each.
        let narrow = p(&[&[4, 1, 3, 0, 2, 1], &[1, 3, 2, 4, 0, 2]]);
        let wide = p(&[&[4, 1], &[1, 3], &[3, 2], &[0, 4], &[2, 0], &[1, 2]]);
        close(narrow, wide);
        let swapped = p(&[&[3, 4, 1, 1, 2, 0], &[2, 1, 3, 2, 0, 4]]);
        close(narrow, swapped);
    }

    #[test]
    fn no_way_is_likelier_than_the_bound() {
        for (node, sizes) in [([2, 5, 9], [4, 12]), ([0, 1, 3], [2, 2]), ([7, 7, 7], [1, 20])] {
            let ways = Walk::default().after(&node.to_vec(), &sizes).unwrap();
            let (most, bound) = (Sorted::new(ways).most(), most_probable(&node.to_vec(), &sizes));
            assert!(most <= bound && bound < 3.0 * most, "{most} {bound}");
        }
    }

    #[test]
    fn hypergeometric_chances_add_up() {
        for (row, behind, open) in [(4, 4, 4), (0, 5, 3), (5, 0, 3), (7, 3, 9), (1000, 2000, 900)] {
            let chances = hypergeometric_chances(row, behind, open);
            assert_eq!(chances.len() as u64, row.min(open) - open.saturating_sub(behind) + 1);
            close(chances.iter().sum(), 1.0);
        }
        close(hypergeometric_chances(4, 4, 4)[1], 16.0 / 70.0);
    }
}
