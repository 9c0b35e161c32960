//! Starting the server of a row, with the desktop behind it.

use anyhow::{Result, bail};
use testkit::Xvnc;
use testkit::servers::{
    Qemu, QemuSecurity, Sway, VncServer, Wayvnc, WayvncSecurity, X0vncserver, X11vnc, Xtightvnc,
    Xvfb,
};

use crate::desk::{Compositor, Desk, Machine, SIZE, Screen};
use crate::row::{Row, Security, Server};

/// What every server that asks for one is told. VncAuth takes eight characters.
pub(crate) const PASSWORD: &str = "Zimt-741";

/// A server and its desktop.
pub(crate) struct Started {
    /// The desktop.
    pub(crate) desk: Box<dyn Desk>,
    /// The server, where it is not the desktop itself.
    server: Option<Box<dyn VncServer>>,
    /// The server's port.
    pub(crate) port: u16,
}

impl Started {
    /// Starts what a row names.
    pub(crate) fn of(row: &Row) -> Result<Self> {
        let password = match row.security {
            Security::None => None,
            Security::VncAuth => Some(PASSWORD),
        };
        match row.server {
            Server::Xvnc => xvnc(row, password),
            Server::Xtightvnc => {
                let server = Xtightvnc::start(SIZE, row.screen, password)?;
                let screen = Screen::new(server.desktop()?)?;
                Ok(Self::new(screen, server))
            }
            Server::X0vncserver => {
                let display = Xvfb::start(SIZE, row.screen)?;
                let server = X0vncserver::start(&display.display(), password)?;
                on_display(display, server)
            }
            Server::X11vnc => {
                let display = Xvfb::start(SIZE, row.screen)?;
                let server = X11vnc::start(&display.display(), password)?;
                on_display(display, server)
            }
            Server::Qemu => {
                let security = password.map_or(QemuSecurity::None, QemuSecurity::Password);
                let machine = Qemu::start(security)?;
                Ok(Self {
                    port: machine.port(),
                    desk: Box::new(Machine(machine)),
                    server: None,
                })
            }
            Server::Wayvnc => {
                let sway = Sway::start(SIZE)?;
                let security = match row.security {
                    Security::None => WayvncSecurity::None,
                    other => bail!("wayvnc has no {other:?}"),
                };
                let server = Wayvnc::start(&sway, security)?;
                Ok(Self::new(Compositor::new(sway)?, server))
            }
        }
    }

    /// The server's log.
    pub(crate) fn log(&self) -> Vec<String> {
        self.server
            .as_ref()
            .map_or_else(|| self.desk.log(), |server| server.log())
    }

    fn new(desk: impl Desk + 'static, server: impl VncServer + 'static) -> Self {
        Self {
            desk: Box::new(desk),
            port: server.port(),
            server: Some(Box::new(server)),
        }
    }
}

fn xvnc(row: &Row, password: Option<&str>) -> Result<Started> {
    let mut options = Xvnc::options().geometry(SIZE.0, SIZE.1).depth(row.screen);
    if let Some(password) = password {
        options = options.password(password);
    }
    let server = options.start()?;
    let screen = Screen::new(server.desktop()?)?.resizable();
    Ok(Started::new(screen, server))
}

fn on_display(display: Xvfb, server: impl VncServer + 'static) -> Result<Started> {
    let screen = Screen::new(display.desktop()?)?.on(display);
    Ok(Started::new(screen, server))
}
