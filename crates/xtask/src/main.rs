//! The project's own commands: demo, test, bench, fuzz, check-deps.

fn main() {}
