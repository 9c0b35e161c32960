//! The project's own commands: `cargo xtask setup`, `demo`, `test`, `servers`, `canaries`, `faults`, `fuzz`, `bench`, `check-deps`.
//!
//! `.ci/run` and the hosted workflow call `cargo xtask test`: what passes here passes there.

mod bench;
mod canaries;
mod check_deps;
mod check_docs;
mod demo;
mod desktop;
mod faults;
mod fuzz;
mod part;
mod run;
mod servers;
mod setup;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands.", version)]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what the demo and the tests need from Debian and npm, saying what and why.
    Setup,
    /// Start a real desktop, guacd and a page with the stock client, and print its address.
    Demo {
        /// Port of the page on loopback; 0 takes any free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Only check that a headless browser sees the desktop, then end.
        #[arg(long)]
        check: bool,
        /// Where the check saves what the browser shows.
        #[arg(long, requires = "check", value_name = "FILE")]
        screenshot: Option<PathBuf>,
    },
    /// Run every check of the project: what CI runs.
    Test {
        /// Leave out the slow steps: whole-system tests, instruction counts, demo, docs.
        #[arg(long)]
        quick: bool,
    },
    /// Run the daemon against every VNC server that Debian has, and write docs/servers.md.
    Servers {
        /// Only the rows whose name contains this; nothing is written then.
        rows: Option<String>,
    },
    /// Put texts that must not cross everywhere, look for them everywhere, and write docs/canaries.md.
    Canaries,
    /// Let go wrong what can go wrong with a recording, at length, and write docs/faults.md.
    Faults,
    /// Fuzz one target, or all of them, on nightly Rust.
    Fuzz {
        /// Seconds for each target.
        #[arg(long, default_value_t = 60)]
        seconds: u64,
        /// Minutes for each target: for a long run.
        #[arg(long, conflicts_with = "seconds")]
        minutes: Option<u64>,
        /// How many targets run at the same time.
        #[arg(long, default_value_t = 2)]
        jobs: usize,
        /// The only target to fuzz.
        target: Option<String>,
    },
    /// Run the benchmarks and print their reports.
    Bench,
    /// Check that the crates depend on each other as the architecture says.
    CheckDeps,
    /// Check that the book's chapters and links exist.
    CheckDocs,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Task::Setup => setup::install(&[setup::For::Demo, setup::For::Tests]),
        Task::Demo {
            port, check: false, ..
        } => demo::run(port),
        Task::Demo {
            port, screenshot, ..
        } => demo::check(port, screenshot),
        Task::Test { quick } => test::run(quick),
        Task::Servers { rows } => servers::run(rows.as_deref()),
        Task::Canaries => canaries::run(),
        Task::Faults => faults::run(),
        Task::Fuzz {
            seconds,
            minutes,
            jobs,
            target,
        } => {
            let seconds = minutes.map_or(seconds, |minutes| minutes.saturating_mul(60));
            fuzz::run(seconds, jobs, target.as_deref())
        }
        Task::Bench => bench::run(),
        Task::CheckDeps => check_deps::run(),
        Task::CheckDocs => check_docs::run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
