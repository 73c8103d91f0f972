//! The tally of one part of the rows: it merges with the tallies of other parts, and travels as Arrow.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, NullArray, RecordBatch};
use arrow_schema::{Field, Schema};
use xxhash_rust::xxh3::Xxh3;

use crate::error::{Error, Result};
use crate::stats::level::Level;

use super::account::Account;
use super::chunk::nothing;
use super::group::Groups;
use super::in_words;
use super::measure::{Measure, Merge};
use super::options::Options;
use super::run;
use super::table::{self, Estimates, KeyColumn, Row, metadata, shown_kind};
use super::value::{Value, ValueKind};
use super::wire::{self, CellColumn, Wire};

/// The states of a measure over some of the rows.
///
/// # Properties
/// Merging is associative and does not depend on the order; the parts of any split of the rows merge
/// to the same estimates as the whole.
///
/// # Disclosure
/// A partial state holds small counts, and for measures about people it holds an identity for each
/// person. Treat it as you treat the extract.
#[derive(Debug, Clone)]
pub struct Partial<M: Measure> {
    measure: M,
    options: Options,
    groups: Groups,
    states: Vec<M::State>,
    /// The types of the key columns: those of the values met, and those that the columns declare,
    /// which are shown where no value was met.
    kinds: Vec<Option<ValueKind>>,
    declared: Vec<Option<ValueKind>>,
    account: Account,
}

/// One group as a measure sees it when it estimates.
#[derive(Debug)]
pub struct Group<'a, S> {
    /// The values of the columns that the run was asked to group by.
    pub by: &'a [Value],
    /// The values of the measure's own grouping columns.
    pub own: &'a [Value],
    /// The period, where the engine groups by one.
    pub period: Option<&'a Value>,
    /// What was counted.
    pub state: &'a S,
}

/// All groups of a run, sorted, as a measure sees them when it estimates.
#[derive(Debug)]
pub struct Tallied<'a, S> {
    /// The groups, in order of period and keys.
    pub groups: Vec<Group<'a, S>>,
    /// The confidence level.
    pub level: Level,
}

