"""How does an extract become a table that the measures can read, and what was left out on the way?

The order is fixed: read, rename columns, read dates, numbers and booleans out of text, map codes,
join, derive, filter. A history is run instead of read, then joined, derived and filtered alike.
Nothing is dropped in silence.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from wholefamily import _bridge
from wholefamily.errors import ColumnError, DataError, SpecError

from .extract import FORMATS, fingerprint, read_file
from .filters import ROW, Filtered, columns_of, derived, filtered, require
from .mapping import SET_ASIDE, map_codes, read_text, rename
from .specification import History, Join, Specification, Table, nearest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DATASETS = ["babies_to_age_one", "family_support_hubs"]


@dataclass
class Prepared:
    """A table ready for the measures, with the account of how it came to be.

    `rows` holds, for each row of `frame`, its number in the source: 1 is the first after the header.
    """

    name: str
    source: str
    frame: pl.DataFrame
    rows_read: int
    text: str = ""
    sha256: str | None = None
    bytes_read: int | None = None
    synthetic: bool = False
    filtered: Filtered | None = None
    notes: list[str] = field(default_factory=list)
    derived: dict[str, str] = field(default_factory=dict)
    set_aside: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SET_ASIDE))

    @property
    def rows(self) -> pl.Series:
        """The number of each kept row in the source, counted from 1."""
        return self.frame[ROW]

    @property
    def rows_set_aside(self) -> int:
        """How many rows were set aside because a value could not be read."""
        return self.set_aside["row"].n_unique()

    def data(self) -> pl.DataFrame:
        """Give the table as the measures read it."""
        return self.frame.drop(ROW)


def prepare(specification: Specification, name: str, done: dict[str, Prepared]) -> Prepared:
    """Read one table of an evaluation file and bring it into shape, or run one of its histories.

    Parameters
    ----------
    specification
        The checked evaluation file.
    name
        The name of a table or a history in it.
    done
        Those prepared so far; those that this one needs are added.

    Returns
    -------
    Prepared
        Also put into `done`.

    Raises
    ------
    SpecError, ColumnError, DataError
        Each names the evaluation file, the table, the column and the row where there is one.
    """
    return _prepare(specification, name, done, ())


def _prepare(
    specification: Specification, name: str, done: dict[str, Prepared], above: tuple[str, ...]
) -> Prepared:
    if name in done:
        return done[name]
    history = specification.histories.get(name)
    place = f"{specification.path}: [{'tables' if history is None else 'histories'}.{name}]"
    if name in above:
        circle = (*above[above.index(name) :], name)
        read = [specification.tables.get(each) for each in circle]
        verb = "joins" if all(each and each.of is None for each in read) else "needs"
        raise SpecError(f"{place}: {verb} itself by way of {' → '.join(circle)}")

    def needed(other: str) -> Prepared:
        return _prepare(specification, other, done, (*above, name))

    if history is None:
        shape: Table | History = specification.tables[name]
        prepared = _table(specification, name, needed, place)
    else:
        from .histories import live

        shape = history
        given = {key: [needed(each) for each in names] for key, names in history.tables.items()}
        prepared = live(name, history, given, place)
    if shape.join:
        _join(prepared, shape.join, needed(shape.join.table), f"{place}: join")
    prepared.frame = derived(prepared.frame, shape.derive, place)
    prepared.derived = dict(shape.derive)
    if shape.where is not None:
        kept, prepared.filtered = filtered(prepared.frame, shape.where, f"{place}: where")
        prepared.frame = kept
    done[name] = prepared
    return prepared


def _table(
    specification: Specification, name: str, needed: Callable[[str], Prepared], place: str
) -> Prepared:
    """Read a table, rename its columns, read its text and map its codes."""
    table = specification.tables[name]
    if table.of is not None:
        other = needed(table.of)
        source, frame = f"rows of {other.name}", other.frame
        prepared = Prepared(name, source, frame, frame.height, table.text)
    else:
        prepared = _read(specification.path.parent, name, table, place)
        if ROW in prepared.frame.columns:
            raise ColumnError(
                f"{place}: the column name '{ROW}' is kept for this package; rename it"
            )
        frame = _without_blank_lines(prepared, prepared.frame.with_row_index(ROW, offset=1))
    frame = rename(frame, table, place)
    frame, prepared.set_aside = read_text(frame, table, place)
    prepared.frame, notes = map_codes(frame, table, place)
    prepared.notes += notes
    return prepared


def _read(folder: Path, name: str, table: Table, place: str) -> Prepared:
    if table.dataset is not None:
        return _dataset(name, table, place)
    path = folder / str(table.path)
    if path.suffix.lower() not in FORMATS:
        raise SpecError(f"{place}: path = '{table.path}' should end in {' or '.join(FORMATS)}")
    try:
        sha256, size = fingerprint(path, utf8=path.suffix.lower() == ".csv")
        frame = read_file(path)
    except DataError as error:
        raise DataError(f"{place}: {error}") from None
    return Prepared(name, str(table.path), frame, frame.height, table.text, sha256, size)


def _dataset(name: str, table: Table, place: str) -> Prepared:
    if table.dataset not in DATASETS:
        near = nearest(str(table.dataset), DATASETS)
        raise SpecError(f"{place}: no built-in dataset '{table.dataset}'; {near}")
    frames = _built_in(table.dataset)
    wanted = table.table or name
    if wanted not in frames:
        near = nearest(wanted, list(frames))
        raise SpecError(f"{place}: no table '{wanted}' in {table.dataset}; {near}")
    frame = frames[wanted]
    source = f"built-in dataset {table.dataset}, table {wanted}"
    return Prepared(name, source, frame, frame.height, table.text, synthetic=True)


@functools.cache
def _built_in(dataset: str) -> dict[str, pl.DataFrame]:
    """Make a built-in dataset once, however many of its tables are asked for."""
    from wholefamily import datasets

    return getattr(datasets, dataset)()


def _without_blank_lines(prepared: Prepared, frame: pl.DataFrame) -> pl.DataFrame:
    """Pass over rows that hold nothing at all (blank lines of a CSV), and say so."""
    if not prepared.source.lower().endswith(".csv"):
        return frame
    kept = frame.filter(~pl.all_horizontal(pl.exclude(ROW).is_null()))
    blank = frame.height - kept.height
    if blank:
        lines = "line was" if blank == 1 else "lines were"
        prepared.notes.append(f"{blank:,} blank {lines} passed over.")
    return kept


def _join(prepared: Prepared, join: Join, other: Prepared, place: str) -> None:
    """Add columns of another table that has at most one row for each key."""
    frame = prepared.frame
    require(columns_of(frame), join.on, place)
    for column in [join.on, *join.columns]:
        require(columns_of(other.frame), column, f"{place}: table '{other.name}'")
    for column in join.columns:
        if column in frame.columns:
            raise SpecError(f"{place}: both tables have a column '{column}'; rename one")
    left, right = frame[join.on], other.frame[join.on].drop_nulls()
    if left.dtype != right.dtype:
        here, there = _bridge.unlike(left.dtype, right.dtype)
        raise SpecError(
            f"{place}: '{join.on}' holds {here} here and {there} in table '{other.name}'"
        )
    repeated = right.filter(right.is_duplicated())
    if repeated.len():
        raise DataError(
            f"{place}: table '{other.name}' has '{join.on}' = '{repeated[0]}' on more than one row "
            f"({repeated.n_unique():,} such values in all); a join needs at most one row for each"
        )
    matched = int(left.is_in(right.implode()).fill_null(value=False).sum())
    prepared.notes.append(
        f"Joined from {other.name} on {join.on}: {', '.join(join.columns)}; "
        f"{matched:,} rows matched, {frame.height - matched:,} did not and hold nulls there."
    )
    wanted = other.frame.select(join.on, *join.columns).filter(pl.col(join.on).is_not_null())
    prepared.frame = frame.join(wanted, on=join.on, how="left", maintain_order="left")
