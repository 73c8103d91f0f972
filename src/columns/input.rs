//! From Arrow columns to checked numbers.

use std::borrow::Cow;
use std::ops::Range;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type,
    UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::DataType;
use serde_json::{Map, Value as Json};

use crate::engine::in_words;
use crate::error::{Error, Result};

use super::entry::{Column, NumberKind, Statistic};
use super::given::NOT_FINITE;

/// Where the numbers of one argument come from.
enum Source<'a> {
    /// It was left out, as it may be.
    Absent,
    /// The same in every row; nothing is a null.
    One(Option<Scalar>),
    /// A column.
    Column(&'a ArrayRef),
}

/// A number by itself, as it was written.
#[derive(Clone, Copy)]
enum Scalar {
    Whole(u64),
    Number(f64),
}

/// The arguments of a call: columns, and numbers that are the same in all rows.
pub(super) struct Inputs<'a> {
    columns: Vec<(&'static Column, Source<'a>)>,
    /// How many rows the columns have; nothing where no argument is a column.
    pub(super) height: Option<usize>,
}

/// The numbers of some rows, checked, in the order in which the catalogue names the columns.
pub(super) struct Numbers<'a> {
    values: Vec<Values<'a>>,
    /// The rows in which a number is missing, where there are any.
    missing: Option<Vec<bool>>,
    pub(super) height: usize,
}

enum Values<'a> {
    Absent,
    Counts(Cow<'a, [u64]>),
    Numbers(Cow<'a, [f64]>),
}

/// One row of numbers.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    numbers: &'a Numbers<'a>,
    at: usize,
}

impl<'a> Inputs<'a> {
    /// Finds each column of the statistic among what was given.
    pub(super) fn find(
        entry: &'static Statistic,
        table: Option<&'a RecordBatch>,
        mut scalars: Map<String, Json>,
    ) -> Result<Self> {
        let present: Vec<&str> = table.map_or_else(Vec::new, |table| {
            table.schema_ref().fields().iter().map(|field| field.name().as_str()).collect()
        });
        let names: Vec<&str> = entry.columns.iter().map(|column| column.name).collect();
        if let Some(stranger) = present.iter().find(|name| !names.contains(*name)) {
            return Err(Error::unknown_word("argument", stranger, &names));
        }
        let columns = entry.columns.iter().map(|column| {
            let found = table.and_then(|table| table.column_by_name(column.name));
            let source = match (found, scalars.remove(column.name)) {
                (Some(_), Some(_)) => {
                    return Err(Error::spec(format!("{} is given twice", column.name)));
                }
                (Some(array), None) => Source::Column(array),
                (None, None | Some(Json::Null)) if column.optional => Source::Absent,
                (None, Some(value)) => Source::One(scalar(column, &value)?),
                (None, None) => {
                    return Err(Error::no_column(column.name, "it", present.iter().copied()));
                }
            };
            Ok((column, source))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Self { columns, height: table.map(RecordBatch::num_rows) })
    }

    /// The numbers of these rows. A null is refused where no row may lack a number.
    pub(super) fn rows(&self, rows: Range<usize>, refuse_nulls: bool) -> Result<Numbers<'a>> {
        let height = rows.len();
        let mut missing: Option<Vec<bool>> = None;
        let mut values = Vec::with_capacity(self.columns.len());
        for (column, source) in &self.columns {
            values.push(match source {
                Source::Absent => Values::Absent,
                Source::One(None) if column.nullable => {
                    Values::Numbers(vec![f64::NAN; height].into())
                }
                Source::One(scalar) => {
                    if scalar.is_none() {
                        missing = Some(vec![true; height]);
                    }
                    repeated(column.kind, *scalar, height)
                }
                Source::Column(array) if column.nullable => {
                    nan_for_null(read(column, array, rows.clone())?, array, rows.start)
                }
                Source::Column(array) => {
                    note_nulls(array, rows.clone(), &mut missing);
                    read(column, array, rows.clone())?
                }
            });
        }
        if let (true, Some(missing)) = (refuse_nulls, &missing) {
            return Err(self.null_in(missing, rows.start));
        }
        let numbers = Numbers { values, missing, height };
        self.check_bases(&numbers, rows.start)?;
        Ok(numbers)
    }

