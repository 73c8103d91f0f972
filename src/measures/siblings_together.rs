//! Are brothers and sisters who are looked after on a date placed together?

use std::cmp::Reverse;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Merge, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::person::PersonId;
use crate::engine::table::Row;
use crate::engine::wire::{Cell, unreadable};
use crate::error::{Error, Result};
use crate::stats::proportion::{ClusterCounts, ProportionMethod};

use super::care::{CareNames, child, end, start};
use super::census::Census;
use super::outcome::{self, wilson};
use super::shares_on_dates::OnDate;
use super::stays::{
    Fate, Held, Stay, StayColumns, StayTally, Stays, What, dates, doubled_note, identities,
};

/// Are brothers and sisters who are looked after on a date placed together?
///
/// # Population and unit
/// With `unit` "groups", groups of brothers and sisters of whom at least two are looked after on the
/// date: the share with `all` in one place, with `some` together (at least two, not all), with `none`
/// together. With "children", the children of those groups: the share who live with all, some or none
/// of their brothers and sisters in care.
///
/// On a date with several places of a child, the one that started last counts, of those the one that
/// ends last; of those alike in both, one that is recorded, then the first by name.
///
/// # Interval
/// Two-sided: Wilson's score interval, or another for a large population. All groups were counted, so
/// it says how far such a share could move by chance. Children of one group share their answer: with
/// "children" it is Wilson's with the linearised variance between groups and Student's t (see
/// [`clustered_proportion`](crate::stats::clustered_proportion)); `method` is then "wilson-clustered",
/// and one group alone has no interval.
///
/// # Nulls and edges
/// A row without a group or a place is dropped, and counted in `rows_dropped`. A group in which the
/// place of a child on the date is not recorded is in no base: nothing is guessed, and a note says how
/// many. A row without a child or a start, or with an end before its start, is set aside, counted and
/// listed. A date after a given `as_of` has no value.
///
/// Brothers and sisters who are placed at home with their parents are in care and have one place, so
/// they count as together. Leave such rows out of the table first, by the kind of placement, where only
/// those away from home are asked about. The duty in Scotland is also met by homes near each other, and
/// how near two places are their names do not tell: those in two homes count as apart.
///
/// By a column that differs between brothers and sisters, each group of rows sees only its own.
///
/// # Merging
/// For each group of brothers and sisters the stays of its children. Exact.
///
/// # Reveals
/// All three counts and their sum, and the rows dropped.
///
/// # Errors
/// `Spec` unless dates are given by `at` or by `every`, one of both, for an unknown method, and for
/// another than "wilson" with "children"; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch};
/// use chrono::NaiveDate;
/// use wholefamily::{Measure, Options, measures::SiblingsTogether};
///
/// let whole = |numbers: Vec<i64>| Arc::new(Int64Array::from(numbers)) as ArrayRef;
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", whole(vec![1, 2, 3, 4, 5])),
///     ("sibling_group", whole(vec![1, 1, 2, 2, 2])),
///     ("place_id", whole(vec![7, 7, 8, 8, 9])),
///     ("start", Arc::new(Date32Array::from(vec![0; 5]))),
///     ("end", Arc::new(Date32Array::from(vec![None; 5]))),
/// ])?;
/// let at = NaiveDate::from_ymd_opt(1970, 3, 31).unwrap();
/// let together = SiblingsTogether { at: Some(vec![at]), ..Default::default() };
/// let estimates = together.run(&[episodes], &Options::default())?;
/// assert_eq!(estimates.numerators(), [Some(1), Some(1), Some(0)]); // all, some, none
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiblingsTogether {
    /// The dates to count on; without them, the last day of each period that `every` names.
    #[serde(default, deserialize_with = "each_once")]
    pub at: Option<Vec<NaiveDate>>,
    /// The column that names the group of brothers and sisters.
    #[serde(default = "sibling_group")]
    pub sibling_group: String,
    /// The column that names the place: a household, an address, a carer.
    #[serde(default = "place")]
    pub place: String,
    /// What is counted: `groups` of brothers and sisters, or their `children`.
    #[serde(default = "groups")]
    pub unit: String,
    /// The column that says which child an episode is of.
    #[serde(default = "child")]
    pub child: String,
    /// The column that holds the first day of the episode.
    #[serde(default = "start")]
    pub start: String,
    /// The column that holds the day the episode ended; null where it is open.
    #[serde(default = "end")]
    pub end: String,
    /// The last day that the extract speaks of; without it, the latest date in the extract.
    #[serde(default)]
    pub as_of: Option<NaiveDate>,
    /// The method of the interval.
    #[serde(default = "wilson")]
    pub method: String,
}

