"""Where on a picture of flows does everything stand? States as bars in columns, flows as bands between."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Kind: TypeAlias = Literal["steps", "order", "pairs"]
"""A column for each step; for each place in the order of states; or one before and one after."""

GAP = 42.0
"""Room between two bars of a column, in pixels: enough for a label of three lines."""
_ROUNDS = 3
_AFTER = 1e9


@dataclass(frozen=True)
class Flow:
    """So many from one state to the next; `to` None: no further step."""

    source: str
    to: str | None
    count: int
    told: str = ""
    step: int | None = None


@dataclass
class Bar:
    """A state in a column, or the room that a flow takes up on its way past one."""

    name: str | None
    column: int
    size: int = 0
    stopped: int = 0
    top: float = 0.0
    height: float = 0.0
    into: list[Band] = field(default_factory=list)
    out: list[Band] = field(default_factory=list)

    @property
    def middle(self) -> float:
        """The height at which it stands."""
        return self.top + self.height / 2


@dataclass
class Band:
    """A flow, with the bars that it passes through and the heights at which it does."""

    flow: Flow
    way: list[Bar]
    leaves: list[float] = field(default_factory=list)
    enters: list[float] = field(default_factory=list)
    thick: float = 0.0


@dataclass(frozen=True)
class Drawing:
    """Bars and bands in pixels from the top left."""

    kind: Kind
    bars: list[Bar]
    bands: list[Band]
    columns: int
    height: float


def drawing(flows: Sequence[Flow], height: float, no_further: str) -> Drawing:
    """Place states and flows.

    Parameters
    ----------
    flows
        With `step`, all of them have one.
    height
        The least height of the picture in pixels: it grows with the number of bars in a column.
    no_further
        What is said of those who went nowhere.
    """
    some = [flow for flow in flows if flow.count > 0]
    if some and all(flow.step is not None for flow in some):
        kind: Kind = "steps"
        bars, bands = _by_step(some)
    elif (levels := _levels(some)) is not None:
        kind = "order"
        bars, bands = _in_order(some, levels)
    else:
        kind = "pairs"
        bars, bands = _in_pairs(some, no_further)
    columns = _columns(bars)
    tall = max([height, *(GAP * 1.5 * len(column) for column in columns)])
    _place(columns, tall)
    _thread(bands)
    return Drawing(kind, bars, bands, len(columns), tall)


def _join(bars: Iterable[Bar], bands: Iterable[Band]) -> tuple[list[Bar], list[Band]]:
    """Tell every bar its bands, and how many pass through it."""
    kept = list(bands)
    for band in kept:
        for bar in band.way[1:]:
            bar.into.append(band)
        for bar in band.way[:-1]:
            bar.out.append(band)
    every = list(bars)
    for bar in every:
        came = sum(band.flow.count for band in bar.into)
        went = sum(band.flow.count for band in bar.out)
        bar.size = max(came, went + bar.stopped)
    return every, kept


def _by_step(flows: Sequence[Flow]) -> tuple[list[Bar], list[Band]]:
    bars: dict[tuple[int, str], Bar] = {}
    first = min(flow.step or 0 for flow in flows)

    def bar(step: int, name: str) -> Bar:
        return bars.setdefault((step, name), Bar(name, step - first))

    bands = []
    for flow in flows:
        source = bar(flow.step or 0, flow.source)
        if flow.to is None:
            source.stopped += flow.count
        else:
            bands.append(Band(flow, [source, bar((flow.step or 0) + 1, flow.to)]))
    return _join(bars.values(), bands)


def _levels(flows: Sequence[Flow]) -> dict[str, int] | None:
    """Give each state its place in the order, the longest way from a first one; None in a circle."""
    after: dict[str, list[str]] = defaultdict(list)
    waits: dict[str, int] = {}
    for flow in flows:
        waits.setdefault(flow.source, 0)
        if flow.to is not None:
            after[flow.source].append(flow.to)
            waits[flow.to] = waits.get(flow.to, 0) + 1
    levels = {state: 0 for state, count in waits.items() if count == 0}
    ready = list(levels)
    while ready:
        state = ready.pop()
        for following in after[state]:
            levels[following] = max(levels.get(following, 0), levels[state] + 1)
            waits[following] -= 1
            if waits[following] == 0:
                ready.append(following)
    return None if any(waits.values()) else levels


def _in_order(flows: Sequence[Flow], levels: dict[str, int]) -> tuple[list[Bar], list[Band]]:
    states = {state: Bar(state, level) for state, level in levels.items()}
    passed: list[Bar] = []
    bands = []
    for flow in flows:
        source = states[flow.source]
        if flow.to is None:
            source.stopped += flow.count
            continue
        to = states[flow.to]
        between = [Bar(None, column) for column in range(source.column + 1, to.column)]
        passed += between
        bands.append(Band(flow, [source, *between, to]))
    return _join([*states.values(), *passed], bands)


def _in_pairs(flows: Sequence[Flow], no_further: str) -> tuple[list[Bar], list[Band]]:
    before: dict[str, Bar] = {}
    after: dict[str | None, Bar] = {}
    bands = []
    for flow in flows:
        source = before.setdefault(flow.source, Bar(flow.source, 0))
        to = after.setdefault(flow.to, Bar(no_further if flow.to is None else flow.to, 1))
        bands.append(Band(flow, [source, to]))
    return _join([*before.values(), *after.values()], bands)


def _columns(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Sort the bars into columns, and in each so that few bands cross."""
    count = 1 + max((bar.column for bar in bars), default=-1)
    columns = [[bar for bar in bars if bar.column == place] for place in range(count)]
    for column in columns:
        column.sort(key=lambda bar: (-bar.size, bar.name or ""))
    for _ in range(_ROUNDS):
        for forward in (True, False):
            for column in columns if forward else columns[::-1]:
                _sort_by_neighbours(column, columns, forward=forward)
    return columns


