"""What a history gives: a table, and the problems found on the way."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from wholefamily import _bridge

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from wholefamily._bridge import ArrowTable


class History:
    """A table that a history gave, and the problems found on the way.

    It goes to any library that reads Arrow, and into any measure.

    Parameters
    ----------
    table
        The rows asked for.
    problems
        The problems found.
    """

    __slots__ = ("_frame", "_metadata", "_problems", "_table")

    def __init__(self, table: ArrowTable, problems: ArrowTable) -> None:
        self._table: Any = table
        self._problems: Any = problems
        self._metadata = _bridge.table_metadata(table)
        self._frame: pl.DataFrame | None = None

    @property
    def problems(self) -> pl.DataFrame:
        """Every row with a problem, and what was done about it.

        `row` (counted from 0 in the table handed in), `column`, `problem`, `done`, `other_row` (the
        row that it is at odds with), `days` (of an overlap or a gap). Where two tables were handed
        in, `table` says which one.
        """
        import polars as pl

        # The engine gives each text once; nobody expects categories of a list to be read.
        return _bridge.as_polars(self._problems).with_columns(pl.selectors.categorical().cast(str))

    @property
    def notes(self) -> list[str]:
        """Remarks on the whole."""
        return cast("list[str]", json.loads(self._metadata.get("wholefamily.notes", "[]")))

    @property
    def specification(self) -> dict[str, Any]:
        """The columns and rules, as they were used."""
        return cast("dict[str, Any]", json.loads(self._metadata["wholefamily.specification"]))

    def to_polars(self) -> pl.DataFrame:
        """Give the table as a polars DataFrame."""
        if self._frame is None:
            self._frame = _bridge.as_polars(self._table)
        return self._frame.clone()

    def to_arrow(self) -> pa.Table:
        """Give the table as a pyarrow Table, with its metadata; needs pyarrow."""
        return _bridge.pyarrow("to_arrow").table(self._table)

    def to_pandas(self) -> pd.DataFrame:
        """Give the table as a pandas DataFrame; needs pandas and pyarrow.

        Whole numbers that may be missing are `Int64`, so that a count stays a count.
        """
        import pandas as pd

        types = {"int64": pd.Int64Dtype()}
        return self.to_arrow().to_pandas(types_mapper=lambda kind: types.get(str(kind)))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand the table to any library that reads Arrow."""
        return self._table.__arrow_c_stream__(requested_schema)

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._table)

    def _repr_html_(self) -> str:
        from wholefamily.display_history import history_html

        return history_html(self)

    def __repr__(self) -> str:
        """Show the table, and say how many problems there were."""
        count = len(self._problems)
        told = "no problem found" if count == 0 else f"problems found: {count}, see .problems"
        return "\n".join([f"{type(self).__name__} ({told})", *self.notes, str(self.to_polars())])


class Spells(History):
    """Spells of care: `child_id`, `spell`, `start`, `end`, `episodes`, `days`, and what was kept."""

    __slots__ = ()


class Placements(History):
    """Placements: `spell`, `placement_number`, the place, `start`, `end`, `days`, `began`, `moved`, `ended`."""

    __slots__ = ()


class Stays(History):
    """Stays: the columns of `by`, `child_id`, `start`, `end`, `days`, `began` and `ended`."""

    __slots__ = ()


class Repeats(History):
    """Referrals with `previous`, `days_since`, `repeat` and `first_ever`."""

    __slots__ = ()


class FollowUp(History):
    """A cohort with `time`, `event` and `observed_until`."""

    __slots__ = ()


class Pathways(History):
    """Stays in states with `from`, `to`, `days`, `entry_days` and `exit_days`: see `wf.pathways`."""

    __slots__ = ()
