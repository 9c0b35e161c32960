//! VNC servers that connect to the daemon. The first that comes is the desktop; nobody else gets in.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::task::Poll;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::{Connection, tcp};
use crate::desktop::address::HostPort;
use crate::desktop::failure::Failure;
use crate::listener::{Bound, resolve};

/// Connections that the kernel completes ahead of us: one is waited for.
const BACKLOG: i32 = 1;

/// Listens until a VNC server has connected.
pub(super) async fn wait(at: &HostPort, patience: Duration) -> Result<Connection, Failure> {
    let listeners = listen(at).await?;
    tracing::info!("Listening for connections on port {}", at.port);
    let (stream, peer) = timeout(patience, accept(&listeners))
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
