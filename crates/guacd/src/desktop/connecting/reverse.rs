//! VNC servers that connect to the daemon. The first that comes is the desktop; nobody else gets in.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Connection, Targets, tcp};
use crate::desktop::address::HostPort;
use crate::desktop::failure::Failure;
use crate::listener::{Bound, resolve};

/// Connections that the kernel completes ahead of us: one is waited for.
const BACKLOG: i32 = 1;

/// Listens until a VNC server has connected. Machines that are none of the policy's targets are
/// turned away.
pub(super) async fn wait(
    at: &HostPort,
    patience: Duration,
    targets: &Targets,
) -> Result<Connection, Failure> {
    let listeners = listen(at).await?;
    tracing::info!("Listening for connections on port {}", at.port);
    let (stream, peer) = timeout(patience, accept_from(&listeners, targets))
        .await
        .map_err(|_elapsed| Failure::NobodyCame(patience))?
        .map_err(|error| Failure::Unreachable(error.kind()))?;
    drop(listeners);
    tracing::info!("A VNC server has connected from {peer}");
    tcp::prepared(stream)
        .map(Connection::from)
        .map_err(|error| Failure::Lost(error.kind()))
}

async fn listen(at: &HostPort) -> Result<Vec<TcpListener>, Failure> {
    if at.port == 0 {
        return Err(Failure::BadParameter {
            name: "port",
            problem: "the port to listen on is not given",
        });
    }
    let addresses = resolve(&at.host, &at.port.to_string()).await;
    // What cannot be bound was logged there, with its address.
    let bound = addresses.and_then(|addresses| Bound::bind(&addresses));
    bound
        .map_err(|_error| Failure::CannotListen(at.port))?
        .listen_for(BACKLOG)
        .map_err(|_error| Failure::CannotListen(at.port))
}

/// The first connection of a machine that may be a desktop.
async fn accept_from(
    listeners: &[TcpListener],
    targets: &Targets,
) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        let (stream, peer) = accept(listeners).await?;
        if targets.takes_peer(peer.ip()).await {
            return Ok((stream, peer));
        }
        tracing::warn!("The policy does not let a VNC server connect from {peer}");
    }
}

/// The first connection at any of the listeners.
async fn accept(listeners: &[TcpListener]) -> io::Result<(TcpStream, SocketAddr)> {
    poll_fn(|context| {
        let ready = listeners
            .iter()
            .find_map(|listener| match listener.poll_accept(context) {
                Poll::Ready(accepted) => Some(accepted),
                Poll::Pending => None,
            });
        ready.map_or(Poll::Pending, Poll::Ready)
    })
    .await
}
