//! The daemon is killed while a scene draws.

use std::fs::{self, File as OsFile};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use system_tests::Recorded;
use tempfile::TempDir;
use testkit::{Guacd, auditor};

use crate::judge::{File, Tally};
use crate::proof;
use crate::scene::Scene;
use crate::watcher::Watcher;
use crate::{Depth, Outcome};

/// The latest moment, in milliseconds after the owner's first frame.
const LATEST: u64 = 700;

/// After so many milliseconds a segment has been closed; every fifth round is longer than that.
const SEGMENT: u64 = 5_200;

/// What a round has shown.
struct Round {
    tally: Tally,
    recorded: usize,
    is_cut: bool,
    segments: u64,
    proven: u64,
    bytes: u64,
}

pub(crate) fn at_random(depth: Depth) -> Result<Outcome> {
    let rounds = match depth {
        Depth::Short => 5,
        Depth::Full => 100,
    };
    let scene = Scene::start()?;
    let (mut tally, mut recorded, mut cut) = (Tally::default(), 0, 0);
    let (mut segments, mut proven, mut bytes) = (0, 0, 0);
    for number in 0..rounds {
        let closes = if number % 5 == 4 { SEGMENT } else { 0 };
        let moment = closes + random_below(LATEST)?;
        let is_sealed = number % 2 == 1;
        let round = round(&scene, moment, is_sealed);
        let round = round.with_context(|| format!("round {number}, killed after {moment} ms"))?;
        tally += round.tally;
        recorded += round.recorded;
        cut += usize::from(round.is_cut);
        segments += round.segments;
        proven += round.proven;
        bytes += round.bytes;
    }
    scene.finish()?;
    let Tally {
        frames,
        same,
        parts,
    } = tally;
    Ok(Outcome::Held(format!(
        "{rounds} kills, every other one of a sealed recording; {recorded} frames recorded; {frames} frames shown, of which {same} are in the file instruction by \
         instruction and the others show what the recording shows; {parts} parts of frames, all in the file; {cut} files \
         end within an instruction; {segments} segments closed, {proven} of {bytes} bytes proven, the rest in open segments"
    )))
}

fn round(scene: &Scene, moment: u64, is_sealed: bool) -> Result<Round> {
    let folder = TempDir::new()?;
    let evidence = folder.path().join("evidence");
    fs::create_dir(&evidence)?;
    let mut command = Command::new(testkit::guacd::binary()?);
    command.arg("--evidence").arg(&evidence);
    if is_sealed {
        command.args(["--seal-to", auditor::public_key()]);
    }
    let mut daemon = Guacd::start_command(&mut command)?;
    let handshake = scene.recorded(folder.path());
    let [owner, guest] = Watcher::owner_and_guest(daemon.address(), &handshake)?;
    // A moment that nothing else decides: the one wait for a time in these tests.
    thread::sleep(Duration::from_millis(moment));
    daemon.kill()?;
    let path = folder.path().join("session");
    let written = if is_sealed {
        unsealed(&path)?
    } else {
        path.clone()
    };
    let file = File::read(&path)?;
    let mut tally = file.judge(&owner.finish()?).context("the owner")?;
    tally += file.judge(&guest.finish()?).context("the guest")?;
    let recorded = Recorded::read(&path)?;
    recorded.last_picture()?;
    let report = proof::report(&written, &evidence)?;
    proof::ensure_intact(&report, &written)?;
    if SEGMENT <= moment {
        ensure!(
            0 < report.intact.segments,
            "no segment was closed: {report:?}"
        );
    }
    Ok(Round {
        tally,
        recorded: file.frames(),
        is_cut: recorded.cut != 0,
        segments: report.intact.segments,
        proven: report.intact.bytes,
        bytes: report.intact.bytes + report.uncovered,
    })
}

/// Opens the sealed form of a recording and puts there what is in it. Gives the place of the sealed one.
fn unsealed(path: &Path) -> Result<PathBuf> {
    let mut sealed = path.as_os_str().to_owned();
    sealed.push(guac_recorder::SEALED_SUFFIX);
    let sealed = PathBuf::from(sealed);
    ensure!(!path.exists(), "there is a plain recording as well");
    let (plain, _) = auditor::unseal(&sealed)?;
    fs::write(path, plain)?;
    Ok(sealed)
}

fn random_below(limit: u64) -> Result<u64> {
    let mut bytes = [0; 8];
    OsFile::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(u64::from_ne_bytes(bytes) % limit)
}
