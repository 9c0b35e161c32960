//! Instruction counts by callgrind.
//!
//! Valgrind runs a program on a simulated processor, so that counts do not depend on load, clock or
//! caches. They do depend on the compiler, and on which variant of a routine is chosen at run time:
//! the base64 and UTF-8 crates have one for AVX2, which valgrind offers when the machine has it.
//! Hence there is a baseline for each of the two kinds of machine. The C library chooses too; it
//! is told not to.

use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The variants of memory routines that glibc must not choose.
const GLIBC_TUNABLES: &str = "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX512F,-AVX512VL,-ERMS,-FSRM,-SSSE3";

/// Which baseline belongs to this machine.
#[must_use]
pub fn machine() -> &'static str {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return "x86_64-avx2";
    }
    std::env::consts::ARCH
}

/// Instructions of one iteration of a case of this program, which it runs when called with `case`,
/// the name and a number of iterations.
///
/// # Errors
///
/// When valgrind is not there or does not tell.
pub fn count(case: &str, iterations: u64) -> Result<u64> {
    // What happens once is the same in both runs.
    let once = total(case, iterations)?;
    let twice = total(case, iterations * 2)?;
    let difference = twice
        .checked_sub(once)
        .context("fewer instructions for more work")?;
    Ok(difference / iterations)
}

fn total(case: &str, iterations: u64) -> Result<u64> {
    let program = std::env::current_exe().context("cannot find this program")?;
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["case", case, &iterations.to_string()])
        .env("GLIBC_TUNABLES", GLIBC_TUNABLES)
        .output()
        .context("cannot run valgrind (Debian package \"valgrind\")")?;
    let report = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "valgrind failed:\n{report}");
    match report
        .lines()
        .find_map(|line| line.split_once("Collected : "))
    {
        Some((_, count)) => Ok(count.trim().parse()?),
        None => bail!("valgrind does not tell a count:\n{report}"),
    }
}
