//! What would the rate be, were the groups made up alike?
//!
//! | question | function |
//! |---|---|
//! | what is the rate in a population of a standard make-up? | [`standardise_direct`] |
//! | and when the same child can have several events? | [`standardise_direct_repeat`] |
//! | how do two such rates compare? | [`comparative_ratio`], [`comparative_difference`] |
//! | how do the events compare with those expected at reference rates? | [`standardise_indirect`] |
//! | how is the standard made up? | [`european_standard_population`] |

mod comparative;
mod direct;
mod european;
mod indirect;
mod repeat;

pub use comparative::{ComparedBand, comparative_difference, comparative_ratio};
pub use direct::{DirectBand, DirectConvention, DirectMethod, standardise_direct};
pub use european::{EuropeanPart, StandardBand, european_standard_population};
pub use indirect::{Indirect, IndirectBand, standardise_indirect};
pub use repeat::{RepeatBand, standardise_direct_repeat};
