//! Whom each person belongs with: the days of brothers and sisters, who share their fate.
//!
//! A curve's counts by day do not tell who is whose brother, so with a column of clusters each person's
//! days are kept beside them.

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::measure::Merge;
use crate::engine::people::{Known, People};
use crate::engine::person::PersonId;
use crate::engine::value::Value;
use crate::engine::wire::{Cell, unreadable};
use crate::error::{Error, Result};
use crate::stats::reason::Reason;
use crate::stats::survival::{Estimate, Followed, Influenced};

use super::durations::{DurationColumns, Durations};

/// What `method` says of a variance between clusters.
pub(crate) fn clustered(scale: &str) -> String {
    format!("{scale}, clustered")
}

const TWO_WAYS: &str = "clusters are named by numbers in one part of the data and by text in another; give the column one type";

/// The days of one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fate {
    /// The day after which they were under observation; 0 is the origin.
    pub(crate) entry: u32,
    pub(crate) exit: u32,
    /// Until when they could have been seen, where the measure asks.
    pub(crate) observed: u32,
    /// The digest of what they left with.
    pub(crate) end: u64,
}

/// Those of one cluster.
#[derive(Debug, Clone, Default)]
struct Fates(Vec<Fate>);

impl Known for Fates {
    type Record = Fate;

    fn add(&mut self, fate: Fate) {
        self.0.push(fate);
    }

    fn records(&self) -> impl Iterator<Item = Fate> {
        self.0.iter().copied()
    }
}

/// Everybody, by cluster; nobody where no clusters are told apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Clusters {
    people: People<Fates>,
    /// The sum of a number made of each person.
    digest: u64,
}

impl Clusters {
    /// Takes in a person.
    #[inline]
    pub(crate) fn see(&mut self, cluster: PersonId, fate: Fate) {
        let Fate { entry, exit, observed, end } = fate;
        let days = u64::from(entry) << 42 ^ u64::from(exit) << 21 ^ u64::from(observed);
        let seen = PersonId([end, days]);
        self.digest = self.digest.wrapping_add(cluster.digest(seen.hash()));
        self.people.record(cluster, fate);
    }

    /// The end of a chunk of rows.
    pub(crate) fn settle(&mut self) {
        self.people.settle();
    }

    /// A number that tells these people from others; nothing where there is nobody.
    pub(crate) fn digest(&self) -> Option<u64> {
        (!self.people.is_empty()).then_some(self.digest)
    }

    pub(crate) fn contradiction(&self) -> Option<&'static str> {
        self.people.named_in_two_ways().then_some(TWO_WAYS)
    }

    /// Every cluster with its people, both in order.
    pub(crate) fn each(&self) -> Vec<(PersonId, Vec<Fate>)> {
        let in_order = |(cluster, Fates(mut fates)): (PersonId, Fates)| {
            fates.sort_unstable();
            (cluster, fates)
        };
        self.people.sorted().into_iter().map(in_order).collect()
    }

    /// A person as the last cells of a row of the state.
    pub(crate) fn cells(cluster: PersonId, fate: Fate) -> [Cell; 4] {
        let Fate { entry, observed, end, .. } = fate;
        [
            Cell::Whole(Some(i64::from(entry))),
            Cell::Whole(Some(i64::from(observed))),
            Cell::Digest(end),
            Cell::Person(Some(cluster)),
        ]
    }

    /// The same cells of a row that is about nobody.
    pub(crate) const NOBODY: [Cell; 4] =
        [Cell::Whole(None), Cell::Whole(None), Cell::Digest(0), Cell::Person(None)];

    /// Reads a person back, who left on this day; nothing where the row is about nobody.
    pub(crate) fn read(cells: &[Cell], exit: Option<i64>) -> Result<Option<Self>> {
        let day = |day: &i64| u32::try_from(*day).map_err(|_| unreadable());
        match (cells, exit) {
            ([.., Cell::Person(None)], _) => Ok(None),
            (
                [
                    Cell::Whole(Some(entry)),
                    Cell::Whole(Some(observed)),
                    Cell::Digest(end),
                    Cell::Person(Some(cluster)),
                ],
                Some(exit),
            ) => {
                let mut clusters = Self::default();
                let (entry, exit, observed) = (day(entry)?, day(&exit)?, day(observed)?);
                clusters.see(*cluster, Fate { entry, exit, observed, end: *end });
                Ok(Some(clusters))
            }
            _ => Err(unreadable()),
        }
    }
}

