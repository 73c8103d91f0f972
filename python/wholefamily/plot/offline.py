"""How does a chart show itself in a notebook without a network?

Altair's own way fetches its drawing programs from a public server, which many services' networks
do not allow. Ours carries the specification, for notebooks that can draw it themselves, and the
still picture for all others.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import altair as alt

# With +json, which the notebook format requires of anything that is not text.
SPECIFICATION = "application/vnd.vegalite.v6+json"


class _Offline:
    """Shows a chart as its specification and its picture, unless another renderer was chosen."""

    def _repr_mimebundle_(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401
        drawable = importlib.util.find_spec("vl_convert") is not None
        if alt.renderers.active != "default" or not drawable:
            return super()._repr_mimebundle_(*args, **options)  # type: ignore[misc]
        from wholefamily import plot

        specification = self.to_dict()  # type: ignore[attr-defined]
        return {
            SPECIFICATION: specification,
            "image/svg+xml": plot.svg(self),  # type: ignore[arg-type]
            "text/plain": specification.get("description", "A chart"),
        }


class Chart(_Offline, alt.Chart):
    """One picture."""


class LayerChart(_Offline, alt.LayerChart):
    """Pictures over one another."""


class FacetChart(_Offline, alt.FacetChart):
    """A picture for each group."""


class VConcatChart(_Offline, alt.VConcatChart):
    """Pictures under one another."""


_KINDS = {kind.__bases__[1]: kind for kind in (Chart, LayerChart, FacetChart, VConcatChart)}


def offline(chart: Any) -> Any:  # noqa: ANN401  (any of Altair's kinds of chart)
    """Give the same chart, of a kind that shows itself without a network, also once changed."""
    same = chart.copy(deep=False)
    object.__setattr__(same, "__class__", _KINDS[type(chart)])
    return same