fn sibling_group() -> String {
    "sibling_group".to_owned()
}

fn place() -> String {
    "place_id".to_owned()
}

const GROUPS: &str = "groups";
const CHILDREN: &str = "children";

fn groups() -> String {
    GROUPS.to_owned()
}

impl Default for SiblingsTogether {
    fn default() -> Self {
        Self {
            at: None,
            sibling_group: sibling_group(),
            place: place(),
            unit: groups(),
            child: child(),
            start: start(),
            end: end(),
            as_of: None,
            method: wilson(),
        }
    }
}

/// Which child of a group, and where it lives; nobody stands for a place that is not recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sibling {
    child: PersonId,
    place: PersonId,
}

impl What for Sibling {
    fn cells(self) -> [Cell; 3] {
        let place = (!self.place.is_nobody()).then_some(self.place);
        [Cell::Whole(None), Cell::Person(Some(self.child)), Cell::Person(place)]
    }

    fn from_cells(cells: &[Cell]) -> Result<Self> {
        match cells {
            [_, Cell::Person(Some(child)), Cell::Person(place)] => {
                Ok(Self { child: *child, place: place.unwrap_or(PersonId::NOBODY) })
            }
            _ => Err(unreadable()),
        }
    }

    fn digest(self) -> u64 {
        self.child.digest(self.place.hash())
    }
}

/// Of two stays of a child on one day, the greater counts.
fn order(stay: &Stay<Sibling>) -> impl Ord + use<> {
    let place = stay.what.place;
    let name = (place.order().is_none(), place.order(), place);
    (stay.start, stay.end, !place.is_nobody(), Reverse(name))
}

/// The words of the own key, in order.
const TOGETHER: [&str; 3] = ["all", "some", "none"];

/// How the brothers and sisters in care on a date live.
#[derive(Debug, PartialEq, Eq)]
enum Lives {
    /// Fewer than two are in care.
    Alone,
    /// The place of one is not recorded.
    Unknown,
    /// How many groups, and how many children, live with all, some and none.
    Known { groups: [u64; 3], children: [u64; 3] },
}

/// How they live, by the place of each child.
fn lives(places: &mut [PersonId]) -> Lives {
    if places.len() < 2 {
        return Lives::Alone;
    }
    if places.iter().any(|place| place.is_nobody()) {
        return Lives::Unknown;
    }
    places.sort_unstable();
    let all = places.len();
    let mut children = [0; 3];
    let [with_all, with_some, with_none] = &mut children;
    for home in places.chunk_by(|left, right| left == right) {
        let count = match home.len() {
            number if number == all => &mut *with_all,
            1 => &mut *with_none,
            _ => &mut *with_some,
        };
        *count += home.len() as u64;
    }
    let groups = match children {
        [0, 0, _] => [0, 0, 1],
        [0, ..] => [0, 1, 0],
        _ => [1, 0, 0],
    };
    Lives::Known { groups, children }
}

/// What is counted on one date.
#[derive(Debug, Clone, Default)]
struct OnDay {
    /// How many live with all, some and none: each group of brothers and sisters is a cluster.
    lives: [ClusterCounts; 3],
    /// How many groups have a child whose place is not recorded.
    unknown: u64,
    /// How many children are in two places.
    doubled: u64,
}

/// The same for each date, in order; a missing one has none.
#[derive(Debug, Default)]
struct Counted(Vec<OnDay>);

