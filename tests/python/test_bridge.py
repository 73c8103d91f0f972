"""Any table that an analyst has gives the same answer, or an error that says what would."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import wholefamily as wf
from wholefamily import _bridge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EXPECTED = [("Hamilton", 3, 4.0), ("Lanark", 1, 3.0), (None, 1, 1.0)]


def answer(data: Any) -> list[tuple[object, ...]]:
    shares = wf.ReferralShare(to="hub").run(data, by="locality").to_polars()
    return shares.select(pl.col("locality").cast(pl.String), "numerator", "denominator").rows()


def sliced(frame: pl.DataFrame) -> pa.Table:
    doubled = pa.concat_tables([frame.to_arrow()] * 2)
    return doubled.slice(frame.height).combine_chunks()


def in_batches(frame: pl.DataFrame) -> pa.Table:
    table = frame.to_arrow()
    return pa.Table.from_batches(table.to_batches(max_chunksize=3) + table.slice(0, 0).to_batches())


def with_other_dictionaries(frame: pl.DataFrame) -> pa.Table:
    """Two batches whose dictionaries hold other values in another order, and a null value."""
    table = frame.to_arrow()
    batches = []
    for part in (table.slice(0, 5), table.slice(5)):
        columns = [part["team"].combine_chunks().dictionary_encode()]
        columns += [part["locality"].combine_chunks().dictionary_encode(null_encoding="encode")]
        batches.append(
            pa.record_batch(
                [*columns, part["received"].combine_chunks()], ["team", "locality", "received"]
            )
        )
    return pa.Table.from_batches(batches)


def only_batch(frame: pl.DataFrame) -> object:
    """Make an object that gives one record batch and no stream."""

    class Batch:
        def __arrow_c_array__(self, requested_schema: object = None) -> tuple[object, object]:
            return (
                frame.to_arrow()
                .combine_chunks()
                .to_batches()[0]
                .__arrow_c_array__(requested_schema)
            )

    return Batch()


def relation(frame: pl.DataFrame, query: str) -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.register("referrals", frame.to_arrow())
    return connection.sql(query)


def with_enum(frame: pl.DataFrame) -> duckdb.DuckDBPyRelation:
    kind = "ENUM ('Lanark', 'Hamilton', 'Cambuslang')"
    query = "SELECT * REPLACE (locality::KIND AS locality) FROM referrals"
    return relation(frame, query.replace("KIND", kind))


def as_type(frame: pl.DataFrame, kind: Any) -> pl.DataFrame:
    return frame.with_columns(pl.col("locality").cast(kind))


def pandas_as(frame: pl.DataFrame, kind: str) -> pd.DataFrame:
    return frame.to_pandas().astype({"locality": kind, "team": kind})


SOURCES: dict[str, Callable[[pl.DataFrame], object]] = {
    "pyarrow table": pl.DataFrame.to_arrow,
    "pyarrow table of strings": lambda frame: frame.to_arrow(compat_level=pl.CompatLevel.oldest()),
    "pyarrow table in batches": in_batches,
    "pyarrow table sliced": sliced,
    "pyarrow table of dictionaries": with_other_dictionaries,
    "pyarrow record batch": lambda frame: frame.to_arrow().combine_chunks().to_batches()[0],
    "pyarrow reader": lambda frame: frame.to_arrow().to_reader(max_chunksize=3),
    "record batch alone": only_batch,
    "polars": lambda frame: frame,
    "polars categorical": lambda frame: as_type(frame, pl.Categorical),
    "polars enum": lambda frame: as_type(frame, pl.Enum(["Lanark", "Ayr", "Hamilton"])),
    "polars lazy": pl.DataFrame.lazy,
    "polars in chunks": lambda frame: pl.concat([frame[:3], frame[3:]], rechunk=False),
    "pandas str": pl.DataFrame.to_pandas,
    "pandas object": lambda frame: pandas_as(frame, "object"),
    "pandas category": lambda frame: pandas_as(frame, "category"),
    "pandas arrow types": lambda frame: frame.to_pandas(use_pyarrow_extension_array=True),
    "pandas filtered": lambda frame: pd.concat([frame.to_pandas()] * 2).iloc[8:],
    "duckdb": lambda frame: relation(frame, "SELECT * FROM referrals"),
    "duckdb enum": with_enum,
    "duckdb reader": lambda frame: relation(frame, "SELECT * FROM referrals").to_arrow_reader(),
}


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_gives_the_same_answer(referrals: pl.DataFrame, source: str) -> None:
    assert answer(SOURCES[source](referrals)) == EXPECTED


WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    "referrals.parquet": pl.DataFrame.write_parquet,
    "referrals.csv": pl.DataFrame.write_csv,
    "referrals.CSV": pl.DataFrame.write_csv,
    "referrals.arrow": pl.DataFrame.write_ipc,
    "referrals.feather": pl.DataFrame.write_ipc,
    "stream.arrow": pl.DataFrame.write_ipc_stream,
    "stream.ipc": pl.DataFrame.write_ipc_stream,
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_file_gives_the_same_answer(
    referrals: pl.DataFrame, tmp_path: Path, name: str
) -> None:
    WRITERS[name](referrals, tmp_path / name)
    assert answer(tmp_path / name) == EXPECTED
    assert answer(str(tmp_path / name)) == EXPECTED
    by_quarter = wf.ReferralShare(to="hub").run(tmp_path / name, every="quarter")
    assert by_quarter.to_polars()["numerator"].to_list() == [3, 2]


# ── Read once ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("source", ["pyarrow reader", "duckdb reader"])
def test_a_spent_reader_is_an_error_and_not_an_empty_table(
    referrals: pl.DataFrame, source: str
) -> None:
    reader = SOURCES[source](referrals)
    assert answer(reader) == EXPECTED
    with pytest.raises(
        wf.DataError, match=r"RecordBatchReader has been handed over already.*read_all"
    ):
        answer(reader)


def test_readers_are_remembered_only_while_they_live(referrals: pl.DataFrame) -> None:
    before = len(_bridge._READ)
    reader = referrals.to_arrow().to_reader()
    pa.table(_bridge.as_arrow(reader))
    assert len(_bridge._READ) == before + 1
    del reader
    assert len(_bridge._READ) == before


def test_a_duckdb_relation_can_be_read_again(referrals: pl.DataFrame) -> None:
    rows = relation(referrals, "SELECT * FROM referrals")
    assert answer(rows) == answer(rows) == EXPECTED


# ── What is no table ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        {"team": ["hub"]},
        [{"team": "hub"}],
        pl.Series("team", ["hub"]),
        pd.Series(["hub"], name="team"),
        pa.array(["hub"]),
        pa.chunked_array([["hub"]]),
        duckdb.connect(),
    ],
    ids=lambda data: type(data).__name__,
)
def test_what_is_no_table_is_told_what_is(data: object) -> None:
    with pytest.raises(wf.TypeError_, match=r"not a table.*(polars|connection\.sql)") as caught:
        wf.ReferralShare(to="hub").run(data)  # type: ignore[arg-type]
    assert type(data).__name__ in str(caught.value) or "DuckDB" in str(caught.value)


def test_a_struct_column_is_a_table(referrals: pl.DataFrame) -> None:
    assert answer(referrals.to_struct("rows")) == EXPECTED


class OldFrame:
    """A pandas frame from before the Arrow interface."""


OldFrame.__name__ = "DataFrame"
OldFrame.__module__ = "pandas.core.frame"


def test_an_old_pandas_is_told_to_upgrade() -> None:
    with pytest.raises(
        wf.TypeError_, match=r"upgrade to pandas 2.2 or later, or pass polars.from_pandas"
    ):
        _bridge.as_arrow(OldFrame())


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([1, 2], r"pandas column 0 is named 1 \(int\)"),
        (pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")]), r"column 0 is named \('a', 'b'\)"),
        (["team", None], "pandas column 1 is named"),
        (["team", "team"], "more than one column named 'team'"),
    ],
)
def test_pandas_names_are_strings_and_differ(columns: Any, message: str) -> None:
    frame = pd.DataFrame([["hub", "x"]])
    frame.columns = columns
    with pytest.raises(wf.ColumnError, match=message):
        wf.ReferralShare(to="hub").run(frame)


def test_a_pandas_column_of_mixed_types_is_named() -> None:
    frame = pd.DataFrame({"team": ["hub", 3]})
    with pytest.raises(wf.DataError, match=r"not of one type.*column team"):
        wf.ReferralShare(to="hub").run(frame)


def test_pandas_without_pyarrow_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(wf.TypeError_, match="needs pyarrow to be read: pip install pyarrow"):
        _bridge.as_arrow(pd.DataFrame({"team": ["hub"]}))


# ── Files that cannot be read ─────────────────────────────────────────────────────────


def test_an_unknown_ending_lists_the_known(tmp_path: Path) -> None:
    with pytest.raises(wf.SpecError, match=r"ends in '.xlsx'; a table is read from .parquet, .csv"):
        answer(tmp_path / "referrals.xlsx")
    with pytest.raises(wf.SpecError, match="has no ending"):
        answer("referrals")


def test_a_missing_file_names_the_nearest(tmp_path: Path, referrals: pl.DataFrame) -> None:
    referrals.write_csv(tmp_path / "referrals.csv")
    with pytest.raises(
        wf.DataError, match=r"referals.csv' does not exist; did you mean .*referrals.csv"
    ):
        answer(tmp_path / "referals.csv")
    with pytest.raises(wf.DataError, match="nor does its folder"):
        answer(tmp_path / "nowhere" / "referrals.csv")
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(wf.DataError, match="is a directory"):
        answer(tmp_path / "folder.csv")


@pytest.mark.parametrize("name", ["bad.parquet", "bad.arrow", "bad.ipc"])
def test_a_broken_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"nonsense that is no table")
    with pytest.raises(wf.DataError, match=f"{name}' cannot be read as .{name.split('.')[1]}"):
        answer(tmp_path / name)


def test_an_empty_csv_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(wf.DataError, match=r"empty.csv' is empty; expected a line of column names"):
        answer(tmp_path / "empty.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"team,locality\nhub,Lanark\nhub,Caf\xe9\n", "line 3 holds byte 0xe9 at position 8"),
        (b"t\xe9am,locality\nhub,Lanark\n", "line 1 holds byte 0xe9 at position 2"),
        ("team,locality\nhub,Lanark\n".encode("utf-16"), "line 1 holds byte 0xff at position 1"),
        ("team,locality\nhub,Lanark\n".encode("utf-16-le"), "its first line holds zero bytes"),
    ],
)
def test_bytes_that_are_not_utf8_are_found(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "latin.csv"
    path.write_bytes(content)
    with pytest.raises(wf.DataError, match=f"latin.csv' is not UTF-8.*{message}.*save it as UTF-8"):
        answer(path)


def test_a_csv_column_has_the_type_of_all_its_values(tmp_path: Path) -> None:
    path = tmp_path / "types.csv"
    path.write_text(
        "id,day,british,flag,count,code,open\n"
        "0101201234,2020-01-02,02/03/2020,true,1,1,\n"
        "1201201234,2020-01-03,13/03/2020,false,2,x,\n",
        encoding="utf-8",
    )
    frame = _bridge.as_polars(path)
    assert frame["id"].to_list() == ["0101201234", "1201201234"]
    assert frame["day"].to_list() == [dt.date(2020, 1, 2), dt.date(2020, 1, 3)]
    assert frame["british"].to_list() == [dt.date(2020, 3, 2), dt.date(2020, 3, 13)]
    assert frame["flag"].to_list() == [True, False]
    assert frame["count"].to_list() == [1, 2]
    assert frame["code"].to_list() == ["1", "x"]
    assert frame["open"].dtype == pl.Date


def test_columns_of_no_type_do_no_harm(referrals: pl.DataFrame) -> None:
    nothing = pl.lit(None)
    frame = referrals.with_columns(closed=nothing, needs=pl.lit([]), more=pl.struct(also=nothing))
    assert [str(frame.schema[name]) for name in ("closed", "needs")] == ["Null", "List(Null)"]
    assert answer(frame) == answer(frame.lazy()) == EXPECTED
    assert answer(frame.to_arrow()) == EXPECTED


@pytest.mark.parametrize("kind", [pl.Null, pl.String, pl.Date, pl.Float64])
def test_a_column_without_any_value_plays_any_part(kind: Any) -> None:
    days = [dt.date(2020, 1, 1), dt.date(2020, 2, 1)]
    blank = pl.Series([None] * 2).cast(kind)
    frame = pl.DataFrame({"child_id": [1, 2], "start": days, "blank": blank})
    stock = wf.LookedAfter(at=["2020-01-31", "2020-02-01"], end="blank").run(frame)
    assert stock.to_polars()["value"].to_list() == [1.0, 2.0]
    assert wf.Share(outcome="blank").run(frame).to_polars()["reason"].to_list() == ["no rows"]
    hub = wf.ReferralShare(to="hub", team="blank").run(frame).to_polars()
    assert hub["reason"].to_list() == ["no rows"]


def test_where_nothing_escalated_none_did(tmp_path: Path) -> None:
    plans = pl.DataFrame({"plan_id": [1, 2], "escalated": [None, None]})
    plans.write_csv(tmp_path / "plans.csv")
    for data in (plans, plans.to_arrow(), plans.to_pandas(), tmp_path / "plans.csv"):
        share = wf.Escalation().run(data).to_polars()
        assert share.select("value", "numerator", "denominator").row(0) == (0.0, 0, 2.0)
    unknown = plans.with_columns(pl.col("escalated").cast(pl.Boolean))
    assert wf.Escalation().run(unknown).to_polars()["reason"].to_list() == ["no rows"]


def test_a_column_without_any_value_can_be_an_open_end(tmp_path: Path) -> None:
    path = tmp_path / "episodes.csv"
    path.write_text("child_id,start,end\n1,2020-01-02,\n2,2020-02-03,\n", encoding="utf-8")
    stock = wf.LookedAfter(at=["2020-01-31", "2020-02-29"]).run(path)
    assert stock.to_polars()["value"].to_list() == [1.0, 2.0]


# ── What the engine says ──────────────────────────────────────────────────────────────


def test_an_unknown_column_suggests_the_nearest(referrals: pl.DataFrame) -> None:
    with pytest.raises(wf.ColumnError, match=r"'localty'.*locality"):
        wf.ReferralShare(to="hub").run(referrals, by="localty")
    with pytest.raises(wf.ColumnError, match=r"'urgnt'.*urgent"):
        wf.Share(outcome="urgnt").run(referrals)


def test_a_wrong_type_says_what_was_expected(referrals: pl.DataFrame) -> None:
    with pytest.raises(
        wf.TypeError_, match=r"column 'locality' for outcome.*expected true or false"
    ):
        wf.Share(outcome="locality").run(referrals)


def test_an_unknown_period_lists_the_known(referrals: pl.DataFrame) -> None:
    with pytest.raises(wf.SpecError, match=r"fortnight.*school_year"):
        wf.ReferralShare(to="hub").run(referrals, every="fortnight")  # type: ignore[arg-type]


def test_a_panic_is_an_internal_error() -> None:
    class PanicException(BaseException):
        """As the bindings raise it."""

    def stop() -> None:
        msg = "index out of bounds"
        raise PanicException(msg)

    with pytest.raises(wf.InternalError, match="please report it: index out of bounds"):
        _bridge._call(stop)


def test_a_missing_engine_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wholefamily._core", None)
    load = _bridge._engine.__wrapped__
    with pytest.raises(wf.InternalError, match="maturin develop --release"):
        load()


def test_a_debug_build_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    class Engine:
        @staticmethod
        def debug_build() -> bool:
            return True

    monkeypatch.setitem(__import__("sys").modules, "wholefamily._core", Engine)
    with pytest.warns(RuntimeWarning, match="debug build"):
        _bridge._engine.__wrapped__()
