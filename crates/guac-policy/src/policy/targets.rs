//! Which desktops sessions may reach by TCP.

use core::net::{IpAddr, SocketAddr};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use ipnet::IpNet;

/// Longest name of a host (RFC 1035, section 2.3.4).
const HOST_NAME_MAX: usize = 253;

/// Desktops that sessions may reach: hosts or networks, with their ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    place: Place,
    ports: RangeInclusive<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Anywhere,
    Network(IpNet),
    Host(String),
}

/// Why a text names no target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There is no port.
    #[error("a port is missing: write \"host:5901\", \"host:5900-5910\" or \"host:*\"")]
    NoPort,
    /// What stands for the port is none.
    #[error("a port is a number from 1 to 65535, two of them with \"-\" between, or \"*\"")]
    Port,
    /// What stands for the host is none.
    #[error(
        "a host is a name, an address, a network such as 10.0.0.0/8, or \"*\"; IPv6 stands in [ ]"
    )]
    Host,
    /// Bits are set that the network's length does not cover.
    #[error("the network has bits set beyond its length")]
    HostBits,
}

impl Target {
    /// Any host, any port.
    #[must_use]
    pub const fn any() -> Self {
        Self {
            place: Place::Anywhere,
            ports: 0..=u16::MAX,
        }
    }

    /// The name whose addresses are meant, if this is a host by name.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        match &self.place {
            Place::Host(name) => Some(name),
            Place::Anywhere | Place::Network(_) => None,
        }
    }

    /// Whether an address may be reached by this target. `resolve` gives the addresses of this
    /// target's own host: a name that a connection gives proves nothing.
    pub fn takes(&self, address: SocketAddr, resolve: impl FnOnce(&str) -> Vec<IpAddr>) -> bool {
        self.ports.contains(&address.port()) && self.takes_ip(address.ip(), resolve)
    }

    /// Whether a machine is one of this target's, whatever its port: for those that come to us.
    pub fn takes_ip(&self, ip: IpAddr, resolve: impl FnOnce(&str) -> Vec<IpAddr>) -> bool {
        // An IPv4 address in IPv6 notation is that IPv4 address to the system.
        let ip = ip.to_canonical();
        match &self.place {
            Place::Anywhere => true,
            Place::Network(network) => network.contains(&ip),
            Place::Host(name) => resolve(name).iter().any(|own| own.to_canonical() == ip),
        }
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        if text == "*:*" {
            return Ok(Self::any());
        }
        let (host, ports) = match text.strip_prefix('[') {
            // A network's length stands behind the brackets: [fd00::]/8:5900.
            Some(rest) => {
                let (address, rest) = rest.split_once(']').ok_or(TargetError::Host)?;
                let (length, ports) = rest.rsplit_once(':').ok_or(TargetError::NoPort)?;
                (format!("{address}{length}"), ports)
            }
            None => {
                let (host, ports) = text.rsplit_once(':').ok_or(TargetError::NoPort)?;
                if host.contains(':') {
                    return Err(TargetError::Host);
                }
                (host.to_owned(), ports)
            }
        };
        Ok(Self {
            place: place(&host)?,
            ports: port_range(ports)?,
        })
    }
}

fn place(host: &str) -> Result<Place, TargetError> {
    if host == "*" {
        return Ok(Place::Anywhere);
    }
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(Place::Network(address.to_canonical().into()));
    }
    if host.contains('/') {
        let network: IpNet = host.parse().map_err(|_error| TargetError::Host)?;
        return if network == network.trunc() {
            Ok(Place::Network(network))
        } else {
            Err(TargetError::HostBits)
        };
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // What looks like an address and is none, such as 127.1, is no name either.
    let is_numeric = host
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if host.len() <= HOST_NAME_MAX && !is_numeric && host.split('.').all(is_label) {
        Ok(Place::Host(host.to_ascii_lowercase()))
    } else {
        Err(TargetError::Host)
    }
}

