//! Of the children looked after on a date, what share is placed with kin, in a family, near home?

use std::collections::BTreeMap;

use arrow_array::Array;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::engine::account::Account;
use crate::engine::chunk::Chunk;
use crate::engine::each_once::each_once;
use crate::engine::measure::{Info, Measure, Merge, Role};
use crate::engine::options::Options;
use crate::engine::partial::Tallied;
use crate::engine::people::Series;
use crate::engine::table::{Row, check_size};
use crate::engine::value::Value;
use crate::error::{Error, Result};

use super::care::{CareNames, child, end, start};
use super::census::Census;
use super::outcome::{self, wilson};
use super::shares_on_dates::OnDate;
use super::stays::{Fate, Held, StayColumns, StayTally, Stays, dates, doubled_note, identities};

/// Of the children looked after on a date, what share is placed with kin, in a family, near home?
///
/// # Population and unit
/// Children looked after on the date, counted once each, as [`LookedAfter`](super::LookedAfter) counts
/// them. Numerator: those whose placement is of the kind; the kinds may overlap. Denominator: those
/// whose placement is recorded. With `own_authority`, one more row a date: of those of whom it is
/// recorded, the share placed within their own authority.
///
/// On a date with several placements of a child, the one that started last counts, of those the one
/// that ends last; of those alike in both, one that is recorded, then the one of the kind first by
/// name.
///
/// # Interval
/// Two-sided: Wilson's score interval, or another for a large population. All children were counted,
/// so it says how far such a share could move by chance, not how well the share is known.
///
/// # Nulls and edges
/// A null placement is dropped, and counted in `rows_dropped`; a child whose placement on the date is
/// null is in no base, and a note says how many. A row without a child or a start, or with an end
/// before its start, is set aside, counted and listed. A date after a given `as_of` has no value.
///
/// # Merging
/// For each child its stays, with the kinds of each. Exact.
///
/// # Reveals
/// The numerator, the base and their difference, and the rows dropped.
///
/// # Errors
/// `Spec` unless dates are given by `at` or by `every`, one of both, for an unknown method, and for a
/// kind without values; `Column` and `Type` for the columns.
///
/// # Example
/// ```
/// use std::sync::Arc;
/// use arrow_array::{ArrayRef, Date32Array, Int64Array, RecordBatch, StringArray};
/// use chrono::NaiveDate;
/// use wholefamily::{Measure, Options, measures::PlacedWith};
///
/// let episodes = RecordBatch::try_from_iter([
///     ("child_id", Arc::new(Int64Array::from(vec![1, 1, 2, 3])) as ArrayRef),
///     ("start", Arc::new(Date32Array::from(vec![0, 10, 5, 5]))),
///     ("end", Arc::new(Date32Array::from(vec![Some(10), None, None, None]))),
///     ("placement", Arc::new(StringArray::from(vec!["foster", "kinship", "foster", "residential"]))),
/// ])?;
/// let at = NaiveDate::from_ymd_opt(1970, 1, 20).unwrap();
/// let share = PlacedWith { at: Some(vec![at]), ..Default::default() };
/// let estimates = share.run(&[episodes], &Options::default())?;
/// assert_eq!(estimates.numerators(), [Some(2), Some(1)]); // in a family, with kin
/// assert_eq!(estimates.denominators(), [Some(3.0), Some(3.0)]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Scottish Government, Children's Social Work Statistics: looked after children by type of placement
/// on 31 July.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacedWith {
    /// The dates to count on; without them, the last day of each period that `every` names.
    #[serde(default, deserialize_with = "each_once")]
    pub at: Option<Vec<NaiveDate>>,
    /// The values of the placement that each kind stands for; without them `kin` is "kinship", and
    /// `family` also "foster", "parents" and "adoption".
    #[serde(default)]
    pub kinds: Option<BTreeMap<String, Vec<Value>>>,
    /// The column that holds the placement.
    #[serde(default = "placement")]
    pub placement: String,
    /// The column that says whether the placement is within the child's own authority, true or false;
    /// with `authority`, the area that it is in.
    #[serde(default)]
    pub own_authority: Option<String>,
    /// The column that holds the child's own authority, with which the area is compared.
    #[serde(default)]
    pub authority: Option<String>,
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

fn placement() -> String {
    "placement".to_owned()
}

impl Default for PlacedWith {
    fn default() -> Self {
        Self {
            at: None,
            kinds: None,
            placement: placement(),
            own_authority: None,
            authority: None,
            child: child(),
            start: start(),
            end: end(),
            as_of: None,
            method: wilson(),
        }
    }
}

/// What is said of a placement: whether it is recorded, then its kinds in the order of their names
/// from the highest bit down, then whether it is known to be, and is, in the child's own authority.
const RECORDED: u64 = 1 << 63;
const OWN_KNOWN: u64 = 2;
const OWN: u64 = 1;
const MOST_KINDS: usize = 50;

/// What the share within the own authority is called among the kinds.
const OWN_AUTHORITY: &str = "own authority";

