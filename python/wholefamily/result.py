"""Estimates: what a measure answers, with intervals, bases, and what was left out."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from . import _bridge
from .errors import ColumnError, DataError, SpecError, StateError, TypeError_

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from ._bridge import ArrowStream, ArrowTable

CurveMethod: TypeAlias = Literal[
    "log-rank", "wilcoxon", "tarone-ware", "peto-peto", "fleming-harrington", "gray"
]
"""Tests of whole curves."""

Key: TypeAlias = "str | int | float | bool | dt.date | None"
"""A value of a key column."""

COLUMNS = (
    "measure",
    "value",
    "lower",
    "upper",
    "level",
    "unit",
    "numerator",
    "denominator",
    "method",
    "reason",
    "rows_used",
    "rows_dropped",
)
"""The columns that every result has, after its keys."""


class Estimates:
    """A table of estimates: one row for each period and group, sorted so.

    The columns are the `by` columns, `period` if there is one, the measure's own keys, and then
    `measure`, `value`, `lower`, `upper`, `level`, `unit`, `numerator`, `denominator`, `method`,
    `reason` (why a value or its interval is not defined), `rows_used` and `rows_dropped`. Shares
    are between 0 and 1.

    It shows itself as a table in a notebook, and goes to any library that reads Arrow.

    Parameters
    ----------
    table
        An Arrow table with those columns and the engine's metadata.
    compared
        For a comparison: the estimates that were compared.
    states
        For people who were followed: the states that the estimates came from. They never leave this
        object.

    Attributes
    ----------
    compared
        The estimates that a comparison came from, else None.
    """

    __slots__ = ("_frame", "_metadata", "_states", "_table", "compared")

    def __init__(
        self,
        table: ArrowTable,
        *,
        compared: Estimates | None = None,
        states: ArrowStream | None = None,
    ) -> None:
        self._table: Any = table
        self._metadata = _bridge.table_metadata(table)
        self._frame: pl.DataFrame | None = None
        self._states = states
        self.compared = compared

    # ── What was asked ────────────────────────────────────────────────────────────

    @property
    def specification(self) -> dict[str, Any]:
        """The measure and its fields, as they were run."""
        return cast("dict[str, Any]", self._about("specification", "{}"))

    @property
    def options(self) -> dict[str, Any]:
        """`by`, `every` and `level`, as they were run."""
        return cast("dict[str, Any]", self._about("options", "{}"))

    @property
    def comparison(self) -> dict[str, Any] | None:
        """For a comparison: the column, the group and the reference; else None."""
        return cast("dict[str, Any] | None", self._about("comparison", "null"))

    @property
    def tested(self) -> dict[str, Any] | None:
        """For a test of curves: the column, the method and the strata; else None."""
        return cast("dict[str, Any] | None", self._about("test", "null"))

    @property
    def measure(self) -> str:
        """The measure's name in snake case, such as "referral_share"."""
        return str(self.specification["measure"])

    @property
    def level(self) -> float:
        """The confidence level of the intervals."""
        return float(self.options["level"])

    @property
    def version(self) -> str:
        """The version of the engine that gave the result."""
        return self._metadata.get("wholefamily.version", "")

    @property
    def fingerprint(self) -> str:
        """A fingerprint of what was read and counted, in hexadecimal.

        The same rows, measured and grouped alike, give the same one in any order and any batches.
        """
        return self._metadata.get("wholefamily.fingerprint", "")

    # ── What to know about it ─────────────────────────────────────────────────────

    @property
    def keys(self) -> list[str]:
        """The columns that tell rows apart: groups, period, and the measure's own keys."""
        columns = self._polars().columns
        return columns[: columns.index("measure")]

    @property
    def notes(self) -> list[str]:
        """Remarks on the result as a whole."""
        return cast("list[str]", self._about("notes", "[]"))

    @property
    def set_aside(self) -> pl.DataFrame:
        """Rows that could not be used, with examples.

        `column`, `problem`, `row` (counted from 0), `value` (as text), and `rows`: how many rows
        have this problem, of which the table shows the first ones.
        """
        import polars as pl

        account = cast("list[dict[str, Any]]", self._about("account", "[]"))
        rows = [
            (entry["column"], entry["problem"], row, value, entry["rows"])
            for entry in account
            for row, value in (entry["examples"] or [(None, None)])
        ]
        schema = {
            "column": pl.String,
            "problem": pl.String,
            "row": pl.Int64,
            "value": pl.String,
            "rows": pl.Int64,
        }
        return pl.DataFrame(rows, schema=schema, orient="row")

    # ── Out of it ─────────────────────────────────────────────────────────────────

    def to_polars(self) -> pl.DataFrame:
        """Give the table as a polars DataFrame."""
        return self._polars().clone()

    def to_arrow(self) -> pa.Table:
        """Give the table as a pyarrow Table, with its metadata; needs pyarrow."""
        arrow = _bridge.pyarrow("to_arrow")
        if isinstance(self._table, arrow.Table):
            return self._table
        return arrow.table(self._table)

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
        return self._polars().height

    # ── Beyond it ─────────────────────────────────────────────────────────────────

    def compare(
        self,
        column: str,
        group: Key,
        reference: Key,
        *,
        within: str | None = None,
        method: str | None = None,
    ) -> Estimates:
        """Compare two groups, from the counts that the estimates hold.

        Shares have a difference (Newcombe), a ratio (Katz) and an odds ratio (Woolf), each with
        Fisher's exact test of the two groups; crude rates a difference (Wald) and a ratio (exact,
        given the events of both), each with a test of its own. People who were followed
        (`Survival`, `CumulativeIncidence`) are compared by each day in `at`: the difference and the
        ratio of the two estimates, each with the test of the normal approximation; where nobody of
        one group has had the event, or everybody, there is the value only.

        Parameters
        ----------
        column
            The key column that tells the groups apart.
        group
            The value of the group of interest.
        reference
            The value of the group that it is compared with.
        within
            A key column whose values are strata of shares, pooled by Mantel-Haenszel: like is
            compared with like.
        method
            Another method, by name. Of an interval, which also says which contrast, with no other:

            - difference of shares: "newcombe", "miettinen-nurminen", "agresti-caffo", "wald";
            - ratio of shares: "katz", "miettinen-nurminen" (both contrasts have it);
            - odds ratio: "woolf", "conditional";
            - difference of rates: "wald", "mover"; ratio of rates: "exact", "mid-p", "log";
            - difference by a day: "plain"; ratio by a day: "log".

            Or of the test of two shares, with all three contrasts: "fisher", "fisher-mid-p",
            "boschloo", "barnard", "chi-squared".

        Returns
        -------
        Estimates
            One row for each combination of the other keys and each `contrast` ("difference",
            "ratio" and, of shares, "odds_ratio"), with a last column `p_value` (two-sided). A
            contrast that is not defined is null, with its reason.

        Raises
        ------
        ColumnError
            A column that is not a key of these estimates.
        DataError
            A value that is not in the column.
        SpecError
            A measure that cannot be compared (counts, changes, standardised rates, rates of moves,
            shares with intervals that allow for families), curves without days, or an unknown
            method.
        StateError
            Estimates of people who were followed that were read back from a table: their states
            are not in it.

        References
        ----------
        Newcombe, R. G. (1998). Interval estimation for the difference between independent
        proportions. Statistics in Medicine 17, 873-890, method 10.
        Rothman, K. J. and Greenland, S. (1998). Modern Epidemiology, chapter 14 (rates).
        Klein, J. P., Logan, B., Harhoff, M. and Andersen, P. K. (2007). Analyzing survival curves
        at a fixed point in time. Statistics in Medicine 26, 4505-4519.

        Examples
        --------
        >>> import polars as pl
        >>> import wholefamily as wf
        >>> plans = pl.DataFrame({
        ...     "team": ["hub", "hub", "hub", "hub", "local", "local"],
        ...     "escalated": [True, False, False, False, True, False],
        ... })
        >>> shares = wf.Share(outcome="escalated").run(plans, by="team")
        >>> shares.compare("team", "hub", "local").to_polars()["value"].to_list()[:2]
        [-0.25, 0.5]
        """
        for name in (column, within):
            if name is not None:
                self._check_key(name)
        for value in (group, reference):
            self._check_value(column, value)
        request = {
            "column": column,
            "group": _plain(group),
            "reference": _plain(reference),
            "within": within,
            "method": method,
        }
        if _bridge.has_curves(self.measure):
            table = _bridge.compare_states(self._with_states("compared"), request, self.level)
        else:
            table = _bridge.compare(self._table, request)
        return Estimates(table, compared=self)

    def test(
        self,
        column: str,
        *,
        method: CurveMethod | None = None,
        within: str | None = None,
        rho: float = 0.0,
        gamma: float = 0.0,
    ) -> Estimates:
        """Test whether groups of people who were followed differ, over all days and all at once.

        Parameters
        ----------
        column
            The key column that tells the groups apart; null is a group too.
        method
            Of `Survival`: "log-rank" (by default), "wilcoxon" (Gehan's, by the number at risk),
            "tarone-ware" (by its root), "peto-peto" (by the share left) or "fleming-harrington".
            Of `CumulativeIncidence` and `FixedHorizon`: "gray".
        within
            A key column whose values are strata: like is tested with like.
        rho, gamma
            Of "fleming-harrington": how much more early and late days count. "gray" has rho only.

        Returns
        -------
        Estimates
            One row for each combination of the other keys (and, of `CumulativeIncidence`, each
            event): `value` is the statistic, chi-squared, `numerator` the events, `denominator` the
            people; the last columns are `p_value` and `df`. A test that is not defined is null,
            with its reason. Groups of nobody take no part.

        Raises
        ------
        ColumnError
            A column that is not a key of these estimates.
        SpecError
            A measure that follows nobody over time, or an unknown method.
        StateError
            Estimates that were read back from a table: their states are not in it.

        References
        ----------
        Mantel, N. (1966). Evaluation of survival data and two new rank order statistics arising in
        its consideration. Cancer Chemotherapy Reports 50, 163-170.
        Gray, R. J. (1988). A class of K-sample tests for comparing the cumulative incidence of a
        competing risk. Annals of Statistics 16, 1141-1154.

        Examples
        --------
        >>> import polars as pl
        >>> import wholefamily as wf
        >>> plans = pl.DataFrame({
        ...     "team": ["hub"] * 4 + ["local"] * 4,
        ...     "time": [1, 1, 2, 3, 3, 4, 4, 4],
        ...     "event": [True] * 8,
        ... })
        >>> test = wf.Survival().run(plans, by="team").test("team").to_polars()
        >>> test.select(pl.col("value", "df", "p_value").round(4)).row(0)
        (5.7676, 1.0, 0.0163)
        """
        for name in (column, within):
            if name is not None:
                self._check_key(name)
        request = {
            "column": column,
            "method": method,
            "within": within,
            "rho": rho,
            "gamma": gamma,
        }
        if not _bridge.has_curves(self.measure):
            msg = f"{self.measure} follows nobody over time, so it has no curves to test"
            raise SpecError(msg)
        states = self._with_states("tested")
        return Estimates(_bridge.test_states(states, request, self.level), compared=self)

    def plot(self, **options: Any) -> Any:  # noqa: ANN401  (an Altair chart; Altair is optional)
        """Draw the estimates with their intervals, as an Altair chart; needs altair.

        Parameters
        ----------
        options
            Passed on to the chart, see `wholefamily.plot.chart`.
        """
        from .plot import chart

        return chart(self, **options)

    def funnel(
        self,
        average: float | None = None,
        method: Literal["phe", "score", "exact", "interpolated", "confidence"] = "phe",
        *,
        overdispersion: bool = False,
        **options: Any,  # noqa: ANN401  (of the chart)
    ) -> Any:  # noqa: ANN401  (an Altair chart; Altair is optional)
        """Which groups differ from the average by more than chance would make them? Needs altair.

        A chart of one point a group: its share or rate against its size, between the limits at
        95% and 99.8% that chance sets for groups of that size.

        Parameters
        ----------
        average
            What the groups are held to, in the unit of the table; by default that of all groups
            together.
        method
            How the limits are found: "phe", "score", "exact", "interpolated" or "confidence", see
            `wholefamily.stats.funnel_limits`. For rates, "phe" sets groups out by the events
            observed, the others by the exposure.
        overdispersion
            Widen the limits by how much the groups vary beyond chance, all together.
        options
            Passed on to the chart, see `wholefamily.plot.funnel.funnel_chart`.

        Raises
        ------
        SpecError
            Anything but shares or crude rates of groups: periods, contrasts, counts.

        References
        ----------
        Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance.
        Statistics in Medicine 24, 1185-1202.
        """
        from .plot.funnel import funnel_chart

        return funnel_chart(
            self, average=average, method=method, overdispersion=overdispersion, **options
        )

    def _repr_html_(self) -> str:
        from .display import table_html

        return table_html(self)

    def __repr__(self) -> str:
        """Show the estimates as a table of text."""
        from .display import table_text

        return table_text(self)

    # ── Within ────────────────────────────────────────────────────────────────────

    def _polars(self) -> pl.DataFrame:
        if self._frame is None:
            import polars as pl

            self._frame = pl.DataFrame(self._table)
        return self._frame

    def _about(self, name: str, default: str) -> object:
        return json.loads(self._metadata.get(f"wholefamily.{name}", default))

    def _with_states(self, done: str) -> ArrowStream:
        if self._states is None:
            msg = (
                f"curves are {done} from their states, which these estimates do not have: use those "
                "that .run() or Partial.finish() gave"
            )
            raise StateError(msg)
        return self._states

    def _check_key(self, name: str) -> None:
        if name in self.keys:
            return
        have = ", ".join(self.keys) or "none: run the measure with by="
        msg = f"no key column {name!r} to compare; keys are {have}{_nearest(name, self.keys)}"
        raise ColumnError(msg)

    def _check_value(self, column: str, value: Key) -> None:
        values = self._polars().get_column(column).unique().sort().to_list()
        if value in values:
            return
        texts = [str(each) for each in values]
        shown = ", ".join(map(repr, values[:SHOWN])) + (", …" if len(values) > SHOWN else "")
        msg = f"no group {value!r} in column {column!r}; have {shown}{_nearest(str(value), texts)}"
        raise DataError(msg)


SHOWN = 12
"""How many of a column's values an error lists."""


def _nearest(name: str, names: list[str]) -> str:
    import difflib

    nearest = difflib.get_close_matches(name, names, n=1)
    return f"; did you mean {nearest[0]!r}?" if nearest else ""


def _plain(value: object) -> object:
    """Turn a key's value into one that JSON has."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if value is None or isinstance(value, str | int | float | bool):
        return value
    msg = f"cannot compare the group {value!r}, a {type(value).__name__}"
    raise TypeError_(msg)
