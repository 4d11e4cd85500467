//! The `whoclosed` program.

fn main() {}
