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
# # Did the hubs work?
#
# In September 2022 South Lanarkshire opened four Family Support Hubs. A year on, its committee
# was told that hubs had answered 61% of referrals, and that fewer of the babies they assessed
# before birth went on to alternative care. Glasgow, in its own report, counted 46% fewer children
# looked after and accommodated than in 2016, and quoted families' answers to a survey.
#
# This notebook puts an evaluator's questions to each figure: *of whom, how many, compared with
# what, and how sure?* It ends with what the figures cannot tell us.

# %%
import polars as pl

import wholefamily as wf

tables = wf.datasets.family_support_hubs()
print(wf.datasets.NOTICE)

# %% [markdown]
# The totals below are the published ones. The rows behind them are not: the shares of single
# localities, quarters and placements were invented by the generator. The two reports'
# claims, to hold beside our own figures:

# %%
claims = wf.datasets.published()
claims.select("claim", "statement", "document", "dated")

# %% [markdown]
# ## 1. Who answered the referrals?
#
# The first year ran from 1 September 2022 to 31 August 2023. A row is a referral, not a child:
# some children were referred more than once.

# %%
referrals = tables["referrals"]
first_year = referrals.filter(
    pl.col("received").is_between(pl.date(2022, 9, 1), pl.date(2023, 8, 31))
)
answered = wf.ReferralShare(to="hub")
answered.run(first_year)

# %% [markdown]
# 7,320 of 12,000: 61%. The interval is narrow because there are many referrals. It says how far
# chance alone could move the figure if another year like this one were drawn. It says nothing
# about whether a hub's answer was a better answer.
#
# One figure can hide four:

# %%
by_locality = answered.run(first_year, by="locality")
by_locality

# %%
by_locality.plot()

# %%
by_locality.compare("locality", "Hamilton", "Lanark")

# %% [markdown]
# Was it a sudden change or a slow one? Over three calendar years, by quarter, the year of
# testing on a smaller scale shows before the launch. (The quarter of July 2022 holds two months
# of the pilot and one of the hubs.)

# %%
by_quarter = answered.run(referrals, every="quarter")
by_quarter

# %%
by_quarter.plot()

# %% [markdown]
# The report adds that allocations to local offices in 2023 were "almost 6800" fewer than in 2021.
# That is a count, so a count is how we check it. The exact number was not published; the tables
# hold 6,795.

# %%
to_local_offices = (
    referrals.filter(pl.col("team") == "local_office")
    .group_by(pl.col("received").dt.year().alias("year"))
    .len("allocations")
    .sort("year")
)
to_local_offices

# %% [markdown]
# Fewer allocations to one team are what a new team in front of it brings about by itself.
# It is a change of route. Whether fewer families *needed* a local office is another question,
# for which we would follow the families that hubs answered, and count who came back.

# %% [markdown]
# ## 2. Babies assessed before birth
#
# Hubs made 25 pre-birth child protection assessments, of which 3 went on to alternative care;
# local offices made 10, of which 7 did.

# %%
outcomes = wf.PreBirthOutcomes()
by_team = outcomes.run(tables["assessments"], by="team")
by_team

# %%
by_team.compare("team", "hub", "local_office")

# %% [markdown]
# Few cases, yet a large difference: chance alone would hardly give it. But chance is not the
# only other explanation. The report itself says that hubs assess families **not previously known**
# to social work, and local offices those who are. So we ask for the same comparison among
# families alike in that respect:

# %%
alike = outcomes.run(tables["assessments"], by=["team", "previously_known"])
alike

# %%
fair = alike.compare("team", "hub", "local_office", within="previously_known")
fair

# %% [markdown]
# There is no number, and there should be none: among known families there is no hub, among
# unknown families there is no local office. Team and history cannot be told apart. The
# difference above may be the hubs' doing, or may be all due to whom they were given to assess.

# %%
fair.to_polars()["reason"].unique().to_list()

# %% [markdown]
# ## 3. Parent's plans
#
# Only Hamilton's hub used the approach: 15 plans, of which 4 escalated to child protection.

# %%
wf.Escalation().run(tables["plans"])

# %% [markdown]
# 27%, and anything from about one in ten to about one in two would be compatible with fifteen
# plans. There is no comparison group, so we do not know what would have happened without a plan.

# %% [markdown]
# ## 4. Glasgow's looked-after and accommodated children
#
# A row of `episodes` is a placement or a legal status, and a child may have many. Children are
# counted once on each day.

# %%
episodes = tables["episodes"]
censuses = ["2016-02-29", "2020-02-29", "2022-02-28"]
wf.LookedAfter(at=censuses).run(episodes)

