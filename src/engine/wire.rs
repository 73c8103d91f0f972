//! The Arrow form of a state: one or more flat rows, each of them a small state that merges back.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, FixedSizeBinaryBuilder, Int64Builder, StringBuilder,
    UInt64Builder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Int64Type, UInt64Type};
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;

use crate::error::{Error, Result};

use super::person::PersonId;
use super::value::Value;

/// What a field of a state holds on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// A count.
    Count,
    /// A number that stands for rows.
    Digest,
    /// A day, or nothing.
    Day,
    /// A person, or nothing.
    Person,
    /// Whether something holds.
    Flag,
    /// A whole number, or nothing.
    Whole,
    /// Text, or nothing.
    Text,
}

/// One field of one row of a state on the wire.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A count.
    Count(u64),
    /// A number that stands for rows.
    Digest(u64),
    /// A day, or nothing.
    Day(Option<i32>),
    /// A person, or nothing.
    Person(Option<PersonId>),
    /// Whether something holds.
    Flag(bool),
    /// A whole number, or nothing.
    Whole(Option<i64>),
    /// Text, or nothing.
    Text(Option<String>),
}

/// How a state travels.
///
/// # Properties
/// Reading the rows that were written and merging them gives the state again.
pub trait Wire: Sized {
    /// The fields of a row, in order.
    const FIELDS: &'static [(&'static str, CellKind)];

    /// Writes the state as rows.
    fn write(&self, row: &mut dyn FnMut(&[Cell]));

    /// Numbers that tell what was counted from what else could have been: the same however the rows
    /// were ordered and split, and in every version.
    fn digest(&self) -> Vec<u64>;

    /// Reads the state that one row holds.
    ///
    /// # Errors
    /// [`Kind::State`](crate::Kind::State) where the row was not written by this type.
    fn read(row: &[Cell]) -> Result<Self>;
}

/// The error for a row that does not have the fields it should.
pub(crate) fn unreadable() -> Error {
    Error::state("a row of the partial state does not hold what this measure writes")
}

impl CellKind {
    pub(crate) fn data_type(self) -> DataType {
        match self {
            Self::Count | Self::Digest => DataType::UInt64,
            Self::Day => DataType::Date32,
            Self::Person => DataType::FixedSizeBinary(16),
            Self::Flag => DataType::Boolean,
            Self::Whole => DataType::Int64,
            Self::Text => DataType::Utf8,
        }
    }
}

/// Collects one field of the rows that are written.
pub(crate) enum CellColumn {
    Count(UInt64Builder),
    Day(Date32Builder),
    Person(FixedSizeBinaryBuilder),
    Flag(BooleanBuilder),
    Whole(Int64Builder),
    Text(StringBuilder),
}

impl CellColumn {
    pub(crate) fn new(kind: CellKind) -> Self {
        match kind {
            CellKind::Count | CellKind::Digest => Self::Count(UInt64Builder::new()),
            CellKind::Day => Self::Day(Date32Builder::new()),
            CellKind::Person => Self::Person(FixedSizeBinaryBuilder::new(16)),
            CellKind::Flag => Self::Flag(BooleanBuilder::new()),
            CellKind::Whole => Self::Whole(Int64Builder::new()),
            CellKind::Text => Self::Text(StringBuilder::new()),
        }
    }

    pub(crate) fn push(&mut self, cell: &Cell) -> Result<()> {
        match (self, cell) {
            (Self::Count(column), Cell::Count(count) | Cell::Digest(count)) => {
                column.append_value(*count)
            }
            (Self::Day(column), Cell::Day(day)) => column.append_option(*day),
            (Self::Flag(column), Cell::Flag(flag)) => column.append_value(*flag),
            (Self::Whole(column), Cell::Whole(number)) => column.append_option(*number),
            (Self::Text(column), Cell::Text(text)) => column.append_option(text.as_deref()),
            (Self::Person(column), Cell::Person(None)) => column.append_null(),
            (Self::Person(column), Cell::Person(Some(person))) => column
                .append_value(person.to_bytes())
                .map_err(|cause| Error::internal(cause.to_string()))?,
            _ => return Err(Error::internal("a state wrote a field of another kind")),
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> ArrayRef {
        match self {
            Self::Count(mut column) => Arc::new(column.finish()),
            Self::Day(mut column) => Arc::new(column.finish()),
            Self::Person(mut column) => Arc::new(column.finish()),
            Self::Flag(mut column) => Arc::new(column.finish()),
            Self::Whole(mut column) => Arc::new(column.finish()),
            Self::Text(mut column) => Arc::new(column.finish()),
        }
    }
}

/// Beyond this, a count is no count of rows.
const MOST_ROWS: u64 = 1 << 53;

/// Reads one field of one row.
pub(crate) fn cell(array: &ArrayRef, kind: CellKind, row: usize) -> Result<Cell> {
    if *array.data_type() != kind.data_type() {
        return Err(unreadable());
    }
    let present = array.is_valid(row);
    Ok(match kind {
        CellKind::Count if present => {
            let count = array.as_primitive::<UInt64Type>().value(row);
            // More rows than there can be: sums of such counts would not fit either.
            if count > MOST_ROWS {
                return Err(unreadable());
            }
            Cell::Count(count)
        }
        CellKind::Flag if present => Cell::Flag(array.as_boolean().value(row)),
        CellKind::Digest if present => Cell::Digest(array.as_primitive::<UInt64Type>().value(row)),
        CellKind::Count | CellKind::Digest | CellKind::Flag => return Err(unreadable()),
        CellKind::Day => Cell::Day(present.then(|| array.as_primitive::<Date32Type>().value(row))),
        CellKind::Whole => {
            Cell::Whole(present.then(|| array.as_primitive::<Int64Type>().value(row)))
        }
        CellKind::Text => {
            Cell::Text(present.then(|| array.as_string::<i32>().value(row).to_owned()))
        }
        CellKind::Person if present => {
            let bytes: [u8; 16] =
                array.as_fixed_size_binary().value(row).try_into().map_err(|_| unreadable())?;
            Cell::Person(Some(PersonId::from_bytes(bytes)))
        }
        CellKind::Person => Cell::Person(None),
    })
}

/// A value of a key as the fields (flag, whole, day, text), of which at most one is set.
pub(crate) fn value_cells(value: &Value) -> [Cell; 4] {
    let mut cells = [Cell::Whole(None), Cell::Whole(None), Cell::Day(None), Cell::Text(None)];
    let [flag, whole, day, text] = &mut cells;
    match value {
        Value::Boolean(holds) => *flag = Cell::Whole(Some(i64::from(*holds))),
        Value::Whole(number) => *whole = Cell::Whole(Some(*number)),
        Value::Day(number) => *day = Cell::Day(Some(*number)),
        Value::Text(words) => *text = Cell::Text(Some(words.to_string())),
        Value::Null => {}
    }
    cells
}

/// The value that those four fields hold.
pub(crate) fn value_from_cells(cells: &[Cell]) -> Result<Value> {
    match cells {
        [Cell::Whole(flag), Cell::Whole(whole), Cell::Day(day), Cell::Text(text)] => {
            Ok(match (flag, whole, day, text) {
                (Some(holds), ..) => Value::Boolean(*holds != 0),
                (_, Some(number), ..) => Value::Whole(*number),
                (_, _, Some(day), _) => Value::Day(*day),
                (.., Some(text)) => Value::Text(text.as_str().into()),
                _ => Value::Null,
            })
        }
        _ => Err(unreadable()),
    }
}
