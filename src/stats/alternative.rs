//! Which way would a difference have to go?

/// What a test holds against chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Alternative {
    /// A difference either way.
    #[default]
    TwoSided,
    /// The first is smaller: the group against its reference, the sum of a trend, after against
    /// before.
    Less,
    /// The first is larger.
    Greater,
}

impl Alternative {
    /// Every alternative's name, as specifications write it.
    pub const WORDS: [&'static str; 3] = ["two-sided", "less", "greater"];

    /// The alternative of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::Alternative;
    /// assert_eq!(Alternative::parse("greater"), Some(Alternative::Greater));
    /// assert_eq!(Alternative::parse("two.sided"), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::TwoSided, Self::Less, Self::Greater].into_iter().find(|one| one.word() == word)
    }

    /// The alternative's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::TwoSided => "two-sided",
            Self::Less => "less",
            Self::Greater => "greater",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back() {
        for word in Alternative::WORDS {
            assert_eq!(Alternative::parse(word).unwrap().word(), word);
        }
    }
}
