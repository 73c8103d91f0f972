"""What two councils published, claim by claim, with the document it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .frame import frame

if TYPE_CHECKING:
    import polars as pl

    from .frame import Kind

COLUMNS: dict[str, Kind] = {
    "claim": "text",
    "statement": "text",
    "figure": "number",
    "unit": "text",
    "numerator": "count",
    "denominator": "count",
    "table": "text",
    "document": "text",
    "dated": "text",
}

HUBS = (
    (
        "South Lanarkshire Council, Social Work Resources Committee, "
        "Family Support Strategy – Family Support Hubs"
    ),
    "2024-03-06",
)
PROMISE = ("Glasgow's Promise update", "2022")

# claim, statement, figure, unit, numerator, denominator (each null where not published)
IN_SOUTH_LANARKSHIRE = {
    "referrals": (
        (
            "hub_share",
            "In their first year, hubs responded to 61% of all referrals.",
            (0.61, "share", None, None),
        ),
        (
            "fewer_allocations",
            "Allocations to local offices in 2023 were almost 6800 fewer than in 2021.",
            (6_800.0, "referrals (almost)", None, None),
        ),
    ),
    "assessments": (
        (
            "hub_pre_birth",
            "3 of 25 pre-birth assessments by hubs went on to alternative care.",
            (3 / 25, "share", 3, 25),
        ),
        (
            "local_office_pre_birth",
            "7 of 10 pre-birth assessments by local offices went on to alternative care.",
            (7 / 10, "share", 7, 10),
        ),
    ),
    "plans": (
        (
            "escalated_plans",
            "4 of 15 parent's plans escalated to child protection procedures.",
            (4 / 15, "share", 4, 15),
        ),
    ),
}
IN_GLASGOW = {
    "episodes": (
        (
            "looked_after_2016",
            "1,381 children were looked after and accommodated in February 2016.",
            (1_381.0, "children", 1_381, None),
        ),
        (
            "looked_after_2020",
            "988 children were looked after and accommodated in February 2020.",
            (988.0, "children", 988, None),
        ),
        (
            "looked_after_2022",
            "751 children were looked after and accommodated in February 2022.",
            (751.0, "children", 751, None),
        ),
        (
            "change_from_2020",
            "A reduction of 24% from February 2020 to February 2022.",
            (-0.24, "proportional change", 751, 988),
        ),
        (
            "change_from_2016",
            "A reduction of 46% from February 2016 to February 2022.",
            (-0.46, "proportional change", 751, 1_381),
        ),
    ),
    "responses": tuple(
        (claim, statement, (figure, "share", None, None))
        for claim, statement, figure in (
            ("good_listener", "100% described the worker as a good listener and supportive.", 1.0),
            ("caring", "80% as caring, friendly, trustworthy and doing what they promised.", 0.8),
            ("believes_in_me", "60% as believing in me and helping me to be heard.", 0.6),
            ("most_helpful", "62.5% named each of four aspects as most helpful.", 0.625),
            ("felt_reassured", "75% felt reassured.", 0.75),
            ("there_when_needed_and_flexible", "70% said there when needed and flexible.", 0.7),
            ("would_recommend", "100% would recommend the service.", 1.0),
            ("more_helpful_than_other_services", "80% found it more helpful than others.", 0.8),
            ("evenings_and_weekends_vital", "100% called evening and weekend support vital.", 1.0),
            ("used_weekend_support", "90% used weekend support.", 0.9),
            ("family_relationships_improved", "70% reported better family relationships.", 0.7),
            ("helped_identify_strengths", "70% were helped to identify their strengths.", 0.7),
            ("happier_and_more_confident", "60% were happier and more confident in life.", 0.6),
            ("fewer_worries", "80% had fewer worries.", 0.8),
        )
    ),
}


def published() -> pl.DataFrame:
    """List what was published, to hold beside what the tables give back.

    Returns
    -------
    polars.DataFrame
        One row per claim: `claim` (a short name), `statement` (in our words), `figure`, `unit`
        ("share" is 0–1), `numerator` and `denominator` (null where not published), `table`
        (which of `family_support_hubs()` it is about), `document`, `dated`.

    Examples
    --------
    >>> from wholefamily import datasets
    >>> datasets.published()["figure"][0]
    0.61
    """
    rows: list[tuple[object, ...]] = [
        (claim, statement, *figure, table, *document)
        for document, tables in ((HUBS, IN_SOUTH_LANARKSHIRE), (PROMISE, IN_GLASGOW))
        for table, claims in tables.items()
        for claim, statement, figure in claims
    ]
    return frame(rows, COLUMNS)
