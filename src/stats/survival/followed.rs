//! People one by one, and whom each of them belongs with.

use super::super::reason::Reason;

/// People followed, one place each in every slice; those of a cluster share their fate.
///
/// The same people as in the [`Times`](super::Times) of a curve, which counts them by day:
/// [`KaplanMeier::clustered`](super::KaplanMeier::clustered) needs both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Followed<'a> {
    /// Whom they belong with: a family's number, whatever it is.
    pub cluster: &'a [u64],
    /// The day they joined, at risk from the next day on, or `i64::MIN` for who was there from the
    /// start; empty where all were.
    pub entry: &'a [i64],
    /// The day they had an event or were censored.
    pub exit: &'a [i64],
    /// The cause of the event, from 1; 0 for who was censored.
    pub cause: &'a [u32],
}

/// One of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) entry: Option<i64>,
    pub(super) exit: i64,
    pub(super) cause: u32,
}

impl<'a> Followed<'a> {
    /// Refuses what cannot be, or says nothing of how clusters vary; `counted` is how many people the
    /// curve has.
    pub(super) fn check(&self, counted: u64) -> Result<(), Reason> {
        let n = self.exit.len();
        let joined = self.entry.is_empty() || self.entry.len() == n;
        if self.cluster.len() != n || self.cause.len() != n || !joined || counted != n as u64 {
            return Err(Reason::UnequalLengths);
        }
        if self.entry.iter().zip(self.exit).any(|(entry, exit)| entry >= exit) {
            return Err(Reason::LeftBeforeEntry);
        }
        match self.cluster.first() {
            None => Err(Reason::NoRows),
            Some(first) if self.cluster.iter().all(|cluster| cluster == first) => {
                Err(Reason::OneCluster)
            }
            Some(_) => Ok(()),
        }
    }

    /// The clusters in order, each once.
    pub(super) fn clusters(&self) -> Vec<u64> {
        let mut clusters = self.cluster.to_vec();
        clusters.sort_unstable();
        clusters.dedup();
        clusters
    }

    /// Everybody, with their cluster.
    pub(super) fn each(&self) -> impl Iterator<Item = (u64, Person)> + use<'a> {
        let entry = self.entry;
        let people = self.cluster.iter().zip(self.exit).zip(self.cause).enumerate();
        people.map(move |(place, ((&cluster, &exit), &cause))| {
            (cluster, Person { entry: entry.get(place).copied(), exit, cause })
        })
    }
}
