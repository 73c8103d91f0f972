"""Brothers and sisters in care: who lives together, against a naive version and on a return."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wholefamily as wf
from by_hand import clustered_by_hand, day, table
from children_placed import (
    LAST_OF_RETURN,
    by_date,
    drawn,
    keys,
    stays,
    where,
    year_end_return,
)
from oracle import groups, share_row
from strategies import Drawn
from test_measures_oracle import agree

if TYPE_CHECKING:
    from oracle import Row


def together(rows: list[Row], date: dt.date, unit: str) -> list[Counter[str]]:
    """Count, for each group, the groups or the children who live with all, some and none."""
    found = []
    names = sorted({row["place_id"] for row in rows} - {None}, reverse=True)

    def order(row: Row) -> tuple[bool, int]:
        return (True, names.index(row["place_id"])) if row["place_id"] is not None else (False, 0)

    for _, mine in groups(rows, ["sibling_group"]):
        homes = [row["place_id"] for row in where(mine, date, order)]
        if mine[0]["sibling_group"] is None or len(homes) < 2 or None in homes:
            continue
        sizes = [homes.count(home) for home in homes]
        words = ["all" if n == len(homes) else "none" if n == 1 else "some" for n in sizes]
        one = "all" if "all" in words else "some" if "some" in words else "none"
        found.append(Counter(words if unit == "children" else [one]))
    return found


@drawn
@given(
    data=stays(wide=False),
    every=st.sampled_from([None, None, "week", "month"]),
    more=st.integers(0, 120),
    unit=st.sampled_from(["groups", "children"]),
)
def test_siblings_together(data: Drawn, every: Any, more: int, unit: Any) -> None:
    at = [dt.date(2020, 3, 31), dt.date(2020, 3, 1) + dt.timedelta(days=more)]
    asking: dict[str, Any] = {} if every else {"at": at}

    def count(rows: list[Row], date: dt.date) -> list[tuple[Row, int, int]]:
        found = together(rows, date, unit)
        base = sum(group.total() for group in found)
        counted = []
        for word in ("all", "some", "none"):
            own: Row = {"together": word}
            if unit == "children":
                own["method"] = "wilson-clustered"
                limits = clustered_by_hand([(group[word], group.total()) for group in found])
                own["lower"], own["upper"] = limits
                own["reason"] = ["no rows", "one cluster", None][min(len(found), 2)]
            counted.append((own, sum(group[word] for group in found), base))
        return counted

    def grouped(row: Row) -> bool:
        return row["sibling_group"] is not None

    def used(row: Row) -> bool:
        return grouped(row) and row["place_id"] is not None

    expected = by_date(data, (at, every), count, used, grouped)
    got = wf.SiblingsTogether(**asking, unit=unit).run(data.frame, by=data.by, every=every)
    agree(got, expected, keys(data.by, every, "together"))


def test_a_group_with_a_child_whose_place_is_not_known_is_in_no_base() -> None:
    frame = table(
        *((child, "01-01", None) for child in ("Ann", "Bea", "Cal", "Dan", "Eva")),
        sibling_group=["Fox", "Fox", "Roe", "Roe", None],
        place_id=["x", None, "<script>", "<script>", "x"],
    )
    found = wf.SiblingsTogether(at=["2023-03-31"], as_of="2023-06-30").run(frame)
    shown = found.to_polars().select("together", "numerator", "denominator", "rows_dropped").rows()
    assert shown == [("all", 1, 1.0, 2), ("some", 0, 1.0, 2), ("none", 0, 1.0, 2)]
    assert found.notes == [
        "groups of brothers and sisters on a date asked for with a child whose place is not recorded: 1, in no base"
    ]


def test_children_of_one_group_do_not_count_as_if_each_stood_for_itself() -> None:
    homes = {"Fox": "xxxx", "Roe": "yyyy", "Lee": "pqrs", "Kay": "zz", "Day": "uv", "May": "w,"}
    rows = [(group, place) for group, places in homes.items() for place in places]
    frame = pl.DataFrame(
        {
            "child_id": list(range(len(rows))),
            "sibling_group": [group for group, _ in rows],
            "place_id": [place for _, place in rows],
            "team": ["a" if group in ("Fox", "Roe", "Day") else "b" for group, _ in rows],
            "start": [day("2023-01-01")] * len(rows),
            "end": pl.Series([None] * len(rows), dtype=pl.Date),
        }
    )
    at = ["2023-03-31"]
    children = wf.SiblingsTogether(at=at, unit="children")
    row = children.run(frame).to_polars().filter(together="all").row(0, named=True)
    assert (row["numerator"], row["denominator"]) == (10, 18.0)
    alone = share_row(10, 18, "wilson", 0.95)
    assert row["lower"] < alone["lower"] - 0.1
    assert row["upper"] > alone["upper"] + 0.1
    with pytest.raises(wf.SpecError, match='ask for `unit` "groups"'):
        children.run(frame, by="team").compare("team", "a", "b")
    apart = wf.SiblingsTogether(at=at).run(frame, by="team").compare("team", "a", "b")
    assert len(apart.to_polars()) == 9
    with pytest.raises(wf.SpecError, match="'wald' has no such form"):
        wf.SiblingsTogether(at=at, unit="children", method="wald").run(frame)


@pytest.mark.parametrize("unit", ["groups", "children"])
def test_brothers_and_sisters_of_a_return(unit: Any) -> None:
    # The return says nothing of families: children of neighbouring numbers stand in for them.
    frame = year_end_return().with_columns(
        sibling_group=pl.col("child_id") // 2000, place_id=pl.col("URN") % 3
    )
    got = wf.SiblingsTogether(at=[LAST_OF_RETURN], unit=unit).run(frame).to_polars()
    groups_found = together(frame.to_dicts(), LAST_OF_RETURN, unit)
    found: Counter[str] = sum(groups_found, Counter())
    if unit == "children":
        limits = clustered_by_hand([(group["all"], group.total()) for group in groups_found])
        assert got.select("lower", "upper").row(0) == pytest.approx(limits, rel=1e-11)
    assert got["numerator"].to_list() == [found[word] for word in ("all", "some", "none")]
    assert got["denominator"].to_list() == [found.total()] * 3
    assert min(found.values()) > 0
