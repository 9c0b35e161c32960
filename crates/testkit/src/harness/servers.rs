//! Real VNC servers, one file each, and what starting them has in common.
//!
//! Each listens on a free loopback port and is ended by process id when its handle goes away. What is
//! on their desktops is seen and done through their own side of the screen: an X client, a monitor,
//! a compositor; never through VNC.

mod certificate;
pub(crate) mod pam;
pub(crate) mod password;
mod qemu;
mod socket;
mod sway;
mod wayvnc;
mod x0vncserver;
mod x11vnc;
mod xtightvnc;
mod xvfb;

use std::fs;
use std::net::TcpStream;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process::{Process, free_port};
use crate::wait::{PATIENCE, until_true};

pub use certificate::Certificate;
pub use pam::PamService;
pub use qemu::{Qemu, Security as QemuSecurity};
pub use socket::UnixSocket;
pub(crate) use socket::await_socket;
pub use sway::Sway;
pub use wayvnc::{Security as WayvncSecurity, Wayvnc};
pub use x0vncserver::X0vncserver;
pub use x11vnc::X11vnc;
pub use xtightvnc::Xtightvnc;
pub use xvfb::Xvfb;

/// How often another port or display is tried when the one that was free is taken meanwhile.
const TRIES: usize = 5;

/// A running VNC server.
pub trait VncServer {
    /// Its VNC port on loopback.
    fn port(&self) -> u16;

    /// What it wrote to its log so far.
    fn log(&self) -> Vec<String>;
}

/// Starts a server by a command made for a free port, again if somebody else was faster.
///
/// # Errors
/// When it does not listen in time, with its log.
pub(crate) fn start_listening(
    mut command_for: impl FnMut(u16) -> Result<Command>,
) -> Result<(Process, u16)> {
    retried(|| {
        let port = free_port()?;
        let mut process = Process::start(&mut command_for(port)?)?;
        await_port(&mut process, port)?;
        Ok((process, port))
    })
}

/// Tries a few times, for what somebody else may take between the look and the leap.
pub(crate) fn retried<T>(mut start: impl FnMut() -> Result<T>) -> Result<T> {
    let mut failure = None;
    for _ in 0..TRIES {
        match start() {
            Ok(started) => return Ok(started),
            Err(error) => failure = Some(error),
        }
    }
    Err(failure.context("it was tried")?)
}

/// Waits until a process listens on a port and nobody is connected to it.
pub(crate) fn await_port(process: &mut Process, port: u16) -> Result<()> {
    let waited = until_true("the VNC port", PATIENCE, || {
        if let Some(status) = process.ended()? {
            bail!("the server ended with {status}");
        }
        Ok(TcpStream::connect(("127.0.0.1", port)).is_ok())
    });
    waited.map_err(|error| error.context(process.lines().join("\n")))?;
    // The look at the port was a client for a moment.
    until_true("no client", PATIENCE, || Ok(established_to(port)? == 0))
}

/// How many loopback connections are established to a local port.
///
/// # Errors
/// When the system's table cannot be read.
pub fn established_to(port: u16) -> Result<usize> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    let local = format!(":{port:04X}");
    let established = |line: &&str| {
        let mut fields = line.split_whitespace().skip(1);
        let is_local = fields
            .next()
            .is_some_and(|address| address.ends_with(&local));
        is_local && fields.nth(1) == Some("01")
    };
    Ok(table.lines().filter(established).count())
}
