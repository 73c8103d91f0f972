"""Of whom, how many, compared with what, how sure: numbers on support to children and families.

Every measure is a small specification that runs on any Arrow table:

>>> import polars as pl
>>> import wholefamily as wf
>>> referrals = pl.DataFrame({"team": ["hub", "hub", "local_office", "hub"]})
>>> share = wf.ReferralShare(to="hub").run(referrals)
>>> share.to_polars().select("value", "numerator", "denominator").row(0)
(0.75, 3, 4.0)

Nothing heavy is imported until it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import datasets, stats
    from .errors import (
        ColumnError,
        DataError,
        Error,
        InternalError,
        SpecError,
        StateError,
        TypeError_,
    )
    from .evaluation import evaluate
    from .histories import SpellRules, follow_up, pathways, placements, repeats, spells, stays
    from .measures import (
        ContinuityOfWorker,
        CumulativeIncidence,
        Diverted,
        Escalation,
        FixedHorizon,
        FlowRates,
        Flows,
        InequalityGradient,
        LookedAfter,
        LookedAfterChange,
        MultiState,
        OutOfHours,
        PairedChange,
        Pathways,
        PlacedWith,
        PlacementMoves,
        PlacementStability,
        PreBirthOutcomes,
        Rate,
        ReferralShare,
        ReReferral,
        Share,
        SiblingsTogether,
        StandardisedRate,
        StockChange,
        StockFlow,
        SurveyPercentages,
        Survival,
        TimeTo,
    )
    from .partial import Partial
    from .result import Estimates

    __version__: str

__all__ = [
    "ColumnError",
    "ContinuityOfWorker",
    "CumulativeIncidence",
    "DataError",
    "Diverted",
    "Error",
    "Escalation",
    "Estimates",
    "FixedHorizon",
    "FlowRates",
    "Flows",
    "InequalityGradient",
    "InternalError",
    "LookedAfter",
    "LookedAfterChange",
    "MultiState",
    "OutOfHours",
    "PairedChange",
    "Partial",
    "Pathways",
    "PlacedWith",
    "PlacementMoves",
    "PlacementStability",
    "PreBirthOutcomes",
    "Rate",
    "ReReferral",
    "ReferralShare",
    "Share",
    "SiblingsTogether",
    "SpecError",
    "SpellRules",
    "StandardisedRate",
    "StateError",
    "StockChange",
    "StockFlow",
    "SurveyPercentages",
    "Survival",
    "TimeTo",
    "TypeError_",
    "__version__",
    "datasets",
    "evaluate",
    "follow_up",
    "pathways",
    "placements",
    "repeats",
    "spells",
    "stats",
    "stays",
]

_HOMES = {
    "errors": (
        "ColumnError",
        "DataError",
        "Error",
        "InternalError",
        "SpecError",
        "StateError",
        "TypeError_",
    ),
    "measures": (
        "ContinuityOfWorker",
        "CumulativeIncidence",
        "Diverted",
        "Escalation",
        "FixedHorizon",
        "FlowRates",
        "Flows",
        "InequalityGradient",
        "LookedAfter",
        "LookedAfterChange",
        "MultiState",
        "OutOfHours",
        "PairedChange",
        "Pathways",
        "PlacedWith",
        "PlacementMoves",
        "PlacementStability",
        "PreBirthOutcomes",
        "Rate",
        "ReReferral",
        "ReferralShare",
        "Share",
        "SiblingsTogether",
        "StandardisedRate",
        "StockChange",
        "StockFlow",
        "SurveyPercentages",
        "Survival",
        "TimeTo",
    ),
    "histories": (
        "SpellRules",
        "follow_up",
        "pathways",
        "placements",
        "repeats",
        "spells",
        "stays",
    ),
    "result": ("Estimates",),
    "partial": ("Partial",),
    "evaluation": ("evaluate",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    import importlib

    if name == "__version__":
        from ._bridge import engine_version

        value: object = engine_version()
    elif name in {"datasets", "stats"}:
        value = importlib.import_module(f".{name}", __name__)
    elif name in _HOME_OF:
        value = getattr(importlib.import_module(f".{_HOME_OF[name]}", __name__), name)
    else:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
