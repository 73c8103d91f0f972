//! The options that a caller gave, checked against those that a statistic has.

use serde_json::{Map, Value as Json};

use crate::engine::options::Options;
use crate::error::{Error, Result};
use crate::stats::Level;

use super::entry::{ChoiceKind, NumberKind, Statistic};

/// The options of one call, by name; what was not given has its default.
pub(super) struct Given {
    chosen: Vec<(&'static str, Chosen)>,
    level: Level,
    /// Whether the answer carries its reasons.
    pub(super) reasons: bool,
}

enum Chosen {
    Word(&'static str),
    Number(Option<f64>),
    Pair([f64; 2]),
    List(Option<Vec<f64>>),
    Flag(bool),
}

impl Given {
    /// Reads the options; what is neither an option nor a column of the statistic is refused.
    /// Arguments that are one number for all rows are given back.
    pub(super) fn read(entry: &Statistic, json: &str) -> Result<(Self, Map<String, Json>)> {
        let mut written: Map<String, Json> = serde_json::from_str(json)
            .map_err(|cause| Error::spec(format!("the options are no JSON object: {cause}")))?;
        let reasons = match written.remove("reasons") {
            None => false,
            Some(Json::Bool(reasons)) => reasons,
            Some(other) => return Err(wrong("reasons", &other, "true or false")),
        };
        let mut given = Self { chosen: Vec::new(), level: Level::default(), reasons };
        for choice in entry.options {
            // Nothing and null are both "not given".
            let value = written.remove(choice.name).filter(|value| !value.is_null());
            let chosen = match (choice.kind, value) {
                (ChoiceKind::Level, value) => {
                    given.level = value.map_or(Ok(Level::default()), |value| level(&value))?;
                    continue;
                }
                (ChoiceKind::Word(_, default), None) => Chosen::Word(default),
                (ChoiceKind::Word(words, _), Some(value)) => {
                    Chosen::Word(known(choice.name, &value, words)?)
                }
                (ChoiceKind::Number(_, default), None) => Chosen::Number(default),
                (ChoiceKind::Needed(kind), None) => {
                    return Err(Error::spec(format!("needs {}: {}", choice.name, kind.words())));
                }
                (ChoiceKind::Number(kind, _) | ChoiceKind::Needed(kind), Some(value)) => {
                    Chosen::Number(Some(number(choice.name, &value, kind)?))
                }
                (ChoiceKind::Pair(_, default), None) => Chosen::Pair(default),
                (ChoiceKind::Pair(kind, _), Some(value)) => {
                    Chosen::Pair(two_numbers(choice.name, &value, kind)?)
                }
                (ChoiceKind::List(_), None) => Chosen::List(None),
                (ChoiceKind::List(kind), Some(value)) => {
                    Chosen::List(Some(numbers(choice.name, &value, kind)?))
                }
                (ChoiceKind::Flag(default), None) => Chosen::Flag(default),
                (ChoiceKind::Flag(_), Some(Json::Bool(flag))) => Chosen::Flag(flag),
                (ChoiceKind::Flag(_), Some(other)) => {
                    return Err(wrong(choice.name, &other, "true or false"));
                }
            };
            given.chosen.push((choice.name, chosen));
        }
        let columns = || entry.columns.iter().map(|column| column.name);
        if let Some(name) = written.keys().find(|name| !columns().any(|column| column == *name)) {
            let options = entry.options.iter().map(|choice| choice.name);
            let known: Vec<&str> = columns().chain(options).collect();
            return Err(Error::unknown_word("argument", name, &known));
        }
        Ok((given, written))
    }

    /// The level of the interval.
    pub(super) fn level(&self) -> Level {
        self.level
    }

    /// The word of an option, as what it stands for.
    pub(super) fn word<T>(&self, name: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        match self.chosen(name) {
            Some(Chosen::Word(word)) => parse(word).ok_or_else(|| {
                Error::internal(format!(
                    "the catalogue's word '{word}' for {name} stands for nothing"
                ))
            }),
            _ => Err(undeclared(name)),
        }
    }

    /// The number of an option that always has one.
    pub(super) fn number(&self, name: &str) -> Result<f64> {
        self.maybe_number(name)?.ok_or_else(|| undeclared(name))
    }

