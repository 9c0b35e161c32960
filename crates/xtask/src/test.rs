//! `cargo xtask test`: every check of the project, in one summary. It goes on after a failed
//! step, so that one run tells all that is wrong.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::run::{cargo, line};
use crate::setup::{self, For};
use crate::{check_deps, check_docs, demo};

/// Whole-system tests start desktops and browsers: more at once only slow each other down.
const SYSTEM_TEST_THREADS: &str = "--test-threads=2";

struct Step {
    name: &'static str,
    is_slow: bool,
    action: fn() -> Result<Tally>,
}

/// How many checks passed and failed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Tally {
    passed: u64,
    failed: u64,
}

const STEPS: &[Step] = &[
    step("format", || one(&mut cargo(["fmt", "--all", "--check"]))),
    step("dependencies", || check_deps::run().map(|()| ONE)),
    step("clippy", || {
        let args = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ];
        one(&mut cargo(args))
    }),
    step("no stores", || {
        // The daemon as it is built without object stores.
        let args = [
            "clippy",
            "--package",
            "guacd",
            "--lib",
            "--bins",
            "--no-default-features",
            "--features",
            "turbojpeg",
            "--locked",
            "--",
            "-D",
            "warnings",
        ];
        one(&mut cargo(args))
    }),
    step("unit tests", || {
        let args = [
            "test",
            "--workspace",
            "--exclude",
            "system-tests",
            "--locked",
            "--no-fail-fast",
        ];
        counted(&mut cargo(args))
    }),
    step("object stores", || {
        // The same packages as before it, so that nothing is built anew: only what needs servers is left. That of
        // the auditor's tool needs none, and has the tool built for the others.
        let args = [
            "test",
            "--workspace",
            "--exclude",
            "system-tests",
            "--locked",
            "--test",
            "store",
            "--test",
            "audit",
            "--",
            "--ignored",
        ];
        counted(&mut cargo(args))
    }),
    slow("system tests", || {
        let args = [
            "test",
            "--package",
            "system-tests",
            "--locked",
            "--no-fail-fast",
            "--",
        ];
        counted(cargo(args).arg(SYSTEM_TEST_THREADS))
    }),
    slow("instructions", || {
        let args = [
            "run",
            "--release",
            "--locked",
            "--package",
            "benches",
            "--bin",
            "instructions",
        ];
        one(cargo(args).args(["--", "check"]))
    }),
    slow("rustdoc", || {
        let mut doc = cargo(["doc", "--workspace", "--no-deps", "--locked"]);
        one(doc.env("RUSTDOCFLAGS", "-D warnings"))
    }),
    step("book", || check_docs::run().map(|()| ONE)),
    slow("demo", || demo::check(0, None).map(|()| ONE)),
];

const ONE: Tally = Tally {
    passed: 1,
    failed: 0,
};

const fn step(name: &'static str, action: fn() -> Result<Tally>) -> Step {
    Step {
        name,
        is_slow: false,
        action,
    }
}

const fn slow(name: &'static str, action: fn() -> Result<Tally>) -> Step {
    Step {
        name,
        is_slow: true,
        action,
    }
}

/// Runs the steps and prints the summary. Fails if any step did.
pub(crate) fn run(quick: bool) -> Result<()> {
    setup::install(&[For::Demo, For::Tests])?;
    let mut table = String::new();
    let mut total = Tally::default();
    for step in STEPS {
        if quick && step.is_slow {
            table.push_str(&row(
                step.name,
                "left out",
                Duration::ZERO,
                Tally::default(),
            ));
            continue;
        }
        println!("\n=== {}", step.name);
        let begin = Instant::now();
        let tally = (step.action)().unwrap_or_else(|error| {
            eprintln!("{}: {error:#}", step.name);
            Tally {
                passed: 0,
                failed: 1,
            }
        });
        let verdict = if tally.failed == 0 {
            "passed"
        } else {
            "FAILED"
        };
        table.push_str(&row(step.name, verdict, begin.elapsed(), tally));
        total = total.and(tally);
    }
    println!("\n=== summary\n{table}");
    println!("{} passed, {} failed", total.passed, total.failed);
    if total.failed != 0 {
        bail!("not all checks passed");
    }
    Ok(())
}

fn row(name: &str, verdict: &str, took: Duration, tally: Tally) -> String {
    let seconds = took.as_secs_f32();
    let Tally { passed, failed } = tally;
    format!("{name:<14} {verdict:<8} {seconds:>7.1} s  {passed:>5} passed {failed:>3} failed\n")
}

/// A command that is one check.
fn one(command: &mut Command) -> Result<Tally> {
    crate::run::run(command).map(|()| ONE)
}

/// A `cargo test`, whose own tests are counted while its output is passed on.
fn counted(command: &mut Command) -> Result<Tally> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let output = child.stdout.take().context("the pipe was asked for")?;
    let mut tally = Tally::default();
    for text in BufReader::new(output).split(b'\n') {
        let text = String::from_utf8_lossy(&text?).into_owned();
        println!("{text}");
        tally = tally.and(Tally::of_result_line(&text));
    }
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        // It did not build, or a test process died without a word.
        eprintln!("`{}` failed ({status})", line(command));
        tally.failed = 1;
    } else if tally == Tally::default() {
        bail!("`{}` ran no test", line(command));
    }
    Ok(tally)
}

impl Tally {
    /// What a line `test result: ok. 12 passed; 0 failed; …` counts. Other lines count nothing.
    fn of_result_line(line: &str) -> Self {
        let Some(rest) = line.strip_prefix("test result: ") else {
            return Self::default();
        };
        let count = |what: &str| {
            rest.split([';', '.'])
                .find_map(|part| part.trim().strip_suffix(what)?.trim().parse().ok())
                .unwrap_or(0)
        };
        Self {
            passed: count("passed"),
            failed: count("failed"),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_of_cargo_test_are_counted() {
        let good = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
        let bad = "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured";
        assert_eq!(
            Tally::of_result_line(good),
            Tally {
                passed: 12,
                failed: 0
            }
        );
        assert_eq!(
            Tally::of_result_line(bad),
            Tally {
                passed: 3,
                failed: 2
            }
        );
        assert_eq!(
            Tally::of_result_line("test it ... 7 passed; ok"),
            Tally::default()
        );
    }

    #[test]
    fn a_test_command_that_runs_no_test_has_not_passed() {
        let mut idle = crate::run::command("echo", ["test result: ok. 0 passed; 0 failed"]);
        assert!(
            counted(&mut idle)
                .unwrap_err()
                .to_string()
                .ends_with("ran no test")
        );
    }

    #[test]
    fn a_command_that_fails_without_a_failed_test_counts_as_failed() {
        let mut dies = crate::run::command(
            "sh",
            ["-c", "echo 'test result: ok. 4 passed; 0 failed'; exit 101"],
        );
        assert_eq!(
            counted(&mut dies).unwrap(),
            Tally {
                passed: 4,
                failed: 1
            }
        );
    }
}
