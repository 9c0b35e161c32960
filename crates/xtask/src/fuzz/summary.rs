//! What came out of fuzzing, as a table.

use std::fmt::{self, Write as _};
use std::fs;

use anyhow::{Context, Result};

/// Processor time in hundredths of a second, which is what Linux counts in.
#[derive(Clone, Copy, Default)]
pub(super) struct CpuTime(u64);

impl CpuTime {
    /// That of all children that were waited for, and of theirs.
    pub(super) fn of_children() -> Result<Self> {
        let stat = fs::read_to_string("/proc/self/stat")?;
        // The program's name may have anything in it, blanks too, and ends with a bracket.
        let (_, fields) = stat
            .rsplit_once(')')
            .context("/proc/self/stat has a name")?;
        let numbers = fields.split_whitespace().skip(13).take(2);
        let ticks = numbers.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
        Ok(Self(ticks))
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self(self.0.saturating_sub(before.0))
    }
}

impl fmt::Display for CpuTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0 / 100;
        write!(f, "{}:{:02}", seconds / 60, seconds % 60)
    }
}

/// What one target did.
pub(super) struct Outcome {
    pub(super) target: String,
    pub(super) passed: bool,
    cpu: CpuTime,
    runs: u64,
    /// Edges of the program that were reached.
    coverage: u64,
}

impl Outcome {
    pub(super) fn new(target: &str, passed: bool, cpu: CpuTime, log: &str) -> Self {
        let last = |before: &str| {
            let line = log.lines().rev().find(|line| line.contains(before))?;
            let (_, number) = line.split_once(before)?;
            number.split_whitespace().next()?.parse().ok()
        };
        Self {
            target: target.to_owned(),
            passed,
            cpu,
            runs: last("stat::number_of_executed_units:").unwrap_or(0),
            coverage: last(" cov: ").unwrap_or(0),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = if self.passed { "nothing" } else { "something" };
        let Self {
            target, runs, cpu, ..
        } = self;
        write!(
            f,
            "{target}: {runs} runs in {cpu} of CPU time, found {found}"
        )
    }
}

/// A table in Markdown, as `docs/fuzzing.md` has it.
pub(super) fn table(outcomes: &[Outcome]) -> String {
    let mut table = String::from(
        "| Target | Runs | CPU time (min:s) | Edges | Found |\n| --- | ---: | ---: | ---: | --- |\n",
    );
    let mut total = CpuTime::default();
    for outcome in outcomes {
        let Outcome {
            target,
            runs,
            cpu,
            coverage,
            passed,
        } = outcome;
        let found = if *passed { "nothing" } else { "something" };
        total.0 += cpu.0;
        // Writing into a string does not fail.
        let _ = writeln!(
            table,
            "| `{target}` | {runs} | {cpu} | {coverage} | {found} |"
        );
    }
    let _ = writeln!(table, "| all | | {total} | | |");
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_end() {
        let log = "#2\tINITED cov: 10 ft: 11\n#9\tDONE   cov: 1234 ft: 5 corp: 1\n\
            stat::number_of_executed_units: 77\n";
        let outcome = Outcome::new("wire", true, CpuTime(6150), log);
        assert_eq!((outcome.runs, outcome.coverage), (77, 1234));
        let table = table(&[outcome]);
        assert!(table.contains("| `wire` | 77 | 1:01 | 1234 | nothing |\n"));
        assert!(table.ends_with("| all | | 1:01 | | |\n"));
    }

    #[test]
    fn time_of_children_is_counted_once_they_are_waited_for() -> Result<()> {
        let before = CpuTime::of_children()?;
        // Enough work for some hundredths of a second.
        let work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done";
        std::process::Command::new("sh")
            .args(["-c", work])
            .status()?;
        assert!(0 < CpuTime::of_children()?.since(before).0);
        Ok(())
    }
}
