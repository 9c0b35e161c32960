//! `cargo xtask canaries`: texts that must not cross, put everywhere and looked for everywhere, in many
//! rounds. The rounds are in `tests/canaries`; their result is a page of the book.

use anyhow::Result;

use crate::run::{long_test, root, run as run_program};
use crate::setup::{self, For};

/// Makes all rounds and writes the page.
pub(crate) fn run() -> Result<()> {
    setup::install(&[For::Demo, For::Tests])?;
    let mut test = long_test("canaries", "every_round");
    run_program(test.env("CANARIES_REPORT", root().join("docs/canaries.md")))
}
