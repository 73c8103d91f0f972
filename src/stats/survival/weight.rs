//! Which days count for how much when curves are compared?

/// How much a day's difference counts in a [`log_rank`](super::log_rank) test.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum LogRankWeight {
    /// All alike: best where one group's hazard is a multiple of the other's (N. Mantel, 1966).
    #[default]
    LogRank,
    /// By the number at risk n, so that early days count more (E. A. Gehan, 1965; N. Breslow, 1970);
    /// swayed by how the groups were censored.
    Wilcoxon,
    /// By √n (R. E. Tarone and J. Ware, 1977).
    TaroneWare,
    /// By the share of all that would be left without an event, S̃ = Π (1 − d/(n + 1)) up to and with
    /// the day (R. Peto and J. Peto, 1972). Early days count more, however the groups were censored.
    PetoPeto,
    /// By S(t−)ᵖ (1 − S(t−))^q of all groups together (T. R. Fleming and D. P. Harrington, 1981;
    /// R's `rho` is p, with q 0).
    FlemingHarrington {
        /// The power of the share without an event: early days.
        p: f64,
        /// The power of the share with one: late days.
        q: f64,
    },
}

impl LogRankWeight {
    /// Every weight's name, as specifications write it.
    pub const WORDS: [&'static str; 5] =
        ["log-rank", "wilcoxon", "tarone-ware", "peto-peto", "fleming-harrington"];

    /// The weight of that name, Fleming and Harrington's with these powers; `None` for any other
    /// word, and for powers that are not numbers of 0 or more.
    ///
    /// ```
    /// use wholefamily::stats::survival::LogRankWeight;
    /// assert_eq!(LogRankWeight::parse("wilcoxon", 0.0, 0.0), Some(LogRankWeight::Wilcoxon));
    /// assert_eq!(LogRankWeight::parse("gehan", 0.0, 0.0), None);
    /// ```
    #[must_use]
    pub fn parse(word: &str, p: f64, q: f64) -> Option<Self> {
        let powers = p >= 0.0 && q >= 0.0 && p.is_finite() && q.is_finite();
        let all = [
            Self::LogRank,
            Self::Wilcoxon,
            Self::TaroneWare,
            Self::PetoPeto,
            Self::FlemingHarrington { p, q },
        ];
        all.into_iter().find(|weight| powers && weight.word() == word)
    }

    /// The weight's name, as specifications write it and results show it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::LogRank => "log-rank",
            Self::Wilcoxon => "wilcoxon",
            Self::TaroneWare => "tarone-ware",
            Self::PetoPeto => "peto-peto",
            Self::FlemingHarrington { .. } => "fleming-harrington",
        }
    }

    /// The weight of a day with n at risk, S before it and S̃ after it.
    pub(super) fn of_day(self, n: f64, before: f64, peto: f64) -> f64 {
        match self {
            Self::LogRank => 1.0,
            Self::Wilcoxon => n,
            Self::TaroneWare => n.sqrt(),
            Self::PetoPeto => peto,
            Self::FlemingHarrington { p, q } => before.powf(p) * (1.0 - before).powf(q),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_names_its_weight() {
        for word in LogRankWeight::WORDS {
            assert_eq!(LogRankWeight::parse(word, 1.0, 0.5).unwrap().word(), word);
        }
        assert_eq!(LogRankWeight::parse("fleming-harrington", -1.0, 0.0), None);
        assert_eq!(LogRankWeight::parse("fleming-harrington", f64::NAN, 0.0), None);
    }
}
