//! People in the order in which a table shows them: numbers by size, texts by code point.

use rayon::prelude::*;

use crate::engine::person::PersonId;
use crate::error::Result;

use super::rows::Rows;

/// Someone to be put in order: the person, a row that names them, and whatever belongs to them.
#[derive(Clone, Copy)]
pub(super) struct Placed<T> {
    pub(super) person: PersonId,
    pub(super) row: u32,
    pub(super) what: T,
}

/// Puts people in order, by the column that names them.
pub(super) fn in_order<T: Copy + Send + Sync>(
    mut people: Vec<Placed<T>>,
    rows: &Rows<'_>,
    column: &str,
) -> Result<Vec<T>> {
    if people.par_iter().all(|placed| placed.person.whole().is_some()) {
        people.par_sort_unstable_by_key(|placed| placed.person.whole());
        return Ok(people.into_par_iter().map(|placed| placed.what).collect());
    }
    if people.par_iter().all(|placed| placed.person.order().is_some()) {
        people.par_sort_unstable_by_key(|placed| placed.person.order());
        return Ok(people.into_par_iter().map(|placed| placed.what).collect());
    }
    // A text of more than 15 bytes is known by a digest, which has no order: the text itself has.
    let texts = rows.texts(column)?;
    let mut named: Vec<(u128, u32, T)> = people
        .into_par_iter()
        .map(|placed| (beginning(texts.get(placed.row)), placed.row, placed.what))
        .collect();
    named.par_sort_unstable_by(|left, right| {
        left.0.cmp(&right.0).then_with(|| texts.get(left.1).cmp(texts.get(right.1)))
    });
    Ok(named.into_par_iter().map(|(_, _, what)| what).collect())
}

/// The first 16 bytes of a text, as a number of the same order.
fn beginning(text: &str) -> u128 {
    let mut bytes = [0_u8; 16];
    bytes.iter_mut().zip(text.as_bytes()).for_each(|(byte, given)| *byte = *given);
    u128::from_be_bytes(bytes)
}
