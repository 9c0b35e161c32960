//! `cargo xtask fuzz`: runs the fuzz targets with cargo-fuzz on nightly Rust.
//! What they find is kept below `target/`; the committed corpora are only read.

mod summary;

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::run::{cargo, find_program, output, root, run as run_program, target_folder};
use crate::setup::{self, For};
use summary::{CpuTime, Outcome};

/// The largest piece of memory that a target may ask for at once: what guac-vnc holds at most, and
/// what the second decoder keeps beside it.
const ALLOCATION_MAX_MB: u32 = 40;

/// How often running targets are looked at.
const POLL: Duration = Duration::from_millis(100);

/// Fuzzes one target, or all of them, each for that many seconds and so many at a time.
pub(crate) fn run(seconds: u64, jobs: usize, only: Option<&str>) -> Result<()> {
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
    println!("Building {} targets …", targets.len());
    run_program(&mut cargo(["+nightly", "fuzz", "build"]))?;
    println!("Fuzzing each for {seconds} s, {jobs} at a time.");
    let outcomes = fuzz_all(&targets, seconds, jobs.max(1))?;
    report(&outcomes)
}

/// A target that is being fuzzed.
struct Running {
    target: String,
    child: Child,
    log: PathBuf,
}

fn fuzz_all(targets: &[&str], seconds: u64, jobs: usize) -> Result<Vec<Outcome>> {
    let mut waiting = targets.iter();
    let (mut running, mut outcomes) = (Vec::<Running>::new(), Vec::new());
    loop {
        while running.len() < jobs
            && let Some(target) = waiting.next()
        {
            running.push(start(target, seconds)?);
        }
        if running.is_empty() {
            return Ok(outcomes);
        }
        thread::sleep(POLL);
        let mut left = Vec::new();
        for mut one in running {
            // The processor time of a child is the system's to tell once it is waited for.
            let before = CpuTime::of_children()?;
            match one.child.try_wait()? {
                None => left.push(one),
                Some(status) => {
                    let cpu = CpuTime::of_children()?.since(before);
                    let outcome = finish(&one, status, cpu)?;
                    println!("{outcome}");
                    outcomes.push(outcome);
                }
            }
        }
        running = left;
    }
}

fn start(target: &str, seconds: u64) -> Result<Running> {
    let folder = target_folder()?;
    let found = folder.join("fuzz-corpus").join(target);
    fs::create_dir_all(&found).with_context(|| format!("{} cannot be made", found.display()))?;
    let logs = folder.join("fuzz-logs");
    fs::create_dir_all(&logs).with_context(|| format!("{} cannot be made", logs.display()))?;
    let path = logs.join(format!("{target}.log"));
    let log = File::create(&path).with_context(|| format!("{} cannot be made", path.display()))?;
    let mut fuzz = cargo(["+nightly", "fuzz", "run", target]);
    // libFuzzer writes to the first folder and only reads the others.
    fuzz.arg(found).arg(root().join("fuzz/corpus").join(target));
    fuzz.args([
        "--",
        "-print_final_stats=1",
        &format!("-malloc_limit_mb={ALLOCATION_MAX_MB}"),
        &format!("-max_total_time={seconds}"),
    ]);
    let child = fuzz
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .context("cargo cannot be run")?;
    Ok(Running {
        target: target.to_owned(),
        child,
        log: path,
    })
}

fn finish(one: &Running, status: ExitStatus, cpu: CpuTime) -> Result<Outcome> {
    let bytes = fs::read(&one.log).with_context(|| format!("{} is gone", one.log.display()))?;
    let log = String::from_utf8_lossy(&bytes);
    if !status.success() {
        // What it found, and the way there, are at the end.
        let lines: Vec<&str> = log.lines().collect();
        let end = lines.len().saturating_sub(60);
        println!("=== {}\n{}", one.target, lines[end..].join("\n"));
    }
    Ok(Outcome::new(&one.target, status.success(), cpu, &log))
}

fn report(outcomes: &[Outcome]) -> Result<()> {
    println!("\n{}", summary::table(outcomes));
    let failed: Vec<_> = outcomes
        .iter()
        .filter(|outcome| !outcome.passed)
        .map(|outcome| outcome.target.as_str())
        .collect();
    println!(
        "{} passed, {} failed",
        outcomes.len() - failed.len(),
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
