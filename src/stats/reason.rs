//! Why is there no number here?

use std::fmt;

/// Why a figure, or its interval, is undefined; its [`Display`](fmt::Display) form is the plain
/// words that results carry.
///
/// ```
/// use wholefamily::stats::Reason;
/// assert_eq!(Reason::NoRows.to_string(), "no rows");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing to divide by: the base is empty.
    NoRows,
    /// The group of interest is empty.
    EmptyGroup,
    /// The reference group is empty.
    EmptyReference,
    /// More were counted than there are to count.
    CountAboveBase,
    /// A count of everyone is not a sample, so it has no sampling interval.
    CompleteCount,
    /// The group of interest has no events.
    NoEvents,
    /// The reference group has no events.
    NoReferenceEvents,
    /// Neither group has an event.
    NoEventsInEither,
    /// All of the group of interest are events.
    OnlyEvents,
    /// All of the reference group are events.
    OnlyReferenceEvents,
    /// All of both groups are events.
    OnlyEventsInBoth,
    /// No stratum holds members of both groups, so there is nobody to compare with their like.
    NoOverlap,
    /// In every stratum a cell that the pooled figure rests on is zero.
    EmptyCells,
    /// The formula's variance is zero, so its interval would have no width.
    ZeroVariance,
    /// The exposure is zero.
    NoExposure,
    /// The exposure is negative or not a finite number.
    ImpossibleExposure,
    /// The unit that a rate is given per is not a positive, finite number.
    ImpossibleUnit,
    /// The population table has no row for this group and date.
    NoPopulation,
    /// The date lies after the last day that the extract speaks of.
    AfterExtract,
    /// Nobody was counted at the earlier date.
    NoneBefore,
    /// Nobody was counted at the later date.
    NoneAfter,
    /// The figure is too large for a floating-point number.
    TooLarge,
}

impl Reason {
    /// The reason in plain words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::NoRows => "no rows",
            Self::EmptyGroup => "no rows in the group",
            Self::EmptyReference => "no rows in the reference group",
            Self::CountAboveBase => "the count is larger than its base",
            Self::CompleteCount => "a complete count has no sampling interval",
            Self::NoEvents => "no events in the group",
            Self::NoReferenceEvents => "no events in the reference group",
            Self::NoEventsInEither => "no events in either group",
            Self::OnlyEvents => "only events in the group",
            Self::OnlyReferenceEvents => "only events in the reference group",
            Self::OnlyEventsInBoth => "only events in both groups",
            Self::NoOverlap => "no stratum holds both groups",
            Self::EmptyCells => "every stratum has an empty cell",
            Self::ZeroVariance => "no variation to base an interval on",
            Self::NoExposure => "the exposure is zero",
            Self::ImpossibleExposure => "the exposure is not a positive number",
            Self::ImpossibleUnit => "the unit of the rate is not a positive number",
            Self::NoPopulation => "no population for this group and date",
            Self::AfterExtract => "the date is after the last day of the extract",
            Self::NoneBefore => "nobody was counted at the earlier date",
            Self::NoneAfter => "nobody was counted at the later date",
            Self::TooLarge => "too large to compute",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
