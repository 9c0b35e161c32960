//! What goes wrong with a recording, and what becomes of the session: nothing is shown that is not in it.
//!
//! A short form runs with every run of the tests. `cargo xtask faults` does each at length and writes what
//! was seen to `docs/faults.md`.

mod begin;
mod clock;
mod filesystem;
mod judge;
mod kill;
mod later;
mod proof;
mod report;
mod scene;
mod slow;
mod watcher;

use std::path::Path;

use anyhow::{Context, Result, ensure};

/// Where the full form writes its report.
const REPORT: &str = "FAULTS_REPORT";

/// How much of it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Short,
    Full,
}

/// What was seen of a fault. That something was not as it should be is an error.
#[derive(Debug, Clone)]
pub(crate) enum Outcome {
    /// All was as it should be: what was seen, for the report.
    Held(String),
    /// It could not be done here, for this reason.
    LeftOut(String),
}

/// Something that goes wrong.
pub(crate) struct Fault {
    pub(crate) name: &'static str,
    /// What has to happen then.
    pub(crate) promise: &'static str,
    run: fn(Depth) -> Result<Outcome>,
}

pub(crate) const FAULTS: [Fault; 9] = [
    Fault {
        name: "The directory is missing",
        promise: "refused with 0x0303; nothing is shown",
        run: begin::missing,
    },
    Fault {
        name: "The directory is read-only",
        promise: "refused with 0x0303; nothing is shown",
        run: begin::read_only,
    },
    Fault {
        name: "The disk is full at the start",
        promise: "refused; nothing is shown",
        run: begin::full,
    },
    Fault {
        name: "The disk fills up",
        promise: "what does not fit is not shown; the session stands still, then ends with 0x020A; the others go on",
        run: later::full_disk,
    },
    Fault {
        name: "A limit of file sizes or a quota is reached",
        promise: "what does not fit is not shown; the session ends with 0x020A; the others go on",
        run: later::file_size,
    },
    Fault {
        name: "SIGKILL of the daemon at random moments",
        promise: "no viewer saw what is not in the recording, which can be read to its last whole instruction; its evidence is good \
                  up to the last closed segment",
        run: kill::at_random,
    },
    Fault {
        name: "The disk takes nothing for a while, then for good",
        promise: "picture and input stand still, then go on; then the session ends with 0x020A, and the logs say why",
        run: slow::slow_sink,
    },
    Fault {
        name: "The clock is set back by a day",
        promise: "the times of the recording do not go back, and the session goes on",
        run: clock::set_back,
    },
    Fault {
        name: "The clock is set forward by a day",
        promise: "the times of the recording do not jump, and the session goes on",
        run: clock::set_forward,
    },
];

/// Does one in its short form.
fn short(name: &str) -> Result<()> {
    let fault = FAULTS.iter().find(|fault| fault.name == name);
    let fault = fault.with_context(|| format!("there is no fault {name:?}"))?;
    match (fault.run)(Depth::Short)? {
        Outcome::Held(seen) => println!("{name}: {seen}"),
        Outcome::LeftOut(why) => println!("{name}: left out, {why}"),
    }
    Ok(())
}

#[test]
fn nothing_is_shown_where_the_directory_is_missing() -> Result<()> {
    short("The directory is missing")
}

#[test]
fn nothing_is_shown_where_the_directory_is_read_only() -> Result<()> {
    short("The directory is read-only")
}

#[test]
fn nothing_is_shown_where_the_disk_is_full_at_the_start() -> Result<()> {
    short("The disk is full at the start")
}

#[test]
fn nothing_is_shown_that_a_full_disk_did_not_take() -> Result<()> {
    short("The disk fills up")
}

#[test]
fn nothing_is_shown_beyond_a_limit_of_file_sizes() -> Result<()> {
    short("A limit of file sizes or a quota is reached")
}

#[test]
fn nothing_was_shown_that_a_killed_daemon_did_not_record() -> Result<()> {
    short("SIGKILL of the daemon at random moments")
}

#[test]
fn a_session_stands_still_while_its_disk_takes_nothing() -> Result<()> {
    short("The disk takes nothing for a while, then for good")
}

#[test]
fn a_clock_that_is_set_changes_no_time_of_the_recording() -> Result<()> {
    short("The clock is set back by a day")?;
    short("The clock is set forward by a day")
}

#[test]
#[ignore = "a hundred kills take minutes: cargo xtask faults"]
fn every_fault_at_length() -> Result<()> {
    let mut outcomes = Vec::new();
    for fault in &FAULTS {
        println!("{}", fault.name);
        let outcome = (fault.run)(Depth::Full).with_context(|| fault.name)?;
        outcomes.push((fault, outcome));
    }
    if let Some(path) = std::env::var_os(REPORT) {
        std::fs::write(path, report::document(&outcomes))?;
    }
    Ok(())
}

/// Whoever adds a fault has the page written anew.
#[test]
fn the_page_of_the_book_has_every_fault() -> Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/faults.md");
    let page = std::fs::read_to_string(page)?;
    for fault in &FAULTS {
        ensure!(
            page.contains(&format!("| {} | {} |", fault.name, fault.promise)),
            "docs/faults.md lacks {}: run cargo xtask faults",
            fault.name
        );
    }
    Ok(())
}
