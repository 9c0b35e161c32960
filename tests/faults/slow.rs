//! A disk that takes nothing for a while: its filesystem is frozen, as for a snapshot.

use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use system_tests::Recorded;
use tempfile::TempDir;
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd, Handshake};

use crate::filesystem::Filesystem;
use crate::judge::File;
use crate::scene::Scene;
use crate::watcher::{Watcher, status};
use crate::{Depth, Outcome};

/// What viewers are told when a session has stood still for too long.
const TIMEOUT: i64 = 0x020a;

/// How long a session may stand still, its limits and the closing of its recording together.
const END_PATIENCE: Duration = Duration::from_secs(90);

/// How long nothing may come while the session stands still.
const STILL: Duration = Duration::from_secs(1);

const KEY: &str = "97";

pub(crate) fn slow_sink(depth: Depth) -> Result<Outcome> {
    let disk = match Filesystem::ext4(64 << 20)? {
        Ok(disk) => disk,
        Err(why) => return Ok(Outcome::LeftOut(why)),
    };
    let folder = TempDir::new()?;
    let decisions = folder.path().join("decisions.jsonl");
    let mut command = Command::new(testkit::guacd::binary()?);
    command.arg("--decision-log").arg(&decisions);
    let mut daemon = Guacd::start_command(&mut command)?;
    let scene = Scene::start()?;
    let handshake = scene.recorded(disk.path());
    let owner = FakeClient::open(daemon.address(), &handshake)?;
    let mut guest = FakeClient::open(daemon.address(), &Handshake::join(&owner.id))?;
    let owner = Watcher::start(owner);
    owner.await_frames(10)?;

    let log = daemon.log().len();
    disk.freeze()?;
    daemon.await_log("The session freezes", log, PATIENCE)?;
    let frames = stands_still(&owner)?;
    guest.send("key", &[KEY, "1"])?;
    stands_still(&owner)?;
    let is_held = || Ok(!scene.desktop()?.held()?.keys.is_empty());
    ensure!(!is_held()?, "a key arrived while the session stood still");
    disk.thaw()?;
    let went_on = daemon.await_log("The session goes on", log, PATIENCE)?;
    owner.await_frames(frames + 10)?;
    guest.send("key", &[KEY, "1"])?;
    until_true("the key once the session goes on", PATIENCE, is_held)?;
    let went_on = text_of(&went_on);
    let mut said = format!("stood still until the disk took more (\u{201c}{went_on}\u{201d})");

    let log = daemon.log().len();
    if depth == Depth::Full {
        disk.freeze()?;
        let since = Instant::now();
        until_true("the end of the session", END_PATIENCE, || {
            Ok(owner.is_over())
        })?;
        let seconds = since.elapsed().as_secs();
        let why = daemon.await_log("The session ends", log, PATIENCE)?;
        disk.thaw()?;
        let why = text_of(&why);
        said.push_str(&format!(
            "; a second time for good: status 0x020A after {seconds} s, \u{201c}{why}\u{201d}"
        ));
        let decisions = std::fs::read_to_string(&decisions)?;
        ensure!(
            decisions.contains("\"reason\":\"recording\""),
            "{decisions}"
        );
    } else {
        drop(guest);
        daemon.terminate()?;
    }
    let path = disk.path().join("session");
    let seen = owner.finish()?;
    if depth == Depth::Full {
        ensure!(status(&seen) == Some(TIMEOUT), "{:?}", status(&seen));
    }
    let tally = File::read(&path)?.judge(&seen).context("the owner")?;
    Recorded::read(&path)?.last_picture()?;
    scene.finish()?;
    Ok(Outcome::Held(format!(
        "{said}; {} frames shown, all in the file",
        tally.frames
    )))
}

/// Waits until nothing has come for a while, and tells the frames that came before.
fn stands_still(viewer: &Watcher) -> Result<usize> {
    let (mut frames, mut since) = (viewer.frames(), Instant::now());
    until_true("that nothing is shown any more", PATIENCE, || {
        if frames != viewer.frames() {
            (frames, since) = (viewer.frames(), Instant::now());
        }
        Ok(STILL < since.elapsed())
    })?;
    Ok(frames)
}

fn text_of(line: &str) -> &str {
    line.split_once(":\t").map_or(line, |(_, text)| text)
}
