"""`wf.stats`: what goes in and what comes out."""

from __future__ import annotations

import copy
import decimal
import fractions
import inspect
import os
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

import wholefamily as wf
from wholefamily import _bridge
from wholefamily.stats import _call

if TYPE_CHECKING:
    from collections.abc import Callable

STATISTICS = {entry["name"]: entry for entry in _bridge.statistics()}
ANSWERS = {name for name in wf.stats.__all__ if isinstance(getattr(wf.stats, name), type)}
X, N = [3, 0, 4], [25, 7, 4]


# ── The catalogue and the functions ───────────────────────────────────────────────────


def test_every_statistic_has_its_function() -> None:
    assert set(STATISTICS) == set(wf.stats.__all__) - ANSWERS


@pytest.mark.parametrize("name", STATISTICS)
def test_arguments_options_and_defaults_are_those_of_the_catalogue(name: str) -> None:
    parameters = inspect.signature(getattr(wf.stats, name)).parameters
    entry = STATISTICS[name]
    for column in entry["columns"]:
        assert (parameters[column["name"]].default is None) == column["optional"]
    for option in entry["options"]:
        if (name, option["name"]) == ("independence", "outcomes"):
            continue  # read off the table
        parameter = parameters[option["name"]]
        if option.get("needed"):
            assert parameter.default is inspect.Parameter.empty
        elif option.get("pair"):
            assert list(parameter.default) == option["default"]
        else:
            assert parameter.default == option["default"]
    known = {each["name"] for each in entry["columns"] + entry["options"]} | {"reasons"}
    if "quantile" in name:
        known.add("within")  # each part of the country asks the engine for itself
    assert set(parameters) <= known


@pytest.mark.parametrize("name", STATISTICS)
def test_words_are_those_of_the_catalogue(name: str) -> None:
    module = sys.modules[getattr(wf.stats, name).__module__]
    parameters = inspect.signature(getattr(wf.stats, name)).parameters
    for option in STATISTICS[name]["options"]:
        if option["kind"] == "word":
            alias = str(parameters[option["name"]].annotation)
            assert list(getattr(module, alias).__args__) == option["words"]


@pytest.mark.parametrize("name", STATISTICS)
def test_the_documentation_opens_with_the_question(name: str) -> None:
    text = inspect.getdoc(getattr(wf.stats, name)) or ""
    assert text.splitlines()[0].endswith("?")
    for section in ("Parameters", "Returns", "Examples"):
        assert f"\n{section}\n---" in text
    assert STATISTICS[name]["question"].endswith("?")


@pytest.mark.parametrize("name", [n for n, e in STATISTICS.items() if e["rows"] == "by row"])
def test_the_tuple_has_the_fields_of_the_catalogue(name: str) -> None:
    function = getattr(wf.stats, name)
    arguments = dict.fromkeys((column["name"] for column in STATISTICS[name]["columns"]), None)
    needed = {o["name"]: 0.5 for o in STATISTICS[name]["options"] if o.get("needed")}
    got = function(**arguments, **needed)
    fields = [field["name"] for field in STATISTICS[name]["fields"]]
    assert list(got._fields) == fields
    assert isinstance(got, tuple)
    assert getattr(wf.stats, type(got).__name__) is type(got)
    nullable = any(column["nullable"] for column in STATISTICS[name]["columns"])
    assert nullable or (set(got) == {None} and got.reason == "a number is missing")


# ── Plain numbers ─────────────────────────────────────────────────────────────────────


def test_a_tuple_unpacks_to_its_fields_and_has_its_reason_beside_them() -> None:
    value, lower, upper = share = wf.stats.proportion(3, 25)
    assert (value, lower, upper) == tuple(share)
    assert share._fields == ("value", "lower", "upper")
    assert share.reason is None
    assert wf.stats.proportion(0, 0).reason == "no rows"


@pytest.mark.parametrize("again", [pickle.dumps, None])
def test_a_tuple_keeps_its_reason_when_it_travels(again: Callable[..., bytes] | None) -> None:
    nothing = wf.stats.proportion(0, 0)
    other = pickle.loads(again(nothing)) if again else copy.copy(nothing)  # noqa: S301
    assert (other, other.reason) == (nothing, "no rows")


