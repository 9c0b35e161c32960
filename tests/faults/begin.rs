//! A recording that cannot begin.

use std::path::Path;

use anyhow::{Result, ensure};
use tempfile::TempDir;
use testkit::wait::PATIENCE;
use testkit::{FakeClient, Guacd};

use crate::filesystem::Filesystem;
use crate::judge::File;
use crate::scene::Scene;
use crate::watcher::status;
use crate::{Depth, Outcome};

/// What the web application is told of a session that may not be.
const FORBIDDEN: i64 = 0x0303;

pub(crate) fn missing(_depth: Depth) -> Result<Outcome> {
    let folder = TempDir::new()?;
    refused(&folder.path().join("missing"), "operating system error 2)").map(Outcome::Held)
}

pub(crate) fn read_only(_depth: Depth) -> Result<Outcome> {
    let disk = match Filesystem::tmpfs("size=1m")? {
        Ok(disk) => disk,
        Err(why) => return Ok(Outcome::LeftOut(why)),
    };
    disk.make_read_only()?;
    refused(disk.path(), "operating system error 30)").map(Outcome::Held)
}

pub(crate) fn full(_depth: Depth) -> Result<Outcome> {
    let disk = match Filesystem::tmpfs("size=64k")? {
        Ok(disk) => disk,
        Err(why) => return Ok(Outcome::LeftOut(why)),
    };
    disk.fill_up_to(0)?;
    refused(disk.path(), "only 0 bytes are free").map(Outcome::Held)
}

/// Asks for a recording in a directory in which there cannot be one.
fn refused(directory: &Path, why: &str) -> Result<String> {
    let scene = Scene::start()?;
    let mut daemon = Guacd::start()?;
    let handshake = scene.recorded(directory);
    let log = daemon.log().len();
    let mut client = FakeClient::open(daemon.address(), &handshake)?;
    let said = client.read_to_end(PATIENCE)?;
    let told = status(&said);
    let drawn = |opcode: &str| said.iter().any(|instruction| instruction.is(opcode));
    for opcode in ["size", "img", "rect", "copy", "cursor", "sync"] {
        ensure!(!drawn(opcode), "{opcode} was sent");
    }
    ensure!(told == Some(FORBIDDEN), "the viewer is told {told:?}");
    let line = daemon.await_log(why, log, PATIENCE)?;
    if let Ok(file) = File::read(&directory.join("session")) {
        ensure!(file.frames() == 0, "frames in the file");
    }
    scene.finish()?;
    let line = line
        .split_once(":\t")
        .map_or(line.as_str(), |(_, text)| text)
        .to_owned();
    Ok(format!(
        "status 0x0303, no drawing instruction; the log: \u{201c}{line}\u{201d}"
    ))
}