    /// Refuses a count that is larger than what it is counted of.
    fn check_bases(&self, numbers: &Numbers, first: usize) -> Result<()> {
        let names: Vec<&str> = self.columns.iter().map(|(column, _)| column.name).collect();
        for (place, (column, _)) in self.columns.iter().enumerate() {
            let Some(base) = column.base else { continue };
            let Some(base_place) = names.iter().position(|name| *name == base) else { continue };
            let (counts, bases) = (numbers.counts(place), numbers.counts(base_place));
            let above = |at: usize, (x, n): (&u64, &u64)| x > n && !numbers.is_missing(at);
            let pairs = || counts.iter().zip(bases);
            // Most columns hold no such row: look once without asking which.
            if !pairs().any(|(x, n)| x > n) {
                continue;
            }
            let Some((at, (x, n))) = pairs().enumerate().find(|(at, pair)| above(*at, *pair))
            else {
                continue;
            };
            let alone = self.height.is_none();
            let place = if alone { String::new() } else { format!(" at row {}", first + at) };
            let there = if alone { "" } else { " there" };
            let name = column.name;
            return Err(Error::data(format!(
                "{name} is {x}{place}, but {base} is {n}{there}; {name} counts some of {base}, so it \
                 cannot be larger: correct one of them, and look whether the two were exchanged"
            )));
        }
        Ok(())
    }

    fn null_in(&self, missing: &[bool], first: usize) -> Error {
        let at = missing.iter().position(|missing| *missing).unwrap_or(0);
        let row = first + at;
        let name = self.columns.iter().find(|(_, source)| match source {
            Source::Absent => false,
            Source::One(scalar) => scalar.is_none(),
            Source::Column(array) => array.logical_nulls().is_some_and(|nulls| nulls.is_null(row)),
        });
        let name = name.map_or("a number", |(column, _)| column.name);
        let place = if self.height.is_some() { format!(" at row {row}") } else { String::new() };
        Error::data(format!(
            "{name} is null{place}; all rows together make one answer, so each needs its number: \
             take rows without one out first, and say how many they were"
        ))
    }
}

impl<'a> Numbers<'a> {
    /// A column of counts.
    pub(super) fn counts(&self, column: usize) -> &[u64] {
        match self.values.get(column) {
            Some(Values::Counts(counts)) => counts,
            _ => &[],
        }
    }

    /// A column of numbers.
    pub(super) fn numbers(&self, column: usize) -> &[f64] {
        match self.values.get(column) {
            Some(Values::Numbers(numbers)) => numbers,
            _ => &[],
        }
    }

    /// Whether a column that may be left out was given.
    pub(super) fn has(&self, column: usize) -> bool {
        !matches!(self.values.get(column), None | Some(Values::Absent))
    }

    pub(super) fn has_missing(&self) -> bool {
        self.missing.is_some()
    }

    pub(super) fn is_missing(&self, at: usize) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.get(at).copied().unwrap_or(true))
    }

    /// A column of counts that may be left out.
    pub(super) fn maybe_counts(&self, column: usize) -> Option<&[u64]> {
        self.has(column).then(|| self.counts(column))
    }

    /// A column of numbers that may be left out.
    pub(super) fn maybe_numbers(&self, column: usize) -> Option<&[f64]> {
        self.has(column).then(|| self.numbers(column))
    }

    /// All rows.
    pub(super) fn each_row(&'a self) -> impl Iterator<Item = Row<'a>> {
        (0..self.height).map(|at| self.row(at))
    }

    pub(super) fn row(&'a self, at: usize) -> Row<'a> {
        Row { numbers: self, at }
    }
}

impl Row<'_> {
    /// The count in a column.
    #[inline]
    pub(super) fn count(self, column: usize) -> u64 {
        self.numbers.counts(column).get(self.at).copied().unwrap_or(0)
    }

    /// The counts in the first columns.
    #[inline]
    pub(super) fn counts<const N: usize>(self) -> [u64; N] {
        std::array::from_fn(|column| self.count(column))
    }

    /// The number in a column.
    #[inline]
    pub(super) fn number(self, column: usize) -> f64 {
        self.numbers.numbers(column).get(self.at).copied().unwrap_or(0.0)
    }

    /// The numbers in the first columns.
    #[inline]
    pub(super) fn numbers<const N: usize>(self) -> [f64; N] {
        std::array::from_fn(|column| self.number(column))
    }

    /// The count in a column that may be left out.
    pub(super) fn maybe_count(self, column: usize) -> Option<u64> {
        self.numbers.has(column).then(|| self.count(column))
    }

    /// The number in a column that may be left out or hold nulls.
    pub(super) fn maybe_number(self, column: usize) -> Option<f64> {
        self.numbers.has(column).then(|| self.number(column)).filter(|number| !number.is_nan())
    }
}

