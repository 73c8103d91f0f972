"""Write the table of docs/accuracy.md: how near every method comes to every reference.

python scripts/accuracy.py PAGE            runs the reference tests and writes the table
python scripts/accuracy.py PAGE --check    fails if the table on the page is another

The page's prose is its own; only what stands between its two marks is written here.
"""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "tests" / "reference"
BEGIN, END = "<!-- written by make accuracy -->", "<!-- up to here -->"

SECTIONS: dict[str, dict[str, str]] = {
    "Shares": {
        "proportion.csv": "share",
        "posterior_share.csv": "posterior of a share",
        "coverage.csv": "coverage",
        "finite_coverage.csv": "coverage in a finite population",
    },
    "Two groups": {
        "difference.csv": "difference",
        "ratio.csv": "ratio",
        "odds_ratio.csv": "odds ratio",
        "number_needed.csv": "number needed",
        "exact_test.csv": "exact test",
        "chi_squared.csv": "chi-squared",
        "posterior_difference.csv": "posterior of a difference",
        "e_value.csv": "E-value",
    },
    "Strata": {
        "mantel_haenszel.csv": "Mantel–Haenszel",
        "breslow_day.csv": "Breslow–Day",
    },
    "More than two groups": {
        "independence.csv": "independence",
        "trend.csv": "trend",
        "adjust.csv": "adjusted p-values",
    },
    "The same people twice": {
        "mcnemar.csv": "McNemar",
        "paired_difference.csv": "paired difference",
        "signed_rank.csv": "signed rank",
        "paired_t.csv": "paired t",
        "reliable_change.csv": "reliable change",
        "overlap_change.csv": "change of an overlapping count",
    },
    "Rates": {
        "rate.csv": "rate",
        "repeat_rate.csv": "rate of repeated events",
        "rate_ratio.csv": "rate ratio",
        "rate_difference.csv": "rate difference",
        "rate_coverage.csv": "coverage",
    },
    "Standardised rates": {
        "standardise_direct.csv": "direct",
        "standardise_direct_repeat.csv": "direct, repeated events",
        "standardise_indirect.csv": "indirect",
        "comparative_ratio.csv": "comparative ratio",
        "comparative_difference.csv": "comparative difference",
    },
    "Inequality": {
        "slope_index.csv": "slope index",
        "relative_index.csv": "relative index",
        "slope_index_simulated.csv": "both, by simulation",
        "population_attributable.csv": "population attributable risk",
        "attributable_share.csv": "attributable share",
        "absolute_range.csv": "absolute range",
        "relative_range.csv": "relative range",
        "concentration_index.csv": "concentration index",
        "quantile.csv": "quantiles of areas",
        "population_quantile.csv": "quantiles of people",
    },
    "Funnels": {
        "limits_at.csv": "limits",
        "funnel_signal.csv": "signals",
        "overdispersion.csv": "overdispersion",
        "adjusted_limits.csv": "adjusted limits",
    },
    "Planning": {
        "power.csv": "power",
        "exact_power.csv": "power of the exact test",
        "sample_size.csv": "sample size",
        "detectable_difference.csv": "detectable difference",
        "rate_power.csv": "power, rates",
        "rate_sample_size.csv": "exposure needed",
        "rate_detectable_ratio.csv": "detectable rate ratio",
    },
    "Resampling": {"bootstrap.csv": "bootstrap"},
    "Times to an event": {
        "survival/kaplan_meier.csv": "Kaplan–Meier",
        "survival/quantile.csv": "quantile",
        "survival/restricted_mean.csv": "restricted mean",
        "survival/cumulative_incidence.csv": "cumulative incidence",
        "survival/log_rank.csv": "log-rank",
        "survival/gray.csv": "Gray's test",
        "survival/difference_by.csv": "difference by a day",
        "survival/ratio_by.csv": "ratio by a day",
        "survival/multi_state.csv": "several states",
        "survival/clustered.csv": "in clusters",
        "survival/clustered_interval.csv": "in clusters, limits",
        "survival/clustered_quantile.csv": "in clusters, quantile",
        "survival/clustered_mean.csv": "in clusters, mean",
        "survival/clustered_contrast.csv": "groups that share clusters",
    },
    "Stock and flow": {"stock_parts.csv": "parts of a change"},
    "Returns and contact": {
        "returns/clustered_proportion.csv": "share of rows in families",
        "returns/mean_of_counts.csv": "mean",
        "returns/holidays.csv": "bank holidays",
    },
    "Distributions": {
        "normal_quantile.csv": "normal quantile, two-sided",
        "normal_tail.csv": "normal tails, two-sided",
        "normal_one_sided.csv": "normal",
        "normal_one_sided_quantile.csv": "normal quantile",
        "student.csv": "t",
        "student_quantile.csv": "t quantile",
        "chi_squared_tail.csv": "χ²",
        "chi_squared_quantile.csv": "χ² quantile",
        "fisher_f.csv": "F",
        "fisher_f_quantile.csv": "F quantile",
        "beta.csv": "beta",
        "beta_quantile.csv": "beta quantile",
        "gamma.csv": "gamma",
        "gamma_quantile.csv": "gamma quantile",
        "ln_gamma.csv": "logarithm of the gamma function",
        "binomial.csv": "binomial",
        "poisson.csv": "Poisson",
        "hypergeometric.csv": "hypergeometric",
        "noncentral_hypergeometric.csv": "noncentral hypergeometric",
    },
}

