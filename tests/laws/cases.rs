//! What the laws are tried on: every measure of the catalogue, in several specifications.

use serde_json::{Value as Json, json};

/// A specification of every measure, with the periods that it may be run in.
pub(crate) fn cases() -> Vec<(Json, &'static [Option<&'static str>])> {
    const DATED: &[Option<&str>] = &[None, Some("month"), Some("financial_year")];
    const PLAIN: &[Option<&str>] = &[None];
    const PERIODS: &[Option<&str>] = &[Some("month"), Some("school_year")];
    vec![
        (json!({"measure": "share", "outcome": "helped", "date": "received"}), DATED),
        (
            json!({"measure": "share", "outcome": "team", "equals": ["hub"], "method": "wald"}),
            PLAIN,
        ),
        (json!({"measure": "referral_share", "to": "hub"}), DATED),
        (json!({"measure": "pre_birth_outcomes"}), DATED),
        (json!({"measure": "escalation"}), DATED),
        (
            json!({"measure": "looked_after", "at": ["2022-02-01", "2022-08-31", "2023-01-01"]}),
            PLAIN,
        ),
        (json!({"measure": "looked_after"}), PERIODS),
        (
            json!({"measure": "looked_after_change", "before": "2022-03-01", "after": "2022-09-01"}),
            PLAIN,
        ),
        (json!({"measure": "flows"}), DATED),
        (json!({"measure": "placement_moves", "moved": "helped"}), DATED),
        (
            json!({"measure": "placement_moves", "moved": "helped", "since": "2022-02-01",
                "as_of": "2022-08-31"}),
            DATED,
        ),
        (
            json!({"measure": "placement_stability", "number": "events", "placements": 2,
                "at": ["2022-04-30", "2023-01-01"]}),
            PLAIN,
        ),
        (json!({"measure": "placement_stability", "number": "simd_quintile"}), PERIODS),
        (
            json!({"measure": "placed_with", "placement": "outcome", "own_authority": "helped",
                "at": ["2022-02-01", "2022-08-31"]}),
            PLAIN,
        ),
        (
            json!({"measure": "placed_with", "placement": "outcome",
                "kinds": {"a": ["kinship"], "b": ["strange", "foster"]},
                "own_authority": "team", "authority": "item"}),
            PERIODS,
        ),
        (
            json!({"measure": "siblings_together", "sibling_group": "simd_quintile",
                "place": "team", "at": ["2022-03-31", "2022-06-30", "2022-08-31"]}),
            PLAIN,
        ),
        (
            json!({"measure": "siblings_together", "sibling_group": "simd_quintile",
                "place": "outcome", "unit": "children"}),
            PERIODS,
        ),
        (json!({"measure": "stock_flow"}), PERIODS),
        (json!({"measure": "stock_flow", "began": "began", "ended": "ended"}), PERIODS),
        (json!({"measure": "stock_change", "before": "2022-04-01", "after": "2022-09-01"}), PLAIN),
        (
            json!({"measure": "flow_rates", "began": "began", "ended": "ended", "method": "exact"}),
            PERIODS,
        ),
        (json!({"measure": "survey_percentages", "multiple": true}), PLAIN),
        (json!({"measure": "survey_percentages", "base": "eligible"}), PLAIN),
        (
            json!({"measure": "rate", "events": "events", "exposure": "population", "date": "received"}),
            DATED,
        ),
        (
            json!({"measure": "standardised_rate", "age_band": "item", "convention": "scotpho",
                "standard": [{"band": "helped", "weight": 3}, {"band": "listened", "weight": 1.5}]}),
            PLAIN,
        ),
        (json!({"measure": "inequality_gradient", "date": "received"}), DATED),
        (json!({"measure": "inequality_gradient", "convention": "scotpho"}), PLAIN),
        (
            json!({"measure": "paired_change", "sd": 6, "reliability": 0.8, "date": "received"}),
            DATED,
        ),
        (
            json!({"measure": "survival", "time": "events", "event": "helped", "at": [30, 90]}),
            PLAIN,
        ),
        (
            json!({"measure": "survival", "time": "events", "event": "helped", "quantiles": [0.5]}),
            PLAIN,
        ),
        (
            json!({"measure": "survival", "time": "events", "event": "helped", "mean_to": [60]}),
            PLAIN,
        ),
        (
            json!({"measure": "cumulative_incidence", "time": "events", "event": "outcome",
                "date": "received", "entry": "child_id"}),
            DATED,
        ),
        (
            json!({"measure": "survival", "time": "events", "event": "helped", "at": [30, 90],
                "entry": "child_id", "cluster": "family_id"}),
            PLAIN,
        ),
        (
            json!({"measure": "survival", "time": "events", "event": "helped", "quantiles": [0.5],
                "cluster": "team"}),
            PLAIN,
        ),
        (
            json!({"measure": "survival", "time": "events", "event": "helped", "mean_to": [60],
                "cluster": "family_id"}),
            PLAIN,
        ),
        (
            json!({"measure": "cumulative_incidence", "time": "events", "event": "outcome",
                "date": "received", "entry": "child_id", "cluster": "family_id"}),
            DATED,
        ),
        (
            json!({"measure": "multi_state", "from_state": "outcome", "to_state": "item",
                "entry": "child_id", "exit": "events", "date": "received", "at": [2, 30, 200]}),
            DATED,
        ),
        (
            json!({"measure": "multi_state", "from_state": "outcome", "to_state": "outcome",
                "entry": "child_id", "exit": "events", "start": "kinship", "mean_to": 40}),
            PLAIN,
        ),
        (
            json!({"measure": "pathways", "from_state": "outcome", "to_state": "item",
                "date": "received"}),
            DATED,
        ),
        (
            json!({"measure": "pathways", "from_state": "team", "to_state": "answer",
                "base": "moved on", "method": "jeffreys"}),
            PLAIN,
        ),
        (
            json!({"measure": "diverted", "from_state": "team", "step": "simd_quintile",
                "statutory": "child_id", "followed": "events", "date": "received"}),
            DATED,
        ),
        (
            json!({"measure": "diverted", "from_state": "team", "step": "simd_quintile",
                "statutory": "child_id", "followed": "events", "origin": ["hub"], "within_days": 5}),
            PLAIN,
        ),
        (
            json!({"measure": "fixed_horizon", "origin": "received", "time": "events",
                "event": "outcome", "at": [30, 90]}),
            DATED,
        ),
        (
            json!({"measure": "fixed_horizon", "origin": "received", "time": "events",
                "event": "outcome", "interest": ["kinship", "foster"], "entry": "child_id"}),
            PLAIN,
        ),
        (
            json!({"measure": "fixed_horizon", "origin": "received", "time": "events",
                "event": "outcome", "at": [30, 90], "cluster": "simd_quintile"}),
            DATED,
        ),
        (json!({"measure": "re_referral"}), DATED),
        (json!({"measure": "re_referral", "cluster": "family_id"}), DATED),
        (json!({"measure": "time_to", "within": [5, 28]}), DATED),
        (json!({"measure": "time_to", "within": [20], "start": "start", "closed": "end"}), PLAIN),
        (json!({"measure": "time_to", "closed": "end", "as_of": "2022-06-30"}), DATED),
        (
            json!({"measure": "time_to", "within": [10], "days": "working", "as_of": "2022-06-30"}),
            DATED,
        ),
        (json!({"measure": "out_of_hours"}), DATED),
        (json!({"measure": "out_of_hours", "holidays": ["2022-05-27"], "opens": "08:30"}), PLAIN),
        (json!({"measure": "continuity_of_worker"}), DATED),
    ]
}
