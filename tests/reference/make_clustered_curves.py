"""Adds 60-digit witnesses to the tables of curves of people in clusters, survival/clustered_*.csv, that make_clustered_curves.R wrote.

A cluster's influence is taken from the figure's change as its weight changes by 1 part in 10^25, with the figure computed afresh from
the rows of people. Needs mpmath, numpy, statsmodels:  Rscript make_clustered_curves.R && python make_clustered_curves.py
"""

# ruff: noqa: ANN001, ANN003, ANN201, ANN202, PLR0917

from make_survival import band, in_order, numbers, people, read, text, with_weights, write, z_of
from mpmath import erfc, exp, log, mp, mpf, sqrt

mp.dps = 60
STEP = mpf(10) ** -25
NONE = mpf(10) ** -40
MP = "mpmath 60 digits: the change with a cluster's weight"


def influences(cluster, figure):
    """Give the figure, and by cluster how far it moves with the cluster's weight."""
    moved = {}
    for one in sorted(set(cluster)):
        more, less = (figure([1 + step * (of == one) for of in cluster]) for step in (STEP, -STEP))
        moved[one] = (more - less) / (2 * STEP)
    return figure([mpf(1)] * len(cluster)), moved


def variance(moved):
    found = sum(of**2 for of in moved.values())
    return found if found > NONE else mpf(0)


def row_of(row, **expected):
    return row | {name: text(of) for name, of in expected.items()} | {"computed_by": MP}


def intervals():
    rows = read("clustered_interval.csv")
    new = []
    for row in rows:
        for cause in (0, 1):
            who, day = people(row), int(row["day"])
            value, moved = influences(
                numbers(row, "cluster"),
                lambda weight, who=who, cause=cause, day=day: with_weights(who, weight, cause, day),
            )
            limits = band(row["band"], value, variance(moved), mpf(row["level"]))
            if limits[0] is None:
                continue
            lower, upper = in_order(*limits)
            new.append(row_of(row | {"cause": cause}, value=value, lower=lower, upper=upper))
    write("clustered_interval.csv", rows + new, rows[0].keys())


def crossing(steps, share):
    """Give the first day that is low enough; halfway to the next lower, or to the last, where met exactly."""
    near = mpf(2) ** -26
    met = None
    for day, height in steps:
        fallen = None if height is None else 1 - height
        if fallen is None:
            continue
        if met is None and fallen >= share + near:
            return mpf(day)
        if met is None and fallen >= share - near:
            met = day
        elif met is not None and fallen >= share + near:
            return mpf(met + day) / 2
    return mpf(met + steps[-1][0]) / 2 if met is not None and steps[-1][1] is not None else None


def quantiles():
    rows = read("clustered_quantile.csv")
    new, curves = [], {}
    for row in rows:
        who, cluster = people(row), numbers(row, "cluster")
        key = tuple(row[name] for name in ("entry", "time", "event", "cluster"))
        if key not in curves:
            curves[key] = [
                (
                    day,
                    *influences(
                        cluster, lambda weight, day=day, who=who: with_weights(who, weight, 0, day)
                    ),
                )
                for day in sorted({time for _, time, _ in who})
            ]
        share = mpf(row["share"])
        heights = {"value": [], "lower": [], "upper": []}
        for day, value, moved in curves[key]:
            heights["value"].append((day, value))
            limits = (None, None)
            if value > NONE:
                limits = band(row["band"], value, variance(moved), mpf(row["level"]))
                if variance(moved) == 0 and row["band"] in {"plain", "log"}:
                    limits = (value, value)
            lower, upper = limits if limits[0] is None else in_order(*limits)
            heights["lower"].append((day, lower))
            heights["upper"].append((day, upper))
        found = {name: crossing(steps, share) for name, steps in heights.items()}
        new.append(
            row_of(row) | {name: "" if of is None else text(of) for name, of in found.items()}
        )
    write("clustered_quantile.csv", rows + new, rows[0].keys())


def area(who, weight, until):
    days = sorted({time for _, time, event in who if event > 0 and time <= until})
    shares = [mpf(1)] + [with_weights(who, weight, 0, day) for day in days]
    begins = [min(0, *(time for _, time, _ in who)), *days]
    ends = [*days, until]
    return sum(
        share * (end - begin) for share, begin, end in zip(shares, begins, ends, strict=True)
    )


def means():
    rows = read("clustered_mean.csv")
    new = []
    for row in rows:
        who, until = people(row), int(row["until"])
        value, moved = influences(
            numbers(row, "cluster"),
            lambda weight, who=who, until=until: area(who, weight, until),
        )
        new.append(row_of(row, value=value, variance=variance(moved)))
    write("clustered_mean.csv", rows + new, rows[0].keys())


def contrasts():
    rows = read("clustered_contrast.csv")
    new = []
    for row in rows:
        group, cause, day = numbers(row, "group"), int(row["cause"]), int(row["day"])
        who, z = people(row), z_of(mpf(row["level"]))

        def of(one, weight, who=who, group=group, cause=cause, day=day):
            mine = [place for place, of in enumerate(group) if of == one]
            return with_weights([who[i] for i in mine], [weight[i] for i in mine], cause, day)

        cluster = numbers(row, "cluster")
        found = {}
        value, moved = influences(cluster, lambda weight, of=of: of(1, weight) - of(2, weight))
        error = sqrt(variance(moved))
        found |= {
            "difference": value,
            "difference_lower": value - z * error,
            "difference_upper": value + z * error,
            "difference_p": erfc(abs(value) / error / sqrt(mpf(2))),
        }
        value, moved = influences(cluster, lambda weight, of=of: log(of(1, weight) / of(2, weight)))
        error = sqrt(variance(moved))
        found |= {
            "ratio": exp(value),
            "ratio_lower": exp(value - z * error),
            "ratio_upper": exp(value + z * error),
            "ratio_p": erfc(abs(value) / error / sqrt(mpf(2))),
        }
        new.append(row_of(row, **found))
    write("clustered_contrast.csv", rows + new, rows[0].keys())


if __name__ == "__main__":
    for make in (intervals, quantiles, means, contrasts):
        make()
