//! `cargo xtask bench`: runs the programs of `benches/`, each of which prints its report.

use anyhow::{Context, Result};

use crate::run::{cargo, metadata, run as run_program};
use crate::setup::{self, For};

/// Runs every benchmark in turn that needs nothing to compare with.
pub(crate) fn run() -> Result<()> {
    setup::install(&[For::Benches])?;
    run_program(&mut cargo([
        "build",
        "--release",
        "--locked",
        "--package",
        "guacd",
    ]))?;
    let daemon = metadata()?["target_directory"]
        .as_str()
        .map(|target| format!("{target}/release/guacd"))
        .context("cargo metadata names the target directory")?;
    for name in programs()? {
        println!("\n=== {name}");
        let Some(arguments) = arguments(&name, &daemon) else {
            println!("needs something to compare with: see docs/benchmarks.md");
            continue;
        };
        let args = [
            "run",
            "--release",
            "--locked",
            "--package",
            "benches",
            "--bin",
        ];
        let mut program = cargo(args);
        program.arg(&name).arg("--").args(arguments);
        run_program(&mut program)?;
    }
    Ok(())
}

/// What a program is told; `None` for one that is run by hand.
fn arguments<'a>(name: &str, daemon: &'a str) -> Option<Vec<&'a str>> {
    match name {
        "browser" | "plot" | "shaped" => None,
        "instructions" => Some(vec!["check"]),
        "latency" => Some(vec![daemon]),
        "recording" => Some(vec!["--daemon", daemon]),
        _ => Some(Vec::new()),
    }
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
