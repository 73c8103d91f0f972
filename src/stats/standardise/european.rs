//! How is the European Standard Population made up?

/// Weights of the bands 0–4, 5–9, … 85–89, and 90 and over, of 100,000 people.
const WEIGHTS: [u16; 19] = [
    5000, 5500, 5500, 5500, 6000, 6000, 6500, 7000, 7000, 7000, 7000, 6500, 6000, 5500, 5000, 4000,
    2500, 1500, 1000,
];
/// Where the last, open band begins.
const OLDEST: u8 = 90;
/// Years in every other band.
const YEARS: u8 = 5;

/// A part of the standard population, by age at the last birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum EuropeanPart {
    /// Everyone: 19 bands, 100,000 people.
    #[default]
    All,
    /// Children in the law of Scotland's hearings and statistics of 0 to 17: 19,300 people.
    Under18,
    /// Everyone up to and including 25, the age to which care leavers have rights: 28,700 people.
    UpTo25,
    /// Everyone up to and including 15: 17,100 people.
    Under16,
    /// Everyone from 16 on: 82,900 people.
    From16,
    /// From 11 up to and including 25: 17,100 people.
    From11To25,
    /// From 15 up to and including 25: 12,700 people.
    From15To25,
}

impl EuropeanPart {
    const ALL: [Self; 7] = [
        Self::All,
        Self::Under18,
        Self::UpTo25,
        Self::Under16,
        Self::From16,
        Self::From11To25,
        Self::From15To25,
    ];

    /// Every part's name, as specifications write it.
    pub const WORDS: [&'static str; 7] =
        ["all", "under-18", "0-25", "under-16", "16-and-over", "11-25", "15-25"];

    /// The part of that name; `None` for any other word.
    ///
    /// ```
    /// use wholefamily::stats::EuropeanPart;
    /// assert_eq!(EuropeanPart::parse("under-18"), Some(EuropeanPart::Under18));
    /// ```
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.word() == word)
    }

    /// The part's name, as specifications write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Under18 => "under-18",
            Self::UpTo25 => "0-25",
            Self::Under16 => "under-16",
            Self::From16 => "16-and-over",
            Self::From11To25 => "11-25",
            Self::From15To25 => "15-25",
        }
    }

    /// The first and the last age; no last one where the part is open.
    const fn ages(self) -> (u8, Option<u8>) {
        match self {
            Self::All => (0, None),
            Self::Under18 => (0, Some(17)),
            Self::UpTo25 => (0, Some(25)),
            Self::Under16 => (0, Some(15)),
            Self::From16 => (16, None),
            Self::From11To25 => (11, Some(25)),
            Self::From15To25 => (15, Some(25)),
        }
    }
}

/// One band of a standard population.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StandardBand {
    /// The first age of the band, at the last birthday.
    pub from: u8,
    /// The last age of the band; `None` for the open one.
    pub to: Option<u8>,
    /// How many of the standard's 100,000 people are in it.
    pub weight: f64,
}

/// The European Standard Population of 2013, or a part of it: 5-year bands in the order of age.
///
/// # Formula
/// Where a part begins or ends within a band, that band is cut, and keeps as many fifths of its
/// weight as it keeps single years: 15 to 17 is three of the five years 15 to 19, so 5,500 × 3/5 =
/// 3,300. This is how Public Health Scotland weighs parts of bands (4,400 for 16 to 19, 1,200 for
/// 25).
///
/// # Arguments
/// `part`: which ages. The weights are for one sex or for both together; where bands are by sex and
/// age, give each sex the same weights, as Scottish rates "standardised by age and sex" do.
///
/// # Edges
/// The weights of a part are not scaled up to 100,000, because only their proportions matter to
/// [`standardise_direct`](super::standardise_direct()).
///
/// # Source
/// Eurostat, 2013, "Revision of the European Standard Population: report of Eurostat's task force".
///
/// # Example
/// ```
/// use wholefamily::stats::{EuropeanPart, european_standard_population};
/// let children = european_standard_population(EuropeanPart::Under18);
/// let weights: Vec<f64> = children.iter().map(|band| band.weight).collect();
/// assert_eq!(weights, [5000.0, 5500.0, 5500.0, 3300.0]);
/// assert_eq!(children.last().map(|band| (band.from, band.to)), Some((15, Some(17))));
/// ```
#[must_use]
pub fn european_standard_population(part: EuropeanPart) -> Vec<StandardBand> {
    let (first, last) = part.ages();
    (0_u8..)
        .step_by(usize::from(YEARS))
        .zip(WEIGHTS)
        .filter_map(|(start, weight)| {
            let from = start.max(first);
            if start == OLDEST {
                return last.is_none().then(|| StandardBand {
                    from,
                    to: None,
                    weight: weight.into(),
                });
            }
            let to = (start + YEARS - 1).min(last.unwrap_or(u8::MAX));
            let years = (to + 1).checked_sub(from).filter(|years| *years > 0)?;
            let weight = f64::from(weight) * f64::from(years) / f64::from(YEARS);
            Some(StandardBand { from, to: Some(to), weight })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn weights(part: EuropeanPart) -> Vec<f64> {
        european_standard_population(part).iter().map(|band| band.weight).collect()
    }

    #[test]
    fn every_part_has_its_people() {
        let totals = [100_000.0, 19_300.0, 28_700.0, 17_100.0, 82_900.0, 17_100.0, 12_700.0];
        for (part, total) in EuropeanPart::ALL.into_iter().zip(totals) {
            assert_eq!(weights(part).iter().sum::<f64>(), total, "{part:?}");
        }
    }

    #[test]
    fn a_cut_band_keeps_its_share_of_years() {
        assert_eq!(weights(EuropeanPart::Under16), [5000.0, 5500.0, 5500.0, 1100.0]);
        assert_eq!(weights(EuropeanPart::From11To25), [4400.0, 5500.0, 6000.0, 1200.0]);
        assert_eq!(weights(EuropeanPart::From15To25), [5500.0, 6000.0, 1200.0]);
        assert_eq!(weights(EuropeanPart::From16)[0], 4400.0);
    }

    #[test]
    fn the_bands_follow_each_other() {
        for part in EuropeanPart::ALL {
            let bands = european_standard_population(part);
            let (first, last) = part.ages();
            assert_eq!((bands[0].from, bands[bands.len() - 1].to), (first, last));
            for pair in bands.windows(2) {
                assert_eq!(pair[0].to.map(|to| to + 1), Some(pair[1].from));
            }
        }
        assert_eq!(european_standard_population(EuropeanPart::All).len(), 19);
        assert_eq!(european_standard_population(EuropeanPart::All)[18].from, 90);
    }

    #[test]
    fn every_word_names_its_part() {
        for (word, part) in EuropeanPart::WORDS.into_iter().zip(EuropeanPart::ALL) {
            assert_eq!((EuropeanPart::parse(word), part.word()), (Some(part), word));
        }
        assert_eq!(EuropeanPart::parse("everyone"), None);
    }
}
