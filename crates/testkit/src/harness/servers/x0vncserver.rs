//! TigerVNC's `x0vncserver`, which shows a display that another server has.

use std::process::Command;

use anyhow::Result;
use tempfile::TempDir;

use super::{VncServer, password, start_listening};
use crate::process::{Process, find_program};

/// A running server.
pub struct X0vncserver {
    process: Process,
    port: u16,
    _directory: TempDir,
}

impl X0vncserver {
    /// Shows a display, with a password by VncAuth or without one.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(display: &str, password: Option<&str>) -> Result<Self> {
        // Debian gives the short name to a script that starts the other one in the background.
        let program = find_program(&["X0tigervnc", "x0vncserver"])?;
        let directory = TempDir::new()?;
        let (process, port) = start_listening(|port| {
            let mut command = Command::new(&program);
            command.args(["-display", display, "-rfbport", &port.to_string()]);
            command.args(["-localhost", "-AlwaysShared", "-Log", "*:stderr:30"]);
            match password {
                None => command.args(["-SecurityTypes", "None"]),
                Some(password) => command
                    .args(["-SecurityTypes", "VncAuth", "-PasswordFile"])
                    .arg(password::write_file(directory.path(), password)?),
            };
            Ok(command)
        })?;
        Ok(Self {
            process,
            port,
            _directory: directory,
        })
    }
}

impl VncServer for X0vncserver {
    fn port(&self) -> u16 {
        self.port
    }

    fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}
