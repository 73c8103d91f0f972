"""How does an extract become a table that the measures can read, and what was left out on the way?

The order is fixed: read, rename columns, read dates, numbers and booleans out of text, map codes, join, filter.
A value that cannot be read sets its whole row aside, counted and listed: a null in its place could change the
meaning of the row (an episode without an end is still open). Nothing is dropped in silence.
"""

from __future__ import annotations

import csv
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import polars as pl

from wholefamily.errors import ColumnError, DataError, SpecError

from .files import checked_csv_header, fingerprint
from .specification import Booleans, Dates, Join, Specification, Table, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROW = "wholefamily row number"
FORMATS = (".csv", ".parquet", ".arrow")
EARLIEST_YEAR = 100
SET_ASIDE_SCHEMA = {
    "row": pl.UInt32,
    "column": pl.String,
    "value": pl.String,
    "expected": pl.String,
}


@dataclass(frozen=True)
class Filtered:
    """What a filter kept, left out, and could not decide."""

    where: str
    kept: int
    left_out: int
    undecided: int


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
    set_aside: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=SET_ASIDE_SCHEMA))

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
    """Read one table of an evaluation file and bring it into shape.

    Parameters
    ----------
    specification
        The checked evaluation file.
    name
        The table's name in it.
    done
        Tables prepared so far; tables that this one joins are added.

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


def filtered(frame: pl.DataFrame, where: str, place: str) -> tuple[pl.DataFrame, Filtered]:
    """Keep the rows for which an SQL expression holds, and count the others.

    Parameters
    ----------
    frame
        Any rows.
    where
        An SQL expression in polars' dialect. Rows for which it is null are left out and counted apart.
    place
        Where the expression stands, for messages.

    Returns
    -------
    tuple
        The rows kept, and the counts.
    """
    mask = _mask(frame, where, place)
    undecided = mask.null_count()
    kept = frame.filter(mask)
    return kept, Filtered(where, kept.height, frame.height - kept.height - undecided, undecided)


def require(
    columns: list[str], wanted: str, place: str, renamed: dict[str, str] | None = None
) -> None:
    """Raise a `ColumnError` with the nearest name unless the column is there."""
    if wanted in columns:
        return
    if renamed and wanted in renamed:
        raise ColumnError(
            f"{place}: no column '{wanted}': columns renamed it to '{renamed[wanted]}'; use that name"
        )
    raise ColumnError(f"{place}: no column '{wanted}'; {nearest(wanted, columns)}")


def _prepare(
    specification: Specification, name: str, done: dict[str, Prepared], above: tuple[str, ...]
) -> Prepared:
    if name in done:
        return done[name]
    place = f"{specification.path}: [tables.{name}]"
    if name in above:
        raise SpecError(f"{place}: joins itself by way of {' → '.join((*above, name))}")
    table = specification.tables[name]
    prepared = _read(specification.path.parent, name, table, place)
    if prepared.set_aside.height or ROW in prepared.frame.columns:
        raise ColumnError(f"{place}: the column name '{ROW}' is kept for this package; rename it")
    prepared.frame = prepared.frame.with_row_index(ROW, offset=1)
    _drop_blank_lines(prepared)
    _rename(prepared, table, place)
    _read_out_of_text(prepared, table, place)
    _map_codes(prepared, table, place)
    if table.join:
        other = _prepare(specification, table.join.table, done, (*above, name))
        _join(prepared, table.join, other, place)
    if table.where is not None:
        prepared.frame, prepared.filtered = filtered(prepared.frame, table.where, f"{place}: where")
    done[name] = prepared
    return prepared


def _read(folder: Path, name: str, table: Table, place: str) -> Prepared:
    if table.dataset is not None:
        return _dataset(name, table, place)
    path = folder / str(table.path)
    if path.suffix.lower() not in FORMATS:
        raise SpecError(f"{place}: path = '{table.path}' should end in one of {', '.join(FORMATS)}")
    kind = path.suffix.lower()
    sha256, size = fingerprint(path, utf8=kind == ".csv")
    try:
        if kind == ".csv":
            checked_csv_header(path)
            frame = _csv(path)
        elif kind == ".parquet":
            frame = pl.read_parquet(path)
        else:
            frame = _arrow(path)
    except (pl.exceptions.PolarsError, csv.Error, OSError) as error:
        raise DataError(f"{place}: {path}: cannot be read: {str(error).splitlines()[0]}") from None
    return Prepared(name, str(table.path), frame, frame.height, table.text, sha256, size)


def _dataset(name: str, table: Table, place: str) -> Prepared:
    from wholefamily import datasets

    known = [word for word in ("family_support_hubs",) if hasattr(datasets, word)]
    if table.dataset not in known:
        raise SpecError(
            f"{place}: no built-in dataset '{table.dataset}'; {nearest(str(table.dataset), known)}"
        )
    frames = getattr(datasets, table.dataset)()
    wanted = table.table or name
    if wanted not in frames:
        raise SpecError(
            f"{place}: no table '{wanted}' in {table.dataset}; {nearest(wanted, list(frames))}"
        )
    frame = frames[wanted]
    return Prepared(
        name,
        f"built-in dataset {table.dataset}, table {wanted}",
        frame,
        frame.height,
        table.text,
        synthetic=True,
    )


def _csv(path: Path) -> pl.DataFrame:
    """Read a CSV as text, whole: what a value means is said in the evaluation file, never guessed."""
    frame = pl.read_csv(path, infer_schema=False, encoding="utf8")
    if frame.height and frame.width > 1 and frame.to_series(frame.width - 1).null_count():
        _refuse_short_rows(path, frame.width)
    return frame.with_columns(pl.all().replace("", None))


def _refuse_short_rows(path: Path, width: int) -> None:
    """Raise when a row has too few fields: polars would fill it with nulls in silence."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        for row in reader:
            if row and len(row) < width:
                raise DataError(
                    f"{path}: line {reader.line_num}: {len(row)} values where the header has {width}"
                )


