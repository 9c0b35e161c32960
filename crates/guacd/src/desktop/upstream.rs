//! The connection to the VNC server: the socket, the RFB client and what waits to be written.
//!
//! This is the only place that calls the RFB client's input methods, and it takes nothing but
//! [`Permitted`] input.

mod refining;

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use guac_policy::{DesktopInput, Permitted};
use guac_vnc::{
    Client, ClientConfig, Credentials, DroppedTexts, Encoding, Error, Event, HandshakeError,
    PixelSink, ProtocolError,
};
use secrecy::SecretString;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, sleep, timeout};

use super::address::Address;
use super::connecting::{Connection, connect};
use super::failure::Failure;
use crate::stall::Unstalled;

/// The pause between two attempts to connect.
const RETRY_PAUSE: Duration = Duration::from_secs(1);

/// Bytes that a client has sent, at most, before it shows what it knows: its version, and the number
/// of the security type that it chooses. An attempt that ended later is not made again by itself.
const BYTES_BEFORE_AUTHENTICATION: usize = 12 + 1;

/// Bytes taken from the server's socket in one read.
const READ_SIZE: usize = 64 * 1024;

/// Bytes that may wait for a VNC server that does not read. One message may be of any size (the
/// clipboard's, as the policy allows): it is what waits before it that counts.
const OUTPUT_MAX_BYTES: usize = 1024 * 1024;

/// How long the VNC server may take no byte of what it is sent.
const STALL_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a VNC server may take to read what it is sent last, and to close.
const CLOSE_TIMEOUT: Duration = Duration::from_millis(500);

type Connecting = Pin<Box<dyn Future<Output = Result<Connection, Failure>> + Send>>;

/// The VNC server's side of a session.
pub(crate) struct Upstream {
    address: Arc<Address>,
    /// What each attempt starts with.
    vnc: ClientConfig,
    retries_left: u32,
    /// The size wished for, which a new attempt has to know as well.
    wish: Option<(u16, u16)>,
    link: Link,
    client: Client,
    inbound: Vec<u8>,
    filled: usize,
    output: BytesMut,
    /// Bytes that the client has given to be sent in this attempt.
    said: usize,
    pointer: PointerQueue,
    /// When the client is to be asked to refine what it shows lossy, if anything.
    refines_at: Option<Instant>,
}

enum Link {
    Connecting(Connecting),
    Open(OpenLink),
}

struct OpenLink {
    reader: Box<dyn AsyncRead + Send + Unpin>,
    writer: Unstalled<Box<dyn AsyncWrite + Send + Unpin>>,
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
        let address = Arc::new(address);
        Self {
            retries_left: address.autoretry,
            link: Link::Connecting(attempt(&address, Duration::ZERO, true)),
            client: Client::new(vnc.clone()),
            address,
            vnc,
            wish: None,
            inbound: vec![0; READ_SIZE],
            filled: 0,
            output: BytesMut::new(),
            said: 0,
            pointer: PointerQueue::default(),
            refines_at: None,
        }
    }

    /// Tries once more after a failure that may pass, if the connection asks for that and nothing
    /// that it knows was shown to the server yet. Tells whether it does.
    pub(crate) fn retry(&mut self, failure: &Failure) -> bool {
        let unshown = self.said <= BYTES_BEFORE_AUTHENTICATION;
        if self.retries_left == 0 || !failure.may_pass() || !unshown {
            return false;
        }
        self.retries_left = self.retries_left.saturating_sub(1);
        let pause = RETRY_PAUSE.as_millis();
        tracing::info!("Connect failed ({failure}). Waiting {pause}ms before retrying...");
        self.start_over(RETRY_PAUSE);
        true
    }

    /// Leaves the server and connects anew, as if for the first time.
    pub(crate) fn reconnect(&mut self) {
        self.start_over(Duration::ZERO);
    }

    /// Connects anew if the server's VeNCrypt cannot be used, but another of its types can, as far as
    /// the minimum allows that. Tells whether it does.
    pub(crate) fn avoid_vencrypt(&mut self, failure: &Failure) -> bool {
        let others = matches!(failure, Failure::Vnc(error) if error.may_work_without_vencrypt());
        if others && !self.vnc.security.avoid_vencrypt {
            tracing::info!("Connecting again without VeNCrypt: {failure}.");
            self.vnc.security.avoid_vencrypt = true;
            self.start_over(Duration::ZERO);
            return true;
        }
        false
    }

    /// The handshake is over: what only another attempt would need is forgotten.
    pub(crate) fn settle(&mut self) {
        self.vnc.credentials = Credentials::default();
        self.retries_left = 0;
    }

    fn start_over(&mut self, pause: Duration) {
        self.link = Link::Connecting(attempt(&self.address, pause, false));
        self.client = Client::new(self.vnc.clone());
        if let Some((width, height)) = self.wish {
            self.client.request_size(width, height);
        }
        self.filled = 0;
        self.output.clear();
        self.said = 0;
        self.pointer = PointerQueue::default();
        self.refines_at = None;
    }

    /// Waits until something happened: connected, bytes read, or bytes written. Cancel-safe.
    ///
    /// After it returns, [`decode`](Self::decode) has to be called.
    pub(crate) async fn progress(&mut self) -> Result<(), Failure> {
        match &mut self.link {
            Link::Connecting(connecting) => {
                let connection = connecting.await?;
                if self.vnc.encodings.is_empty() {
                    self.client.set_encodings(encodings_for(&connection));
                }
                self.link = Link::Open(OpenLink {
                    reader: connection.reader,
                    writer: Unstalled::new(connection.writer, STALL_TIMEOUT),
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
        decoded.map_err(|error| self.explain(error))
    }

    fn explain(&self, error: Error) -> Failure {
        match error {
            Error::Handshake(HandshakeError::BadFramebufferSize { width, height })
            | Error::Protocol(ProtocolError::BadFramebufferSize { width, height })
                if width != 0 && height != 0 =>
            {
                let limits = &self.vnc.limits;
                Failure::TooLarge {
                    size: (width, height),
                    limit: (limits.max_width, limits.max_height),
                }
            }
            _ => Failure::Vnc(error),
        }
    }

    /// Texts of the server that nobody may have, since this was asked last.
    pub(crate) fn take_dropped_texts(&mut self) -> DroppedTexts {
        self.client.take_dropped_texts()
    }

    /// Whether the next step of the handshake may take some tenths of a second.
    pub(crate) fn makes_keys(&self) -> bool {
        self.client.makes_keys()
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

    /// Asks the server to take no input from whoever sits before the desktop itself.
    pub(crate) fn disable_server_input(&mut self) -> Result<(), Failure> {
        self.client.disable_server_input(true);
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
                    self.client.pointer(x, y, buttons.into());
                } else {
                    self.pointer.waiting = Some((x, y));
                }
            }
            &DesktopInput::Resize { width, height } => {
                self.wish = Some((width, height));
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
            self.said = self.said.saturating_add(bytes.len());
            self.output.extend_from_slice(&bytes);
        }
        self.schedule_refinement();
        Ok(())
    }
}

/// One attempt to connect.
fn attempt(address: &Arc<Address>, pause: Duration, wake: bool) -> Connecting {
    let address = Arc::clone(address);
    Box::pin(async move {
        sleep(pause).await;
        connect(&address, wake).await
    })
}

/// What to ask a server for when the connection's parameters name nothing.
fn encodings_for(connection: &Connection) -> &'static [Encoding] {
    if connection.same_host {
        &Encoding::SAME_HOST
    } else {
        &Encoding::DEFAULT
    }
}
