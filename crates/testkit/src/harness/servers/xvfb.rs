//! A display without a VNC side: `Xvfb`. Other servers show it.

use std::process::Command;

use anyhow::Result;

use crate::process::{Process, find_program};
use crate::wait::PATIENCE;
use crate::x11::Desktop;

/// A running display.
pub struct Xvfb {
    display: u32,
    _process: Process,
}

impl Xvfb {
    /// A screen of this size and depth.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start((width, height): (u16, u16), depth: u8) -> Result<Self> {
        let mut command = Command::new(find_program(&["Xvfb"])?);
        command.args(["-displayfd", "1", "-nolisten", "tcp", "-noreset", "-screen"]);
        command.args(["0", &format!("{width}x{height}x{depth}")]);
        let mut process = Process::start(&mut command)?;
        let display = process.await_line("the display", 0, PATIENCE, |l| l.trim().parse().ok())?;
        Ok(Self {
            display,
            _process: process,
        })
    }

    /// Its display's name for X clients.
    pub fn display(&self) -> String {
        format!(":{}", self.display)
    }

    /// Connects as an X client.
    ///
    /// # Errors
    /// When the server is gone.
    pub fn desktop(&self) -> Result<Desktop> {
        Desktop::open(&self.display())
    }
}