fn scalar(column: &Column, value: &Json) -> Result<Option<Scalar>> {
    let refuse = |shown: &str| Err(impossible(column, shown, None));
    match value {
        Json::Null => Ok(None),
        Json::Number(written) => {
            let number = written.as_f64().unwrap_or(f64::NAN);
            match written.as_u64() {
                Some(whole) if column.kind.holds(number) || column.kind == NumberKind::Count => {
                    Ok(Some(Scalar::Whole(whole)))
                }
                None if column.kind.holds(number) => Ok(Some(Scalar::Number(number))),
                _ => refuse(&written.to_string()),
            }
        }
        Json::String(text) if NOT_FINITE.contains(&text.as_str()) => refuse(text),
        other => Err(Error::wrong_type(format!(
            "{} is {other}; expected {}",
            column.name,
            column.kind.words()
        ))),
    }
}

fn repeated<'a>(kind: NumberKind, scalar: Option<Scalar>, height: usize) -> Values<'a> {
    let scalar = scalar.unwrap_or(Scalar::Whole(0));
    match (kind, scalar) {
        (NumberKind::Count, Scalar::Whole(whole)) => Values::Counts(vec![whole; height].into()),
        (NumberKind::Count, Scalar::Number(number)) => {
            Values::Counts(vec![number as u64; height].into())
        }
        (_, Scalar::Whole(whole)) => Values::Numbers(vec![whole as f64; height].into()),
        (_, Scalar::Number(number)) => Values::Numbers(vec![number; height].into()),
    }
}

fn note_nulls(array: &ArrayRef, rows: Range<usize>, missing: &mut Option<Vec<bool>>) {
    let Some(nulls) = array.logical_nulls() else { return };
    let some = nulls.slice(rows.start, rows.len());
    if some.null_count() == 0 {
        return;
    }
    let missing = missing.get_or_insert_with(|| vec![false; rows.len()]);
    for (missing, valid) in missing.iter_mut().zip(some.iter()) {
        *missing |= !valid;
    }
}

/// Marks the nulls of a column in which they say something.
fn nan_for_null<'a>(values: Values<'a>, array: &ArrayRef, first: usize) -> Values<'a> {
    match values {
        Values::Numbers(numbers) if array.logical_null_count() > 0 => {
            let marked = numbers
                .iter()
                .enumerate()
                .map(|(at, number)| if array.is_valid(first + at) { *number } else { f64::NAN });
            Values::Numbers(marked.collect())
        }
        other => other,
    }
}

/// Reads a column of any numeric type.
fn read<'a>(column: &Column, array: &'a ArrayRef, rows: Range<usize>) -> Result<Values<'a>> {
    let start = rows.start;
    let kind = column.kind;
    if kind == NumberKind::Count {
        let float = |number: f64| kind.holds(number).then_some(number as u64);
        let counts = match array.data_type() {
            DataType::UInt64 => borrowed::<UInt64Type>(array, rows, |_| true),
            DataType::Int64 => converted::<Int64Type, _>(array, rows, |x| u64::try_from(x).ok()),
            DataType::Int32 => converted::<Int32Type, _>(array, rows, |x| u64::try_from(x).ok()),
            DataType::Int16 => converted::<Int16Type, _>(array, rows, |x| u64::try_from(x).ok()),
            DataType::Int8 => converted::<Int8Type, _>(array, rows, |x| u64::try_from(x).ok()),
            DataType::UInt32 => converted::<UInt32Type, _>(array, rows, |x| Some(u64::from(x))),
            DataType::UInt16 => converted::<UInt16Type, _>(array, rows, |x| Some(u64::from(x))),
            DataType::UInt8 => converted::<UInt8Type, _>(array, rows, |x| Some(u64::from(x))),
            DataType::Float64 => converted::<Float64Type, _>(array, rows, float),
            DataType::Float32 => converted::<Float32Type, _>(array, rows, |x| float(f64::from(x))),
            DataType::Null => Ok(vec![0; rows.len()].into()),
            other => return Err(no_numbers(column, other)),
        };
        counts.map(Values::Counts).map_err(|at| refused(column, array, start + at))
    } else {
        let fit = |number: f64| kind.holds(number).then_some(number);
        let numbers = match array.data_type() {
            DataType::Float64 => borrowed::<Float64Type>(array, rows, |x| kind.holds(x)),
            DataType::Float32 => converted::<Float32Type, _>(array, rows, |x| fit(f64::from(x))),
            DataType::Int64 => converted::<Int64Type, _>(array, rows, |x| fit(x as f64)),
            DataType::Int32 => converted::<Int32Type, _>(array, rows, |x| fit(f64::from(x))),
            DataType::Int16 => converted::<Int16Type, _>(array, rows, |x| fit(f64::from(x))),
            DataType::Int8 => converted::<Int8Type, _>(array, rows, |x| fit(f64::from(x))),
            DataType::UInt64 => converted::<UInt64Type, _>(array, rows, |x| fit(x as f64)),
            DataType::UInt32 => converted::<UInt32Type, _>(array, rows, |x| fit(f64::from(x))),
            DataType::UInt16 => converted::<UInt16Type, _>(array, rows, |x| fit(f64::from(x))),
            DataType::UInt8 => converted::<UInt8Type, _>(array, rows, |x| fit(f64::from(x))),
            DataType::Null => Ok(vec![0.0; rows.len()].into()),
            other => return Err(no_numbers(column, other)),
        };
        numbers.map(Values::Numbers).map_err(|at| refused(column, array, start + at))
    }
}

