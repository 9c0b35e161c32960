//! `guac-audit export`

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use guac_recorder::evidence::Hex;
use guac_recorder::seal::UnsealError;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

use crate::events::{self, Request};
use crate::source::Recording;
use crate::thumb::{self, Sheet};
use crate::video::{self, Look};
use crate::{Outcome, keys, show};

/// The list of digests, in the form that `sha256sum -c` reads.
const DIGESTS: &str = "SHA256SUMS";

/// Milliseconds without input that count as idle: the command line's default, too.
const IDLE: i64 = 60_000;

/// What goes into the bundle beside the recording.
#[derive(Debug, Clone)]
pub(crate) struct Parts {
    pub(crate) evidence: Option<PathBuf>,
    pub(crate) decision_log: Option<PathBuf>,
    pub(crate) video: bool,
}

/// Writes a recording and what there is to tell of it into one archive. The same input gives the same
/// archive, but for a video, which depends on the version of `ffmpeg`.
pub(crate) fn export(file: &Recording, archive: &Path, parts: &Parts) -> anyhow::Result<Outcome> {
    let name = || format!("{archive:?} could not be written");
    let folder = archive.file_stem().with_context(name)?;
    let out = File::create_new(archive).with_context(name)?;
    let written = pack(file, parts, Path::new(folder), archive, out);
    if written.is_err() {
        // What has been begun is no bundle; where it cannot be removed, the error says more.
        let _ = fs::remove_file(archive);
    }
    written
}

fn pack(
    file: &Recording,
    parts: &Parts,
    folder: &Path,
    archive: &Path,
    out: File,
) -> anyhow::Result<Outcome> {
    // Beside the archive, where there is room for a copy of all that.
    let beside = archive
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let work = TempDir::new_in(beside.unwrap_or(Path::new(".")))
        .context("a directory for what is being made could not be made")?;
    let (made, outcome) = make(file, parts, work.path())?;
    let mut bundle = Bundle::new(BufWriter::new(out), folder);
    if file.is_sealed()? {
        // What the evidence is about, and what it is about when it is opened.
        bundle.add("recording.sealed", file.path())?;
        let plain = work.path().join("recording");
        copy_unsealed(file, &plain)?;
        bundle.add("recording", &plain)?;
    } else {
        bundle.add("recording", file.path())?;
    }
    if let Some(evidence) = &parts.evidence {
        bundle.add("evidence.jsonl", evidence)?;
    }
    for (name, path) in made {
        bundle.add(name, &path)?;
    }
    bundle
        .finish()
        .with_context(|| format!("{archive:?} could not be written"))?;
    Ok(outcome)
}

/// Writes what is behind the seal, as far as it is good: how the file ends is told by all else that is made of it.
fn copy_unsealed(file: &Recording, out: &Path) -> anyhow::Result<()> {
    let unread = || format!("{file:?} could not be read");
    let mut unsealer = file.unseal().with_context(unread)?.with_context(unread)?;
    let mut out = File::create_new(out)?;
    match io::copy(&mut unsealer, &mut out) {
        Err(error) if !UnsealError::is_damage(&error) => Err(error).with_context(unread),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Makes what is derived from the recording.
fn make(
    file: &Recording,
    parts: &Parts,
    work: &Path,
) -> anyhow::Result<(Vec<(&'static str, PathBuf)>, Outcome)> {
    let mut made = Vec::new();
    let mut place = |name: &'static str| {
        let path = work.join(name);
        made.push((name, path.clone()));
        path
    };
    let create = |path: PathBuf| File::create_new(path).map(BufWriter::new);
    let decision_log = parts.decision_log.clone();

    let mut out = create(place("summary.json"))?;
    let (summary, mut worst) = show::summary(file, decision_log.as_deref())?;
    writeln!(out, "{summary}")?;
    out.flush()?;

    let mut out = create(place("events.jsonl"))?;
    let request = Request {
        decision_log,
        idle: IDLE,
        json: true,
    };
    worst = worst.max(events::events(file, &request, &mut out)?);
    out.flush()?;

    let mut out = create(place("keys.txt"))?;
    worst = worst.max(keys::write_timed(file, &mut out)?);
    out.flush()?;

    if summary.get("frames").is_some_and(|frames| frames != 0) {
        let (sheet, outcome) = thumb::contact_sheet(file, Sheet::DEFAULT)?;
        sheet.save(&place("contact-sheet.png"))?;
        worst = worst.max(outcome);
        if parts.video {
            worst = worst.max(video::video(file, &place("video.mp4"), Look::DEFAULT)?);
        }
    }
    ensure!(
        worst != Outcome::Failed,
        "what is in the bundle could not be made"
    );
    Ok((made, worst))
}

/// An archive on its way.
struct Bundle<'a, W: io::Write> {
    archive: tar::Builder<W>,
    folder: &'a Path,
    digests: String,
}

impl<'a, W: io::Write> Bundle<'a, W> {
    fn new(out: W, folder: &'a Path) -> Self {
        Self {
            archive: tar::Builder::new(out),
            folder,
            digests: String::new(),
        }
    }

    /// Adds a file as it is, and its digest to the list.
    fn add(&mut self, name: &str, path: &Path) -> anyhow::Result<()> {
        let told = || format!("{path:?} could not be put into the bundle");
        let file = File::open(path).with_context(told)?;
        let size = file.metadata().with_context(told)?.len();
        let mut source = Hashed {
            source: file.take(size),
            digest: Sha256::new(),
            bytes: 0,
        };
        self.append(name, size, &mut source).with_context(told)?;
        ensure!(
            source.bytes == size,
            "{path:?} became shorter while it was read"
        );
        let digest = Hex::<32>(source.digest.finalize().into());
        writeln!(self.digests, "{digest}  {name}")?;
        Ok(())
    }

    /// Adds an entry that tells nothing of who made it and when.
    fn append(&mut self, name: &str, size: u64, content: impl Read) -> io::Result<()> {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(size);
        self.archive
            .append_data(&mut header, self.folder.join(name), content)
    }

    fn finish(mut self) -> io::Result<()> {
        let digests = std::mem::take(&mut self.digests);
        let size = u64::try_from(digests.len()).unwrap_or(u64::MAX);
        self.append(DIGESTS, size, digests.as_bytes())?;
        self.archive.into_inner()?.flush()
    }
}

/// A source whose bytes are counted and hashed as they are read.
struct Hashed<R> {
    source: R,
    digest: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.digest.update(buffer.get(..read).unwrap_or_default());
        self.bytes += u64::try_from(read).unwrap_or(u64::MAX);
        Ok(read)
    }
}
