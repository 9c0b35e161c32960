//! `guacd policy` as a program, and what the manual shows of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use guac_policy::DEFAULT_DOCUMENT;

use crate::support::{assert_code, end_of};

fn tool(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_guacd"));
    command.arg("policy").args(words);
    command
}

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs")
}

#[test]
fn a_valid_policy_is_true_and_another_is_not() -> Result<()> {
    let strict = docs().join("policies/strict.toml");
    let strict = strict.display().to_string();
    let valid = end_of(&mut tool(&["check", &strict]))?;
    assert_code(&valid, 0)?;
    ensure!(valid.stdout.contains("a valid policy (sha256 ") && valid.stderr.is_empty());

    let folder = tempfile::tempdir()?;
    let wrong = folder.path().join("wrong.toml");
    fs::write(&wrong, "version = 1\n[targets]\nalow = []\n")?;
    let wrong = wrong.display().to_string();
    let ended = end_of(&mut tool(&["check", &wrong]))?;
    assert_code(&ended, 1)?;
    ensure!(ended.stdout.is_empty(), "{}", ended.stdout);
    let place = format!("{wrong}:3:1: there is no setting or table \"alow\"");
    ensure!(ended.stderr.contains(&place), "{}", ended.stderr);
    assert_code(&end_of(&mut tool(&["explain", &wrong]))?, 1)
}

#[test]
fn the_built_in_policy_can_be_printed_and_checked() -> Result<()> {
    let printed = end_of(&mut tool(&["default"]))?;
    assert_code(&printed, 0)?;
    assert_eq!(printed.stdout, DEFAULT_DOCUMENT);
    assert_code(&end_of(&mut tool(&["explain"]))?, 0)
}

#[test]
fn what_is_no_command_shows_the_usage() -> Result<()> {
    for words in [&[] as &[&str], &["chek"], &["check"], &["explain", "--x"]] {
        let ended = end_of(&mut tool(words))?;
        assert_code(&ended, 1)?;
        ensure!(ended.stderr.contains("USAGE: guacd policy check FILE"));
    }
    Ok(())
}

/// Runs what stands after `$` in the manual, and compares what stands below.
#[test]
fn the_manual_shows_what_the_tool_prints() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::os::unix::fs::symlink(docs().canonicalize()?, folder.path().join("docs"))?;
    let page = fs::read_to_string(docs().join("policy.md"))?;
    let blocks = page.split("```console\n$ ").skip(1);
    let mut runs = 0;
    for command in blocks
        .filter_map(|rest| rest.split("```").next())
        .flat_map(|b| b.split("\n$ "))
    {
        let (line, shown) = command.split_once('\n').unwrap_or((command, ""));
        let shown = shown.trim_end();
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["cat", file] => fs::write(folder.path().join(file), format!("{shown}\n"))?,
            ["guacd", "policy", words @ ..] => {
                let ended = end_of(tool(words).current_dir(folder.path()))?;
                let said = ended.stdout + &ended.stderr;
                assert_eq!(said.trim_end(), shown, "{line}");
                runs += 1;
            }
            _ => anyhow::bail!("{line}: no command of ours"),
        }
    }
    ensure!(runs == 3, "{runs} commands");
    Ok(())
}
