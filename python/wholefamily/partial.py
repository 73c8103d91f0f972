"""Partial results: tallies that merge to the same bytes as one tally of all the rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import _bridge
from .errors import StateError, TypeError_

if TYPE_CHECKING:
    import pyarrow as pa

    from ._bridge import ArrowTable, Data
    from .result import Estimates


class Partial:
    """The tally of one table, to be merged with others of the same question.

    A state for each group, as an Arrow table that carries its specification. It can be written
    to a file, sent, and merged elsewhere.

    .. warning::
       Partial states hold small counts, group by group. They are disclosive: keep them inside
       the safe setting, and publish only what comes from them after protection.

    Examples
    --------
    >>> import polars as pl
    >>> import wholefamily as wf
    >>> measure = wf.Share(outcome="helped")
    >>> january = measure.partial(pl.DataFrame({"helped": [True, False]}))
    >>> february = measure.partial(pl.DataFrame({"helped": [True, True]}))
    >>> january.merge(february).finish().to_polars()["value"].to_list()
    [0.75]
    """

    __slots__ = ("_states",)

    def __init__(self, states: ArrowTable) -> None:
        self._states: Any = states

    @classmethod
    def from_arrow(cls, table: Data) -> Partial:
        """Take up states that were written as an Arrow table.

        Parameters
        ----------
        table
            What `to_arrow` gave, with its metadata.

        Raises
        ------
        StateError
            The table does not hold partial states.
        """
        states = _bridge.as_arrow(table)
        if isinstance(states, _bridge.ReadOnce):
            states = _bridge.pyarrow("a stream of partial states").table(states)
        metadata = _bridge.table_metadata(states)
        if "wholefamily.specification" not in metadata:
            msg = (
                "this table holds no partial states: its schema has no metadata "
                "'wholefamily.specification' (polars drops metadata; use pyarrow to store states)"
            )
            raise StateError(msg)
        return cls(states)

    def merge(self, *others: Partial) -> Partial:
        """Add up these states and others of the same question, in any order.

        Parameters
        ----------
        others
            Partial results of the same measure, with the same fields, `by` and `every`.

        Raises
        ------
        StateError
            They answer different questions, or come from another version.
        """
        for other in others:
            if not isinstance(other, Partial):  # pyright: ignore[reportUnnecessaryIsInstance]
                msg = f"cannot merge a {type(other).__name__}; expected Partial"
                raise TypeError_(msg)
        return Partial(_bridge.merge([self, *others]))

    def finish(self, level: float = 0.95) -> Estimates:
        """Turn the states into results.

        Parameters
        ----------
        level
            Confidence level of the intervals, between 0 and 1.
        """
        from ._measure import confidence
        from .result import Estimates

        table = _bridge.finish(self._states, confidence(level))
        found = Estimates(table)
        return Estimates(table, states=self) if _bridge.has_curves(found.measure) else found

    def to_arrow(self) -> pa.Table:
        """Give the states as a pyarrow table, metadata included; needs pyarrow."""
        return _bridge.pyarrow("to_arrow").table(self._states)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand the states to any library that reads Arrow."""
        return self._states.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        """Count the groups."""
        return len(self._states)

    def __repr__(self) -> str:
        """Say how many groups there are; never show the counts."""
        return f"<Partial of {len(self)} groups; holds small counts, not for publication>"
