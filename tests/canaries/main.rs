//! Texts that nobody has seen before, put wherever a desktop and a client could have one, and looked
//! for in every byte that the daemon writes.
//!
//! A short form runs with every run of the tests. `cargo xtask canaries` makes many rounds with every
//! client and every policy, and writes what it found to `docs/canaries.md`.

mod attempts;
mod report;
mod round;

use std::path::Path;

use anyhow::{Result, ensure};
use system_tests::canary::ENDS;
use system_tests::policy::Rules;
use system_tests::stage::CLIENTS;

use crate::round::{Outcome, Plan};

/// Where the full form writes its report.
const REPORT: &str = "CANARIES_REPORT";

/// Rounds of the full form for each policy and client with each kind of text.
const ROUNDS: usize = 3;

/// What connections ask for as the encoding of texts, in turn.
const ENCODINGS: [&str; 4] = ["", "UTF-8", "UTF-16", "CP1252"];

fn run_all(plans: impl IntoIterator<Item = Plan>) -> Result<Vec<Outcome>> {
    plans.into_iter().map(round::run).collect()
}

fn check(outcomes: &[Outcome]) -> Result<()> {
    let faults: Vec<_> = outcomes.iter().flat_map(Outcome::faults).collect();
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Each policy once; that texts are found under the open one is what makes their absence under the
/// others mean something.
#[test]
fn what_the_policy_keeps_is_nowhere_and_what_it_opens_is_there() -> Result<()> {
    let plans = Rules::ALL.map(|rules| Plan {
        rules,
        client: CLIENTS[1],
        ends: ENDS[0],
        encoding: ENCODINGS[0],
    });
    check(&run_all(plans)?)
}

#[test]
#[ignore = "many rounds take minutes: cargo xtask canaries"]
fn every_round() -> Result<()> {
    let mut plans = Vec::new();
    for rules in Rules::ALL {
        for client in CLIENTS {
            for ends in ENDS {
                plans.extend((0..ROUNDS).map(|_| Plan {
                    rules,
                    client,
                    ends,
                    encoding: "",
                }));
            }
        }
    }
    for (number, plan) in plans.iter_mut().enumerate() {
        plan.encoding = ENCODINGS[number % ENCODINGS.len()];
    }
    let outcomes = run_all(plans)?;
    check(&outcomes)?;
    if let Some(path) = std::env::var_os(REPORT) {
        std::fs::write(path, report::document(&outcomes))?;
    }
    Ok(())
}

/// Whoever adds an attempt has the page written anew.
#[test]
fn the_page_of_the_book_has_every_attempt() -> Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/canaries.md");
    let page = std::fs::read_to_string(page)?;
    for attempt in &attempts::ATTEMPTS {
        ensure!(
            page.contains(&format!("| {} |", attempt.name)),
            "docs/canaries.md lacks {}: run cargo xtask canaries",
            attempt.name
        );
    }
    Ok(())
}
