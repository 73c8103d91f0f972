//! From answers to Arrow columns.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use arrow_schema::{DataType, Field as ArrowField, Schema};

use crate::error::Error;
use crate::stats::{Interval, Reason, Significance};

use super::entry::{Field, FieldKind};

/// What a row of nulls is told for a reason when a number was missing.
const MISSING: &str = "a number is missing";

/// The columns of an answer while it is written.
pub(super) struct Columns {
    fields: &'static [Field],
    figures: Vec<Figures>,
    /// All columns of floats, one after the other: asked of the system at once, which is much
    /// quicker than one by one.
    floats: Vec<f64>,
    reasons: Option<Vec<Option<&'static str>>>,
}

/// A null is NaN among floats, which no statistic gives, and the least whole number among those.
enum Figures {
    /// The place of the column among those of floats.
    Floats(usize),
    Wholes(Vec<i64>),
    Texts(Vec<Option<Cow<'static, str>>>),
}

/// Some rows of an answer, to be written in any order.
pub(super) struct Answers<'a> {
    figures: Vec<Slice<'a>>,
    reasons: Option<&'a mut [Option<&'static str>]>,
}

enum Slice<'a> {
    Floats(&'a mut [f64]),
    Wholes(&'a mut [i64]),
    Texts(&'a mut [Option<Cow<'static, str>>]),
}

/// One row of an answer: its fields are written from left to right.
pub(super) struct Line<'l, 'a> {
    answers: &'l mut Answers<'a>,
    at: usize,
    next: usize,
}

/// Answers that are all there, to be written once there is room for them.
pub(super) struct Listing {
    pub(super) height: usize,
    pub(super) write: Box<dyn FnOnce(&mut Answers<'_>)>,
}

impl Listing {
    /// One answer.
    pub(super) fn one(answer: impl Answer + 'static) -> Self {
        Self::of(vec![answer])
    }

    /// Several answers, one a row.
    pub(super) fn of<A: Answer + 'static>(all: Vec<A>) -> Self {
        let height = all.len();
        let write = move |answers: &mut Answers<'_>| {
            for (at, answer) in all.into_iter().enumerate() {
                answers.write(at, answer);
            }
        };
        Self { height, write: Box::new(write) }
    }
}

/// What fills fields of a row.
pub(super) trait Answer: Sized {
    /// Writes its fields.
    fn write(self, line: &mut Line<'_, '_>);

    /// Writes an answer to each row in turn; `None` is a row in which a number was missing.
    fn write_each(each: impl Iterator<Item = Option<Self>>, answers: &mut Answers<'_>) {
        for (at, answer) in each.enumerate() {
            match answer {
                Some(answer) => answers.write(at, answer),
                None => answers.write_missing(at),
            }
        }
    }
}

impl Columns {
    pub(super) fn new(fields: &'static [Field], height: usize, reasons: bool) -> Self {
        let mut floats = 0;
        let figures = fields.iter().map(|field| match field.kind {
            FieldKind::Float => {
                floats += 1;
                Figures::Floats(floats - 1)
            }
            FieldKind::Whole => Figures::Wholes(vec![0; height]),
            FieldKind::Text => Figures::Texts(vec![None; height]),
        });
        let figures = figures.collect();
        Self {
            fields,
            figures,
            floats: vec![0.0; floats * height],
            reasons: reasons.then(|| vec![None; height]),
        }
    }

