//! This project's client, with a socket and a picture.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};
use guac_vnc::{Client, ClientConfig, Credentials, Entropy, Event, PixelSink, Rect, Surface};
use testkit::wait::PATIENCE;
use testkit::{Picture, SecureServer};

/// A seed that finds the primes of its RSA key soon: tests need not wait for others.
const SEED: [u8; 32] = [205; 32];

/// A client, what it shows, and what it heard and said.
pub(crate) struct Viewer {
    pub(crate) client: Client,
    pub(crate) screen: Screen,
    pub(crate) events: Vec<Event>,
    pub(crate) heard: Vec<u8>,
    pub(crate) said: Vec<u8>,
    /// How much of what was said came before the session.
    pub(crate) handshake: usize,
}

/// What a client draws into.
#[derive(Debug, Default)]
pub(crate) struct Screen {
    size: (u16, u16),
    pixels: Vec<u32>,
}

/// What a client knows of its user, whose randomness is always the same.
pub(crate) fn config(username: Option<&str>, password: Option<&str>) -> ClientConfig {
    let mut config = ClientConfig {
        credentials: Credentials {
            username: username.map(Into::into),
            password: password.map(Into::into),
        },
        ..ClientConfig::default()
    };
    config.security.entropy = Some(Entropy::new(SEED));
    config
}

impl Viewer {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self {
            client: Client::new(config),
            screen: Screen::default(),
            events: Vec::new(),
            heard: Vec::new(),
            said: Vec::new(),
            handshake: 0,
        }
    }

    /// Takes bytes of a server, and notes what comes of them.
    pub(crate) fn feed(&mut self, bytes: &[u8]) -> Result<(), guac_vnc::Error> {
        self.heard.extend(bytes);
        let result = self.client.feed(bytes, &mut self.screen);
        self.note();
        result
    }

    /// Talks with a server until something has happened, or until the client has an error.
    pub(crate) fn talk(
        &mut self,
        stream: &TcpStream,
        mut happened: impl FnMut(&Event) -> bool,
    ) -> Result<Result<(), guac_vnc::Error>> {
        let mut wire = stream;
        let mut buffer = [0; 4096];
        loop {
            let (said, seen) = (self.said.len(), self.events.len());
            self.note();
            wire.write_all(&self.said[said..])?;
            if self.events[seen..].iter().any(&mut happened) {
                return Ok(Ok(()));
            }
            let count = wire.read(&mut buffer).context("the server's next bytes")?;
            let before = (self.said.len(), self.events.len());
            let result = match count {
                0 => Err(self.client.end_of_stream()),
                count => self.feed(&buffer[..count]),
            };
            wire.write_all(&self.said[before.0..])?;
            if result.is_err() {
                return Ok(result);
            }
            if self.events[before.1..].iter().any(&mut happened) {
                return Ok(Ok(()));
            }
        }
    }

    fn note(&mut self) {
        while let Some(bytes) = self.client.take_output() {
            self.said.extend(bytes);
        }
        if self.client.size().is_none() {
            self.handshake = self.said.len();
        }
        self.events
            .extend(std::iter::from_fn(|| self.client.poll_event()));
    }
}

pub(crate) fn connect(server: &SecureServer) -> Result<TcpStream> {
    let stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl Screen {
    pub(crate) fn picture(&self) -> Picture {
        Picture {
            width: self.size.0.into(),
            height: self.size.1.into(),
            pixels: self.pixels.clone(),
        }
    }
}

impl PixelSink for Screen {
    fn resize(&mut self, width: u16, height: u16) {
        self.size = (width, height);
        self.pixels = vec![0; usize::from(width) * usize::from(height)];
    }

    fn surface(&mut self) -> Surface<'_> {
        let (width, height) = (self.size.0.into(), self.size.1.into());
        Surface {
            pixels: &mut self.pixels,
            stride: width,
            width,
            height,
        }
    }

    fn damage(&mut self, _: Rect) {}
}
