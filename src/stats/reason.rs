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
    /// Fewer than two strata have anything to say about the contrast.
    TooFewStrata,
    /// Fewer than two groups, or fewer than two outcomes, are left to compare.
    TooFewGroups,
    /// Everyone is alike, so chance could not have made a difference.
    NoVariation,
    /// Sequences that belong together differ in length.
    UnequalLengths,
    /// A number is infinite or not a number.
    NotFinite,
    /// A probability lies outside 0 to 1.
    NotAProbability,
    /// There are no pairs.
    NoPairs,
    /// One pair says nothing of how pairs vary.
    TooFewPairs,
    /// Both of every pair are the same.
    NoPairDiffers,
    /// No pair has the second only, so there is nothing to divide by.
    NoSecondOnly,
    /// There are too many possible tables or orders to go through them all.
    TooLargeForFull,
    /// Nothing was drawn.
    NoDraws,
    /// The standard deviation is not a positive, finite number.
    ImpossibleSpread,
    /// The reliability is not at least 0 and below 1.
    ImpossibleReliability,
    /// The method needs the size of the population, and was not told it.
    NeedsPopulation,
    /// The method has no form for a population of known size.
    TakesNoPopulation,
    /// More were drawn than the population holds.
    SampleAbovePopulation,
    /// The expected number of events is negative or not a number.
    ImpossibleMean,
    /// The prior is not a pair of positive, finite numbers.
    ImpossiblePrior,
    /// The ratio is not a positive, finite number, or a limit of it is negative.
    ImpossibleRatio,
    /// The limits do not lie on either side of the figure.
    LimitsOutOfOrder,
    /// The figure came without the limit that is asked about.
    NoLimits,
    /// The two are the same, or differ in the direction that the test does not look.
    NoDifference,
    /// The power asked for is not between what the test gives without a difference and 1.
    ImpossiblePower,
    /// A rate is negative or not a finite number.
    ImpossibleRate,
    /// The convention does not take that number of quantiles, or one may be missing.
    QuantileCount,
    /// A population is not a positive, finite number.
    ImpossiblePopulation,
    /// A figure is not a number, or not one of its kind.
    ImpossibleValue,
    /// A figure lies at the end of its scale, where it has no logarithm or log-odds.
    OffScale,
    /// Neither standard errors nor limits were given.
    NoSpread,
    /// A standard error or a limit is not possible.
    ImpossibleError,
    /// A multiplier is zero or not a finite number.
    ImpossibleMultiplier,
    /// The figure to divide by is zero.
    ZeroReference,
    /// What is divided by may well be zero, so that the ratio has no finite interval.
    UnboundedRatio,
    /// The average of all units is not a possible number, or nothing varies about it.
    ImpossibleAverage,
    /// The share of units to winsorise does not lie from 0 to below one half.
    ImpossibleTrim,
    /// There are too few units to tell how they vary.
    TooFewUnits,
    /// Both shares are the same, so that no number of members makes an event more.
    SameShares,
    /// No difference lies within the interval, so that its reciprocal passes through infinity.
    ThroughInfinity,
    /// The figure itself is undefined.
    UndefinedFigure,
    /// Too many resamples leave the figure undefined, or leaving one out does.
    UndefinedResamples,
    /// The resamples lie too far to one side of the figure.
    LopsidedResamples,
    /// There are fewer than the 10 events that the convention asks for.
    FewEvents,
    /// A weight is negative or not a finite number.
    ImpossibleWeight,
    /// All weights are zero.
    NoWeight,
    /// The reference rates give no events to compare with.
    NoExpected,
    /// Rows of the same band differ in their population or weight.
    BandsDisagree,
    /// The method has no form for several events of the same person.
    NoRepeatForm,
    /// More left than were at risk, or more joined than ever left.
    MoreLeftThanAtRisk,
    /// Days do not follow one another in order.
    DaysOutOfOrder,
    /// Nobody was watched so long.
    NotObserved,
    /// The level asked about is not reached while people are watched.
    NotReached,
    /// There is no cause of that number.
    NoSuchCause,
    /// There is no state of that number.
    NoSuchState,
    /// The test has no form for people who join late.
    NoLateEntry,
    /// Somebody left no later than they joined.
    LeftBeforeEntry,
    /// One cluster says nothing of how clusters vary.
    OneCluster,
    /// Everybody has their answer.
    NobodyWaits,
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
            Self::TooFewStrata => "fewer than two strata to compare",
            Self::TooFewGroups => "fewer than two groups to compare",
            Self::NoVariation => "no variation to test",
            Self::UnequalLengths => "the sequences differ in length",
            Self::NotFinite => "a number is not finite",
            Self::NotAProbability => "a probability is not between 0 and 1",
            Self::NoPairs => "no pairs",
            Self::TooFewPairs => "fewer than two pairs",
            Self::NoPairDiffers => "no pair differs",
            Self::NoSecondOnly => "no pair has the second only",
            Self::TooLargeForFull => "too large for the full test",
            Self::NoDraws => "no draws",
            Self::ImpossibleSpread => "the standard deviation is not a positive number",
            Self::ImpossibleReliability => "the reliability is not at least 0 and below 1",
            Self::NeedsPopulation => "the method needs the size of the population",
            Self::TakesNoPopulation => "the method takes no population",
            Self::SampleAbovePopulation => "the sample is larger than the population",
            Self::ImpossibleMean => "the expected number of events is not 0 or more",
            Self::ImpossiblePrior => "the prior is not two positive numbers",
            Self::ImpossibleRatio => "the ratio is not a positive number",
            Self::LimitsOutOfOrder => "the limits do not hold the figure",
            Self::NoLimits => "no limits were given",
            Self::NoDifference => "no difference for the test to find",
            Self::ImpossiblePower => "the power is not between the test's error and 1",
            Self::ImpossibleRate => "the rate is negative or not a number",
            Self::QuantileCount => "not a number of quantiles that the convention takes",
            Self::ImpossiblePopulation => "a population is not a positive number",
            Self::ImpossibleValue => "a value is not a possible number",
            Self::OffScale => "a value has no logarithm or log-odds",
            Self::NoSpread => "no standard errors or limits were given",
            Self::ImpossibleError => "a standard error or limit is not possible",
            Self::ImpossibleMultiplier => "the multiplier is zero or not a number",
            Self::ZeroReference => "the reference value is zero",
            Self::UnboundedRatio => {
                "the reference may be zero, so the ratio has no finite interval"
            }
            Self::ImpossibleAverage => "the average is not a possible number",
            Self::ImpossibleTrim => "the share to winsorise is not from 0 to below one half",
            Self::TooFewUnits => "too few units",
            Self::SameShares => "the two shares are the same",
            Self::ThroughInfinity => "the interval passes through infinity",
            Self::UndefinedFigure => "the figure is undefined",
            Self::UndefinedResamples => "the figure is undefined in too many resamples",
            Self::LopsidedResamples => "the resamples lie too far to one side of the figure",
            Self::FewEvents => "fewer than 10 events",
            Self::ImpossibleWeight => "a weight is not a number of 0 or more",
            Self::NoWeight => "the weights are all zero",
            Self::NoExpected => "no events are expected",
            Self::BandsDisagree => "rows of a band differ in population or weight",
            Self::NoRepeatForm => "the method has no form for repeat events",
            Self::MoreLeftThanAtRisk => "more left than were at risk",
            Self::DaysOutOfOrder => "the days are not in order",
            Self::NotObserved => "nobody was observed that long",
            Self::NotReached => "not reached",
            Self::NoSuchCause => "no such cause",
            Self::NoSuchState => "no such state",
            Self::NoLateEntry => "the test takes no late entry",
            Self::LeftBeforeEntry => "a person leaves no later than they joined",
            Self::OneCluster => "one cluster",
            Self::NobodyWaits => "nobody waits",
            Self::TooLarge => "too large to compute",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.words())
    }
}
