//! noVNC in a page: a VNC client that is somebody else's.

use std::net::SocketAddr;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use testkit::Picture;
use testkit::process::{Process, find_program};
use testkit::wait::{PATIENCE, until, until_true};

use crate::browser::Page;
use crate::stage::{escaped, folder};

/// The canvas that noVNC draws on, as width, height and base64 of its bytes.
const PICTURE: &str = "(() => {
    const canvas = document.querySelector('#screen canvas');
    const { width, height } = canvas;
    if (!width || !height) return null;
    const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
    return { width, height, data: btoa(Array.from(data, c => String.fromCharCode(c)).join('')) };
})()";

/// A page with noVNC, and the server of the page.
pub struct NoVnc {
    /// The page it runs in.
    pub page: Page,
    _server: Process,
}

impl NoVnc {
    /// Opens the page; the client connects by itself, and accepts the server's key.
    ///
    /// # Errors
    /// When node, noVNC or the browser is not installed.
    pub fn open(vnc: SocketAddr, username: &str, password: &str) -> Result<Self> {
        let is_installed = folder().join("node_modules/@novnc/novnc").is_dir();
        ensure!(
            is_installed,
            "the modules of tests/web are not installed: run cargo xtask setup"
        );
        let mut command = Command::new(find_program(&["node", "nodejs"])?);
        command.arg(folder().join("novnc/server.js"));
        command.args(["--vnc-port", &vnc.port().to_string()]);
        let mut server = Process::start(&mut command)?;
        let port: u16 = server.await_line("the page's port", 0, PATIENCE, |line| {
            line.strip_prefix("listening on ")?.trim().parse().ok()
        })?;
        let mut page = Page::open(&format!(
            "http://127.0.0.1:{port}/?username={}&password={}",
            escaped(username),
            escaped(password)
        ))?;
        until_true("the client", PATIENCE, || {
            Ok(page.evaluate("!!window.vnc")? == true)
        })?;
        Ok(Self {
            page,
            _server: server,
        })
    }

    /// Waits until the server has accepted the client.
    ///
    /// # Errors
    /// When it refuses, or does neither in time.
    pub fn await_connected(&mut self) -> Result<()> {
        until_true("noVNC's connection", PATIENCE, || {
            if self.seen("ended")? == true {
                bail!("noVNC was disconnected: {}", self.seen("refused")?);
            }
            Ok(self.seen("connected")? == true)
        })
    }

    /// Waits until the server has refused the client, and gives its words.
    ///
    /// # Errors
    /// When it accepts, or does neither in time.
    pub fn await_refused(&mut self) -> Result<String> {
        until("noVNC's refusal", PATIENCE, || {
            ensure!(self.seen("connected")? == false, "noVNC was accepted");
            Ok(self.seen("refused")?.as_str().map(str::to_owned))
        })
    }

    /// Waits until the canvas shows exactly this.
    ///
    /// # Errors
    /// When it does not in time, with how it differs.
    pub fn await_picture(&mut self, wanted: &Picture) -> Result<()> {
        let waited = until_true("the picture", PATIENCE, || {
            let shown = self.picture()?;
            let has_size = (shown.width, shown.height) == (wanted.width, wanted.height);
            Ok(has_size && shown.difference(wanted)?.is_none())
        });
        waited.with_context(|| match self.picture() {
            Ok(shown) => format!("{:?}", shown.difference(wanted)),
            Err(error) => format!("{error:#}"),
        })
    }

    /// SHA-256 of the key that the server showed, if it showed one.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn fingerprint(&mut self) -> Result<Option<Vec<u8>>> {
        let bytes = self.seen("fingerprint")?;
        let byte = |value: &Value| value.as_u64().and_then(|value| u8::try_from(value).ok());
        Ok(bytes
            .as_array()
            .and_then(|bytes| bytes.iter().map(byte).collect()))
    }

    /// Gives the canvas the keyboard.
    ///
    /// # Errors
    /// When the page is gone.
    pub fn focus(&mut self) -> Result<()> {
        self.page.evaluate("vnc.rfb.focus()").map(drop)
    }

    fn seen(&mut self, what: &str) -> Result<Value> {
        self.page.evaluate(&format!("vnc.seen.{what}"))
    }

    fn picture(&mut self) -> Result<Picture> {
        let answer = self.page.evaluate(PICTURE)?;
        let side = |name: &str| answer[name].as_u64().unwrap_or(0) as usize;
        let data = answer["data"].as_str().unwrap_or_default();
        Picture::from_rgba(side("width"), side("height"), &STANDARD.decode(data)?)
    }
}
