//! The connection to the VNC server: the socket, the RFB client and what waits to be written.
//!
//! This is the only place that calls the RFB client's input methods, and it takes nothing but
//! [`Permitted`] input.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use guac_policy::{DesktopInput, Permitted};
use guac_vnc::{Client, ClientConfig, Encoding, Event, PixelSink};
use secrecy::SecretString;
use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::failure::Failure;
use super::settings::Address;
use crate::stall::Unstalled;

/// How long a TCP connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The pause between two attempts to connect.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Bytes taken from the server's socket in one read.
const READ_SIZE: usize = 64 * 1024;

/// Bytes that may wait for a VNC server that does not read. One message may be of any size (the
/// clipboard's, as the policy allows): it is what waits before it that counts.
const OUTPUT_MAX_BYTES: usize = 1024 * 1024;

/// How long the VNC server may take no byte of what it is sent.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a VNC server may take to read what it is sent last, and to close.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

/// How long the connection may be silent before the machine at the other end is asked whether it is
/// still there, and how often it is asked then.
const KEEPALIVE_TIME: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

type Connecting = Pin<Box<dyn Future<Output = Result<TcpStream, Failure>> + Send>>;

/// The VNC server's side of a session.
pub(crate) struct Upstream {
    link: Link,
    client: Client,
    encodings_named: bool,
    inbound: Vec<u8>,
    filled: usize,
    output: BytesMut,
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
    pub(crate) fn new(address: Address, vnc: ClientConfig) -> Self {
        Self {
            link: Link::Connecting(Box::pin(connect(address))),
            encodings_named: !vnc.encodings.is_empty(),
            client: Client::new(vnc),
            inbound: vec![0; READ_SIZE],
            filled: 0,
            output: BytesMut::new(),
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
                if !self.encodings_named {
                    self.client.set_encodings(encodings_for(&stream));
                }
                let (reader, writer) = stream.into_split();
                self.link = Link::Open(OpenLink {
                    reader: Box::new(reader),
                    writer: Box::new(Unstalled::new(writer, STALL_TIMEOUT)),
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
                                self.output.advance(count);
                                Ok(())
                            }
                            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                                Err(Failure::NotReading)
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

    /// The server's own words on why it refused, for the log.
    pub(crate) fn failure_reason(&self) -> Option<String> {
        self.client.failure_reason()
    }

    /// Sends what waits, key releases above all, and leaves in order: closing a socket with unread
    /// bytes in it would reset the connection, and the server might lose what was sent last.
    pub(crate) async fn close(mut self) {
        let Link::Open(link) = &mut self.link else {
            return;
        };
        let leaving = async {
            link.writer.write_all(&self.output).await?;
            link.writer.shutdown().await?;
            while 0 < link.reader.read(&mut self.inbound).await? {}
            Ok::<_, io::Error>(())
        };
        match timeout(CLOSE_TIMEOUT, leaving).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!("The VNC server was gone: {}", error.kind()),
            Err(_elapsed) => tracing::debug!("The VNC server did not close in time"),
        }
    }

    /// Answers the server's question for credentials.
    pub(crate) fn supply_credentials(
        &mut self,
        username: Option<SecretString>,
        password: Option<SecretString>,
    ) -> Result<(), Failure> {
        let supplied = self.client.supply_credentials(username, password);
        self.collect_output()?;
        supplied.map_err(Failure::Vnc)
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
                    self.client.pointer(x, y, buttons.into());
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
            self.client.pointer(x, y, self.pointer.sent_buttons.into());
        }
    }

    fn collect_output(&mut self) -> Result<(), Failure> {
        if self.output.is_empty() {
            self.flush_pointer();
        }
        if OUTPUT_MAX_BYTES < self.output.len() {
            return Err(Failure::NotReading);
        }
        while let Some(bytes) = self.client.take_output() {
            self.output.extend_from_slice(&bytes);
        }
        Ok(())
    }
}

/// What to ask a server for when the connection's parameters name nothing.
fn encodings_for(stream: &TcpStream) -> &'static [Encoding] {
    let (here, there) = (stream.local_addr(), stream.peer_addr());
    match (here, there) {
        (Ok(here), Ok(there)) if here.ip() == there.ip() => &Encoding::SAME_HOST,
        _ => &Encoding::DEFAULT,
    }
}

async fn connect(address: Address) -> Result<TcpStream, Failure> {
    let mut retries_left = address.autoretry;
    loop {
        match connect_once(&address).await {
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

async fn connect_once(address: &Address) -> Result<TcpStream, Failure> {
    let connecting = async {
        let host = (address.hostname.as_str(), address.port);
        let resolved: Vec<_> = lookup_host(host)
            .await
            .map_err(|_error| Failure::Unresolved)?
            .collect();
        let unreachable = |error: io::Error| Failure::Unreachable(error.kind());
        let stream = TcpStream::connect(&*resolved).await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        let keepalive = TcpKeepalive::new()
            .with_time(KEEPALIVE_TIME)
            .with_interval(KEEPALIVE_INTERVAL);
        SockRef::from(&stream)
            .set_tcp_keepalive(&keepalive)
            .map_err(unreachable)?;
        Ok(stream)
    };
    timeout(CONNECT_TIMEOUT, connecting)
        .await
        .unwrap_or(Err(Failure::Unreachable(io::ErrorKind::TimedOut)))
}
