//! What the policy's gates cost: instructions for each thing vetted, and the part of a video frame's
//! work that is the gate's own. `case NAME ITERATIONS` is what runs under callgrind.
//!
//! Fails if the gate is more than 1 % of a video frame's work.

use std::process::ExitCode;

use anyhow::{Context, Result, bail, ensure};
use benches::callgrind::count;
use benches::gate::{CASES, share};

/// The most that the gate may be of a frame's work, in percent.
const SHARE_MAX: f64 = 1.0;

/// Instructions of a user in one iteration.
const INPUTS: u64 = 60;

fn main() -> Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        [] => report(),
        ["case", name, iterations] => {
            let case = CASES.iter().find(|case| case.name == name);
            case.context("no such case")?.run(iterations.parse()?);
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("usage: gate | gate case NAME ITERATIONS"),
    }
}

fn report() -> Result<ExitCode> {
    ensure!(
        !cfg!(debug_assertions),
        "counts are of release builds: use --release"
    );
    let mut counts = Vec::new();
    for case in &CASES {
        let instructions = count(case.name, case.iterations)?;
        println!("{:<20} {instructions:>12}  {}", case.name, case.work);
        counts.push(instructions);
    }
    let [input, limited, gated, ungated, made] = counts[..] else {
        bail!("there are other cases");
    };
    println!(
        "for each instruction of a user: {}, with a budget {}",
        input / INPUTS,
        limited / INPUTS
    );
    let share = share(gated, ungated, made);
    println!(
        "the gate's part of a video frame: {} of {} instructions, {share:.4} %",
        gated.saturating_sub(ungated),
        made + gated
    );
    Ok(if share < SHARE_MAX {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
