//! The machine's clock is set while a session is recorded.
//!
//! Only the daemon's clock: a library before the system's gives it another time of day.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use guac_recorder::evidence::State;
use system_tests::Recorded;
use tempfile::TempDir;
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd};

use crate::judge::File;
use crate::proof;
use crate::scene::Scene;
use crate::watcher::Watcher;
use crate::{Depth, Outcome};

/// More than any recording here lasts.
const HOUR: u64 = 3_600_000;

pub(crate) fn set_back(_depth: Depth) -> Result<Outcome> {
    stepped("-1d")
}

pub(crate) fn set_forward(_depth: Depth) -> Result<Outcome> {
    stepped("+1d")
}

fn stepped(step: &str) -> Result<Outcome> {
    let Some(library) = library() else {
        let why = "libfaketime is not installed: run cargo xtask setup";
        return Ok(Outcome::LeftOut(why.into()));
    };
    let folder = TempDir::new()?;
    let clock = folder.path().join("clock");
    fs::write(&clock, "+0")?;
    let decisions = folder.path().join("decisions.jsonl");
    let mut command = Command::new(testkit::guacd::binary()?);
    command.arg("--decision-log").arg(&decisions);
    let evidence = folder.path().join("evidence");
    fs::create_dir(&evidence)?;
    command.arg("--evidence").arg(&evidence);
    command.env("LD_PRELOAD", library);
    command.env("FAKETIME_TIMESTAMP_FILE", &clock);
    command
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let daemon = Guacd::start_command(&mut command)?;
    let scene = Scene::start()?;
    let handshake = scene.recorded(folder.path());
    let owner = Watcher::start(FakeClient::open(daemon.address(), &handshake)?);
    owner.await_frames(20)?;
    fs::write(&clock, step)?;
    let before = owner.frames();
    owner.await_frames(before + 20)?;
    // That the daemon's clock was set is seen in what it writes by it.
    let other = FakeClient::open(daemon.address(), &scene.handshake())?;
    let days = until_days(&decisions)?;
    ensure!(days == 2, "the decision log knows of {days} days");
    drop(other);
    daemon.terminate()?;

    let path = folder.path().join("session");
    let tally = File::read(&path)?.judge(&owner.finish()?)?;
    // Reading fails where a time goes back.
    let recorded = Recorded::read(&path)?;
    ensure!(
        recorded.duration() < HOUR,
        "the recording lasts {} ms",
        recorded.duration()
    );
    ensure!(recorded.cut == 0, "the file ends within an instruction");
    let report = proof::report(&path, &evidence)?;
    ensure!(matches!(report.state, State::Closed(_)), "{report:?}");
    ensure!(
        report.intact.bytes == fs::metadata(&path)?.len(),
        "{report:?}"
    );
    scene.finish()?;
    Ok(Outcome::Held(format!(
        "{} frames before and after the step, {} ms from the first to the last; the evidence proves all of it",
        tally.frames,
        recorded.duration()
    )))
}

/// How many days the lines of the decision log are of, once there is more than one.
fn until_days(log: &PathBuf) -> Result<usize> {
    let mut days = 0;
    until_true("a line after the step", PATIENCE, || {
        let text = fs::read_to_string(log)?;
        let mut found: Vec<_> = text.lines().filter_map(day).collect();
        found.sort_unstable();
        found.dedup();
        days = found.len();
        Ok(1 < days)
    })?;
    Ok(days)
}

fn day(line: &str) -> Option<String> {
    let line: serde_json::Value = serde_json::from_str(line).ok()?;
    let time = line["time"].as_str()?;
    Some(time.split_once('T')?.0.to_owned())
}

/// Debian's, wherever it is for this architecture.
fn library() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").ok()?.filter_map(Result::ok);
    folders
        .map(|folder| folder.path().join("faketime/libfaketimeMT.so.1"))
        .find(|path| path.is_file())
        .context("libfaketime")
        .ok()
}
