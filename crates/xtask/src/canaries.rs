//! `cargo xtask canaries`: texts that must not cross, put everywhere and looked for everywhere, in many
//! rounds. The rounds are in `tests/canaries`; their result is a page of the book.

use anyhow::Result;

use crate::run::{cargo, root, run as run_program};
use crate::setup::{self, For};

/// Makes all rounds and writes the page.
pub(crate) fn run() -> Result<()> {
    setup::install(&[For::Demo, For::Tests])?;
    let mut test = cargo([
        "test",
        "--package",
        "system-tests",
        "--test",
        "canaries",
        "--locked",
        "--",
        "--ignored",
        "--exact",
        "every_round",
        "--nocapture",
    ]);
    run_program(test.env("CANARIES_REPORT", root().join("docs/canaries.md")))
}
