//! What a session needs: a desktop, the daemon, and the server of the page.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};
use testkit::process::{Process, find_program};
use testkit::wait::PATIENCE;
use testkit::xvnc::Options;
use testkit::{Desktop, Guacd, Handshake, Tap, Xvnc};

use crate::session::Session;

/// The versions of the stock client that the page can be opened with.
pub const CLIENTS: [&str; 2] = ["1.5.0", "1.6.0"];

/// The size of the desktops here: not a multiple of any tile's.
pub const SIZE: (u16, u16) = (801, 603);

/// A desktop and the daemon, and the page's server with a recorded wire to the daemon.
pub struct Stage {
    /// The daemon.
    pub guacd: Guacd,
    /// The X server.
    pub xvnc: Xvnc,
    /// An X client on it.
    pub desktop: Desktop,
    /// The wire between the page's server and the daemon.
    pub tap: Tap,
    web: WebServer,
}

/// The server of the page with the stock client.
pub struct WebServer {
    port: u16,
    _process: Process,
}

impl Stage {
    /// A desktop of [`SIZE`] without a password, and the daemon under test.
    ///
    /// # Errors
    /// When something of it is not installed or does not start.
    pub fn new() -> Result<Self> {
        Self::with(&Xvnc::options().geometry(SIZE.0, SIZE.1), Guacd::start()?)
    }

    /// Another desktop, another daemon.
    ///
    /// # Errors
    /// As [`Stage::new`].
    pub fn with(options: &Options, guacd: Guacd) -> Result<Self> {
        let xvnc = options.start()?;
        let tap = Tap::start(guacd.address())?;
        let web = WebServer::start(tap.address())?;
        let desktop = xvnc.desktop()?;
        Ok(Self {
            guacd,
            xvnc,
            desktop,
            tap,
            web,
        })
    }

    /// Opens this desktop in a browser with a stock client of this version, and waits for the
    /// first picture. `parameters` are more of them for the page's address.
    ///
    /// # Errors
    /// When the session does not come up.
    pub fn open(&self, client: &str, parameters: &[(&str, &str)]) -> Result<Session> {
        let mut session = self.try_open(client, parameters)?;
        let log = |error: anyhow::Error| error.context(self.guacd.log().join("\n"));
        session.await_connected().map_err(log)?;
        Ok(session)
    }

    /// Opens this desktop in a browser, and waits for nothing.
    ///
    /// # Errors
    /// When the browser does not start.
    pub fn try_open(&self, client: &str, parameters: &[(&str, &str)]) -> Result<Session> {
        let port = self.xvnc.port().to_string();
        let mut all = vec![("hostname", "127.0.0.1"), ("port", &port)];
        let (width, height) = self.desktop.size()?;
        let (width, height) = (width.to_string(), height.to_string());
        all.extend([("width", width.as_str()), ("height", &height)]);
        all.extend(parameters);
        Session::open(&self.web.address(client, &all))
    }

    /// Joins a running connection in a browser, and waits for the first picture.
    ///
    /// # Errors
    /// When it cannot be joined.
    pub fn join(&self, client: &str, id: &str, parameters: &[(&str, &str)]) -> Result<Session> {
        let mut all = vec![("join", id), ("width", "800"), ("height", "600")];
        all.extend(parameters);
        let mut session = Session::open(&self.web.address(client, &all))?;
        session.await_connected()?;
        Ok(session)
    }

    /// What a client without a browser says to open this desktop.
    ///
    /// # Errors
    /// When the X server is gone.
    pub fn handshake(&self) -> Result<Handshake> {
        let (width, height) = self.desktop.size()?;
        let mut handshake = Handshake::vnc(self.xvnc.port());
        handshake.size = (width.into(), height.into(), 96);
        Ok(handshake)
    }
}

impl WebServer {
    /// Starts the server on a free port, with its tunnels going to a daemon on loopback.
    ///
    /// # Errors
    /// When node or its modules are not installed.
    pub fn start(daemon: SocketAddr) -> Result<Self> {
        Self::with(&["--guacd-port", &daemon.port().to_string()])
    }

    /// Starts the server on a free port to play what is in a folder.
    ///
    /// # Errors
    /// As [`WebServer::start`].
    pub fn of_recordings(recordings: &Path) -> Result<Self> {
        Self::with(&["--recordings", &recordings.display().to_string()])
    }

    fn with(arguments: &[&str]) -> Result<Self> {
        let folder = folder();
        let is_installed = folder.join("node_modules/guacamole-lite").is_dir();
        ensure!(
            is_installed,
            "the modules of tests/web are not installed: run cargo xtask setup"
        );
        let mut command = Command::new(find_program(&["node", "nodejs"])?);
        command.arg(folder.join("server.js")).args(["--port", "0"]);
        command.args(arguments);
        let mut process = Process::start(&mut command)?;
        let port = process.await_line("the page's port", 0, PATIENCE, |line| {
            line.strip_prefix("listening on ")?.trim().parse().ok()
        })?;
        Ok(Self {
            port,
            _process: process,
        })
    }

    /// The address of the page in which this client's player plays a recording.
    pub fn player(&self, client: &str, recording: &str) -> String {
        let (port, name) = (self.port, escaped(recording));
        format!("http://127.0.0.1:{port}/player.html?client={client}&recording={name}")
    }

    /// The page's address with a client and parameters.
    pub fn address(&self, client: &str, parameters: &[(&str, &str)]) -> String {
        let mut address = format!("http://127.0.0.1:{}/?client={client}", self.port);
        for (name, value) in parameters {
            // Text in memory takes everything.
            let _ = write!(address, "&{name}={}", escaped(value));
        }
        address
    }
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("web")
}

pub(crate) fn escaped(value: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    };
    value.bytes().map(escape).collect()
}
