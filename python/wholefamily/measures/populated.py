"""What measures have in common that carry a population table beside the data."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, cast

from wholefamily._measure import Measure, listed
from wholefamily.population import population_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wholefamily._bridge import Data


class Populated(Measure):
    """A measure with a population: it is equal to another if that is the very same table."""

    population: Data | None

    def specification(self, *, by: str | Iterable[str] = ()) -> dict[str, object]:
        """Give the question as plain values; the population becomes a list of rows."""
        if self.population is None:
            return super().specification()
        plain = replace(self, population=None).specification()
        groups = cast("tuple[str, ...]", listed(by))
        return plain | {"population": population_rows(self.population, groups)}

    def __eq__(self, other: object) -> bool:
        """Be equal if all fields are, and the population is the same table."""
        if not isinstance(other, Populated) or type(other) is not type(self):
            return NotImplemented
        return self.population is other.population and self._scalars() == other._scalars()

    def __hash__(self) -> int:
        """Hash all fields but the population."""
        return hash(self._scalars())

    def _scalars(self) -> tuple[object, ...]:
        names = (field.name for field in fields(self) if field.name != "population")
        return tuple(getattr(self, name) for name in names)
