//! TightVNC's X server of 2009, which Debian has as `tightvncserver`. It knows neither RandR nor XKB.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::{VncServer, await_port, password, retried};
use crate::process::{Process, find_program, free_port};
use crate::wait::{PATIENCE, until_true};
use crate::x11::Desktop;

/// Displays below are left to people and to servers that choose one by themselves.
const DISPLAYS: std::ops::Range<u32> = 400..1400;

/// A running server.
pub struct Xtightvnc {
    process: Process,
    display: u32,
    port: u16,
    _directory: TempDir,
}

impl Xtightvnc {
    /// A screen of this size and depth, with a password by VncAuth or without one.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start((width, height): (u16, u16), depth: u8, password: Option<&str>) -> Result<Self> {
        let program = find_program(&["Xtightvnc"])?;
        retried(|| {
            let (directory, display, port) = (TempDir::new()?, free_display()?, free_port()?);
            let mut command = Command::new(&program);
            command.arg(format!(":{display}"));
            command.args(["-geometry", &format!("{width}x{height}")]);
            command.args(["-depth", &depth.to_string(), "-rfbport", &port.to_string()]);
            command.args(["-interface", "127.0.0.1", "-localhost", "-alwaysshared"]);
            command.args(["-nolisten", "tcp"]);
            if let Some(password) = password {
                let file = password::write_file(directory.path(), password)?;
                command.arg("-rfbauth").arg(file);
            }
            let mut process = Process::start(&mut command)?;
            await_port(&mut process, port)?;
            let server = Self {
                process,
                display,
                port,
                _directory: directory,
            };
            // It listens for VNC clients before it has a display to show.
            until_true("the display", PATIENCE, || Ok(server.desktop().is_ok()))?;
            Ok(server)
        })
    }

    /// Connects as an X client.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn desktop(&self) -> Result<Desktop> {
        Desktop::open(&format!(":{}", self.display))
    }
}

impl VncServer for Xtightvnc {
    fn port(&self) -> u16 {
        self.port
    }

    fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}

/// A display that nobody had just now. It cannot choose one by itself as later servers do.
fn free_display() -> Result<u32> {
    let count = DISPLAYS.end - DISPLAYS.start;
    let start = std::process::id() % count;
    let mut displays = (0..count).map(|step| DISPLAYS.start + (start + step) % count);
    let is_free = |display: &u32| {
        !Path::new(&format!("/tmp/.X{display}-lock")).exists()
            && !Path::new(&format!("/tmp/.X11-unix/X{display}")).exists()
    };
    displays.find(is_free).context("no display is free")
}