    /// Cuts the columns into stretches of rows, the last of which may be shorter.
    pub(super) fn stretches(&mut self, length: usize, height: usize) -> Vec<Answers<'_>> {
        let pieces = height.div_ceil(length);
        let mut stretches: Vec<Answers> =
            (0..pieces).map(|_| Answers { figures: Vec::new(), reasons: None }).collect();
        let mut floats = self.floats.chunks_mut(height.max(1));
        for figures in &mut self.figures {
            let slices: Vec<Slice> = match figures {
                Figures::Floats(_) => {
                    let all = floats.next().unwrap_or_default();
                    all.chunks_mut(length).map(Slice::Floats).collect()
                }
                Figures::Wholes(all) => all.chunks_mut(length).map(Slice::Wholes).collect(),
                Figures::Texts(all) => all.chunks_mut(length).map(Slice::Texts).collect(),
            };
            for (stretch, slice) in stretches.iter_mut().zip(slices) {
                stretch.figures.push(slice);
            }
        }
        if let Some(reasons) = &mut self.reasons {
            for (stretch, slice) in stretches.iter_mut().zip(reasons.chunks_mut(length)) {
                stretch.reasons = Some(slice);
            }
        }
        stretches
    }

    /// The table.
    pub(super) fn finish(self, height: usize) -> crate::Result<RecordBatch> {
        let mut fields: Vec<ArrowField> = Vec::new();
        let mut columns: Vec<ArrayRef> = Vec::new();
        let floats = ScalarBuffer::from(self.floats);
        for (field, figures) in self.fields.iter().zip(self.figures) {
            let array: ArrayRef = match figures {
                Figures::Floats(place) => {
                    let all = floats.slice(place * height, height);
                    let nulls = nulls(&all, |number| number.is_nan());
                    Arc::new(Float64Array::new(all, nulls))
                }
                Figures::Wholes(all) => {
                    let nulls = nulls(&all, |number| *number == i64::MIN);
                    Arc::new(Int64Array::new(all.into(), nulls))
                }
                Figures::Texts(all) => Arc::new(StringArray::from_iter(all)),
            };
            fields.push(ArrowField::new(field.name, array.data_type().clone(), true));
            columns.push(array);
        }
        if let Some(reasons) = self.reasons {
            fields.push(ArrowField::new("reason", DataType::Utf8, true));
            columns.push(Arc::new(StringArray::from_iter(reasons)));
        }
        let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(height));
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
            .map_err(|cause| Error::internal(cause.to_string()))
    }
}

fn nulls<T>(all: &[T], is_null: impl Fn(&T) -> bool) -> Option<NullBuffer> {
    // Two passes, since most columns have no null at all.
    let any = all.iter().fold(false, |any, value| any | is_null(value));
    any.then(|| NullBuffer::from_iter(all.iter().map(|value| !is_null(value))))
}

impl<'a> Answers<'a> {
    /// Writes an answer to a row.
    #[inline]
    pub(super) fn write(&mut self, at: usize, answer: impl Answer) {
        answer.write(&mut Line { answers: self, at, next: 0 });
    }

    /// Writes a row of nulls, because a number was missing.
    pub(super) fn write_missing(&mut self, at: usize) {
        for slice in &mut self.figures {
            set_null(slice, at);
        }
        if let Some(reasons) = &mut self.reasons {
            set(reasons, at, Some(MISSING));
        }
    }
}

fn set_null(slice: &mut Slice, at: usize) {
    match slice {
        Slice::Floats(all) => set(all, at, f64::NAN),
        Slice::Wholes(all) => set(all, at, i64::MIN),
        Slice::Texts(all) => set(all, at, None),
    }
}

#[inline]
fn set<T>(all: &mut [T], at: usize, value: T) {
    if let Some(place) = all.get_mut(at) {
        *place = value;
    }
}

impl Line<'_, '_> {
    #[inline]
    fn float(&mut self, number: Option<f64>) {
        if let Some(Slice::Floats(all)) = self.answers.figures.get_mut(self.next) {
            set(all, self.at, number.unwrap_or(f64::NAN));
        }
        self.next += 1;
    }

    fn whole(&mut self, number: Option<i64>) {
        if let Some(Slice::Wholes(all)) = self.answers.figures.get_mut(self.next) {
            set(all, self.at, number.unwrap_or(i64::MIN));
        }
        self.next += 1;
    }

    fn text(&mut self, text: Option<Cow<'static, str>>) {
        if let Some(Slice::Texts(all)) = self.answers.figures.get_mut(self.next) {
            set(all, self.at, text);
        }
        self.next += 1;
    }

