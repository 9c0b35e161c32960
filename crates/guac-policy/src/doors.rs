//! Ways to a desktop that stay closed unless the policy opens them, one by one.

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use crate::limits::SOCKET_PATH_MAX_BYTES;

/// A way by which a session could reach something else than the TCP port that it names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Door {
    /// A VNC server that listens on this Unix socket.
    UnixSocket(SocketPath),
    /// Waiting for a VNC server that connects to this daemon.
    ReverseConnect,
    /// A VNC server behind an UltraVNC repeater, which connects to whatever it is told.
    Repeater,
    /// A datagram that wakes a sleeping machine.
    WakeOnLan,
}

/// The place of a Unix socket, as it was written: two that differ in a byte are two places.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SocketPath(String);

/// Why a text names no door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DoorError {
    /// A word that is none of them.
    #[error("the doors are \"unix:/path\", \"reverse-connect\", \"repeater\" and \"wake-on-lan\"")]
    Unknown,
    /// A path that does not name one place in one way.
    #[error(
        "the path of a socket begins with \"/\" and has no empty part, no \".\", no \"..\" and \
         no zero byte"
    )]
    SocketPath,
    /// A path that no socket can have.
    #[error("the path of a socket has at most {SOCKET_PATH_MAX_BYTES} bytes")]
    SocketPathTooLong,
}

impl SocketPath {
    /// What stands before the path where a host name is expected.
    pub const PREFIX: &str = "unix:";

    /// Takes a path that names one place in one way: absolute, and without parts that mean another.
    ///
    /// # Errors
    /// When it is relative, too long, or has an empty, `.` or `..` part.
    pub fn new(path: &str) -> Result<Self, DoorError> {
        let parts = path.strip_prefix('/').ok_or(DoorError::SocketPath)?;
        let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
        if !parts.split('/').all(is_plain) {
            return Err(DoorError::SocketPath);
        }
        if SOCKET_PATH_MAX_BYTES < path.len() {
            return Err(DoorError::SocketPathTooLong);
        }
        Ok(Self(path.to_owned()))
    }

    /// The path.
    #[must_use]
    pub fn as_path(&self) -> &Path {
        Path::new(&self.0)
    }
}

impl fmt::Display for SocketPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// As an operator writes it: the reverse of [`Display`](fmt::Display).
impl FromStr for Door {
    type Err = DoorError;

    fn from_str(text: &str) -> Result<Self, DoorError> {
        match text {
            "reverse-connect" => Ok(Self::ReverseConnect),
            "repeater" => Ok(Self::Repeater),
            "wake-on-lan" => Ok(Self::WakeOnLan),
            _ => {
                let path = text
                    .strip_prefix(SocketPath::PREFIX)
                    .ok_or(DoorError::Unknown)?;
                SocketPath::new(path).map(Self::UnixSocket)
            }
        }
    }
}

impl fmt::Display for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnixSocket(path) => write!(f, "{}{path}", SocketPath::PREFIX),
            Self::ReverseConnect => f.write_str("reverse-connect"),
            Self::Repeater => f.write_str("repeater"),
            Self::WakeOnLan => f.write_str("wake-on-lan"),
        }
    }
}

/// How well the connection to a VNC server has to be secured. Each level asks for all before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum VncSecurity {
    /// Anything.
    #[default]
    None,
    /// The server asks who its users are.
    Password,
    /// What is sent is encrypted, though the server may be anybody.
    Encrypted,
    /// And the server has shown that it is the right one.
    Verified,
}

/// Not one of the levels' names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the levels are \"none\", \"password\", \"encrypted\" and \"verified\"")]
pub struct VncSecurityError;

impl VncSecurity {
    /// The level's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Password => "password",
            Self::Encrypted => "encrypted",
            Self::Verified => "verified",
        }
    }
}

impl FromStr for VncSecurity {
    type Err = VncSecurityError;

    fn from_str(text: &str) -> Result<Self, VncSecurityError> {
        [Self::None, Self::Password, Self::Encrypted, Self::Verified]
            .into_iter()
            .find(|level| level.name() == text)
            .ok_or(VncSecurityError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doors_are_written_as_they_are_read() {
        for text in [
            "unix:/run/desktop/vnc.sock",
            "reverse-connect",
            "repeater",
            "wake-on-lan",
        ] {
            assert_eq!(text.parse::<Door>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_door_is_refused() {
        for text in ["", "Repeater", "unix", "/run/vnc.sock", "reverse-connect "] {
            assert_eq!(text.parse::<Door>(), Err(DoorError::Unknown), "{text}");
        }
    }

    #[test]
    fn a_socket_has_one_name() {
        for path in [
            "",
            "/",
            "vnc.sock",
            "./vnc.sock",
            "//run/vnc",
            "/run//vnc",
            "/run/./vnc",
            "/run/../vnc",
            "/run/vnc/",
            "/run/vnc/..",
            "/run\0/vnc",
            "@abstract",
        ] {
            assert_eq!(
                SocketPath::new(path),
                Err(DoorError::SocketPath),
                "{path:?}"
            );
        }
        for path in [
            "/vnc",
            "/run/...",
            "/run/.vnc",
            "/run/a b",
            "/run/vnc..sock",
        ] {
            assert_eq!(SocketPath::new(path).unwrap().as_path(), Path::new(path));
        }
        let longest = format!("/{}", "x".repeat(SOCKET_PATH_MAX_BYTES - 1));
        assert!(SocketPath::new(&longest).is_ok());
        let longer = format!("{longest}x");
        assert_eq!(SocketPath::new(&longer), Err(DoorError::SocketPathTooLong));
    }

    #[test]
    fn levels_have_an_order_and_names() {
        let names = ["none", "password", "encrypted", "verified"];
        let levels = names.map(|name| name.parse::<VncSecurity>().unwrap());
        assert!(levels.is_sorted_by(|low, high| low < high));
        assert_eq!(levels.map(VncSecurity::name), names);
        assert_eq!("Verified".parse::<VncSecurity>(), Err(VncSecurityError));
        assert_eq!("".parse::<VncSecurity>(), Err(VncSecurityError));
    }
}
