//! The auditor's binary: what a recording shows.

fn main() {}
