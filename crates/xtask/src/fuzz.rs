//! `cargo xtask fuzz`: runs the fuzz targets with cargo-fuzz on nightly Rust.
//! What they find is kept below `target/`; the committed corpora are only read.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, find_program, output, root, run as run_program, target_folder};
use crate::setup::{self, For};

/// Fuzzes one target, or each in turn, for that many seconds.
pub(crate) fn run(seconds: u64, only: Option<&str>) -> Result<()> {
    if !cargo(["+nightly", "--version"])
        .output()
        .is_ok_and(|output| output.status.success())
    {
        bail!(
            "fuzzing needs nightly Rust. Please run: rustup toolchain install nightly --profile minimal"
        );
    }
    setup::install(&[For::Fuzzing])?;
    if find_program("cargo-fuzz").is_none() {
        println!("Installing cargo-fuzz (drives libFuzzer) …");
        run_program(&mut cargo(["install", "cargo-fuzz", "--locked"]))?;
    }
    let list = output(&mut cargo(["+nightly", "fuzz", "list"]))?;
    let targets: Vec<_> = list
        .lines()
        .filter(|name| only.is_none_or(|only| only == *name))
        .collect();
    if targets.is_empty() {
        bail!(
            "there is no such target; there are: {}",
            list.lines().collect::<Vec<_>>().join(", ")
        );
    }
    let mut failed = Vec::new();
    for target in &targets {
        println!("\n=== fuzz {target} for {seconds} s");
        if let Err(error) = fuzz(target, seconds) {
            eprintln!("{error:#}");
            failed.push(*target);
        }
    }
    println!(
        "\n{} passed, {} failed",
        targets.len() - failed.len(),
        failed.len()
    );
    if !failed.is_empty() {
        bail!(
            "found something in: {}. Inputs are in fuzz/artifacts.",
            failed.join(", ")
        );
    }
    Ok(())
}

fn fuzz(target: &str, seconds: u64) -> Result<()> {
    let found = target_folder()?.join("fuzz-corpus").join(target);
    fs::create_dir_all(&found).with_context(|| format!("{} cannot be made", found.display()))?;
    let mut fuzz = cargo(["+nightly", "fuzz", "run", target]);
    // libFuzzer writes to the first folder and only reads the others.
    fuzz.arg(found).arg(root().join("fuzz/corpus").join(target));
    run_program(fuzz.args([
        "--",
        "-print_final_stats=1",
        &format!("-max_total_time={seconds}"),
    ]))
}