@pytest.mark.parametrize(
    "three",
    [
        3,
        3.0,
        np.int64(3),
        np.float32(3),
        np.uint8(3),
        np.array(3),
        decimal.Decimal(3),
        fractions.Fraction(3),
    ],
    ids=lambda three: type(three).__name__,
)
def test_numbers_of_all_kinds_are_one(three: Any) -> None:
    assert wf.stats.proportion(three, 25) == wf.stats.proportion(3, 25)
    assert wf.stats.rate(9, three) == wf.stats.rate(9, 3)


def test_none_is_a_number_that_is_not_known() -> None:
    for arguments in [(None, 25), (3, None)]:
        got = wf.stats.proportion(*arguments)
        assert (tuple(got), got.reason) == ((None, None, None), "a number is missing")


# ── Sequences ─────────────────────────────────────────────────────────────────────────


SEQUENCES: dict[str, Callable[[list[int]], Any]] = {
    "list": list,
    "tuple": tuple,
    "range": lambda items: items,
    "numpy": np.array,
    "numpy floats": lambda items: np.array(items, dtype=float),
    "numpy small": lambda items: np.array(items, dtype=np.uint8),
    "numpy backwards": lambda items: np.array(items[::-1])[::-1],
    "numpy objects": lambda items: np.array(items, dtype=object),
    "polars": pl.Series,
    "polars small": lambda items: pl.Series(items, dtype=pl.Int8),
    "polars chunks": lambda items: pl.concat(
        [pl.Series(items[:1]), pl.Series(items[1:])], rechunk=False
    ),
    "polars decimals": lambda items: pl.Series(items).cast(pl.Decimal(10, 2)),
    "pandas": pd.Series,
    "pandas nullable": lambda items: pd.Series(items, dtype="Int64"),
    "pyarrow": pa.array,
    "pyarrow sliced": lambda items: pa.array([9, *items]).slice(1),
    "pyarrow chunks": lambda items: pa.chunked_array([items[:1], items[1:]]),
    "mixed": lambda items: [np.int64(items[0]), float(items[1]), *items[2:]],
}


@pytest.mark.parametrize("kind", SEQUENCES)
def test_sequences_of_all_kinds_give_the_same_frame(kind: str) -> None:
    make = SEQUENCES[kind]
    got = wf.stats.proportion(make(X), make(N))
    assert_frame_equal(got, wf.stats.proportion(X, N))
    assert got.schema == {"value": pl.Float64, "lower": pl.Float64, "upper": pl.Float64}
    for row, x, n in zip(got.iter_rows(), X, N, strict=True):
        assert row == wf.stats.proportion(x, n)
    assert_frame_equal(wf.stats.rate(make(X), make(N), per=1000), wf.stats.rate(X, N, per=1000))


def test_a_number_goes_with_every_row() -> None:
    assert_frame_equal(wf.stats.proportion(X, 25), wf.stats.proportion(X, [25] * 3))
    assert_frame_equal(wf.stats.proportion(3, [25, 30]), wf.stats.proportion([3, 3], [25, 30]))
    nothing = wf.stats.proportion(X, None)
    assert nothing.null_count().row(0) == (3, 3, 3)


def test_columns_of_any_length_but_one_another_are_refused() -> None:
    with pytest.raises(wf.DataError, match="x1 has 2 values and n2 has 3; sequences must be of"):
        wf.stats.difference([1, 2], 5, [1, 2], [5, 6, 7])


def test_an_empty_sequence_gives_an_empty_frame() -> None:
    for empty in ([], np.array([], dtype=np.int64), pl.Series([], dtype=pl.Float64)):
        got = wf.stats.proportion(empty, 25, reasons=True)
        assert got.shape == (0, 4)
        assert got.schema["value"] == pl.Float64
        assert got.schema["reason"] == pl.String


def test_a_null_gives_a_row_of_nulls() -> None:
    got = wf.stats.proportion([3, None, 0], [25, 25, None], reasons=True)
    assert got.select("value", "upper").rows()[1:] == [(None, None), (None, None)]
    assert got["reason"].to_list() == [None, "a number is missing", "a number is missing"]
    pandas = wf.stats.proportion(pd.Series([3.0, np.nan, 0.0]), pd.Series([25, 25, 25]))
    assert pandas["value"].to_list() == [0.12, None, 0.0]