    /// Leaves this field and all after it null.
    fn undefined(&mut self, reason: Reason) {
        for slice in self.answers.figures.iter_mut().skip(self.next) {
            set_null(slice, self.at);
        }
        self.next = self.answers.figures.len();
        self.reason(Some(reason));
    }

    /// Of several reasons the first stands.
    #[inline]
    fn reason(&mut self, reason: Option<Reason>) {
        let (Some(reasons), Some(reason)) = (&mut self.answers.reasons, reason) else { return };
        if let Some(place) = reasons.get_mut(self.at) {
            place.get_or_insert(reason.words());
        }
    }
}

impl Answer for Interval {
    #[inline]
    fn write(self, line: &mut Line<'_, '_>) {
        line.float(self.value);
        line.float(self.lower);
        line.float(self.upper);
        line.reason(self.reason);
    }

    /// Column by column is what most calls come to, and quicker when that is known beforehand.
    fn write_each(each: impl Iterator<Item = Option<Self>>, answers: &mut Answers<'_>) {
        let Answers { figures, reasons } = answers;
        let [Slice::Floats(values), Slice::Floats(lowers), Slice::Floats(uppers)] =
            figures.as_mut_slice()
        else {
            return;
        };
        let limits = lowers.iter_mut().zip(uppers.iter_mut());
        for (at, (interval, (value, (lower, upper)))) in
            each.zip(values.iter_mut().zip(limits)).enumerate()
        {
            let found = interval.as_ref();
            *value = found.and_then(|found| found.value).unwrap_or(f64::NAN);
            *lower = found.and_then(|found| found.lower).unwrap_or(f64::NAN);
            *upper = found.and_then(|found| found.upper).unwrap_or(f64::NAN);
            if let Some(reasons) = reasons {
                let why = found.map_or(Some(MISSING), |found| found.reason.map(Reason::words));
                set(reasons, at, why);
            }
        }
    }
}

impl Answer for Option<f64> {
    #[inline]
    fn write(self, line: &mut Line<'_, '_>) {
        line.float(self);
    }
}

/// A count, as a whole number.
impl Answer for Option<u64> {
    fn write(self, line: &mut Line<'_, '_>) {
        line.whole(self.and_then(|count| i64::try_from(count).ok()));
    }
}

impl Answer for Option<&'static str> {
    fn write(self, line: &mut Line<'_, '_>) {
        line.text(self.map(Cow::Borrowed));
    }
}

impl Answer for Option<String> {
    fn write(self, line: &mut Line<'_, '_>) {
        line.text(self.map(Cow::Owned));
    }
}

/// No field of its own: why those before it are undefined.
impl Answer for Option<Reason> {
    fn write(self, line: &mut Line<'_, '_>) {
        line.reason(self);
    }
}

/// All fields from here on, or none of them and why.
impl<A: Answer> Answer for Result<A, Reason> {
    fn write(self, line: &mut Line<'_, '_>) {
        match self {
            Ok(answer) => answer.write(line),
            Err(reason) => line.undefined(reason),
        }
    }
}

impl Answer for Significance {
    fn write(self, line: &mut Line<'_, '_>) {
        (self.statistic, self.p_value, self.reason).write(line);
    }
}

impl<A: Answer, B: Answer> Answer for (A, B) {
    #[inline]
    fn write(self, line: &mut Line<'_, '_>) {
        self.0.write(line);
        self.1.write(line);
    }
}

impl<A: Answer, B: Answer, C: Answer> Answer for (A, B, C) {
    #[inline]
    fn write(self, line: &mut Line<'_, '_>) {
        self.0.write(line);
        self.1.write(line);
        self.2.write(line);
    }
}

impl<A: Answer, B: Answer, C: Answer, D: Answer> Answer for (A, B, C, D) {
    #[inline]
    fn write(self, line: &mut Line<'_, '_>) {
        self.0.write(line);
        self.1.write(line);
        self.2.write(line);
        self.3.write(line);
    }
}

impl<A: Answer, const N: usize> Answer for [A; N] {
    fn write(self, line: &mut Line<'_, '_>) {
        for each in self {
            each.write(line);
        }
    }
}
