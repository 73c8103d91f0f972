//! A table of cases: inputs, the figures expected, and who computed them.

use std::collections::BTreeMap;
use std::path::Path;

use wholefamily::stats::{Interval, Level};

/// How near every figure comes to every witness, relatively.
pub(crate) const NEAR: f64 = 1e-13;
/// Where a figure is itself the difference between numbers of size 1, nothing in double precision
/// is nearer than this, absolutely.
pub(crate) const ROUNDING: f64 = 4e-16;

/// One row of a table.
pub(crate) struct Row {
    pub(crate) table: &'static str,
    pub(crate) line: u64,
    fields: BTreeMap<String, String>,
}

impl Row {
    pub(crate) fn text(&self, column: &str) -> &str {
        &self.fields[column]
    }

    pub(crate) fn number(&self, column: &str) -> f64 {
        self.text(column).parse().unwrap()
    }

    pub(crate) fn count(&self, column: &str) -> u64 {
        self.text(column).parse().unwrap()
    }

    pub(crate) fn counts(&self, column: &str) -> Vec<u64> {
        self.text(column).split(' ').map(|count| count.parse().unwrap()).collect()
    }

    pub(crate) fn numbers(&self, column: &str) -> Vec<f64> {
        self.text(column).split(' ').map(|number| number.parse().unwrap()).collect()
    }

    pub(crate) fn level(&self) -> Level {
        Level::new(self.number("level")).unwrap()
    }

    /// Empty where the figure is undefined.
    pub(crate) fn expected(&self, column: &str) -> Option<f64> {
        let text = self.text(column);
        (!text.is_empty()).then(|| text.parse().unwrap())
    }

    /// The software, without its call.
    pub(crate) fn witness(&self) -> &str {
        let text = self.text("computed_by");
        let calls = ["mantelhaen", "fisher.test", "prop.test", "poisson.test"];
        match calls.iter().find(|call| text.contains(*call)) {
            Some(call) if text.starts_with("R ") => call,
            _ => text.split([':', ',']).next().unwrap(),
        }
    }
}

/// The cases of a table, of which there must be 20 or more.
pub(crate) fn rows(table: &'static str) -> Vec<Row> {
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
pub(crate) struct Nearness(BTreeMap<(String, String), (f64, usize)>);

impl Nearness {
    /// Holds a figure to what the witness says, to [`NEAR`] relatively or `floor` absolutely.
    pub(crate) fn hold(
        &mut self,
        row: &Row,
        what: &str,
        column: &str,
        got: Option<f64>,
        floor: f64,
    ) {
        self.hold_within(row, what, column, got, floor, NEAR);
    }

    /// The same for a figure that is found by iteration, by the crate or by its witness.
    pub(crate) fn hold_within(
        &mut self,
        row: &Row,
        what: &str,
        column: &str,
        got: Option<f64>,
        floor: f64,
        near: f64,
    ) {
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
            relative <= near,
            "{table} line {line}, {column}: {got:e}, but {want:e} by {by} (relative {relative:e})"
        );
    }

    /// Holds a figure and its limits.
    pub(crate) fn hold_interval(&mut self, row: &Row, what: &str, got: &Interval, floor: f64) {
        self.hold_interval_within(row, what, got, floor, NEAR);
    }

    /// The same for limits that are found by iteration.
    pub(crate) fn hold_interval_within(
        &mut self,
        row: &Row,
        what: &str,
        got: &Interval,
        floor: f64,
        near: f64,
    ) {
        self.hold_within(row, what, "value", got.value, floor, near);
        self.hold_within(row, what, "lower", got.lower, floor, near);
        self.hold_within(row, what, "upper", got.upper, floor, near);
    }
}

impl Drop for Nearness {
    fn drop(&mut self) {
        for ((what, witness), (worst, numbers)) in &self.0 {
            println!("{what:35} {witness:20} {numbers:5} numbers, worst {worst:.1e}");
        }
    }
}
