//! From an error of the engine to the Python exception of the same kind.

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::error::{Error, Kind};

/// The exception for an error: its class stands in `wholefamily.errors`.
pub(super) fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let class = match error.kind() {
        Kind::Spec => "SpecError",
        Kind::Column => "ColumnError",
        Kind::Type => "TypeError_",
        Kind::Data => "DataError",
        Kind::State => "StateError",
        Kind::Internal => "InternalError",
    };
    let exception = py
        .import("wholefamily.errors")
        .and_then(|module| module.getattr(class))
        .and_then(|class| class.call1((error.to_string(),)));
    match exception {
        Ok(exception) => PyErr::from_value(exception),
        Err(_) => PyRuntimeError::new_err(error.to_string()),
    }
}
