//! The reading half of a client's socket, with the parser behind it.

use std::io;
use std::time::Duration;

use guac_protocol::wire::{InstructionReader, ParseError};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::Instant;

/// How long a client may stay without a complete instruction: stock guacd's 15 s.
pub(crate) const SILENCE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long the daemon waits for a client to close after it was told that the session is over.
const LINGER: Duration = Duration::from_secs(2);

/// Bytes taken from the socket in one read.
const READ_SIZE: usize = 8 * 1024;

/// Why no further instruction comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadEnd {
    /// The client closed its side.
    #[error("the client closed the connection")]
    Closed,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(io::ErrorKind),
    /// Nothing complete came for [`SILENCE_TIMEOUT`].
    #[error("the client was silent")]
    Silent,
    /// What came is not the Guacamole protocol.
    #[error("protocol violation: {0}")]
    Malformed(ParseError),
}

/// A client's socket and the instructions that are still to be taken from what was read.
pub(crate) struct Incoming<R> {
    socket: R,
    pub(crate) parser: InstructionReader,
    buffer: Box<[u8]>,
    received_any: bool,
    deadline: Instant,
}

impl<R: AsyncRead + Unpin> Incoming<R> {
    pub(crate) fn new(socket: R) -> Self {
        Self {
            socket,
            parser: InstructionReader::new(),
            buffer: vec![0; READ_SIZE].into_boxed_slice(),
            received_any: false,
            deadline: Instant::now() + SILENCE_TIMEOUT,
        }
    }

    /// Whether the client has ever sent anything; a probe has not.
    pub(crate) fn received_any(&self) -> bool {
        self.received_any
    }

    /// Notes that a complete instruction has come.
    pub(crate) fn heard(&mut self) {
        self.deadline = Instant::now() + SILENCE_TIMEOUT;
    }

    /// Reads once from the socket into the parser. Cancel-safe.
    pub(crate) async fn fill(&mut self) -> Result<(), ReadEnd> {
        let read = tokio::time::timeout_at(self.deadline, self.socket.read(&mut self.buffer));
        match read.await {
            Err(_elapsed) => Err(ReadEnd::Silent),
            Ok(Err(error)) => Err(ReadEnd::Broken(error.kind())),
            Ok(Ok(0)) => Err(ReadEnd::Closed),
            Ok(Ok(count)) => {
                self.received_any = true;
                self.parser
                    .feed(self.buffer.get(..count).unwrap_or_default());
                Ok(())
            }
        }
    }

    /// Reads and drops what still comes, so that closing the socket does not take the last bytes
    /// sent with it (a socket closed with unread input resets the connection).
    pub(crate) async fn linger(mut self) {
        let drained = async { while let Ok(1..) = self.socket.read(&mut self.buffer).await {} };
        // A client that keeps talking has had its time.
        let _elapsed = tokio::time::timeout(LINGER, drained).await;
    }
}