fn bit(kind: usize) -> u64 {
    RECORDED >> (kind + 1)
}

impl PlacedWith {
    fn census(&self) -> Census<'_> {
        Census { at: self.at.as_deref(), as_of: self.as_of }
    }

    fn kinds(&self) -> BTreeMap<String, Vec<Value>> {
        self.kinds.clone().unwrap_or_else(|| {
            let family = ["kinship", "foster", "parents", "adoption"];
            BTreeMap::from([
                ("family".to_owned(), family.map(Value::from).to_vec()),
                ("kin".to_owned(), vec![Value::from("kinship")]),
            ])
        })
    }

    /// Whether the placement of each row is in the child's own authority, where that is recorded.
    fn own(&self, chunk: &Chunk<'_>) -> Result<Vec<u64>> {
        let rows = 0..chunk.rows();
        let said = |own: Option<bool>| own.map_or(0, |own| OWN_KNOWN | (u64::from(own) * OWN));
        let role = "own_authority";
        match (&self.own_authority, &self.authority) {
            (None, _) => Ok(vec![0; chunk.rows()]),
            (Some(name), None) => {
                let mend = "; to compare the area with the child's authority, name that column in `authority`";
                let flags = chunk.flags(name, role, mend)?;
                Ok(rows.map(|row| said(flags.is_valid(row).then(|| flags.value(row)))).collect())
            }
            (Some(name), Some(other)) => {
                let (area, home) = (chunk.codes(name, role)?, chunk.codes(other, "authority")?);
                home.check_kind(other, "authority", area.values())?;
                let of = |row: usize| {
                    let known = |value: &&Value| **value != Value::Null;
                    let area = area.value_of(row).filter(known);
                    area.zip(home.value_of(row).filter(known)).map(|(area, home)| area == home)
                };
                Ok(rows.map(|row| said(of(row))).collect())
            }
        }
    }

    /// For each date how many children have a placement that is recorded, are of each kind, are of
    /// known and of their own authority, have none recorded, and are in two places: side by side.
    fn counts(&self, stays: &Stays<u64>, days: &[i32], kinds: usize) -> Series {
        let stride = kinds + 5;
        stays.people.sum(|counts: &mut Series, held: &Held<u64>| {
            for place in held.reach(days) {
                let Some(day) = days.get(place).copied() else { continue };
                let mut on = held.on(day);
                let Some(first) = on.next() else { continue };
                let (last, doubled) = on.fold((first, false), |(_, doubled), stay| {
                    (stay, doubled || stay.what != first.what)
                });
                let first = place * stride;
                for kind in (0..kinds).filter(|kind| last.what & bit(*kind) != 0) {
                    counts.add(first + kind, 1);
                }
                let holds = |bits: u64| i64::from(last.what & bits == bits);
                counts.add(first + kinds, holds(RECORDED));
                counts.add(first + kinds + 1, 1 - holds(RECORDED));
                counts.add(first + kinds + 2, holds(OWN_KNOWN));
                counts.add(first + kinds + 3, holds(OWN_KNOWN | OWN));
                counts.add(first + kinds + 4, i64::from(doubled));
            }
        })
    }
}

impl Measure for PlacedWith {
    type State = Stays<u64>;
    type Columns = StayColumns<u64>;
    type Tally = StayTally<u64>;
    const CHUNK_ROWS: usize = 1 << 16;
    const INFO: Info = Info {
        measure: "placed_with",
        class: "PlacedWith",
        question: "Of the children looked after on a date, what share is placed with kin, in a family, near home?",
        unit: "share",
        own_keys: &["date", "kind"],
        required: &[],
        words: &[("method", outcome::METHODS)],
        references: &[
            "Scottish Government, Children's Social Work Statistics: looked after children by type of placement on 31 July",
        ],
    };

    fn check(&self, options: &Options) -> Result<()> {
        outcome::method(&self.method)?;
        let kinds = self.kinds();
        if kinds.is_empty() && self.own_authority.is_none() {
            return Err(Error::spec("kinds is empty; name a kind and the placements that count"));
        }
        if kinds.len() > MOST_KINDS {
            return Err(Error::spec(format!("kinds names {}; at most {MOST_KINDS}", kinds.len())));
        }
        for (kind, values) in &kinds {
            if values.is_empty() {
                return Err(Error::spec(format!(
                    "kind '{kind}' has no value; name its placements"
                )));
            }
            if values.contains(&Value::Null) {
                return Err(Error::spec(format!(
                    "kind '{kind}' holds null; where no placement is recorded, nobody knows its kind"
                )));
            }
        }
        if self.own_authority.is_some() && kinds.contains_key(OWN_AUTHORITY) {
            return Err(Error::spec(format!(
                "'{OWN_AUTHORITY}' is what the share by own_authority is called; name the kind otherwise"
            )));
        }
        if self.authority.is_some() && self.own_authority.is_none() {
            return Err(Error::spec(
                "authority is compared with own_authority, the column of the area that a child is placed in; name both",
            ));
        }
        self.census().check(options)
    }

