//! VNC servers that listen on a TCP port, as nearly all do.

use std::io;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::net::{TcpStream, lookup_host};

use super::{Targets, in_time};
use crate::desktop::address::HostPort;
use crate::desktop::failure::Failure;

/// How long the connection may be silent before the machine at the other end is asked whether it is
/// still there, and how often it is asked then.
const KEEPALIVE_TIME: Duration = Duration::from_secs(15);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);

/// Connects to the first address of a host that answers, of those that the policy's targets have.
pub(super) async fn connect(at: &HostPort, targets: &Targets) -> Result<TcpStream, Failure> {
    in_time(async {
        let resolved: Vec<_> = lookup_host((at.host.as_str(), at.port))
            .await
            .map_err(|_error| Failure::Unresolved)?
            .collect();
        let permitted = targets.permitted(resolved).await?;
        let stream = TcpStream::connect(&*permitted).await;
        stream
            .and_then(prepared)
            .map_err(|error| Failure::Unreachable(error.kind()))
    })
    .await
}

/// A stream whose bytes leave at once, and whose other end is not trusted to say goodbye.
pub(super) fn prepared(stream: TcpStream) -> io::Result<TcpStream> {
    stream.set_nodelay(true)?;
    let keepalive = TcpKeepalive::new()
        .with_time(KEEPALIVE_TIME)
        .with_interval(KEEPALIVE_INTERVAL);
    SockRef::from(&stream).set_tcp_keepalive(&keepalive)?;
    Ok(stream)
}
