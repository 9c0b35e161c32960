//! `cargo xtask bench`: runs the programs of `benches/`, each of which prints its report.

use anyhow::{Context, Result};

use crate::run::{cargo, metadata, run as run_program};
use crate::setup::{self, For};

/// Runs every benchmark in turn.
pub(crate) fn run() -> Result<()> {
    setup::install(&[For::Benches])?;
    for name in programs()? {
        println!("\n=== {name}");
        let args = [
            "run",
            "--release",
            "--locked",
            "--package",
            "benches",
            "--bin",
        ];
        let mut program = cargo(args);
        program.arg(&name);
        if name == "instructions" {
            program.args(["--", "check"]);
        }
        run_program(&mut program)?;
    }
    Ok(())
}

fn programs() -> Result<Vec<String>> {
    let metadata = metadata()?;
    let packages = metadata["packages"]
        .as_array()
        .context("cargo metadata lists packages")?;
    let benches = packages
        .iter()
        .find(|package| package["name"] == "benches")
        .context("there is a package of benches")?;
    let targets = benches["targets"].as_array().into_iter().flatten();
    let is_program = |target: &&serde_json::Value| target["kind"][0] == "bin";
    Ok(targets
        .filter(is_program)
        .filter_map(|target| Some(target["name"].as_str()?.to_owned()))
        .collect())
}