def _arrow(path: Path) -> pl.DataFrame:
    with path.open("rb") as file:
        stream = file.read(6) != b"ARROW1"
    return pl.read_ipc_stream(path) if stream else pl.read_ipc(path)


def _drop_blank_lines(prepared: Prepared) -> None:
    """Pass over rows that hold nothing at all (blank lines of a CSV), and say so."""
    columns = [column for column in prepared.frame.columns if column != ROW]
    if not columns or not prepared.source.lower().endswith(".csv"):
        return
    kept = prepared.frame.filter(~pl.all_horizontal(pl.col(columns).is_null()))
    blank = prepared.frame.height - kept.height
    if blank:
        prepared.frame = kept
        prepared.notes.append(
            f"{blank:,} blank {'line was' if blank == 1 else 'lines were'} passed over."
        )


def _rename(prepared: Prepared, table: Table, place: str) -> None:
    columns = [column for column in prepared.frame.columns if column != ROW]
    for theirs in table.columns:
        require(columns, theirs, f"{place}: columns")
    after = [table.columns.get(column, column) for column in columns]
    twice = next((column for column in after if after.count(column) > 1), None)
    if twice is not None:
        raise SpecError(f"{place}: columns: two columns would be called '{twice}'")
    prepared.frame = prepared.frame.rename(table.columns)


def _read_out_of_text(prepared: Prepared, table: Table, place: str) -> None:
    """Turn text into dates, numbers and booleans; set aside every row with a value that cannot be read."""
    expressions: dict[str, pl.Expr] = {}
    expected: dict[str, str] = {}

    def take(kind: str, columns: list[str], what: str) -> Iterator[str]:
        for column in columns:
            require(_columns(prepared), column, f"{place}: {kind}", table.columns)
            if column in expressions:
                raise SpecError(
                    f"{place}: {kind}: column '{column}' is already read as {expected[column]}"
                )
            if prepared.frame[column].dtype not in (pl.String, pl.Null):
                held = prepared.frame[column].dtype
                raise SpecError(
                    f"{place}: {kind}: column '{column}' holds {held}, not text; leave it out of {kind}"
                )
            expected[column] = what
            yield column

    for dates in [table.dates] if isinstance(table.dates, Dates) else table.dates:
        _check_format(dates.format, place)
        for column in take("dates", dates.columns, f"a date written {dates.format}"):
            expressions[column] = _date(column, dates.format)
    for column in take("numbers", table.numbers, "a number"):
        number = pl.col(column).cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
        expressions[column] = pl.when(number.is_finite()).then(number)
    for words in [table.booleans] if isinstance(table.booleans, Booleans) else table.booleans:
        mapping = {word: True for word in words.true} | {word: False for word in words.false}
        said = f"one of {', '.join(mapping)}"
        for column in take("booleans", words.columns, said):
            text = pl.col(column).cast(pl.String)
            expressions[column] = text.replace_strict(
                mapping, default=None, return_dtype=pl.Boolean
            )
    if not expressions:
        return

    before = prepared.frame
    read = before.with_columns(**expressions)
    unread = []
    for column in expressions:
        wrong = before[column].is_not_null() & read[column].is_null()
        unread.append(
            before.filter(wrong).select(
                pl.col(ROW).cast(pl.UInt32).alias("row"),
                pl.lit(column).alias("column"),
                pl.col(column).cast(pl.String).alias("value"),
                pl.lit(expected[column]).alias("expected"),
            )
        )
    prepared.set_aside = pl.concat(unread).sort("row", "column")
    prepared.frame = read.filter(~pl.col(ROW).is_in(prepared.set_aside["row"].unique().to_list()))


