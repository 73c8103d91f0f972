"""The words by which measures, methods and keys are called where people read them."""

from __future__ import annotations

QUANTITIES = {
    "share": "Share with {outcome}",
    "rate": "Rate of {events} per {per} {exposure}",
    "standardised_rate": "Rate of {events} per {per} {exposure}, standardised for age",
    "inequality_gradient": "Inequality by {quantile} in the rate of {events} per {per} {exposure}",
    "paired_change": "Change from {before} to {after}",
    "referral_share": "Share of referrals answered by {to}",
    "pre_birth_outcomes": "Share of pre-birth assessments that went on to alternative care",
    "escalation": "Share of plans that escalated to child protection",
    "looked_after": "Children looked after",
    "looked_after_change": "Change in the number of children looked after",
    "flows": "Children starting and ending care",
    "survival": "Share without the event so far",
    "fixed_horizon": "Share who had the event by a day",
    "cumulative_incidence": "Share who have had each event so far",
    "placed_with": "Share of looked-after children placed with kin, in a family, near home",
    "placement_moves": "Moves between placements",
    "placement_stability": "Share of looked-after children with {placements} or more placements in a year",
    "siblings_together": "Brothers and sisters in care who are placed together: share of {unit}",
    "stock_flow": "Children in care, and starting and ending care",
    "stock_change": "What changed the number of children looked after",
    "flow_rates": "Rates of entering and leaving care",
    "survey_percentages": "Share of {base} who gave the answer",
    "pathways": "Where people went next",
    "diverted": "Share diverted from statutory intervention",
    "multi_state": "Share in each state",
    "re_referral": "Re-referrals",
    "time_to": "Time from {start} to {end}",
    "out_of_hours": "Share of contacts outside office hours",
    "continuity_of_worker": "Continuity of worker",
}

BASES = {
    "answering": "those answering",
    "eligible": "those eligible",
    "responses": "all responses",
}

METHODS = {
    "phe": "PHE",
    "scotpho": "ScotPHO",
    "mover": "MOVER",
    "paired-t": "paired t",
    "t": "Student’s t",
    "wilson-clustered": "Wilson, clustered",
    "log": "logarithmic",
    "log, clustered": "logarithmic, clustered",
}

OWN_KEYS = {
    ("siblings_together", "together"): {
        "all": "All together",
        "some": "Some together",
        "none": "None together",
    },
    ("fixed_horizon", "estimate"): {"Aalen-Johansen": "Aalen–Johansen"},
    ("paired_change", "change"): {
        "mean": "Mean change",
        "better": "Reliably better",
        "worse": "Reliably worse",
    },
    ("inequality_gradient", "index"): {
        "attributable": "Population attributable risk",
        "absolute_range": "Range: most minus least deprived",
        "relative_range": "Ratio: most to least deprived",
    },
    ("re_referral", "referrals"): {
        "all": "Repeats, of all",
        "with an earlier one": "Repeats, of those with an earlier one",
        "first ever": "First ever, of all",
    },
}

INDEXES = {
    "phe": {
        "slope": "Slope index: least minus most deprived",
        "relative": "Relative index: least to most deprived",
    },
    "scotpho": {
        "slope": "Slope index: most minus least deprived",
        "relative": "Relative index: slope over the mean rate",
    },
}
