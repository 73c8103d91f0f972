"""What does an evaluation file ask for? Its parts, as structs that cannot be wrong."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from pathlib import Path


class Heading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The `[evaluation]` table: what the page says first."""

    title: str
    description: str = ""
    level: float = 0.95
    notice: str = ""


class Dates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of text that hold dates, and the one format that they are written in."""

    columns: list[str]
    format: str = "%Y-%m-%d"


class Booleans(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns of text that hold yes or no, and the words for each."""

    columns: list[str]
    true: tuple[str, ...] = ("true",)
    false: tuple[str, ...] = ("false",)


class Join(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Columns taken from another table, at most one row of it for each row here."""

    table: str
    on: str
    columns: list[str]


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[tables.NAME]`: where the rows come from and how they become ours."""

    path: str | None = None
    dataset: str | None = None
    table: str | None = None
    of: str | None = None
    text: str = ""
    columns: dict[str, str] = {}
    dates: Dates | list[Dates] = []
    numbers: list[str] = []
    booleans: Booleans | list[Booleans] = []
    codes: dict[str, dict[str, str]] = {}
    unmapped: Literal["keep", "error"] = "keep"
    join: Join | None = None
    derive: dict[str, str] = {}
    where: str | None = None


class History(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[histories.NAME]`: which history, of which tables, and what is done with what it gives.

    `tables` and `arguments` hold what belongs to the history itself, by the names of its parameters.
    """

    history: str
    text: str = ""
    join: Join | None = None
    derive: dict[str, str] = {}
    where: str | None = None
    tables: dict[str, list[str]] = {}
    arguments: dict[str, Any] = {}


class Compare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[measures.compare]]`: a group against a reference."""

    column: str
    group: Any
    reference: Any
    within: str | None = None
    method: str | None = None

    def sentence(self) -> str:
        """Say the comparison in words."""
        words = f"{self.group} compared with {self.reference}"
        words = f"{words}, within {self.within}" if self.within else words
        return words.replace("_", " ")


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[measures]]`, without the fields that belong to the measure itself."""

    name: str
    table: str
    measure: str
    title: str = ""
    text: str = ""
    by: str | list[str] = []
    every: str | None = None
    where: str | None = None
    level: float | None = None
    published: str | None = None
    plot: bool | None = None
    compare: list[Compare] = []
    fields: dict[str, Any] = {}

    @property
    def keys(self) -> list[str]:
        """The columns to group by."""
        return [self.by] if isinstance(self.by, str) else list(self.by)


@dataclass(frozen=True)
class Specification:
    """A whole evaluation file, checked."""

    path: Path
    text: str
    sha256: str
    heading: Heading
    tables: dict[str, Table]
    questions: list[Question]
    as_read: dict[str, Any]
    histories: dict[str, History] = field(default_factory=dict)


def nearest(word: str, words: list[str]) -> str:
    """Give the end of a message: the nearest known word, and all of them."""
    listed = ", ".join(words) if words else "nothing"
    spelt = {known.lower(): known for known in words}
    close = difflib.get_close_matches(word.lower(), list(spelt), n=1, cutoff=0.6)
    if close:
        return f"did you mean '{spelt[close[0]]}'? Known here: {listed}"
    return f"known here: {listed}"
