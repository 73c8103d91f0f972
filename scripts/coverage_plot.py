"""Draw how often intervals really hold the truth, for the page "Which interval?".

python scripts/coverage_plot.py FOLDER            writes the image, as SVG
python scripts/coverage_plot.py FOLDER --check    fails if the image is out of date
python scripts/coverage_plot.py FOLDER --png      writes it as PNG instead, to look at
"""

from __future__ import annotations

import re
import sys
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import altair as alt
import polars as pl
import vl_convert

import wholefamily as wf

if TYPE_CHECKING:
    from wholefamily.stats.coverage import ProportionMethod

NAME = "coverage.svg"
LEVEL = 0.95
FLOOR = 0.80
"""Where the vertical axes begin; what lies below is marked there."""
LEAST, MOST = 0.001, 0.5
"""The true shares drawn. Above one half it is the mirror image."""
SIZES = (10, 25, 100)
METHODS: dict[ProportionMethod, str] = {
    "wilson": "Wilson",
    "clopper-pearson": "Clopper–Pearson",
    "jeffreys": "Jeffreys",
    "agresti-coull": "Agresti–Coull",
    "mid-p": "Mid-p",
    "wald": "Wald",
}
TITLE = "How often the 95% interval of a share holds the true share"
KEY = (
    f"Dashed: the 95% that is stated. Black bar: below {FLOOR:.0%}. "
    "True shares from 0.1%; above 50% it is the mirror image."
)
TOLD = (
    "Eighteen panels, six methods by samples of 10, 25 and 100, for true shares of 0.1% to 50%, "
    "with a dashed line at 95%. Clopper–Pearson stays above 95% throughout. Agresti–Coull and "
    "mid-p come near it, mostly from above. Wilson and Jeffreys go up and down about it, with dips "
    "for small shares. Wald is below it nearly everywhere, and below 80% for small shares."
)
INK, QUIET, GRID, STATED = "#222222", "#595959", "#DDDDDD", "#0072B2"
FONT = "Arial, Helvetica, 'Liberation Sans', sans-serif"
WIDTH, HEIGHT = 205, 80


def coverage(truth: list[float], method: ProportionMethod, n: int) -> pl.DataFrame:
    """How often the interval holds each true share."""
    found = wf.stats.coverage(n, truth, method=method, level=LEVEL)
    return pl.DataFrame({"truth": truth, "coverage": found["coverage"]})


def line(method: ProportionMethod, n: int) -> pl.DataFrame:
    """The same along all true shares: it jumps at every limit, so both sides of each are taken."""
    limits = wf.stats.proportion(list(range(n + 1)), n, method=method, level=LEVEL)
    jumps = [*limits["lower"], *limits["upper"]]
    sides = [jump + side for jump in jumps for side in (-1e-9, 1e-9)]
    between = [step / 200 for step in range(1, 101)]
    return coverage(sorted({p for p in [LEAST, *between, *sides] if LEAST <= p <= MOST}), method, n)


def below(table: pl.DataFrame) -> list[dict[str, float]]:
    """Each stretch where the line has left its panel."""
    low = pl.col("coverage") < FLOOR
    stretches = table.with_columns(low.rle_id().alias("stretch")).filter(low)
    ends = stretches.group_by("stretch", maintain_order=True).agg(
        pl.col("truth").min().alias("from"), pl.col("truth").max().alias("to")
    )
    return [row | {"coverage": FLOOR} for row in ends.select("from", "to").to_dicts()]


def panel(method: ProportionMethod, n: int) -> alt.LayerChart:
    """One panel: the line, the level that is stated, a bar where the line is below the floor."""
    leftmost, lowest = n == SIZES[0], method == list(METHODS)[-1]
    table = line(method, n)
    along = alt.Axis(
        format=".0%",
        labels=lowest,
        title="true share" if lowest else None,
        values=[0, 0.1, 0.2, 0.3, 0.4, 0.5],
    )
    x = alt.X("truth:Q", scale=alt.Scale(domain=[0, MOST], nice=False), axis=along)
    y = alt.Y(
        "coverage:Q",
        scale=alt.Scale(domain=[FLOOR, 1], nice=False, zero=False),
        axis=alt.Axis(
            format=".0%",
            labelOpacity=1 if leftmost else 0,  # there, but unseen, so that headings are level
            labelOverlap=False,
            title=None,
            values=[0.8, 0.85, 0.9, 0.95, 1],
        ),
    )
    even = coverage([step / 2000 for step in range(2, 1001)], method, n)["coverage"]
    told = f"lowest {table['coverage'].min():.1%}, on average {even.mean():.1%}"
    rounded = table.with_columns(pl.col("coverage").round(5), pl.col("truth").round(6))
    stated = alt.Chart(alt.Data(values=[{"coverage": LEVEL}]))
    gone = alt.Chart(alt.Data(values=below(rounded)))
    return alt.layer(
        stated.mark_rule(color=STATED, strokeDash=[5, 3], strokeWidth=1.4).encode(y),
        alt.Chart(alt.Data(values=rounded.to_dicts()))
        .mark_line(clip=True, color=INK, strokeWidth=1, strokeJoin="round")
        .encode(x, y),
        gone.mark_rule(color=INK, strokeWidth=7).encode(
            alt.X("from:Q", axis=along), alt.X2("to:Q"), y
        ),
    ).properties(
        width=WIDTH,
        height=HEIGHT,
        title=alt.TitleParams(f"{METHODS[method]}, n = {n}", subtitle=told),
    )


def chart() -> alt.ConcatChart:
    """All panels: methods below each other, sizes side by side."""
    title = alt.TitleParams(
        TITLE,
        subtitle=KEY,
        fontSize=15,
        subtitleFontSize=11,
        subtitlePadding=4,
        offset=36,
    )
    axis: dict[str, Any] = {"labelColor": INK, "titleColor": INK, "titleFontWeight": "normal"}
    return (
        alt.concat(
            *(panel(method, n) for method in METHODS for n in SIZES),
            columns=len(SIZES),
            bounds="flush",
            spacing={"row": 56, "column": 20},
            title=title,
        )
        .configure(background="white", font=FONT, padding=10)
        .configure_view(stroke=None)
        .configure_axis(gridColor=GRID, domainColor=QUIET, tickColor=QUIET, **axis)
        .configure_title(
            anchor="start",
            frame="group",
            fontSize=11,
            color=INK,
            subtitleFontSize=10,
            subtitleColor=QUIET,
            subtitlePadding=2,
            offset=6,
        )
    )


def written() -> str:
    """The image as SVG, to a tenth of a point, and told in words within."""
    svg = vl_convert.vegalite_to_svg(chart().to_json(indent=None))
    svg = re.sub(r"-?\d+\.\d\d+", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), svg)
    told = f"<title>{escape(TITLE)}</title><desc>{escape(TOLD)}</desc>"
    return re.sub(r"(<svg [^>]*>)", rf"\1{told}", svg, count=1) + "\n"


def main(folder: Path, *, check: bool, png: bool) -> int:
    """Write the image, or hold the one in the folder to what is drawn now."""
    path = folder / NAME
    if check:
        if path.exists() and path.read_text(encoding="utf-8") == written():
            return 0
        print(f"{path} is out of date; run: make docs", file=sys.stderr)
        return 1
    folder.mkdir(parents=True, exist_ok=True)
    if png:
        image = vl_convert.vegalite_to_png(chart().to_json(indent=None), scale=2)
        path.with_suffix(".png").write_bytes(image)
    else:
        path.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    options = sys.argv[2:]
    sys.exit(main(Path(sys.argv[1]), check="--check" in options, png="--png" in options))
