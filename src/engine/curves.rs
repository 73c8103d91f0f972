//! What a measure of times to an event offers beyond its rows: groups compared by a day, and tests of
//! their whole curves.

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::stats::reason::Reason;
use crate::stats::significance::Significance;
use crate::stats::survival::{Estimate, Influenced};

use super::value::Value;

/// Which test of whether the groups of a column differ, over all days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CurveTest {
    /// The key column that tells the groups apart; all of them are tested at once.
    pub column: String,
    /// The test; without it, the measure's usual one.
    #[serde(default)]
    pub method: Option<String>,
    /// A key column whose values are strata: like is tested with like, and the strata are added up.
    #[serde(default)]
    pub within: Option<String>,
    /// How much more early days count.
    #[serde(default)]
    pub rho: f64,
    /// How much more late days count.
    #[serde(default)]
    pub gamma: f64,
}

/// A figure of one group that another group's can be held to.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The values of the measure's own keys.
    pub own: Vec<Value>,
    /// The unit of the figure.
    pub unit: &'static str,
    /// What the figure is.
    pub of: Figured,
    /// Those with the event, where that is a count of the figure.
    pub had: Option<u64>,
    /// Of how many.
    pub base: u64,
    /// The counts that a reader of the figure could recover.
    pub reveals: Vec<u64>,
}

/// What is known of a figure.
#[derive(Debug, Clone, PartialEq)]
pub enum Figured {
    /// It was read off a curve, and has a variance.
    Curve(std::result::Result<Estimate, Reason>),
    /// It is of people in clusters, each of which moves it so far; clusters are numbered alike in all
    /// groups.
    Clustered(std::result::Result<Influenced, Reason>),
    /// It is a share of counts: [`Figure::had`] of [`Figure::base`].
    Share,
}

/// What a test of whole curves found.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// The values of [`Curves::test_keys`].
    pub own: Vec<Value>,
    /// The test.
    pub found: Significance,
    /// The events that it rests on.
    pub events: u64,
    /// The test by name.
    pub method: String,
}

/// A measure of times to an event, whose states hold more than its rows say.
pub trait Curves<S> {
    /// The figures of each state, in the same order for all; `among` holds the states of every group,
    /// so that all groups speak of the same events.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) where the measure was not asked for figures by a day.
    fn figures(&self, states: &[&S], among: &[&S]) -> Result<Vec<Vec<Figure>>>;

    /// The own keys that a test has.
    fn test_keys(&self) -> &'static [&'static str];

    /// Tests the groups of each stratum, which stand in the same order in all.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for a test that the measure does not have.
    fn test(&self, strata: &[Vec<&S>], among: &[&S], test: &CurveTest) -> Result<Vec<Tested>>;

    /// How many people a state counts, and how many rows were dropped from it.
    fn people(&self, state: &S) -> (u64, u64);
}
