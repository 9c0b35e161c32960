//! A real X server with a VNC side: `Xtigervnc` on a free display and a free loopback port.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Process, find_program, free_port};
use crate::servers::{
    Certificate, PamService, VncServer, await_port, await_socket, established_to, pam, password,
    retried,
};
use crate::wait::PATIENCE;
use crate::x11::Desktop;

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Options {
    geometry: (u16, u16),
    depth: u8,
    password: Option<String>,
    certificate: Option<(PathBuf, PathBuf)>,
    plain: Option<(PathBuf, String)>,
    is_local: bool,
    resizable: bool,
    arguments: Vec<String>,
}

/// A running server.
pub struct Xvnc {
    process: Process,
    display: u32,
    port: u16,
    socket: Option<PathBuf>,
    _directory: TempDir,
}

impl Options {
    /// The size of the screen.
    #[must_use]
    pub fn geometry(mut self, width: u16, height: u16) -> Self {
        self.geometry = (width, height);
        self
    }

    /// Bits per colour of the screen: 24 or 16.
    #[must_use]
    pub fn depth(mut self, depth: u8) -> Self {
        self.depth = depth;
        self
    }

    /// Asks its clients for a password, by VncAuth.
    #[must_use]
    pub fn password(mut self, password: &str) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Asks its clients for a user name and a password, by Plain.
    #[must_use]
    pub fn plain(mut self, service: &PamService) -> Self {
        self.plain = Some((service.services(), service.user().into()));
        self
    }

    /// Encrypts everything, with this certificate.
    #[must_use]
    pub fn x509(mut self, certificate: &Certificate) -> Self {
        self.certificate = Some((certificate.certificate(), certificate.key()));
        self
    }

    /// Listens on a Unix socket in a directory of its own, and on no port.
    #[must_use]
    pub fn unix_socket(mut self) -> Self {
        self.is_local = true;
        self
    }

    /// Refuses when a client asks for another size.
    #[must_use]
    pub fn fixed_size(mut self) -> Self {
        self.resizable = false;
        self
    }

    /// More arguments for the server.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// Starts the server.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(&self) -> Result<Xvnc> {
        let program = find_program(&["Xtigervnc", "Xvnc"])?;
        retried(|| {
            let directory = TempDir::new()?;
            let port = free_port()?;
            let socket = self.is_local.then(|| directory.path().join("vnc"));
            let mut command = match &self.plain {
                None => Command::new(&program),
                Some((services, _)) => pam::command(services, &program),
            };
            self.describe(&mut command);
            self.secure(&mut command, directory.path())?;
            // Of what is given twice the server takes the last: what a test asks for.
            command.args(&self.arguments);
            match &socket {
                None => command.args(["-rfbport", &port.to_string()]),
                Some(path) => command.args(["-rfbport", "-1", "-rfbunixpath"]).arg(path),
            };
            let mut process = Process::start(&mut command)?;
            let display =
                process.await_line("the display", 0, PATIENCE, |l| l.trim().parse().ok())?;
            match &socket {
                None => await_port(&mut process, port)?,
                Some(path) => await_socket(path)?,
            }
            Ok(Xvnc {
                process,
                display,
                port,
                socket,
                _directory: directory,
            })
        })
    }

    fn describe(&self, command: &mut Command) {
        let (width, height) = self.geometry;
        command.args(["-displayfd", "1", "-geometry", &format!("{width}x{height}")]);
        command.args(["-depth", &self.depth.to_string()]);
        command.args(["-interface", "127.0.0.1", "-localhost", "-nolisten", "tcp"]);
        command.args(["-AlwaysShared", "-IdleTimeout", "0"]);
        command.args(["-BlacklistThreshold", "1000000"]);
        let resizable = u8::from(self.resizable);
        command.arg(format!("-AcceptSetDesktopSize={resizable}"));
    }

    fn secure(&self, command: &mut Command, directory: &Path) -> Result<()> {
        let is_encrypted = self.certificate.is_some();
        let kind = match (&self.plain, &self.password, is_encrypted) {
            (Some(_), _, false) => "Plain",
            (Some(_), _, true) => "X509Plain",
            (None, Some(_), false) => "VncAuth",
            (None, Some(_), true) => "X509Vnc",
            (None, None, false) => "None",
            (None, None, true) => "X509None",
        };
        command.args(["-SecurityTypes", kind]);
        if let Some(password) = &self.password {
            let file = password::write_file(directory, password)?;
            command.arg("-PasswordFile").arg(file);
        }
        if let Some((certificate, key)) = &self.certificate {
            command.arg("-X509Cert").arg(certificate);
            command.arg("-X509Key").arg(key);
        }
        if let Some((_, user)) = &self.plain {
            command.args(["-PAMService", pam::NAME, "-PlainUsers", user]);
        }
        Ok(())
    }
}

impl Xvnc {
    /// A screen of 1024x768 at depth 24 without a password, which its clients may resize.
    pub fn options() -> Options {
        Options {
            geometry: (1024, 768),
            depth: 24,
            password: None,
            certificate: None,
            plain: None,
            is_local: false,
            resizable: true,
            arguments: Vec::new(),
        }
    }

    /// Starts a server with those options.
    ///
    /// # Errors
    /// As [`Options::start`].
    pub fn start() -> Result<Self> {
        Self::options().start()
    }

    /// Its VNC port on loopback.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where its Unix socket is, if it has one instead of a port.
    pub fn socket(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
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

    /// Starts an X client's process on this display.
    ///
    /// # Errors
    /// When it does not start.
    pub fn run(&self, program: &str, arguments: &[&str]) -> Result<Process> {
        let program = find_program(&[program])?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("DISPLAY", self.display())
            .env("LC_ALL", "C.UTF-8");
        Process::start(&mut command)
    }

    /// Ends the server at once, as a crash would.
    ///
    /// # Errors
    /// When it is gone already.
    pub fn kill(&self) -> Result<()> {
        self.process.signal(Signal::KILL)
    }

    /// How many VNC clients are connected, as the system's table of connections has it.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub fn vnc_clients(&self) -> Result<usize> {
        established_to(self.port)
    }
}

impl VncServer for Xvnc {
    fn port(&self) -> u16 {
        self.port
    }

    fn log(&self) -> Vec<String> {
        self.process.lines()
    }
}
