"""Quantiles of areas, national and within parts of the country."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wholefamily as wf

areas = st.lists(
    st.tuples(st.sampled_from(["Glasgow", "Moray", "Fife"]), st.integers(1, 500)), max_size=40
)


@given(areas, st.integers(2, 5))
def test_each_part_is_placed_as_if_it_were_alone(zones: list[tuple[str, int]], k: int) -> None:
    table = pl.DataFrame(zones, schema=["council", "people"], orient="row").with_row_index("rank")
    local = wf.stats.population_quantile(
        table["rank"], table["people"], k=k, within=table["council"]
    )
    assert local.height == table.height
    for (council,), part in table.with_columns(local).group_by("council"):
        alone = wf.stats.population_quantile(part["rank"], part["people"], k=k)
        assert part["quantile"].to_list() == alone["quantile"].to_list(), council


def test_without_parts_they_are_national() -> None:
    value = [3, 1, 4, 2]
    national = wf.stats.quantile(value, k=2)
    assert wf.stats.quantile(value, k=2, within=["all"] * 4).equals(national)
    assert wf.stats.quantile([], k=2, within=[]).height == 0


def test_parts_that_do_not_fit_say_so() -> None:
    with pytest.raises(wf.DataError, match="value has 2 values and within has 1"):
        wf.stats.quantile([1, 2], k=2, within=["Moray"])
    with pytest.raises(wf.TypeError_, match="one number"):
        wf.stats.quantile(1, k=2, within=["Moray"])
