//! Flags of eight rows and more at once.

use arrow_buffer::BooleanBuffer;
use arrow_buffer::bit_chunk_iterator::BitChunks;

/// Shows `take` the flag of each row from `first` on, side by side with the slots.
#[inline]
pub(super) fn each_flag<S>(
    flags: &BooleanBuffer,
    slots: &mut [S],
    first: usize,
    take: impl Fn(&mut S, u8),
) {
    let rows = slots.len().min(flags.len().saturating_sub(first));
    let words = BitChunks::new(flags.values(), flags.offset() + first, rows);
    let slots = slots.get_mut(..rows).unwrap_or(&mut []);
    for (slots, word) in slots.chunks_mut(64).zip(words.iter_padded()) {
        let (eights, rest) = slots.as_chunks_mut::<8>();
        let mut bytes = word.to_le_bytes().into_iter().map(spread);
        for (slots, flags) in eights.iter_mut().zip(&mut bytes) {
            slots.iter_mut().zip(flags).for_each(|(slot, flag)| take(slot, flag));
        }
        let last = bytes.next().unwrap_or_default();
        rest.iter_mut().zip(last).for_each(|(slot, flag)| take(slot, flag));
    }
}

/// A byte for each of eight flags, all at once.
#[inline]
pub(super) fn spread(eight: u8) -> [u8; 8] {
    // Each byte keeps the flag of its own place, which is then brought to its lowest bit.
    let own = (u64::from(eight) * 0x0101_0101_0101_0101) & 0x8040_2010_0804_0201;
    ((own + 0x7f7f_7f7f_7f7f_7f7f) >> 7 & 0x0101_0101_0101_0101).to_le_bytes()
}