FLOORS = {
    r"proportion.csv (agresti-coull|wald)": "4e-16",
    r"(finite_|rate_)?coverage.csv": "1e-13",
    r"posterior_difference.csv mean": "4e-16",
    r"difference.csv|paired_difference.csv|overlap_change.csv": "4e-16",
    r"number_needed.csv": "4e-16 of the difference",
    r"mantel_haenszel.csv difference": "4e-16",
    r"mantel_haenszel.csv (p value|homogeneity)|breslow_day.csv": "4e-16 (statsmodels)",
    r"signed_rank.csv (auto|exact|normal)": "4e-16 (SciPy)",
    r"paired_t.csv(?! p)": "4e-16",
    r"rate_difference.csv (mover|wald)(?!, p)": "4e-16 of both rates",
    r"comparative_difference.csv(?! p)": "1e-15 of both rates",
    r"(population_attributable|attributable_share|absolute_range|relative_range).csv": "4e-16",
    r"concentration_index.csv(?! error)": "1e-14 (R)",
    r"(limits_at|adjusted_limits).csv": "4e-16 of the average",
    r"overdispersion.csv": "1e-13",
    r"detectable_difference.csv": "4e-16",
    r"bootstrap.csv (bca|percentile)": "4e-16",
    r"survival/(kaplan_meier|cumulative_incidence).csv (?!at risk|variance)": "4e-16",
    r"survival/(log_rank.csv (?!expected|observed)|gray|difference_by)": "1e-15",
    r"survival/(multi_state|clustered|clustered_interval).csv (?!variance)": "4e-16",
    r"survival/clustered_contrast.csv": "1e-15",
}
"""Where the tests let a figure be so far off absolutely, by table and method."""

HELD = {
    "adjust.csv": "within 1e-15",
    "slope_index_simulated.csv": (
        "within 1/500 of the interval's width; 1/20 where PHE's percentiles lean"
    ),
    "quantile.csv": "equal",
    "population_quantile.csv": "equal",
    "funnel_signal.csv": "equal",
    "returns/holidays.csv": "equal, but for St Andrew's Day of 2006",
}
"""Tables that are not held number by number."""

HEADINGS = {"mpmath": "50 digits", "R": "R", "scipy": "SciPy", "statsmodels": "statsmodels"}
COLUMNS = [*HEADINGS.values(), "others"]
OF_R = ("prop.test", "fisher.test", "poisson.test", "mantelhaen")
WITNESS = (
    r"(?:R|mpmath|scipy|statsmodels|metafor|epiR|epitools) [\d.]+(?: digits)?"
    r"|Python|by hand|mantelhaen|(?:prop|fisher|poisson)\.test"
)
LINE = re.compile(
    rf"(?P<table>[\w/]+\.csv)(?: (?P<what>.*?))? +(?P<witness>{WITNESS}) +"
    r"(?P<numbers>\d+) numbers, worst (?P<worst>[\d.e+-]+)$"
)