impl Merge for Clusters {
    fn merge(&mut self, other: Self) {
        self.people.merge(other.people);
        self.digest = self.digest.wrapping_add(other.digest);
    }

    fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

impl DurationColumns {
    /// Reads whom each row belongs with; a row that does not say is set aside.
    pub(crate) fn told_apart(
        mut self,
        name: Option<&str>,
        chunk: &Chunk<'_>,
        account: &mut Account,
    ) -> Result<Self> {
        let Some(name) = name else { return Ok(self) };
        let clusters = chunk.people(name, "cluster")?;
        if clusters.may_be_null() {
            let mut aside = Vec::new();
            clusters.each(0..chunk.rows(), |row, cluster| {
                let used = self.day(row).is_some() && self.end(row).is_some();
                if cluster.is_none() && used {
                    let problem = "no cluster is named: row set aside";
                    account.note(name, problem, chunk.row(row), || "null".to_owned());
                    aside.push(row);
                }
            });
            self.set_aside(&aside);
        }
        self.clusters = Some(clusters);
        Ok(self)
    }
}

/// The people of one group, as the statistics take them.
#[derive(Default)]
pub(crate) struct Members {
    cluster: Vec<u64>,
    entry: Vec<i64>,
    exit: Vec<i64>,
    cause: Vec<u32>,
}

impl Members {
    /// Lends them to a function of the statistics.
    pub(crate) fn followed(&self) -> Followed<'_> {
        Followed {
            cluster: &self.cluster,
            entry: &self.entry,
            exit: &self.exit,
            cause: &self.cause,
        }
    }

    /// The number of each cluster, in order.
    pub(crate) fn clusters(&self) -> Vec<u64> {
        let mut clusters = self.cluster.clone();
        clusters.dedup(); // they stand cluster by cluster
        clusters
    }
}

/// The people of some groups, whose clusters are numbered alike; their causes are the places of the
/// events, from 1.
///
/// # Errors
/// [`Kind::State`](crate::Kind::State) where clusters have names of two types.
pub(crate) fn members(states: &[&Durations], events: &[Value]) -> Result<Vec<Members>> {
    let each: Vec<Vec<(PersonId, Vec<Fate>)>> =
        states.iter().map(|state| state.clusters.each()).collect();
    let mut names: Vec<PersonId> = each.iter().flatten().map(|(cluster, _)| *cluster).collect();
    names.sort_unstable();
    names.dedup();
    let numbers = names.iter().filter(|name| name.is_number()).count();
    if numbers != 0 && numbers != names.len() {
        return Err(Error::state(TWO_WAYS));
    }
    let ends: Vec<u64> = events.iter().map(Value::digest).collect();
    let cause = |end: u64| ends.iter().position(|of| *of == end).map_or(0, |at| at as u32 + 1);
    let of_state = |clusters: &Vec<(PersonId, Vec<Fate>)>| {
        let mut members = Members::default();
        for (name, fates) in clusters {
            let number = names.partition_point(|other| other < name) as u64;
            for fate in fates {
                let late = fate.entry > 0;
                members.cluster.push(number);
                members.entry.push(if late { i64::from(fate.entry) } else { i64::MIN });
                members.exit.push(i64::from(fate.exit));
                members.cause.push(cause(fate.end));
            }
        }
        members
    };
    Ok(each.iter().map(of_state).collect())
}

/// Figures by day with what each cluster moves; without that, where there is one cluster.
pub(crate) fn by_cluster(
    found: std::result::Result<Vec<std::result::Result<Influenced, Reason>>, Reason>,
    days: &[i64],
    alone: impl Fn(i64) -> std::result::Result<Estimate, Reason>,
) -> Vec<std::result::Result<Influenced, Reason>> {
    found.unwrap_or_else(|_| {
        let only = |estimate| Influenced { estimate, by_cluster: Vec::new() };
        days.iter().map(|&day| alone(day).map(only)).collect()
    })
}

/// Refuses a test of whole curves of people in clusters.
pub(crate) fn refuse_test(cluster: Option<&str>) -> Result<()> {
    match cluster {
        None => Ok(()),
        Some(name) => Err(Error::spec(format!(
            "tests of whole curves take people as having nothing to do with each other, and cluster = '{name}' says that they have; compare the groups by a day with `compare`, or leave `cluster` out"
        ))),
    }
}
