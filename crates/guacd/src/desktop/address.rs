//! Where a VNC server is, as a connection's parameters say, and whether the policy lets it be
//! reached that way.

use std::net::SocketAddr;
use std::time::Duration;

use guac_policy::{ClosedDoor, Door, Policy, Rule, SocketPath, Verdict};

use super::arguments::Values;
use super::connecting::{Destination, Targets, Wake};
use super::failure::Failure;
use super::options::VncOptions;
use crate::decisions::Witness;

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
    /// Where the policy lets it be.
    pub(crate) targets: Targets,
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
    /// When that needs a door which the policy keeps closed, and the session is not to go on
    /// without.
    pub(crate) fn parse(
        values: &Values<'_>,
        policy: &Policy,
        options: &VncOptions,
        witness: &Witness,
    ) -> Result<Self, Failure> {
        let doors = Doors { policy, witness };
        Ok(Self {
            target: Target::parse(values, &doors, options)?,
            wake: wake(values, &doors)?,
            autoretry: values.integer("autoretry", 0, 0..=AUTORETRY_MAX),
            targets: Targets::of(policy),
        })
    }
}

impl Address {
    /// Whether the desktop is named by an address that the policy does not let be reached. What is
    /// named otherwise is looked up when the session connects.
    pub(crate) fn is_forbidden(&self) -> bool {
        let (Target::Tcp(at) | Target::Repeater { at, .. }) = &self.target else {
            return false;
        };
        let address = at.host.parse().map(|ip| SocketAddr::new(ip, at.port));
        address.is_ok_and(|address| !self.targets.may_take(address))
    }
}

/// The ways that the policy opens, and whoever writes down who asked for the others.
struct Doors<'a> {
    policy: &'a Policy,
    witness: &'a Witness,
}

impl Doors<'_> {
    /// Whether to go that way, which a parameter asks for. `elsewhere` tells whether the session would
    /// otherwise connect to something else than it asked for.
    fn open(&self, door: &Door, parameter: &'static str, elsewhere: bool) -> Result<bool, Failure> {
        if self.policy.opens(door) {
            return Ok(true);
        }
        match (self.policy.closed_doors(), elsewhere) {
            (ClosedDoor::Refuse, _) | (ClosedDoor::AsNeeded, true) => {
                Err(Failure::ClosedDoor(parameter))
            }
            (ClosedDoor::Ignore, _) | (ClosedDoor::AsNeeded, false) => {
                tracing::warn!(
                    "Parameter \"{parameter}\" has no effect: the policy does not open \"{door}\"."
                );
                self.witness
                    .parameter(parameter, 0, Rule::ClosedDoor, Verdict::Ignored);
                Ok(false)
            }
        }
    }
}

impl Target {
    fn parse(
        values: &Values<'_>,
        doors: &Doors<'_>,
        options: &VncOptions,
    ) -> Result<Self, Failure> {
        let hostname = values.text("hostname").unwrap_or_default();
        let socket = hostname.strip_prefix(SocketPath::PREFIX);
        let reverse = values.boolean("reverse-connect", false)
            && doors.open(&Door::ReverseConnect, "reverse-connect", true)?;
        let repeated = match values.text("dest-host") {
            Some(host) if doors.open(&Door::Repeater, "dest-host", true)? => Some(host),
            _ => None,
        };
        let socket = socket
            .map(|path| open_socket(path, doors.policy))
            .transpose()?;
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

/// What wakes the desktop's machine. Without, the session connects to the same place, if that is
/// awake.
fn wake(values: &Values<'_>, doors: &Doors<'_>) -> Result<Option<Wake>, Failure> {
    let is_asked = values.boolean("wol-send-packet", false);
    if is_asked && doors.open(&Door::WakeOnLan, "wol-send-packet", false)? {
        Wake::parse(values)
    } else {
        Ok(None)
    }
}

#[cfg(test)]
mod tests;
