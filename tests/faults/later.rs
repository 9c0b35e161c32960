//! A recording that cannot go on.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use system_tests::Recorded;
use tempfile::TempDir;
use testkit::wait::{PATIENCE, until_true};
use testkit::{FakeClient, Guacd};

use crate::filesystem::Filesystem;
use crate::judge::File;
use crate::scene::Scene;
use crate::watcher::{Watcher, status};
use crate::{Depth, Outcome};

/// What viewers are told when a session cannot be kept any longer.
const TIMEOUT: i64 = 0x020a;

/// How long a session stands still before it ends, and how long its recording may take to be closed.
const END_PATIENCE: Duration = Duration::from_secs(90);

/// More than the daemon wants to be free before it begins a recording.
const DISK: &str = "size=24m";

/// Somebody else fills the disk up to a little.
pub(crate) fn full_disk(depth: Depth) -> Result<Outcome> {
    let left = match depth {
        Depth::Short => 1 << 20,
        Depth::Full => 5 << 20,
    };
    let disk = match Filesystem::tmpfs(DISK)? {
        Ok(disk) => disk,
        Err(why) => return Ok(Outcome::LeftOut(why)),
    };
    let daemon = Guacd::start()?;
    let fill = || disk.fill_up_to(left);
    runs_out(daemon, disk.path(), "(os error 28)", fill).map(Outcome::Held)
}

/// A quota is told to a process in the same way: by an error of the write.
pub(crate) fn file_size(depth: Depth) -> Result<Outcome> {
    let kilobytes = match depth {
        Depth::Short => 1_024,
        Depth::Full => 8_192,
    };
    let folder = TempDir::new()?;
    let mut command = Command::new("sh");
    // The shell counts in blocks of 512 bytes.
    command.args([
        "-c",
        &format!("ulimit -f {}; exec \"$0\" \"$@\"", kilobytes * 2),
    ]);
    command.arg(testkit::guacd::binary()?);
    let daemon = Guacd::start_command(&mut command)?;
    runs_out(
        daemon,
        folder.path(),
        "operating system error Some(27)",
        || Ok(()),
    )
    .map(Outcome::Held)
}

/// Records into a directory until nothing fits any more.
fn runs_out(
    mut daemon: Guacd,
    directory: &Path,
    why: &str,
    fill: impl FnOnce() -> Result<()>,
) -> Result<String> {
    let scene = Scene::start()?;
    // Another session, which has nothing to do with it.
    let other = Watcher::start(FakeClient::open(daemon.address(), &scene.handshake())?);
    let log = daemon.log().len();
    let handshake = scene.recorded(directory);
    let [owner, guest] = Watcher::owner_and_guest(daemon.address(), &handshake)?;
    guest.await_frames(1)?;
    fill()?;
    until_true("the end of the session", END_PATIENCE, || {
        Ok(owner.is_over())
    })?;
    let why = daemon.await_log(why, log, PATIENCE)?;
    let frames = other.frames();
    other
        .await_frames(frames + 3)
        .context("the other session")?;

    let path = directory.join("session");
    let file = File::read(&path)?;
    let (owner, guest) = (owner.finish()?, guest.finish()?);
    let told = status(&owner).context("the owner is told why")?;
    ensure!(told == TIMEOUT, "the owner is told {told:#06x}");
    ensure!(
        status(&guest) == Some(told),
        "the guest is told something else"
    );
    let mut tally = file.judge(&owner).context("the owner")?;
    tally += file.judge(&guest).context("the guest")?;
    let recorded = Recorded::read(&path)?;
    ensure!(recorded.cut == 0, "the file ends within an instruction");
    recorded.last_picture()?;
    scene.finish()?;
    let why = why
        .split_once(":\t")
        .map_or(why.as_str(), |(_, text)| text)
        .to_owned();
    Ok(format!(
        "{} frames in {} bytes, {} frames shown, all of them in the file, which ends after a whole instruction; status {told:#06x}; \
         another session went on; the log: \u{201c}{why}\u{201d}",
        file.frames(),
        recorded.bytes().len(),
        tally.frames,
    ))
}
