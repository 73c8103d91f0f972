"""Kaplan-Meier curves of eight groups, as an expert would write them in each peer.

All start from the same rows: `team` (a dictionary), `time` (whole days) and `event`. Each form
gives the curve of each team on 61 days. lifelines and scikit-survival take part where they are
installed; the second holds pandas below 3, so they have an environment of their own (see
`requirements.txt` beside this folder).
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import duckdb
import numpy as np
import polars as pl

import wholefamily as wf

DAYS = np.arange(0, 3050, 50)
Run = Callable[[], Any]


def ours(frame: pl.DataFrame) -> Run:
    """Our curves, in order of team and day."""
    measure = wf.Survival(at=DAYS.tolist())

    def run() -> np.ndarray:
        result = measure.run(frame, by="team").to_polars()
        return result["value"].to_numpy().reshape(-1, len(DAYS))

    return run


def _curves(deaths: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """Curves from counts by team and day, read on the days asked for."""
    at_risk = ends[:, ::-1].cumsum(axis=1)[:, ::-1]
    steps = 1 - deaths / np.maximum(at_risk, 1)
    curves = np.cumprod(steps, axis=1)
    return curves[:, np.minimum(DAYS, curves.shape[1] - 1)]


def _numpy_two_counts(team: np.ndarray, time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """One key for team and day; all rows counted, then those with the event."""
    width = int(time.max()) + 1
    key = team.astype(np.int64) * width + time
    groups = int(team.max()) + 1
    ends = np.bincount(key, minlength=groups * width).reshape(groups, width)
    deaths = np.bincount(key[event], minlength=groups * width).reshape(groups, width)
    return _curves(deaths, ends)


def _numpy_one_count(team: np.ndarray, time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """One key for team, event and day; counted once."""
    width = int(time.max()) + 1
    groups = int(team.max()) + 1
    key = (team.astype(np.int64) * 2 + event) * width + time
    counts = np.bincount(key, minlength=groups * 2 * width).reshape(groups, 2, width)
    return _curves(counts[:, 1], counts.sum(axis=1))


def _numpy_small_key(team: np.ndarray, time: np.ndarray, event: np.ndarray) -> np.ndarray:
    """The same with a key of 32 bits, made in place."""
    width = int(time.max()) + 1
    groups = int(team.max()) + 1
    key = team.astype(np.int32)
    key *= 2
    key += event
    key *= width
    key += time
    counts = np.bincount(key, minlength=groups * 2 * width).reshape(groups, 2, width)
    return _curves(counts[:, 1], counts.sum(axis=1))


def _spread(counts: pl.DataFrame, groups: int) -> np.ndarray:
    """Curves from a table of `team` (a code), `time`, `ends` and `deaths`."""
    width = int(counts["time"].max()) + 1
    ends, deaths = np.zeros((2, groups, width))
    place = (counts["team"].to_numpy(), counts["time"].to_numpy())
    ends[place] = counts["ends"].to_numpy()
    deaths[place] = counts["deaths"].to_numpy()
    return _curves(deaths, ends)


def _polars(frame: pl.DataFrame, engine: str) -> np.ndarray:
    """Count by team and day, then numpy on the few counts."""
    counts = (
        frame.lazy()
        .group_by("team", "time")
        .agg(pl.len().alias("ends"), pl.col("event").sum().alias("deaths"))
        .with_columns(pl.col("team").to_physical())
        .collect(engine=engine)
    )
    return _spread(counts, len(frame.schema["team"].categories))


def _polars_one_key(frame: pl.DataFrame, engine: str) -> np.ndarray:
    """The same with one key of 32 bits."""
    key = pl.col("team").to_physical().cast(pl.Int32) * 4096 + pl.col("time")
    counts = (
        frame.lazy()
        .group_by(key.alias("key"))
        .agg(pl.len().alias("ends"), pl.col("event").sum().alias("deaths"))
        .with_columns((pl.col("key") // 4096).alias("team"), (pl.col("key") % 4096).alias("time"))
        .collect(engine=engine)
    )
    return _spread(counts, len(frame.schema["team"].categories))


def _duckdb(frame: pl.DataFrame) -> np.ndarray:
    """Count by team and day in SQL."""
    groups = frame.schema["team"].categories
    counts = duckdb.sql(
        "select team, time, count(*) as ends, count(*) filter (event) as deaths "
        "from frame group by team, time"
    ).pl()
    codes = pl.DataFrame({"team": groups, "code": range(len(groups))})
    counts = counts.with_columns(pl.col("team").cast(pl.String)).join(codes, on="team")
    return _spread(counts.with_columns(team=pl.col("code")), len(groups))


def _by_team(frame: pl.DataFrame) -> list[tuple[np.ndarray, np.ndarray]]:
    """Times and events of each team, in order of team."""
    parts = frame.partition_by("team", as_dict=True)
    order = {name: place for place, name in enumerate(frame.schema["team"].categories)}
    keys = sorted(parts, key=lambda key: order[key[0]])
    return [(parts[key]["time"].to_numpy(), parts[key]["event"].to_numpy()) for key in keys]


def _lifelines(frame: pl.DataFrame) -> np.ndarray:
    """A fit for each team, without a plot."""
    from lifelines import KaplanMeierFitter

    fits = (KaplanMeierFitter().fit(time, event) for time, event in _by_team(frame))
    return np.array([fit.survival_function_at_times(DAYS).to_numpy() for fit in fits])


def _scikit_survival(frame: pl.DataFrame) -> np.ndarray:
    """A curve for each team."""
    from sksurv.nonparametric import kaplan_meier_estimator

    curves = []
    for time, event in _by_team(frame):
        days, survival = kaplan_meier_estimator(event, time)
        place = np.searchsorted(days, DAYS, side="right")
        curves.append(np.concatenate(([1.0], survival))[place])
    return np.array(curves)


def contestants(frame: pl.DataFrame) -> dict[str, dict[str, Run]]:
    """Every form by library."""
    team = frame["team"].to_physical().to_numpy()
    time, event = frame["time"].to_numpy(), frame["event"].to_numpy()
    numpy = {
        "two counts": _numpy_two_counts,
        "one count": _numpy_one_count,
        "one count, 32-bit key": _numpy_small_key,
    }
    peers: dict[str, dict[str, Run]] = {
        "numpy": {
            name: (lambda form=form: form(team, time, event)) for name, form in numpy.items()
        },
        "polars": {
            f"{name}, {engine}": (lambda form=form, engine=engine: form(frame, engine))
            for name, form in (("two keys", _polars), ("one key", _polars_one_key))
            for engine in ("in-memory", "streaming")
        },
        "DuckDB": {"": lambda: _duckdb(frame)},
    }
    if find_spec("lifelines"):
        peers["lifelines"] = {"": lambda: _lifelines(frame)}
    if find_spec("sksurv"):
        peers["scikit-survival"] = {"": lambda: _scikit_survival(frame)}
    return peers


def agree(expected: np.ndarray, answer: np.ndarray) -> bool:
    """Whether the curves are the same but for rounding."""
    return expected.shape == answer.shape and np.allclose(expected, answer, rtol=0, atol=1e-9)
