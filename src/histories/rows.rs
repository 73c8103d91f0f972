//! The rows of a table as they came: batches, cut into pieces that are read side by side.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch, UInt32Array};
use arrow_schema::{DataType, Field, SchemaRef};
use arrow_select::concat::concat_batches;
use arrow_select::interleave::interleave;
use arrow_select::take::take;
use rayon::prelude::*;

use crate::engine::chunk::{Chunk, Room};
use crate::error::{Error, Result};

/// How many rows are read at a time, whatever the number of threads.
const PIECE_ROWS: usize = 1 << 18;

/// A table, given by its batches.
pub(super) struct Rows<'a> {
    batches: &'a [RecordBatch],
    /// The place of each batch's first row, and after them the number of rows.
    firsts: Vec<usize>,
    schema: SchemaRef,
    room: Room,
}

impl<'a> Rows<'a> {
    pub(super) fn new(batches: &'a [RecordBatch], what: &str) -> Result<Self> {
        let Some(first) = batches.first() else {
            return Err(Error::data(format!("{what}: no batch is given, not even an empty one")));
        };
        let mut firsts = vec![0];
        let mut rows = 0;
        for batch in batches {
            rows += batch.num_rows();
            firsts.push(rows);
        }
        if rows >= u32::MAX as usize {
            return Err(Error::data(format!(
                "{what}: {rows} rows are more than can be taken at once; split them by person"
            )));
        }
        Ok(Self { batches, firsts, schema: first.schema(), room: Room::default() })
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.firsts.last().copied().unwrap_or(0)
    }

    /// The columns of the table.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.schema.fields().iter().map(AsRef::as_ref)
    }

    /// Refuses a column that is missing or stands twice.
    pub(super) fn check(&self, name: &str, role: &str) -> Result<()> {
        if name.is_empty() {
            return Err(Error::spec(format!("no column is named for {role}")));
        }
        match self.fields().filter(|field| field.name() == name).count() {
            0 => {
                let present = self.fields().map(|field| field.name().as_str());
                Err(Error::no_column(name, role, present))
            }
            1 => Ok(()),
            _ => Err(Error::two_columns(name, role)),
        }
    }

    /// Refuses a name that the result keeps for a column of its own.
    pub(super) fn check_free(&self, taken: &[&str]) -> Result<()> {
        match self.fields().find(|field| taken.contains(&field.name().as_str())) {
            None => Ok(()),
            Some(field) => Err(taken_name(field.name())),
        }
    }

    /// Reads the rows piece by piece, on several threads; what is made of the pieces is given in
    /// their order.
    pub(super) fn read<T: Send>(
        &self,
        read: impl Fn(&Chunk<'_>, usize) -> Result<T> + Sync,
    ) -> Result<Vec<T>> {
        let mut pieces: Vec<(RecordBatch, usize)> = Vec::new();
        for (batch, first) in self.batches.iter().zip(&self.firsts) {
            for start in (0..batch.num_rows().max(1)).step_by(PIECE_ROWS) {
                let rows = PIECE_ROWS.min(batch.num_rows() - start);
                if rows > 0 || pieces.is_empty() {
                    pieces.push((batch.slice(start, rows), first + start));
                }
            }
        }
        pieces
            .par_iter()
            .map(|(batch, first)| read(&Chunk::new(batch, *first as u64, &self.room), *first))
            .collect()
    }

    fn columns(&self, name: &str) -> Result<Vec<&ArrayRef>> {
        self.batches
            .iter()
            .map(|batch| batch.column_by_name(name).ok_or_else(|| missing(name)))
            .collect()
    }

    /// The values of a column in these rows.
    pub(super) fn take(&self, name: &str, rows: &[u32]) -> Result<ArrayRef> {
        let columns = self.columns(name)?;
        let taken = match columns.as_slice() {
            [column] => take(column.as_ref(), &UInt32Array::from(rows.to_vec()), None),
            _ => {
                let places: Vec<(usize, usize)> =
                    rows.iter().map(|row| self.place(*row as usize)).collect();
                let arrays: Vec<&dyn Array> = columns.iter().map(|array| array.as_ref()).collect();
                interleave(&arrays, &places)
            }
        };
        taken.map_err(|cause| Error::internal(cause.to_string()))
    }

    /// The batch in which a row stands, and its place there.
    fn place(&self, row: usize) -> (usize, usize) {
        let batch = self.firsts.partition_point(|first| *first <= row).saturating_sub(1);
        (batch, row - self.firsts.get(batch).copied().unwrap_or(0))
    }

    /// All rows as one batch; those that are one already are not copied.
    pub(super) fn whole(&self) -> Result<RecordBatch> {
        match self.batches {
            [batch] => Ok(batch.clone()),
            batches => concat_batches(&self.schema, batches)
                .map_err(|cause| Error::data(format!("reading the table: {cause}"))),
        }
    }

    /// A column of texts, to be read row by row.
    pub(super) fn texts(&self, name: &str) -> Result<Texts<'_>> {
        let columns = self.columns(name)?.into_iter().map(plain).collect::<Result<_>>()?;
        Ok(Texts { rows: self, columns })
    }
}

/// The texts of a column.
pub(super) struct Texts<'a> {
    rows: &'a Rows<'a>,
    columns: Vec<ArrayRef>,
}

impl Texts<'_> {
    /// The text of a row; nothing where the column holds none.
    pub(super) fn get(&self, row: u32) -> &str {
        let (batch, row) = self.rows.place(row as usize);
        let Some(array) = self.columns.get(batch) else { return "" };
        match array.data_type() {
            DataType::Utf8 => array.as_string::<i32>().value(row),
            DataType::LargeUtf8 => array.as_string::<i64>().value(row),
            DataType::Utf8View => array.as_string_view().value(row),
            _ => "",
        }
    }
}

/// A column without its dictionary.
fn plain(array: &ArrayRef) -> Result<ArrayRef> {
    match array.as_any_dictionary_opt() {
        None => Ok(array.clone()),
        Some(coded) => take(coded.values().as_ref(), coded.keys(), None)
            .map_err(|cause| Error::internal(cause.to_string())),
    }
}

pub(super) fn taken_name(name: &str) -> Error {
    Error::spec(format!(
        "the result has a column '{name}' of its own; rename the column in the table, or leave it out"
    ))
}

fn missing(name: &str) -> Error {
    Error::data(format!("a later part of the table has no column '{name}'"))
}
