//! From a host name and a port to listening sockets, on all addresses instead of the first.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Connections that the kernel completes ahead of us; it applies its own limit (`somaxconn`) too.
const BACKLOG: i32 = 1024;

/// How often a free port is looked for that is free on all addresses.
const FREE_PORT_ATTEMPTS: usize = 16;

/// Why no address was bound. The texts are those of the C daemon.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BindError {
    #[error("Error parsing given address or port: the port must be a number from 0 to 65535")]
    Port,
    #[error("Error parsing given address or port: {0}")]
    Host(io::Error),
    #[error("Unable to bind socket to any addresses.")]
    NoAddress,
}

/// A bound socket could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("Could not listen on socket: {0}")]
pub(crate) struct ListenError(#[from] io::Error);

/// All addresses of a host, each once, in the resolver's order. `localhost` always means both loopback
/// addresses, because clients beside us may resolve it to either whatever our own resolver says.
pub(crate) async fn resolve(host: &str, port: &str) -> Result<Vec<SocketAddr>, BindError> {
    let port: u16 = port.parse().map_err(|_| BindError::Port)?;
    let mut addresses = Vec::new();
    if host.eq_ignore_ascii_case("localhost") {
        addresses.push(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        addresses.push(SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
    } else {
        addresses.extend(
            tokio::net::lookup_host((host, port))
                .await
                .map_err(BindError::Host)?,
        );
    }
    let mut seen = BTreeSet::new();
    addresses.retain(|address| seen.insert(*address));
    Ok(addresses)
}

/// Sockets that hold their addresses and do not listen yet.
#[derive(Debug)]
pub(crate) struct Bound {
    sockets: Vec<Socket>,
}

impl Bound {
    /// Binds as many of the addresses as possible, at least one; each failure is logged. A port of 0
    /// becomes one free port, the same on all addresses.
    pub(crate) fn bind(addresses: &[SocketAddr]) -> Result<Self, BindError> {
        for attempt in 1.. {
            let (sockets, failures) = bind_each(addresses);
            let wants_free_port = addresses.iter().any(|address| address.port() == 0);
            let taken = failures
                .iter()
                .any(|failure| failure.error.kind() == io::ErrorKind::AddrInUse);
            if wants_free_port && taken && attempt < FREE_PORT_ATTEMPTS {
                continue;
            }
            failures
                .iter()
                .for_each(|failure| failure.log(sockets.is_empty()));
            return if sockets.is_empty() {
                Err(BindError::NoAddress)
            } else {
                Ok(Self { sockets })
            };
        }
        Err(BindError::NoAddress)
    }

    /// Starts listening on all sockets. Must be called inside a tokio runtime.
    pub(crate) fn listen(self) -> Result<Vec<TcpListener>, ListenError> {
        let listeners = self.listen_for(BACKLOG)?;
        for listener in &listeners {
            let address = listener.local_addr()?;
            let (host, port) = (address.ip(), address.port());
            tracing::info!("Listening on host {host}, port {port}");
        }
        Ok(listeners)
    }

    /// The same for so many connections that nobody has taken yet, without a line in the log.
    pub(crate) fn listen_for(self, backlog: i32) -> Result<Vec<TcpListener>, ListenError> {
        let listen = |socket: Socket| {
            socket.listen(backlog)?;
            socket.set_nonblocking(true)?;
            TcpListener::from_std(socket.into())
        };
        let listeners = self.sockets.into_iter().map(listen);
        Ok(listeners.collect::<io::Result<_>>()?)
    }
}

struct Failure {
    address: SocketAddr,
    error: io::Error,
}

impl Failure {
    /// That this machine lacks the other protocol's loopback address is no news, unless nothing is left.
    fn log(&self, alone: bool) {
        let Self { address, error } = self;
        let (family, host, port) = (family(address), address.ip(), address.port());
        let lacking = error.kind() == io::ErrorKind::AddrNotAvailable
            || error.raw_os_error() == Some(EAFNOSUPPORT);
        if lacking && address.ip().is_loopback() && !alone {
            tracing::debug!("Unable to bind {family} socket to host {host}, port {port}: {error}");
        } else {
            tracing::warn!("Unable to bind {family} socket to host {host}, port {port}: {error}");
        }
    }
}

/// The system's number for "address family not supported", which has no name in the standard library.
const EAFNOSUPPORT: i32 = rustix::io::Errno::AFNOSUPPORT.raw_os_error();

fn bind_each(addresses: &[SocketAddr]) -> (Vec<Socket>, Vec<Failure>) {
    let (mut sockets, mut failures) = (Vec::new(), Vec::new());
    let mut free_port = None;
    for &address in addresses {
        let mut wanted = address;
        if let (0, Some(port)) = (address.port(), free_port) {
            wanted.set_port(port);
        }
        // The IPv6 wildcard takes IPv4 clients too, as it does for the C daemon, unless the IPv4
        // wildcard is bound beside it.
        let only_v6 = address.ip() != IpAddr::V6(Ipv6Addr::UNSPECIFIED)
            || addresses
                .iter()
                .any(|other| other.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        match bind_one(wanted, only_v6) {
            Ok((socket, port)) => {
                free_port = free_port.or(Some(port));
                sockets.push(socket);
            }
            Err(error) => failures.push(Failure {
                address: wanted,
                error,
            }),
        }
    }
    (sockets, failures)
}

/// A bound socket and its real port.
fn bind_one(address: SocketAddr, only_v6: bool) -> io::Result<(Socket, u16)> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(only_v6)?;
    }
    if let Err(error) = socket.set_reuse_address(true) {
        tracing::warn!("Unable to set socket options for reuse: {error}");
    }
    socket.bind(&address.into())?;
    let bound = socket.local_addr()?.as_socket().unwrap_or(address);
    let (family, host, port) = (family(&bound), bound.ip(), bound.port());
    tracing::debug!("Successfully bound {family} socket to host {host}, port {port}");
    Ok((socket, port))
}

fn family(address: &SocketAddr) -> &'static str {
    match address {
        SocketAddr::V4(_) => "AF_INET",
        SocketAddr::V6(_) => "AF_INET6",
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpStream;

    use super::*;

    async fn listening(host: &str) -> Vec<TcpListener> {
        let addresses = resolve(host, "0").await.unwrap();
        Bound::bind(&addresses).unwrap().listen().unwrap()
    }

    #[tokio::test]
    async fn localhost_is_both_loopback_addresses_on_one_port() {
        let listeners = listening("LocalHost").await;
        let addresses: Vec<_> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
        assert_eq!(addresses[0].ip(), Ipv4Addr::LOCALHOST);
        assert_eq!(addresses[1].ip(), Ipv6Addr::LOCALHOST);
        assert_eq!(addresses[0].port(), addresses[1].port());
        for address in addresses {
            TcpStream::connect(address).await.unwrap();
        }
    }

    #[tokio::test]
    async fn the_ipv6_wildcard_takes_ipv4_clients() {
        let listeners = listening("::").await;
        let port = listeners[0].local_addr().unwrap().port();
        TcpStream::connect((Ipv4Addr::LOCALHOST, port))
            .await
            .unwrap();
        TcpStream::connect((Ipv6Addr::LOCALHOST, port))
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn one_taken_address_leaves_the_other() {
        let holder = listening("127.0.0.1").await;
        let port = holder[0].local_addr().unwrap().port();
        let addresses = resolve("localhost", &port.to_string()).await.unwrap();
        // The socket that holds the port listens, so even with address reuse it cannot be shared.
        let bound = Bound::bind(&addresses).unwrap().listen().unwrap();
        assert_eq!(bound.len(), 1);
        assert_eq!(bound[0].local_addr().unwrap().ip(), Ipv6Addr::LOCALHOST);
        let error = Bound::bind(&addresses[..1]).unwrap_err();
        assert!(matches!(error, BindError::NoAddress));
    }

    #[tokio::test]
    async fn an_address_taken_between_binding_and_listening_fails_to_listen() {
        let addresses = resolve("127.0.0.1", "0").await.unwrap();
        let first = Bound::bind(&addresses).unwrap();
        let address = first.sockets[0].local_addr().unwrap().as_socket().unwrap();
        let second = Bound::bind(&[address]).unwrap();
        let _listening = first.listen().unwrap();
        assert!(second.listen().is_err());
    }

    #[tokio::test]
    async fn what_is_no_address_or_port_is_refused() {
        for port in ["", "guacd", "-1", "65536", "4822 "] {
            assert!(
                matches!(resolve("127.0.0.1", port).await, Err(BindError::Port)),
                "{port:?}"
            );
        }
        for host in ["", "no such host", "256.0.0.1", "host.invalid"] {
            assert!(
                matches!(resolve(host, "1").await, Err(BindError::Host(_))),
                "{host:?}"
            );
        }
        assert_eq!(
            resolve("::1", "4822").await.unwrap(),
            ["[::1]:4822".parse().unwrap()]
        );
    }
}