fn port_range(text: &str) -> Result<RangeInclusive<u16>, TargetError> {
    if text == "*" {
        return Ok(1..=u16::MAX);
    }
    let port = |text: &str| match text.parse::<u16>() {
        Ok(port) if 0 < port => Ok(port),
        _ => Err(TargetError::Port),
    };
    let (first, last) = match text.split_once('-') {
        Some((first, last)) => (port(first)?, port(last)?),
        None => (port(text)?, port(text)?),
    };
    if first <= last {
        Ok(first..=last)
    } else {
        Err(TargetError::Port)
    }
}

/// As it is written in a policy.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Anywhere => f.write_str("*")?,
            Place::Host(name) => f.write_str(name)?,
            Place::Network(IpNet::V4(network)) if network.prefix_len() == 32 => {
                write!(f, "{}", network.addr())?;
            }
            Place::Network(IpNet::V4(network)) => write!(f, "{network}")?,
            Place::Network(IpNet::V6(network)) if network.prefix_len() == 128 => {
                write!(f, "[{}]", network.addr())?;
            }
            Place::Network(IpNet::V6(network)) => {
                write!(f, "[{}]/{}", network.addr(), network.prefix_len())?;
            }
        }
        match (self.ports.start(), self.ports.end()) {
            (0 | 1, &u16::MAX) => f.write_str(":*"),
            (first, last) if first == last => write!(f, ":{first}"),
            (first, last) => write!(f, ":{first}-{last}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes(target: &str, address: &str) -> bool {
        let target: Target = target.parse().unwrap();
        let resolve = |name: &str| {
            assert_eq!(name, "desktop");
            vec!["10.0.0.7".parse().unwrap(), "fd00::7".parse().unwrap()]
        };
        target.takes(address.parse().unwrap(), resolve)
    }

    #[test]
    fn an_address_and_its_port_decide() {
        for (target, address, expected) in [
            ("*:*", "192.0.2.1:80", true),
            ("127.0.0.1:5901", "127.0.0.1:5901", true),
            ("127.0.0.1:5901", "127.0.0.1:5902", false),
            ("127.0.0.1:5901", "127.0.0.2:5901", false),
            ("127.0.0.1:5901", "[::ffff:127.0.0.1]:5901", true),
            ("127.0.0.0/8:5900-5910", "127.9.9.9:5910", true),
            ("127.0.0.0/8:5900-5910", "127.9.9.9:5911", false),
            ("127.0.0.0/8:5900-5910", "128.0.0.1:5900", false),
            ("[::1]:*", "[::1]:1", true),
            ("[::1]:*", "[::2]:1", false),
            ("[fd00::]/8:5900", "[fdff::1]:5900", true),
            ("Desktop:5900", "10.0.0.7:5900", true),
            ("desktop:5900", "[fd00::7]:5900", true),
            ("desktop:5900", "10.0.0.8:5900", false),
            ("desktop:5900", "10.0.0.7:22", false),
        ] {
            assert_eq!(takes(target, address), expected, "{target} {address}");
        }
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for (text, error) in [
            ("", TargetError::NoPort),
            ("localhost", TargetError::NoPort),
            ("[::1]", TargetError::NoPort),
            ("localhost:", TargetError::Port),
            ("localhost:0", TargetError::Port),
            ("localhost:65536", TargetError::Port),
            ("localhost:5910-5900", TargetError::Port),
            ("::1:5900", TargetError::Host),
            (":5900", TargetError::Host),
            ("127.1:5900", TargetError::Host),
            ("300.0.0.1:5900", TargetError::Host),
            ("a b:5900", TargetError::Host),
            ("unix:/run/x:1", TargetError::Host),
            ("10.0.0.1/8:5900", TargetError::HostBits),
            ("10.0.0.0/33:5900", TargetError::Host),
        ] {
            assert_eq!(text.parse::<Target>(), Err(error), "{text}");
        }
    }

    #[test]
    fn targets_are_written_as_they_are_read() {
        for text in [
            "*:*",
            "localhost:5901",
            "127.0.0.1:5900-5910",
            "10.0.0.0/8:*",
            "[::1]:5900",
            "[fd00::]/8:5900",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }
}
