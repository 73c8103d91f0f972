"""What is timed: a question, its rows, the engine and its peers."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

import synthetic
from peers import share, spells, stock, survival

Run = Callable[[], Any]
OURS = "wholefamily"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One question over one table."""

    name: str
    rows: int
    table: Callable[[int], pl.DataFrame]
    ours: Callable[[pl.DataFrame], Run]
    peers: Callable[[pl.DataFrame], dict[str, dict[str, Run]]]
    agree: Callable[[Any, Any], bool]
    target: float
    only: str | None = None
    """The library that the target is about; by default the fastest."""

    def forms(self, frame: pl.DataFrame, *, only_ours: bool = False) -> dict[tuple[str, str], Run]:
        """Every contestant by library and form, ours first."""
        peers = {} if only_ours else self.peers(frame)
        flat = {(peer, form): run for peer, runs in peers.items() for form, run in runs.items()}
        return {(OURS, ""): self.ours(frame)} | flat


def _share(keys: str, target: float) -> Case:
    return Case(
        name=f"share with Wilson intervals, {keys} keys, 96 groups",
        rows=50_000_000,
        table=lambda rows: synthetic.referrals(rows, keys=keys),
        ours=share.ours,
        peers=share.contestants,
        agree=share.agree,
        target=target,
    )


def _stock(ids: str, *, ordered: bool = False) -> Case:
    dates = synthetic.month_ends()
    order = "in order of child and start" if ordered else "in no order"
    return Case(
        name=f"children looked after at 120 month ends, {ids} ids, rows {order}",
        rows=2_000_000,
        table=lambda rows: synthetic.episodes(rows, ids=ids, ordered=ordered),
        ours=lambda frame: stock.ours(frame, dates),
        peers=lambda frame: stock.contestants(frame, dates),
        agree=operator.eq,
        target=5.0,
    )


def _survival(millions: int) -> Case:
    return Case(
        name="Kaplan-Meier curves of 8 groups, whole days",
        rows=millions * 1_000_000,
        table=synthetic.durations,
        ours=survival.ours,
        peers=survival.contestants,
        agree=survival.agree,
        target=6.0,
        only="numpy",
    )


def _spells(millions: int) -> Case:
    return Case(
        name="spells of care from episodes, rows in no order",
        rows=millions * 1_000_000,
        # Rows that stand twice, which we count once and list, would cost the peers a pass more.
        table=lambda rows: synthetic.episodes(rows, ids="integer").unique(maintain_order=True),
        ours=spells.ours,
        peers=spells.contestants,
        agree=spells.agree,
        target=2.0,
        only="polars",
    )


CASES = {
    "share-enum": _share("enum", 8.0),
    "share-string": _share("string", 1.3),
    "stock-integer": _stock("integer"),
    "stock-string": _stock("string"),
    "stock-ordered": _stock("integer", ordered=True),
    **{f"survival-{millions}": _survival(millions) for millions in (1, 10, 20)},
    **{f"spells-{millions}": _spells(millions) for millions in (1, 10, 20)},
}
