//! The second witness: every number of `stats` against R, metafor, statsmodels, SciPy and 50 digits.
//!
//! Each table in `tests/reference/` holds inputs, expected values and who computed them; its README
//! says how it was made. Run with `--nocapture` to see how near each witness came.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::print_stdout)]

use std::collections::BTreeMap;
use std::path::Path;

use wholefamily::stats::normal::{two_sided_p, two_sided_quantile};
use wholefamily::stats::{
    Estimand, Interval, Level, ProportionMethod, RateMethod, Stratum, difference, fisher,
    mantel_haenszel, odds_ratio, overlap_change, proportion, rate, ratio,
};

/// How near every figure comes to every witness, relatively.
const NEAR: f64 = 1e-13;
/// Where a figure is itself the difference between numbers of size 1, nothing in double precision
/// is nearer than this, absolutely.
const ROUNDING: f64 = 4e-16;

/// One row of a table.
struct Row {
    table: &'static str,
    line: u64,
    fields: BTreeMap<String, String>,
}

impl Row {
    fn text(&self, column: &str) -> &str {
        &self.fields[column]
    }

    fn number(&self, column: &str) -> f64 {
        self.text(column).parse().unwrap()
    }

    fn count(&self, column: &str) -> u64 {
        self.text(column).parse().unwrap()
    }

    fn counts(&self, column: &str) -> Vec<u64> {
        self.text(column).split(' ').map(|count| count.parse().unwrap()).collect()
    }

    fn level(&self) -> Level {
        Level::new(self.number("level")).unwrap()
    }

    /// Empty where the figure is undefined.
    fn expected(&self, column: &str) -> Option<f64> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    /// The software, without its call.
    fn witness(&self) -> &str {
        let text = self.text("computed_by");
        let calls = ["mantelhaen", "fisher.test", "prop.test", "poisson.test"];
        match calls.iter().find(|call| text.contains(*call)) {
            Some(call) if text.starts_with("R ") => call,
            _ => text.split([':', ',']).next().unwrap(),
        }
    }
}

fn rows(table: &'static str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reference").join(table);
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<Row> = reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let line = record.position().unwrap().line();
            let fields = header.iter().map(str::to_owned).zip(record.iter().map(str::to_owned));
            Row { table, line, fields: fields.collect() }
        })
        .collect();
    assert!(rows.len() >= 20, "{table} holds {} cases", rows.len());
    rows
}

/// The largest relative error by what was asked and who was asked.
#[derive(Default)]
struct Nearness(BTreeMap<(String, String), (f64, usize)>);

impl Nearness {
    fn hold(&mut self, row: &Row, what: &str, column: &str, got: Option<f64>, floor: f64) {
        let want = row.expected(column);
        let (table, line, by) = (row.table, row.line, row.text("computed_by"));
        let (Some(got), Some(want)) = (got, want) else {
            assert_eq!(got, want, "{table} line {line}, {column}, by {by}");
            return;
        };
        let error = (got - want).abs();
        let relative = if error <= floor { 0.0 } else { error / want.abs() };
        let key = (format!("{table} {what}"), row.witness().to_owned());
        let (worst, cases) = self.0.entry(key).or_default();
        *worst = worst.max(relative);
        *cases += 1;
        assert!(
            relative <= NEAR,
            "{table} line {line}, {column}: {got:e}, but {want:e} by {by} (relative {relative:e})"
        );
    }

    fn hold_interval(&mut self, row: &Row, what: &str, got: &Interval, floor: f64) {
        self.hold(row, what, "value", got.value, floor);
        self.hold(row, what, "lower", got.lower, floor);
        self.hold(row, what, "upper", got.upper, floor);
    }
}

impl Drop for Nearness {
    fn drop(&mut self) {
        for ((what, witness), (worst, numbers)) in &self.0 {
            println!("{what:35} {witness:20} {numbers:5} numbers, worst {worst:.1e}");
        }
    }
}

