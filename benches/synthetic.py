"""Seeded synthetic tables for the bench: referrals for shares, episodes for stock."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

LOCALITIES = ("Hamilton", "Lanark")
TEAMS = ("hub", "local_office")
FIRST_DAY = date(2022, 9, 1)
DAYS = 731  # 1 September 2022 to 31 August 2024: 24 months, one of them in a leap year
ANSWERED = 0.61

STOCK_FIRST_DAY = date(2014, 1, 1)
STOCK_MONTHS = 120


def _days(origin: date, offsets: np.ndarray) -> pl.Series:
    """Dates as polars stores them: days since 1970 in 32 bits."""
    epoch = (origin - date(1970, 1, 1)).days
    return pl.Series((offsets + epoch).astype(np.int32)).cast(pl.Date)


def referrals(rows: int, *, keys: str, seed: int = 20240831) -> pl.DataFrame:
    """Referrals in no order: `locality`, `team`, `received`, `outcome`.

    `keys` is "enum" (a byte-wide dictionary) or "string" (plain text in every row).
    """
    random = np.random.default_rng(seed)
    locality = random.integers(0, len(LOCALITIES), rows, dtype=np.uint8)
    team = random.integers(0, len(TEAMS), rows, dtype=np.uint8)
    received = random.integers(0, DAYS, rows, dtype=np.int32)
    outcome = random.random(rows, dtype=np.float32) < ANSWERED
    frame = pl.DataFrame(
        {
            "locality": pl.Series(locality).cat.to(pl.Enum(LOCALITIES)),
            "team": pl.Series(team).cat.to(pl.Enum(TEAMS)),
            "received": _days(FIRST_DAY, received),
            "outcome": pl.Series(outcome),
        }
    )
    if keys == "string":
        return frame.with_columns(pl.col("locality", "team").cast(pl.String)).rechunk()
    if keys == "enum":
        return frame.rechunk()
    message = f'keys must be "enum" or "string", not {keys!r}'
    raise ValueError(message)


def episodes(rows: int, *, ids: str, ordered: bool = False, seed: int = 20140101) -> pl.DataFrame:
    """Episodes of care: `child_id`, `start`, `end` (null: still open).

    A child has four episodes on average. Seven in ten follow the one before without a day
    between, one in ten overlaps it, the others leave a gap. Rows come in no order unless
    `ordered` (by child and start, as many extracts are). `ids` is "integer" or "string".
    """
    random = np.random.default_rng(seed)
    children = max(1, rows // 4)
    child = np.sort(random.integers(0, children, rows))
    first = np.ones(rows, dtype=bool)
    first[1:] = child[1:] != child[:-1]

    length = 1 + random.exponential(180, rows).astype(np.int64)
    kind = random.random(rows)
    step = np.where(
        kind < 0.7, 0, np.where(kind < 0.8, -np.minimum(length // 2, 30), 1 + length // 3)
    )
    # Each child's episodes are laid end to end from its first day, then shifted by `step`.
    before = np.concatenate(([0], np.cumsum(length)[:-1])) + np.cumsum(np.where(first, 0, step))
    origin = np.repeat(before[first], np.diff(np.append(np.flatnonzero(first), rows)))
    entry = random.integers(-900, 30 * STOCK_MONTHS, children + 1)[child]
    start = entry + before - origin
    end = start + length
    is_open = end > 31 * STOCK_MONTHS

    # Nine-digit numbers that say nothing about each other, as identifiers should.
    number = (child * 387_420_489 + 123_456_789) % 999_999_937
    frame = pl.DataFrame(
        {
            "child_id": pl.Series(number.astype(np.int64)),
            "start": _days(STOCK_FIRST_DAY, start),
            "end": _days(STOCK_FIRST_DAY, end),
            "open": pl.Series(is_open),
        }
    ).select("child_id", "start", pl.when(~pl.col("open")).then("end").alias("end"))
    if not ordered:
        frame = frame[random.permutation(rows)]
    if ids == "string":
        text = pl.format("C{}", pl.col("child_id").cast(pl.String).str.zfill(9))
        return frame.with_columns(text.alias("child_id")).rechunk()
    if ids == "integer":
        return frame.rechunk()
    message = f'ids must be "integer" or "string", not {ids!r}'
    raise ValueError(message)


def durations(rows: int, *, seed: int = 20240101) -> pl.DataFrame:
    """Times to an event in no order: `team` (of eight), `time` (whole days up to 3,000), `event`."""
    random = np.random.default_rng(seed)
    team = pl.Series(random.integers(0, 8, rows, dtype=np.uint8))
    time = np.minimum(random.exponential(700, rows), 3000).astype(np.int32)
    names = [f"team {letter}" for letter in "ABCDEFGH"]
    return pl.DataFrame(
        {"team": team.cat.to(pl.Enum(names)), "time": time, "event": random.random(rows) < 0.4}
    )


def month_ends() -> list[date]:
    """The 120 month ends from January 2014 to December 2023."""
    first = STOCK_FIRST_DAY
    firsts = pl.date_range(first, date(first.year + 10, 1, 1), "1mo", closed="right", eager=True)
    return firsts.dt.offset_by("-1d").to_list()
