//! Where a VNC server is, as a connection's parameters say, and whether the policy lets it be
//! reached that way.

use std::time::Duration;

use guac_policy::{Door, Policy, SocketPath};

use super::arguments::Values;
use super::connecting::{Destination, Wake};
use super::failure::Failure;
use super::options::VncOptions;

/// Extra attempts that a connection may ask for; more would hold a dead session open for hours.
const AUTORETRY_MAX: u32 = 3600;

/// The longest and the usual time that a VNC server is waited for, in milliseconds.
const LISTEN_TIMEOUT_MAX: u32 = 3_600_000;
const LISTEN_TIMEOUT: u32 = 5000;

/// Where a VNC server is, and how often it is tried.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    /// The way to it.
    pub(crate) target: Target,
    /// What wakes it up, if it is to be woken.
    pub(crate) wake: Option<Wake>,
    /// Extra attempts to connect, one second apart.
    pub(crate) autoretry: u32,
}

/// A way to a VNC server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The daemon connects to it.
    Tcp(HostPort),
    /// The daemon connects to its Unix socket.
    Unix(SocketPath),
    /// The daemon connects to a repeater and asks that for it.
    Repeater {
        /// Where the repeater is.
        at: HostPort,
        /// What the repeater is asked for.
        destination: Destination,
    },
    /// It connects to the daemon.
    Reverse {
        /// Where it is waited for.
        at: HostPort,
        /// How long.
        patience: Duration,
    },
}

/// A host name or address, and a TCP port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostPort {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Address {
    /// Reads where the VNC server is.
    ///
    /// # Errors
    /// When that needs a door which the policy keeps closed. Going on without it would connect
    /// somewhere else than was asked for.
    pub(crate) fn parse(
        values: &Values<'_>,
        policy: &Policy,
        options: &VncOptions,
    ) -> Result<Self, Failure> {
        Ok(Self {
            target: Target::parse(values, policy, options)?,
            wake: wake(values, policy)?,
            autoretry: values.integer("autoretry", 0, 0..=AUTORETRY_MAX),
        })
    }
}

impl Target {
    fn parse(values: &Values<'_>, policy: &Policy, options: &VncOptions) -> Result<Self, Failure> {
        let reverse = values.boolean("reverse-connect", false);
        let hostname = values.text("hostname").unwrap_or_default();
        let socket = hostname.strip_prefix(SocketPath::PREFIX);
        let repeated = values.text("dest-host");
        if reverse && !policy.opens(&Door::ReverseConnect) {
            return Err(Failure::ClosedDoor("reverse-connect"));
        }
        if repeated.is_some() && !policy.opens(&Door::Repeater) {
            return Err(Failure::ClosedDoor("dest-host"));
        }
        let socket = socket.map(|path| open_socket(path, policy)).transpose()?;
        let port = values.integer("port", 0, 0..=u16::MAX);
        let at = |host: &str| HostPort {
            host: host.to_owned(),
            port,
        };
        match (reverse, socket, repeated) {
            // As in stock guacd, the other names do not matter to one who waits.
            (true, _, _) => {
                let patience =
                    values.integer("listen-timeout", LISTEN_TIMEOUT, 0..=LISTEN_TIMEOUT_MAX);
                Ok(Self::Reverse {
                    at: at(&options.listen_host),
                    patience: Duration::from_millis(patience.into()),
                })
            }
            (false, Some(_), Some(_)) => Err(Failure::BadParameter {
                name: "dest-host",
                problem: "a repeater is reached by TCP only",
            }),
            (false, Some(path), None) => Ok(Self::Unix(path)),
            (false, None, Some(host)) => {
                let port = values.integer("dest-port", 0, 0..=u16::MAX);
                Ok(Self::Repeater {
                    at: at(hostname),
                    destination: Destination::new(host, port)?,
                })
            }
            (false, None, None) => Ok(Self::Tcp(at(hostname))),
        }
    }
}

/// The socket of a path that the policy opens, and of no other.
fn open_socket(path: &str, policy: &Policy) -> Result<SocketPath, Failure> {
    SocketPath::new(path)
        .ok()
        .filter(|path| policy.opens(&Door::UnixSocket(path.clone())))
        .ok_or(Failure::ClosedDoor("hostname"))
}

/// What wakes the desktop's machine. Where the policy keeps that door closed, the session goes on
/// without: it connects to the same place, if that is awake.
fn wake(values: &Values<'_>, policy: &Policy) -> Result<Option<Wake>, Failure> {
    if !values.boolean("wol-send-packet", false) {
        return Ok(None);
    }
    if !policy.opens(&Door::WakeOnLan) {
        tracing::warn!(
            "Parameter \"wol-send-packet\" has no effect: the policy does not open \"{}\".",
            Door::WakeOnLan
        );
        return Ok(None);
    }
    Wake::parse(values)
}

#[cfg(test)]
mod tests;
