"""The statistics by themselves, on plain numbers and on whole columns.

Numbers give a tuple with names; sequences of one length (lists, numpy arrays, columns of polars,
pandas, pyarrow …) give a polars DataFrame with the same fields, one row each. A single number
goes with every row. What is undefined is None, and `reason` says why; what cannot be is an error
that names the argument and the row.

>>> import wholefamily as wf
>>> wf.stats.proportion(3, 4).value
0.75
>>> wf.stats.proportion([3, 4], 4)["value"].to_list()
[0.75, 1.0]
>>> wf.stats.proportion(0, 0).reason
'no rows'
"""

from __future__ import annotations

from ._answers import (
    Bootstrap,
    Concentration,
    Coverage,
    Detectable,
    EValue,
    FunnelLimits,
    Indirect,
    Interval,
    Limits,
    NumberNeeded,
    Overdispersion,
    PairedT,
    Pooled,
    PosteriorDifference,
    Power,
    PValue,
    ReliableChange,
    RestrictedMean,
    SampleExposure,
    SampleSize,
    Signal,
    SignedRank,
    Test,
    Tested,
    TestWithDf,
)
from .bayes import e_value, posterior_difference, posterior_share
from .coverage import coverage, coverage_of, rate_coverage
from .funnel import (
    adjusted_limits,
    funnel_limits,
    funnel_scores,
    funnel_signal,
    limits_at,
    overdispersion,
)
from .inequality import (
    absolute_range,
    attributable_share,
    concentration_index,
    population_attributable,
    relative_index,
    relative_range,
    slope_index,
)
from .many_groups import adjust, independence, trend
from .paired import mcnemar, paired_difference, paired_t, reliable_change, signed_rank
from .planning import detectable_difference, power, sample_size
from .proportions import change, proportion
from .quantiles import population_quantile, quantile
from .rate_planning import rate_detectable_ratio, rate_power, rate_sample_size
from .rates import rate, rate_difference, rate_ratio, repeat_rate
from .resampling import bootstrap
from .standardise import (
    comparative_difference,
    comparative_ratio,
    european_standard_population,
    standardise_direct,
    standardise_direct_repeat,
    standardise_indirect,
)
from .strata import breslow_day, mantel_haenszel
from .survival import cumulative_incidence, gray_test, kaplan_meier, log_rank, restricted_mean
from .two_group_tests import chi_squared, exact_test
from .two_groups import difference, number_needed, odds_ratio, ratio

__all__ = [
    "Bootstrap",
    "Concentration",
    "Coverage",
    "Detectable",
    "EValue",
    "FunnelLimits",
    "Indirect",
    "Interval",
    "Limits",
    "NumberNeeded",
    "Overdispersion",
    "PValue",
    "PairedT",
    "Pooled",
    "PosteriorDifference",
    "Power",
    "ReliableChange",
    "RestrictedMean",
    "SampleExposure",
    "SampleSize",
    "Signal",
    "SignedRank",
    "Test",
    "TestWithDf",
    "Tested",
    "absolute_range",
    "adjust",
    "adjusted_limits",
    "attributable_share",
    "bootstrap",
    "breslow_day",
    "change",
    "chi_squared",
    "comparative_difference",
    "comparative_ratio",
    "concentration_index",
    "coverage",
    "coverage_of",
    "cumulative_incidence",
    "detectable_difference",
    "difference",
    "e_value",
    "european_standard_population",
    "exact_test",
    "funnel_limits",
    "funnel_scores",
    "funnel_signal",
    "gray_test",
    "independence",
    "kaplan_meier",
    "limits_at",
    "log_rank",
    "mantel_haenszel",
    "mcnemar",
    "number_needed",
    "odds_ratio",
    "overdispersion",
    "paired_difference",
    "paired_t",
    "population_attributable",
    "population_quantile",
    "posterior_difference",
    "posterior_share",
    "power",
    "proportion",
    "quantile",
    "rate",
    "rate_coverage",
    "rate_detectable_ratio",
    "rate_difference",
    "rate_power",
    "rate_ratio",
    "rate_sample_size",
    "ratio",
    "relative_index",
    "relative_range",
    "reliable_change",
    "repeat_rate",
    "restricted_mean",
    "sample_size",
    "signed_rank",
    "slope_index",
    "standardise_direct",
    "standardise_direct_repeat",
    "standardise_indirect",
    "trend",
]
