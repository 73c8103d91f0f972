# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # In care by age one?
#
# South Lanarkshire's committee was told that 3 of the 25 babies whom hubs assessed before birth
# went on to alternative care, and 7 of the 10 whom local offices assessed, and that babies are
# tracked until they turn one. The question sounds simple: *what share is in care by age one?* But
# when it is asked, most of the babies are not yet one. This notebook answers it in three ways,
# and says which of them to believe.

# %%
import datetime as dt

import polars as pl

import wholefamily as wf

tables = wf.datasets.babies_to_age_one()
print(wf.datasets.NOTICE)

# %% [markdown]
# The 35 assessments and their outcomes agree with the report. When a baby went into care, and who
# moved away, the report does not say: those dates are invented.

# %%
babies = tables["assessments"].select("child_id", "team", "born", "outcome", "previously_known")
babies.head()

# %% [markdown]
# ## 1. What happened to each baby
#
# Two extracts hold events: episodes of care, and moves out of the area. A baby looked after at
# home, with its parents, is not in alternative care. A baby who has moved may yet go into care,
# but nobody here would know: moving away *competes* with it.

# %%
care = tables["episodes"].filter(pl.col("placement") != "parents")
events = pl.concat(
    [
        care.select("child_id", on="start", event=pl.lit("alternative care")),
        tables["moves"].select("child_id", on="moved", event=pl.lit("moved away")),
    ]
)
followed = wf.follow_up(
    babies,
    events,
    person="child_id",
    origin="born",
    event_date="on",
    until="2024-07-31",
    competing="moved away",
)
followed

# %% [markdown]
# Nothing is mended in silence. Some babies were moved from one placement to another: their second
# episode is no first one.

# %%
followed.problems

# %% [markdown]
# ## 2. The share of those who are one
#
# Only a baby born 365 days ago or more can have been seen to age one.

# %%
rows = followed.to_polars().with_columns(
    turned_one=pl.col("observed_until") - pl.col("born") >= dt.timedelta(days=365),
    by_one=(pl.col("time") <= 365) & (pl.col("event").fill_null("") == "alternative care"),
)
wf.Share(outcome="turned_one").run(rows, by="team")

# %%
seen = wf.Share(outcome="by_one").run(rows.filter("turned_one"), by="team")
seen

# %% [markdown]
# A fair share, of 16 babies, and none of the hubs' ten. Yet three babies whom hubs assessed *are* in
# care: they were born too late to be in this table. Half of what is known was thrown away.
#
# ## 3. The share of all, as if all were one
#
# The other plain answer divides by everyone. It takes a baby of eight months for one who reached
# age one at home: here too small, if anything.

# %%
wf.PreBirthOutcomes().run(babies, by="team")

# %% [markdown]
# ## 4. What is known of every baby
#
# Aalen and Johansen's estimate lets each baby count for as long as it was observed, and knows that
# one who moved away cannot be seen to go into care.

# %%
by_age_one = wf.CumulativeIncidence(at=[28, 91, 182, 365]).run(rows, by="team")
by_age_one

# %%
by_age_one.plot()

# %% [markdown]
# Day by day, the steps also show *when*: the local offices' first babies within a week of birth, the
# hubs' first after seven weeks. (These dates are invented. In real records this is where to look first: a service that
# delays care is not one that prevents it, and only time tells them apart.)

# %%
curve = wf.CumulativeIncidence().run(rows, by="team")
curve.plot()

# %% [markdown]
# Until day 228, the age of the youngest baby at the end, everyone was observed: the estimate is
# the plain share of all. Only after that could the two part; here no baby went into care later.

# %%
youngest = rows.select((pl.col("observed_until") - pl.col("born")).min().dt.total_days()).item()
youngest

# %% [markdown]
# ## 5. Was it the hubs?
#
# Team and history cannot be told apart: hubs assessed families who were not known before, local
# offices families who were.

# %%
alike = wf.PreBirthOutcomes().run(babies, by=["team", "previously_known"])
alike.compare("team", "hub", "local_office", within="previously_known")

# %% [markdown]
# Whatever the estimate, no group of families was assessed by both teams. A longer follow-up makes
# the figures firmer; it does not make the comparison fair.