impl Counted {
    /// Counts more on a date.
    fn count(&mut self, date: usize, more: impl FnMut(&mut OnDay)) {
        if self.0.len() <= date {
            self.0.resize_with(date + 1, OnDay::default);
        }
        self.0.get_mut(date).into_iter().for_each(more);
    }
}

impl Merge for Counted {
    fn merge(&mut self, other: Self) {
        for (date, theirs) in other.0.into_iter().enumerate() {
            self.count(date, |mine| {
                for (sum, counts) in mine.lives.iter_mut().zip(theirs.lives) {
                    sum.merge(counts);
                }
                mine.unknown += theirs.unknown;
                mine.doubled += theirs.doubled;
            });
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl SiblingsTogether {
    fn census(&self) -> Census<'_> {
        Census { at: self.at.as_deref(), as_of: self.as_of }
    }

    fn names(&self) -> CareNames<'_> {
        CareNames { child: &self.child, start: &self.start, end: &self.end }
    }

    /// What is counted on each of these dates.
    fn counts(&self, stays: &Stays<Sibling>, days: &[i32]) -> Counted {
        stays.people.sum(|counts: &mut Counted, held: &Held<Sibling>| {
            for date in held.reach(days) {
                let Some(day) = days.get(date).copied() else { continue };
                let mut on: Vec<&Stay<Sibling>> = held.on(day).collect();
                on.sort_by_key(|stay| (stay.what.child, order(stay)));
                let mut places = Vec::new();
                for theirs in on.chunk_by(|left, right| left.what.child == right.what.child) {
                    places.extend(theirs.last().map(|stay| stay.what.place));
                    let doubled = theirs
                        .windows(2)
                        .any(|pair| matches!(pair, [one, two] if one.what != two.what));
                    counts.count(date, |on_day| on_day.doubled += u64::from(doubled));
                }
                match lives(&mut places) {
                    Lives::Alone => {}
                    Lives::Unknown => counts.count(date, |on_day| on_day.unknown += 1),
                    Lives::Known { groups, children } => {
                        let found = if self.unit == CHILDREN { children } else { groups };
                        let all = found.iter().sum();
                        counts.count(date, |on_day| {
                            for (sum, count) in on_day.lives.iter_mut().zip(found) {
                                sum.add(count, all);
                            }
                        });
                    }
                }
            }
        })
    }
}

impl Measure for SiblingsTogether {
    type State = Stays<Sibling>;
    type Columns = StayColumns<Sibling>;
    type Tally = StayTally<Sibling>;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "siblings_together",
        class: "SiblingsTogether",
        question: "Are brothers and sisters who are looked after on a date placed together?",
        unit: "share",
        own_keys: &["date", "together"],
        required: &[],
        words: &[("unit", &[GROUPS, CHILDREN]), ("method", outcome::METHODS)],
        references: &[
            "Looked After Children (Scotland) Amendment Regulations 2021 (SSI 2021/103), regulation 3(5), which inserts regulation 5A into the Looked After Children (Scotland) Regulations 2009: the duty to place brothers and sisters in the same home, or in homes near each other, where that is appropriate",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        let method = outcome::method(&self.method)?;
        if ![GROUPS, CHILDREN].contains(&self.unit.as_str()) {
            return Err(Error::unknown_word("unit", &self.unit, &[GROUPS, CHILDREN]));
        }
        if self.unit == CHILDREN && method != ProportionMethod::Wilson {
            return Err(Error::spec(format!(
                "with `unit` \"children\" the interval is Wilson's, allowing for brothers and sisters; method '{}' has no such form: leave it out",
                self.method
            )));
        }
        self.census().check(options)
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles = self.names().roles();
        roles.push(Role::new("sibling_group", &self.sibling_group));
        roles.push(Role::new("place", &self.place));
        roles
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<StayColumns<Sibling>> {
        let care = self.names().columns(chunk, account)?;
        let groups = chunk.people(&self.sibling_group, "sibling_group")?;
        let places = chunk.people(&self.place, "place")?;
        let whose = identities(&groups, chunk.rows());
        let what: Vec<Sibling> = identities(&care.children, chunk.rows())
            .into_iter()
            .zip(identities(&places, chunk.rows()))
            .map(|(child, place)| Sibling { child, place })
            .collect();
        let nobody = |id: Option<PersonId>| id.is_none_or(PersonId::is_nobody);
        let fates: Vec<Fate> = (0..chunk.rows())
            .map(|row| match (nobody(whose.get(row).copied()), what.get(row)) {
                (true, _) => Fate::Aside,
                (_, Some(sibling)) if !sibling.place.is_nobody() => Fate::Used,
                _ => Fate::Unknown,
            })
            .collect();
        Ok(StayColumns::new(care, whose, what, |row| {
            fates.get(row).copied().unwrap_or(Fate::Aside)
        }))
    }

    fn tally(&self, groups: usize) -> StayTally<Sibling> {
        StayTally::new(groups, self.census().days().as_deref(), 0)
    }

    /// Says how many groups have a child whose place is not recorded, how many children are in two
    /// places, and where a date lies after all that the extract holds.
    fn notes(&self, states: &mut dyn Iterator<Item = &Stays<Sibling>>) -> Vec<String> {
        let days = self.census().days().unwrap_or_default();
        let states: Vec<&Stays<Sibling>> = states.collect();
        let mut counts = Counted::default();
        states.iter().for_each(|state| counts.merge(self.counts(state, &days)));
        let mut notes = Vec::new();
        let unknown: u64 = counts.0.iter().map(|on_day| on_day.unknown).sum();
        if unknown > 0 {
            notes.push(format!(
                "groups of brothers and sisters on a date asked for with a child whose place is not recorded: {unknown}, in no base"
            ));
        }
        notes.extend(doubled_note(counts.0.iter().map(|on_day| on_day.doubled as i64).sum()));
        let seen = dates(states.into_iter());
        notes.extend(self.census().late_note(seen.map(|(_, latest)| latest)));
        notes
    }

    fn finish(&self, tallied: &Tallied<'_, Stays<Sibling>>, options: &Options) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let census = self.census();
        let seen = dates(tallied.groups.iter().map(|group| group.state));
        let asked = census.dates(seen, 3 * tallied.groups.len(), options)?;
        let days: Vec<i32> = asked.iter().map(|(day, _)| *day).collect();
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let counts = self.counts(group.state, &days);
            for (date, counted) in asked.iter().enumerate() {
                let on_date = OnDate {
                    place,
                    group,
                    date: *counted,
                    late: census.late(counted.0),
                    method,
                    level: tallied.level,
                };
                let lives = counts.0.get(date).map(|on_day| on_day.lives).unwrap_or_default();
                let found = lives.map(|counts| counts.with());
                for (word, counts) in TOGETHER.into_iter().zip(lives) {
                    let key = Some(word.into());
                    rows.push(match self.unit == CHILDREN {
                        true => on_date.clustered(key, &counts, &found),
                        false => on_date.share(key, counts.with(), counts.rows(), &found),
                    });
                }
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brothers_and_sisters_live_with_all_some_or_none() {
        let found = |homes: &[&str]| {
            let mut places: Vec<PersonId> =
                homes.iter().map(|home| PersonId::of_text(home)).collect();
            lives(&mut places)
        };
        let known = |groups, children| Lives::Known { groups, children };
        assert_eq!(found(&["a"]), Lives::Alone);
        assert_eq!(found(&["a", "a", "a"]), known([1, 0, 0], [3, 0, 0]));
        assert_eq!(found(&["a", "b", "a"]), known([0, 1, 0], [0, 2, 1]));
        assert_eq!(found(&["a", "b", "a", "b"]), known([0, 1, 0], [0, 4, 0]));
        assert_eq!(found(&["a", "b", "c"]), known([0, 0, 1], [0, 0, 3]));
        assert_eq!(lives(&mut [PersonId::of_text("a"), PersonId::NOBODY]), Lives::Unknown);
    }
}
