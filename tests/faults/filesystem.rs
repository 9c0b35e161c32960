//! Filesystems of a test's own, where it may mount some.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use tempfile::{NamedTempFile, TempDir};

/// What is written at a time to fill one.
const PIECE: usize = 64 << 10;

/// Larger than any of them.
const LARGEST: usize = 1 << 30;

/// A mounted filesystem; unmounted when it is dropped.
pub(crate) struct Filesystem {
    folder: TempDir,
    /// The file that it lies in, if it is not in memory.
    image: Option<NamedTempFile>,
}

/// Why there is none, where that is no fault.
pub(crate) type NotHere = String;

impl Filesystem {
    /// A filesystem in memory with these options.
    ///
    /// # Errors
    /// When it cannot be mounted although one may.
    pub(crate) fn tmpfs(options: &str) -> Result<Result<Self, NotHere>> {
        let folder = TempDir::new()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
        Ok(run(mount.arg(folder.path()))?.map(|()| Self {
            folder,
            image: None,
        }))
    }

    /// A filesystem of so many bytes that can be frozen: in a file.
    ///
    /// # Errors
    /// When it cannot be made and mounted although one may.
    pub(crate) fn ext4(bytes: u64) -> Result<Result<Self, NotHere>> {
        let image = NamedTempFile::new()?;
        image.as_file().set_len(bytes)?;
        let mut make = Command::new("mkfs.ext4");
        if let Err(why) = run(make.args(["-q", "-F"]).arg(image.path()))? {
            bail!("{why}");
        }
        let folder = TempDir::new()?;
        let mut mount = Command::new("mount");
        mount.args(["-t", "ext4", "-o", "loop"]).arg(image.path());
        Ok(run(mount.arg(folder.path()))?.map(|()| Self {
            folder,
            image: Some(image),
        }))
    }

    /// Lets every write wait from here on.
    ///
    /// # Errors
    /// When that does not work.
    pub(crate) fn freeze(&self) -> Result<()> {
        self.fsfreeze("--freeze")
    }

    /// Lets them go on.
    ///
    /// # Errors
    /// When it was not frozen.
    pub(crate) fn thaw(&self) -> Result<()> {
        self.fsfreeze("--unfreeze")
    }

    fn fsfreeze(&self, how: &str) -> Result<()> {
        match run(Command::new("fsfreeze").arg(how).arg(self.path()))? {
            Ok(()) => Ok(()),
            Err(why) => bail!("{why}"),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file that leaves so many bytes free.
    ///
    /// # Errors
    /// When it does not get full.
    pub(crate) fn fill_up_to(&self, left: u64) -> Result<()> {
        let mut file = fs::File::create(self.path().join("rest"))?;
        let mut written = 0;
        while file.write_all(&[0; PIECE]).is_ok() {
            written += PIECE;
            ensure!(written < LARGEST, "the filesystem does not get full");
        }
        let length = file.metadata()?.len();
        Ok(file.set_len(length.saturating_sub(left))?)
    }

    /// Lets nobody write from here on.
    ///
    /// # Errors
    /// When that does not work.
    pub(crate) fn make_read_only(&self) -> Result<()> {
        let mut mount = Command::new("mount");
        mount.args(["-o", "remount,ro"]).arg(self.path());
        match run(&mut mount)? {
            Ok(()) => Ok(()),
            Err(why) => bail!("{why}"),
        }
    }
}

impl Drop for Filesystem {
    fn drop(&mut self) {
        if self.image.is_some() {
            // Whoever waits for it would wait for ever.
            let _ = self.thaw();
        }
        // Lazily, since somebody may still have a file open; what is not mounted any more is fine.
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

/// Runs a command that only root may.
fn run(command: &mut Command) -> Result<Result<(), NotHere>> {
    let output = command.output().context("mount runs")?;
    if output.status.success() {
        return Ok(Ok(()));
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if said.contains("permission denied") || said.contains("must be superuser") {
        return Ok(Err(format!("mounting is not permitted here ({said})")));
    }
    bail!("{command:?}: {said}");
}
