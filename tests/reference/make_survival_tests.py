"""Adds 50-digit and statsmodels witnesses to the tables of log-rank and Gray's tests in survival/ that make_survival.R wrote.

Computed from the rows of people, of which `followed_people.py` counts who is at risk on a day.
Needs mpmath, numpy, statsmodels:  Rscript make_survival.R && python make_survival.py && python make_survival_tests.py && python make_survival_states.py
"""

# Formulas keep their papers' letters, and their parts are written where they are used.
# ruff: noqa: ANN001, ANN201, B023, N806

from fractions import Fraction as Q

import numpy as np
from followed_people import MP, SM, numbers, once, people, q, read, text, write
from mpmath import gamma, gammainc, inverse, matrix, mp, mpf, power, sqrt
from statsmodels.duration.survfunc import survdiff


def chi_squared_tail(x, df):
    return gammainc(mpf(df) / 2, x / 2, mp.inf) / gamma(mpf(df) / 2)


def statistic(z, v):
    """z'V^-1 z without the last group, whose row is the negative sum of the others."""
    keep = [i for i in range(len(z)) if v[i, i] > 0]
    keep = keep[:-1]
    if not keep:
        return None, None
    zz, vv = matrix([z[i] for i in keep]), matrix(len(keep), len(keep))
    for a, i in enumerate(keep):
        for b, j in enumerate(keep):
            vv[a, b] = v[i, j]
    return (zz.T * inverse(vv) * zz)[0], len(keep)


def weighted(row, word, p, power_q):
    who = people(row)
    group, stratum = numbers(row, "group"), numbers(row, "stratum")
    k = max(group)
    z, v = [mpf(0)] * k, matrix(k, k)
    seen, due = mpf(0), mpf(0)
    for s in sorted(set(stratum)):
        mine = [i for i in range(len(who)) if stratum[i] == s]
        left, peto = Q(1), Q(1)
        for day in sorted({who[i][1] for i in mine if who[i][2] > 0}):
            n = [
                sum(1 for i in mine if group[i] == g and who[i][0] < day <= who[i][1])
                for g in range(1, k + 1)
            ]
            d = [
                sum(1 for i in mine if group[i] == g and who[i][1] == day and who[i][2] > 0)
                for g in range(1, k + 1)
            ]
            N, D = sum(n), sum(d)
            peto *= 1 - Q(D, N + 1)
            w = {
                "log-rank": lambda: mpf(1),
                "wilcoxon": lambda: mpf(N),
                "tarone-ware": lambda: sqrt(mpf(N)),
                "peto-peto": lambda: q(peto),
                "fleming-harrington": lambda: (
                    power(q(left), mpf(p)) * (power(1 - q(left), mpf(power_q)) if power_q else 1)
                ),
            }[word]()
            left *= Q(N - D, N)
            seen += w * d[0]
            due += w * q(Q(D * n[0], N))
            for i in range(k):
                z[i] += w * q(d[i] - Q(D * n[i], N))
                for j in range(k):
                    if N > 1:
                        v[i, j] += (
                            w * w * q(Q(D * (N - D), N - 1) * Q(n[i], N) * ((i == j) - Q(n[j], N)))
                        )
    stat, df = statistic(z, v)
    return stat, df, seen, due


def log_ranks():
    rows = read("log_rank.csv")
    new = []
    for row in once(rows, ["entry", "time", "event", "group"]):
        for word, p, power_q in [
            ("log-rank", 0, 0),
            ("wilcoxon", 0, 0),
            ("tarone-ware", 0, 0),
            ("peto-peto", 0, 0),
            ("fleming-harrington", 0.5, 0.5),
            ("fleming-harrington", 0, 1),
            ("fleming-harrington", 1, 0),
        ]:
            if word == "log-rank" and not row["entry"]:
                continue
            stat, df, seen, due = weighted(row, word, p, power_q)
            tail = None if stat is None else chi_squared_tail(stat, df)
            new.append(
                row
                | {
                    "weight": word,
                    "p": p,
                    "q": power_q,
                    "statistic": text(stat),
                    "df": "" if df is None else df,
                    "p_value": text(tail),
                    "observed": text(seen),
                    "expected": text(due),
                    "computed_by": f"{MP}: sums over days",
                }
            )
            kind = {"wilcoxon": "gb", "tarone-ware": "tw", "fleming-harrington": "fh"}.get(word)
            if kind and power_q == 0 and not row["entry"] and stat is not None:
                group, stratum = np.array(numbers(row, "group")), np.array(numbers(row, "stratum"))
                extra = {"fh_p": p} if kind == "fh" else {}
                many = {"strata": stratum} if len(set(stratum)) > 1 else {}
                try:
                    got, tail = survdiff(
                        np.array(numbers(row, "time"), float),
                        (np.array(numbers(row, "event")) > 0).astype(int),
                        group,
                        weight_type=kind,
                        **many,
                        **extra,
                    )
                except (np.linalg.LinAlgError, ValueError, IndexError):
                    continue
                new.append(
                    row
                    | {
                        "weight": word,
                        "p": p,
                        "q": power_q,
                        "statistic": repr(float(got)),
                        "df": df,
                        "p_value": repr(float(tail)),
                        "observed": "",
                        "expected": "",
                        "computed_by": f"{SM}: survdiff(time, event, group, weight_type='{kind}')",
                    }
                )
    write("log_rank.csv", rows + new, rows[0].keys())


