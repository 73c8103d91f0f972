//! How many children are in care on each of some dates, counted quickly.

use crate::engine::people::Series;

use super::care::Care;
use super::date_index::DateIndex;

/// How many children are in care on each of the dates.
pub(crate) fn stock(care: &Care, dates: &DateIndex) -> Vec<u64> {
    let changes = if dates.dates.len() <= u128::BITS as usize {
        stock_by_bits(care, dates)
    } else {
        stock_by_spans(care, dates)
    };
    (0..dates.dates.len())
        .scan(0_i64, |stock, place| {
            *stock += changes.at(place);
            Some(*stock as u64)
        })
        .collect()
}

/// The change in stock from each date to the next, from a bit for each date in care.
fn stock_by_bits(care: &Care, dates: &DateIndex) -> Series {
    let below = |place: u32| 1_u128.checked_shl(place).map_or(u128::MAX, |bit| bit - 1);
    let all_below: Vec<u128> = (0..=u128::BITS).map(below).collect();
    let bits = |day: i32| all_below.get(dates.place(day) as usize).copied().unwrap_or(u128::MAX);
    care.children.sum_as(
        |held: &mut u128, (start, end)| *held |= bits(end) ^ bits(start),
        |changes: &mut Series, held| {
            let mut left = *held;
            while left != 0 {
                let from = left.trailing_zeros();
                let to = from + (left >> from).trailing_ones();
                changes.add(from as usize, 1);
                changes.add(to as usize, -1);
                left &= !below(to);
            }
        },
    )
}

/// The same for any number of dates.
fn stock_by_spans(care: &Care, dates: &DateIndex) -> Series {
    care.children.sum(|changes: &mut Series, spans| {
        for (start, end) in spans.iter() {
            changes.add(dates.place(start) as usize, 1);
            changes.add(dates.place(end) as usize, -1);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::care::OPEN;
    use super::*;
    use crate::engine::person::PersonId;

    #[test]
    fn both_ways_to_count_stock_agree() {
        let mut care = Care::default();
        let mut number = 7_u32;
        for row in 0..4_000 {
            number = number.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let start = (number >> 8) as i32 % 900;
            let end = if row % 11 == 0 { OPEN } else { start + (number >> 20) as i32 % 90 };
            let child = PersonId::of_text(&(row % 700).to_string());
            care.children.record(child, (start, end));
        }
        for dates in [1, 2, 64, 127, 128] {
            let days: Vec<i32> = (0..dates).map(|date| date * 7).collect();
            let dates = DateIndex::new(&days);
            let bits = stock_by_bits(&care, &dates);
            let spans = stock_by_spans(&care, &dates);
            assert!((0..days.len()).all(|place| bits.at(place) == spans.at(place)));
        }
    }
}
