"""What happens to a person over time: spells of care, placements, stays, returns, pathways, follow-up.

Each goes from table to table, one person at a time, so that a large extract may be split by person
and the parts put together are the whole. What was found wrong is listed by row, with what was done.
"""

from __future__ import annotations

from ._follow_up import follow_up
from ._pathways import pathways
from ._placements import placements
from ._repeats import repeats
from ._result import FollowUp, History, Pathways, Placements, Repeats, Spells, Stays
from ._rules import SpellRules
from ._spells import spells
from ._stays import stays
from ._values import Chosen, Code

__all__ = [
    "Chosen",
    "Code",
    "FollowUp",
    "History",
    "Pathways",
    "Placements",
    "Repeats",
    "SpellRules",
    "Spells",
    "Stays",
    "follow_up",
    "pathways",
    "placements",
    "repeats",
    "spells",
    "stays",
]