def _date(column: str, written: str) -> pl.Expr:
    """Read dates in exactly one format; a two-digit year under %Y is not a year."""
    timed = any(part in written for part in ("%H", "%I", "%M", "%S", "%T", "%R"))
    kind = pl.Datetime("us") if timed else pl.Date
    value = pl.col(column).cast(pl.String).str.strptime(kind, written, strict=False, exact=True)
    return pl.when(value.dt.year() >= EARLIEST_YEAR).then(value)


def _check_format(written: str, place: str) -> None:
    """Refuse a format that does not carry the day, the month and the year."""
    probe = pl.DataFrame({"day": [date(2017, 12, 28), date(2003, 2, 1)]})
    try:
        text = probe.select(pl.col("day").cast(pl.Datetime("us")).dt.strftime(written))
        back = text.select(_date("day", written).cast(pl.Date))
        if back.equals(probe):
            return
    except pl.exceptions.PolarsError:
        pass
    raise SpecError(
        f"{place}: dates: format = '{written}' should hold day, month and year, such as '%d/%m/%Y' or '%Y-%m-%d'"
    )


def _map_codes(prepared: Prepared, table: Table, place: str) -> None:
    for column, codes in table.codes.items():
        require(_columns(prepared), column, f"{place}: codes", table.columns)
        text = prepared.frame[column].cast(pl.String)
        unknown = text.filter(
            text.is_not_null() & ~text.is_in(list(codes)) & ~text.is_in(list(set(codes.values())))
        )
        if unknown.len():
            counts = unknown.value_counts(sort=True).sort("count", column, descending=[True, False])
            listed = ", ".join(f"{code} ({count:,})" for code, count in counts.head(10).iter_rows())
            more = f" and {counts.height - 10} others" if counts.height > 10 else ""
            if table.unmapped == "error":
                raise DataError(f"{place}: codes.{column}: no mapping for {listed}{more}")
            prepared.notes.append(
                f"Codes of {column} without a mapping were kept as they are: {listed}{more}."
            )
        prepared.frame = prepared.frame.with_columns(text.replace(codes).alias(column))


def _join(prepared: Prepared, join: Join, other: Prepared, place: str) -> None:
    place = f"{place}: join"
    require(_columns(prepared), join.on, place)
    for column in [join.on, *join.columns]:
        require(_columns(other), column, f"{place}: table '{other.name}'")
    for column in join.columns:
        if column in prepared.frame.columns:
            raise SpecError(
                f"{place}: both tables have a column '{column}'; rename one with columns"
            )
    keys = other.frame[join.on].drop_nulls()
    repeated = keys.filter(keys.is_duplicated())
    if repeated.len():
        raise DataError(
            f"{place}: table '{other.name}' has {repeated.n_unique():,} values of '{join.on}' on more than one row, "
            f"first '{repeated[0]}'; a join needs at most one row for each"
        )
    left, right = prepared.frame[join.on].dtype, other.frame[join.on].dtype
    if left != right:
        raise SpecError(f"{place}: '{join.on}' is {left} here and {right} in table '{other.name}'")
    matched = other.frame.select(join.on, *join.columns).filter(pl.col(join.on).is_not_null())
    unmatched = prepared.frame.height - int(
        prepared.frame[join.on].is_in(keys.implode()).fill_null(value=False).sum()
    )
    prepared.frame = prepared.frame.join(matched, on=join.on, how="left", maintain_order="left")
    prepared.notes.append(
        f"Joined from {other.name} on {join.on}: {', '.join(join.columns)}; "
        f"{prepared.frame.height - unmatched:,} rows matched, {unmatched:,} did not and hold nulls there."
    )


def _columns(prepared: Prepared) -> list[str]:
    return [column for column in prepared.frame.columns if column != ROW]


def _mask(frame: pl.DataFrame, where: str, place: str) -> pl.Series:
    """Give true, false or null for every row."""
    with _sql(where, place):
        expression = pl.sql_expr(where)
    columns = [column for column in frame.columns if column != ROW]
    for root in expression.meta.root_names():
        require(columns, root, f"{place}: {where}")
    with _sql(where, place):
        mask = frame.select(expression.alias("keep")).to_series()
    if mask.dtype != pl.Boolean:
        raise SpecError(f"{place}: {where}: gives {mask.dtype}, not true or false for each row")
    if mask.len() != frame.height:
        mask = pl.repeat(mask[0], frame.height, dtype=pl.Boolean, eager=True)
    return mask


@contextmanager
def _sql(where: str, place: str) -> Iterator[None]:
    try:
        yield
    except pl.exceptions.PolarsError as error:
        told = re.sub(r"\s+", " ", str(error).split("\n")[0])
        hint = "; write a date as DATE '2022-09-01'" if "date/datetime/time" in told else ""
        raise SpecError(f"{place}: {where}: {told}{hint}") from None
