//! How is the cohort shown? As it came, with what happened first to each.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Date32Array, Int64Array, RecordBatch};

use crate::engine::value::{Value, ValueKind};
use crate::error::Result;

use super::super::rows::Rows;
use super::super::table::widened;
use super::course::Course;
use super::{FollowUp, Member};

impl FollowUp {
    /// The columns that are added.
    pub(super) fn own(&self) -> Vec<&'static str> {
        let mut own = vec!["time", "event", "observed_until"];
        own.extend((!self.competing.is_empty()).then_some("competing"));
        own.extend(self.entry.is_some().then_some("entry_days"));
        own
    }

    /// The cohort as it came, with its columns added.
    pub(super) fn table(
        &self,
        cohort: &Rows<'_>,
        members: &[Member],
        courses: &[Course],
        kinds: &[Value],
        interest: u32,
    ) -> Result<RecordBatch> {
        let mut by_row: Vec<Option<Course>> = vec![None; cohort.len()];
        for course in courses {
            if let Some(place) = by_row.get_mut(course.row as usize) {
                *place = Some(*course);
            }
        }
        let kind_of = |course: &Option<Course>| course.as_ref().and_then(|course| course.kind);
        let time: Int64Array =
            by_row.iter().map(|course| course.map(|course| i64::from(course.time))).collect();
        let null = Value::Null;
        let happened = by_row.iter().map(|course| {
            kind_of(course).and_then(|kind| kinds.get(kind as usize)).unwrap_or(&null)
        });
        let shown = kinds.iter().find_map(Value::kind).unwrap_or(ValueKind::Text);
        let until: Date32Array = members.iter().map(|member| member.until).collect();
        let mut own: Vec<ArrayRef> = vec![Arc::new(time), shown.array(happened), Arc::new(until)];
        if !self.competing.is_empty() {
            let competes = |course| kind_of(course).map(|kind| kind >= interest);
            own.push(Arc::new(by_row.iter().map(competes).collect::<BooleanArray>()));
        }
        if self.entry.is_some() {
            let entry = |(course, member): (&Option<Course>, &Member)| {
                course.as_ref().and(member.entry).map(i64::from)
            };
            own.push(Arc::new(by_row.iter().zip(members).map(entry).collect::<Int64Array>()));
        }
        widened(&cohort.whole()?, self.own().into_iter().zip(own))
    }
}