def test_what_lies_under_a_null_is_no_number() -> None:
    under = pa.Array.from_buffers(
        pa.int64(), 2, [pa.py_buffer(b"\x01"), pa.py_buffer(np.array([3, -99]).tobytes())]
    )
    assert wf.stats.proportion(under, 25)["value"].to_list() == [0.12, None]
    assert (
        wf.stats.proportion(2, under, reasons=True)["reason"].to_list()[1] == "a number is missing"
    )


def test_reasons_stand_beside_what_they_explain() -> None:
    got = wf.stats.ratio([0, 3, 3], 10, [3, 0, 3], 25, reasons=True)
    assert got["reason"].to_list() == [
        "no events in the group",
        "no events in the reference group",
        None,
    ]
    assert "reason" not in wf.stats.ratio([0], 10, [3], 25).columns


def test_all_rows_together_answer_once() -> None:
    strata = ([3, 7], [25, 10], [1, 9], [20, 15])
    pooled = wf.stats.mantel_haenszel(*strata)
    assert pooled == wf.stats.mantel_haenszel(*map(np.array, strata))
    assert pooled._fields == ("value", "lower", "upper", "p_value", "homogeneity_p")
    assert wf.stats.mantel_haenszel([3], [25], [0], [0]).reason == "no stratum holds both groups"


def test_a_table_is_rows_or_an_array() -> None:
    rows = [[3, 1, 2], [1, 3, 6]]
    assert wf.stats.independence(rows) == wf.stats.independence(np.array(rows))
    with pytest.raises(wf.DataError, match=r"row 1 of counts has 1 columns, and row 0 has 2"):
        wf.stats.independence([[1, 2], [3]])
    with pytest.raises(wf.TypeError_, match="no table"):
        wf.stats.independence([1, 2])  # type: ignore[list-item]
    with pytest.raises(wf.SpecError, match="needs a seed"):
        wf.stats.independence(rows, method="monte-carlo")


def test_tests_keep_their_places_when_adjusted() -> None:
    got = wf.stats.adjust([0.04, None, 0.01], method="bonferroni")
    assert got["p_value"].to_list() == [0.08, None, 0.02]


# ── Resampling ────────────────────────────────────────────────────────────────────────


DAYS = [3, 5, 8, 13, 21, 34, 2, 9, 14, 6, 7, 7]


def test_a_mean_of_clusters_of_one_is_a_mean_of_rows() -> None:
    rows = wf.stats.bootstrap(DAYS, seed=7, draws=500)
    alone = wf.stats.bootstrap(DAYS, seed=7, draws=500, cluster=[f"{day:02}" for day in range(12)])
    assert rows == pytest.approx(alone, rel=1e-12)
    together = wf.stats.bootstrap(DAYS, seed=7, draws=500, cluster=["a", "b", "c"] * 4)
    assert together.value == rows.value
    assert together.standard_error != rows.standard_error


def test_groups_are_compared() -> None:
    group = [True, False] * 6
    value = np.mean(DAYS[::2]) - np.mean(DAYS[1::2])
    for flags in (group, [int(flag) for flag in group], pl.Series(group), np.array(group)):
        got = wf.stats.bootstrap(DAYS, seed=7, draws=500, group=flags)
        assert got.value == pytest.approx(value)
        assert got.lower < got.value < got.upper
    times = wf.stats.bootstrap(DAYS, seed=7, draws=500, group=group, contrast="ratio")
    assert times.value == pytest.approx(np.mean(DAYS[::2]) / np.mean(DAYS[1::2]))
    middle = wf.stats.bootstrap(DAYS, seed=7, draws=500, group=group, statistic="median")
    assert middle.value == np.median(DAYS[::2]) - np.median(DAYS[1::2])
    crossed = wf.stats.bootstrap(DAYS, seed=7, draws=500, group=group, cluster=list("aabbcc" * 2))
    assert crossed.value == got.value
    with pytest.raises(wf.DataError, match="group is 2 at row 0; expected 1"):
        wf.stats.bootstrap(DAYS, seed=7, group=[2] * 12)


