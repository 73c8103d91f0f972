"""What the functions answer for plain numbers: tuples with names, and why a number is missing.

Each unpacks to its fields. `reason` stands beside them: None, or why a field is None.
"""

from __future__ import annotations

from typing import NamedTuple


class _IntervalFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None


class Interval(_IntervalFields):
    """A figure with its limits."""

    reason: str | None = None


class _TestedFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    p_value: float | None


class Tested(_TestedFields):
    """A figure with its limits, and the test that there is no difference."""

    __test__ = False  # pytest is not to collect it
    reason: str | None = None


class _PooledFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    p_value: float | None
    homogeneity_p: float | None


class Pooled(_PooledFields):
    """A figure pooled over strata, its limits, its test, and the test that all strata agree."""

    reason: str | None = None
    one_group_only: tuple[int, ...] = ()
    """The strata, by place from 0, that hold one group only and so have no say."""


class _PValueFields(NamedTuple):
    p_value: float | None


class PValue(_PValueFields):
    """The p value of a test."""

    reason: str | None = None


class _TestFields(NamedTuple):
    statistic: float | None
    p_value: float | None


class Test(_TestFields):
    """A test: its statistic and its p value."""

    __test__ = False  # pytest is not to collect it
    reason: str | None = None


class _TestWithDfFields(NamedTuple):
    statistic: float | None
    df: float | None
    p_value: float | None


class TestWithDf(_TestWithDfFields):
    """A test: its statistic, degrees of freedom and p value."""

    __test__ = False  # pytest is not to collect it
    reason: str | None = None


class _CoverageFields(NamedTuple):
    coverage: float | None
    below: float | None
    above: float | None
    mean_width: float | None


class Coverage(_CoverageFields):
    """How often an interval holds the truth, lies wholly below or above it, and how wide it is."""

    reason: str | None = None


class _PosteriorDifferenceFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    probability: float | None


class PosteriorDifference(_PosteriorDifferenceFields):
    """A difference after the data, and how probably it is above 0."""

    reason: str | None = None


class _EValueFields(NamedTuple):
    value: float | None
    limit: float | None


class EValue(_EValueFields):
    """The E-value of a ratio, and of its limit nearer to 1."""

    reason: str | None = None


class _NumberNeededFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    words: str | None


class NumberNeeded(_NumberNeededFields):
    """How many for one event more or fewer, in numbers and in words."""

    reason: str | None = None


class _SignedRankFields(NamedTuple):
    statistic: float | None
    p_value: float | None
    used: int | None
    zeros: int | None


class SignedRank(_SignedRankFields):
    """Wilcoxon's test: the ranks that rose, the p value, pairs that moved and pairs that did not."""

    reason: str | None = None


class _PairedTFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    statistic: float | None
    df: float | None
    p_value: float | None


class PairedT(_PairedTFields):
    """The mean gain with its limits, and Student's test that it is 0."""

    reason: str | None = None


class _ReliableChangeFields(NamedTuple):
    value: float | None
    change: str | None


class ReliableChange(_ReliableChangeFields):
    """A change in units of the scale's noise, and what became of the score."""

    reason: str | None = None


class _IndirectFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    observed: int | None
    expected: float | None


class Indirect(_IndirectFields):
    """An indirectly standardised ratio or rate, with the counts that it was made of."""

    reason: str | None = None


class _ConcentrationFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    standard_error: float | None


class Concentration(_ConcentrationFields):
    """A concentration index with its limits and standard error."""

    reason: str | None = None


class _FunnelLimitsFields(NamedTuple):
    lower_95: float | None
    upper_95: float | None
    lower_998: float | None
    upper_998: float | None


class FunnelLimits(_FunnelLimitsFields):
    """The limits that funnels are drawn with."""

    reason: str | None = None


class _LimitsFields(NamedTuple):
    lower: float | None
    upper: float | None


class Limits(_LimitsFields):
    """A lower and an upper limit."""

    reason: str | None = None


class _SignalFields(NamedTuple):
    signal: str | None


class Signal(_SignalFields):
    """Where a unit lies among the limits."""

    reason: str | None = None


class _OverdispersionFields(NamedTuple):
    phi: float | None
    tau2: float | None
    p_value: float | None
    used: int | None


class Overdispersion(_OverdispersionFields):
    """How much more than chance units vary, and how many had a say."""

    reason: str | None = None


class _PowerFields(NamedTuple):
    power: float | None


class Power(_PowerFields):
    """How likely a true difference is to be found."""

    reason: str | None = None


class _SampleSizeFields(NamedTuple):
    n1: float | None
    n2: float | None


class SampleSize(_SampleSizeFields):
    """How many are needed in each group; round up."""

    reason: str | None = None


class _DetectableFields(NamedTuple):
    lower: float | None
    higher: float | None


class Detectable(_DetectableFields):
    """The nearest that would be found, below and above."""

    reason: str | None = None


class _SampleExposureFields(NamedTuple):
    exposure1: float | None
    exposure2: float | None


class SampleExposure(_SampleExposureFields):
    """How much exposure each group needs."""

    reason: str | None = None


class _BootstrapFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    standard_error: float | None


class Bootstrap(_BootstrapFields):
    """A figure with limits and a standard error from resamples."""

    reason: str | None = None


class _RestrictedMeanFields(NamedTuple):
    value: float | None
    lower: float | None
    upper: float | None
    standard_error: float | None


class RestrictedMean(_RestrictedMeanFields):
    """A mean time up to a day, with its limits and the standard error of the estimate."""

    reason: str | None = None
