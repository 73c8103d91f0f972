"""Estimates: what they say about themselves, and how they leave."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, TypeAlias

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import wholefamily as wf
from wholefamily.result import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Callable

Make: TypeAlias = "Callable[..., wf.Estimates]"


def test_estimates_tell_what_was_asked(make_estimates: Make) -> None:
    shares = make_estimates({"locality": ["Hamilton", "Lanark"]}, notes=["synthetic"])
    assert len(shares) == 2
    assert shares.keys == ["locality"]
    assert shares.measure == "share"
    assert shares.level == 0.95
    assert shares.specification["outcome"] == "urgent"
    assert shares.options["by"] == ["locality"]
    assert shares.notes == ["synthetic"]
    assert (shares.version, shares.fingerprint) == ("0.1.0", "00ff")
    assert shares.comparison is None
    assert shares.compared is None


def test_rows_set_aside_are_a_table(make_estimates: Make) -> None:
    account = [
        {
            "column": "end",
            "problem": "before start",
            "rows": 3,
            "examples": [[4, "2020-01-01"], [7, None]],
        },
        {"column": "child_id", "problem": "null", "rows": 2, "examples": []},
    ]
    shares = make_estimates({"locality": ["Lanark"]}, account=account)
    assert shares.set_aside.rows() == [
        ("end", "before start", 4, "2020-01-01", 3),
        ("end", "before start", 7, None, 3),
        ("child_id", "null", None, None, 2),
    ]


def test_nothing_set_aside_is_an_empty_table_of_the_same_columns(make_estimates: Make) -> None:
    aside = make_estimates({"locality": ["Lanark"]}).set_aside
    assert aside.columns == ["column", "problem", "row", "value", "rows"]
    assert aside.height == 0


def test_changing_the_frame_given_out_changes_nothing(make_estimates: Make) -> None:
    shares = make_estimates({"locality": ["Hamilton"]})
    frame = shares.to_polars()
    frame.insert_column(0, pl.Series("more", [1]))
    assert shares.to_polars().columns[0] == "locality"


def test_arrow_keeps_the_metadata(referrals: pl.DataFrame) -> None:
    shares = wf.ReferralShare(to="hub").run(referrals, by="locality")
    table = shares.to_arrow()
    assert isinstance(table, pa.Table)
    again = wf.Estimates(table)
    assert again.specification == shares.specification
    assert again.specification["to"] == "hub"
    assert again.fingerprint == shares.fingerprint != ""
    assert again.to_polars().equals(shares.to_polars())


def test_any_arrow_library_reads_estimates(referrals: pl.DataFrame) -> None:
    shares = wf.ReferralShare(to="hub").run(referrals, by="locality")
    assert pl.DataFrame(shares).equals(shares.to_polars())
    assert pa.table(shares).equals(shares.to_arrow())


def test_pandas_keeps_counts_whole(referrals: pl.DataFrame) -> None:
    frame = wf.ReferralShare(to="hub").run(referrals, by="locality").to_pandas()
    assert isinstance(frame, pd.DataFrame)
    assert frame["numerator"].tolist() == [3, 1, 1]
    assert str(frame["numerator"].dtype) == "Int64"


def test_the_columns_are_those_of_the_contract(referrals: pl.DataFrame) -> None:
    shares = wf.ReferralShare(to="hub").run(referrals, by=["locality"], every="quarter")
    frame = shares.to_polars()
    assert frame.columns == ["locality", "period", *COLUMNS]
    assert shares.keys == ["locality", "period"]
    assert list(frame.schema.values())[1:] == [
        pl.Date,
        pl.String,
        *[pl.Float64] * 4,
        pl.String,
        pl.Int64,
        pl.Float64,
        pl.String,
        pl.String,
        pl.Int64,
        pl.Int64,
    ]


def test_rows_are_sorted_by_period_then_keys_with_null_last(referrals: pl.DataFrame) -> None:
    shares = wf.ReferralShare(to="hub").run(referrals, by=["locality"], every="quarter")
    first, second = dt.date(2023, 1, 1), dt.date(2023, 4, 1)
    assert shares.to_polars().select("period", "locality", "numerator", "denominator").rows() == [
        (first, "Hamilton", 2, 2.0),
        (first, "Lanark", 1, 2.0),
        (second, "Hamilton", 1, 2.0),
        (second, "Lanark", 0, 1.0),
        (second, None, 1, 1.0),
    ]


def test_a_comparison_keeps_what_was_compared(referrals: pl.DataFrame) -> None:
    shares = wf.ReferralShare(to="hub").run(referrals, by="locality")
    contrasts = shares.compare("locality", "Hamilton", "Lanark")
    frame = contrasts.to_polars()
    assert frame.columns == ["contrast", *COLUMNS, "p_value"]
    assert frame["contrast"].to_list() == ["difference", "ratio", "odds_ratio"]
    assert frame["value"].to_list() == pytest.approx([3 / 4 - 1 / 3, 9 / 4, 6])
    assert frame["unit"].to_list() == ["difference in share", "ratio", "odds ratio"]
    assert frame["numerator"].to_list() == [3, 3, 3]
    assert contrasts.compared is shares
    assert contrasts.comparison == {
        "column": "locality",
        "group": "Hamilton",
        "reference": "Lanark",
        "within": None,
        "method": None,
    }


def test_null_can_be_compared(referrals: pl.DataFrame) -> None:
    shares = wf.ReferralShare(to="hub").run(referrals, by="locality")
    contrasts = shares.compare("locality", None, "Lanark").to_polars()
    assert contrasts["value"][0] == pytest.approx(1 - 1 / 3)


def test_booleans_and_numbers_can_be_compared(referrals: pl.DataFrame) -> None:
    frame = referrals.with_columns(ward=pl.Series([1, 2, 1, 2, 1, 2, 1, 2]))
    shares = wf.ReferralShare(to="hub").run(frame, by=["ward"])
    assert shares.compare("ward", 1, 2).to_polars()["numerator"][0] == 3
    shares = wf.ReferralShare(to="hub").run(frame.drop_nulls("urgent"), by=["urgent"])
    assert shares.compare("urgent", group=True, reference=False).to_polars()["numerator"][0] == 2


def test_an_unknown_key_names_the_keys(make_estimates: Make) -> None:
    shares = make_estimates({"locality": ["Hamilton", "Lanark"]})
    with pytest.raises(wf.ColumnError, match=r"no key column 'localty'.*did you mean 'locality'"):
        shares.compare("localty", "Hamilton", "Lanark")
    with pytest.raises(wf.ColumnError, match="no key column 'sex'"):
        shares.compare("locality", "Hamilton", "Lanark", within="sex")


def test_an_unknown_group_names_the_groups(make_estimates: Make) -> None:
    shares = make_estimates({"locality": ["Hamilton", "Lanark", None]})
    message = r"no group 'Lanrk' in column 'locality'; have .*'Lanark'.*did you mean 'Lanark'"
    with pytest.raises(wf.DataError, match=message):
        shares.compare("locality", "Hamilton", "Lanrk")


def test_partial_results_merge_to_the_whole(referrals: pl.DataFrame) -> None:
    measure = wf.ReferralShare(to="hub")
    whole = measure.run(referrals, by="locality", every="quarter")
    parts = [
        measure.partial(referrals[rows], by="locality", every="quarter")
        for rows in (slice(0, 3), slice(3, 8))
    ]
    merged = parts[1].merge(parts[0]).finish()
    assert merged.to_polars().equals(whole.to_polars())
    assert merged.specification == whole.specification
    assert parts[0].finish(level=0.9).level == 0.9


def test_partial_results_travel_as_arrow(referrals: pl.DataFrame) -> None:
    measure = wf.ReferralShare(to="hub")
    part = measure.partial(referrals, by="locality")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, part.to_arrow().schema) as writer:
        writer.write_table(part.to_arrow())
    reader = pa.ipc.open_stream(sink.getvalue())
    again = wf.Partial.from_arrow(reader)
    assert again.finish().to_polars().equals(measure.run(referrals, by="locality").to_polars())
    assert len(again) == len(part) == 3


def test_partial_results_of_other_questions_do_not_merge(referrals: pl.DataFrame) -> None:
    hub = wf.ReferralShare(to="hub").partial(referrals)
    local = wf.ReferralShare(to="local").partial(referrals)
    with pytest.raises(wf.StateError):
        hub.merge(local)
    with pytest.raises(wf.TypeError_, match="cannot merge a DataFrame"):
        hub.merge(referrals)  # type: ignore[arg-type]


def test_a_table_without_states_is_refused(referrals: pl.DataFrame) -> None:
    with pytest.raises(wf.StateError, match="holds no partial states"):
        wf.Partial.from_arrow(referrals)


def test_partial_results_do_not_show_their_counts(referrals: pl.DataFrame) -> None:
    part = wf.ReferralShare(to="hub").partial(referrals, by="locality")
    assert repr(part) == "<Partial of 3 groups; holds small counts, not for publication>"
