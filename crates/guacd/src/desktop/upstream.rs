//! The connection to the VNC server: the socket, the RFB client and what waits to be written.
//!
//! This is the only place that calls the RFB client's input methods, and it takes nothing but
//! [`Permitted`] input.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use guac_policy::{DesktopInput, Permitted};
use guac_vnc::{Client, Event, PixelSink};
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::failure::Failure;
use super::settings::Settings;

/// How long a TCP connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between two attempts to connect.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Bytes taken from the server's socket in one read.
const READ_SIZE: usize = 64 * 1024;

/// The most bytes that may wait for a VNC server that does not read.
const OUTPUT_MAX_BYTES: usize = 1024 * 1024;

type Connecting = Pin<Box<dyn Future<Output = Result<TcpStream, Failure>> + Send>>;

/// The VNC server's side of a session.
pub(crate) struct Upstream {
    link: Link,
    client: Client,
    inbound: Vec<u8>,
    filled: usize,
    output: Vec<u8>,
    pointer: PointerQueue,
}

enum Link {
    Connecting(Connecting),
    Open(OpenLink),
}

struct OpenLink {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Box<dyn AsyncWrite + Send + Unpin>,
}

/// A pointer position that waits because the server reads more slowly than the hand moves.
#[derive(Default)]
struct PointerQueue {
    sent_buttons: u8,
    waiting: Option<(u16, u16)>,
}

impl Upstream {
    /// Prepares a connection; nothing happens before [`progress`](Self::progress) is awaited.
    pub(crate) fn new(settings: &Settings) -> Self {
        let connecting = connect(settings.hostname.clone(), settings.port, settings.autoretry);
        Self {
            link: Link::Connecting(Box::pin(connecting)),
            client: Client::new(settings.vnc.clone()),
            inbound: vec![0; READ_SIZE],
            filled: 0,
            output: Vec::new(),
            pointer: PointerQueue::default(),
        }
    }

    /// Waits until something happened: connected, bytes read, or bytes written. Cancel-safe.
    ///
    /// After it returns, [`decode`](Self::decode) has to be called.
    pub(crate) async fn progress(&mut self) -> Result<(), Failure> {
        match &mut self.link {
            Link::Connecting(connecting) => {
                let stream = connecting.await?;
                let (reader, writer) = stream.into_split();
                self.link = Link::Open(OpenLink {
                    reader: Box::new(reader),
                    writer: Box::new(writer),
                });
                Ok(())
            }
            Link::Open(link) => {
                tokio::select! {
                    read = link.reader.read(&mut self.inbound) => match read {
                        Ok(0) => Err(Failure::Vnc(self.client.end_of_stream())),
                        Ok(count) => {
                            self.filled = count;
                            Ok(())
                        }
                        Err(error) => Err(Failure::Lost(error.kind())),
                    },
                    written = link.writer.write(&self.output), if !self.output.is_empty() => {
                        match written {
                            Ok(0) => Err(Failure::Closed),
                            Ok(count) => {
                                self.output.drain(..count);
                                Ok(())
                            }
                            Err(error) => Err(Failure::Lost(error.kind())),
                        }
                    }
                }
            }
        }
    }

    /// Decodes what was read into the picture behind `sink`.
    pub(crate) fn decode(&mut self, sink: &mut dyn PixelSink) -> Result<(), Failure> {
        let read = self.inbound.get(..self.filled).unwrap_or_default();
        self.filled = 0;
        let decoded = self.client.feed(read, sink);
        self.collect_output()?;
        decoded.map_err(Failure::Vnc)
    }

    /// What the server told, in order.
    pub(crate) fn poll_event(&mut self) -> Option<Event> {
        self.client.poll_event()
    }

    /// Answers the server's question for credentials.
    pub(crate) fn supply_credentials(
        &mut self,
        username: Option<SecretString>,
        password: Option<SecretString>,
    ) -> Result<(), Failure> {
        self.client.supply_credentials(username, password);
        self.collect_output()
    }

    /// Sends a user's input. Pointer moves are merged while the server does not read; keys and
    /// buttons never are.
    pub(crate) fn input(&mut self, input: Permitted<DesktopInput>) -> Result<(), Failure> {
        match input.get() {
            DesktopInput::Key { keysym, pressed } => {
                self.flush_pointer();
                self.client.key(keysym.0, *pressed);
            }
            &DesktopInput::Pointer { x, y, buttons } => {
                if self.output.is_empty() || buttons != self.pointer.sent_buttons {
                    self.flush_pointer();
                    self.pointer.sent_buttons = buttons;
                    self.client.pointer(x, y, buttons);
                } else {
                    self.pointer.waiting = Some((x, y));
                }
            }
            &DesktopInput::Resize { width, height } => {
                self.client.request_size(width, height);
            }
            DesktopInput::CutText(text) => self.client.cut_text(text),
        }
        self.collect_output()
    }

    fn flush_pointer(&mut self) {
        if let Some((x, y)) = self.pointer.waiting.take() {
            self.client.pointer(x, y, self.pointer.sent_buttons);
        }
    }

    fn collect_output(&mut self) -> Result<(), Failure> {
        if self.output.is_empty() {
            self.flush_pointer();
        }
        while let Some(bytes) = self.client.take_output() {
            self.output.extend_from_slice(&bytes);
        }
        if OUTPUT_MAX_BYTES < self.output.len() {
            Err(Failure::NotReading)
        } else {
            Ok(())
        }
    }
}

async fn connect(hostname: String, port: u16, retries: u32) -> Result<TcpStream, Failure> {
    let mut retries_left = retries;
    loop {
        match connect_once(&hostname, port).await {
            Ok(stream) => return Ok(stream),
            Err(failure) if retries_left == 0 => return Err(failure),
            Err(failure) => {
                tracing::info!("Connect failed ({failure}). Waiting to retry...");
                retries_left = retries_left.saturating_sub(1);
                tokio::time::sleep(RETRY_PAUSE).await;
            }
        }
    }
}

async fn connect_once(hostname: &str, port: u16) -> Result<TcpStream, Failure> {
    let unreachable = |error: io::Error| Failure::Unreachable(error.kind());
    let connected = tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect((hostname, port)));
    let stream = connected
        .await
        .map_err(|_elapsed| Failure::Unreachable(io::ErrorKind::TimedOut))?
        .map_err(unreachable)?;
    stream.set_nodelay(true).map_err(unreachable)?;
    Ok(stream)
}
