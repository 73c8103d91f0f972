//! The Python bindings: a handful of functions over Arrow and JSON, none of them added for a measure.

mod error;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch, StructArray};
use arrow_schema::Field;
use arrow_select::concat::concat_batches;
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PyTuple};
use pyo3_arrow::ffi::{ArrayIterator, to_stream_pycapsule};
use pyo3_arrow::input::AnyRecordBatch;

use crate::columns;
use crate::engine::curves::CurveTest;
use crate::engine::in_words;
use crate::engine::options::Options;
use crate::engine::table::{Estimates, metadata};
use crate::error::{Error, Result};
use crate::histories;
use crate::measures::{self, AnyMeasure, Comparison, Kept};

/// An Arrow table made by the engine: results and partial states.
#[pyclass(frozen, module = "wholefamily._core")]
struct Table(RecordBatch);

#[pymethods]
impl Table {
    /// The table as an Arrow C stream.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        capsule(py, self.0.clone(), requested_schema)
    }

    /// How many rows there are.
    fn __len__(&self) -> usize {
        self.0.num_rows()
    }

    /// The figures of one row, counted from 0.
    fn row<'py>(&self, py: Python<'py>, at: usize) -> PyResult<Bound<'py, PyTuple>> {
        let cells = self.0.columns().iter().map(|column| cell(py, column, at));
        PyTuple::new(py, cells.collect::<PyResult<Vec<_>>>()?)
    }

    /// What the table says of itself.
    fn metadata<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let metadata = PyDict::new(py);
        let sorted: BTreeMap<_, _> = self.0.schema_ref().metadata().iter().collect();
        for (key, value) in sorted {
            metadata.set_item(key, value)?;
        }
        Ok(metadata)
    }
}

/// The states that estimates came from: an Arrow stream, written when it is asked for.
#[pyclass(frozen, module = "wholefamily._core")]
struct States(Kept);

#[pymethods]
impl States {
    /// The states as an Arrow C stream.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let Table(states) = detached(py, || (self.0)())?;
        capsule(py, states, requested_schema)
    }
}

/// A table as an Arrow C stream.
fn capsule<'py>(
    py: Python<'py>,
    table: RecordBatch,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = table.schema();
    let field = Field::new_struct("", schema.fields().clone(), false)
        .with_metadata(schema.metadata().clone());
    let rows: ArrayRef = Arc::new(StructArray::from(table));
    let stream = ArrayIterator::new(std::iter::once(Ok(rows)), Arc::new(field));
    Ok(to_stream_pycapsule(py, Box::new(stream), requested_schema)?)
}

/// The catalogue of measures, as JSON.
#[pyfunction]
fn catalogue(py: Python<'_>) -> PyResult<String> {
    measures::catalogue().map(|json| json.to_string()).map_err(|error| error::raise(py, &error))
}

/// Runs a measure over a stream of batches; gives the states too where they hold curves.
#[pyfunction]
fn run(
    py: Python<'_>,
    specification: &str,
    data: AnyRecordBatch,
    options: &str,
) -> PyResult<(Table, Option<States>)> {
    let run = over_stream(py, specification, data, options, |measure, batches, options| {
        measure.run_and_keep(batches, options)
    });
    run.map(|(estimates, kept)| (Table(estimates.into_batch()), kept.map(States)))
}

/// Tallies a stream of batches into a partial state.
#[pyfunction]
fn partial(
    py: Python<'_>,
    specification: &str,
    data: AnyRecordBatch,
    options: &str,
) -> PyResult<Table> {
    over_stream(py, specification, data, options, |measure, batches, options| {
        measure.partial_stream(batches, options)
    })
    .map(Table)
}

/// Merges partial states.
#[pyfunction]
fn merge(py: Python<'_>, partials: Vec<AnyRecordBatch>) -> PyResult<Table> {
    let parts = partials
        .into_iter()
        .map(|part| one_batch(py, part))
        .collect::<PyResult<Vec<RecordBatch>>>()?;
    detached(py, || {
        let first = parts.first().ok_or_else(nothing_to_merge)?;
        specified_by(first)?.merge_batches(&parts)
    })
}

/// Estimates from a partial state.
#[pyfunction]
fn finish(py: Python<'_>, partial: AnyRecordBatch, level: f64) -> PyResult<Table> {
    let part = one_batch(py, partial)?;
    detached(py, || specified_by(&part)?.finish_batch(&part, level).map(Estimates::into_batch))
}

/// Compares two groups of a table of shares.
#[pyfunction]
fn compare(py: Python<'_>, estimates: AnyRecordBatch, request: &str) -> PyResult<Table> {
    let batch = one_batch(py, estimates)?;
    detached(py, || {
        let comparison: Comparison = in_words::read("the comparison", request)?;
        Estimates::from_record_batch(batch)?.compare(&comparison).map(Estimates::into_batch)
    })
}

/// Compares two groups of a partial state.
#[pyfunction]
fn compare_states(
    py: Python<'_>,
    partial: AnyRecordBatch,
    request: &str,
    level: f64,
) -> PyResult<Table> {
    let part = one_batch(py, partial)?;
    detached(py, || {
        let comparison: Comparison = in_words::read("the comparison", request)?;
        let measure = specified_by(&part)?;
        measure.compare_batch(&part, &comparison, level).map(Estimates::into_batch)
    })
}

