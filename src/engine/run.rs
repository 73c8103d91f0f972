//! The one pass over the rows: batches, cut into chunks, tallied side by side, merged in order.

use arrow_array::RecordBatch;
use rayon::prelude::*;

use crate::error::{Error, Result};

use super::account::Account;
use super::chunk::{Chunk, Room};
use super::layout::{Layout, Span};
use super::measure::{Measure, Role};
use super::options::Options;
use super::partial::Partial;
use super::period::Calendar;
use super::value::{Value, ValueKind};

/// How many chunks are tallied before their states are merged, so that few are held at once.
const ROUND: usize = 16;

/// How many chunks a batch is cut into, so that there is work for several threads, unless they would
/// have too few rows to be worth it. No figure hangs on this: states merge exactly.
const CHUNKS: usize = 4;
const FEWEST_ROWS: usize = 1 << 16;

fn chunk_rows<M: Measure>(batch: &RecordBatch) -> usize {
    M::CHUNK_ROWS.min(batch.num_rows().div_ceil(CHUNKS).max(FEWEST_ROWS))
}

/// What one chunk gives.
struct Tally<S> {
    groups: Vec<(Vec<Value>, S)>,
    kinds: Vec<Option<ValueKind>>,
    account: Account,
}

/// Tallies a stream of batches.
pub(crate) fn tally<M: Measure>(
    measure: &M,
    options: &Options,
    batches: impl Iterator<Item = Result<RecordBatch>>,
) -> Result<Partial<M>> {
    let pass = Pass::new(measure, options)?;
    let mut partial = Partial::empty(measure.clone(), options.clone());
    let mut pending: Vec<(RecordBatch, u64)> = Vec::new();
    let mut first_row = 0_u64;
    let mut seen_schema = false;
    for batch in batches {
        let batch = batch?;
        if !seen_schema {
            pass.check_schema(&batch)?;
            let columns = pass.keys.iter().map(|key| batch.column_by_name(&key.column));
            let declared: Vec<Option<ValueKind>> = columns
                .map(|column| column.and_then(|array| ValueKind::declared(array.data_type())))
                .collect();
            partial.see_declared(&declared);
            seen_schema = true;
        }
        let mut start = 0;
        while start < batch.num_rows() {
            let rows = chunk_rows::<M>(&batch).min(batch.num_rows() - start);
            pending.push((batch.slice(start, rows), first_row));
            start += rows;
            first_row += rows as u64;
            if pending.len() == ROUND {
                pass.round(&mut pending, &mut partial)?;
            }
        }
    }
    pass.round(&mut pending, &mut partial)?;
    Ok(partial)
}

struct Pass<'a, M: Measure> {
    measure: &'a M,
    roles: Vec<Role>,
    /// The columns that tell groups apart.
    keys: Vec<Role>,
    date: Option<String>,
    calendar: Option<Calendar>,
    room: Room,
}

impl<'a, M: Measure> Pass<'a, M> {
    fn new(measure: &'a M, options: &Options) -> Result<Self> {
        check(measure, options)?;
        let date = options.every.and(measure.date()).map(str::to_owned);
        let calendar = match (&date, options.every) {
            (Some(_), Some(every)) => Some(Calendar::new(every)),
            _ => None,
        };
        let mut keys: Vec<Role> = options.by.iter().map(|name| Role::new("by", name)).collect();
        let mut roles = keys.clone();
        roles.extend(measure.roles());
        keys.extend(measure.own_groups().into_iter().map(|name| {
            let role = roles.iter().rev().find(|role| role.column == name);
            Role::new(role.map_or("by", |role| role.role), &name)
        }));
        if let Some(date) = &date {
            roles.push(Role::new("date", date));
        }
        Ok(Self { measure, roles, keys, date, calendar, room: Room::default() })
    }

    fn check_schema(&self, batch: &RecordBatch) -> Result<()> {
        let whole = Chunk::new(batch, 0, &self.room);
        for Role { column, role } in &self.roles {
            whole.column(column, role).map_err(|error| error.within(M::INFO.class))?;
            let schema = batch.schema_ref();
            if schema.fields().iter().filter(|field| field.name() == column).count() > 1 {
                return Err(Error::two_columns(column, role).within(M::INFO.class));
            }
        }
        if batch.num_rows() == 0 {
            self.chunk(batch, 0).map_err(|error| error.within(M::INFO.class))?;
        }
        Ok(())
    }

    /// Tallies the pending chunks side by side, then merges them in the order of the rows.
    fn round(&self, pending: &mut Vec<(RecordBatch, u64)>, partial: &mut Partial<M>) -> Result<()> {
        let tallies: Vec<Result<Tally<M::State>>> =
            pending.par_iter().map(|(batch, first_row)| self.chunk(batch, *first_row)).collect();
        pending.clear();
        for tally in tallies {
            let tally = tally.map_err(|error| error.within(M::INFO.class))?;
            partial.see_kinds(&tally.kinds).map_err(|error| error.within(M::INFO.class))?;
            for (key, state) in tally.groups {
                partial.add(&key, state);
            }
            partial.account_mut().merge(tally.account);
        }
        Ok(())
    }

    fn chunk(&self, batch: &RecordBatch, first_row: u64) -> Result<Tally<M::State>> {
        let chunk = Chunk::new(batch, first_row, &self.room);
        let mut account = Account::default();
        let columns = self.measure.columns(&chunk, &mut account)?;
        let date = self.date.as_deref().zip(self.calendar.as_ref());
        let mut tally = |span| {
            let layout = Layout::new(&chunk, &self.keys, date, span, &mut account)?;
            let groups = layout.tally(self.measure, &columns, chunk.rows());
            let found = groups.map(|groups| (groups, layout.kinds()));
            layout.give_back(&self.room);
            Ok::<_, Error>(found)
        };
        let found = match tally(Span::Sampled)? {
            None => tally(Span::Exact)?,
            found => found,
        };
        let (groups, kinds) =
            found.ok_or_else(|| Error::data("a key column has keys that its dictionary lacks"))?;
        Ok(Tally { groups, kinds, account })
    }
}

/// Checks a measure against the options of its run.
pub(crate) fn check<M: Measure>(measure: &M, options: &Options) -> Result<()> {
    options.checked_level()?;
    options.check_names(M::INFO.own_keys)?;
    measure.check(options).map_err(|error| error.within(M::INFO.class))?;
    if let Some(role) = measure.roles().iter().find(|role| role.column.is_empty()) {
        return Err(Error::spec(format!(
            "{}: no column is named for {}",
            M::INFO.class,
            role.role
        )));
    }
    Ok(())
}
