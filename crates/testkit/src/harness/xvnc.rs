//! A real X server with a VNC side: `Xtigervnc` on a free display and a free loopback port.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Process, find_program, free_port};
use crate::wait::{PATIENCE, until_true};
use crate::x11::Desktop;

/// How often another port is tried when the one that was free is taken meanwhile.
const TRIES: usize = 5;

/// What a server is started with.
#[derive(Debug, Clone)]
pub struct Options {
    geometry: (u16, u16),
    depth: u8,
    password: Option<String>,
    resizable: bool,
    arguments: Vec<String>,
}

/// A running server.
pub struct Xvnc {
    process: Process,
    display: u32,
    port: u16,
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
        let mut failure = None;
        for _ in 0..TRIES {
            let directory = TempDir::new()?;
            let port = free_port()?;
            let mut command = Command::new(&program);
            self.describe(&mut command, port, &directory)?;
            let mut process = Process::start(&mut command)?;
            let started = process.await_line("the display", 0, PATIENCE, |l| l.trim().parse().ok());
            match started {
                Ok(display) => {
                    let server = Xvnc {
                        process,
                        display,
                        port,
                        _directory: directory,
                    };
                    server.await_port()?;
                    return Ok(server);
                }
                Err(error) => failure = Some(error),
            }
        }
        bail!(
            "Xtigervnc does not start: {}",
            failure.context("it was tried")?
        )
    }

    fn describe(&self, command: &mut Command, port: u16, directory: &TempDir) -> Result<()> {
        let (width, height) = self.geometry;
        command.args(["-displayfd", "1", "-geometry", &format!("{width}x{height}")]);
        command.args([
            "-depth",
            &self.depth.to_string(),
            "-rfbport",
            &port.to_string(),
        ]);
        command.args(["-interface", "127.0.0.1", "-localhost", "-nolisten", "tcp"]);
        command.args([
            "-AlwaysShared",
            "-BlacklistThreshold",
            "1000000",
            "-IdleTimeout",
            "0",
        ]);
        command.arg(format!(
            "-AcceptSetDesktopSize={}",
            u8::from(self.resizable)
        ));
        match &self.password {
            None => command.args(["-SecurityTypes", "None"]),
            Some(password) => {
                let file = directory.path().join("password");
                fs::write(&file, obscured(password)?)?;
                command
                    .args(["-SecurityTypes", "VncAuth", "-PasswordFile"])
                    .arg(file)
            }
        };
        command.args(&self.arguments);
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

    fn await_port(&self) -> Result<()> {
        until_true("the VNC port", PATIENCE, || {
            Ok(TcpStream::connect(("127.0.0.1", self.port)).is_ok())
        })?;
        // The look at the port was a client for a moment.
        until_true("no client", PATIENCE, || Ok(self.vnc_clients()? == 0))
    }
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

fn obscured(password: &str) -> Result<Vec<u8>> {
    let program = find_program(&["vncpasswd", "tigervncpasswd"])?;
    let mut child = Command::new(program)
        .arg("-f")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("vncpasswd starts")?;
    child
        .stdin
        .take()
        .context("a pipe was asked for")?
        .write_all(password.as_bytes())?;
    let output = child.wait_with_output()?;
    ensure!(
        output.status.success(),
        "vncpasswd ended with {}",
        output.status
    );
    Ok(output.stdout)
}
