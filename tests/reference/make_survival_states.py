"""Adds 50-digit witnesses to the tables of several states and of clusters in survival/ that make_survival.R wrote, and the variances of days in a state.

For clusters the variance is taken from the figure's change as a cluster's weight changes by 1 part in 10^25.
Computed from the rows of people, of which `followed_people.py` counts who is at risk on a day.
Needs mpmath, numpy, statsmodels:  Rscript make_survival.R && python make_survival.py && python make_survival_tests.py && python make_survival_states.py
"""

# Formulas keep their papers' letters, and their parts are written where they are used.
# ruff: noqa: ANN001, ANN201, N806

from fractions import Fraction as Q

from followed_people import MP, numbers, people, read, text, write
from mpmath import mpf


def multi_states():
    rows = read("multi_state.csv")
    new = []
    K = range(4)
    for row in rows:
        row["days_variance"] = ""
        start, stop, move_from, move_to = (numbers(row, c) for c in ("start", "stop", "from", "to"))
        if len(start) > 110:
            continue
        after, until, begin, state = (int(row[c]) for c in ("after", "until", "begin", "state"))
        path = []
        for day in sorted(
            {t for t, to in zip(stop, move_to, strict=True) if to and after < t <= until}
        ):
            n = [
                sum(
                    1
                    for a, b, s in zip(start, stop, move_from, strict=True)
                    if s == h + 1 and a < day <= b
                )
                for h in K
            ]
            d = [
                [
                    sum(
                        1
                        for b, s, to in zip(stop, move_from, move_to, strict=True)
                        if b == day and s == h + 1 and to == j + 1
                    )
                    for j in K
                ]
                for h in K
            ]
            A = [[Q(d[h][j], n[h]) if n[h] else Q(0) for j in K] for h in K]
            for h in K:
                A[h][h] = 1 - sum(A[h])
            path.append((day, n, A))
        # backwards: chance of the state at `until` and days in it, from each state just after a day
        chance, days, now = [Q(int(j == state - 1)) for j in K], [Q(0)] * 4, until
        weights = []
        for day, n, A in reversed(path):
            wait = now - day
            days = [days[j] + wait * (j == state - 1) for j in K]
            weights.append((day, n, A, chance, days))
            chance = [sum(A[h][j] * chance[j] for j in K) for h in K]
            days = [sum(A[h][j] * days[j] for j in K) for h in K]
            now = day
        days = [days[j] + (now - after) * (j == state - 1) for j in K]
        p = [Q(int(h == begin - 1)) for h in K]
        variance = days_variance = Q(0)
        for _, n, A, of_chance, of_days in reversed(weights):
            for h in K:
                if n[h]:
                    mean, mean_days = (
                        sum(A[h][j] * of_chance[j] for j in K),
                        sum(A[h][j] * of_days[j] for j in K),
                    )
                    variance += (
                        p[h] ** 2 * (sum(A[h][j] * of_chance[j] ** 2 for j in K) - mean**2) / n[h]
                    )
                    days_variance += (
                        p[h] ** 2
                        * (sum(A[h][j] * of_days[j] ** 2 for j in K) - mean_days**2)
                        / n[h]
                    )
            p = [sum(p[h] * A[h][j] for h in K) for j in K]
        new.append(
            row
            | {
                "value": text(chance[begin - 1]),
                "variance": text(variance),
                "days": text(days[begin - 1]),
                "days_variance": text(days_variance),
                "computed_by": f"{MP}: backwards by day from the rows",
            }
        )
    columns = [c for c in rows[0] if c not in ("days_variance", "computed_by")] + [
        "days_variance",
        "computed_by",
    ]
    write("multi_state.csv", rows + new, columns)


def with_weights(who, weight, cause, until):
    s, f = mpf(1), mpf(0)
    for day in sorted({t for _, t, e in who if e > 0 and t <= until}):
        n = sum(w for (a, t, _), w in zip(who, weight, strict=True) if a < day <= t)
        any_event = sum(w for (_, t, e), w in zip(who, weight, strict=True) if t == day and e > 0)
        own = sum(
            w
            for (_, t, e), w in zip(who, weight, strict=True)
            if t == day and (e == cause if cause else e > 0)
        )
        f += s * own / n
        s *= 1 - any_event / n
    return s if cause == 0 else f


def clusters():
    rows = read("clustered.csv")
    new = []
    for row in rows:
        who, cluster, cause, day = (
            people(row),
            numbers(row, "cluster"),
            int(row["cause"]),
            int(row["day"]),
        )
        value = with_weights(who, [mpf(1)] * len(who), cause, day)
        step, variance = mpf(10) ** -25, mpf(0)
        for one in set(cluster):
            weight = [1 + step * (of == one) for of in cluster]
            less = [1 - step * (of == one) for of in cluster]
            variance += (
                (with_weights(who, weight, cause, day) - with_weights(who, less, cause, day))
                / (2 * step)
            ) ** 2
        if variance < mpf(10) ** -40:
            variance = mpf(0)
        new.append(
            row
            | {
                "value": text(value),
                "variance": text(variance),
                "computed_by": f"{MP}: the change with a cluster's weight",
            }
        )
    write("clustered.csv", rows + new, rows[0].keys())


if __name__ == "__main__":
    for make in (multi_states, clusters):
        make()