# %% [markdown]
# A complete count has no sampling interval. A change does have one, if we take what happened to
# these children as one outcome of a process that could have gone otherwise. It must allow for
# children who were there on both days: they make the two counts alike.

# %%
since_2020 = wf.LookedAfterChange(before="2020-02-29", after="2022-02-28").run(episodes)
since_2020

# %%
since_2016 = wf.LookedAfterChange(before="2016-02-29", after="2022-02-28").run(episodes)
since_2016

# %% [markdown]
# −24% and −46%, as published. If there had also been fewer children in the city, some of the
# fall would be due to that. So we look at the rate as well. (This population is a round number
# for illustration; use the estimates of National Records of Scotland.)

# %%
wf.LookedAfter(at=censuses, population=tables["population"]).run(episodes)

# %% [markdown]
# The number in care falls if fewer children come, or if more leave. These call for different
# explanations, and it takes flows to tell them apart. Starts less ends is the change in the number
# in care, exactly. The table holds everyone in care from the end of February 2014 onwards, and of
# earlier years only the children who were still there: so years before 2014–15 are left out.

# %%
flows = wf.Flows().run(episodes, every="financial_year").to_polars()
flows.filter(pl.col("period").is_between(pl.date(2014, 4, 1), pl.date(2021, 4, 1))).pivot(
    on="flow", index="period", values="value"
)

# %% [markdown]
# Year by year, in each part of the city:

# %%
februaries = [
    "2016-02-29",
    "2017-02-28",
    "2018-02-28",
    "2019-02-28",
    "2020-02-29",
    "2021-02-28",
    "2022-02-28",
]
wf.LookedAfter(at=februaries).run(episodes, by="locality").plot()

# %% [markdown]
# ## 5. What families said
#
# Ten families answered Glasgow's survey of intensive family support; two of them left two
# questions empty. The percentages are those published. The bases were not: these are the smallest
# that can give such percentages (62.5% takes eight, 70% and 90% take ten).

# %%
responses = tables["responses"]
yes_or_no = responses.filter(pl.col("kind") == "single")
said = wf.SurveyPercentages().run(yes_or_no)
said

# %% [markdown]
# In questions of the kind "tick all that apply", a family is in the base once however many
# boxes it ticks, so the percentages add up to more than 100.

# %%
tick_all = responses.filter(pl.col("kind") == "multiple")
ticked = wf.SurveyPercentages(multiple=True).run(tick_all)
ticked

# %%
ticked.plot()

# %% [markdown]
# "100% would recommend" is ten families of ten. With ten, even a unanimous answer leaves room for
# about a quarter of all families to think otherwise: look at the lower bounds. And the interval
# knows only about chance. It knows nothing of who was asked, or who chose to answer.

# %% [markdown]
# ## 6. Do the tables give back what was published?

# %%
shares = pl.concat([said.to_polars(), ticked.to_polars()])
ours = {
    "hub_share": answered.run(first_year).to_polars()["value"].item(),
    "change_from_2020": round(since_2020.to_polars()["value"].item(), 2),
    "change_from_2016": round(since_2016.to_polars()["value"].item(), 2),
    **dict(shares.filter(pl.col("answer") == "yes").select("item", "value").iter_rows()),
}
checked = claims.filter(pl.col("claim").is_in(list(ours))).select(
    "claim", "figure", pl.col("claim").replace_strict(ours, return_dtype=pl.Float64).alias("ours")
)
checked

# %%
checked.filter((pl.col("figure") - pl.col("ours")).abs() > 1 / 1_000_000).height  # differences

# %% [markdown]
# ## 7. So, did the hubs work?
#
# **What can be said.** Hubs took on the larger part of referrals within a
# year. Local offices were allocated far fewer. Most parent's plans did not escalate. Glasgow had
# fewer children in care in 2022 than in 2016. The families asked were pleased with the service.
#
# **What cannot.**
#
# - *That hubs keep babies at home.* Hubs and local offices assessed different families, without
#   any overlap. What would help: outcomes of families not known before, from the years before the
#   hubs, or from areas without them.
# - *That hubs prevent escalation.* An answered referral is an activity. What would help:
#   following families from referral to re-referral, registration or care, for a year or more.
# - *That plans work.* Fifteen plans in one locality, without a comparison.
# - *That Glasgow's services caused the fall.* The count was falling before, and 2020 to 2022
#   were the years of the pandemic. Its text dates the 24% from the launch of the Independent Care
#   Review, but the count that it starts from is that of February 2020: choose the starting point
#   before looking at the figures.
# - *That families in general are satisfied.* Ten families, and we are not told how they were
#   chosen.
#
# Two services in two councils are no evidence for or against one another: this notebook has put
# them side by side only because the questions are the same.
