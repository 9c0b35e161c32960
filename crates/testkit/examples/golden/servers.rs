//! The servers: each with an empty screen of a known size, on free loopback ports.

use anyhow::Result;
use testkit::servers::{Sway, VncServer, Wayvnc, WayvncSecurity, X11vnc, Xtightvnc, Xvfb};
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
    Wayvnc,
}

/// A running server. It ends with this handle.
pub(crate) enum Server {
    TigerVnc(Xvnc),
    X11Vnc(X11vnc, Xvfb),
    TightVnc(Xtightvnc),
    Qemu(Qemu),
    Wayvnc(Wayvnc, Sway),
}

impl Kind {
    /// The server and the version that Debian 12 has of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::TigerVnc => "tigervnc-1.12.0",
            Self::X11Vnc => "x11vnc-0.9.16",
            Self::TightVnc => "tightvnc-1.3.10",
            Self::Qemu => "qemu-7.2",
            Self::Wayvnc => "wayvnc-0.5.0",
        }
    }

    /// Whether it is the X server, and so sends what was scrolled or moved as a copy, and the
    /// cursor's shape when it changes. A server that looks on has its own cursor, and copies are
    /// only more of the same to it.
    pub(crate) fn is_x_server(self) -> bool {
        matches!(self, Self::TigerVnc | Self::TightVnc)
    }

    pub(crate) fn start(self) -> Result<Server> {
        let (width, height) = scene::SIZE;
        Ok(match self {
            Self::TigerVnc => Server::TigerVnc(Xvnc::options().geometry(width, height).start()?),
            Self::X11Vnc => {
                let screen = Xvfb::start(scene::SIZE, 24)?;
                Server::X11Vnc(X11vnc::start(&screen.display(), None)?, screen)
            }
            Self::TightVnc => Server::TightVnc(Xtightvnc::start(scene::SIZE, 24, None)?),
            Self::Qemu => Server::Qemu(Qemu::start()?),
            Self::Wayvnc => {
                let compositor = Sway::start(scene::SIZE)?;
                let server = Wayvnc::start(&compositor, WayvncSecurity::None)?;
                Server::Wayvnc(server, compositor)
            }
        })
    }
}

impl Server {
    pub(crate) fn port(&self) -> u16 {
        match self {
            Self::TigerVnc(server) => server.port(),
            Self::X11Vnc(server, _) => server.port(),
            Self::TightVnc(server) => server.port(),
            Self::Qemu(machine) => machine.port(),
            Self::Wayvnc(server, _) => server.port(),
        }
    }

    /// Draws on the screen while the client looks. Gives the last picture.
    pub(crate) fn perform(&mut self, client: &mut Client, row: &Row) -> Result<Picture> {
        let desktop: Desktop = match self {
            Self::TigerVnc(server) => server.desktop()?,
            Self::X11Vnc(_, screen) => screen.desktop()?,
            Self::TightVnc(server) => server.desktop()?,
            Self::Qemu(machine) => return machine.perform(client),
            Self::Wayvnc(_, compositor) => return scene::perform_behind(compositor, client),
        };
        scene::perform(&desktop, client, row)
    }
}
