"""Time whole columns of statistics against their peers, on the same numbers in one run.

    python benches/stats.py [CASE ...] [--repeats N] [--out DIR]

All forms run once first, which warms them and holds their answers against ours. Then they take
turns; the median counts. A form that would take minutes does a part of the work, the same in
every turn, and its time is scaled up: the page says of which it is so. "One thread" is another
process that Rayon allows one thread, and takes its turns like the rest. Writes stats.md.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import wholefamily as wf
from run import timed

OURS = "wholefamily"
PACKAGES = (OURS, "numpy", "scipy", "statsmodels")
CACHED = 1 << 16  # numbers at a time, so that numpy's temporaries stay in the cache
ROWS, FLAT_ROWS = 1 << 10, 1 << 14  # rows at a time, likewise: of tables, of numbers


@dataclass(frozen=True)
class Form:
    """One way to the answer, or to the first `part` of it."""

    library: str
    how: str
    run: Callable[[], Any]
    part: float = 1.0


@dataclass
class Case:
    """What is asked, of which numbers."""

    name: str
    targets: str = ""

    def forms(self) -> list[Form]:
        """Ours first."""
        raise NotImplementedError

    def agree(self, ours: Any, theirs: Any) -> bool:
        """Whether a peer's answer is ours."""
        raise NotImplementedError


# ── A million intervals ───────────────────────────────────────────────────────────────


@dataclass
class Wilson(Case):
    """Wilson intervals, one a row."""

    name: str = "1,000,000 Wilson intervals"
    targets: str = "under 20 ms of one core"
    rows: int = 1_000_000
    some: int = 2_000

    @cached_property
    def counts(self) -> tuple[Any, Any]:
        """How many have it, of how many: groups of 1 to 10,000."""
        random = np.random.default_rng(1)
        n = random.integers(1, 10_001, self.rows)
        return random.binomial(n, 0.3), n

    def ours(self) -> Any:
        """Value and limits of each row."""
        return wf.stats.proportion(*self.counts)

    def statsmodels(self) -> Any:
        """Limits of each row, in one call."""
        from statsmodels.stats.proportion import proportion_confint

        return proportion_confint(*self.counts, method="wilson")

    def scipy(self) -> Any:
        """Limits of some rows, one at a time: SciPy has no other way."""
        from scipy.stats import binomtest

        pairs = zip(*(column[: self.some].tolist() for column in self.counts), strict=True)
        found = [binomtest(x, n).proportion_ci(method="wilson") for x, n in pairs]
        return tuple(np.array(limits) for limits in zip(*found, strict=True))

    def numpy(self) -> Any:
        """The formula as one would write it."""
        z2 = 1.959963984540054**2
        x, n = self.counts
        centre = x + z2 / 2
        half = np.sqrt(z2 * (x * (n - x) / n + z2 / 4))
        return (centre - half) / (n + z2), (centre + half) / (n + z2)

    def forms(self) -> list[Form]:
        """Ours first."""
        return [
            Form(OURS, "all threads", self.ours),
            Form("numpy", "the formula written out", self.numpy),
            Form("statsmodels", "proportion_confint on arrays", self.statsmodels),
            Form("scipy", "binomtest in a loop", self.scipy, self.some / self.rows),
        ]

    def agree(self, ours: Any, theirs: Any) -> bool:
        """Limits to 12 digits; near 0, to what is left of 1."""
        names = ("lower", "upper")
        return all(
            np.allclose(ours[name].to_numpy()[: len(limit)], limit, rtol=1e-12, atol=1e-15)
            for name, limit in zip(names, theirs, strict=True)
        )


# ── A hundred thousand exact tests ────────────────────────────────────────────────────


