"""The limits of a funnel: for the groups, and as lines over every size between them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from wholefamily import stats

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wholefamily.stats.funnel import FunnelMethod

Of: TypeAlias = Literal["proportion", "rate"]
"""What the values of the groups are."""

_STEPS = 240
_TRANSFORMS: dict[str, Literal["arcsine", "sqrt"]] = {"proportion": "arcsine", "rate": "sqrt"}


@dataclass(frozen=True)
class Lines:
    """Lower and upper limits at sizes: `inner` of 95%, `outer` of 99.8%."""

    at: list[float]
    inner: tuple[list[float], list[float]]
    outer: tuple[list[float], list[float]]

    def scaled(self, per: float) -> Lines:
        """Give the same limits per so much."""
        inner, outer = (
            ([low * per for low in lows], [high * per for high in highs])
            for lows, highs in (self.inner, self.outer)
        )
        return Lines(self.at, inner, outer)


def spread(x: Sequence[int], n: Sequence[float], average: float, of: Of) -> stats.Overdispersion:
    """How much more than chance do the groups vary, all together?"""
    return stats.overdispersion(list(x), list(n), average=average, transform=_TRANSFORMS[of])


def lines(
    sizes: Sequence[float], average: float, of: Of, method: FunnelMethod, tau2: float | None
) -> Lines:
    """Find the limits over all sizes up to the largest group's."""
    largest = max(sizes) * 1.05
    by_events = of == "rate" and method == "phe" and tau2 is None
    at = _grid(largest, whole=of == "proportion" or by_events)
    if not at or average <= 0 or (of == "proportion" and average >= 1):
        return Lines([], ([], []), ([], []))
    known = [
        (size, *cast("tuple[float, ...]", row))
        for size, row in zip(at, _limits(at, average, of, method, tau2), strict=True)
        if all(limit is not None and math.isfinite(limit) for limit in row)
    ]
    size, *ends = ([row[place] for row in known] for place in range(5))
    return Lines(size, (ends[0], ends[1]), (ends[2], ends[3]))


def signals(
    groups: Sequence[Mapping[str, Any]],
    average: float,
    of: Of,
    method: FunnelMethod,
    tau2: float | None,
) -> list[str]:
    """Say in words where each group lies among its own limits."""
    if tau2 is None:
        x, n = [group["x"] for group in groups], [group["n"] for group in groups]
        found = stats.funnel_signal(x, n, average, of=of, method=method)["signal"].to_list()
    else:
        rows = _limits([group["n"] for group in groups], average, of, method, tau2)
        values = [group["x"] / group["n"] for group in groups]
        found = [_signal(value, row) for value, row in zip(values, rows, strict=True)]
    return [{"within": "within limits", None: "no limits"}.get(word, str(word)) for word in found]


def _signal(value: float, limits: Sequence[float | None]) -> str | None:
    low, high, lowest, highest = limits
    if low is None or high is None or lowest is None or highest is None:
        return None
    if value < low:
        return "below 99.8%" if value < lowest else "below 95%"
    if value > high:
        return "above 99.8%" if value > highest else "above 95%"
    return "within"


def _limits(
    at: Sequence[float], average: float, of: Of, method: FunnelMethod, tau2: float | None
) -> list[tuple[float | None, ...]]:
    """Give lower and upper at 95%, then at 99.8%, for each size."""
    if tau2 is None:
        return stats.funnel_limits(list(at), average, of=of, method=method).rows()
    inner, outer = (
        stats.adjusted_limits(list(at), average, tau2, transform=_TRANSFORMS[of], level=level)
        for level in (0.95, 0.998)
    )
    return [(*near, *far) for near, far in zip(inner.rows(), outer.rows(), strict=True)]


def _grid(largest: float, *, whole: bool) -> list[float]:
    """Give sizes up to the largest, denser where the limits bend; whole ones if need be."""
    if largest <= 0:
        return []
    sizes = [largest * (step / _STEPS) ** 2 for step in range(1, _STEPS + 1)]
    return sorted({float(max(1, round(size))) for size in sizes}) if whole else sizes