def test_a_ratio_is_of_sums() -> None:
    got = wf.stats.bootstrap(DAYS, base=range(1, 13), statistic="ratio", seed=7, draws=500)
    assert got.value == pytest.approx(sum(DAYS) / sum(range(1, 13)))
    with pytest.raises(wf.SpecError, match="base goes with statistic = 'ratio'"):
        wf.stats.bootstrap(DAYS, seed=7, statistic="ratio")


def test_what_does_not_vary_has_no_interval() -> None:
    got = wf.stats.bootstrap([1, 1, 1], seed=7, draws=100)
    assert (got.value, got.lower, got.reason is None) == (1.0, None, False)
    assert wf.stats.bootstrap([], seed=7).reason == "no rows"


# ── Laws ──────────────────────────────────────────────────────────────────────────────

counts = st.integers(0, 10**6)
two_groups = st.tuples(counts, counts, counts, counts)


def of(pair: tuple[int, int]) -> tuple[int, int]:
    x, n = sorted(pair)
    return x, n


@given(two_groups)
def test_swapping_the_groups_turns_the_contrast_round(four: tuple[int, int, int, int]) -> None:
    (x1, n1), (x2, n2) = of(four[:2]), of(four[2:])
    forth, back = wf.stats.difference(x1, n1, x2, n2), wf.stats.difference(x2, n2, x1, n1)
    if forth.value is None:
        assert forth.reason is not None
        return
    assert forth.value == -back.value
    assert forth.lower == -back.upper


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=20), st.floats(0.01, 0.999))
def test_columns_say_what_plain_numbers_say(pairs: list[tuple[int, int]], level: float) -> None:
    x, n = (list(each) for each in zip(*map(of, pairs), strict=True))
    frame = wf.stats.proportion(x, n, level=level, reasons=True)
    for row, *pair in zip(frame.iter_rows(), x, n, strict=True):
        share = wf.stats.proportion(*pair, level=level)
        assert row == (*share, share.reason)
        if share.value is not None:
            assert 0 <= share.lower <= share.value <= share.upper <= 1


@given(st.lists(st.floats(0, 1), max_size=30))
def test_adjusted_p_values_are_never_smaller(p: list[float]) -> None:
    adjusted = wf.stats.adjust(p)["p_value"].to_list()
    assert all(0 <= before <= after <= 1 for before, after in zip(p, adjusted, strict=True))


# ── Many rows ─────────────────────────────────────────────────────────────────────────


def many() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(2024)
    x = random.integers(0, 500, 1_000_000)
    return x, x + random.integers(0, 500, 1_000_000)


def test_a_million_rows() -> None:
    x, n = many()
    got = wf.stats.proportion(x, n)
    assert got.height == 1_000_000
    some = np.random.default_rng(7).integers(0, len(x), 200)
    for row in some:
        assert got.row(int(row)) == wf.stats.proportion(x[row], n[row])


def test_numbers_are_handed_over_where_they_lie() -> None:
    x, _ = many()
    for array in (x, x.astype(float)):
        series = _call._series("test", "x", array)
        assert series.to_numpy(allow_copy=False).ctypes.data == array.ctypes.data
    arrow = pa.array(x)
    series = _call._series("test", "x", arrow)
    assert series.to_arrow().buffers()[1].address == arrow.buffers()[1].address


PROGRAM = """
import hashlib, warnings
warnings.simplefilter("ignore")
import numpy as np, wholefamily as wf
x = np.random.default_rng(3).integers(0, 500, 70_001)
frames = [
    wf.stats.proportion(x, x + 3, method="clopper-pearson", reasons=True),
    wf.stats.difference(x, 500, x[::-1], 700),
]
told = [repr(wf.stats.bootstrap(x[:500] % 9, seed=1, draws=999, cluster=x[:500] // 20))]
digest = hashlib.sha256()
for frame in frames:
    digest.update(frame.write_csv().encode())
print(digest.hexdigest(), told)
"""


def test_the_number_of_threads_changes_no_byte() -> None:
    told = set()
    for threads in ("1", "2", "7"):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "RAYON_NUM_THREADS": threads},
        )
        told.add(done.stdout)
    assert len(told) == 1


def test_plain_numbers_need_no_polars() -> None:
    program = (
        "import sys, warnings; warnings.simplefilter('ignore'); import wholefamily as wf; "
        "wf.stats.proportion(3, 25); print('polars' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