def _sort_by_neighbours(column: list[Bar], columns: list[list[Bar]], *, forward: bool) -> None:
    ranks = {id(bar): rank for other in columns for rank, bar in enumerate(other)}

    def rank(bar: Bar) -> float:
        weighed = [
            (ranks[id(_neighbour(band, bar, forward=forward))], band.flow.count)
            for band in (bar.into if forward else bar.out)
        ]
        weight = sum(count for _, count in weighed)
        return sum(place * count for place, count in weighed) / weight if weight else _AFTER

    own = {id(bar): rank(bar) for bar in column}
    if any(place < _AFTER for place in own.values()):
        column.sort(key=lambda bar: own[id(bar)])


def _neighbour(band: Band, bar: Bar, *, forward: bool) -> Bar:
    """Find the bar that a band passes before or after this one."""
    place = next(place for place, other in enumerate(band.way) if other is bar)
    return band.way[place - 1 if forward else place + 1]


def _place(columns: Sequence[Sequence[Bar]], height: float) -> None:
    """Give bars their heights, to one scale, and put each column in the middle."""
    scales = [
        (height - GAP * len(column)) / total
        for column in columns
        if (total := sum(bar.size for bar in column)) > 0
    ]
    scale = min(scales, default=0.0)
    for column in columns:
        taken = sum(bar.size for bar in column) * scale + GAP * (len(column) - 1)
        at = (height - taken) / 2
        for bar in column:
            bar.top, bar.height = at, bar.size * scale
            at += bar.height + GAP
        for bar in column:
            for band in bar.out:
                band.thick = band.flow.count * scale


def _thread(bands: Sequence[Band]) -> None:
    """Lay the bands of each bar under one another, in the order of the bars that they lead to."""
    bars = {id(bar): bar for band in bands for bar in band.way}
    leaves: dict[tuple[int, int], float] = {}
    enters: dict[tuple[int, int], float] = {}
    for bar in bars.values():
        for side, threads, at_bar in ((bar.out, leaves, False), (bar.into, enters, True)):
            at = bar.top
            heights = {id(band): _neighbour(band, bar, forward=at_bar).middle for band in side}
            for band in sorted(side, key=lambda band: heights[id(band)]):
                threads[id(band), id(bar)] = at
                at += band.thick
    for band in bands:
        band.leaves = [leaves[id(band), id(bar)] for bar in band.way[:-1]]
        band.enters = [enters[id(band), id(bar)] for bar in band.way[1:]]
