//! The daemon against every VNC server that Debian has: a table of rows, and what each row is
//! looked at for.
//!
//! A few rows are looked at with every run of the tests. All of them are by `cargo xtask servers`,
//! which writes what it found to `docs/servers.md`.

mod check;
mod colours;
mod desk;
mod report;
mod row;
mod run;
mod start;
mod table;
mod wire;

use std::path::Path;

use anyhow::{Result, ensure};

use crate::run::{Outcome, run_all};

/// Where the full matrix writes its report.
const REPORT: &str = "SERVERS_REPORT";

/// Which of its rows are looked at: those whose name contains this.
const ROWS: &str = "SERVERS_ROWS";

#[test]
fn a_few_rows_of_every_kind_that_is_quick_to_start() -> Result<()> {
    let outcomes = run_all(&table::short());
    report::print(&outcomes);
    ensure!(outcomes.iter().all(Outcome::passed), "rows have failed");
    Ok(())
}

#[test]
#[ignore = "the full matrix takes minutes: cargo xtask servers"]
fn every_row() -> Result<()> {
    let wanted = std::env::var(ROWS).unwrap_or_default();
    let mut rows = table::full();
    rows.retain(|row| row.to_string().contains(&wanted));
    ensure!(!rows.is_empty(), "no row is called {wanted:?}");
    let outcomes = run_all(&rows);
    report::print(&outcomes);
    if let Some(path) = std::env::var_os(REPORT) {
        std::fs::write(path, report::document(&outcomes))?;
    }
    ensure!(outcomes.iter().all(Outcome::passed), "rows have failed");
    Ok(())
}

/// Whoever changes the table has the page written anew.
#[test]
fn the_page_of_the_book_has_every_row() -> Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/servers.md");
    let page = std::fs::read_to_string(page)?;
    for line in report::expected_lines(&table::full()) {
        ensure!(
            page.contains(&line),
            "docs/servers.md lacks {line}run cargo xtask servers"
        );
    }
    Ok(())
}