@dataclass(frozen=True)
class Found:
    """What one reference said of one method."""

    what: str
    witness: str
    numbers: int
    worst: str

    @property
    def column(self) -> str:
        """Under which heading it stands."""
        if self.witness in OF_R:
            return "R"
        return HEADINGS.get(self.witness.split()[0], COLUMNS[-1])

    @property
    def cell(self) -> str:
        """The largest relative error, of how many numbers; whose, where the heading does not say."""
        said = f"{self.worst.replace('0.0e0', '0')} ({self.numbers:,})"
        if self.witness in OF_R:
            return f"`{self.witness.removesuffix('.test')}.test`: {said}"
        if self.column == COLUMNS[-1]:
            return f"{self.witness.replace('Python', 'whole numbers')}: {said}"
        return said


def tested() -> str:
    """What the reference tests print."""
    command = ["cargo", "test", "--locked", "--quiet", "--test", "reference", "--", "--nocapture"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def read(printed: str) -> dict[str, list[Found]]:
    """By table: a line for each method and reference, in one order on any number of threads."""
    found: dict[str, list[Found]] = {}
    for line in printed.splitlines():
        if " numbers, worst " not in line:
            continue
        match = LINE.search(line)
        if match is None:
            sys.exit(f"This line of the reference tests was not understood: {line}")
        numbers = int(match["numbers"])
        row = Found(match["what"] or "", match["witness"], numbers, match["worst"])
        found.setdefault(match["table"], []).append(row)
    for rows in found.values():
        rows.sort(key=lambda row: (row.what, row.witness))
    return found


def floor(table: str, what: str) -> str:
    """How far off a figure may be absolutely; empty where only the relative error counts."""
    named = f"{table} {what}".strip()
    return next((text for form, text in FLOORS.items() if re.match(form, named)), "")


def cases(table: str) -> int:
    """How many rows a table holds."""
    with (REFERENCE / table).open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))


def table_rows(table: str, label: str, rows: Iterable[Found]) -> list[str]:
    """A row for each method of a table."""
    by_method: dict[str, list[Found]] = {}
    for row in rows:
        by_method.setdefault(row.what, []).append(row)
    written = []
    for what, said in by_method.items():
        cells = ["; ".join(row.cell for row in said if row.column == column) for column in COLUMNS]
        method = f"{label}, {what.replace('_', ' ')}" if what else label
        written.append(f"| {' | '.join([method, *cells, floor(table, what)])} |")
    return written


def body(found: dict[str, list[Found]]) -> str:
    """All sections."""
    everything = {table for section in SECTIONS.values() for table in section}
    there = {path.relative_to(REFERENCE).as_posix() for path in REFERENCE.rglob("*.csv")}
    if everything != there or set(found) | set(HELD) != there:
        odd = sorted((everything ^ there) | ((set(found) | set(HELD)) ^ there))
        sys.exit(f"Name these tables in scripts/accuracy.py, or test them: {', '.join(odd)}")
    numbers = sum(row.numbers for rows in found.values() for row in rows)
    all_cases = sum(map(cases, there))
    lines = [f"{all_cases:,} cases in {len(there)} tables; {numbers:,} numbers compared."]
    for heading, tables in SECTIONS.items():
        counted = ", ".join(f"`{table}` {cases(table):,}" for table in tables)
        lines += ["", f"### {heading}", "", f"Cases: {counted}.", ""]
        lines += [f"| method | {' | '.join(COLUMNS)} | absolute floor |", f"|{'---|' * 7}"]
        for table, label in tables.items():
            lines += table_rows(table, label, found.get(table, []))
        lines += [
            f"\n{label[0].upper()}{label[1:]}: {HELD[table]}, all {cases(table):,} cases."
            for table, label in tables.items()
            if table in HELD
        ]
    return "\n".join(lines)


def main(page: Path, *, check: bool) -> int:
    """Write the table into the page, or hold the page to it."""
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    if not rest or END not in rest:
        sys.exit(f"{page} has no {BEGIN} … {END}")
    wanted = f"{before}{BEGIN}\n{body(read(tested()))}\n{END}{after}"
    if check:
        if text != wanted:
            print(f"{page} is out of date; run: make accuracy", file=sys.stderr)
        return int(text != wanted)
    page.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), check="--check" in sys.argv[2:]))