def stepped(x1: Any, n1: Any, drawn: Any, rest: Any, logs: Any) -> Any:
    """Fisher's p of many rows: the ratio of each table to the next, out from the mode both ways."""

    def log(k: Any) -> Any:
        return logs[k] + logs[n1 - k] + logs[drawn - k] + logs[rest + k]

    mode = (drawn + 1) * (n1 + 1) // (n1 + drawn + rest + 2)
    seen = np.exp(log(mode) - log(x1)) * (1 + 1e-7)
    total, tail = np.ones(len(x1)), (seen >= 1).astype(float)
    for up in (True, False):
        row, weight, limit = np.arange(len(x1)), np.ones(len(x1)), seen
        k, a, b, c = (column.astype(float) for column in (mode, n1, drawn, rest))
        while row.size:
            for _ in range(8):
                if up:
                    weight = weight * ((a - k) * (b - k) / ((k + 1) * (c + k + 1)))
                    k = k + 1
                else:
                    weight = weight * (k * (c + k) / ((a - k + 1) * (b - k + 1)))
                    k = k - 1
                total[row] += weight
                tail[row] += np.where(weight <= limit, weight, 0)
            on = weight > 1e-17 * np.minimum(limit, 1)  # the others are done
            row, weight, k, limit = row[on], weight[on], k[on], limit[on]
            a, b, c = a[on], b[on], c[on]
    return tail / total


@dataclass
class Fisher(Case):
    """Fisher's two-sided test, one a row."""

    name: str = "100,000 Fisher tests, groups of 10 to 500"
    targets: str = "1,000 times SciPy's loop, 30 times a vectorised enumeration"
    rows: int = 100_000
    some: int = 500

    @cached_property
    def tables(self) -> tuple[Any, Any, Any, Any]:
        """x1, n1, x2, n2 of groups whose shares differ somewhat, at random."""
        random = np.random.default_rng(2)
        n1, n2 = random.integers(10, 501, (2, self.rows))
        share = random.uniform(0.05, 0.95, self.rows)
        other = np.clip(share + random.normal(0, 0.07, self.rows), 0, 1)
        return random.binomial(n1, share), n1, random.binomial(n2, other), n2

    def ours(self) -> Any:
        """A p-value a row."""
        return wf.stats.exact_test(*self.tables)

    def scipy(self) -> Any:
        """Those of some rows, one at a time: SciPy has no other way."""
        from scipy.stats import fisher_exact

        some = (column[: self.some].tolist() for column in self.tables)
        tables = [[[x1, n1 - x1], [x2, n2 - x2]] for x1, n1, x2, n2 in zip(*some, strict=True)]
        return np.array([fisher_exact(table).pvalue for table in tables])

    def flat(self) -> Any:
        """Every table that the margins allow, end to end, and sums over each stretch."""
        from scipy.special import gammaln

        logs = gammaln(np.arange(1002) + 1.0)
        x1, n1, x2, n2 = self.tables
        drawn = x1 + x2
        least = np.maximum(0, drawn - n2)
        cells = np.minimum(n1, drawn) - least + 1
        ends = np.cumsum(cells)
        p = np.empty(self.rows)
        begin = 0
        while begin < self.rows:
            before = ends[begin] - cells[begin]
            end = max(begin + 1, int(np.searchsorted(ends, before + CACHED)))
            rows = slice(begin, end)
            starts = ends[rows] - cells[rows] - before

            def along(column: Any, rows: slice = rows) -> Any:
                return np.repeat(column[rows], cells[rows])

            k = np.arange(ends[end - 1] - before) + np.repeat(least[rows] - starts, cells[rows])
            log = logs[k] + logs[along(n1) - k]
            log += logs[along(drawn) - k] + logs[along(n2 - drawn) + k]
            seen = log[starts + x1[rows] - least[rows]]
            weight = np.exp(np.repeat(seen, cells[rows]) - log)
            all_of_it = np.add.reduceat(weight, starts)
            p[rows] = np.add.reduceat(np.where(weight <= 1 + 1e-7, weight, 0), starts) / all_of_it
            begin = end
        return p

    def padded(self) -> Any:
        """The same with a column for each table that any margins allow, some rows at a time."""
        from scipy.special import gammaln

        logs = gammaln(np.arange(1002) + 1.0)
        p = np.empty(self.rows)
        for begin in range(0, self.rows, ROWS):
            rows = slice(begin, begin + ROWS)
            x1, n1, x2, n2 = (column[rows, np.newaxis] for column in self.tables)
            drawn = x1 + x2
            least, most = np.maximum(0, drawn - n2), np.minimum(n1, drawn)
            k = least + np.arange(np.max(most - least) + 1)
            allowed = k <= most
            k = np.minimum(k, most)
            log = -logs[k] - logs[n1 - k] - logs[drawn - k] - logs[n2 - drawn + k]
            weight = np.where(allowed, np.exp(log - np.take_along_axis(log, x1 - least, 1)), 0)
            tail = np.where(weight <= 1 + 1e-7, weight, 0)
            p[rows] = tail.sum(axis=1) / weight.sum(axis=1)
        return p

    def stepped(self) -> Any:
        """From the likeliest table up and down, many rows a step, for as long as one adds to p."""
        from scipy.special import gammaln

        logs = gammaln(np.arange(1002) + 1.0)
        p = np.empty(self.rows)
        for begin in range(0, self.rows, FLAT_ROWS):
            rows = slice(begin, begin + FLAT_ROWS)
            x1, n1, x2, n2 = (column[rows] for column in self.tables)
            p[rows] = stepped(x1, n1, x1 + x2, n2 - x1 - x2, logs)
        return p

    def forms(self) -> list[Form]:
        """Ours first."""
        return [
            Form(OURS, "all threads", self.ours),
            Form("numpy", "all tables enumerated, end to end", self.flat),
            Form("numpy", "all tables enumerated, padded", self.padded),
            Form("numpy", "stepped out from the mode", self.stepped),
            Form("scipy", "fisher_exact in a loop", self.scipy, self.some / self.rows),
        ]

    def agree(self, ours: Any, theirs: Any) -> bool:
        """To 9 digits: sums of logarithms of factorials lose some."""
        return np.allclose(ours["p_value"].to_numpy()[: len(theirs)], theirs, rtol=1e-9, atol=0)


