//! What can be wrong before a session runs.

use std::fmt;

use thiserror::Error;

/// What can be wrong before a session runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The first twelve bytes are no RFB banner: this is no VNC server.
    #[error("no RFB banner")]
    NoBanner,
    /// The server speaks a version older than 3.3, or is a repeater.
    #[error("unsupported protocol version {major}.{minor}")]
    UnsupportedVersion {
        /// The part before the point.
        major: u16,
        /// The part after the point.
        minor: u16,
    },
    /// The server offers no security type that this client can use as it is configured.
    #[error("of the security types offered, {offered}, none can be used: {remedy}")]
    NoUsableSecurity {
        /// The types that the server offers.
        offered: Offered,
        /// What would help.
        remedy: Remedy,
    },
    /// VeNCrypt was chosen, and has no sub-type that this client can use as it is configured.
    #[error("of VeNCrypt's sub-types offered, {offered}, none can be used: {remedy}")]
    NoUsableSubType {
        /// The sub-types that the server offers.
        offered: Offered,
        /// What would help.
        remedy: Remedy,
        /// Whether the server offered another type beside VeNCrypt that can be used.
        others: bool,
    },
    /// The server speaks a version of VeNCrypt older than 0.2.
    #[error("unsupported version {major}.{minor} of VeNCrypt")]
    UnsupportedVeNCrypt {
        /// The part before the point.
        major: u8,
        /// The part after the point.
        minor: u8,
    },
    /// The server refuses the version of VeNCrypt that it offered.
    #[error("the server refuses the version of VeNCrypt that it offered")]
    VeNCryptRefused,
    /// The server refuses the sub-type of VeNCrypt that it offered: it cannot start TLS.
    #[error("the server refuses the sub-type of VeNCrypt that it offered")]
    SubTypeRefused,
    /// A user name or a password is longer than the security type allows.
    #[error("a user name or password of more than {limit} bytes")]
    CredentialTooLong {
        /// How many bytes are allowed.
        limit: u16,
    },
    /// The server's verdict is neither success nor failure.
    #[error("unknown security result {0}")]
    UnknownSecurityResult(u32),
    /// The server sent bytes while it had to wait for this client.
    #[error("bytes where the server has to wait")]
    UnexpectedBytes,
    /// The framebuffer is empty or larger than allowed.
    #[error("framebuffer of {width}x{height} is empty or too large")]
    BadFramebufferSize {
        /// Width in pixels.
        width: u16,
        /// Height in pixels.
        height: u16,
    },
    /// The desktop's name claims an absurd length.
    #[error("desktop name of {0} bytes")]
    NameTooLong(u32),
}

impl HandshakeError {
    /// Whether both sides keep to the protocol, and only want different things.
    pub(super) const fn is_a_matter_of_settings(&self) -> bool {
        matches!(
            self,
            Self::NoUsableSecurity { .. }
                | Self::NoUsableSubType { .. }
                | Self::CredentialTooLong { .. }
        )
    }
}

/// What a user or an administrator can do about a server none of whose types can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Remedy {
    /// The server can prove who it is, but nothing is known of it.
    #[error("give the certificate authority or the fingerprint by which the server is known")]
    Trust,
    /// The server encrypts, but cannot prove who it is.
    #[error(
        "let the server offer X509Vnc or X509Plain: its anonymous TLS keeps nobody out who \
         answers in its place"
    )]
    Certificate,
    /// A type would do that is weaker than what is demanded.
    #[error("what could be used is below the minimum security that is configured")]
    Minimum,
    /// The caller gave no randomness, which the server's types need.
    #[error("no randomness was given, which the server's types need")]
    Entropy,
    /// This client speaks none of the types.
    #[error("let the server offer a type that is supported, such as X509Plain, X509Vnc or VncAuth")]
    OtherType,
}

/// The numbers of the types that a server offers: the first of them, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offered {
    first: [u32; Self::SHOWN],
    count: u8,
}

impl Offered {
    /// How many numbers are kept for a message.
    pub const SHOWN: usize = 8;

    pub(crate) fn new(types: &[u32]) -> Self {
        let mut first = [0; Self::SHOWN];
        for (kept, number) in first.iter_mut().zip(types) {
            *kept = *number;
        }
        let count = u8::try_from(types.len()).unwrap_or(u8::MAX);
        Self { first, count }
    }

    /// How many types the server offered.
    #[must_use]
    pub const fn count(&self) -> u8 {
        self.count
    }

    /// The first of the types, in the server's order.
    #[must_use]
    pub fn first(&self) -> &[u32] {
        let shown = usize::from(self.count).min(Self::SHOWN);
        self.first.get(..shown).unwrap_or_default()
    }
}

impl fmt::Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.count == 0 {
            return f.write_str("none");
        }
        for (index, number) in self.first().iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{number}")?;
        }
        match usize::from(self.count).saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_list_of_types_is_cut_in_a_message() {
        let types: Vec<u32> = (1..=10).collect();
        let all = Offered::new(&types);
        assert_eq!(all.to_string(), "1, 2, 3, 4, 5, 6, 7, 8 and 2 more");
        assert_eq!(Offered::new(&[18, 19]).to_string(), "18, 19");
        assert_eq!(Offered::new(&[2; 300]).count(), 255);
    }
}
