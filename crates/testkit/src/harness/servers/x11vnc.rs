//! `x11vnc`, which shows a display that another server has.

use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use super::{VncServer, password};
use crate::process::{Process, find_program, free_port};
use crate::wait::PATIENCE;

/// A running server.
pub struct X11vnc {
    process: Process,
    port: u16,
    _directory: TempDir,
}

impl X11vnc {
    /// Shows a display, with a password by VncAuth or without one.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(display: &str, password: Option<&str>) -> Result<Self> {
        let directory = TempDir::new()?;
        let mut command = Command::new(find_program(&["x11vnc"])?);
        command.args(["-display", display, "-rfbport", &free_port()?.to_string()]);
        command.args(["-localhost", "-no6", "-nolookup", "-norc", "-noncache"]);
        command.args(["-forever", "-shared"]);
        // Without a window manager it would tell no shape of the pointer but its own.
        command.env("X11VNC_AVOID_WINDOWS", "never");
        match password {
            None => command.arg("-nopw"),
            Some(password) => command
                .arg("-rfbauth")
                .arg(password::write_file(directory.path(), password)?),
        };
        let mut process = Process::start(&mut command)?;
        // When the port is taken meanwhile it takes the next one, and says which.
        let port = process.await_line("x11vnc's port", 0, PATIENCE, |line| {
            line.strip_prefix("PORT=")?.trim().parse().ok()
        })?;
        Ok(Self {
            process,
            port,
            _directory: directory,
        })
    }
}

impl VncServer for X11vnc {
    fn port(&self) -> u16 {
        self.port
    }

    fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}