# ── Ten thousand resamples ────────────────────────────────────────────────────────────


@dataclass
class Resampled(Case):
    """Percentile limits of a difference between two shares."""

    name: str = "10,000 bootstrap resamples of a difference, 100,000 people a group"
    targets: str = "30 times scipy.stats.bootstrap drawing every row"
    people: int = 100_000
    draws: int = 10_000
    some: int = 200
    batch: int = 20

    @cached_property
    def groups(self) -> tuple[Any, Any]:
        """Who has it, 1 or 0, in either group."""
        random = np.random.default_rng(3)
        return tuple(random.binomial(1, share, self.people).astype(float) for share in (0.31, 0.3))

    @cached_property
    def rows(self) -> tuple[Any, Any]:
        """The same as a table holds it: who has it, who belongs to the first group."""
        return np.concatenate(self.groups), np.repeat([True, False], self.people)

    def ours(self) -> Any:
        """From the rows."""
        value, group = self.rows
        found = wf.stats.bootstrap(
            value, group=group, seed=1, draws=self.draws, method="percentile"
        )
        return found.lower, found.upper

    def scipy(self) -> Any:
        """Some resamples, several at a time."""
        from scipy.stats import bootstrap

        found = bootstrap(
            self.groups,
            lambda one, other, axis: one.mean(axis=axis) - other.mean(axis=axis),
            n_resamples=self.some,
            batch=self.batch,
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(4),
        )
        return tuple(found.confidence_interval)

    def numpy(self) -> Any:
        """Drawing every row, as bytes and by 32-bit numbers, which is quicker."""
        random = np.random.default_rng(5)
        shares = []
        for group in self.groups:
            has = group.astype(np.uint8)
            drawn = (
                has[random.integers(0, self.people, self.people, dtype=np.uint32)]
                for _ in range(self.some)
            )
            shares.append(np.array([np.count_nonzero(each) for each in drawn]) / self.people)
        return tuple(np.quantile(shares[0] - shares[1], (0.025, 0.975)))

    def binomial(self) -> Any:
        """Counting both groups, then drawing their counts."""
        random = np.random.default_rng(6)
        one, other = (
            random.binomial(self.people, group.mean(), self.draws) for group in self.groups
        )
        return tuple(np.quantile((one - other) / self.people, (0.025, 0.975)))

    def forms(self) -> list[Form]:
        """Ours first."""
        part = self.some / self.draws
        return [
            Form(OURS, "all threads", self.ours),
            Form("numpy", "binomial draws", self.binomial),
            Form("numpy", "every row drawn", self.numpy, part),
            Form("scipy", "bootstrap(vectorized=True, batch=20)", self.scipy, part),
        ]

    def agree(self, ours: Any, theirs: Any) -> bool:
        """Within five standard errors that so few resamples leave a 2.5% quantile."""
        error = (ours[1] - ours[0]) / (2 * 1.96)
        density = np.exp(-(1.96**2) / 2) / np.sqrt(2 * np.pi) / error
        spread = np.sqrt(0.025 * 0.975 * (1 / self.some + 1 / self.draws)) / density
        return np.allclose(ours, theirs, rtol=0, atol=5 * spread)


