//! Accepting connections, and what stands between a connection and its session.
//!
//! A connection counts as *pending* until it has said something and, where TLS is used, has finished
//! its handshake. Pending connections are bounded in number and in time; beyond the number the kernel
//! holds back new ones. After that the session layer has its own limits.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_rustls::TlsAcceptor;

use super::backoff::{Backoff, Seldom};
use crate::server::Server;

/// Connections that may be pending at the same time, over all addresses.
const MAX_PENDING: usize = 512;
/// How long a connection may take for its first byte; the C daemon gives a handshake as much.
const FIRST_BYTE_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a TLS handshake may take.
const TLS_HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(15);

/// Listening sockets whose connections become sessions of a server.
#[derive(Debug)]
pub(crate) struct Listener {
    accepting: JoinSet<()>,
}

/// What every connection needs.
#[derive(Clone)]
struct Entrance {
    server: Server,
    tls: Option<TlsAcceptor>,
    pending: Arc<Semaphore>,
}

impl Listener {
    /// Starts accepting on all sockets.
    pub(crate) fn start(
        sockets: Vec<TcpListener>,
        tls: Option<TlsAcceptor>,
        server: Server,
    ) -> Self {
        let pending = Arc::new(Semaphore::new(MAX_PENDING));
        let entrance = Entrance {
            server,
            tls,
            pending,
        };
        let mut accepting = JoinSet::new();
        for socket in sockets {
            accepting.spawn(accept_all(socket, entrance.clone()));
        }
        Self { accepting }
    }

    /// Closes the sockets. The connections that are being served go on.
    pub(crate) async fn stop(mut self) {
        self.accepting.shutdown().await;
    }
}

async fn accept_all(socket: TcpListener, entrance: Entrance) {
    let (mut backoff, mut crowded) = (Backoff::new(), Seldom::default());
    loop {
        if entrance.pending.available_permits() == 0 && crowded.is_due(Instant::now()) {
            tracing::warn!("{MAX_PENDING} connections have not begun to talk, new ones wait");
        }
        // The semaphore is never closed, so this ends with its task only.
        let Ok(permit) = Arc::clone(&entrance.pending).acquire_owned().await else {
            return;
        };
        match socket.accept().await {
            Ok((stream, peer)) => {
                backoff.succeeded();
                tokio::spawn(entrance.clone().admit(stream, peer, permit));
            }
            Err(error) if concerns_one_connection(&error) => {
                tracing::debug!("Could not accept client connection: {error}");
            }
            Err(error) => {
                let (wait, log) = backoff.failed(Instant::now());
                if log {
                    tracing::error!("Could not accept client connection: {error}");
                }
                sleep(wait).await;
            }
        }
    }
}

/// Whether only the connection in question is lost, and the next can be accepted right away.
fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted
    )
}

impl Entrance {
    async fn admit(self, stream: TcpStream, peer: SocketAddr, permit: OwnedSemaphorePermit) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!("Unable to set TCP_NODELAY on socket: {error}");
        }
        // IPv4 clients of the IPv6 wildcard are shown with the address they have.
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        if !has_spoken(&stream, peer).await {
            return;
        }
        let Self { server, tls, .. } = self;
        match tls {
            None => {
                drop(permit);
                server.serve_connection(stream, peer).await;
            }
            Some(tls) => {
                if let Some(stream) = Box::pin(secured(&tls, stream, peer)).await {
                    drop(permit);
                    server.serve_connection(stream, peer).await;
                }
            }
        }
    }
}

/// Waits for the first byte and leaves it where it is.
async fn has_spoken(stream: &TcpStream, peer: SocketAddr) -> bool {
    match timeout(FIRST_BYTE_TIMEOUT, stream.peek(&mut [0])).await {
        Ok(Ok(length)) if 0 < length => true,
        Ok(_) => {
            tracing::debug!(%peer, "Guacamole connection closed during handshake");
            false
        }
        Err(_) => {
            tracing::debug!(%peer, "Guacamole connection without any data was closed");
            false
        }
    }
}

async fn secured(
    tls: &TlsAcceptor,
    stream: TcpStream,
    peer: SocketAddr,
) -> Option<tokio_rustls::server::TlsStream<TcpStream>> {
    match timeout(TLS_HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(stream)) => Some(stream),
        Ok(Err(error)) => {
            tracing::error!(%peer, %error, "Unable to set up SSL/TLS: SSL accept failed");
            None
        }
        Err(_) => {
            tracing::error!(%peer, error = "timeout", "Unable to set up SSL/TLS: SSL accept failed");
            None
        }
    }
}
