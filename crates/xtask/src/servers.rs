//! `cargo xtask servers`: the daemon against every VNC server that Debian has. The rows are in
//! `tests/servers`; their result is a page of the book.

use anyhow::Result;

use crate::run::{long_test, root, run as run_program};
use crate::setup::{self, For};

/// Runs all rows and writes the page, or runs those whose name contains a text and writes nothing.
pub(crate) fn run(rows: Option<&str>) -> Result<()> {
    setup::install(&[For::Servers])?;
    let mut test = long_test("servers", "every_row");
    match rows {
        Some(rows) => test.env("SERVERS_ROWS", rows),
        None => test.env("SERVERS_REPORT", root().join("docs/servers.md")),
    };
    run_program(&mut test)
}