    fn roles(&self) -> Vec<Role> {
        let mut roles =
            CareNames { child: &self.child, start: &self.start, end: &self.end }.roles();
        roles.push(Role::new("placement", &self.placement));
        roles.extend(self.own_authority.as_ref().map(|name| Role::new("own_authority", name)));
        roles.extend(self.authority.as_ref().map(|name| Role::new("authority", name)));
        roles
    }

    fn columns(&self, chunk: &Chunk<'_>, account: &mut Account) -> Result<StayColumns<u64>> {
        let names = CareNames { child: &self.child, start: &self.start, end: &self.end };
        let care = names.columns(chunk, account)?;
        let codes = chunk.codes(&self.placement, "placement")?;
        let kinds = self.kinds();
        for values in kinds.values() {
            codes.check_kind(&self.placement, "placement", values)?;
        }
        let said = |value: &Value| match value {
            Value::Null => 0,
            value => kinds.values().enumerate().fold(RECORDED, |said, (kind, values)| {
                if values.contains(value) { said | bit(kind) } else { said }
            }),
        };
        let by_code: Vec<u64> = codes.values().iter().map(said).collect();
        let mut what = self.own(chunk)?;
        for (row, what) in what.iter_mut().enumerate() {
            *what |= by_code.get(codes.code(row) as usize).copied().unwrap_or(0);
        }
        let whose = identities(&care.children, chunk.rows());
        let recorded: Vec<bool> = what.iter().map(|what| what & RECORDED != 0).collect();
        Ok(StayColumns::new(care, whose, what, |row| match recorded.get(row) {
            Some(true) => Fate::Used,
            _ => Fate::Unknown,
        }))
    }

    fn tally(&self, groups: usize) -> StayTally<u64> {
        StayTally::new(groups, self.census().days().as_deref(), 0)
    }

    /// Says how many children have no placement or two, which kinds nobody is in, and where a date lies
    /// after all that the extract holds.
    fn notes(&self, states: &mut dyn Iterator<Item = &Stays<u64>>) -> Vec<String> {
        let kinds = self.kinds();
        let days = self.census().days().unwrap_or_default();
        let stride = kinds.len() + 5;
        let states: Vec<&Stays<u64>> = states.collect();
        let mut counts = Series::default();
        states.iter().for_each(|state| counts.merge(self.counts(state, &days, kinds.len())));
        let seen = dates(states.into_iter());
        let total = |place: usize| -> i64 {
            (0..days.len()).map(|date| counts.at(date * stride + place)).sum()
        };
        let mut notes = Vec::new();
        if total(kinds.len()) > 0 {
            for (place, (kind, values)) in kinds.iter().enumerate() {
                if total(place) == 0 {
                    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                    notes.push(format!(
                        "{kind}: no child looked after on a date asked for is placed in {}; check how the values are written",
                        values.join(", ")
                    ));
                }
            }
        }
        let unknown = total(kinds.len() + 1);
        if unknown > 0 {
            notes.push(format!(
                "children looked after on a date asked for without a placement recorded: {unknown}, in no base"
            ));
        }
        notes.extend(doubled_note(total(kinds.len() + 4)));
        notes.extend(self.census().late_note(seen.map(|(_, latest)| latest)));
        notes
    }

    fn finish(&self, tallied: &Tallied<'_, Stays<u64>>, options: &Options) -> Result<Vec<Row>> {
        let method = outcome::method(&self.method)?;
        let census = self.census();
        let seen = dates(tallied.groups.iter().map(|group| group.state));
        let asked = census.dates(seen, tallied.groups.len(), options)?;
        let days: Vec<i32> = asked.iter().map(|(day, _)| *day).collect();
        let kinds: Vec<String> = self.kinds().into_keys().collect();
        // The name of each share, and the places of its numerator and its base.
        let mut shares: Vec<(&str, usize, usize)> = Vec::new();
        shares.extend(
            kinds.iter().enumerate().map(|(kind, name)| (name.as_str(), kind, kinds.len())),
        );
        if self.own_authority.is_some() {
            shares.push((OWN_AUTHORITY, kinds.len() + 3, kinds.len() + 2));
        }
        check_size(
            days.len() * shares.len(),
            tallied.groups.len(),
            "ask for fewer dates or groups",
        )?;
        let stride = kinds.len() + 5;
        let mut rows = Vec::new();
        for (place, group) in tallied.groups.iter().enumerate() {
            let counts = self.counts(group.state, &days, kinds.len());
            for (date, counted) in asked.iter().enumerate() {
                let on_date = OnDate {
                    place,
                    group,
                    date: *counted,
                    late: census.late(counted.0),
                    method,
                    level: tallied.level,
                };
                for (name, with, base) in &shares {
                    let [with, base] = [with, base].map(|at| counts.at(date * stride + at) as u64);
                    rows.push(on_date.share(Some((*name).into()), with, base, &[]));
                }
            }
        }
        Ok(rows)
    }
}
