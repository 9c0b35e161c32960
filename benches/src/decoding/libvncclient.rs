//! The replay into libvncclient, the C library that stock guacd uses.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

use super::{Replay, Stream};

const SOURCE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/decoding/replay.c");

/// The program that replays streams, compiled for this run.
#[derive(Debug)]
pub struct Program {
    directory: TempDir,
}

impl Program {
    /// Compiles it.
    ///
    /// # Errors
    /// When the compiler or the library is missing.
    pub fn build() -> Result<Self> {
        let program = Self {
            directory: TempDir::new()?,
        };
        let output = Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-rdynamic", "-o"])
            .arg(program.file("replay"))
            .args([SOURCE, "-lvncclient"])
            .output()
            .context("cannot run cc (Debian package \"gcc\")")?;
        let messages = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "the replay does not compile (Debian package \"libvncserver-dev\"):\n{messages}"
        );
        Ok(program)
    }

    /// Decodes a stream so many times, each time with a new client.
    ///
    /// # Errors
    /// When the library takes the stream for illegal.
    pub fn replay(&self, stream: &Stream, times: u64) -> Result<Replay> {
        fs::write(self.file("stream"), &stream.bytes)?;
        let output = Command::new(self.file("replay"))
            .arg(self.file("stream"))
            .arg(times.to_string())
            .arg(self.file("picture"))
            .output()?;
        ensure!(output.status.success(), "the replay: {}", output.status);
        let nanoseconds = str::from_utf8(&output.stdout)?.trim().parse()?;
        let picture = fs::read(self.file("picture"))?;
        let (pixels, _) = picture.as_chunks::<4>();
        Ok(Replay {
            cpu: Duration::from_nanos(nanoseconds),
            picture: pixels
                .iter()
                .map(|pixel| u32::from_le_bytes(*pixel) & 0x00ff_ffff)
                .collect(),
        })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }
}
