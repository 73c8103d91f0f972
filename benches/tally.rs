//! Criterion benches of the tally.
fn main() {}
