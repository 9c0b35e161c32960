//! A Unix socket in front of a server that has none: `socat`.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use crate::process::{Process, find_program};
use crate::wait::{PATIENCE, until_true};

/// A socket that passes everything on to a TCP port.
pub struct UnixSocket {
    process: Process,
    path: PathBuf,
    _directory: TempDir,
}

impl UnixSocket {
    /// Listens in a directory of its own.
    ///
    /// # Errors
    /// When `socat` is not installed or does not start.
    pub fn before(port: u16) -> Result<Self> {
        let directory = TempDir::new()?;
        let path = directory.path().join("vnc");
        let mut command = Command::new(find_program(&["socat"])?);
        command.arg(format!("UNIX-LISTEN:{},fork,mode=600", path.display()));
        command.arg(format!("TCP:127.0.0.1:{port}"));
        let process = Process::start(&mut command)?;
        await_socket(&path)?;
        Ok(Self {
            process,
            path,
            _directory: directory,
        })
    }

    /// Where the socket is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What `socat` wrote.
    pub fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}

/// Waits until somebody listens on a socket.
pub(crate) fn await_socket(path: &Path) -> Result<()> {
    until_true("the socket", PATIENCE, || {
        Ok(UnixStream::connect(path).is_ok())
    })
}
