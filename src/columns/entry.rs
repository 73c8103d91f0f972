//! What an entry of the catalogue says: which columns, which options, which answer.

use serde_json::{Value as Json, json};

use crate::error::Result;

use super::answer::Listing;
use super::given::Given;
use super::input::Numbers;
use super::run::RowWork;

/// A statistic by name.
pub(super) struct Statistic {
    pub(super) name: &'static str,
    pub(super) question: &'static str,
    pub(super) columns: &'static [Column],
    pub(super) options: &'static [Choice],
    pub(super) fields: &'static [Field],
    pub(super) work: Work,
}

/// How a statistic goes over its columns.
#[derive(Clone, Copy)]
pub(super) enum Work {
    /// Row by row; a row with a null gives a row of nulls.
    ByRow(fn(&Given) -> Result<RowWork>),
    /// All rows together give one answer; a null is refused.
    Whole(fn(&Given, &Numbers) -> Result<Listing>),
    /// All rows together give an answer for each; a null is refused.
    Each(fn(&Given, &Numbers) -> Result<Listing>),
    /// A list of answers, of any length.
    Listed(fn(&Given, &Numbers) -> Result<Listing>),
}

/// A column of numbers.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: NumberKind,
    /// The column whose number is the base of this one.
    pub(super) base: Option<&'static str>,
    /// Whether it may be left out altogether.
    pub(super) optional: bool,
    /// Whether a null in it says something, and is no number that is missing.
    pub(super) nullable: bool,
}

/// Which numbers a column or an option can hold.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum NumberKind {
    /// Whole, 0 or more.
    Count,
    /// Any finite number.
    Any,
    /// 0 or more.
    NotNegative,
    /// Above 0.
    Positive,
    /// From 0 to 1.
    Share,
}

impl NumberKind {
    pub(super) fn holds(self, number: f64) -> bool {
        let fits = match self {
            Self::Count => {
                number >= 0.0 && number.fract() == 0.0 && number < 18_446_744_073_709_551_616.0
            }
            Self::Any => true,
            Self::NotNegative => number >= 0.0,
            Self::Positive => number > 0.0,
            Self::Share => (0.0..=1.0).contains(&number),
        };
        fits && number.is_finite()
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Count => "a whole number of 0 or more",
            Self::Any => "a finite number",
            Self::NotNegative => "a finite number of 0 or more",
            Self::Positive => "a finite number above 0",
            Self::Share => "a number from 0 to 1",
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Any => "number",
            Self::NotNegative => "number of 0 or more",
            Self::Positive => "number above 0",
            Self::Share => "number from 0 to 1",
        }
    }
}

impl Column {
    const fn new(name: &'static str, kind: NumberKind) -> Self {
        Self { name, kind, base: None, optional: false, nullable: false }
    }

    /// Counts some of those that another column counts.
    pub(super) const fn of(self, base: &'static str) -> Self {
        Self { base: Some(base), ..self }
    }

    /// May be left out.
    pub(super) const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// May hold nulls, which the statistic itself understands.
    pub(super) const fn nullable(self) -> Self {
        Self { nullable: true, ..self }
    }
}

pub(super) const fn count(name: &'static str) -> Column {
    Column::new(name, NumberKind::Count)
}

pub(super) const fn number(name: &'static str) -> Column {
    Column::new(name, NumberKind::Any)
}

pub(super) const fn not_negative(name: &'static str) -> Column {
    Column::new(name, NumberKind::NotNegative)
}

pub(super) const fn positive(name: &'static str) -> Column {
    Column::new(name, NumberKind::Positive)
}

pub(super) const fn share(name: &'static str) -> Column {
    Column::new(name, NumberKind::Share)
}

/// An option: the same for all rows.
#[derive(Clone, Copy)]
pub(super) struct Choice {
    pub(super) name: &'static str,
    pub(super) kind: ChoiceKind,
}

/// What an option can be, and what it is when it is not given.
#[derive(Clone, Copy)]
pub(super) enum ChoiceKind {
    /// One of these words; the default.
    Word(&'static [&'static str], &'static str),
    /// A number; the default, or nothing.
    Number(NumberKind, Option<f64>),
    /// A number that has to be given.
    Needed(NumberKind),
    /// Two numbers; the default.
    Pair(NumberKind, [f64; 2]),
    /// A list of numbers, or nothing.
    List(NumberKind),
    /// Yes or no; the default.
    Flag(bool),
    /// The confidence level of the interval: 0.95 unless given.
    Level,
}

