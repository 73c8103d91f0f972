"""The measures: each is a question, as a frozen dataclass whose fields are its specification."""

from __future__ import annotations

from wholefamily._measure import Day, Every, Measure

from .care import Flows, LookedAfter, LookedAfterChange
from .inequality import InequalityGradient
from .paired import PairedChange
from .pathways import Diverted, MultiState, Pathways
from .placements import PlacedWith, PlacementMoves, PlacementStability, SiblingsTogether
from .rates import Rate, StandardisedRate
from .returns import ContinuityOfWorker, OutOfHours, ReReferral, TimeTo
from .shares import Escalation, PreBirthOutcomes, ReferralShare, Share
from .stock_and_flow import FlowRates, StockChange, StockFlow
from .survey import SurveyPercentages
from .time_to_event import CumulativeIncidence, FixedHorizon, Survival

__all__ = [
    "ContinuityOfWorker",
    "CumulativeIncidence",
    "Day",
    "Diverted",
    "Escalation",
    "Every",
    "FixedHorizon",
    "FlowRates",
    "Flows",
    "InequalityGradient",
    "LookedAfter",
    "LookedAfterChange",
    "Measure",
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
]