def grays(row, cause, rho):
    who = people(row)
    group, stratum = numbers(row, "group"), numbers(row, "stratum")
    k = max(group)
    G = range(k)
    z, v = [mpf(0)] * k, matrix(k, k)
    for s in sorted(set(stratum)):
        mine = [i for i in range(len(who)) if stratum[i] == s]
        S, F, f = [Q(1)] * k, [Q(0)] * k, Q(0)
        c, path = [[mpf(0)] * k for _ in G], []
        for day in sorted({who[i][1] for i in mine if who[i][2] > 0}):
            n = [sum(1 for i in mine if group[i] == g + 1 and who[i][1] >= day) for g in G]
            d1 = [
                sum(
                    1 for i in mine if group[i] == g + 1 and who[i][1] == day and who[i][2] == cause
                )
                for g in G
            ]
            d2 = [
                sum(
                    1
                    for i in mine
                    if group[i] == g + 1 and who[i][1] == day and who[i][2] not in (0, cause)
                )
                for g in G
            ]
            h = [n[g] / S[g] if n[g] else Q(0) for g in G]
            H, R, D = sum(h), [h[g] * (1 - F[g]) for g in G], sum(d1)
            if f == 1 or (f > 1 and rho != int(rho)):
                return None
            w = power(q(1 - f), rho)
            a = [[w * q(h[i] * ((i == r) - h[r] / H)) for r in G] for i in G]
            c = [[c[i][r] + a[i][r] * q(D / (H * (1 - f))) for r in G] for i in G]
            for i in G:
                if sum(R):
                    z[i] += w * q(d1[i] - D * R[i] / sum(R))
            after = [S[g] * Q(n[g] - d1[g] - d2[g], n[g]) if n[g] else S[g] for g in G]
            f += D / H
            path.append((n, S, after, d2, D, H, a, c, f))
            F = [F[g] + S[g] * Q(d1[g], n[g]) if n[g] else F[g] for g in G]
            S = after
        for n, before, after, d2, D, H, a, here, f in path:
            for r in G:
                if not n[r]:
                    continue
                b = (1 - f) / after[r] if after[r] else Q(0)
                parts = []
                if D:
                    ties = 1 - Q(D - 1) / (H * before[r] - 1) if D > 1 else 1
                    parts.append(
                        (
                            ties * before[r] * D / (H * n[r]),
                            [a[i][r] + q(1 - b) * (c[i][r] - here[i][r]) for i in G],
                        )
                    )
                if d2[r] and after[r]:
                    ties = 1 - Q(d2[r] - 1, n[r] - 1) if d2[r] > 1 else 1
                    parts.append(
                        (
                            ties * before[r] ** 2 * d2[r] / n[r] ** 2,
                            [q(b) * (c[i][r] - here[i][r]) for i in G],
                        )
                    )
                for e, u in parts:
                    for i in G:
                        for j in G:
                            v[i, j] += q(e) * u[i] * u[j]
    return statistic(z, v)


def gray_tests():
    rows = read("gray.csv")
    new = []
    for i, row in enumerate(rows):
        if i % 2:
            continue
        got = grays(row, int(row["cause"]), float(row["rho"]))
        if got is None or got[0] is None:
            continue
        new.append(
            row
            | {
                "statistic": text(got[0]),
                "df": got[1],
                "p_value": text(chi_squared_tail(*got)),
                "computed_by": f"{MP}: Gray's sums with cmprsk's ties",
            }
        )
    write("gray.csv", rows + new, rows[0].keys())


if __name__ == "__main__":
    for make in (log_ranks, gray_tests):
        make()