pub(super) const fn word(
    name: &'static str,
    words: &'static [&'static str],
    default: &'static str,
) -> Choice {
    Choice { name, kind: ChoiceKind::Word(words, default) }
}

pub(super) const fn setting(name: &'static str, kind: NumberKind, default: f64) -> Choice {
    Choice { name, kind: ChoiceKind::Number(kind, Some(default)) }
}

pub(super) const fn optional_setting(name: &'static str, kind: NumberKind) -> Choice {
    Choice { name, kind: ChoiceKind::Number(kind, None) }
}

pub(super) const fn needed_setting(name: &'static str, kind: NumberKind) -> Choice {
    Choice { name, kind: ChoiceKind::Needed(kind) }
}

pub(super) const fn pair(name: &'static str, kind: NumberKind, default: [f64; 2]) -> Choice {
    Choice { name, kind: ChoiceKind::Pair(kind, default) }
}

pub(super) const fn list(name: &'static str, kind: NumberKind) -> Choice {
    Choice { name, kind: ChoiceKind::List(kind) }
}

pub(super) const fn flag(name: &'static str, default: bool) -> Choice {
    Choice { name, kind: ChoiceKind::Flag(default) }
}

pub(super) const LEVEL: Choice = Choice { name: "level", kind: ChoiceKind::Level };

/// A field of the answer.
#[derive(Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: FieldKind,
}

/// What a field of the answer holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    Float,
    Whole,
    Text,
}

pub(super) const fn float(name: &'static str) -> Field {
    Field { name, kind: FieldKind::Float }
}

pub(super) const fn whole(name: &'static str) -> Field {
    Field { name, kind: FieldKind::Whole }
}

pub(super) const fn text(name: &'static str) -> Field {
    Field { name, kind: FieldKind::Text }
}

/// A figure and its limits.
pub(super) const INTERVAL: &[Field] = &[float("value"), float("lower"), float("upper")];
/// A figure, its limits, and a test.
pub(super) const TESTED: &[Field] =
    &[float("value"), float("lower"), float("upper"), float("p_value")];
/// The p value of a test.
pub(super) const P_VALUE: &[Field] = &[float("p_value")];
/// A test with its statistic.
pub(super) const TEST: &[Field] = &[float("statistic"), float("p_value")];
/// A test with its statistic and degrees of freedom.
pub(super) const TEST_WITH_DF: &[Field] = &[float("statistic"), float("df"), float("p_value")];

impl Statistic {
    pub(super) fn described(&self) -> Json {
        let columns: Vec<Json> = self
            .columns
            .iter()
            .map(|column| {
                json!({
                    "name": column.name, "kind": column.kind.tag(),
                    "of": column.base, "optional": column.optional,
                    "nullable": column.nullable,
                })
            })
            .collect();
        let fields: Vec<Json> = self
            .fields
            .iter()
            .map(|field| {
                let kind = match field.kind {
                    FieldKind::Float => "number",
                    FieldKind::Whole => "whole number",
                    FieldKind::Text => "text",
                };
                json!({ "name": field.name, "kind": kind })
            })
            .collect();
        let rows = match self.work {
            Work::ByRow(_) => "by row",
            Work::Whole(_) => "one",
            Work::Each(_) => "each",
            Work::Listed(_) => "list",
        };
        json!({
            "name": self.name, "question": self.question, "columns": columns,
            "options": self.options.iter().map(Choice::described).collect::<Vec<_>>(),
            "fields": fields, "rows": rows,
        })
    }
}

impl Choice {
    fn described(&self) -> Json {
        let name = self.name;
        match self.kind {
            ChoiceKind::Word(words, default) => {
                json!({ "name": name, "kind": "word", "words": words, "default": default })
            }
            ChoiceKind::Number(kind, default) => {
                json!({ "name": name, "kind": kind.tag(), "default": default })
            }
            ChoiceKind::Needed(kind) => {
                json!({ "name": name, "kind": kind.tag(), "needed": true })
            }
            ChoiceKind::Pair(kind, default) => {
                json!({ "name": name, "kind": kind.tag(), "pair": true, "default": default })
            }
            ChoiceKind::List(kind) => {
                json!({ "name": name, "kind": kind.tag(), "list": true, "default": null })
            }
            ChoiceKind::Flag(default) => {
                json!({ "name": name, "kind": "flag", "default": default })
            }
            ChoiceKind::Level => json!({ "name": name, "kind": "level", "default": 0.95 }),
        }
    }
}
