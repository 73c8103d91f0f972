//! What can go wrong, said so that a person can mend it.
//!
//! One opaque [`Error`] with a [`Kind`]. A message names what was given, where it stands, what was
//! expected, and the nearest right answer where there is one. Data that are merely few are never an
//! error: they give a value that is undefined, with its reason.

use std::fmt;

/// The family of an error, for callers that branch on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// The specification of a measure, or an option of a run, cannot be right.
    Spec,
    /// A column that is needed is not in the table.
    Column,
    /// A column holds another type than its role needs.
    Type,
    /// The values of the data contradict what was asked.
    Data,
    /// A partial state cannot be read, or does not belong to this run.
    State,
    /// A fault of this library.
    Internal,
}

/// An error of the engine: a kind and a message that says what to mend.
///
/// # Example
/// ```
/// use wholefamily::{Every, Kind};
/// let error = Every::parse("fortnight").unwrap_err();
/// assert_eq!(error.kind(), Kind::Spec);
/// assert!(error.to_string().contains("month"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Cause>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Cause {
    kind: Kind,
    message: String,
}

/// A result of the engine.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Cause { kind, message: message.into() }))
    }

    /// The family of this error.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    pub(crate) fn spec(message: impl Into<String>) -> Self {
        Self::new(Kind::Spec, message)
    }

    pub(crate) fn wrong_type(message: impl Into<String>) -> Self {
        Self::new(Kind::Type, message)
    }

    pub(crate) fn data(message: impl Into<String>) -> Self {
        Self::new(Kind::Data, message)
    }

    pub(crate) fn state(message: impl Into<String>) -> Self {
        Self::new(Kind::State, message)
    }

    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }

    /// A column that is not there: names the role it was to play and the nearest column that is.
    pub(crate) fn no_column<'a>(
        name: &str,
        role: &str,
        present: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let present: Vec<&str> = present.into_iter().collect();
        Self::new(
            Kind::Column,
            format!("no column '{name}' for {role}; {}", choices("the table has", name, &present)),
        )
    }

    /// A column name that stands twice in a table.
    pub(crate) fn two_columns(name: &str, role: &str) -> Self {
        Self::new(
            Kind::Column,
            format!(
                "two columns are named '{name}', for {role}; rename one of them or leave it out"
            ),
        )
    }

    /// A word that is not one of those known.
    pub(crate) fn unknown_word(what: &str, word: &str, known: &[&str]) -> Self {
        Self::new(
            Kind::Spec,
            format!("unknown {what} '{word}'; {}", choices("known are", word, known)),
        )
    }

    /// Adds the measure or the step in which the error arose, in front.
    pub(crate) fn within(mut self, place: &str) -> Self {
        self.0.message = format!("{place}: {}", self.0.message);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for Error {}

/// Lists what there is, with the nearest in front as a question.
fn choices(verb: &str, given: &str, known: &[&str]) -> String {
    let listed = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    match nearest(given, known) {
        Some(close) => format!("did you mean '{close}'? {verb}: {listed}"),
        None => format!("{verb}: {listed}"),
    }
}

/// The known word most like the one given, if any is like it at all.
pub(crate) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    let lower = given.to_lowercase();
    known
        .iter()
        .map(|word| (strsim::normalized_damerau_levenshtein(&lower, &word.to_lowercase()), *word))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_column_names_its_role_and_the_nearest_column() {
        let error = Error::no_column("outcom", "outcome", ["outcome", "locality"]);
        assert_eq!(error.kind(), Kind::Column);
        assert_eq!(
            error.to_string(),
            "no column 'outcom' for outcome; did you mean 'outcome'? the table has: outcome, locality"
        );
    }

    #[test]
    fn a_word_unlike_any_other_gets_no_guess() {
        let error = Error::unknown_word("method", "zzz", &["wilson", "wald"]);
        assert_eq!(error.to_string(), "unknown method 'zzz'; known are: wilson, wald");
    }
}
