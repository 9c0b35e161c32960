//! The write half of a viewer's socket.

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::state::{Control, Permitted, Recorded};

/// Owns the write half of a viewer's socket and writes nothing but what was recorded or permitted.
///
/// Each method's future completes when everything was handed to the writer. A future that is
/// dropped before may have written a part: the socket is of no further use then.
#[derive(Debug)]
pub struct Egress<W> {
    writer: W,
}

impl<W: AsyncWrite + Unpin> Egress<W> {
    /// Takes the write half of a viewer's socket. It cannot be had back.
    pub const fn new(writer: W) -> Self {
        Self { writer }
    }

    /// Writes a frame.
    ///
    /// # Errors
    /// The writer's own.
    pub async fn send(&mut self, frame: &Recorded<Bytes>) -> std::io::Result<()> {
        self.writer.write_all(frame.get()).await
    }

    /// Writes an answer, a notice or a sign of life.
    ///
    /// # Errors
    /// The writer's own.
    pub async fn control(&mut self, message: &Permitted<Control>) -> std::io::Result<()> {
        self.writer.write_all(message.get().bytes()).await
    }

    /// Sends what the writer still holds, such as a TLS record.
    ///
    /// # Errors
    /// The writer's own.
    pub async fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush().await
    }

    /// Flushes and tells the viewer that nothing more comes.
    ///
    /// # Errors
    /// The writer's own.
    pub async fn shutdown(&mut self) -> std::io::Result<()> {
        self.writer.shutdown().await
    }
}