#[test]
fn normal_quantiles_and_tails() {
    let mut nearness = Nearness::default();
    for row in rows("normal_quantile.csv") {
        nearness.hold(&row, "", "z", two_sided_quantile(row.number("level")), 0.0);
    }
    for row in rows("normal_tail.csv") {
        nearness.hold(&row, "", "p", Some(two_sided_p(row.number("z"))), 0.0);
    }
}

#[test]
fn proportions() {
    let mut nearness = Nearness::default();
    for row in rows("proportion.csv") {
        let method = ProportionMethod::parse(row.text("method")).unwrap();
        let got = proportion(row.count("x"), row.count("n"), method, row.level());
        let floor = if method == ProportionMethod::Wilson { 0.0 } else { ROUNDING };
        nearness.hold_interval(&row, method.word(), &got, floor);
    }
}

#[test]
fn rates() {
    let mut nearness = Nearness::default();
    for row in rows("rate.csv") {
        let method = RateMethod::parse(row.text("method")).unwrap();
        let (exposure, per) = (row.number("exposure"), row.number("per"));
        let got = rate(row.count("x"), exposure, per, method, row.level());
        nearness.hold_interval(&row, method.word(), &got, 0.0);
    }
}

#[test]
fn contrasts() {
    type Contrast = fn(u64, u64, u64, u64, Level) -> Interval;
    let contrasts: [(&'static str, Contrast); 3] =
        [("difference.csv", difference), ("ratio.csv", ratio), ("odds_ratio.csv", odds_ratio)];
    let mut nearness = Nearness::default();
    for (table, contrast) in contrasts {
        for row in rows(table) {
            let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.count(column));
            let floor = if table == "difference.csv" { ROUNDING } else { 0.0 };
            nearness.hold_interval(&row, "", &contrast(x1, n1, x2, n2, row.level()), floor);
        }
    }
}

#[test]
fn fisher_p_values() {
    let mut nearness = Nearness::default();
    for row in rows("fisher.csv") {
        let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.count(column));
        nearness.hold(&row, "", "p", fisher(x1, n1, x2, n2), 0.0);
    }
}

#[test]
fn pooled_contrasts() {
    let mut nearness = Nearness::default();
    for row in rows("mantel_haenszel.csv") {
        let estimand = match row.text("estimand") {
            "ratio" => Estimand::Ratio,
            "difference" => Estimand::Difference,
            "odds_ratio" => Estimand::OddsRatio,
            other => panic!("{other}"),
        };
        let [x1, n1, x2, n2] = ["x1", "n1", "x2", "n2"].map(|column| row.counts(column));
        let strata: Vec<Stratum> =
            (0..x1.len()).map(|i| Stratum { x1: x1[i], n1: n1[i], x2: x2[i], n2: n2[i] }).collect();
        let pooled = mantel_haenszel(&strata, estimand, row.level());
        let floor = if estimand == Estimand::Difference { ROUNDING } else { 0.0 };
        nearness.hold_interval(&row, row.text("estimand"), &pooled.interval, floor);
        // statsmodels takes p as 1 − cdf, so that only its absolute error is small.
        let floor = if row.witness().starts_with("statsmodels") { ROUNDING } else { 0.0 };
        nearness.hold(&row, "p value", "p_value", pooled.p_value, floor);
        assert_eq!(pooled.used as u64, row.count("used"));
        assert_eq!(pooled.one_group_only as u64, row.count("one_group_only"));
    }
}

#[test]
fn changes_of_overlapping_counts() {
    let mut nearness = Nearness::default();
    for row in rows("overlap_change.csv") {
        let [both, before_only, after_only] =
            ["both", "before_only", "after_only"].map(|column| row.count(column));
        let got = overlap_change(both, before_only, after_only, row.level());
        nearness.hold_interval(&row, "", &got, ROUNDING);
    }
}
