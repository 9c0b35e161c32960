//! The servers: each with an empty screen of a known size, on free loopback ports.

use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use testkit::process::{Process, find_program, free_port};
use testkit::wait::{PATIENCE, until};
use testkit::{Desktop, Picture, Xvnc};

use super::client::Client;
use super::qemu::Qemu;
use super::rows::Row;
use super::scene;

/// Which server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    TigerVnc,
    X11Vnc,
    TightVnc,
    Qemu,
}

/// A running server. It ends with this handle.
pub(crate) enum Server {
    TigerVnc(Xvnc),
    X {
        port: u16,
        display: String,
        _processes: Vec<Process>,
    },
    Qemu(Qemu),
}

impl Kind {
    /// The server and the version that Debian 12 has of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TigerVnc => "tigervnc-1.12.0",
            Self::X11Vnc => "x11vnc-0.9.16",
            Self::TightVnc => "tightvnc-1.3.10",
            Self::Qemu => "qemu-7.2",
        }
    }

    /// Whether it is the X server, and so sends what was scrolled or moved as a copy, and the
    /// cursor's shape when it changes. A server that looks on has its own cursor, and copies are
    /// only more of the same to it.
    pub(crate) fn is_x_server(self) -> bool {
        matches!(self, Self::TigerVnc | Self::TightVnc)
    }

    pub(crate) fn start(self) -> Result<Server> {
        match self {
            Self::TigerVnc => {
                let (width, height) = scene::SIZE;
                let server = Xvnc::options().geometry(width, height).start()?;
                Ok(Server::TigerVnc(server))
            }
            Self::X11Vnc => x11vnc(),
            Self::TightVnc => tightvnc(),
            Self::Qemu => Ok(Server::Qemu(Qemu::start()?)),
        }
    }
}

impl Server {
    pub(crate) fn port(&self) -> u16 {
        match self {
            Self::TigerVnc(server) => server.port(),
            Self::X { port, .. } => *port,
            Self::Qemu(qemu) => qemu.port(),
        }
    }

    /// Draws on the screen while the client looks. Gives the last picture.
    pub(crate) fn perform(&mut self, client: &mut Client, row: &Row) -> Result<Picture> {
        let display = match self {
            Self::TigerVnc(server) => server.display(),
            Self::X { display, .. } => display.clone(),
            Self::Qemu(qemu) => return qemu.perform(client),
        };
        scene::perform(&Desktop::open(&display)?, client, row)
    }
}

fn geometry() -> String {
    let (width, height) = scene::SIZE;
    format!("{width}x{height}")
}

/// x11vnc, which shows what is on the screen of an Xvfb.
fn x11vnc() -> Result<Server> {
    let screen = format!("{}x24", geometry());
    let mut xvfb = Command::new(find_program(&["Xvfb"])?);
    xvfb.args([
        "-displayfd",
        "1",
        "-screen",
        "0",
        &screen,
        "-nolisten",
        "tcp",
    ]);
    let mut xvfb = Process::start(&mut xvfb)?;
    let number: u32 =
        xvfb.await_line("the display", 0, PATIENCE, |line| line.trim().parse().ok())?;
    let (display, port) = (format!(":{number}"), free_port()?);
    let mut x11vnc = Command::new(find_program(&["x11vnc"])?);
    x11vnc.args(["-display", &display, "-rfbport", &port.to_string()]);
    x11vnc.args([
        "-localhost",
        "-nopw",
        "-forever",
        "-shared",
        "-noipv6",
        "-ncache",
        "0",
    ]);
    let processes = vec![Process::start(&mut x11vnc)?, xvfb];
    await_port(port)?;
    Ok(Server::X {
        port,
        display,
        _processes: processes,
    })
}

/// TightVNC's own X server, which has to be told a display that is free.
fn tightvnc() -> Result<Server> {
    let is_free = |number: &u32| !Path::new(&format!("/tmp/.X11-unix/X{number}")).exists();
    let number = (50..200).find(is_free).context("no display is free")?;
    let (display, port) = (format!(":{number}"), free_port()?);
    let mut server = Command::new(find_program(&["Xtightvnc"])?);
    server.args([&display, "-geometry", &geometry(), "-depth", "24"]);
    server.args([
        "-rfbport",
        &port.to_string(),
        "-localhost",
        "-nolisten",
        "tcp",
    ]);
    server.args(["-alwaysshared", "-fp", "/usr/share/fonts/X11/misc", "-ac"]);
    let processes = vec![Process::start(&mut server)?];
    await_port(port)?;
    Ok(Server::X {
        port,
        display,
        _processes: processes,
    })
}

pub(crate) fn await_port(port: u16) -> Result<()> {
    until("the VNC port", PATIENCE, || {
        Ok(TcpStream::connect(("127.0.0.1", port)).ok().map(|_| ()))
    })
}
