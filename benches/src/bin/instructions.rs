//! Counts the instructions of typical work and compares them with what is stored.
//!
//! `check` fails when any case needs more than 2 % more than its baseline, and prints a table.
//! `update` stores what it counts. `case NAME ITERATIONS` is what runs under callgrind.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use benches::callgrind::{count, machine};
use benches::case::Case;
use serde::{Deserialize, Serialize};

/// How much more is not a regression, in percent.
const TOLERANCE: f64 = 2.0;

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/baseline/instructions.json");

/// Instructions per iteration by case.
type Counts = BTreeMap<String, u64>;

/// The stored counts, by kind of machine.
#[derive(Default, Serialize, Deserialize)]
struct Baseline {
    machines: BTreeMap<String, Counts>,
}

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["case", name, iterations] => run_case(name, iterations.parse()?),
        ["check"] => check(),
        ["update"] => update(),
        _ => bail!("usage: instructions check | update | case NAME ITERATIONS"),
    }
}

fn run_case(name: &str, iterations: u64) -> Result<ExitCode> {
    let case = Case::all()
        .find(|case| case.name == name)
        .context("no such case")?;
    case.run(iterations);
    Ok(ExitCode::SUCCESS)
}

fn check() -> Result<ExitCode> {
    let stored = load()?.machines.remove(machine()).with_context(|| {
        format!(
            "no baseline for {}: run `instructions update` on a known good state",
            machine()
        )
    })?;
    let counts = measure()?;
    println!(
        "{:<22} {:>12} {:>12} {:>9}",
        "case", "baseline", "now", "change"
    );
    let mut regressed = false;
    for (name, now) in &counts {
        let Some(before) = stored.get(name) else {
            println!("{name:<22} {:>12} {now:>12}  no baseline", "-");
            regressed = true;
            continue;
        };
        let change = (*now as f64 / *before as f64 - 1.0) * 100.0;
        let verdict = match change {
            change if TOLERANCE < change => "  regression",
            change if change < -TOLERANCE => "  better: update the baseline",
            _ => "",
        };
        regressed |= TOLERANCE < change;
        println!("{name:<22} {before:>12} {now:>12} {change:>+8.2} %{verdict}");
    }
    Ok(if regressed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn update() -> Result<ExitCode> {
    let mut baseline = match Path::new(BASELINE).exists() {
        true => load()?,
        false => Baseline::default(),
    };
    let counts = measure()?;
    for case in Case::all() {
        println!("{:<22} {:>12}  {}", case.name, counts[case.name], case.work);
    }
    baseline.machines.insert(machine().to_owned(), counts);
    let text = serde_json::to_string_pretty(&baseline)?;
    std::fs::write(BASELINE, text + "\n").context("cannot store the baseline")?;
    Ok(ExitCode::SUCCESS)
}

fn load() -> Result<Baseline> {
    let text = std::fs::read_to_string(BASELINE).context("cannot read the baseline")?;
    serde_json::from_str(&text).context("the baseline makes no sense")
}

fn measure() -> Result<Counts> {
    ensure!(
        !cfg!(debug_assertions),
        "counts are of release builds: use --release"
    );
    ensure!(
        !cfg!(target_feature = "avx2"),
        "built for a newer processor than the baseline; leave target-cpu alone"
    );
    Case::all()
        .map(|case| Ok((case.name.to_owned(), count(case.name, case.iterations)?)))
        .collect()
}
