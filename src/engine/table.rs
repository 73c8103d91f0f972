//! The result: one row an estimate, in the columns that every measure shares.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};

use crate::error::{Error, Result};
use crate::stats::interval::Interval;

use super::account::Remark;
use super::value::{Value, ValueKind};

/// The columns that every result has, after its keys.
pub const RESULT_COLUMNS: [&str; 12] = [
    "measure",
    "value",
    "lower",
    "upper",
    "level",
    "unit",
    "numerator",
    "denominator",
    "method",
    "reason",
    "rows_used",
    "rows_dropped",
];

/// Where the metadata of a result say what it came from.
pub(crate) mod metadata {
    pub(crate) const SPECIFICATION: &str = "wholefamily.specification";
    pub(crate) const OPTIONS: &str = "wholefamily.options";
    pub(crate) const VERSION: &str = "wholefamily.version";
    pub(crate) const FINGERPRINT: &str = "wholefamily.fingerprint";
    pub(crate) const ACCOUNT: &str = "wholefamily.account";
    pub(crate) const NOTES: &str = "wholefamily.notes";
    pub(crate) const COMPARISON: &str = "wholefamily.comparison";
    pub(crate) const TEST: &str = "wholefamily.test";
}

/// One estimate, as a measure gives it.
#[derive(Debug, Clone)]
pub struct Row {
    /// The place of its group among those tallied.
    pub(crate) group: usize,
    /// The first day of its period, where the measure makes its own periods.
    pub(crate) period: Option<Value>,
    /// The values of the measure's own keys.
    pub(crate) own: Vec<Value>,
    /// The value, its interval, and the reason where one of them is undefined.
    pub(crate) interval: Interval,
    pub(crate) unit: String,
    pub(crate) numerator: Option<i64>,
    pub(crate) denominator: Option<f64>,
    pub(crate) method: String,
    pub(crate) used: u64,
    pub(crate) dropped: u64,
    /// The counts that a reader of this row could recover: each measure has to say them.
    pub(crate) reveals: Vec<u64>,
}

/// A table of estimates: keys, then the columns of [`RESULT_COLUMNS`].
///
/// The batch's schema metadata carry the specification, the options, the engine's version, a
/// fingerprint of the data read, and the account of rows that were set aside.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    batch: RecordBatch,
}

impl Estimates {
    /// Takes a table back that was made by this crate, for example after it travelled as Arrow.
    ///
    /// # Errors
    /// [`Kind::State`](crate::Kind::State) where the table does not have the columns of a result.
    pub fn from_record_batch(batch: RecordBatch) -> Result<Self> {
        for name in RESULT_COLUMNS {
            if batch.column_by_name(name).is_none() {
                return Err(Error::state(format!(
                    "the table is no result of wholefamily: it has no column '{name}'"
                )));
            }
        }
        Ok(Self { batch })
    }

    /// The table.
    #[must_use]
    pub fn batch(&self) -> &RecordBatch {
        &self.batch
    }

    /// The table, given away.
    #[must_use]
    pub fn into_batch(self) -> RecordBatch {
        self.batch
    }

    /// The names of the key columns: those before `measure`.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        let schema = self.batch.schema_ref();
        let names = schema.fields().iter().map(|field| field.name().as_str());
        names.take_while(|name| *name != "measure").collect()
    }

    /// What was set aside or remarked on while the rows were read.
    #[must_use]
    pub fn remarks(&self) -> Vec<Remark> {
        self.metadata(metadata::ACCOUNT)
            .and_then(|json| serde_json::from_str(json).ok())
            .unwrap_or_default()
    }

    /// The values, row by row.
    #[must_use]
    pub fn values(&self) -> Vec<Option<f64>> {
        self.floats("value")
    }

    /// The numerators, row by row.
    #[must_use]
    pub fn numerators(&self) -> Vec<Option<i64>> {
        let column = self.batch.column_by_name("numerator");
        let numbers = column.and_then(|column| column.as_primitive_opt::<Int64Type>());
        numbers.map(|numbers| numbers.iter().collect()).unwrap_or_default()
    }

    /// The denominators, row by row.
    #[must_use]
    pub fn denominators(&self) -> Vec<Option<f64>> {
        self.floats("denominator")
    }

    fn floats(&self, name: &str) -> Vec<Option<f64>> {
        let column = self.batch.column_by_name(name);
        let numbers = column.and_then(|column| column.as_primitive_opt::<Float64Type>());
        numbers.map(|numbers| numbers.iter().collect()).unwrap_or_default()
    }

    /// An entry of the table's metadata, such as `wholefamily.fingerprint`.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.batch.schema_ref().metadata().get(key).map(String::as_str)
    }
}