    /// The number of an option, if it was given.
    pub(super) fn maybe_number(&self, name: &str) -> Result<Option<f64>> {
        match self.chosen(name) {
            Some(Chosen::Number(number)) => Ok(*number),
            _ => Err(undeclared(name)),
        }
    }

    /// The two numbers of an option.
    pub(super) fn pair(&self, name: &str) -> Result<[f64; 2]> {
        match self.chosen(name) {
            Some(Chosen::Pair(pair)) => Ok(*pair),
            _ => Err(undeclared(name)),
        }
    }

    /// The numbers of an option, if they were given.
    pub(super) fn list(&self, name: &str) -> Result<Option<&[f64]>> {
        match self.chosen(name) {
            Some(Chosen::List(numbers)) => Ok(numbers.as_deref()),
            _ => Err(undeclared(name)),
        }
    }

    /// The count of an option, if it was given.
    pub(super) fn maybe_count(&self, name: &str) -> Result<Option<u64>> {
        Ok(self.maybe_number(name)?.map(|number| number as u64))
    }

    /// The count of an option that always has one.
    pub(super) fn count(&self, name: &str) -> Result<u64> {
        self.number(name).map(|number| number as u64)
    }

    /// Whether an option was switched on.
    pub(super) fn flag(&self, name: &str) -> Result<bool> {
        match self.chosen(name) {
            Some(Chosen::Flag(flag)) => Ok(*flag),
            _ => Err(undeclared(name)),
        }
    }

    fn chosen(&self, name: &str) -> Option<&Chosen> {
        self.chosen.iter().find(|(each, _)| *each == name).map(|(_, chosen)| chosen)
    }
}

fn undeclared(name: &str) -> Error {
    Error::internal(format!("the catalogue declares no such option '{name}'"))
}

fn wrong(name: &str, value: &Json, expected: &str) -> Error {
    Error::wrong_type(format!("{name} is {value}; expected {expected}"))
}

fn known(name: &str, value: &Json, words: &'static [&'static str]) -> Result<&'static str> {
    let Json::String(text) = value else {
        return Err(wrong(name, value, &format!("one of the words {}", words.join(", "))));
    };
    let found = words.iter().find(|word| *word == text);
    found.copied().ok_or_else(|| Error::unknown_word(name, text, words))
}

fn number(name: &str, value: &Json, kind: NumberKind) -> Result<f64> {
    let number = match value {
        Json::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Json::String(text) if NOT_FINITE.contains(&text.as_str()) => f64::NAN,
        other => return Err(wrong(name, other, kind.words())),
    };
    // Beyond 2⁵³ a number read as floating-point may not be the one that was written.
    let exact = kind != NumberKind::Count || number <= 9_007_199_254_740_992.0;
    if kind.holds(number) && exact {
        Ok(number)
    } else {
        let shown = value.to_string();
        let shown = shown.trim_matches('"');
        let most = if exact { "" } else { ", at most 2⁵³" };
        Err(Error::spec(format!("{name} is {shown}; expected {}{most}", kind.words())))
    }
}

fn two_numbers(name: &str, value: &Json, kind: NumberKind) -> Result<[f64; 2]> {
    match value.as_array().map(Vec::as_slice) {
        Some([first, second]) => Ok([number(name, first, kind)?, number(name, second, kind)?]),
        _ => Err(wrong(name, value, &format!("two numbers, each {}", kind.words()))),
    }
}

/// One number is a list of one.
fn numbers(name: &str, value: &Json, kind: NumberKind) -> Result<Vec<f64>> {
    match value.as_array() {
        Some(values) => values.iter().map(|value| number(name, value, kind)).collect(),
        None => Ok(vec![number(name, value, kind)?]),
    }
}

/// How numbers that JSON lacks are written.
pub(super) const NOT_FINITE: [&str; 3] = ["nan", "inf", "-inf"];

fn level(value: &Json) -> Result<Level> {
    let level = match value {
        Json::Number(number) => number.as_f64().unwrap_or(f64::NAN),
        Json::String(text) if NOT_FINITE.contains(&text.as_str()) => f64::NAN,
        other => return Err(wrong("level", other, "a number between 0 and 1, such as 0.95")),
    };
    Options::default().level(level).checked_level()
}