CASES: dict[str, Callable[[], Case]] = {
    "wilson": Wilson,
    "fisher": Fisher,
    "bootstrap": Resampled,
}


# ── Turns ─────────────────────────────────────────────────────────────────────────────


class Alone:
    """Ours in a process with one thread, which runs a case once for each line it is sent."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--alone"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"RAYON_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1"},
        )

    def seconds(self, case: str) -> float:
        """How long it took there."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the other process has no pipes")
        print(case, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self.process.communicate()


def serve() -> None:
    """Be the other process."""
    made: dict[str, Form] = {}
    for line in sys.stdin:
        name = line.strip()
        if name not in made:
            made[name] = CASES[name]().forms()[0]
        print(timed(made[name].run)[0], flush=True)


def bench(name: str, alone: Alone, repeats: int) -> list[dict[str, Any]]:
    """One case: a row a form, with its median and whether its answer is ours."""
    case = CASES[name]()
    forms = case.forms()
    ours = forms[0].run()
    rows: list[dict[str, Any]] = [
        {"library": form.library, "how": form.how, "part": form.part, "turns": []}
        | {"agrees": form is forms[0] or case.agree(ours, form.run())}
        for form in forms
    ]
    single = rows[0] | {"how": "one thread", "turns": []}
    alone.seconds(name)
    for _ in range(repeats):
        single["turns"].append(alone.seconds(name))
        for form, row in zip(forms, rows, strict=True):
            row["turns"].append(timed(form.run)[0] / form.part)
    rows.insert(1, single)
    for row in rows:
        row |= {"seconds": statistics.median(row["turns"]), "fastest": min(row["turns"])}
    return rows


def page(found: dict[str, list[dict[str, Any]]]) -> str:
    """The results as Markdown."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    lines = [f"{os.cpu_count()} CPUs; {packages}.", ""]
    for name, rows in found.items():
        case = CASES[name]()
        lines += [
            f"## {case.name}",
            "",
            "| library | form | ms | fastest, ms | times ours | same answer |",
            "|---|---|---:|---:|---:|---|",
        ]
        for row in sorted(rows, key=lambda row: row["seconds"]):
            share = "" if row["part"] == 1 else f" (a {1 / row['part']:.0f}th timed, scaled up)"
            times = row["seconds"] / rows[0]["seconds"]
            lines.append(
                f"| {row['library']} | {row['how']}{share} | {row['seconds'] * 1e3:,.1f} "
                f"| {row['fastest'] * 1e3:,.1f} | {times:,.{1 if times > 0.95 else 2}f} "
                f"| {'yes' if row['agrees'] else 'NO'} |"
            )
        turns = len(rows[0]["turns"])
        lines += ["", f"Median of {turns} turns. Wanted: {case.targets}.", ""]
    return "\n".join(lines)


def main(words: list[str]) -> int:
    """Run the cases; 1 if any answer is not ours."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("cases", nargs="*", choices=[*CASES, []], help="all, if none is named")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each form")
    parser.add_argument("--out", type=Path, default=Path("out/bench"), help="folder to write to")
    parser.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(words)
    if chosen.alone:
        serve()
        return 0
    with closing(Alone()) as alone:
        found = {name: bench(name, alone, chosen.repeats) for name in chosen.cases or CASES}
    chosen.out.mkdir(parents=True, exist_ok=True)
    (chosen.out / "stats.md").write_text(page(found))
    print(page(found))
    return 0 if all(row["agrees"] for rows in found.values() for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
