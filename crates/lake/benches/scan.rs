//! Placeholder main until the scan lands.
fn main() {}