impl<'a, S> Tallied<'a, S> {
    /// The groups that the result shows, each with the place of its first part and its parts: those
    /// that only the measure's own grouping columns tell apart. Without keys there is one such group,
    /// also where there are no rows.
    pub(crate) fn by_shown(
        &self,
        options: &Options,
    ) -> impl Iterator<Item = (usize, &[Group<'a, S>])> {
        let alike = |left: &Group<'a, S>, right: &Group<'a, S>| {
            left.by == right.by && left.period == right.period
        };
        let nobody: Option<&[Group<'a, S>]> =
            (self.groups.is_empty() && options.by.is_empty() && options.every.is_none())
                .then_some(&[]);
        self.groups.chunk_by(alike).chain(nobody).scan(0, |place, parts| {
            let first = *place;
            *place += parts.len();
            Some((first, parts))
        })
    }
}

impl<M: Measure> Partial<M> {
    /// The tally of no rows: the identity of merging.
    pub(crate) fn empty(measure: M, options: Options) -> Self {
        let mut partial = Self {
            groups: Groups::default(),
            states: Vec::new(),
            kinds: Vec::new(),
            declared: Vec::new(),
            account: Account::default(),
            measure,
            options,
        };
        partial.kinds = vec![None; partial.options.by.len() + partial.measure.own_groups().len()];
        partial.declared = partial.kinds.clone();
        partial.groups = Groups::new(partial.kinds.len() + usize::from(partial.has_period()));
        partial
    }

    fn has_period(&self) -> bool {
        self.options.every.is_some() && self.measure.date().is_some()
    }

    pub(crate) fn measure(&self) -> &M {
        &self.measure
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// Each group's key (those of `by`, then the period) and state, sorted.
    pub(crate) fn by_key(&self) -> Vec<(&[Value], &M::State)> {
        let order = self.groups.sorted(self.has_period());
        let state = |group: usize| Some((self.groups.key(group), self.states.get(group)?));
        order.into_iter().filter_map(state).collect()
    }

    /// The names of those keys, and the types in which they are shown.
    pub(crate) fn shown_keys(&self) -> Vec<(&str, ValueKind)> {
        let by = self.options.by.iter().enumerate();
        let by = by.map(|(place, name)| (name.as_str(), shown_kind(self.kind(place))));
        by.chain(self.has_period().then_some(("period", ValueKind::Day))).collect()
    }

    pub(crate) fn account_mut(&mut self) -> &mut Account {
        &mut self.account
    }

    /// Learns the types that the key columns declare.
    pub(crate) fn see_declared(&mut self, declared: &[Option<ValueKind>]) {
        for (known, seen) in self.declared.iter_mut().zip(declared) {
            *known = known.or(*seen);
        }
    }

    /// Learns the types of the key columns' values, and refuses two that differ.
    pub(crate) fn see_kinds(&mut self, kinds: &[Option<ValueKind>]) -> Result<()> {
        let names = self.options.by.iter().cloned().chain(self.measure.own_groups());
        for ((known, seen), name) in self.kinds.iter_mut().zip(kinds).zip(names) {
            match (&known, seen) {
                (_, None) => {}
                (None, Some(_)) => *known = *seen,
                (Some(before), Some(now)) if before == now => {}
                (Some(before), Some(now)) => {
                    return Err(Error::wrong_type(format!(
                        "column '{name}' holds {before:?} in one part of the data and {now:?} in another; give it one type"
                    )));
                }
            }
        }
        Ok(())
    }

    /// The type in which a key column is shown.
    fn kind(&self, place: usize) -> Option<ValueKind> {
        let known = self.kinds.get(place).copied().flatten();
        known.or(self.declared.get(place).copied().flatten())
    }

    /// Adds a state to the group with this key.
    pub(crate) fn add(&mut self, key: &[Value], state: M::State) {
        let group = self.groups.number(key);
        match self.states.get_mut(group) {
            Some(known) => known.merge(state),
            None => self.states.push(state),
        }
    }

    /// Adds the tally of other rows.
    ///
    /// # Errors
    /// [`Kind::State`](crate::Kind::State) where the other tally is of another measure, of other
    /// groups or periods; [`Kind::Type`](crate::Kind::Type) where a key column has another type.
    pub fn merge(&mut self, other: Self) -> Result<()> {
        let differs = |what: &str, mine: String, theirs: String| {
            if mine == theirs {
                return Ok(());
            }
            Err(Error::state(format!(
                "partial states with another {what} cannot be merged: {mine} and {theirs}"
            )))
        };
        differs("specification", to_json(&self.measure)?, to_json(&other.measure)?)?;
        differs("by", to_json(&self.options.by)?, to_json(&other.options.by)?)?;
        differs("level", to_json(&self.options.level)?, to_json(&other.options.level)?)?;
        differs("every", to_json(&self.options.every)?, to_json(&other.options.every)?)?;
        self.see_kinds(&other.kinds)?;
        self.see_declared(&other.declared);
        for (group, state) in other.states.into_iter().enumerate() {
            self.add(other.groups.key(group), state);
        }
        self.account.merge(other.account);
        Ok(())
    }

    /// Sets the confidence level of the estimates.
    #[must_use]
    pub fn level(mut self, level: f64) -> Self {
        self.options.level = level;
        self
    }

    /// Estimates from what was tallied.
    ///
    /// # Errors
    /// [`Kind::Spec`](crate::Kind::Spec) for a level out of bounds, [`Kind::Data`](crate::Kind::Data)
    /// where the data cannot answer what was asked.
    pub fn finish(self) -> Result<Estimates> {
        self.finish_and_reveal().map(|(estimates, _)| estimates)
    }

    /// Estimates, and for each row of them the counts that a reader of that row could recover.
    ///
    /// # Errors
    /// As [`finish`](Self::finish).
    pub fn finish_and_reveal(mut self) -> Result<(Estimates, Vec<Vec<u64>>)> {
        let level = self.options.checked_level()?;
        if self.kinds.is_empty() && !self.has_period() && self.groups.len() == 0 {
            self.add(&[], M::State::default());
        }
        if let Some(contradiction) = self.states.iter().find_map(Merge::contradiction) {
            return Err(Error::state(contradiction).within(M::INFO.class));
        }
        let by = self.options.by.len();
        let order = self.groups.sorted(self.has_period());
        let key =
            |group: usize| self.groups.key(group).split_at(by.min(self.groups.key(group).len()));
        let groups: Vec<Group<'_, M::State>> = order
            .iter()
            .filter_map(|group| {
                let (by, rest) = key(*group);
                let own = rest.get(..self.kinds.len() - by.len()).unwrap_or(&[]);
                let period = rest.get(own.len());
                self.states.get(*group).map(|state| Group { by, own, period, state })
            })
            .collect();
        let period_of = |row: &Row| -> Value {
            match (&row.period, self.has_period()) {
                (Some(period), _) => period.clone(),
                (None, true) => order
                    .get(row.group)
                    .and_then(|group| self.groups.key(*group).last().cloned())
                    .unwrap_or(Value::Null),
                (None, false) => Value::Null,
            }
        };
        let tallied = Tallied { groups, level };
        let mut rows = self
            .measure
            .finish(&tallied, &self.options)
            .map_err(|error| error.within(M::INFO.class))?;
        let by_of = |row: &Row| tallied.groups.get(row.group).map_or(&[][..], |group| group.by);
        rows.sort_by(|left, right| {
            period_of(left).cmp(&period_of(right)).then_with(|| by_of(left).cmp(by_of(right)))
        });
        let mut keys = Vec::new();
        for (place, name) in self.options.by.iter().enumerate() {
            let values = rows
                .iter()
                .map(|row| by_of(row).get(place).cloned().unwrap_or(Value::Null))
                .collect();
            let kind = shown_kind(self.kind(place));
            keys.push(KeyColumn { name: name.clone(), kind, values });
        }
        if self.options.every.is_some() {
            let values = rows.iter().map(period_of).collect();
            keys.push(KeyColumn { name: "period".to_owned(), kind: ValueKind::Day, values });
        }
        for (place, name) in M::INFO.own_keys.iter().enumerate() {
            let values: Vec<Value> =
                rows.iter().map(|row| row.own.get(place).cloned().unwrap_or(Value::Null)).collect();
            let kind = one_kind(name, &values).map_err(|error| error.within(M::INFO.class))?;
            keys.push(KeyColumn { name: (*name).to_owned(), kind, values });
        }
        let mut notes = self.metadata()?;
        notes.insert(metadata::NOTES.to_owned(), to_json(&self.notes(&rows))?);
        let estimates =
            table::build(keys, M::INFO.measure, self.options.level, &rows, Vec::new(), notes)?;
        Ok((estimates, rows.into_iter().map(|row| row.reveals).collect()))
    }

    /// What a reader should know beside the figures.
    fn notes(&self, rows: &[Row]) -> Vec<String> {
        let mut notes: Vec<String> = self
            .account
            .remarks()
            .iter()
            .map(|remark| {
                let rows = if remark.rows == 1 { "row" } else { "rows" };
                format!("{}: {} ({} {rows})", remark.column, remark.problem, remark.rows)
            })
            .collect();
        if self.groups.len() == 0 {
            notes.push("the table holds no rows".to_owned());
        } else if rows.is_empty() {
            notes.push("no period is whole, so there is nothing to show yet".to_owned());
        }
        notes.extend(self.measure.notes(&mut self.states.iter()));
        notes
    }

    /// A fingerprint of what was read: of every group with what was counted in it. It is the same
    /// for the same rows in any order, in any batches, merged from any parts.
    fn fingerprint(&self) -> String {
        let mut hash = Xxh3::new();
        for group in self.groups.sorted(self.has_period()) {
            for value in self.groups.key(group) {
                hash.update(&value.digest().to_le_bytes());
            }
            for number in self.states.get(group).map(Wire::digest).unwrap_or_default() {
                hash.update(&number.to_le_bytes());
            }
        }
        format!("{:032x}", hash.digest128())
    }

    pub(crate) fn metadata(&self) -> Result<HashMap<String, String>> {
        let mut specification = serde_json::to_value(&self.measure)
            .map_err(|cause| Error::internal(cause.to_string()))?;
        if let Some(fields) = specification.as_object_mut() {
            fields.insert("measure".to_owned(), M::INFO.measure.into());
        }
        Ok([
            (metadata::SPECIFICATION, specification.to_string()),
            (metadata::OPTIONS, to_json(&self.options)?),
            (metadata::VERSION, crate::VERSION.to_owned()),
            (metadata::FINGERPRINT, self.fingerprint()),
            (metadata::ACCOUNT, to_json(&self.account.remarks())?),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into())
    }

    /// The names of the key columns in the Arrow form, told apart from each other and from the state.
    fn wire_keys(&self) -> Vec<String> {
        let by = self.options.by.iter().map(|name| format!("by.{name}"));
        let own = self.measure.own_groups().into_iter();
        let period = self.has_period().then(|| "period".to_owned());
        by.chain(own.map(|name| format!("own.{name}"))).chain(period).collect()
    }

    /// The tally as an Arrow table: key columns, then the fields of the states.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) if Arrow refuses the columns.
    pub fn to_record_batch(&self) -> Result<RecordBatch> {
        let mut columns: Vec<CellColumn> =
            M::State::FIELDS.iter().map(|(_, kind)| CellColumn::new(*kind)).collect();
        let mut groups: Vec<usize> = Vec::new();
        let mut failed = None;
        for group in self.groups.sorted(self.has_period()) {
            let Some(state) = self.states.get(group) else { continue };
            state.write(&mut |row| {
                groups.push(group);
                for (column, cell) in columns.iter_mut().zip(row) {
                    failed = failed.take().or(column.push(cell).err());
                }
            });
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let mut fields = Vec::new();
        let mut arrays: Vec<ArrayRef> = Vec::new();
        let kinds = (0..self.kinds.len())
            .map(|place| self.kind(place))
            .chain(self.has_period().then_some(Some(ValueKind::Day)));
        for ((place, kind), name) in kinds.enumerate().zip(self.wire_keys()) {
            let array: ArrayRef = match kind {
                None => Arc::new(NullArray::new(groups.len())),
                Some(kind) => kind.array(
                    groups
                        .iter()
                        .map(|group| self.groups.key(*group).get(place).unwrap_or(&Value::Null)),
                ),
            };
            fields.push(Field::new(name, array.data_type().clone(), true));
            arrays.push(array);
        }
        for ((name, kind), column) in M::State::FIELDS.iter().zip(columns) {
            fields.push(Field::new(format!("state.{name}"), kind.data_type(), true));
            arrays.push(column.finish());
        }
        let notes = self.metadata()?;
        let schema = Arc::new(Schema::new_with_metadata(fields, notes));
        RecordBatch::try_new(schema, arrays).map_err(|cause| Error::internal(cause.to_string()))
    }

    /// Reads a tally of this measure and these options back.
    ///
    /// # Errors
    /// [`Kind::State`](crate::Kind::State) where the table was not written by such a tally.
    pub fn from_record_batch(batch: &RecordBatch) -> Result<Self> {
        let schema = batch.schema();
        let note = |key: &str| {
            schema.metadata().get(key).ok_or_else(|| {
                Error::state(format!("the table is no partial state: its metadata lack '{key}'"))
            })
        };
        let version = note(metadata::VERSION)?;
        if version != crate::VERSION {
            return Err(Error::state(format!(
                "the partial state was made by version {version} of wholefamily, this is version {}; make all parts with one version",
                crate::VERSION
            )));
        }
        let measure = from_json::<M>(note(metadata::SPECIFICATION)?)?;
        let options = Options::from_json(note(metadata::OPTIONS)?)?;
        run::check(&measure, &options)?;
        let mut partial = Self::empty(measure, options);
        let remarks = serde_json::from_str(note(metadata::ACCOUNT)?)
            .map_err(|cause| Error::state(format!("the account of a partial state: {cause}")))?;
        partial.account = Account::from_remarks(remarks);
        let names = partial.wire_keys();
        let column = |name: &str| {
            batch
                .column_by_name(name)
                .ok_or_else(|| Error::state(format!("the partial state has no column '{name}'")))
        };
        let keys = names.iter().map(|name| column(name)).collect::<Result<Vec<_>>>()?;
        let declared: Vec<Option<ValueKind>> =
            keys.iter().map(|array| ValueKind::of(array.data_type())).collect();
        partial.see_declared(&declared);
        for (place, array) in keys.iter().enumerate().filter(|(_, array)| !nothing(array)) {
            if let Some(kind) = partial.kinds.get_mut(place) {
                *kind = ValueKind::of(array.data_type());
            }
        }
        let fields = M::State::FIELDS
            .iter()
            .map(|(name, kind)| Ok((column(&format!("state.{name}"))?, *kind)))
            .collect::<Result<Vec<_>>>()?;
        for row in 0..batch.num_rows() {
            let key = keys
                .iter()
                .map(|array| Value::from_row(array, row))
                .collect::<Result<Vec<Value>>>()?;
            let cells = fields
                .iter()
                .map(|(array, kind)| wire::cell(array, *kind, row))
                .collect::<Result<Vec<_>>>()?;
            partial.add(&key, M::State::read(&cells)?);
        }
        Ok(partial)
    }
}

/// The kind of a measure's own key, which must be one: parts of the data may have come with others.
fn one_kind(name: &str, values: &[Value]) -> Result<ValueKind> {
    let mut kinds = values.iter().filter_map(Value::kind);
    let first = shown_kind(kinds.next());
    match kinds.find(|kind| *kind != first) {
        None => Ok(first),
        Some(other) => Err(Error::wrong_type(format!(
            "the values of {name} are {first:?} in one part of the data and {other:?} in another; give the column one type"
        ))),
    }
}

fn to_json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|cause| Error::internal(cause.to_string()))
}

/// Reads a measure from its JSON, with or without its name among the fields.
pub(crate) fn from_json<M: Measure>(json: &str) -> Result<M> {
    let mut fields: serde_json::Value = serde_json::from_str(json)
        .map_err(|cause| Error::spec(format!("the specification is not JSON: {cause}")))?;
    if let Some(object) = fields.as_object_mut() {
        match object.remove("measure") {
            Some(serde_json::Value::String(name)) if name == M::INFO.measure => {}
            None => {}
            Some(other) => {
                return Err(Error::state(format!(
                    "the partial state is of measure {other}, not '{}'",
                    M::INFO.measure
                )));
            }
        }
    }
    serde_json::from_value(fields).map_err(|cause| in_words::unread(M::INFO.class, &cause))
}