/// The values as they lie there, if all of them fit; otherwise the place of the first that does
/// not.
fn borrowed<T: ArrowPrimitiveType>(
    array: &ArrayRef,
    rows: Range<usize>,
    fits: impl Fn(T::Native) -> bool,
) -> std::result::Result<Cow<'_, [T::Native]>, usize> {
    let values = array.as_primitive::<T>().values().get(rows.clone()).unwrap_or_default();
    let unfit = |(at, value): (usize, &T::Native)| !fits(*value) && array.is_valid(rows.start + at);
    if values.iter().all(|value| fits(*value)) {
        return Ok(values.into());
    }
    match values.iter().enumerate().position(unfit) {
        Some(at) => Err(at),
        None => Ok(values.into()),
    }
}

/// The values as another type; what lies under a null becomes 0.
fn converted<T: ArrowPrimitiveType, N: Copy + Default>(
    array: &ArrayRef,
    rows: Range<usize>,
    convert: impl Fn(T::Native) -> Option<N>,
) -> std::result::Result<Cow<'_, [N]>, usize> {
    let values = array.as_primitive::<T>().values().get(rows.clone()).unwrap_or_default();
    let mut unfit = None;
    let mut numbers = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let number = convert(*value);
        if number.is_none() && unfit.is_none() && array.is_valid(rows.start + at) {
            unfit = Some(at);
        }
        numbers.push(number.unwrap_or_default());
    }
    unfit.map_or(Ok(numbers.into()), Err)
}

fn no_numbers(column: &Column, held: &DataType) -> Error {
    let name = column.name;
    let expected = if column.kind == NumberKind::Count { "whole numbers" } else { "numbers" };
    let (held, mend) = (in_words::held(held), in_words::mend(held));
    let mend = if mend.is_empty() { "; convert the column first" } else { mend };
    Error::wrong_type(format!("{name} holds {held}; expected {expected}{mend}"))
}

/// The error for a number that cannot be, with its row.
fn refused(column: &Column, array: &ArrayRef, row: usize) -> Error {
    fn shown<T: ArrowPrimitiveType>(array: &ArrayRef, row: usize) -> String
    where
        T::Native: std::fmt::Display,
    {
        array.as_primitive::<T>().values().get(row).map_or_else(String::new, T::Native::to_string)
    }
    let value = match array.data_type() {
        DataType::Float64 => shown::<Float64Type>(array, row),
        DataType::Float32 => shown::<Float32Type>(array, row),
        DataType::Int64 => shown::<Int64Type>(array, row),
        DataType::Int32 => shown::<Int32Type>(array, row),
        DataType::Int16 => shown::<Int16Type>(array, row),
        DataType::Int8 => shown::<Int8Type>(array, row),
        DataType::UInt64 => shown::<UInt64Type>(array, row),
        DataType::UInt32 => shown::<UInt32Type>(array, row),
        DataType::UInt16 => shown::<UInt16Type>(array, row),
        _ => shown::<UInt8Type>(array, row),
    };
    impossible(column, &value, Some(row))
}

fn impossible(column: &Column, value: &str, row: Option<usize>) -> Error {
    let place = row.map_or_else(String::new, |row| format!(" at row {row}"));
    let fraction = value.parse::<f64>().is_ok_and(|number| number.fract() != 0.0);
    let mend = if value.to_lowercase().contains("nan") || value.contains("inf") {
        "where nothing is known, write null"
    } else if column.kind == NumberKind::Count && fraction && !value.starts_with('-') {
        "a weighted or averaged figure is no count; give the counts that it was made of"
    } else {
        "correct it, or write null where nothing is known"
    };
    let (name, expected) = (column.name, column.kind.words());
    Error::data(format!("{name} is {value}{place}; expected {expected}: {mend}"))
}
