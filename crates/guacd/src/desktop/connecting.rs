//! From the place of a VNC server to two ends of a byte stream. One file for each way.

mod repeater;
mod reverse;
mod targets;
mod tcp;
mod unix;
mod wake;

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::address::{Address, Target};
use super::failure::Failure;

pub(crate) use repeater::Destination;
pub(crate) use targets::Targets;
pub(crate) use wake::Wake;

/// How long one attempt to reach a machine may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection to a VNC server that has not said anything yet.
pub(super) struct Connection {
    pub(super) reader: Box<dyn AsyncRead + Send + Unpin>,
    pub(super) writer: Box<dyn AsyncWrite + Send + Unpin>,
    /// Whether the server is on the daemon's own host, so that bytes cost less than work.
    pub(super) same_host: bool,
}

/// Connects once. With `wake`, wakes the machine up before, as far as the address says so.
pub(super) async fn connect(address: &Address, wake: bool) -> Result<Connection, Failure> {
    match &address.wake {
        Some(call) if wake => wake::then_connect(call, address).await,
        _ => reach(address).await,
    }
}

async fn reach(address: &Address) -> Result<Connection, Failure> {
    let targets = &address.targets;
    match &address.target {
        Target::Tcp(at) => tcp::connect(at, targets).await.map(Connection::from),
        Target::Unix(path) => in_time(unix::connect(path)).await,
        Target::Repeater { at, destination } => {
            let stream = tcp::connect(at, targets).await?;
            in_time(repeater::ask(stream, destination)).await
        }
        Target::Reverse { at, patience } => reverse::wait(at, *patience, targets).await,
    }
}

/// Lets an attempt take as long as one may.
async fn in_time<T>(attempt: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    timeout(CONNECT_TIMEOUT, attempt)
        .await
        .unwrap_or(Err(Failure::Unreachable(io::ErrorKind::TimedOut)))
}

impl From<TcpStream> for Connection {
    fn from(stream: TcpStream) -> Self {
        let same_host = match (stream.local_addr(), stream.peer_addr()) {
            (Ok(here), Ok(there)) => here.ip() == there.ip(),
            _ => false,
        };
        let (reader, writer) = stream.into_split();
        Self {
            reader: Box::new(reader),
            writer: Box::new(writer),
            same_host,
        }
    }
}