/// Refuses to make a table so long that only a mistake can have asked for it.
pub(crate) fn check_size(rows: usize, groups: usize, mend: &str) -> Result<()> {
    const MOST: usize = 5_000_000;
    if rows.saturating_mul(groups) <= MOST {
        return Ok(());
    }
    Err(Error::data(format!(
        "the result would have {rows} rows for each of {groups} groups, more than {MOST} in all; {mend}"
    )))
}

/// A key column of a result.
pub(crate) struct KeyColumn {
    pub(crate) name: String,
    pub(crate) kind: ValueKind,
    pub(crate) values: Vec<Value>,
}

/// Puts a result together; columns of more numbers come last.
pub(crate) fn build(
    keys: Vec<KeyColumn>,
    measure: &str,
    level: f64,
    rows: &[Row],
    more: Vec<(&str, Vec<Option<f64>>)>,
    metadata: HashMap<String, String>,
) -> Result<Estimates> {
    let mut fields: Vec<Field> = Vec::new();
    let mut columns: Vec<ArrayRef> = Vec::new();
    for key in &keys {
        fields.push(Field::new(&key.name, key.kind.data_type(), true));
        columns.push(key.kind.array(key.values.iter()));
    }
    let mut add = |name: &str, column: ArrayRef| {
        fields.push(Field::new(name, column.data_type().clone(), true));
        columns.push(column);
    };
    let text = |of: &dyn Fn(&Row) -> Option<String>| -> ArrayRef {
        Arc::new(StringArray::from_iter(rows.iter().map(of)))
    };
    let float = |of: &dyn Fn(&Row) -> Option<f64>| -> ArrayRef {
        Arc::new(Float64Array::from_iter(rows.iter().map(of)))
    };
    let whole = |of: &dyn Fn(&Row) -> Option<i64>| -> ArrayRef {
        Arc::new(Int64Array::from_iter(rows.iter().map(of)))
    };
    add("measure", text(&|_| Some(measure.to_owned())));
    add("value", float(&|row| row.interval.value));
    add("lower", float(&|row| row.interval.lower));
    add("upper", float(&|row| row.interval.upper));
    add("level", float(&|_| Some(level)));
    add("unit", text(&|row| Some(row.unit.clone())));
    add("numerator", whole(&|row| row.numerator));
    add("denominator", float(&|row| row.denominator));
    add("method", text(&|row| Some(row.method.clone())));
    add("reason", text(&|row| row.interval.reason.as_ref().map(ToString::to_string)));
    add("rows_used", whole(&|row| Some(row.used as i64)));
    add("rows_dropped", whole(&|row| Some(row.dropped as i64)));
    for (name, numbers) in more {
        add(name, Arc::new(Float64Array::from(numbers)));
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, metadata));
    RecordBatch::try_new(schema, columns)
        .map(|batch| Estimates { batch })
        .map_err(|cause| Error::internal(cause.to_string()))
}

/// The Arrow type of a key column as it is shown; nothing recorded is shown as text.
pub(crate) fn shown_kind(kind: Option<ValueKind>) -> ValueKind {
    kind.unwrap_or(ValueKind::Text)
}

/// The kind of a result's key column.
pub(crate) fn kind_of_column(data_type: &DataType) -> Result<ValueKind> {
    ValueKind::of(data_type)
        .ok_or_else(|| Error::state(format!("a key column of the result holds {data_type}")))
}
