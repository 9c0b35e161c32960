//! Starting the server of a row, with the desktop behind it.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use testkit::Xvnc;
use testkit::servers::{
    Certificate, PamService, Qemu, QemuSecurity, Sway, UnixSocket, VncServer, Wayvnc,
    WayvncSecurity, X0vncserver, X11vnc, Xtightvnc, Xvfb,
};

use crate::desk::{Compositor, Desk, Machine, SIZE, Screen};
use crate::row::{Road, Row, Security, Server};

/// What every server that asks for one is told. VncAuth takes eight characters.
pub(crate) const USERNAME: &str = "ines";
pub(crate) const PASSWORD: &str = "Zimt-741";

/// A server and its desktop.
pub(crate) struct Started {
    /// The desktop.
    pub(crate) desk: Box<dyn Desk>,
    /// The server, where it is not the desktop itself.
    server: Option<Box<dyn VncServer>>,
    /// Where the server is.
    pub(crate) address: Address,
    /// What it shows who it is by, where it does.
    pub(crate) certificate: Option<Certificate>,
    /// What stands in front of the server, and what it asks.
    _socket: Option<UnixSocket>,
    _service: Option<PamService>,
}

/// Where a server is.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    /// At a loopback port.
    Port(u16),
    /// Behind a Unix socket.
    Socket(PathBuf),
}

impl Started {
    /// Starts what a row names.
    pub(crate) fn of(row: &Row) -> Result<Self> {
        let has_certificate = row.security.has_certificate();
        let certificate = has_certificate.then(Certificate::generate).transpose()?;
        let mut started = match row.server {
            Server::Xvnc => xvnc(row, certificate.as_ref())?,
            Server::Xtightvnc => {
                let server = Xtightvnc::start(SIZE, row.screen, password(row))?;
                let screen = Screen::new(server.desktop()?)?;
                Self::new(screen, server)
            }
            Server::X0vncserver => {
                let display = Xvfb::start(SIZE, row.screen)?;
                let server = X0vncserver::start(&display.display(), password(row))?;
                on_display(display, server)?
            }
            Server::X11vnc => {
                let display = Xvfb::start(SIZE, row.screen)?;
                let server = X11vnc::start(&display.display(), password(row))?;
                on_display(display, server)?
            }
            Server::Qemu => qemu(row, certificate.as_ref())?,
            Server::Wayvnc => wayvnc(row, certificate.as_ref())?,
        };
        started.certificate = certificate;
        started.behind(row.road)
    }

    /// The server's log.
    pub(crate) fn log(&self) -> Vec<String> {
        self.server
            .as_ref()
            .map_or_else(|| self.desk.log(), |server| server.log())
    }

    fn new(desk: impl Desk + 'static, server: impl VncServer + 'static) -> Self {
        let port = server.port();
        Self {
            server: Some(Box::new(server)),
            ..Self::alone(desk, Address::Port(port))
        }
    }

    fn alone(desk: impl Desk + 'static, address: Address) -> Self {
        Self {
            desk: Box::new(desk),
            server: None,
            address,
            certificate: None,
            _socket: None,
            _service: None,
        }
    }

    /// Puts a socket in front of it, if the row asks for one and it has none of its own.
    fn behind(mut self, road: Road) -> Result<Self> {
        if let (Road::Socket, Address::Port(port)) = (road, &self.address) {
            let socket = UnixSocket::before(*port)?;
            self.address = Address::Socket(socket.path().to_owned());
            self._socket = Some(socket);
        }
        Ok(self)
    }
}

fn password(row: &Row) -> Option<&'static str> {
    row.security.has_password().then_some(PASSWORD)
}

fn xvnc(row: &Row, certificate: Option<&Certificate>) -> Result<Started> {
    let mut options = Xvnc::options().geometry(SIZE.0, SIZE.1).depth(row.screen);
    if let Some(certificate) = certificate {
        options = options.x509(certificate);
    }
    let mut service = None;
    if row.security == Security::X509Plain {
        let users = service.insert(PamService::new(USERNAME, PASSWORD)?);
        options = options.plain(users);
    } else if row.security.has_password() {
        options = options.password(PASSWORD);
    }
    if row.road == Road::Socket {
        options = options.unix_socket();
    }
    let server = options.start()?;
    let socket = server.socket().map(|path| Address::Socket(path.into()));
    let screen = Screen::new(server.desktop()?)?.resizable();
    let mut started = Started::new(screen, server);
    started.address = socket.unwrap_or(started.address);
    started._service = service;
    Ok(started)
}

fn on_display(display: Xvfb, server: impl VncServer + 'static) -> Result<Started> {
    let screen = Screen::new(display.desktop()?)?.on(display);
    Ok(Started::new(screen, server))
}

fn qemu(row: &Row, certificate: Option<&Certificate>) -> Result<Started> {
    let security = match (row.security, certificate) {
        (Security::None, _) => QemuSecurity::None,
        (Security::VncAuth, _) => QemuSecurity::Password(PASSWORD),
        (Security::X509None, Some(certificate)) => QemuSecurity::X509(certificate),
        (Security::X509Vnc, Some(certificate)) => QemuSecurity::X509Password(certificate, PASSWORD),
        (Security::TlsNone, _) => QemuSecurity::Anonymous,
        (other, _) => bail!("qemu has no {other:?}"),
    };
    let machine = Qemu::start(security)?;
    let address = Address::Port(machine.port());
    Ok(Started::alone(Machine(machine), address))
}

fn wayvnc(row: &Row, certificate: Option<&Certificate>) -> Result<Started> {
    let sway = Sway::start(SIZE)?;
    let security = match row.security {
        Security::None => WayvncSecurity::None,
        Security::X509Plain => {
            let certificate = certificate.context("a certificate was made")?;
            WayvncSecurity::X509Plain(certificate, USERNAME, PASSWORD)
        }
        other => bail!("wayvnc has no {other:?}"),
    };
    let server = Wayvnc::start(&sway, security)?;
    Ok(Started::new(Compositor::new(sway)?, server))
}