/// Tests the curves of the groups of a partial state.
#[pyfunction]
fn test_states(
    py: Python<'_>,
    partial: AnyRecordBatch,
    request: &str,
    level: f64,
) -> PyResult<Table> {
    let part = one_batch(py, partial)?;
    detached(py, || {
        let test: CurveTest = in_words::read("the test", request)?;
        let measure = specified_by(&part)?;
        measure.test_batch(&part, &test, level).map(Estimates::into_batch)
    })
}

/// Runs a statistic by its name over columns of numbers.
#[pyfunction]
fn statistic(
    py: Python<'_>,
    name: &str,
    columns: Option<AnyRecordBatch>,
    options: &str,
) -> PyResult<Table> {
    let table = columns.map(|columns| one_batch(py, columns)).transpose()?;
    detached(py, || columns::statistic(name, table.as_ref(), options))
}

/// Works out a history: its table, and the list of problems found.
#[pyfunction]
fn history(
    py: Python<'_>,
    kind: &str,
    tables: Vec<AnyRecordBatch>,
    specification: &str,
) -> PyResult<(Table, Table)> {
    let tables = tables
        .into_iter()
        .map(|table| all_batches(py, table))
        .collect::<PyResult<Vec<Vec<RecordBatch>>>>()?;
    let found = py.detach(|| histories::history(kind, &tables, specification));
    found
        .map(|history| (Table(history.table), Table(history.problems)))
        .map_err(|error| error::raise(py, &error))
}

/// The catalogue of statistics, as JSON.
#[pyfunction]
fn statistics() -> String {
    columns::statistics().to_string()
}

/// The version of the engine.
#[pyfunction]
fn version() -> &'static str {
    crate::VERSION
}

/// Whether the engine was built without optimisation, and is slow.
#[pyfunction]
fn debug_build() -> bool {
    cfg!(debug_assertions)
}

/// Runs something over the batches of a stream with the interpreter released.
fn over_stream<T: Send>(
    py: Python<'_>,
    specification: &str,
    data: AnyRecordBatch,
    options: &str,
    work: impl Fn(&dyn AnyMeasure, &mut dyn Iterator<Item = Result<RecordBatch>>, &Options) -> Result<T>
    + Send,
) -> PyResult<T> {
    let reader = data.into_reader()?;
    py.detach(move || {
        let measure = measures::specified(specification)?;
        let options = Options::from_json(options)?;
        let schema = reader.schema();
        let mut read = reader
            .map(|batch| batch.map_err(|cause| Error::data(format!("reading the data: {cause}"))))
            .peekable();
        // A stream without batches still says which columns it would have had.
        let empty = read.peek().is_none().then(|| Ok(RecordBatch::new_empty(schema)));
        work(measure.as_ref(), &mut empty.into_iter().chain(read), &options)
    })
    .map_err(|error| error::raise(py, &error))
}

fn detached(py: Python<'_>, work: impl FnOnce() -> Result<RecordBatch> + Send) -> PyResult<Table> {
    py.detach(work).map(Table).map_err(|error| error::raise(py, &error))
}

/// A number or a text of a table that the engine made; null and every other type is None.
fn cell<'py>(py: Python<'py>, column: &ArrayRef, at: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
    if at >= column.len() || column.is_null(at) {
        return Ok(None);
    }
    if let Some(floats) = column.as_primitive_opt::<Float64Type>() {
        return Ok(Some(floats.value(at).into_bound_py_any(py)?));
    }
    if let Some(wholes) = column.as_primitive_opt::<Int64Type>() {
        return Ok(Some(wholes.value(at).into_bound_py_any(py)?));
    }
    column.as_string_opt::<i32>().map(|texts| texts.value(at).into_bound_py_any(py)).transpose()
}

/// A table that the engine made, as one batch.
fn one_batch(py: Python<'_>, data: AnyRecordBatch) -> PyResult<RecordBatch> {
    let reader = data.into_reader()?;
    let schema = reader.schema();
    reader
        .collect::<std::result::Result<Vec<_>, _>>()
        .and_then(|batches| concat_batches(&schema, &batches))
        .map_err(|cause| error::raise(py, &Error::data(format!("reading the table: {cause}"))))
}

/// The batches of a table; one without rows where there are none.
fn all_batches(py: Python<'_>, data: AnyRecordBatch) -> PyResult<Vec<RecordBatch>> {
    let reader = data.into_reader()?;
    let schema = reader.schema();
    let mut batches = py
        .detach(|| reader.collect::<std::result::Result<Vec<_>, _>>())
        .map_err(|cause| error::raise(py, &Error::data(format!("reading the table: {cause}"))))?;
    if batches.is_empty() {
        batches.push(RecordBatch::new_empty(schema));
    }
    Ok(batches)
}

/// The measure that a partial state says it is of.
fn specified_by(part: &RecordBatch) -> Result<Box<dyn AnyMeasure>> {
    part.schema_ref()
        .metadata()
        .get(metadata::SPECIFICATION)
        .ok_or_else(|| {
            Error::state("the table is no partial state of wholefamily: it names no measure")
        })
        .and_then(|specification| measures::specified(specification))
}

fn nothing_to_merge() -> Error {
    Error::state("there are no partial states to merge")
}

/// The compiled engine of `wholefamily`.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::{
        States, Table, catalogue, compare, compare_states, debug_build, finish, history, merge,
        partial, run, statistic, statistics, test_states, version,
    };
}
