//! `cargo xtask faults`: what can go wrong with a recording, each done at length. They are in `tests/faults`;
//! what was seen is a page of the book.

use anyhow::Result;

use crate::run::{long_test, root, run as run_program};
use crate::setup::{self, For};

/// Does all of them and writes the page.
pub(crate) fn run() -> Result<()> {
    setup::install(&[For::Demo, For::Tests])?;
    let mut test = long_test("faults", "every_fault_at_length");
    run_program(test.env("FAULTS_REPORT", root().join("docs/faults.md")))
}
